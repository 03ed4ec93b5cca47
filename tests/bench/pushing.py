"""Scans while a long queue is pushed, beside scans while nothing is; and the memory that a push takes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from kiosk.circulation.acts import Act, Kind, LoanChange, StatusChange
from kiosk.circulation.clock import reckon
from kiosk.circulation.delivery import Accepted, Outcome, Parcel
from kiosk.circulation.model import ItemStatus, Loan
from kiosk.store import SqliteStore
from kiosk.store.outbox import StoreOutbox
from kiosk.store.pulled import StoreMirror
from kiosk.store.recording import record
from kiosk.sync.central.database import opened
from kiosk.sync.loop import Sync, SyncLoop
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from kiosk.sync.push import Push
from tests.central_fixture import SCHOOL, central_in, stock
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, central_at, new_kiosk

ITEMS = 400
ASIDE = 20
"""Of them, so many are not in the queue: they are scanned meanwhile."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds from a scan to its view, and how many acts still waited when the last scan was made."""

    idle: Sequence[float]
    busy: Sequence[float]
    left: int

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return median(self.busy) / median(self.idle)


def queue(kiosk: Kiosk, count: int, items: int = 12) -> None:
    """Put so many acts into the outbox: each item is lent and comes back, again and again."""
    with kiosk.store.connection().read() as db:
        known = db.execute("SELECT id, title_id FROM items ORDER BY barcode LIMIT ?", (items,)).fetchall()
        (patron,) = db.execute("SELECT id FROM patrons LIMIT 1").fetchone()
    now = reckon(kiosk.clock.read(), None)
    day = now.day
    for start in range(0, count, 1000):
        with kiosk.store.connection().write() as db:
            for n in range(start, min(start + 1000, count)):
                item, title = known[n % len(known)]
                turn = n // len(known)
                loan = Loan(f"{item}-{turn // 2}", patron, title, item, day, day, 10)
                back = turn % 2
                lent, in_place = ItemStatus.ON_LOAN, ItemStatus.AVAILABLE
                changes = (
                    (LoanChange(loan, None), StatusChange(item, lent, in_place))
                    if back
                    else (LoanChange(None, loan), StatusChange(item, in_place, lent))
                )
                kind = Kind.CHECKIN if back else Kind.CHECKOUT
                act = Act(f"{loan.id}-back" if back else loan.id, kind, patron, item, title, changes)
                record(db, (act,), (), now, "one", kiosk.connector.carries)
        kiosk.store.idle()


def measure(folder: Path, count: int = 10_000, scans: int = 300) -> Figures:
    """A desk on a real disk, and beside it the thread that pushes `count` acts to a central library in SQLite."""
    folder.mkdir(parents=True)
    with central_in("sqlite", folder) as central:
        with opened(central.engine) as connection:
            stock(connection, central.schools[SCHOOL], 8, ITEMS)
        kiosk = new_kiosk(folder, central.connector(), KioskClock(datetime.now(UTC)))
        kiosk.round()
        kiosk.off()
        kiosk.boot()
        queue(kiosk, count, ITEMS - ASIDE)
        idle = _scans(kiosk, scans)
        carries = kiosk.connector.carries

        def open_sync() -> Sync:
            store = SqliteStore(kiosk.path, carries, "boot-2")
            outbox, mirror = StoreOutbox(store, kiosk.clock, True, "boot-2"), StoreMirror(store, kiosk.clock)
            return Sync(outbox, mirror, kiosk.connector, kiosk.clock, random.random, release=store.close)

        loop = SyncLoop(open_sync)
        loop.start()
        while not kiosk.states().get("accepted", 0):
            time.sleep(0.01)
        busy = _scans(kiosk, scans)
        left = kiosk.states().get("pending", 0)
        loop.stop()
        idle += _scans(kiosk, scans)
        kiosk.off()
    return Figures(idle, busy, left)


def _scans(kiosk: Kiosk, count: int) -> list[float]:
    took = []
    for n in range(count):
        kiosk.scan(f"P{n % 8}")
        begun = time.perf_counter()
        kiosk.scan(f"A{ITEMS - ASIDE + n % ASIDE}")
        took.append(time.perf_counter() - begun)
        kiosk.press("finish")
        kiosk.press("done")
    return took


def memory_kb(folder: Path, count: int) -> int:
    """The most memory of a process that pushes so many acts."""
    folder.mkdir(parents=True)
    clock = KioskClock(MONDAY)
    kiosk = new_kiosk(folder, MemoryConnector(central_at(clock, items=ITEMS)), clock)
    kiosk.round()
    queue(kiosk, count, ITEMS)
    kiosk.off()
    command = [sys.executable, "-m", "tests.bench.pushing", str(kiosk.path), str(count)]
    # Not what wait4 tells: that counts what this process had when it forked.
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


class Taking(MemoryConnector):
    """Takes everything, and keeps nothing."""

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Yes to all."""
        return [Accepted(1) for _ in parcels]


def main(path: Path, count: int) -> None:
    """Push what waits in this store, and print the most memory that this process had, in KiB."""
    clock = KioskClock(MONDAY)
    connector = Taking(MemoryCentral(lambda: MONDAY))
    store = SqliteStore(path, connector.carries, "boot-2")
    pushed = Push(StoreOutbox(store, clock, True, "boot-2"), connector, clock, lambda: 0.5).run()
    store.close()
    if pushed.accepted != count:
        raise AssertionError(f"{pushed} of {count}")
    state = Path("/proc/self/status").read_text()
    print(next(line.split()[1] for line in state.splitlines() if line.startswith("VmHWM:")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
