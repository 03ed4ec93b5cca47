"""Acts of the ledger as undoing them needs them: whether something has happened since, and how their loan is now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlite_utils import Database

from kiosk.circulation.acts import Act, Change, HoldChange, Kind, LoanChange, Relied
from kiosk.circulation.ledger import act_of
from kiosk.circulation.model import Loan
from kiosk.circulation.returns import Recorded
from kiosk.store import reads

_ACT = "seq, id, kind, patron_id, item_id, title_id, body"


def find_acts(db: Database, ids: Sequence[str]) -> tuple[Recorded, ...]:
    """Acts by their ids, the newest first. ids: of what is to be taken back together."""
    marks = ", ".join("?" * len(ids))
    found = db.execute(
        f"SELECT {_ACT} FROM transactions WHERE id IN ({marks}) ORDER BY seq DESC", tuple(ids)
    ).fetchall()
    return tuple(_recorded(db, row[0], act_of(*row[1:]), ids) for row in found)


def _recorded(db: Database, seq: int, act: Act, together: Sequence[str]) -> Recorded:
    relied = []
    for table, row_id in (("patrons", act.patron_id), ("items", act.item_id), ("titles", act.title_id)):
        row = db.execute(f"SELECT version FROM {table} WHERE id = ?", (row_id,)).fetchone() if row_id else None
        if row is not None and row_id is not None:
            relied.append(Relied(table, row_id, row[0]))
    newest = _is_newest(db, seq, act, together)
    return Recorded(_as_it_was_left(db, seq, act, together) if newest else act, newest, tuple(relied))


def _is_newest(db: Database, seq: int, act: Act, together: Sequence[str]) -> bool:
    """Whether nothing happened to the act's item since, but for what is taken back together with it, and for another
    due date from the central library."""
    if act.item_id is not None:
        row = db.execute("SELECT last_seq FROM items WHERE id = ?", (act.item_id,)).fetchone()
        if row is None or row[0] is None or row[0] < seq:
            return False
        return all(one.id in together or _is_only_redated(one) for one in _since(db, seq, act.item_id))
    for change in act.changes:
        match change:
            case LoanChange(after=Loan() as loan) if _loan(db, loan) != loan:
                return False
        if isinstance(change, HoldChange) and change.after is not None:
            row = db.execute(f"SELECT {reads.HOLD} FROM holds h WHERE h.id = ?", (change.after.id,)).fetchone()
            if row is None or row[4] != change.after.state:
                return False
    return True


def _is_only_redated(act: Act) -> bool:
    """Whether central gave the loan another due date, and nothing else: that takes no undo away from the patron."""
    if act.kind is not Kind.PULLED or len(act.changes) != 1:
        return False
    match act.changes[0]:
        case LoanChange(before=Loan() as before, after=Loan() as after):
            return replace(before, due=after.due, promised=after.promised) == after
    return False


def _since(db: Database, seq: int, item_id: str) -> Iterator[Act]:
    """What happened to an item since, the oldest first. An undo comes soon: it is little."""
    found = db.execute(f"SELECT {_ACT} FROM transactions WHERE seq > ? AND item_id = ? ORDER BY seq", (seq, item_id))
    return (act_of(*row[1:]) for row in found.fetchall())


def _as_it_was_left(db: Database, seq: int, act: Act, together: Sequence[str]) -> Act:
    """The act with its loan as central has redated it before anything else happened, so that this loan is what is taken
    back; what is taken back together with the act is taken back before it."""
    for one in _since(db, seq, act.item_id) if act.item_id is not None else ():
        if one.id in together:
            break
        (redated,) = one.changes
        act = replace(act, changes=tuple(_redated(change, redated) for change in act.changes))
    return act


def _redated(change: Change, by: Change) -> Change:
    if isinstance(change, LoanChange) and isinstance(by, LoanChange) and change.after == by.before:
        return replace(change, after=by.after)
    return change


def _loan(db: Database, loan: Loan) -> Loan | None:
    row = db.execute(
        f"SELECT {reads.LOAN} FROM loans l WHERE l.patron_id = ? AND l.id = ?", (loan.patron_id, loan.id)
    ).fetchone()
    return reads.to_loan(row) if row is not None else None
