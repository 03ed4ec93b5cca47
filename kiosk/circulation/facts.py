"""What a pull brings: central's facts, each as a whole, with the version in which central last changed it.

Ids are central's. The store finds its own row by that id, or by card, external id, barcode or inventory number if the
row was made here before central knew of it. Texts are hostile until the store has checked them. What is None though it
need not be, central does not say: an older one knows nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kiosk.circulation.model import Block, Condition, HoldState, ItemKind, ItemStatus, SchoolClass, SetLine


@dataclass(frozen=True, slots=True)
class PatronFact:
    """A patron of the kiosk's school. cards: (number, lost). left: is not of this school any more.

    groups: the parts of a divided class that a pupil is in. years: the class of each school year, None for in none.
    """

    id: str
    version: int
    first_name: str
    last_name: str = ""
    patronymic: str = ""
    category: str = ""
    school_class: SchoolClass | None = None
    language: str = ""
    expires: date | None = None
    left: bool = False
    external_id: str | None = None
    cards: tuple[tuple[str, bool], ...] = ()
    blocks: tuple[Block, ...] = ()
    groups: tuple[str, ...] | None = None
    years: tuple[tuple[int, SchoolClass | None], ...] | None = None


@dataclass(frozen=True, slots=True)
class TitleFact:
    """A title. held: copies of the school that are held by count."""

    id: str
    version: int
    title: str
    author: str = ""
    kind: ItemKind = ItemKind.BOOK
    publisher: str = ""
    year: int | None = None
    isbn: str = ""
    pages: int | None = None
    language: str = ""
    udc: str = ""
    bbk: str = ""
    branch: str = ""
    grade: int | None = None
    subject: str = ""
    part: str = ""
    shelf: str = ""
    held: int = 0


@dataclass(frozen=True, slots=True)
class ItemFact:
    """An item of the school, with its status as central has it. old_barcodes: of labels that were replaced."""

    id: str
    version: int
    title_id: str
    barcode: str | None
    inventory_no: str | None
    kind: ItemKind
    status: ItemStatus
    service_point: str
    shelf: str = ""
    price: str = ""
    condition: Condition | None = None
    old_barcodes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class LoanFact:
    """A loan as central has it. ended: it is over; such a fact is told once and then for as long as central keeps it.

    id: of the transaction that made it. kiosk: which one made it. last: the id of the newest transaction on it.
    """

    id: str
    version: int
    patron_id: str
    title_id: str
    item_id: str | None
    since: date
    due: date | None
    days: int
    renewals: int
    ended: bool = False
    kiosk: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class HoldFact:
    """A place in a queue as central has it. ended: it is over."""

    id: str
    version: int
    title_id: str
    patron_id: str
    placed: str
    state: HoldState
    item_id: str | None = None
    expires: date | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class MarkFact:
    """What staff noted of a pupil in a school year. ended: it was taken back."""

    id: str
    version: int
    patron_id: str
    year: int
    what: str
    value: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class SetFact:
    """What a class gets in a school year, by what it is for. ended: it was taken back."""

    id: str
    version: int
    year: int
    grade: int
    language: str
    letter: str
    lines: tuple[SetLine, ...] = ()
    ended: bool = False


Fact = PatronFact | TitleFact | ItemFact | LoanFact | HoldFact | MarkFact | SetFact


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of a pull: facts in the order of their versions. cursor: to go on from. more: there is another piece.

    version: central's state that is complete with this page (an act accepted in it or before is shown). snapshot: the
    pull began from nothing, and what it does not name is not there; total: how many facts such a snapshot will name.
    """

    facts: tuple[Fact, ...]
    cursor: str
    version: int
    more: bool = False
    snapshot: bool = False
    total: int | None = None
