"""An act into the central database: one function for PostgreSQL and SQLite, one transaction for each act.

An act is known by its id: told again, it gets the same answer and changes nothing. One whose patron or item central
does not know is refused and leaves no trace, so that it can be told again later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, select

from kiosk.circulation.acts import Act, HoldChange, Kind, LoanChange, StatusChange
from kiosk.circulation.delivery import TEXTBOOK_WORK, Accepted, Parcel, Reason, RefusedByCentral
from kiosk.circulation.ledger import body_of
from kiosk.circulation.model import Hold, Loan
from kiosk.sync.central.database import changing, end_turn, take_turn
from kiosk.sync.central.lending import lend, put, renew, take_back, undo
from kiosk.sync.central.queueing import cancel, find_hold, place, tidy_shelves
from kiosk.sync.central.schema import VERSION, titles, transactions
from kiosk.sync.central.textbooks import has_place, make_first, note_rest
from kiosk.sync.central.work import Found, Work, find_item, find_patron, ours

Refusal = RefusedByCentral | None
_REASONS = frozenset(Reason)


def apply(connection: Connection, school: str, parcel: Parcel, schema: int = VERSION) -> Accepted | RefusedByCentral:
    """Record an act, durably, with all that it changes; or refuse it, and nothing happened.

    schema: the version that the database has. Raises CommitLost if nobody knows whether it was recorded, and
    SQLAlchemyError or ConnectorError if it surely was not.
    """
    try:
        with changing(connection):
            turn = take_turn(connection, school)
            known = recorded(connection, school, parcel.act.id)
            if known is not None:
                return known
            work = Work(connection, school, turn, parcel, schema)
            refusal = _carry_out(work)
            if refusal is not None:
                raise _NotAllowed(refusal)
            if work.flags and not parcel.happened:
                raise _NotAllowed(RefusedByCentral(work.flags[0]))
            _record(work)
            end_turn(connection, school, turn)
            return Accepted(turn.version, tuple(work.flags))
    except _NotAllowed as against:
        return against.refusal


class _NotAllowed(Exception):
    """An act is refused, or was only asked for and has something against it: all of it is taken back."""

    def __init__(self, refusal: RefusedByCentral) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def find_out(connection: Connection, school: str, act_id: str) -> Accepted | None:
    """Whether an act is recorded. Waits for the school's turn, and so for whatever may be recording it just now."""
    with changing(connection):
        take_turn(connection, school)
        return recorded(connection, school, act_id)


def recorded(connection: Connection, school: str, act_id: str) -> Accepted | None:
    """What was answered when the act was recorded; None if it was not."""
    query = select(transactions.c.version, transactions.c.flags)
    row = connection.execute(query.where(transactions.c.school_id == school, transactions.c.id == act_id)).first()
    if row is None:
        return None
    return Accepted(row.version, tuple(Reason(flag) for flag in row.flags.split() if flag in _REASONS))


def _carry_out(work: Work) -> Refusal:
    doing = _DOING.get(work.parcel.act.kind)
    if doing is None:
        return RefusedByCentral(Reason.OTHER, f"central takes no acts of the kind {work.parcel.act.kind}")
    refusal = make_first(work) or doing(work) or note_rest(work)
    tidy_shelves(work)
    return refusal


def _record(work: Work) -> None:
    parcel, act, item, happened = work.parcel, work.parcel.act, work.item, ours(work)
    work.add(
        transactions,
        {
            "id": act.id,
            "kiosk": parcel.kiosk,
            "seq": parcel.seq,
            "kind": act.kind,
            "patron_id": work.patron.id if work.patron is not None else act.patron_id,
            "item_id": item.id if item is not None else act.item_id,
            "title_id": item.title_id if item is not None else work.title_id or act.title_id,
            "ends": _ends(act),
            "undoes": act.undoes,
            "before_id": item.last_id if item is not None else None,
            "body": body_of(act),
            "at": happened.at,
            "trusted": happened.trusted,
            "clock_at": parcel.reported,
            "reported_at": work.turn.now,
            "flags": " ".join(work.flags),
        },
    )


def _ends(act: Act) -> str | None:
    """The id of the loan or the hold that an act brings to its end."""
    wanted = {Kind.CHECKIN: LoanChange, Kind.CANCEL_HOLD: HoldChange}.get(act.kind)
    changes = (c for c in act.changes if isinstance(c, LoanChange | HoldChange) and type(c) is wanted)
    return next((c.before.id for c in changes if c.before is not None and c.after is None), None)


# What each kind of act is about.


def _checkout(work: Work) -> Refusal:
    loan = next((c.after for c in work.parcel.act.changes if isinstance(c, LoanChange) and c.before is None), None)
    if loan is None:
        return RefusedByCentral(Reason.OTHER, "a checkout that makes no loan")
    work.patron = find_patron(work)
    if work.patron is None:
        return RefusedByCentral(Reason.PATRON_UNKNOWN)
    if loan.item_id is not None:
        work.item = find_item(work)
    work.title_id = work.item.title_id if work.item is not None else _title(work)
    if (loan.item_id is not None and work.item is None) or work.title_id is None:
        return RefusedByCentral(Reason.ITEM_UNKNOWN)
    lend(work, loan)
    return None


def _checkin(work: Work) -> Refusal:
    """A return is taken in whoever had the item: only the item has to be known, or the loan."""
    before = _loan_before(work)
    loan = work.loan(before.id) if before is not None else None
    refusal = _item_of(work, loan)
    if refusal is not None:
        return refusal
    work.patron = find_patron(work)
    take_back(work, loan)
    return None


def _found(work: Work) -> Refusal:
    refusal = _item_of(work, None)
    if refusal is None:
        take_back(work, None)
    return refusal


def _renewal(work: Work) -> Refusal:
    change = next((c for c in work.parcel.act.changes if isinstance(c, LoanChange)), None)
    if change is None or change.before is None or change.after is None:
        return RefusedByCentral(Reason.OTHER, "a renewal of no loan")
    loan = work.loan(change.before.id)
    refusal = _item_of(work, loan)
    if refusal is not None:
        return refusal
    work.patron = find_patron(work)
    renew(work, change.before, change.after, loan)
    return None


def _hold(work: Work) -> Refusal:
    hold = next((c.after for c in work.parcel.act.changes if isinstance(c, HoldChange) and c.before is None), None)
    if hold is None:
        return RefusedByCentral(Reason.OTHER, "a hold of nothing")
    work.patron = find_patron(work)
    if work.patron is None:
        return RefusedByCentral(Reason.PATRON_UNKNOWN)
    work.title_id = _title(work)
    if work.title_id is None:
        return RefusedByCentral(Reason.ITEM_UNKNOWN)
    place(work, hold, work.title_id, work.patron.id)
    return None


def _cancel_hold(work: Work) -> Refusal:
    before = _hold_before(work)
    hold = find_hold(work, before.id) if before is not None else None
    work.patron = find_patron(work)
    if hold is not None:
        work.title_id = hold.title_id
        cancel(work, hold)
    return None


def _undo(work: Work) -> Refusal:
    undone = work.parcel.act.undoes
    if undone is None:
        return RefusedByCentral(Reason.OTHER, "an undo of nothing")
    refusal = _item_of(work, None)
    if refusal is not None:
        return refusal
    work.patron = find_patron(work)
    undo(work, undone)
    return None


def _request(work: Work) -> Refusal:
    work.patron = find_patron(work)
    return None


def _textbook_work(work: Work) -> Refusal:
    """What staff did on a textbook day, as far as it is of loans and statuses."""
    if not has_place(work):
        return RefusedByCentral(Reason.CENTRAL_TOO_OLD)
    act = work.parcel.act
    refusal = _item_of(work, None)
    if refusal is not None:
        return refusal
    work.patron = find_patron(work)
    lends = False
    for change in act.changes:
        match change:
            case LoanChange(before=None, after=Loan() as loan):
                lends = True
                if work.patron is None:
                    return RefusedByCentral(Reason.PATRON_UNKNOWN)
                work.title_id = work.item.title_id if work.item is not None else _title(work)
                if work.title_id is None:
                    return RefusedByCentral(Reason.ITEM_UNKNOWN)
                lend(work, loan)
            case LoanChange(before=Loan() as loan, after=None):
                take_back(work, work.loan(loan.id), of_item=loan.item_id is not None)
    moved = any(isinstance(one, StatusChange) and one.item_id == act.item_id for one in act.changes)
    returned = any(isinstance(one, LoanChange) and one.before and one.before.item_id for one in act.changes)
    if moved and not lends and not returned:
        put(work)
    return None


_DOING: Mapping[Kind, Callable[[Work], Refusal]] = {
    Kind.CHECKOUT: _checkout,
    Kind.LOAN_IMPORTED: _checkout,
    Kind.CHECKIN: _checkin,
    Kind.FOUND: _found,
    Kind.RENEWAL: _renewal,
    Kind.HOLD: _hold,
    Kind.CANCEL_HOLD: _cancel_hold,
    Kind.UNDO: _undo,
    Kind.REQUEST: _request,
    **dict.fromkeys(TEXTBOOK_WORK, _textbook_work),
}
CARRIES = frozenset(_DOING)
"""The kinds of acts that central takes."""


def _item_of(work: Work, loan: Found | None) -> Refusal:
    """The item of the loan, or that which the act names; an act may be about none."""
    act = work.parcel.act
    work.item = find_item(work, loan.item_id) if loan is not None and loan.item_id else None
    if work.item is None and act.item_id is not None:
        work.item = find_item(work)
    if work.item is None and act.item_id is not None:
        return RefusedByCentral(Reason.ITEM_UNKNOWN)
    return None


def _title(work: Work) -> str | None:
    """The title of an act that is about no item."""
    title_id = work.parcel.act.title_id
    if title_id is None:
        return None
    row = work.one(select(titles.c.id).where(work.mine(titles, titles.c.id == title_id)))
    return row.id if row is not None else None


def _loan_before(work: Work) -> Loan | None:
    return next((c.before for c in work.parcel.act.changes if isinstance(c, LoanChange) and c.before), None)


def _hold_before(work: Work) -> Hold | None:
    changes = (c for c in work.parcel.act.changes if isinstance(c, HoldChange) and c.after is None)
    return next((c.before for c in changes if c.before), None)
