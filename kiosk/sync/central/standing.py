"""What was otherwise with a patron than the kiosk knew: the loan stands, and staff are told."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from kiosk.circulation.delivery import Reason
from kiosk.circulation.model import ItemKind, Patron
from kiosk.circulation.rules import LoanRule, Rules
from kiosk.sync.central.schema import blocks, items, loans, titles
from kiosk.sync.central.work import Found, Work

RULES = Rules()
"""Which loans are counted together; how many are too many is the school's to say."""


def look_at_patron(work: Work, patron: Found, item: Found | None, day: date) -> None:
    """A patron who was blocked, had left or had too much already: the loan stands, and staff are told."""
    if work.parcel.act.override is not None or work.parcel.insist:
        return
    stops = select(blocks.c.until).where(blocks.c.school_id == work.school, blocks.c.patron_id == patron.id)
    blocked = any(row.until is None or row.until >= day for row in work.connection.execute(stops))
    if patron.has_left or blocked or (patron.expires is not None and patron.expires < day):
        work.flag(Reason.PATRON_BLOCKED)
    borrower = Patron(patron.id, 0, "", category=patron.category)
    rule = _rule(borrower, item.kind, item.service_point) if item is not None else _rule_of_title(work, borrower)
    if rule is None or rule.limit is None:
        return
    if _counted(work, borrower, rule) > work.turn.loan_limit:
        work.flag(Reason.LOAN_LIMIT)


def _rule(borrower: Patron, kind: str, service_point: str | None) -> LoanRule:
    return RULES.rule_for(borrower, ItemKind(kind), service_point)


def _rule_of_title(work: Work, borrower: Patron) -> LoanRule | None:
    row = work.one(select(titles.c.kind).where(work.mine(titles, titles.c.id == work.title_id)))
    return _rule(borrower, row.kind, None) if row is not None else None


def _counted(work: Work, borrower: Patron, rule: LoanRule) -> int:
    """How many open loans the limit of a rule counts."""
    of_item = items.c.school_id == loans.c.school_id, items.c.id == loans.c.item_id
    of_title = titles.c.school_id == loans.c.school_id, titles.c.id == loans.c.title_id
    found = (
        select(loans.c.item_id, items.c.kind, items.c.service_point, titles.c.kind.label("title_kind"))
        .select_from(loans.outerjoin(items, of_item[0] & of_item[1]).join(titles, of_title[0] & of_title[1]))
        .where(work.mine(loans, loans.c.patron_id == borrower.id, loans.c.ended.is_(None)))
    )
    return sum(
        (_rule(borrower, row.kind, row.service_point) if row.item_id else _rule(borrower, row.title_kind, None)) == rule
        for row in work.connection.execute(found)
    )
