"""May this be lent? The decisions of the lending rules: `Allowed` with the act to record, or `Refused` with a reason.

A refusal is a value: it names what the person can do next through its message. An `override` set holds the names of
the refusals that a librarian lets pass in this visit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import takewhile

from kiosk.circulation.acts import Act, Change, HoldChange, Kind, LoanChange, Override, StatusChange
from kiosk.circulation.clock import Moment
from kiosk.circulation.model import (
    READING_ROOM_POINT,
    BlockKind,
    Hold,
    HoldState,
    Item,
    ItemKind,
    ItemRecord,
    ItemStatus,
    Loan,
    LoanLine,
    PatronRecord,
    Title,
    TitleRecord,
)
from kiosk.circulation.rules import LoanRule, Rules


class Refusal(StrEnum):
    """Why something is refused; the value is the message that says so and what to do next."""

    PATRON_LEFT = "err.reader_left"
    PATRON_BLOCKED = "err.card_blocked"
    PATRON_EXPIRED = "err.card_expired"
    DEBT = "err.debt"
    TEXTBOOK = "err.textbook_self"
    TEXTBOOK_RETURN = "err.textbook_return"
    BY_LIBRARIAN = "err.by_librarian"
    READING_ROOM = "err.reading_room"
    LAST_COPY = "err.last_copy"
    RESERVED = "err.reserved_other"
    UNCHECKED = "item.awaiting_check"
    IN_REPAIR = "item.in_repair"
    LOST = "err.was_lost"
    WRITTEN_OFF = "err.written_off"
    NONE_LEFT = "err.none_left"
    OVERDUE = "err.overdue"
    LOAN_LIMIT = "err.limit"
    NO_CARD_LIMIT = "err.no_card_limit"
    RENEW_LIMIT = "err.renew_limit"
    RENEW_RESERVED = "err.renew_reserved"
    RENEW_OVERDUE = "err.renew_overdue"
    HOLD_ALREADY = "err.hold_already"
    HOLD_ON_LOAN = "err.already_yours"
    HOLD_LIMIT = "err.hold_limit"
    UNDO_TOO_LATE = "err.undo_too_late"
    ON_LOAN_OTHER = "err.on_loan_other"
    BY_CENTRAL = "err.by_central"


NEVER_OVERRIDDEN = frozenset({Refusal.PATRON_LEFT, Refusal.LOST, Refusal.WRITTEN_OFF, Refusal.NONE_LEFT})
WAITS = frozenset({Refusal.LOAN_LIMIT, Refusal.OVERDUE, Refusal.NO_CARD_LIMIT})
"""Refusals that a return can lift: the item waits for one."""

Param = str | int | date


@dataclass(frozen=True, slots=True)
class Refused:
    """No, because. params: what the message of the reason names."""

    reason: Refusal
    params: tuple[tuple[str, Param], ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes: record these acts together. due, days: of the loan, if it is one; due None while the date is not known."""

    acts: tuple[Act, ...]
    due: date | None = None
    days: int = 0


Decision = Allowed | Refused


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision depends on besides the facts. override_by: the librarian who lets this visit pass, if any,
    override_reason: and why: a message key, or their words."""

    rules: Rules
    now: Moment
    override_by: str | None = None
    override_reason: str = ""
    no_card_limit: int | None = None


def is_overdue(loan: Loan, now: Moment) -> bool:
    """Whether a loan is late; nobody is, as long as the clock is not trusted, or before a day they were promised."""
    if not now.trusted or loan.due is None:
        return False
    return max(loan.due, loan.promised or loan.due) < now.day


def counted_loans(rules: Rules, patron: PatronRecord, rule: LoanRule) -> int:
    """How many of the patron's loans the limit of `rule` counts."""
    return sum(1 for line in patron.loans if _rule_of_line(rules, patron, line) == rule)


def _rule_of_line(rules: Rules, patron: PatronRecord, line: LoanLine) -> LoanRule:
    if line.item is not None:
        return rules.rule_for_item(patron.patron, line.item)
    return rules.rule_for(patron.patron, line.title.kind, None)


def shown_limit(rules: Rules, patron: PatronRecord) -> tuple[int, int | None]:
    """How many ordinary books the patron has and may have: (loans, limit)."""
    rule = rules.rule_for(patron.patron, ItemKind.BOOK, None)
    return counted_loans(rules, patron, rule), rule.limit


def patron_refusals(around: Circumstances, record: PatronRecord) -> Iterator[Refused]:
    """What in the patron's own state stands against lending, the gravest first."""
    patron, now = record.patron, around.now
    if patron.left:
        yield Refused(Refusal.PATRON_LEFT)
    for block in patron.blocks:
        if block.until is None or not now.trusted or block.until >= now.day:
            yield Refused(Refusal.DEBT if block.kind is BlockKind.DEBT else Refusal.PATRON_BLOCKED)
    if now.trusted and patron.expires is not None and patron.expires < now.day:
        yield Refused(Refusal.PATRON_EXPIRED)


def decide_checkout(around: Circumstances, patron: PatronRecord, record: ItemRecord, act_id: str) -> Decision:
    """May this patron borrow this item, which nobody has on loan?"""
    item, rule = record.item, around.rules.rule_for_item(patron.patron, record.item)
    refusals = [
        *patron_refusals(around, patron),
        *_item_refusals(around, record, rule),
        *_queue_refusals(around, patron, record),
        *_load_refusals(around, patron, rule),
    ]
    holds = holds_to_settle(around, patron, record.holds, item.id)
    return _lend(around, patron, rule, refusals, record.title, item, holds, act_id)


def decide_counted_checkout(around: Circumstances, patron: PatronRecord, record: TitleRecord, act_id: str) -> Decision:
    """May this patron borrow one copy of a title that is held by count?"""
    title = record.title
    rule = around.rules.rule_for(patron.patron, title.kind, None)
    refusals = [*patron_refusals(around, patron), *_kind_refusals(title.kind, rule, stays=not rule.leaves)]
    if around.rules.only_copies_stay and record.copies <= 1:
        refusals.append(Refused(Refusal.LAST_COPY))
    if record.held_in < 1:
        refusals.append(Refused(Refusal.NONE_LEFT))
    elif _ahead(patron, record.holds) >= record.copies_in:
        refusals.append(Refused(Refusal.RESERVED))
    refusals += _load_refusals(around, patron, rule)
    holds = holds_to_settle(around, patron, record.holds, None)
    return _lend(around, patron, rule, refusals, title, None, holds, act_id)


def overridden(around: Circumstances, refusals: Sequence[Refused]) -> Override | None:
    """A librarian lets these refusals pass; None if there are none, no librarian is here, or nobody may."""
    if not refusals or around.override_by is None or any(one.reason in NEVER_OVERRIDDEN for one in refusals):
        return None
    return Override(around.override_by, tuple(one.reason.name for one in refusals), around.override_reason)


def let_pass(act: Act, by: str, name: str, reason: str) -> Act:
    """The act with one more refusal that a librarian let pass."""
    names = (*act.override.refusals, name) if act.override is not None else (name,)
    return replace(act, override=Override(by, names, reason))


def _lend(
    around: Circumstances,
    patron: PatronRecord,
    rule: LoanRule,
    refusals: list[Refused],
    title: Title,
    item: Item | None,
    holds: tuple[Change, ...],
    act_id: str,
) -> Decision:
    override = overridden(around, refusals)
    if refusals and override is None:
        return next((r for r in refusals if r.reason in NEVER_OVERRIDDEN), refusals[0])
    today = around.now.day
    due = around.rules.calendar.due(today, rule.days, rule.until_year_end) if around.now.known else None
    loan = Loan(act_id, patron.patron.id, title.id, item.id if item else None, today, due, rule.days)
    changes: list[Change] = [LoanChange(None, loan), *holds]
    if item is not None:
        changes.append(StatusChange(item.id, item.status, ItemStatus.ON_LOAN))
    act = Act(
        act_id, Kind.CHECKOUT, patron.patron.id, item.id if item else None, title.id, tuple(changes), override=override
    )
    return Allowed((act,), due, rule.days)


def _item_refusals(around: Circumstances, record: ItemRecord, rule: LoanRule) -> Iterator[Refused]:
    item = record.item
    match item.status:
        case ItemStatus.WRITTEN_OFF:
            yield Refused(Refusal.WRITTEN_OFF)
        case ItemStatus.LOST:
            yield Refused(Refusal.LOST)
        case ItemStatus.IN_REPAIR:
            yield Refused(Refusal.IN_REPAIR)
        case ItemStatus.AWAITING_CHECK if not around.rules.lend_unchecked:
            yield Refused(Refusal.UNCHECKED)
    # A rule may let somebody take what stands in the reading room, but not what is marked to be read there only.
    marked = item.status is ItemStatus.READING_ROOM and item.service_point != READING_ROOM_POINT
    yield from _kind_refusals(item.kind, rule, stays=marked or not rule.leaves)
    if around.rules.only_copies_stay and record.copies <= 1:
        yield Refused(Refusal.LAST_COPY)


def _kind_refusals(kind: ItemKind, rule: LoanRule, stays: bool) -> Iterator[Refused]:
    if kind is ItemKind.TEXTBOOK and not rule.self_service:
        yield Refused(Refusal.TEXTBOOK)
    elif stays:
        yield Refused(Refusal.READING_ROOM)
    elif not rule.self_service:
        yield Refused(Refusal.BY_LIBRARIAN)


def is_kept_aside(hold: Hold, now: Moment) -> bool:
    """Whether an item still waits on the hold shelf for this hold."""
    return hold.state is HoldState.READY and (hold.expires is None or not now.trusted or hold.expires >= now.day)


def _queue_refusals(around: Circumstances, patron: PatronRecord, record: ItemRecord) -> Iterator[Refused]:
    """Reserved: set aside for another, or as many others wait for the title as copies are in."""
    aside = next((h for h in record.holds if h.item_id == record.item.id and is_kept_aside(h, around.now)), None)
    if aside is not None:
        if aside.patron_id != patron.patron.id:
            yield Refused(Refusal.RESERVED)
        return
    ahead = _ahead(patron, record.holds)
    if ahead and ahead >= record.copies_in:
        yield Refused(Refusal.RESERVED)


def _ahead(patron: PatronRecord, holds: Sequence[Hold]) -> int:
    """How many others wait for the title before this patron, who may wait for it too."""
    before = takewhile(lambda hold: hold.patron_id != patron.patron.id, holds)
    return sum(1 for hold in before if hold.state is HoldState.WAITING)


def set_aside(around: Circumstances, holds: Sequence[Hold], item_id: str, giver: str) -> HoldChange | None:
    """An item that the patron `giver` gives back is kept for the first in the queue, if anybody else waits."""
    first = next((h for h in holds if h.state is HoldState.WAITING and h.patron_id != giver), None)
    if first is None:
        return None
    until = around.now.day + timedelta(days=around.rules.hold_shelf_days) if around.now.known else None
    return HoldChange(first, replace(first, state=HoldState.READY, item_id=item_id, expires=until))


def release(around: Circumstances, holds: Sequence[Hold], item_id: str | None, giver: str) -> tuple[Change, ...]:
    """What becomes of an item on the hold shelf that `giver` does not want: kept for the next, or back to its shelf."""
    if item_id is None:
        return ()
    kept = set_aside(around, holds, item_id, giver)
    return (kept or StatusChange(item_id, ItemStatus.HOLD_SHELF, ItemStatus.AWAITING_CHECK),)


def holds_to_settle(
    around: Circumstances, patron: PatronRecord, holds: Sequence[Hold], item_id: str | None
) -> tuple[Change, ...]:
    """A loan ends the patron's own hold on the title, and one on the item that was not called for in time.

    Somebody else's, which a librarian passed over, waits again, at its old place in the queue. Another copy that was
    set aside for the patron is free again.
    """
    settled: list[Change] = []
    for hold in holds:
        if hold.patron_id == patron.patron.id:
            aside = hold.item_id if hold.item_id != item_id else None
            settled += [HoldChange(hold, None), *release(around, holds, aside, hold.patron_id)]
        elif item_id is not None and hold.item_id == item_id:
            waits = replace(hold, state=HoldState.WAITING, item_id=None, expires=None)
            settled.append(HoldChange(hold, waits if is_kept_aside(hold, around.now) else None))
    return tuple(settled)


def room_taken(around: Circumstances, patron: PatronRecord, line: LoanLine) -> Refused | None:
    """Why a return cannot be taken back after something else was borrowed on the strength of it, if so.

    patron: as the record would be with the loan of `line` standing again.
    """
    rule = _rule_of_line(around.rules, patron, line)
    count = counted_loans(around.rules, patron, rule)
    if around.override_by is not None:
        return None
    if around.rules.block_overdue and is_overdue(line.loan, around.now):
        return Refused(Refusal.OVERDUE, (("title", line.title.title),))
    if rule.limit is not None and count > rule.limit:
        return Refused(Refusal.LOAN_LIMIT, (("n", count - 1),))
    if rule.limit is not None and around.no_card_limit is not None and count > around.no_card_limit:
        return Refused(Refusal.NO_CARD_LIMIT, (("n", count - 1),))
    return None


def _load_refusals(around: Circumstances, patron: PatronRecord, rule: LoanRule) -> Iterator[Refused]:
    late = next((line for line in patron.loans if is_overdue(line.loan, around.now)), None)
    if around.rules.block_overdue and late is not None:
        yield Refused(Refusal.OVERDUE, (("title", late.title.title),))
    count = counted_loans(around.rules, patron, rule)
    if rule.limit is not None and count >= rule.limit:
        yield Refused(Refusal.LOAN_LIMIT, (("n", count),))
    elif rule.limit is not None and around.no_card_limit is not None and count >= around.no_card_limit:
        yield Refused(Refusal.NO_CARD_LIMIT, (("n", count),))
