"""The stick between one kiosk and a central library: what is believed, what is refused, and what is said of it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from kiosk.circulation.delivery import Delivery, Parcel, Reason
from kiosk.errors import ConnectorError
from kiosk.sync.carry.sealed import ACTS, ANSWERS, read_head, read_sealed, write_sealed
from kiosk.sync.carry.stick import replace_durably
from kiosk.sync.carry.words import decode, parcel_out
from kiosk.sync.central.database import changing, end_turn, opened, take_turn
from kiosk.sync.central.schema import items, loans, transactions
from tests.carry_fixture import (
    PAGE_OF_TESTS,
    Carried,
    carried,
    carry_connector,
    counted,
    key_of,
    library,
    new_stick,
    walk,
)
from tests.central_fixture import SCHOOL, Central, checkout
from tests.driver import full
from tests.sync_fixture import MONDAY, KioskClock, folder_in_memory


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


@pytest.fixture
def central(folder: Path) -> Iterator[Central]:
    with library("sqlite", folder) as made:
        yield made


@pytest.fixture
def one(central: Central, folder: Path) -> Carried:
    return carried(central, folder, KioskClock(MONDAY), "one")


def told(central: Central) -> int:
    """How many acts central has."""
    return int(central.rows(select(func.count()).select_from(transactions))[0][0])


def file_of(one: Carried, what: str = ACTS) -> Path:
    return one.place / "kiosk-carry" / f"{one.key.kiosk}.{what}"


def sealed(one: Carried, goes: str, number: int, *lines: dict[str, Any]) -> None:
    """Write a file as one who has the key could."""
    file = BytesIO()
    write_sealed(file, one.key, goes, number, [json.dumps(line).encode() for line in lines])
    file_of(one, goes).write_bytes(file.getvalue())


def lines_of(one: Carried, what: str = ACTS) -> list[dict[str, Any]]:
    with file_of(one, what).open("rb") as file:
        return [decode(line) for line in read_sealed(file, one.key, read_head(file))]


# There and back.


def test_all_acts_of_an_item_go_with_one_stick(one: Carried, central: Central) -> None:
    for card in ("P1", "P2", "P3"):
        one.kiosk.visit(card, "A1")
    assert one.kiosk.round().reached
    assert one.kiosk.states() == {"sending": 5}, "lent, returned, lent, returned, lent"
    walk(central, one.place, PAGE_OF_TESTS)
    assert told(central) == 5
    assert one.kiosk.round().pushed.accepted == 5
    counted(central, [one.kiosk])


def test_the_kiosk_goes_on_while_the_stick_is_away_and_what_is_new_goes_with_the_next(
    one: Carried, central: Central
) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.round()
    away = one.place.with_name("away")
    one.place.rename(away)
    one.kiosk.visit("P2", "A1")
    done = one.kiosk.round()
    assert not done.reached and "no stick" in done.problem
    assert one.kiosk.mirror.noted()["state"] == "offline"
    walk(central, away, PAGE_OF_TESTS)
    away.rename(one.place)
    done = one.kiosk.round()
    assert (done.pushed.accepted, one.kiosk.states()) == (1, {"accepted": 1, "sending": 2})
    one.trip(central)
    counted(central, [one.kiosk])


def test_a_lost_stick_loses_nothing(one: Carried, central: Central) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.round()
    shutil.rmtree(one.place)
    new_stick(one.place)
    one.kiosk.visit("P2", "A2")
    one.trip(central)
    counted(central, [one.kiosk])


def test_a_stick_that_stays_plugged_in_is_written_once(one: Carried) -> None:
    one.kiosk.visit("P1", "A1")
    assert one.kiosk.round().told
    before = file_of(one).stat()
    for _ in range(3):
        done = one.kiosk.round()
        assert done.reached and done.told == ""
    assert file_of(one).stat() == before
    one.kiosk.visit("P2", "A2")
    assert one.kiosk.round().told.endswith("2 acts are on the stick; it can be pulled out")
    assert one.kiosk.mirror.noted()["stick"].endswith("2 acts are on the stick; it can be pulled out")


def test_the_same_files_again_change_nothing(one: Carried, central: Central) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.round()
    versions = []
    for _ in range(3):
        (done,) = walk(central, one.place, PAGE_OF_TESTS)
        assert (done.acts, done.accepted, done.refused, done.problem, done.notes) == (1, 1, 0, "", [])
        versions.append(central.rows(select(transactions.c.version)))
    assert versions[0] == versions[1] == versions[2] and len(versions[0]) == 1
    one.kiosk.round()
    for _ in range(2):
        one.kiosk.round()
    counted(central, [one.kiosk])


def test_two_kiosks_share_a_stick(central: Central, folder: Path) -> None:
    clock = KioskClock(MONDAY)
    two = [carried(central, folder, clock, name) for name in ("one", "two")]
    shared = folder / "shared"
    new_stick(shared)
    for each in two:
        each.kiosk.visit(f"P{len(each.kiosk.path.stem)}", "A1")
        clock.move(60)
    for _ in range(2):
        for each in two:
            each.place.rename(each.place.with_name("drawer"))
            shared.rename(each.place)
            assert not each.kiosk.round().problem
            each.place.rename(shared)
            each.place.with_name("drawer").rename(each.place)
        assert [done.problem for done in walk(central, shared, PAGE_OF_TESTS)] == ["", ""]
    for each in (*two, *two):
        each.trip(central)
    counted(central, [each.kiosk for each in two])


def test_an_act_that_is_not_known_there_is_parked_and_goes_again_when_the_stick_brings_it(
    one: Carried, central: Central
) -> None:
    with one.kiosk.store.connection().write() as db:
        db.execute("UPDATE cards SET number = 'NEW' WHERE number = 'P1'")
        db.execute("UPDATE known_as SET central_id = 'nobody' WHERE central_id = 'cp1'")
    one.kiosk.visit("NEW", "A1")
    one.kiosk.scan("A1")
    one.kiosk.wait(30)
    one.kiosk.visit("P2", "A1", "A2")
    one.kiosk.round()
    (done,) = walk(central, one.place, PAGE_OF_TESTS)
    read = one.kiosk.sync.once()
    assert (done.accepted, done.refused) == (3, 1), "the return passes it, and so does what comes after"
    assert read.pushed.parked == 1
    (entry,) = one.kiosk.outbox.entries([Delivery.PARKED], flagged=True)
    assert (entry.reason, entry.delivery) == (Reason.PATRON_UNKNOWN, Delivery.SENDING), "tried again, and shown"
    with one.kiosk.store.connection().write() as db:
        db.execute("UPDATE known_as SET central_id = 'cp1' WHERE central_id = 'nobody'")
    one.trip(central)
    assert told(central) == 4 and one.kiosk.states() == {"accepted": 4}


def test_what_waits_behind_a_refused_act_is_not_applied_before_it(one: Carried, central: Central) -> None:
    with one.kiosk.store.connection().write() as db:
        db.execute("UPDATE cards SET number = 'NEW' WHERE number = 'P1'")
        db.execute("UPDATE known_as SET central_id = 'nobody' WHERE central_id = 'cp1'")
    one.kiosk.visit("NEW", "A1")
    one.kiosk.scan("NEW")
    one.kiosk.press("account")
    one.kiosk.press("renew_all")
    one.kiosk.press("finish")
    _, (done,), _ = one.trip(central)
    assert (done.acts, done.accepted, done.refused, told(central)) == (2, 0, 2, 0)
    assert [one.reason for one in one.kiosk.outbox.entries([Delivery.PARKED])] == [
        Reason.PATRON_UNKNOWN, Reason.BEHIND
    ]  # fmt: skip
    with one.kiosk.store.connection().write() as db:
        db.execute("UPDATE known_as SET central_id = 'cp1' WHERE central_id = 'nobody'")
    for entry in one.kiosk.outbox.entries([Delivery.PARKED])[:1]:
        one.kiosk.outbox.settle_by_hand(entry.seq, entry.ways_out[0], "Қарлығаш")
    one.trip(central)
    one.trip(central)
    assert told(central) == 2 and one.kiosk.states() == {"accepted": 2}


def test_a_clock_that_is_not_trusted_is_not_set_by_what_a_stick_says(central: Central, folder: Path) -> None:
    one = carried(central, folder, KioskClock(datetime(1970, 1, 1, tzinfo=UTC), trusted=False), "one")
    one.kiosk.visit("P1", "A1")
    one.trip(central)
    (row,) = central.rows(select(transactions.c.trusted))
    assert row.trusted is False
    assert "offset_s" not in one.kiosk.mirror.noted()


# What is not believed.


def untouched(central: Central, one: Carried, saying: str) -> None:
    """Central takes nothing of it in, and says why; and a good file is taken in after it."""
    before = told(central)
    (done,) = walk(central, one.place, PAGE_OF_TESTS)
    assert saying in done.problem and done.accepted == 0, done
    assert told(central) == before
    shutil.rmtree(one.place)
    new_stick(one.place)
    one.trip(central)
    one.trip(central)
    counted(central, [one.kiosk])


CUTS = [0, 5, 13, 14, 100, 190, 210, -17, -1][:: full(1, 3)]
"""In the mark, in the head, at its end, in a length, in a piece, in its tag."""


@pytest.mark.parametrize("length", CUTS)
def test_acts_that_were_cut_off_are_not_taken_in(one: Carried, central: Central, length: int) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.round()
    content = file_of(one).read_bytes()
    file_of(one).write_bytes(content[:length])
    untouched(central, one, "nothing of it was taken in")


@pytest.mark.parametrize("length", CUTS)
def test_an_answer_that_was_cut_off_is_not_read_and_the_kiosk_writes_nevertheless(
    one: Carried, central: Central, length: int
) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.round()
    walk(central, one.place, PAGE_OF_TESTS)
    content = file_of(one, ANSWERS).read_bytes()
    file_of(one, ANSWERS).write_bytes(content[:length])
    one.kiosk.visit("P2", "A2")
    done = one.kiosk.round()
    assert done.reached and "the answer on the stick is not used" in done.problem
    assert one.kiosk.states() == {"sending": 2} and "it can be pulled out" in done.told
    walk(central, one.place, PAGE_OF_TESTS)
    assert not one.kiosk.round().problem
    counted(central, [one.kiosk])


def test_acts_with_another_key_are_not_taken_in(one: Carried, central: Central) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.round()
    one.kiosk.connector = carry_connector(one.place, key_of(central, "one", renew=True), "one")
    (done,) = walk(central, one.place, PAGE_OF_TESTS)
    assert "another key" in done.problem and told(central) == 0


def test_a_kiosk_that_is_none_of_ours_is_named_so(one: Carried, central: Central) -> None:
    one.kiosk.round()
    stranger = file_of(one).with_name(f"{'9' * 32}.acts")
    content = file_of(one).read_bytes().replace(one.key.kiosk.encode(), b"9" * 32)
    file_of(one).rename(stranger)
    stranger.write_bytes(content)
    (done,) = walk(central, one.place, PAGE_OF_TESTS)
    assert "no kiosk that has a key" in done.problem


def test_a_bad_file_of_one_kiosk_does_not_keep_another_waiting(central: Central, folder: Path) -> None:
    clock = KioskClock(MONDAY)
    two = [carried(central, folder, clock, name) for name in ("one", "two")]
    for each in two:
        each.kiosk.visit("P1", "A1" if each is two[0] else "A2")
        each.kiosk.round()
    bad = file_of(two[0])
    (two[1].place / "kiosk-carry" / bad.name).write_bytes(bad.read_bytes()[:-1])
    done = walk(central, two[1].place, PAGE_OF_TESTS)
    assert sorted((one.accepted, bool(one.problem)) for one in done) == [(0, True), (1, False)]


def good_parcel() -> dict[str, Any]:
    act = checkout("cp1", "ci1", title="ct0")
    return parcel_out(Parcel(1, act, datetime.now(UTC) - timedelta(days=1), True, "one", "P1", "A1", None))


def first(acts: int, **other: Any) -> dict[str, Any]:
    made = "2026-09-21T10:00:00+00:00"
    return {"school": SCHOOL, "name": "one", "made": made, "read": 0, "cursor": "", "acts": acts} | other


def changed(key: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda line: {**line, key: value}


SPOILT = [
    changed("act", ""), changed("act", 5), changed("act", "x" * 1000), changed("act", None), changed("seq", "1"),
    changed("seq", -1), changed("seq", True), changed("seq", 2**64), changed("at", "yesterday"),
    changed("at", None),
    changed("body", "[]"), changed("body", "{" * 50_000), changed("body", '{"changes": 5}'),
    changed("body", '{"changes": [{"loan": [null, {"id": {"a": 1}}]}]}'), changed("kiosk", ["one"]),
    changed("body", '{"override": {"by": 5, "refusals": [], "reason": ""}}'), changed("trusted", 1),
    changed("patron", {"$ne": ""}), changed("card", "x\0y"), changed("card", "\ud800"), changed("kind", 7),
    changed("insist", "yes"), changed("reported", 12), changed("at", "0001-01-01T00:00:00+23:59"),
]  # fmt: skip


def test_a_line_that_no_kiosk_writes_spoils_the_whole_file(one: Carried, central: Central) -> None:
    for n, spoil in enumerate(SPOILT):
        sealed(one, ACTS, 99, first(2), good_parcel(), spoil(good_parcel()))
        (done,) = walk(central, one.place)
        assert done.problem and told(central) == 0, n
    sealed(one, ACTS, 99, first(1), good_parcel())
    (done,) = walk(central, one.place)
    assert (done.problem, done.accepted) == ("", 1)


def test_a_file_for_the_other_direction_is_not_taken_for_ours(one: Carried, central: Central) -> None:
    one.kiosk.round()
    sealed(one, ACTS, 99, first(1), good_parcel())
    acts = file_of(one).read_bytes()
    sealed(one, ANSWERS, 99, first(1), good_parcel())
    file_of(one).write_bytes(file_of(one, ANSWERS).read_bytes())
    (done,) = walk(central, one.place)
    assert "the name of another file" in done.problem and told(central) == 0
    file_of(one, ANSWERS).write_bytes(acts)
    assert "it is not for this kiosk" in one.kiosk.round().problem


@pytest.mark.parametrize("acts", [0, 2])
def test_a_file_that_has_not_what_it_says_is_refused(one: Carried, central: Central, acts: int) -> None:
    sealed(one, ACTS, 99, first(acts), good_parcel())
    (done,) = walk(central, one.place)
    assert done.problem and told(central) == 0


def test_a_kiosk_of_another_school_by_its_settings_is_refused(one: Carried, central: Central) -> None:
    sealed(one, ACTS, 99, first(0, school="№ 7 мектеп"))
    (done,) = walk(central, one.place)
    assert "№ 7 мектеп" in done.problem


def test_an_act_of_a_kind_of_the_future_is_refused_alone(one: Carried, central: Central) -> None:
    sealed(one, ACTS, 99, first(2), {**good_parcel(), "kind": "teleport", "act": "future"}, good_parcel())
    (done,) = walk(central, one.place)
    assert (done.problem, done.accepted, done.refused) == ("", 1, 1)
    answers = [line for line in lines_of(one, ANSWERS) if line.get("of") == "future"]
    assert [line["no"] for line in answers] == ["other"]


def answer(to: int, outcomes: int, pages: int, **other: Any) -> dict[str, Any]:
    return {
        "school": SCHOOL, "made": "2026-09-21T10:00:00+00:00", "to": to, "version": 5, "outcomes": outcomes,
        "pages": pages,
    } | other  # fmt: skip


PAGE = {"page": "x", "cursor": "y", "version": 3, "more": False, "snapshot": False, "total": None, "facts": 0}


WRONG_ANSWERS: list[list[dict[str, Any]]] = [
    [], [answer(1, 1, 0)], [answer(1, 0, 1)], [answer(1, 0, 0), {"of": "a", "version": 1, "flags": []}],
    [answer(1, 0, 0, school="№ 7 мектеп")], [answer(-1, 0, 0)], [answer(1, 0, 0, made="now")],
    [answer(1, 1, 0), {"of": "a", "version": "1", "flags": []}], [answer(1, 1, 0), {"of": "a", "version": 1}],
    [answer(1, 2, 0), *[{"of": "a", "version": 1, "flags": []}] * 2], [answer(1, 0, 1), {**PAGE, "facts": 1}],
    [answer(1, 0, 1), {**PAGE, "more": 1}], [answer(1, 0, 1), {**PAGE, "cursor": ""}],
    [answer(1, 0, 1), {**PAGE, "facts": 1}, {"fact": "elephant"}],
    [answer(1, 0, 1), {**PAGE, "facts": 1}, {"fact": "loan", "id": "a", "since": "soon"}],
    [answer(1, 0, 2), PAGE, PAGE],
]  # fmt: skip


def test_an_answer_that_no_central_library_writes_is_not_used(one: Carried) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.round()
    before = one.kiosk.mirror.noted()
    for lines in WRONG_ANSWERS:
        sealed(one, ANSWERS, 99, *lines)
        done = one.kiosk.round()
        assert "the answer on the stick is not used" in done.problem, lines
        after = one.kiosk.mirror.noted()
        assert (after["cursor"], after["carry_read"]) == (before["cursor"], before["carry_read"])
        assert one.kiosk.states() == {"sending": 1}


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
def test_what_is_no_plain_file_is_not_opened(one: Carried, central: Central, folder: Path, what: str) -> None:
    one.kiosk.round()
    for path in (file_of(one), file_of(one, ANSWERS)):
        content = path.read_bytes()
        path.unlink()
        if what == "link":
            (folder / path.name).write_bytes(content)
            path.symlink_to(folder / path.name)
        elif what == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()
    (done,) = walk(central, one.place)
    assert done.problem
    assert not one.kiosk.round().reached


def test_a_folder_that_is_a_link_is_no_stick(one: Carried, folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    (one.place / "kiosk-carry").rename(elsewhere)
    (one.place / "kiosk-carry").symlink_to(elsewhere)
    assert "no stick" in one.kiosk.round().problem


def test_of_two_sticks_none_is_taken(one: Carried) -> None:
    for name in ("a", "b"):
        new_stick(one.place / name)
    shutil.rmtree(one.place / "kiosk-carry")
    assert "several sticks" in one.kiosk.round().problem
    shutil.rmtree(one.place / "b")
    assert one.kiosk.round().reached


def test_a_stick_that_is_full_is_told_and_the_old_file_is_there_yet(one: Carried, central: Central) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.round()
    before = file_of(one).read_bytes()

    def write(file: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(ConnectorError, match="the stick is full"):
        replace_durably(file_of(one), write)
    assert file_of(one).read_bytes() == before
    assert sorted(path.suffix for path in file_of(one).parent.iterdir()) == [".acts", ".answers"]


# Older, newer, set back.


def snapshot(one: Carried) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (one.place / "kiosk-carry").iterdir()}


def restore(one: Carried, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (one.place / "kiosk-carry" / name).write_bytes(content)


def test_an_older_file_of_acts_is_answered_and_applies_nothing(one: Carried, central: Central) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.round()
    older = snapshot(one)
    one.kiosk.visit("P2", "A2")
    one.trip(central)
    sealed(one, ACTS, 1, first(1), good_parcel() | {"act": "never-told"})
    (done,) = walk(central, one.place, PAGE_OF_TESTS)
    assert "older" in done.notes[0] and (done.accepted, told(central)) == (0, 2)
    restore(one, older)
    (done,) = walk(central, one.place, PAGE_OF_TESTS)
    assert "older" in done.notes[0] and (done.accepted, told(central)) == (1, 2)
    assert not one.kiosk.round().problem
    one.trip(central)
    counted(central, [one.kiosk])


def test_an_older_answer_is_not_read_again(one: Carried, central: Central) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.round()
    walk(central, one.place, PAGE_OF_TESTS)
    older = snapshot(one)
    one.kiosk.round()
    one.trip(central)
    one.kiosk.visit("P2", "A2")
    restore(one, older)
    done = one.kiosk.round()
    assert "older" in done.problem and done.reached
    one.trip(central)
    counted(central, [one.kiosk])


@pytest.mark.parametrize("stick", ["the last one", "a new one"])
def test_a_kiosk_that_was_set_back_is_noticed_and_goes_on(
    one: Carried, central: Central, folder: Path, stick: str
) -> None:
    one.kiosk.visit("P1", "A1")
    one.kiosk.off()
    backup = folder / "backup.db"
    with closing(sqlite3.connect(one.kiosk.path)) as db:
        db.execute("VACUUM INTO ?", (str(backup),))
    one.kiosk.boot()
    for card in ("P2", "P3"):
        one.kiosk.visit(card, f"A{card[1]}")
        one.trip(central)
    lost = list(one.kiosk.acknowledged)
    one.kiosk.off()
    for path in folder.glob("one.db*"):
        path.unlink()
    shutil.copy(backup, one.kiosk.path)
    one.kiosk.connector.close()
    one.kiosk.boot()
    if stick == "a new one":
        shutil.rmtree(one.place)
        new_stick(one.place)
    written = one.kiosk.round()
    (done,) = walk(central, one.place, PAGE_OF_TESTS)
    by_kiosk, by_central = "set back" in written.problem, any("set back" in note for note in done.notes)
    assert (by_kiosk, by_central) == (stick == "the last one", stick == "a new one")
    one.trip(central)
    one.trip(central)
    one.kiosk.visit("P4", "A4")
    one.trip(central)
    assert one.kiosk.states() == {"accepted": 2} and told(central) == len(lost) + 1
    assert one.kiosk.loans().keys() == {"A1", "A2", "A3", "A4"}, "the pull has brought what was lost here"


def test_a_central_that_was_set_back_is_noticed_and_goes_on(one: Carried, central: Central, folder: Path) -> None:
    one.kiosk.visit("P5", "A5")
    one.trip(central)
    backup = folder / "backup.db"
    shutil.copy(folder / "central.db", backup)
    one.kiosk.visit("P1", "A1")
    with opened(central.engine) as connection, changing(connection):
        turn = take_turn(connection, central.schools[SCHOOL])
        connection.execute(update(loans).values(due=date(2026, 12, 1), version=turn.version))
        end_turn(connection, central.schools[SCHOOL], turn)
    for _ in range(3):
        one.trip(central)
    assert one.kiosk.loans()["A5"] == ("P5", "2026-12-01")
    shutil.copy(backup, folder / "central.db")
    one.kiosk.visit("P2", "A2")
    one.kiosk.round()
    (done,) = walk(central, one.place, PAGE_OF_TESTS)
    assert any("this database remembers only" in note for note in done.notes) and done.accepted == 1
    assert not one.kiosk.round().problem
    one.kiosk.visit("P3", "A3")
    _, (done,), read = one.trip(central)
    assert (done.accepted, done.notes, read.problem) == (1, [], "")
    assert one.kiosk.loans().keys() == {"A2", "A3", "A5"}, "central's word holds"
    assert one.kiosk.loans()["A5"] == ("P5", "2026-10-01")
    statuses = {row.barcode: row.status for row in central.rows(select(items.c.barcode, items.c.status))}
    assert dict(one.kiosk.rows("SELECT barcode, status FROM items")) == statuses, "what is older now is no less true"
