"""Typing on a staff page: a field with the keyboard under it, on a page of its own or in place of one's stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import View
from kiosk.screens.keyboard import DELETE
from kiosk.screens.page import Page, said
from kiosk.screens.themes import Tone
from kiosk.screens.tone import ACTIONS, tone_of_message
from kiosk.screens.widgets import Control
from kiosk.screens.wires import Wires
from kiosk.text import Words

MOST_LETTERS = 100
_TYPES = "type_"
"""An action that begins so is done by typing: the keyboard opens on the page, and the text is what is sent."""


class TextEntry(BoxLayout):
    """A field with the keyboard under it. hint: said in the field while it is empty."""

    typed = StringProperty("")
    hint = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.entered: Callable[[str], None] = lambda text: None

    def attach(self, wires: Wires, entered: Callable[[str], None], left: Callable[[], None] | None) -> None:
        """Connect it. entered: takes the text when it is done. left: nothing was typed after all; None: «back»."""
        self.entered = entered
        self.ids.keyboard.attach(wires, self._letter)
        for button, turn in ((self.ids.back, left), (self.ids.go, self._enter)):
            button.wires, button.turn = wires, turn
        self.ids.back.action = "" if left is not None else "back"

    def show(self, view: View, words: Words) -> None:
        """In the language of the view."""
        self.ids.keyboard.show(view.language)
        self.ids.go.words = words.action("done")
        self.hint = said(words, view.prompt)
        self.ids.note.words = said(words, view.message)
        self.ids.note.tone = tone_of_message(view.message) if view.message is not None else Tone.PLAIN

    def _letter(self, letter: str) -> None:
        if letter == DELETE:
            self.typed = self.typed[:-1]
            return
        begins = not self.typed or self.typed[-1] in " -"
        self.typed = (self.typed + (letter.upper() if begins else letter.lower()))[:MOST_LETTERS]

    def _enter(self) -> None:
        if self.typed.strip():
            text, self.typed = self.typed.strip(), ""
            self.entered(text)


class TextPage(Page):
    """A text is typed: a name, a reason."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self.ids.entry.attach(wires, wires.type, None)

    def draw(self, view: View, words: Words) -> None:
        """What was typed stays: somebody may be typing on."""
        self.ids.entry.show(view, words)


class TypingPage(Page):
    """A page of which the keyboard may take the place, for an action that is done by typing."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._entry = TextEntry()
        self._entry.attach(wires, self._typed, self._close)
        self._usual = list(self.children)
        self._drawn: tuple[View, Words] | None = None

    def draw(self, view: View, words: Words) -> None:
        """The page, or the keyboard for as long as the view stays the same but for its message."""
        before = self._drawn[0] if self._drawn is not None else None
        if before is not None and (before.rows, before.cells, before.actions) != (view.rows, view.cells, view.actions):
            self._close()
        self._drawn = (view, words)
        self._entry.show(view, words)
        self.show(view, words)

    def show(self, view: View, words: Words) -> None:
        """Draw the page itself."""
        raise NotImplementedError

    def or_typed(self, control: Control) -> Control:
        """The same button, or one that opens the keyboard."""
        if not control.action.startswith(_TYPES):
            return control
        return Control("", control.words, sign=control.sign or ACTIONS["number"], turn=self._open)

    def _open(self) -> None:
        self.clear_widgets()
        self.add_widget(self._entry)

    def _close(self) -> None:
        if self._entry.parent is not None:
            self.clear_widgets()
            for child in reversed(self._usual):
                self.add_widget(child)

    def _typed(self, text: str) -> None:
        self._close()
        self.wires.type(text)
