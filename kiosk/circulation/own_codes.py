"""Numbers that a kiosk gives by itself: those on blank labels, which become copies' numbers, and those of new cards.

A blank label's number is a prefix, the roll's number (8 digits), the label's number on the roll (3 digits) and a check
digit: N 41730562 017 7. A roll's number is drawn by lot, so that kiosks that know nothing of each other print different
rolls: of a school's first 50 rolls two are alike once in 80,000 schools. A kiosk never draws one that it knows. A new
card's number is a prefix, 10 digits drawn by lot, which nobody can guess from a neighbour's, and a check digit.
The check digit is Luhn's over the digits (ISO/IEC 7812).
"""

from __future__ import annotations

import re

from kiosk.circulation.luhn import check_digit, has_check_digit

ROLL_DIGITS = 8
SERIAL_DIGITS = 3
MOST_LABELS = 10**SERIAL_DIGITS
CARD_DIGITS = 10
_LABEL = re.compile(rf"\d{{{ROLL_DIGITS + SERIAL_DIGITS + 1}}}", re.ASCII)
_CARD = re.compile(rf"\d{{{CARD_DIGITS + 1}}}", re.ASCII)


def label_number(prefix: str, roll: int, serial: int) -> str:
    """The number on a label of a roll: `label_number("N", 41730562, 17) == "N417305620177"`."""
    return _checked(prefix, f"{roll:0{ROLL_DIGITS}d}{serial:0{SERIAL_DIGITS}d}")


def card_number(prefix: str, lot: int) -> str:
    """The number of a new card."""
    return _checked(prefix, f"{lot:0{CARD_DIGITS}d}")


def is_label(code: str, prefix: str) -> bool:
    """Whether a code is a blank label's number, its check digit right. prefix: "" if there are no such labels."""
    return _is(code, prefix, _LABEL)


def is_card(code: str, prefix: str) -> bool:
    """Whether a code is a card's number that a kiosk gave, its check digit right."""
    return _is(code, prefix, _CARD)


def roll_of(code: str, prefix: str) -> int | None:
    """The roll that a label is from; None for what is no blank label's number."""
    return int(code[len(prefix) :][:ROLL_DIGITS]) if is_label(code, prefix) else None


def _is(code: str, prefix: str, digits: re.Pattern[str]) -> bool:
    alike = prefix and code.startswith(prefix) and digits.fullmatch(code, len(prefix))
    return bool(alike) and has_check_digit(code)


def _checked(prefix: str, digits: str) -> str:
    return f"{prefix}{digits}{check_digit(digits)}"
