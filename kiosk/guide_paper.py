"""Sentences of the guides, broken into lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

NARROWER = 20
"""Pixels, by which lines are tried to be shorter."""


def balanced(sentence: str, font: FreeTypeFont, width: float) -> list[str]:
    """The same lines, as even as they go: no word stands alone on the last one that could have company."""
    lines = folded(sentence, font, width)
    while width > NARROWER and len(closer := folded(sentence, font, width - NARROWER)) == len(lines):
        if max(map(font.getlength, closer)) > width:
            break
        lines, width = closer, width - NARROWER
    return lines


def folded(sentence: str, font: FreeTypeFont, width: float) -> list[str]:
    """The lines of a sentence, none wider than `width` pixels if a word is not."""
    lines: list[str] = []
    for word in sentence.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
