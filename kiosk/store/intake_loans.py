"""Rows of loan lists into the store: what was lent before the kiosk came, as transactions of the ledger."""

from __future__ import annotations

from kiosk.circulation.acts import Act, Kind, LoanChange, StatusChange
from kiosk.circulation.intake import LoanRow, Outcome, Result
from kiosk.circulation.model import ItemStatus, Loan
from kiosk.store.noting import Work

DAYS = 10
"""The promised length of a loan of which the list does not say it; DOMAIN.md 3."""

_PATRONS = "SELECT patron_id FROM cards WHERE number = ?1 UNION SELECT id FROM patrons WHERE external_id = ?1"
_ITEMS = (
    "SELECT i.id, i.title_id, i.status, l.patron_id FROM items i LEFT JOIN loans l ON l.item_id = i.id "
    "WHERE i.barcode = ?1 OR i.inventory_no = ?1"
)
_GONE = {ItemStatus.LOST: "lost", ItemStatus.WRITTEN_OFF: "written off"}
_ELSEWHERE = {ItemStatus.HOLD_SHELF: "kept for a hold", ItemStatus.IN_REPAIR: "in repair"}


def take_loan(work: Work, row: LoanRow) -> Outcome:
    """Record the loan of a row. The card may also be the external id of a patron who has none.

    A due date that the list does not say is not invented: the loan says "10 days" and no date.
    """
    patrons = work.db.execute(_PATRONS, (row.card,)).fetchall()
    items = work.db.execute(_ITEMS, (row.barcode,)).fetchall()
    if not patrons:
        return Outcome(Result.REJECTED, f"no patron has card {row.card}")
    if not items:
        return Outcome(Result.REJECTED, f"no item has barcode or inventory number {row.barcode}")
    if len(patrons) > 1:
        return Outcome(Result.DOUBTFUL, f"{row.card} is the card of one patron and the external id of another")
    if len(items) > 1:
        return Outcome(Result.DOUBTFUL, f"{row.barcode} is the barcode of one item and the inventory number of another")
    (patron_id,), (item_id, title_id, status_text, borrower) = patrons[0], items[0]
    status = ItemStatus(status_text)
    if borrower is not None:
        if borrower == patron_id:
            return Outcome(Result.SAME)
        return Outcome(Result.DOUBTFUL, f"item {row.barcode} is on loan to another patron")
    if status in _GONE:
        return Outcome(Result.REJECTED, f"item {row.barcode} is {_GONE[status]}")
    if status in _ELSEWHERE:
        return Outcome(Result.DOUBTFUL, f"item {row.barcode} is {_ELSEWHERE[status]}")
    if row.due and row.since and row.due < row.since:
        return Outcome(Result.REJECTED, f"due {row.due.isoformat()}, before the day of the loan")
    loan = _loan(work, row, patron_id, title_id, item_id)
    changes = (LoanChange(None, loan), StatusChange(item_id, status, ItemStatus.ON_LOAN))
    work.note("loans", loan.id, None)
    work.record(Act(loan.id, Kind.LOAN_IMPORTED, patron_id, item_id, title_id, changes))
    return Outcome(Result.ADDED)


def _loan(work: Work, row: LoanRow, patron_id: str, title_id: str, item_id: str) -> Loan:
    today = work.now.day
    since = row.since or (min(today, row.due) if row.due else today)
    days = (row.due - row.since).days if row.due and row.since and row.due > row.since else DAYS
    return Loan(work.new_id(), patron_id, title_id, item_id, since, row.due, days)
