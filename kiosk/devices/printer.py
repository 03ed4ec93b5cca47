"""The receipt printer: slips in, dots out. Nothing that goes wrong here touches a loan."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from contextlib import suppress

from kiosk.circulation.slip import Slip
from kiosk.devices.paper_lines import Line
from kiosk.devices.supervisor import Run

log = logging.getLogger(__name__)

MOST_WAITING = 5
STALE_S = 60.0
"""A slip that could not be printed for so long is not: its reader has gone, and another one stands there."""


class SlipPrinter:
    """Prints slips one after the other; a supervisor.Driver and a ports.Printer. A slip that cannot be printed is
    dropped, and `failed` is called."""

    what = "printer"

    def __init__(
        self,
        name: str,
        open_line: Callable[[], Line],
        width: int,
        school: str,
        failed: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """open_line: reaches the printer, for each slip anew: one that was switched off and on is simply there again.

        width: dots, one of paper_lines.DOTS. failed: called on the printer's thread. now: seconds.
        """
        self.name = name
        self._open_line = open_line
        self._width = width
        self._school = school
        self._failed = failed
        self._now = now
        self._waiting: queue.Queue[tuple[float, Slip] | None] = queue.Queue(MOST_WAITING)
        self._works = False

    def submit(self, slip: Slip) -> bool:
        """Take a slip to be printed, and return at once; False if that cannot be: no printer, or too many waiting."""
        if not self._works:
            return False
        try:
            self._waiting.put_nowait((self._now(), slip))
        except queue.Full:
            log.warning("printer '%s': %d slips wait already; one more was not taken", self.name, MOST_WAITING)
            return False
        return True

    def serve(self, run: Run) -> None:
        """Look whether the printer is ready, then print what comes. Raises DeviceError."""
        # Pillow and python-escpos take a while to import: on this thread they hold nobody up.
        from kiosk.devices.paper import look, print_slip

        look(self._open_line)
        run.on_stop(self._stop_waiting)
        self._works = True
        run.works()
        try:
            while not run.stopping():
                job = self._waiting.get()
                if job is not None and self._now() - job[0] < STALE_S:
                    print_slip(job[1], self._school, self._width, self._open_line)
        except Exception:
            self._failed()
            raise
        finally:
            self._works = False
            run.on_stop(None)

    def _stop_waiting(self) -> None:
        while True:
            try:
                self._waiting.put_nowait(None)
                return
            except queue.Full:
                with suppress(queue.Empty):
                    self._waiting.get_nowait()
