"""Labels of copies in central: a number is one copy's, also after its label was replaced."""

from __future__ import annotations

from sqlalchemy import or_, select

from kiosk.circulation.acts import Kind
from kiosk.circulation.delivery import Reason, RefusedByCentral, When, keeps_ours
from kiosk.sync.central.schema import items, old_barcodes, transactions
from kiosk.sync.central.work import Found, Work, ours


def is_taken(work: Work, item_id: str, barcode: str | None, inventory_no: str | None) -> bool:
    """Whether one of the numbers is another copy's, or was."""
    numbers = [items.c.barcode == barcode] if barcode is not None else []
    numbers += [items.c.inventory_no == inventory_no] if inventory_no is not None else []
    if not numbers:
        return False
    if work.one(select(items.c.id).where(work.mine(items, or_(*numbers), items.c.id != item_id))) is not None:
        return True
    of_label = old_barcodes.c.barcode == barcode, old_barcodes.c.item_id != item_id
    return work.one(select(old_barcodes.c.item_id).where(work.mine(old_barcodes, *of_label))) is not None


def relabel(work: Work, item: Found | None, before: str | None, after: str | None) -> RefusedByCentral | None:
    """A torn label was replaced. The number before stays known; so does ours, if another station's label is newer."""
    if item is None:
        return RefusedByCentral(Reason.ITEM_UNKNOWN)
    if is_taken(work, item.id, after, None):
        return RefusedByCentral(Reason.LABEL_TAKEN)
    now = work.one(select(items.c.barcode).where(work.mine(items, items.c.id == item.id)))
    shown = now.barcode if now is not None else None
    holds = True
    if shown not in (before, after, None):
        work.flag(Reason.CHANGED_ELSEWHERE)
        holds = keeps_ours(ours(work), _last_label(work, item.id))
    if holds and shown != after:
        work.change(items, item.id, {"barcode": after})
    for number in {before, shown, after} - {None, after if holds else shown}:
        known = select(old_barcodes.c.item_id).where(work.mine(old_barcodes, old_barcodes.c.barcode == number))
        if work.one(known) is None:
            row = {"school_id": work.school, "barcode": number, "item_id": item.id}
            work.connection.execute(old_barcodes.insert().values(**row))
    return None


def _last_label(work: Work, item_id: str) -> When | None:
    """When the copy's label was replaced last."""
    known = (transactions.c.at, transactions.c.trusted, transactions.c.kiosk, transactions.c.seq)
    of_item = transactions.c.item_id == item_id, transactions.c.kind == Kind.RELABELLED
    query = select(*known).where(work.mine(transactions, *of_item)).order_by(transactions.c.version.desc()).limit(1)
    row = work.one(query)
    return When(row.at, row.trusted, row.kiosk, row.seq) if row is not None else None
