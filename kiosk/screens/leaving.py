"""The last pages: what the visit did, the warning before sign-out, out of service."""

from __future__ import annotations

from typing import Any

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import View
from kiosk.screens.page import Page, controls, said, two_parts
from kiosk.screens.rows import card
from kiosk.screens.slip_code import slip_text
from kiosk.screens.widgets import Control, connect
from kiosk.screens.wires import Wires
from kiosk.text import Words


class SummaryPage(Page):
    """The visit is over; nobody's name is on the screen any more."""

    def draw(self, view: View, words: Words) -> None:
        """Goodbye, or what became of the slip, and the books with their dates."""
        self.ids.question.words = said(words, view.message or view.prompt)
        self.ids.code.text = "" if "undo_all" in view.actions else slip_text(view.rows, words)
        self.ids.stage.ids.list.show([card(row, words, self.wires) for row in view.rows])
        self.ids.bar.show(controls(view, words))


class OutOfServicePage(Page):
    """Nothing works until the ledger does."""

    def draw(self, view: View, words: Words) -> None:
        """What is so, small; what to do, large."""
        first, rest = two_parts(words, view.message)
        self.ids.first.words, self.ids.rest.words = first, rest


class IdleWarning(BoxLayout):
    """Lies over a page while its seconds run out. A touch anywhere says "I am here"."""

    name = StringProperty("")
    question = StringProperty("")
    left = NumericProperty(0)
    whole = NumericProperty(1)
    left_words = StringProperty("")

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._wires = wires
        connect(self, wires)

    def draw(self, view: View, words: Words) -> None:
        """The seconds left, of as many as were left first."""
        left = view.countdown or 0
        self.left = left
        self.whole = max(self.whole, left, 1)
        self.name = view.patron.name if view.patron is not None else ""
        self.question, self.left_words = two_parts(words, view.message)
        leave = "finish" if "finish" in view.actions else "done" if "done" in view.actions else ""
        shown = [Control(leave, words.action(leave))] if leave else []
        shown.append(Control("more_time", words.action("more_time"), primary=True, right=True))
        self.ids.bar.show(shown)

    def on_touch_down(self, touch: Any) -> bool:
        """Nothing below is reached; the buttons of the warning are."""
        super().on_touch_down(touch)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """A touch that was on no button is one that says "I am here"."""
        taken = super().on_touch_up(touch)
        elsewhere = not taken and touch.grab_current is None and not self.ids.bar.collide_point(*touch.pos)
        if elsewhere and self._wires.gate.lets(self, touch.pos):
            self._wires.press("more_time", "")
        return True
