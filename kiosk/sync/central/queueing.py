"""What acts do to central's holds: the queue of a title, and the item that is put aside for its first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from kiosk.circulation.delivery import Reason
from kiosk.circulation.model import Hold, HoldChange, HoldState, ItemStatus
from kiosk.sync.central.schema import holds, items
from kiosk.sync.central.work import Ending, Found, Work, ended_before, find_item, status_after

_HOLD = (holds.c.id, holds.c.patron_id, holds.c.title_id, holds.c.state, holds.c.item_id, holds.c.placed, holds.c.ended)
_WAITING = {"state": HoldState.WAITING, "item_id": None, "expires": None, "ready_by": None}


def find_hold(work: Work, hold_id: str) -> Found | None:
    """A hold, open or ended."""
    return work.one(select(*_HOLD).where(work.mine(holds, holds.c.id == hold_id)))


def queue(work: Work, title_id: str) -> list[Found]:
    """The open holds on a title, the first placed first."""
    found = select(*_HOLD).where(work.mine(holds, holds.c.title_id == title_id, holds.c.ended.is_(None)))
    return [*work.connection.execute(found.order_by(holds.c.placed, holds.c.id))]


def end_holds(work: Work, ended: Iterable[Found], ending: Ending) -> None:
    """Places in a queue are given up."""
    for hold in ended:
        work.change(holds, hold.id, {"ended": ending, "ended_by": work.act_id})


def set_aside(work: Work, item_id: str) -> bool:
    """The item is kept for the hold that the kiosk put it aside for, if that still waits."""
    for change in work.parcel.act.changes:
        if isinstance(change, HoldChange) and change.before is not None and change.after is not None:
            hold = find_hold(work, change.after.id)
            if hold is None or hold.ended is not None or hold.state != HoldState.WAITING:
                continue
            if change.after.state is HoldState.READY:
                values = {"state": HoldState.READY, "item_id": item_id, "ready_by": work.act_id}
                work.change(holds, hold.id, {**values, "expires": change.after.expires})
                return True
    return False


def release(work: Work, hold: Found) -> None:
    """A hold is given up; an item that was put aside for it is kept for the next, or goes back to its shelf."""
    if hold.item_id is None or hold.state != HoldState.READY:
        return
    item = find_item(work, hold.item_id)
    if item is None or item.status != ItemStatus.HOLD_SHELF or set_aside(work, item.id):
        return
    work.change(items, item.id, {"status": status_after(work) or ItemStatus.AWAITING_CHECK})


def settle_holds(work: Work, patron_id: str, title_id: str) -> None:
    """A loan ends the patron's own holds on the title, and those that the kiosk found to be over."""
    named = {
        change.before.id
        for change in work.parcel.act.changes
        if isinstance(change, HoldChange) and change.before is not None and change.after is None
    }
    item_id = work.item.id if work.item is not None else None
    over = [
        hold
        for hold in queue(work, title_id)
        if hold.patron_id == patron_id or (hold.id in named and hold.item_id == item_id and item_id is not None)
    ]
    end_holds(work, over, Ending.BORROWED)


def displace_holds(work: Work, item: Found) -> None:
    """The item was kept for somebody else: they wait again, before everybody else."""
    waiting = queue(work, item.title_id)
    for hold in waiting:
        if hold.state == HoldState.READY and hold.item_id == item.id:
            first = min(other.placed for other in waiting)
            placed = hold.placed if hold.id == waiting[0].id else first - timedelta(milliseconds=1)
            work.change(holds, hold.id, {**_WAITING, "placed": placed})
            work.flag(Reason.RESERVED)


def undo_holds(work: Work, undone: str) -> None:
    """What an act did to holds: one made is over, those ended wait again, one with an item put aside gives it up."""
    own = find_hold(work, undone)
    if own is not None and own.ended is None:
        end_holds(work, [own], Ending.UNDONE)
    ended = select(*_HOLD).where(work.mine(holds, holds.c.ended_by == undone, holds.c.id != undone))
    for hold in work.connection.execute(ended).all():
        if all(other.patron_id != hold.patron_id for other in queue(work, hold.title_id)):
            work.change(holds, hold.id, {"ended": None, "ended_by": None})
    kept = select(holds.c.id).where(work.mine(holds, holds.c.ready_by == undone, holds.c.ended.is_(None)))
    for hold in work.connection.execute(kept).all():
        work.change(holds, hold.id, _WAITING)


def place(work: Work, hold: Hold, title_id: str, patron_id: str) -> None:
    """A hold was placed; somebody who waits for the title already keeps that place."""
    waits = any(other.patron_id == patron_id for other in queue(work, title_id))
    ending = ended_before(work, hold.id) or (Ending.SAME if waits else None)
    values = {
        "id": hold.id,
        "title_id": title_id,
        "patron_id": patron_id,
        "placed": hold.placed if work.parcel.trusted else work.turn.now,
        "state": HoldState.WAITING,
        "ended": ending,
        "ended_by": None if ending is None else work.act_id,
    }
    work.add(holds, values)


def cancel(work: Work, hold: Found) -> None:
    """A hold is given up, and every other place that the patron had in the queue."""
    places = [one for one in queue(work, hold.title_id) if one.patron_id == hold.patron_id]
    end_holds(work, places, Ending.CANCELLED)
    for one in places:
        release(work, one)
