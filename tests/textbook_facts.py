"""Textbooks in pupils' hands, for the tests of what is printed of them."""

from __future__ import annotations

from datetime import date
from itertools import count

from kiosk.circulation.model import (
    Item,
    ItemKind,
    ItemStatus,
    Loan,
    LoanLine,
    SchoolClass,
    SetLine,
    TextbookSet,
    Title,
)

FIVE = SchoolClass(5, "Ә")
AUGUST = date(2026, 8, 20)
_ids = count()


def held(subject: str, part: str = "", edition: int | None = 2020, number: str = "", since: date = AUGUST) -> LoanLine:
    """A textbook of grade 5 on loan; number: of the copy, "" for one without."""
    n = str(next(_ids))
    title = Title(
        n, 1, subject, kind=ItemKind.TEXTBOOK, year=edition, language="kk", grade=5, subject=subject, part=part
    )
    copy = Item(n, 1, n, number, None, ItemKind.TEXTBOOK, ItemStatus.ON_LOAN) if number else None
    return LoanLine(Loan(n, "p", n, copy.id if copy else None, since, date(2027, 5, 25), 270), title, copy)


def set_of(*lines: SetLine, grade: int = 5) -> TextbookSet:
    """The set of a grade of Kazakh classes in 2026."""
    return TextbookSet(2026, grade, "kk", "", lines)
