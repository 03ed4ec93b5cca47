"""What staff have to look at: questions, answers, and in which words each matter is put to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.circulation.acts import Kind
from kiosk.circulation.delivery import GIVES_WAY, Reason, WayOut
from kiosk.circulation.events import Deed, StaffAnswer, StaffQuery
from kiosk.circulation.model import Item, Loan, Patron, Title

MOST = 200
"""No more are listed at once; the rest comes up as these are settled."""


class Sort(StrEnum):
    """Why something is to be looked at. PARKED: central did not take it; FLAGGED: it did, but something is to be known;
    FOUND: an item that lay about; RETURNED: one that awaits the check after its return."""

    PARKED = "parked"
    FLAGGED = "flagged"
    FOUND = "found"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to be looked at.

    entry: of the outbox, None for an item that awaits a check. patron, day: of the act; loan: the item's now. theirs:
    whom central has it lent to, since that day. words: central's own.
    """

    id: str
    sort: Sort
    day: date
    entry: int | None = None
    kind: Kind | None = None
    reason: Reason | None = None
    words: str = ""
    patron: Patron | None = None
    title: Title | None = None
    item: Item | None = None
    loan: Loan | None = None
    theirs: Patron | None = None
    since: date | None = None

    @property
    def asks_who_has_it(self) -> bool:
        """Whether it is a loan of a numbered copy that central does not believe: who has the book settles it."""
        lent = self.sort is Sort.PARKED and self.kind is Kind.CHECKOUT and self.item is not None
        return lent and self.reason in GIVES_WAY

    @property
    def wants_label(self) -> bool:
        """Whether a new label settles it."""
        return self.sort is Sort.PARKED and self.reason is Reason.LABEL_TAKEN and self.item is not None


@dataclass(frozen=True, slots=True)
class ListMatters(StaffQuery):
    """What there is to be looked at, the most pressing first, at most MOST."""


@dataclass(frozen=True, slots=True)
class MattersListed(StaffAnswer):
    """The answer. total: how many there are, with those that are not listed."""

    matters: tuple[Matter, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SettleEntry(Deed):
    """Staff settle an entry of the outbox. why: goes into the ledger with who it was."""

    entry: int
    way: WayOut
    staff: str
    why: str


@dataclass(frozen=True, slots=True)
class EntrySettled(StaffAnswer):
    """done: False if it has been settled otherwise meanwhile."""

    done: bool


_SAYS: Mapping[Reason, str] = {
    Reason.PATRON_UNKNOWN: "exc.patron_unknown",
    Reason.ITEM_UNKNOWN: "exc.item_unknown",
    Reason.PATRON_BLOCKED: "exc.patron_blocked",
    Reason.LOAN_LIMIT: "exc.loan_limit",
    Reason.ON_LOAN_ELSEWHERE: "exc.on_loan_elsewhere",
    Reason.RETURNED_ELSEWHERE: "exc.returned_elsewhere",
    Reason.RESERVED: "exc.reserved",
    Reason.NOT_RENEWABLE: "exc.not_renewable",
    Reason.NOT_UNDONE: "exc.not_undone",
    Reason.SECOND_COPY: "exc.second_copy",
    Reason.TWIN: "exc.twin",
    Reason.LABEL_TAKEN: "exc.label_taken",
    Reason.CHANGED_ELSEWHERE: "exc.changed_elsewhere",
    Reason.CENTRAL_TOO_OLD: "exc.central_too_old",
}


def says(matter: Matter) -> str:
    """The key of the sentence that tells staff what is the matter."""
    if matter.sort is Sort.FOUND:
        return "exc.found"
    if matter.sort is Sort.RETURNED:
        return "exc.returned"
    known = _SAYS.get(matter.reason) if matter.reason is not None else None
    if known is None:
        return "exc.refused" if matter.sort is Sort.PARKED else "exc.flagged"
    return f"{known}_here" if matter.sort is Sort.FLAGGED and matter.reason in _TWO_WAYS else known


_TWO_WAYS = frozenset(
    {
        Reason.PATRON_BLOCKED, Reason.LOAN_LIMIT, Reason.ON_LOAN_ELSEWHERE, Reason.RETURNED_ELSEWHERE, Reason.RESERVED,
        Reason.NOT_RENEWABLE,
    }
)  # fmt: skip
"""Reasons for which central may refuse something, or take it and say so: two sentences."""
