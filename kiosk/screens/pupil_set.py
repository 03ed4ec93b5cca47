"""A pupil's set of textbooks: what is given, what is lacking, the book that was scanned last."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.model import SchoolClass
from kiosk.circulation.views import Cell, Row, View
from kiosk.screens.choosing import Grid
from kiosk.screens.entry import TypingPage
from kiosk.screens.fitting import pages
from kiosk.screens.page import controls, said
from kiosk.screens.rows import branch_of, grade_of
from kiosk.screens.set_tile import SetTile, TouchTile, facts
from kiosk.screens.themes import Tone
from kiosk.screens.tone import ACTIONS, ARROW_LEFT, ARROW_RIGHT, tone_of_message, tone_of_row
from kiosk.screens.widgets import Control
from kiosk.screens.wires import Wires
from kiosk.text import Words

_SHAPE, _SHAPE_LARGE, _SHAPE_TALL, _SHAPE_TALL_LARGE = (4, 3), (3, 3), (3, 4), (2, 4)
_SHAPE_OF_FEW = (3, 2)
"""Columns and lines of tiles."""


class NewestBook(BoxLayout):
    """The book that was scanned last, large, and what became of it over it."""

    branch = StringProperty("")
    grade = StringProperty("")
    title = StringProperty("")
    foot = StringProperty("")
    with_book = BooleanProperty(False)
    seal = ObjectProperty(Tone.PLAIN)
    note = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)
    high = NumericProperty(248)

    def show(self, row: Row | None, words: Words) -> None:
        """The book of a row; None: no book."""
        title = row.title if row is not None else None
        self.with_book = row is not None and title is not None
        self.branch, self.grade = branch_of(title), grade_of(title)
        self.title = (title.subject or title.title) if title is not None else ""
        self.foot = (
            words.school_class(SchoolClass(title.grade))
            if title is not None and self.grade and title.grade is not None
            else ""
        )
        self.seal = tone_of_row(row.state) if row is not None else Tone.PLAIN


class PupilPage(TypingPage):
    """Tiles beside the newest book."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._view: View | None = None
        self._words: Words | None = None
        self._at, self._chosen = 0, ""

    def show(self, view: View, words: Words) -> None:
        """The page of tiles with the newest book on it."""
        former, self._view, self._words = self._view, view, words
        self.ids.head.show(view, words)
        row = next((row for row in view.rows if row.title is not None), None)
        self.ids.newest.show(row, words)
        if former is None or former.rows != view.rows or former.cells != view.cells:
            self._chosen = ""
            at = next((at for at, cell in enumerate(view.cells) if is_of(cell, row)), 0)
            columns, lines = _shape(len(view.cells))
            self._at = at // (columns * lines)
        self._show(row)

    def _show(self, row: Row | None) -> None:
        view, words, ids = self._view, self._words, self.ids
        assert view is not None and words is not None
        columns, lines = _shape(len(view.cells))
        turned = pages([1] * len(view.cells), columns, lines)
        self._at %= len(turned)
        tiles: Grid = ids.tiles
        tiles.clear_widgets()
        tiles.columns, tiles.lines = columns, lines
        for at, column, line in turned[self._at]:
            tile = self._tile(view.cells[at], is_of(view.cells[at], row) and row is not None)
            tile.column, tile.line = column, line
            tiles.add_widget(tile)
        chosen = next((cell for cell in view.cells if cell.id == self._chosen), None)
        told = chosen.note if chosen is not None and chosen.note is not None else view.message or view.prompt
        ids.newest.note = said(words, told)
        ids.newest.tone = tone_of_message(told) if told is not None else Tone.PLAIN
        self._show_bar(view, words, chosen, len(turned))

    def _show_bar(self, view: View, words: Words, chosen: Cell | None, turned: int) -> None:
        if chosen is not None:
            shown = [Control("", words.action("back"), sign=ARROW_LEFT, turn=partial(self._choose, ""))]
            for action in chosen.actions:
                shown.append(Control(action, words.action(action), chosen.id, sign=ACTIONS.get(action, "")))
            self.ids.bar.show(shown)
            return
        shown = [self.or_typed(one) for one in controls(view, words)]
        if turned > 1:
            at = 1 if view.actions else 0
            shown.insert(at, Control("", f"{self._at + 1} / {turned}", sign=ARROW_RIGHT, after=True, turn=self._turn))
        self.ids.bar.show(shown)

    def _tile(self, cell: Cell, newest: bool) -> SetTile:
        if not cell.actions and cell.note is None:
            return SetTile(**facts(cell, newest))
        if len(cell.actions) == 1 and cell.note is None:
            return TouchTile(
                wires=self.wires, action=cell.actions[0], argument=cell.id, edged=True, **facts(cell, newest)
            )
        tile = TouchTile(wires=self.wires, edged=True, **facts(cell, newest))
        tile.chosen = partial(self._choose, cell.id)
        return tile

    def _choose(self, cell_id: str) -> None:
        self._chosen = cell_id
        self._again()

    def _turn(self) -> None:
        self._at += 1
        self._again()

    def _again(self) -> None:
        assert self._view is not None
        self._show(next((row for row in self._view.rows if row.title is not None), None))


def _shape(count: int) -> tuple[int, int]:
    if count <= _SHAPE_OF_FEW[0] * _SHAPE_OF_FEW[1]:
        return _SHAPE_OF_FEW
    look = App.get_running_app().look
    if look.tall:
        return _SHAPE_TALL_LARGE if look.large else _SHAPE_TALL
    return _SHAPE_LARGE if look.large else _SHAPE


def is_of(cell: Cell, row: Row | None) -> bool:
    """Whether a tile is of the book of a row."""
    if row is None:
        return False
    same = cell.title is not None and row.title is not None and cell.title.id == row.title.id
    return same or cell.id == row.id
