"""Facts out of the tables. Every function reads the version of a fact before what hangs on it, so that a decision made
on the facts is refused as stale if they changed in between."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from kiosk.circulation.appearance import Appearance
from kiosk.circulation.model import (
    LENDABLE,
    LIBRARIAN,
    Block,
    BlockKind,
    Condition,
    Hold,
    HoldLine,
    HoldState,
    Item,
    ItemKind,
    ItemRecord,
    ItemStatus,
    Loan,
    LoanLine,
    Patron,
    PatronRecord,
    PinKind,
    Role,
    SchoolClass,
    Title,
    TitleRecord,
)

Columns = Any
Row = tuple[Any, ...]
"""The columns of one row, as SQLite gives them."""

PATRON = (
    "p.id, p.version, p.first_name, p.last_name, p.patronymic, p.category, p.grade, p.letter, p.language, p.expires, "
    "p.has_left, p.pin_kind, p.appearance, p.groups, p.role, p.role_until"
)
TITLE = (
    "t.id, t.version, t.title, t.author, t.kind, t.publisher, t.year, t.isbn, t.language, t.branch, t.grade, "
    "t.subject, t.part, t.held"
)
ITEM = "i.id, i.version, i.title_id, i.barcode, i.inventory_no, i.kind, i.status, i.service_point, i.shelf, i.condition"
LOAN = "l.id, l.patron_id, l.title_id, l.item_id, l.since, l.due, l.days, l.renewals, l.promised"
HOLD = "h.id, h.title_id, h.patron_id, h.placed, h.state, h.item_id, h.expires"
_TITLE_WIDTH = TITLE.count(",") + 1
_ITEM_WIDTH = ITEM.count(",") + 1
_LOAN_WIDTH = LOAN.count(",") + 1
_HOLD_WIDTH = HOLD.count(",") + 1


def to_date(text: str | None) -> date | None:
    """A date column."""
    return date.fromisoformat(text) if text else None


def to_patron(row: Columns, blocks: tuple[Block, ...]) -> Patron:
    """PATRON's columns."""
    school_class = SchoolClass(row[6], row[7]) if row[6] is not None else None
    pin = PinKind(row[11]) if row[11] else None
    values: Row = (
        *row[:6],
        school_class,
        row[8],
        to_date(row[9]),
        bool(row[10]),
        blocks,
        pin,
        Appearance.parse(row[12]),
        tuple(row[13].split()),
        Role(row[14]) if row[14] else Role.LIBRARIAN if row[5] == LIBRARIAN else None,
        to_date(row[15]),
    )
    return Patron(*values)


def to_title(row: Columns) -> Title:
    """TITLE's columns."""
    values: Row = (*row[:4], ItemKind(row[4]), *row[5:])
    return Title(*values)


def to_item(row: Columns) -> Item:
    """ITEM's columns."""
    values: Row = (*row[:5], ItemKind(row[5]), ItemStatus(row[6]), *row[7:9], Condition(row[9]))
    return Item(*values)


def to_loan(row: Columns) -> Loan:
    """LOAN's columns."""
    values: Row = (*row[:4], date.fromisoformat(row[4]), to_date(row[5]), *row[6:8], to_date(row[8]))
    return Loan(*values)


def to_hold(row: Columns) -> Hold:
    """HOLD's columns."""
    values: Row = (*row[:3], datetime.fromisoformat(row[3]), HoldState(row[4]), row[5], to_date(row[6]))
    return Hold(*values)


def patron_record(db: Database, patron_id: str) -> PatronRecord | None:
    """A patron with everything that is open."""
    row = db.execute(f"SELECT {PATRON} FROM patrons p WHERE p.id = ?", (patron_id,)).fetchone()
    if row is None:
        return None
    blocks = tuple(
        Block(BlockKind(kind), to_date(until))
        for kind, until in db.execute("SELECT kind, until FROM blocks WHERE patron_id = ?", (patron_id,))
    )
    return PatronRecord(to_patron(row, blocks), _loans(db, patron_id), _holds(db, patron_id))


_LOANS = (
    f"SELECT {LOAN}, {TITLE}, {ITEM} FROM loans l JOIN titles t ON t.id = l.title_id "
    "LEFT JOIN items i ON i.id = l.item_id WHERE l.patron_id = ? ORDER BY l.since, l.due, t.title"
)


def _loans(db: Database, patron_id: str) -> tuple[LoanLine, ...]:
    return to_loan_lines(db.execute(_LOANS, (patron_id,)))


def to_loan_lines(rows: Iterable[Columns]) -> tuple[LoanLine, ...]:
    """LOAN's, TITLE's and ITEM's columns, row by row."""
    lines = []
    for row in rows:
        loan, rest = row[:_LOAN_WIDTH], row[_LOAN_WIDTH:]
        title, item = rest[:_TITLE_WIDTH], rest[_TITLE_WIDTH:]
        lines.append(LoanLine(to_loan(loan), to_title(title), to_item(item) if item[0] is not None else None))
    return tuple(lines)


_HOLDS = (
    f"SELECT {HOLD}, {TITLE}, (SELECT count(*) FROM holds o WHERE o.title_id = h.title_id "
    "AND (SELECT seq FROM transactions WHERE id = o.id) <= x.seq) "
    "FROM holds h JOIN titles t ON t.id = h.title_id LEFT JOIN transactions x ON x.id = h.id "
    "WHERE h.patron_id = ? ORDER BY x.seq"
)


def _holds(db: Database, patron_id: str) -> tuple[HoldLine, ...]:
    return tuple(
        HoldLine(to_hold(row[:_HOLD_WIDTH]), to_title(row[_HOLD_WIDTH:-1]), row[-1])
        for row in db.execute(_HOLDS, (patron_id,))
    )


# By the ledger's sequence: while the clock cannot be believed, times stand still or run ahead.
_QUEUE = f"SELECT {HOLD} FROM holds h LEFT JOIN transactions x ON x.id = h.id WHERE h.title_id = ? ORDER BY x.seq"


def queue(db: Database, title_id: str) -> tuple[Hold, ...]:
    """The holds on a title, the first placed first."""
    return tuple(to_hold(row) for row in db.execute(_QUEUE, (title_id,)))


def item_records(db: Database, where: str, value: str) -> tuple[ItemRecord, ...]:
    """The items that `where` is true of, with what a decision on them needs. where: SQL over i, ?1 is the value."""
    found = db.execute(
        f"SELECT {ITEM}, {TITLE}, {LOAN} FROM items i JOIN titles t ON t.id = i.title_id "
        f"LEFT JOIN loans l ON l.item_id = i.id WHERE {where}",
        (value,),
    ).fetchall()
    return tuple(_item_record(db, row) for row in found)


def items_by_number(db: Database, number: str) -> tuple[ItemRecord, ...]:
    """The items with this barcode or inventory number; else the one whose torn label had it."""
    found = item_records(db, "i.barcode = ?1 OR i.inventory_no = ?1", number)
    return found or item_records(db, "i.id = (SELECT item_id FROM old_barcodes WHERE barcode = ?1)", number)


def _item_record(db: Database, row: Columns) -> ItemRecord:
    item, rest = row[:_ITEM_WIDTH], row[_ITEM_WIDTH:]
    title, loan = rest[:_TITLE_WIDTH], rest[_TITLE_WIDTH:]
    copies, copies_in = _copies(db, item[2])
    return ItemRecord(
        to_item(item),
        to_title(title),
        to_loan(loan) if loan[0] is not None else None,
        queue(db, item[2]),
        copies,
        copies_in,
    )


_COPIES = "SELECT status, count(*) FROM items WHERE title_id = ? GROUP BY status"
_GONE = frozenset({ItemStatus.LOST, ItemStatus.WRITTEN_OFF})


def _copies(db: Database, title_id: str) -> tuple[int, int]:
    """Numbered copies there are, and those that are in."""
    counts = {ItemStatus(status): n for status, n in db.execute(_COPIES, (title_id,))}
    there = sum(n for status, n in counts.items() if status not in _GONE)
    return there, sum(n for status, n in counts.items() if status in LENDABLE)


def title_record(db: Database, title_id: str) -> TitleRecord | None:
    """A title with its copies, numbered or counted."""
    row = db.execute(f"SELECT {TITLE}, t.shelf FROM titles t WHERE t.id = ?", (title_id,)).fetchone()
    if row is None:
        return None
    title = to_title(row[:-1])
    copies, copies_in = _copies(db, title_id)
    lent = db.execute("SELECT count(*) FROM loans WHERE title_id = ? AND item_id IS NULL", (title_id,)).fetchone()[0]
    held_in = max(title.held - lent, 0)
    in_all = copies_in + held_in
    next_due = None if in_all else _next_due(db, title_id)
    place = db.execute(
        "SELECT shelf, status FROM items WHERE title_id = ? "
        "ORDER BY status NOT IN ('available', 'awaiting_check'), status <> 'reading_room', shelf LIMIT 1",
        (title_id,),
    ).fetchone()
    return TitleRecord(
        title,
        copies + title.held,
        in_all,
        place[0] if place else row[-1],
        title.held == 0 and place is not None and place[1] == ItemStatus.READING_ROOM,
        to_date(next_due),
        queue(db, title_id),
        held_in,
    )


def _next_due(db: Database, title_id: str) -> str | None:
    row = db.execute(
        "SELECT min(l.due) FROM items i JOIN loans l ON l.item_id = i.id "
        "WHERE i.title_id = ?1 AND i.status = 'on_loan' "
        "UNION ALL SELECT min(due) FROM loans WHERE title_id = ?1 AND item_id IS NULL ORDER BY 1 NULLS LAST",
        (title_id,),
    ).fetchone()
    return row[0] if row else None


def class_patrons(db: Database, school_class: SchoolClass) -> Iterable[str]:
    """The ids of the patrons of a class who have not left."""
    rows = db.execute(
        "SELECT id FROM patrons WHERE grade = ? AND letter = ? AND has_left = 0",
        (school_class.grade, school_class.letter),
    )
    return [row[0] for row in rows]


def classes(db: Database) -> list[SchoolClass]:
    """The classes that have patrons."""
    rows: Iterable[sqlite3.Row] = db.execute(
        "SELECT DISTINCT grade, letter FROM patrons WHERE grade IS NOT NULL AND has_left = 0"
    )
    return [SchoolClass(grade, letter) for grade, letter in rows]
