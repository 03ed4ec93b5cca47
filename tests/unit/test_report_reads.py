"""What documents are made of, out of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kiosk.circulation.model import SchoolClass, SetLine, TextbookSet
from kiosk.circulation.sheet_sums import coverage
from kiosk.circulation.sheets import Cover, Debt, Given
from kiosk.store import SqliteStore
from kiosk.store.recording_textbooks import set_body
from kiosk.store.report_reads import StoreReports
from tests.store_fixture import new_store, sql

FIVE = SchoolClass(5, "Ә")
TODAY = date(2026, 10, 5)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Four pupils of 5 «Ә», one of 10 «А», one who left, a teacher; algebra in two editions and a novel."""
    store = new_store(tmp_path)
    for n, (last, grade, letter, groups) in enumerate(
        (("Қасым", 5, "Ә", "boys"), ("Әбіл", 5, "Ә", "girls"), ("Яков", 5, "Ә", "boys"), ("Ән", 5, "Ә", ""),
         ("Серік", 10, "А", ""), ("Кеткен", 9, "А", ""), ("Мұғалім", None, "", ""))
    ):  # fmt: skip
        sql(
            store,
            "INSERT INTO patrons (id, first_name, last_name, grade, letter, language, groups, has_left, category) "
            "VALUES (?, 'А', ?, ?, ?, 'kk', ?, ?, ?)",
            f"p{n}", last, grade, letter, groups, int(last == "Кеткен"), "pupil" if grade else "teacher",
        )  # fmt: skip
    for title, year, held, kind in (
        ("a18", 2018, 0, "textbook"),
        ("a23", 2023, 30, "textbook"),
        ("n", 1990, 0, "book"),
    ):
        sql(
            store,
            "INSERT INTO titles (id, key, title, kind, year, language, grade, subject, held, isbn) "
            "VALUES (?1, ?1, ?1, ?2, ?3, 'kk', 5, 'Алгебра', ?4, '978-601-234-567-4')",
            title, kind, year, held,
        )  # fmt: skip
    for item, title, status in (
        ("1", "a18", "on_loan"), ("2", "a18", "in_repair"), ("3", "a18", "lost"), ("4", "n", "on_loan"),
        ("12", "a18", "available"),
    ):  # fmt: skip
        sql(
            store,
            "INSERT INTO items (id, title_id, barcode, inventory_no, kind, status, service_point, condition) "
            "VALUES (?1, ?2, 'B' || ?1, ?1, 'textbook', ?3, 'loan_desk', ?4)",
            item, title, status, "label" if item == "2" else "good",
        )  # fmt: skip
    for patron, title, item_id, since, due in (
        ("p0", "a18", "1", "2026-08-20", "2027-05-25"), ("p1", "a23", None, "2026-08-20", "2027-05-25"),
        ("p1", "a23", None, "2025-08-20", "2026-05-25"), ("p5", "n", "4", "2026-09-01", "2026-09-11"),
        ("p6", "a23", None, "2026-09-01", None),
    ):  # fmt: skip
        sql(
            store,
            "INSERT INTO loans (id, patron_id, title_id, item_id, since, due, days, renewals) "
            "VALUES (?, ?, ?, ?, ?, ?, 10, 0)",
            f"{patron}{since}", patron, title, item_id, since, due,
        )  # fmt: skip
    yield store
    store.close()


def give_set(store: SqliteStore, *lines: SetLine, letter: str = "", language: str = "kk") -> None:
    body = set_body(TextbookSet(2026, 5, language, letter, lines))
    sql(store, "INSERT INTO sets VALUES (2026, 5, ?, ?, ?)", language, letter, body)


def test_a_class_sheet_has_the_set_the_pupils_and_what_they_were_given_this_year(store: SqliteStore) -> None:
    give_set(store, SetLine("Алгебра", edition=2023), SetLine("Өнер", term=2))
    sql(store, "INSERT INTO classes VALUES (2026, 5, 'Ә', 'kk', 'Оспанова Б.')")
    sql(store, "INSERT INTO marks VALUES ('p2', 2026, 'absent', '2026-08-20'), ('p3', 2026, 'slip', 'x')")
    sql(store, "INSERT INTO marks VALUES ('p0', 2025, 'absent', '2025-08-20')")
    (sheet,) = StoreReports(store).class_sheets(2026, 1, FIVE)
    assert (sheet.teacher, sheet.language) == ("Оспанова Б.", "kk")
    assert [slot.subject for slot in sheet.slots] == ["Алгебра"]
    assert [pupil.name for pupil in sheet.pupils] == ["Әбіл А", "Ән А", "Қасым А", "Яков А"]
    # Әбіл has one from last year, too.
    assert [pupil.cells[0].given for pupil in sheet.pupils] == [(Given(), Given()), (), (Given("1", 2018),), ()]
    assert [(pupil.absent, pupil.slip) for pupil in sheet.pupils] == [
        (False, False), (False, True), (False, False), (True, False),
    ]  # fmt: skip
    assert coverage(sheet).whole == Cover(4, 2)
    (later,) = StoreReports(store).class_sheets(2026, 2, FIVE)
    assert [slot.subject for slot in later.slots] == ["Алгебра", "Өнер"]


def test_all_classes_are_in_the_order_of_a_school_and_a_class_of_its_own_set_goes_by_that(store: SqliteStore) -> None:
    give_set(store, SetLine("Алгебра"))
    give_set(store, SetLine("Физика"), letter="Ә")
    give_set(store, SetLine("Химия"), letter="Ә", language="ru")
    sheets = StoreReports(store).class_sheets(2026, 1)
    assert [sheet.school_class for sheet in sheets] == [FIVE, SchoolClass(10, "А")]
    assert [slot.subject for slot in sheets[0].slots if not slot.extra] == ["Физика"]
    sql(store, "INSERT INTO classes VALUES (2026, 5, 'Ә', 'ru', '')")
    assert StoreReports(store).class_sheets(2026, 1)[0].slots[0].subject == "Химия"


def test_a_class_of_a_year_is_who_was_in_it_then(store: SqliteStore) -> None:
    sql(store, "INSERT INTO class_years VALUES ('p0', 2026, 6, 'Б', NULL), ('p1', 2026, 5, 'Ә', '2026-09-01')")
    sql(store, "INSERT INTO class_years VALUES ('p2', 2027, 6, 'А', NULL)")
    reads = StoreReports(store)
    assert reads.pupils_of(FIVE, 2026) == ("p3",)
    assert reads.pupils_of(SchoolClass(6, "Б"), 2026) == ("p0",)
    assert reads.pupils_of(SchoolClass(6, "А"), 2027) == ("p2",)
    assert reads.pupils_of(FIVE, 2028) == ("p1", "p3", "p0", "p2"), "as they are now"


def test_stock_counts_what_there_is(store: SqliteStore) -> None:
    found = {one.edition: (one.copies, one.out, one.repair) for one in StoreReports(store).textbook_stock()}
    assert found == {2018: (3, 1, 1), 2023: (30, 3, 0)}


def test_debtors_are_those_who_are_late_also_by_what_they_were_promised(store: SqliteStore) -> None:
    reads = StoreReports(store)
    late = reads.debts(TODAY)
    assert [(of.school_class, [one.name for one in of.debtors]) for of in late] == [
        (FIVE, ["Әбіл А"]), (SchoolClass(9, "А"), ["Кеткен А"]),
    ]  # fmt: skip
    assert late[0].debtors[0].debts[0].overdue == (TODAY - date(2026, 5, 25)).days
    assert late[1].debtors[0].left and late[1].debtors[0].debts[0].number == "4"
    sql(store, "UPDATE loans SET promised = '2026-10-05' WHERE patron_id = 'p5'")
    assert [of.school_class for of in reads.debts(TODAY)] == [FIVE]
    everything = reads.debts(TODAY, everything=True)
    assert [of.school_class for of in everything] == [FIVE, SchoolClass(9, "А"), None]
    assert [len(one.debts) for one in everything[0].debtors] == [2, 1]
    assert reads.debts(TODAY, True, SchoolClass(10, "А")) == ()


def test_who_left_with_a_book_and_what_anybody_has(store: SqliteStore) -> None:
    reads = StoreReports(store)
    assert reads.gone_with_books() == ("p5",)
    gone, none = reads.leavers(["p5", "p4"], TODAY)
    assert (gone.name, [debt.title for debt in gone.debts]) == ("Кеткен А", ["n"])
    assert none.debts == ()


def test_what_was_lost_is_owed_until_something_was_taken_in_its_place(store: SqliteStore) -> None:
    sql(store, "INSERT INTO marks VALUES ('p3', 2026, 'lost:x', '2026-10-01|77|Физика|')")
    sql(store, "INSERT INTO marks VALUES ('p2', 2026, 'lost:y', '2026-10-01|78|Химия|book')")
    sql(store, "UPDATE patrons SET has_left = 1 WHERE id = 'p3'")
    reads = StoreReports(store)
    (lost,) = (one for of in reads.debts(TODAY) for one in of.debtors if one.name == "Ән А")
    assert lost.left and lost.debts == (Debt("Физика", "77", date(2026, 10, 1), None, 4, lost=True),)
    assert reads.leavers(["p3"], TODAY)[0].debts == lost.debts and reads.leavers(["p2"], TODAY)[0].debts == ()
    assert reads.gone_with_books() == ("p3", "p5")


def test_labels_are_found_by_number_span_isbn_and_condition(store: SqliteStore) -> None:
    reads = StoreReports(store)
    found, unknown = reads.labels_of(["B12", "4", "77", "1-12", "12-1"])
    assert [face.number for face in found] == ["B12", "B4", "B1", "B2", "B4", "B12"] and unknown == ("77", "12-1")
    assert [face.number for face in reads.labels_by_isbn("9786012345674")] == ["B1", "B2", "B4", "B12"]
    assert [(face.number, face.inventory_no) for face in reads.torn_labels()] == [("B2", "2")]
    assert reads.labels_of(["3"]) == ((), ("3",)), "it is lost"


def test_cards_are_those_that_are_not_lost(store: SqliteStore) -> None:
    sql(store, "INSERT INTO cards VALUES ('C1', 'p0', 1), ('C2', 'p0', 0), ('C3', 'p1', 1)")
    reads = StoreReports(store)
    assert [(card.number, card.name) for card in reads.cards(["p0", "p1", "p2"])] == [("C2", "Қасым А")]
    assert reads.without_card(["p0", "p1", "p2"]) == ("p1", "p2")


def test_a_chip_needs_no_card_of_paper(store: SqliteStore) -> None:
    sql(store, "INSERT INTO cards VALUES ('UID:04A1B2C3', 'p0', 0), ('UID:04A1B2C4', 'p1', 0), ('Z1', 'p1', 0)")
    reads = StoreReports(store)
    assert [card.number for card in reads.cards(["p0", "p1"])] == ["Z1"]
    assert reads.without_card(["p0", "p1"]) == ()
