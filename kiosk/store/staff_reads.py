"""What staff ask of the ledger. Each area of their work answers its questions in a module of its own, listed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlite_utils import Database

from kiosk.circulation.events import StaffAnswer, StaffQuery
from kiosk.circulation.staff.exception_facts import ListMatters
from kiosk.circulation.staff.questions import DayCounted, DayFigures
from kiosk.store import collect_reads, textbook_reads
from kiosk.store.exception_reads import count_matters, list_matters

_RECENT = 50_000
"""No day has more acts than this; older ones are not looked through."""


def answer_staff(db: Database, query: StaffQuery) -> StaffAnswer:
    """What the ledger knows. Raises TypeError for what is no question to it."""
    found = _ANSWERS.get(type(query))
    if found is None:
        raise TypeError(f"{type(query).__name__} is no question to the ledger")
    return found(db, query)


def _day(db: Database, query: DayFigures) -> DayCounted:
    counts = dict(
        db.execute(
            "SELECT kind, count(*) FROM transactions WHERE seq > (SELECT max(seq) FROM transactions) - ? "
            "AND kind IN ('checkout', 'checkin') AND at >= ? GROUP BY kind",
            (_RECENT, query.since),
        )
    )
    visits = db.execute(
        "SELECT count(*) FROM visits WHERE n > (SELECT max(n) FROM visits) - ? AND at >= ?", (_RECENT, query.since)
    ).fetchone()[0]
    return DayCounted(visits, counts.get("checkout", 0), counts.get("checkin", 0), count_matters(db))


_ANSWERS: Mapping[type[StaffQuery], Callable[[Database, Any], StaffAnswer]] = {
    DayFigures: _day,
    ListMatters: list_matters,
    **collect_reads.ANSWERS,
    **textbook_reads.ANSWERS,
}
