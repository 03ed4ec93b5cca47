"""What an IIN looks like, so that none is ever kept: six digits of a birth date, one of century and sex, a serial
number and a check digit.

Source: DOMAIN.md 3 (the state's rules for the numbers; the check digit is a weighed sum modulo 11).
"""

from __future__ import annotations

import re

_SHAPE = re.compile(r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[0-6]\d{5}")
_WEIGHTS = (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))


def is_iin(text: str) -> bool:
    """Whether a cell holds an IIN and nothing else."""
    digits = text.strip().replace(" ", "")
    if not digits.isascii() or _SHAPE.fullmatch(digits) is None:
        return False
    for weights in _WEIGHTS:
        check = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
        if check < 10:
            return check == int(digits[11])
    return False
