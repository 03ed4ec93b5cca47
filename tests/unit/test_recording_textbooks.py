"""What staff change, in a real store: recorded as it is said, refused if it was not so, taken back by its opposite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation.acts import (
    Act,
    BarcodeChange,
    Change,
    ClassChange,
    ConditionChange,
    HeldChange,
    ItemMade,
    Kind,
    MarkChange,
    PatronMade,
    SetChange,
)
from kiosk.circulation.change_words import change_in, change_out, reversed_change
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Committed, Stale
from kiosk.circulation.model import (
    Condition,
    Item,
    ItemKind,
    ItemStatus,
    Mark,
    Patron,
    SchoolClass,
    SetLine,
    TextbookSet,
)
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from tests.store_fixture import NOW, new_store, one, sql

MOMENT = Moment(0.0, NOW, True, True)
SEVENTH = TextbookSet(
    2026, 7, "kk", "", (SetLine("Алгебра", edition=2023), SetLine("Еңбек", group="boys"), SetLine("Химия", term=2))
)
MADE = Item("made", 1, "t", "N417305620177", None, ItemKind.TEXTBOOK, ItemStatus.AVAILABLE, condition=Condition.WORN)
PUPIL = Patron("new", 1, "Ерасыл", "Жұмабеков", "", school_class=SchoolClass(3, "Ә"), groups=("boys", "english-1"))

CHANGES: dict[str, Change] = {
    "condition": ConditionChange("i", Condition.GOOD, Condition.TORN),
    "mark": MarkChange(None, Mark("p", 2026, "absent", "2026-08-20")),
    "mark changed": MarkChange(Mark("p", 2026, "slip", "1"), Mark("p", 2026, "slip", "2")),
    "set": SetChange(None, SEVENTH),
    "set changed": SetChange(
        TextbookSet(2026, 5, "kk", "Ә", ()), TextbookSet(2026, 5, "kk", "Ә", (SetLine("Математика"),))
    ),
    "item made": ItemMade(None, MADE),
    "barcode": BarcodeChange("i", "B1", "B9"),
    "first barcode": BarcodeChange("bare", None, "B8"),
    "held": HeldChange("t", 3),
    "patron made": PatronMade(None, PUPIL),
    "class": ClassChange("p", 2026, None, SchoolClass(8, "А")),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A pupil, a title with two copies, one without a label; a mark and a set, as the acts that change them expect."""
    made = new_store(tmp_path)
    sql(made, "INSERT INTO patrons (id, first_name, grade, letter) VALUES ('p', 'Айгүл', 7, 'А')")
    sql(made, "INSERT INTO titles (id, key, title, kind, held) VALUES ('t', 'k', 'Алгебра', 'textbook', 1)")
    sql(made, "INSERT INTO title_words (rowid, words) SELECT n, 'алгебра' FROM titles")
    for item_id, barcode, number in (("i", "B1", "101"), ("bare", None, "102")):
        sql(
            made,
            "INSERT INTO items (id, title_id, barcode, inventory_no, kind, status, service_point) "
            "VALUES (?, 't', ?, ?, 'textbook', 'available', 'loan_desk')",
            item_id,
            barcode,
            number,
        )
    before = (MarkChange(None, Mark("p", 2026, "slip", "1")), SetChange(None, TextbookSet(2026, 5, "kk", "Ә", ())))
    assert isinstance(done(made, "before", *before), Committed)
    assert isinstance(done(made, "former", ClassChange("p", 2025, None, SchoolClass(7, "А"))), Committed)
    yield made
    made.close()


def done(store: SqliteStore, act_id: str, *changes: Change, undoes: str | None = None) -> object:
    act = Act(act_id, Kind.UNDO if undoes else Kind.MARKED, changes=changes, undoes=undoes, staff="librarian")
    return store.commit((act,), (), MOMENT)


def contents(store: SqliteStore) -> list[list[tuple[object, ...]]]:
    tables = ("patrons", "items", "titles", "marks", "sets", "class_years")
    with store.connection().read() as db:
        return [[tuple(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY 1, 2")] for table in tables]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_read_back_as_it_was_written(name: str) -> None:
    assert change_in(change_out(CHANGES[name])) == CHANGES[name]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_and_its_opposite_leave_everything_as_it_was(store: SqliteStore, name: str) -> None:
    before = contents(store)
    assert isinstance(done(store, "a", CHANGES[name]), Committed)
    assert contents(store) != before
    assert recompute(store) == []
    assert isinstance(done(store, "b", reversed_change(CHANGES[name]), undoes="a"), Committed)
    assert contents(store)[:-1] == before[:-1], "all but the classes of years that have gone"
    assert recompute(store) == []


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "held"])
def test_a_change_of_what_is_not_so_any_more_is_stale_and_leaves_nothing_behind(store: SqliteStore, name: str) -> None:
    assert isinstance(done(store, "a", CHANGES[name]), Committed)
    before = contents(store)
    assert done(store, "b", MarkChange(None, Mark("p", 2026, "cleared", "x")), CHANGES[name]) == Stale()
    assert contents(store) == before
    assert one(store, "SELECT count(*) FROM transactions") == 3


def test_no_more_counted_copies_go_than_there_are(store: SqliteStore) -> None:
    assert done(store, "a", HeldChange("t", -2)) == Stale()
    assert isinstance(done(store, "b", HeldChange("t", -1)), Committed)


@pytest.mark.parametrize("label", ["B1", "B0"])
def test_a_label_that_is_or_was_on_another_copy_is_not_taken(store: SqliteStore, label: str) -> None:
    assert isinstance(done(store, "a", BarcodeChange("bare", None, "B0")), Committed)
    assert isinstance(done(store, "b", BarcodeChange("bare", "B0", "B7")), Committed)
    made = Item("new", 1, "t", label, None, ItemKind.TEXTBOOK, ItemStatus.AVAILABLE)
    assert done(store, "c", ItemMade(None, made)) == Stale()
    assert done(store, "d", BarcodeChange("i", "B1", "B0")) == Stale()


def test_the_newest_school_year_tells_the_present_class(store: SqliteStore) -> None:
    done(store, "a", ClassChange("p", 2026, None, SchoolClass(8, "Ә")))
    done(store, "b", ClassChange("p", 2025, SchoolClass(7, "А"), SchoolClass(7, "Ә")))
    assert one(store, "SELECT grade || letter FROM patrons") == "8Ә"
    assert one(store, "SELECT count(*) FROM class_years") == 2


def test_marks_and_sets_that_no_transaction_made_are_noticed(store: SqliteStore) -> None:
    sql(store, "UPDATE marks SET value = '3'")
    sql(store, "UPDATE items SET condition = 'wet' WHERE id = 'i'")
    sql(store, "DELETE FROM sets")
    faults = " ".join(recompute(store))
    assert all(word in faults for word in ("marks", "wet", "sets"))
