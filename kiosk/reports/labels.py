"""Sheets of labels for copies, of blank labels, and of reader cards, each with a code for scanners."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from kiosk.circulation.sheets import CardFace, LabelFace
from kiosk.reports.bars import Code, bars, squares
from kiosk.reports.label_papers import LabelPaper
from kiosk.reports.paper import A4, POINT, Box, Paper
from kiosk.text import Words

Face = TypeVar("Face")

SAFE = 2.0
"""So far from a label's edge nothing is printed: papers slip."""
EDGE = 5.0
"""So far from the sheet's edge no printer prints."""
_LOW = 28.0
"""Labels lower than this have small letters."""


def label_sheets(
    faces: Sequence[LabelFace],
    paper: LabelPaper,
    code: Code,
    start: int,
    shift: tuple[float, float],
    school: str,
    made: datetime,
    words: Words,
) -> bytes:
    """Labels for copies; those without a title are blank ones. Raises CodeError for a number that has no code."""

    def draw(sheet: Paper, face: LabelFace, box: Box) -> None:
        _label(sheet, face, box, code, school)

    return _sheets(words.label("paper.labels"), faces, draw, paper, start, shift, made, words)


def card_sheets(
    faces: Sequence[CardFace],
    paper: LabelPaper,
    code: Code,
    start: int,
    shift: tuple[float, float],
    school: str,
    made: datetime,
    words: Words,
) -> bytes:
    """Reader cards. Raises CodeError for a number that has no code."""

    def draw(sheet: Paper, face: CardFace, box: Box) -> None:
        _card(sheet, face, box, code, school, words)

    return _sheets(words.label("paper.cards"), faces, draw, paper, start, shift, made, words)


def _sheets(
    title: str,
    faces: Sequence[Face],
    draw: Callable[[Paper, Face, Box], None],
    paper: LabelPaper,
    start: int,
    shift: tuple[float, float],
    made: datetime,
    words: Words,
) -> bytes:
    sheets = Paper(title, words.language, made)
    for face, (sheet, box) in zip(faces, paper.boxes(start, len(faces), shift), strict=True):
        while sheets.pages <= sheet:
            sheets.add_page()
        if paper.cut:
            sheets.frame(box, 0.1, 190)
        draw(sheets, face, box)
    return sheets.finish()


def _label(sheet: Paper, face: LabelFace, box: Box, code: Code, school: str) -> None:
    low = box.height < _LOW
    number, small = (8.0, 5.5) if low else (11.0, 7.5)
    inside = _printable(box.inside(SAFE, SAFE if not low else 1.3))
    if code == "qr":
        _beside(sheet, face, inside, number, small, school)
        return
    top = small * POINT * 1.1
    below = number * POINT * 1.15
    title = small * POINT * (1.2 if low else 2.4) if face.title else 0.0
    sheet.boxed(school, Box(inside.x, inside.y, inside.width, top), small, most=1, align="centre", grey=70)
    tall = inside.height - top - below - title - 0.6
    # The white beside the bars may lie at the label's edge: it is white there, too.
    sheet.black(bars(face.number, Box(box.x, inside.y + top + 0.3, box.width, tall)))
    under = inside.y + top + 0.3 + tall
    sheet.boxed(_spoken(face), Box(inside.x, under + 0.3, inside.width, below), number, 5, True, "centre", 1)
    if face.title:
        box = Box(inside.x, under + below + 0.2, inside.width, title)
        sheet.boxed(face.title, box, small, small - 1, align="centre", most=1 if low else 2)


def _printable(box: Box) -> Box:
    """What of a place on the sheet a printer reaches."""
    left, top = max(box.x, EDGE), max(box.y, EDGE)
    right, bottom = min(box.x + box.width, A4[0] - EDGE), min(box.y + box.height, A4[1] - EDGE)
    return Box(left, top, right - left, bottom - top)


def _beside(sheet: Paper, face: LabelFace, inside: Box, number: float, small: float, school: str) -> None:
    """A QR code, and the words at its right."""
    side = min(inside.height, inside.width * 0.45)
    sheet.black(squares(face.number, Box(inside.x, inside.y + (inside.height - side) / 2, side, side)))
    x, width = inside.x + side + 1, inside.width - side - 1
    third = inside.height / 3
    sheet.boxed(school, Box(x, inside.y, width, third), small, small - 1, grey=70)
    sheet.boxed(_spoken(face), Box(x, inside.y + third, width, third), number, 5, True, most=1 if face.title else 2)
    if face.title:
        sheet.boxed(face.title, Box(x, inside.y + 2 * third, width, third), small, small - 1)


def _spoken(face: LabelFace) -> str:
    """The number for people, and the one in the inventory book if it is another."""
    if face.inventory_no and face.inventory_no != face.number:
        return f"{face.number} · {face.inventory_no}"
    return face.number


def _card(sheet: Paper, face: CardFace, box: Box, code: Code, school: str, words: Words) -> None:
    inside = box.inside(5, 4)
    sheet.boxed(school, Box(inside.x, inside.y, inside.width - 26, 6.5), 8.5, 7, True, most=2)
    title = Box(inside.x + inside.width - 26, inside.y, 26, 6.5)
    sheet.boxed(words.label("paper.card"), title, 7.5, 6, align="right", grey=90)
    sheet.rule(inside.x, inside.y + 7.5, inside.x + inside.width, inside.y + 7.5, 0.4, 25)
    said = words.school_class(face.school_class) if face.school_class else ""
    if code == "qr":
        side, width = 30.0, inside.width - 32
        sheet.black(squares(face.number, Box(inside.x + width + 2, inside.y + 10, side, side)))
        sheet.boxed(face.name, Box(inside.x, inside.y + 11, width, 15), 14, 9, True, most=3)
        sheet.boxed(said, Box(inside.x, inside.y + 27, width, 6), 12)
        sheet.boxed(face.number, Box(inside.x, inside.y + 40, width, 5), 9.5, 6.5)
        return
    sheet.boxed(face.name, Box(inside.x, inside.y + 9, inside.width, 12), 14, 9, True)
    sheet.boxed(said, Box(inside.x, inside.y + 21.5, inside.width, 5.5), 12)
    sheet.black(bars(face.number, Box(box.x, inside.y + 28.5, box.width, 12)))
    sheet.boxed(face.number, Box(inside.x, inside.y + 41.2, inside.width, 4.8), 9.5, 6, align="centre", most=1)
