"""Stations on one class at the same time, offline from each other: what they agree on afterwards, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.circulation.acts import Act, BarcodeChange, ClassChange, HeldChange, Kind, LoanChange, Override, PatronMade
from kiosk.circulation.change_words import reversed_change
from kiosk.circulation.conflicts import CONFLICTS, TEXTBOOK_DAYS, Conflict
from kiosk.circulation.delivery import WayOut
from kiosk.circulation.model import Condition, Loan, Patron, SchoolClass, SetLine, TextbookSet
from kiosk.store import reads
from kiosk.sync.carry.connector import CarryConnector
from tests.stations_fixture import CLASS, HELD, WAYS, YEAR, Station, Stations, stations_in
from tests.sync_fixture import MONDAY, folder_in_memory


@pytest.fixture(params=WAYS)
def stations(request: pytest.FixtureRequest) -> Iterator[Stations]:
    with folder_in_memory() as folder, stations_in(request.param, folder) as made:
        yield made


def undo(station: Station, act: Act) -> Act:
    changes = tuple(reversed_change(change) for change in reversed(act.changes))
    return station.commit(
        Kind.UNDO, *changes, undoes=act.id, patron_id=act.patron_id, item_id=act.item_id, title_id=act.title_id
    )


SET = TextbookSet(YEAR, 5, "kk", "", (SetLine("математика"), SetLine("қазақ тілі", edition=2024)))


def test_a_day_on_one_class_ends_the_same_at_all_stations_and_in_central(stations: Stations) -> None:
    one, two, three = stations.all
    one.change_set(None, SET)
    for n, (station, pupil) in enumerate(zip((one, two, three), ("Айгүл", "Болат", "Гүлнар"), strict=True)):
        station.number("math", f"29000{n}1")
        station.give(pupil, f"29000{n}1")
        station.give_counted(pupil, "kazakh")
        station.mark(pupil, "slip", "2026-09-21")
    two.number("history", "2900091")
    two.give("Дана", "2900091")
    two.take("2900091", Condition.TORN)
    two.relabel("2900091", "2900092")
    three.add_pupil("Серік", "Жаңа")
    three.number("history", "2900093")
    three.give("Серік", "2900093")
    three.mark("Серік", "absent", "2026-09-22")
    one.move("Ерлан", SchoolClass(5, "Б"))
    one.number("history", "2900094")
    one.give("Жанар", "2900094")
    one.lose("2900094")
    stations.agree()
    known = stations.same()
    assert [one.parked() for one in stations.all] == [{}, {}, {}]
    assert ("2900092", "Тарих", "available", "torn", None) in known["items"]
    assert ("2900093", "Тарих", "on_loan", "good", "Серік Жаңа") in known["items"]
    assert ("2900094", "Тарих", "lost", "good", None) in known["items"]
    assert known["counted"] == [(f"{name} Ахмет", "Қазақ тілі") for name in ("Айгүл", "Болат", "Гүлнар")]
    assert dict(known["held"])["Математика"] == HELD - 3 and dict(known["held"])["Тарих"] == HELD - 3
    assert ("2900091", "2900092") in known["labels"] and len(known["sets"]) == 1 and len(known["marks"]) == 4
    assert ("Ерлан Ахмет", YEAR, 5, "Б", 5, "Б") in known["classes"]
    # what one made the others can lend and take back, also by the number of the torn label
    one.take("2900093")
    three.give("Айгүл", "2900092")
    stations.agree()
    known = stations.same()
    assert ("2900092", "Тарих", "on_loan", "torn", "Айгүл Ахмет") in known["items"]
    assert ("2900093", "Тарих", "available", "good", None) in known["items"]


def test_one_subject_at_two_stations_stands_twice_and_is_flagged(stations: Stations) -> None:
    one, two, _ = stations.all
    one.give_counted("Айгүл", "kazakh")
    two.give_counted("Айгүл", "kazakh-old")
    stations.agree()
    known = stations.same()
    assert len(known["counted"]) == 2
    assert one.flagged() == {} and two.flagged() == {"checkout": "second_copy"}


def test_a_second_copy_that_staff_gave_anyway_is_not_flagged(stations: Stations) -> None:
    one, two, _ = stations.all
    one.give_counted("Айгүл", "kazakh")
    two.number("kazakh-old", "2900011")
    two.give("Айгүл", "2900011", Override("librarian-1", ("SECOND_COPY",), ""))
    stations.agree()
    stations.same()
    assert two.flagged() == {}


def test_a_label_on_two_copies_is_parked_until_the_second_has_another(stations: Stations) -> None:
    one, two, _ = stations.all
    one.number("math", "2900001")
    one.give("Айгүл", "2900001")
    two.number("history", "2900001", item_id="second")
    two.give("Болат", "2900001")
    stations.agree()
    assert two.parked() == {"numbered": "label_taken", "checkout": "behind"}
    assert [row[:3] for row in one.knows()["items"]] == [("2900001", "Математика", "on_loan")]
    assert two.item("2900001").id != "second", "the label names the copy that was told first"
    shown = two.kiosk.rows("SELECT barcode FROM items WHERE id = 'second'")[0][0]
    change = BarcodeChange("second", shown, "2900002")
    two.commit(Kind.RELABELLED, change, item_id="second", title_id=two.title("history"))
    (seq,) = two.kiosk.rows("SELECT seq FROM outbox WHERE state = 'parked' AND reason = 'label_taken'")[0]
    two.kiosk.outbox.settle_by_hand(seq, WayOut.RETRY, "librarian-1")
    stations.agree()
    known = stations.same()
    assert {row[0]: row[4] for row in known["items"]} == {"2900001": "Айгүл Ахмет", "2900002": "Болат Ахмет"}
    assert two.parked() == {}


def test_a_pupil_added_at_two_stations_is_two_and_flagged(stations: Stations) -> None:
    one, two, _ = stations.all
    one.add_pupil("Серік", "Жаңа")
    two.add_pupil("Серік", "Жаңа")
    stations.agree()
    known = stations.same()
    assert len([one for one in known["pupils"] if one[0] == "Серік"]) == 2
    assert one.flagged() == {} and two.flagged() == {"patron_added": "twin"}


def test_of_two_marks_and_conditions_the_later_holds_whichever_arrives_first(stations: Stations) -> None:
    one, two, three = stations.all
    one.number("math", "2900001")
    stations.agree()
    three.mark("Айгүл", "care:2026-10", "3")
    three.look("2900001", Condition.WORN)
    two.mark("Айгүл", "care:2026-10", "5")
    two.look("2900001", Condition.WET)
    stations.agree()  # two is heard before three
    known = stations.same()
    assert known["marks"] == [("Айгүл Ахмет", "care:2026-10", "5")]
    assert known["items"][0][3] == "wet"
    assert [one.flagged() for one in stations.all] == [{}, {}, {}]


def test_of_two_changes_of_a_set_the_later_holds_and_is_flagged(stations: Stations) -> None:
    one, two, three = stations.all
    one.change_set(None, SET)
    stations.agree()
    first, second = replace(SET, lines=SET.lines[:1]), replace(SET, lines=SET.lines[1:])
    two.change_set(SET, first)
    three.change_set(SET, second)
    one.move("Дана", SchoolClass(5, "Б"))
    two.move("Дана", SchoolClass(5, "В"))
    stations.agree()
    known = stations.same()
    assert len(known["sets"]) == 1 and "қазақ тілі" in known["sets"][0][4] and "математика" not in known["sets"][0][4]
    assert ("Дана Ахмет", YEAR, 5, "В", 5, "В") in known["classes"]
    assert three.flagged() == {"set_changed": "changed_elsewhere"}
    assert two.flagged() == {"class_moved": "changed_elsewhere"}


def test_counted_copies_add_up(stations: Stations) -> None:
    one, two, three = stations.all
    one.count("math", 5)
    two.count("math", 7)
    three.number("math", "2900001")
    stations.agree()
    assert dict(stations.same()["held"])["Математика"] == HELD + 5 + 7 - 1
    three.count("math", -2)
    one.count("math", 1)
    stations.agree()
    assert dict(stations.same()["held"])["Математика"] == HELD + 10


def test_the_last_counted_copy_is_numbered_here_and_lent_there(stations: Stations) -> None:
    """Two books, one of them on no list: both are there afterwards."""
    one, two, _ = stations.all
    one.count("math", 1 - HELD)
    stations.agree()
    one.number("math", "2900001")
    two.give_counted("Болат", "math")
    stations.agree()
    assert dict(stations.same()["held"])["Математика"] == 1
    (row,) = two.kiosk.rows(f"SELECT {reads.LOAN} FROM loans l WHERE l.item_id IS NULL")
    loan = reads.to_loan(row)
    two.commit(Kind.CHECKIN, LoanChange(loan, None), patron_id=loan.patron_id, title_id=loan.title_id)
    stations.agree()
    assert dict(stations.same()["held"])["Математика"] == 1


def test_a_copy_that_is_counted_as_it_is_lent_counts_once(stations: Stations) -> None:
    one = stations.all[0]
    one.count("math", -HELD)
    act_id, title = uuid4().hex, one.title("math")
    loan = Loan(act_id, one.pupil("Дана"), title, None, MONDAY.date(), MONDAY.date(), 270)
    changes = HeldChange(title, 1), LoanChange(None, loan)
    lent = one.commit(Kind.CHECKOUT, *changes, act_id=act_id, patron_id=loan.patron_id, title_id=title)
    stations.agree()
    assert dict(stations.same()["held"])["Математика"] == 1
    undo(one, lent)
    stations.agree()
    assert dict(stations.same()["held"])["Математика"] == 0


def test_a_counted_copy_that_is_lost_is_one_less_everywhere(stations: Stations) -> None:
    one, two, _ = stations.all
    one.count("math", 1 - HELD)
    two_act = two.give_counted("Болат", "math")
    stations.agree()
    (row,) = one.kiosk.rows(f"SELECT {reads.LOAN} FROM loans l WHERE l.item_id IS NULL")
    loan = reads.to_loan(row)
    assert loan.id == two_act.id
    changes = LoanChange(loan, None), HeldChange(loan.title_id, -1)
    one.commit(Kind.LOST, *changes, patron_id=loan.patron_id, title_id=loan.title_id)
    stations.agree()
    known = stations.same()
    assert dict(known["held"])["Математика"] == 0 and known["counted"] == []


def test_a_class_list_read_at_one_station_is_known_at_the_others(stations: Stations) -> None:
    one, two, _ = stations.all
    patron = Patron(one.pupil("Айгүл"), 1, "Айгүл", "Ахмет", school_class=CLASS)
    named = replace(patron, last_name="Ахметова", groups=("girls",))
    acts = [
        one.commit(Kind.LIST_IMPORTED, PatronMade(patron, named), patron_id=patron.id),
        one.commit(Kind.CLASS_MOVED, ClassChange(patron.id, YEAR, None, CLASS), patron_id=patron.id),
    ]
    two.mark("Айгүл", "slip", "2026-09-21")
    stations.agree()
    known = stations.same()
    assert ("Айгүл", "Ахметова", 5, "А") in known["pupils"]
    assert two.kiosk.rows("SELECT groups FROM patrons WHERE last_name = 'Ахметова'") == [("girls",)]
    for act in reversed(acts):
        changes = tuple(reversed_change(change) for change in reversed(act.changes))
        one.commit(Kind.LIST_UNDONE, *changes, undoes=act.id, patron_id=act.patron_id)
    stations.agree()
    known = stations.same()
    assert ("Айгүл", "Ахмет", 5, "А") in known["pupils"] and known["classes"] == []


def test_what_is_taken_back_is_taken_back_everywhere(stations: Stations) -> None:
    one, two, _ = stations.all
    acts = [one.number("math", "2900001"), one.add_pupil("Серік", "Жаңа"), one.mark("Болат", "absent", "2026-09-21")]
    acts += [one.change_set(None, SET), one.move("Ерлан", SchoolClass(5, "Б")), one.count("history", 3)]
    stations.agree()
    assert len(two.knows()["items"]) == 1
    for act in reversed(acts):
        undo(one, act)
    stations.agree()
    known = [station.knows() for station in stations.all]
    for name in ("items", "marks", "sets"):
        assert known[0][name] == known[1][name] == known[2][name] == []
    assert dict(known[1]["held"]) == dict(known[0]["held"]) and dict(known[0]["held"])["Математика"] == HELD
    assert not two.kiosk.rows("SELECT 1 FROM patrons WHERE first_name = 'Серік' AND has_left = 0")
    two.number("math", "2900001")  # the label is free again
    stations.agree()
    assert [row[:3] for row in stations.same()["items"]] == [("2900001", "Математика", "available")]


def test_what_waits_here_is_not_undone_by_what_central_knew_before(stations: Stations) -> None:
    one, two, _ = stations.all
    one.number("math", "2900001")
    one.mark("Айгүл", "slip", "2026-09-20")
    stations.agree()
    two.mark("Айгүл", "slip", "2026-09-21")
    two.move("Айгүл", SchoolClass(5, "Б"))
    two.relabel("2900001", "2900009")
    two.look("2900009", Condition.WET)
    two.count("math", 5)
    ours = two.knows()
    two.kiosk.mirror.note(cursor="")  # everything is listed anew while these acts wait
    pulled = two.kiosk.sync._pull.run()
    assert pulled.facts > 0 or isinstance(two.kiosk.connector, CarryConnector)
    assert two.knows() == ours and two.kiosk.faults() == []
    stations.agree()
    assert stations.same() == ours
    assert ours["classes"] == [("Айгүл Ахмет", YEAR, 5, "Б", 5, "Б")]
    assert dict(ours["held"])["Математика"] == HELD - 1 + 5 and ours["labels"] == [("2900001", "2900009")]


def test_every_conflict_of_textbook_days_has_its_test() -> None:
    named = {
        Conflict.SECOND_COPY: "one_subject_at_two_stations", Conflict.LABEL_TWICE: "a_label_on_two_copies",
        Conflict.ADDED_TWICE: "added_at_two_stations", Conflict.NOTED_TWICE: "of_two_marks_and_conditions",
        Conflict.SET_TWICE: "of_two_changes_of_a_set", Conflict.COUNTED_TWICE: "counted_copies_add_up",
    }  # fmt: skip
    assert named.keys() == TEXTBOOK_DAYS < CONFLICTS.keys()
    source = Path(__file__).read_text(encoding="utf-8")
    assert all(f"{words}" in source.replace("def test_", "") for words in named.values())
