"""The thread that syncs: back-off and circuit, nudges, mistakes that do not end it; and the desk beside it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.delivery import Accepted, Outcome, Parcel
from kiosk.errors import ConnectorError, StoreBusy
from kiosk.ports import Greeting
from kiosk.store import SqliteStore
from kiosk.store.outbox import StoreOutbox
from kiosk.store.pulled import StoreMirror
from kiosk.sync.backoff import Backoff, Circuit
from kiosk.sync.loop import Sync, SyncLoop
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from tests.driver import wait_for
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, central_at, folder_in_memory, new_kiosk


@given(st.integers(1, 10_000), st.floats(0, 0.999))
def test_a_wait_grows_to_an_end_and_half_of_it_is_chance(failures: int, chance: float) -> None:
    backoff = Backoff(2.0, 300.0)
    wait = backoff.delay_s(failures, lambda: chance)
    whole = min(2.0 * 2 ** min(failures - 1, 10), 300.0)
    assert whole / 2 <= wait <= whole


def test_a_circuit_closes_again_by_itself() -> None:
    circuit = Circuit(Backoff(2.0, 8.0), lambda: 0.999)
    waits = []
    for _ in range(5):
        circuit.failed()
        waits.append(round(circuit.rest_s()))
    assert waits == [2, 4, 8, 8, 8]
    circuit.worked()
    assert circuit.rest_s() == 0.0
    circuit.failed()
    assert round(circuit.rest_s()) == 2


@dataclass
class Flaky(MemoryConnector):
    """Is away for so many greetings, then makes a mistake in so many."""

    central: MemoryCentral
    away: int = 0
    mistakes: int = 0
    greetings: int = 0
    closed: bool = False
    threads: set[str] = field(default_factory=set)

    def hello(self) -> Greeting:
        self.greetings += 1
        self.threads.add(threading.current_thread().name)
        if self.away:
            self.away -= 1
            raise ConnectorError("central is away")
        if self.mistakes:
            self.mistakes -= 1
            raise ZeroDivisionError
        return super().hello()

    def close(self) -> None:
        self.closed = True


@dataclass
class Slow(MemoryConnector):
    """Takes everything, a batch in a while."""

    central: MemoryCentral
    delay_s: float = 0.002

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        time.sleep(self.delay_s)
        return [Accepted(1) for _ in parcels]


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


@contextmanager
def running(
    kiosk: Kiosk, period_s: float = 60.0, alone: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Iterator[SyncLoop]:
    """The loop on its own thread with its own store."""

    def open_sync() -> Sync:
        store = SqliteStore(kiosk.path, kiosk.connector.carries, "boot")
        outbox = StoreOutbox(store, kiosk.clock, kiosk.connector.pulls, "boot")
        mirror = StoreMirror(store, kiosk.clock)
        backoff = Backoff(0.01, 0.02)
        chance = random.Random(1).random
        return Sync(outbox, mirror, kiosk.connector, kiosk.clock, chance, backoff, release=store.close)

    loop = SyncLoop(open_sync, period_s, nudge_s=0.0, alone=alone, mistakes=Backoff(0.01, 0.02))
    loop.start()
    try:
        yield loop
    finally:
        loop.stop()


def flaky(folder: Path, away: int = 0, mistakes: int = 0) -> tuple[Kiosk, Flaky]:
    clock = KioskClock(MONDAY)
    connector = Flaky(central_at(clock), away, mistakes)
    return new_kiosk(folder, connector, clock, imported=True), connector


def test_a_central_that_comes_back_is_found(folder: Path) -> None:
    kiosk, connector = flaky(folder, away=3)
    kiosk.visit("P1", "A1")
    assert kiosk.store.sync_state().state == "offline"
    with running(kiosk):
        wait_for(lambda: kiosk.store.sync_state().pending == 0, "the act is sent")
        wait_for(lambda: kiosk.store.sync_state().state == "online", "it is told")
    assert connector.greetings >= 4 and connector.threads == {"sync"}
    assert connector.closed and kiosk.store.sync_state().state == "offline", "nothing is known once it has ended"


def test_a_kiosk_that_was_alone_for_days_says_of_which_day_its_data_is(folder: Path) -> None:
    kiosk, connector = flaky(folder)
    kiosk.round()
    connector.away = 2
    for days, told in ((3, None), (1, MONDAY.date())):
        kiosk.clock.move(days * 86400.0)
        kiosk.round()
        kiosk.desk.idle()
        sync = kiosk.desk.view().sync
        assert (sync.state, sync.contact) == ("offline", told)
    kiosk.clock.move(3600.0)
    kiosk.round()
    kiosk.desk.idle()
    assert (kiosk.desk.view().sync.state, kiosk.desk.view().sync.contact) == ("online", None)


def test_a_mistake_does_not_end_it(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    kiosk, _ = flaky(folder, mistakes=2)
    kiosk.visit("P1", "A1")
    with running(kiosk):
        wait_for(lambda: kiosk.states() == {"accepted": 1}, "the act is sent")
    assert "ZeroDivisionError" in caplog.text


def test_a_nudge_shortens_the_wait(folder: Path) -> None:
    kiosk, connector = flaky(folder)
    with running(kiosk, period_s=3600.0) as loop:
        wait_for(lambda: kiosk.store.sync_state().state == "online", "the first round")
        kiosk.visit("P1", "A1")
        loop.nudge()
        wait_for(lambda: kiosk.states() == {"accepted": 1}, "the act is sent")
    assert connector.greetings == 2


def test_nothing_is_opened_before_it_may_begin() -> None:
    opened, begin = threading.Event(), threading.Event()

    def open_sync() -> Sync:
        opened.set()
        raise ZeroDivisionError

    loop = SyncLoop(open_sync, begin=begin)
    loop.start()
    assert not opened.wait(0.1)
    begin.set()
    assert opened.wait(10)
    loop.stop()
    never = SyncLoop(open_sync, begin=threading.Event())
    opened.clear()
    never.start()
    never.stop()
    assert not opened.is_set()


def test_it_stops_while_it_waits(folder: Path) -> None:
    kiosk, _ = flaky(folder, away=10**6)
    began = time.monotonic()
    with running(kiosk, period_s=3600.0):
        pass
    assert time.monotonic() - began < 5.0


def test_another_that_syncs_is_let_finish(folder: Path) -> None:
    kiosk, connector = flaky(folder)
    entered = []

    @contextmanager
    def alone() -> Iterator[None]:
        entered.append(1)
        if len(entered) == 1:
            raise StoreBusy("another process syncs this folder")
        yield

    with running(kiosk, alone=alone):
        wait_for(lambda: connector.greetings == 1, "its turn")
    assert len(entered) == 2


@dataclass
class Stuck(MemoryConnector):
    """Does not answer until it is let."""

    central: MemoryCentral
    asked: threading.Event = field(default_factory=threading.Event)
    answers: threading.Event = field(default_factory=threading.Event)

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        self.asked.set()
        assert self.answers.wait(60)
        return super().submit(parcels)


def test_a_desk_goes_on_while_central_keeps_the_push_waiting(folder: Path) -> None:
    clock = KioskClock(MONDAY)
    connector = Stuck(central_at(clock))
    kiosk = new_kiosk(folder, connector, clock, imported=True)
    kiosk.visit("P1", "A1")
    with running(kiosk):
        try:
            assert connector.asked.wait(60)
            assert kiosk.visit("P2", "A2") == "ok.checked_out"
            assert kiosk.states() == {"sending": 1, "pending": 1}
        finally:
            connector.answers.set()
        wait_for(lambda: kiosk.states() == {"accepted": 2}, "both are sent")
