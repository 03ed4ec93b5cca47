"""Files that only a kiosk and its central can write: whole, in order, unchanged, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.errors import ConfigError, ProtocolError
from kiosk.sync.carry.key import CarryKey, new_key, parse_key
from kiosk.sync.carry.sealed import (
    ACTS,
    LONGEST_LINE,
    MAGIC,
    PIECE,
    Head,
    NotOurs,
    _cipher,
    _write_piece,
    read_head,
    read_sealed,
    write_sealed,
)
from kiosk.sync.secret import Secret

KIOSK, OTHER = "4f" * 16, "5a" * 16
KEY = new_key(KIOSK)
LINES = [b'{"acts":2}', b"x" * 100, b"", "Қасқыр".encode()]
LONG = [b"%d" % n * 900 for n in range(100, 300)]
"""Several pieces."""


def sealed(lines: Sequence[bytes] = LINES, key: CarryKey = KEY, goes: str = ACTS, number: int = 7) -> bytes:
    file = BytesIO()
    write_sealed(file, key, goes, number, lines)
    return file.getvalue()


def opened(content: bytes, key: CarryKey = KEY) -> tuple[Head, list[bytes]]:
    file = BytesIO(content)
    head = read_head(file)
    return head, list(read_sealed(file, key, head))


SHORT_FILE, LONG_FILE = sealed(), sealed(LONG)


@given(st.lists(st.binary(max_size=200).filter(lambda line: b"\n" not in line), max_size=20), st.integers(0, 2**59))
@example([b"x" * PIECE], 1)
@example([b"x" * (PIECE - 1)], 1)
@example([b"x" * (PIECE - 2), b""], 1)
def test_what_was_written_is_read(lines: list[bytes], number: int) -> None:
    head, found = opened(sealed(lines, number=number))
    assert found == lines
    assert (head.kiosk, head.goes, head.number) == (KIOSK, ACTS, number)


def test_nothing_of_the_lines_can_be_seen_and_no_two_files_are_alike() -> None:
    assert b"acts" not in SHORT_FILE[SHORT_FILE.index(b"}\n") :]
    assert sealed() != sealed()


def refused(content: bytes, key: CarryKey = KEY) -> bool:
    """Whether it is refused; a file with the same lines was not changed in what it says."""
    try:
        head, lines = opened(content, key)
    except NotOurs:
        return True
    assert (head.kiosk, head.goes, head.number) != (KIOSK, ACTS, 7) or lines not in (LINES, LONG)
    return False


@pytest.mark.parametrize("content", [SHORT_FILE], ids=["short"])
def test_any_bit_that_is_another_is_noticed(content: bytes) -> None:
    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            assert refused(bytes(changed)), (place, bit)


@given(st.integers(0, len(LONG_FILE) - 1), st.integers(1, 255))
def test_any_byte_that_is_another_is_noticed_in_a_long_file(place: int, by: int) -> None:
    changed = bytearray(LONG_FILE)
    changed[place] ^= by
    assert refused(bytes(changed))


def test_a_file_that_ends_early_is_noticed_wherever_it_ends() -> None:
    assert all(refused(SHORT_FILE[:length]) for length in range(len(SHORT_FILE)))
    ends = {len(LONG_FILE) - 1, len(LONG_FILE) // 2, *_boundaries(LONG_FILE)} - {len(LONG_FILE)}
    assert len(ends) > 8
    assert all(refused(LONG_FILE[:end]) for end in ends)


def _boundaries(content: bytes) -> Iterator[int]:
    """Before, at and after each end of a piece."""
    place = content.index(b"}\n") + 2
    while place < len(content):
        length = int.from_bytes(content[place : place + 4], "big") & ~(1 << 31)
        yield from (place, place + 1, place + 3, place + 4, place + 5, place + 4 + length - 1)
        place += 4 + length


def pieces(content: bytes) -> tuple[bytes, list[bytes]]:
    """The head, and the pieces with their lengths."""
    place = content.index(b"}\n") + 2
    head, found = content[:place], []
    while place < len(content):
        length = int.from_bytes(content[place : place + 4], "big") & ~(1 << 31)
        found.append(content[place : place + 4 + length])
        place += 4 + length
    return head, found


@given(st.data())
def test_pieces_that_are_left_out_doubled_or_moved_are_noticed(data: st.DataObject) -> None:
    head, found = pieces(LONG_FILE)
    order = data.draw(st.lists(st.integers(0, len(found) - 1), max_size=len(found) + 1))
    if order != list(range(len(found))):
        assert refused(head + b"".join(found[n] for n in order))


def test_the_end_cannot_be_cut_off_and_another_piece_called_the_last() -> None:
    head, found = pieces(sealed([b"x" * 63] * 3000))
    assert len(found) > 2, "each ends with a line"
    for count in range(1, len(found)):
        last = bytearray(found[count - 1])
        last[0] |= 0x80
        assert refused(head + b"".join(found[: count - 1]) + bytes(last))


def test_a_piece_of_another_file_is_noticed() -> None:
    head, mine = pieces(LONG_FILE)
    _, theirs = pieces(sealed(LONG))
    assert refused(head + mine[0] + b"".join(theirs[1:]))
    assert refused(head + b"".join(theirs))


def test_something_added_is_noticed() -> None:
    assert refused(SHORT_FILE + b"\0") and refused(SHORT_FILE + SHORT_FILE)


def test_another_key_opens_nothing() -> None:
    assert refused(SHORT_FILE, new_key(KIOSK))


@pytest.mark.parametrize(
    "change", [(b"acts", b"answers"), (b'"number":7', b'"number":8'), (KIOSK.encode(), OTHER.encode())]
)
def test_a_file_cannot_be_given_out_for_another(change: tuple[bytes, bytes]) -> None:
    renamed = SHORT_FILE.replace(*change, 1)
    assert renamed != SHORT_FILE
    assert refused(renamed) and refused(renamed, CarryKey(OTHER, KEY.secret))


@given(st.binary(max_size=400))
@example(b"KIOSK CARRY 1\n" + b"{" * 100_000)
@example(b"KIOSK CARRY 1\n" + SHORT_FILE[14:200] + b"\xff\xff\xff\xff" + b"x" * 100)
def test_anything_else_is_refused(content: bytes) -> None:
    assert refused(content)


def test_a_line_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(ProtocolError):
        sealed([b"x" * LONGEST_LINE])
    endless = BytesIO()
    head = Head(KIOSK, ACTS, 7, "00" * 32)
    endless.write(MAGIC + head.line())
    cipher = _cipher(KEY, head)
    for place in range(100):
        _write_piece(endless, cipher, place, b"x" * PIECE, last=False)
    endless.seek(0)
    with pytest.raises(NotOurs):
        list(read_sealed(endless, KEY, read_head(endless)))
    assert endless.tell() < 2 * LONGEST_LINE


def test_a_key_is_one_line_that_shows_itself_nowhere() -> None:
    line = KEY.line()
    assert parse_key(line, "key_file").kiosk == KIOSK
    assert parse_key(line, "key_file").bytes() == KEY.bytes() and len(KEY.bytes()) == 32
    assert KEY.secret.reveal() not in f"{KEY!r} {KEY} {line!r}"


@pytest.mark.parametrize("text", ["", "secret", f"kiosk-carry-1.{KIOSK}.short", f"kiosk-carry-1.{'z' * 32}.{'a' * 43}"])
def test_what_is_no_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse_key(Secret(text), "central.carry.key_file")
    assert not text or text not in str(told.value)
