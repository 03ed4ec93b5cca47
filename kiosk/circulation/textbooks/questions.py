"""What the pages of a textbook day ask of the ledger, and the answers."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.circulation.events import StaffAnswer, StaffQuery
from kiosk.circulation.model import LoanLine, Mark, Patron, PatronRecord, SchoolClass, TextbookSet, TitleRecord
from kiosk.circulation.textbooks.sets import Place

ABSENT, SLIP, TEACHER = "absent", "slip", "teacher"
"""What a mark may be about. absent, teacher (took the pupil's books): the day. slip: "received", "missing", or how it
looks: "damaged"."""


@dataclass(frozen=True, slots=True)
class ListSchool(StaffQuery):
    """The classes of a school year, and how far each is. term: of the sets."""

    year: int
    term: int


@dataclass(frozen=True, slots=True)
class OpenClass(StaffQuery):
    """A class in a school year, with its pupils and their textbooks."""

    school_class: SchoolClass
    year: int


@dataclass(frozen=True, slots=True)
class OpenClassOf(StaffQuery):
    """The class of somebody whose card was read; somebody in no class is alone in it."""

    patron_id: str
    year: int


@dataclass(frozen=True, slots=True)
class FindIsbn(StaffQuery):
    """The titles with this ISBN."""

    isbn: str


@dataclass(frozen=True, slots=True)
class FindTitles(StaffQuery):
    """The titles that fill a place of a set."""

    textbooks: TextbookSet
    place: Place


@dataclass(frozen=True, slots=True)
class OpenPile(StaffQuery):
    """All that is needed to give a class what it lacks."""

    school_class: SchoolClass
    year: int


@dataclass(frozen=True, slots=True)
class ListSets(StaffQuery):
    """The sets of a school year. subjects_of: a set of which the subjects are wanted that titles of its grade have."""

    year: int
    subjects_of: TextbookSet | None = None


@dataclass(frozen=True, slots=True)
class PupilBooks:
    """A pupil with the textbooks that they have, oldest first, and what was noted of them in the school year."""

    patron: Patron
    loans: tuple[LoanLine, ...] = ()
    marks: tuple[Mark, ...] = ()

    def mark(self, what: str) -> Mark | None:
        """The mark of a matter, None if nothing was noted."""
        return next((mark for mark in self.marks if mark.what == what), None)


@dataclass(frozen=True, slots=True)
class ClassBooks(StaffAnswer):
    """A class: pupils by given name. language: of instruction, "" if nobody knows. textbooks: its set, None without.

    school_class: None for one who is in none.
    """

    year: int
    school_class: SchoolClass | None
    language: str = ""
    teacher: str = ""
    textbooks: TextbookSet | None = None
    pupils: tuple[PupilBooks, ...] = ()

    def pupil(self, patron_id: str) -> PupilBooks | None:
        """A pupil of the class, None if they are not in it."""
        return next((one for one in self.pupils if one.patron.id == patron_id), None)


@dataclass(frozen=True, slots=True)
class ClassProgress:
    """A class and how many of the textbooks that it should have by now it has."""

    school_class: SchoolClass
    pupils: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class School(StaffAnswer):
    """The classes, in the order of the school: 2 before 10, А Ә Б."""

    classes: tuple[ClassProgress, ...]


@dataclass(frozen=True, slots=True)
class TitlesFound(StaffAnswer):
    """The answer to `FindIsbn` and `FindTitles`: the newest edition first."""

    titles: tuple[TitleRecord, ...]


@dataclass(frozen=True, slots=True)
class Pile(StaffAnswer):
    """A class with the records of its pupils, in the order of the class, and the titles of its grade."""

    book: ClassBooks
    records: tuple[PatronRecord, ...]
    titles: tuple[TitleRecord, ...]


@dataclass(frozen=True, slots=True)
class SetsFound(StaffAnswer):
    """The answer to `ListSets`. taught: grades and languages that have a class. subjects: with their parts."""

    year: int
    sets: tuple[TextbookSet, ...]
    taught: tuple[tuple[int, str], ...] = ()
    subjects: tuple[tuple[str, str], ...] = ()
