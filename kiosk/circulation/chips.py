"""The number of a card's chip, in the forms that readers and lists give it, brought to one: one card is one patron on
any reader.

A reader gives the chip's bytes, of which there are 5 (EM4100, 125 kHz: a version byte and 4 of number), 4, 7 or 10
(MIFARE and ISO 14443), as hexadecimal digits or as a decimal number, forwards or backwards, with leading zeros or
without. The canonical form is `UID:` and the bytes forwards as hexadecimal digits; the version byte of an EM4100 is
left out, since no decimal form has it. A reader that gives 8 digits (3 of "facility", 5 of number; Wiegand 26) knows
only three bytes: a school that has one keeps the same three bytes of every card, whatever read it.
"""

from __future__ import annotations

import re
from enum import StrEnum

PREFIX = "UID:"
_CANONICAL = re.compile(r"UID:(?:[0-9A-F]{2}){3,10}")
_SEPARATORS = re.compile(r"[\s:.\-]")
_WITH_COMMA = re.compile(r"(\d{1,3})\s*,\s*(\d{1,5})")
_AS_PRINTED = re.compile(r"(\d{10})\s+(\d{3}\s*,\s*\d{5})")


class ChipForm(StrEnum):
    """How a reader or a list writes chip numbers. Backwards: the last byte first."""

    HEX = "hex"
    HEX_BACKWARDS = "hex_backwards"
    DECIMAL = "decimal"
    DECIMAL_BACKWARDS = "decimal_backwards"
    FACILITY = "facility"
    FACILITY_BACKWARDS = "facility_backwards"


class Keep(StrEnum):
    """Which bytes of a chip make a card's number: all, or three, where some reader gives no more."""

    WHOLE = "whole"
    LAST_3 = "last_3"
    FIRST_3 = "first_3"


NEEDS = {ChipForm.FACILITY: Keep.LAST_3, ChipForm.FACILITY_BACKWARDS: Keep.FIRST_3}
"""What a school has to keep that has a reader of these forms."""
_BACKWARDS = frozenset({ChipForm.HEX_BACKWARDS, ChipForm.DECIMAL_BACKWARDS, ChipForm.FACILITY_BACKWARDS})


def is_canonical(code: str) -> bool:
    """Whether a code is a chip number in the canonical form."""
    return _CANONICAL.fullmatch(code) is not None


def canonical(written: str, form: ChipForm, keep: Keep = Keep.WHOLE) -> str | None:
    """The canonical form of a chip number; None if it is none in that form, or is too short for what is kept."""
    text = written.strip()
    if form in NEEDS:
        found = _from_facility(text) if keep is NEEDS[form] else None
    elif form in (ChipForm.HEX, ChipForm.HEX_BACKWARDS):
        found = _from_hex(_SEPARATORS.sub("", text))
    else:
        found = _from_decimal(text)
    if found is None:
        return None
    return of_bytes(found[::-1] if form in _BACKWARDS else found, keep)


def of_bytes(uid: bytes, keep: Keep = Keep.WHOLE) -> str | None:
    """The canonical form of a chip's bytes, forwards; None if no chip has so many, or the read failed: all are zero."""
    if len(uid) not in (3, 4, 5, 7, 10):
        return None
    number = uid[1:] if len(uid) == 5 else uid
    kept = {Keep.WHOLE: number, Keep.LAST_3: number[-3:], Keep.FIRST_3: number[:3]}[keep]
    return PREFIX + kept.hex().upper() if any(kept) else None


def _from_hex(digits: str) -> bytes | None:
    """Leading zeros may be missing: the next size that a chip has."""
    if not re.fullmatch(r"[0-9A-Fa-f]{4,20}", digits):
        return None
    size = next(size for size in (4, 5, 7, 10) if len(digits) <= 2 * size)
    return bytes.fromhex(digits.rjust(2 * size, "0"))


def _from_decimal(text: str) -> bytes | None:
    """Up to 10 digits are 4 bytes; more are 7. What is printed on a card may follow, and must then be the same."""
    if printed := _AS_PRINTED.fullmatch(text):
        whole, short = _from_decimal(printed[1]), _from_facility(printed[2])
        return whole if whole is not None and whole[1:] == short else None
    digits = _SEPARATORS.sub("", text)
    if not re.fullmatch(r"[0-9]{4,17}", digits):
        return None
    number, size = int(digits), 4 if len(digits) <= 10 else 7
    return number.to_bytes(size, "big") if number < 1 << 8 * size else None


def _from_facility(text: str) -> bytes | None:
    """Three bytes out of `188,24910`, `18824910` or `5,00123` without its zeros."""
    digits = _SEPARATORS.sub("", text)
    if comma := _WITH_COMMA.fullmatch(digits):
        facility, number = int(comma[1]), int(comma[2])
    elif re.fullmatch(r"[0-9]{4,8}", digits):
        facility, number = int(digits[:-5] or "0"), int(digits[-5:])
    else:
        return None
    return bytes([facility]) + number.to_bytes(2, "big") if facility < 256 and number < 65536 else None
