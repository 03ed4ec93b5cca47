"""What the exceptions desk and the health page have done for them: an entry settled, the machine looked at."""

from __future__ import annotations

import shutil
from datetime import datetime

from kiosk.circulation.delivery import Delivery
from kiosk.circulation.staff.exception_facts import EntrySettled, SettleEntry
from kiosk.circulation.staff.health import DeviceSeen, MachineSeen
from kiosk.circulation.views import SyncState
from kiosk.config import Config
from kiosk.devices.health_file import kept
from kiosk.plugging import health_file
from kiosk.ports import Clock
from kiosk.store import SqliteStore
from kiosk.store.outbox import StoreOutbox
from kiosk.store.outbox_rows import outbox_state
from kiosk.store.pulled import StoreMirror


def settle(store: SqliteStore, clock: Clock, deed: SettleEntry) -> EntrySettled:
    """Settle an entry, as `kiosk outbox` does, unless it has been settled otherwise meanwhile."""
    outbox = StoreOutbox(store, clock, pulls=True, boot=store.boot)
    if deed.way not in outbox.entry(deed.entry).ways_out:
        return EntrySettled(False)
    outbox.settle_by_hand(deed.entry, deed.way, deed.staff, deed.why, deed.staff)
    return EntrySettled(True)


def look_at_machine(config: Config, store: SqliteStore, clock: Clock) -> MachineSeen:
    """How devices, sync and disk are, as the running kiosk knows it; nobody is asked."""
    noted = StoreMirror(store, clock).noted()
    with store.connection().read() as db:
        sync = outbox_state(db) if config.central.kind != "none" else SyncState()
        flagged = db.execute(
            "SELECT count(*) FROM outbox WHERE state = ? AND reason IS NOT NULL", (Delivery.ACCEPTED,)
        ).fetchone()[0]
    contact = noted.get("contact")
    return MachineSeen(
        tuple(DeviceSeen(one.name, one.works, one.advice) for one in kept(health_file(config))),
        sync,
        flagged,
        datetime.fromisoformat(contact).astimezone(config.timezone).date() if contact else None,
        noted.get("problem", ""),
        int(noted.get("offset_s", "0")),
        shutil.disk_usage(config.folder).free // 2**20,
    )
