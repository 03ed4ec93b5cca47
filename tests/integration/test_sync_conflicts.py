"""DESIGN.md 5's table of conflicts, row by row, through whole desks and a connector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.circulation.acts import Kind
from kiosk.circulation.clock import reckon
from kiosk.circulation.conflicts import CONFLICTS, TEXTBOOK_DAYS, Conflict
from kiosk.circulation.delivery import (
    Delivery,
    Outcome,
    Parcel,
    Reason,
    RefusedByCentral,
    WayOut,
)
from kiosk.circulation.facts import HoldFact, LoanFact, PatronFact
from kiosk.circulation.model import Block, BlockKind, HoldState, ItemStatus
from kiosk.circulation.policy import is_overdue
from kiosk.desk import Type
from kiosk.store import reads
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from tests.simulation.sql_library import SqlLibrary
from tests.sync_fixture import (
    MONDAY,
    Kiosk,
    KioskClock,
    central_at,
    central_loans,
    disagreements,
    fill_central,
    folder_in_memory,
    new_kiosk,
)


@dataclass
class School:
    """Two kiosks that have pulled everything, and their central."""

    folder: Path
    backend: str
    clock: KioskClock = field(default_factory=lambda: KioskClock(MONDAY))

    def __post_init__(self) -> None:
        def now() -> datetime:
            return self.clock.read().wall

        self.central = fill_central(MemoryCentral(now) if self.backend == "memory" else SqlLibrary(now, self.folder))
        self.one = new_kiosk(self.folder, MemoryConnector(self.central), self.clock, "one", imported=True)
        self.two = new_kiosk(self.folder, MemoryConnector(self.central), self.clock, "two")
        self.sync(self.one, self.two)

    def sync(self, *kiosks: Kiosk) -> None:
        """A round each."""
        for kiosk in kiosks:
            done = kiosk.round()
            assert not done.problem, done.problem

    def agrees(self) -> None:
        """Everybody says the same, and every ledger adds up."""
        self.sync(self.one, self.two, self.one)
        for kiosk in (self.one, self.two):
            assert disagreements(kiosk, self.central) == []
            assert kiosk.faults() == []


@pytest.fixture(params=["memory", "sql"])
def school(request: pytest.FixtureRequest) -> Iterator[School]:
    with folder_in_memory() as folder:
        yield School(folder, request.param)


def flagged(kiosk: Kiosk) -> list[tuple[Kind, Delivery, Reason | None]]:
    """What staff of a kiosk are shown."""
    return [(one.kind, one.delivery, one.reason) for one in kiosk.outbox.entries([Delivery.PARKED], flagged=True)]


@pytest.mark.parametrize("first", ["one", "two"])
def test_lent_twice_the_later_loan_holds_whoever_comes_first(school: School, first: str) -> None:
    school.one.visit("P1", "A1")
    school.clock.move(60)
    school.two.visit("P2", "A1")
    order = (school.one, school.two) if first == "one" else (school.two, school.one)
    school.sync(*order)
    assert [flagged(kiosk) for kiosk in order] == [
        [], [(Kind.CHECKOUT, Delivery.ACCEPTED, Reason.ON_LOAN_ELSEWHERE)]
    ]  # fmt: skip
    school.agrees()
    assert school.one.loans()["A1"][0] == school.two.loans()["A1"][0] == "P2"


def test_lent_twice_by_a_kiosk_without_a_clock_the_one_that_comes_later_holds(school: School) -> None:
    two_clock = KioskClock(MONDAY - timedelta(days=20000), trusted=False)
    school.two.off()
    school.two.clock = two_clock
    school.two.boot()
    school.two.visit("P2", "A1")
    school.two.off()
    school.two.boot()  # the boot in which it happened is over: nobody will ever know when it was
    school.one.visit("P1", "A1")
    school.sync(school.one, school.two)
    school.agrees()
    assert school.one.loans()["A1"][0] == "P2"


def test_lent_centrally_the_librarians_loan_ends(school: School) -> None:
    school.one.visit("P1", "A1")
    school.sync(school.one)
    school.two.visit("P2", "A1")  # it has not pulled: the book is in, for all it knows
    school.sync(school.two)
    assert flagged(school.two) == [(Kind.CHECKOUT, Delivery.ACCEPTED, Reason.ON_LOAN_ELSEWHERE)]
    school.agrees()
    assert central_loans(school.central)["A1"][0] == "P2"


@dataclass
class Stubborn(MemoryConnector):
    """A central that takes no loan of an item that somebody has, until staff insist."""

    central: MemoryCentral
    limit: bool = False
    asked: list[Parcel] = field(default_factory=list)

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        return [self._one(parcel) for parcel in parcels]

    def _one(self, parcel: Parcel) -> Outcome:
        self.asked.append(parcel)
        item = parcel.act.item_id
        if parcel.act.kind is Kind.CHECKOUT and not parcel.insist:
            if item is not None and self.central.loan_of(item) is not None:
                return RefusedByCentral(Reason.ON_LOAN_ELSEWHERE, "Item is checked out " + "!" * 1000)
            loans = [one for one in self.central.all(LoanFact) if not one.ended]
            if self.limit and len([one for one in loans if one.patron_id == parcel.act.patron_id]) >= 1:
                return RefusedByCentral(Reason.LOAN_LIMIT, "too many")
        return self.central.apply(parcel)


def test_lent_centrally_where_central_cannot_end_it_is_parked_and_one_touch_settles_it(school: School) -> None:
    stubborn = new_kiosk(school.folder, Stubborn(school.central), school.clock, "three")
    school.sync(stubborn)
    school.one.visit("P1", "A1")
    school.sync(school.one)
    stubborn.visit("P2", "A1", "A2")
    school.sync(stubborn)
    (entry,) = stubborn.outbox.entries([Delivery.PARKED])
    assert (entry.reason, entry.item, len(entry.text)) == (Reason.ON_LOAN_ELSEWHERE, "A1", 200)
    assert entry.ways_out[0] is WayOut.RESOLVE
    assert stubborn.loans()["A1"][0] == "P2", "an act stays laid over what was pulled"
    assert central_loans(school.central)["A2"][0] == "P2", "a stuck entry holds up no other item"
    stubborn.outbox.settle_by_hand(entry.seq, WayOut.RESOLVE, "Қарлығаш")
    school.sync(stubborn, stubborn)
    assert central_loans(school.central)["A1"][0] == "P2"
    assert disagreements(stubborn, school.central) == [] and stubborn.faults() == []
    ((by,),) = stubborn.rows("SELECT json_extract(body, '$.override.by') FROM transactions WHERE kind LIKE 'outbox%'")
    assert by == "Қарлығаш"


def test_a_parked_entry_that_is_dismissed_gives_way_to_centrals_word(school: School) -> None:
    stubborn = new_kiosk(school.folder, Stubborn(school.central), school.clock, "three")
    school.sync(stubborn)
    school.one.visit("P1", "A1")
    school.sync(school.one)
    stubborn.visit("P2", "A1")
    school.sync(stubborn)
    (entry,) = stubborn.outbox.entries([Delivery.PARKED])
    stubborn.outbox.settle_by_hand(entry.seq, WayOut.DISMISS, "Қарлығаш", "кітап Тимурда")
    assert stubborn.loans()["A1"][0] == "P1"
    assert stubborn.faults() == [] and disagreements(stubborn, school.central) == []


def test_a_return_passes_the_parked_loan_of_its_item(school: School) -> None:
    stubborn = new_kiosk(school.folder, Stubborn(school.central), school.clock, "three")
    school.sync(stubborn)
    school.one.visit("P1", "A1")
    school.sync(school.one)
    stubborn.visit("P2", "A1")
    stubborn.scan("P2")
    stubborn.press("account")
    stubborn.press("renew_all")
    stubborn.press("finish")
    school.sync(stubborn)
    assert [one.reason for one in stubborn.outbox.entries([Delivery.PARKED])] == [
        Reason.ON_LOAN_ELSEWHERE, Reason.BEHIND
    ]  # fmt: skip
    stubborn.scan("A1")
    stubborn.wait(30)
    school.sync(stubborn, stubborn)
    assert "A1" not in central_loans(school.central)
    assert disagreements(stubborn, school.central) == [] and stubborn.faults() == []
    stubborn.visit("P3", "A1")
    school.sync(stubborn)
    assert central_loans(school.central)["A1"][0] == "P3", "the book is blocked for nobody"


def test_a_refusal_for_the_limit_is_believed_only_once_what_came_before_is_told(school: School) -> None:
    connector = Stubborn(school.central, limit=True)
    kiosk = new_kiosk(school.folder, connector, school.clock, "three")
    school.sync(kiosk)
    kiosk.visit("P1", "A1")
    school.sync(kiosk)
    kiosk.scan("A1")  # returned
    kiosk.wait(30)
    kiosk.visit("P1", "A2")
    lost = kiosk.rows("SELECT seq FROM outbox WHERE state = 'pending' ORDER BY seq LIMIT 1")[0][0]
    with kiosk.store.connection().write() as db:
        db.execute("UPDATE outbox SET not_before = ? WHERE seq = ?", ("2026-09-21T10:30:00.000Z", lost))
    school.sync(kiosk)
    assert kiosk.states() == {"accepted": 1, "pending": 2}, "the return rests, and the loan waits for it"
    kiosk.sync.once()
    assert kiosk.states() == {"accepted": 3}
    kiosk.visit("P1", "A3")
    school.sync(kiosk)
    (entry,) = kiosk.outbox.entries([Delivery.PARKED])
    assert entry.reason is Reason.LOAN_LIMIT, "nothing is before it any more"
    kiosk.scan("A2")
    kiosk.wait(30)
    school.sync(kiosk, kiosk)
    assert kiosk.states() == {"accepted": 5}, "a return has made room for what was parked"


def test_returned_elsewhere_later_our_loan_ends(school: School) -> None:
    school.one.visit("P1", "A1")
    school.clock.move(60)
    school.two.scan("A1")
    school.two.wait(30)
    school.sync(school.two, school.one)
    assert flagged(school.one) == [(Kind.CHECKOUT, Delivery.ACCEPTED, Reason.RETURNED_ELSEWHERE)]
    school.agrees()
    assert school.one.loans() == {}


def test_patron_barred_meanwhile_the_loan_stands(school: School) -> None:
    school.one.visit("P1", "A1")
    patron = school.central.get(PatronFact, "cp1")
    assert patron is not None
    school.central.put(replace(patron, blocks=(Block(BlockKind.STAFF),)))
    school.sync(school.one)
    assert flagged(school.one) == [(Kind.CHECKOUT, Delivery.ACCEPTED, Reason.PATRON_BLOCKED)]
    school.agrees()
    assert school.one.loans()["A1"][0] == "P1"
    assert school.one.visit("P1", "A2") == "err.card_blocked"


def test_unknown_to_central_is_parked_and_tried_again_when_a_pull_brings_it() -> None:
    with folder_in_memory() as folder:
        clock = KioskClock(MONDAY)
        central = central_at(clock, patrons=3, items=4)
        kiosk = new_kiosk(folder, MemoryConnector(central), clock, "one", imported=True)
        kiosk.round()
        kiosk.visit("P5", "A1")
        kiosk.visit("P1", "A9", "A2")
        kiosk.round()
        assert [one.reason for one in kiosk.outbox.entries([Delivery.PARKED])] == [
            Reason.PATRON_UNKNOWN, Reason.ITEM_UNKNOWN
        ]  # fmt: skip
        assert central_loans(central).keys() == {"A2"}
        fill_central(central, first_patron=3, first_item=4)
        kiosk.round()
        assert central_loans(central).keys() == {"A1", "A2", "A9"}
        kiosk.round()
        assert disagreements(kiosk, central) == [] and kiosk.faults() == []


def test_due_differs_centrals_is_shown_and_nobody_is_overdue_before_the_promised_day(school: School) -> None:
    school.one.visit("P1", "A1")
    school.sync(school.one, school.two)
    (loan,) = [one for one in school.central.all(LoanFact) if not one.ended]
    promised = loan.due
    assert promised == date(2026, 10, 1)
    school.central.put(replace(loan, due=date(2026, 9, 25)))
    school.agrees()
    for kiosk in (school.one, school.two):
        assert kiosk.loans()["A1"] == ("P1", "2026-09-25")
        with kiosk.store.connection().read() as db:
            (shown,) = (reads.to_loan(row) for row in db.execute(f"SELECT {reads.LOAN} FROM loans l").fetchall())
        for day, late in ((date(2026, 9, 26), False), (promised, False), (promised + timedelta(days=1), True)):
            school.clock.set(school.clock.read().wall.replace(month=day.month, day=day.day), True)
            assert is_overdue(shown, reckon(school.clock.read(), None)) is late, day


def test_due_differs_a_longer_one_is_simply_shown(school: School) -> None:
    school.one.visit("P1", "A1")
    school.sync(school.one)
    (loan,) = school.central.all(LoanFact)
    school.central.put(replace(loan, due=date(2026, 10, 30)))
    school.agrees()
    assert school.one.rows("SELECT due, promised FROM loans") == [("2026-10-30", None)]


def test_held_for_another_meanwhile_the_loan_stands_and_the_hold_is_first_again(school: School) -> None:
    kept = _kept_for(school, "P3", "A1")
    school.two.visit("P2", "A1")  # it has not pulled: the book stands in its place
    school.sync(school.two)
    assert flagged(school.two) == [(Kind.CHECKOUT, Delivery.ACCEPTED, Reason.RESERVED)]
    school.agrees()
    assert school.one.loans()["A1"][0] == "P2"
    ((hold_id, state),) = school.one.rows("SELECT id, state FROM holds")
    assert (hold_id, state) == (kept, "waiting")


def _kept_for(school: School, card: str, barcode: str) -> str:
    """A hold of a pupil, for which an item returned at kiosk one is kept aside; kiosk two knows nothing of it."""
    for kiosk in (school.one, school.two):
        kiosk.clock.move(1)
    school.one.visit("P1", barcode)
    school.one.scan(card)
    school.one.press("search")
    school.one.take(Type("Кітап 0"))
    school.one.press("hold", school.one.desk.view().rows[0].id)
    school.one.press("finish")
    school.one.scan(barcode)
    school.one.wait(30)
    school.sync(school.one)
    (hold,) = school.central.all(HoldFact)
    assert (hold.state, hold.ended) == (HoldState.READY, False)
    (status,) = school.one.rows("SELECT status FROM items WHERE barcode = ?", barcode)[0]
    assert status == ItemStatus.HOLD_SHELF
    return hold.id


def test_another_copy_than_the_one_kept_aside_leaves_no_copy_on_the_shelf_for_nobody(school: School) -> None:
    _kept_for(school, "P3", "A1")
    school.one.visit("P3", "A0")
    assert school.one.faults() == []
    assert school.one.rows("SELECT id, state FROM holds") == []
    school.agrees()
    for kiosk in (school.one, school.two):
        assert kiosk.rows("SELECT status FROM items WHERE barcode = 'A1'") == [("awaiting_check",)]


def test_repeated_nothing_changes(school: School) -> None:
    school.one.visit("P1", "A1")
    school.sync(school.one)
    before = school.central.page("", 1000)
    with school.one.store.connection().write() as db:
        db.execute("UPDATE outbox SET state = 'pending'")
    school.sync(school.one)
    assert school.one.states() == {"accepted": 1}
    assert school.central.page("", 1000) == before


def test_every_row_of_the_table_has_a_test() -> None:
    names = [name for name in globals() if name.startswith("test_")]
    named = {
        Conflict.LENT_TWICE: "lent_twice", Conflict.LENT_CENTRALLY: "lent_centrally",
        Conflict.RETURNED_LATER: "returned_elsewhere", Conflict.PATRON_BARRED: "patron_barred",
        Conflict.UNKNOWN: "unknown", Conflict.DUE_DIFFERS: "due_differs",
        Conflict.HELD_FOR_ANOTHER: "held_for_another", Conflict.REPEATED: "repeated",
    }  # fmt: skip
    assert named.keys() | TEXTBOOK_DAYS == CONFLICTS.keys() == set(Conflict)
    for name in named.values():
        assert any(name in one for one in names)
