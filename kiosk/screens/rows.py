"""A row of a list: a title with what became of it and what can be done about it. Laid out in rows.kv."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.circulation.model import ItemKind, Title
from kiosk.circulation.views import Row, RowState
from kiosk.screens.fitting import wrap
from kiosk.screens.lettering import line_height, measure
from kiosk.screens.look import LEADING, Look
from kiosk.screens.themes import Tone
from kiosk.screens.tone import ACTIONS, SIGNS, tone_of_row
from kiosk.screens.widgets import Edged, PushButton
from kiosk.screens.wires import Wires
from kiosk.text import Words

_LENT_NOW = frozenset({RowState.BORROWED, RowState.KEPT, RowState.RENEWED})
_SHADED = frozenset({RowState.OVERDUE, RowState.HOLD_READY})
_STATE_SIZE = 17


class RowText(BoxLayout):
    """The words of a row: its title, under it the state with its sign, on as many lines as it wants up to `most`."""

    title = StringProperty("")
    state = StringProperty("")
    sign = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)
    look = ObjectProperty(None, allownone=True)
    state_height = NumericProperty(0)
    most = NumericProperty(2)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("state", "sign", "width", "look", "most"):
            self.fbind(name, self._make_room)
        self._make_room()

    def _make_room(self, *_: object) -> None:
        if self.look is None or not self.state:
            self.state_height = 0
            return
        size = self.look.type(_STATE_SIZE)
        width = self.width - (self.look.px(26) if self.sign else 0)
        lines = min(len(wrap(self.state, max(width, 1), size, measure(True))), int(self.most))
        self.state_height = line_height(size, True) * (1 + (lines - 1) * LEADING) + 2


class RowBody(BoxLayout):
    """The flat part of a row."""

    tone = ObjectProperty(Tone.PLAIN)
    shaded = BooleanProperty(False)


class RowCard(BoxLayout):
    """A flat row; what can be done stands beside it; several things stand under it on an upright panel.

    most: lines of its state; with more than two the row is higher.
    """

    branch = StringProperty("")
    grade = StringProperty("")
    with_cover = BooleanProperty(True)
    two_lines = BooleanProperty(False)
    most = NumericProperty(2)
    title = StringProperty("")
    state = StringProperty("")
    sign = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)
    shaded = BooleanProperty(False)


class RowTile(Edged, BoxLayout):
    """A row that is itself the button of its only action: for a narrow list."""

    branch = StringProperty("")
    grade = StringProperty("")
    title = StringProperty("")
    sign = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)
    words = StringProperty("")
    action_sign = StringProperty("")


def branch_of(title: Title | None) -> str:
    """The branch of the stock as covers know it."""
    if title is None:
        return ""
    return "оқулық" if title.kind is ItemKind.TEXTBOOK else title.branch


def grade_of(title: Title | None) -> str:
    """What stands large on a textbook: its grade."""
    return str(title.grade) if title is not None and title.kind is ItemKind.TEXTBOOK and title.grade else ""


def standing(row: Row) -> tuple[str, str, str]:
    """A row as a book on the shelf."""
    return branch_of(row.title), row.text, grade_of(row.title)


def state_line(row: Row, words: Words, chosen_from: bool = False) -> str:
    """What a row says below its title: of a loan the date. chosen_from: several are compared, so the author helps."""
    note = words.note(row) if row.text else ""
    is_told = row.note is not None and row.title is None
    state = "" if row.state is RowState.CHOICE or is_told else words.state(row)
    if row.state in _LENT_NOW:
        state = words.due(row) or state
    author = row.title.author if chosen_from and row.title is not None else ""
    return " · ".join(part for part in (author, state, words.shelf(row), note) if part)


def _facts(row: Row, words: Words, chosen_from: bool) -> dict[str, Any]:
    tone = tone_of_row(row.state)
    state = state_line(row, words, chosen_from)
    sign = SIGNS[tone] if row.state is not RowState.CHOICE else ""
    book = {"branch": branch_of(row.title), "grade": grade_of(row.title)}
    return {**book, "title": words.text(row), "state": state, "tone": tone, "sign": sign}


def card(row: Row, words: Words, wires: Wires, chosen_from: bool = False, without: tuple[str, ...] = ()) -> RowCard:
    """A row with a button for each of its actions."""
    facts = _facts(row, words, chosen_from)
    drawn = RowCard(**facts, with_cover=row.title is not None, shaded=row.state in _SHADED)
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
        del facts["state"]
        said = {"words": words.action(action), "action_sign": ACTIONS.get(action, "")}
        return RowTile(wires=wires, action=action, argument=row.id, **said, **facts)
    with_cover = not App.get_running_app().look.large
    drawn = RowCard(**facts, with_cover=with_cover, shaded=row.state in _SHADED)
    _add_buttons(drawn, row, words, wires)
    return drawn


def _add_buttons(drawn: RowCard, row: Row, words: Words, wires: Wires, without: tuple[str, ...] = ()) -> None:
    actions = [action for action in row.actions if action not in without]
    drawn.two_lines = len(actions) > 1 and App.get_running_app().look.tall
    for action in actions:
        said = {"words": words.action(action), "sign": ACTIONS.get(action, "")}
        drawn.ids.actions.add_widget(RowButton(wires=wires, action=action, argument=row.id, **said))


class RowButton(PushButton):
    """The button of a row."""

    def best_width(self, look: Look, words: str, sign: str) -> float:
        """As wide as the words want on two lines beside the sign, within reason."""
        width: float = max(self.natural_widths(18, bool(sign) and not look.large)[1], look.px(96))
        return min(width, look.px(230 if look.large else 190)) if words else 0.0
