"""Digits to be touched, with a field above the words beside them: inventory numbers, PINs, dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import StringProperty
from kivy.uix.gridlayout import GridLayout

from kiosk.screens.tone import BACKSPACE, TICK
from kiosk.screens.widgets import Key
from kiosk.screens.wires import Wires

DELETE, ENTER = "delete", "enter"
_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", DELETE, "0", ENTER)


class Keypad(GridLayout):
    """Twelve keys, as on a telephone. `typed` holds the digits until they are entered."""

    typed = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._most = 20
        self._enter: Callable[[str], None] = lambda text: None

    def attach(self, wires: Wires, enter: Callable[[str], None], most: int = 20) -> None:
        """Connect it. enter: takes what was typed; most: how many digits there may be."""
        self._enter, self._most = enter, most
        signs = {DELETE: BACKSPACE, ENTER: TICK}
        for key in _KEYS:
            self.add_widget(
                Key(
                    wires=wires,
                    words="" if key in signs else key,
                    sign=signs.get(key, ""),
                    argument=key,
                    primary=key == ENTER,
                    typed=self._typed,
                )
            )

    def _typed(self, key: Key) -> None:
        match key.argument:
            case "delete":
                self.typed = self.typed[:-1]
            case "enter":
                if self.typed:
                    text, self.typed = self.typed, ""
                    self._enter(text)
            case digit:
                self.typed = (self.typed + digit)[: self._most]
