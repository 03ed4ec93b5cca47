"""`kiosk console`: the same desk by lines of text, for people at a terminal and, with --json, for other programs.

The form of --json is DESIGN.md 7's and is kept stable.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from queue import Empty, SimpleQueue
from typing import Any, TextIO

from kiosk.circulation.acts import Act
from kiosk.circulation.model import Scan
from kiosk.circulation.views import Cell, Days, MatrixLine, Message, Row, View
from kiosk.desk import Desk, Input, Outcome, Press, Type
from kiosk.devices.clock import HandClock, PacedClock
from kiosk.errors import StoreError
from kiosk.loop import DeskLoop
from kiosk.plain import describe, numbered
from kiosk.plugging import Plugs
from kiosk.ports import Printer, Reply
from kiosk.syncing import Running
from kiosk.text import Words, words

ALONE = Running()
MAX_LINE = 100_000
MAX_TICK_S = 400 * 86400.0


@dataclass(frozen=True, slots=True)
class Tick:
    """Let time pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Quit:
    """The last line."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that means nothing."""


def parse(line: str) -> Scan | Press | Type | Tick | Quit | Bad:
    """What a line asks for. `scan` and `type` take the rest of the line, or a JSON string."""
    if len(line) > MAX_LINE:
        return Bad()
    word, _, rest = line.strip("\r\n").lstrip().partition(" ")
    match word:
        case "scan":
            return Scan(_payload(rest))
        case "type":
            return Type(_payload(rest))
        case "press":
            action, _, argument = rest.strip().partition(" ")
            return Press(action, argument.strip()) if action else Bad()
        case "tick":
            return _tick(rest.strip())
        case "quit" if not rest.strip():
            return Quit()
    return Bad()


def _payload(rest: str) -> str:
    if rest.lstrip().startswith('"'):
        try:
            value = json.loads(rest)
        except ValueError:
            return rest
        if isinstance(value, str):
            return value
    return rest


def _tick(text: str) -> Tick | Bad:
    try:
        seconds = float(text)
    except ValueError:
        return Bad()
    return Tick(seconds) if 0 <= seconds <= MAX_TICK_S else Bad()


def run_json(
    desk: Desk,
    clock: HandClock | PacedClock,
    lines: TextIO,
    out: TextIO,
    barcode_of: BarcodeOf,
    sync: Running = ALONE,
) -> None:
    """One JSON object at the start and one for each line, written when the effects of the line are done: what the
    central library is asked is waited for, too.

    sync: what runs beside the desk.
    """
    replies: Replies = SimpleQueue()
    sync.listen(replies.put)

    def answer(outcome: Outcome, message: Message | None = None) -> None:
        print(json.dumps(as_json(outcome, desk, barcode_of, message), ensure_ascii=False), file=out, flush=True)
        sync.told(outcome)

    answer(Outcome(desk.view(), ()))
    for line in bounded_lines(lines):
        match parse(line):
            case Quit():
                answer(Outcome(desk.view(), ()))
                return
            case Bad():
                answer(Outcome(desk.view(), ()), Message.of("err.console"))
            case Tick(seconds):
                answer(tick(desk, clock, seconds, replies))
            case given:
                answer(answered(desk, desk.take(given), replies))
        desk.idle()


def answered(desk: Desk, outcome: Outcome, replies: Replies) -> Outcome:
    """What came of an input once everything that central was asked for it is answered, or was for too long."""
    committed = outcome.committed
    while desk.waits_for_central:
        try:
            outcome = desk.take(replies.get(timeout=desk.patience_s))
        except Empty:
            outcome = desk.give_up()
        committed += outcome.committed
    return Outcome(outcome.view, committed)


def tick(desk: Desk, clock: HandClock | PacedClock, seconds: float, replies: Replies | None = None) -> Outcome:
    """Let time pass, ringing the desk's timers each at its own moment. replies: where those of central come."""
    replies = replies if replies is not None else SimpleQueue()
    end = clock.read().mono + seconds
    committed: tuple[Act, ...] = ()
    while (alarm := desk.next_alarm()) is not None and alarm <= end:
        clock.move(max(alarm - clock.read().mono, 0.0))
        committed += answered(desk, desk.ring(), replies).committed
    clock.move(max(end - clock.read().mono, 0.0))
    return Outcome(desk.view(), committed)


BarcodeOf = Callable[[str], str | None]
Replies = SimpleQueue[Reply]


def as_json(outcome: Outcome, desk: Desk, barcode_of: BarcodeOf, message: Message | None = None) -> dict[str, Any]:
    """The state of the desk, and what was committed, in DESIGN.md 7's form."""
    view = outcome.view
    said = message or view.message
    in_words = words(view.language)
    sync = desk.sync_state()
    return {
        "view": view.name,
        "message": _message(said, in_words) if said else None,
        "rows": [_row(row, in_words) for row in view.rows],
        "actions": list(view.actions),
        "patron": _patron(view, in_words),
        "committed": [_act(act, barcode_of) for act in outcome.committed],
        "sync": {"state": sync.state, "pending": sync.pending, "parked": sync.parked},
        **_of_staff(view, in_words),
    }


def _message(message: Message, in_words: Words) -> dict[str, Any]:
    params = {name: _plain(value) for name, value in message.params}
    return {"key": message.key, "params": params, "text": in_words.say(message)}


def _plain(value: str | int | date | Days) -> str | int:
    if isinstance(value, Days):
        return value.n
    return value.isoformat() if isinstance(value, date) else value


def _row(row: Row, in_words: Words) -> dict[str, Any]:
    """The place in a queue, the shelf and the note stand only in rows that have one."""
    note = _message(row.note, in_words) if row.note is not None else None
    more = {"place": row.place, "shelf": row.shelf or None, "note": note}
    return {
        "id": row.id,
        "title": row.text or in_words.text(row),
        "state": row.state.value,
        "due": row.due.isoformat() if row.due else None,
        "actions": list(row.actions),
        **{name: value for name, value in more.items() if value is not None},
    }


def _of_staff(view: View, in_words: Words) -> dict[str, Any]:
    """What only the staff's screens have, and only as far as this one has it."""

    def part(one: Cell | MatrixLine) -> dict[str, Any]:
        note = _message(one.note, in_words) if one.note is not None else None
        return {"id": one.id, "text": one.text, "note": note, "actions": list(one.actions)}

    found: dict[str, Any] = {}
    if view.heading:
        found["heading"] = view.heading
    if view.progress is not None:
        found["progress"] = list(view.progress)
    if view.figures:
        found["figures"] = {figure.key: figure.value for figure in view.figures}
    if view.cells:
        found["cells"] = [{**part(cell), "state": cell.state.value} for cell in view.cells]
    if view.matrix is not None:
        lines = [{**part(line), "cells": [state.value for state in line.cells]} for line in view.matrix.lines]
        found["matrix"] = {"heads": list(view.matrix.heads), "at": view.matrix.at, "lines": lines}
    return found


def _patron(view: View, in_words: Words) -> dict[str, Any] | None:
    face = view.patron
    if face is None:
        return None
    label = in_words.school_class(face.school_class) if face.school_class else ""
    return {"id": face.id, "name": face.name, "class": label, "loans": face.loans, "limit": face.limit}


def _act(act: Act, barcode_of: BarcodeOf) -> dict[str, Any]:
    """What is durable is said, also if the ledger fails the very moment after."""
    try:
        barcode = barcode_of(act.item_id) if act.item_id else None
    except StoreError:
        barcode = None
    return {
        "id": act.id,
        "kind": act.kind.value,
        "item": barcode,
        "patron": act.patron_id,
        "due": act.due.isoformat() if act.due else None,
    }


def run_text(
    open_desk: Callable[[Printer | None], Desk],
    lines: TextIO,
    out: TextIO,
    open_devices: Callable[[Callable[[Input], None]], Plugs],
    sync: Running = ALONE,
) -> None:
    """For people: draws each View in words, takes lines and the readers' scans, and lets time pass by itself.

    open_desk: given the printer. open_devices: given where scans and news of the devices go. sync: what runs beside
    the desk.
    """
    shown: list[View] = []

    def show(outcome: Outcome) -> None:
        sync.told(outcome)
        devices.follow(outcome.view)
        if shown != [outcome.view]:
            shown[:] = [outcome.view]
            lines = describe(outcome.view, words(outcome.view.language))
            print("\n", *lines, "> ", sep="\n", end="", file=out, flush=True)

    loop = DeskLoop(lambda: open_desk(devices.printer), show)
    sync.listen(loop.post)
    devices = open_devices(loop.post)
    devices.start()
    loop.start()
    try:
        for line in bounded_lines(lines):
            match parse(line):
                case Quit():
                    return
                case Bad() | Tick():
                    language = shown[0].language if shown else "en"
                    print(words(language).say(Message.of("err.console")), "> ", sep="\n", end="", file=out, flush=True)
                case given:
                    loop.post(_by_number(shown[0], given) if shown else given)
    finally:
        devices.stop()
        loop.stop()


def bounded_lines(stream: TextIO) -> Iterator[str]:
    """The lines of a stream, each cut at MAX_LINE + 1 characters: one without an end costs no more memory than that."""
    while line := stream.readline(MAX_LINE + 1):
        while not line.endswith("\n") and (more := stream.readline(MAX_LINE)):
            if more.endswith("\n"):
                break
        yield line


def _by_number(view: View, given: Scan | Press | Type) -> Scan | Press | Type:
    """A row may be named by its number on the screen: `press undo 1`."""
    if isinstance(given, Press) and given.argument.isdecimal() and len(given.argument) < 9:
        ids = numbered(view)
        number = int(given.argument)
        if 1 <= number <= len(ids) and given.argument not in ids:
            return Press(given.action, ids[number - 1])
    return given
