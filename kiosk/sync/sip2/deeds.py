"""What an act is in SIP2's few words: lend, give back, renew, a place in a queue, or nothing of these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from kiosk.circulation.acts import HoldChange, Kind, LoanChange
from kiosk.circulation.delivery import Parcel
from kiosk.circulation.model import Loan


class Deed(Enum):
    """SHORTEN: a renewal taken back, for which there is no word. NOTHING: central need not know."""

    LEND = auto()
    GIVE_BACK = auto()
    RENEW = auto()
    SHORTEN = auto()
    PLACE = auto()
    CANCEL = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Errand:
    """An act, as it is told. number: of the item, or of a copy of the title; card: of the patron; "" if there is none.

    loan: as the act left it, or found it if it ended it. before: as a renewal found it.
    """

    parcel: Parcel
    deed: Deed
    number: str
    card: str
    loan: Loan | None = None
    before: Loan | None = None

    @property
    def is_undo(self) -> bool:
        """Whether it takes another act back."""
        return self.parcel.act.kind is Kind.UNDO


def errand(parcel: Parcel) -> Errand:
    """What is to be told of an act. Copies held by count have no numbers, and are none of central's business."""
    card = parcel.card or parcel.external_id or ""
    deed, loan, before = _deed(parcel)
    on_title = deed in (Deed.PLACE, Deed.CANCEL)
    number = (parcel.copy if on_title and parcel.act.item_id is None else parcel.barcode or parcel.inventory_no) or ""
    return Errand(parcel, deed if number else Deed.NOTHING, number, card, loan, before)


def _deed(parcel: Parcel) -> tuple[Deed, Loan | None, Loan | None]:
    act = parcel.act
    for change in act.changes:
        match change:
            case LoanChange(before=None, after=Loan() as loan):
                return Deed.LEND, loan, None
            case LoanChange(before=Loan() as loan, after=None):
                return Deed.GIVE_BACK, loan, None
            case LoanChange(before=before, after=loan):
                return Deed.SHORTEN if act.kind is Kind.UNDO else Deed.RENEW, loan, before
    if act.kind is Kind.FOUND:
        return Deed.GIVE_BACK, None, None
    for change in act.changes:
        match change:
            case HoldChange(before=None):
                return Deed.PLACE, None, None
            case HoldChange(after=None):
                return Deed.CANCEL, None, None
    return Deed.NOTHING, None, None
