"""How words go into a box, and buttons into a bar. Pure: the width of a text comes from outside.

A text is wrapped, set in the largest of its sizes that fits, and only if none does is it cut, with «…».
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Measure = Callable[[str, float], float]
"""Width in pixels of a text without line breaks at a size."""

NBSP = "\u00a0"
ELLIPSIS = "…"
_SPACE = re.compile(r"[ \t\r\n]+")
_SHORT = re.compile(r"(?<!\w)(\w{1,2}) (?=\S)")
_LAST = re.compile(r" (\S{1,2})$|(?<=:) (\S{1,6})$")


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a text is to be set. whole: nothing of it was cut."""

    size: float
    lines: tuple[str, ...]
    whole: bool


def one_line(text: str) -> str:
    """The text with its blanks as single ones and no line breaks."""
    return _SPACE.sub(" ", text).strip(" ")


def glue(text: str) -> str:
    """No word of one or two letters ends a line, it stays with the next one; nor is it the last line alone, nor what a
    colon announces.
    """
    return _LAST.sub(rf"{NBSP}\1\2", _SHORT.sub(rf"\1{NBSP}", text))


def wrap(text: str, width: float, size: float, measure: Measure) -> list[str]:
    """Lines of at most that width. A word that is wider than a whole line is broken where it must be."""
    lines: list[str] = []
    for word in glue(one_line(text)).split(" "):
        if lines and measure(f"{lines[-1]} {word}", size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        elif measure(word, size) <= width:
            lines.append(word)
        else:
            lines.extend(_pieces(word, width, size, measure))
    return lines or [""]


def _pieces(word: str, width: float, size: float, measure: Measure) -> list[str]:
    """The parts of a word that fit: broken at a glued blank, else after a hyphen, else anywhere."""
    for parts in (word.split(NBSP), re.split(r"(?<=-)", word)):
        if len(parts) > 1 and all(measure(part, size) <= width for part in parts):
            return parts
    pieces = [""]
    for letter in word:
        if pieces[-1] and measure(pieces[-1] + letter, size) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def fit(
    text: str,
    width: float,
    sizes: Sequence[float],
    measure: Measure,
    lines_at: Callable[[float], int],
) -> Fitted:
    """Set a text in the largest of the sizes (given largest first) at which it is whole, else cut it at the smallest.

    lines_at: how many lines the box holds at a size. A word is broken only where every size would break it.
    """
    unbroken: list[Fitted] = []
    broken: list[Fitted] = []
    parts = re.split(rf"[ {NBSP}]|(?<=-)", glue(one_line(text)))
    for size in sizes:
        lines = wrap(text, width, size, measure)
        if len(lines) <= lines_at(size):
            whole = Fitted(size, tuple(lines), True)
            (unbroken if all(measure(part, size) <= width for part in parts) else broken).append(whole)
    for found in (unbroken, broken):
        if found:
            return found[0]
    size = sizes[-1]
    most = max(lines_at(size), 1)
    lines = wrap(text, width, size, measure)[:most]
    last = lines[-1]
    while last and measure(last.rstrip() + ELLIPSIS, size) > width:
        last = last[:-1]
    return Fitted(size, (*lines[:-1], last.rstrip(f" {NBSP},.:;") + ELLIPSIS), False)


def bar_widths(one: Sequence[float], two: Sequence[float], available: float, comfortable: float) -> list[float]:
    """How wide the buttons of a bar are, together at most `available` if that is possible at all.

    one, two: each button's width with its words on one and on two lines; if one of them needs two, all take two.
    What is left over makes every button up to `comfortable` wide, the narrowest first.
    """
    widths = list(one if sum(one) <= available else two)
    if sum(widths) > available:
        return _lower_widest(widths, available)
    return _raise_narrowest(widths, available - sum(widths), comfortable)


def _lower_widest(widths: list[float], available: float) -> list[float]:
    """Cut the widest down to one common width, so that all fit; their words are then set smaller."""
    rest, most = available, 0.0
    for done, width in enumerate(sorted(widths)):
        most = rest / (len(widths) - done)
        if width > most:
            break
        rest -= width
    return [min(width, most) for width in widths]


def pages(cells: Sequence[int], columns: int, lines: int) -> list[list[tuple[int, int, int]]]:
    """Put tiles of one or more cells into grids, in reading order: pages of (which tile, its column, its line)."""
    found: list[list[tuple[int, int, int]]] = [[]]
    column = line = 0
    for at, width in enumerate(cells):
        if column + width > columns:
            column, line = 0, line + 1
        if line >= lines:
            found.append([])
            column = line = 0
        found[-1].append((at, column, line))
        column += width
    return found


def _raise_narrowest(widths: list[float], spare: float, most: float) -> list[float]:
    """Give what is spare to the narrowest, up to a width of `most` each."""
    low = min(widths, default=most)
    while spare > 0.5 and low < most:
        lowest = [at for at, width in enumerate(widths) if width <= low + 0.01]
        above = min((width for width in widths if width > low + 0.01), default=most)
        step = min(min(above, most) - low, spare / len(lowest))
        for at in lowest:
            widths[at] += step
        spare -= step * len(lowest)
        low += step
    return widths
