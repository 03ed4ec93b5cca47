"""The pictures that say without words what to do: a card, books, the scan line. Laid out in drawings.kv."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle, RoundedRectangle
from kivy.properties import ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

_BARS = (3, 1, 2, 1, 1, 3, 1, 2, 3, 1, 1, 2, 1, 1, 3, 2, 1, 1, 2, 3, 1, 2, 1)
_SPINES = (0.92, 1.0, 0.84, 0.96, 0.88)
MOST_SPINES = 8


class Picture(Widget):
    """A drawing that is drawn anew when its place or the look changes."""

    look = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._redraw_soon = Clock.create_trigger(self._redraw, -1)
        for name in ("pos", "size", "look"):
            self.fbind(name, self._redraw_soon)
        self._redraw_soon()

    def _redraw(self, *_: object) -> None:
        self.canvas.before.clear()
        if self.look is not None:
            with self.canvas.before:
                self.paint()

    def paint(self) -> None:
        """Draw."""


class Barcode(Picture):
    """Bars on white, with the scan line across them."""

    def paint(self) -> None:
        """Bars as wide as the place allows."""
        look = self.look
        Color(1, 1, 1, 1)
        RoundedRectangle(pos=self.pos, size=self.size, radius=[look.px(4)])
        Color(*look.palette.ink)
        unit = self.width * 0.84 / (sum(_BARS) + len(_BARS) - 1)
        x = self.x + self.width * 0.08
        for bar in _BARS:
            Rectangle(pos=(x, self.y + self.height * 0.14), size=(bar * unit, self.height * 0.72))
            x += (bar + 1) * unit
        red, green, blue, _ = look.palette.beam
        for height, alpha in ((14, 0.22), (4, 1.0)):
            Color(red, green, blue, alpha)
            over = look.px(12)
            RoundedRectangle(
                pos=(self.x - over, self.center_y - look.px(height / 2)),
                size=(self.width + 2 * over, look.px(height)),
                radius=[look.px(height / 2)],
            )


class Spines(Picture):
    """How many books of the limit somebody has: filled spines and empty frames on a line."""

    loans = NumericProperty(0)
    limit = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fbind("loans", self._redraw_soon)
        self.fbind("limit", self._redraw_soon)

    def paint(self) -> None:
        """From the left: those on loan, then the free ones."""
        look, limit = self.look, int(self.limit)
        if not 0 < limit <= MOST_SPINES:
            return
        Color(*look.palette.band)
        Rectangle(pos=self.pos, size=(self.width, look.px(3)))
        for at in range(limit):
            x = self.x + look.px(4 + at * 19)
            height = look.px(44) * _SPINES[at % len(_SPINES)]
            taken = at < self.loans
            Color(*(look.palette.primary if taken else look.palette.ghost))
            RoundedRectangle(pos=(x, self.y + look.px(3)), size=(look.px(15), height), radius=[look.px(3)])
            if not taken:
                Color(*look.palette.felt)
                RoundedRectangle(
                    pos=(x + look.px(2), self.y + look.px(5)),
                    size=(look.px(11), height - look.px(4)),
                    radius=[look.px(2)],
                )


class ReaderCard(Picture):
    """A reader card, no real one."""

    def paint(self) -> None:
        """A head, a face, two lines for a name; the barcode is a child."""
        look, palette = self.look, self.look.palette
        px = look.px
        Color(*palette.line)
        RoundedRectangle(pos=self.pos, size=self.size, radius=[px(14)])
        Color(1, 1, 1, 1)
        RoundedRectangle(
            pos=(self.x + px(2), self.y + px(2)), size=(self.width - px(4), self.height - px(4)), radius=[px(12)]
        )
        Color(*palette.primary)
        RoundedRectangle(
            pos=(self.x + px(2), self.top - px(32)), size=(self.width - px(4), px(30)), radius=[px(12), px(12), 0, 0]
        )
        for width, y, colour in ((120, 58, palette.ink), (82, 78, palette.line)):
            Color(*colour)
            RoundedRectangle(pos=(self.x + px(93), self.top - px(y)), size=(px(width), px(10)), radius=[px(5)])
        Color(*palette.felt2)
        RoundedRectangle(pos=(self.x + px(18), self.top - px(110)), size=(px(58), px(66)), radius=[px(8)])


class Ghost(Picture):
    """A book that is not there yet: its frame and its barcode."""

    def paint(self) -> None:
        """Dashes of 8 with gaps of 5, as short rectangles: Kivy dashes only the thinnest lines."""
        look = self.look
        Color(*look.palette.paper)
        RoundedRectangle(pos=self.pos, size=self.size, radius=[look.px(10)])
        Color(*look.palette.ghost)
        dash, gap, wide = look.px(8), look.px(5), look.px(3)
        for start, length, is_row in ((self.x, self.width, True), (self.y, self.height, False)):
            count = max(int((length + gap) // (dash + gap)), 1)
            step = (length - dash) / max(count - 1, 1)
            for at in range(count):
                offset = start + at * step
                for low in (True, False):
                    if is_row:
                        Rectangle(pos=(offset, self.y if low else self.top - wide), size=(dash, wide))
                    else:
                        Rectangle(pos=(self.x if low else self.right - wide, offset), size=(wide, dash))


class PileOfBooks(Picture):
    """Books that lie and wait."""

    def paint(self) -> None:
        """Four of them, each of its own branch."""
        palette = self.look.palette
        share = self.height / 4
        widths = (
            (0.0, 1.0, "тіл/әдебиеттану"),
            (0.07, 0.89, "көркем әдебиет"),
            (0.1, 0.78, "жаратылыстану"),
            (0.05, 0.83, "қоғамдық"),
        )
        for at, (left, width, branch) in enumerate(widths):
            Color(*palette.cover(branch).ground)
            RoundedRectangle(
                pos=(self.x + left * self.width, self.y + at * share),
                size=(width * self.width, share),
                radius=[self.look.px(6)],
            )
            Color(*palette.felt)
            for spot in (0.12, 0.84):
                Rectangle(
                    pos=(self.x + (left + spot * width) * self.width, self.y + at * share),
                    size=(self.look.px(5), share),
                )


class BookPicture(Widget):
    """A book with its barcode under the scan line."""

    branch = StringProperty("")


class Arrow(Widget):
    """A sign of the icon font, large."""

    sign = StringProperty("")
    colour = ColorProperty([0, 0, 0, 1])
    points = NumericProperty(40)
