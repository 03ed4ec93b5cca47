"""From a scan to its durable commit, beside one bare durable INSERT on the same disk."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from kiosk import app
from kiosk.circulation.acts import Act, Relied
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Committed, Stale
from kiosk.circulation.model import Scan
from kiosk.desk import Press
from kiosk.devices.clock import HandClock
from kiosk.store import SqliteStore
from tests.bench.library import library, now

LOANS_A_VISIT = 4


class Stopwatch(SqliteStore):
    """The store, noting when a commit is durable."""

    durable_at = 0.0

    def commit(self, acts: Sequence[Act], relied: Sequence[Relied], now: Moment) -> Committed | Stale:
        """As SqliteStore."""
        answer = super().commit(acts, relied, now)
        self.durable_at = time.perf_counter()
        return answer


@dataclass(frozen=True, slots=True)
class Pairs:
    """Seconds of scan to durable commit, and of one bare durable INSERT just after each."""

    scans: tuple[float, ...]
    inserts: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return median(self.scans) / median(self.inserts)

    @property
    def tail(self) -> float:
        """The 99th of 100 scans beside the median INSERT."""
        return sorted(self.scans)[int(len(self.scans) * 0.99)] / median(self.inserts)


def measure(folder: Path, items: int, pairs: int) -> Pairs:
    """Checkouts by scan and bare INSERTs by turns, on a library of so many items."""
    config = library(folder, items, patrons=pairs)
    store = Stopwatch(config.store)
    clock = HandClock(now(config))
    desk = app.open_desk(config, store, clock)
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode=wal")
    bare.execute("PRAGMA synchronous=full")
    bare.execute("CREATE TABLE t (a, b, c)")
    scans, inserts = [], []
    for n in range(pairs):
        if n % LOANS_A_VISIT == 0:
            desk.take(Press("finish"))
            desk.take(Press("done"))
            desk.take(Scan(f"P{n // LOANS_A_VISIT}"))
        begun = time.perf_counter()
        outcome = desk.take(Scan(f"B{n * 7919 % items}"))
        scans.append(store.durable_at - begun)
        if len(outcome.committed) != 1:
            raise AssertionError(outcome.view.message)
        begun = time.perf_counter()
        bare.execute("INSERT INTO t VALUES (?, ?, ?)", (outcome.committed[0].id, "checkout", n))
        inserts.append(time.perf_counter() - begun)
        clock.move(3)
    bare.close()
    desk.close()
    return Pairs(tuple(scans), tuple(inserts))


def growth(small: Path, large: Path, few: int, many: int, pairs: int) -> float:
    """How much slower a scan is among many items than among few: each beside the INSERTs of its own run."""
    return measure(large, many, pairs).ratio / measure(small, few, pairs).ratio
