"""The pictures that say without words what to do, and what stands on the shelf. Laid out in drawings.kv and rows.kv."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Canvas
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.circulation.appearance import Theme
from kiosk.screens import strokes
from kiosk.screens.strokes import block, of_widget
from kiosk.screens.themes import Tone, colour
from kiosk.screens.tone import ARROW_DOWN, PERSON
from kiosk.screens.widgets import Words

_SPINES = (0.92, 1.0, 0.84, 0.96, 0.88)
MOST_SPINES = 8
_DARK_HORN = colour("#7A4A00")
_LEAST_TITLE, _LEAST_WORDS = 170, 120


class Picture(Widget):
    """A drawing that is drawn anew when its place or the look changes, or one of `shown_by`."""

    look = ObjectProperty(None, allownone=True)
    shown_by: tuple[str, ...] = ()

    def __init__(self, **kwargs: Any) -> None:
        self._redraw_soon = Clock.create_trigger(self._redraw, -1)
        super().__init__(**kwargs)
        self._paper = Canvas()  # its own: what a motion puts around it stays
        self.canvas.before.add(self._paper)
        for name in ("pos", "size", "look", *self.shown_by):
            self.fbind(name, self._redraw_soon)
        self._redraw_soon()

    def _redraw(self, *_: object) -> None:
        self._paper.clear()
        if self.look is not None and self.width >= 1 and self.height >= 1:
            with self._paper:
                self.paint()

    def paint(self) -> None:
        """Draw."""


class Shelf(Picture):
    """The woven band on which everything stands."""

    thin = BooleanProperty(False)
    shown_by = ("thin",)

    def paint(self) -> None:
        """Rails of 3, between them the ornament."""
        strokes.shelf(self.look, of_widget(self), self.look.px(3), self.thin)


class Seal(Picture):
    """The sign of a tone in a shape of its own, so that nothing is told by colour alone."""

    tone = ObjectProperty(Tone.PLAIN)
    shown_by = ("tone",)

    def paint(self) -> None:
        """With a rim of felt."""
        strokes.seal(self.look, self.tone, of_widget(self))


class Cover(Picture):
    """A drawn book: the colour and the sign of its branch. A small one has no words: they stand beside it."""

    branch = StringProperty("")
    grade = StringProperty("")
    shown_by = ("branch", "grade")

    def paint(self) -> None:
        """The book, the ornament at its foot, the sign: large on a small one, in a corner of a larger one."""
        look, box = self.look, of_widget(self)
        x, y, width, height = box
        cover = look.palette.cover(self.branch)
        strokes.book(look, cover, box)
        middle = x + width * (1 + strokes.FRONT) / 2
        if height < look.px(_LEAST_WORDS):
            size = round(height * 0.42)
            if self.grade:
                strokes.sign(self.grade, cover.text, (middle, y + height / 2), size, "Onest")
            else:
                strokes.sign(cover.sign, cover.text, (middle, y + height / 2), size)
            return
        strokes.foot(cover, box)
        if self.grade:
            strokes.sign(self.grade, cover.text, (middle, y + height * 0.5), round(height * 0.42), "Onest")
        else:
            strokes.sign(cover.sign, cover.text, (x + width * 0.23, y + height * 0.135), round(height * 0.13))


class BigCover(Cover):
    """A book large enough for its title; from a height of 170 also its author. foot: the class under its grade."""

    title = StringProperty("")
    foot = StringProperty("")
    author = StringProperty("")

    def title_sizes(self, title: str, height: float, grade: str) -> list[int]:
        """The sizes to try, of the design; the words decide how large the first one may be."""
        high = height / (self.look.scale if self.look else 1)
        longest = max(map(len, title.split()), default=1)
        most = 0.16 * high if high < _LEAST_TITLE else 0.135 * high
        first = int(min(most, high * 0.73 * 0.78 / (0.635 * longest)))
        if grade:
            first = min(first, int(high * 0.105), int(high * 0.73 * 0.62 / (0.635 * longest)))
        return list(range(max(first, 13), 12, -1))

    def share_of_title(self, height: float, author: str) -> float:
        """Where the title begins, of the height."""
        large = self.look is not None and height >= self.look.px(_LEAST_TITLE)
        return 0.235 if large and author else 0.075


class Leaf(Picture):
    """A leaf of a calendar with a due date."""

    month = StringProperty("")
    day = StringProperty("")
    weekday = StringProperty("")
    shown_by = ("month", "day", "weekday")

    def paint(self) -> None:
        """Nothing while there is no date."""
        if self.day:
            strokes.calendar(self.look, self.month, self.day, self.weekday, of_widget(self))


class Librarian(Picture):
    """Who helps."""

    def paint(self) -> None:
        """Behind the counter."""
        strokes.librarian(self.look, of_widget(self))


class Spines(Picture):
    """How many books of the limit somebody has: filled spines and dashed ones on a line.

    leaving: how much is still to be seen of the one that became free.
    """

    loans = NumericProperty(0)
    limit = NumericProperty(0)
    leaving = NumericProperty(0)
    shown_by = ("loans", "limit", "leaving")

    def paint(self) -> None:
        """From the left: those on loan, then the free ones."""
        look, limit = self.look, int(self.limit)
        if not 0 < limit <= MOST_SPINES:
            return
        palette, px = look.palette, look.px
        block(palette.ink if look.contrast else palette.strip, (self.x, self.y, self.width, px(3)))
        for at in range(limit):
            box = (self.x + px(4 + at * 19), self.y + px(3), px(15), px(44) * _SPINES[at % len(_SPINES)])
            if at < self.loans:
                block(palette.taken, box, px(4), px(4), px(2), px(2))
            else:
                strokes.dashed(palette.ghost, box, px(4), px(2), px(5), px(3))
            if at == self.loans and self.leaving:
                block((*palette.taken[:3], self.leaving), box, px(4), px(4), px(2), px(2))


class Ghost(Picture):
    """A book that is not there yet: its frame, the ornament, its barcode under the light."""

    def paint(self) -> None:
        """As large as the cover that will stand here."""
        look, palette, px = self.look, self.look.palette, self.look.px
        x, y, width, height = box = of_widget(self)
        block(palette.paper, box, px(12))
        strokes.dashed(palette.ghost, box, px(12), px(4), px(8), px(5))
        strokes.one_horn(palette.ghost, x + width / 2, y + height * 0.805, width * 0.52)
        plate = look.appearance.theme is not Theme.LIGHT
        strokes.barcode(look, (x + width * 0.26, y + height * 0.2, width * 0.5, height * 0.15), plate)


class BorrowStory(Picture):
    """A card and a book make a loan, on a place of 512 by 232.

    lit: on what the light is: 0 the card, 1 the book; 2: on the seal, which is larger then; -1: on all of them.
    """

    lit = NumericProperty(-1)
    shown_by = ("lit",)

    def paint(self) -> None:
        """Card, plus, book, tick; all barcodes on one line."""
        unit = min(self.width / 512, self.height / 232)
        look = self.look
        x, y = self.x, self.y

        def at(left: float, low: float, width: float, height: float) -> strokes.Box:
            return round(x + left * unit), round(y + low * unit), round(width * unit), round(height * unit)

        self._card(at(0, 26, 240, 151), unit)
        block(look.palette.ink2, at(256, 115, 32, 4))
        block(look.palette.ink2, at(270, 101, 4, 32))
        _book_with_barcode(look, "балалар", at(304, 0, 162, 222), 0.2, self.lit in (-1, 1))
        more = 4 if self.lit == 2 else 0
        strokes.seal(look, Tone.BORROWED, at(445 - more, 174 - more, 60 + 2 * more, 60 + 2 * more))

    def _card(self, box: strokes.Box, unit: float) -> None:
        look, palette = self.look, self.look.palette
        x, y, width, height = box
        frame = look.px(palette.thick)
        strokes.framed(palette.line, palette.card, box, 14 * unit, frame)
        head, radius = 30 * unit, 12 * unit
        field = (x + frame, y + height - frame - head, width - 2 * frame, head)
        block(palette.card_head, field, radius, radius, 0.1, 0.1)
        margin = head * 0.13
        strokes.weave(palette.motif, (field[0], field[1] + margin, field[2], head - 2 * margin))
        block(palette.face, (x + 19 * unit, y + 40 * unit, 57 * unit, 65 * unit), 8 * unit)
        strokes.sign(PERSON, palette.text_of(Tone.PLAIN) if look.contrast else palette.card_head,
                     (x + 47.5 * unit, y + 71 * unit), round(56 * unit))  # fmt: skip
        ink = palette.ink if look.contrast else palette.bars
        block(ink, (x + 93 * unit, y + 92 * unit, 120 * unit, 11 * unit), 5.5 * unit)
        block(palette.card_line, (x + 93 * unit, y + 75 * unit, 82 * unit, 9 * unit), 4.5 * unit)
        strokes.barcode(look, (x + 98 * unit, y + 16 * unit, 118 * unit, 40 * unit), look.contrast,
                        self.lit in (-1, 0))  # fmt: skip


class ReturnStory(Picture):
    """A book goes down into the gap of the shelf. On a panel that stands upright more books stand beside it.

    lit: 3 if the light is on it and the seal larger; -1: on everything.
    """

    lit = NumericProperty(-1)
    shown_by = ("lit",)

    def paint(self) -> None:
        """Books, the gap with the book over it, the bent arrow."""
        look = self.look
        tall = look.tall
        left, right = (_LEFT_TALL, _RIGHT_TALL) if tall else (_LEFT, _RIGHT)
        full = 388 if tall else 252
        unit = min(self.width / full, self.height / 224)
        x, y = (self.center_x - full * unit / 2 if tall else self.right - full * unit), self.y

        def at(start: float, low: float, width: float, height: float) -> strokes.Box:
            return round(x + start * unit), round(y + low * unit), round(width * unit), round(height * unit)

        for start, width, height, branch in (*left, *right):
            strokes.spine(look, branch, at(start, 0, width, height))
        start = 130 if tall else 62
        _book_with_barcode(look, "көркем әдебиет", at(start, 36, 128, 176), 0.075, self.lit in (-1, 3))
        more = 4 if self.lit == 3 else 0
        strokes.seal(look, Tone.RETURNED, at(start + 99 - more, 161 - more, 60 + 2 * more, 60 + 2 * more))
        strokes.sign(ARROW_DOWN, look.palette.text_of(Tone.RETURNED),
                     (x + (start + 64) * unit, y + 17 * unit), round(36 * unit))  # fmt: skip


_LEFT = ((0, 26, 123, "техника"), (29, 20, 142, "көркем әдебиет"))
_RIGHT = ((202, 22, 135, "тіл/әдебиеттану"), (227, 25, 117, "өнер/спорт"))
_LEFT_TALL = (
    (2, 24, 135, "қоғамдық"), (29, 26, 123, "техника"), (58, 20, 143, "көркем әдебиет"), (81, 30, 111, "жаратылыстану"),
)  # fmt: skip
_RIGHT_TALL = (
    (272, 22, 135, "тіл/әдебиеттану"), (297, 28, 117, "өнер/спорт"), (328, 20, 144, "қоғамдық"),
    (351, 26, 123, "техника"),
)  # fmt: skip
"""Left edge, width, height, branch."""


def _book_with_barcode(look: Any, branch: str, box: strokes.Box, low: float, lit: bool) -> None:
    x, y, width, height = box
    cover = look.palette.cover(branch)
    strokes.book(look, cover, box)
    middle = x + width * (1 + strokes.FRONT) / 2
    light = look.palette.cover("балалар").text if branch == "балалар" else look.palette.motif
    horn = _DARK_HORN if branch == "балалар" and not look.contrast else light
    strokes.one_horn(look.palette.motif if look.contrast else horn, middle, y + height * 0.81, width * 0.56)
    strokes.barcode(look, (middle - width * 0.285, y + height * low, width * 0.57, height * 0.163), True, lit)


class PileOfBooks(Picture):
    """Books that lie and wait, and the moon over them."""

    def paint(self) -> None:
        """Four of them, each of its own branch, on a place of 236 by 232."""
        look = self.look
        unit = self.width / 236
        for left, low, width, height, branch in _PILE:
            box = (self.x + left * unit, self.y + low * unit, width * unit, height * unit)
            cover = look.palette.cover(branch)
            if look.contrast:
                strokes.framed(cover.frame, cover.ground, box, 6 * unit, look.px(3))
                continue
            block(cover.ground, box, 6 * unit, 3 * unit, 3 * unit, 6 * unit)
            red, green, blue, _ = look.palette.on_strip
            for spot in (0.11, 0.86):
                block((red, green, blue, 0.6), (box[0] + spot * box[2], box[1], 5 * unit, box[3]))
        strokes.sign("\ue58e", look.palette.ink2, (self.x + 116 * unit, self.y + 200 * unit), round(66 * unit))


_PILE = (
    (0, 0, 236, 42, "тіл/әдебиеттану"), (16, 42, 210, 34, "көркем әдебиет"), (24, 76, 184, 46, "жаратылыстану"),
    (12, 122, 196, 30, "қоғамдық"),
)  # fmt: skip


class Chevrons(Picture):
    """Where the scanner is: to the right, or below an upright panel."""

    def paint(self) -> None:
        """In the colour of the light."""
        look = self.look
        down, right = "\ue126", "\ue12a"
        size = round(min(self.width, look.px(56)) * 0.95)
        strokes.sign(
            down if look.tall else right, look.palette.beam, strokes.in_middle(of_widget(self)), size, "Outlines"
        )


class More(Words):
    """How many more there are."""


class Standing(FloatLayout):
    """Books that stand on the shelf side by side, as high as this place; what has no room is counted."""

    def __init__(self, **kwargs: Any) -> None:
        self._books: list[tuple[str, str, str]] = []
        super().__init__(**kwargs)
        self._arrange_soon = Clock.create_trigger(self._arrange, -1)
        for name in ("size", "pos"):
            self.fbind(name, self._arrange_soon)

    def show(self, books: list[tuple[str, str, str]]) -> None:
        """Show these: (branch, title, grade) of each."""
        self._books = books
        self._arrange()

    def _arrange(self, *_: object) -> None:
        self.clear_widgets()
        if not self._books or self.height < 2:
            return
        wide = 0.73 * self.height
        gap = self.height * 0.11
        room = max(int((self.width + gap) // (wide + gap)), 1)
        shown = self._books if len(self._books) <= room else self._books[: max(room - 1, 1)]
        for at, (branch, title, grade) in enumerate(shown):
            place = {
                "size_hint": (None, None),
                "size": (wide, self.height),
                "pos": (self.x + at * (wide + gap), self.y),
            }
            self.add_widget(BigCover(branch=branch, title=title, grade=grade, **place))
        if len(shown) < len(self._books) and room > 1:
            x = self.x + len(shown) * (wide + gap)
            self.add_widget(More(words=f"+{len(self._books) - len(shown)}", pos=(x, self.y), size=(wide, self.height)))
