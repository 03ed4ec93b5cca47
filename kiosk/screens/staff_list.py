"""A list for staff: each row with what they are told of it and its buttons; exceptions, devices, sets, class lists."""

from __future__ import annotations

from kivy.properties import StringProperty

from kiosk.circulation.views import View
from kiosk.screens.page import Page, controls
from kiosk.screens.rows import card
from kiosk.text import Words


class StaffListPage(Page):
    """Rows under a heading; more than fit are reached by a finger, as in the account. figures: all in one line."""

    figures = StringProperty("")

    def draw(self, view: View, words: Words) -> None:
        """The rows keep their place while only the message changes."""
        self.ids.head.show(view, words)
        self.figures = " · ".join(f"{words.label(figure.key)}: {figure.value}" for figure in view.figures)
        rows = (view.rows, view.language)
        if rows != getattr(self, "_shown", None):
            self._shown = rows
            self.ids.stage.ids.list.show([card(row, words, self.wires) for row in view.rows])
        self.ids.bar.show(controls(view, words))
