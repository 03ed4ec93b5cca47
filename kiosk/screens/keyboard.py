"""The keyboard on the screen: Kazakh, Russian, English letters and digits. It types into whoever listens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kivy.app import App
from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.screens.tone import BACKSPACE
from kiosk.screens.widgets import Key
from kiosk.screens.wires import Wires

DELETE, SPACE, TURN, DIGITS = "delete", "space", "turn", "digits"

_CYRILLIC = ("ЙЦУКЕНГШЩЗХЪ", "ФЫВАПРОЛДЖЭЁ", "ЯЧСМИТЬБЮ")
LAYOUTS: Mapping[str, tuple[str, ...]] = {
    "kk": ("ӘІҢҒҮҰҚӨҺ", *_CYRILLIC),
    "ru": ("123456789", *_CYRILLIC),
    "en": ("123456789", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"),
    DIGITS: ("12345", "67890", "-/.,:", "№«»()"),
}
"""Four rows of letters; the first row also takes the change of layout and the backspace, the last one the space."""

_TALL_ROW = 7
_NEXT = {"kk": "ru", "ru": "en", "en": "kk"}
_NAMES = {"kk": "ҚАЗ", "ru": "РУС", "en": "ENG"}
_TINTED = frozenset("ӘІҢҒҮҰҚӨҺ")


class Keyboard(BoxLayout):
    """Four rows of keys. What listens is given the letter of each key touched, or DELETE."""

    shown = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._listen: Callable[[str], None] = lambda letter: None
        self._wires: Wires | None = None
        self._language = ""
        self._letters = "kk"

    def attach(self, wires: Wires, listen: Callable[[str], None]) -> None:
        """Connect it."""
        self._wires, self._listen = wires, listen

    def show(self, language: str) -> None:
        """Show the letters of a language. Others that were turned to stay until the language changes."""
        if language in _NEXT and language != self._language:
            self._language = self._letters = language
            self._lay_out(language)

    def _lay_out(self, layout: str) -> None:
        self.shown = layout
        self.clear_widgets()
        rows = LAYOUTS[layout]
        if App.get_running_app().look.tall:
            self._lay_out_tall("".join(rows))
            return
        for at, row in enumerate(rows):
            line = KeyRow()
            if at == len(rows) - 1:
                line.add_widget(self._digits_key())
            for letter in row:
                line.add_widget(self._key(letter, letter))
            if at == 0:
                if layout != DIGITS:
                    line.add_widget(self._key(_NAMES[_NEXT[layout]], TURN))
                line.add_widget(self._key("", DELETE, sign=BACKSPACE, share=2.0))
            if at == len(rows) - 1:
                line.add_widget(self._space_key())
            self.add_widget(line)

    def _lay_out_tall(self, letters: str) -> None:
        """An upright panel has room for seven keys side by side; what is no letter is on the last row."""
        for start in range(0, len(letters), _TALL_ROW):
            line = KeyRow()
            row = letters[start : start + _TALL_ROW]
            for letter in row:
                line.add_widget(self._key(letter, letter))
            if len(row) < _TALL_ROW:
                line.add_widget(Widget(size_hint_x=_TALL_ROW - len(row)))
            self.add_widget(line)
        line = KeyRow()
        line.add_widget(self._digits_key())
        if self.shown != DIGITS:
            line.add_widget(self._key(_NAMES[_NEXT[self._letters]], TURN))
        line.add_widget(self._space_key())
        line.add_widget(self._key("", DELETE, sign=BACKSPACE, share=2.0))
        self.add_widget(line)

    def _digits_key(self) -> Key:
        return self._key(_NAMES[self._letters] if self.shown == DIGITS else "123", DIGITS)

    def _space_key(self) -> Key:
        return SpaceKey(wires=self._wires, argument=SPACE, size_hint_x=2.0, typed=self._typed)

    def _key(self, words: str, argument: str, sign: str = "", share: float = 1.0) -> Key:
        return Key(
            wires=self._wires,
            words=words,
            argument=argument,
            sign=sign,
            size_hint_x=share,
            tinted=words in _TINTED if words else False,
            typed=self._typed,
        )

    def _typed(self, key: Key) -> None:
        match key.argument:
            case "turn":
                self._letters = _NEXT[self._letters]
                self._lay_out(self._letters)
            case "digits":
                self._lay_out(self._letters if self.shown == DIGITS else DIGITS)
            case "space":
                self._listen(" ")
            case letter:
                self._listen(letter)


class SpaceKey(Key):
    """The space bar, with its own drawing."""


class KeyRow(BoxLayout):
    """A row of keys."""
