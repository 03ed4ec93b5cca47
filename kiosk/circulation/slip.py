"""The slip that a reader takes home: facts, which a printer or a screen turns into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kiosk.circulation.session import Entry, Session
from kiosk.circulation.views import RowState


@dataclass(frozen=True, slots=True)
class SlipLine:
    """A book. due or, while no date is known, days: of a loan; both None for a book that came back."""

    title: str
    author: str = ""
    due: date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """What a visit did. reader: given name and initial, no more; day: None while nobody knows what day it is.

    lent: taken or kept; returned: brought back.
    """

    language: str
    reader: str
    day: date | None
    lent: tuple[SlipLine, ...] = ()
    returned: tuple[SlipLine, ...] = ()


_LENT = frozenset({RowState.BORROWED, RowState.KEPT, RowState.RENEWED})


def slip_of(session: Session, language: str, day: date | None) -> Slip | None:
    """The slip of a visit; None if there is nothing to tell."""
    lent = tuple(_line(one) for one in reversed(session.entries) if one.state in _LENT)
    returned = tuple(_line(one) for one in reversed(session.entries) if one.state is RowState.RETURNED)
    if not lent and not returned:
        return None
    return Slip(language, session.record.patron.public_name, day, lent, returned)


def slip_of_loans(session: Session, language: str, day: date | None) -> Slip | None:
    """The slip of everything that the patron has on loan; None if that is nothing."""
    loans = tuple(
        SlipLine(one.title.title, one.title.author, one.loan.due, one.loan.days) for one in session.record.loans
    )
    return Slip(language, session.record.patron.public_name, day, loans) if loans else None


def _line(entry: Entry) -> SlipLine:
    returned = entry.state is RowState.RETURNED
    due, days = (None, None) if returned else (entry.due, entry.days)
    return SlipLine(entry.title.title, entry.title.author, due, days)
