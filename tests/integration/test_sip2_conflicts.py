"""DESIGN.md 5's table of conflicts, row by row, through whole desks and a library system that speaks SIP2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.circulation.acts import Kind
from kiosk.circulation.clock import reckon
from kiosk.circulation.conflicts import CONFLICTS, TEXTBOOK_DAYS, Conflict
from kiosk.circulation.delivery import Delivery, Reason, WayOut
from kiosk.circulation.model import Scan
from kiosk.circulation.policy import is_overdue
from kiosk.desk import Type
from kiosk.store import reads
from kiosk.store.outbox import Entry
from kiosk.sync.secret import Secret
from kiosk.sync.sip2 import Sip2Settings
from kiosk.sync.sip2.connector import Sip2Connector
from kiosk.sync.sip2.line import Line
from tests.sip2_library import NO_LOOK_UPS, Copy, Library, Reader
from tests.sip2_server import Fault, Sip2Server, serving
from tests.sync_fixture import ITEMS, MONDAY, PATRONS, Kiosk, KioskClock, folder_in_memory, new_kiosk


@dataclass
class School:
    """Two kiosks with imported readers and books, and a library system with the same."""

    folder: Path
    server: Sip2Server
    clock: KioskClock
    library: Library
    kiosks: list[Kiosk] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.one, self.two = (self._kiosk(name) for name in ("one", "two"))

    def _kiosk(self, name: str) -> Kiosk:
        settings = Sip2Settings("127.0.0.1", self.server.port, "kiosk", timeout_s=0.5)
        connector = Sip2Connector(Line(settings, Secret("secret")), settings, lambda: self.clock.read().wall)
        kiosk = new_kiosk(self.folder, connector, self.clock, name, imported=True)
        self.kiosks.append(kiosk)
        return kiosk

    def sync(self, *kiosks: Kiosk) -> None:
        """A round each; every ledger adds up."""
        for kiosk in kiosks:
            done = kiosk.round()
            assert not done.problem, done.problem
            assert kiosk.faults() == []

    def looks_up(self, kiosk: Kiosk, barcode: str = "", card: str = "") -> None:
        """What a desk does that wants to know."""
        look_up = kiosk.connector.look_up
        assert look_up is not None
        kiosk.mirror.learn(look_up.item(barcode) if barcode else look_up.patron(card))


@pytest.fixture
def school() -> Iterator[School]:
    clock = KioskClock(MONDAY)
    library = Library(lambda: clock.read().wall).fill(PATRONS, ITEMS)
    with folder_in_memory() as folder, serving(library) as server:
        made = School(folder, server, clock, library)
        yield made
        for kiosk in made.kiosks:
            kiosk.connector.close()


def parked(kiosk: Kiosk) -> Entry:
    (entry,) = kiosk.outbox.entries([Delivery.PARKED])
    return entry


def test_lent_twice_the_second_is_parked_and_one_touch_makes_it_the_loan(school: School) -> None:
    school.one.visit("P1", "A1")
    school.clock.move(60)
    school.two.visit("P2", "A1")
    school.sync(school.one, school.two)
    entry = parked(school.two)
    assert (entry.reason, entry.ways_out[0]) == (Reason.ON_LOAN_ELSEWHERE, WayOut.RESOLVE)
    assert school.library.loans() == {"A1": "P1"} and school.two.loans()["A1"][0] == "P2"
    school.two.outbox.settle_by_hand(entry.seq, WayOut.RESOLVE, "Қарлығаш")
    school.sync(school.two)
    assert school.library.loans() == {"A1": "P2"}
    assert school.library.done == [("lent", "A1", "P1"), ("returned", "A1", "P1"), ("lent", "A1", "P2")]
    school.looks_up(school.one, barcode="A1")
    school.looks_up(school.one, card="P2")
    assert school.one.loans()["A1"][0] == "P2"


def test_lent_centrally_is_parked_and_one_touch_settles_it(school: School) -> None:
    school.library.copies["A1"].card = "P3"
    school.one.visit("P1", "A1", "A2")
    school.sync(school.one)
    entry = parked(school.one)
    assert (entry.reason, entry.item, entry.text) == (
        Reason.ON_LOAN_ELSEWHERE, "A1", "Item checked out to another patron"
    )  # fmt: skip
    assert school.library.loans() == {"A1": "P3", "A2": "P1"}, "and it holds nothing else up"
    school.one.outbox.settle_by_hand(entry.seq, WayOut.RESOLVE, "Қарлығаш")
    school.sync(school.one)
    assert school.library.loans() == {"A1": "P1", "A2": "P1"}


def test_lent_centrally_and_settled_over_a_broken_line(school: School) -> None:
    """The other's loan is ended, and then nobody knows whether ours was made."""
    school.library.copies["A1"].card = "P3"
    school.one.visit("P1", "A1")
    school.sync(school.one)
    school.one.outbox.settle_by_hand(parked(school.one).seq, WayOut.RESOLVE, "Қарлығаш")
    faults = school.server.faults
    faults.only, faults.planned = frozenset({"11"}), [Fault.CUT_AFTER]
    assert school.one.round().problem
    school.clock.move(600)
    school.one.sync.once()
    assert school.library.done == [("returned", "A1", "P3"), ("lent", "A1", "P1")]
    assert school.one.states() == {"accepted": 1}


def test_returned_elsewhere_our_loan_ends_as_soon_as_it_is_looked_up(school: School) -> None:
    school.one.visit("P1", "A1")
    school.sync(school.one)
    school.library.copies["A1"].card = None
    school.looks_up(school.one, barcode="A1")
    assert school.one.loans() == {} and school.one.faults() == []


def test_returned_elsewhere_and_lent_again_our_late_return_ends_nobodys_loan(school: School) -> None:
    school.one.visit("P1", "A1")
    school.sync(school.one)
    school.one.scan("A1")
    school.one.wait(30)
    school.clock.move(3600)
    school.library.copies["A1"].card = "P3"
    school.sync(school.one)
    assert school.library.loans() == {"A1": "P3"}
    (entry,) = school.one.outbox.entries([], flagged=True)
    assert (entry.kind, entry.reason) == (Kind.CHECKIN, Reason.ON_LOAN_ELSEWHERE)


def test_patron_barred_meanwhile_the_loan_stands_and_staff_see_it(school: School) -> None:
    school.library.readers["P1"].blocked = True
    school.one.visit("P1", "A1")
    school.sync(school.one)
    assert parked(school.one).reason is Reason.PATRON_BLOCKED
    assert school.one.loans()["A1"][0] == "P1"
    school.looks_up(school.one, card="P1")
    assert school.one.visit("P1", "A2") == "err.card_blocked"
    school.library.readers["P1"].blocked = False
    school.one.outbox.settle_by_hand(parked(school.one).seq, WayOut.RETRY, "Қарлығаш")
    school.sync(school.one)
    assert school.library.loans() == {"A1": "P1"}


def test_patron_barred_by_the_limit_goes_again_when_a_return_has_made_room(school: School) -> None:
    school.library.limit = 1
    for barcode in ("A1", "A2"):
        school.one.visit("P1", barcode)
        school.sync(school.one)
    assert parked(school.one).reason is Reason.LOAN_LIMIT
    school.one.scan("A1")
    school.one.wait(30)
    school.sync(school.one, school.one)
    assert school.library.loans() == {"A2": "P1"} and school.one.states() == {"accepted": 3}


def test_unknown_is_parked_and_tried_again_by_itself(school: School) -> None:
    del school.library.readers["P1"], school.library.copies["A2"]
    school.one.visit("P1", "A1")
    school.one.visit("P3", "A2")
    school.sync(school.one)
    assert [one.reason for one in school.one.outbox.entries([Delivery.PARKED])] == [
        Reason.PATRON_UNKNOWN, Reason.ITEM_UNKNOWN
    ]  # fmt: skip
    school.library.readers["P1"] = Reader("Аты1")
    school.sync(school.one)
    assert school.library.loans() == {}, "not every half a minute"
    school.clock.move(3700)
    school.sync(school.one)
    assert school.library.loans() == {"A1": "P1"}
    assert parked(school.one).reason is Reason.ITEM_UNKNOWN


def test_unknown_goes_again_at_once_when_it_has_been_looked_up(school: School) -> None:
    del school.library.readers["P1"]
    school.one.visit("P1", "A1")
    school.sync(school.one)
    school.library.readers["P1"] = Reader("Аты1")
    school.looks_up(school.one, card="P1")
    school.sync(school.one)
    assert school.library.loans() == {"A1": "P1"}


@pytest.mark.parametrize("days", [4, 20])
def test_due_differs_centrals_is_shown_and_nobody_is_overdue_before_the_promised_day(school: School, days: int) -> None:
    school.library.days = days
    school.one.visit("P1", "A1")
    promised = school.one.acknowledged[0].due
    assert promised is not None
    school.sync(school.one)
    shown = (MONDAY + timedelta(days=days)).date()
    assert school.one.loans()["A1"] == ("P1", shown.isoformat())
    with school.one.store.connection().read() as db:
        (loan,) = (reads.to_loan(row) for row in db.execute(f"SELECT {reads.LOAN} FROM loans l").fetchall())
    last = max(shown, promised)
    for day, late in ((shown, False), (promised, False), (last, False), (last + timedelta(days=1), True)):
        school.clock.set(MONDAY.replace(month=day.month, day=day.day), True)
        assert is_overdue(loan, reckon(school.clock.read(), None)) is late, day


def test_held_for_another_meanwhile_the_loan_stands_and_staff_see_it(school: School) -> None:
    school.library.copies["A1"].shelved_for = "P3"
    school.one.visit("P1", "A1")
    school.sync(school.one)
    assert parked(school.one).reason is Reason.RESERVED
    assert school.one.loans()["A1"][0] == "P1"
    school.library.copies["A1"].shelved_for = None
    school.one.outbox.settle_by_hand(parked(school.one).seq, WayOut.RESOLVE, "Қарлығаш")
    school.sync(school.one)
    assert school.library.loans() == {"A1": "P1"}


def test_repeated_nothing_changes(school: School) -> None:
    school.one.visit("P1", "A1")
    school.one.visit("P2", "A2")
    school.one.scan("A2")
    school.one.wait(30)
    school.sync(school.one)
    done = list(school.library.done)
    assert len(done) == 3
    with school.one.store.connection().write() as db:
        db.execute("UPDATE outbox SET state = 'pending' WHERE seq IN (1, 3)")
    school.sync(school.one)
    assert school.library.done == done and school.one.states() == {"accepted": 3}


def test_a_hold_is_placed_and_taken_back(school: School) -> None:
    school.one.visit("P1", "A0")
    school.one.visit("P2", "A1")
    school.one.scan("P3")
    school.one.press("search")
    school.one.take(Type("Кітап 0"))
    school.one.press("hold", school.one.desk.view().rows[0].id)
    school.one.press("finish")
    school.sync(school.one)
    assert [card for card, _ in school.library.holds] == ["P3"]
    assert school.one.states() == {"accepted": 3}


def test_a_system_that_tells_of_nothing_has_doubts_settled_by_staff(school: School) -> None:
    """It takes neither 17 nor 63: of an act without an answer nobody can know, and it is not sent again."""
    school.library.supports = NO_LOOK_UPS
    school.one.visit("P1", "A1")
    faults = school.server.faults
    faults.only, faults.planned = frozenset({"11"}), [Fault.CUT_AFTER]
    assert school.one.round().problem
    school.clock.move(600)
    school.one.sync.once()
    assert parked(school.one).reason is Reason.BAD_ANSWER
    assert len(school.server.asked("11")) == 1
    assert parked(school.one).ways_out == (WayOut.RETRY, WayOut.DISMISS)


@pytest.mark.parametrize("lists", ["titles", "none"])
def test_a_system_whose_lists_name_no_numbers(school: School, lists: str) -> None:
    school.library.lists = lists
    school.one.visit("P1", "A1")
    faults = school.server.faults
    faults.only, faults.planned = frozenset({"11"}), [Fault.CUT_AFTER]
    assert school.one.round().problem
    school.clock.move(600)
    school.one.sync.once()
    assert school.library.done == [("lent", "A1", "P1")]
    assert school.one.states() == ({"accepted": 1} if lists == "titles" else {"parked": 1})


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


# The desk that asks: codes that it does not know, and before it lends.


def asking(school: School, asks: str, lend_unknown: bool = False) -> Kiosk:
    """A third kiosk, which asks, and has had its first round."""
    connector = school.one.connector
    kiosk = new_kiosk(school.folder, connector, school.clock, "three", imported=True, asks=asks)
    if lend_unknown:
        kiosk.off()
        kiosk.lend_unknown = True
        kiosk.boot()
    school.sync(kiosk)
    return kiosk


def test_a_card_and_a_book_that_only_central_knows_are_lent_after_a_look_up(school: School) -> None:
    kiosk = asking(school, "tells")
    school.library.readers["NEW"] = Reader("Айгерім Серікқызы")
    school.library.copies["B7"] = Copy("Көшпенділер")
    assert kiosk.visit("NEW", "B7") == "ok.checked_out"
    school.sync(kiosk)
    assert school.library.loans() == {"B7": "NEW"}
    assert kiosk.rows("SELECT title FROM titles t JOIN items i ON i.title_id = t.id WHERE barcode = 'B7'") == [
        ("Көшпенділер",)
    ]


def test_a_book_lent_by_its_barcode_alone_gets_its_title_when_the_loan_is_told(school: School) -> None:
    kiosk = asking(school, "tells", lend_unknown=True)
    school.library.copies["B7"] = Copy("Көшпенділер")
    faults = school.server.faults
    faults.planned = [Fault.CUT_BEFORE] * 40
    assert kiosk.round().problem
    kiosk.scan("P1")
    assert kiosk.take(Scan("B7", "gate", "item")) == "ok.checked_out"
    kiosk.press("finish")
    faults.planned.clear()
    school.sync(kiosk)
    assert school.library.loans() == {"B7": "P1"}
    assert kiosk.rows("SELECT title FROM titles t JOIN items i ON i.title_id = t.id WHERE barcode = 'B7'") == [
        ("Көшпенділер",)
    ]


def test_asked_first_central_says_no_and_nothing_is_lent(school: School) -> None:
    kiosk = asking(school, "first tells")
    school.library.copies["A1"].card = "P3"
    kiosk.visit("P1", "A1", "A2")
    assert kiosk.loans().keys() == {"A2"} and school.library.loans() == {"A1": "P3", "A2": "P1"}
    assert school.library.done == [("lent", "A2", "P1")], "asked once, and not told again"
    school.sync(kiosk)
    assert school.library.done == [("lent", "A2", "P1")]


def test_asked_first_and_not_answered_it_is_lent_here_and_told_once(school: School) -> None:
    kiosk = asking(school, "first tells")
    faults = school.server.faults
    faults.only, faults.planned = frozenset({"11"}), [Fault.CUT_AFTER]
    kiosk.visit("P1", "A1")
    assert kiosk.loans()["A1"][0] == "P1"
    school.clock.move(600)
    kiosk.sync.once()
    assert school.library.done == [("lent", "A1", "P1")] and kiosk.states() == {"accepted": 1}
