"""What collecting textbooks, the care check and a leaver's clearance ask of the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.circulation.events import StaffAnswer, StaffQuery
from kiosk.circulation.model import ItemRecord, Mark, Patron, PatronRecord, SchoolClass, Title
from kiosk.circulation.textbooks.debts import Debt


@dataclass(frozen=True, slots=True)
class FindHandedIn(StaffQuery):
    """What is this code that was read while a pupil hands in? patron_id: of that pupil, None while nobody is chosen.

    wants: "any", or "card" or "item" if the code can be nothing else.
    """

    code: str
    wants: str
    patron_id: str | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """A copy, on whose name it is, and what is owed for it if it was lost. owner: of its loan, or of the debt."""

    record: ItemRecord
    owner: Patron | None = None
    debt: Debt | None = None


@dataclass(frozen=True, slots=True)
class HandedInFound(StaffAnswer):
    """The answer. titles: those with this ISBN. Several at once: the code means more than one thing."""

    card: PatronRecord | None = None
    items: tuple[Handed, ...] = ()
    titles: tuple[Title, ...] = ()
    pupil: PatronRecord | None = None


@dataclass(frozen=True, slots=True)
class PupilToCollect(StaffQuery):
    """What does a pupil have, and owe?"""

    patron_id: str


@dataclass(frozen=True, slots=True)
class PupilHas(StaffAnswer):
    """The answer. marks: all that staff noted of the pupil. record None: nobody is known by that id."""

    record: PatronRecord | None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class WhoHasTextbooks(StaffQuery):
    """Who of a class has how many textbooks? school_class None: those who left, with all that they have or owe."""

    school_class: SchoolClass | None


@dataclass(frozen=True, slots=True)
class PupilOut:
    """A pupil and how many copies are not back."""

    patron: Patron
    out: int


@dataclass(frozen=True, slots=True)
class PupilsOut(StaffAnswer):
    """The answer, by given name in the order of the Kazakh alphabet; of those who left only who has something."""

    pupils: tuple[PupilOut, ...]


@dataclass(frozen=True, slots=True)
class ClassesToCollect(StaffQuery):
    """How many textbooks do the classes have?"""


@dataclass(frozen=True, slots=True)
class ClassesOut(StaffAnswer):
    """The answer, in the order of the school: 2 before 10, А Ә Б."""

    classes: tuple[tuple[SchoolClass, int], ...]


@dataclass(frozen=True, slots=True)
class OpenDebts(StaffQuery):
    """Which lost copies are still owed?"""


@dataclass(frozen=True, slots=True)
class DebtsOpen(StaffAnswer):
    """The answer, the oldest first."""

    debts: tuple[tuple[Debt, Patron], ...]


@dataclass(frozen=True, slots=True)
class CareOfClass(StaffQuery):
    """Which scores do the pupils of a class have in a care check? what: the matter of its marks."""

    school_class: SchoolClass
    year: int
    what: str


@dataclass(frozen=True, slots=True)
class CareOfPupils(StaffAnswer):
    """The answer, by given name. score: None of those who were not looked at."""

    pupils: tuple[tuple[Patron, int | None], ...]


@dataclass(frozen=True, slots=True)
class CareTotals(StaffQuery):
    """How did the classes do in a care check?"""

    year: int
    what: str


@dataclass(frozen=True, slots=True)
class ClassCare:
    """A class in a care check. looked_at of pupils were; total: of their scores."""

    school_class: SchoolClass
    pupils: int
    looked_at: int
    total: int


@dataclass(frozen=True, slots=True)
class CareTotalled(StaffAnswer):
    """The answer: classes in the order of the school; best: the pupils with the highest score."""

    classes: tuple[ClassCare, ...]
    best: tuple[Patron, ...]
