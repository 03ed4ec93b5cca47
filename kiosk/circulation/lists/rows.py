"""What a class list says, read and checked: the classes of a school year, and a row for each pupil."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.circulation.model import SchoolClass
from kiosk.circulation.pupils import Name

MOST_PUPILS = 20_000
"""No school has so many; what is longer is no class list."""


class RowFault(StrEnum):
    """Why a row that looks like a pupil's is left out. The row itself is never shown: it may hold an IIN."""

    NOT_A_NAME = "not_a_name"
    NO_CLASS = "no_class"
    BAD_CLASS = "bad_class"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file something stands. sheet: its name, "" in a text; line: row of the sheet or line of the text."""

    sheet: str
    line: int

    @property
    def id(self) -> str:
        """By which an answer names the row."""
        return f"{self.sheet}:{self.line}" if self.sheet else str(self.line)


@dataclass(frozen=True, slots=True)
class ListRow:
    """A pupil of a list. groups: those that the row speaks of, as (family, group): ("sex", "boys"), ("english",
    "english-1"); a family that it does not speak of stays as it is known."""

    place: Place
    name: Name
    school_class: SchoolClass
    card: str = ""
    external_id: str = ""
    language: str = ""
    groups: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ListedClass:
    """A class that a list is of. language, teacher: "" if the list does not say."""

    school_class: SchoolClass
    language: str = ""
    teacher: str = ""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column was taken for. heading: as written, or the column's letter; column: "" if it is not read."""

    sheet: str
    heading: str
    column: str


@dataclass(frozen=True, slots=True)
class ClassList:
    """A whole list. year: in which the school year begins, None if the list does not say. empty: sheets without a list.

    more_faults: how many rows beyond `faults` were left out.
    """

    year: int | None
    classes: tuple[ListedClass, ...]
    rows: tuple[ListRow, ...]
    faults: tuple[tuple[Place, RowFault], ...] = ()
    more_faults: int = 0
    guesses: tuple[Guess, ...] = ()
    empty: tuple[str, ...] = ()
