"""Agreeing with the central library, round by round, on a thread of its own with its own connection to the store.

The store is held for short writes, never while a call to central runs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kiosk.circulation.clock import Reading
from kiosk.circulation.delivery import TRIED_AGAIN
from kiosk.errors import ConnectorError, KioskError
from kiosk.ports import Carrier, Clock, Connector, Greeting, Mirror, Outbox
from kiosk.sync.backoff import Backoff, Chance, Circuit
from kiosk.sync.pull import PAGE, Pull, Pulled
from kiosk.sync.push import BATCH, Push, Pushed
from kiosk.sync.questions import Answering, Questions

log = logging.getLogger(__name__)

CENTURY = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC))
CONTACT_EVERY = timedelta(minutes=10)
"""How often the time of the last contact is written down while all is well: a card of flash memory wears out."""
AWAY = Backoff(2.0, 300.0)
BY_HAND = Backoff(5.0, 10.0)
"""Whoever plugs a stick in waits beside it."""
MISTAKES = Backoff(5.0, 300.0)
NOTHING_PUSHED = Pushed()
NOTHING_PULLED = Pulled()
UNKNOWN_EVERY_S = 3600.0
"""How often what central did not know is tried again, where no pull tells that it knows more by now."""
OFF_BY_S = 120.0
"""Clocks that differ by more are told to staff."""


@dataclass(frozen=True, slots=True)
class Round:
    """What came of a round. problem: what is wrong, in a sentence, "" if all is well. online: central answered. told:
    what whoever carries it should know."""

    online: bool
    pushed: Pushed = NOTHING_PUSHED
    pulled: Pulled = NOTHING_PULLED
    problem: str = ""
    told: str = ""

    @property
    def reached(self) -> bool:
        """Whether central was there to the end."""
        return self.online and not self.pushed.failed


class Sync:
    """One kiosk and its central. Owned by one thread; `round` never raises for what a network or central does."""

    def __init__(
        self,
        outbox: Outbox,
        mirror: Mirror,
        connector: Connector,
        clock: Clock,
        chance: Chance,
        backoff: Backoff | None = None,
        batch: int = BATCH,
        page: int = PAGE,
        release: Callable[[], None] = lambda: None,
        questions: Questions | None = None,
    ) -> None:
        """backoff: without one, as long as central is worth waiting for. release: lets go of what outbox and mirror
        stand on. questions: what the desk asks meanwhile; with them, `batch` is best 1, as they are answered between
        two batches."""
        self._outbox = outbox
        self._mirror = mirror
        self._connector = connector
        self._clock = clock
        self._push = Push(outbox, connector, clock, chance, batch)
        self._pull = Pull(mirror, outbox, connector, page)
        self._carrier = connector if isinstance(connector, Carrier) else None
        self.circuit = Circuit(backoff or (AWAY if self._carrier is None else BY_HAND), chance)
        self._release = release
        self._questions = questions
        self._answering = Answering(questions, connector, mirror) if questions is not None else None
        self._contact = ""
        self._enrolled = False
        self._unknown_from = 0.0

    def round(self, accept_smaller: bool = False, stopping: Callable[[], bool] = lambda: False) -> Round:
        """Greet, compare clocks, send, take in. After a failure the circuit is open for a while."""
        stopping = self._between(stopping)
        done = self._exchange(accept_smaller, stopping)
        return self._ended(self._hand_over(done) if not stopping() else done)

    def _exchange(self, accept_smaller: bool, stopping: Callable[[], bool]) -> Round:
        try:
            greeting, reading = self._hello()
        except ConnectorError as error:
            return Round(False, problem=str(error))
        self._online(True)
        self._compare(greeting, reading)
        while not self._enrolled and not stopping():
            self._enrolled = not self._mirror.enrol(self._connector.carries)
        if not self._connector.pulls and reading.mono >= self._unknown_from:
            self._unknown_from = reading.mono + UNKNOWN_EVERY_S
            self._outbox.try_again(TRIED_AGAIN)
        pushed = self._push.run(stopping)
        pulled = self._pull.run(accept_smaller, stopping) if not pushed.failed else NOTHING_PULLED
        if pulled.again and not pulled.failed and not stopping():
            more = self._push.run(stopping)
            pushed = Pushed(pushed.accepted + more.accepted, pushed.parked + more.parked, more.failed)
        return Round(True, pushed, pulled, pushed.failed or pulled.failed)

    def once(self, accept_smaller: bool = False) -> Round:
        """Try everything that waits, whatever its back-off."""
        self._outbox.wake()
        done = self._exchange(accept_smaller, lambda: False)
        if done.reached:
            # What was looked up and had not arrived may rest again; it is sent now.
            self._outbox.wake()
            more = self._push.run()
            pushed = Pushed(done.pushed.accepted + more.accepted, done.pushed.parked + more.parked, more.failed)
            done = replace(done, pushed=pushed, problem=done.problem or more.failed)
        return self._ended(self._hand_over(done))

    def _hand_over(self, done: Round) -> Round:
        """What is carried by hand leaves at the end of a round, all of it together."""
        if self._carrier is None or not done.reached:
            return done
        try:
            given = self._carrier.seal(self._mirror.cursor())
        except ConnectorError as error:
            return replace(done, online=False, problem=str(error))
        self._mirror.note(**given.noted)
        if given.told:
            log.info("sync: %s", given.told)
        return replace(done, problem=done.problem or given.problem, told=given.told)

    @property
    def by_hand(self) -> bool:
        """Whether central is not reached by a network but by what somebody carries."""
        return self._carrier is not None

    def serve(self) -> bool:
        """Answer what the desk asks, if it does. Whether central was there."""
        return self._answering is None or self._answering.serve()

    def _between(self, stopping: Callable[[], bool]) -> Callable[[], bool]:
        """What is asked between two acts or two pages: the desk's question goes before the next."""

        def asked() -> bool:
            self.serve()
            return stopping()

        return asked if self._answering is not None else stopping

    def _online(self, is_online: bool) -> None:
        if self._questions is not None:
            self._questions.online(is_online)

    def gone(self) -> None:
        """Nothing is known of central from now on, as nobody asks any more."""
        self._online(False)
        self._mirror.note(state="offline")

    def close(self) -> None:
        """Let go of the connection and of the store."""
        try:
            self._connector.close()
        finally:
            self._release()

    def _hello(self) -> tuple[Greeting, Reading]:
        if self._carrier is not None:
            self._carrier.recall(self._mirror.noted())
        greeting = self._connector.hello()
        clock = greeting.clock
        if clock.tzinfo is None or not CENTURY[0] <= clock <= CENTURY[1]:
            raise ConnectorError("the central library does not know what time it is")
        return greeting, self._clock.read()

    def _compare(self, greeting: Greeting, reading: Reading) -> None:
        """Our own clock if it is trusted, else central's: by the one that is right, untrusted times are corrected.

        What was carried here says when it was written, which is no time to go by."""
        if self._carrier is not None and not reading.trusted:
            return
        truth = reading.wall if reading.trusted else greeting.clock
        while self._outbox.correct(reading.mono, truth):
            pass
        if self._carrier is not None:
            return
        known = float(self._mirror.noted().get("offset_s", "0"))
        off = (greeting.clock - reading.wall).total_seconds()
        if abs(off - known) > 1.0:
            self._mirror.note(offset_s=f"{off:.0f}")
            if abs(off) > OFF_BY_S:
                log.warning("sync: the central library's clock differs from ours by %.0f s", off)

    def _ended(self, done: Round) -> Round:
        self._online(done.reached)
        if done.reached:
            self.circuit.worked()
            now = self._clock.read().wall.astimezone(UTC)
            if not self._contact or abs(now - datetime.fromisoformat(self._contact)) >= CONTACT_EVERY:
                self._contact = now.isoformat(timespec="seconds")
            self._mirror.note(state="online", problem=done.problem, contact=self._contact)
        else:
            self.circuit.failed()
            self._mirror.note(state="offline", problem=done.problem)
        return done


class SyncLoop:
    """Runs a Sync in a thread of its own: every period_s, a moment after a nudge, and as the circuit allows."""

    def __init__(
        self,
        open_sync: Callable[[], Sync],
        period_s: float = 30.0,
        nudge_s: float = 0.5,
        alone: Callable[[], AbstractContextManager[object]] = nullcontext,
        mistakes: Backoff = MISTAKES,
        begin: threading.Event | None = None,
        questions: Questions | None = None,
    ) -> None:
        """open_sync: called on the loop's own thread, which owns the connections. alone: held during a round, so that
        no other process syncs the same folder; raises KioskError if one does. mistakes: waits after what went wrong
        here, not with central. begin: nothing is opened before it is set. questions: those that the Sync answers."""
        self._open_sync = open_sync
        self._period_s = period_s
        self._nudge_s = nudge_s
        self._alone = alone
        self._mistakes = mistakes
        self._stopping = threading.Event()
        self._begin = begin
        self._woken = threading.Event()
        self._nudges = self._heeded = 0
        self._questions = questions
        if questions is not None:
            questions.wake = self._woken.set
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="sync", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the batch that is under way."""
        self._stopping.set()
        self._woken.set()
        if self._begin is not None:
            self._begin.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def nudge(self) -> None:
        """Something was recorded, from any thread: do not wait for the end of the period."""
        self._nudges += 1
        self._woken.set()

    def run(self) -> None:
        """Round after round until stopped. Nothing that goes wrong inside ends the loop."""
        sync: Sync | None = None
        mistakes, known = 0, ""
        if self._begin is not None:
            self._begin.wait()
        while not self._stopping.is_set():
            try:
                sync = sync or self._open_sync()
                self._heeded = self._nudges
                with self._alone():
                    done = sync.round(stopping=self._stopping.is_set)
                mistakes = 0
                wait_s = sync.circuit.rest_s() or self._period_s
                if done.problem:
                    # A stick is away for days, and looked for every few seconds: once is enough.
                    level = logging.DEBUG if sync.by_hand and done.problem == known else logging.WARNING
                    log.log(level, "sync: %s; trying again in %.0f s", done.problem, wait_s)
                known = done.problem
                if done.reached:
                    self._wait(sync, wait_s)
                else:
                    self._stopping.wait(wait_s)
            except Exception as error:
                mistakes += 1
                if self._questions is not None:
                    self._questions.online(False)
                wait_s = self._mistakes.delay_s(mistakes, lambda: 1.0)
                log.error("sync: %s; trying again in %.0f s", error, wait_s, exc_info=not isinstance(error, KioskError))
                self._stopping.wait(wait_s)
        if sync is not None:
            self._end(sync)

    def _end(self, sync: Sync) -> None:
        try:
            sync.gone()
        except KioskError as error:
            log.error("sync: %s", error)
        finally:
            sync.close()

    def _wait(self, sync: Sync, wait_s: float) -> None:
        """Until the next round is due: at the latest a moment after a nudge, and at once when central was away for a
        question. While it is away nobody waits here: nothing that is recorded makes a round come sooner."""
        end, nudged = time.monotonic() + wait_s, False
        while not self._stopping.is_set() and (left := end - time.monotonic()) > 0:
            if self._woken.wait(left):
                self._woken.clear()
            if self._nudges != self._heeded and not nudged:
                nudged, end = True, min(end, time.monotonic() + self._nudge_s)
            if not self._serve(sync):
                return

    def _serve(self, sync: Sync) -> bool:
        if self._questions is None or not self._questions.is_asked():
            return True
        with self._alone():
            return sync.serve()
