"""What the screen's pages of class lists have done for them: files that may be lists, lists done part by part."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation.lists.deeds import (
    DoList,
    FindLists,
    ListLooked,
    ListRefused,
    ListsFound,
    ListStep,
    LookAtList,
    LookAtMovingUp,
    PastLists,
    PastListsFound,
    UndoList,
)
from kiosk.circulation.lists.facts import Fate
from kiosk.class_desk import ClassDesk, Deed
from kiosk.devices.clock import HandClock
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from kiosk.store.class_lists import BATCH_STEPS
from tests.list_fixture import plain, text
from tests.store_fixture import NOW, new_store, one, sql


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = new_store(tmp_path)
    yield made
    assert recompute(made) == []
    made.close()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "media" / "STICK"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def desk(store: SqliteStore, stick: Path) -> ClassDesk:
    return ClassDesk(store, HandClock(NOW), stick.parent)


def to_the_end(desk: ClassDesk, first: Deed, then: Deed) -> list[ListStep]:
    found = []
    answer = desk.do(first)
    while isinstance(answer, ListStep):
        found.append(answer)
        if answer.over:
            break
        answer = desk.do(then)
    assert isinstance(answer, ListStep), answer
    return found


def school(path: Path, pupils: int) -> Path:
    letters = "абвгдежзик"
    names = ("".join(letters[int(digit)] for digit in str(n)).capitalize() for n in range(pupils))
    return text(path, plain([(f"Ким {name}", "5А") for name in names]))


def test_only_files_that_may_be_lists_are_offered(desk: ClassDesk, stick: Path, tmp_path: Path) -> None:
    secret = text(tmp_path / "secret.csv", plain([("Ким Мира", "5А")]))
    for name in ("5А.xlsx", "b.CSV", ".hidden.csv", "~$5А.xlsx", "photo.jpg", "bad\nname.csv"):
        (stick / name).write_bytes(b"x")
    (stick / "folder.csv").mkdir()
    (stick / "link.csv").symlink_to(secret)
    (stick.parent / "away").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(stick / "pipe.csv")
    assert desk.do(FindLists()) == ListsFound(("STICK/5А.xlsx", "STICK/b.CSV"))
    for name in ("STICK/link.csv", "../secret.csv", "STICK/../../secret.csv", "away/secret.csv", str(secret)):
        assert desk.do(LookAtList(name)) == ListRefused("err.list_unreadable")


def test_no_folder_is_no_files(store: SqliteStore, tmp_path: Path) -> None:
    assert ClassDesk(store, HandClock(NOW), tmp_path / "none").do(FindLists()) == ListsFound(())


def test_a_list_is_done_and_taken_back_in_parts(desk: ClassDesk, store: SqliteStore, stick: Path) -> None:
    school(stick / "5А.csv", 120)
    looked = desk.do(LookAtList("STICK/5А.csv"))
    assert isinstance(looked, ListLooked) and looked.name == "5А.csv" and looked.plan.count(Fate.NEW) == 120
    done = to_the_end(desk, DoList(False, "s1", begin=True), DoList(False, "s1"))
    assert [(step.done, step.of) for step in done] == [(at, 121) for at in (*range(BATCH_STEPS, 121, BATCH_STEPS), 121)]
    assert {transaction.act.staff for transaction in store.transactions() if transaction.act.patron_id} == {"s1"}
    past = desk.do(PastLists())
    assert isinstance(past, PastListsFound) and [(its.name, its.pupils) for its in past.lists] == [("5А.csv", 120)]
    undone = to_the_end(desk, UndoList(past.lists[0].id, begin=True), UndoList(past.lists[0].id))
    assert undone[-1].done == 121 and undone[-1].kept == 0
    assert one(store, "SELECT count(*) FROM patrons") == 0


def test_what_was_not_looked_at_is_not_done(desk: ClassDesk, stick: Path) -> None:
    assert desk.do(DoList(True, "s1", begin=True)) == ListRefused("err.list_changed")
    school(stick / "5А.csv", 3)
    desk.do(LookAtList("STICK/5А.csv"))
    to_the_end(desk, DoList(True, "s1", begin=True), DoList(True, "s1"))
    assert desk.do(DoList(True, "s1", begin=True)) == ListRefused("err.list_changed")


def test_a_pupil_who_changed_since_stops_the_list(desk: ClassDesk, store: SqliteStore, stick: Path) -> None:
    sql(store, "INSERT INTO patrons (id, first_name, last_name, grade, letter) VALUES ('a', 'Мира', 'Ким', 4, 'А')")
    text(stick / "5А.csv", plain([("Ким Мира", "5А")]))
    looked = desk.do(LookAtList("STICK/5А.csv"))
    assert isinstance(looked, ListLooked) and looked.plan.count(Fate.UP) == 1
    there = text(stick / "6А.csv", plain([("Ким Мира", "5Б")]))
    other = ClassDesk(store, HandClock(NOW), there.parent)
    other.do(LookAtList("6А.csv"))
    to_the_end(other, DoList(False, "s2", begin=True), DoList(False, "s2"))
    assert desk.do(DoList(False, "s1", begin=True)) == ListRefused("err.list_changed")
    assert one(store, "SELECT letter FROM patrons") == "Б"


def test_moving_up_is_of_the_school_year_that_comes(desk: ClassDesk, store: SqliteStore) -> None:
    sql(store, "INSERT INTO patrons (id, first_name, grade, letter) VALUES ('a', 'Мира', 4, 'А')")
    looked = desk.do(LookAtMovingUp())
    assert isinstance(looked, ListLooked) and looked.plan.year == 2026 and looked.plan.count(Fate.UP) == 1
