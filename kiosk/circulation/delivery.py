"""What becomes of an act on its way to the central library: DESIGN.md 3 (6, 7) and 5, as values and one table.

An act in the outbox is `PENDING`; `SENDING` is committed before its bytes leave; then it is `ACCEPTED`, or `PARKED` for
staff to settle, or back at `PENDING`. Nothing is ever dropped; `DISMISSED` is what staff let rest, with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.circulation.model import Act, Kind


class Delivery(StrEnum):
    """Where an act is on its way. LOCAL: of a kind that the connector does not carry."""

    LOCAL = "local"
    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    PARKED = "parked"
    DISMISSED = "dismissed"


OPEN = frozenset({Delivery.PENDING, Delivery.SENDING})


class Reason(StrEnum):
    """Why central said no, or what it flagged; the value is stored and shown to staff in words."""

    PATRON_UNKNOWN = "patron_unknown"
    ITEM_UNKNOWN = "item_unknown"
    PATRON_BLOCKED = "patron_blocked"
    LOAN_LIMIT = "loan_limit"
    ON_LOAN_ELSEWHERE = "on_loan_elsewhere"
    RESERVED = "reserved"
    NOT_RENEWABLE = "not_renewable"
    NOT_UNDONE = "not_undone"
    BAD_ANSWER = "bad_answer"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Central has it. version: of central's state that it is part of; a pull that has passed it shows it.

    flags: what staff should know though it was accepted.
    """

    version: int
    flags: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedByCentral:
    """Central said no. text: its own words, if it had any, at most 200 characters."""

    reason: Reason
    text: str = ""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing left the kiosk: no connection, or refused at the door."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Indeterminate:
    """It was sent, and nobody knows whether it arrived."""

    why: str = ""


Outcome = Accepted | RefusedByCentral | Unreachable | Indeterminate


@dataclass(frozen=True, slots=True)
class Parcel:
    """An act as a connector sends it, with the names that central knows patrons and items by.

    attempt: 0 the first time. happened: it is a replay of something that physically happened, at `at`, and no rule of
    central's can make it not so. card, barcode, inventory_no, external_id: None if there is none. item, patron and title
    are known to central by their ids if it made them, else by these.
    """

    seq: int
    act: Act
    at: datetime
    trusted: bool
    kiosk: str
    card: str | None
    barcode: str | None
    inventory_no: str | None
    external_id: str | None = None
    attempt: int = 0
    happened: bool = True


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an outbox entry. later: it is tried again, after a growing wait; ask: and looked up first."""

    delivery: Delivery
    later: bool = False
    ask: bool = False
    reason: Reason | None = None
    text: str = ""
    version: int | None = None


TRIED_AGAIN = frozenset({Reason.PATRON_UNKNOWN, Reason.ITEM_UNKNOWN})
"""Parked, but tried again whenever a pull has brought something."""


def fate(outcome: Outcome, earlier_open: bool) -> Fate:
    """What an outcome makes of an entry. earlier_open: an earlier act of the same patron is not settled yet.

    A refusal for the limit is only believed once all that came before has been told: the return that made room may
    still be on its way.
    """
    match outcome:
        case Accepted(version, flags):
            return Fate(Delivery.ACCEPTED, version=version, reason=flags[0] if flags else None)
        case RefusedByCentral(Reason.LOAN_LIMIT, _) if earlier_open:
            return Fate(Delivery.PENDING, later=True)
        case RefusedByCentral(reason, text):
            return Fate(Delivery.PARKED, reason=reason, text=text)
        case Unreachable():
            return Fate(Delivery.PENDING, later=True)
        case Indeterminate():
            return Fate(Delivery.SENDING, later=True, ask=True)


def may_pass(kind: Kind, stuck: Kind) -> bool:
    """Whether an act may go before an earlier one of its item that is parked: a return ends whatever was before."""
    return kind is Kind.CHECKIN and stuck is Kind.CHECKOUT
