"""One thing large: the newest book with its seal, what became of it, what can be done; the others as a list beside."""

from __future__ import annotations

from collections.abc import Sequence

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.circulation.views import Row
from kiosk.screens.rows import branch_of, grade_of, standing
from kiosk.screens.themes import Tone
from kiosk.screens.tone import tone_of_row
from kiosk.screens.widgets import Control
from kiosk.text import Words


class Newest(BoxLayout):
    """The stage of a page with a book on it.

    With no book, `empty` says what stands in its place: a "ghost", where one is waited for, or a large "seal".
    picture: beside what to do next, "librarian" or "return"; day: of a due date on its leaf, with month and weekday;
    ask: a book is waited for; shelved: how high the other books stand on the shelf, of the design; 0: they do not.
    """

    branch = StringProperty("")
    grade = StringProperty("")
    title = StringProperty("")
    author = StringProperty("")
    seal = ObjectProperty(Tone.PLAIN)
    with_seal = BooleanProperty(False)
    with_book = BooleanProperty(False)
    empty = StringProperty("ghost")
    heading = StringProperty("")
    detail = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)
    picture = StringProperty("")
    bold_detail = BooleanProperty(True)
    ask = BooleanProperty(False)
    month = StringProperty("")
    day = StringProperty("")
    weekday = StringProperty("")
    due_label = StringProperty("")
    due = StringProperty("")
    shelved = NumericProperty(0)
    offered = BooleanProperty(False)

    def show_book(self, row: Row | None, with_seal: bool = True) -> None:
        """The book of a row; None: no book."""
        self.with_book = row is not None
        title = row.title if row is not None else None
        self.branch, self.grade = branch_of(title), grade_of(title)
        self.title = row.text if row is not None else ""
        self.author = title.author if title is not None else ""
        self.with_seal = with_seal and row is not None
        if row is not None:
            self.seal = tone_of_row(row.state)

    def say(self, heading: str, detail: str, tone: Tone, picture: str = "") -> None:
        """What became of it, and what to do next, perhaps beside a picture of that. One sentence alone goes with it."""
        if picture and not detail:
            heading, detail = "", heading
        self.heading, self.detail, self.tone, self.picture = heading, detail, tone, picture
        self.bold_detail = bool(picture) or not detail.endswith("!")
        if not self.with_book:
            self.seal = tone

    def tell_due(self, row: Row | None, words: Words) -> None:
        """Until when the book is lent, on a leaf of the calendar; None, or no date: no leaf."""
        due = row.due if row is not None else None
        self.month, self.day, self.weekday = words.date_leaf(due) if due is not None else ("", "", "")
        self.due_label = words.label("lib.due_date")
        self.due = words.date_words(due) if due is not None else ""

    def offer(self, controls: Sequence[Control]) -> None:
        """What can be done about the book."""
        self.ids.here.show(controls)
        self.offered = bool(controls)

    def beside(self, rows: Sequence[Widget]) -> None:
        """The other rows; none leave their place to the words."""
        self.ids.list.show(rows)
        self.shelved = 0
        self.ids.standing.show([])

    def beside_on_shelf(self, rows: Sequence[Row], height: float) -> None:
        """The other rows as books on the shelf, so high."""
        self.ids.list.show([])
        self.shelved = height if rows else 0
        self.ids.standing.show([standing(row) for row in rows])
