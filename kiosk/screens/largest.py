"""Which row of a view stands large on the stage. Pure: no Kivy."""

from __future__ import annotations

from kiosk.circulation.views import Row, RowState, View
from kiosk.screens.themes import Tone
from kiosk.screens.tone import tone_of_message, tone_of_row

_NOT_NEW = frozenset({RowState.ON_LOAN, RowState.OVERDUE})
_OF_NO_BOOK = "home.librarian_coming"
_REFUSALS = frozenset({Tone.REFUSED, Tone.WAITING})


def newest_row(view: View) -> Row | None:
    """The row that stands large: the first of this visit, unless what is said is of something else than it."""
    first = view.rows[0] if view.rows else None
    if first is None or first.state in _NOT_NEW or (view.message is not None and view.message.key == _OF_NO_BOOK):
        return None
    if view.message is not None and tone_of_message(view.message) is Tone.REFUSED:
        return first if tone_of_row(first.state) in _REFUSALS else None
    return first
