"""Holds: a place in a title's queue. Decisions as in policy.py."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.circulation.acts import Act, HoldChange, Kind
from kiosk.circulation.model import Hold, HoldLine, ItemKind, ItemStatus, PatronRecord, TitleRecord
from kiosk.circulation.policy import Allowed, Circumstances, Decision, Refusal, Refused, patron_refusals, release


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


def decide_cancel(
    around: Circumstances, line: HoldLine, item_status: ItemStatus | None, holds: Sequence[Hold], act_id: str
) -> Allowed:
    """The patron gives the place up.

    item_status: of the item set aside for it, which is now kept for the next in the queue, or goes back to its shelf.
    """
    hold = line.hold
    aside = hold.item_id if item_status is ItemStatus.HOLD_SHELF else None
    changes = (HoldChange(hold, None), *release(around, holds, aside, hold.patron_id))
    act = Act(act_id, Kind.CANCEL_HOLD, hold.patron_id, hold.item_id, hold.title_id, changes)
    return Allowed((act,))
