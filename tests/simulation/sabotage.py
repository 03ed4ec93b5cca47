"""Parts of a store with a mistake in them: a simulation that does not notice them is worth nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from kiosk.circulation.clock import Moment
from kiosk.circulation.delivery import Heads, Indeterminate, Outcome, Parcel, Unreachable
from kiosk.circulation.events import Committed, Declined
from kiosk.store.intents import StoreIntents
from kiosk.store.outbox import StoreOutbox
from kiosk.store.outbox_rows import PARCEL, naming, to_parcel


class Swapping(StoreOutbox):
    """The newest goes first, whatever it stands behind."""

    def heads(self, after: int, limit: int, now: datetime) -> Heads:
        """Pending entries in the wrong order."""
        with self._store.connection().read() as db:
            name = naming(db)
            rows = db.execute(f"{PARCEL} WHERE o.state = 'pending' ORDER BY o.seq DESC LIMIT ?", (limit,)).fetchall()
            parcels = tuple(to_parcel(row, name) for row in rows)
        return replace(super().heads(after, limit, now), parcels=parcels)


class Dropping(StoreOutbox):
    """A row is lost when a batch is written down."""

    def begin(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        """All but one that is never heard of again."""
        if len(parcels) > 2:
            with self._store.connection().write() as db:
                db.execute("DELETE FROM outbox_keys WHERE seq = ?", (parcels[0].seq,))
                db.execute("DELETE FROM outbox WHERE seq = ?", (parcels[0].seq,))
        return super().begin(parcels)


class Blind(StoreOutbox):
    """What was sent without an answer is simply sent again."""

    def in_doubt(self, after: int, limit: int) -> Sequence[Parcel]:
        """Nothing is ever in doubt."""
        with self._store.connection().write() as db:
            db.execute("UPDATE outbox SET state = 'pending' WHERE state = 'sending'")
        return []


class Hasty(StoreIntents):
    """What central was asked, without an answer, is taken for never sent."""

    def conclude(self, outcomes: Sequence[Outcome], now: Moment) -> Committed | Declined:
        """Nobody knows: so nobody has it."""
        return super().conclude([Unreachable() if isinstance(one, Indeterminate) else one for one in outcomes], now)


SABOTAGED: dict[str, type[StoreOutbox]] = {"swap": Swapping, "drop": Dropping, "blind": Blind}
"""By name; `hasty` is Hasty; `repeat` is a central that takes every repeat for something new."""
