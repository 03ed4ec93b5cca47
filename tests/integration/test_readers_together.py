"""Readers for long and all at once: pulled out a thousand times, and a burst of four at a desk that is busy."""

from __future__ import annotations

import queue
import random
import threading
import time
from pathlib import Path
from uuid import uuid4

from kiosk import app
from kiosk.circulation import visit
from kiosk.circulation.model import Scan
from kiosk.config import Config
from kiosk.desk import Desk, Input, Outcome
from kiosk.devices.framing import LineFramer
from kiosk.devices.hid import HidDriver, Match, NodeInfo
from kiosk.devices.reading import CodeDriver, ReaderSource
from kiosk.devices.serial_reader import SerialDriver
from kiosk.devices.supervisor import Supervisor, Waits
from kiosk.loop import DeskLoop
from tests.driver import PATIENCE_S, faults, full, ledger, school, wait_for
from tests.keyboards import Rack, typed
from tests.pty_port import PtyPort

WAITS = Waits(0.002, 0.004)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_pulled_out_and_plugged_in_again_and_again(tmp_path: Path) -> None:
    """No code that was read whole is lost or doubled, none is made of two halves, and nothing is left behind."""
    random_of = random.Random(1000)
    with PtyPort(tmp_path / "port") as port:
        before = descriptors(), set(threading.enumerate())
        scans: queue.SimpleQueue[Scan] = queue.SimpleQueue()
        source = ReaderSource("gate", SerialDriver(str(port.path), LineFramer()), waits=WAITS)
        source.start(scans.put)
        for round_ in range(full(1000, 100)):
            wait_for(lambda: source.health() == "", "the port is open")
            codes = [f"P{round_:05d}{n}" for n in range(random_of.randrange(4))]
            port.send("".join(f"{code}\r\n" for code in codes).encode() + b"HALF"[: random_of.randrange(5)])
            assert [scans.get(timeout=PATIENCE_S).payload for _ in codes] == codes
            port.pull_out()
            wait_for(lambda: source.health() != "", "it is noticed")
            port.plug_in()
        wait_for(lambda: source.health() == "", "the port is open")
        source.stop()
        assert scans.empty()
        assert (descriptors(), set(threading.enumerate())) == before


class BusyDesk(Desk):
    """A desk that has something else to do before each input."""

    def take(self, given: Input) -> Outcome:
        if isinstance(given, Scan):
            time.sleep(0.02)
        return super().take(given)


def test_four_readers_at_once_at_a_busy_desk(tmp_path: Path) -> None:
    """Twenty scans a second together: every one is recorded, and those of each reader in their order."""
    books, readers = full(400, 60), 4
    limits = ("[visit]", "same_scan_s = 0", "[[rules.loan]]", "limit = -1")
    config = school(tmp_path / "kiosk", items=books, settings=limits)
    rack, infos = Rack(), [NodeInfo(f"/dev/input/event{n}", "Scanner", f"0c2e:000{n}") for n in range(2)]
    with PtyPort(tmp_path / "one") as one, PtyPort(tmp_path / "other") as other:
        loop = DeskLoop(lambda: _busy(config), lambda _: None)
        supervisor = Supervisor()
        drivers: list[CodeDriver] = [SerialDriver(str(port.path), LineFramer()) for port in (one, other)]
        drivers += [HidDriver(Match(info.vendor_product), nodes=rack) for info in infos]
        for info in infos:
            rack.plug_in(info)
        for number, driver in enumerate(drivers):
            source = ReaderSource(f"reader-{number}", driver, waits=WAITS)
            source.deliver_to(loop.post)
            supervisor.add(source.worker)
        supervisor.start()
        loop.start()
        wait_for(lambda: all(health.works for health in supervisor.health()), "all are open")
        loop.post(Scan("P0"))
        for number in range(books):
            code = f"A{number}"
            match number % readers:
                case 0:
                    one.send(f"{code}\r".encode())
                case 1:
                    other.send(f"{code}\n".encode())
                case place:
                    rack.type(infos[place - 2].path, typed(code))
            time.sleep(0.05)
        wait_for(lambda: len(_lent(config)) == books, "all are lent")
        supervisor.stop()
        loop.stop()
        rack.close()
    lent = _lent(config)
    for reader in range(readers):
        mine = [number for number in lent if number % readers == reader]
        assert mine == list(range(reader, books, readers))
    assert faults(config) == []


def _busy(config: Config) -> Desk:
    store = app.open_store(config)
    state = visit.start(config.rules, config.settings, config.codes, uuid4())
    return BusyDesk(state, store, app.system_clock(config, store))


def _lent(config: Config) -> list[int]:
    return [int(row["item"][1:]) for row in ledger(config) if row["kind"] == "checkout"]
