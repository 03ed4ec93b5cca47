"""The readers of the contract: each a source, and how something is scanned at it, pulled out and plugged in again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import evdev
import pytest

from kiosk.devices.framing import LineFramer
from kiosk.devices.hid import HidDriver, Match, NodeInfo
from kiosk.devices.pcsc import PcscDriver
from kiosk.devices.reading import ReaderSource, SimulatedSource
from kiosk.devices.serial_reader import SerialDriver
from kiosk.devices.supervisor import Waits
from kiosk.ports import ScanSource
from tests.camera_rig import CameraRig
from tests.driver import full, wait_for
from tests.keyboards import EV_KEY, Rack, typed
from tests.pty_port import PtyPort
from tests.virtual_card import Pcscd

WAITS = Waits(0.01, 0.02)
_UINPUT_NAME = "kiosk test keyboard"
LABELS = ("P1000001", "B00000017", "Билет-7", "  mid space ", "B00000017")


class Rig(Protocol):
    """A source, and the hands at it. codes: five that it can read, the second also as the last."""

    @property
    def source(self) -> ScanSource:
        """The source."""
        ...

    @property
    def codes(self) -> tuple[str, ...]:
        """What it can read."""
        ...

    def scan(self, payload: str) -> None:
        """As a person at the reader does."""
        ...

    def ready(self) -> None:
        """Wait until it would read something."""
        ...

    def pull_out(self) -> None:
        """The device is gone, if it is one."""
        ...

    def plug_in(self) -> None:
        """It is back."""
        ...


class SimulatedRig:
    """The source of the demo and of training."""

    codes = LABELS

    def __init__(self, gives: str) -> None:
        self.source = SimulatedSource("simulated", gives)

    def scan(self, payload: str) -> None:
        self.source.scan(payload)

    def ready(self) -> None:
        pass

    def pull_out(self) -> None:
        """It is no device."""

    def plug_in(self) -> None:
        """It is no device."""


class SerialRig:
    """A reader on a serial port."""

    codes = LABELS

    def __init__(self, port: PtyPort, gives: str) -> None:
        self._port = port
        self.source = ReaderSource("gate", SerialDriver(str(port.path), LineFramer()), gives, waits=WAITS)

    def scan(self, payload: str) -> None:
        self._port.send(payload.encode() + b"\r")

    def ready(self) -> None:
        wait_for(lambda: self.source.health() == "", "the port is open")

    def pull_out(self) -> None:
        self._port.pull_out()

    def plug_in(self) -> None:
        self._port.plug_in()


class HidRig:
    """A reader that types, out of recorded events."""

    codes = ("P1000001", "B00000017", "4b-001/7.2", "  mid space ", "B00000017")

    def __init__(self, rack: Rack, gives: str) -> None:
        self._rack = rack
        self._info = NodeInfo("/dev/input/event7", "Scanner", "0c2e:0b61")
        driver = HidDriver(Match("0c2e:0b61"), nodes=rack)
        self.source = ReaderSource("gate", driver, gives, waits=WAITS)
        rack.plug_in(self._info)

    def scan(self, payload: str) -> None:
        self._rack.type(self._info.path, typed(payload))

    def ready(self) -> None:
        wait_for(lambda: self.source.health() == "" and bool(self._rack.held), "it is held")

    def pull_out(self) -> None:
        self._rack.pull_out(self._info.path)

    def plug_in(self) -> None:
        self._rack.plug_in(self._info)


class UinputRig(HidRig):
    """A reader that types, on a real input device of the kernel's, made by uinput."""

    def __init__(self, gives: str) -> None:
        self._device: evdev.UInput | None = None
        driver = HidDriver(Match(device=_UINPUT_NAME))
        self.source = ReaderSource("gate", driver, gives, waits=WAITS)
        self.plug_in()

    def scan(self, payload: str) -> None:
        assert self._device is not None
        for code, value in typed(payload):
            self._device.write(EV_KEY, code, value)
            self._device.syn()
            # As fast as USB lets a scanner type; the kernel keeps few events for whoever is slow to fetch them.
            time.sleep(0.01)

    def ready(self) -> None:
        wait_for(lambda: self.source.health() == "", "it is held")

    def pull_out(self) -> None:
        if self._device is not None:
            self._device.close()
            self._device = None

    def plug_in(self) -> None:
        self._device = evdev.UInput({EV_KEY: range(1, 128)}, name=_UINPUT_NAME)


class PcscRig:
    """A card reader known to a real pcscd; pulling it out is ending pcscd."""

    codes = ("UID:04A1B2C3", "UID:04A1B2C3D4E580", "UID:00BC614E", "UID:08010203", "UID:04A1B2C3D4E580")

    def __init__(self, pcscd: Pcscd, gives: str) -> None:
        self._pcscd = pcscd
        self.source = ReaderSource("gate", PcscDriver(), gives, waits=WAITS)

    def scan(self, payload: str) -> None:
        card = self._pcscd.lay_on(bytes.fromhex(payload.removeprefix("UID:")))
        self._pcscd.wait_until_lies(True)
        if self.source.health() == "":
            card.was_asked()
        card.take_away()
        self._pcscd.wait_until_lies(False)

    def ready(self) -> None:
        wait_for(lambda: self.source.health() == "", "pcscd answers")

    def pull_out(self) -> None:
        self._pcscd.stop()

    def plug_in(self) -> None:
        self._pcscd.start()


MakeRig = Callable[[str], Rig]


@contextmanager
def simulated(folder: Path) -> Iterator[MakeRig]:
    """Nothing is needed."""
    yield SimulatedRig


@contextmanager
def serial(folder: Path) -> Iterator[MakeRig]:
    """A pseudo-terminal."""
    with PtyPort(folder / "port") as port:
        yield lambda gives: SerialRig(port, gives)


@contextmanager
def hid(folder: Path) -> Iterator[MakeRig]:
    """A rack of keyboards."""
    rack = Rack()
    try:
        yield lambda gives: HidRig(rack, gives)
    finally:
        rack.close()


@contextmanager
def uinput(folder: Path) -> Iterator[MakeRig]:
    """The kernel's own. In the machine of tests/emulated at least."""
    if not os.access("/dev/uinput", os.W_OK):
        pytest.skip("there is no /dev/uinput that can be written to")
    rigs: list[UinputRig] = []

    def make(gives: str) -> Rig:
        rigs.append(UinputRig(gives))
        return rigs[-1]

    try:
        yield make
    finally:
        for rig in rigs:
            rig.pull_out()


@contextmanager
def pcsc(folder: Path) -> Iterator[MakeRig]:
    """A pcscd of its own. A card takes a second: in the full run only."""
    if not full(1, 0):
        pytest.skip("a card on a real pcscd takes a second: with KIOSK_FULL=1")
    with Pcscd(folder) as pcscd:
        yield lambda gives: PcscRig(pcscd, gives)


@contextmanager
def camera(folder: Path) -> Iterator[MakeRig]:
    """Videos."""
    yield lambda gives: CameraRig(folder, gives)


RIGS = {"simulated": simulated, "serial": serial, "hid": hid, "uinput": uinput, "pcsc": pcsc, "camera": camera}
