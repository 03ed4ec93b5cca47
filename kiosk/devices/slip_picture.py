"""A slip as a picture for a receipt printer: the printers' own letters lack Kazakh ones. Black on white, one bit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from kiosk.circulation.slip import Slip, SlipLine
from kiosk.circulation.views import Days, Message
from kiosk.text import Words

_DESIGNED_FOR = 576
_MARGIN = 12
_GAP = 10
_MOST_LINES = 3
_MOST_BOOKS = 40
_DARK = 150
"""Thin strokes of small letters are grey at their edges: what is darker than this becomes black."""


def draw(slip: Slip, school: str, words: Words, width: int) -> Image.Image:
    """The slip in dots, as long as it needs. width: dots."""
    paper = _Paper(width)
    paper.write(school, 26, centred=True)
    paper.rule()
    day = words.date_numeric(slip.day) if slip.day is not None else ""
    paper.write(words.say(Message.of("rcpt.reader", name=slip.reader)), 30, bold=True)
    paper.write(day, 24)
    if slip.lent:
        paper.space()
        _lent(paper, slip.lent, words)
    if slip.returned:
        paper.space()
        paper.write(words.label("rcpt.return"), 34, bold=True)
        _books(paper, slip.returned)
    paper.space()
    paper.rule()
    paper.write(words.label("rcpt.care"), 24, centred=True)
    return paper.finished()


def _lent(paper: _Paper, lines: Sequence[SlipLine], words: Words) -> None:
    """One date for all the books stands large at their end; different ones, each below its book."""
    paper.write(words.label("rcpt.loan"), 34, bold=True)
    dues = {_due(one, words) for one in lines}
    if len(dues) == 1:
        _books(paper, lines)
        paper.space()
        label, _, value = dues.pop().partition(": ")
        paper.write(f"{label}:" if value else "", 24)
        paper.write(value[:1].upper() + value[1:] or label, 40, bold=True)
        return
    for number, line in enumerate(lines[:_MOST_BOOKS], 1):
        _book(paper, number, line)
        paper.write(_due(line, words), 26, bold=True, indent=38)
    _more(paper, lines)


def _due(line: SlipLine, words: Words) -> str:
    if line.due is not None:
        return words.say(Message.of("rcpt.due", date=line.due))
    return words.say(Message.of("rcpt.due", date=Days(line.days))) if line.days is not None else ""


def _books(paper: _Paper, lines: Sequence[SlipLine]) -> None:
    for number, line in enumerate(lines[:_MOST_BOOKS], 1):
        _book(paper, number, line)
    _more(paper, lines)


def _more(paper: _Paper, lines: Sequence[SlipLine]) -> None:
    if len(lines) > _MOST_BOOKS:
        paper.write(f"+{len(lines) - _MOST_BOOKS}", 30, bold=True)


def _book(paper: _Paper, number: int, line: SlipLine) -> None:
    paper.write(line.title, 30, bold=True, indent=38, mark=f"{number}.")
    paper.write(line.author, 22, indent=38)


class _Paper:
    """A strip of paper, written from top to bottom. Sizes are those of 80 mm paper; narrower paper gets smaller ones,
    but not in proportion: its letters are to be read by the same eyes."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._scale = (width / _DESIGNED_FOR) ** 0.5
        self._rows: list[tuple[int, int, str, ImageFont.FreeTypeFont]] = []
        self._rules: list[int] = []
        self._y = self._px(_GAP)
        self._fonts: dict[tuple[int, bool], ImageFont.FreeTypeFont] = {}

    def _px(self, size: float) -> int:
        return int(size * self._scale + 0.5)

    def _font(self, size: int, bold: bool) -> ImageFont.FreeTypeFont:
        if (size, bold) not in self._fonts:
            name = "Onest_700Bold.ttf" if bold else "Onest_500Medium.ttf"
            data = files("kiosk").joinpath("screens", "fonts", name).read_bytes()
            self._fonts[size, bold] = ImageFont.truetype(BytesIO(data), self._px(size))
        return self._fonts[size, bold]

    def write(
        self, text: str, size: int, bold: bool = False, centred: bool = False, indent: int = 0, mark: str = ""
    ) -> None:
        """A paragraph; nothing if it is empty. mark: stands before it, in the room of `indent`."""
        if not text:
            return
        font = self._font(size, bold)
        left = _MARGIN + self._px(indent)
        for number, line in enumerate(_wrapped(text, font, self._width - left - _MARGIN)):
            x = left if not centred else round((self._width - font.getlength(line)) / 2)
            if number == 0 and mark:
                self._rows.append((_MARGIN, self._y, mark, font))
            self._rows.append((x, self._y, line, font))
            self._y += self._px(size * 1.25)

    def space(self) -> None:
        """A gap between parts."""
        self._y += self._px(2 * _GAP)

    def rule(self) -> None:
        """A line across."""
        self._y += self._px(_GAP)
        self._rules.append(self._y)
        self._y += self._px(_GAP)

    def finished(self) -> Image.Image:
        """The picture."""
        picture = Image.new("L", (self._width, self._y + self._px(_GAP)), 255)
        canvas = ImageDraw.Draw(picture)
        for x, y, text, font in self._rows:
            canvas.text((x, y), text, fill=0, font=font)
        for y in self._rules:
            canvas.line((_MARGIN, y, self._width - _MARGIN, y), fill=0, width=2)
        return picture.point(lambda grey: 0 if grey < _DARK else 255).convert("1", dither=Image.Dither.NONE)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Lines no wider than `width`; a word that is, is broken. The rest of a very long text is «…»."""
    printable = "".join(one if one.isprintable() else " " for one in text)
    lines = [""]
    # A number stays with the word after it: «5 қазан».
    for word in re.sub(r"(?<=\d) (?=\w)", "\u00a0", printable).split(" "):
        joined = f"{lines[-1]} {word}".strip()
        if font.getlength(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and font.getlength(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
        if len(lines) > _MOST_LINES:
            break
    if len(lines) <= _MOST_LINES:
        return lines
    last = lines[_MOST_LINES - 1]
    while last and font.getlength(last + "…") > width:
        last = last[:-1]
    return [*lines[: _MOST_LINES - 1], last + "…"]
