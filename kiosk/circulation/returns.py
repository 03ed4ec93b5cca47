"""What happens to a loan after it was made: checkin, renewal, undo; and what was found. Decisions as in policy.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.circulation.acts import Act, Change, HoldChange, Kind, LoanChange, Relied, StatusChange
from kiosk.circulation.change_words import reversed_change
from kiosk.circulation.model import (
    LENDABLE,
    Hold,
    HoldState,
    ItemKind,
    ItemRecord,
    ItemStatus,
    Loan,
    LoanLine,
    PatronRecord,
)
from kiosk.circulation.policy import (
    Allowed,
    Circumstances,
    Decision,
    Refusal,
    Refused,
    is_overdue,
    overridden,
    patron_refusals,
    set_aside,
)
from kiosk.circulation.rules import LoanRule


@dataclass(frozen=True, slots=True)
class Recorded:
    """An act that is in the ledger, as undoing needs it.

    newest: nothing has happened to its item (or, without an item, to its loan or hold) since. relied: the versions of
    all that it touched.
    """

    act: Act
    newest: bool
    relied: tuple[Relied, ...]


def decide_checkin(around: Circumstances, record: ItemRecord, act_id: str) -> Decision:
    """May this item, which is on loan, be returned at the kiosk?

    The first in the title's queue gets it set aside; otherwise it awaits a check, if the library checks returns.
    """
    item, loan = record.item, record.loan
    if loan is None:
        raise ValueError(f"item {item.id} is not on loan")
    override = None
    if item.kind is ItemKind.TEXTBOOK and not around.rules.textbook_self_return:
        refused = Refused(Refusal.TEXTBOOK_RETURN)
        override = overridden(around, (refused,))
        if override is None:
            return refused
    changes: list[Change] = [LoanChange(loan, None)]
    after = item.resting_status
    kept = set_aside(around, record.holds, item.id, loan.patron_id)
    if kept is not None and after is ItemStatus.AVAILABLE:
        changes.append(kept)
        after = ItemStatus.HOLD_SHELF
    elif around.rules.check_returns and after is ItemStatus.AVAILABLE:
        after = ItemStatus.AWAITING_CHECK
    changes.append(StatusChange(item.id, item.status, after))
    act = Act(act_id, Kind.CHECKIN, loan.patron_id, item.id, item.title_id, tuple(changes), override=override)
    return Allowed((act,))


def after_checkin(record: ItemRecord, checkin: Act) -> ItemRecord:
    """The item as it will be once that checkin is recorded, for a decision that goes into the same commit."""
    status, holds = record.item.status, list(record.holds)
    for change in checkin.changes:
        match change:
            case StatusChange(after=after):
                status = after
            case HoldChange(before=before, after=after_hold) if before is not None and after_hold is not None:
                holds[holds.index(before)] = after_hold
    item = replace(record.item, status=status)
    return replace(record, item=item, loan=None, holds=tuple(holds), copies_in=record.copies_in + (status in LENDABLE))


def decide_counted_checkin(line: LoanLine, act_id: str) -> Allowed:
    """One copy of a title held by count comes back."""
    loan = line.loan
    return Allowed((Act(act_id, Kind.CHECKIN, loan.patron_id, None, loan.title_id, (LoanChange(loan, None),)),))


def decide_found(record: ItemRecord, act_id: str) -> Allowed:
    """An item that nobody has on loan was handed in: thanked, and listed for a librarian's look."""
    item = record.item
    asleep = item.status in (ItemStatus.HOLD_SHELF, ItemStatus.READING_ROOM)
    after = item.status if asleep else ItemStatus.AWAITING_CHECK
    changes = () if after is item.status else (StatusChange(item.id, item.status, after),)
    return Allowed((Act(act_id, Kind.FOUND, None, item.id, item.title_id, changes),))


def decide_renewal(
    around: Circumstances, patron: PatronRecord, line: LoanLine, holds: Sequence[Hold], copies_in: int, act_id: str
) -> Decision:
    """May this loan run on? Counted from today, never shortened. holds, copies_in: of its title, as in ItemRecord."""
    loan = line.loan
    rule = _rule(around, patron, line)
    waiting = sum(1 for hold in holds if hold.state is HoldState.WAITING and hold.patron_id != loan.patron_id)
    refusals = list(patron_refusals(around, patron))
    if is_overdue(loan, around.now):
        refusals.append(Refused(Refusal.RENEW_OVERDUE))
    if loan.renewals >= rule.renewals:
        refusals.append(Refused(Refusal.RENEW_LIMIT, (("date", loan.due),) if loan.due else ()))
    if waiting > copies_in:
        refusals.append(Refused(Refusal.RENEW_RESERVED))
    override = overridden(around, refusals)
    if refusals and override is None:
        return refusals[0]
    renewed = _renewed(around, loan, rule)
    changes = (LoanChange(loan, renewed),)
    act = Act(act_id, Kind.RENEWAL, loan.patron_id, loan.item_id, loan.title_id, changes, override=override)
    return Allowed((act,), renewed.due, rule.days)


def _renewed(around: Circumstances, loan: Loan, rule: LoanRule) -> Loan:
    due = around.rules.calendar.due(around.now.day, rule.days, rule.until_year_end) if around.now.known else None
    if loan.due is not None:
        due = max(loan.due, due) if due is not None else loan.due
    return replace(loan, due=due, days=rule.days, renewals=loan.renewals + 1)


def _rule(around: Circumstances, patron: PatronRecord, line: LoanLine) -> LoanRule:
    if line.item is None:
        return around.rules.rule_for(patron.patron, line.title.kind, None)
    return around.rules.rule_for_item(patron.patron, line.item)


def decide_undo(recorded: Recorded, act_id: str, before: Sequence[Act] = ()) -> Decision:
    """May this act be taken back? Only the newest on its item; what it changed changes back.

    before: the undoing of newer acts in the same commit, which may make this one the newest on its loan or hold.
    """
    act = recorded.act
    restored = [
        change.after for undo in before for change in undo.changes if isinstance(change, LoanChange | HoldChange)
    ]
    standing = [change.after for change in act.changes if isinstance(change, LoanChange | HoldChange)]
    newest = recorded.newest or (act.item_id is None and any(fact in restored for fact in standing if fact is not None))
    if not newest or act.kind is Kind.UNDO:
        return Refused(Refusal.UNDO_TOO_LATE)
    changes = tuple(reversed_change(change) for change in reversed(act.changes))
    return Allowed((Act(act_id, Kind.UNDO, act.patron_id, act.item_id, act.title_id, changes, undoes=act.id),))
