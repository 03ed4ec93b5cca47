"""What happens in a library: acts, with each fact before and after, and the transactions that the ledger keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.circulation.model import (
    Condition,
    Hold,
    Item,
    ItemStatus,
    Loan,
    Mark,
    Patron,
    SchoolClass,
    TextbookSet,
    YearClass,
)


class Kind(StrEnum):
    """What a transaction records."""

    CHECKOUT = "checkout"
    CHECKIN = "checkin"
    RENEWAL = "renewal"
    HOLD = "hold"
    CANCEL_HOLD = "cancel_hold"
    UNDO = "undo"
    FOUND = "found"
    REQUEST = "request"
    LIKED = "liked"
    LOAN_IMPORTED = "loan_imported"
    IMPORT = "import"
    IMPORT_UNDONE = "import_undone"
    DATE_CONFIRMED = "date_confirmed"
    PULLED = "pulled"
    OUTBOX_RETRIED = "outbox_retried"
    OUTBOX_RESOLVED = "outbox_resolved"
    OUTBOX_DISMISSED = "outbox_dismissed"
    OUTBOX_SEEN = "outbox_seen"
    DECLINED = "declined"
    ITEM_MADE = "item_made"
    CARD_ADDED = "card_added"
    CARD_LOST = "card_lost"
    CARD_FOUND = "card_found"
    CARD_REPLACED = "card_replaced"
    CONDITION = "condition"
    LOST = "lost"
    MARKED = "marked"
    SET_CHANGED = "set_changed"
    NUMBERED = "numbered"
    RELABELLED = "relabelled"
    HELD_CHANGED = "held_changed"
    PATRON_ADDED = "patron_added"
    CLASS_MOVED = "class_moved"
    LIST_IMPORTED = "list_imported"
    LIST_UNDONE = "list_undone"
    STAFF_CHANGED = "staff_changed"
    STAFF_SIGNED_IN = "staff_signed_in"
    ROLL_PRINTED = "roll_printed"


CIRCULATION = frozenset({Kind.CHECKOUT, Kind.CHECKIN, Kind.RENEWAL, Kind.HOLD, Kind.CANCEL_HOLD, Kind.UNDO, Kind.FOUND})


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An item's status before and after an act."""

    item_id: str
    before: ItemStatus
    after: ItemStatus


@dataclass(frozen=True, slots=True)
class LoanChange:
    """A loan before and after an act; None: there is none. Both have the same id."""

    before: Loan | None
    after: Loan | None


@dataclass(frozen=True, slots=True)
class HoldChange:
    """A hold before and after an act; None: there is none. Both have the same id."""

    before: Hold | None
    after: Hold | None


@dataclass(frozen=True, slots=True)
class ConditionChange:
    """How a copy looked before and after an act."""

    item_id: str
    before: Condition
    after: Condition


@dataclass(frozen=True, slots=True)
class MarkChange:
    """A mark before and after an act; None: there is none. Both are of the same pupil, year and matter."""

    before: Mark | None
    after: Mark | None


@dataclass(frozen=True, slots=True)
class SetChange:
    """A textbook set before and after an act; None: there is none. Both are of the same classes."""

    before: TextbookSet | None
    after: TextbookSet | None


@dataclass(frozen=True, slots=True)
class ItemMade:
    """A numbered copy came to be, or (before) is taken back again. Its title is there already."""

    before: Item | None
    after: Item | None


@dataclass(frozen=True, slots=True)
class BarcodeChange:
    """A copy's label before and after an act. The number before stays known as the copy's."""

    item_id: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class HeldChange:
    """By how many copies held by count a title has become richer, or poorer."""

    title_id: str
    by: int


@dataclass(frozen=True, slots=True)
class PatronMade:
    """A borrower came to be, or (before) is taken back again; both: is named, grouped, here or gone as `after` says."""

    before: Patron | None
    after: Patron | None


@dataclass(frozen=True, slots=True)
class ClassChange:
    """The class of a pupil in a school year before and after an act; None: in none."""

    patron_id: str
    year: int
    before: SchoolClass | None
    after: SchoolClass | None


@dataclass(frozen=True, slots=True)
class YearClassChange:
    """A class of a school year before and after an act; None: nothing is known of it. Both are of one class."""

    before: YearClass | None
    after: YearClass | None


Change = (
    StatusChange
    | LoanChange
    | HoldChange
    | ConditionChange
    | MarkChange
    | SetChange
    | ItemMade
    | BarcodeChange
    | HeldChange
    | PatronMade
    | ClassChange
    | YearClassChange
)


@dataclass(frozen=True, slots=True)
class Override:
    """A librarian allowed what the rules refuse. refusals: the names of what was overridden."""

    by: str
    refusals: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is to happen, decided but not yet recorded. id: given before, so that it can be sent twice.

    undoes: the id of the transaction that an UNDO takes back, or of which an act of staff on the outbox speaks.
    text: the words of a REQUEST, "yes" or "no" of a LIKED, the reason of such an act, what central refused and why
    (DECLINED), the barcode of an item that nobody knew (ITEM_MADE), the card's number (CARD_REPLACED: the old one, an
    arrow, the new one), what a LIST_IMPORTED came from, the numbers of blank labels (ROLL_PRINTED: first and last).
    staff: the id of the one who did it behind the public screen.
    """

    id: str
    kind: Kind
    patron_id: str | None = None
    item_id: str | None = None
    title_id: str | None = None
    changes: tuple[Change, ...] = ()
    undoes: str | None = None
    override: Override | None = None
    text: str = ""
    staff: str | None = None

    @property
    def due(self) -> date | None:
        """The due date that the act gives a loan, if it gives one."""
        for change in self.changes:
            if isinstance(change, LoanChange) and change.after is not None:
                return change.after.due
        return None


@dataclass(frozen=True, slots=True)
class Relied:
    """A version that a decision relied on; the store refuses the commit if it is no longer the current one."""

    table: str
    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """An act as the ledger holds it. at: UTC. trusted: whether the clock was (DESIGN.md 6)."""

    seq: int
    act: Act
    at: datetime
    trusted: bool
    kiosk: str
    decided_by: str = "local"
    delivery: str = "local"
