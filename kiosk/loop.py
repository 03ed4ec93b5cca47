"""The desk's thread: takes from one inbox what readers, touches and the keyboard give, and rings the desk's timer."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from kiosk.desk import Desk, Input, Outcome

log = logging.getLogger(__name__)

IDLE_AFTER_S = 3.0


class DeskLoop:
    """Runs a desk on the machine's time. shown: called on the desk's thread with what came of each input."""

    def __init__(self, open_desk: Callable[[], Desk], shown: Callable[[Outcome], None]) -> None:
        """open_desk: called on the desk's own thread, which owns the ledger's connection."""
        self._open_desk = open_desk
        self._shown = shown
        self._inbox: queue.SimpleQueue[Input | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def post(self, given: Input) -> None:
        """Put something into the inbox, from any thread; taken in the order in which it came."""
        self._inbox.put(given)

    def start(self) -> None:
        """Run in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="desk", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in the inbox, then end."""
        self._inbox.put(None)
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def run(self) -> None:
        """Take inputs and ring the timer until stopped. Nothing that goes wrong inside ends the loop."""
        desk = self._open_desk()
        try:
            self._shown(Outcome(desk.view(), ()))
            while True:
                try:
                    given = self._inbox.get(timeout=_patience(desk))
                except queue.Empty:
                    self._guarded(desk, None)
                    continue
                if given is None:
                    return
                self._guarded(desk, given)
        finally:
            desk.close()

    def _guarded(self, desk: Desk, given: Input | None) -> None:
        try:
            outcome = desk.take(given) if given is not None else _rest(desk)
        except Exception:
            log.exception("the desk could not act on an input; it goes on")
            desk.recover()
            outcome = Outcome(desk.view(), ())
        self._shown(outcome)


def _patience(desk: Desk) -> float:
    alarm = desk.next_alarm()
    return IDLE_AFTER_S if alarm is None else min(max(alarm - time.monotonic(), 0.0), IDLE_AFTER_S)


def _rest(desk: Desk) -> Outcome:
    """Nothing came in: ring the timer if it is due, else let the ledger tidy up."""
    alarm = desk.next_alarm()
    if alarm is not None and alarm <= time.monotonic():
        return desk.ring()
    desk.idle()
    return Outcome(desk.view(), ())
