"""Home: what to do here, in pictures; the languages; what came back just now."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.circulation.views import Message, View
from kiosk.screens.newest import Newest, newest_row
from kiosk.screens.page import Page, controls, load, said, two_parts
from kiosk.screens.rows import tile
from kiosk.screens.sync_sign import cloud
from kiosk.screens.tone import tone_of_message, tone_of_row
from kiosk.screens.widgets import PushButton
from kiosk.screens.wires import Wires
from kiosk.text import Words, language_name, languages


class HomePictures(FloatLayout):
    """Card and book make a loan; a book that goes down into the gap is returned."""

    borrow = StringProperty("")
    give_back = StringProperty("")
    is_tall = BooleanProperty(True)


class Cloud(BoxLayout):
    """A sign, perhaps with a number."""

    sign = StringProperty("")
    count = StringProperty("")


class LanguageButton(PushButton):
    """One of the languages."""


class HomePage(Page):
    """Nobody is signed in."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._pictures = HomePictures()
        self._news: Newest | None = None

    def draw(self, view: View, words: Words) -> None:
        """Pictures while nothing has happened, else the news."""
        self.ids.question.words = said(words, view.prompt)
        self._show_languages(view)
        self.ids.appearance.words = words.action("appearance")
        self.ids.bar.show(controls(view, words, without=("language", "appearance")))
        message = view.message if view.message != view.prompt else None
        quiet = message is None and not view.rows
        self.ids.cloud.sign, self.ids.cloud.count = cloud(view.sync, quiet)
        self.ids.sync.show(view.sync, words, quiet)
        self._pictures.is_tall = not self.ids.sync.words
        if quiet:
            self._pictures.borrow = words.label("menu.checkout")
            self._pictures.give_back = words.label("menu.return")
            self._fill(self._pictures)
            return
        if self._news is None:
            load("newest")
            self._news = Newest(empty="seal")
        self._show_news(self._news, view, message, words)
        self._fill(self._news)

    def _show_news(self, news: Newest, view: View, message: Message | None, words: Words) -> None:
        newest = newest_row(view)
        news.show_book(newest)
        if message is not None:
            news.say(*two_parts(words, message), tone_of_message(message))
        elif newest is not None:
            news.say(words.state(newest), "", tone_of_row(newest.state))
        news.beside([tile(row, words, self.wires) for row in view.rows if row is not newest])

    def _fill(self, stage: Widget) -> None:
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
