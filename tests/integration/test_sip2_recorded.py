"""The recorded dialogues, through the line: what real servers said, each answer for the request it was given to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from kiosk.errors import ConnectorError
from kiosk.sync.sip2.codec import Checksum, Codec, Frame
from kiosk.sync.sip2.line import Line, Unanswered
from kiosk.sync.sip2.messages import Message, mismatches
from kiosk.sync.sip2.requests import Request
from tests.integration.test_sip2_line import scripted

RECORDED = Path(__file__).parent.parent / "data" / "sip2"
OF_THE_LINE = frozenset({"93", "99", "97"})
"""What the line says by itself."""
ACTS = frozenset({"11", "09", "29", "65"})
CODEC = Codec()


@dataclass(frozen=True)
class Exchange:
    """A request and what was answered: bytes as they came, none where the server hung up."""

    file: str
    asked: Frame
    answered: bytes

    @property
    def request(self) -> Message:
        return self.asked.require()

    @property
    def detection(self) -> bool:
        return self.asked.sequence is not None


class Recorded(Request):
    """A request as it was recorded."""

    def __init__(self, asked: Message) -> None:
        object.__setattr__(self, "_asked", asked)

    def message(self) -> Message:
        """What was sent then."""
        asked: Message = object.__getattribute__(self, "_asked")
        return asked


def exchanges() -> Iterator[Exchange]:
    """Every request of the recordings that a line can be asked for, with its answer."""
    for file in sorted(RECORDED.glob("*.jsonl")):
        asked: Frame | None = None
        for entry in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            raw = bytes.fromhex(entry.get("hex", ""))
            if entry.get("from") == "kiosk":
                asked = CODEC.decode(raw.strip(b"\r\n"))
            elif entry.get("from") == "central" and asked is not None:
                if asked.sound and asked.require().code not in OF_THE_LINE:
                    yield Exchange(file.stem, asked, b"" if raw == b"<EOF>" else raw)
                asked = None


ALL = list(exchanges())
DIALOGUES = [
    (f"{file}-{'checked' if detection else 'bare'}", list(found))
    for (file, detection), found in groupby(ALL, lambda one: (one.file, one.detection))
]


def renumbered(answered: bytes, request: bytes) -> bytes:
    """The recorded answer under the number of this request, with its checksum as right or as wrong as it was."""
    raw = answered.rstrip(b"\r\n")
    frame, asked = CODEC.decode(raw), CODEC.decode(request)
    if asked.sequence is None or frame.sequence is None or frame.checksum is Checksum.ABSENT:
        return answered
    start = len(frame.stray)
    body = raw[start : raw.rindex(b"AY")] + b"AY%dAZ" % asked.sequence
    total = sum(map(ord, body.decode())) if frame.checksum is Checksum.BY_CHARACTERS else sum(body)
    total += frame.checksum is Checksum.WRONG
    return raw[:start] + body + b"%04X" % (-total & 0xFFFF) + answered[len(raw) :]


def expected(exchange: Exchange) -> Message | None:
    """What the line is to make of it: the answer, or nothing, if it cannot be relied on or is somebody else's."""
    frame = CODEC.decode(exchange.answered.rstrip(b"\r\n").lstrip(b"\n"))
    if not frame.sound or not exchange.answered:
        return None
    differs = set(mismatches(exchange.request, frame.require()))
    if frame.sequence is not None:
        return None if differs - {"AA"} else frame.require()
    # Without a number it must name what was asked for: the answer to 65 names nothing.
    names = {name for name in ("item", "patron") if frame.require().text(name)}
    return frame.require() if names and not differs else None


def test_there_is_much_to_replay() -> None:
    assert len(ALL) == 108 and {one.request.code for one in ALL} == {"09", "11", "17", "23", "29", "35", "63", "65"}
    assert sum(expected(one) is None for one in ALL) == 9


@pytest.mark.parametrize(("name", "dialogue"), DIALOGUES, ids=[name for name, _ in DIALOGUES])
def test_each_recorded_answer_is_for_the_request_it_was_given_to(name: str, dialogue: list[Exchange]) -> None:
    now = dialogue[0]

    def reply(raw: bytes) -> list[bytes]:
        if raw[:2].decode() in OF_THE_LINE:
            return []
        if not now.answered:
            raise OSError("hung up")
        return [renumbered(now.answered, raw)]

    with scripted(reply) as settings:
        line = Line(replace(settings, error_detection=dialogue[0].detection), None)
        for now in dialogue:
            wanted = expected(now)
            try:
                telling = line.tell if now.request.code in ACTS else line.ask
                assert telling(Recorded(now.request)) == wanted, now
            except Unanswered:
                assert wanted is None, now
        line.close()


@pytest.mark.parametrize(("name", "dialogue"), DIALOGUES, ids=[name for name, _ in DIALOGUES])
def test_an_answer_that_was_given_to_another_request_is_taken_for_none(name: str, dialogue: list[Exchange]) -> None:
    """Each question gets the recorded answer to another one, as it stands."""
    questions = [one for one in dialogue if one.request.code in ("17", "63") and one.answered]
    now = other = dialogue[0]

    with scripted(lambda raw: [] if raw[:2].decode() in OF_THE_LINE else [renumbered(other.answered, raw)]) as settings:
        line = Line(replace(settings, timeout_s=0.01, error_detection=dialogue[0].detection), None)
        for now, other in pairwise(questions):
            asked = [value for code, value in now.request.fields if code in ("AA", "AB")]
            if asked == [value for code, value in other.request.fields if code in ("AA", "AB")]:
                continue
            if now.request.code == other.request.code == "63":
                continue  # a patron may be named otherwise than asked for
            with pytest.raises(ConnectorError, match="answer"):
                line.ask(Recorded(now.request))
        line.close()
