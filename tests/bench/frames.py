"""From a scan to the frame that shows what came of it, while a long queue is pushed to a central library.

The desk, the push and the window each have their thread, as in the kiosk; the window draws as often as it does there.
`python -m tests.bench.frames FOLDER SCANS ACTS` prints milliseconds, one a line, then how many acts still waited.
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from kiosk.circulation.views import View
from kiosk.screens import environment
from kiosk.store import SqliteStore
from kiosk.store.outbox import StoreOutbox
from kiosk.store.pulled import StoreMirror
from kiosk.sync.central.database import opened
from kiosk.sync.loop import Sync, SyncLoop
from tests.bench.pushing import ASIDE, ITEMS, queue
from tests.central_fixture import SCHOOL, central_in, stock
from tests.sync_fixture import Kiosk, KioskClock, new_kiosk

BETWEEN_S = 0.5
"""Two scans a second are what a class makes."""
BEFORE_S = 12.0
"""A kiosk stands for a while before the first child comes: what the sync loads is there, and the screen is still."""
WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds: the middle one, and what 95 of a hundred stay under. left: acts that still waited at the end."""

    middle: float
    most: float
    left: int


def measure(folder: Path, scans: int, acts: int) -> Figures:
    """In a process of its own, as a window needs one."""
    command = [sys.executable, "-m", "tests.bench.frames", str(folder), str(scans), str(acts)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    took = [float(one) for one in said[:-1]]
    return Figures(median(took), quantiles(took, n=20)[-1], int(said[-1]))


class Eye:
    """Sees when a view is in the window."""

    def __init__(self, app: Any) -> None:
        """Looks at every frame once it has been shown."""
        from kivy.core.window import Window

        self._app = app
        self._awaited: View | None = None
        self._seen = threading.Event()
        self._at = 0.0
        Window.bind(on_flip=self._flipped)

    def show(self, view: View) -> float:
        """Show a view and wait for its frame; when that was."""
        self._seen.clear()
        self._awaited = view
        self._app.show(view)
        if not self._seen.wait(WITHIN_S):
            raise AssertionError("a view never came to the window")
        return self._at

    def _flipped(self, *_: Any) -> None:
        if self._awaited is not None and self._app._drawn == self._awaited:
            self._at, self._awaited = time.perf_counter(), None
            self._seen.set()


def main(folder: Path, scans: int, acts: int) -> None:
    """Scan beside a push and a window, and print."""
    folder.mkdir(parents=True, exist_ok=True)
    environment.prepare(folder / "kivy", fullscreen=False)
    from kivy.clock import Clock

    from kiosk.screens.app import KioskApp

    with central_in("sqlite", folder) as central:
        with opened(central.engine) as connection:
            stock(connection, central.schools[SCHOOL], 8, ITEMS)
        kiosk = new_kiosk(folder, central.connector(), KioskClock(datetime.now(UTC)))
        kiosk.round()
        queue(kiosk, acts, ITEMS - ASIDE)
        kiosk.off()
        ready = threading.Event()
        blank = View("out_of_service", "kk")
        app = KioskApp(lambda: blank, lambda action, argument: None, lambda text: None, on_ready=ready.set)
        took: list[float] = []
        left: list[int] = []

        def desk() -> None:
            ready.wait()
            kiosk.boot()
            loop = SyncLoop(lambda: _sync(kiosk))
            loop.start()
            time.sleep(BEFORE_S)
            try:
                took.extend(_scanned(kiosk, Eye(app), scans))
                left.append(kiosk.states().get("pending", 0))
            finally:
                loop.stop()
                kiosk.off()
                Clock.schedule_once(lambda _: app.stop())

        worker = threading.Thread(target=desk, name="desk")
        worker.start()
        app.run()
        worker.join()
    if len(left) != 1:
        raise AssertionError("the scans were not finished")
    print("\n".join(f"{one * 1000:.2f}" for one in took), left[0], sep="\n", flush=True)


def _sync(kiosk: Kiosk) -> Sync:
    store = SqliteStore(kiosk.path, kiosk.connector.carries, "boot-2")
    outbox, mirror = StoreOutbox(store, kiosk.clock, True, "boot-2"), StoreMirror(store, kiosk.clock)
    return Sync(outbox, mirror, kiosk.connector, kiosk.clock, random.random, release=store.close)


def _scanned(kiosk: Kiosk, eye: Eye, count: int) -> list[float]:
    took = []
    for n in range(count):
        kiosk.scan(f"P{n % 8}")
        eye.show(kiosk.desk.view())
        time.sleep(BETWEEN_S)
        begun = time.perf_counter()
        kiosk.scan(f"A{ITEMS - ASIDE + n % ASIDE}")
        took.append(eye.show(kiosk.desk.view()) - begun)
        kiosk.press("finish")
        kiosk.press("done")
        eye.show(kiosk.desk.view())
    return took


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
