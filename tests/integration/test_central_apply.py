"""Acts into a central database, PostgreSQL and SQLite: what they do, again and again, and when kiosks disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from kiosk.circulation.acts import Act, Kind, LoanChange, Override, StatusChange
from kiosk.circulation.delivery import Accepted, Reason, RefusedByCentral
from kiosk.circulation.facts import LoanFact
from kiosk.circulation.model import Block, BlockKind, ItemStatus, Loan
from kiosk.sync.central import administration
from kiosk.sync.central.database import opened
from kiosk.sync.central.schema import items, patrons, schools, transactions
from tests.central_fixture import (
    DATABASES,
    DUE,
    NOW,
    OTHER_SCHOOL,
    SCHOOL,
    TODAY,
    Central,
    Kiosk,
    accepted,
    central_in,
    checkin,
    checkout,
    ending_of,
    everything,
    hold_of,
    later,
    loan_of,
    loans_now,
    new_id,
    open_loans,
    renewal,
    status_of,
)


@pytest.fixture(params=DATABASES)
def central(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Central]:
    with central_in(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def kiosk(central: Central) -> Kiosk:
    return Kiosk(central.connector())


@pytest.fixture
def other(central: Central) -> Kiosk:
    return Kiosk(central.connector("kiosk-2"), "kiosk-2")


# One kiosk alone.


def test_a_loan_is_central_s_loan_with_the_same_id(kiosk: Kiosk) -> None:
    act, outcome = kiosk.lend("P1", "I1")
    fact = everything(kiosk.connector)[act.id]
    assert isinstance(fact, LoanFact)
    assert (fact.patron_id, fact.item_id, fact.due, fact.ended, fact.kiosk) == ("P1", "I1", DUE, False, "kiosk-1")
    assert fact.version == accepted(outcome).version and outcome.flags == ()
    assert status_of(kiosk.connector, "I1") is ItemStatus.ON_LOAN


def test_a_return_ends_the_loan(central: Central, kiosk: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    _, outcome = kiosk.returns(lent)
    assert accepted(outcome).flags == ()
    assert ending_of(central, lent.id) == "returned"
    assert status_of(kiosk.connector, "I1") is ItemStatus.AWAITING_CHECK


def test_a_renewal_moves_the_date_and_never_back(kiosk: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    accepted(kiosk.send(renewal(loan_of(lent))))
    accepted(kiosk.send(renewal(loan_of(lent), DUE - timedelta(days=5))))
    fact = everything(kiosk.connector)[lent.id]
    assert isinstance(fact, LoanFact)
    assert (fact.due, fact.renewals) == (DUE + timedelta(days=10), 2)


def test_a_copy_held_by_count_is_lent_and_returned(central: Central, kiosk: Kiosk) -> None:
    act = checkout("P1", None, title="T2")
    accepted(kiosk.send(act))
    assert open_loans(central) == 1
    accepted(kiosk.send(checkin(loan_of(act))))
    assert open_loans(central) == 0


def test_patrons_and_items_are_known_by_what_is_written_on_them(kiosk: Kiosk) -> None:
    first = checkout("local-1", "local-2")
    accepted(kiosk.send(first, card="C2", barcode="B3"))
    accepted(kiosk.send(checkout("local-1", "local-4"), external_id="X3", inventory_no="N4"))
    assert loans_now(kiosk.connector) == {"I3": "P2", "I4": "P3"}


def test_a_found_item_awaits_its_check(kiosk: Kiosk) -> None:
    change = StatusChange("I1", ItemStatus.AVAILABLE, ItemStatus.AWAITING_CHECK)
    accepted(kiosk.send(Act(new_id(), Kind.FOUND, None, "I1", "T1", (change,))))
    assert status_of(kiosk.connector, "I1") is ItemStatus.AWAITING_CHECK


def test_a_request_is_kept(central: Central, kiosk: Kiosk) -> None:
    accepted(kiosk.send(Act(new_id(), Kind.REQUEST, "P1", text="Абай жолы, 3-кітап")))
    (row,) = central.rows(select(transactions.c.body, transactions.c.patron_id))
    assert "3-кітап" in row.body and row.patron_id == "P1"


# The same again.


def test_the_same_act_again_has_the_same_answer_and_changes_nothing(central: Central, kiosk: Kiosk) -> None:
    act = checkout("P1", "I1")
    parcel = kiosk.parcel(act)
    first = kiosk.connector.submit([parcel])
    kiosk.send(checkin(loan_of(act)))
    before = everything(kiosk.connector)
    again = kiosk.connector.submit([replace(parcel, attempt=1)])
    assert again == first
    assert everything(kiosk.connector) == before
    assert central.rows(select(func.count()).select_from(transactions))[0][0] == 2
    assert kiosk.connector.find_out(parcel) == first[0]


def test_what_never_arrived_is_found_out(kiosk: Kiosk) -> None:
    assert kiosk.connector.find_out(kiosk.parcel(checkout("P1", "I1"))) is None


def test_flags_are_told_again(kiosk: Kiosk, other: Kiosk) -> None:
    kiosk.lend("P1", "I1")
    parcel = later(other, 5).parcel(checkout("P2", "I1"))
    (first,), (again,) = other.connector.submit([parcel]), other.connector.submit([parcel])
    assert first == again and accepted(first).flags == (Reason.ON_LOAN_ELSEWHERE,)


# Whom and what central does not know.


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (checkout("nobody", "I1"), Reason.PATRON_UNKNOWN),
        (checkout("P1", "nothing"), Reason.ITEM_UNKNOWN),
        (checkout("P1", None, title="nothing"), Reason.ITEM_UNKNOWN),
        (hold_of("nobody")[0], Reason.PATRON_UNKNOWN),
        (hold_of("P1", "nothing")[0], Reason.ITEM_UNKNOWN),
        (Act("f", Kind.FOUND, None, "nothing", None), Reason.ITEM_UNKNOWN),
    ],
)
def test_the_unknown_is_refused_and_leaves_no_trace(central: Central, kiosk: Kiosk, act: Act, reason: Reason) -> None:
    before = central.rows(select(schools))
    assert kiosk.send(act) == RefusedByCentral(reason)
    assert central.rows(select(schools)) == before
    assert central.rows(select(transactions.c.id)) == []


def test_what_was_refused_is_taken_once_it_is_known(central: Central, kiosk: Kiosk) -> None:
    act = checkout("local", "I1")
    parcel = kiosk.parcel(act, card="C9")
    assert kiosk.connector.submit([parcel]) == [RefusedByCentral(Reason.PATRON_UNKNOWN)]
    school = central.schools[SCHOOL]
    central.change(patrons.insert().values(school_id=school, id="P9", version=2, first_name="Жаңа", external_id="X9"))
    (outcome,) = kiosk.connector.submit([replace(parcel, external_id="X9")])
    accepted(outcome)
    assert loans_now(kiosk.connector) == {"I1": "P9"}


def test_a_return_passes_a_parked_loan_and_the_loan_is_over_when_it_comes(central: Central, kiosk: Kiosk) -> None:
    lent = checkout("local", "I1")
    parcel = kiosk.parcel(lent)
    assert kiosk.connector.submit([parcel]) == [RefusedByCentral(Reason.PATRON_UNKNOWN)]
    accepted(kiosk.send(checkin(loan_of(lent))))
    kiosk.lend("P2", "I1")
    (outcome,) = kiosk.connector.submit([replace(parcel, card="C1")])
    accepted(outcome)
    assert ending_of(central, lent.id) == "returned"
    assert loans_now(kiosk.connector) == {"I1": "P2"}


def test_the_same_for_a_copy_held_by_count(central: Central, kiosk: Kiosk) -> None:
    lent = checkout("local", None)
    parcel = kiosk.parcel(lent)
    kiosk.connector.submit([parcel])
    accepted(kiosk.send(checkin(loan_of(lent))))
    accepted(kiosk.connector.submit([replace(parcel, card="C1")])[0])
    assert open_loans(central) == 0


def test_an_act_of_another_kind_is_refused(kiosk: Kiosk) -> None:
    outcome = kiosk.send(Act(new_id(), Kind.DATE_CONFIRMED))
    assert isinstance(outcome, RefusedByCentral) and outcome.reason is Reason.OTHER


def test_a_text_that_a_database_cannot_hold_is_refused_or_kept(kiosk: Kiosk) -> None:
    outcome = kiosk.send(Act(new_id(), Kind.REQUEST, "P1\0", text="a"))
    assert isinstance(outcome, RefusedByCentral | Accepted)
    accepted(kiosk.lend("P1", "I1")[1])


# Conflicts: DESIGN.md 5.


def test_of_two_kiosks_the_later_trusted_time_holds(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    first, _ = kiosk.lend("P1", "I1")
    _, outcome = later(other, 5).lend("P2", "I1")
    assert accepted(outcome).flags == (Reason.ON_LOAN_ELSEWHERE,)
    assert ending_of(central, first.id) == "passed_on"
    assert loans_now(kiosk.connector) == {"I1": "P2"}


def test_the_later_time_holds_also_if_it_is_told_first(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    later(other, 5).lend("P2", "I1")
    first, outcome = kiosk.lend("P1", "I1")
    assert accepted(outcome).flags == (Reason.ON_LOAN_ELSEWHERE,)
    assert ending_of(central, first.id) == "passed_on"
    assert loans_now(kiosk.connector) == {"I1": "P2"}
    assert status_of(kiosk.connector, "I1") is ItemStatus.ON_LOAN


def test_without_trusted_times_who_tells_it_last_holds(kiosk: Kiosk, other: Kiosk) -> None:
    later(other, 5).lend("P2", "I1")
    kiosk.trusted = False
    kiosk.lend("P1", "I1")
    assert loans_now(kiosk.connector) == {"I1": "P1"}


def test_one_kiosk_s_own_order_counts_whatever_its_clock_did(kiosk: Kiosk) -> None:
    first, _ = later(kiosk, 60).lend("P1", "I1")
    later(kiosk, 0).returns(first)
    kiosk.lend("P2", "I1")
    assert loans_now(kiosk.connector) == {"I1": "P2"}


def test_a_time_in_the_future_does_not_win(kiosk: Kiosk, other: Kiosk) -> None:
    other.now = NOW.replace(year=2036)
    other.lend("P2", "I1")
    kiosk.lend("P1", "I1")
    assert loans_now(kiosk.connector) == {"I1": "P1"}


def test_the_same_patron_at_two_kiosks_is_no_conflict(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    kiosk.lend("P1", "I1")
    _, outcome = later(other, 5).lend("P1", "I1")
    assert accepted(outcome).flags == ()
    assert open_loans(central) == 1


def test_returned_elsewhere_later_our_loan_ends(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    lent, _ = later(other, -60).lend("P2", "I1")
    later(other, 30).returns(lent)
    ours, outcome = later(kiosk, 10).lend("P1", "I1")
    assert accepted(outcome).flags == (Reason.RETURNED_ELSEWHERE,)
    assert ending_of(central, ours.id) == "returned"
    assert status_of(kiosk.connector, "I1") is ItemStatus.AWAITING_CHECK


def test_a_return_of_what_is_on_loan_to_somebody_else_ends_theirs(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    ours, _ = kiosk.lend("P1", "I1")
    theirs, _ = later(other, 5).lend("P2", "I1")
    _, outcome = later(kiosk, 10).returns(ours)
    assert accepted(outcome).flags == (Reason.ON_LOAN_ELSEWHERE,)
    assert ending_of(central, theirs.id) == "returned"
    assert loans_now(kiosk.connector) == {}


def test_a_return_from_before_a_later_loan_ends_nothing(kiosk: Kiosk, other: Kiosk) -> None:
    ours, _ = kiosk.lend("P1", "I1")
    later(other, 20).lend("P2", "I1")
    _, outcome = later(kiosk, 10).returns(ours)
    assert accepted(outcome).flags == ()
    assert loans_now(kiosk.connector) == {"I1": "P2"}
    assert status_of(kiosk.connector, "I1") is ItemStatus.ON_LOAN


def test_a_find_ends_a_loan_from_before(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    change = StatusChange("I1", ItemStatus.AVAILABLE, ItemStatus.AWAITING_CHECK)
    outcome = later(other, 5).send(Act(new_id(), Kind.FOUND, None, "I1", "T1", (change,)))
    assert accepted(outcome).flags == (Reason.ON_LOAN_ELSEWHERE,)
    assert ending_of(central, lent.id) == "returned"


def test_an_imported_loan_counts_from_its_day(kiosk: Kiosk, other: Kiosk) -> None:
    other.lend("P2", "I1")
    loan = Loan(new_id(), "P1", "T1", "I1", TODAY - timedelta(days=20), None, 10)
    change = StatusChange("I1", ItemStatus.AVAILABLE, ItemStatus.ON_LOAN)
    act = Act(loan.id, Kind.LOAN_IMPORTED, "P1", "I1", "T1", (LoanChange(None, loan), change))
    outcome = later(kiosk, 30).send(act)
    assert accepted(outcome).flags == (Reason.ON_LOAN_ELSEWHERE,)
    assert loans_now(kiosk.connector) == {"I1": "P2"}


@pytest.mark.parametrize("what", ["left", "blocked", "expired"])
def test_a_patron_barred_meanwhile_keeps_the_loan_and_staff_are_told(central: Central, kiosk: Kiosk, what: str) -> None:
    school = central.schools[SCHOOL]
    if what == "blocked":
        with opened(central.engine) as connection:
            administration.set_block(connection, school, "P1", BlockKind.STAFF)
        fact = everything(kiosk.connector)["P1"]
        assert getattr(fact, "blocks", ()) == (Block(BlockKind.STAFF),)
    else:
        values = {"has_left": True} if what == "left" else {"expires": TODAY - timedelta(days=1)}
        central.change(update(patrons).where(patrons.c.school_id == school, patrons.c.id == "P1").values(values))
    _, outcome = kiosk.lend("P1", "I1")
    assert accepted(outcome).flags == (Reason.PATRON_BLOCKED,)
    assert loans_now(kiosk.connector) == {"I1": "P1"}


def test_over_the_limit_the_loan_stands_and_staff_are_told(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    central.change(update(schools).where(schools.c.id == central.schools[SCHOOL]).values(loan_limit=2))
    other.lend("P1", "I1")
    other.lend("P1", "I2")
    _, outcome = kiosk.lend("P1", "I3")
    assert accepted(outcome).flags == (Reason.LOAN_LIMIT,)
    allowed = replace(checkout("P1", "I4"), override=Override("L1", ("LOAN_LIMIT",), "a project"))
    assert accepted(kiosk.send(allowed)).flags == ()
    assert len(loans_now(kiosk.connector)) == 4


def test_textbooks_are_not_counted(central: Central, kiosk: Kiosk) -> None:
    school = central.schools[SCHOOL]
    central.change(
        update(schools).where(schools.c.id == school).values(loan_limit=1), update(items).values(kind="textbook")
    )
    kiosk.lend("P1", "I1")
    assert accepted(kiosk.lend("P1", "I2")[1]).flags == ()


# Undo.


def test_an_undone_loan_is_gone(central: Central, kiosk: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    _, outcome = kiosk.undo(lent)
    assert accepted(outcome).flags == ()
    assert ending_of(central, lent.id) == "undone"
    assert status_of(kiosk.connector, "I1") is ItemStatus.AVAILABLE


def test_an_undone_return_is_a_loan_again(central: Central, kiosk: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    back, _ = kiosk.returns(lent)
    kiosk.undo(back)
    assert ending_of(central, lent.id) is None
    assert status_of(kiosk.connector, "I1") is ItemStatus.ON_LOAN


def test_who_keeps_a_book_that_was_found_elsewhere_meanwhile_has_it(
    central: Central, kiosk: Kiosk, other: Kiosk
) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    later(other, 5).send(Act(new_id(), Kind.FOUND, None, "I1", "T1", ()))
    back, _ = later(kiosk, 10).returns(lent)
    accepted(kiosk.undo(back)[1])
    assert loans_now(kiosk.connector) == {"I1": "P1"}
    assert status_of(kiosk.connector, "I1") is ItemStatus.ON_LOAN


def test_a_visit_is_undone_act_by_act(central: Central, kiosk: Kiosk) -> None:
    theirs, _ = kiosk.lend("P2", "I1")
    back, _ = kiosk.returns(theirs)
    ours, _ = kiosk.lend("P1", "I1")
    renewed = renewal(loan_of(ours))
    kiosk.send(renewed)
    for act in (renewed, ours, back):
        assert accepted(kiosk.undo(act)[1]).flags == ()
    assert loans_now(kiosk.connector) == {"I1": "P2"}
    assert status_of(kiosk.connector, "I1") is ItemStatus.ON_LOAN


def test_an_undone_loan_gives_back_what_it_had_passed_on(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    kiosk.lend("P1", "I1")
    second, _ = later(other, 5).lend("P2", "I1")
    later(other, 6).undo(second)
    assert loans_now(kiosk.connector) == {"I1": "P1"}
    assert status_of(kiosk.connector, "I1") is ItemStatus.ON_LOAN


def test_what_somebody_else_has_since_is_not_undone(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    back, _ = later(kiosk, 5).returns(lent)
    later(other, 10).lend("P2", "I1")
    _, outcome = later(kiosk, 15).undo(back)
    assert accepted(outcome).flags == (Reason.NOT_UNDONE,)
    assert loans_now(kiosk.connector) == {"I1": "P2"}


def test_an_undone_renewal_has_its_date_back(kiosk: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    renewed = renewal(loan_of(lent))
    kiosk.send(renewed)
    kiosk.undo(renewed)
    fact = everything(kiosk.connector)[lent.id]
    assert isinstance(fact, LoanFact) and (fact.due, fact.renewals) == (DUE, 0)


# Schools.


def test_schools_have_the_same_numbers_and_nothing_in_common(central: Central, kiosk: Kiosk) -> None:
    stranger = Kiosk(central.connector("kiosk-9", OTHER_SCHOOL), "kiosk-9")
    ours, _ = kiosk.lend("P1", "I1")
    theirs, outcome = stranger.lend("P1", "I1")
    assert accepted(outcome).flags == ()
    assert loans_now(kiosk.connector) == {"I1": "P1"} == loans_now(stranger.connector)
    assert ours.id in everything(kiosk.connector) and ours.id not in everything(stranger.connector)
    assert stranger.send(checkout("P1", "I2")) == RefusedByCentral(Reason.ITEM_UNKNOWN)
    assert theirs.id in everything(stranger.connector)


def test_an_id_that_another_school_used_is_free(central: Central, kiosk: Kiosk) -> None:
    stranger = Kiosk(central.connector("kiosk-9", OTHER_SCHOOL), "kiosk-9")
    accepted(kiosk.lend("P1", "I1", act_id="one")[1])
    accepted(stranger.lend("P1", "I1", act_id="one")[1])


def test_a_foreign_label_names_its_school(central: Central, kiosk: Kiosk) -> None:
    central.change(
        items.insert().values(
            school_id=central.schools[OTHER_SCHOOL], id="I77", version=2, title_id="T1", barcode="B77", kind="book",
            status="available", service_point="loan_desk",
        ),
        school=OTHER_SCHOOL,
    )  # fmt: skip
    assert kiosk.connector.foreign_school("B77") == OTHER_SCHOOL
    assert kiosk.connector.foreign_school("B5") is None, "it is ours"
    assert kiosk.connector.foreign_school("B1") is None, "two schools have it"
    assert kiosk.connector.foreign_school("nothing") is None
