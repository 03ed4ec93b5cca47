"""Holds: a place in a title's queue. Decisions as in policy.py."""

from __future__ import annotations

from kiosk.circulation.model import (
    Act,
    Change,
    Hold,
    HoldChange,
    HoldLine,
    HoldState,
    ItemKind,
    ItemStatus,
    Kind,
    PatronRecord,
    StatusChange,
    TitleRecord,
)
from kiosk.circulation.policy import Allowed, Circumstances, Decision, Refusal, Refused, patron_refusals


def decide_hold(around: Circumstances, patron: PatronRecord, record: TitleRecord, act_id: str) -> Decision:
    """May this patron queue for the title?"""
    title = record.title
    rule = around.rules.rule_for(patron.patron, title.kind, None)
    refused = next(patron_refusals(around, patron), None)
    if refused is not None:
        return refused
    if title.kind is ItemKind.TEXTBOOK and not rule.self_service:
        return Refused(Refusal.TEXTBOOK)
    if record.reading_room or not rule.leaves:
        return Refused(Refusal.READING_ROOM)
    if record.copies < 1:
        return Refused(Refusal.NONE_LEFT)
    if any(line.loan.title_id == title.id for line in patron.loans):
        return Refused(Refusal.HOLD_ON_LOAN)
    if any(line.hold.title_id == title.id for line in patron.holds):
        return Refused(Refusal.HOLD_ALREADY)
    if len(patron.holds) >= around.rules.hold_limit:
        return Refused(Refusal.HOLD_LIMIT, (("n", len(patron.holds)),))
    hold = Hold(act_id, title.id, patron.patron.id, around.now.wall)
    return Allowed((Act(act_id, Kind.HOLD, patron.patron.id, None, title.id, (HoldChange(None, hold),)),))


def decide_cancel(line: HoldLine, item_status: ItemStatus | None, act_id: str) -> Allowed:
    """The patron gives the place up. item_status: of the item set aside for it, which goes back to its shelf."""
    hold = line.hold
    changes: list[Change] = [HoldChange(hold, None)]
    if hold.state is HoldState.READY and hold.item_id is not None and item_status is ItemStatus.HOLD_SHELF:
        changes.append(StatusChange(hold.item_id, item_status, ItemStatus.AWAITING_CHECK))
    act = Act(act_id, Kind.CANCEL_HOLD, hold.patron_id, hold.item_id, hold.title_id, tuple(changes))
    return Allowed((act,))
