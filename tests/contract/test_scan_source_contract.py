"""What every ScanSource promises, of the simulated one and of a serial reader on a pseudo-terminal."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from kiosk.circulation.model import Scan
from kiosk.devices.serial_reader import SerialSource, SimulatedSource
from kiosk.ports import ScanSource
from tests.driver import PATIENCE_S, wait_for
from tests.pty_port import PtyPort


class Rig(Protocol):
    """A source, and how something is scanned at it."""

    @property
    def source(self) -> ScanSource:
        """The source."""
        ...

    def scan(self, payload: str) -> None:
        """As a person at the reader does."""
        ...

    def ready(self) -> None:
        """Wait until it would read something."""
        ...


class SimulatedRig:
    """The source of the demo and of training."""

    def __init__(self, gives: str) -> None:
        self.source = SimulatedSource("simulated", gives)

    def scan(self, payload: str) -> None:
        self.source.scan(payload)

    def ready(self) -> None:
        pass


class SerialRig:
    """A reader on a serial port."""

    def __init__(self, port: PtyPort, gives: str) -> None:
        self._port = port
        self.source = SerialSource("gate", str(port.path), gives=gives)

    def scan(self, payload: str) -> None:
        self._port.send(payload.encode() + b"\r")

    def ready(self) -> None:
        wait_for(lambda: self.source.health() == "", "the port is open")


MakeRig = Callable[[str], Rig]


@pytest.fixture(name="rig_that_gives", params=["simulated", "serial"])
def _rig_that_gives(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeRig]:
    if request.param == "simulated":
        yield SimulatedRig
        return
    with PtyPort(tmp_path / "port") as port:
        yield lambda gives: SerialRig(port, gives)


class Inbox(queue.SimpleQueue[Scan]):
    """Where the scans go."""

    def take(self) -> Scan:
        """The next one."""
        return self.get(timeout=PATIENCE_S)


@pytest.fixture(name="inbox")
def _inbox() -> Inbox:
    return Inbox()


def started(rig: Rig, inbox: Inbox) -> Rig:
    rig.source.start(inbox.put)
    rig.ready()
    return rig


def test_scans_come_in_order_as_they_were_read(rig_that_gives: MakeRig, inbox: Inbox) -> None:
    rig = started(rig_that_gives("any"), inbox)
    codes = ["P1000001", "B00000017", "Билет-7", "  mid space ", "B00000017"]
    for code in codes:
        rig.scan(code)
    assert [inbox.take().payload for _ in codes] == codes
    rig.source.stop()


@pytest.mark.parametrize("gives", ["any", "card", "item"])
def test_a_scan_says_where_it_was_read_and_what_is_read_there(
    gives: str, rig_that_gives: MakeRig, inbox: Inbox
) -> None:
    rig = started(rig_that_gives(gives), inbox)
    rig.scan("P1")
    assert inbox.take() == Scan("P1", rig.source.name, gives)
    rig.source.stop()


def test_a_source_that_works_is_healthy_and_one_that_was_stopped_is_not(rig_that_gives: MakeRig, inbox: Inbox) -> None:
    rig = rig_that_gives("any")
    assert rig.source.health() != ""
    started(rig, inbox)
    assert rig.source.health() == ""
    rig.source.stop()
    assert rig.source.health() != ""


def test_nothing_is_delivered_after_stop(rig_that_gives: MakeRig, inbox: Inbox) -> None:
    rig = started(rig_that_gives("any"), inbox)
    rig.scan("before")
    assert inbox.take().payload == "before"
    rig.source.stop()
    rig.scan("after")
    assert inbox.empty()


def test_a_source_can_be_started_again(rig_that_gives: MakeRig, inbox: Inbox) -> None:
    rig = rig_that_gives("any")
    for code in ("first", "second"):
        started(rig, inbox)
        rig.scan(code)
        assert inbox.take().payload == code
        rig.source.stop()


def test_stop_may_come_twice_and_before_start(rig_that_gives: MakeRig) -> None:
    rig = rig_that_gives("any")
    rig.source.stop()
    rig.source.stop()


def test_stop_leaves_no_thread_and_no_file(rig_that_gives: MakeRig, inbox: Inbox) -> None:
    rig = rig_that_gives("any")
    threads, files = set(threading.enumerate()), _open_files()
    for _ in range(3):
        started(rig, inbox)
        rig.scan("x")
        inbox.take()
        rig.source.stop()
    assert set(threading.enumerate()) == threads
    assert _open_files() == files


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
