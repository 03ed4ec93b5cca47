"""The desk: what it does with events, effects and a ledger that fails. The ledger here says what it is told to say."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from kiosk.circulation import visit
from kiosk.circulation.acts import Act, Relied
from kiosk.circulation.appearance import Appearance
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import (
    Answer,
    Committed,
    CountVisit,
    Identified,
    Identify,
    Looked,
    LookUp,
    Probe,
    Query,
    Stale,
    Works,
)
from kiosk.circulation.identify import CodeRules, CommandName
from kiosk.circulation.model import (
    Item,
    ItemKind,
    ItemRecord,
    ItemStatus,
    Loan,
    LoanLine,
    Patron,
    PatronRecord,
    Scan,
    Title,
    TitleRecord,
)
from kiosk.circulation.rules import Rules, VisitSettings
from kiosk.circulation.views import SyncState
from kiosk.circulation.visit.step import FAILURES_TO_CLOSE, MAX_RETRIES, PROBE_EVERY_S
from kiosk.desk import Desk, Outcome, Press
from kiosk.devices.clock import HandClock
from kiosk.errors import StoreBusy, StoreDamaged, StoreError

NOW = datetime(2026, 9, 22, 10, tzinfo=UTC)
TITLE = Title("t", 1, "Абай жолы")
ROOM = Patron("p", 1, "", "12-кабинет", category="room")


@dataclass
class FakeStore:
    """One patron, and books by their barcodes. fails: what to raise next; stale: how many commits are refused."""

    record: PatronRecord = field(default_factory=lambda: PatronRecord(ROOM))
    fails: list[StoreError] = field(default_factory=list)
    stale: int = 0
    commits: int = 0
    visits: int = 0
    closed: bool = False
    marked: datetime | None = None
    contact: date | None = None

    def _fail(self) -> None:
        if self.fails:
            raise self.fails.pop(0)

    def answer(self, query: Query) -> Answer:
        self._fail()
        match query:
            case Probe():
                return Works()
            case Identify("CARD"):
                return Identified(card=self.record)
            case Identify(code, for_patron=visitor):
                return Identified(items=(book(code),), patron=self.record if visitor else None)
            case LookUp():
                return Looked(self.record, None, TitleRecord(TITLE, 1, 1))
        raise NotImplementedError

    def commit(self, acts: Sequence[Act], relied: Sequence[Relied], now: Moment) -> Committed | Stale:
        self._fail()
        self.commits += 1
        if self.stale:
            self.stale -= 1
            return Stale()
        return Committed(tuple(acts))

    def count_visit(self, visit: CountVisit, now: Moment) -> None:
        self.visits += 1

    def remember_appearance(self, patron_id: str, appearance: Appearance) -> None:
        self._fail()

    def confirm_date(self, by: str, now: Moment, off: timedelta) -> None:
        self._fail()

    def mark(self) -> datetime | None:
        return self.marked

    def sync_state(self) -> SyncState:
        self._fail()
        return SyncState("offline", 2, 1, self.contact)

    def idle(self) -> None:
        self._fail()

    def close(self) -> None:
        self.closed = True


def book(code: str) -> ItemRecord:
    return ItemRecord(Item(code, 1, "t", code, None, ItemKind.BOOK, ItemStatus.AVAILABLE), TITLE)


def desk_of(store: FakeStore, clock: HandClock | None = None, calls: bool = False) -> Desk:
    settings = VisitSettings(same_scan_s=0.0, calls=calls)
    codes = CodeRules(commands={"COME": (CommandName.CALL, "")})
    return Desk(visit.start(Rules(), settings, codes, UUID(int=1)), store, clock or HandClock(NOW))


def key(outcome: Outcome) -> str:
    return outcome.view.message.key if outcome.view.message else ""


def test_a_desk_opens_when_the_ledger_answers() -> None:
    assert desk_of(FakeStore()).view().name == "home"


def test_a_desk_whose_ledger_cannot_be_opened_is_out_of_service() -> None:
    assert desk_of(FakeStore(fails=[StoreDamaged("it is gone")])).view().name == "out_of_service"


def test_what_is_committed_is_told_once() -> None:
    desk = desk_of(FakeStore())
    desk.take(Scan("CARD"))
    outcome = desk.take(Scan("B1"))
    assert [act.item_id for act in outcome.committed] == ["B1"] and key(outcome) == "ok.checked_out"
    assert desk.take(Press("language")).committed == ()


def test_a_failed_commit_says_that_nothing_was_recorded_and_may_be_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = FakeStore()
    desk = desk_of(store)
    desk.take(Scan("CARD"))
    desk.take(Scan("B1"))
    store.fails = [StoreBusy("kiosk.lock is held")]
    outcome = desk.take(Scan("B2"))
    assert (key(outcome), outcome.committed) == ("err.generic", ())
    assert "nothing was recorded: kiosk.lock is held" in caplog.text
    assert len(desk.take(Scan("B2")).committed) == 1


def test_a_stale_decision_is_made_anew() -> None:
    store = FakeStore(stale=MAX_RETRIES)
    desk = desk_of(store)
    desk.take(Scan("CARD"))
    assert len(desk.take(Scan("B1")).committed) == 1
    assert store.commits == MAX_RETRIES + 1


def test_a_decision_that_stays_stale_is_given_up() -> None:
    store = FakeStore(stale=MAX_RETRIES + 1)
    desk = desk_of(store)
    desk.take(Scan("CARD"))
    assert key(desk.take(Scan("B1"))) == "err.generic"


def test_failures_in_a_row_close_the_kiosk_until_the_ledger_works() -> None:
    store, clock = FakeStore(), HandClock(NOW)
    desk = desk_of(store, clock)
    desk.take(Scan("CARD"))
    store.fails = [StoreBusy("held") for _ in range(FAILURES_TO_CLOSE + 1)]
    for _ in range(FAILURES_TO_CLOSE):
        outcome = desk.take(Scan("B1"))
    assert (outcome.view.name, outcome.view.patron) == ("out_of_service", None)
    for expected in ("out_of_service", "home"):
        clock.move(PROBE_EVERY_S)
        assert desk.ring().view.name == expected


@pytest.mark.parametrize("way", [Press("call"), Scan("COME")])
def test_the_librarian_can_be_called_out_of_service(way: Press | Scan) -> None:
    store, clock = FakeStore(fails=[StoreDamaged("it is gone") for _ in range(100)]), HandClock(NOW)
    desk = desk_of(store, clock, calls=True)
    assert (desk.view().name, desk.view().actions) == ("out_of_service", ("call",))
    desk.take(Scan("B1"))
    desk.take(Press("search"))
    assert key(desk.ring()) == "home.closed" and not desk.view().calling
    called = desk.take(way)
    assert (key(called), called.view.calling) == ("home.librarian_coming", True)
    for _ in range(12):
        assert desk.view().calling
        clock.move(PROBE_EVERY_S)
        desk.ring()
    assert (desk.view().name, key(desk.ring()), desk.view().calling) == ("out_of_service", "home.closed", False)


def test_out_of_service_with_nothing_to_call_by_nothing_is_offered() -> None:
    desk = desk_of(FakeStore(fails=[StoreDamaged("it is gone")]))
    assert desk.view().actions == ()
    for way in (Press("call"), Scan("COME")):
        assert key(desk.take(way)) == "home.closed" and not desk.view().calling


def test_a_timer_does_not_ring_before_its_time() -> None:
    clock = HandClock(NOW)
    desk = desk_of(FakeStore(), clock)
    desk.take(Scan("CARD"))
    alarm = desk.next_alarm()
    assert alarm is not None
    clock.move(alarm - 0.5)
    assert desk.ring().view.countdown is None
    clock.move(0.5)
    assert desk.ring().view.countdown is not None


def test_renewing_all_that_a_room_has_is_one_touch() -> None:
    """Each renewal is two answers: they must not pile up on the stack."""
    loans = tuple(
        LoanLine(Loan(f"l{n}", "p", "t", f"B{n}", date(2026, 9, 1), date(2026, 9, 22), 10), TITLE, book(f"B{n}").item)
        for n in range(1000)
    )
    desk = desk_of(FakeStore(PatronRecord(ROOM, loans)))
    desk.take(Scan("CARD"))
    desk.take(Press("account"))
    outcome = desk.take(Press("renew_all"))
    assert len(outcome.committed) == 1000 and key(outcome) == "ok.renewed_some"


def test_a_ledger_that_fails_in_the_background_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    store = FakeStore()
    desk = desk_of(store)
    assert desk.sync_state() == SyncState("offline", 2, 1)
    store.fails = [StoreBusy("held")] * 3
    assert desk.sync_state() == SyncState()
    with caplog.at_level(logging.WARNING):
        desk.idle()
    assert "checkpoint: held" in caplog.text
    desk.close()
    assert store.closed


def test_after_a_mistake_of_the_program_nobody_is_signed_in_and_the_kiosk_goes_on() -> None:
    class Broken(FakeStore):
        def commit(self, acts: Sequence[Act], relied: Sequence[Relied], now: Moment) -> Committed | Stale:
            if self.commits == 0:
                self.commits += 1
                raise ZeroDivisionError
            return super().commit(acts, relied, now)

    desk = desk_of(Broken())
    desk.take(Scan("CARD"))
    with pytest.raises(ZeroDivisionError):
        desk.take(Scan("B1"))
    desk.recover()
    assert (desk.view().name, desk.view().patron) == ("home", None)
    desk.take(Scan("CARD"))
    assert len(desk.take(Scan("B1")).committed) == 1


def test_an_untrusted_clock_goes_by_the_latest_trusted_time() -> None:
    store = FakeStore(marked=NOW - timedelta(days=1))
    desk = desk_of(store, HandClock(NOW - timedelta(days=9000), trusted=False))
    assert (desk.now().day, desk.now().trusted, desk.now().known) == (date(2026, 9, 21), False, False)


def test_an_opened_visit_is_counted() -> None:
    store = FakeStore()
    desk = desk_of(store)
    desk.take(Scan("CARD"))
    desk.take(Scan("CARD"))
    assert store.visits == 1


def test_every_patron_shown_is_the_one_signed_in() -> None:
    pupil = replace(ROOM, id="q", first_name="Айгүл", last_name="Әбілова", category="pupil")
    desk = desk_of(FakeStore(PatronRecord(pupil)))
    assert desk.view().patron is None
    face = desk.take(Scan("CARD")).view.patron
    assert face is not None and face.name == "Айгүл Ә."
    assert desk.take(Press("finish")).view.patron is None


@pytest.mark.parametrize(("contact", "shown"), [(None, None), (date(2026, 9, 19), None), (date(2026, 9, 18), True)])
def test_a_library_that_was_not_there_for_days_is_told_by_its_last_day(
    contact: date | None, shown: bool | None
) -> None:
    assert desk_of(FakeStore(contact=contact)).view().sync.contact == (contact if shown else None)
