"""The visit: whose it is, the newest book large, the others as a list."""

from __future__ import annotations

from kivy.app import App

from kiosk.circulation.views import Row, RowState, View
from kiosk.screens.drawings import Spines
from kiosk.screens.heads import PatronHead
from kiosk.screens.largest import newest_row
from kiosk.screens.newest import Newest
from kiosk.screens.page import Page, call_beside, controls, said, two_parts
from kiosk.screens.rows import tile
from kiosk.screens.themes import Tone
from kiosk.screens.tone import ACTIONS, picture_of, tone_of_message, tone_of_row
from kiosk.screens.widgets import Control
from kiosk.text import Words

_LENT_NOW = frozenset({RowState.BORROWED, RowState.KEPT, RowState.RENEWED})
_ON_LOAN = _LENT_NOW | {RowState.ON_LOAN, RowState.OVERDUE}
_LIMITS = ("err.limit", "err.no_card_limit")
_LEAVES = ("search", "call")
"""What leaves the bar where text is large; a call stays beside what sends somebody to the librarian."""


class VisitPage(Page):
    """Somebody is signed in and scans."""

    @property
    def stage(self) -> Newest:
        """The newest book."""
        found: Newest = self.ids.newest
        return found

    @property
    def spines(self) -> Spines:
        """The limit."""
        found: Spines = self.ids.head.ids.spines
        return found

    def draw(self, view: View, words: Words) -> None:
        """The newest book and what became of it, or the place where the next will stand."""
        head: PatronHead = self.ids.head
        head.show(view.patron, words)
        newest, stage = newest_row(view), self.ids.newest
        stage.show_book(newest)
        heading, detail, tone = self._sentences(view, newest, words)
        dated = newest is not None and newest.due is not None and newest.state in _LENT_NOW and tone is Tone.BORROWED
        stage.tell_due(newest if dated else None, words)
        stage.say(heading, "" if dated else detail, tone, picture_of(view.message))
        stage.ask = newest is None and view.message is None
        call = call_beside(view, words)
        offers = [_offer(newest, one, words) for one in newest.actions] if newest is not None else []
        stage.offer([*offers, *call])
        self._show_others([row for row in view.rows if row is not newest], view, words)
        leaves = _LEAVES if App.get_running_app().look.large else ()
        self.ids.bar.show(controls(view, words, (*leaves, *(one.action for one in call))))

    def _show_others(self, rows: list[Row], view: View, words: Words) -> None:
        """As a list; as books on the shelf where any one of them would make room, or where the text is large."""
        # What can be done is always in sight; a refusal without it has the whole place for what to do next.
        stage, large = self.ids.newest, App.get_running_app().look.large
        limited = view.message is not None and view.message.key in _LIMITS
        loans = [row for row in rows if row.state in _ON_LOAN]
        if any(row.actions for row in rows):
            stage.beside([tile(row, words, self.wires) for row in rows])
        elif limited and not large:
            stage.beside_on_shelf(loans, 131)
        elif large:
            stage.beside_on_shelf(rows if not stage.day and not stage.detail else [], 96)
        elif stage.with_book and stage.tone is Tone.REFUSED:
            stage.beside([])
        else:
            stage.beside([tile(row, words, self.wires) for row in rows])

    def _sentences(self, view: View, newest: Row | None, words: Words) -> tuple[str, str, Tone]:
        if view.message is not None:
            return (*two_parts(words, view.message), tone_of_message(view.message))
        if newest is not None:
            return words.state(newest), words.due(newest), tone_of_row(newest.state)
        return said(words, view.prompt), "", Tone.PLAIN


def _offer(row: Row, action: str, words: Words) -> Control:
    return Control(action, words.action(action), row.id, sign=ACTIONS.get(action, ""))
