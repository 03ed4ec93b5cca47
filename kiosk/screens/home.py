"""Home: what to do here, in pictures; the languages; what came back just now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.circulation.appearance import Theme
from kiosk.circulation.views import Message, RowState, View
from kiosk.screens.largest import newest_row
from kiosk.screens.look import LONG_SIDE, SHORT_SIDE
from kiosk.screens.newest import Newest
from kiosk.screens.page import Page, call_beside, controls, load, said, two_parts
from kiosk.screens.rows import tile
from kiosk.screens.sync_sign import cloud
from kiosk.screens.tone import ACTIONS, picture_of, tone_of_message, tone_of_row
from kiosk.screens.widgets import Control, PushButton, Touchable, connect
from kiosk.screens.wires import Wires
from kiosk.text import Words, language_name


class HomePictures(FloatLayout):
    """Card and book make a loan; a book that goes down into the gap is returned.

    left: of the design's 800 in a wider window; half: how high the lower of two shelves is; story: how high the
    pictures may be, words_high: their words, both beside each other; lit: see `BorrowStory`.
    """

    borrow = StringProperty("")
    give_back = StringProperty("")
    left = NumericProperty(0)
    half = NumericProperty(0)
    story = NumericProperty(0)
    words_high = NumericProperty(36)
    lit = NumericProperty(-1)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("pos", "size"):
            self.fbind(name, self._share)

    def _share(self, *_: object) -> None:
        look = App.get_running_app().look
        wide = SHORT_SIDE if look.tall else LONG_SIDE
        self.left = self.center_x - look.px(wide / 2)
        self.half = (self.height - look.px(12)) / 2
        self.story = min(look.px(232), self.height - look.px(38))


class Cloud(BoxLayout):
    """A sign, perhaps with a number."""

    sign = StringProperty("")
    count = StringProperty("")


class LanguageSwitch(BoxLayout):
    """The languages side by side in one frame."""


class Segment(Touchable, BoxLayout):
    """One of the languages."""

    words = StringProperty("")
    primary = BooleanProperty(False)
    first = BooleanProperty(False)
    last = BooleanProperty(False)


class GlobeButton(PushButton):
    """In large text, the other languages: a touch turns to the next one."""


class HomePage(Page):
    """Nobody is signed in."""

    with_appearance = BooleanProperty(False)

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._pictures = HomePictures()
        self._news: Newest | None = None

    @property
    def stage(self) -> Newest | None:
        """The news, if there are any."""
        return self._news if self._news is not None and self._news.parent is not None else None

    @property
    def tells(self) -> bool:
        """While nothing has happened."""
        return self._pictures.parent is not None

    def tell(self, step: int) -> None:
        """The light goes from the card to the book, the loan is sealed, then the other story."""
        self._pictures.lit = step

    def draw(self, view: View, words: Words) -> None:
        """Pictures while nothing has happened, else the news."""
        self.ids.question.words = said(words, view.prompt)
        self._show_languages(view)
        shown = controls(view, words, without=("language",))
        call = call_beside(view, words)
        without = ("appearance", *(one.action for one in call))
        self.ids.bar.show([_named(one, words) for one in shown if one.action not in without])
        self.with_appearance = "appearance" in view.actions
        self.ids.beside.show(
            [replace(one, primary=self._is_changed(view)) for one in shown if one.action == "appearance"]
        )
        message = view.message if view.message != view.prompt else None
        quiet = message is None and not view.rows
        self.ids.cloud.sign, self.ids.cloud.count = cloud(view.sync, quiet)
        self.ids.sync.show(view.sync, words, quiet)
        if quiet:
            self._pictures.borrow = words.label("menu.checkout")
            self._pictures.give_back = words.label("menu.return")
            self._fill(self._pictures)
            return
        if self._news is None:
            load("newest")
            self._news = Newest(empty="seal")
            connect(self._news, self.wires)
        self._show_news(self._news, view, message, words)
        self._news.offer(call)
        self._fill(self._news)

    def _show_news(self, news: Newest, view: View, message: Message | None, words: Words) -> None:
        newest = newest_row(view)
        news.show_book(newest)
        if message is not None:
            news.say(*two_parts(words, message), tone_of_message(message), picture_of(message))
        elif newest is not None:
            waits = newest.state is RowState.WAITING
            news.say(words.state(newest), said(words, view.prompt) if waits else "", tone_of_row(newest.state))
        news.beside([tile(row, words, self.wires) for row in view.rows if row is not newest])

    def _fill(self, stage: Widget) -> None:
        if stage.parent is None:
            self.ids.stage.clear_widgets()
            self.ids.stage.add_widget(stage)

    def _is_changed(self, view: View) -> bool:
        """A mode that somebody chose is seen on its button; the night's colours come by the hour."""
        return view.appearance.large or view.appearance.theme is Theme.CONTRAST

    def _show_languages(self, view: View) -> None:
        switch = self.ids.languages
        if "language" not in view.actions:
            switch.clear_widgets()
            return
        codes = list(view.languages)
        folded = view.appearance.large
        if [one.argument for one in switch.children[::-1]] != (codes if not folded else [_after(view.language, codes)]):
            switch.clear_widgets()
            if folded:
                switch.add_widget(GlobeButton(wires=self.wires, action="language", sign=ACTIONS["language"]))
            else:
                for code in codes:
                    place = {"first": code == codes[0], "last": code == codes[-1]}
                    switch.add_widget(Segment(wires=self.wires, action="language", argument=code, **place))
        for button in switch.children:
            if folded:
                button.argument = _after(view.language, codes)
                button.words = " / ".join(language_name(code) for code in codes if code != view.language)
            else:
                button.words = language_name(button.argument)
                button.primary = button.argument == view.language


def _named(control: Control, words: Words) -> Control:
    """A bell alone says less than the word for help."""
    return replace(control, words=words.label("home.help")) if control.action == "call" else control


def _after(language: str, codes: list[str]) -> str:
    """The language that comes next."""
    return codes[(codes.index(language) + 1) % len(codes)] if language in codes else codes[0]
