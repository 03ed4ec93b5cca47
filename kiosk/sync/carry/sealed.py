"""A file of lines that only a kiosk and its central can write and read, refused whole if a byte of it is another.

    KIOSK CARRY 1
    {"kiosk": "4f..", "goes": "acts", "number": 17, "salt": ".."}
    pieces: 4 bytes of length (the highest bit: it is the last), then so many bytes, ciphertext and its tag

Each file has a key of its own (HKDF-SHA-256 of the shared one, with the file's salt and everything else in its head).
Its pieces are sealed by ChaCha20-Poly1305, which is fast where a processor knows no AES; the nonce is the piece's place
and whether it is the last, so that none can be left out, doubled, moved or cut off (the STREAM construction). A file
for the other direction, of another kiosk or with another number has another key. Ciphers are those of `cryptography`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.errors import ProtocolError
from kiosk.sync.carry.key import CarryKey

MAGIC = b"KIOSK CARRY 1\n"
ACTS, ANSWERS = "acts", "answers"
PIECE = 64 * 1024
LONGEST_LINE = 256 * 1024
LONGEST_HEAD = 300
TAG = 16
_LAST = 1 << 31
_HEAD = re.compile(
    r'\{"kiosk":"([0-9a-f]{32})","goes":"(acts|answers)","number":(0|[1-9]\d{0,17}),"salt":"([0-9a-f]{64})"\}\n'
)


class NotOurs(ProtocolError):
    """A file that was not written by the other side, whole; nothing in it can be believed."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the pieces, for all to read. goes: ACTS or ANSWERS; number: of the file, by its writer."""

    kiosk: str
    goes: str
    number: int
    salt: str

    def line(self) -> bytes:
        """As it stands in the file."""
        values = {"kiosk": self.kiosk, "goes": self.goes, "number": self.number, "salt": self.salt}
        return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def write_sealed(file: IO[bytes], key: CarryKey, goes: str, number: int, lines: Iterable[bytes]) -> None:
    """Write lines, each without its end, into a new file."""
    head = Head(key.kiosk, goes, number, os.urandom(32).hex())
    file.write(MAGIC + head.line())
    cipher, place, waiting = _cipher(key, head), 0, bytearray()
    for line in lines:
        if len(line) >= LONGEST_LINE or b"\n" in line:
            raise ProtocolError("a line is too long to be carried")
        waiting += line + b"\n"
        while len(waiting) > PIECE:
            _write_piece(file, cipher, place, bytes(waiting[:PIECE]), last=False)
            del waiting[:PIECE]
            place += 1
    _write_piece(file, cipher, place, bytes(waiting), last=True)


def read_head(file: IO[bytes]) -> Head:
    """What the file says that it is, not yet believed. Raises NotOurs if it says nothing of the kind."""
    if file.read(len(MAGIC)) != MAGIC:
        raise NotOurs("it is not a file of this kind, or only its beginning was written")
    match = _HEAD.fullmatch(file.readline(LONGEST_HEAD).decode("ascii", "replace"))
    if match is None:
        raise NotOurs("its beginning is damaged")
    return Head(match[1], match[2], int(match[3]), match[4])


def read_sealed(file: IO[bytes], key: CarryKey, head: Head) -> Iterator[bytes]:
    """The lines after the head. Only when all have come is it sure that none is missing.

    Raises NotOurs at the first piece that the other side did not write so, for this file, at this place.
    """
    cipher, place, waiting, is_last = _cipher(key, head), 0, bytearray(), False
    while not is_last:
        piece, is_last = _read_piece(file, cipher, place)
        place += 1
        waiting += piece
        *lines, rest = waiting.split(b"\n")
        yield from (bytes(line) for line in lines)
        waiting = bytearray(rest)
        if len(waiting) > LONGEST_LINE:
            raise NotOurs("a line of it is too long")
    if waiting:
        raise NotOurs("its last line has no end")
    if file.read(1):
        raise NotOurs("something was added to its end")


def _cipher(key: CarryKey, head: Head) -> ChaCha20Poly1305:
    made = HKDF(SHA256(), 32, bytes.fromhex(head.salt), MAGIC + head.line())
    return ChaCha20Poly1305(made.derive(key.bytes()))


def _nonce(place: int, last: bool) -> bytes:
    return place.to_bytes(11, "big") + (b"\1" if last else b"\0")


def _write_piece(file: IO[bytes], cipher: ChaCha20Poly1305, place: int, piece: bytes, last: bool) -> None:
    sealed = cipher.encrypt(_nonce(place, last), piece, None)
    file.write((len(sealed) | (_LAST if last else 0)).to_bytes(4, "big") + sealed)


def _read_piece(file: IO[bytes], cipher: ChaCha20Poly1305, place: int) -> tuple[bytes, bool]:
    length = int.from_bytes(file.read(4).rjust(4, b"\0"), "big")
    last, length = bool(length & _LAST), length & ~_LAST
    if not TAG <= length <= PIECE + TAG:
        raise NotOurs("it is damaged, or was not written to its end")
    sealed = file.read(length)
    if len(sealed) < length:
        raise NotOurs("it was not written to its end")
    try:
        return cipher.decrypt(_nonce(place, last), sealed, None), last
    except InvalidTag:
        raise NotOurs("it is damaged, was changed, or was written with another key") from None
