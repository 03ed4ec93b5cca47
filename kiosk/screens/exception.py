"""One thing that staff have to settle: what the kiosk knows of it, what others know, and the ways out as buttons."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.circulation.views import Row, RowState, View
from kiosk.screens.page import Page, controls, said
from kiosk.screens.rows import branch_of, grade_of
from kiosk.screens.staff import ToldRow
from kiosk.screens.themes import Tone
from kiosk.screens.tone import ACTIONS, PERSON, tone_of_row
from kiosk.screens.widgets import Control
from kiosk.text import Words

_HERE, _CENTRAL = "\ue560", "\ue1aa"
_SIGNS = {"exc.here": (_HERE, Tone.BORROWED), "exc.central": (_CENTRAL, Tone.WAITING)}
"""Who says so, by the key of a row's note; of another one the sign is that of its state."""


class ExceptionPage(Page):
    """The book, the accounts of it beside, the question, the ways out below."""

    def draw(self, view: View, words: Words) -> None:
        """Rows that can be chosen are ways out; the others are accounts; the first one with a title is the book."""
        ids = self.ids
        ids.head.words = view.heading or said(words, view.message)
        ids.head.note = said(words, view.message) if view.heading else ""
        ids.head.count = f"{view.progress[0]} / {view.progress[1]}" if view.progress is not None else ""
        book = next((row.title for row in view.rows if row.title is not None), None)
        ids.book.with_book = book is not None
        ids.book.branch, ids.book.grade = branch_of(book), grade_of(book)
        ids.book.title = book.title if book is not None else ""
        ids.book.author = book.author if book is not None else ""
        accounts = [row for row in view.rows if "choose" not in row.actions and (row.text or row.note)]
        ids.accounts.clear_widgets()
        for row in accounts[:_MOST]:
            ids.accounts.add_widget(_account(row, words))
        ids.question.words = said(words, view.prompt)
        ids.bar.show(_ways_out(view, words))


_MOST = 3


def _account(row: Row, words: Words) -> ToldRow:
    key = row.note.key if row.note is not None and row.text else ""
    sign, tone = _SIGNS.get(key, ("", tone_of_row(row.state)))
    return ToldRow(sign=sign, tone=tone, source=words.note(row) if row.text else "", words=words.text(row))


def _ways_out(view: View, words: Words) -> Sequence[Control]:
    """First back, then what may be chosen, then what else can be done."""
    shown = controls(view, words)
    chosen = [
        Control("choose", words.text(row), row.id, sign=ACTIONS.get(row.id, PERSON if row.text else ""))
        for row in view.rows
        if "choose" in row.actions and row.state is RowState.CHOICE
    ]
    back = [one for one in shown if one.action == "back"]
    return [*back, *chosen, *(one for one in shown if one.action != "back")]
