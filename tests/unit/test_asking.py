"""What an answer of central, or none, makes of an act about which it was asked."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.circulation.acts import CIRCULATION, Act, Kind, LoanChange
from kiosk.circulation.asking import WISHES, Concluded, conclude, in_our_words
from kiosk.circulation.delivery import (
    Accepted,
    Delivery,
    Indeterminate,
    Outcome,
    Reason,
    RefusedByCentral,
    Unreachable,
)
from kiosk.circulation.facts import LoanFact
from kiosk.circulation.model import Loan, Patron, PatronRecord
from kiosk.circulation.policy import Refusal
from kiosk.circulation.rules import Rules

TODAY, DUE, THEIRS = date(2026, 9, 22), date(2026, 10, 2), date(2026, 10, 20)
LOAN = Loan("a", "p", "t", "i", TODAY, DUE, 10)
CHECKOUT = Act("a", Kind.CHECKOUT, "p", "i", "t", (LoanChange(None, LOAN),))
CHECKIN = Act("b", Kind.CHECKIN, "p", "i", "t", (LoanChange(LOAN, None),))


def concluded(act: Act, outcome: Outcome) -> Concluded:
    """It is recorded."""
    found = conclude(act, outcome)
    assert isinstance(found, Concluded)
    return found


@pytest.mark.parametrize(
    ("outcome", "by", "delivery"),
    [
        (Accepted(7), "central", Delivery.ACCEPTED),
        (Unreachable("away"), "local", Delivery.PENDING),
        (Indeterminate("cut"), "local", Delivery.SENDING),
    ],
)
@pytest.mark.parametrize("act", [CHECKOUT, CHECKIN], ids=["checkout", "checkin"])
def test_without_a_no_it_is_done(act: Act, outcome: Outcome, by: str, delivery: Delivery) -> None:
    found = concluded(act, outcome)
    assert (found.act, found.decided_by, found.fate.delivery) == (act, by, delivery)


@pytest.mark.parametrize("kind", sorted(CIRCULATION))
def test_only_wishes_can_be_refused(kind: Kind) -> None:
    found = conclude(Act("a", kind), RefusedByCentral(Reason.OTHER, "no"))
    if kind in WISHES:
        assert found == RefusedByCentral(Reason.OTHER, "no")
    else:
        assert isinstance(found, Concluded)
        assert (found.decided_by, found.fate.delivery, found.fate.text) == ("local", Delivery.PARKED, "no")


def test_centrals_date_is_the_loans() -> None:
    assert concluded(CHECKOUT, Accepted(1, due=THEIRS)).act.due == THEIRS


def test_a_loan_told_beside_the_answer_gives_its_date() -> None:
    fact = LoanFact("x", 0, "p", "t", "i", TODAY, THEIRS, 10, 0)
    assert concluded(CHECKOUT, Accepted(1, facts=(fact,))).act.due == THEIRS


def test_a_return_has_no_date() -> None:
    assert concluded(CHECKIN, Accepted(1, due=THEIRS)).act == CHECKIN


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_of_ours(reason: Reason) -> None:
    refused = in_our_words(reason, Rules(), PatronRecord(Patron("p", 1, "Айгүл")))
    assert refused.params == ((("n", 0),) if refused.reason is Refusal.LOAN_LIMIT else ())
