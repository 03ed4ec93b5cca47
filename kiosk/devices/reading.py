"""A reader as the desk sees it: what its driver decoded becomes a Scan, on a thread of its own. Also the simulated one.
All are ports.ScanSource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kiosk.circulation.chips import ChipForm, Keep, canonical
from kiosk.circulation.model import Scan
from kiosk.devices.aim import split
from kiosk.devices.supervisor import WAITS, Raw, Run, Waits, Worker

Emit = Callable[[str], None]
"""Takes a code as the reader gave it."""


class CodeDriver(Protocol):
    """A reader on some bus."""

    def serve(self, run: Run, emit: Emit) -> None:
        """As supervisor.Driver.serve; emit: called with every code, in order."""
        ...


class ReaderSource:
    """A reader, supervised."""

    def __init__(
        self,
        name: str,
        driver: CodeDriver,
        gives: str = "any",
        chip: ChipForm | None = None,
        keep: Keep = Keep.WHOLE,
        waits: Waits = WAITS,
        raw: Raw | None = None,
    ) -> None:
        """gives, chip, keep: as in the settings (config_devices.py). raw: as for supervisor.Run."""
        self.name = name
        self.what = "reader"
        self.worker = Worker(self, waits, raw)
        self._driver = driver
        self._gives = gives
        self._chip = chip
        self._keep = keep
        self._deliver: Callable[[Scan], None] = lambda _: None

    def start(self, deliver: Callable[[Scan], None]) -> None:
        """Begin to deliver scans, in the order in which they were read."""
        self.deliver_to(deliver)
        self.worker.start()

    def deliver_to(self, deliver: Callable[[Scan], None]) -> None:
        """Where the scans go once the worker runs."""
        self._deliver = deliver

    def stop(self) -> None:
        """End the thread and let go of the device; nothing is delivered afterwards."""
        self.worker.stop()

    def health(self) -> str:
        """Empty while it works, else what is wrong and what happens next, in a sentence."""
        return self.worker.health().problem

    def serve(self, run: Run) -> None:
        """Serve the reader; supervisor.Driver."""

        def emit(code: str) -> None:
            if not run.stopping():
                self._deliver(self.scan(code))

        self._driver.serve(run, emit)

    def scan(self, code: str) -> Scan:
        """What the desk is given for a code: chip numbers in their canonical form, the AIM identifier taken off."""
        symbology, payload = split(code)
        if self._chip is not None:
            payload = canonical(payload, self._chip, self._keep) or payload
        return Scan(payload, self.name, self._gives, symbology)


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
