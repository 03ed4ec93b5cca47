"""Class lists in a real store: what is done, found again, undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.clock import Moment
from kiosk.circulation.lists.acts import steps
from kiosk.circulation.lists.facts import NEW_PUPIL, Fate, Plan
from kiosk.circulation.lists.plan import plan_list, plan_moving_up
from kiosk.circulation.lists.rows import ClassList, ListedClass, ListRow, Place
from kiosk.circulation.model import SchoolClass
from kiosk.circulation.pupils import parse_name
from kiosk.devices.clock import HandClock
from kiosk.errors import StoreError
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from kiosk.store.class_lists import BATCH_STEPS, ClassLists
from kiosk.store.undo import Undo, Undone
from tests.store_fixture import NOW, importer_of, new_store, one, sql

FIVE, SIX = SchoolClass(5, "Ә"), SchoolClass(6, "Ә")
SIX_B = SchoolClass(6, "Б")
Rows = Sequence[tuple[str, SchoolClass]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = new_store(tmp_path)
    yield made
    assert recompute(made) == []
    made.close()


def listed(rows: Rows, **more: str) -> ClassList:
    found = []
    for line, (text, its) in enumerate(rows, 2):
        name = parse_name(text)
        assert name is not None
        found.append(ListRow(Place("", line), name, its, groups=(("sex", "girls"),), **more))
    teacher = "Ахметова Г."
    return ClassList(None, tuple(ListedClass(its, teacher=teacher) for its in {its for _, its in rows}), tuple(found))


def take(store: SqliteStore, rows: Rows, year: int, left_too: bool = True, **more: str) -> tuple[str, Plan]:
    return take_list(store, listed(rows, **more), year, left_too)


def take_list(store: SqliteStore, a_list: ClassList, year: int, left_too: bool = True) -> tuple[str, Plan]:
    lists = ClassLists(store, HandClock(NOW))
    plan = plan_list(a_list, year, lists.known())
    return do(lists, plan, left_too), plan


def do(lists: ClassLists, plan: Plan, left_too: bool = True) -> str:
    batch = lists.begin("list.xlsx", "digest", plan.year)
    todo = list(steps(plan, lists.classes(), lists.new_id, left_too))
    for start in range(0, len(todo), BATCH_STEPS):
        lists.apply(batch, todo[start : start + BATCH_STEPS])
    lists.finish(batch)
    return batch


def undo(store: SqliteStore, batch: str) -> Undone:
    return ClassLists(store, HandClock(NOW)).undo(batch)


def pupils(store: SqliteStore) -> dict[str, tuple[object, ...]]:
    with store.connection().read() as db:
        return {
            row[0]: tuple(row[1:])
            for row in db.execute("SELECT first_name, last_name, grade, letter, groups, has_left FROM patrons")
        }


def years(store: SqliteStore) -> set[tuple[object, ...]]:
    query = "SELECT p.first_name, y.year, y.grade, y.letter FROM class_years y JOIN patrons p ON p.id = y.patron_id"
    with store.connection().read() as db:
        return {tuple(row) for row in db.execute(query)}


def everything(store: SqliteStore) -> dict[str, list[tuple[object, ...]]]:
    """The tables that lists write, without versions."""
    with store.connection().read() as db:
        return {
            table: sorted((tuple(row) for row in db.execute(f"SELECT {columns} FROM {table}")), key=repr)
            for table, columns in (
                (
                    "patrons",
                    "id, first_name, last_name, patronymic, grade, letter, language, groups, has_left, external_id",
                ),
                ("cards", "*"),
                ("class_years", "*"),
                ("classes", "*"),
            )
        }


FIRST: Rows = [("Серікова Айгүл", FIVE), ("Ким Мира", FIVE), ("Цой Лев", FIVE)]
NEXT: Rows = [("Серікова Айгүл", SIX), ("Ким Мира", SIX_B), ("Пак Вера", SIX)]


def test_a_first_list_and_the_next_years_list(store: SqliteStore) -> None:
    take(store, FIRST, 2025)
    assert pupils(store)["Айгүл"] == ("Серікова", 5, "Ә", "girls", 0)
    _, plan = take(store, NEXT, 2026)
    assert [entry.fate for entry in plan.entries] == [Fate.UP, Fate.MOVED, Fate.NEW, Fate.LEFT]
    assert pupils(store)["Лев"] == ("Цой", 5, "Ә", "girls", 1)
    assert pupils(store)["Мира"][1:3] == (6, "Б")
    assert {("Айгүл", 2025, 5, "Ә"), ("Айгүл", 2026, 6, "Ә"), ("Вера", 2026, 6, "Ә")} <= years(store)
    assert one(store, "SELECT language || teacher FROM classes WHERE year = 2026 AND letter = 'Ә'") == "kkАхметова Г."


def test_an_act_stands_on_its_own_for_each_pupil(store: SqliteStore) -> None:
    take(store, FIRST, 2025)
    take(store, NEXT, 2026)
    kinds = [transaction.act.kind for transaction in store.transactions()]
    added, moved, of_lists = Kind.PATRON_ADDED, Kind.CLASS_MOVED, Kind.LIST_IMPORTED
    assert kinds == [of_lists] * 2 + [added] * 3 + [of_lists] * 3 + [moved, moved, added, of_lists]


def test_the_same_list_again_says_the_same(store: SqliteStore) -> None:
    take(store, NEXT, 2026)
    before = everything(store)
    _, plan = take(store, NEXT, 2026)
    assert {entry.fate for entry in plan.entries} == {Fate.SAME}
    assert everything(store) == before


def test_a_list_is_undone_as_a_whole(store: SqliteStore) -> None:
    take(store, FIRST, 2025)
    before = everything(store)
    batch, _ = take(store, NEXT, 2026, card="", external_id="")
    assert everything(store) != before
    assert undo(store, batch).kept == 0
    assert everything(store) == before
    assert undo(store, batch) == Undone(0, 0, ())
    undoing = [transaction.act.kind for transaction in store.transactions() if transaction.act.undoes]
    head, classes, left = [Kind.LIST_UNDONE], [Kind.LIST_UNDONE] * 2, [Kind.LIST_UNDONE]
    assert undoing == head + left + [Kind.PATRON_ADDED, Kind.CLASS_MOVED, Kind.CLASS_MOVED] + classes


def test_undoing_the_first_list_leaves_patrons_of_other_imports_as_they_were(store: SqliteStore) -> None:
    sql(
        store,
        "INSERT INTO patrons (id, first_name, last_name, grade, letter) VALUES ('a', 'Айгүл', 'Серікова', 5, 'Ә')",
    )
    sql(store, "INSERT INTO patrons (id, first_name, last_name) VALUES ('b', 'Мира', 'Ким')")
    sql(store, "INSERT INTO patrons (id, first_name, last_name, grade, letter) VALUES ('c', 'Вера', 'Пак', 6, 'Б')")
    before = everything(store)
    batch, plan = take(store, NEXT, 2026)
    assert {entry.known.patron.id for entry in plan.entries if entry.known} == {"a", "b", "c"}
    assert {("Айгүл", 2025, 5, "Ә"), ("Айгүл", 2026, 6, "Ә")} <= years(store)
    assert undo(store, batch).kept == 0
    assert everything(store) == before


def test_cards_and_external_ids_of_a_list_go_and_come_with_it(store: SqliteStore) -> None:
    batch, _ = take(store, [("Ким Мира", SIX)], 2026, card="P7", external_id="K7")
    assert one(store, "SELECT count(*) FROM cards WHERE number = 'P7'") == 1
    _, plan = take(store, [("Цой Мира", SIX)], 2027, card="P7")
    assert plan.entries[0].changes == ("name", "stays")
    assert undo(store, batch).kept == 1  # the later list speaks of her
    assert one(store, "SELECT count(*) FROM patrons") == 1


def test_an_undo_that_was_stopped_goes_on_with_pupils_whose_card_went_already(store: SqliteStore) -> None:
    lists = ClassLists(store, HandClock(NOW))
    batch, _ = take(store, [("Ким Мира", SIX)], 2026, card="P7", external_id="K7")
    undo_ = Undo(store.connection(), batch, Moment(0.0, NOW, True, True), frozenset(), rows=3)
    undo_.step()  # the card went, and here the power does
    assert one(store, "SELECT count(*) FROM cards") == 0 and one(store, "SELECT count(*) FROM patrons") == 1
    assert lists.undo(batch).kept == 0
    assert one(store, "SELECT count(*) FROM patrons") == 0


def test_an_added_pupil_who_borrowed_stays_when_the_list_is_undone(store: SqliteStore) -> None:
    batch, _ = take(store, FIRST, 2025)
    patron_id = one(store, "SELECT id FROM patrons WHERE first_name = 'Мира'")
    store.commit((Act("r", Kind.REQUEST, patron_id, text="Абай жолы"),), (), Moment(0.0, NOW, True, True))
    sql(store, "INSERT INTO blocks VALUES ((SELECT id FROM patrons WHERE first_name = 'Лев'), 'staff', NULL)")
    undone = undo(store, batch)
    assert undone.kept == 2 and set(pupils(store)) == {"Мира", "Лев"}
    assert all("Ким" not in reason and "Мира" not in reason for reason in undone.reasons)
    assert undo(store, batch).kept == 2


def test_what_was_changed_since_the_list_was_looked_at_stops_it_with_nothing_half_done(store: SqliteStore) -> None:
    take(store, FIRST, 2025)
    lists = ClassLists(store, HandClock(NOW))
    plan = plan_list(listed(NEXT), 2026, lists.known())
    todo = list(steps(plan, lists.classes(), lists.new_id, True))
    sql(store, "UPDATE patrons SET has_left = 1 WHERE first_name = 'Лев'")
    before = everything(store)
    batch = lists.begin("list.xlsx", "digest", 2026)
    with pytest.raises(StoreError, match="look at it again"):
        lists.apply(batch, todo)
    assert everything(store) == before
    sql(store, "UPDATE patrons SET has_left = 0 WHERE first_name = 'Лев'")
    lists.undo(batch)
    with pytest.raises(StoreError, match="taken back"):
        lists.apply(batch, todo)


def test_a_list_that_was_stopped_goes_on_under_its_id_and_is_undone_whole(store: SqliteStore) -> None:
    lists = ClassLists(store, HandClock(NOW))
    plan = plan_list(listed(FIRST), 2025, lists.known())
    batch = lists.begin("list.xlsx", "digest", 2025)
    lists.apply(batch, list(steps(plan, lists.classes(), lists.new_id))[:2])  # and here the power goes
    again, plan = take(store, FIRST, 2025)
    assert again == batch and [entry.fate for entry in plan.entries] == [Fate.SAME, Fate.NEW, Fate.NEW]
    assert len(pupils(store)) == 3
    undo(store, batch)
    assert pupils(store) == {}


def test_moving_up_without_a_list_and_back(store: SqliteStore) -> None:
    take(store, [("Ким Мира", SIX), ("Цой Лев", SchoolClass(11, "А"))], 2025)
    before = everything(store)
    lists = ClassLists(store, HandClock(NOW))
    batch = do(lists, plan_moving_up(2026, lists.known()))
    assert pupils(store)["Мира"][1:3] == (7, "Ә") and pupils(store)["Лев"][4] == 1
    assert one(store, "SELECT language FROM classes WHERE year = 2026 AND grade = 7") == "kk"
    assert undo(store, batch).kept == 0 and everything(store) == before


def test_two_of_a_name_are_both_there_after_the_answer_and_found_again(store: SqliteStore) -> None:
    rows = listed([("Ким Мира", SIX), ("Ким Мира", SIX)])
    lists = ClassLists(store, HandClock(NOW))
    plan = plan_list(rows, 2026, lists.known())
    (doubtful,) = plan.of(Fate.DOUBTFUL)
    do(lists, plan_list(rows, 2026, lists.known(), {doubtful.id: NEW_PUPIL}))
    assert one(store, "SELECT count(*) FROM patrons") == 2
    assert plan_list(rows, 2026, lists.known()).count(Fate.SAME) == 2


def test_lists_are_told_apart_from_other_imports(store: SqliteStore) -> None:
    batch, _ = take(store, FIRST, 2025)
    (past,) = ClassLists(store, HandClock(NOW)).lists()
    assert (past.id, past.file_name, past.pupils, past.finished, past.undone) == (batch, "list.xlsx", 3, True, False)
    assert importer_of(store).batches() == []


_PUPILS = st.sampled_from(["Ким Мира", "Ким Мира Олеговна", "Цой Лев", "Ли Ян", "Пак Вера", "Әли Нұр", "Али Нур"])
_CLASSES = st.sampled_from([FIVE, SIX, SIX_B, SchoolClass(11, "А")])
_LISTS = st.lists(st.tuples(_PUPILS, _CLASSES), min_size=1, max_size=8)


@settings(max_examples=40)
@given(st.lists(st.tuples(_LISTS, st.sampled_from([2025, 2026, 2027]), st.booleans()), min_size=1, max_size=4))
def test_lists_one_after_the_other_are_undone_one_after_the_other(lists: list[tuple[Rows, int, bool]]) -> None:
    with TemporaryDirectory() as folder:
        store = new_store(Path(folder))
        sql(store, "INSERT INTO patrons (id, first_name, last_name, grade, letter) VALUES ('a', 'Мира', 'Ким', 5, 'Ә')")
        states, batches = [everything(store)], []
        for rows, year, left_too in lists:
            batches.append(take(store, rows, year, left_too)[0])
            states.append(everything(store))
            assert recompute(store) == []
        for batch in reversed(batches):
            assert everything(store) == states.pop()
            assert undo(store, batch).kept == 0
            assert recompute(store) == []
        assert everything(store) == states.pop()
        store.close()
