"""Copies that were lost and are still owed: marks of pupils, which stand until something was taken in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from kiosk.circulation.acts import MarkChange
from kiosk.circulation.model import Loan, Mark

LOST_MARK = "lost:"
"""How the matter of such a mark begins; the id of the loan follows."""
BOOK = "book"
"""Settled by another book, without a number here."""
FOUND = "found"
"""Settled as the copy itself came back."""
_MOST = 120


@dataclass(frozen=True, slots=True)
class Debt:
    """A copy that a pupil lost, or spoilt beyond use. number: of the copy, "" of one held by count.

    settled: "" while it is owed; else the number of the copy taken in its place, `BOOK` or `FOUND`.
    """

    mark: Mark
    day: date
    number: str
    title: str
    settled: str = ""

    @classmethod
    def of(cls, mark: Mark) -> Debt | None:
        """The debt that a mark notes; None if it notes something else."""
        if not mark.what.startswith(LOST_MARK):
            return None
        day, number, title, settled = (*mark.value.split("|"), "", "", "")[:4]
        try:
            return cls(mark, date.fromisoformat(day), number, title, settled)
        except ValueError:
            return None

    def settled_by(self, what: str) -> MarkChange:
        """It is owed no more."""
        words = (self.day.isoformat(), self.number, self.title, _word(what))
        return MarkChange(self.mark, replace(self.mark, value="|".join(words)))


def debt_mark(loan: Loan, number: str, title: str, year: int, day: date) -> Mark:
    """What notes that the copy of a loan is owed."""
    return Mark(loan.patron_id, year, LOST_MARK + loan.id, "|".join((day.isoformat(), _word(number), _word(title), "")))


def open_debts(marks: Sequence[Mark]) -> tuple[Debt, ...]:
    """Those of the marks that note a copy still owed, the oldest first."""
    found = (Debt.of(mark) for mark in marks)
    return tuple(sorted((one for one in found if one is not None and not one.settled), key=lambda one: one.day))


def _word(text: str) -> str:
    return " ".join(text.replace("|", "/").split())[:_MOST]
