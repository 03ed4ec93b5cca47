"""What every Store promises the desk (ports.Store). SqliteStore is the only one so far."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest

from kiosk.circulation.acts import Act, Kind, LoanChange, Relied, StatusChange
from kiosk.circulation.appearance import Appearance, Theme
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import (
    Acts,
    CheckPin,
    Classes,
    Committed,
    CountVisit,
    FindActs,
    FindNumber,
    Hits,
    Identified,
    Identify,
    ListClass,
    ListClasses,
    Looked,
    LookUp,
    PinChecked,
    Probe,
    Pupils,
    Search,
    Stale,
    Works,
)
from kiosk.circulation.model import ItemRecord, ItemStatus, Loan, PatronRecord, SchoolClass
from kiosk.circulation.views import SyncState
from kiosk.errors import StoreError
from kiosk.ports import LedgerReader, Store
from kiosk.store import SqliteStore
from tests.scenario import Scenario, furnish

NOW = Moment(0.0, datetime(2026, 9, 22, 10, tzinfo=ZoneInfo("Asia/Almaty")), True, True)
LIBRARY = Scenario(
    "contract",
    Path(),
    {"PINs": ["C-ERLAN 1234"], "Patrons": ["card;last_name;first_name;class", "C-LOST;Жоғалов;Жомарт;6 «Б»"],
     "Facts": ["card C-LOST lost"]},
    0,
)  # fmt: skip


class Ledger(Store, LedgerReader, Protocol):
    """Both ports: the desk writes, the test reads what was written."""


@pytest.fixture(name="library", scope="module")
def _library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnish(tmp_path_factory.mktemp("library") / "kiosk", LIBRARY).store


@pytest.fixture(name="store", params=["sqlite"])
def _store(library: Path, tmp_path: Path) -> Iterator[Ledger]:
    path = tmp_path / "kiosk.db"
    shutil.copy(library, path)
    store = SqliteStore(path)
    yield store
    store.close()


def patron(store: Store, card: str = "C-AIGUL") -> PatronRecord:
    found = store.answer(Identify(card))
    assert isinstance(found, Identified) and found.card is not None
    return found.card


def item(store: Store, code: str = "B1") -> ItemRecord:
    found = store.answer(Identify(code))
    assert isinstance(found, Identified) and len(found.items) == 1
    return found.items[0]


def lending(act_id: str, record: PatronRecord, book: ItemRecord) -> Act:
    """An act that lends the book."""
    loan = Loan(act_id, record.patron.id, book.title.id, book.item.id, date(2026, 9, 22), date(2026, 10, 2), 10)
    changes = (LoanChange(None, loan), StatusChange(book.item.id, book.item.status, ItemStatus.ON_LOAN))
    return Act(act_id, Kind.CHECKOUT, record.patron.id, book.item.id, book.title.id, changes)


def relied(record: PatronRecord, book: ItemRecord) -> tuple[Relied, ...]:
    return (
        Relied("patrons", record.patron.id, record.patron.version),
        Relied("items", book.item.id, book.item.version),
        Relied("titles", book.title.id, book.title.version),
    )


def recorded(store: Ledger) -> list[str]:
    return [one.act.id for one in store.transactions()]


def test_it_works(store: Ledger) -> None:
    before = recorded(store)
    assert store.answer(Probe()) == Works()
    assert recorded(store) == before


def test_an_act_changes_what_it_says_and_all_versions(store: Ledger) -> None:
    who, book = patron(store), item(store)
    act = lending("a1", who, book)
    assert store.commit((act,), relied(who, book), NOW) == Committed((act,))
    lent, now_who = item(store), patron(store)
    assert lent.loan is not None and lent.loan.patron_id == who.patron.id
    assert lent.item.status is ItemStatus.ON_LOAN and lent.copies_in == book.copies_in - 1
    assert [line.loan.id for line in now_who.loans] == ["a1"]
    assert now_who.patron.version > who.patron.version
    assert lent.item.version > book.item.version and lent.title.version > book.title.version
    last = list(store.transactions())[-1]
    assert (last.act, last.at, last.trusted) == (act, NOW.wall, True)


@pytest.mark.parametrize("table", ["patrons", "items", "titles"])
def test_a_decision_on_what_has_changed_is_stale_and_nothing_is_recorded(table: str, store: Ledger) -> None:
    who, book = patron(store), item(store)
    old = tuple(replace(one, version=one.version - (one.table == table)) for one in relied(who, book))
    before = recorded(store)
    assert store.commit((lending("a1", who, book),), old, NOW) == Stale()
    assert recorded(store) == before and item(store) == book and patron(store) == who


def test_acts_are_recorded_together_or_not_at_all(store: Ledger) -> None:
    who, book, other = patron(store), item(store), item(store, "B2")
    wrong = lending("a2", who, replace(other, item=replace(other.item, status=ItemStatus.LOST)))
    before = recorded(store)
    assert store.commit((lending("a1", who, book), wrong), relied(who, book), NOW) == Stale()
    assert recorded(store) == before and item(store) == book and patron(store) == who


def test_the_same_act_again_is_refused_and_changes_nothing(store: Ledger) -> None:
    who, book = patron(store), item(store)
    store.commit((lending("a1", who, book),), (), NOW)
    before = recorded(store)
    with pytest.raises(StoreError):
        store.commit((lending("a1", who, item(store, "B2")),), (), NOW)
    assert recorded(store) == before and item(store, "B2").loan is None


def test_one_item_is_never_lent_twice(store: Ledger) -> None:
    who, other, book = patron(store), patron(store, "C-ERLAN"), item(store)
    store.commit((lending("a1", who, book),), (), NOW)
    assert store.commit((lending("a2", other, book),), relied(other, book), NOW) == Stale()
    with pytest.raises(StoreError):
        store.commit((lending("a2", other, book),), (), NOW)
    assert patron(store, "C-ERLAN") == other


def test_what_was_committed_is_there_after_a_new_start(store: Ledger) -> None:
    who, book = patron(store), item(store)
    store.commit((lending("a1", who, book),), relied(who, book), NOW)
    store.close()
    assert recorded(store)[-1] == "a1" and item(store).loan is not None


def test_acts_are_found_the_newest_first_and_only_the_newest_of_an_item_can_be_taken_back(store: Ledger) -> None:
    who, book = patron(store), item(store)
    first = lending("a1", who, book)
    store.commit((first,), (), NOW)
    loan = first.changes[0]
    assert isinstance(loan, LoanChange)
    back = Act("a2", Kind.CHECKIN, who.patron.id, book.item.id, book.title.id, (LoanChange(loan.after, None),))
    store.commit((replace(back, changes=(*back.changes, StatusChange(book.item.id, ItemStatus.ON_LOAN,
                  ItemStatus.AVAILABLE))),), (), NOW)  # fmt: skip
    alone = store.answer(FindActs(("a1",)))
    both = store.answer(FindActs(("a1", "a2", "unknown")))
    assert isinstance(alone, Acts) and isinstance(both, Acts)
    assert [(one.act.id, one.newest) for one in alone.acts] == [("a1", False)]
    assert [(one.act.id, one.newest) for one in both.acts] == [("a2", True), ("a1", True)]
    assert {one.table for one in both.acts[0].relied} == {"patrons", "items", "titles"}


def test_codes_are_identified(store: Ledger) -> None:
    assert store.answer(Identify("nothing of ours")) == Identified()
    assert store.answer(Identify("C-AIGUL", wants="item")) == Identified()
    assert store.answer(Identify("B1", wants="card")) == Identified()
    assert item(store, "108").item.barcode is None
    lost = store.answer(Identify("C-LOST"))
    assert isinstance(lost, Identified) and lost.card_lost
    me = patron(store)
    beside = store.answer(Identify("B1", for_patron=me.patron.id))
    assert isinstance(beside, Identified) and beside.patron == me


def test_a_number_is_an_item_before_it_is_a_card(store: Ledger) -> None:
    found = store.answer(FindNumber("101"))
    assert isinstance(found, Identified) and [one.item.barcode for one in found.items] == ["B1"]
    card = store.answer(FindNumber("C-AIGUL"))
    assert isinstance(card, Identified) and card.card is not None and not card.items


def test_records_are_looked_up_as_far_as_they_are_asked_for(store: Ledger) -> None:
    who, book = patron(store), item(store)
    assert store.answer(LookUp()) == Looked()
    assert store.answer(LookUp("unknown", "unknown", "unknown")) == Looked()
    looked = store.answer(LookUp(who.patron.id, book.item.id, book.title.id))
    assert isinstance(looked, Looked) and looked.title is not None
    assert (looked.patron, looked.item, looked.title.title) == (who, book, book.title)


def test_classes_and_their_pupils_are_listed_by_the_kazakh_alphabet(store: Ledger) -> None:
    classes = store.answer(ListClasses())
    assert isinstance(classes, Classes)
    assert list(classes.classes) == sorted(classes.classes, key=lambda one: one.grade)
    pupils = store.answer(ListClass(SchoolClass(5, "Ә")))
    assert isinstance(pupils, Pupils) and "Айгүл Ә." in [one.patron.public_name for one in pupils.pupils]
    assert store.answer(ListClass(SchoolClass(11, "Я"))) == Pupils(())


def test_a_pin_is_right_or_wrong(store: Ledger) -> None:
    who = patron(store, "C-ERLAN").patron.id
    assert store.answer(CheckPin(who, "1234")) == PinChecked(True)
    for wrong in ("1235", "", "12345", "١٢٣٤"):
        assert store.answer(CheckPin(who, wrong)) == PinChecked(False)
    assert store.answer(CheckPin(patron(store).patron.id, "1234")) == PinChecked(False)
    assert store.answer(CheckPin("unknown", "1234")) == PinChecked(False)


def test_titles_are_found_by_folded_words(store: Ledger) -> None:
    hits = store.answer(Search("ушкан уя"))
    assert isinstance(hits, Hits) and hits.titles[0].title.title == "Ұшқан ұя"
    for nothing in ("", "жоқ мұндай", '"', "' OR 1=1 --", "*", "NEAR(", "\x00"):
        assert store.answer(Search(nothing)) == Hits(())


def test_only_a_trusted_time_raises_the_mark(store: Ledger) -> None:
    later = replace(NOW, wall=NOW.wall + timedelta(days=400))
    store.confirm_date("", later, timedelta(0))
    assert store.mark() == later.wall
    who, book = patron(store), item(store)
    untrusted = replace(later, wall=later.wall + timedelta(days=1), trusted=False)
    store.commit((lending("a1", who, book),), (), untrusted)
    assert store.mark() == later.wall


def test_a_visit_is_counted_and_is_no_transaction(store: Ledger) -> None:
    before = recorded(store)
    store.count_visit(CountVisit("pupil", 5, False), NOW)
    assert recorded(store) == before


def test_how_the_screen_is_to_look_is_kept_and_is_no_transaction(store: Ledger) -> None:
    who, book = patron(store), item(store)
    before = recorded(store)
    store.remember_appearance(who.patron.id, Appearance(Theme.NIGHT, large=True, spoken=True))
    assert recorded(store) == before
    assert patron(store).patron.appearance == Appearance(Theme.NIGHT, large=True, spoken=True)
    assert isinstance(store.commit((lending("a1", who, book),), (), NOW), Committed)


def test_with_no_central_library_nothing_is_pending(store: Ledger) -> None:
    who, book = patron(store), item(store)
    store.commit((lending("a1", who, book),), (), NOW)
    assert store.sync_state() == SyncState("none", 0, 0)


def test_it_can_be_idle_and_closed_at_any_time(store: Ledger) -> None:
    store.close()
    store.idle()
    store.close()
    assert store.answer(Probe()) == Works()
    store.idle()
