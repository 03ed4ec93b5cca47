"""The way out: what is sent when, what is written down before it leaves, and what a bad line does to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.circulation.delivery import Indeterminate, Outcome, Parcel, Unreachable
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from tests.bench.pushing import memory_kb
from tests.driver import full
from tests.simulation.network import PowerCut
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, central_at, central_loans, folder_in_memory, new_kiosk

Answer = Callable[[Sequence[Parcel]], Sequence[Outcome]]


@dataclass
class Line(MemoryConnector):
    """A line that answers as it is told to, once for each told; then as central does."""

    central: MemoryCentral
    answers: list[Answer] = field(default_factory=list)
    sent: list[list[str]] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    lookups: list[Outcome] = field(default_factory=list)

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        self.sent.append([f"{parcel.act.kind} {parcel.barcode}" for parcel in parcels])
        return self.answers.pop(0)(parcels) if self.answers else super().submit(parcels)

    def find_out(self, parcel: Parcel) -> Outcome | None:
        self.looked_up.append(f"{parcel.act.kind} {parcel.barcode}")
        return self.lookups.pop(0) if self.lookups else super().find_out(parcel)


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


@pytest.fixture
def kiosk(folder: Path) -> Kiosk:
    clock = KioskClock(MONDAY)
    kiosk = new_kiosk(folder, Line(central_at(clock)), clock)
    kiosk.round()
    return kiosk


def line(kiosk: Kiosk) -> Line:
    assert isinstance(kiosk.connector, Line)
    return kiosk.connector


def lost(parcels: Sequence[Parcel]) -> Sequence[Outcome]:
    """The first may have arrived; the rest never left."""
    return [Indeterminate("cut"), *[Unreachable()] * (len(parcels) - 1)]


def test_an_entry_is_written_down_as_sending_before_its_bytes_leave(kiosk: Kiosk) -> None:
    def look(parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        assert kiosk.states() == {"sending": 2}
        return [line(kiosk).central.apply(parcel) for parcel in parcels]

    line(kiosk).answers.append(look)
    kiosk.visit("P1", "A1", "A2")
    assert kiosk.round().pushed.accepted == 2


def test_the_store_is_not_held_while_central_is_asked(kiosk: Kiosk) -> None:
    def slow(parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        assert kiosk.visit("P2", "A5") == "ok.checked_out"
        return [line(kiosk).central.apply(parcel) for parcel in parcels]

    line(kiosk).answers.append(slow)
    kiosk.visit("P1", "A1")
    assert kiosk.round().pushed.accepted == 2


@pytest.mark.parametrize("arrived", [True, False])
def test_an_entry_found_sending_at_start_is_looked_up_and_only_then_sent_again(kiosk: Kiosk, arrived: bool) -> None:
    def cut(parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        if arrived:
            line(kiosk).central.apply(parcels[0])
        raise PowerCut

    kiosk.visit("P1", "A1")
    line(kiosk).answers.append(cut)
    with pytest.raises(PowerCut):
        kiosk.round()
    kiosk.off()
    kiosk.boot()
    assert kiosk.states() == {"sending": 1}
    kiosk.round()
    assert line(kiosk).looked_up == ["checkout A1"]
    assert len(line(kiosk).sent) == (1 if arrived else 2)
    assert kiosk.states() == {"accepted": 1} and central_loans(line(kiosk).central)["A1"][0] == "P1"


def test_after_an_indeterminate_one_the_others_go_on(kiosk: Kiosk) -> None:
    kiosk.visit("P1", "A1", "A2")
    line(kiosk).answers.append(lost)
    assert not kiosk.round().reached
    assert kiosk.states() == {"sending": 1, "pending": 1}
    assert kiosk.rows("SELECT attempts FROM outbox ORDER BY seq") == [(1,), (0,)]
    assert kiosk.round().reached and kiosk.states() == {"accepted": 2}


def test_an_act_that_central_stumbles_over_holds_no_other_up(kiosk: Kiosk) -> None:
    kiosk.visit("P1", "A1")
    line(kiosk).answers.append(lost)
    kiosk.round()
    kiosk.visit("P1", "A2")
    line(kiosk).lookups = [Indeterminate("central stumbles")] * 4
    assert not kiosk.round().reached, "the look-up fails, and nothing is sent"
    assert not kiosk.round().reached, "the second time the others go before it"
    assert kiosk.states() == {"sending": 1, "accepted": 1}
    assert "A2" in central_loans(line(kiosk).central)


def test_an_act_that_is_lost_again_and_again_rests_and_the_others_go_before_it(kiosk: Kiosk) -> None:
    kiosk.visit("P1", "A1")
    for _ in range(2):
        line(kiosk).answers.append(lost)
        kiosk.round()
    kiosk.visit("P2", "A2")
    kiosk.round()
    assert line(kiosk).sent[-1] == ["checkout A2"]
    kiosk.clock.move(3600)
    kiosk.round()
    assert kiosk.states() == {"accepted": 2}


def test_an_answer_for_too_few_leaves_the_rest_in_doubt(kiosk: Kiosk) -> None:
    kiosk.visit("P1", "A1", "A2")
    line(kiosk).answers.append(lambda parcels: [line(kiosk).central.apply(parcels[0])])
    assert not kiosk.round().reached
    assert kiosk.states() == {"accepted": 1, "sending": 1}
    kiosk.round()
    assert line(kiosk).looked_up == ["checkout A2"] and kiosk.states() == {"accepted": 2}


def test_acts_of_an_item_go_one_after_the_other(kiosk: Kiosk) -> None:
    kiosk.visit("P1", "A1", "A2")
    kiosk.scan("A1")
    kiosk.wait(30)
    kiosk.visit("P2", "A1")
    kiosk.round()
    assert line(kiosk).sent == [["checkout A1", "checkout A2"], ["checkin A1"], ["checkout A1"]]


def test_a_clock_that_was_wrong_puts_no_entry_aside_for_years(kiosk: Kiosk) -> None:
    kiosk.visit("P1", "A1")
    with kiosk.store.connection().write() as db:
        db.execute("UPDATE outbox SET not_before = '2036-01-01T00:00:00.000Z'")
    assert kiosk.round().pushed.accepted == 1


def test_everything_that_waits_is_tried_at_once_when_it_is_asked_for(kiosk: Kiosk) -> None:
    kiosk.visit("P1", "A1")
    later = (kiosk.clock.read().wall + timedelta(hours=1)).isoformat(timespec="milliseconds")
    with kiosk.store.connection().write() as db:
        db.execute("UPDATE outbox SET not_before = ?", (later.replace("+00:00", "Z"),))
    assert kiosk.round().pushed.accepted == 0
    assert kiosk.sync.once().pushed.accepted == 1


def test_nothing_is_kept_for_a_connector_that_carries_nothing(folder: Path) -> None:
    clock = KioskClock(MONDAY)
    connector = Line(central_at(clock))
    connector.carries = frozenset()
    kiosk = new_kiosk(folder, connector, clock, imported=True)
    kiosk.visit("P1", "A1")
    assert kiosk.states() == {} and kiosk.store.sync_state().state == "none"


def test_what_the_screen_is_told(kiosk: Kiosk) -> None:
    kiosk.visit("P1", "A1")
    state = kiosk.store.sync_state()
    assert (state.state, state.pending, state.parked) == ("online", 1, 0)
    line(kiosk).answers.append(lambda parcels: [Unreachable("no route")] * len(parcels))
    kiosk.round()
    assert kiosk.store.sync_state().state == "offline"
    assert kiosk.mirror.noted()["problem"] == "no route"


@pytest.mark.slow
def test_a_long_queue_is_pushed_with_flat_memory(tmp_path: Path, figure: Callable[[str], None]) -> None:
    count = full(100_000, 5_000)
    few, many = memory_kb(tmp_path / "few", 1_000), memory_kb(tmp_path / "many", count)
    figure(f"1000 queued: {few / 1024:.1f} MB at most; {count} queued: {(many - few) / 1024:+.1f} MB")
    # The store's page cache of 16 MB fills as the ledger is longer; that is all.
    assert many - few < 18 * 1024
