"""Holds: a place in a title's queue. Decisions as in policy.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

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


def set_aside(around: Circumstances, holds: Sequence[Hold], item_id: str, giver: str) -> HoldChange | None:
    """An item that the patron `giver` gives back is kept for the first in the queue, if anybody else waits."""
    first = next((h for h in holds if h.state is HoldState.WAITING and h.patron_id != giver), None)
    if first is None:
        return None
    until = around.now.day + timedelta(days=around.rules.hold_shelf_days) if around.now.known else None
    return HoldChange(first, replace(first, state=HoldState.READY, item_id=item_id, expires=until))


def decide_cancel(
    around: Circumstances, line: HoldLine, item_status: ItemStatus | None, holds: Sequence[Hold], act_id: str
) -> Allowed:
    """The patron gives the place up.

    item_status: of the item set aside for it, which is now kept for the next in the queue, or goes back to its shelf.
    """
    hold = line.hold
    changes: list[Change] = [HoldChange(hold, None)]
    if hold.state is HoldState.READY and hold.item_id is not None and item_status is ItemStatus.HOLD_SHELF:
        kept = set_aside(around, holds, hold.item_id, hold.patron_id)
        changes.append(kept or StatusChange(hold.item_id, item_status, ItemStatus.AWAITING_CHECK))
    act = Act(act_id, Kind.CANCEL_HOLD, hold.patron_id, hold.item_id, hold.title_id, tuple(changes))
    return Allowed((act,))
