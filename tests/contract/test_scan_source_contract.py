"""What every ScanSource promises: order kept, nothing lost, nothing doubled, a clean stop; a device that vanished is
reported, and taken back."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation.model import Scan
from tests.contract.scan_rigs import RIGS, MakeRig, Rig
from tests.driver import PATIENCE_S, wait_for


@pytest.fixture(name="rig_that_gives", params=list(RIGS))
def _rig_that_gives(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeRig]:
    with RIGS[request.param](tmp_path) as make:
        yield make


@pytest.fixture(name="device_that_gives", params=[name for name in RIGS if name != "simulated"])
def _device_that_gives(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeRig]:
    with RIGS[request.param](tmp_path) as make:
        yield make


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
    for code in rig.codes:
        rig.scan(code)
    assert tuple(inbox.take().payload for _ in rig.codes) == rig.codes
    rig.source.stop()
    assert inbox.empty()


@pytest.mark.parametrize("gives", ["any", "card", "item"])
def test_a_scan_says_where_it_was_read_and_what_is_read_there(
    gives: str, rig_that_gives: MakeRig, inbox: Inbox
) -> None:
    rig = started(rig_that_gives(gives), inbox)
    rig.scan(rig.codes[0])
    assert inbox.take() == Scan(rig.codes[0], rig.source.name, gives)
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
    rig.scan(rig.codes[0])
    assert inbox.take().payload == rig.codes[0]
    rig.source.stop()
    rig.scan(rig.codes[1])
    assert inbox.empty()


def test_a_source_can_be_started_again(rig_that_gives: MakeRig, inbox: Inbox) -> None:
    rig = rig_that_gives("any")
    for code in rig.codes[:2]:
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
        rig.scan(rig.codes[0])
        inbox.take()
        rig.source.stop()
    assert set(threading.enumerate()) == threads
    assert _open_files() == files


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_device_that_vanished_is_reported_and_taken_back(device_that_gives: MakeRig, inbox: Inbox) -> None:
    """Without a code lost, doubled or mixed with another."""
    rig = started(device_that_gives("any"), inbox)
    for code in rig.codes:
        rig.scan(code)
        assert inbox.take().payload == code
        rig.pull_out()
        wait_for(lambda: "trying again" in rig.source.health(), "it is reported")
        rig.plug_in()
        rig.ready()
    rig.source.stop()
    assert inbox.empty()


def test_a_device_may_be_missing_at_the_start_and_at_the_end(device_that_gives: MakeRig, inbox: Inbox) -> None:
    rig = device_that_gives("any")
    rig.pull_out()
    rig.source.start(inbox.put)
    wait_for(lambda: "trying again" in rig.source.health(), "it is reported")
    rig.plug_in()
    rig.ready()
    rig.scan(rig.codes[0])
    assert inbox.take().payload == rig.codes[0]
    rig.pull_out()
    wait_for(lambda: "trying again" in rig.source.health(), "it is reported")
    rig.source.stop()
