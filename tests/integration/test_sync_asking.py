"""Central-first: a desk, a store, a sync and a central that allows or refuses what it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from kiosk.circulation.acts import Kind
from kiosk.circulation.delivery import (
    Reason,
    RefusedByCentral,
)
from kiosk.circulation.facts import PatronFact
from kiosk.circulation.model import Block, BlockKind, Scan
from kiosk.circulation.views import RowState
from tests.asking_fixture import School
from tests.sync_fixture import folder_in_memory


@pytest.fixture
def school() -> Iterator[School]:
    with folder_in_memory() as folder:
        made = School(folder)
        yield made
        made.kiosk.off()


def test_central_allows_and_has_decided(school: School) -> None:
    assert school.kiosk.visit("P1", "A1") == "ok.checked_out"
    assert school.last() == ("checkout", "central", "accepted")
    (asked,) = school.line.asked
    assert asked.act.id == school.kiosk.acknowledged[0].id and not asked.happened
    school.agrees()


def test_the_screen_says_one_moment_while_central_is_asked(school: School) -> None:
    school.kiosk.scan("P1")
    outcome = school.kiosk.desk.take(Scan("A1"))
    assert outcome.view.message is not None and outcome.view.message.key == "info.one_moment"
    assert outcome.view.patron is not None and outcome.committed == ()
    assert school.kiosk.rows("SELECT count(*) FROM intents") == [(1,)], "the intent is durable before it is asked"


def test_centrals_date_is_the_date(school: School) -> None:
    school.line.due = date(2026, 10, 20)
    school.kiosk.scan("P1", "A1")
    (row,) = school.kiosk.desk.view().rows
    message = school.kiosk.desk.view().message
    assert row.due == school.line.due and message is not None and ("date", school.line.due) in message.params
    assert school.kiosk.loans()["A1"] == ("P1", "2026-10-20")
    assert school.kiosk.faults() == []


REFUSALS = {
    Reason.PATRON_BLOCKED: "err.card_blocked",
    Reason.LOAN_LIMIT: "err.limit",
    Reason.ON_LOAN_ELSEWHERE: "err.on_loan_other",
    Reason.RESERVED: "err.reserved_other",
    Reason.PATRON_UNKNOWN: "err.by_central",
    Reason.OTHER: "err.by_central",
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_what_central_refuses_is_not_lent_and_said_in_our_words(school: School, reason: Reason) -> None:
    school.line.refuses = RefusedByCentral(reason, "Карта недействительна")
    assert school.kiosk.scan("P1", "A1") == REFUSALS[reason]
    assert school.kiosk.acknowledged == [] and school.kiosk.loans() == {}
    assert school.last() == ("declined", "central", None)
    ((body, act_id),) = school.kiosk.rows("SELECT body, id FROM transactions ORDER BY seq DESC LIMIT 1")
    assert f"checkout A1: {reason} Карта недействительна" in body and act_id == school.line.asked[0].act.id
    assert school.kiosk.desk.view().rows[0].state in (RowState.REFUSED, RowState.WAITING)
    school.line.refuses = None
    school.agrees()


def test_central_refuses_by_what_it_knows(school: School) -> None:
    patron = school.central.get(PatronFact, "cp1")
    assert patron is not None
    school.central.put(replace(patron, blocks=(Block(BlockKind.STAFF),)))
    assert school.kiosk.scan("P1", "A1") == "err.card_blocked"
    assert school.kiosk.scan("P2", "A1") == "ok.checked_out"
    school.agrees()


def test_what_the_rules_here_refuse_is_not_asked(school: School) -> None:
    school.kiosk.scan("P1", "A1", "A2", "A3")
    school.line.asked.clear()
    assert school.kiosk.scan("A4") == "err.limit"
    assert school.line.asked == []


def test_a_refused_renewal_leaves_the_loan_as_it_was(school: School) -> None:
    school.kiosk.visit("P1", "A1")
    before = school.kiosk.loans()
    school.clock.move(86400)
    school.line.refuses = RefusedByCentral(Reason.NOT_RENEWABLE)
    school.kiosk.scan("P1")
    school.kiosk.press("account")
    assert school.kiosk.press("renew_all") == "err.by_central"
    assert school.kiosk.loans() == before
    school.line.refuses = None
    assert school.kiosk.press("renew_all") == "ok.renewed"
    school.agrees()


def test_a_refused_hold_is_none(school: School) -> None:
    school.kiosk.visit("P1", "A2")
    school.line.refuses = RefusedByCentral(Reason.OTHER)
    school.kiosk.scan("P2")
    school.kiosk.press("search", "Кітап 1")
    (row,) = school.kiosk.desk.view().rows
    assert school.kiosk.press("hold", row.id) == "err.by_central"
    assert school.kiosk.rows("SELECT id FROM holds") == []
    school.line.refuses = None
    assert school.kiosk.press("hold", row.id) == "ok.reserved"
    school.agrees()


def test_a_return_is_asked_about_and_never_refused(school: School) -> None:
    school.kiosk.visit("P1", "A1")
    school.line.refuses = RefusedByCentral(Reason.OTHER, "no")
    assert school.kiosk.scan("A1") == "ok.returned"
    assert school.kiosk.loans() == {} and school.last() == ("checkin", "local", "parked")
    assert school.line.asked[-1].happened, "central was to know that it has happened"


def test_of_a_book_passed_on_the_return_stands_if_the_loan_is_refused(school: School) -> None:
    school.kiosk.visit("P1", "A1")
    patron = school.central.get(PatronFact, "cp2")
    assert patron is not None
    school.central.put(replace(patron, blocks=(Block(BlockKind.STAFF),)))
    assert school.kiosk.scan("P2", "A1") == "err.card_blocked"
    assert [act.kind for act in school.kiosk.acknowledged] == [Kind.CHECKOUT, Kind.CHECKIN]
    assert school.kiosk.loans() == {}
    school.agrees()


def test_a_kept_book_whose_renewal_is_refused_stays_on_loan(school: School) -> None:
    school.kiosk.visit("P1", "A1")
    school.clock.move(86400)
    school.kiosk.scan("P1", "A1")
    school.line.refuses = RefusedByCentral(Reason.NOT_RENEWABLE)
    (row,) = school.kiosk.desk.view().rows
    assert school.kiosk.press("keep", row.id) == "err.by_central"
    assert set(school.kiosk.loans()) == {"A1"} and school.kiosk.desk.view().rows[0].state is RowState.KEPT
    assert school.kiosk.faults() == []


def test_a_librarian_lets_pass_what_central_refused(school: School) -> None:
    librarian = school.central.get(PatronFact, "cp7")
    assert librarian is not None
    school.central.put(replace(librarian, category="librarian"))
    school.kiosk.round()
    school.line.refuses = RefusedByCentral(Reason.RESERVED)
    assert school.kiosk.scan("P1", "A1") == "err.reserved_other"
    school.line.refuses = None
    school.kiosk.scan("P7")
    assert school.kiosk.press("choose", "teacher") == "ok.checked_out"
    assert school.last() == ("checkout", "local", "pending"), "nobody is asked"
    (act,) = school.kiosk.acknowledged
    assert act.override is not None and act.override.refusals == ("RESERVED",)
    assert act.override.reason == "reason.teacher"
    school.agrees()
