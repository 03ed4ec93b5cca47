"""What becomes of a copy that is handed in: decisions on textbooks that come back, or do not. Pure, as policy.py.

A copy on somebody's name is returned for them, whoever brings it, and no rule stands against that. What it does to the
one who brings it is the library's choice (`Clears`). However copies went from hand to hand, a pupil owes as many as
before, less those that came back: a debt moves or ends, it never goes out of sight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from kiosk.circulation.acts import (
    Act,
    Change,
    ConditionChange,
    HeldChange,
    ItemMade,
    Kind,
    LoanChange,
    MarkChange,
    StatusChange,
)
from kiosk.circulation.calendar import school_year
from kiosk.circulation.model import (
    LENDABLE,
    Condition,
    Item,
    ItemKind,
    ItemRecord,
    ItemStatus,
    Loan,
    LoanLine,
    PatronRecord,
    Title,
)
from kiosk.circulation.policy import Circumstances, set_aside
from kiosk.circulation.rules import Clears
from kiosk.circulation.textbooks.debts import BOOK, FOUND, Debt, debt_mark

NewId = Callable[[], str]
"""Gives the id of the next act."""


class Came(StrEnum):
    """What a copy that was handed in turned out to be.

    OWN: the pupil's. FOR_OTHER: on another's name. EXCHANGED: on another's name, who has the pupil's copy on theirs
    now. IN_PLACE: on nobody's name, taken for the pupil's own. FOUND: on nobody's name. LOST_FOUND: it was lost.
    """

    OWN = "own"
    FOR_OTHER = "for_other"
    EXCHANGED = "exchanged"
    IN_PLACE = "in_place"
    FOUND = "found"
    LOST_FOUND = "lost_found"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What to record of a copy that was handed in. cleared: the loan that the pupil is rid of by it, if any."""

    came: Came
    acts: tuple[Act, ...]
    cleared: LoanLine | None = None


def decide_handed_in(
    around: Circumstances, pupil: PatronRecord, record: ItemRecord, owed: Debt | None, clears: Clears, new_id: NewId
) -> HandedIn:
    """A pupil hands in a copy. owed: who owes it, if it was lost. Written-off copies are not to be asked about."""
    own = same_title(pupil, record)
    if record.loan is None:
        return _of_nobody(around, record, owed, own if clears is Clears.TITLE else None, new_id)
    taken = take_back(around, record, new_id(), by=pupil.patron.id)
    if record.loan.patron_id == pupil.patron.id:
        return HandedIn(Came.OWN, (taken,), LoanLine(record.loan, record.title, record.item))
    if own is None or clears is Clears.COPY:
        return HandedIn(Came.FOR_OTHER, (taken,))
    return HandedIn(Came.EXCHANGED, (taken, *decide_swap(own, record.loan, new_id)), own)


def same_title(pupil: PatronRecord, record: ItemRecord) -> LoanLine | None:
    """The pupil's own loan of a textbook, another copy than this one."""
    if record.item.kind is not ItemKind.TEXTBOOK:
        return None
    fitting = (line for line in pupil.loans if line.title.id == record.title.id and line.loan.item_id != record.item.id)
    return min(fitting, key=lambda line: line.item is None, default=None)


def take_back(around: Circumstances, record: ItemRecord, act_id: str, by: str = "") -> Act:
    """Somebody has looked at the copy: it goes to its place, to be mended, or aside for whoever waits for it.

    by: who brought it, which is noted if it was not the one on whose name it was.
    """
    item, loan = record.item, record.loan
    assert loan is not None
    changes: list[Change] = [LoanChange(loan, None)]
    after = ItemStatus.IN_REPAIR if item.condition is Condition.REPAIR else item.resting_status
    kept = set_aside(around, record.holds, item.id, loan.patron_id) if after is ItemStatus.AVAILABLE else None
    if kept is not None:
        changes.append(kept)
        after = ItemStatus.HOLD_SHELF
    changes.append(StatusChange(item.id, item.status, after))
    text = by if by != loan.patron_id else ""
    return Act(act_id, Kind.CHECKIN, loan.patron_id, item.id, item.title_id, tuple(changes), text=text)


def tick_off(line: LoanLine, act_id: str) -> Act:
    """A copy held by count came back."""
    return Act(act_id, Kind.CHECKIN, line.loan.patron_id, None, line.title.id, (LoanChange(line.loan, None),))


def decide_swap(own: LoanLine, other: Loan, new_id: NewId) -> tuple[Act, Act]:
    """The loan of a pupil goes over to another, whose own copy of that title the pupil has handed in.

    other: the loan that this ended; its dates are those of the new one.
    """
    loan, item = own.loan, own.item
    item_id = item.id if item is not None else None
    made = Loan(new_id(), other.patron_id, loan.title_id, item_id, other.since, other.due, other.days)
    over: list[Change] = [LoanChange(loan, None)]
    again: list[Change] = [LoanChange(None, made)]
    if item is not None:
        over.append(StatusChange(item.id, item.status, item.resting_status))
        again.append(StatusChange(item.id, item.resting_status, ItemStatus.ON_LOAN))
    return (
        Act(new_id(), Kind.CHECKIN, loan.patron_id, item_id, loan.title_id, tuple(over), text=other.patron_id),
        Act(made.id, Kind.CHECKOUT, other.patron_id, item_id, loan.title_id, tuple(again), text=loan.patron_id),
    )


def _of_nobody(
    around: Circumstances, record: ItemRecord, owed: Debt | None, own: LoanLine | None, new_id: NewId
) -> HandedIn:
    """A copy that is on nobody's name: it was lost, or nobody wrote down that it was given out."""
    item = record.item
    after = item.status
    if item.status is ItemStatus.LOST or (item.status in LENDABLE and item.kind is ItemKind.TEXTBOOK):
        after = item.resting_status
    changes: list[Change] = [] if after is item.status else [StatusChange(item.id, item.status, after)]
    if owed is not None:
        changes.append(owed.settled_by(FOUND))
        found = Act(new_id(), Kind.FOUND, owed.mark.patron_id, item.id, item.title_id, tuple(changes))
        return HandedIn(Came.LOST_FOUND, (found,))
    found = Act(new_id(), Kind.FOUND, None, item.id, item.title_id, tuple(changes))
    if own is None:
        return HandedIn(Came.LOST_FOUND if item.status is ItemStatus.LOST else Came.FOUND, (found,))
    lost = decide_lost(own, around.now.day, new_id(), settled=number_of(item))
    return HandedIn(Came.IN_PLACE, (found, lost), own)


def decide_condition(item: Item, patron_id: str, after: Condition, act_id: str) -> Act | None:
    """How a copy that came back looks, and who had it; None if that is known. One to be mended goes aside."""
    if after is item.condition:
        return None
    changes: list[Change] = [ConditionChange(item.id, item.condition, after)]
    resting = item.resting_status
    if after is Condition.REPAIR and item.status is resting:
        changes.append(StatusChange(item.id, item.status, ItemStatus.IN_REPAIR))
    elif item.condition is Condition.REPAIR and item.status is ItemStatus.IN_REPAIR:
        changes.append(StatusChange(item.id, item.status, resting))
    return Act(act_id, Kind.CONDITION, patron_id, item.id, item.title_id, tuple(changes))


def decide_lost(
    line: LoanLine,
    day: date,
    act_id: str,
    *,
    beyond_use: bool = False,
    is_back: bool = False,
    settled: str = "",
) -> Act:
    """A copy is lost, or (beyond_use) came back as one that nobody can learn from: the pupil owes another one.

    line: the copy as it is now, with its loan; is_back: that has ended already. settled: what stands for it at once.
    """
    loan, item = line.loan, line.item
    changes: list[Change] = [] if is_back else [LoanChange(loan, None)]
    if item is None:
        changes.append(HeldChange(line.title.id, -1))
    else:
        gone = ItemStatus.WRITTEN_OFF if beyond_use else ItemStatus.LOST
        changes.append(StatusChange(item.id, item.status, gone))
    mark = debt_mark(loan, number_of(item), line.title.title, school_year(day), day)
    debt = Debt.of(mark)
    assert debt is not None
    after = debt.settled_by(settled).after if settled else mark
    changes.append(MarkChange(None, after))
    item_id = item.id if item is not None else None
    return Act(act_id, Kind.LOST, loan.patron_id, item_id, loan.title_id, tuple(changes))


@dataclass(frozen=True, slots=True)
class Instead:
    """What is given in place of a lost copy: a numbered one, or (item None) another one of a title held by count; title
    None: a book that the kiosk does not know."""

    title: Title | None = None
    item: Item | None = None
    is_new: bool = False


def decide_replaced(debt: Debt, instead: Instead, new_id: NewId) -> tuple[Act, ...]:
    """Something was taken in place of a lost copy: the debt ends, and the old number is noted with the new one."""
    item, title = instead.item, instead.title
    number = number_of(item)
    acts: list[Act] = []
    if item is not None and instead.is_new:
        acts.append(Act(new_id(), Kind.NUMBERED, None, item.id, item.title_id, (ItemMade(None, item),)))
    elif item is None and title is not None:
        acts.append(Act(new_id(), Kind.HELD_CHANGED, None, None, title.id, (HeldChange(title.id, 1),)))
    text = f"{debt.number or debt.title} → {number or (title.title if title is not None else '…')}"
    item_id = item.id if item is not None else None
    change = debt.settled_by(number or BOOK)
    return (*acts, Act(new_id(), Kind.MARKED, debt.mark.patron_id, item_id, None, (change,), text=text))


def number_of(item: Item | None) -> str:
    """What a copy is called on a list: its inventory number, else its barcode."""
    return (item.inventory_no or item.barcode or "") if item is not None else ""


def after_act(item: Item, act: Act) -> Item:
    """The copy as an act leaves it."""
    for change in act.changes:
        match change:
            case StatusChange(item_id=item_id, after=status) if item_id == item.id:
                item = replace(item, status=status)
            case ConditionChange(item_id=item_id, after=condition) if item_id == item.id:
                item = replace(item, condition=condition)
    return item
