"""Taking imports back: what is gone, what is as it was, and what stays because it has been used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kiosk.circulation.acts import Act, Kind, LoanChange, StatusChange
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Committed, Looked, LookUp
from kiosk.circulation.intake import Intake, ItemRow, LoanRow, PatronRow, Result
from kiosk.circulation.model import ItemStatus, SchoolClass
from kiosk.errors import StoreError
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from tests.store_fixture import NOW, demo_rows, dump, facts, importer_of, new_store, one, sql, take, take_batch

MOMENT = Moment(0.0, NOW, True, True)
AIGUL = PatronRow("Айгүл", "Серікова", card="P1", external_id="K1", school_class=SchoolClass(5, "Ә"), phone="+7 700")
ABAI = ItemRow("Абай жолы", barcode="B1", inventory_no="101", author="М. Әуезов", year=1965, publisher="Жазушы")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = new_store(tmp_path)
    yield made
    assert recompute(made) == []
    made.close()


def undo(store: SqliteStore, batch: str) -> tuple[int, int, tuple[str, ...]]:
    undone = importer_of(store).undo(batch)
    return undone.undone, undone.kept, undone.reasons


def test_what_a_school_brought_in_goes_to_the_last_byte(store: SqliteStore) -> None:
    empty = dump(store)
    rows = demo_rows()
    patrons, _ = take_batch(store, Intake.PATRONS, rows[Intake.PATRONS])
    with_patrons = dump(store)
    items, _ = take_batch(store, Intake.ITEMS, rows[Intake.ITEMS])
    assert undo(store, items)[1] == 0
    assert dump(store) == with_patrons
    assert undo(store, patrons)[1] == 0
    assert dump(store) == empty
    kinds = [transaction.act.kind for transaction in store.transactions()]
    assert kinds == [Kind.IMPORT, Kind.IMPORT, Kind.IMPORT_UNDONE, Kind.IMPORT_UNDONE]


def test_what_a_second_list_changed_is_as_it_was(store: SqliteStore) -> None:
    rows = demo_rows()
    for what in (Intake.PATRONS, Intake.ITEMS):
        take(store, what, rows[what])
    before = dump(store, "version")
    patrons = [
        replace(row, phone="+7 701", school_class=SchoolClass(11, "Б"), card=row.card or f"N{n}")
        for n, row in enumerate(rows[Intake.PATRONS])
        if isinstance(row, PatronRow) and row.external_id
    ]
    items = [
        replace(
            row, title=f"{row.title}, 2-бас.", publisher="Атамұра", service_point="reading_room", count=row.count and 99
        )
        for row in rows[Intake.ITEMS]
        if isinstance(row, ItemRow)
    ]
    batches = [take_batch(store, Intake.PATRONS, patrons), take_batch(store, Intake.ITEMS, items)]
    assert Result.CHANGED in {outcome.result for outcome in batches[0][1]}
    assert dump(store, "version") != before and recompute(store) == []
    for batch, _ in reversed(batches):
        assert undo(store, batch)[1:] == (0, ())
    assert dump(store, "version") == before


def test_versions_never_go_back(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    batch, _ = take_batch(store, Intake.PATRONS, [replace(AIGUL, phone="+7 701")])
    version = one(store, "SELECT version FROM patrons")
    undo(store, batch)
    assert one(store, "SELECT phone FROM patrons") == "+7 700"
    assert one(store, "SELECT version FROM patrons") > version


def test_imported_loans_are_ended_by_transactions(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    take(store, Intake.ITEMS, [ABAI])
    batch, _ = take_batch(store, Intake.LOANS, [LoanRow("P1", "B1", due=date(2026, 10, 15))])
    loan = one(store, "SELECT id FROM loans")
    assert undo(store, batch) == (1, 0, ())
    assert facts(store)["loans"] == [] and one(store, "SELECT status FROM items") == "available"
    newest = list(store.transactions())[-1].act
    assert (newest.kind, newest.undoes) == (Kind.UNDO, loan)


def test_a_loan_that_went_on_is_kept(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    take(store, Intake.ITEMS, [ABAI])
    batch, _ = take_batch(store, Intake.LOANS, [LoanRow("P1", "B1", due=date(2026, 10, 15))])
    renew(store)
    assert undo(store, batch) == (0, 1, ("loan of item B1: it was renewed, returned or undone since",))
    assert len(facts(store)["loans"]) == 1


def renew(store: SqliteStore) -> None:
    looked = store.answer(LookUp(None, one(store, "SELECT id FROM items"), None))
    assert isinstance(looked, Looked) and looked.item is not None and looked.item.loan is not None
    loan = looked.item.loan
    change = LoanChange(loan, replace(loan, renewals=1))
    act = Act("renewed", Kind.RENEWAL, loan.patron_id, loan.item_id, loan.title_id, (change,))
    assert isinstance(store.commit((act,), (), MOMENT), Committed)


def test_what_the_ledger_speaks_of_is_kept(store: SqliteStore) -> None:
    patrons, _ = take_batch(store, Intake.PATRONS, [AIGUL, PatronRow("Болат", card="P2")])
    items, _ = take_batch(store, Intake.ITEMS, [ABAI, ItemRow("Тағдыр", barcode="B2")])
    loans, _ = take_batch(store, Intake.LOANS, [LoanRow("P1", "B1")])
    used = "the ledger speaks of it"
    assert undo(store, items) == (2, 2, (f"item B1: {used}", f"title «Абай жолы»: {used}"))
    assert undo(store, patrons) == (1, 1, (f"patron with card P1: {used}",))
    undo(store, loans)
    assert undo(store, items)[:2] == (0, 2), "the history stays when the loan is undone"


def test_what_somebody_changed_since_is_kept(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    batch, _ = take_batch(store, Intake.PATRONS, [replace(AIGUL, phone="+7 701"), PatronRow("Болат", card="P2")])
    sql(store, "UPDATE patrons SET phone = '+7 702' WHERE external_id = 'K1'")
    sql(store, "UPDATE patrons SET pin_hash = 'x' WHERE first_name = 'Болат'")
    assert undo(store, batch) == (0, 2, ("patron with card P2: it was changed since",
                                         "patron with card P1: it was changed since"))  # fmt: skip
    assert len(facts(store)["patrons"]) == 2


def test_the_newest_import_is_undone_first(store: SqliteStore) -> None:
    first, _ = take_batch(store, Intake.PATRONS, [AIGUL])
    second, _ = take_batch(store, Intake.PATRONS, [replace(AIGUL, card="P2", phone="+7 701")])
    assert [past.id for past in importer_of(store).batches()] == [second, first]
    later = "a later import changed it; undo that one first"
    assert undo(store, first) == (0, 1, (f"patron with card P1: {later}",))
    assert undo(store, second) == (2, 0, ()) and undo(store, first) == (1, 0, ())
    assert [past.undone for past in importer_of(store).batches()] == [True, True]
    assert facts(store)["patrons"] == []


def test_a_title_that_was_dropped_comes_back(store: SqliteStore) -> None:
    rows = [replace(ABAI, barcode=f"B{n}", inventory_no="") for n in range(3)]
    take(store, Intake.ITEMS, rows)
    before = dump(store, "version")
    batch, _ = take_batch(store, Intake.ITEMS, [replace(row, year=1970) for row in rows])
    assert [row[5] for row in facts(store)["titles"]] == [1970]
    assert undo(store, batch)[1] == 0
    assert dump(store, "version") == before


def test_a_number_that_was_given_away_is_not_taken_back(store: SqliteStore) -> None:
    take(store, Intake.ITEMS, [ABAI])
    batch, _ = take_batch(store, Intake.ITEMS, [replace(ABAI, barcode="B9")])
    take(store, Intake.ITEMS, [replace(ABAI, inventory_no="102")])  # B1 is another copy now
    assert undo(store, batch) == (0, 1, ("item B9: another has that number or description now",))


def test_an_item_in_use_stays_where_it_is(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    take(store, Intake.ITEMS, [ABAI])
    batch, _ = take_batch(store, Intake.ITEMS, [replace(ABAI, service_point="reading_room", shelf="A-3")])
    item = one(store, "SELECT id FROM items")
    found = Act("found", Kind.FOUND, None, item, None, (StatusChange(item, ItemStatus.READING_ROOM, ItemStatus.LOST),))
    store.commit((found,), (), MOMENT)
    assert undo(store, batch) == (1, 0, ())
    assert (one(store, "SELECT status FROM items"), one(store, "SELECT service_point FROM items")) == (
        "lost",
        "loan_desk",
    )


def test_an_unfinished_import_can_be_undone_and_is_not_continued(store: SqliteStore) -> None:
    importer = importer_of(store)
    batch = importer.begin(Intake.PATRONS, "a.csv", "d1")
    importer.apply(batch.id, [AIGUL], 1)
    assert undo(store, batch.id) == (1, 0, ())
    with pytest.raises(StoreError, match="undone, by another process"):
        importer.apply(batch.id, [replace(AIGUL, card="P2")], 2)
    assert importer.begin(Intake.PATRONS, "a.csv", "d1").id != batch.id


def test_an_import_that_is_not_there(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match="no import x"):
        importer_of(store).undo("x")
