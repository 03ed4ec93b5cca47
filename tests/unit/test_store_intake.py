"""Imports into a real store: matching, doubt, what a row changes and what it leaves."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.circulation.acts import Kind
from kiosk.circulation.intake import Intake, ItemRow, LoanRow, Outcome, PatronRow, Result
from kiosk.circulation.model import READING_ROOM_POINT, ItemKind, SchoolClass
from kiosk.errors import StoreError
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from tests.store_fixture import demo_rows, dump, facts, importer_of, new_store, one, sql, take, take_batch

FIVE_AE = SchoolClass(5, "Ә")
AIGUL = PatronRow("Айгүл", "Серікова", "Қанатқызы", card="P1", external_id="K1", school_class=FIVE_AE, phone="+7 700")
ABAI = ItemRow("Абай жолы", barcode="B1", inventory_no="101", author="М. Әуезов", year=1965, language="kk", pages=400)
ALGEBRA = ItemRow("Алгебра", kind=ItemKind.TEXTBOOK, grade=7, year=2023, count=30, shelf="T-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = new_store(tmp_path)
    yield made
    assert recompute(made) == []
    made.close()


def results(outcomes: list[Outcome]) -> list[Result]:
    return [outcome.result for outcome in outcomes]


def only(outcomes: list[Outcome]) -> Outcome:
    (outcome,) = outcomes
    return outcome


def test_the_demo_school_is_taken_in_and_twice_changes_nothing(store: SqliteStore) -> None:
    for what, rows in demo_rows().items():
        outcomes = take(store, what, rows)
        assert [one for one in outcomes if one.result is not Result.ADDED] == []
    before = dump(store), facts(store), list(store.transactions())
    for what, rows in demo_rows().items():
        assert set(results(take(store, what, rows))) == {Result.SAME}
    assert (dump(store), facts(store), list(store.transactions())) == before


def test_a_patron_is_matched_by_card_and_empty_cells_leave_what_is_known(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    version = one(store, "SELECT version FROM patrons")
    row = PatronRow("Айгүл", card="P1", school_class=SchoolClass(6, "Ә"))
    assert results(take(store, Intake.PATRONS, [row])) == [Result.CHANGED]
    known = facts(store)["patrons"]
    assert known[0][:3] == ("Айгүл", "Серікова", "Қанатқызы")
    assert known[0][4:6] == (6, "Ә") and known[0][8] == "+7 700"
    assert one(store, "SELECT version FROM patrons") > version


def test_a_class_without_a_letter_leaves_the_letter_of_that_grade(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    assert results(take(store, Intake.PATRONS, [replace(AIGUL, school_class=SchoolClass(5))])) == [Result.SAME]
    take(store, Intake.PATRONS, [replace(AIGUL, school_class=SchoolClass(6))])
    assert facts(store)["patrons"][0][4:6] == (6, "")


def test_a_new_card_of_a_patron_known_by_external_id_is_added(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    version = one(store, "SELECT version FROM patrons")
    assert results(take(store, Intake.PATRONS, [replace(AIGUL, card="P2")])) == [Result.CHANGED]
    assert facts(store)["patrons"][0][-1] == "P1,P2"
    assert one(store, "SELECT version FROM patrons") > version


def test_a_card_and_an_external_id_of_two_patrons_are_doubtful(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL, replace(AIGUL, first_name="Дана", card="P2", external_id="K2")])
    before = dump(store)
    outcome = only(take(store, Intake.PATRONS, [replace(AIGUL, external_id="K2")]))
    assert outcome == Outcome(Result.DOUBTFUL, "card P1 is one patron's and external id K2 another's")
    assert dump(store) == before


def test_a_card_that_went_to_another_person_is_doubtful(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    outcome = only(take(store, Intake.PATRONS, [PatronRow("Болат", "Асанов", card="P1", external_id="K9")]))
    assert outcome.result is Result.DOUBTFUL and "K1" in outcome.reason


@pytest.mark.parametrize("written", ["Серікова", "серикова", "СЕРIКОВА"])
def test_a_namesake_in_the_class_is_never_merged(store: SqliteStore, written: str) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    outcome = only(take(store, Intake.PATRONS, [PatronRow("Айгүл", written, school_class=FIVE_AE, card="P7")]))
    assert outcome.result is Result.DOUBTFUL
    assert outcome.reason.startswith("a patron of this name is in 5 «Ә» already; add the card or external id")


def test_a_namesake_in_another_class_or_with_an_external_id_of_their_own_is_another_person(store: SqliteStore) -> None:
    rows = [
        AIGUL,
        replace(AIGUL, card="P2", external_id="K2"),
        PatronRow("Айгүл", "Серікова", school_class=SchoolClass(5, "А")),
    ]
    assert results(take(store, Intake.PATRONS, rows)) == [Result.ADDED] * 3


def test_the_same_name_twice_in_one_file_is_doubtful(store: SqliteStore) -> None:
    row = PatronRow("Болат", "Асанов", school_class=FIVE_AE)
    assert results(take(store, Intake.PATRONS, [row, row])) == [Result.ADDED, Result.DOUBTFUL]


def test_whoever_moved_to_another_class_is_no_namesake_in_the_old_one(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    rows = [replace(AIGUL, school_class=SchoolClass(6, "Ә")), PatronRow("Айгүл", "Серікова", school_class=FIVE_AE)]
    assert results(take(store, Intake.PATRONS, rows)) == [Result.CHANGED, Result.ADDED]


def test_a_row_that_contradicts_an_earlier_one_of_the_file_is_doubtful(store: SqliteStore) -> None:
    rows = [AIGUL, replace(AIGUL, school_class=SchoolClass(5, "Б"), phone="")]
    outcomes = take(store, Intake.PATRONS, rows, size=1)
    assert outcomes[1] == Outcome(
        Result.DOUBTFUL, "this patron is in an earlier row of the file, which differs in: class"
    )
    assert results(take(store, Intake.PATRONS, rows)) == [Result.SAME, Result.DOUBTFUL]


def test_a_title_is_one_however_it_is_written(store: SqliteStore) -> None:
    rows = [ABAI, replace(ABAI, title="АБАЙ ЖОЛЫ", author="м.әуезов", barcode="B2", inventory_no=""),
            replace(ABAI, title="Абaй жолы", barcode="", inventory_no="103")]  # fmt: skip
    assert results(take(store, Intake.ITEMS, rows)) == [Result.ADDED] * 3
    assert [row[:3] for row in facts(store)["titles"]] == [("абай жолы|м ауезов|1965|||kk|", "Абай жолы", "М. Әуезов")]


def test_another_year_part_grade_language_or_isbn_is_another_title(store: SqliteStore) -> None:
    others = (
        replace(ABAI, year=1970),
        replace(ABAI, part="2"),
        replace(ABAI, grade=9),
        replace(ABAI, language="ru"),
        replace(ABAI, isbn="9786010000001"),
    )
    rows = [ABAI, *(replace(other, barcode=f"C{n}", inventory_no="") for n, other in enumerate(others))]
    take(store, Intake.ITEMS, rows)
    assert one(store, "SELECT count(*) FROM titles") == 6


def test_an_item_known_by_either_number_gets_the_other(store: SqliteStore) -> None:
    take(store, Intake.ITEMS, [replace(ABAI, barcode="")])
    assert results(take(store, Intake.ITEMS, [ABAI])) == [Result.CHANGED]
    assert facts(store)["items"][0][:2] == ("B1", "101")


def test_numbers_of_two_items_are_doubtful(store: SqliteStore) -> None:
    take(store, Intake.ITEMS, [ABAI, replace(ABAI, barcode="B2", inventory_no="102")])
    outcome = only(take(store, Intake.ITEMS, [replace(ABAI, inventory_no="102")]))
    assert outcome == Outcome(Result.DOUBTFUL, "barcode B1 is one item's and inventory number 102 another's")


def test_what_is_missing_of_a_title_is_added_to_all_its_copies(store: SqliteStore) -> None:
    bare = [ItemRow("Тағдыр", barcode=f"B{n}") for n in range(3)]
    take(store, Intake.ITEMS, bare)
    rows = [replace(row, author="Қ. Жұмаділов", year=1988) for row in bare]
    assert results(take(store, Intake.ITEMS, rows)) == [Result.CHANGED, Result.SAME, Result.SAME]
    assert [row[0] for row in facts(store)["titles"]] == ["тагдыр|к жумадилов|1988||||"]


def test_a_corrected_title_takes_its_copies_along_and_leaves_no_empty_one(store: SqliteStore) -> None:
    wrong = [replace(ABAI, title="Абай жлы", barcode=f"B{n}", inventory_no="") for n in range(3)]
    take(store, Intake.ITEMS, wrong)
    assert (
        results(take(store, Intake.ITEMS, [replace(row, title="Абай жолы") for row in wrong])) == [Result.CHANGED] * 3
    )
    assert [(row[1], row[7]) for row in facts(store)["titles"]] == [("Абай жолы", 400)]


def test_one_copy_of_another_year_leaves_the_others_alone(store: SqliteStore) -> None:
    rows = [replace(ABAI, barcode=f"B{n}", inventory_no="") for n in range(3)]
    take(store, Intake.ITEMS, rows)
    take(store, Intake.ITEMS, [replace(rows[0], year=1977)])
    assert Counter(row[2] for row in facts(store)["items"]) == {
        "абай жолы|м ауезов|1965|||kk|": 2, "абай жолы|м ауезов|1977|||kk|": 1
    }  # fmt: skip


def test_an_item_on_loan_does_not_become_another_title(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    take(store, Intake.ITEMS, [ABAI, replace(ABAI, barcode="B2", inventory_no="102")])
    take(store, Intake.LOANS, [LoanRow("P1", "B1")])
    outcome = only(take(store, Intake.ITEMS, [replace(ABAI, title="Тағдыр")]))
    assert outcome.result is Result.DOUBTFUL and "on loan as «Абай жолы»" in outcome.reason


def test_a_title_held_by_count(store: SqliteStore) -> None:
    assert results(take(store, Intake.ITEMS, [ALGEBRA])) == [Result.ADDED]
    assert results(take(store, Intake.ITEMS, [ALGEBRA])) == [Result.SAME]
    assert results(take(store, Intake.ITEMS, [replace(ALGEBRA, count=28)])) == [Result.CHANGED]
    assert (one(store, "SELECT held FROM titles"), one(store, "SELECT shelf FROM titles")) == (28, "T-1")


def test_a_title_counted_twice_in_a_file_is_doubtful(store: SqliteStore) -> None:
    rows = [ALGEBRA, replace(ALGEBRA, count=5)]
    outcomes = take(store, Intake.ITEMS, rows)
    assert results(outcomes) == [Result.ADDED, Result.DOUBTFUL] and "says 30 copies" in outcomes[1].reason
    assert results(take(store, Intake.ITEMS, rows)) == [Result.SAME, Result.DOUBTFUL]


def test_fewer_copies_than_are_on_loan_are_doubtful(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    take(store, Intake.ITEMS, [ALGEBRA])
    patron, title = one(store, "SELECT id FROM patrons"), one(store, "SELECT id FROM titles")
    loan = "INSERT INTO loans VALUES (?, ?, ?, NULL, '2026-09-01', NULL, 10, 0, NULL)"
    for n in range(2):
        sql(store, loan, f"L{n}", patron, title)
    outcome = only(take(store, Intake.ITEMS, [replace(ALGEBRA, count=1)]))
    assert outcome == Outcome(Result.DOUBTFUL, "2 copies of this title are on loan, more than 1")
    sql(store, "DELETE FROM loans")


def test_a_record_without_copies_is_a_title(store: SqliteStore) -> None:
    row = ItemRow("Бозторғай", author="К. Әзірбаев")
    assert results(take(store, Intake.ITEMS, [row])) == [Result.ADDED]
    assert results(take(store, Intake.ITEMS, [row])) == [Result.SAME]
    assert one(store, "SELECT held FROM titles") == 0


def test_an_item_goes_to_the_reading_room_and_rests_there(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL])
    take(store, Intake.ITEMS, [ABAI, replace(ABAI, barcode="B2", inventory_no="102")])
    batch, _ = take_batch(store, Intake.LOANS, [LoanRow("P1", "B2")])
    importer_of(store).undo(batch)  # B2 has a history now, B1 has none
    there = [ItemRow("Абай жолы", barcode=code, service_point=READING_ROOM_POINT) for code in ("B1", "B2")]
    batch, outcomes = take_batch(store, Intake.ITEMS, there)
    assert results(outcomes) == [Result.CHANGED] * 2
    assert {row[4] for row in facts(store)["items"]} == {"reading_room"} and recompute(store) == []
    importer_of(store).undo(batch)
    assert {row[4] for row in facts(store)["items"]} == {"available"}


def test_a_loan_is_recorded_with_the_dates_of_the_list_and_none_is_invented(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL, PatronRow("Болат", external_id="K2")])
    take(store, Intake.ITEMS, [ABAI, replace(ABAI, barcode="B2", inventory_no="102")])
    rows = [LoanRow("P1", "B1", due=date(2026, 10, 15), since=date(2026, 10, 1)), LoanRow("K2", "102")]
    assert results(take(store, Intake.LOANS, rows)) == [Result.ADDED] * 2
    assert [row[:2] + row[3:] for row in facts(store)["loans"]] == [
        ("B1", "K1", "2026-10-01", "2026-10-15", 14, 0), ("B2", "K2", "2026-10-05", None, 10, 0)
    ]  # fmt: skip
    kinds = [transaction.act.kind for transaction in store.transactions()]
    assert kinds.count(Kind.LOAN_IMPORTED) == 2 and kinds[-3] is Kind.IMPORT


def test_loans_that_cannot_be(store: SqliteStore) -> None:
    take(store, Intake.PATRONS, [AIGUL, PatronRow("Болат", card="P2")])
    take(store, Intake.ITEMS, [replace(ABAI, barcode=f"B{n}", inventory_no=f"10{n}") for n in range(1, 5)])
    sql(store, "UPDATE items SET status = 'lost' WHERE barcode = 'B2'")
    sql(store, "UPDATE items SET status = 'in_repair' WHERE barcode = 'B3'")
    sql(store, "UPDATE items SET inventory_no = 'B1' WHERE barcode = 'B4'")
    rows = [LoanRow("P9", "B1"), LoanRow("P1", "B9"), LoanRow("P1", "B2"), LoanRow("P1", "B3"), LoanRow("P1", "B1"),
            LoanRow("P1", "104"), LoanRow("P1", "101"), LoanRow("P1", "101"), LoanRow("P2", "101")]  # fmt: skip
    assert [(one.result.value, one.reason) for one in take(store, Intake.LOANS, rows)] == [
        ("rejected", "no patron has card P9"),
        ("rejected", "no item has barcode or inventory number B9"),
        ("rejected", "item B2 is lost"),
        ("doubtful", "item B3 is in repair"),
        ("doubtful", "B1 is the barcode of one item and the inventory number of another"),
        ("rejected", "no item has barcode or inventory number 104"),
        ("added", ""),
        ("same", ""),
        ("doubtful", "item 101 is on loan to another patron"),
    ]
    sql(store, "UPDATE items SET status = 'available' WHERE barcode IN ('B2', 'B3')")


def test_the_ledger_says_once_that_there_was_an_import_and_names_nobody(store: SqliteStore) -> None:
    batch, _ = take_batch(store, Intake.PATRONS, [AIGUL, PatronRow("Болат", "Асанов")], "abc", size=1)
    (transaction,) = store.transactions()
    assert (transaction.act.id, transaction.act.kind) == (batch, Kind.IMPORT)
    assert transaction.act.text == f'{{"what": "patrons", "file": "patrons.csv", "sha256": "abc", "batch": "{batch}"}}'


def test_an_import_that_only_doubts_leaves_nothing_behind(store: SqliteStore) -> None:
    before = dump(store)
    take(store, Intake.LOANS, [LoanRow("P9", "B1")])
    assert dump(store) == before and list(store.transactions()) == [] and importer_of(store).batches() == []


def test_a_stopped_import_goes_on_with_what_its_last_rows_came_to(store: SqliteStore) -> None:
    rows = demo_rows()[Intake.PATRONS]
    importer = importer_of(store)
    batch = importer.begin(Intake.PATRONS, "a.csv", "d1")
    nameless = replace(AIGUL, card="", external_id="")
    outcomes = importer.apply(batch.id, [*rows[:98], AIGUL, AIGUL, nameless], 101)
    again = importer_of(store).begin(Intake.PATRONS, "b.csv", "d1")
    assert (again.id, again.done_rows, again.finished) == (batch.id, 101, False)
    assert again.last == tuple(outcomes) and again.last[-1].result is Result.DOUBTFUL


def test_two_processes_at_one_file_do_not_take_its_rows_twice(store: SqliteStore) -> None:
    first, second = importer_of(store), importer_of(store)
    batch = first.begin(Intake.PATRONS, "a.csv", "d1")
    second.begin(Intake.PATRONS, "a.csv", "d1")
    first.apply(batch.id, [AIGUL], 1)
    with pytest.raises(StoreError, match="by another process"):
        second.apply(batch.id, [replace(AIGUL, card="P2", external_id="K2")], 1)
    assert len(facts(store)["patrons"]) == 1


def test_more_rows_than_a_short_batch_are_refused(store: SqliteStore) -> None:
    importer = importer_of(store)
    batch = importer.begin(Intake.PATRONS, "a.csv", "d1")
    with pytest.raises(ValueError, match="at most 200"):
        importer.apply(batch.id, [AIGUL] * 201, 201)


def test_a_reader_who_takes_their_time_does_not_hold_up_the_import(store: SqliteStore) -> None:
    reader = SqliteStore(store.path)
    with reader.connection().read() as db:
        db.execute("SELECT count(*) FROM patrons").fetchone()
        begun = time.monotonic()
        take(store, Intake.PATRONS, demo_rows()[Intake.PATRONS], size=20)
        assert time.monotonic() - begun < 2.9, "a checkpoint waited for the reader until its busy time-out"
    reader.close()


few = st.sampled_from(["", "1", "2", "3"])
patron_rows = st.builds(
    PatronRow,
    first_name=st.sampled_from(["Айгүл", "Дана"]),
    last_name=st.sampled_from(["", "Серікова"]),
    card=few,
    external_id=few,
    school_class=st.sampled_from([None, FIVE_AE, SchoolClass(5)]),
    category=st.sampled_from(["", "teacher"]),
    phone=st.sampled_from(["", "+7", "=1+1"]),
)
item_rows = st.builds(
    ItemRow,
    title=st.sampled_from(["Абай жолы", "абай жолы", "Тағдыр", "?!"]),
    barcode=few,
    inventory_no=few,
    author=st.sampled_from(["", "М. Әуезов"]),
    year=st.sampled_from([None, 1965, 1970]),
    publisher=st.sampled_from(["", "Жазушы", "Атамұра"]),
    kind=st.sampled_from([None, ItemKind.BOOK, ItemKind.REFERENCE]),
    service_point=st.sampled_from(["", READING_ROOM_POINT, "loan_desk"]),
    count=st.sampled_from([None, 1, 3]),
)
DONE = (Result.ADDED, Result.CHANGED, Result.SAME)


@settings(max_examples=30, deadline=None)
@given(st.lists(patron_rows, max_size=9), st.integers(1, 4), st.randoms(use_true_random=False))
def test_any_patrons_in_any_order(rows: list[PatronRow], size: int, chance: random.Random) -> None:
    with TemporaryDirectory() as folder:
        store = new_store(Path(folder))
        for _ in range(3):
            outcomes = take(store, Intake.PATRONS, rows, size=size)
            assert len(outcomes) == len(rows)
            for row, outcome in zip(rows, outcomes, strict=True):
                assert bool(outcome.reason) is (outcome.result not in DONE)
                if outcome.result in DONE:
                    assert_patron_is_there(store, row)
            before, again = dump(store), take(store, Intake.PATRONS, rows, size=size)
            if all(outcome.result in DONE for outcome in outcomes):
                expected = [Result.SAME if row.card or row.external_id else Result.DOUBTFUL for row in rows]
                assert results(again) == expected and dump(store) == before
            chance.shuffle(rows)
        assert recompute(store) == []
        importer = importer_of(store)
        for batch in importer.batches():
            undone = importer.undo(batch.id)
            assert undone.kept == 0, undone.reasons
        assert one(store, "SELECT count(*) FROM patrons") == 0
        store.close()


def assert_patron_is_there(store: SqliteStore, row: PatronRow) -> None:
    found = {
        one(store, query, value)
        for query, value in (
            ("SELECT patron_id FROM cards WHERE number = ?", row.card),
            ("SELECT id FROM patrons WHERE external_id = ?", row.external_id),
            ("SELECT id FROM patrons WHERE first_name = ?", row.first_name),
        )
        if value and not (value == row.first_name and (row.card or row.external_id))
    }
    assert len(found) == 1 and None not in found


@settings(max_examples=30, deadline=None)
@given(st.lists(item_rows, max_size=9), st.integers(1, 4), st.randoms(use_true_random=False))
def test_any_items_in_any_order(rows: list[ItemRow], size: int, chance: random.Random) -> None:
    with TemporaryDirectory() as folder:
        store = new_store(Path(folder))
        for _ in range(3):
            outcomes = take(store, Intake.ITEMS, rows, size=size)
            assert len(outcomes) == len(rows)
            for row, outcome in zip(rows, outcomes, strict=True):
                assert bool(outcome.reason) is (outcome.result not in DONE)
                if outcome.result in DONE:
                    for column, value in (("barcode", row.barcode), ("inventory_no", row.inventory_no)):
                        assert not value or one(store, f"SELECT count(*) FROM items WHERE {column} = ?", value) == 1
            assert recompute(store) == []
            before, again = dump(store), take(store, Intake.ITEMS, rows, size=size)
            if all(outcome.result in DONE for outcome in outcomes):
                assert set(results(again)) <= {Result.SAME} and dump(store) == before
            chance.shuffle(rows)
        importer = importer_of(store)
        for batch in importer.batches():
            undone = importer.undo(batch.id)
            assert undone.kept == 0, undone.reasons
        assert not any(dump(store)[table] for table in ("items", "titles", "import_changes"))
        store.close()
