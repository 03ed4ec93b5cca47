"""Texts made fit for a page: nothing in them that moves others, and cut where a cell ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container

MOST_LETTERS = 500
_MOST_MARKS = 2
UNKNOWN = "?"
"""In place of a letter that the font lacks, so that its lack is seen."""

_LINE_ENDS = re.compile(r" |(?<=[^\W\d_]{2})-")
"""After a space, and after a hyphen between words; «2-бөлім» is one."""

Width = Callable[[str], float]


def clean(text: str, letters: Container[int]) -> str:
    """The text on one line, without control characters, without what turns the direction of writing, with at most two
    marks on a letter; a letter that is not among the font's becomes a question mark. letters: code points."""
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text[:MOST_LETTERS]):
        category = unicodedata.category(character)
        marks = marks + 1 if category[0] == "M" else 0
        if category == "Cc" or category[0] == "Z":
            kept.append(" ")
        elif category in ("Cf", "Cs", "Co", "Cn") or marks > _MOST_MARKS:
            continue
        elif ord(character) in letters:
            kept.append(character)
        elif not marks:
            kept.append(UNKNOWN)
    return " ".join("".join(kept).split())


def wrapped(text: str, width: float, measure: Width, most: int) -> list[str]:
    """The text in at most so many lines of a width; the last ends in … if there is more.

    A word that is wider than a line is broken by letters. Always one line at least.
    """
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most - 1:
        head = _head(rest, width, measure)
        lines.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
    if rest or not lines:
        lines.append(shortened(rest, width, measure))
    return lines


def shortened(text: str, width: float, measure: Width) -> str:
    """The text, or as much of it as goes into a width with … behind it."""
    if measure(text) <= width:
        return text
    return text[: _longest(text, width - measure("…"), measure)].rstrip(" ,;:·—-") + "…"


def _head(text: str, width: float, measure: Width) -> str:
    """As much of the text as goes into a line, by words if there is room for one."""
    if measure(text) <= width:
        return text
    end = max(_longest(text, width, measure), 1)
    if text[end : end + 1] == " ":
        return text[:end]
    ends = [match.end() for match in _LINE_ENDS.finditer(text[:end])]
    return text[: ends[-1]] if ends else text[:end]


def _longest(text: str, width: float, measure: Width) -> int:
    """How many letters go into a width."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= width else (low, middle - 1)
    return low
