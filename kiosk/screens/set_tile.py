"""A textbook of a pupil's set as a tile: its subject, and by its sign, its ground and its frame how it stands."""

from __future__ import annotations

from collections.abc import Callable

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.circulation.views import Cell, CellState
from kiosk.screens import strokes
from kiosk.screens.drawings import Picture
from kiosk.screens.themes import Tone
from kiosk.screens.tone import SIGNS, TICK
from kiosk.screens.widgets import Touchable

_TONES = {
    CellState.GIVEN: Tone.BORROWED,
    CellState.OTHER_EDITION: Tone.WAITING,
    CellState.CHECK: Tone.REFUSED,
    CellState.BACK: Tone.RETURNED,
    CellState.DAMAGED: Tone.REFUSED,
    CellState.LOST: Tone.REFUSED,
    CellState.LATER: Tone.WAITING,
}
_CELL_SIGNS = {
    CellState.GIVEN: TICK,
    CellState.OTHER_EDITION: TICK,
    CellState.CHECK: "\ue4e2",
    CellState.BACK: SIGNS[Tone.RETURNED],
    CellState.DAMAGED: SIGNS[Tone.RETURNED],
    CellState.LOST: "\ue32c",
    CellState.LATER: SIGNS[Tone.WAITING],
}
_NOT_THERE = frozenset({CellState.LACKING, CellState.LATER})
_SHADED = frozenset({CellState.CHECK, CellState.DAMAGED, CellState.LOST})


class TileGround(Picture):
    """The ground of a tile: paper, dashes where a book is not there yet, edged if it can be touched.

    newest: it is the one that was scanned last, with a frame around it.
    """

    state = ObjectProperty(CellState.LACKING)
    newest = BooleanProperty(False)
    edged = BooleanProperty(False)
    down = NumericProperty(0)
    shown_by = ("state", "newest", "edged", "down")

    def paint(self) -> None:
        """By its state."""
        look, palette, px = self.look, self.look.palette, self.look.px
        x, y, width, height = box = strokes.of_widget(self)
        radius = px(12)
        tone = _TONES.get(self.state, Tone.PLAIN)
        ground = palette.ground_of(tone) if self.state in _SHADED else palette.paper
        if self.newest:
            around = (x - px(4), y - px(4), width + px(8), height + px(8))
            strokes.framed(palette.text_of(tone), ground, around, radius + px(4), px(4))
        if self.edged:
            thick, down = px(palette.thick), px(self.down)
            strokes.block(palette.edge, (x, y, width, height - down), radius)
            strokes.framed(palette.line, ground, (x, y + px(4) - down, width, height - px(4)), radius, thick)
        elif self.state not in _NOT_THERE and not self.newest:
            frame = palette.text_of(tone) if self.state in _SHADED else palette.row_frame
            strokes.framed(frame, ground, box, radius, px(3 if look.contrast else 2))
        if self.state in _NOT_THERE:
            inner = (x + px(4), y + px(8) - px(self.down), width - px(8), height - px(12)) if self.edged else box
            strokes.dashed(palette.ghost, inner, radius - (px(3) if self.edged else 0), px(3), px(8), px(4))


class SetTile(FloatLayout):
    """A tile that says something. Laid out in pupil_set.kv."""

    words = StringProperty("")
    sign = StringProperty("")
    stands = ObjectProperty(CellState.LACKING)
    tone = ObjectProperty(Tone.PLAIN)
    newest = BooleanProperty(False)
    missing = BooleanProperty(False)
    column = NumericProperty(0)
    line = NumericProperty(0)
    cells = NumericProperty(1)
    down = NumericProperty(0)
    edged = BooleanProperty(False)


class TouchTile(Touchable, SetTile):
    """A tile that is touched: for its only action, or to be shown with all of them."""

    chosen: Callable[[], None] | None = None

    def fire(self) -> None:
        """Its action, or its page's bar with several."""
        if self.chosen is not None:
            self.chosen()
        else:
            super().fire()


def facts(cell: Cell, newest: bool) -> dict[str, object]:
    """What a tile shows of a cell."""
    return {
        "words": cell.text,
        "stands": cell.state,
        "tone": _TONES.get(cell.state, Tone.PLAIN),
        "sign": _CELL_SIGNS.get(cell.state, ""),
        "newest": newest,
        "missing": cell.state in _NOT_THERE,
    }
