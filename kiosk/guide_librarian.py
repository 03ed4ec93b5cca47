"""The librarian's guide: her year with textbooks, August to May, a page or two a month, with pictures of the screen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.guide_paper import folded

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

YEAR: Mapping[str, Mapping[str, str]] = {
    "august": {
        "lists": "lists-preview",
        "sets": "sets",
        "class": "staff-classes",
        "pile": "tb-pupil",
        "aside": "tb-aside",
        "matrix": "tb-class",
    },
    "september": {"added": "staff-text", "papers": "papers", "exceptions": "exceptions"},
    "october": {"names": "care-names", "score": "care-pupil"},
    "january": {"second": "tb-pupil-many"},
    "may": {"collect": "collect-pupil", "condition": "collect-condition", "leaver": "clearance"},
}
"""Of each month its steps (their words are `librarian.MONTH.STEP`), and the state of the screen that is its picture."""

PAGE = (1240, 1754)
"""A4 at 150 dots an inch."""
DPI = 150
MARGIN, GAP, HEAD = 80, 40, 64
TITLE, NUMBER, SENTENCE, FOOT = 56, 44, 27, 20
PAPER, INK, SECOND, MARK = "#FFFDF8", "#1E2A32", "#515C66", "#8C2F27"
PICTURE = 560
"""How wide one is; its height is three fifths of that."""


def pictures() -> tuple[str, ...]:
    """The states of the screen that the guide shows."""
    return tuple(state for steps in YEAR.values() for state in steps.values())


def pages_of(folder: Path, language: str) -> list[Image]:
    """The guide in a language. folder: with the pictures of these states, in the size of the smallest panel."""
    sheets = _Sheets(language)
    for month, steps in YEAR.items():
        for at, (step, state) in enumerate(steps.items()):
            heading = f"librarian.{month}" if at == 0 or sheets.full else ""
            sheets.add(folder / f"{state}-{language}-800x480.png", heading, at + 1, f"librarian.{month}.{step}")
    return sheets.pages


class _Sheets:
    """Pages that are filled from the top: a month's heading, and below it its steps, picture left, words right."""

    def __init__(self, language: str) -> None:
        from kiosk.text import words

        self._words = words(language)
        self.pages: list[Image] = []
        self._top = PAGE[1]

    @property
    def full(self) -> bool:
        """Whether no step has room any more."""
        return self._top + PICTURE * 3 // 5 > PAGE[1] - MARGIN

    def add(self, picture: Path, heading: str, number: int, words: str) -> None:
        """A step, on a new page if this one has no room for it and its heading."""
        from PIL import Image, ImageDraw

        height = PICTURE * 3 // 5
        if self._top + (TITLE + HEAD if heading else 0) + height > PAGE[1] - MARGIN:
            self._begin_page()
        page, top = self.pages[-1], self._top
        pen = ImageDraw.Draw(page)
        if heading:
            pen.text((MARGIN, top), self._words.label(heading), MARK, _font(TITLE))
            top += TITLE + HEAD // 2
        with Image.open(picture) as shot:
            page.paste(shot.convert("RGB").resize((PICTURE, height)), (MARGIN, top))
        pen.rectangle((MARGIN, top, MARGIN + PICTURE, top + height), outline=INK, width=2)
        left, line = MARGIN + PICTURE + GAP, top
        pen.text((left, line - 6), str(number), MARK, _font(NUMBER))
        line += NUMBER + 16
        for text in folded(self._words.label(words), _font(SENTENCE, bold=False), PAGE[0] - MARGIN - left):
            pen.text((left, line), text, INK, _font(SENTENCE, bold=False))
            line += round(SENTENCE * 1.34)
        self._top = max(top + height, line) + GAP

    def _begin_page(self) -> None:
        from PIL import Image, ImageDraw

        self.pages.append(Image.new("RGB", PAGE, PAPER))
        pen = ImageDraw.Draw(self.pages[-1])
        pen.text((MARGIN, MARGIN - 46), self._words.label("librarian.title"), SECOND, _font(FOOT + 4, bold=False))
        pen.text((PAGE[0] // 2, PAGE[1] - MARGIN // 2), str(len(self.pages)), SECOND, _font(FOOT), anchor="mm")
        self._top = MARGIN


def _font(size: int, bold: bool = True) -> FreeTypeFont:
    from PIL import ImageFont

    name = "Onest_700Bold.ttf" if bold else "Onest_500Medium.ttf"
    return ImageFont.truetype(Path(__file__).parent / "screens" / "fonts" / name, size)
