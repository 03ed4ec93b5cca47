"""One of several, for staff: a class, a name, a condition, a reason. Another one in words is typed on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.app import App
from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import RowState, View
from kiosk.screens.choosing import Grid
from kiosk.screens.fitting import pages
from kiosk.screens.keyboard import DELETE
from kiosk.screens.page import Page, controls, said
from kiosk.screens.staff import SignTile
from kiosk.screens.themes import Tone
from kiosk.screens.tone import ACTIONS, ARROW_LEFT, ARROW_RIGHT, CONDITIONS, TICK, tone_of_message, tone_of_row
from kiosk.screens.widgets import Control
from kiosk.screens.wires import Wires
from kiosk.text import Words

MOST_LETTERS = 100
_TYPES = "type_"
"""An action that begins so is done by typing: the keyboard opens on this page, and the text is what is sent."""
_CLASSES, _CLASSES_TALL = (6, 3), (4, 5)
_TILES, _TILES_TALL = ((3, 3), (4, 3)), ((2, 4), (2, 6))


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


class StaffChoicePage(Page):
    """Tiles to choose from, as many as fit; the rest on further pages."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(wires, **kwargs)
        self._view: View | None = None
        self._words: Words | None = None
        self._at, self._typing = 0, False
        self._entry = TextEntry()
        self._entry.attach(wires, self._typed, self._close)
        self._chosen_from = list(self.children)

    def draw(self, view: View, words: Words) -> None:
        """The page of tiles that was turned to, until there are others."""
        if self._view is not None and self._view.rows != view.rows:
            self._at, self._typing = 0, False
        self._view, self._words = view, words
        self._show()

    def _show(self) -> None:
        view, words, ids = self._view, self._words, self.ids
        assert view is not None and words is not None
        wanted = [self._entry] if self._typing else self._chosen_from
        if list(self.children) != wanted:
            self.clear_widgets()
            for child in reversed(wanted):
                self.add_widget(child)
        if self._typing:
            self._entry.show(view, words)
            return
        ids.head.show(view, words)
        turned = self._show_tiles(view, words)
        bar = [self._or_typed(one) for one in controls(view, words)]
        if turned > 1:
            at = 1 if view.actions else 0
            bar.insert(at, Control("", f"{self._at + 1} / {turned}", sign=ARROW_RIGHT, after=True, turn=self._turn))
            if turned > 2:
                bar.insert(at, Control("", "", sign=ARROW_LEFT, turn=self._turn_back))
        ids.bar.show(bar)

    def _show_tiles(self, view: View, words: Words) -> int:
        tall = App.get_running_app().look.tall
        pictured = view.name == "collect_condition"
        if view.name == "staff_classes":
            columns, lines = _CLASSES_TALL if tall else _CLASSES
        else:
            few, many = _TILES_TALL if tall else _TILES
            columns, lines = few if len(view.rows) <= few[0] * few[1] else many
        turned = pages([1] * len(view.rows), columns, lines)
        self._at %= len(turned)
        tiles: Grid = self.ids.tiles
        tiles.clear_widgets()
        tiles.columns, tiles.lines = columns, lines
        for at, column, line in turned[self._at]:
            row = view.rows[at]
            tile = SignTile(wires=self.wires, action=row.actions[0] if row.actions else "", argument=row.id)
            tile.words = words.text(row)
            tile.note = words.note(row) if row.text else ""
            tile.sign = CONDITIONS.get(row.id, "") if pictured else TICK if row.state is RowState.CHOSEN else ""
            tile.stacked = pictured or not tile.sign
            tile.chosen, tile.alarm = row.state is RowState.CHOSEN, tone_of_row(row.state) is Tone.REFUSED
            tile.disabled = not row.actions
            tile.column, tile.line = column, line
            tiles.add_widget(tile)
        return len(turned)

    def _or_typed(self, control: Control) -> Control:
        if not control.action.startswith(_TYPES):
            return control
        return Control("", control.words, sign=control.sign or ACTIONS["number"], turn=self._type)

    def _type(self) -> None:
        self._typing = True
        self._show()

    def _close(self) -> None:
        self._typing = False
        self._show()

    def _typed(self, text: str) -> None:
        self._close()
        self.wires.type(text)

    def _turn(self) -> None:
        self._at += 1
        self._show()

    def _turn_back(self) -> None:
        self._at -= 1
        self._show()
