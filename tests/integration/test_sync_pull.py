"""The way in: whose row a fact is of, what waits, what stays, and what is not believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kiosk.circulation.delivery import Delivery
from kiosk.circulation.facts import Fact, HoldFact, ItemFact, LoanFact, Page, PatronFact, TitleFact
from kiosk.circulation.intake import Intake, ItemRow, LoanRow, PatronRow
from kiosk.circulation.model import Block, BlockKind, HoldState, ItemKind, ItemStatus, PinKind, SchoolClass
from kiosk.errors import ConnectorError
from kiosk.ports import Greeting
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from kiosk.sync.vetting import LONGEST_TEXT, vet
from tests.store_fixture import take
from tests.sync_fixture import (
    ITEMS,
    MONDAY,
    PATRONS,
    Kiosk,
    KioskClock,
    central_at,
    central_loans,
    disagreements,
    folder_in_memory,
    new_kiosk,
)


@dataclass
class Telling(MemoryConnector):
    """Answers pulls with what it is told to; then as central does."""

    central: MemoryCentral
    pages: list[Page] = field(default_factory=list)

    def pull(self, cursor: str, limit: int) -> Page:
        return self.pages.pop(0) if self.pages else super().pull(cursor, limit)


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


@pytest.fixture
def kiosk(folder: Path) -> Kiosk:
    """A kiosk that has pulled everything."""
    clock = KioskClock(MONDAY)
    kiosk = new_kiosk(folder, Telling(central_at(clock)), clock, imported=True)
    assert not kiosk.round().problem
    return kiosk


def central_of(kiosk: Kiosk) -> MemoryCentral:
    assert isinstance(kiosk.connector, Telling)
    return kiosk.connector.central


def told(kiosk: Kiosk, *facts: Fact, **more: Any) -> str:
    """What goes wrong when a pull brings these facts."""
    assert isinstance(kiosk.connector, Telling)
    version = max([fact.version for fact in facts], default=central_of(kiosk).version)
    page = Page(facts, f"v{version}", version)
    kiosk.connector.pages.append(replace(page, **more))
    return kiosk.round().problem


def count(kiosk: Kiosk, table: str) -> int:
    return int(kiosk.rows(f"SELECT count(*) FROM {table}")[0][0])


def test_a_library_that_was_imported_before_is_recognised(kiosk: Kiosk) -> None:
    assert (count(kiosk, "patrons"), count(kiosk, "items"), count(kiosk, "titles")) == (PATRONS, ITEMS, ITEMS // 2)
    assert count(kiosk, "known_as") == PATRONS + ITEMS + ITEMS // 2
    assert disagreements(kiosk, central_of(kiosk)) == [] and kiosk.faults() == []


def test_what_a_kiosk_alone_knows_stays(kiosk: Kiosk) -> None:
    patron_id = kiosk.store.patron_named("P1")
    assert patron_id is not None
    kiosk.store.set_pin([patron_id], PinKind.DIGITS, "1234")
    with kiosk.store.connection().write() as db:
        db.execute("UPDATE patrons SET phone = '+7 701' WHERE id = ?", (patron_id,))
    patron = central_of(kiosk).get(PatronFact, "cp1")
    assert patron is not None
    central_of(kiosk).put(replace(patron, first_name="Жаңа", school_class=SchoolClass(6, "Ә")))
    kiosk.round()
    assert kiosk.rows("SELECT first_name, grade, letter, phone, pin_kind FROM patrons WHERE id = ?", patron_id) == [
        ("Жаңа", 6, "Ә", "+7 701", "digits")
    ]


def test_a_page_taken_twice_changes_nothing(kiosk: Kiosk) -> None:
    before = {table: kiosk.rows(f"SELECT * FROM {table}") for table in ("patrons", "items", "titles", "transactions")}
    with kiosk.store.connection().write() as db:
        db.execute("UPDATE sync SET value = '' WHERE key = 'cursor'")
    kiosk.round()
    assert before == {table: kiosk.rows(f"SELECT * FROM {table}") for table in before}


def test_a_page_for_another_cursor_is_passed_over(kiosk: Kiosk) -> None:
    kiosk.mirror.take(Page((PatronFact("cp1", 999, "Басқа"),), "v999", 999), "v1")
    assert count(kiosk, "patrons WHERE first_name = 'Басқа'") == 0 and kiosk.mirror.cursor() != "v999"


def test_what_is_older_than_what_is_known_is_passed_over(kiosk: Kiosk) -> None:
    assert told(kiosk, PatronFact("cp1", 1, "Ескі"), version=central_of(kiosk).version, cursor="v50") == ""
    assert count(kiosk, "patrons WHERE first_name = 'Ескі'") == 0


def test_an_item_waits_for_its_title_and_a_loan_for_its_patron_and_its_item(kiosk: Kiosk) -> None:
    item = ItemFact("ci90", 101, "ct90", "A90", None, ItemKind.BOOK, ItemStatus.ON_LOAN, "loan_desk")
    loan = LoanFact("L90", 102, "cp90", "ct90", "ci90", date(2026, 9, 1), date(2026, 9, 30), 10, 0)
    assert told(kiosk, item, loan) == ""
    assert count(kiosk, "items WHERE barcode = 'A90'") == 0 and kiosk.faults() == []
    assert told(kiosk, PatronFact("cp90", 103, "Жаңа", cards=(("P90", False),))) == ""
    assert told(kiosk, TitleFact("ct90", 104, "Жаңа кітап")) == ""
    assert kiosk.loans()["A90"] == ("P90", "2026-09-30")
    assert kiosk.faults() == []


def test_two_items_that_change_their_barcodes(kiosk: Kiosk) -> None:
    central = central_of(kiosk)
    one, two = central.get(ItemFact, "ci1"), central.get(ItemFact, "ci2")
    assert one is not None and two is not None
    central.put(replace(one, barcode="A2"))
    central.put(replace(two, barcode="A1"))
    kiosk.round()
    assert disagreements(kiosk, central) == []
    known = kiosk.rows("SELECT k.central_id, i.barcode FROM known_as k JOIN items i ON i.id = k.local_id")
    assert dict(known)["ci1"] == "A2" and dict(known)["ci2"] == "A1"


def test_a_card_goes_to_another_patron(kiosk: Kiosk) -> None:
    central = central_of(kiosk)
    one, two = central.get(PatronFact, "cp1"), central.get(PatronFact, "cp2")
    assert one is not None and two is not None
    central.put(replace(one, cards=()))
    central.put(replace(two, cards=(("P2", True), ("P1", False))))
    kiosk.round()
    assert kiosk.store.patron_named("P1") == kiosk.store.patron_named("P2")
    assert kiosk.rows("SELECT lost FROM cards WHERE number = 'P2'") == [(1,)]


def test_blocks_come_and_go(kiosk: Kiosk) -> None:
    central = central_of(kiosk)
    one = central.get(PatronFact, "cp1")
    assert one is not None
    one = central.put(replace(one, blocks=(Block(BlockKind.DEBT, date(2026, 12, 1)), Block(BlockKind.STAFF))))
    kiosk.round()
    assert kiosk.visit("P1", "A1") == "err.debt"
    central.put(replace(one, blocks=()))
    kiosk.round()
    assert kiosk.visit("P1", "A1") == "ok.checked_out"


def test_a_decision_made_before_a_pull_is_made_anew(kiosk: Kiosk) -> None:
    kiosk.scan("P1")
    one = central_of(kiosk).get(PatronFact, "cp1")
    assert one is not None
    central_of(kiosk).put(replace(one, left=True))
    kiosk.round()
    assert kiosk.scan("A1") == "err.reader_left"


def test_an_undo_after_a_pull_comes_too_late(kiosk: Kiosk) -> None:
    kiosk.scan("P1", "A1")
    kiosk.round()
    central = central_of(kiosk)
    (loan,) = central.all(LoanFact)
    central.put(replace(loan, patron_id="cp2"))
    kiosk.round()
    assert kiosk.press("undo", kiosk.desk.view().rows[0].id) == "err.undo_too_late"


def test_loans_and_holds_of_before_are_enrolled(folder: Path) -> None:
    clock = KioskClock(MONDAY)
    alone = new_kiosk(folder, Telling(central_at(clock)), clock, imported=True)
    take(alone.syncs, Intake.LOANS, [LoanRow(card="P1", barcode="A1", due=date(2026, 9, 30))])
    assert alone.states() == {}
    alone.round()
    assert central_loans(central_of(alone)) == {"A1": ("P1", "2026-09-30")}
    alone.round()
    assert disagreements(alone, central_of(alone)) == [] and alone.faults() == []


def test_a_title_is_changed_under_a_loan_once_the_book_is_back(kiosk: Kiosk) -> None:
    central = central_of(kiosk)
    kiosk.visit("P1", "A1")
    item = central.get(ItemFact, "ci1")
    assert item is not None
    kiosk.round()
    known = central.get(ItemFact, "ci1")
    assert known is not None
    central.put(replace(known, title_id="ct4"))
    kiosk.round()
    assert kiosk.faults() == []
    kiosk.scan("A1")
    kiosk.wait(30)
    kiosk.round()
    kiosk.round()
    title = kiosk.rows("SELECT t.title FROM items i JOIN titles t ON t.id = i.title_id WHERE barcode = 'A1'")
    assert title == [("Кітап 4",)] and kiosk.faults() == []


def test_a_hold_that_is_ready_at_another_kiosk(kiosk: Kiosk) -> None:
    central = central_of(kiosk)
    item = central.get(ItemFact, "ci1")
    assert item is not None
    central.put(HoldFact("H", 0, "ct0", "cp3", MONDAY.isoformat(), HoldState.READY, "ci1", date(2026, 9, 26)))
    central.put(replace(item, status=ItemStatus.HOLD_SHELF))
    kiosk.round()
    assert disagreements(kiosk, central) == [] and kiosk.faults() == []
    assert kiosk.visit("P2", "A1") == "err.reserved_other"
    assert kiosk.visit("P3", "A1") == "ok.checked_out"
    kiosk.round()
    kiosk.round()
    assert disagreements(kiosk, central) == [] and kiosk.rows("SELECT * FROM holds") == []


@pytest.mark.parametrize("total", [0, 5, None])
def test_an_answer_that_would_wipe_most_of_the_copy_stops_the_pull(kiosk: Kiosk, total: int | None) -> None:
    before = kiosk.rows("SELECT has_left FROM patrons")
    problem = told(kiosk, snapshot=True, total=total, cursor="v1")
    assert "lists only" in problem and "--accept-smaller" in problem
    assert kiosk.rows("SELECT has_left FROM patrons") == before
    kiosk.visit("P1", "A1")
    assert kiosk.round().pushed.accepted == 1, "what is here is still sent"
    assert kiosk.mirror.noted()["state"] == "online"


def test_a_wipe_that_is_accepted(kiosk: Kiosk) -> None:
    kiosk.visit("P1", "A1")
    kiosk.round()
    assert isinstance(kiosk.connector, Telling)
    kiosk.connector.pages.append(Page((PatronFact("cp1", 999, "Аты1"),), "v999", 999, snapshot=True, total=1))
    kiosk.sync.once(accept_smaller=True)
    assert kiosk.rows("SELECT count(*) FROM patrons WHERE has_left = 0") == [(1,)]
    assert {row[0] for row in kiosk.rows("SELECT status FROM items")} == {"written_off"}
    assert kiosk.loans() == {} and kiosk.faults() == []


def test_a_list_of_everything_ends_what_it_does_not_name(kiosk: Kiosk) -> None:
    central = central_of(kiosk)
    kiosk.visit("P1", "A1", "A2")
    kiosk.round()
    gone = next(one for one in central.all(LoanFact) if one.item_id == "ci1")
    for kind, fact_id in ((LoanFact, gone.id), (PatronFact, "cp5")):
        del central.facts[kind, fact_id]
    item = central.get(ItemFact, "ci1")
    assert item is not None
    central.put(replace(item, status=ItemStatus.AVAILABLE))
    with kiosk.store.connection().write() as db:
        db.execute("UPDATE sync SET value = '' WHERE key = 'cursor'")
    assert kiosk.round().problem == ""
    assert kiosk.loans().keys() == {"A2"} and kiosk.faults() == []
    assert kiosk.rows("SELECT number FROM cards JOIN patrons p ON p.id = patron_id WHERE has_left") == [("P5",)]


def bad(fact: Fact, **wrong: Any) -> Any:
    """A fact with something in it that no central would say."""
    return replace(fact, **wrong)


GOOD = PatronFact("cp1", 1, "Аты")
LOAN = LoanFact("L", 1, "cp1", "ct0", "ci0", date(2026, 9, 1), None, 10, 0)
HOLD = HoldFact("H", 1, "ct0", "cp1", MONDAY.isoformat(), HoldState.WAITING)
ITEM = ItemFact("ci0", 1, "ct0", None, None, ItemKind.BOOK, ItemStatus.AVAILABLE, "loan_desk")


@pytest.mark.parametrize(
    "fact",
    [
        bad(GOOD, id=""), bad(GOOD, id="x" * 101), bad(GOOD, id="a\x00b"), bad(GOOD, version=-1),
        bad(GOOD, version=2**63), bad(GOOD, version=True), bad(GOOD, first_name=None),
        bad(GOOD, left=1), bad(GOOD, expires="2026-01-01"), bad(GOOD, expires=MONDAY),
        bad(GOOD, cards=[("x", False)]), bad(GOOD, cards=(("x", 0),)), bad(GOOD, cards=(("x" * 200, False),)),
        bad(GOOD, blocks=("staff",)), bad(GOOD, school_class=(5, "А")),
        bad(GOOD, school_class=SchoolClass(10**9, "А")), bad(LOAN, since=None), bad(LOAN, days=-1),
        bad(LOAN, renewals=10**9), bad(LOAN, ended="no"), bad(LOAN, patron_id=None),
        bad(HOLD, placed="yesterday"), bad(HOLD, placed="2026-09-21T10:00:00"), bad(HOLD, state="ready"),
        bad(ITEM, status="available"), bad(ITEM, kind="book"), "fact", None, object(), {"id": "x"},
    ],
)  # fmt: skip
def test_what_has_a_wrong_form_is_refused_with_all_that_came_with_it(kiosk: Kiosk, fact: Any) -> None:
    fine = PatronFact("cp2", 500, "Бүлінбеген")
    assert isinstance(kiosk.connector, Telling)
    kiosk.connector.pages.append(Page((fine, fact), "v500", 500))
    problem = kiosk.round().problem
    assert problem.startswith("the central library sent what cannot be understood")
    assert count(kiosk, "patrons WHERE first_name = 'Бүлінбеген'") == 0 and kiosk.mirror.cursor() != "v500"


@pytest.mark.parametrize(
    "page",
    [
        None, "page", Page((), "", 1), Page((), "x" * 5000, 1), Page((), "a\nb", 1), Page((), "v1", -1),
        Page((), "v1", 1, more=1), Page((), "v1", 1, snapshot=None), Page((), "v1", 1, total=-1),  # type: ignore[arg-type]
        Page([GOOD], "v1", 1), Page((GOOD,) * 201, "v1", 1),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_what_is_no_page_is_refused(page: Any) -> None:
    with pytest.raises(ConnectorError):
        vet(page, 200)


def test_texts_are_cut_and_cleaned() -> None:
    page = vet(Page((bad(GOOD, first_name="А\x1b[31m\nтын\ud800" + "ы" * 5000, external_id=""),), "v1", 1), 200)
    (patron,) = page.facts
    assert isinstance(patron, PatronFact) and patron.external_id is None
    assert patron.first_name.startswith("А [31m тын") and len(patron.first_name) <= LONGEST_TEXT
    patron.first_name.encode()


def test_numbers_that_only_describe_are_left_out_if_they_are_none() -> None:
    (title,) = vet(Page((TitleFact("t", 1, "Абай", year="MMXX", pages=-3),), "v1", 1), 200).facts  # type: ignore[arg-type]
    assert isinstance(title, TitleFact) and title.year is None and title.pages is None


def test_a_central_that_does_not_get_on_is_stopped(kiosk: Kiosk) -> None:
    assert "does not get on" in told(kiosk, more=True, cursor=kiosk.mirror.cursor())


def test_a_hostile_library_leaves_a_ledger_that_adds_up(kiosk: Kiosk) -> None:
    """All of it has the right form, and none of it makes sense."""
    facts: list[Fact] = [
        LoanFact("X1", 500, "cp1", "ct0", "ci0", date(2026, 9, 1), None, 10, 0),
        LoanFact("X2", 501, "cp2", "ct5", "ci0", date(2026, 9, 1), date(2026, 1, 1), 10, 99),
        LoanFact("X3", 502, "nobody", "nothing", "nowhere", date(2026, 9, 1), None, 10, 0),
        LoanFact("X4", 503, "cp1", "ct1", None, date(2026, 9, 1), None, 10, 0),
        HoldFact("H1", 504, "ct0", "cp1", MONDAY.isoformat(), HoldState.READY, "ci1"),
        HoldFact("H2", 505, "ct0", "cp1", MONDAY.isoformat(), HoldState.READY, "ci1"),
        HoldFact("H3", 506, "ct0", "cp2", MONDAY.isoformat(), HoldState.READY, None),
        ItemFact("ci1", 507, "ct0", "A1", "A1", ItemKind.BOOK, ItemStatus.HOLD_SHELF, "moon"),
        ItemFact("ci2", 508, "ct1", "A1", None, ItemKind.BOOK, ItemStatus.ON_LOAN, "loan_desk"),
        ItemFact("ci3", 509, "ct1", None, None, ItemKind.BOOK, ItemStatus.HOLD_SHELF, "reading_room"),
        PatronFact("cp1", 510, "", external_id="E"),
        PatronFact("cp2", 511, "", external_id="E", cards=(("P1", False), ("P1", True))),
        TitleFact("ct0", 512, "Кітап 1", "Автор"),
    ]  # fmt: skip
    for fact in facts:
        assert told(kiosk, fact) == "", fact
        assert kiosk.faults() == [], fact
    assert kiosk.outbox.entries([Delivery.PARKED]) == []


def test_greetings_from_another_age_are_not_believed(kiosk: Kiosk) -> None:
    connector = kiosk.connector
    connector.hello = lambda: Greeting(MONDAY.replace(year=1970), 1)  # type: ignore[method-assign]
    assert "what time it is" in kiosk.round().problem


def test_importing_again_what_central_knows_makes_no_second_item(kiosk: Kiosk) -> None:
    take(kiosk.syncs, Intake.ITEMS, [ItemRow(title="Кітап 0", author="Автор", barcode="A1", inventory_no="1001")])
    take(kiosk.syncs, Intake.PATRONS, [PatronRow(card="P1", last_name="Тегі1", first_name="Аты1")])
    kiosk.round()
    assert (count(kiosk, "patrons"), count(kiosk, "items")) == (PATRONS, ITEMS)
