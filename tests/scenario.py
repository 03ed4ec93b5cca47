"""Scenario files: reading them, and playing them through the console. scenarios/README.md explains their words."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

from kiosk import app
from kiosk.app import opened
from kiosk.circulation.calendar import school_year
from kiosk.circulation.clock import Moment
from kiosk.circulation.intake import Intake
from kiosk.circulation.model import Scan
from kiosk.circulation.views import CellState
from kiosk.config import Config, load
from kiosk.console import Tick, answered, as_json, parse, tick
from kiosk.desk import Desk, Outcome
from kiosk.devices.clock import HandClock
from kiosk.importing import import_file
from kiosk.imports.set_files import read_sets
from kiosk.initialise import initialise, set_pin
from kiosk.plain import CELL_MARKS
from kiosk.ports import Reply
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from kiosk.store.sets import StoreSets
from tests.scenario_central import Beside, scripted

LIBRARY = Path(__file__).parent / "scenarios" / "library.txt"
SECTIONS = ("Settings", "Patrons", "Items", "Sets", "Loans", "PINs", "Facts", "Stick", "Central", "Steps")
CLOCK = "2026-09-22T10:00:00"
FILES = (("Patrons", Intake.PATRONS), ("Items", Intake.ITEMS), ("Loans", Intake.LOANS))


@dataclass
class Scenario:
    """One scenario: its sections, each a list of lines without the indentation.

    clock: what the kiosk's clock shows at the first step, "untrusted" before it if it cannot be believed. mark: the
    latest time that the kiosk was sure of before; empty: that of the clock.
    """

    name: str
    path: Path
    sections: dict[str, list[str]]
    line: int
    clock: str = CLOCK
    mark: str = ""


def read_scenarios(path: Path) -> Iterator[Scenario]:
    """The scenarios of a file."""
    found: Scenario | None = None
    section = ""
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.rstrip()
        if line.startswith("Scenario:"):
            if found is not None:
                yield found
            found, section = Scenario(line[9:].strip(), path, {}, number), ""
        elif found is not None and line.startswith("Clock:"):
            found.clock = line[6:].strip()
        elif found is not None and line.startswith("Mark:"):
            found.mark = line[5:].strip()
        elif line in SECTIONS and found is not None:
            section = line
            found.sections.setdefault(section, [])
        elif line.strip() and not line.lstrip().startswith("#"):
            assert found is not None and section, f"{path.name}:{number}: {line!r} belongs to no section"
            found.sections[section].append(line.strip())
    if found is not None:
        yield found


def library() -> dict[str, list[str]]:
    """The sections of library.txt."""
    sections: dict[str, list[str]] = {}
    for line in LIBRARY.read_text(encoding="utf-8").splitlines():
        if line in SECTIONS:
            sections[line] = rows = []
        elif line.strip():
            rows.append(line.strip())
    return sections


def furnish(folder: Path, scenario: Scenario) -> Config:
    """A data folder with the library and what the scenario adds to it."""
    shutil.copytree(_stocked(), folder, dirs_exist_ok=True)
    settings = folder / "kiosk.toml"
    if extra := scenario.sections.get("Settings"):
        settings.write_text(_merged(settings.read_text(encoding="utf-8"), extra), encoding="utf-8")
    config = load(settings)
    _import(config, folder, scenario.sections, scenario.name)
    if rows := scenario.sections.get("Sets"):
        _sets(config, folder, rows, scenario.clock)
    for line in scenario.sections.get("PINs", []):
        who, _, secret = line.partition(" ")
        set_pin(config, who, secret, pictures=not secret.isdigit())
    _facts(config, scenario.sections.get("Facts", []))
    _plug_in(folder / "stick", scenario.sections.get("Stick", []))
    return config


def _plug_in(folder: Path, lines: list[str]) -> None:
    """A stick with these files: a line with a name and a colon, and below it the file's lines."""
    file = folder
    for line in lines:
        if line.endswith(":"):
            file = folder / line.removesuffix(":")
            folder.mkdir(exist_ok=True)
            file.write_text("", encoding="utf-8")
        else:
            file.write_text(f"{file.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")


@cache
def _stocked() -> Path:
    """A data folder with library.txt in it, made once; kept until the process ends."""
    kept = TemporaryDirectory(prefix="kiosk-library-")
    _KEPT.append(kept)
    folder = Path(kept.name) / "library"
    list(initialise(folder, "Test", "kiosk-1", demo=False, today=None))
    _import(load(folder / "kiosk.toml"), folder, library(), LIBRARY.name)
    return folder


_KEPT: list[TemporaryDirectory[str]] = []


def _import(config: Config, folder: Path, sections: dict[str, list[str]], name: str) -> None:
    for section, what in FILES:
        if rows := sections.get(section):
            file = folder / f"{section.lower()}.csv"
            file.write_text("\n".join(rows) + "\n", encoding="utf-8")
            report = import_file(config, what, file)
            assert report.rejects is None, (name, section, report, report.rejects.read_text(encoding="utf-8"))
            file.unlink()


def _sets(config: Config, folder: Path, rows: list[str], clock: str) -> None:
    """The textbook sets of the school year that the clock is in, as `kiosk sets import` takes them."""
    file = folder / "sets.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    year = school_year(datetime.fromisoformat(clock.split()[-1]).date())
    with opened(config) as store:
        StoreSets(store, app.system_clock(config, store)).keep(read_sets(file, year))
    file.unlink()


def _merged(settings: str, extra: list[str]) -> str:
    """The settings with the scenario's lines in place of the same keys of the same tables."""
    table = ""
    for line in extra:
        if line.startswith("["):
            table = line
            if line.startswith("[[") or line not in settings:
                settings += f"\n{line}\n"
            continue
        key = line.split("=")[0].strip()
        if table.startswith("[["):
            settings += line + "\n"
            continue
        start = settings.index(table) + len(table)
        end = settings.find("\n[", start)
        end = len(settings) if end < 0 else end
        body = re.sub(rf"(?ms)^{re.escape(key)} = (\[\n.*?^\]|[^\n]*)\n", "", settings[start:end] + "\n")
        settings = settings[:start] + "\n" + line + body + settings[end:]
    return settings


def _facts(config: Config, facts: list[str]) -> None:
    """What no import brings and no screen of this version makes: written into the tables as it would come to be."""
    with sqlite3.connect(config.store) as db:
        for fact in facts:
            match fact.split():
                case ["blocked", card, *rest]:
                    kind = next((word for word in rest if word in ("staff", "debt")), "staff")
                    until = next((word for word in rest if word[0].isdigit()), None)
                    done = db.execute(
                        "INSERT INTO blocks SELECT patron_id, ?, ? FROM cards WHERE number = ?", (kind, until, card)
                    )
                case ["left", card]:
                    done = db.execute(
                        "UPDATE patrons SET has_left = 1 WHERE id IN (SELECT patron_id FROM cards WHERE number = ?)",
                        (card,),
                    )
                case ["card", card, "lost"]:
                    done = db.execute("UPDATE cards SET lost = 1 WHERE number = ?", (card,))
                case ["card", card, "also", other]:
                    done = db.execute(
                        "INSERT INTO cards SELECT ?, patron_id, 0 FROM cards WHERE number = ?", (other, card)
                    )
                case ["staff", card, role, *rest]:
                    done = db.execute(
                        "UPDATE patrons SET role = ?, role_until = ? "
                        "WHERE id IN (SELECT patron_id FROM cards WHERE number = ?)",
                        (role, rest[-1] if rest else None, card),
                    )
                case ["item", barcode, status]:
                    done = _change_status(db, barcode, status)
                case _:
                    raise ValueError(fact)
            assert done.rowcount == 1, f"{fact}: there is no such reader or item"
    db.close()


def _change_status(db: sqlite3.Connection, barcode: str, status: str) -> sqlite3.Cursor:
    """By a transaction, so that the ledger still adds up."""
    item_id, before = db.execute("SELECT id, status FROM items WHERE barcode = ?", (barcode,)).fetchone()
    body = json.dumps({"changes": [{"status": [before, status], "item": item_id}]})
    cursor = db.execute(
        "INSERT INTO transactions (id, kind, item_id, at, trusted, kiosk, body) VALUES (?, 'found', ?, ?, 1, 'x', ?)",
        (f"fact-{barcode}", item_id, "2026-09-01T00:00:00.000Z", body),
    )
    return db.execute("UPDATE items SET status = ?, last_seq = ? WHERE id = ?", (status, cursor.lastrowid, item_id))


class SetClock(HandClock):
    """A clock that a scenario sets."""

    def set(self, shown: str) -> None:
        """To a time of day; "trusted" or "untrusted" before it says what it is from now on."""
        trust, _, time = shown.rpartition(" ")
        self._wall = datetime.fromisoformat(time).replace(tzinfo=self._wall.tzinfo)
        self._trusted = trust != "untrusted" if trust else self._trusted


class Player:
    """A desk at a console, and what it answered last."""

    def __init__(self, config: Config, shown: str, mark: str, central: Sequence[str] | None = None) -> None:
        """central: what stands under `Central`; None without that heading."""
        self.config = config
        self._closing = ExitStack()
        self.clock = SetClock(datetime.now(config.timezone))
        self.clock.set(shown)
        self.beside: Beside | None = None
        if central is not None:
            self.beside = Beside(config, scripted(central), self.clock)
        self.store = self._opened()
        sure = datetime.fromisoformat(mark or shown.split()[-1]).replace(tzinfo=config.timezone)
        self.store.confirm_date("", Moment(0.0, sure, True, True), timedelta(0))
        if self.beside is not None:
            self.beside.once()
        self.before = self._last_seq()
        self.desk = self._open_desk()
        self.answer = self._as_json(self.desk.ring())

    def _opened(self) -> SqliteStore:
        if self.beside is None:
            return self._closing.enter_context(opened(self.config))
        store = SqliteStore(self.config.store, self.beside.central.carries)
        self._closing.callback(store.close)
        return store

    def _open_desk(self) -> Desk:
        central = self.beside.questions if self.beside is not None else None
        return app.open_desk(self.config, self.store, self.clock, central)

    def close(self) -> None:
        """Let go of the ledger."""
        self._closing.close()
        if self.beside is not None:
            self.beside.close()

    def _as_json(self, outcome: Outcome) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(json.dumps(as_json(outcome, self.desk, self.store.barcode)))
        return answer

    def step(self, line: str) -> dict[str, Any]:
        """Play one line: of the console, or one of the scenarios' own."""
        self.before = self._last_seq()
        self.answer = self._as_json(answered(self.desk, self._play(self._with_row(line)), self._replies()))
        return self.answer

    def _replies(self) -> SimpleQueue[Reply]:
        return self.beside.replies if self.beside is not None else SimpleQueue()

    def _play(self, line: str) -> Outcome:
        word, _, rest = line.partition(" ")
        match word:
            case "days":
                return tick(self.desk, self.clock, float(rest) * 86400, self._replies())
            case "clock":
                self.clock.set(rest)
                return Outcome(self.desk.view(), ())
            case "restart":
                self.close()
                if rest:
                    self.clock.set(rest)
                self.store = self._opened()
                self.desk = self._open_desk()
                return self.desk.ring()
            case "central" if self.beside is not None:
                self.beside.does(rest)
                return Outcome(self.desk.view(), ())
            case "sync" if self.beside is not None:
                self.beside.once()
                return Outcome(self.desk.view(), ())
            case "elsewhere":
                other = app.open_desk(self.config, self._opened(), self.clock)
                for part in rest.split(", "):
                    other.take(parse(part))  # type: ignore[arg-type]
                return Outcome(self.desk.view(), ())
            case "card-reader" | "item-reader":
                return self.desk.take(Scan(rest, word, word.partition("-")[0]))
        match parse(line):
            case Tick(seconds):
                return tick(self.desk, self.clock, seconds, self._replies())
            case given:
                return self.desk.take(given)  # type: ignore[arg-type]

    def _with_row(self, command: str) -> str:
        match = re.search(r"\[(.+)\]$", command)
        if match is None:
            return command
        named = [one for one in _touchable(self.answer) if one["title"] == match.group(1)]
        assert named, f"no row {match.group(1)} in {_short(self.answer)}"
        action = command.split()[1]
        meant: str = next((one for one in named if action in one["actions"]), named[0])["id"]
        return command[: match.start()] + meant

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the ledger says, read by a connection of its own."""
        db = sqlite3.connect(self.config.store)
        try:
            return db.execute(query, values).fetchall()
        finally:
            db.close()

    def _last_seq(self) -> int:
        return int(self.ask("SELECT coalesce(max(seq), 0) FROM transactions")[0][0])

    def unmet(self, clause: str) -> str:
        """What is wrong, as far as a clause speaks of it; empty if nothing is."""
        word, _, rest = clause.partition(" ")
        if word in _CLAUSES:
            return _CLAUSES[word](self, rest)
        raise ValueError(f"{clause!r} is no clause of a scenario")


def play(scenario: Scenario, folder: Path) -> None:
    """Play a scenario. Raises AssertionError that names the step and what was expected of it."""
    config = furnish(folder / "kiosk", scenario)
    player = Player(config, scenario.clock, scenario.mark, scenario.sections.get("Central"))
    try:
        for line in scenario.sections["Steps"]:
            command, _, expected = line.partition("->")
            player.step(command.strip())
            for clause in filter(None, (part.strip() for part in expected.split(";"))):
                problem = player.unmet(clause)
                assert not problem, (
                    f"{scenario.path.name}: {scenario.name}\n  {line}\n  {clause}: {problem}\n  {_short(player.answer)}"
                )
        assert recompute(player.store) == []
    finally:
        player.close()


def _short(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=1)


def _is(seen: object, expected: str, word: str = "it is") -> str:
    return "" if str(seen) == expected else f"{word} {seen}"


def _view(player: Player, rest: str) -> str:
    return _is(player.answer["view"], rest)


def _who(player: Player, rest: str) -> str:
    patron = player.answer["patron"]
    return _is(patron["name"] if patron else "nobody", rest)


def _nobody(player: Player, rest: str) -> str:
    return _who(player, "nobody")


def _says(player: Player, rest: str) -> str:
    """A key, and what the message names: `err.overdue title=Абай жолы`."""
    message = player.answer["message"]
    key, *params = re.split(r" (?=\w+=)", rest)
    if message is None or key != message["key"]:
        return _is(message["key"] if message else "nothing", key, "it says")
    named = [f"{name}={value}" for name, value in message["params"].items()]
    return "" if all(one in named for one in params) else f"it names {named}"


def _text(player: Player, rest: str) -> str:
    message, part = player.answer["message"], rest.removeprefix("contains ")
    return "" if message and part in message["text"] else f"it reads {message and message['text']}"


def _records(player: Player, rest: str) -> str:
    acts = ", ".join(f"{act['kind']} {act['item'] or '-'}" for act in player.answer["committed"])
    return _is(acts or "nothing", rest, "it recorded")


def _notes(player: Player, rest: str) -> str:
    kinds = player.ask("SELECT kind FROM transactions WHERE seq > ? ORDER BY seq", player.before)
    return _is(", ".join(kind for (kind,) in kinds) or "nothing", rest, "it noted")


def _due(player: Player, rest: str) -> str:
    acts = player.answer["committed"]
    return _is((acts[-1]["due"] if acts else None) or "unknown", rest)


def _decided(player: Player, rest: str) -> str:
    """By whom the newest transaction that is no act of the sync was."""
    return _is(player.ask("SELECT decided_by FROM transactions ORDER BY seq DESC LIMIT 1")[0][0], rest)


def _told(player: Player, rest: str) -> str:
    """Where the newest act is on its way to central."""
    rows = player.ask("SELECT state FROM outbox ORDER BY seq DESC LIMIT 1")
    return _is(rows[0][0] if rows else "nothing", rest)


def _last_body(player: Player) -> tuple[dict[str, Any], bool]:
    rows = player.ask("SELECT body, trusted FROM transactions WHERE seq > ? ORDER BY seq DESC LIMIT 1", player.before)
    assert rows, "nothing was recorded by this step"
    return json.loads(rows[0][0]), bool(rows[0][1])


def _override(player: Player, rest: str) -> str:
    override = _last_body(player)[0].get("override")
    return _is(", ".join(override["refusals"]) if override else "nothing", rest, "overridden was")


def _because(player: Player, rest: str) -> str:
    override = _last_body(player)[0].get("override")
    return _is(override["reason"] if override else "nothing", rest, "the reason was")


def _trusted(player: Player, rest: str) -> str:
    return _is("yes" if _last_body(player)[1] else "no", rest)


def _offers(player: Player, rest: str) -> str:
    return "" if rest in player.answer["actions"] else f"it offers {player.answer['actions']}"


def _calling(player: Player, rest: str) -> str:
    return _is("yes" if player.desk.view().calling else "no", rest)


def _loans(player: Player, rest: str) -> str:
    patron = player.answer["patron"]
    if patron is None:
        return "nobody is signed in"
    return _is(f"{patron['loans']} of {'any' if patron['limit'] is None else patron['limit']}", rest)


def _language(player: Player, rest: str) -> str:
    return _is(player.desk.view().language, rest)


def _appearance(player: Player, rest: str) -> str:
    return _is(str(player.desk.view().appearance) or "plain", rest)


def _rows(player: Player, rest: str) -> str:
    titles = [row["title"] for row in player.answer["rows"]]
    return _is(len(titles), rest) if rest.isdigit() else _is(", ".join(titles), rest, "they are")


def _visits(player: Player, rest: str) -> str:
    return _is(player.ask("SELECT count(*) FROM visits")[0][0], rest)


def _item(player: Player, rest: str) -> str:
    """`item B1 is on_loan`."""
    barcode, _, status = rest.partition(" is ")
    return _is(player.ask("SELECT status FROM items WHERE barcode = ?", barcode)[0][0], status)


def _has(player: Player, rest: str) -> str:
    """`borrower C-AIGUL of B1`, `borrower nobody of B1`."""
    who, _, barcode = rest.partition(" of ")
    rows = player.ask(
        "SELECT c.number FROM loans l JOIN items i ON i.id = l.item_id JOIN cards c ON c.patron_id = l.patron_id "
        "WHERE i.barcode = ?",
        barcode,
    )
    return _is(rows[0][0] if rows else "nobody", who)


def _no(player: Player, rest: str) -> str:
    """`no row TITLE`, `no offer ACTION`."""
    what, _, name = rest.partition(" ")
    if what == "row":
        return "" if all(row["title"] != name for row in player.answer["rows"]) else "it is there"
    if what == "offer":
        return "" if name not in player.answer["actions"] else "it is offered"
    raise ValueError(f"{rest!r} is nothing that can be missing")


def _touchable(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows, tiles of a set and lines of a class, each with a title."""
    parts = [*answer.get("cells", []), *answer.get("matrix", {"lines": []})["lines"]]
    return [*answer["rows"], *({**part, "title": part["text"]} for part in parts)]


_ROW = re.compile(r"(.+) (is|offers|refuses|due|place|shelf|notes|reads) (.+)")


def _row(player: Player, rest: str) -> str:
    """A fact of a row with a title; of several rows, one has it."""
    return _fact(player.answer["rows"], rest)


def _cell(player: Player, rest: str) -> str:
    """A fact of a tile of a pupil's set: `cell Алгебра is given`."""
    return _fact([one for one in _touchable(player.answer) if "cells" not in one], rest)


def _line(player: Player, rest: str) -> str:
    """A fact of a pupil's line in the picture of a class: `line Әлия Н. reads ++..`."""
    return _fact([one for one in _touchable(player.answer) if "cells" in one], rest)


def _fact(among: list[dict[str, Any]], rest: str) -> str:
    match = _ROW.fullmatch(rest)
    if match is None:
        raise ValueError(f"{rest!r} says nothing of what it names")
    title, fact, expected = match.groups()
    rows = [row for row in among if row["title"] == title]
    if not rows:
        return "there is no such row"
    match fact:
        case "is":
            seen = [row["state"] for row in rows]
        case "offers":
            return "" if any(expected in row["actions"] for row in rows) else f"it offers {rows[0]['actions']}"
        case "refuses":
            return "" if all(expected not in row["actions"] for row in rows) else "it offers it"
        case "due":
            seen = [row["due"] or "unknown" for row in rows]
        case "notes":
            seen = [(row.get("note") or {"key": "nothing"})["key"] for row in rows]
        case "reads":
            seen = ["".join(CELL_MARKS[CellState(state)] for state in row["cells"]) for row in rows]
        case _:
            seen = [str(row.get(fact)) for row in rows]
    return "" if expected in seen else f"it is {seen}"


def _progress(player: Player, rest: str) -> str:
    progress = player.answer.get("progress")
    return _is(f"{progress[0]} of {progress[1]}" if progress else "nothing", rest)


def _figure(player: Player, rest: str) -> str:
    """`figure stat.loans 121`."""
    key, _, value = rest.partition(" ")
    return _is(player.answer.get("figures", {}).get(key), value)


def _heading(player: Player, rest: str) -> str:
    return _is(player.answer.get("heading", "nothing"), rest)


def _asks(player: Player, rest: str) -> str:
    prompt = player.desk.view().prompt
    return _is(prompt.key if prompt else "nothing", rest, "it asks")


_CLAUSES: dict[str, Callable[[Player, str], str]] = {
    "view": _view,
    "who": _who,
    "nobody": _nobody,
    "says": _says,
    "text": _text,
    "records": _records,
    "notes": _notes,
    "due": _due,
    "decided": _decided,
    "told": _told,
    "override": _override,
    "because": _because,
    "trusted": _trusted,
    "offers": _offers,
    "calling": _calling,
    "loans": _loans,
    "language": _language,
    "appearance": _appearance,
    "rows": _rows,
    "row": _row,
    "cell": _cell,
    "line": _line,
    "progress": _progress,
    "figure": _figure,
    "heading": _heading,
    "asks": _asks,
    "no": _no,
    "visits": _visits,
    "item": _item,
    "borrower": _has,
}
