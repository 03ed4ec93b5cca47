"""What acts do to central's holds: the queue of a title, and the item that is put aside for its first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from kiosk.circulation.acts import HoldChange
from kiosk.circulation.delivery import Reason
from kiosk.circulation.model import Hold, HoldState, ItemStatus
from kiosk.sync.central.schema import holds, items
from kiosk.sync.central.work import Ending, Found, Work, ended_before, find_item, status_after

_HOLD = (holds.c.id, holds.c.patron_id, holds.c.title_id, holds.c.state, holds.c.item_id, holds.c.placed, holds.c.ended)
_WAITING = {"state": HoldState.WAITING, "item_id": None, "expires": None, "ready_by": None}


def find_hold(work: Work, hold_id: str) -> Found | None:
    """A hold, open or ended."""
    return work.one(select(*_HOLD).where(work.mine(holds, holds.c.id == hold_id)))


def queue(work: Work, title_id: str) -> list[Found]:
    """The open holds on a title, the first placed first."""
    return _holds(work, holds.c.title_id == title_id, holds.c.ended.is_(None))


def _holds(work: Work, *where: ColumnElement[bool]) -> list[Found]:
    found = select(*_HOLD).where(work.mine(holds, *where)).order_by(holds.c.placed, holds.c.id)
    return [*work.connection.execute(found)]


def end_holds(work: Work, ended: Iterable[Found], ending: Ending) -> None:
    """Places in a queue are given up."""
    for hold in ended:
        work.change(holds, hold.id, {"ended": ending, "ended_by": work.act_id})
        _look_at_shelf(work, hold)


def _wait_again(work: Work, hold: Found, **values: datetime) -> None:
    """Nothing is put aside for it any more."""
    work.change(holds, hold.id, {**_WAITING, **values})
    _look_at_shelf(work, hold)


def _look_at_shelf(work: Work, hold: Found) -> None:
    if hold.item_id is not None and hold.item_id not in work.shelves:
        work.shelves.append(hold.item_id)


def keeper_of(work: Work, item_id: str, title_id: str) -> Found | None:
    """The hold that an item is put aside for."""
    kept = (hold for hold in queue(work, title_id) if hold.item_id == item_id and hold.state == HoldState.READY)
    return next(kept, None)


def tidy_shelves(work: Work) -> None:
    """What was put aside for a hold that is over is kept for the next, as the kiosk did, or goes back to its shelf."""
    for item_id in work.shelves:
        item = find_item(work, item_id)
        if item is None or item.status != ItemStatus.HOLD_SHELF or keeper_of(work, item.id, item.title_id) is not None:
            continue
        if not set_aside(work, item.id):
            work.change(items, item.id, {"status": ItemStatus.AWAITING_CHECK})


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


def settle_holds(work: Work, patron_id: str, title_id: str, stands: bool) -> list[Found]:
    """A loan ends the patron's own holds on the title, and those that the kiosk found to be over.

    stands: it does; one that is over already ends only the holds that the kiosk knew of. Returns who still waits.
    """
    named = {
        change.before.id
        for change in work.parcel.act.changes
        if isinstance(change, HoldChange) and change.before is not None and change.after is None
    }
    item_id = work.item.id if work.item is not None else None
    waiting = queue(work, title_id)
    over = [
        hold
        for hold in waiting
        if (hold.patron_id == patron_id and (stands or hold.id in named))
        or (hold.id in named and hold.item_id == item_id and item_id is not None)
    ]
    end_holds(work, over, Ending.BORROWED)
    return [hold for hold in waiting if hold not in over]


def displace_holds(work: Work, item: Found, waiting: Sequence[Found]) -> None:
    """The item was kept for somebody else: they wait again, before everybody else. waiting: for its title, in order."""
    for hold in waiting:
        if hold.state == HoldState.READY and hold.item_id == item.id:
            first = min(other.placed for other in waiting)
            placed = hold.placed if hold.id == waiting[0].id else first - timedelta(milliseconds=1)
            _wait_again(work, hold, placed=placed)
            work.flag(Reason.RESERVED)


def undo_holds(work: Work, undone: str, gone: bool) -> None:
    """What an act did to holds: one made is over, one with an item put aside gives it up, those ended stand again.

    gone: the act's item is elsewhere since.
    """
    own = find_hold(work, undone)
    if own is not None and own.ended is None:
        end_holds(work, [own], Ending.UNDONE)
    for hold in _holds(work, holds.c.ready_by == undone, holds.c.ended.is_(None)):
        _wait_again(work, hold)
    for hold in _holds(work, holds.c.ended_by == undone, holds.c.id != undone):
        if all(other.patron_id != hold.patron_id for other in queue(work, hold.title_id)):
            stands = _stands_ready(work, hold, gone)
            work.change(holds, hold.id, {"ended": None, "ended_by": None, **({} if stands else _WAITING)})


def _stands_ready(work: Work, hold: Found, gone: bool) -> bool:
    """Whether the item that was put aside for a hold which stands again is, or goes, back on the hold shelf."""
    item = find_item(work, hold.item_id) if hold.item_id is not None else None
    if item is None or keeper_of(work, item.id, item.title_id) is not None or work.loan_of(item.id) is not None:
        return False
    if item.status != ItemStatus.HOLD_SHELF:
        own = work.item is not None and work.item.id == item.id
        if (own and gone) or status_after(work, None if own else item.id) is not ItemStatus.HOLD_SHELF:
            return False
        work.change(items, item.id, {"status": ItemStatus.HOLD_SHELF})
    return True


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
