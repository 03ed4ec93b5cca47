"""Rows of class lists, catalogues and loan lists, checked and in the field's terms: what an import brings.

A row says what it is wholly or not at all. Texts are NFC, look-alike letters mended, white space squeezed; "" or None
means that the file says nothing: what the library knows already stays, and what is new gets the default (a pupil, a
book, the loan desk).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.circulation.model import ItemKind, SchoolClass


class Intake(StrEnum):
    """What an import brings."""

    PATRONS = "patrons"
    ITEMS = "items"
    LOANS = "loans"


@dataclass(frozen=True, slots=True)
class PatronRow:
    """A borrower of a list. Matched by card or external_id, never by name."""

    first_name: str
    last_name: str = ""
    patronymic: str = ""
    card: str = ""
    external_id: str = ""
    school_class: SchoolClass | None = None
    category: str = ""
    language: str = ""
    expires: date | None = None
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A copy with its title, or a title held by count (count of 1 or more, no barcode, no inventory number).

    With none of the three it is a title of which no copy is known.

    price: in tenge as written, "1500" or "1500.50". shelf: its place in words. service_point: see model.
    """

    title: str
    barcode: str = ""
    inventory_no: str = ""
    author: str = ""
    publisher: str = ""
    year: int | None = None
    isbn: str = ""
    pages: int | None = None
    price: str = ""
    language: str = ""
    udc: str = ""
    bbk: str = ""
    branch: str = ""
    kind: ItemKind | None = None
    grade: int | None = None
    subject: str = ""
    part: str = ""
    service_point: str = ""
    shelf: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class LoanRow:
    """A loan made before the kiosk came. card: of the patron; barcode: of the item, or its inventory number."""

    card: str
    barcode: str
    due: date | None = None
    since: date | None = None


Row = PatronRow | ItemRow | LoanRow


class Result(StrEnum):
    """What became of a row."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    DOUBTFUL = "doubtful"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row, and why. reason: a sentence for DOUBTFUL and REJECTED, else empty."""

    result: Result
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """An import as the store knows it. done_rows: rows of the file that are settled; finished: all of them are.

    last: the outcomes of the latest apply, kept in its transaction. A process killed between that commit and its
    note in the rejects file makes the note when it goes on.
    """

    id: str
    done_rows: int = 0
    finished: bool = False
    last: tuple[Outcome, ...] = ()
