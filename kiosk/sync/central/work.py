"""One act in its transaction: who and what it is about, and the writing of facts with the version it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, or_, select, update

from kiosk.circulation.acts import Kind, LoanChange, StatusChange
from kiosk.circulation.delivery import Parcel, Reason, When, when
from kiosk.circulation.model import ItemStatus
from kiosk.sync.central.database import Turn
from kiosk.sync.central.schema import cards, items, loans, patrons, transactions

Found = Row[Any]
"""A row of one of the tables, its columns as attributes."""

_PATRON = (patrons.c.id, patrons.c.category, patrons.c.has_left, patrons.c.expires)
_ITEM = (
    items.c.id, items.c.title_id, items.c.kind, items.c.status, items.c.service_point, items.c.last_id,
    transactions.c.kiosk, transactions.c.seq, transactions.c.at, transactions.c.trusted,
)  # fmt: skip
"""With the newest act by which it came or went; its columns are empty if there is none."""
_WITH_LAST = items.outerjoin(
    transactions, and_(transactions.c.school_id == items.c.school_id, transactions.c.id == items.c.last_id)
)
LOAN = (
    loans.c.id, loans.c.patron_id, loans.c.title_id, loans.c.item_id, loans.c.due, loans.c.days, loans.c.renewals,
    loans.c.ended, loans.c.ended_by,
)  # fmt: skip


class Ending(StrEnum):
    """How a loan or a hold came to its end."""

    RETURNED = "returned"
    PASSED_ON = "passed_on"
    UNDONE = "undone"
    BORROWED = "borrowed"
    CANCELLED = "cancelled"
    SAME = "same"


@dataclass(slots=True)
class Work:
    """An act at work on a school whose turn is taken. flags: what staff should know. schema: its version.

    shelves: items that were put aside for holds which are over, or wait again.
    """

    connection: Connection
    school: str
    turn: Turn
    parcel: Parcel
    schema: int
    flags: list[Reason] = field(default_factory=list)
    shelves: list[str] = field(default_factory=list)
    patron: Found | None = None
    item: Found | None = None
    title_id: str | None = None

    @property
    def act_id(self) -> str:
        """The act's, which is also the id of the loan or hold that it makes."""
        return self.parcel.act.id

    def flag(self, reason: Reason) -> None:
        """Let staff know, once."""
        if reason not in self.flags:
            self.flags.append(reason)

    def one(self, statement: Any) -> Found | None:
        """The first row of a query."""
        found: Found | None = self.connection.execute(statement).first()
        return found

    def mine(self, table: Table, *where: ColumnElement[bool]) -> ColumnElement[bool]:
        """That a row is of the school, and more."""
        return and_(table.c.school_id == self.school, *where)

    def change(self, table: Table, row_id: str, values: Mapping[str, Any]) -> None:
        """Change a fact, and its version."""
        statement = update(table).where(self.mine(table, table.c.id == row_id))
        self.connection.execute(statement.values(**values, version=self.turn.version))

    def add(self, table: Table, values: Mapping[str, Any]) -> None:
        """Add a fact."""
        self.connection.execute(table.insert().values(school_id=self.school, version=self.turn.version, **values))

    def loan(self, loan_id: str) -> Found | None:
        """A loan, open or ended."""
        return self.one(select(*LOAN).where(self.mine(loans, loans.c.id == loan_id)))

    def loan_of(self, item_id: str) -> Found | None:
        """The open loan of an item."""
        return self.one(select(*LOAN).where(self.mine(loans, loans.c.item_id == item_id, loans.c.ended.is_(None))))


def find_patron(work: Work) -> Found | None:
    """Whom the act is about: by central's id, else by card, else by external id."""
    parcel = work.parcel
    query = select(*_PATRON)
    if parcel.act.patron_id is not None:
        found = work.one(query.where(work.mine(patrons, patrons.c.id == parcel.act.patron_id)))
        if found is not None:
            return found
    if parcel.card is not None:
        owner = select(cards.c.patron_id).where(work.mine(cards, cards.c.number == parcel.card)).scalar_subquery()
        found = work.one(query.where(work.mine(patrons, patrons.c.id == owner)))
        if found is not None:
            return found
    if parcel.external_id is None:
        return None
    return work.one(query.where(work.mine(patrons, patrons.c.external_id == parcel.external_id)))


def find_item(work: Work, item_id: str | None = None) -> Found | None:
    """What the act is about: by central's id, else by barcode, else by inventory number. item_id: that one."""
    parcel = work.parcel
    named = [(items.c.barcode, parcel.barcode), (items.c.inventory_no, parcel.inventory_no)]
    for column, value in [(items.c.id, item_id or parcel.act.item_id), *(named if item_id is None else [])]:
        if value is not None:
            found = work.one(select(*_ITEM).select_from(_WITH_LAST).where(work.mine(items, column == value)))
            if found is not None:
                return found
    return None


def last_of(item: Found) -> When | None:
    """When the item came or went last, as far as central knows."""
    return None if item.kiosk is None else When(item.at, item.trusted, item.kiosk, item.seq)


def ended_before(work: Work, made: str) -> Ending | None:
    """Whether acts that ended this loan or hold came before the one that made it, which was parked meanwhile."""
    told = or_(transactions.c.ends == made, transactions.c.undoes == made)
    row = work.one(select(transactions.c.kind).where(work.mine(transactions, told)).limit(1))
    if row is None:
        return None
    return Ending.UNDONE if row.kind == Kind.UNDO else Ending.RETURNED


def ours(work: Work) -> When:
    """When the act happened; a loan from a paper list, on its day."""
    parcel = work.parcel
    happened = when(parcel, work.turn.now)
    if parcel.act.kind is Kind.LOAN_IMPORTED:
        since = next((c.after.since for c in parcel.act.changes if isinstance(c, LoanChange) and c.after), None)
        if since is not None:
            return replace(happened, at=min(happened.at, datetime.combine(since, time.min, UTC)))
    return happened


def day_of(work: Work, since: date) -> date:
    """The day by which blocks and expiry are looked at: that of the loan, if its clock was right."""
    return since if work.parcel.trusted else work.turn.now.date()


def status_after(work: Work, item_id: str | None = None) -> ItemStatus | None:
    """The status that the kiosk gave the act's item; item_id: another one, by central's id."""
    wanted = item_id or work.parcel.act.item_id
    changes = (change for change in work.parcel.act.changes if isinstance(change, StatusChange))
    return next((change.after for change in changes if change.item_id == wanted), None)
