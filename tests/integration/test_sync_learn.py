"""What a look-up told, into the copy of a kiosk whose central library cannot list what it has (Mirror.learn)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pytest

from kiosk.circulation.delivery import Accepted, Outcome, Parcel, Reason, RefusedByCentral, WayOut
from kiosk.circulation.facts import Fact, ItemFact, LoanFact, PatronFact, TitleFact
from kiosk.circulation.model import Block, BlockKind, ItemKind, ItemStatus
from kiosk.errors import ConnectorError
from kiosk.store.outbox import StoreOutbox
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from kiosk.sync.vetting import vet_facts
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, folder_in_memory, new_kiosk

DUE = date(2026, 10, 7)
YES = Accepted(0)


@dataclass
class Curt(MemoryConnector):
    """A central that cannot list: it says yes or no to each act, and a few facts."""

    central: MemoryCentral
    answer: Outcome = YES
    pulls: bool = False

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        return [self.answer for _ in parcels]


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    """With pupils P0.. and books A0.. imported, and a central that has told nothing yet."""
    with folder_in_memory() as folder:
        clock = KioskClock(MONDAY)
        yield new_kiosk(folder, Curt(MemoryCentral(lambda: clock.read().wall)), clock, imported=True)


def patron(card: str, name: str = "", *blocks: Block, lost: bool = False) -> PatronFact:
    first, _, last = name.partition(" ")
    return PatronFact(card, 0, first, last, cards=((card, lost),), blocks=blocks)


def book(barcode: str, status: ItemStatus, title: str = "Абай жолы") -> tuple[Fact, ...]:
    return (
        TitleFact(f"t-{title}", 0, title),
        ItemFact(barcode, 0, f"t-{title}", barcode, None, ItemKind.BOOK, status, "loan_desk"),
    )


def loan(card: str, barcode: str, due: date | None = DUE) -> LoanFact:
    return LoanFact(f"{card}-{barcode}", 0, card, "t", barcode, date(2026, 9, 21), due, 10, 0)


def answer(kiosk: Kiosk, outcome: Outcome) -> None:
    assert isinstance(kiosk.connector, Curt)
    kiosk.connector.answer = outcome


def lend(kiosk: Kiosk, card: str, barcode: str) -> None:
    kiosk.visit(card, barcode)
    done = kiosk.round()
    assert not done.problem, done.problem


def test_somebody_and_something_new_are_known_from_then_on(kiosk: Kiosk) -> None:
    kiosk.mirror.learn((patron("NEW", "Айгерім Серікқызы"), *book("B7", ItemStatus.AVAILABLE)))
    assert kiosk.visit("NEW", "B7") == "ok.checked_out"
    assert kiosk.loans()["B7"][0] == "NEW"
    assert kiosk.rows("SELECT count(*) FROM patrons WHERE id = 'NEW'") == [(0,)], "a card is no id of ours"
    assert kiosk.faults() == []


def test_what_is_known_here_keeps_its_names_and_class(kiosk: Kiosk) -> None:
    before = kiosk.rows("SELECT first_name, last_name, grade, letter FROM patrons ORDER BY 1")
    titles = kiosk.rows("SELECT title, author FROM titles ORDER BY 1")
    kiosk.mirror.learn((patron("P1", "SOMEBODY ELSE"), *book("A1", ItemStatus.AVAILABLE, "KITAP 0 : ROMAN")))
    assert kiosk.rows("SELECT first_name, last_name, grade, letter FROM patrons ORDER BY 1") == before
    assert kiosk.rows("SELECT title, author FROM titles ORDER BY 1") == titles, "and no title without a copy"
    assert kiosk.rows("SELECT w.title FROM items i JOIN titles w ON w.id = i.title_id WHERE barcode = 'A1'") == [
        ("Кітап 0",)
    ]


def test_a_block_and_its_end_are_taken_over(kiosk: Kiosk) -> None:
    kiosk.mirror.learn((patron("P1", "", Block(BlockKind.DEBT)),))
    assert kiosk.visit("P1", "A1") == "err.debt"
    kiosk.mirror.learn((patron("P1"),))
    assert kiosk.visit("P1", "A1") == "ok.checked_out"


def test_a_lost_card_stays_lost(kiosk: Kiosk) -> None:
    kiosk.mirror.learn((patron("P1", lost=True),))
    kiosk.mirror.learn((patron("P1"),))
    assert kiosk.rows("SELECT lost FROM cards WHERE number = 'P1'") == [(1,)]


def test_a_second_card_is_the_same_patron(kiosk: Kiosk) -> None:
    with kiosk.store.connection().write() as db:
        db.execute("INSERT INTO cards SELECT 'SECOND', patron_id, 0 FROM cards WHERE number = 'P1'")
    before = kiosk.rows("SELECT count(*) FROM patrons")
    kiosk.mirror.learn(
        (patron("P1", "А"), patron("SECOND", "А"), *book("A1", ItemStatus.ON_LOAN), loan("SECOND", "A1"))
    )
    assert kiosk.rows("SELECT count(*) FROM patrons") == before
    assert kiosk.loans()["A1"] == ("P1", DUE.isoformat())


def test_a_loan_made_elsewhere_is_shown_and_ends_when_central_says_that_it_is_in(kiosk: Kiosk) -> None:
    kiosk.mirror.learn((*book("A1", ItemStatus.ON_LOAN), loan("P1", "A1")))
    assert kiosk.loans() == {"A1": ("P1", DUE.isoformat())}
    kiosk.mirror.learn(book("A1", ItemStatus.AVAILABLE))
    assert kiosk.loans() == {} and kiosk.faults() == []


def test_out_but_nobody_says_to_whom_leaves_it_as_it_is(kiosk: Kiosk) -> None:
    kiosk.mirror.learn(book("A1", ItemStatus.ON_LOAN))
    assert kiosk.rows("SELECT status FROM items WHERE barcode = 'A1'") == [("available",)]


@pytest.mark.parametrize("here", ["reading_room", "awaiting_check", "in_repair"])
def test_where_an_item_stands_only_the_kiosk_knows(kiosk: Kiosk, here: str) -> None:
    with kiosk.store.connection().write() as db:
        point = "reading_room" if here == "reading_room" else "loan_desk"
        db.execute("UPDATE items SET status = ?, service_point = ?, last_seq = 1 WHERE barcode = 'A1'", (here, point))
    kiosk.mirror.learn(book("A1", ItemStatus.AVAILABLE))
    assert kiosk.rows("SELECT status FROM items WHERE barcode = 'A1'") == [(here,)]


def test_an_act_on_its_way_lies_over_what_is_learned(kiosk: Kiosk) -> None:
    kiosk.visit("P1", "A1")
    kiosk.mirror.learn((*book("A1", ItemStatus.ON_LOAN), loan("P2", "A1")))
    assert kiosk.loans()["A1"][0] == "P1"
    assert kiosk.states() == {"pending": 1}


def test_centrals_due_date_is_shown_and_the_promised_one_kept(kiosk: Kiosk) -> None:
    answer(kiosk, Accepted(0, facts=(loan("P1", "A1", date(2026, 9, 25)),)))
    lend(kiosk, "P1", "A1")
    assert kiosk.rows("SELECT due, promised, days FROM loans") == [("2026-09-25", "2026-10-01", 10)]
    ((loan_id,),) = kiosk.rows("SELECT id FROM loans")
    assert loan_id == kiosk.acknowledged[0].id and kiosk.faults() == []


def test_no_date_from_central_leaves_ours(kiosk: Kiosk) -> None:
    answer(kiosk, Accepted(0, facts=(loan("P1", "A1", None),)))
    lend(kiosk, "P1", "A1")
    assert kiosk.rows("SELECT due, promised FROM loans") == [("2026-10-01", None)]


def test_an_accepted_act_makes_void_what_was_said_before(kiosk: Kiosk) -> None:
    kiosk.mirror.learn((*book("A1", ItemStatus.ON_LOAN), loan("P1", "A1")))
    kiosk.scan("A1")  # returned here
    kiosk.wait(30)
    kiosk.round()
    answer(kiosk, RefusedByCentral(Reason.OTHER, "no"))
    lend(kiosk, "P2", "A1")
    (entry,) = kiosk.rows("SELECT seq FROM outbox WHERE state = 'parked'")
    StoreOutbox(kiosk.syncs, kiosk.clock, pulls=True).settle_by_hand(entry[0], WayOut.DISMISS, "Қ", "жоқ")
    assert kiosk.loans()["A1"][0] == "P2", "not P1: that loan was returned, and central has said nothing since"


def test_what_central_said_with_its_refusal_holds_once_the_act_is_dismissed(kiosk: Kiosk) -> None:
    answer(kiosk, RefusedByCentral(Reason.ON_LOAN_ELSEWHERE, "no", (*book("A1", ItemStatus.ON_LOAN), loan("P2", "A1"))))
    lend(kiosk, "P1", "A1")
    assert kiosk.loans()["A1"][0] == "P1", "the act lies over it"
    ((seq,),) = kiosk.rows("SELECT seq FROM outbox WHERE state = 'parked'")
    StoreOutbox(kiosk.syncs, kiosk.clock, pulls=True).settle_by_hand(seq, WayOut.DISMISS, "Қ", "жоқ")
    assert kiosk.loans()["A1"] == ("P2", DUE.isoformat()) and kiosk.faults() == []


@pytest.mark.parametrize("reason", [Reason.PATRON_UNKNOWN, Reason.ITEM_UNKNOWN])
def test_what_was_unknown_goes_again_once_it_is_known(kiosk: Kiosk, reason: Reason) -> None:
    answer(kiosk, RefusedByCentral(reason))
    lend(kiosk, "P1", "A1")
    kiosk.visit("P2", "A4")
    kiosk.round()
    assert kiosk.states() == {"parked": 2}
    kiosk.mirror.learn((patron("P1", "А"),) if reason is Reason.PATRON_UNKNOWN else book("A1", ItemStatus.AVAILABLE))
    assert kiosk.states() == {"parked": 1, "pending": 1}


def test_facts_in_a_wrong_form_are_not_taken() -> None:
    right = patron("P1", "А")
    assert vet_facts((right,)) == (right,)
    for wrong in ([right], (replace(right, cards=(("", False),)),), ("P1",), (right,) * 2000):
        with pytest.raises(ConnectorError):
            vet_facts(wrong)


def test_an_answer_holds_without_what_was_said_beside_it(kiosk: Kiosk) -> None:
    answer(kiosk, Accepted(0, facts=(replace(loan("P1", "A1"), days=-1),)))
    lend(kiosk, "P1", "A1")
    assert kiosk.states() == {"accepted": 1}
    assert kiosk.rows("SELECT due FROM loans") == [("2026-10-01",)]


@pytest.mark.parametrize("due", [date(2026, 9, 25), date(2026, 10, 30)])
def test_another_due_date_takes_no_undo_away(kiosk: Kiosk, due: date) -> None:
    answer(kiosk, Accepted(0, facts=(loan("P1", "A1", due),)))
    kiosk.scan("P1", "A1")
    kiosk.round()
    assert kiosk.loans()["A1"] == ("P1", due.isoformat())
    answer(kiosk, YES)
    (row,) = kiosk.desk.view().rows
    assert kiosk.press("undo", row.id) == "ok.undone"
    assert kiosk.loans() == {} and kiosk.faults() == []


def test_what_happened_at_another_place_since_does(kiosk: Kiosk) -> None:
    kiosk.scan("P1", "A1")
    kiosk.round()
    (row,) = kiosk.desk.view().rows
    kiosk.mirror.learn((*book("A1", ItemStatus.ON_LOAN), loan("P2", "A1")))
    assert kiosk.press("undo", row.id) == "err.undo_too_late"
    assert kiosk.loans()["A1"][0] == "P2"
