"""Intents in the store: acts about which central is asked before they are done, from then until they are recorded.

An intent covers what it is about, as an act in the outbox does: a pull that brings central's view of it waits. What
becomes of an intent is a transaction with its id, written in the database transaction in which the intent goes: the act
itself, or that it was declined. So it is in one of the two places whenever the power is cut.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlite_utils import Database

from kiosk.circulation.acts import Act, Kind, Relied
from kiosk.circulation.asking import WISHES, Concluded, conclude
from kiosk.circulation.clock import Moment
from kiosk.circulation.delivery import (
    Delivery,
    Indeterminate,
    Outcome,
    Parcel,
    Reason,
    RefusedByCentral,
    Settled,
    needs,
    order_keys,
)
from kiosk.circulation.facts import Fact
from kiosk.circulation.ledger import act_of, body_of
from kiosk.store.learned import Learned
from kiosk.store.outbox_rows import naming, renamed
from kiosk.store.outdated import Outdated
from kiosk.store.overlay import Overlay
from kiosk.store.reads import Row
from kiosk.store.recording import record, stamp
from kiosk.store.settling import settle

log = logging.getLogger(__name__)

LOST = "it no longer fits the ledger"


@dataclass(slots=True)
class Conclusion:
    """What became of intents. done: the acts that stand; declined: why one does not; lost: so many could not be
    recorded, though nobody refused them."""

    done: list[Act] = field(default_factory=list)
    declined: Reason | None = None
    lost: int = 0


def intend(db: Database, acts: Sequence[Act], relied: Sequence[Relied], now: Moment, boot: str) -> None:
    """Write intents down, in a write transaction. Raises Outdated if what they rely on has changed."""
    for one in relied:
        row = db.execute(f"SELECT version FROM {one.table} WHERE id = ?", (one.id,)).fetchone()
        if row is None or row[0] != one.version:
            raise Outdated(one.id)
    for act in acts:
        db.execute(
            "INSERT INTO intents (id, kind, patron_id, item_id, title_id, body, at, trusted, boot, mono) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                act.id, act.kind, act.patron_id, act.item_id, act.title_id, body_of(act), stamp(now.wall),
                now.trusted, boot, now.mono,
            ),
        )  # fmt: skip
        db.conn.executemany("INSERT INTO intent_keys VALUES (?, ?)", [(key, act.id) for key in order_keys(act)])


def is_open(db: Database, acts: Sequence[Act]) -> bool:
    """Whether earlier acts of the same patron, or on the same things, are not settled with central yet: an answer to
    these now would be one to something else."""
    for act in acts:
        for key in order_keys(act) | needs(act.patron_id, act.title_id):
            if db.execute("SELECT 1 FROM outbox_keys WHERE key = ? AND version IS NULL LIMIT 1", (key,)).fetchone():
                return True
        if act.patron_id is not None and db.execute(_OF_PATRON, (act.patron_id,)).fetchone():
            return True
    return False


_OF_PATRON = (
    "SELECT 1 FROM outbox o JOIN transactions t ON t.seq = o.seq WHERE o.state IN ('pending', 'sending') "
    "AND t.patron_id = ? LIMIT 1"
)


def parcels(db: Database, acts: Sequence[Act], now: Moment, kiosk: str) -> tuple[Parcel, ...]:
    """What central is asked. Their numbers are the next ones: what is recorded later has a greater one."""
    name = naming(db)
    (last,) = db.execute("SELECT coalesce(max(seq), 0) FROM transactions").fetchone()
    return tuple(
        Parcel(last + n, renamed(act, name), now.wall, now.trusted, kiosk, *_names(db, act),
               happened=act.kind not in WISHES)
        for n, act in enumerate(acts, 1)
    )  # fmt: skip


def _names(db: Database, act: Act) -> tuple[str | None, str | None, str | None, str | None]:
    """By what central knows them: card, barcode, inventory number, external id."""
    (card,) = db.execute(_CARD, (act.patron_id,)).fetchone() or (None,)
    barcode, number = db.execute(_NUMBERS, (act.item_id,)).fetchone() or (None, None)
    (external,) = db.execute("SELECT external_id FROM patrons WHERE id = ?", (act.patron_id,)).fetchone() or (None,)
    return card, barcode, number, external


_CARD = "SELECT number FROM cards WHERE patron_id = ? ORDER BY lost, number LIMIT 1"
_NUMBERS = "SELECT barcode, inventory_no FROM items WHERE id = ?"
_INTENTS = "SELECT id, kind, patron_id, item_id, title_id, body, at, trusted, boot, mono FROM intents ORDER BY n"


def conclude_all(
    db: Database, outcomes: Sequence[Outcome], now: Moment, kiosk: str, carried: frozenset[Kind], pulls: bool
) -> Conclusion:
    """Record every intent, an outcome for each; in a write transaction."""
    conclusion = Conclusion()
    for row, outcome in zip(db.execute(_INTENTS).fetchall(), outcomes, strict=True):
        act = act_of(*row[:6])
        found = conclude(act, outcome)
        _forget(db, act.id)
        if isinstance(found, RefusedByCentral):
            conclusion.declined = found.reason
            _decline(db, row, act, f"{found.reason} {found.text}".strip(), now, kiosk, found.facts)
        elif _record(db, row, found, now, kiosk, carried, pulls):
            conclusion.done.append(found.act)
        else:
            conclusion.lost += 1
    return conclusion


def conclude_left(db: Database, kiosk: str, carried: frozenset[Kind]) -> None:
    """Nobody waits for the answer to these any more, and what it was is not known: as after a time-out."""
    rows = db.execute(_INTENTS).fetchall()
    if rows:
        log.warning("%d acts were intended when the kiosk stopped; it is found out what became of them", len(rows))
        conclude_all(db, [Indeterminate()] * len(rows), _then(rows[-1]), kiosk, carried, pulls=True)


def _forget(db: Database, act_id: str) -> None:
    db.execute("DELETE FROM intent_keys WHERE id = ?", (act_id,))
    db.execute("DELETE FROM intents WHERE id = ?", (act_id,))


def _then(row: Row) -> Moment:
    """When it was intended: that is when it happened."""
    return Moment(row[9], datetime.fromisoformat(row[6]), bool(row[7]), True)


def _record(
    db: Database, row: Row, found: Concluded, now: Moment, kiosk: str, carried: frozenset[Kind], pulls: bool
) -> bool:
    """Whether it could be recorded; nothing but a repair of the ledger by hand can have come between."""
    act = found.act
    db.execute("SAVEPOINT concluded")
    try:
        record(db, (act,), (), _then(row), kiosk, carried, row[8], found.decided_by)
    except Outdated:
        db.execute("ROLLBACK TO concluded")
        db.execute("RELEASE concluded")
        log.error("act %s: %s", act.id, LOST)
        _decline(db, row, act, LOST, now, kiosk)
        return False
    db.execute("RELEASE concluded")
    entry = db.execute("SELECT o.seq FROM outbox o JOIN transactions t ON t.seq = o.seq WHERE t.id = ?", (act.id,))
    if found.fate.delivery is not Delivery.PENDING and (seq := entry.fetchone()) is not None:
        db.execute("UPDATE outbox SET state = 'sending', attempts = 1 WHERE seq = ?", seq)
        if found.fate.delivery is not Delivery.SENDING:
            settle(db, [Settled(seq[0], found.fate)], pulls, now, kiosk)
    return True


def _decline(db: Database, row: Row, act: Act, why: str, now: Moment, kiosk: str, facts: Sequence[Fact] = ()) -> None:
    """It was not done; what central said meanwhile, or with its answer, of the things that it was about comes to be.

    The item is not a column of it: nothing happened to it that an undo would have to look at.
    """
    _, barcode, number, _ = _names(db, act)
    told = Act(act.id, Kind.DECLINED, act.patron_id, None, act.title_id, text=f"{act.kind} {barcode or number}: {why}")
    record(db, (told,), (), _then(row), kiosk, frozenset(), "", "central")
    overlay = Overlay(db, now, kiosk)
    Learned(db, overlay).take(facts)
    overlay.lift(order_keys(act))
