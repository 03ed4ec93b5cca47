"""What the desk writes down of what it asks central (ports.Intents)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from kiosk.circulation.acts import Act, Kind, Relied
from kiosk.circulation.clock import Moment
from kiosk.circulation.delivery import Outcome, Parcel
from kiosk.circulation.events import Committed, Declined, Identified, Stale
from kiosk.circulation.model import LOAN_DESK_POINT, ItemKind, ItemStatus
from kiosk.circulation.sameness import title_key
from kiosk.errors import StoreError
from kiosk.store import intending, reads
from kiosk.store.noting import insert
from kiosk.store.outdated import Outdated
from kiosk.store.recording import record
from kiosk.store.schema import lowered
from kiosk.store.settling import kiosk_of
from kiosk.store.store import SqliteStore


class StoreIntents:
    """The intents of a store, for the desk's thread; on the desk's own store.

    pulls: whether central lists what changed.
    """

    def __init__(self, store: SqliteStore, pulls: bool) -> None:
        self._store = store
        self._pulls = pulls

    def intend(self, acts: Sequence[Act], relied: Sequence[Relied], now: Moment) -> tuple[Parcel, ...] | Stale:
        """Write down, durably, that central is asked whether these may be done, if what they rely on still holds."""
        if any(act.kind not in self._store.carried for act in acts):
            return ()
        try:
            with self._store.using() as connection, connection.write() as db:
                kiosk = kiosk_of(db)
                intending.conclude_left(db, kiosk, self._store.carried)
                if intending.is_open(db, acts):
                    return ()
                intending.intend(db, acts, relied, now, self._store.boot)
                return intending.parcels(db, acts, now, kiosk)
        except Outdated:
            return Stale()

    def conclude(self, outcomes: Sequence[Outcome], now: Moment) -> Committed | Declined:
        """Record what was intended, an outcome for each act, or that central refused it."""
        with self._store.using() as connection, connection.write() as db:
            found = intending.conclude_all(db, outcomes, now, kiosk_of(db), self._store.carried, self._pulls)
        if found.lost:
            raise StoreError(f"{found.lost} acts no longer fit the ledger")
        return Committed(tuple(found.done)) if found.declined is None else Declined(found.declined, tuple(found.done))

    def make_item(self, barcode: str, now: Moment) -> Identified:
        """Take in an item of which only the barcode is known: that is its title, too."""
        title_id, item_id = uuid4().hex, uuid4().hex
        with self._store.using() as connection, connection.write() as db:
            key = title_key(barcode, "", None, "", None, "", "")
            title = {"id": title_id, "key": f"{key}|{title_id}", "title": barcode, "author": "", "subject": ""}
            insert(db, "titles", {**title, "kind": ItemKind.BOOK.value, "lowered": lowered(barcode)})
            place = {"status": ItemStatus.AVAILABLE.value, "service_point": LOAN_DESK_POINT}
            item = {"id": item_id, "title_id": title_id, "barcode": barcode, "kind": ItemKind.BOOK.value}
            insert(db, "items", {**item, **place})
            made = Act(uuid4().hex, Kind.ITEM_MADE, None, item_id, title_id, text=barcode)
            record(db, (made,), (), now, kiosk_of(db), frozenset())
            return Identified(items=reads.item_records(db, "i.id = ?1", item_id))
