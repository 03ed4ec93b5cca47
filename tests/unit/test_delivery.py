"""What becomes of an act on its way to central: pure rules, no store and no network."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.acts import Act, HoldChange, Kind, LoanChange, StatusChange
from kiosk.circulation.conflicts import CONFLICTS
from kiosk.circulation.delivery import (
    Accepted,
    Ahead,
    Delivery,
    Fate,
    Indeterminate,
    Outcome,
    Parcel,
    Reason,
    RefusedByCentral,
    Standing,
    Unreachable,
    WayOut,
    When,
    agreed_due,
    ends_loan,
    fate,
    held_up_by,
    order_keys,
    settle_loan,
    ways_out,
    when,
)
from kiosk.circulation.model import Hold, ItemStatus, Loan

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("outcome", "earlier_open", "expected"),
    [
        (Accepted(7), False, Fate(Delivery.ACCEPTED, version=7)),
        (Accepted(7, (Reason.RESERVED,)), False, Fate(Delivery.ACCEPTED, version=7, reason=Reason.RESERVED)),
        (RefusedByCentral(Reason.OTHER, "no"), True, Fate(Delivery.PARKED, reason=Reason.OTHER, text="no")),
        (RefusedByCentral(Reason.LOAN_LIMIT), True, Fate(Delivery.PENDING, later=True)),
        (RefusedByCentral(Reason.LOAN_LIMIT), False, Fate(Delivery.PARKED, reason=Reason.LOAN_LIMIT)),
        (Unreachable(), False, Fate(Delivery.PENDING, later=True)),
        (Indeterminate(), False, Fate(Delivery.SENDING, later=True, ask=True)),
    ],
)
def test_every_outcome_has_its_fate(outcome: Outcome, earlier_open: bool, expected: Fate) -> None:
    assert fate(outcome, earlier_open) == expected


@given(st.sampled_from([Unreachable(), Indeterminate(), RefusedByCentral(Reason.OTHER), Accepted(1)]), st.booleans())
def test_no_outcome_drops_an_entry(outcome: Outcome, earlier_open: bool) -> None:
    assert fate(outcome, earlier_open).delivery not in (Delivery.DISMISSED, Delivery.LOCAL)


LOAN = Loan("L", "p", "t", "i", date(2026, 9, 21), date(2026, 10, 1), 10)
HOLD = Hold("H", "t", "q", NOON)


def test_an_act_is_about_its_item_and_the_holds_that_it_changes() -> None:
    act = Act("x", Kind.CHECKIN, "p", "i", "t", (LoanChange(LOAN, None), HoldChange(HOLD, HOLD)))
    assert order_keys(act) == {"item:i", "hold:H"}


def test_an_act_is_about_an_item_that_only_its_status_names() -> None:
    act = Act("x", Kind.CANCEL_HOLD, "q", None, "t", (StatusChange("i", ItemStatus.HOLD_SHELF, ItemStatus.AVAILABLE),))
    assert order_keys(act) == {"item:i"}


def test_a_copy_held_by_count_is_followed_by_its_loan() -> None:
    counted = Loan("L", "p", "t", None, LOAN.since, LOAN.due, 10)
    assert order_keys(Act("x", Kind.CHECKOUT, "p", None, "t", (LoanChange(None, counted),))) == {"loan:L"}


def test_what_staff_do_with_a_patron_goes_before_what_the_patron_does() -> None:
    registered = Act("x", Kind.DATE_CONFIRMED, "p")  # no kind that registers is there yet
    assert order_keys(registered) == {"patron:p"}
    assert "patron:p" not in order_keys(Act("y", Kind.CHECKOUT, "p", "i", "t"))


def ahead(*entries: tuple[Kind, Delivery], key: str = "item:i") -> list[Ahead]:
    return [Ahead(key, kind, delivery) for kind, delivery in entries]


OUT, BACK, MORE = Kind.CHECKOUT, Kind.CHECKIN, Kind.RENEWAL
PENDING, SENDING, PARKED = Delivery.PENDING, Delivery.SENDING, Delivery.PARKED


@pytest.mark.parametrize(
    ("kind", "before", "may"),
    [
        (OUT, [], True),
        (OUT, [(BACK, PENDING)], False),
        (BACK, [(OUT, PENDING)], False),
        (BACK, [(OUT, SENDING)], False),
        (MORE, [(OUT, PARKED)], False),
        (OUT, [(OUT, PARKED)], False),
        (BACK, [(OUT, PARKED)], True),
        (BACK, [(OUT, PARKED), (MORE, PENDING)], True),
        (BACK, [(OUT, PARKED), (MORE, PARKED)], True),
        (BACK, [(MORE, PENDING), (OUT, PARKED)], False),
        (BACK, [(OUT, PARKED), (BACK, PENDING)], False),
        (BACK, [(OUT, PARKED), (BACK, SENDING), (OUT, PENDING)], False),
        (BACK, [(OUT, PARKED), (BACK, PARKED)], True),
    ],
)
def test_who_may_go(kind: Kind, before: list[tuple[Kind, Delivery]], may: bool) -> None:
    assert (held_up_by(kind, ahead(*before)) is None) is may


def test_a_parked_act_on_a_hold_holds_no_item_up() -> None:
    assert held_up_by(OUT, ahead((Kind.HOLD, PARKED), key="hold:H")) is None
    assert held_up_by(OUT, ahead((Kind.HOLD, PENDING), key="hold:H")) is not None


@given(st.lists(st.tuples(st.sampled_from([OUT, BACK, MORE]), st.sampled_from([PENDING, SENDING, PARKED])), max_size=8))
def test_only_a_return_overtakes_and_only_behind_something_parked(before: list[tuple[Kind, Delivery]]) -> None:
    assert (held_up_by(OUT, ahead(*before)) is None) is (not before)
    if held_up_by(BACK, ahead(*before)) is None and before:
        assert before[0][1] is PARKED
        assert all(delivery is PARKED for kind, delivery in before if kind is BACK)


def at(minute: int, kiosk: str = "a", trusted: bool = True, seq: int = 1) -> When:
    return When(NOON + timedelta(minutes=minute), trusted, kiosk, seq)


def test_one_kiosks_acts_are_in_its_own_order_whatever_its_clock_says() -> None:
    assert at(0, seq=2).is_after(at(50, seq=1)) and not at(50, seq=1).is_after(at(0, seq=2))


def test_two_kiosks_acts_are_in_the_order_of_trusted_times() -> None:
    assert at(5).is_after(at(1, "b")) and not at(1).is_after(at(5, "b"))


def test_where_time_does_not_tell_the_one_that_arrives_later_is_later() -> None:
    assert at(1).is_after(at(5, "b", trusted=False)) and at(1, trusted=False).is_after(at(5, "b"))


def test_a_time_ahead_of_centrals_is_not_believed() -> None:
    parcel = Parcel(1, Act("x", OUT), NOON + timedelta(days=365), True, "a", None, None, None)
    assert not when(parcel, NOON).trusted
    assert when(parcel, NOON + timedelta(days=365)).trusted


def test_a_loan_that_nothing_stands_against_holds() -> None:
    assert settle_loan(at(5), None, None) == (Standing.HOLDS, None)
    assert settle_loan(at(5), None, at(1, "b")) == (Standing.HOLDS, None)


def test_of_two_loans_the_later_holds() -> None:
    assert settle_loan(at(5), at(1, "b"), None) == (Standing.PASSED_ON, Reason.ON_LOAN_ELSEWHERE)
    assert settle_loan(at(1), at(5, "b"), None) == (Standing.OVER, Reason.ON_LOAN_ELSEWHERE)


def test_a_later_return_ends_a_loan() -> None:
    assert settle_loan(at(1), None, at(5, "b")) == (Standing.OVER, Reason.RETURNED_ELSEWHERE)


def test_a_return_ends_the_loan_that_it_saw_and_any_earlier_one() -> None:
    assert ends_loan(at(1), at(5, "b"), same=True) and ends_loan(at(5), at(1, "b"), same=False)
    assert not ends_loan(at(1), at(5, "b"), same=False)


def day(number: int) -> date:
    return date(2026, 10, number)


def test_centrals_date_is_shown_and_an_earlier_promise_kept() -> None:
    assert agreed_due(None, day(10), day(5)) == (day(5), day(10))
    assert agreed_due(None, day(5), day(10)) == (day(10), None)
    assert agreed_due(day(10), day(5), day(7)) == (day(7), day(10))
    assert agreed_due(day(10), day(5), day(12)) == (day(12), None)


@given(*[st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))] * 3)
def test_agreeing_twice_is_agreeing_once(promised: date | None, shown: date | None, central: date | None) -> None:
    due, kept = agreed_due(promised, shown, central)
    assert due == central
    assert agreed_due(kept, due, central) == (due, kept)
    if central is not None:
        assert max(due or central, kept or central) >= max(d for d in (promised, shown, central) if d is not None)


def test_every_reason_has_a_way_out_and_the_last_is_to_let_it_rest() -> None:
    for reason in (*Reason, None):
        assert ways_out(reason)[-1] is WayOut.DISMISS


def test_every_conflict_says_what_happens() -> None:
    assert all(settlement.what for settlement in CONFLICTS.values())
