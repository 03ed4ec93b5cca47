"""What there is in a central database, school by school, for the administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, func, select

from kiosk.circulation.delivery import Reason
from kiosk.sync.central.database import reading
from kiosk.sync.central.schema import holds, items, kiosks, loans, patrons, schools, titles, transactions, version_of


@dataclass(frozen=True, slots=True)
class KioskState:
    """A kiosk, and when it was heard of last."""

    name: str
    role: str
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class SchoolState:
    """A school. flagged: acts that staff should look at."""

    name: str
    version: int
    patrons: int
    titles: int
    items: int
    loans: int
    holds: int
    transactions: int
    flagged: int
    kiosks: tuple[KioskState, ...]


@dataclass(frozen=True, slots=True)
class Flagged:
    """An act that was accepted though something stood against it."""

    id: str
    kind: str
    kiosk: str
    at: datetime
    patron_id: str | None
    item_id: str | None
    flags: tuple[Reason, ...]


def schema_of(connection: Connection) -> int:
    """The version of the tables; 0 if there are none."""
    with reading(connection):
        return version_of(connection)


def status(connection: Connection) -> list[SchoolState]:
    """Every school, by name."""
    with reading(connection):
        found = connection.execute(select(schools.c.id, schools.c.name, schools.c.version).order_by(schools.c.name))
        return [_school(connection, row.id, row.name, row.version) for row in found.all()]


def flagged(connection: Connection, school: str, limit: int = 100) -> list[Flagged]:
    """The newest acts of a school that staff should look at."""
    table = transactions.c
    columns = (table.id, table.kind, table.kiosk, table.at, table.patron_id, table.item_id, table.flags)
    query = select(*columns).where(table.school_id == school, table.flags != "")
    known = frozenset(Reason)
    with reading(connection):
        rows = connection.execute(query.order_by(table.version.desc()).limit(limit)).all()
    return [Flagged(*row[:6], tuple(Reason(flag) for flag in row.flags.split() if flag in known)) for row in rows]


def _school(connection: Connection, school: str, name: str, version: int) -> SchoolState:
    def count(table: Table, *where: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(table).where(table.c.school_id == school, *where)
        return int(connection.execute(query).scalar_one())

    of_school = select(kiosks.c.name, kiosks.c.role, kiosks.c.seen_at).where(kiosks.c.school_id == school)
    return SchoolState(
        name,
        version,
        count(patrons, patrons.c.has_left.is_(False)),
        count(titles),
        count(items),
        count(loans, loans.c.ended.is_(None)),
        count(holds, holds.c.ended.is_(None)),
        count(transactions),
        count(transactions, transactions.c.flags != ""),
        tuple(
            KioskState(row.name, row.role or "", row.seen_at)
            for row in connection.execute(of_school.order_by(kiosks.c.name))
        ),
    )
