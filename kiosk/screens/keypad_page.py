"""The pages with a keypad: an inventory number, a PIN of digits, a date."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.circulation.views import Row, View
from kiosk.screens.keypad import Keypad
from kiosk.screens.newest import Newest
from kiosk.screens.page import Page, controls, said
from kiosk.screens.rows import card, state_line
from kiosk.screens.themes import Tone
from kiosk.screens.tone import tone_of_message
from kiosk.screens.widgets import RowsStage
from kiosk.screens.wires import Wires
from kiosk.text import Words

MOST_PIN = 12


class Field(BoxLayout):
    """A field for what is typed. hint: said in it while it is empty."""

    typed = StringProperty("")
    hint = StringProperty("")


class KeypadPage(Page):
    """A question, and digits to answer it."""

    most = 20

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        keypad: Keypad = self.ids.keypad
        keypad.attach(wires, self.entered, self.most)
        keypad.bind(typed=lambda _, typed: self.show_typed(typed))

    def draw(self, view: View, words: Words) -> None:
        """The question, the message, the buttons."""
        self.ids.question.words = said(words, view.prompt)
        note = self.ids.note
        note.words = said(words, view.message)
        note.tone = tone_of_message(view.message) if view.message is not None else Tone.PLAIN
        self.ids.bar.show(controls(view, words))

    def entered(self, typed: str) -> None:
        """What was typed is sent."""
        self.wires.type(typed)

    def show_typed(self, typed: str) -> None:
        """Show what is typed so far."""
        self.ids.field.typed = typed


class NumberPage(KeypadPage):
    """An inventory number; then "this one?" of the books that have it."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._digits = self.ids.digits.__self__
        self._list = RowsStage()
        self._one = Newest()

    def draw(self, view: View, words: Words) -> None:
        """The keypad, or the books to choose from. One book alone is answered with the large buttons."""
        super().draw(view, words)
        if len(view.rows) == 1:
            self._draw_one(view, view.rows[0], words)
            return
        self._fill(self._list if view.rows else self._digits)
        self._list.ids.list.show([card(row, words, self.wires, chosen_from=True) for row in view.rows])
        self.ids.bar.show(controls(view, words, ("yes",) if view.rows else ()))

    def _draw_one(self, view: View, row: Row, words: Words) -> None:
        self._fill(self._one)
        self._one.show_book(row, with_seal=False)
        self._one.say(row.text, state_line(row, words, chosen_from=True), Tone.PLAIN)
        self._one.bold_detail = False
        self.ids.bar.show(
            [
                replace(control, argument=row.id) if control.action == "yes" else control
                for control in controls(view, words)
            ]
        )

    def _fill(self, stage: Widget) -> None:
        if stage.parent is None:
            self.ids.stage.clear_widgets()
            self.ids.stage.add_widget(stage)


class PinPage(KeypadPage):
    """A PIN of digits, shown as dots."""

    most = MOST_PIN

    def show_typed(self, typed: str) -> None:
        """Only dots."""
        self.ids.field.typed = "•" * len(typed)


class ClockPage(KeypadPage):
    """The date: yes to the one offered, or another one typed."""

    most = 8

    def draw(self, view: View, words: Words) -> None:
        """The form of a date stands in the empty field."""
        super().draw(view, words)
        self.ids.field.hint = _HINTS.get(view.language, _HINTS["en"])

    def show_typed(self, typed: str) -> None:
        """With the points of a date."""
        self.ids.field.typed = dotted(typed)

    def entered(self, typed: str) -> None:
        """Day, month and year go with their points."""
        self.wires.type(dotted(typed))


_HINTS = {"kk": "КК.АА.ЖЖЖЖ", "ru": "ДД.ММ.ГГГГ", "en": "DD.MM.YYYY"}


def dotted(digits: str) -> str:
    """01092026 as 01.09.2026."""
    return ".".join(part for part in (digits[:2], digits[2:4], digits[4:]) if part)
