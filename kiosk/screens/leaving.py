"""The last pages: what the visit did, the warning before sign-out, out of service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import Row, View
from kiosk.screens.page import Page, call_button, controls, said, two_parts
from kiosk.screens.rows import card, standing
from kiosk.screens.slip_code import slip_text
from kiosk.screens.themes import Tone
from kiosk.screens.tone import ACTIONS, LEAVE, tone_of_row
from kiosk.screens.widgets import Control, connect
from kiosk.screens.wires import Wires
from kiosk.text import Words


class SummaryPart(BoxLayout):
    """What was lent, or what came back. due: if all of it is lent until one day. standing: there is no list."""

    tone = ObjectProperty(Tone.BORROWED)
    words = StringProperty("")
    due = StringProperty("")
    share = NumericProperty(1)
    standing = BooleanProperty(True)
    filled = BooleanProperty(False)

    def show(self, rows: Sequence[Row], words: Words, wires: Wires) -> None:
        """Books with one date, or none, stand on the shelf; those with several, or something to do, are listed."""
        self.filled = bool(rows)
        asked = any(row.actions for row in rows)
        self.words = words.state(replace(rows[0], due=None, days=None)) if rows and not asked else ""
        dates = {row.due for row in rows}
        self.standing = len(dates) < 2 and not asked
        day = next(iter(dates), None)
        self.due = words.date_words(day) if self.standing and day is not None else ""
        self.share = max(min(len(rows), 4), 1.6) if rows else 0.001
        self.ids.books.show([standing(row) for row in rows] if self.standing else [])
        self.ids.rows.show([] if self.standing else [card(row, words, wires) for row in rows])


class SummaryPage(Page):
    """The visit is over; nobody's name is on the screen any more."""

    def draw(self, view: View, words: Words) -> None:
        """Goodbye, or what became of the slip, and the books with their dates."""
        self.ids.question.words = said(words, view.message or view.prompt)
        self.ids.code.text = "" if "undo_all" in view.actions else slip_text(view.rows, words)
        lent = [row for row in view.rows if tone_of_row(row.state) is Tone.BORROWED]
        returned = [row for row in view.rows if row not in lent]
        if any(row.actions for row in view.rows):
            lent, returned = [*returned, *lent], []
        self.ids.lent.show(lent, words, self.wires)
        self.ids.returned.show(returned, words, self.wires)
        self.ids.bar.show(controls(view, words))


class OutOfServicePage(Page):
    """Nothing works until the ledger does."""

    def draw(self, view: View, words: Words) -> None:
        """What is so, small; what to do, large; or that the librarian has been called."""
        first, rest = two_parts(words, view.message)
        self.ids.first.words, self.ids.rest.words = first, rest
        self.ids.bar.show([call_button(view, words)] if "call" in view.actions else [])


class IdleWarning(BoxLayout):
    """Lies over a page while its seconds run out. A touch anywhere says "I am here"."""

    name = StringProperty("")
    question = StringProperty("")
    left = NumericProperty(0)
    whole = NumericProperty(1)
    left_words = StringProperty("")
    books = BooleanProperty(False)

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
        stand = [row for row in view.rows if row.title is not None][:6]
        self.books = bool(stand)
        self.ids.books.show([standing(row) for row in stand])
        shown = [Control(leave, words.label("btn.exit"), sign=LEAVE)] if leave else []
        more = Control("more_time", words.action("more_time"), primary=True, right=True, sign=ACTIONS["more_time"])
        shown.append(more)
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
