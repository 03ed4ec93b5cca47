"""A reader on a serial port (pyserial), and one that is simulated. Both are ports.ScanSource."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import serial

from kiosk.circulation.model import Scan
from kiosk.devices.framing import LineFramer

log = logging.getLogger(__name__)

_READ_TIMEOUT_S = 0.1
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 8.0


class SerialSource:
    """Scans from a serial port. A port that vanishes is tried again, with growing waits, until it is back."""

    def __init__(self, name: str, port: str, baud: int = 9600, gives: str = "any") -> None:
        self.name = name
        self._port = port
        self._baud = baud
        self._gives = gives
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._health = "not started"

    def start(self, deliver: Callable[[Scan], None]) -> None:
        """Begin to deliver scans, in the order in which they were read."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, args=(deliver,), name=f"reader {self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and let go of the port; nothing is delivered afterwards."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._health = "not started"

    def health(self) -> str:
        """Empty while it works, else what is wrong and what happens next, in a sentence."""
        return self._health

    def _run(self, deliver: Callable[[Scan], None]) -> None:
        wait_s = _FIRST_WAIT_S
        while not self._stopping.is_set():
            try:
                with serial.Serial(self._port, self._baud, timeout=_READ_TIMEOUT_S, exclusive=True) as port:
                    self._health, wait_s = "", _FIRST_WAIT_S
                    log.info("reader %s: %s opened", self.name, self._port)
                    self._read(port, deliver)
            except Exception as error:  # the top of the thread: drivers raise more than they document
                self._health = f"reader '{self.name}': {self._port}: {error}; trying again in {wait_s:g} s"
                log.warning("%s", self._health)
                self._stopping.wait(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    def _read(self, port: serial.Serial, deliver: Callable[[Scan], None]) -> None:
        framer = LineFramer()
        while not self._stopping.is_set():
            received = port.read(max(port.in_waiting, 1))
            for code in framer.feed(received):
                if not self._stopping.is_set():
                    deliver(Scan(code, self.name, self._gives))


class SimulatedSource:
    """Scans that a program gives: for the demo, for training and for tests."""

    def __init__(self, name: str = "simulated", gives: str = "any") -> None:
        self.name = name
        self._gives = gives
        self._deliver: Callable[[Scan], None] | None = None

    def start(self, deliver: Callable[[Scan], None]) -> None:
        """Begin to deliver scans."""
        self._deliver = deliver

    def stop(self) -> None:
        """Deliver nothing from now on."""
        self._deliver = None

    def health(self) -> str:
        """Empty while it works."""
        return "" if self._deliver else "not started"

    def scan(self, payload: str) -> None:
        """As if a reader had read this."""
        if self._deliver is not None:
            self._deliver(Scan(payload, self.name, self._gives))
