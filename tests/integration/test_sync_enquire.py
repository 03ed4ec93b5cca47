"""What is unknown here is asked for in a central library that cannot list what it has, while the desk goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.circulation.delivery import Accepted, Outcome, Parcel, Reason, RefusedByCentral, Unreachable
from kiosk.circulation.facts import Fact, ItemFact, PatronFact, TitleFact
from kiosk.circulation.model import ItemKind, ItemStatus, Scan
from kiosk.desk import Press, Type
from kiosk.errors import ConnectorError
from kiosk.ports import Greeting
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, folder_in_memory, new_kiosk


@dataclass
class Counter(MemoryConnector):
    """A central that cannot list: it can be asked about one card or number (ports.LookUp), and takes what it knows."""

    central: MemoryCentral
    pulls: bool = False
    away: bool = False
    facts: dict[str, tuple[Fact, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: list[Parcel] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.look_up = self

    def hello(self) -> Greeting:
        if self.away:
            raise ConnectorError("no answer")
        return super().hello()

    def patron(self, card: str) -> tuple[Fact, ...]:
        return self._told(f"patron {card}")

    def item(self, number: str) -> tuple[Fact, ...]:
        return self._told(f"item {number}")

    def _told(self, what: str) -> tuple[Fact, ...]:
        if self.away:
            raise ConnectorError("no answer")
        self.asked.append(what)
        return self.facts.get(what, ())

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        if self.away:
            return [Unreachable("away")] * len(parcels)
        self.sent += parcels
        return [
            Accepted(0)
            if parcel.barcode is None or parcel.barcode[0] == "A" or f"item {parcel.barcode}" in self.facts
            else RefusedByCentral(Reason.ITEM_UNKNOWN)
            for parcel in parcels
        ]

    def find_out(self, parcel: Parcel) -> Outcome | None:
        return None

    def enter(self, barcode: str, title: str) -> None:
        """Somebody catalogues a book at central."""
        self.facts[f"item {barcode}"] = (
            TitleFact(f"t-{title}", 0, title),
            ItemFact(barcode, 0, f"t-{title}", barcode, None, ItemKind.BOOK, ItemStatus.AVAILABLE, "loan_desk"),
        )


@dataclass
class School:
    """A kiosk with pupils P0.. and books A0.. of an import; central also knows N-AIDA and the book N1."""

    folder: Path

    def __post_init__(self) -> None:
        self.clock = KioskClock(MONDAY)
        self.counter = Counter(MemoryCentral(lambda: self.clock.read().wall))
        self.counter.enter("N1", "Жаңа кітап")
        self.counter.facts["patron N-AIDA"] = (PatronFact("N-AIDA", 0, "Аида", "Серік", cards=(("N-AIDA", False),)),)
        self.kiosk: Kiosk = new_kiosk(self.folder, self.counter, self.clock, imported=True, asks="tells")
        assert self.kiosk.round().reached

    def read_item(self, barcode: str) -> str:
        """Scan by a reader that gives only items."""
        return self.kiosk.take(Scan(barcode, "gate", "item"))

    def title(self, barcode: str) -> str:
        """What a book is called here."""
        query = "SELECT t.title FROM items i JOIN titles t ON t.id = i.title_id WHERE barcode = ?"
        return str(self.kiosk.rows(query, barcode)[0][0])


@pytest.fixture
def school() -> Iterator[School]:
    with folder_in_memory() as folder:
        made = School(folder)
        yield made
        made.kiosk.off()


def test_an_unknown_card_and_an_unknown_book_are_found_at_central(school: School) -> None:
    school.kiosk.scan("N-AIDA")
    patron = school.kiosk.desk.view().patron
    assert patron is not None and patron.name == "Аида С."
    assert school.kiosk.scan("N1") == "ok.checked_out"
    assert school.kiosk.loans()["N1"][0] == "N-AIDA" and school.title("N1") == "Жаңа кітап"
    assert school.kiosk.faults() == []


def test_what_was_found_once_is_known(school: School) -> None:
    school.kiosk.visit("P1", "N1")
    school.counter.away = True
    school.counter.asked.clear()
    assert school.kiosk.scan("N1") == "ok.returned"
    assert school.counter.asked == []


def test_what_is_known_here_is_not_asked_for(school: School) -> None:
    school.kiosk.visit("P1", "A1")
    assert school.counter.asked == []


def test_a_code_that_may_be_either_is_asked_for_as_both(school: School) -> None:
    assert school.kiosk.scan("NOBODY") == "err.code_unknown"
    assert school.counter.asked == ["patron NOBODY", "item NOBODY"]
    school.counter.asked.clear()
    assert school.read_item("NOBODY") == "err.book_unknown"
    assert school.counter.asked == ["item NOBODY"]
    school.counter.asked.clear()
    assert school.kiosk.take(Scan("NOBODY", "gate", "card")) == "err.card_unknown"
    assert school.counter.asked == ["patron NOBODY"]


def test_a_typed_number_is_asked_for(school: School) -> None:
    school.kiosk.scan("P1")
    school.kiosk.press("number")
    school.kiosk.take(Type("N1"))
    (row,) = school.kiosk.desk.view().rows
    assert row.text == "Жаңа кітап"
    assert school.kiosk.press("yes") == "ok.checked_out"


def test_scans_made_meanwhile_are_taken_in_order(school: School) -> None:
    school.kiosk.scan("P1")
    desk = school.kiosk.desk
    assert desk.take(Scan("N1")).view.message is not None and desk.waits_for_central
    desk.take(Scan("A1"))
    desk.take(Press("finish"))
    desk.take(Scan("P2"))
    assert desk.view().patron is not None and desk.view().patron.name.startswith("Аты1")  # type: ignore[union-attr]
    school.kiosk.serve()
    committed = desk.take(school.kiosk.replies.get()).committed
    assert [school.kiosk.store.barcode(act.item_id or "") for act in committed] == ["N1", "A1"]
    assert desk.view().patron is not None and desk.view().patron.name.startswith("Аты2")  # type: ignore[union-attr]


def test_with_central_away_it_is_said_kindly_and_at_once(school: School) -> None:
    school.counter.away = True
    school.kiosk.round()
    school.kiosk.scan("P1")
    outcome = school.kiosk.desk.take(Scan("N1"))
    assert outcome.view.message is not None and outcome.view.message.key == "err.book_unknown"


def test_an_answer_too_late_is_of_use_the_next_time(school: School) -> None:
    school.kiosk.scan("P1")
    school.kiosk.desk.take(Scan("N1"))
    assert school.kiosk.questions is not None and school.kiosk.questions.take() is not None
    view = school.kiosk.desk.give_up().view
    assert view.message is not None and view.message.key == "err.book_unknown"
    assert not school.kiosk.questions.is_there(), "one question lies with central: another would wait behind it"


def test_garbage_of_central_is_not_learned(school: School) -> None:
    school.counter.facts["item N2"] = (PatronFact("x" * 10_000, 0, "Аида"),)
    assert school.kiosk.scan("P1", "N2") == "err.book_unknown"
    assert school.kiosk.rows("SELECT 1 FROM patrons WHERE first_name = 'Аида'") == []
    assert school.kiosk.faults() == []


def test_an_answer_about_something_else_is_not_asked_for_twice(school: School) -> None:
    school.counter.facts["item N2"] = school.counter.facts["item N1"]
    school.kiosk.scan("P1")
    assert school.kiosk.scan("N2") == "err.book_unknown"
    assert school.counter.asked.count("item N2") == 1


# A setting: what is unknown may be lent while central is away.


@pytest.fixture
def lending(school: School) -> School:
    """The librarian has allowed it, and central is away."""
    school.kiosk.off()
    school.kiosk.lend_unknown = True
    school.kiosk.boot()
    school.counter.away = True
    school.kiosk.round()
    return school


def test_an_unknown_book_is_lent_by_its_barcode(lending: School) -> None:
    lending.kiosk.scan("P1")
    assert lending.read_item("N9") == "ok.checked_out"
    assert lending.title("N9") == "N9" and lending.kiosk.loans()["N9"][0] == "P1"
    kinds = [row[0] for row in lending.kiosk.rows("SELECT kind FROM transactions ORDER BY seq DESC LIMIT 2")]
    assert kinds == ["checkout", "item_made"]
    assert lending.kiosk.faults() == []


def test_it_is_parked_by_a_central_that_does_not_know_it_and_goes_on_once_it_does(lending: School) -> None:
    lending.kiosk.scan("P1")
    lending.read_item("N9")
    lending.kiosk.press("finish")
    lending.counter.away = False
    lending.kiosk.round()
    assert lending.kiosk.states() == {"parked": 1} and lending.counter.sent[-1].barcode == "N9"
    lending.counter.enter("N9", "Табылған кітап")
    lending.kiosk.mirror.learn(lending.counter.facts["item N9"])
    lending.kiosk.round()
    assert lending.kiosk.states() == {"accepted": 1}
    assert lending.title("N9") == "Табылған кітап"
    assert lending.kiosk.faults() == []


def test_a_book_that_central_says_it_does_not_have_is_not_lent(lending: School) -> None:
    lending.counter.away = False
    lending.kiosk.round()
    lending.kiosk.scan("P1")
    assert lending.read_item("N9") == "err.book_unknown"


def test_nobody_lends_a_code_that_may_be_a_card_or_at_home(lending: School) -> None:
    assert lending.read_item("N9") == "err.book_unknown"
    lending.kiosk.scan("P1")
    assert lending.kiosk.scan("N9") == "err.book_unknown"
    assert lending.kiosk.take(Scan("N-WHO", "gate", "card")) == "err.card_unknown"
    assert lending.kiosk.rows("SELECT 1 FROM transactions WHERE kind = 'item_made'") == []


def test_a_central_that_goes_away_just_now_counts_as_away(lending: School) -> None:
    lending.counter.away = False
    lending.kiosk.round()
    lending.counter.away = True
    lending.kiosk.scan("P1")
    assert lending.read_item("N9") == "ok.checked_out"


def test_an_unknown_book_that_is_too_many_is_refused_like_any_other(lending: School) -> None:
    lending.kiosk.scan("P1", "A1", "A2", "A3")
    assert lending.read_item("N9") == "err.limit"
