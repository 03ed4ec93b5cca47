"""The outbox's rows: which may be sent, and how an act is told to a central library that has names of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from kiosk.circulation.acts import (
    Act,
    BarcodeChange,
    Change,
    ClassChange,
    ConditionChange,
    HeldChange,
    HoldChange,
    ItemMade,
    Kind,
    LoanChange,
    MarkChange,
    PatronMade,
    SetChange,
    StatusChange,
    YearClassChange,
)
from kiosk.circulation.delivery import Ahead, Delivery, Parcel, needs
from kiosk.circulation.ledger import act_of
from kiosk.circulation.model import Hold, Item, Loan, Mark
from kiosk.circulation.views import SyncState
from kiosk.store.reads import Row

_COUNTS = (
    "SELECT state, count(*) FROM outbox WHERE state IN ('pending', 'sending', 'parked') GROUP BY state UNION ALL "
    "SELECT value, -1 FROM sync WHERE key = 'state'"
)


def outbox_state(db: Database) -> SyncState:
    """How far the central library knows, and whether it was there the last time."""
    counts = dict(db.execute(_COUNTS).fetchall())
    state = "online" if "online" in counts else "offline"
    pending, parked = counts.get("pending", 0) + counts.get("sending", 0), counts.get("parked", 0)
    if state == "online":
        return SyncState(state, pending, parked)
    row = db.execute("SELECT value FROM sync WHERE key = 'contact'").fetchone()
    return SyncState(state, pending, parked, datetime.fromisoformat(row[0]).date() if row else None)


_AHEAD = (
    "SELECT k.kind, o.state FROM outbox_keys k JOIN outbox o ON o.seq = k.seq "
    "WHERE k.key = ? AND k.seq < ? AND k.version IS NULL AND o.state IS NOT ? ORDER BY k.seq"
)
_KEYS = "SELECT key FROM outbox_keys WHERE seq = ?"


def ahead(db: Database, seq: int, patron_id: str | None, title_id: str | None, posts: bool = False) -> Iterator[Ahead]:
    """What is not settled before an entry and shares a key with it, key by key, oldest first. The ids are our own.

    posts: without what was handed over already."""
    left_out = Delivery.SENDING if posts else None
    keys = {key for (key,) in db.execute(_KEYS, (seq,))} | needs(patron_id, title_id)
    for key in sorted(keys):
        for kind, state in db.execute(_AHEAD, (key, seq, left_out)):
            yield Ahead(key, Kind(kind), Delivery(state))


PARCEL = (
    "SELECT o.seq, t.id, t.kind, t.patron_id, t.item_id, t.title_id, t.body, t.at, t.trusted, t.kiosk, o.attempts, "
    "o.insist, o.corrected, i.barcode, i.inventory_no, p.external_id, "
    "(SELECT number FROM cards c WHERE c.patron_id = t.patron_id ORDER BY lost, number LIMIT 1), "
    "CASE WHEN t.item_id IS NULL THEN (SELECT coalesce(barcode, inventory_no) FROM items c "
    "WHERE c.title_id = t.title_id AND coalesce(barcode, inventory_no) IS NOT NULL ORDER BY id LIMIT 1) END "
    "FROM outbox o JOIN transactions t ON t.seq = o.seq LEFT JOIN items i ON i.id = t.item_id "
    "LEFT JOIN patrons p ON p.id = t.patron_id"
)
_CENTRAL_ID = "SELECT central_id FROM known_as WHERE kind = ? AND local_id = ?"

Name = Callable[[str, str | None], str | None]


def naming(db: Database) -> Name:
    """What central calls a patron, a title or an item; by our own id if it has told no other."""

    def name(kind: str, local_id: str | None) -> str | None:
        row = db.execute(_CENTRAL_ID, (kind, local_id)).fetchone() if local_id is not None else None
        return row[0] if row else local_id

    return name


def to_parcel(row: Row, name: Name) -> Parcel:
    """PARCEL's columns. Raises ValueError or KeyError for an act that cannot be read."""
    act = renamed(act_of(*row[1:7]), name)
    shown = datetime.fromisoformat(row[7])
    known = datetime.fromisoformat(row[12]) if row[12] else None
    barcode, inventory_no, external_id, card, copy = row[13:]
    return Parcel(
        row[0],
        act,
        known or shown,
        bool(row[8]) or known is not None,
        row[9],
        card,
        barcode,
        inventory_no,
        external_id,
        row[10],
        reported=shown if known is not None and known != shown else None,
        insist=bool(row[11]),
        copy=copy,
    )


def renamed(act: Act, name: Name) -> Act:
    """The act in central's ids. Loans and holds have the same ids everywhere."""

    def loan(one: Loan | None) -> Loan | None:
        return None if one is None else replace(one, **ids(one))

    def hold(one: Hold | None) -> Hold | None:
        return None if one is None else replace(one, **ids(one))

    def mark(one: Mark | None) -> Mark | None:
        return None if one is None else replace(one, patron_id=name("patron", one.patron_id) or one.patron_id)

    def item(one: Item | None) -> Item | None:
        if one is None:
            return None
        return replace(one, id=name("item", one.id) or one.id, title_id=name("title", one.title_id) or one.title_id)

    def ids(one: Loan | Hold | Act) -> dict[str, Any]:
        return {
            "patron_id": name("patron", one.patron_id),
            "title_id": name("title", one.title_id),
            "item_id": name("item", one.item_id),
        }

    def change(one: Change) -> Change:
        match one:
            case StatusChange(item_id):
                return replace(one, item_id=name("item", item_id) or item_id)
            case LoanChange(before, after):
                return LoanChange(loan(before), loan(after))
            case HoldChange(hold_before, hold_after):
                return HoldChange(hold(hold_before), hold(hold_after))
            case ConditionChange(item_id) | BarcodeChange(item_id):
                return replace(one, item_id=name("item", item_id) or item_id)
            case HeldChange(title_id):
                return replace(one, title_id=name("title", title_id) or title_id)
            case ClassChange(patron_id):
                return replace(one, patron_id=name("patron", patron_id) or patron_id)
            case MarkChange(mark_before, mark_after):
                return MarkChange(mark(mark_before), mark(mark_after))
            case ItemMade(item_before, item_after):
                return ItemMade(item(item_before), item(item_after))
            case SetChange() | PatronMade() | YearClassChange():
                return one

    return replace(act, **ids(act), changes=tuple(change(one) for one in act.changes))
