"""The staff's home: the numbers of the day, and a tile for everything that a role may open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.app import App
from kivy.properties import NumericProperty

from kiosk.circulation.views import Figure, Message, View
from kiosk.screens.choosing import Grid
from kiosk.screens.fitting import pages
from kiosk.screens.page import Page, controls
from kiosk.screens.staff import FigureCard, SignTile
from kiosk.screens.tone import ACTIONS, ARROW_RIGHT
from kiosk.screens.widgets import Control
from kiosk.screens.wires import Wires
from kiosk.text import Words

EXCEPTIONS = "stat.exceptions"
"""The figure that its own tile tells: how much waits for somebody's decision."""
_IN_BAR = ("exit", "as_reader", "language", "help")
_COLUMNS, _COLUMNS_TALL = 3, 2
_LINES, _LINES_TALL = 3, 4


class StaffHomePage(Page):
    """Figures above, tiles below them, the ways out in the bar."""

    at = NumericProperty(0)

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._view: View | None = None
        self._words: Words | None = None

    def draw(self, view: View, words: Words) -> None:
        """As much as one screen holds; the rest on the next."""
        self._view, self._words = view, words
        self._show()

    def _show(self) -> None:
        view, words = self._view, self._words
        assert view is not None and words is not None
        ids = self.ids
        ids.head.show(view, words)
        figures = [figure for figure in view.figures if figure.key != EXCEPTIONS]
        tall = App.get_running_app().look.tall
        ids.figures.clear_widgets()
        for figure in figures:
            ids.figures.add_widget(FigureCard(number=str(figure.value), words=words.label(figure.key), narrow=tall))
        ids.figures.shown = len(figures)
        turned = self._tiles(view, words, bool(figures))
        bar = controls(view, words, without=[action for action in view.actions if action not in _IN_BAR])
        if turned > 1:
            more = words.label("btn.next")
            bar.append(Control("", more, sign=ARROW_RIGHT, after=True, right=True, turn=self._turn))
        ids.bar.show(bar)

    def _tiles(self, view: View, words: Words, figures: bool) -> int:
        """Draw the tiles of this page; how many pages there are."""
        tall = App.get_running_app().look.tall
        columns = _COLUMNS_TALL if tall else _COLUMNS
        lines = (_LINES_TALL if tall else _LINES) - figures
        actions = [action for action in view.actions if action not in _IN_BAR]
        turned = pages([1] * len(actions), columns, lines)
        self.at = self.at % len(turned)
        tiles: Grid = self.ids.tiles
        tiles.clear_widgets()
        tiles.columns, tiles.lines = columns, lines
        for at, column, line in turned[int(self.at)]:
            action = actions[at]
            tile = SignTile(wires=self.wires, action=action, sign=ACTIONS.get(action, ""), column=column, line=line)
            waiting = _waiting(view.figures) if action == "exceptions" else 0
            tile.alarm = waiting > 0
            tile.words = words.say(Message.of("sync.conflict", n=waiting)) if waiting else words.action(action)
            tiles.add_widget(tile)
        return len(turned)

    def _turn(self) -> None:
        self.at += 1
        self._show()


def _waiting(figures: Sequence[Figure]) -> int:
    return next((figure.value for figure in figures if figure.key == EXCEPTIONS), 0)
