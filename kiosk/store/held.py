"""How many copies of a title are held by count: what central says, and what was counted here since."""

from __future__ import annotations

from sqlite_utils import Database

from kiosk.circulation.acts import HeldChange
from kiosk.circulation.ledger import act_of


def counted_since(db: Database, title_id: str, version: int) -> int:
    """By how many copies our acts change a title of which central's count of that version does not know."""
    acts = db.execute(
        "SELECT t.id, t.kind, t.patron_id, t.item_id, t.title_id, t.body FROM outbox_keys k "
        "JOIN transactions t ON t.seq = k.seq WHERE k.key = ? AND (k.version IS NULL OR k.version > ?)",
        (f"held:{title_id}", version),
    ).fetchall()
    changes = (change for row in acts for change in act_of(*row).changes)
    return sum(one.by for one in changes if isinstance(one, HeldChange) and one.title_id == title_id)


def settle_held(db: Database, title_id: str) -> None:
    """A loan of a copy held by count came or went: there are never fewer copies than are on loan, and otherwise as many
    as central says."""
    lent = db.execute("SELECT count(*) FROM loans WHERE title_id = ? AND item_id IS NULL", (title_id,)).fetchone()[0]
    known = db.execute(
        "SELECT status, version FROM known_as WHERE kind = 'title' AND local_id = ?", (title_id,)
    ).fetchone()
    if known is not None and known[0] is not None:
        held = max(int(known[0]) + counted_since(db, title_id, known[1]), lent)
    else:
        held = max(db.execute("SELECT held FROM titles WHERE id = ?", (title_id,)).fetchone()[0], lent)
    db.execute("UPDATE titles SET held = ? WHERE id = ? AND held <> ?", (held, title_id, held))
