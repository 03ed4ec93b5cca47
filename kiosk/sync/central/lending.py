"""What acts do to central's loans, holds and statuses, with the conflicts of DESIGN.md 5.

What physically happened is never refused: the loan that is later in truth holds, the other one
ends, and staff are told.
"""

from __future__ import annotations

from sqlalchemy import select

from kiosk.circulation.acts import Kind, LoanChange
from kiosk.circulation.delivery import Reason, Standing, ends_loan, settle_loan
from kiosk.circulation.model import PUPIL, ItemStatus, Loan
from kiosk.sync.central.counted import count_at_least
from kiosk.sync.central.debts import DEBTS_SINCE, settle_debt
from kiosk.sync.central.queueing import displace_holds, keeper_of, queue, set_aside, settle_holds, undo_holds
from kiosk.sync.central.schema import items, loans, transactions
from kiosk.sync.central.second import second_copy
from kiosk.sync.central.standing import look_at_patron
from kiosk.sync.central.work import LOAN, Ending, Found, Work, day_of, ended_before, last_of, ours, status_after

_MOVES = (Kind.CHECKOUT, Kind.LOAN_IMPORTED, Kind.CHECKIN, Kind.FOUND, Kind.LOST)
"""Acts by which an item comes or goes."""
_WITH_SOMEBODY = (ItemStatus.ON_LOAN, ItemStatus.HOLD_SHELF)
_GONE = (ItemStatus.LOST, ItemStatus.WRITTEN_OFF)


def lend(work: Work, loan: Loan) -> None:
    """A loan was made. If its item has gone elsewhere since, it is over already, unless staff insist on it."""
    patron, item = work.patron, work.item
    if patron is None or work.title_id is None:
        raise ValueError("a loan of nobody, or of nothing")
    current = work.loan_of(item.id) if item is not None else None
    ending = ended_before(work, loan.id)
    if ending is None and item is not None:
        last = last_of(item)
        standing, flag = settle_loan(ours(work), last if current else None, None if current else last)
        if standing is Standing.OVER and not work.parcel.insist:
            ending = Ending.PASSED_ON if current is not None else Ending.RETURNED
        if flag is not None and (current is None or current.patron_id != patron.id):
            work.flag(flag)
        if ending is None and current is not None:
            end_loan(work, current, Ending.PASSED_ON)
    work.add(
        loans,
        {
            "id": loan.id,
            "patron_id": patron.id,
            "title_id": work.title_id,
            "item_id": item.id if item is not None else None,
            "since": loan.since,
            "due": loan.due,
            "days": loan.days,
            "renewals": loan.renewals,
            "kiosk": work.parcel.kiosk,
            "last": work.act_id,
            "ended": ending,
            "ended_by": None if ending is None else work.act_id,
        },
    )
    waiting = settle_holds(work, patron.id, work.title_id, stands=ending is None)
    if ending is not None:
        return
    look_at_patron(work, patron, item, day_of(work, loan.since))
    if patron.category == PUPIL and second_copy(work, patron.id, loan.id):
        work.flag(Reason.SECOND_COPY)
    if item is not None:
        displace_holds(work, item, waiting)
        if item.status in _GONE:
            work.flag(Reason.OTHER)
        _move(work, item, ItemStatus.ON_LOAN)


def take_back(work: Work, loan: Found | None, of_item: bool = True) -> None:
    """An item was handed in, or one copy of a title held by count. loan: that which the kiosk ended, if it is known.

    of_item: whether it is the act's item that came back; else it is a copy held by count that the act speaks of beside.
    """
    item = work.item if of_item else None
    if loan is not None and loan.ended is None:
        if loan.item_id is None:
            count_at_least(work, loan.title_id)
        end_loan(work, loan, Ending.RETURNED)
    if item is None:
        return
    current = work.loan_of(item.id)
    last = last_of(item)
    same = work.parcel.insist or (loan is not None and loan.ended is None)
    if last is not None and not ends_loan(ours(work), last, same):
        return
    if current is not None:
        work.flag(Reason.ON_LOAN_ELSEWHERE)
        end_loan(work, current, Ending.RETURNED)
    status = status_after(work)
    if status is None and (current is not None or loan is not None):
        status = ItemStatus.AWAITING_CHECK
    if keeper_of(work, item.id, item.title_id) is not None or set_aside(work, item.id):
        status = ItemStatus.HOLD_SHELF
    elif status is ItemStatus.HOLD_SHELF:
        status = ItemStatus.AWAITING_CHECK
    _move(work, item, status or ItemStatus(item.status))


def put(work: Work) -> None:
    """Staff gave an item another status: checked, lost, in repair. What is with somebody else stays there."""
    item, status = work.item, status_after(work)
    if item is None or status is None:
        return
    last = last_of(item)
    if last is not None and not ours(work).is_after(last):
        return
    if work.loan_of(item.id) is not None:
        work.flag(Reason.ON_LOAN_ELSEWHERE)
    elif keeper_of(work, item.id, item.title_id) is None:
        _move(work, item, ItemStatus.AWAITING_CHECK if status in _WITH_SOMEBODY else status)


def renew(work: Work, before: Loan, after: Loan, loan: Found | None) -> None:
    """A loan runs on. Renewed twice at two kiosks it has two renewals, and nobody is overdue before a promised day."""
    if loan is None or loan.ended is not None:
        work.flag(Reason.NOT_RENEWABLE)
        return
    due = max(loan.due, after.due) if loan.due is not None and after.due is not None else loan.due or after.due
    extra = max(after.renewals - before.renewals, 1)
    values = {"due": due, "days": after.days, "renewals": loan.renewals + extra, "last": work.act_id}
    work.change(loans, loan.id, values)


def unrenew(work: Work, before: Loan, after: Loan) -> None:
    """The renewal that led to `before` is taken back, unless another came after it."""
    loan = work.loan(before.id)
    if loan is None or loan.ended is not None or loan.renewals != before.renewals:
        work.flag(Reason.NOT_UNDONE)
        return
    values = {"due": after.due, "days": after.days, "renewals": after.renewals, "last": work.act_id}
    work.change(loans, loan.id, values)


def undo(work: Work, undone: str) -> None:
    """What an act did is taken back, as far as nothing has happened since."""
    for change in work.parcel.act.changes:
        if isinstance(change, LoanChange) and change.before is not None and change.after is not None:
            unrenew(work, change.before, change.after)
    loan = work.loan(undone)
    if loan is not None and loan.ended is None:
        end_loan(work, loan, Ending.UNDONE)
    item = work.item
    query = select(transactions.c.kind, transactions.c.before_id)
    known = work.one(query.where(work.mine(transactions, transactions.c.id == undone)))
    moves = known is not None and (known.kind in _MOVES or (item is not None and item.last_id == undone))
    gone = item is not None and moves and item.last_id != undone
    if gone:
        work.flag(Reason.NOT_UNDONE)
    else:
        _reopen_loans(work, undone)
    undo_holds(work, undone, gone)
    if item is None or known is None or not moves or gone:
        return
    _stand_again(work, item)
    status = status_after(work) or ItemStatus(item.status)
    if work.loan_of(item.id) is not None:
        displace_holds(work, item, queue(work, item.title_id))
        status = ItemStatus.ON_LOAN
    elif keeper_of(work, item.id, item.title_id) is not None:
        status = ItemStatus.HOLD_SHELF
    elif status in _WITH_SOMEBODY:
        status = ItemStatus.AWAITING_CHECK
    work.change(items, item.id, {"status": status, "last_id": known.before_id})


def _reopen_loans(work: Work, undone: str) -> None:
    """The loans that an act had ended stand again, unless their item is on loan as it is."""
    ended = work.connection.execute(
        select(*LOAN).where(work.mine(loans, loans.c.ended_by == undone, loans.c.id != undone))
    ).all()
    for loan in ended:
        if loan.item_id is not None and work.loan_of(loan.item_id) is not None:
            work.flag(Reason.NOT_UNDONE)
            continue
        work.change(loans, loan.id, {"ended": None, "ended_by": None, "last": work.act_id})


def _stand_again(work: Work, item: Found) -> None:
    """Who takes a return back has the item, also if another kiosk had ended the loan before that return."""
    for change in work.parcel.act.changes:
        if isinstance(change, LoanChange) and change.before is None and change.after is not None:
            loan = work.loan(change.after.id)
            if loan is not None and loan.ended is not None and work.loan_of(item.id) is None:
                work.change(loans, loan.id, {"ended": None, "ended_by": None, "last": work.act_id})


def end_loan(work: Work, loan: Found, ending: Ending) -> None:
    """A loan is over; if it was a debt of somebody who went to another school, that school is told."""
    work.change(loans, loan.id, {"ended": ending, "ended_by": work.act_id, "last": work.act_id})
    if work.schema >= DEBTS_SINCE:
        settle_debt(work.connection, work.school, loan.patron_id)


def _move(work: Work, item: Found, status: ItemStatus) -> None:
    work.change(items, item.id, {"status": status, "last_id": work.act_id})
