"""Kiosks that do not know what time it is: what central is told once the truth is known, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.circulation.delivery import Parcel
from kiosk.sync.central.database import opened
from kiosk.sync.central.schema import transactions
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from tests.central_fixture import SCHOOL, central_in, stock
from tests.simulation.network import RecordingCentral
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, central_loans, fill_central, folder_in_memory, new_kiosk

SUMMER = timedelta(days=92)


@dataclass
class Noting(MemoryConnector):
    """Keeps the parcels that it was given."""

    central: MemoryCentral
    parcels: list[Parcel] = field(default_factory=list)

    def submit(self, parcels):  # type: ignore[no-untyped-def]
        self.parcels += parcels
        return super().submit(parcels)


@dataclass
class School:
    """A kiosk with a clock of its own, and the true time."""

    folder: Path

    def __post_init__(self) -> None:
        self.truth = KioskClock(MONDAY)
        self.central = RecordingCentral(lambda: self.truth.read().wall)
        fill_central(self.central)
        self.kiosk = new_kiosk(self.folder, Noting(self.central), KioskClock(MONDAY))
        self.kiosk.round()

    def wake(self, shows: datetime, after: timedelta, trusted: bool = False) -> Kiosk:
        """Off for some time; then the kiosk's clock shows something."""
        self.kiosk.off()
        self.truth.move(after.total_seconds())
        self.kiosk.clock = KioskClock(shows, trusted)
        return self.kiosk.boot()

    def move(self, seconds: float) -> None:
        """Time passes."""
        self.truth.move(seconds)
        self.kiosk.clock.move(seconds)

    def sent(self) -> Parcel:
        """The last act that central was told."""
        assert isinstance(self.kiosk.connector, Noting)
        return self.kiosk.connector.parcels[-1]


@pytest.fixture
def school() -> Iterator[School]:
    with folder_in_memory() as folder:
        yield School(folder)


@pytest.mark.parametrize(
    ("shows", "after"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=1)),
        (MONDAY + timedelta(minutes=1), SUMMER),
        (datetime(2036, 2, 7, tzinfo=UTC), timedelta(hours=1)),
    ],
    ids=["boots in 1970", "wakes after the summer", "jumps to 2036"],
)
def test_an_untrusted_time_is_corrected_once_central_is_heard_and_the_original_kept(
    school: School, shows: datetime, after: timedelta
) -> None:
    kiosk = school.wake(shows, after)
    truly = school.truth.read().wall
    kiosk.visit("P1", "A1")
    school.truth.move(kiosk.clock.read().mono)
    school.move(3600)
    kiosk.round()
    told = school.sent()
    assert abs(told.at - truly) < timedelta(seconds=10) and told.trusted
    ((at, trusted),) = kiosk.rows("SELECT at, trusted FROM transactions WHERE kind = 'checkout'")
    assert told.reported == datetime.fromisoformat(at) and not trusted
    (loan,) = [one for one in kiosk.rows("SELECT since FROM loans")]
    assert loan == (at[:10],), "what the pupil was told stays"


@pytest.mark.parametrize("year", [1970, 2036])
def test_a_time_that_is_not_trusted_raises_no_mark_and_makes_nobody_late(school: School, year: int) -> None:
    school.kiosk.visit("P1", "A1")
    mark = school.kiosk.store.mark()
    kiosk = school.wake(datetime(year, 2, 7, tzinfo=UTC), timedelta(hours=1))
    assert kiosk.visit("P1", "A2") == "ok.checked_out_days"
    kiosk.round()
    assert kiosk.store.mark() == mark, "central's clock corrects what it is told, and is trusted no further"
    kiosk.clock.set(MONDAY + SUMMER, True)  # NTP has come
    assert kiosk.visit("P1", "A3") == "err.overdue"
    kiosk.visit("P2", "A3")
    raised = kiosk.store.mark()
    assert raised is not None and raised > MONDAY + SUMMER


def test_a_trusted_clock_that_jumped_to_2036_wins_nothing(school: School) -> None:
    with folder_in_memory() as folder:
        other = new_kiosk(folder, Noting(school.central), school.truth, "other")
        other.round()
        school.kiosk.clock.set(datetime(2036, 2, 7, tzinfo=UTC), True)
        school.kiosk.visit("P1", "A1")
        school.kiosk.round()
        school.move(600)
        other.visit("P2", "A1")
        other.round()
        school.kiosk.round()
        assert school.kiosk.loans()["A1"][0] == other.loans()["A1"][0] == "P2"


def test_one_kiosks_acts_are_in_its_own_order_whatever_its_clock_did(school: School) -> None:
    school.kiosk.visit("P1", "A1")
    kiosk = school.wake(MONDAY - timedelta(days=3), timedelta(hours=1), trusted=True)
    kiosk.scan("A1")
    kiosk.wait(30)
    kiosk.visit("P2", "A1")
    kiosk.round()
    assert kiosk.states() == {"accepted": 3}
    assert central_loans(school.central)["A1"][0] == kiosk.loans()["A1"][0] == "P2"


def test_a_plain_database_keeps_both_times(tmp_path: Path) -> None:
    truly = datetime.now(UTC)
    with central_in("sqlite", tmp_path) as central:
        with opened(central.engine) as connection:
            stock(connection, central.schools[SCHOOL], 8, 12)
        kiosk = new_kiosk(tmp_path, central.connector(), KioskClock(truly))
        kiosk.round()
        kiosk.clock.set(datetime(1970, 1, 1, tzinfo=UTC), False)
        kiosk.visit("P1", "A1")
        kiosk.clock.set(datetime(1970, 1, 1, tzinfo=UTC), False)
        kiosk.round()
        table = transactions.c
        ((at, trusted, clock_at),) = central.rows(select(table.at, table.trusted, table.clock_at))
        kiosk.off()
    assert abs(at - truly) < timedelta(minutes=5) and trusted
    assert clock_at.year == 1970


def test_corrected_times_put_the_loans_of_two_kiosks_in_order(school: School) -> None:
    with folder_in_memory() as folder:
        other = new_kiosk(folder, Noting(school.central), school.truth, "other")
        other.round()
        kiosk = school.wake(datetime(1970, 1, 1, tzinfo=UTC), timedelta(minutes=5))
        kiosk.visit("P1", "A1")
        school.move(600)
        other.visit("P2", "A1")  # later, by a clock that is right
        other.round()
        kiosk.round()
        kiosk.round()
        assert kiosk.loans()["A1"][0] == "P2"


def test_of_an_earlier_boot_nobody_knows_the_truth(school: School) -> None:
    kiosk = school.wake(datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=1))
    kiosk.visit("P1", "A1")
    school.wake(datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=1))
    kiosk.round()
    assert not school.sent().trusted and school.sent().reported is None


def test_a_time_that_was_corrected_stays_so_over_the_next_boot(school: School) -> None:
    kiosk = school.wake(datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=1))
    truly = school.truth.read().wall
    kiosk.visit("P1", "A1")
    while kiosk.outbox.correct(kiosk.clock.read().mono, truly + timedelta(seconds=kiosk.clock.read().mono)):
        pass
    school.wake(datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=1))
    kiosk.round()
    assert school.sent().trusted and abs(school.sent().at - truly) < timedelta(seconds=10)


def test_our_own_clock_is_believed_before_centrals_once_it_is_trusted(school: School) -> None:
    kiosk = school.wake(datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=1))
    kiosk.visit("P1", "A1")
    school.truth.set(MONDAY + timedelta(days=400), True)  # central is wrong
    kiosk.clock.set(MONDAY + timedelta(hours=1), True)  # NTP has come
    kiosk.round()
    assert abs(school.sent().at - MONDAY - timedelta(hours=1)) < timedelta(seconds=10)


def test_clocks_that_differ_are_noted(school: School, caplog: pytest.LogCaptureFixture) -> None:
    school.kiosk.clock.set(MONDAY - timedelta(minutes=10), True)
    school.kiosk.round()
    assert school.kiosk.mirror.noted()["offset_s"] == "600"
    assert "differs from ours by 600 s" in caplog.text


def test_a_trusted_time_is_never_changed(school: School) -> None:
    school.kiosk.visit("P1", "A1")
    school.kiosk.round()
    assert school.sent().reported is None and school.sent().at < MONDAY + timedelta(seconds=10)
