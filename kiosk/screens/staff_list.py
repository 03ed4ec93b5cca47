"""A list for staff: each row with what they are told of it and its buttons; exceptions, devices, sets, class lists."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import Row, RowState, View
from kiosk.screens.entry import TypingPage
from kiosk.screens.page import controls
from kiosk.screens.rows import RowButton, card
from kiosk.screens.staff import ToldRow
from kiosk.screens.themes import Tone
from kiosk.screens.tone import ACTIONS, INFO, SIGNS, TICK, tone_of_row
from kiosk.screens.wires import Wires
from kiosk.text import Words


class LineRow(BoxLayout):
    """A row of no title: what is so, and what can be done about it."""


class StaffListPage(TypingPage):
    """Rows under a heading; more than fit are reached by a finger, as in the account. figures: all in one line."""

    figures = StringProperty("")

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._shown: tuple[object, ...] = ()

    def show(self, view: View, words: Words) -> None:
        """The rows keep their place while only the message changes."""
        ids = self.ids
        ids.head.show(view, words)
        self.figures = " · ".join(f"{words.label(figure.key)}: {figure.value}" for figure in view.figures)
        done, total = view.progress or (0, 0)
        is_working = bool(total) and not view.rows and not view.actions
        ids.meter.share, ids.meter.opacity = (done / total, 1) if is_working else (0, 0)
        ids.meter.high = 24 if is_working else 0
        shown = (view.rows, view.language)
        if shown != self._shown:
            self._shown = shown
            ids.stage.ids.list.show([self._row(row, words) for row in view.rows])
        ids.bar.show([self.or_typed(one) for one in controls(view, words)])

    def _row(self, row: Row, words: Words) -> BoxLayout:
        if row.title is not None:
            drawn_card = card(row, words, self.wires)
            look = App.get_running_app().look
            drawn_card.most = 3 if row.note is not None and (look.large or look.tall) else 2
            return drawn_card
        tone = tone_of_row(row.state)
        plain = "" if row.state is RowState.CHOICE else INFO
        sign = TICK if row.state is RowState.CHOSEN else plain if tone is Tone.PLAIN else SIGNS[tone]
        drawn = LineRow()
        note = words.note(row) if row.text else ""
        drawn.add_widget(ToldRow(sign=sign, tone=tone, words=words.text(row), source=note, below=True))
        for action in row.actions:
            said = {"words": words.action(action), "sign": ACTIONS.get(action, "")}
            drawn.add_widget(RowButton(wires=self.wires, action=action, argument=row.id, **said))
        return drawn
