"""The threads of all devices: one each, started and stopped together, with one way to say how a device is, and one way
to try again. A driver only opens its device and serves it; what it raises ends that try, never the program."""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from kiosk.errors import DeviceAbsent, DeviceError

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""A thread that does not end within this is given up; it is a daemon, and ends with the program."""
_CALL_AGAIN_S = 0.05
Raw = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds between two tries: the first wait, doubled with every failure up to the longest. A device that is not
    there is looked for with the first wait, however long."""

    first_s: float = 0.5
    longest_s: float = 8.0


WAITS = Waits()


@dataclass(frozen=True, slots=True)
class Health:
    """How a device is. problem: empty while it works, else a sentence; advice: what a person can do about it.

    failures: tries in a row that failed. last_problem: what was wrong last, also if it works again.
    """

    name: str
    what: str
    problem: str = "not started"
    advice: str = ""
    failures: int = 0
    last_problem: str = ""

    @property
    def works(self) -> bool:
        """Whether the device can be used now."""
        return not self.problem


class Run:
    """What a driver is given while it serves: whether to stop, and how to say that the device is open. raw: takes what
    comes from the device before it is decoded, a line each; None: nobody wants to see it."""

    def __init__(self, worked: Callable[[], None], raw: Raw | None = None) -> None:
        self._worked = worked
        self.raw = raw
        self._stopping = threading.Event()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._on_stop: Callable[[], None] | None = None

    def stopping(self) -> bool:
        """Whether to return now."""
        return self._stopping.is_set()

    def fileno(self) -> int:
        """Readable from the moment on that the driver has to return: for select."""
        return self._wake

    def works(self) -> None:
        """The device is open, or works again."""
        self._worked()

    def on_stop(self, call: Callable[[], None] | None) -> None:
        """Have something called, on another thread and until the driver returns: for libraries that wait inside. It is
        called again and again, since a library forgets what it was told just before it began to wait."""
        self._on_stop = call
        if call is not None and self.stopping():
            call()

    def wait(self, seconds: float) -> bool:
        """Wait, at most so long; whether to return now."""
        return self._stopping.wait(seconds)

    def end(self) -> None:
        """Make the driver return."""
        self._stopping.set()
        os.eventfd_write(self._wake, 1)
        if self._on_stop is not None:
            self._on_stop()

    def close(self) -> None:
        """Let go of the descriptor, after the driver has returned."""
        os.close(self._wake)


class Driver(Protocol):
    """A device of some kind. what: the kind, in a word: "reader", "printer", "camera"."""

    name: str
    what: str

    def serve(self, run: Run) -> None:
        """Open the device, say run.works(), and serve it until run.stopping(). Raises DeviceAbsent if it is not there
        or was pulled out, and whatever else its library raises."""
        ...


class Worker:
    """One driver on a thread of its own, served again whenever it failed."""

    def __init__(self, driver: Driver, waits: Waits = WAITS, raw: Raw | None = None) -> None:
        """raw: as for Run."""
        self.name = driver.name
        self._driver = driver
        self._waits = waits
        self._raw = raw
        self._changed: Callable[[], None] = lambda: None
        self._health = Health(driver.name, driver.what)
        self._run: Run | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to serve the device. Nothing if it has begun."""
        if self._thread is not None:
            return
        self._run = run = Run(self._works, self._raw)
        self._thread = threading.Thread(target=self._serve, args=(run,), name=f"device {self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and let go of the device."""
        if self._thread is None or self._run is None:
            return
        deadline = time.monotonic() + PATIENCE_S
        while self._thread.is_alive() and time.monotonic() < deadline:
            self._run.end()
            self._thread.join(_CALL_AGAIN_S)
        if self._thread.is_alive():
            log.error("%s '%s' does not end; it is left behind", self._driver.what, self.name)
        else:
            self._run.close()
        self._thread = self._run = None
        self._say(Health(self.name, self._driver.what, last_problem=self._health.last_problem))

    def health(self) -> Health:
        """How the device is now."""
        return self._health

    def tell(self, changed: Callable[[], None]) -> None:
        """Have something called whenever the health changes, on the thread on which it does."""
        self._changed = changed

    def _works(self) -> None:
        if not self._health.works:
            log.info("%s '%s' opened", self._driver.what, self.name)
            self._say(Health(self.name, self._driver.what, "", last_problem=self._health.last_problem))

    def _serve(self, run: Run) -> None:
        wait_s, failures = self._waits.first_s, 0
        while not run.stopping():
            try:
                self._driver.serve(run)
                if run.stopping():
                    return
                raise DeviceError("it ended by itself")
            except Exception as error:  # the top of the thread: drivers raise more than they document
                if run.stopping():
                    return
                if self._health.works:
                    wait_s, failures = self._waits.first_s, 0
                failures += 1
                self._fail(error, wait_s, failures)
                run.wait(wait_s)
                if not isinstance(error, DeviceAbsent):
                    wait_s = min(wait_s * 2, self._waits.longest_s)

    def _fail(self, error: Exception, wait_s: float, failures: int) -> None:
        says = f"{self._driver.what} '{self.name}': {str(error) or type(error).__name__}; trying again in {wait_s:g} s"
        if says != self._health.problem:
            log.warning("%s", says)
        if not isinstance(error, DeviceError | OSError) and failures == 1:
            log.debug("the driver's own words", exc_info=error)
        self._say(Health(self.name, self._driver.what, says, advice(error), failures, says))

    def _say(self, health: Health) -> None:
        self._health = health
        self._changed()


class Supervisor:
    """All devices of a kiosk: started and stopped together; one that fails does not stop the others."""

    def __init__(self, changed: Callable[[tuple[Health, ...]], None] = lambda _: None) -> None:
        """changed: called with the health of all whenever that of one changed, on that one's thread."""
        self._changed = changed
        self._lock = threading.Lock()
        self._workers: list[Worker] = []

    def add(self, worker: Worker) -> None:
        """Take a device in; it begins with `start`."""
        worker.tell(self._tell)
        self._workers.append(worker)

    def start(self) -> None:
        """Start all."""
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Stop all, the last one first."""
        for worker in reversed(self._workers):
            worker.stop()

    def health(self) -> tuple[Health, ...]:
        """How each device is."""
        return tuple(worker.health() for worker in self._workers)

    def _tell(self) -> None:
        with self._lock:
            self._changed(self.health())


def advice(error: BaseException) -> str:
    """What a person can do about an error of a device."""
    number = error.errno if isinstance(error, OSError) else None
    cause: BaseException | None = error
    while number is None and cause is not None:
        cause = cause.__cause__
        number = cause.errno if isinstance(cause, OSError) else None
    if number in (errno.EACCES, errno.EPERM):
        return "the kiosk's user may not open it: run deploy/udev, and plug it in again"
    if number in (errno.EBUSY, errno.EAGAIN):
        return "another program holds it: end that program"
    if isinstance(error, DeviceAbsent) or number in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO):
        return "check its cable and plug it in again; `kiosk devices list` shows what is there"
    return "pull it out and plug it in again; if that does not help, try it on another computer"


def troubles(healths: Iterable[Health]) -> tuple[str, ...]:
    """The names of the devices that do not work."""
    return tuple(health.name for health in healths if not health.works)
