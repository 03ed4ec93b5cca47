"""The threads of devices: what fails is tried again, said, and stops nothing else."""

from __future__ import annotations

import errno
import queue
import threading
from pathlib import Path

import pytest

from kiosk.circulation.model import Scan
from kiosk.devices.health_file import keep, kept
from kiosk.devices.reading import Emit, ReaderSource
from kiosk.devices.supervisor import Health, Run, Supervisor, Waits, Worker, advice, troubles
from kiosk.errors import DeviceAbsent, DeviceError
from tests.driver import PATIENCE_S, wait_for

SHORT = Waits(0.001, 0.004)


class Device:
    """A driver that does what it is told: raises what is in `fails`, then works until it is told to stop."""

    what = "reader"

    def __init__(self, name: str = "gate", *fails: Exception) -> None:
        self.name = name
        self.fails = list(fails)
        self.served = 0
        self.break_down: queue.SimpleQueue[Exception] = queue.SimpleQueue()

    def serve(self, run: Run) -> None:
        self.served += 1
        if self.fails:
            raise self.fails.pop(0)
        run.works()
        while not run.wait(0.001):
            if not self.break_down.empty():
                raise self.break_down.get()


def watched(worker: Worker) -> list[Health]:
    said: list[Health] = []
    worker.tell(lambda: said.append(worker.health()))
    return said


def test_waits_double_up_to_the_longest_and_begin_anew_once_it_worked() -> None:
    device = Device("gate", *[DeviceError("no")] * 4)
    worker = Worker(device, SHORT)
    said = watched(worker)
    worker.start()
    wait_for(lambda: worker.health().works, "it works")
    device.break_down.put(DeviceError("again"))
    wait_for(lambda: device.served == 6 and worker.health().works, "it works again")
    worker.stop()
    waits = [health.problem.rpartition("in ")[2] for health in said if health.failures]
    assert waits == ["0.001 s", "0.002 s", "0.004 s", "0.004 s", "0.001 s"]
    assert [health.failures for health in said if health.failures] == [1, 2, 3, 4, 1]


def test_a_device_that_is_not_there_is_looked_for_without_longer_and_longer_waits() -> None:
    device = Device("gate", *[DeviceAbsent("not there")] * 5)
    worker = Worker(device, SHORT)
    said = watched(worker)
    worker.start()
    wait_for(lambda: worker.health().works, "it works")
    worker.stop()
    assert {health.problem for health in said if health.failures} == {
        "reader 'gate': not there; trying again in 0.001 s"
    }


@pytest.mark.parametrize("error", [RuntimeError("boom"), OSError(5, "I/O"), KeyError("x"), ValueError(), MemoryError()])
def test_nothing_that_a_driver_raises_ends_its_thread(error: Exception) -> None:
    worker = Worker(Device("gate", error), SHORT)
    worker.start()
    wait_for(lambda: worker.health().works, "it works")
    assert worker.health().last_problem.startswith("reader 'gate': ")
    worker.stop()


def test_a_driver_that_returns_by_itself_is_served_again() -> None:
    class Ends:
        name, what, served = "gate", "reader", 0

        def serve(self, run: Run) -> None:
            self.served += 1
            run.works()

    device = Ends()
    worker = Worker(device, SHORT)
    worker.start()
    wait_for(lambda: device.served > 3, "it is tried again")
    assert "it ended by itself" in worker.health().last_problem
    worker.stop()


def test_one_that_fails_does_not_stop_the_others_and_is_told() -> None:
    told: list[tuple[Health, ...]] = []
    supervisor = Supervisor(told.append)
    good, bad = Device("good"), Device("bad", *[DeviceError("broken")] * 10_000)
    for device in (good, bad):
        supervisor.add(Worker(device, SHORT))
    supervisor.start()
    wait_for(lambda: bad.served > 5 and supervisor.health()[0].works, "both are served")
    assert troubles(supervisor.health()) == ("bad",)
    supervisor.stop()
    assert any(one.works and not other.works and other.failures for one, other in told)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("device ")]


def test_stop_wakes_a_driver_that_waits_inside_its_library() -> None:
    class Waiting:
        name, what = "cards", "reader"

        def serve(self, run: Run) -> None:
            inside = threading.Event()
            run.on_stop(inside.set)
            run.works()
            assert inside.wait(PATIENCE_S)

    worker = Worker(Waiting(), SHORT)
    worker.start()
    wait_for(lambda: worker.health().works, "it works")
    worker.stop()


def test_stop_wakes_a_driver_whose_library_forgets_what_came_before_it_waited() -> None:
    class Forgetful:
        name, what = "cards", "reader"

        def serve(self, run: Run) -> None:
            inside = threading.Event()
            calls: list[None] = []
            run.on_stop(lambda: inside.set() if len(calls) > 2 else calls.append(None))
            run.works()
            assert inside.wait(PATIENCE_S)

    worker = Worker(Forgetful(), SHORT)
    worker.start()
    wait_for(lambda: worker.health().works, "it works")
    worker.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "device cards"]


def test_what_a_driver_gives_while_it_is_told_to_stop_is_not_delivered() -> None:
    class Late:
        def serve(self, run: Run, emit: Emit) -> None:
            run.works()
            emit("before")
            assert run.wait(PATIENCE_S)
            emit("late")

    scans: queue.SimpleQueue[Scan] = queue.SimpleQueue()
    source = ReaderSource("gate", Late(), waits=SHORT)
    source.start(scans.put)
    assert scans.get(timeout=PATIENCE_S).payload == "before"
    source.stop()
    assert scans.empty()


def test_stop_during_a_wait_is_at_once() -> None:
    worker = Worker(Device("gate", DeviceError("no")), Waits(1000.0, 1000.0))
    worker.start()
    wait_for(lambda: worker.health().failures == 1, "it waits")
    worker.stop()
    assert worker.health() == Health("gate", "reader", last_problem="reader 'gate': no; trying again in 1000 s")


def caused(error: Exception, by: Exception) -> Exception:
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError(errno.EACCES, "denied"), "deploy/udev"),
        (caused(DeviceError("x"), PermissionError(errno.EACCES, "denied")), "deploy/udev"),
        (caused(DeviceError("x"), OSError(errno.EBUSY, "busy")), "another program"),
        (DeviceAbsent("x"), "cable"),
        (caused(DeviceError("x"), OSError(errno.EIO, "io")), "cable"),
        (DeviceError("x"), "another computer"),
        (ValueError("x"), "another computer"),
    ],
)
def test_an_error_comes_with_what_to_do(error: Exception, says: str) -> None:
    assert says in advice(error)


def test_how_the_devices_are_can_be_read_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    healths = (Health("gate", "reader", "", "", 0, "it was ill"), Health("принтер", "printer", "no", "do", 3, "no"))
    keep(path, healths)
    assert kept(path) == healths
    for wrong in ("", "[1]", '[{"name": 1}]', "{", '{"a": 1}'):
        path.write_text(wrong, encoding="utf-8")
        assert kept(path) == ()
    keep(tmp_path / "none" / "devices.json", healths)
    assert kept(tmp_path / "none" / "devices.json") == ()
