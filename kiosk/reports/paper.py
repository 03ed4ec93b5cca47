"""Sheets of paper, drawn in millimetres from the upper left corner, and given out as a PDF.

fpdf2 is imported when the first sheet is made. Texts go through `fitting.clean`: what a name contains never becomes
anything but letters.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal

from kiosk.reports.fitting import clean, shortened, wrapped

Align = Literal["left", "centre", "right"]

POINT = 25.4 / 72
"""A point in millimetres."""
LEADING = 1.22
"""From one line to the next, in sizes of the letters."""
_ABOVE, _BELOW = 0.72, 0.2
"""How far capitals rise above the line they stand on, and tails hang below it, in sizes."""
_REGULAR, _BOLD = "Onest_500Medium.ttf", "Onest_700Bold.ttf"
A4 = (210.0, 297.0)
INK = 25


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the sheet, in millimetres."""

    x: float
    y: float
    width: float
    height: float

    def inside(self, across: float, down: float) -> Box:
        """What is left of it within margins."""
        return Box(self.x + across, self.y + down, max(self.width - 2 * across, 0.1), max(self.height - 2 * down, 0.1))


class Paper:
    """The sheets of one document. title: of the document; language: of its words; made: when, as the file notes it."""

    def __init__(self, title: str, language: str, made: datetime, landscape: bool = False) -> None:
        from fpdf import FPDF

        # They tell which letters a font was cut down to: those of people's names.
        for library in ("fontTools", "fpdf"):
            logging.getLogger(library).setLevel(logging.WARNING)
        self._pdf = FPDF("landscape" if landscape else "portrait", "mm", "A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        for style, name in (("", _REGULAR), ("B", _BOLD)):
            self._pdf.add_font("onest", style, str(files("kiosk").joinpath("screens", "fonts", name)))
        self._letters = self._pdf.fonts["onest"].cmap  # type: ignore[union-attr]
        # Of a letter, in thousandths of its size. fpdf2 measures as well, but looks for directions of writing first.
        self._widths: dict[bool, Any] = {
            bold: self._pdf.fonts["onestB" if bold else "onest"].cw for bold in (False, True)
        }
        self._pdf.set_title(self.clean(title))
        self._pdf.set_lang(language)
        self._pdf.set_creator("kiosk")
        self._pdf.set_creation_date(made)
        self.width, self.height = reversed(A4) if landscape else A4

    @property
    def pages(self) -> int:
        """How many sheets there are."""
        return len(self._pdf.pages)

    def add_page(self) -> None:
        """Go on on a new sheet."""
        self._pdf.add_page()

    def go_to(self, page: int) -> None:
        """Go on on a sheet that is there, 1 the first."""
        self._pdf.page = page
        self._pdf.current_font_is_set_on_page = False

    def clean(self, text: str) -> str:
        """See `fitting.clean`."""
        return clean(text, self._letters)

    def measure(self, text: str, size: float, bold: bool = False) -> float:
        """The width of a text, in millimetres. size: in points."""
        widths = self._widths[bold]
        return float(sum(widths[ord(letter)] for letter in text) * size * POINT / 1000)

    def write(
        self,
        text: str,
        x: float,
        baseline: float,
        size: float,
        bold: bool = False,
        align: Align = "left",
        grey: int = INK,
        within: float = 0.0,
    ) -> None:
        """One line of text. x: where it begins, has its middle or ends, by `align`. within: cut at this width."""
        text = self.clean(text)
        if within:
            text = shortened(text, within, lambda part: self.measure(part, size, bold))
        self._line(text, x, baseline, size, bold, align, grey)

    def _line(self, text: str, x: float, baseline: float, size: float, bold: bool, align: Align, grey: int) -> None:
        width = self.measure(text, size, bold)
        left = {"left": x, "centre": x - width / 2, "right": x - width}[align]
        if text:
            self._pdf.set_font("onest", "B" if bold else "", size)
            self._pdf.set_text_color(grey)
            self._pdf.text(left, baseline, text)

    def fitted(
        self, text: str, width: float, size: float, bold: bool = False, most: int = 2
    ) -> tuple[list[str], float]:
        """The lines in which a text goes into a width, at most so many, and their height in millimetres."""
        lines = wrapped(self.clean(text), width, lambda part: self.measure(part, size, bold), most)
        return lines, size * POINT * (_ABOVE + _BELOW + (len(lines) - 1) * LEADING)

    def boxed(
        self,
        text: str,
        box: Box,
        size: float,
        smallest: float | None = None,
        bold: bool = False,
        align: Align = "left",
        most: int = 2,
        grey: int = INK,
        top: bool = False,
    ) -> None:
        """A text in a box, in the middle of its height, or at its top. Letters get smaller down to `smallest` points
        before words are cut; what does not go into the box even then ends in …"""
        lines, size = self._shrunk(text, box, size, smallest or size, bold, most)
        used = size * POINT * (_ABOVE + _BELOW + (len(lines) - 1) * LEADING)
        y = box.y + (0 if top else (box.height - used) / 2) + size * POINT * _ABOVE
        x = {"left": box.x, "centre": box.x + box.width / 2, "right": box.x + box.width}[align]
        for line in lines:
            self._line(line, x, y, size, bold, align, grey)
            y += size * POINT * LEADING

    def _shrunk(
        self, text: str, box: Box, size: float, smallest: float, bold: bool, most: int
    ) -> tuple[list[str], float]:
        text = self.clean(text)
        while True:
            room = int((box.height / (size * POINT) - _ABOVE - _BELOW) / LEADING + 1.001)
            may = max(1, min(most, room))
            lines = wrapped(text, box.width, lambda part, at=size: self.measure(part, at, bold), may)  # type: ignore[misc]
            whole = "".join("".join(lines).split()) == "".join(text.split())
            if (whole and not _breaks_a_word(text, lines)) or size <= smallest:
                return lines, size
            size = max(size - 0.5, smallest)

    def upright(self, text: str, box: Box, size: float, smallest: float, bold: bool = False, most: int = 2) -> None:
        """A text that is read from the bottom to the top, at the foot of a box."""
        turned = Box(box.x, box.y + box.height, box.height, box.width)
        with self._pdf.rotation(90, turned.x, turned.y):
            self.boxed(text, turned, size, smallest, bold, "left", most)
        self._pdf.current_font_is_set_on_page = False

    def rule(
        self, x1: float, y1: float, x2: float, y2: float, thick: float = 0.15, grey: int = 150, dashed: bool = False
    ) -> None:
        """A straight line. thick: in millimetres."""
        self._pdf.set_draw_color(grey)
        self._pdf.set_line_width(thick)
        self._pdf.set_dash_pattern(*((1.0, 1.0) if dashed else (0.0, 0.0)))
        self._pdf.line(x1, y1, x2, y2)

    def fill(self, box: Box, grey: int = 0) -> None:
        """A filled rectangle."""
        self._pdf.set_fill_color(grey)
        self._pdf.rect(box.x, box.y, box.width, box.height, style="F")

    def frame(self, box: Box, thick: float = 0.15, grey: int = 150) -> None:
        """The outline of a rectangle."""
        self._pdf.set_draw_color(grey)
        self._pdf.set_line_width(thick)
        self._pdf.set_dash_pattern()
        self._pdf.rect(box.x, box.y, box.width, box.height)

    def black(self, boxes: Sequence[Box]) -> None:
        """The dark parts of a code."""
        self._pdf.set_fill_color(0)
        for box in boxes:
            self._pdf.rect(box.x, box.y, box.width, box.height, style="F")

    def finish(self) -> bytes:
        """The document as the bytes of a PDF file."""
        return bytes(self._pdf.output())


def _breaks_a_word(text: str, lines: Sequence[str]) -> bool:
    """Whether a line ends within a word, which a smaller letter might mend."""
    words = text.split(" ")
    return any(len(line) and line.split(" ")[-1] not in words and not line.endswith("-") for line in lines[:-1])
