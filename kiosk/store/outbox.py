"""The outbox as the sync uses it (ports.Outbox), and what staff do with entries that are parked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlite_utils import Database

from kiosk.circulation.acts import Act, HeldChange, Kind, Override
from kiosk.circulation.clock import reckon
from kiosk.circulation.delivery import (
    Delivery,
    Heads,
    Parcel,
    Reason,
    Settled,
    WayOut,
    held_up_by,
    ways_out,
)
from kiosk.circulation.ledger import act_of
from kiosk.errors import StoreError
from kiosk.ports import Clock
from kiosk.store.outbox_rows import PARCEL, ahead, naming, to_parcel
from kiosk.store.overlay import Overlay
from kiosk.store.reads import Row
from kiosk.store.recording import record, stamp
from kiosk.store.settling import FOLLOW, kiosk_of, settle
from kiosk.store.store import SqliteStore

WINDOW = 500
"""Pending entries that are looked at in one reading: a short one, in which the log cannot be emptied."""
LONGEST_REST = timedelta(hours=2)
"""An entry that is to rest longer was put aside by a clock that has been wrong."""

_PENDING = (
    f"{PARCEL} WHERE o.state = 'pending' AND o.seq > ?3 AND (o.not_before IS NULL OR o.not_before <= ?1 "
    f"OR o.not_before > ?2) ORDER BY o.seq LIMIT {WINDOW}"
)
_SENDING = f"{PARCEL} WHERE o.state = 'sending' AND o.seq > ? ORDER BY o.seq LIMIT ?"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as staff see it. flagged: accepted, but something is to be known. item: its barcode or number."""

    seq: int
    kind: Kind
    at: datetime
    delivery: Delivery
    reason: Reason | None
    text: str
    attempts: int
    item: str | None
    title: str | None
    patron_id: str | None

    @property
    def ways_out(self) -> tuple[WayOut, ...]:
        """How staff can settle it."""
        if self.delivery is Delivery.ACCEPTED and self.reason is not None:
            return (WayOut.SEEN,)
        return ways_out(self.reason) if self.delivery is Delivery.PARKED else ()


class StoreOutbox:
    """The outbox of a store, for one thread.

    pulls: whether central lists what changed; if so, an act stays laid over what was pulled until a pull has passed it.
    posts: acts are carried to central in their order: what was handed over holds up nothing behind it.
    """

    def __init__(self, store: SqliteStore, clock: Clock, pulls: bool, boot: str = "", posts: bool = False) -> None:
        self._store = store
        self._clock = clock
        self._pulls = pulls
        self._boot = boot
        self._posts = posts

    def heads(self, after: int, limit: int, now: datetime) -> Heads:
        """Pending entries after `after` that nothing ahead of them holds up, and that do not rest."""
        parcels: list[Parcel] = []
        behind: list[int] = []
        with self._store.connection().read() as db:
            name, upto, seen = naming(db), after, 0
            for row in db.execute(_PENDING, (stamp(now), stamp(now + LONGEST_REST), after)):
                parcel = to_parcel(row, name)
                blocker = held_up_by(parcel.act.kind, ahead(db, parcel.seq, row[3], row[5], self._posts))
                if blocker is None:
                    parcels.append(parcel)
                elif blocker.delivery is Delivery.PARKED:
                    behind.append(parcel.seq)
                upto, seen = parcel.seq, seen + 1
                if len(parcels) == limit:
                    break
        return Heads(tuple(parcels), upto, seen < WINDOW and len(parcels) < limit, tuple(behind[:limit]))

    def park_behind(self, seqs: Sequence[int]) -> None:
        """These cannot go before a parked one is settled: staff see them with it, and they follow by themselves."""
        with self._store.connection().write() as db:
            db.execute(_PARK_BEHIND, (json.dumps(list(seqs)),))

    def begin(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        """Write down, durably, that these are sent from now on; those that still may be."""
        with self._store.connection().write() as db:
            return [parcel for parcel in parcels if db.execute(_BEGIN, (parcel.seq,)).rowcount]

    def wake(self) -> None:
        """Nothing rests any more."""
        with self._store.connection().write() as db:
            db.execute("UPDATE outbox SET not_before = NULL WHERE state = 'pending' AND not_before IS NOT NULL")

    def in_doubt(self, after: int, limit: int) -> Sequence[Parcel]:
        """Entries that were sent, or may have been, with nothing known since."""
        with self._store.connection().read() as db:
            name = naming(db)
            return [to_parcel(row, name) for row in db.execute(_SENDING, (after, limit))]

    def earlier_open(self, seq: int) -> bool:
        """Whether an earlier act of the same patron is still on its way."""
        with self._store.connection().read() as db:
            return db.execute(_EARLIER_OPEN, (seq,)).fetchone() is not None

    def settle(self, settled: Sequence[Settled]) -> None:
        """Write down what became of entries."""
        mark = self._store.mark()
        with self._store.connection().write() as db:
            now = reckon(self._clock.read(), mark)
            settle(db, settled, self._pulls, now, kiosk_of(db))
        self._store.idle()

    def correct(self, mono: float, truth: datetime) -> bool:
        """Correct the times of a few untrusted acts of this boot, now that the truth is known; whether there are more.

        mono: our clock's seconds at that moment. What is in the ledger stays; the parcel tells both times.
        """
        with self._store.connection().read() as db:
            rows = db.execute(_UNTIMED, (self._boot,)).fetchall() if self._boot else []
        if rows:
            with self._store.connection().write() as db:
                for seq, then in rows:
                    corrected = stamp(truth - timedelta(seconds=max(mono - then, 0.0)))
                    db.execute("UPDATE outbox SET corrected = ?, mono = NULL WHERE seq = ?", (corrected, seq))
        return bool(rows)

    def try_again(self, reasons: frozenset[Reason]) -> None:
        """Parked entries with these reasons are pending again."""
        marks = ", ".join("?" * len(reasons))
        with self._store.connection().write() as db:
            db.execute(
                "UPDATE outbox SET state = 'pending', not_before = NULL "
                f"WHERE state = 'parked' AND reason IN ({marks})",
                tuple(reasons),
            )

    def entries(self, states: Sequence[Delivery], flagged: bool = False, after: int = 0) -> list[Entry]:
        """Entries in these states, at most 1000; flagged: also those that were accepted with a reason to be known, and
        those that are on their way again after they were parked."""
        marks = ", ".join("?" * len(states))
        with self._store.connection().read() as db:
            rows = db.execute(
                f"{_ENTRY} WHERE o.seq > ? AND (o.state IN ({marks}) OR ? AND "
                "o.state IN ('accepted', 'sending') AND o.reason IS NOT NULL) ORDER BY o.seq LIMIT 1000",
                (after, *states, flagged),
            ).fetchall()
        return [_to_entry(row) for row in rows]

    def entry(self, seq: int) -> Entry:
        """One entry. Raises StoreError if there is none."""
        with self._store.connection().read() as db:
            row = db.execute(f"{_ENTRY} WHERE o.seq = ?", (seq,)).fetchone()
        if row is None:
            raise StoreError(f"the outbox has no entry {seq}; `kiosk outbox list` shows what there is")
        return _to_entry(row)

    def oldest(self) -> datetime | None:
        """When the oldest act that is on its way happened."""
        with self._store.connection().read() as db:
            row = db.execute(
                "SELECT at FROM transactions WHERE seq = "
                "(SELECT min(seq) FROM outbox WHERE state IN ('pending', 'sending'))"
            ).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def settle_by_hand(self, seq: int, way: WayOut, by: str, reason: str = "", staff: str | None = None) -> None:
        """A person settles an entry; recorded in the ledger with who did it. staff: their id, if they signed in. Raises
        StoreError if this way is none of its ways out."""
        entry = self.entry(seq)
        if way not in entry.ways_out:
            raise StoreError(f"entry {seq} is {entry.delivery}: {way} is no way to settle it")
        connection = self._store.connection()
        mark = self._store.mark()
        with connection.write() as db:
            moved = db.execute(
                "UPDATE outbox SET state = ?, insist = max(insist, ?), not_before = NULL, "
                "reason = CASE WHEN ? THEN NULL ELSE reason END WHERE seq = ? AND state = ? AND reason IS ?",
                (_AFTER[way], way is WayOut.RESOLVE, way is WayOut.SEEN, seq, entry.delivery, entry.reason),
            ).rowcount
            if not moved:
                raise StoreError(f"entry {seq} has just been settled otherwise")
            kiosk = kiosk_of(db)
            (act_id,) = db.execute("SELECT id FROM transactions WHERE seq = ?", (seq,)).fetchone()
            now = reckon(self._clock.read(), mark)
            told = Override(by, (entry.reason.name,) if entry.reason else (), reason)
            act = Act(uuid4().hex, _RECORDED[way], undoes=act_id, override=told, text=reason, staff=staff)
            record(db, (act,), (), now, kiosk, frozenset())
            if way is WayOut.DISMISS:
                db.execute(FOLLOW, (seq,))
                keys = [key for (key,) in db.execute("SELECT key FROM outbox_keys WHERE seq = ?", (seq,))]
                db.execute("DELETE FROM outbox_keys WHERE seq = ?", (seq,))
                if self._pulls:
                    _count_back(db, act_id)
                    Overlay(db, now, kiosk).lift(keys)


def _count_back(db: Database, act_id: str) -> None:
    """Copies that an act had counted, and that central will not hear of."""
    row = db.execute(
        "SELECT id, kind, patron_id, item_id, title_id, body FROM transactions WHERE id = ?", (act_id,)
    ).fetchone()
    for change in act_of(*row).changes:
        if isinstance(change, HeldChange):
            held = (-change.by, change.title_id)
            db.execute("UPDATE titles SET held = max(held + ?, 0), version = version + 1 WHERE id = ?", held)


_BEGIN = "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE seq = ? AND state = 'pending'"
_EARLIER_OPEN = (
    "SELECT 1 FROM outbox o JOIN transactions t ON t.seq = o.seq WHERE o.state IN ('pending', 'sending') "
    "AND o.seq < ?1 AND t.patron_id = (SELECT patron_id FROM transactions WHERE seq = ?1) LIMIT 1"
)
_PARK_BEHIND = (
    f"UPDATE outbox SET state = 'parked', reason = '{Reason.BEHIND}', text = '' "
    "WHERE state = 'pending' AND seq IN (SELECT value FROM json_each(?))"
)
_UNTIMED = "SELECT seq, mono FROM outbox WHERE mono IS NOT NULL AND boot = ? ORDER BY seq LIMIT 200"
_ENTRY = (
    "SELECT o.seq, t.kind, coalesce(o.corrected, t.at), o.state, o.reason, o.text, o.attempts, "
    "coalesce(i.barcode, i.inventory_no), w.title, t.patron_id FROM outbox o JOIN transactions t ON t.seq = o.seq "
    "LEFT JOIN items i ON i.id = t.item_id LEFT JOIN titles w ON w.id = t.title_id"
)
_AFTER = {
    WayOut.RETRY: Delivery.PENDING,
    WayOut.RESOLVE: Delivery.PENDING,
    WayOut.DISMISS: Delivery.DISMISSED,
    WayOut.SEEN: Delivery.ACCEPTED,
}
_RECORDED = {
    WayOut.RETRY: Kind.OUTBOX_RETRIED,
    WayOut.RESOLVE: Kind.OUTBOX_RESOLVED,
    WayOut.DISMISS: Kind.OUTBOX_DISMISSED,
    WayOut.SEEN: Kind.OUTBOX_SEEN,
}


def _to_entry(row: Row) -> Entry:
    reason = Reason(row[4]) if row[4] else None
    return Entry(row[0], Kind(row[1]), datetime.fromisoformat(row[2]), Delivery(row[3]), reason, *row[5:])
