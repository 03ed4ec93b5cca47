"""Asking the central library before something is done (mode `central-first`): what its answers make of acts.

An act that was asked about is recorded under the same id, whatever comes of it: decided by central if it answered, else
by the rules here; only a wish that central refuses is not done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.circulation.acts import Act, Kind, LoanChange
from kiosk.circulation.delivery import (
    Accepted,
    Delivery,
    Fate,
    Indeterminate,
    Outcome,
    Reason,
    RefusedByCentral,
    fate,
)
from kiosk.circulation.facts import LoanFact
from kiosk.circulation.model import PatronRecord
from kiosk.circulation.policy import Refusal, Refused, shown_limit
from kiosk.circulation.rules import Rules

WISHES = frozenset({Kind.CHECKOUT, Kind.RENEWAL, Kind.HOLD})
"""What can be refused. Everything else has happened: a book that was put into the box is in the box."""

_IN_OUR_WORDS = {
    Reason.PATRON_BLOCKED: Refusal.PATRON_BLOCKED,
    Reason.LOAN_LIMIT: Refusal.LOAN_LIMIT,
    Reason.ON_LOAN_ELSEWHERE: Refusal.ON_LOAN_OTHER,
    Reason.RESERVED: Refusal.RESERVED,
}


@dataclass(frozen=True, slots=True)
class Concluded:
    """What is to be recorded of an act that was asked about: the act, who decided it, where it is on its way."""

    act: Act
    decided_by: str
    fate: Fate


def conclude(act: Act, outcome: Outcome) -> Concluded | RefusedByCentral:
    """What an answer, or none, makes of an act. Without one the rules here decide, which have allowed it.

    What was sent, with nothing known since, is found out before it is sent again.
    """
    match outcome:
        case RefusedByCentral() if act.kind in WISHES:
            return outcome
        case Accepted():
            return Concluded(_with_due(act, outcome), "central", fate(outcome, False))
        case Indeterminate():
            return Concluded(act, "local", Fate(Delivery.SENDING))
        case RefusedByCentral():
            return Concluded(act, "local", fate(outcome, False))
    return Concluded(act, "local", Fate(Delivery.PENDING))


def _with_due(act: Act, accepted: Accepted) -> Act:
    """The act with central's date for the loan that it makes or prolongs, if it gave one."""
    told = [fact.due for fact in accepted.facts if isinstance(fact, LoanFact) and not fact.ended]
    due = accepted.due or next((day for day in told if day is not None), None)
    if due is None:
        return act
    changes = tuple(
        replace(change, after=replace(change.after, due=due))
        if isinstance(change, LoanChange) and change.after is not None
        else change
        for change in act.changes
    )
    return replace(act, changes=changes)


def in_our_words(reason: Reason, rules: Rules, patron: PatronRecord) -> Refused:
    """Central's refusal as the screen says it; its own words are for staff."""
    refusal = _IN_OUR_WORDS.get(reason, Refusal.BY_CENTRAL)
    loans, _ = shown_limit(rules, patron)
    return Refused(refusal, (("n", loans),) if refusal is Refusal.LOAN_LIMIT else ())
