"""Copies held by count: of what comes back there is one at least. A station shows never fewer than are on loan."""

from __future__ import annotations

from sqlalchemy import func, select

from kiosk.sync.central.schema import TEXTBOOKS_SINCE, loans, titles
from kiosk.sync.central.work import Work


def counted_loans(work: Work, title_id: str) -> int:
    """How many copies without numbers are on loan."""
    open_ = loans.c.title_id == title_id, loans.c.item_id.is_(None), loans.c.ended.is_(None)
    row = work.one(select(func.count().label("n")).where(work.mine(loans, *open_)))
    return int(row.n) if row is not None else 0


def count_at_least(work: Work, title_id: str) -> None:
    """A copy comes back that nobody had counted, as another station gave it a number meanwhile: it is counted now.

    Not as it is lent: a station's acts on a title may come in another order than they happened in, and what is added
    for a moment would stay.
    """
    lent = counted_loans(work, title_id)
    row = work.one(select(titles.c.held).where(work.mine(titles, titles.c.id == title_id)))
    if work.schema >= TEXTBOOKS_SINCE and row is not None and row.held < lent:
        work.change(titles, title_id, {"held": lent})
