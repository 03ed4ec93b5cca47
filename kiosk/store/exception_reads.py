"""What staff have to look at, out of the outbox and among the items."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from kiosk.circulation.acts import Kind
from kiosk.circulation.delivery import Delivery, Reason
from kiosk.circulation.model import ItemStatus, Patron
from kiosk.circulation.staff.exception_facts import MOST, ListMatters, Matter, MattersListed, Sort
from kiosk.store import reads

_OPEN = (
    f"(o.state = '{Delivery.PARKED}' AND o.reason IS NOT '{Reason.BEHIND}' "
    f"OR o.state = '{Delivery.ACCEPTED}' AND o.reason IS NOT NULL)"
)
"""What waits behind another act is settled with it."""
_ENTRIES = (
    "SELECT o.seq, o.state, o.reason, o.text, t.kind, t.patron_id, t.item_id, t.title_id, coalesce(o.corrected, t.at) "
    f"FROM outbox o JOIN transactions t ON t.seq = o.seq WHERE {_OPEN} ORDER BY o.state DESC, o.seq LIMIT {MOST}"
)
_CHECKS = (
    "SELECT i.id, t.kind, t.patron_id, t.at FROM items i LEFT JOIN transactions t ON t.seq = i.last_seq "
    f"WHERE i.status = '{ItemStatus.AWAITING_CHECK}' ORDER BY t.kind = '{Kind.FOUND}' DESC, i.last_seq LIMIT ?"
)
_THEIRS = (
    "SELECT p.local_id, json_extract(f.body, '$.since') FROM known_as i "
    "JOIN central_facts f ON f.item = i.central_id AND f.kind = 'loan' "
    "JOIN known_as p ON p.kind = 'patron' AND p.central_id = f.patron WHERE i.kind = 'item' AND i.local_id = ?"
)


def count_matters(db: Database) -> int:
    """How many things are to be looked at."""
    entries = db.execute(f"SELECT count(*) FROM outbox o WHERE {_OPEN}").fetchone()[0]
    checks = db.execute("SELECT count(*) FROM items WHERE status = ?", (ItemStatus.AWAITING_CHECK,)).fetchone()[0]
    return int(entries + checks)


def list_matters(db: Database, query: ListMatters) -> MattersListed:
    """What is to be looked at: what central did not take, what it flagged, what was found, what came back."""
    found = [_entry(db, row) for row in db.execute(_ENTRIES).fetchall()]
    found += [_check(db, row) for row in db.execute(_CHECKS, (MOST - len(found),)).fetchall()]
    return MattersListed(tuple(found), count_matters(db))


def _entry(db: Database, row: Any) -> Matter:
    seq, state, reason, words, kind, patron_id, item_id, title_id, at = row
    items = reads.item_records(db, "i.id = ?1", item_id) if item_id is not None else ()
    record = items[0] if items else None
    title = reads.title_record(db, title_id) if title_id is not None and record is None else None
    theirs = db.execute(_THEIRS, (item_id,)).fetchone() if item_id is not None else None
    return Matter(
        f"e{seq}",
        Sort.PARKED if state == Delivery.PARKED else Sort.FLAGGED,
        _day(at),
        seq,
        Kind(kind),
        Reason(reason) if reason else None,
        words,
        _patron(db, patron_id),
        record.title if record is not None else title.title if title is not None else None,
        record.item if record is not None else None,
        record.loan if record is not None else None,
        _patron(db, theirs[0]) if theirs is not None else None,
        date.fromisoformat(theirs[1]) if theirs is not None else None,
    )


def _check(db: Database, row: Any) -> Matter:
    item_id, kind, patron_id, at = row
    (record,) = reads.item_records(db, "i.id = ?1", item_id)
    return Matter(
        f"i{item_id}",
        Sort.FOUND if kind == Kind.FOUND else Sort.RETURNED,
        _day(at),
        patron=_patron(db, patron_id),
        title=record.title,
        item=record.item,
    )


def _patron(db: Database, patron_id: str | None) -> Patron | None:
    record = reads.patron_record(db, patron_id) if patron_id is not None else None
    return record.patron if record is not None else None


def _day(at: str | None) -> date:
    return datetime.fromisoformat(at).astimezone().date() if at is not None else date.min
