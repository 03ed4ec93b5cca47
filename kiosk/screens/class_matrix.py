"""A class's textbooks at a glance: who has got what. A touch on a few lines opens them as large rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from kivy.app import App
from kivy.properties import ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.layout import Layout
from kivy.uix.widget import Widget

from kiosk.circulation.views import CellState, Matrix, MatrixLine, Message, View
from kiosk.screens.class_picture import HEAD_HIGH, ClassPicture, Columns, Drawn, cell, shared_out, sixes, write
from kiosk.screens.drawings import Picture
from kiosk.screens.look import Look
from kiosk.screens.page import Page, controls, said
from kiosk.screens.staff import wide
from kiosk.screens.themes import Tone
from kiosk.screens.tone import ARROW_RIGHT, tone_of_message
from kiosk.screens.widgets import Control, Edged, Touchable
from kiosk.screens.wires import Wires
from kiosk.text import Words

_METER, _METER_LARGE = 250, 380
_MANY_SUBJECTS = 16
"""With more of them the lines take the whole width."""
_USUAL = (CellState.GIVEN, CellState.LACKING, CellState.CHECK)
_TOLD = (*_USUAL, CellState.DAMAGED, CellState.LOST, CellState.OTHER_EDITION, CellState.BACK)
"""What a legend may tell, the most needed first."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How many columns of lines a picture has, how many lines a column, and how many lines are touched as one."""

    columns: int
    lines: int
    touched: int

    @classmethod
    def of(cls, look: Look, pupils: int, subjects: int) -> Shape:
        """For a class: twelve lines beside twelve, fifteen of a large class; fewer in large text."""
        columns = 1 if look.tall or subjects > _MANY_SUBJECTS else 2
        if look.large:
            return cls(columns, 12 if look.tall else 8, 4)
        if look.tall:
            return cls(columns, 24 if pupils <= 24 else 30, 6)
        return cls(columns, 12, 6) if pupils <= 12 * columns or pupils > 15 * columns else cls(columns, 15, 5)

    @property
    def page(self) -> int:
        """Lines of one page."""
        return self.columns * self.lines


class LegendCell(Picture):
    """A cell beside its words."""

    state = ObjectProperty(CellState.GIVEN)
    shown_by = ("state",)

    def paint(self) -> None:
        """As in the picture."""
        cell(self.look, self.state, self.center, self.look.px(18))


class LegendPart(BoxLayout):
    """What a sign of the picture means."""

    state = ObjectProperty(CellState.GIVEN)
    words = StringProperty("")


class Few(Touchable, Widget):
    """A few lines of the picture, to be touched."""

    opened: Callable[[], None]

    def fire(self) -> None:
        """They open."""
        self.opened()


class LargeRow(Edged, BoxLayout):
    """A pupil as a button: the name, and the cells under it."""

    name = StringProperty("")


class FlatRow(BoxLayout):
    """The same where nothing can be done."""

    name = StringProperty("")


class RowCells(Picture):
    """The cells of one pupil under the letters of their subjects, or the words in their place."""

    heads = ListProperty([])
    cells = ListProperty([])
    note = StringProperty("")
    shown_by = ("heads", "cells", "note")

    def paint(self) -> None:
        """From the left."""
        look = self.look
        if self.note:
            write(look, self.note, look.palette.ink2, (self.x, self.center_y), self.width, 18, True)
            return
        columns = Columns.within(look, 0, self.width, len(self.cells), look.px(22))
        for at, state in enumerate(self.cells):
            cell(look, state, (self.x + (at + 0.5) * columns.pitch, self.center_y), columns.size)


class ClassStage(Layout):
    """The columns of the picture side by side, over them what is touched."""

    gap = NumericProperty(16)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._shape = Shape(2, 12, 6)
        self._pictures: list[ClassPicture] = []
        self._few: list[list[tuple[Few, int, int]]] = []
        for name in ("children", "size", "pos", "gap"):
            self.fbind(name, self._trigger_layout)

    def show(
        self, heads: tuple[str, ...], lines: list[Drawn], shape: Shape, wires: Wires, opened: Callable[[int], None]
    ) -> None:
        """Show the lines of one page. opened: takes the first of the lines that were touched."""
        self._shape = shape
        self.clear_widgets()
        self._pictures, self._few = [], []
        start = 0
        shared = shared_out(len(lines), shape.lines, shape.columns)
        for count in [shared[0], *filter(None, shared[1:])]:
            shown = lines[start : start + count]
            picture = ClassPicture(heads=list(heads), lines=shown, breaks=shape.touched)
            self.add_widget(picture)
            touched = []
            for begin, end in sixes(shown, shape.touched):
                few = Few(wires=wires)
                few.opened = partial(opened, start + begin)
                self.add_widget(few)
                touched.append((few, begin, end))
            self._pictures.append(picture)
            self._few.append(touched)
            start += count

    def do_layout(self, *_: object) -> None:
        """Share the width out; a line is as high as the fullest column lets it be."""
        look: Look = App.get_running_app().look
        head = look.px(HEAD_HIGH + 4)
        most = (self.height - head) / self._shape.lines
        high = min(most, look.px(34 if look.large else 22.6 if not look.tall else 25))
        wide = (self.width - self.gap * (self._shape.columns - 1)) / self._shape.columns
        for at, (picture, touched) in enumerate(zip(self._pictures, self._few, strict=True)):
            picture.line_high = high
            picture.size = (wide, min(head + high * self._shape.lines, self.height))
            picture.pos = (self.x + at * (wide + self.gap), self.top - picture.height)
            top = picture.top - look.px(HEAD_HIGH + 1)
            for few, begin, end in touched:
                # The last few lines of a class may be fewer than a finger wants.
                tall = max((end - begin) * high, look.px(80))
                few.size = (wide, tall)
                few.pos = (picture.x, max(top - begin * high - tall, self.y))


class ClassPage(Page):
    """The picture of a class; or a few of its pupils, large."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._stage, self._rows = ClassStage(), GridLayout()
        self._view: View | None = None
        self._words: Words | None = None
        self._at, self._opened = 0, -1

    def draw(self, view: View, words: Words) -> None:
        """The page with the present pupil first; what somebody opened stays open."""
        look: Look = App.get_running_app().look
        former = self._view.matrix.at if self._view is not None and self._view.matrix is not None else ""
        self._view, self._words = view, words
        matrix = view.matrix or Matrix((), ())
        ids = self.ids
        ids.name.words = view.heading
        done, total = view.progress or (0, 0)
        ids.told.words = words.say(Message.of("tb.progress", done=done, total=total)) if view.progress else ""
        ids.meter.share = done / total if total else 0
        ids.meter.opacity = 1 if view.progress else 0
        note = view.prompt if _is_named(view) or view.message is None else view.message
        ids.note.words = said(words, _short(note, matrix, words))
        ids.note.tone = tone_of_message(note) if note is not None else Tone.PLAIN
        room = look.px(look.wide - 32 - (0 if look.tall else 44)) - (
            0 if look.tall else _named_width(look, view.heading)
        )
        crowded = bool(ids.note.words) and (look.large or wide(look, ids.note.words, 16) > room)
        legend = [] if crowded else _legend(matrix, words, look, room)
        ids.legend.clear_widgets()
        for state in legend:
            ids.legend.add_widget(LegendPart(state=state, words=words.cell(state)))
        if matrix.at != former:
            self._turn_to(matrix)
        self._show()

    def _turn_to(self, matrix: Matrix) -> None:
        look: Look = App.get_running_app().look
        shape = Shape.of(look, len(matrix.lines), len(matrix.heads))
        at = next((at for at, line in enumerate(matrix.lines) if line.id == matrix.at), 0)
        self._at, self._opened = at // shape.page, -1

    def _show(self) -> None:
        view, words = self._view, self._words
        assert view is not None and words is not None
        look: Look = App.get_running_app().look
        matrix = view.matrix or Matrix((), ())
        shape = Shape.of(look, len(matrix.lines), len(matrix.heads))
        pages = max(-(-len(matrix.lines) // shape.page), 1)
        self._at %= pages
        lines = matrix.lines[self._at * shape.page : (self._at + 1) * shape.page]
        heads = words.heads(matrix.heads)
        bar = [_named(one, view, words) for one in controls(view, words)]
        if self._opened >= 0:
            self._show_rows(lines[self._opened : self._opened + shape.touched], heads, words)
            back = Control("", words.action("back"), sign="\ue058", turn=self._close)
            self.ids.bar.show([back, *(one for one in bar if one.action != "back")])
            return
        drawn = [
            Drawn(line.text, line.cells, said(words, line.note), line.id == matrix.at and bool(matrix.at))
            for line in lines
        ]
        self._stage.show(heads, drawn, shape, self.wires, self._open)
        self._fill(self._stage)
        if pages > 1:
            bar.insert(1, Control("", f"{self._at + 1} / {pages}", sign=ARROW_RIGHT, after=True, turn=self._turn))
        self.ids.bar.show(bar)

    def _show_rows(self, lines: tuple[MatrixLine, ...], heads: tuple[str, ...], words: Words) -> None:
        look: Look = App.get_running_app().look
        rows = self._rows
        rows.clear_widgets()
        rows.cols = 1 if look.tall else 2
        rows.spacing = look.px(8)
        rows.row_force_default, rows.row_default_height = True, look.px(112 if look.large else 84)
        for line in lines:
            row = (
                LargeRow(wires=self.wires, action=line.actions[0], argument=line.id, name=line.text)
                if line.actions
                else FlatRow(name=line.text)
            )
            row.ids.cells.heads, row.ids.cells.cells = list(heads), list(line.cells)
            row.ids.cells.note = said(words, line.note)
            rows.add_widget(row)
        self._fill(rows)

    def _fill(self, stage: Widget) -> None:
        if stage.parent is None:
            self.ids.place.clear_widgets()
            self.ids.place.add_widget(stage)

    def _open(self, first: int) -> None:
        self._opened = first
        self._show()

    def _close(self) -> None:
        self._opened = -1
        self._show()

    def _turn(self) -> None:
        self._at += 1
        self._show()


def _named_width(look: Look, name: str) -> float:
    """The width of the name with the bar beside it, and the gaps."""
    return look.px(44) + wide(look, name, 40) + look.px(_METER_LARGE if look.large else _METER)


def _legend(matrix: Matrix, words: Words, look: Look, room: float) -> list[CellState]:
    """What the signs mean: of the usual three, and of what there is else, as much as has room."""
    found = {state for line in matrix.lines for state in line.cells}
    wanted = [state for state in _TOLD if state in found or (state in _USUAL and not found - set(_USUAL))]
    told: list[CellState] = []
    for state in wanted:
        room -= look.px(24 + 16) + wide(look, words.cell(state), 16)
        if room < 0:
            break
        told.append(state)
    return told


def _is_named(view: View) -> bool:
    """Whether the button of what is missing says it."""
    return "missing" in view.actions and view.message is not None and view.message.key == "tb.missing"


def _short(message: Message | None, matrix: Matrix, words: Words) -> Message | None:
    """What is missing by the letters of the picture; any other message as it is."""
    if message is None or message.key != "tb.missing":
        return message
    letters = dict(zip(matrix.heads, words.heads(matrix.heads), strict=True))
    named = [one.strip() for one in str(dict(message.params).get("subjects", "")).split(",")]
    return Message.of("tb.missing", subjects=", ".join(letters.get(one, one) for one in named))


def _named(control: Control, view: View, words: Words) -> Control:
    """The button of what is missing names it."""
    if control.action != "missing" or not _is_named(view):
        return control
    named = said(words, _short(view.message, view.matrix or Matrix((), ()), words))
    return Control(control.action, named, sign=control.sign, solid=True)
