"""Bytes of a reader into codes: whole, byte by byte, with a tail, and whatever may come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.framing import MAX_CODE_BYTES, LineFramer

CASES = [
    (b"P0\r", ["P0"]),
    (b"P0\n", ["P0"]),
    (b"P0\r\n", ["P0"]),
    (b"P0\rA0\n", ["P0", "A0"]),
    (b"\r\n\r\n\n\n\r", []),
    (b"", []),
    (b"P0", []),
    ("Ә-1\r\n".encode(), ["Ә-1"]),
    (b"\xff\xfeA\n", ["��A"]),
    (b" P0 \t\r", [" P0 \t"]),
    (b"\x00\x02P0\x03\r", ["\x00\x02P0\x03"]),
    (b"x" * MAX_CODE_BYTES + b"\n", ["x" * MAX_CODE_BYTES]),
    (b"x" * (MAX_CODE_BYTES + 1) + b"\nP0\n", ["P0"]),
]
IDS = [f"{case[0][:12]!r}" for case in CASES]


@pytest.mark.parametrize(("received", "codes"), CASES, ids=IDS)
def test_whole(received: bytes, codes: list[str]) -> None:
    assert LineFramer().feed(received) == codes


@pytest.mark.parametrize(("received", "codes"), CASES, ids=IDS)
def test_byte_by_byte(received: bytes, codes: list[str]) -> None:
    framer = LineFramer()
    assert [code for byte in received for code in framer.feed(bytes([byte]))] == codes


@pytest.mark.parametrize(("received", "codes"), [case for case in CASES if case[0][-1:] in (b"\r", b"\n")])
def test_with_the_beginning_of_another(received: bytes, codes: list[str]) -> None:
    framer = LineFramer()
    assert framer.feed(received + b"TAI") == codes
    assert framer.feed(b"L\r") == ["TAIL"]


def test_what_had_begun_can_be_forgotten() -> None:
    framer = LineFramer()
    framer.feed(b"HALF")
    framer.forget()
    assert framer.feed(b"P0\r") == ["P0"]


@given(st.lists(st.binary(max_size=60), max_size=12))
def test_how_it_was_split_makes_no_difference(chunks: list[bytes]) -> None:
    framer = LineFramer()
    assert [code for chunk in chunks for code in framer.feed(chunk)] == LineFramer().feed(b"".join(chunks))


@given(st.lists(st.text(min_size=1, max_size=40).filter(lambda text: not {"\r", "\n"} & set(text)), max_size=8))
def test_codes_come_back_as_they_were_sent(codes: list[str]) -> None:
    sent = "".join(f"{code}\r\n" for code in codes)
    assert LineFramer().feed(sent.encode("utf-8", errors="replace")) == [
        code.encode("utf-8", errors="replace").decode() for code in codes
    ]


@given(st.lists(st.binary(max_size=MAX_CODE_BYTES), max_size=6))
def test_no_more_is_kept_than_a_code(chunks: list[bytes]) -> None:
    framer = LineFramer()
    for chunk in chunks:
        assert all(len(code.encode(errors="replace")) <= 3 * MAX_CODE_BYTES for code in framer.feed(chunk))
        assert len(framer._buffer) <= MAX_CODE_BYTES
