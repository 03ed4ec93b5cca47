"""ISO 2709 records: found in a stream, taken apart, decoded. What is broken is a sentence in the record's place.

Records are parted by their terminator, not by the length that they claim: after a recoding from Windows-1251 to UTF-8,
which many programs do without counting anew, the claimed lengths are wrong and the data is right.
Source: ISO 2709; UNIMARC and RUSMARC manuals, field 100 (character sets); MARC 21, leader/09.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ImportFileError
from kiosk.imports.coding import EIGHT_BIT

RECORD_LIMIT = 99_999
_TOO_LONG = f"record {{}} is longer than {RECORD_LIMIT:,} bytes"
_CHUNK = 1 << 16
_RECORD_END, _FIELD_END, _SUBFIELD = b"\x1d", b"\x1e", "\x1f"
_LEADER = 24
_ENTRY = 12
_BETWEEN = b" \t\r\n\x1a\0\xef\xbb\xbf"
# RUSMARC's own codes in field 100, beside ISO 10646 (50), which is recognised without being told.
_TOLD_CODINGS = {"79": "cp866", "99": "koi8-r"}


class BrokenRecord(ValueError):
    """A record that cannot be read; its text is a sentence."""


@dataclass(frozen=True, slots=True)
class Field:
    """A variable field: its two indicators and its subfields in order. A control field has one subfield, ""."""

    tag: str
    indicators: str
    subfields: tuple[tuple[str, str], ...]

    def first(self, code: str) -> str:
        """The first subfield with this code that says anything."""
        return next((value for its, value in self.subfields if its == code and value), "")

    def all(self, code: str) -> list[str]:
        """All subfields with this code that say anything."""
        return [value for its, value in self.subfields if its == code and value]


@dataclass(frozen=True, slots=True)
class Record:
    """One record. leader: its first 24 characters."""

    leader: str
    fields: tuple[Field, ...]

    def all(self, *tags: str) -> list[Field]:
        """The fields with these tags, in the order of the tags."""
        return [field for tag in tags for field in self.fields if field.tag == tag]

    def first(self, tag: str, code: str) -> str:
        """The first such subfield that says anything."""
        return next((found for field in self.all(tag) if (found := field.first(code))), "")


def frames(path: Path) -> Iterator[tuple[int, bytes | str, int]]:
    """Number, bytes and the offset after it, for each record; in place of the bytes a sentence if it has no end."""
    number, at, held = 0, 0, b""
    lost = False
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                at += len(chunk)
                *ended, held = (held + chunk).split(_RECORD_END)
                for data in ended:
                    record = data.lstrip(_BETWEEN)
                    if record or lost:
                        number += 1
                        too_long = lost or len(record) > RECORD_LIMIT
                        yield number, _TOO_LONG.format(number) if too_long else record, at
                    lost = False
                if len(held) > RECORD_LIMIT:
                    lost, held = True, b""
    except OSError as error:
        raise ImportFileError(f"{path.name}: the file cannot be read: {error.strerror or error}") from error
    if held.strip(_BETWEEN) or lost:
        yield number + 1, f"record {number + 1} is cut off: the file ends in the middle of it", at


def parse(data: bytes) -> Record:
    """Take one record apart, without its terminator. Raises BrokenRecord."""
    base_told, leader = data[12:17], data[:_LEADER]
    if len(data) <= _LEADER or not base_told.isdigit() or not leader.isascii():
        raise BrokenRecord("it does not begin with a leader")
    base = int(base_told)
    directory = data[_LEADER : base - 1]
    if not _LEADER < base <= len(data) or len(directory) % _ENTRY or data[base - 1 : base] != _FIELD_END:
        raise BrokenRecord("its directory does not end where the leader says")
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory), _ENTRY)]
    if not all(entry[3:].isdigit() for entry in entries):
        raise BrokenRecord("its directory does not hold numbers")
    body = data[base:]
    bodies = _by_offsets(entries, body) or _by_terminators(entries, body)
    if bodies is None:
        raise BrokenRecord("its directory does not fit its fields")
    tags = [entry[:3].decode("latin-1") for entry in entries]
    coding = _coding(leader, tags, bodies, data)
    try:
        return Record(
            leader.decode("ascii"),
            tuple(_field(tag, _decode(content, coding)) for tag, content in zip(tags, bodies, strict=True)),
        )
    except UnicodeError as error:
        raise BrokenRecord(f"its text cannot be read as {coding}") from error


def _by_offsets(entries: list[bytes], body: bytes) -> list[bytes] | None:
    found = []
    for entry in entries:
        start, length = int(entry[7:]), int(entry[3:7])
        content = body[start : start + length]
        if content[-1:] != _FIELD_END or _FIELD_END in content[:-1]:
            return None
        found.append(content[:-1])
    return found


def _by_terminators(entries: list[bytes], body: bytes) -> list[bytes] | None:
    """Fields in the order of their offsets; the offsets themselves are wrong."""
    parts = body.split(_FIELD_END)
    if parts[-1:] == [b""]:
        parts.pop()
    if len(parts) != len(entries):
        return None
    order = sorted(range(len(entries)), key=lambda at: int(entries[at][7:]))
    found = [b""] * len(entries)
    for part, at in zip(parts, order, strict=True):
        found[at] = part
    return found


def _coding(leader: bytes, tags: list[str], bodies: list[bytes], data: bytes) -> str:
    """The coding of a record: UTF-8 if it can be, else what field 100 says, else 8-bit Cyrillic.

    The text itself is believed before leader/09 and field 100: they are what programs forget to change.
    """
    if b"\x1b" in data and leader[9:10] == b" " and "245" in tags:
        return "marc-8"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    general = next((body for tag, body in zip(tags, bodies, strict=True) if tag == "100"), b"").decode("latin-1")
    match = re.search("\x1fa.{26}(.{4})", general, re.S)
    told = re.findall("..", match.group(1)) if match and "200" in tags else []
    return next((_TOLD_CODINGS[code] for code in told if code in _TOLD_CODINGS), EIGHT_BIT)


def _decode(content: bytes, coding: str) -> str:
    if coding != "marc-8":
        return content.decode(coding)
    from pymarc.marc8 import marc8_to_unicode  # its tables cost 7 MB, and hardly anybody needs them

    try:
        parts = content.split(_SUBFIELD.encode())
        return _SUBFIELD.join(str(marc8_to_unicode(part, hide_utf8_warnings=True)) for part in parts)
    except (LookupError, ValueError, TypeError) as error:
        raise BrokenRecord("its text cannot be read as MARC-8") from error


def _field(tag: str, content: str) -> Field:
    if tag < "010" and tag.isdigit():
        return Field(tag, "", (("", content.strip()),))
    indicators, *subfields = content.split(_SUBFIELD)
    return Field(tag, f"{indicators:<2}"[:2], tuple((part[0], part[1:].strip()) for part in subfields if part))
