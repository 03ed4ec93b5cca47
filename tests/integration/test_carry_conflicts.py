"""DESIGN.md 5's table of conflicts, row by row, between two kiosks that only sticks connect with central."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import select, update

from kiosk.circulation.acts import Kind
from kiosk.circulation.conflicts import CONFLICTS, TEXTBOOK_DAYS, Conflict
from kiosk.circulation.delivery import Delivery, Reason
from kiosk.circulation.model import BlockKind
from kiosk.desk import Type
from kiosk.sync.central.administration import set_block
from kiosk.sync.central.database import changing, end_turn, opened, take_turn
from kiosk.sync.central.schema import holds, loans
from tests.carry_fixture import Carried, carried, counted, library
from tests.central_fixture import SCHOOL, Central
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, folder_in_memory


@dataclass
class School:
    """Two kiosks that know everything, and their central."""

    central: Central
    clock: KioskClock
    one: Carried
    two: Carried

    def trips(self, *carried: Carried) -> None:
        """The stick of each goes to central and back."""
        for each in carried:
            for done in each.trip(self.central):
                problems = [one.problem for one in done] if isinstance(done, list) else [done.problem]
                assert not any(problems), problems

    def agrees(self) -> None:
        """Everybody says the same, and every ledger adds up."""
        self.trips(self.one, self.two, self.one)
        counted(self.central, [self.one.kiosk, self.two.kiosk])


@pytest.fixture
def school() -> Iterator[School]:
    with folder_in_memory() as folder, library("sqlite", folder) as central:
        clock = KioskClock(MONDAY)
        yield School(central, clock, *(carried(central, folder, clock, name) for name in ("one", "two")))


def flagged(kiosk: Kiosk) -> list[tuple[Kind, Delivery, Reason | None]]:
    """What staff of a kiosk are shown."""
    return [(one.kind, one.delivery, one.reason) for one in kiosk.outbox.entries([Delivery.PARKED], flagged=True)]


@pytest.mark.parametrize("first", ["one", "two"])
def test_lent_twice_the_later_loan_holds_whichever_stick_comes_first(school: School, first: str) -> None:
    school.one.kiosk.visit("P1", "A1")
    school.clock.move(60)
    school.two.kiosk.visit("P2", "A1")
    order = (school.one, school.two) if first == "one" else (school.two, school.one)
    school.trips(*order)
    assert [flagged(each.kiosk) for each in order] == [
        [], [(Kind.CHECKOUT, Delivery.ACCEPTED, Reason.ON_LOAN_ELSEWHERE)]
    ]  # fmt: skip
    school.agrees()
    assert school.one.kiosk.loans()["A1"][0] == "P2"


def test_lent_centrally_by_another_kiosk_weeks_ago_theirs_ends(school: School) -> None:
    school.one.kiosk.visit("P1", "A1")
    school.trips(school.one)
    school.clock.move(14 * 86400)
    school.two.kiosk.visit("P2", "A1")
    school.trips(school.two)
    assert flagged(school.two.kiosk) == [(Kind.CHECKOUT, Delivery.ACCEPTED, Reason.ON_LOAN_ELSEWHERE)]
    school.agrees()
    assert school.one.kiosk.loans()["A1"][0] == "P2"


def test_returned_elsewhere_later_our_loan_ends(school: School) -> None:
    school.one.kiosk.visit("P1", "A1")
    school.one.kiosk.visit("P4", "A5")
    school.clock.move(60)
    school.two.kiosk.scan("A1")
    school.two.kiosk.wait(30)
    school.trips(school.two, school.one)
    assert flagged(school.one.kiosk) == [(Kind.CHECKOUT, Delivery.ACCEPTED, Reason.RETURNED_ELSEWHERE)]
    school.agrees()
    assert school.one.kiosk.loans().keys() == {"A5"}


def test_patron_barred_while_the_stick_was_away_the_loan_stands(school: School) -> None:
    school.one.kiosk.visit("P1", "A1")
    with opened(school.central.engine) as connection:
        set_block(connection, school.central.schools[SCHOOL], "cp1", BlockKind.STAFF)
    school.trips(school.one)
    assert flagged(school.one.kiosk) == [(Kind.CHECKOUT, Delivery.ACCEPTED, Reason.PATRON_BLOCKED)]
    school.agrees()
    assert school.one.kiosk.visit("P1", "A2") == "err.card_blocked"


def test_unknown_is_parked_when_the_answer_comes(school: School) -> None:
    with school.one.kiosk.store.connection().write() as db:
        db.execute("UPDATE items SET barcode = 'X' WHERE barcode = 'A1'")
        db.execute("UPDATE known_as SET central_id = 'nothing' WHERE central_id = 'ci1'")
    school.one.kiosk.visit("P1", "X")
    school.trips(school.one)
    ((kind, delivery, reason),) = flagged(school.one.kiosk)
    assert (kind, reason) == (Kind.CHECKOUT, Reason.ITEM_UNKNOWN) and delivery is Delivery.PARKED


def test_due_differs_centrals_is_shown_after_the_next_trip(school: School) -> None:
    school.one.kiosk.visit("P1", "A1")
    school.trips(school.one, school.two)
    with opened(school.central.engine) as connection, changing(connection):
        turn = take_turn(connection, school.central.schools[SCHOOL])
        connection.execute(update(loans).values(due=date(2026, 9, 25), version=turn.version))
        end_turn(connection, school.central.schools[SCHOOL], turn)
    school.agrees()
    for each in (school.one, school.two):
        assert each.kiosk.rows("SELECT due, promised FROM loans") == [("2026-09-25", "2026-10-01")]


def test_held_for_another_meanwhile_the_loan_stands_and_the_hold_waits_again(school: School) -> None:
    kiosk = school.one.kiosk
    kiosk.visit("P1", "A1")
    kiosk.scan("P3")
    kiosk.press("search")
    kiosk.take(Type("Кітап 0"))
    kiosk.press("hold", kiosk.desk.view().rows[0].id)
    kiosk.press("finish")
    kiosk.scan("A1")
    kiosk.wait(30)
    school.trips(school.one)
    assert [row.state for row in school.central.rows(select(holds.c.state))] == ["ready"]
    school.two.kiosk.visit("P2", "A1")
    school.trips(school.two)
    assert flagged(school.two.kiosk) == [(Kind.CHECKOUT, Delivery.ACCEPTED, Reason.RESERVED)]
    school.agrees()
    assert [row.state for row in school.central.rows(select(holds.c.state))] == ["waiting"]
    assert school.one.kiosk.rows("SELECT state FROM holds") == [("waiting",)]


def test_repeated_nothing_changes(school: School) -> None:
    school.one.kiosk.visit("P1", "A1")
    school.trips(school.one)
    before = school.central.rows(select(loans))
    with school.one.kiosk.store.connection().write() as db:
        db.execute("UPDATE outbox SET state = 'pending'")
    school.trips(school.one, school.one)
    assert school.central.rows(select(loans)) == before
    assert school.one.kiosk.states() == {"accepted": 1}


def test_every_row_of_the_table_has_a_test() -> None:
    named = {
        Conflict.LENT_TWICE: "lent_twice", Conflict.LENT_CENTRALLY: "lent_centrally",
        Conflict.RETURNED_LATER: "returned_elsewhere", Conflict.PATRON_BARRED: "patron_barred",
        Conflict.UNKNOWN: "unknown", Conflict.DUE_DIFFERS: "due_differs",
        Conflict.HELD_FOR_ANOTHER: "held_for_another", Conflict.REPEATED: "repeated",
    }  # fmt: skip
    assert named.keys() | TEXTBOOK_DAYS == CONFLICTS.keys()
    assert all(any(name.startswith(f"test_{one}") for name in globals()) for one in named.values())
