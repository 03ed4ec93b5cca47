"""A row of a list: a title with what became of it and what can be done about it. Laid out in rows.kv."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.circulation.model import ItemKind, Title
from kiosk.circulation.views import Row, RowState
from kiosk.screens.look import Tone
from kiosk.screens.tone import SIGNS, tone_of_row
from kiosk.screens.widgets import Edged, PushButton
from kiosk.screens.wires import Wires
from kiosk.text import Words

_LENT_NOW = frozenset({RowState.BORROWED, RowState.KEPT, RowState.RENEWED})
_SHADED = frozenset({RowState.OVERDUE, RowState.HOLD_READY})
_CORNERS = {Tone.BORROWED: (0.5,) * 4, Tone.RETURNED: (0.26,) * 4, Tone.REFUSED: (0.5, 0.5, 0.18, 0.18)}


class Cover(Widget):
    """A drawn book: the colour of its branch; on a large one its author and title."""

    branch = StringProperty("")
    author = StringProperty("")
    title = StringProperty("")


class Seal(Widget):
    """The sign of a tone in a shape of its own, so that nothing is told by colour alone."""

    tone = ObjectProperty(Tone.PLAIN)

    def radii(self, tone: Tone, width: float) -> list[float]:
        """The corners, from the upper left one clockwise: circle, rounded square, shield, square."""
        return [share * width for share in _CORNERS.get(tone, (0.08,) * 4)]

    def sign(self, tone: Tone) -> str:
        """The sign of that tone."""
        return SIGNS[tone]


class RowText(BoxLayout):
    """The words of a row: its title, under it the state with its sign."""

    title = StringProperty("")
    state = StringProperty("")
    sign = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)
    title_lines = NumericProperty(2)


class RowCard(BoxLayout):
    """A flat row; what can be done stands beside it as buttons."""

    branch = StringProperty("")
    title = StringProperty("")
    state = StringProperty("")
    sign = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)
    shaded = BooleanProperty(False)
    title_lines = NumericProperty(2)


class RowTile(Edged):
    """A row that is itself the button of its only action: for a narrow list."""

    branch = StringProperty("")
    title = StringProperty("")
    state = StringProperty("")
    sign = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)
    words = StringProperty("")
    title_lines = NumericProperty(1)


def branch_of(title: Title | None) -> str:
    """The branch of the stock as covers know it."""
    if title is None:
        return ""
    return "оқулық" if title.kind is ItemKind.TEXTBOOK else title.branch


def state_line(row: Row, words: Words, chosen_from: bool = False) -> str:
    """What a row says below its title: of a loan the date. chosen_from: several are compared, so the author helps."""
    state = "" if row.state is RowState.CHOICE else words.state(row)
    if row.state in _LENT_NOW:
        state = words.due(row) or state
    author = row.title.author if chosen_from and row.title is not None else ""
    return " · ".join(part for part in (author, state, words.shelf(row)) if part)


def _facts(row: Row, words: Words, chosen_from: bool) -> dict[str, Any]:
    tone = tone_of_row(row.state)
    state = state_line(row, words, chosen_from)
    sign = SIGNS[tone] if row.state is not RowState.CHOICE else ""
    return {"branch": branch_of(row.title), "title": words.text(row), "state": state, "tone": tone, "sign": sign}


def card(row: Row, words: Words, wires: Wires, chosen_from: bool = False, without: tuple[str, ...] = ()) -> RowCard:
    """A row with a button for each of its actions."""
    drawn = RowCard(**_facts(row, words, chosen_from), shaded=row.state in _SHADED)
    _add_buttons(drawn, row, words, wires, without)
    return drawn


def tile(row: Row, words: Words, wires: Wires) -> Widget:
    """A row of a narrow list: the button of its action, or flat if it has none."""
    facts = _facts(row, words, chosen_from=False)
    short = row.due is not None and row.state in (_LENT_NOW | {RowState.ON_LOAN})
    if short and row.due is not None:
        facts["state"] = words.date_short(row.due)
    if len(row.actions) == 1:
        action = row.actions[0]
        return RowTile(wires=wires, action=action, argument=row.id, words=words.action(action), **facts)
    drawn = RowCard(**facts, title_lines=2 if short else 1, shaded=row.state in _SHADED)
    _add_buttons(drawn, row, words, wires)
    return drawn


def _add_buttons(drawn: RowCard, row: Row, words: Words, wires: Wires, without: tuple[str, ...] = ()) -> None:
    for action in row.actions:
        if action not in without:
            button = RowButton(wires=wires, action=action, argument=row.id, words=words.action(action))
            drawn.ids.actions.add_widget(button)


class RowButton(PushButton):
    """The button of a row."""
