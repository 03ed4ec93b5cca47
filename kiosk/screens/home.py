"""Home: what to do here, in pictures; the languages; what came back just now."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.circulation.views import View
from kiosk.screens.page import Page, controls, said, two_parts
from kiosk.screens.rows import tile
from kiosk.screens.tone import tone_of_message
from kiosk.screens.widgets import PushButton
from kiosk.screens.wires import Wires
from kiosk.text import Words, language_name, languages


class HomePictures(FloatLayout):
    """Card and book make a loan; a book that goes down into the gap is returned."""

    borrow = StringProperty("")
    give_back = StringProperty("")


class HomeNews(BoxLayout):
    """What became of the last scan, and the books it was about."""


class LanguageButton(PushButton):
    """One of the languages."""


class HomePage(Page):
    """Nobody is signed in."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._pictures = HomePictures()
        self._news = HomeNews()

    def draw(self, view: View, words: Words) -> None:
        """Pictures while nothing has happened, else the news."""
        self.ids.question.words = said(words, view.prompt)
        self._show_languages(view)
        self.ids.bar.show(controls(view, words, without=("language",)))
        message = view.message if view.message != view.prompt else None
        if message is None and not view.rows:
            self._pictures.borrow = words.label("menu.checkout")
            self._pictures.give_back = words.label("menu.return")
            self._fill(self._pictures)
            return
        heading, detail = two_parts(words, message)
        ids = self._news.ids
        ids.heading.words, ids.detail.words = heading, detail
        if message is not None:
            ids.heading.tone = tone_of_message(message)
        ids.card.opacity = 0 if message is not None else 1
        ids.list.show([tile(row, words, self.wires) for row in view.rows])
        ids.list.size_hint_x = None if view.rows else 0.001
        self._fill(self._news)

    def _fill(self, stage: FloatLayout | BoxLayout) -> None:
        if stage.parent is None:
            self.ids.stage.clear_widgets()
            self.ids.stage.add_widget(stage)

    def _show_languages(self, view: View) -> None:
        switch = self.ids.languages
        if "language" not in view.actions:
            switch.clear_widgets()
            return
        if not switch.children:
            for code in sorted(languages(), key=_order):
                switch.add_widget(LanguageButton(wires=self.wires, action="language", argument=code))
        for button in switch.children:
            button.words = language_name(button.argument)
            button.primary = button.argument == view.language


def _order(language: str) -> tuple[int, str]:
    """The state language first, then the one of the other classes, then what a folder more has brought."""
    known = ("kk", "ru", "en")
    return (known.index(language) if language in known else len(known), language)
