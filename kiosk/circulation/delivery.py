"""What becomes of an act on its way to the central library: DESIGN.md 3 (6, 7) and 5, as values and one table.

An act in the outbox is `PENDING`; `SENDING` is committed before its bytes leave; then it is `ACCEPTED`, or `PARKED` for
staff to settle, or back at `PENDING`. Nothing is ever dropped; `DISMISSED` is what staff let rest, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kiosk.circulation.acts import (
    CIRCULATION,
    Act,
    BarcodeChange,
    ClassChange,
    ConditionChange,
    HeldChange,
    HoldChange,
    ItemMade,
    Kind,
    LoanChange,
    MarkChange,
    PatronMade,
    SetChange,
    StatusChange,
)
from kiosk.circulation.facts import Fact
from kiosk.circulation.model import Mark, Patron, TextbookSet


class Delivery(StrEnum):
    """Where an act is on its way. LOCAL: of a kind that the connector does not carry."""

    LOCAL = "local"
    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    PARKED = "parked"
    DISMISSED = "dismissed"


OPEN = frozenset({Delivery.PENDING, Delivery.SENDING})
TEXTBOOK_WORK = frozenset(
    {
        Kind.CONDITION, Kind.LOST, Kind.MARKED, Kind.SET_CHANGED, Kind.NUMBERED, Kind.RELABELLED, Kind.HELD_CHANGED,
        Kind.PATRON_ADDED, Kind.CLASS_MOVED, Kind.LIST_IMPORTED, Kind.LIST_UNDONE,
    }
)  # fmt: skip
"""Acts of staff on textbook days, of which other stations have to know. What they are about is in their changes."""
LENDING = CIRCULATION | {Kind.LOAN_IMPORTED, Kind.REQUEST} | TEXTBOOK_WORK
"""Acts that wait for what made their patron and their title, but for nobody else; the others are acts of staff on a
patron or a title as such."""


class Reason(StrEnum):
    """Why central said no, or what it flagged; the value is stored and shown to staff in words.

    BEHIND: it was not sent, as an earlier act of the same item is parked; it follows when that one is settled.
    CENTRAL_TOO_OLD: its tables have no place for it yet; tried again as PATRON_UNKNOWN is.
    """

    PATRON_UNKNOWN = "patron_unknown"
    ITEM_UNKNOWN = "item_unknown"
    PATRON_BLOCKED = "patron_blocked"
    LOAN_LIMIT = "loan_limit"
    ON_LOAN_ELSEWHERE = "on_loan_elsewhere"
    RETURNED_ELSEWHERE = "returned_elsewhere"
    RESERVED = "reserved"
    NOT_RENEWABLE = "not_renewable"
    NOT_UNDONE = "not_undone"
    SECOND_COPY = "second_copy"
    TWIN = "twin"
    LABEL_TAKEN = "label_taken"
    CHANGED_ELSEWHERE = "changed_elsewhere"
    CENTRAL_TOO_OLD = "central_too_old"
    BAD_ANSWER = "bad_answer"
    BEHIND = "behind"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Central has it. version: of central's state that it is part of; a pull that has passed it shows it.

    flags: what staff should know though it was accepted. due: of the loan, if central gave it another date than ours.
    facts: what it said of it, where nothing can be pulled.
    """

    version: int
    flags: tuple[Reason, ...] = ()
    due: date | None = None
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedByCentral:
    """Central said no. text: its own words, if it had any, at most 200 characters.

    facts: how it stands there, where nothing can be pulled; that holds if staff dismiss the act.
    """

    reason: Reason
    text: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing left the kiosk: no connection, or refused at the door."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Indeterminate:
    """It was sent, and nobody knows whether it arrived."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """It was handed over to be carried; nobody knows yet, and nothing is wrong. It is handed over again until it is
    answered."""


Outcome = Accepted | RefusedByCentral | Unreachable | Indeterminate | Posted


@dataclass(frozen=True, slots=True)
class Parcel:
    """An act as a connector sends it, with the names that central knows patrons and items by.

    attempt: 0 the first time. happened: it is a replay of something that physically happened, at `at`, and no rule of
    central's can make it not so; False: it is only asked for, and where it would be accepted with a flag it is refused
    for that reason, and nothing changed. card, barcode, inventory_no, external_id: None if there is none. item, patron
    and title are known to central by their ids if it made them, else by these. at: corrected, if the clock was not
    trusted and the truth is known since; reported: what the kiosk's clock showed, if that is something else. insist:
    staff settled it: what stands against it in central (a loan to somebody else, a block) gives way. copy: the barcode
    or number of a copy of the title, where the act is of a title and not of one item.
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
    reported: datetime | None = None
    insist: bool = False
    copy: str | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an outbox entry. later: it is tried again, after a growing wait; ask: and looked up first."""

    delivery: Delivery
    later: bool = False
    ask: bool = False
    reason: Reason | None = None
    text: str = ""
    version: int | None = None
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Heads:
    """Entries that may be sent now, and how far the outbox was looked through. end: to its end.

    behind: those that cannot go before a parked one is settled.
    """

    parcels: tuple[Parcel, ...]
    upto: int
    end: bool
    behind: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an entry that was `SENDING`. not_before: it rests until then. left: it may have left the kiosk."""

    seq: int
    fate: Fate
    not_before: datetime | None = None
    left: bool = True


TRIED_AGAIN = frozenset({Reason.PATRON_UNKNOWN, Reason.ITEM_UNKNOWN, Reason.CENTRAL_TOO_OLD})
"""Parked, but tried again whenever a pull has brought something."""


def fate(outcome: Outcome, earlier_open: bool) -> Fate:
    """What an outcome makes of an entry. earlier_open: an earlier act of the same patron is not settled yet.

    A refusal for the limit is only believed once all that came before has been told: the return that made room may
    still be on its way.
    """
    match outcome:
        case Accepted(version, flags, facts=facts):
            return Fate(Delivery.ACCEPTED, version=version, reason=flags[0] if flags else None, facts=facts)
        case RefusedByCentral(Reason.LOAN_LIMIT) if earlier_open:
            return Fate(Delivery.PENDING, later=True)
        case RefusedByCentral(reason, text, facts):
            return Fate(Delivery.PARKED, reason=reason, text=text, facts=facts)
        case Unreachable():
            return Fate(Delivery.PENDING, later=True)
        case Indeterminate() | Posted():
            return Fate(Delivery.SENDING, later=True, ask=True)


def order_keys(act: Act) -> frozenset[str]:
    """What an act is about: of two acts that share a key, the earlier goes first.

    A patron or a title is a key of acts of staff on it (registered); lending has no such key, since a class borrows one
    title and nobody's loan waits for somebody else's, but see `needs`. Whoever is added has the key that others need.
    """
    keys = {f"item:{act.item_id}"} if act.item_id is not None else set()
    if act.kind not in LENDING:
        keys |= needs(act.patron_id, act.title_id)
    for change in act.changes:
        match change:
            case StatusChange(item_id):
                keys.add(f"item:{item_id}")
            case LoanChange(before, after):
                loan = before or after
                if loan is not None:
                    keys.add(f"item:{loan.item_id}" if loan.item_id is not None else f"loan:{loan.id}")
            case HoldChange(hold_before, hold_after):
                hold = hold_before or hold_after
                if hold is not None:
                    keys.add(f"hold:{hold.id}")
            case ConditionChange(item_id) | BarcodeChange(item_id):
                keys.add(f"item:{item_id}")
            case ItemMade(item_before, item_after):
                made = item_before or item_after
                if made is not None:
                    keys.add(f"item:{made.id}")
            case PatronMade(Patron(id=named), Patron()):
                keys.add(f"named:{named}")
            case PatronMade(patron_before, patron_after):
                added = patron_before or patron_after
                if added is not None:
                    keys.add(f"patron:{added.id}")
            case ClassChange(patron_id, year):
                keys.add(f"class:{year}|{patron_id}")
            case HeldChange(title_id):
                keys.add(f"held:{title_id}")
            case MarkChange(mark_before, mark_after):
                mark = mark_before or mark_after
                if mark is not None:
                    keys.add(f"mark:{mark_words(mark)}")
            case SetChange(set_before, set_after):
                textbooks = set_before or set_after
                if textbooks is not None:
                    keys.add(f"set:{set_words(textbooks)}")
    return frozenset(keys)


def mark_words(mark: Mark) -> str:
    """A name for what a mark is kept under; the patron's id, in which anything may stand, comes last."""
    return f"{mark.year}|{mark.what}|{mark.patron_id}"


def set_words(textbooks: TextbookSet) -> str:
    """A name for what a set is kept under."""
    return f"{textbooks.year}|{textbooks.grade}|{textbooks.language}|{textbooks.letter}"


def needs(patron_id: str | None, title_id: str | None) -> frozenset[str]:
    """Keys of acts that an act does not share but waits for: those that made or changed its patron and its title."""
    return frozenset(f"{what}:{one}" for what, one in (("patron", patron_id), ("title", title_id)) if one is not None)


@dataclass(frozen=True, slots=True)
class Ahead:
    """An earlier entry that is not settled, with a key that one which wants to go shares or needs."""

    key: str
    kind: Kind
    delivery: Delivery


def held_up_by(kind: Kind, ahead: Iterable[Ahead]) -> Ahead | None:
    """What an entry has to wait for, of all that is ahead of it, key by key, oldest first; None: it may be sent.

    Nothing overtakes an act of the same item, but a return, which ends whatever was before: it passes a parked act and
    those that wait behind it, down to the return before it. A parked act on a hold holds nobody up; one that counts
    copies held by count never does: they only add up.
    """
    stuck: set[str] = set()
    for one in ahead:
        if one.key.startswith("held:"):
            continue
        if one.delivery is Delivery.PARKED:
            stuck.add(one.key)
            passes = kind is Kind.CHECKIN or one.key.startswith("hold:")
        else:
            waits = one.delivery is Delivery.PENDING and one.key in stuck
            passes = kind is Kind.CHECKIN and waits and one.kind is not Kind.CHECKIN
        if not passes:
            return one
    return None


AHEAD_LIMIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class When:
    """When an act happened, as far as that can be compared between kiosks. seq: the kiosk's own order."""

    at: datetime
    trusted: bool
    kiosk: str
    seq: int

    def is_after(self, other: When) -> bool:
        """Whether this act, which arrives now, happened after one that central has already.

        One kiosk's acts are in its own order, two kiosks' in the order of trusted times. Where that cannot be told, the
        one that arrives later is later.
        """
        if self.kiosk == other.kiosk:
            return self.seq > other.seq
        return self.at >= other.at if self.trusted and other.trusted else True


def when(parcel: Parcel, now: datetime) -> When:
    """When a parcel's act happened. now: central's clock; a time that lies ahead of it is not believed."""
    return When(parcel.at, parcel.trusted and parcel.at <= now + AHEAD_LIMIT, parcel.kiosk, parcel.seq)


class Standing(StrEnum):
    """What becomes of a loan that arrives at central."""

    HOLDS = "holds"
    PASSED_ON = "passed_on"
    OVER = "over"


def settle_loan(ours: When, theirs: When | None, returned: When | None) -> tuple[Standing, Reason | None]:
    """What becomes of a loan, and the flag. theirs: the item's loan in central; returned: its newest return there.

    HOLDS: it is the item's loan now. PASSED_ON: it is, and theirs ends. OVER: it is written down, and has ended.
    """
    if theirs is not None:
        later = ours.is_after(theirs)
        return Standing.PASSED_ON if later else Standing.OVER, Reason.ON_LOAN_ELSEWHERE
    if returned is not None and not ours.is_after(returned):
        return Standing.OVER, Reason.RETURNED_ELSEWHERE
    return Standing.HOLDS, None


def ends_loan(ours: When, theirs: When, same: bool) -> bool:
    """Whether a return ends the item's loan in central. same: it is the loan that the kiosk saw returned."""
    return same or ours.is_after(theirs)


def keeps_ours(ours: When, theirs: When | None) -> bool:
    """Whether what was noted of a pupil, a copy or a class holds over what another station noted of the same."""
    return theirs is None or ours.is_after(theirs)


def agreed_due(promised: date | None, shown: date | None, central: date | None) -> tuple[date | None, date | None]:
    """The due date to show, and the day until which nobody is overdue, once central has said a date.

    shown, promised: what the kiosk has. Central's date is shown; a date once shown was promised.
    """
    told = [day for day in (promised, shown) if day is not None]
    latest = max(told) if told else None
    return central, latest if latest is not None and central is not None and latest > central else None


class WayOut(StrEnum):
    """What staff can do with a parked entry. RETRY: send it again as it is. RESOLVE: send it again, and what stands
    against it in central gives way. DISMISS: let it rest, with a reason; central's word then holds. SEEN, of one that
    was accepted: what was to be known of it is known."""

    RETRY = "retry"
    RESOLVE = "resolve"
    DISMISS = "dismiss"
    SEEN = "seen"


GIVES_WAY = frozenset(
    {Reason.ON_LOAN_ELSEWHERE, Reason.PATRON_BLOCKED, Reason.LOAN_LIMIT, Reason.RESERVED, Reason.OTHER}
)


def ways_out(reason: Reason | None) -> tuple[WayOut, ...]:
    """How an entry that was parked for this reason can be settled, the most likely first."""
    if reason is Reason.BEHIND:
        return (WayOut.DISMISS,)
    if reason in GIVES_WAY:
        return (WayOut.RESOLVE, WayOut.RETRY, WayOut.DISMISS)
    return (WayOut.RETRY, WayOut.DISMISS)
