"""Bytes of a reader into codes: whole, byte by byte, with a tail, and whatever may come."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.framing import MAX_CODE_BYTES, LineFramer, framer

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


def framed(kind: str, received: bytes, length: int = 0) -> list[str]:
    """The codes of a stream, which are the same however it is cut into pieces."""
    whole = framer(kind, length).feed(received)
    single = framer(kind, length)
    assert [code for byte in received for code in single.feed(bytes([byte]))] == whole
    return whole


def rdm6300(number: str, check: int | None = None) -> bytes:
    """A frame as that reader sends it."""
    right = reduce(xor, bytes.fromhex(number))
    return b"\x02" + number.encode() + f"{right if check is None else check:02X}".encode() + b"\x03"


def test_codes_between_stx_and_etx() -> None:
    assert framed("stx_etx", b"noise\x02P1\x03\r\n\x02P2\r\n\x03\x03\x02\x03\x02HA\x02P3\x03") == ["P1", "P2", "P3"]


@pytest.mark.parametrize("kind", ["lines", "stx_etx", "rdm6300"])
def test_a_flood_without_an_end_is_not_kept(kind: str) -> None:
    one = framer(kind)
    for _ in range(3):
        assert one.feed(b"\x02" + b"9" * MAX_CODE_BYTES) == []
        assert one.kept() <= MAX_CODE_BYTES


def test_an_rdm6300_frame_gives_its_ten_digits_if_the_check_is_right() -> None:
    assert framed("rdm6300", rdm6300("0F00BC614E") + rdm6300("010203040a")) == ["0F00BC614E", "010203040A"]


@pytest.mark.parametrize(
    "frame",
    [
        rdm6300("0F00BC614E", 0x00),
        rdm6300("0F00BC614E")[:-2] + b"\x03",
        rdm6300("0F00BC614E").replace(b"F", b"G"),
        b"\x02" + b"0" * 13 + b"\x03",
        b"\x02\xff" * 6 + b"\x03",
    ],
)
def test_an_rdm6300_frame_that_was_not_read_well_is_dropped(frame: bytes) -> None:
    assert framed("rdm6300", frame + rdm6300("0F00BC614E")) == ["0F00BC614E"]


@given(st.binary(min_size=5, max_size=5), st.integers(0, 79))
def test_one_bit_that_is_wrong_is_noticed(number: bytes, bit: int) -> None:
    frame = bytearray(rdm6300(number.hex().upper()))
    frame[1 + bit // 8] ^= 1 << bit % 8
    assert framed("rdm6300", bytes(frame)) in ([], [number.hex().upper()])


def test_codes_of_a_fixed_length_and_a_pause_that_puts_them_right_again() -> None:
    assert framed("fixed", b"P1000001P1000002P10", 8) == ["P1000001", "P1000002"]
    one = framer("fixed", 4)
    assert one.feed(b"A1B") == []
    one.forget()
    assert one.feed(b"A1B2") == ["A1B2"]


@pytest.mark.parametrize("wrong", [("fixed", 0), ("soup", 4), ("", 0)])
def test_a_kind_that_is_none(wrong: tuple[str, int]) -> None:
    with pytest.raises(ValueError, match=f"^{wrong[0]}$"):
        framer(*wrong)


@given(
    st.lists(st.binary(max_size=300) | st.sampled_from([b"\x02", b"\x03", b"\r\n", b"9" * 3000]), max_size=20),
    st.sampled_from([("lines", 0), ("stx_etx", 0), ("rdm6300", 0), ("fixed", 7)]),
)
def test_any_bytes_are_codes_or_nothing_and_no_more_than_a_code_is_kept(
    pieces: list[bytes], kind: tuple[str, int]
) -> None:
    one = framer(*kind)
    for piece in pieces:
        for code in one.feed(piece):
            assert code
        assert one.kept() <= MAX_CODE_BYTES
