"""A class as a picture: its pupils by the subjects of their set. Six lines of it are touched as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kivy.properties import ListProperty, ObjectProperty

from kiosk.circulation.views import CellState
from kiosk.screens import strokes
from kiosk.screens.drawings import Picture
from kiosk.screens.fitting import ELLIPSIS
from kiosk.screens.lettering import measure
from kiosk.screens.look import Look
from kiosk.screens.strokes import block, framed
from kiosk.screens.themes import Colour, Tone
from kiosk.screens.tone import TICK

HEAD_HIGH = 22
"""Of the two-letter heads, 14 high, smaller only over many subjects: the one text under 16, and only staff read it."""
_HEAD_SIZE, _NAME_SIZE = 14, 16
_NAMES_WIDE = 114
_CELL = 18
_PITCH, _WIDE_PITCH = 21.6, 27
_ABSENT = "\ue4ce"
_SIGNS = {
    CellState.GIVEN: (TICK, Tone.BORROWED),
    CellState.OTHER_EDITION: (TICK, Tone.WAITING),
    CellState.CHECK: ("!", Tone.REFUSED),
    CellState.BACK: ("\ue07e", Tone.RETURNED),
    CellState.DAMAGED: ("\ue07e", Tone.REFUSED),
    CellState.LOST: ("\ue4f6", Tone.REFUSED),
}
"""What stands in a cell, and the tone of its ground; of the others only a frame is drawn."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line as it is drawn: a name, its cells or the words in their place; at: it is the present one."""

    name: str
    cells: tuple[CellState, ...]
    note: str = ""
    at: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the cells of a line are: the middle of the first, from one to the next, and how large one is."""

    first: float
    pitch: float
    size: float

    @classmethod
    def within(cls, look: Look, left: float, width: float, count: int, high: float) -> Columns:
        """Cells for so many subjects in a width; they are never larger than a line is high."""
        pitch = min(width / max(count, 1), look.px(_PITCH if width < look.px(320) else _WIDE_PITCH))
        size = min(look.px(_CELL), pitch - look.px(2.5), high - look.px(2.5))
        return cls(left + width - pitch * (max(count, 1) - 0.5), pitch, round(size))


class ClassPicture(Picture):
    """Heads, and lines of so many pixels. breaks: every so many lines are parted from the next by a rule."""

    heads = ListProperty([])
    lines = ListProperty([])
    line_high = ObjectProperty(22.6)
    breaks = ObjectProperty(6)
    shown_by = ("heads", "lines", "line_high", "breaks")

    def paint(self) -> None:
        """On paper."""
        look, palette = self.look, self.look.palette
        box = strokes.of_widget(self)
        framed(palette.row_frame, palette.paper, box, look.px(12), look.px(3))
        left = self.x + look.px(_NAMES_WIDE if not look.large else 150)
        wide = self.right - look.px(2) - left
        columns = Columns.within(look, left, wide, len(self.heads), self.line_high)
        size = look.type(_HEAD_SIZE)
        while size > look.pt(10) and any(measure(True)(head, size) > columns.pitch - 1 for head in self.heads):
            size -= 1
        for at, head in enumerate(self.heads):
            middle = (columns.first + at * columns.pitch, self.top - look.px(HEAD_HIGH * 0.58))
            strokes.sign(head, palette.ink, middle, size, "Onest")
        for at, line in enumerate(self.lines):
            middle_y = self.top - look.px(HEAD_HIGH + 1) - self.line_high * (at + 0.5)
            if at and at % self.breaks == 0:
                rule = (self.x + look.px(6), round(middle_y + self.line_high / 2) - 1, self.width - look.px(12))
                block(palette.line, (*rule, max(round(look.px(2)), 1)))
            self._line(line, middle_y, columns)

    def _line(self, line: Drawn, middle: float, columns: Columns) -> None:
        look, palette = self.look, self.look.palette
        ground = palette.ground_of(Tone.WAITING) if line.at else None
        if line.at:
            high = round(self.line_high - look.px(1))
            box = (round(self.x + look.px(2)), round(middle - high / 2), round(self.width - look.px(4)), high)
            framed(palette.text_of(Tone.WAITING), palette.ground_of(Tone.WAITING), box, look.px(6), look.px(2))
        first = columns.first - columns.pitch / 2
        words, sign = measure(True)(line.note, look.type(_NAME_SIZE)), look.px(24)
        if line.note:
            # Of few subjects the cells are not as wide as the words.
            first = min(first, self.right - look.px(4) - words - sign - look.px(12))
        room = first - self.x - look.px(10)
        write(look, line.name, palette.ink, (self.x + look.px(8), middle), room, _NAME_SIZE, line.at)
        if line.note:
            wide, high = self.right - look.px(4) - first, columns.size + look.px(2)
            box = (round(first), round(middle - high / 2), round(wide), round(high))
            block(palette.felt2, box, look.px(6))
            if look.contrast:
                framed(palette.line, palette.paper, box, look.px(6), look.px(2))
            start = first + max((wide - words - sign) / 2, look.px(4))
            strokes.sign(_ABSENT, palette.ink, (start + look.px(8), middle), look.pt(16))
            write(look, line.note, palette.ink, (start + sign, middle), wide - sign - look.px(8), _NAME_SIZE, True)
            return
        for at, state in enumerate(line.cells):
            cell(look, state, (columns.first + at * columns.pitch, middle), columns.size, ground)


def cell(look: Look, state: CellState, middle: tuple[float, float], size: float, ground: Colour | None = None) -> None:
    """One cell around a point: its sign on its ground, or a frame of what is not there; dashed: not yet.

    ground: what is below the cell, if that is not paper.
    """
    palette = look.palette
    box = (round(middle[0] - size / 2), round(middle[1] - size / 2), round(size), round(size))
    radius = look.px(4)
    found = _SIGNS.get(state)
    if found is None:
        if state is CellState.LATER:
            strokes.dashed(palette.ghost, box, radius, look.px(2), look.px(3), look.px(3))
        else:
            framed(palette.ghost, ground or palette.paper, box, radius, look.px(2))
        return
    letters, tone = found
    block(palette.text_of(tone), box, radius)
    font = "Onest" if letters == "!" else "Signs" if letters == TICK else "Outlines"
    strokes.sign(letters, palette.glyph, strokes.in_middle(box), max(round(size * 0.74), 1), font)


def write(
    look: Look, words: str, colour: Colour, at: tuple[float, float], room: float, points: float, bold: bool
) -> None:
    """Words on one line from a point, cut with «…» to their room."""
    size = look.type(points)
    width = measure(bold)
    shown = words
    while shown and width(shown, size) > room:
        shown = shown.removesuffix(ELLIPSIS)[:-1].rstrip() + ELLIPSIS if len(shown) > 1 else ""
    if shown:
        strokes.words(shown, colour, at, size, bold)


def shared_out(count: int, most: int, columns: int) -> list[int]:
    """How many lines each column takes, the first ones first."""
    return [min(max(count - column * most, 0), most) for column in range(columns)]


def sixes(lines: Sequence[object], size: int) -> list[tuple[int, int]]:
    """Where each group of lines that are touched as one begins and ends."""
    return [(at, min(at + size, len(lines))) for at in range(0, len(lines), size)]
