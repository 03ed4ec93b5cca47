"""One of several, for staff: a class, a name, a condition, a reason. Another one in words is typed on the screen."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import Row, RowState, View
from kiosk.screens.choosing import Grid
from kiosk.screens.entry import TypingPage
from kiosk.screens.fitting import pages
from kiosk.screens.page import controls, said
from kiosk.screens.rows import branch_of, grade_of, state_line
from kiosk.screens.staff import SignTile, StaffHead
from kiosk.screens.themes import Tone
from kiosk.screens.tone import ARROW_LEFT, ARROW_RIGHT, CONDITIONS, TICK, tone_of_message, tone_of_row
from kiosk.screens.widgets import Control
from kiosk.screens.wires import Wires
from kiosk.text import Words

_CLASSES, _CLASSES_TALL = (6, 3), (4, 5)
_FEW, _MANY, _PICTURED = (3, 3), (4, 3), (5, 3)
_FEW_TALL, _MANY_TALL, _PICTURED_TALL = (2, 4), (2, 5), (3, 4)
"""Columns and lines of tiles; of conditions with their pictures, of which there are many."""


class BookHead(BoxLayout):
    """The book that something is chosen for; beside it what is asked, or what became of the last act."""

    branch = StringProperty("")
    grade = StringProperty("")
    title = StringProperty("")
    told = StringProperty("")
    asked = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)

    def show_book(self, row: Row, view: View, words: Words) -> None:
        """A book, how it stands with it, and whose it is."""
        self.branch, self.grade, self.title = branch_of(row.title), grade_of(row.title), row.text
        face = view.patron
        self.told = " · ".join(part for part in (face.name if face is not None else "", state_line(row, words)) if part)
        told = view.message or view.prompt
        self.asked = said(words, told)
        self.tone = tone_of_message(told) if told is not None else Tone.PLAIN


class StaffChoicePage(TypingPage):
    """Tiles to choose from, as many as fit; the rest on further pages."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._at = 0
        self._rows: tuple[Row, ...] = ()
        self._head, self._book = StaffHead(), BookHead()

    def show(self, view: View, words: Words) -> None:
        """The page of tiles that was turned to, until there are others."""
        if self._rows != view.rows:
            self._at, self._rows = 0, view.rows
        book = next((row for row in view.rows if row.title is not None and "choose" not in row.actions), None)
        above = self._head if book is None else self._book
        if above.parent is None:
            self.ids.above.clear_widgets()
            self.ids.above.add_widget(above)
        self._head.show(view, words)
        if book is not None:
            self._book.show_book(book, view, words)
        turned = self._show_tiles(view, words)
        bar = [self.or_typed(one) for one in controls(view, words)]
        if turned > 1:
            at = 1 if view.actions else 0
            bar.insert(at, Control("", f"{self._at + 1} / {turned}", sign=ARROW_RIGHT, after=True, turn=self._turn))
            if turned > 2:
                bar.insert(at, Control("", "", sign=ARROW_LEFT, turn=self._turn_back))
        self.ids.bar.show(bar)

    def _show_tiles(self, view: View, words: Words) -> int:
        rows = [row for row in view.rows if row.title is None or "choose" in row.actions]
        pictured = any(row.id in CONDITIONS for row in rows)
        columns, lines = _shape(view.name, len(rows), pictured)
        turned = pages([1] * len(rows), columns, lines)
        self._at %= len(turned)
        tiles: Grid = self.ids.tiles
        tiles.clear_widgets()
        tiles.columns, tiles.lines = columns, lines
        for at, column, line in turned[self._at]:
            row = rows[at]
            tile = SignTile(wires=self.wires, action=row.actions[0] if row.actions else "", argument=row.id)
            tile.words = words.text(row)
            tile.note = words.note(row) if row.text else ""
            chosen = row.state is RowState.CHOSEN
            tile.sign = CONDITIONS.get(row.id, "") if pictured else TICK if chosen else ""
            tile.stacked = pictured or not tile.sign
            tile.chosen, tile.alarm = chosen, tone_of_row(row.state) is Tone.REFUSED
            tile.disabled = tile.flat = not row.actions
            tile.column, tile.line = column, line
            tiles.add_widget(tile)
        return len(turned)

    def _turn(self) -> None:
        self._turn_by(1)

    def _turn_back(self) -> None:
        self._turn_by(-1)

    def _turn_by(self, step: int) -> None:
        assert self._drawn is not None
        self._at += step
        self.show(*self._drawn)


def _shape(name: str, count: int, pictured: bool) -> tuple[int, int]:
    look = App.get_running_app().look
    if name == "staff_classes":
        return _CLASSES_TALL if look.tall else _CLASSES
    if look.tall:
        few, many = _FEW_TALL, _PICTURED_TALL if pictured and not look.large else _MANY_TALL
    else:
        few, many = _FEW, _PICTURED if pictured and count > 12 and not look.large else _MANY
    return few if count <= few[0] * few[1] else many
