"""The pages where one of several is touched: classes, names, pictures of a PIN, two meanings of a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, StringProperty, VariableListProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.layout import Layout

from kiosk.circulation.classes import parse_class
from kiosk.circulation.views import Row, RowState, View
from kiosk.screens.drawings import Picture
from kiosk.screens.fitting import NBSP, pages
from kiosk.screens.page import Page, controls, said, two_parts
from kiosk.screens.rows import card
from kiosk.screens.strokes import block, dashed, framed, in_middle, of_widget, sign
from kiosk.screens.tone import ACTIONS, ARROW_LEFT, ARROW_RIGHT, PERSON, PICTURES, TICK, tone_of_message
from kiosk.screens.widgets import Edged, PushButton, Rows
from kiosk.screens.wires import Wires
from kiosk.text import Words

CLASSES, NAMES = (8, 3), (4, 3)
CLASSES_TALL, NAMES_TALL = (4, 6), (2, 6)
"""Tiles of a page: columns and lines; on an upright panel."""

LONG_CLASS = 8
"""Letters that a tile of one cell has room for; «Даярлық тобы» takes two."""


class Tile(PushButton):
    """A class or a name, and where it stands."""

    column = NumericProperty(0)
    line = NumericProperty(0)
    cells = NumericProperty(1)


class PictureTile(Edged, BoxLayout):
    """A picture with its noun."""

    sign = StringProperty("")
    words = StringProperty("")


class Grid(Layout):
    """Tiles on a grid of `columns` times `lines`; each stands at its column and line, on as many cells as it has."""

    columns = NumericProperty(1)
    lines = NumericProperty(1)
    gap = NumericProperty(8)
    margin = VariableListProperty([0, 0, 0, 0])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("children", "size", "pos", "columns", "lines", "gap", "margin"):
            self.fbind(name, self._trigger_layout)

    def do_layout(self, *_: object) -> None:
        """Share the room out."""
        left, above, right, below = self.margin
        across = (self.width - left - right + self.gap) / self.columns
        along = (self.height - above - below + self.gap) / self.lines
        for tile in self.children:
            tile.size = (across * tile.cells - self.gap, along - self.gap)
            tile.pos = (
                self.x + left + across * tile.column,
                self.y + self.height - above - along * (tile.line + 1) + self.gap,
            )


class Pager(BoxLayout):
    """Where one is among several pages of tiles, and the buttons to turn them."""

    at = NumericProperty(0)
    of = NumericProperty(1)


class Slot(Picture):
    """A place for a picture of a PIN: filled or free."""

    filled = BooleanProperty(False)
    shown_by = ("filled",)

    def paint(self) -> None:
        """Filled, or a dashed frame."""
        look, box = self.look, of_widget(self)
        if self.filled:
            block(look.palette.taken, box, look.px(8))
        else:
            dashed(look.palette.ghost, box, look.px(8), look.px(3), look.px(6), look.px(4))


class Steps(Picture):
    """Class, name, PIN: what is done, what is asked now, what will be."""

    at = NumericProperty(0)
    shown_by = ("at",)

    def paint(self) -> None:
        """Three squares on a line."""
        look, palette, px = self.look, self.look.palette, self.look.px
        x, y, _, _ = of_widget(self)
        for step, letters in enumerate(_STEPS):
            left = x + px(70 * step)
            if step:
                block(palette.taken if step <= self.at else palette.ghost, (left - px(22), y + px(22), px(22), px(4)))
            box = (left, y, px(48), px(48))
            if step < self.at:
                framed(palette.taken, palette.paper, box, px(12), px(3))
            elif step == self.at:
                block(palette.taken, box, px(12))
            else:
                dashed(palette.ghost, box, px(12), px(3), px(6), px(4))
            ink = palette.taken if step < self.at else palette.felt if step == self.at else palette.ink2
            sign(TICK if step < self.at else letters, ink, in_middle(box), look.pt(28))


_STEPS = ("\ue68e", PERSON, "\ue2fe")
"""Three people, one, a lock."""


class NoCardPage(Page):
    """Signing in without a card: class, then name, then "is it you?"."""

    step = NumericProperty(0)

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._rows: tuple[Row, ...] = ()
        self._texts: list[str] = []
        self._shape, self._asks_class = CLASSES, True
        pager = self.ids.pager
        pager.ids.before.turn, pager.ids.after.turn = self._turner(-1), self._turner(1)
        pager.ids.before.sign, pager.ids.after.sign = ARROW_LEFT, ARROW_RIGHT
        pager.ids.after.after = True

    def draw(self, view: View, words: Words) -> None:
        """The tiles of classes or names, or the name alone, large."""
        asks_class = view.prompt is not None and view.prompt.key == "prompt.choose_class"
        self.step = 0 if asks_class else 1
        heading, name = two_parts(words, view.prompt)
        self.ids.question.words = heading
        self.ids.name.words = name
        self.ids.note.words = said(words, view.message)
        if view.message is not None:
            self.ids.note.tone = tone_of_message(view.message)
        if view.rows != self._rows:
            self.ids.pager.at = 0
        self._rows = view.rows
        self._texts = [_class_words(row, words) if asks_class else row.text for row in view.rows]
        tall = App.get_running_app().look.tall
        self._asks_class = asks_class
        self._shape = (CLASSES_TALL if tall else CLASSES) if asks_class else NAMES_TALL if tall else NAMES
        self._show_tiles()
        self.ids.bar.show(controls(view, words))
        self.ids.pager.ids.after.words = words.label("btn.next")

    def _show_tiles(self) -> None:
        columns, lines = self._shape
        cells = [2 if self._asks_class and len(text) > LONG_CLASS else 1 for text in self._texts]
        turned, pager, tiles = pages(cells, columns, lines), self.ids.pager, self.ids.tiles
        pager.of = len(turned)
        tiles.clear_widgets()
        tiles.columns, tiles.lines = columns, lines
        for at, column, line in turned[int(pager.at)]:
            row, place = self._rows[at], {"column": column, "line": line, "cells": cells[at]}
            words = self._texts[at]
            tiles.add_widget(Tile(wires=self.wires, action=row.actions[0], argument=row.id, words=words, **place))

    def _turner(self, step: int) -> Callable[[], None]:
        def turn() -> None:
            pager = self.ids.pager
            pager.at = min(max(pager.at + step, 0), pager.of - 1)
            self._show_tiles()

        return turn


def _class_words(row: Row, words: Words) -> str:
    known = parse_class(row.text)
    return words.school_class(known).replace(" «", f"{NBSP}«") if known is not None else row.text


class PicturePinPage(Page):
    """Twelve pictures; four of them are somebody's PIN. What was touched is not shown, only how many."""

    def draw(self, view: View, words: Words) -> None:
        """The pictures keep their places."""
        self.ids.question.words = said(words, view.message) or said(words, view.prompt)
        self._show_tiles(view.rows, words)
        for at, slot in enumerate(self.ids.slots.children[::-1]):
            slot.filled = at < len(view.typed)
        self.ids.bar.show(controls(view, words))

    def _show_tiles(self, rows: Sequence[Row], words: Words) -> None:
        tiles: GridLayout = self.ids.tiles
        if len(tiles.children) != len(rows):
            tiles.clear_widgets()
            for row in rows:
                tiles.add_widget(PictureTile(wires=self.wires, action="picture", argument=row.id))
        for tile, row in zip(tiles.children[::-1], rows, strict=True):
            tile.sign = PICTURES.get(row.id, "")
            tile.words = words.text(row)


_OFFERED = (28, 26, 24, 22, 20, 18, 16)


class AppearancePage(Page):
    """What can be switched on and off: the button of what is on looks pressed, and has a tick."""

    def draw(self, view: View, words: Words) -> None:
        """A large button for each."""
        self.ids.question.words = said(words, view.prompt)
        tiles: GridLayout = self.ids.tiles
        if [tile.argument for tile in tiles.children[::-1]] != [row.id for row in view.rows]:
            tiles.clear_widgets()
            for row in view.rows:
                tiles.add_widget(Tile(wires=self.wires, action=row.actions[0], argument=row.id, sizes=_OFFERED))
        for tile, row in zip(tiles.children[::-1], view.rows, strict=True):
            tile.words = words.text(row)
            tile.primary = row.state is RowState.CHOSEN
            tile.sign = ACTIONS["yes"] if tile.primary else ""
        self.ids.bar.show([replace(one, primary=False, right=False) for one in controls(view, words)])


class ChoicePage(Page):
    """A number that means two things asks."""

    def draw(self, view: View, words: Words) -> None:
        """A row for each meaning."""
        self.ids.question.words = said(words, view.prompt)
        rows: Rows = self.ids.stage.ids.list
        rows.show([card(row, words, self.wires, chosen_from=True) for row in view.rows])
        self.ids.bar.show([replace(one, primary=False, right=False) for one in controls(view, words)])
