"""The facts that the rules speak of: patrons, titles, items, loans, holds, marks, sets, and records that join them.

Everything here is frozen. What changes a fact is an `Act` (acts.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kiosk.circulation.appearance import PLAIN, Appearance

READING_ROOM_POINT = "reading_room"
LOAN_DESK_POINT = "loan_desk"
LIBRARIAN = "librarian"
PUPIL = "pupil"


class ItemKind(StrEnum):
    """What an item or a title is; loan rules go by it."""

    BOOK = "book"
    TEXTBOOK = "textbook"
    REFERENCE = "reference"
    PERIODICAL = "periodical"
    EQUIPMENT = "equipment"


class ItemStatus(StrEnum):
    """Where an item is in its life."""

    AVAILABLE = "available"
    ON_LOAN = "on_loan"
    AWAITING_CHECK = "awaiting_check"
    HOLD_SHELF = "hold_shelf"
    IN_REPAIR = "in_repair"
    LOST = "lost"
    WRITTEN_OFF = "written_off"
    READING_ROOM = "reading_room"


LENDABLE = frozenset({ItemStatus.AVAILABLE, ItemStatus.AWAITING_CHECK})
"""An item that is in: it stands in its place, or lies with the returns of the day."""


class BlockKind(StrEnum):
    """Why a patron may not borrow for now."""

    STAFF = "staff"
    DEBT = "debt"


class PinKind(StrEnum):
    """How a patron proves who they are without a card."""

    DIGITS = "digits"
    PICTURES = "pictures"


class Role(StrEnum):
    """What somebody may do behind the public screen."""

    LIBRARIAN = "librarian"
    HELPER = "helper"
    HEAD = "head"
    TECHNICIAN = "technician"


class Condition(StrEnum):
    """How a copy looks; one that is lost is a matter of its status."""

    GOOD = "good"
    WORN = "worn"
    TORN = "torn"
    WRITTEN = "written"
    WET = "wet"
    DIRTY = "dirty"
    PAGES_MISSING = "pages_missing"
    COVER = "cover"
    LABEL = "label"
    REPAIR = "repair"


class HoldState(StrEnum):
    """A hold waits in the queue of its title until a returned item is put aside for it."""

    WAITING = "waiting"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class of one school year. grade: 0 (preschool) to 11; letter: as written, Ә is not А."""

    grade: int
    letter: str = ""


@dataclass(frozen=True, slots=True)
class YearClass:
    """What is known of a class in a school year. language: of instruction, ISO 639; teacher: as a list names them."""

    year: int
    grade: int
    letter: str
    language: str = ""
    teacher: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A reason not to lend. until: the last day of the block, None for as long as staff leave it."""

    kind: BlockKind
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Patron:
    """A borrower: a pupil, a teacher, also a room or a group. version: counts every change of it or of its loans.

    groups: the parts of a divided class that a pupil is in ("boys", "english-1"). role: as staff; a librarian by
    category has it without more.
    """

    id: str
    version: int
    first_name: str
    last_name: str = ""
    patronymic: str = ""
    category: str = PUPIL
    school_class: SchoolClass | None = None
    language: str = ""
    expires: date | None = None
    left: bool = False
    blocks: tuple[Block, ...] = ()
    pin: PinKind | None = None
    appearance: Appearance = PLAIN
    groups: tuple[str, ...] = ()
    role: Role | None = None
    role_until: date | None = None

    def role_on(self, day: date | None) -> Role | None:
        """What they may do as staff on a day; one whose role ends has none on a day that is not known (None)."""
        if self.role_until is not None and (day is None or day > self.role_until):
            return None
        return self.role

    @property
    def public_name(self) -> str:
        """Given name and the initial of the surname, all that the public screen shows."""
        if not self.first_name:
            return self.last_name
        return f"{self.first_name} {self.last_name[0]}." if self.last_name else self.first_name


@dataclass(frozen=True, slots=True)
class Title:
    """A work in one edition. held: how many copies are held by count, without numbers of their own."""

    id: str
    version: int
    title: str
    author: str = ""
    kind: ItemKind = ItemKind.BOOK
    publisher: str = ""
    year: int | None = None
    isbn: str = ""
    language: str = ""
    branch: str = ""
    grade: int | None = None
    subject: str = ""
    part: str = ""
    held: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One copy. Either of barcode and inventory_no may be None. shelf: its place in words, «A-3»."""

    id: str
    version: int
    title_id: str
    barcode: str | None
    inventory_no: str | None
    kind: ItemKind
    status: ItemStatus
    service_point: str = LOAN_DESK_POINT
    shelf: str = ""
    condition: Condition = Condition.GOOD

    @property
    def resting_status(self) -> ItemStatus:
        """The status it has when it stands in its place."""
        return ItemStatus.READING_ROOM if self.service_point == READING_ROOM_POINT else ItemStatus.AVAILABLE


@dataclass(frozen=True, slots=True)
class Loan:
    """One item, or one copy of a title held by count, in a patron's hands.

    id: that of the transaction which made it. due: None while the kiosk did not know the date; days: the promised
    length, shown in its place. renewals: how often it was renewed. promised: a later day that the patron was once told;
    nobody is overdue before it.
    """

    id: str
    patron_id: str
    title_id: str
    item_id: str | None
    since: date
    due: date | None
    days: int
    renewals: int = 0
    promised: date | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A patron's place in the queue of a title. id: that of the transaction which made it.

    item_id and expires (the last day it is kept aside) are set once it is READY.
    """

    id: str
    title_id: str
    patron_id: str
    placed: datetime
    state: HoldState = HoldState.WAITING
    item_id: str | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What staff noted of a pupil in a school year (the year in which it begins).

    what: "absent" (value: the day), "slip" (a parent's signature came), "care:2026-10" (a score, 1 to 5), "cleared".
    """

    patron_id: str
    year: int
    what: str
    value: str


@dataclass(frozen=True, slots=True)
class SetLine:
    """One textbook of a set. subject, part: as titles have them. edition: the print year wanted, None for any.

    group: for whom of a divided class, "" for everybody. term: 1 from August, 2 from January.
    """

    subject: str
    part: str = ""
    edition: int | None = None
    group: str = ""
    term: int = 1


@dataclass(frozen=True, slots=True)
class TextbookSet:
    """What a class gets in a school year. letter: of the one class it is for, "" for all of the grade and language."""

    year: int
    grade: int
    language: str
    letter: str = ""
    lines: tuple[SetLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanner read. wants: "any", or "card"/"item" from a source that gives only those. symbology: the kind of
    code ("ean", "qr", "code128", ...) if the scanner said it.
    """

    payload: str
    source: str = "console"
    wants: str = "any"
    symbology: str = ""


@dataclass(frozen=True, slots=True)
class LoanLine:
    """A loan with what it is a loan of. item: None for a copy held by count."""

    loan: Loan
    title: Title
    item: Item | None


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A hold with its title and its place in the queue, 1 the first."""

    hold: Hold
    title: Title
    place: int


@dataclass(frozen=True, slots=True)
class PatronRecord:
    """A patron with everything that is open: oldest loans first, holds in the order in which they were placed."""

    patron: Patron
    loans: tuple[LoanLine, ...] = ()
    holds: tuple[HoldLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item with what a decision on it needs. holds: of its title, in the order of the queue.

    copies: items of the title that are neither lost nor written off; copies_in: those of them that could be lent now.
    """

    item: Item
    title: Title
    loan: Loan | None = None
    holds: tuple[Hold, ...] = ()
    copies: int = 1
    copies_in: int = 1


@dataclass(frozen=True, slots=True)
class TitleRecord:
    """A title as the search finds it. shelf: of a copy that is in; items may be none for a title held by count.

    copies, copies_in: as in ItemRecord, copies held by count included; held_in: of the latter alone.
    reading_room: no copy leaves the library. next_due: the earliest due date of its loans. holds: the queue.
    """

    title: Title
    copies: int
    copies_in: int
    shelf: str = ""
    reading_room: bool = False
    next_due: date | None = None
    holds: tuple[Hold, ...] = field(default=())
    held_in: int = 0
