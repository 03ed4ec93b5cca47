"""One thing large: the newest book with its seal, what became of it, what can be done; the others as a list beside."""

from __future__ import annotations

from collections.abc import Sequence

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.circulation.views import Row, RowState, View
from kiosk.screens.rows import branch_of
from kiosk.screens.themes import Tone
from kiosk.screens.tone import tone_of_message, tone_of_row
from kiosk.screens.widgets import Control

_NOT_NEW = frozenset({RowState.ON_LOAN, RowState.OVERDUE})
_REFUSALS = frozenset({Tone.REFUSED, Tone.WAITING})


class Newest(BoxLayout):
    """The stage of a page with a book on it.

    With no book, `empty` says what stands in its place: a "ghost", where one is waited for, or a large "seal".
    """

    branch = StringProperty("")
    title = StringProperty("")
    author = StringProperty("")
    seal = ObjectProperty(Tone.PLAIN)
    with_seal = BooleanProperty(False)
    with_book = BooleanProperty(False)
    empty = StringProperty("ghost")
    heading = StringProperty("")
    detail = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)

    def show_book(self, row: Row | None, with_seal: bool = True) -> None:
        """The book of a row; None: no book."""
        self.with_book = row is not None
        title = row.title if row is not None else None
        self.branch = branch_of(title)
        self.title = row.text if row is not None else ""
        self.author = title.author if title is not None else ""
        self.with_seal = with_seal and row is not None
        if row is not None:
            self.seal = tone_of_row(row.state)

    def say(self, heading: str, detail: str, tone: Tone) -> None:
        """What became of it, and what to do next."""
        self.heading, self.detail, self.tone = heading, detail, tone
        if not self.with_book:
            self.seal = tone

    def offer(self, controls: Sequence[Control]) -> None:
        """What can be done about the book."""
        self.ids.here.show(controls)

    def beside(self, rows: Sequence[Widget]) -> None:
        """The other rows; none leave their place to the words."""
        self.ids.list.show(rows)


def newest_row(view: View) -> Row | None:
    """The row that stands large: the first of this visit, unless a refusal is of something else than it."""
    first = view.rows[0] if view.rows else None
    if first is None or first.state in _NOT_NEW:
        return None
    if view.message is not None and tone_of_message(view.message) is Tone.REFUSED:
        return first if tone_of_row(first.state) in _REFUSALS else None
    return first
