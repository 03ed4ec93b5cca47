"""The search: a field, what was found, a keyboard."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import Row, RowState, View
from kiosk.screens.keyboard import DELETE
from kiosk.screens.look import TARGET
from kiosk.screens.page import Page, said
from kiosk.screens.rows import RowButton, branch_of
from kiosk.screens.themes import Tone
from kiosk.screens.tone import SIGNS, tone_of_message, tone_of_row
from kiosk.screens.widgets import Scroller
from kiosk.screens.wires import Wires
from kiosk.text import Words

DEBOUNCE_S = 0.4
MOST_LETTERS = 100


class Hit(BoxLayout):
    """A title that was found, with its buttons."""

    branch = StringProperty("")
    title = StringProperty("")
    author = StringProperty("")
    state = StringProperty("")
    sign = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)


class Hits(Scroller):
    """What was found."""


class SearchPage(Page):
    """Typing searches by itself after a moment; the button with the lens searches at once."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._text: str | None = None
        self._sent = ""
        self._shown: tuple[tuple[Row, ...], bool, str] | None = None
        self._send_soon = Clock.create_trigger(self._send, DEBOUNCE_S)
        self.ids.keyboard.attach(wires, self._letter)
        self.ids.go.bind(on_release=lambda _: self._send_soon.cancel())

    def draw(self, view: View, words: Words) -> None:
        """What was found; the text in the field stays that of the child, who may be typing on."""
        if self._text is None:
            self._text = self._sent = view.typed
        ids = self.ids
        ids.keyboard.show(view.language)
        ids.empty.words = said(words, view.prompt)
        ids.back.action = "back"
        ids.go.action = "search"
        ids.go.words = words.action("search")
        self._show_text()
        ids.note.words = said(words, view.message)
        ids.note.tone = tone_of_message(view.message) if view.message is not None else Tone.PLAIN
        asks = "request" in view.actions
        if (view.rows, asks, view.language) != self._shown:
            self._shown = (view.rows, asks, view.language)
            request = RowButton(wires=self.wires, action="request", words=words.action("request"), lines=3)
            look = App.get_running_app().look
            if look.tall:
                request.size_hint_y, request.height = None, look.px(TARGET + 1)
            ids.hits.show([*(self._hit(row, words) for row in view.rows), *([request] if asks else [])])

    def _hit(self, row: Row, words: Words) -> Hit:
        tone = tone_of_row(row.state)
        shelf = words.shelf(row)
        state = shelf if shelf and row.state is RowState.IN else words.state(row)
        author = row.title.author if row.title is not None else ""
        hit = Hit(branch=branch_of(row.title), title=row.text, author=author, state=state, sign=SIGNS[tone], tone=tone)
        for action in row.actions:
            hit.add_widget(RowButton(wires=self.wires, action=action, argument=row.id, words=words.action(action)))
        return hit

    def _letter(self, letter: str) -> None:
        text = self._text or ""
        text = text[:-1] if letter == DELETE else (text + letter.lower())[:MOST_LETTERS]
        self._text = text
        self._show_text()
        self._send_soon.cancel()
        self._send_soon()

    def _show_text(self) -> None:
        self.ids.typed.words = self.ids.go.argument = self._text or ""

    def _send(self, *_: object) -> None:
        text = self._text or ""
        if self.get_root_window() is not None and text != self._sent:
            self._sent = text
            self.wires.type(text)
