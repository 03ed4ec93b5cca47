"""Card readers through a real pcscd, with a virtual reader."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation.chips import Keep
from kiosk.circulation.model import Scan
from kiosk.devices.pcsc import PcscDriver
from kiosk.devices.reading import ReaderSource
from kiosk.devices.supervisor import Waits
from tests.driver import PATIENCE_S, wait_for
from tests.virtual_card import Pcscd

WAITS = Waits(0.05, 0.1)
MIFARE = bytes.fromhex("04A1B2C3")


@pytest.fixture(name="pcscd")
def _pcscd(tmp_path: Path) -> Iterator[Pcscd]:
    with Pcscd(tmp_path) as pcscd:
        yield pcscd


class Reader:
    """A source, and what it delivered."""

    def __init__(self, device: str = "", keep: Keep = Keep.WHOLE) -> None:
        self.scans: queue.SimpleQueue[Scan] = queue.SimpleQueue()
        self.source = ReaderSource("cards", PcscDriver(device, keep), "card", waits=WAITS)
        self.source.start(self.scans.put)

    def works(self) -> None:
        """Wait until it does."""
        wait_for(lambda: self.source.health() == "", "pcscd answers")


def test_a_card_is_one_scan_however_long_it_lies_there_and_waiting_costs_nothing(pcscd: Pcscd) -> None:
    reader = Reader("virtual", Keep.LAST_3)
    reader.works()
    # pcscd itself looks at the reader every 0.4 s; whoever waits for it is not woken.
    wait_for(_sleeps_for_a_second, "nothing wakes the reader's thread")
    card = pcscd.lay_on(MIFARE)
    assert reader.scans.get(timeout=PATIENCE_S) == Scan("UID:A1B2C3", "cards", "card")
    other = pcscd.lay_on(bytes.fromhex("08010203"), reader=1)
    assert reader.scans.get(timeout=PATIENCE_S).payload == "UID:010203"
    pcscd.wait_until_lies(True)
    assert reader.scans.empty()
    other.take_away()
    card.take_away()
    pcscd.wait_until_lies(False)
    pcscd.lay_on(MIFARE)
    assert reader.scans.get(timeout=PATIENCE_S).payload == "UID:A1B2C3"
    reader.source.stop()


def _sleeps_for_a_second() -> bool:
    before = _switches()
    time.sleep(1.0)
    return _switches() == before


def _switches() -> str:
    """How often the thread was woken."""
    thread = next(one for one in threading.enumerate() if one.name == "device cards")
    status = Path(f"/proc/self/task/{thread.native_id}/status").read_text(encoding="ascii")
    return next(line for line in status.splitlines() if line.startswith("voluntary_ctxt_switches"))


def test_a_card_without_a_number_is_no_scan_and_a_reader_that_is_not_there_is_said(pcscd: Pcscd) -> None:
    other = Reader("ACR122U")
    wait_for(lambda: "pcscd knows no reader 'acr122u'" in other.source.health(), "it is said")
    other.source.stop()
    reader = Reader()
    reader.works()
    pcscd.lay_on(b"").was_asked()
    assert reader.source.health() == ""
    reader.source.stop()
    assert reader.scans.empty()


def test_without_pcscd_it_is_said_what_to_do(tmp_path: Path) -> None:
    with Pcscd(tmp_path) as pcscd:
        pcscd.stop()
        reader = Reader()
        wait_for(lambda: "pcscd does not answer" in reader.source.health(), "it is said")
        pcscd.start()
        reader.works()
        reader.source.stop()
