"""What central said of an entry of the outbox, written down: for the sync, and for what the desk asked itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlite_utils import Database

from kiosk.circulation.acts import Kind
from kiosk.circulation.clock import Moment
from kiosk.circulation.delivery import Delivery, Reason, Settled
from kiosk.store.learned import Learned
from kiosk.store.overlay import Overlay
from kiosk.store.recording import stamp


def kiosk_of(db: Database) -> str:
    """The id of the kiosk."""
    return str(db.execute("SELECT value FROM meta WHERE key = 'kiosk'").fetchone()[0])


def settle(db: Database, settled: Sequence[Settled], pulls: bool, now: Moment, kiosk: str) -> None:
    """Write down what became of entries that are `SENDING`, and what central said beside its answers.

    pulls: what was accepted lies over what is pulled until a pull has passed it.
    """
    for one in settled:
        _settle(db, one, pulls)
        if one.fate.facts or not pulls:
            _learn(db, one, now, kiosk)
    accepted = [one.seq for one in settled if one.fate.delivery is Delivery.ACCEPTED]
    if accepted:
        db.execute(_ROOM_MADE, (json.dumps(accepted),))


def _settle(db: Database, one: Settled, pulls: bool) -> None:
    fate = one.fate
    rest = stamp(one.not_before) if one.not_before is not None else None
    values = (fate.delivery, fate.reason, fate.text, fate.version, rest, 0 if one.left else 1, one.seq)
    if not db.execute(_SETTLE, values).rowcount or fate.delivery is not Delivery.ACCEPTED:
        return
    if pulls and fate.version is not None:
        db.execute("UPDATE outbox_keys SET version = ? WHERE seq = ?", (fate.version, one.seq))
    (kind,) = db.execute("SELECT kind FROM transactions WHERE seq = ?", (one.seq,)).fetchone()
    db.execute(FOLLOW, (one.seq,))
    if kind == Kind.CHECKIN:
        for (passed,) in db.execute(_PASSED, (one.seq,)).fetchall():
            db.execute("DELETE FROM outbox_keys WHERE seq = ?", (passed,))
    if not pulls or fate.version is None:
        db.execute("DELETE FROM outbox_keys WHERE seq = ?", (one.seq,))


def _learn(db: Database, one: Settled, now: Moment, kiosk: str) -> None:
    """Where nothing can be pulled, an answer makes void what central said before of the item."""
    overlay = Overlay(db, now, kiosk)
    learned = Learned(db, overlay)
    (item_id,) = db.execute("SELECT item_id FROM transactions WHERE seq = ?", (one.seq,)).fetchone()
    if item_id is not None and one.fate.delivery is Delivery.ACCEPTED:
        learned.forget(item_id)
    learned.take(one.fate.facts)
    overlay.settle()


_SETTLE = (
    "UPDATE outbox SET state = ?, reason = ?, text = ?, version = ?, not_before = ?, attempts = attempts - ? "
    "WHERE seq = ? AND state = 'sending'"
)
_PASSED = (
    "SELECT DISTINCT k.seq FROM outbox_keys own JOIN outbox_keys k ON k.key = own.key AND k.seq < own.seq "
    "WHERE own.seq = ? AND own.key NOT LIKE 'hold:%' AND k.version IS NULL"
)
FOLLOW = (
    f"UPDATE outbox SET state = 'pending', reason = NULL WHERE state = 'parked' AND reason = '{Reason.BEHIND}' "
    "AND seq IN (SELECT k.seq FROM outbox_keys own JOIN outbox_keys k ON k.key = own.key WHERE own.seq = ?)"
)
"""What was parked behind an entry that is settled now goes after it."""
_ROOM_MADE = (
    f"UPDATE outbox SET state = 'pending', not_before = NULL WHERE state = 'parked' AND reason = '{Reason.LOAN_LIMIT}' "
    "AND (SELECT patron_id FROM transactions t WHERE t.seq = outbox.seq) IN "
    "(SELECT t.patron_id FROM json_each(?) one JOIN transactions t ON t.seq = one.value)"
)
