"""The ledger added up anew and compared with what the store keeps beside it (`kiosk ledger --check`).

What a pull brought is in the ledger too: a loan, a hold or a status that became what the central library says is a
transaction of kind `pulled`, decided by `central` (overlay.py). So there is one sum, whoever decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from kiosk.circulation.acts import Act, HoldChange
from kiosk.circulation.ledger import Books, act_of
from kiosk.circulation.model import Condition, Hold, ItemStatus
from kiosk.errors import StoreDamaged
from kiosk.store import reads
from kiosk.store.connection import Connection
from kiosk.store.intake_items import resting_at
from kiosk.store.recording import stamp
from kiosk.store.recording_textbooks import set_body
from kiosk.store.store import SqliteStore

MOST = 200
"""No more sentences than this: a store that is wrong in ten thousand places is not read about, but replaced."""

_TRIGGERS = {"transactions_are_not_changed", "transactions_are_not_deleted"}


@dataclass(slots=True)
class _Sum:
    """What the transactions add up to. last: the newest transaction of each item."""

    books: Books = field(default_factory=Books)
    last: dict[str, int] = field(default_factory=dict)


def recompute(store: SqliteStore) -> list[str]:
    """Every way in which the ledger and the rest of the store disagree, a sentence each; none if all adds up.

    All is read of one moment, while a desk goes on. It takes 12 s for a million transactions on a PC; in memory
    are the loans and holds that are open and a status for every item that was ever lent (some 20 MB for 100,000), not
    the transactions. Raises StoreError if the store is held by somebody else.
    """
    faults: list[str] = []
    try:
        # A connection of its own: SQLite 3.46 calls a full-text index malformed that another process has changed since
        # the asking connection last looked at it.
        connection = Connection(store.path)
    except StoreDamaged as error:
        return [str(error)]
    try:
        with connection.read() as db:
            for fault in _faults(db):
                if len(faults) == MOST:
                    faults.append("and more; these are the first")
                    break
                faults.append(fault)
    except StoreDamaged as error:
        faults.append(str(error))
    finally:
        connection.close()
    return faults


def _faults(db: Database) -> Iterator[str]:
    yield from _file(db)
    total = _Sum()
    yield from _ledger(db, total)
    yield from _loans(db, total.books)
    yield from _holds(db, total.books)
    yield from _items(db, total)
    yield from _staff_facts(db, total.books)
    for query, sentence in _MUST_BE_EMPTY:
        for row in db.execute(query):
            yield sentence.format(*row)


def _file(db: Database) -> Iterator[str]:
    for (line,) in db.execute(f"PRAGMA quick_check({MOST})"):
        if line != "ok":
            yield f"the file is damaged: {line}"
    for table, row, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield f"{table}: row {row} refers to one of {parent} that is not there"
    triggers = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")}
    for missing in sorted(_TRIGGERS - triggers):
        yield f"the ledger is not protected: the trigger {missing} is gone"


def _ledger(db: Database, total: _Sum) -> Iterator[str]:
    """Add the transactions up; faults on the way: gaps, what cannot be read, what does not follow."""
    expected, books = 1, total.books
    rows = db.execute("SELECT seq, id, kind, patron_id, item_id, title_id, body FROM transactions ORDER BY seq")
    for seq, *columns in rows:
        if seq != expected:
            yield f"transactions {expected} to {seq - 1} are missing"
        expected = seq + 1
        if columns[3] is not None:
            total.last[columns[3]] = seq
        try:
            act = _to_the_millisecond(act_of(*columns))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            yield f"transaction {seq} ({columns[0]}) cannot be read: {error!r}"
            continue
        books.apply(act)
        for fault in books.faults:
            yield f"transaction {seq}: {fault}"
        books.faults.clear()


def _to_the_millisecond(act: Act) -> Act:
    """The act with holds placed at times as the store's tables keep them; acts may know them better."""
    changes = tuple(
        HoldChange(_placed(change.before), _placed(change.after)) if isinstance(change, HoldChange) else change
        for change in act.changes
    )
    return replace(act, changes=changes) if changes != act.changes else act


def _placed(hold: Hold | None) -> Hold | None:
    return replace(hold, placed=datetime.fromisoformat(stamp(hold.placed))) if hold is not None else None


def _loans(db: Database, books: Books) -> Iterator[str]:
    for row in db.execute(f"SELECT {reads.LOAN} FROM loans l ORDER BY l.id"):
        expected = books.loans.pop(row[0], None)
        if expected is None:
            yield f"loan {row[0]} is in no transaction, or ended"
        elif (loan := _read(reads.to_loan, row)) != expected:
            yield f"loan {row[0]} is {loan}, but the ledger says {expected}"
    for loan_id in books.loans:
        yield f"loan {loan_id} is missing: the ledger says it has not ended"


def _holds(db: Database, books: Books) -> Iterator[str]:
    for row in db.execute(f"SELECT {reads.HOLD} FROM holds h ORDER BY h.id"):
        expected = books.holds.pop(row[0], None)
        if expected is None:
            yield f"hold {row[0]} is in no transaction, or ended"
        elif (hold := _read(reads.to_hold, row)) != expected:
            yield f"hold {row[0]} is {hold}, but the ledger says {expected}"
    for hold_id in books.holds:
        yield f"hold {hold_id} is missing: the ledger says it has not ended"


def _read(convert: Any, row: Any) -> Any:
    """A row as a fact, or as it stands if it cannot be one."""
    try:
        return convert(row)
    except (ValueError, TypeError):
        return row


def _items(db: Database, total: _Sum) -> Iterator[str]:
    """An item of which the ledger says nothing stands in its place."""
    statuses = total.books.statuses
    rows = db.execute("SELECT id, status, service_point, last_seq, coalesce(barcode, inventory_no, id) FROM items")
    for item_id, status, point, last_seq, name in rows:
        expected = statuses.pop(item_id, None)
        if expected is None and status != resting_at(point):
            yield f"item {name} is {status}, but the ledger says nothing of it: it should be {resting_at(point)}"
        elif expected is not None and status != expected:
            yield f"item {name} is {status}, but the ledger says {expected}"
        if (newest := total.last.get(item_id)) != last_seq:
            yield f"item {name}: its newest transaction is {newest}, not {last_seq}"
    for item_id in statuses:
        yield f"item {item_id} is missing: the ledger speaks of it"


def _staff_facts(db: Database, books: Books) -> Iterator[str]:
    """Conditions, marks, sets and class-years: nothing but transactions makes them."""
    for item_id, condition, name in db.execute(
        "SELECT id, condition, coalesce(barcode, inventory_no, id) FROM items WHERE condition <> 'good'"
    ):
        if books.conditions.get(item_id, Condition.GOOD) != condition:
            yield f"item {name} is {condition}, but the ledger says otherwise"
    for item_id, expected in books.conditions.items():
        row = db.execute("SELECT condition FROM items WHERE id = ?", (item_id,)).fetchone()
        if row is not None and row[0] != expected:
            yield f"item {item_id} is {row[0]}, but the ledger says {expected}"
    marks = {row[:3]: row[3] for row in db.execute("SELECT patron_id, year, what, value FROM marks")}
    if marks != {key: mark.value for key, mark in books.marks.items()}:
        yield "the marks of pupils are not what the ledger says"
    sets = {row[:4]: row[4] for row in db.execute("SELECT year, grade, language, letter, body FROM sets")}
    if sets != {key: set_body(textbooks) for key, textbooks in books.sets.items()}:
        yield "the textbook sets are not what the ledger says"
    years = {row[:2]: row[2:] for row in db.execute("SELECT patron_id, year, grade, letter FROM class_years")}
    told = {(of, year): (c.grade, c.letter) for of, kept in books.classes.items() for year, c in kept.items()}
    if years != told:
        yield "the classes of pupils are not what the ledger says"
    known = {tuple(row) for row in db.execute("SELECT year, grade, letter, language, teacher FROM classes")}
    if known != {(c.year, c.grade, c.letter, c.language, c.teacher) for c in books.year_classes.values()}:
        yield "what is known of the classes is not what the ledger says"


_NAME = "coalesce(i.barcode, i.inventory_no, i.id)"
_MUST_BE_EMPTY = (
    (
        f"SELECT {_NAME}, i.status FROM loans l JOIN items i ON i.id = l.item_id "
        f"WHERE i.status <> '{ItemStatus.ON_LOAN}'",
        "item {} has a loan, but is {}",
    ),
    (
        f"SELECT {_NAME} FROM items i LEFT JOIN loans l ON l.item_id = i.id "
        f"WHERE i.status = '{ItemStatus.ON_LOAN}' AND l.id IS NULL",
        "item {} is on loan, but to nobody",
    ),
    (
        f"SELECT {_NAME} FROM loans l JOIN items i ON i.id = l.item_id WHERE i.title_id <> l.title_id",
        "item {} is on loan as another title",
    ),
    (
        "SELECT t.title, count(*), t.held FROM loans l JOIN titles t ON t.id = l.title_id WHERE l.item_id IS NULL "
        "GROUP BY t.id HAVING count(*) > t.held",
        "title «{}»: {} copies are on loan, but only {} are held by count",
    ),
    (
        "SELECT h.id FROM holds h LEFT JOIN items i ON i.id = h.item_id "
        f"WHERE h.state = 'ready' AND i.status IS NOT '{ItemStatus.HOLD_SHELF}'",
        "hold {} is ready, but no item is kept for it",
    ),
    (
        f"SELECT {_NAME} FROM items i LEFT JOIN holds h ON h.item_id = i.id AND h.state = 'ready' "
        f"WHERE i.status = '{ItemStatus.HOLD_SHELF}' AND h.id IS NULL",
        "item {} is kept for a hold, but there is none",
    ),
    (
        "SELECT t.title FROM titles t LEFT JOIN title_words w ON w.rowid = t.n WHERE w.rowid IS NULL",
        "title «{}» cannot be found by the search",
    ),
    (
        "SELECT w.rowid FROM title_words w LEFT JOIN titles t ON t.n = w.rowid WHERE t.n IS NULL",
        "the search finds a title that is not there (row {})",
    ),
)
