"""The pages with a keypad: an inventory number, a PIN of digits, a date."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import View
from kiosk.screens.keypad import Keypad
from kiosk.screens.look import Tone
from kiosk.screens.page import Page, controls, said
from kiosk.screens.rows import card
from kiosk.screens.tone import tone_of_message
from kiosk.screens.widgets import Control, Rows
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
        self._digits = self.ids.digits
        self._list = Rows()

    def draw(self, view: View, words: Words) -> None:
        """The keypad, or the books to choose from. One book alone is answered with the large buttons."""
        super().draw(view, words)
        shown = self._list if view.rows else self._digits
        if shown.parent is None:
            self.ids.stage.clear_widgets()
            self.ids.stage.add_widget(shown)
        alone = len(view.rows) == 1
        self._list.show([card(row, words, self.wires, True, ("yes",) if alone else ()) for row in view.rows])
        argument = view.rows[0].id if alone else ""
        without = ("yes",) if view.rows and not alone else ()
        self.ids.bar.show(
            [
                Control(one.action, one.words, argument, one.primary, one.right) if one.action == "yes" else one
                for one in controls(view, words, without)
            ]
        )


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
