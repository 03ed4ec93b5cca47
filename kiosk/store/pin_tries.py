"""The PINs of staff, and the count of the wrong ones, which outlives a restart."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlite_utils import Database

from kiosk.circulation.staff.questions import CheckStaffPin, StaffPinChecked
from kiosk.store.pins import is_pin
from kiosk.store.recording import stamp

MOST_DOUBLINGS = 10


def check_pin(db: Database, query: CheckStaffPin) -> StaffPinChecked:
    """Whether a PIN is right, in a write transaction: a wrong one is counted before anybody is told.

    A wait that lies further ahead than any could was begun by a clock that was wrong: it begins anew.
    """
    of = (query.patron_id,)
    row = db.execute("SELECT wrong, until FROM pin_tries WHERE patron_id = ?", of).fetchone()
    wrong, until = (row[0], datetime.fromisoformat(row[1]) if row[1] else None) if row else (0, None)
    if until is not None:
        left = (until - query.now.wall).total_seconds()
        longest = _wait_s(query, wrong)
        if left > longest:
            left = longest
            _note(db, query, wrong, left)
        if left > 0:
            return StaffPinChecked(False, left)
    stored = db.execute("SELECT pin_hash FROM patrons WHERE id = ?", of).fetchone()
    if is_pin(query.secret, stored[0] if stored else None):
        db.execute("DELETE FROM pin_tries WHERE patron_id = ?", of)
        return StaffPinChecked(True)
    wrong += 1
    wait_s = _wait_s(query, wrong) if wrong % query.tries == 0 else 0.0
    _note(db, query, wrong, wait_s)
    return StaffPinChecked(False, wait_s)


def _wait_s(query: CheckStaffPin, wrong: int) -> float:
    return float(query.wait_s * 2 ** min(wrong // query.tries - 1, MOST_DOUBLINGS)) if wrong >= query.tries else 0.0


def _note(db: Database, query: CheckStaffPin, wrong: int, wait_s: float) -> None:
    until = stamp(query.now.wall + timedelta(seconds=wait_s)) if wait_s else None
    db.execute("INSERT OR REPLACE INTO pin_tries VALUES (?, ?, ?)", (query.patron_id, wrong, until))
