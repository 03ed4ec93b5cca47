"""Luhn's check digit, which tells a misread or mistyped number. Source: ISO/IEC 7812 (modulo 10)."""

from __future__ import annotations


def check_digit(code: str) -> str:
    """The digit that makes a code's digits and it pass, whatever letters stand among them."""
    return str(-_sum([*_digits(code), 0]) % 10)


def has_check_digit(code: str) -> bool:
    """Whether the last of a code's digits is the check digit of those before it, and the code's end."""
    digits = _digits(code)
    return len(digits) >= 2 and code[-1] in "0123456789" and _sum(digits) % 10 == 0


def _digits(code: str) -> list[int]:
    return [int(character) for character in code if character in "0123456789"]


def _sum(digits: list[int]) -> int:
    doubled = (2 * digit for digit in digits[-2::-2])
    return sum(digits[::-2]) + sum(two - 9 if two > 9 else two for two in doubled)
