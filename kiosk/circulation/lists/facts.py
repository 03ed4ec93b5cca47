"""What becomes of the pupils of a class list, as facts: the plan that staff look at before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.circulation.lists.rows import ListedClass, ListRow
from kiosk.circulation.model import Patron, SchoolClass
from kiosk.circulation.pupils import Name

LAST_GRADE = 11
NEW_PUPIL, LEAVE_OUT = "new", "skip"
"""Answers about a doubtful row; any other is the id of the patron who it is."""


class Fate(StrEnum):
    """What becomes of a pupil."""

    SAME = "same"
    NEW = "new"
    CHANGED = "changed"
    UP = "up"
    MOVED = "moved"
    DOUBTFUL = "doubtful"
    LEFT = "left"


class Doubt(StrEnum):
    """Why a row has to be asked about."""

    NAMESAKE = "namesake"
    TWICE = "twice"
    CARD = "card"
    INITIAL = "initial"


class Stop(StrEnum):
    """Why the whole list is asked about first."""

    MOSTLY_MISSING = "mostly_missing"
    LAST_YEAR = "last_year"


@dataclass(frozen=True, slots=True)
class Known:
    """A pupil as the store knows them. years: their classes by school year."""

    patron: Patron
    years: Mapping[int, SchoolClass] = field(default_factory=dict)
    cards: frozenset[str] = frozenset()
    external_id: str = ""

    @property
    def name(self) -> Name:
        """Their name."""
        return Name(self.patron.last_name, self.patron.first_name, self.patron.patronymic)

    def class_in(self, year: int) -> SchoolClass | None:
        """The newest class that is known of them up to a year; the present one if no year is."""
        newest = max((one for one in self.years if one <= year), default=None)
        return self.years[newest] if newest is not None else self.patron.school_class


@dataclass(frozen=True, slots=True)
class Entry:
    """What becomes of one pupil. row: of the list, None where there is none; known: None for a new one.

    school_class: that of the pupil afterwards, None for one who left. changes: what the list says otherwise: "name",
    "language", "groups", "card", "back" (had left), "stays" (in the class of last year). doubt, candidates: of a
    DOUBTFUL one.
    """

    fate: Fate
    row: ListRow | None = None
    known: Known | None = None
    school_class: SchoolClass | None = None
    changes: tuple[str, ...] = ()
    doubt: Doubt | None = None
    candidates: tuple[Known, ...] = ()

    @property
    def id(self) -> str:
        """Names the entry in answers: the row's place, or the id of the patron who left."""
        return self.row.place.id if self.row is not None else self.known.patron.id if self.known else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a list, or moving up, would change. classes: those it speaks of. stop: why it is asked about as a whole.
    expected, missing: pupils that its classes had, and those of them whom the list does not name."""

    year: int
    entries: tuple[Entry, ...]
    classes: tuple[ListedClass, ...] = ()
    expected: int = 0
    missing: int = 0
    stop: Stop | None = None

    def count(self, fate: Fate) -> int:
        """How many pupils have a fate."""
        return sum(entry.fate is fate for entry in self.entries)

    def of(self, fate: Fate) -> tuple[Entry, ...]:
        """Those who have it."""
        return tuple(entry for entry in self.entries if entry.fate is fate)


def moved_up(school_class: SchoolClass) -> SchoolClass:
    """The class a year later. Of grade 12 there is none: those have finished school."""
    return SchoolClass(school_class.grade + 1, school_class.letter)
