"""A second copy of a subject in one pupil's hands: given at two stations that did not know of each other."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from kiosk.circulation.model import ItemKind
from kiosk.sync.central.schema import loans, titles
from kiosk.sync.central.work import Work


def second_copy(work: Work, patron_id: str, made: str) -> bool:
    """Whether a pupil has another textbook of the same subject and part than the one that a loan gives now."""
    if work.parcel.act.override is not None:
        return False
    columns = (titles.c.id, titles.c.kind, titles.c.subject, titles.c.part, titles.c.grade)
    title = work.one(select(*columns).where(work.mine(titles, titles.c.id == work.title_id)))
    if title is None or title.kind != ItemKind.TEXTBOOK:
        return False
    held = (
        select(*columns)
        .join_from(loans, titles, (titles.c.school_id == loans.c.school_id) & (titles.c.id == loans.c.title_id))
        .where(work.mine(loans, loans.c.patron_id == patron_id, loans.c.ended.is_(None), loans.c.id != made))
    )
    return any(_same_place(title, other) for other in [*work.connection.execute(held)])


def _same_place(one: Any, other: Any) -> bool:
    if one.id == other.id:
        return True
    place = (one.subject, one.part, one.grade)
    return bool(one.subject) and other.kind == one.kind and place == (other.subject, other.part, other.grade)
