"""Reading and writing SIP2 messages, beside the package pysip2 0.1.0 if it is installed.

It is no requirement of the tests: it brings msgspec (compiled), anyio and idna. Messages: the recorded ones that pysip2
reads and writes as well, both directions. Both are given each message cut out of the stream; `received`
is ours with the cutting out.
"""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from kiosk.sync.sip2.codec import Codec, Receiver
from kiosk.sync.sip2.requests import Checkin, Checkout, EndSession, ItemInformation, PatronStatus, Request

RECORDED = Path(__file__).parent.parent / "data" / "sip2"


@dataclass(frozen=True, slots=True)
class Speeds:
    """Messages a second, and how many times as fast as pysip2 (medians of interleaved pairs; None without it).

    received: decoding with the framing before it, which pysip2 leaves to its caller. requested: encoding of typed
    requests, with their dates and flags turned into text, which pysip2 takes as text.
    """

    messages: int
    decoded: float
    received: float
    encoded: float
    requested: float
    decode_ratio: float | None
    receive_ratio: float | None
    encode_ratio: float | None
    request_ratio: float | None


def measure(rounds: int = 300) -> Speeds:
    """Time `rounds` interleaved pairs over all messages that both can read and write."""
    codec = Codec()
    receiver = Receiver(codec)
    frames = [raw for raw in recorded() if (frame := codec.decode(raw[:-1])).sound and not frame.faults]
    pysip2 = _pysip2()
    theirs: list[tuple[bytes, Any]] = []
    if pysip2 is not None:
        theirs = [(raw, read) for raw in frames if (read := _readable(pysip2, raw)) is not None]
        frames = [raw for raw, _ in theirs]
    messages = [(frame.message, frame.sequence) for raw in frames for frame in receiver.feed(raw)]

    bare = [raw[:-1] for raw in frames]

    def decode() -> None:
        for raw in bare:
            codec.decode(raw)

    def receive() -> None:
        for raw in frames:
            receiver.feed(raw)

    def encode() -> None:
        for message, sequence in messages:
            if message is not None:
                codec.encode(message, sequence)

    requests = _requests()
    their_requests: list[Any] = []
    if pysip2 is not None:
        their_requests = [pysip2.decode_message(codec.encode(asked, 1), encoding="utf-8") for asked in requests]

    def request() -> None:
        for _ in range(len(frames) // len(requests)):
            for asked in requests:
                codec.encode(asked, 1)

    def their_request() -> None:
        if pysip2 is not None:
            for _ in range(len(frames) // len(requests)):
                for asked in their_requests:
                    _write(pysip2, asked)

    def their_decode() -> None:
        if pysip2 is not None:
            for raw in frames:
                pysip2.decode_message(raw, encoding="utf-8")

    def their_encode() -> None:
        if pysip2 is not None:
            for _, read in theirs:
                _write(pysip2, read)

    works = (decode, receive, encode, request, their_decode, their_encode, their_request)
    decoding, receiving, encoding, requesting, their_decoding, their_encoding, their_requesting = _interleaved(
        works, rounds
    )

    def a_second(times: list[float]) -> float:
        return len(frames) / median(times)

    def ratio(ours: list[float], others: list[float]) -> float | None:
        return median(other / own for own, other in zip(ours, others, strict=True)) if pysip2 else None

    return Speeds(
        len(frames),
        a_second(decoding),
        a_second(receiving),
        a_second(encoding),
        a_second(requesting),
        ratio(decoding, their_decoding),
        ratio(receiving, their_decoding),
        ratio(encoding, their_encoding),
        ratio(requesting, their_requesting),
    )


def _requests() -> list[Request]:
    at = datetime(2026, 11, 20, 9, 13, 36)
    return [
        PatronStatus(at=at, institution="CPL", patron="EN000001", pin="1234"),
        ItemInformation(at=at, institution="CPL", item="RU0001"),
        Checkout(at=at, nb_due=at, institution="CPL", patron="EN000001", item="RU0001", pin="1234", cancel=False),
        Checkin(at=at, returned_at=at, institution="CPL", item="RU0001", current_location="shelf", cancel=False),
        EndSession(at=at, institution="CPL", patron="EN000001", pin="1234"),
    ]


def recorded() -> Iterator[bytes]:
    """Each recorded message with its terminator."""
    for file in sorted(RECORDED.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if "hex" in entry:
                yield bytes.fromhex(entry["hex"]).strip(b"\r\n") + b"\r"


def _pysip2() -> Any:
    try:
        return importlib.import_module("pysip2")
    except ImportError:
        return None


def _readable(pysip2: Any, raw: bytes) -> Any:
    try:
        read = pysip2.decode_message(raw, encoding="utf-8")
        _write(pysip2, read)
    except (pysip2.SIP2Error, UnicodeError):
        return None
    return read


def _write(pysip2: Any, read: Any) -> bytes:
    written: bytes = pysip2.encode_message(
        read.message, sequence_number=read.sequence_number, checksum=read.checksum is not None, encoding="utf-8"
    )
    return written


def _interleaved(works: Sequence[Callable[[], None]], rounds: int) -> list[list[float]]:
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return times


if __name__ == "__main__":
    s = measure()
    print(f"{s.messages} messages")
    for what, figure, ratio in (
        ("decoded", s.decoded, s.decode_ratio),
        ("received (framed and decoded)", s.received, s.receive_ratio),
        ("encoded", s.encoded, s.encode_ratio),
        ("typed requests encoded", s.requested, s.request_ratio),
    ):
        print(f"{what:<32} {figure:>10,.0f} a second" + (f"  {ratio:.2f} times pysip2" if ratio else ""))
