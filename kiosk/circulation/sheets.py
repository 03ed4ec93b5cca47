"""The facts of documents on paper. sheet_sums.py adds them up; what a document looks like is reports/'s business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kiosk.circulation.model import LoanLine, SchoolClass


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a class's set: a subject, perhaps a part of it. extra: the set has no such place, but somebody has
    such a textbook."""

    subject: str
    part: str = ""
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """A textbook in a pupil's hands. number: of the copy, "" for one without. edition: its print year, if the set
    wants another one."""

    number: str = ""
    edition: int | None = None


@dataclass(frozen=True, slots=True)
class SheetCell:
    """What a pupil has of a slot. wanted: the set gives it to this pupil, True also for an extra slot."""

    given: tuple[Given, ...] = ()
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class PupilLine:
    """A pupil on a class sheet, a cell for each slot. slip: a signature has come back already."""

    name: str
    cells: tuple[SheetCell, ...]
    absent: bool = False
    slip: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """So many pupils of a class are to have this textbook."""

    subject: str
    part: str
    count: int


@dataclass(frozen=True, slots=True)
class ClassSheet:
    """Who of a class has which textbook of the set, the pupils by the Kazakh alphabet."""

    school_class: SchoolClass
    year: int
    language: str
    teacher: str
    slots: tuple[Slot, ...]
    pupils: tuple[PupilLine, ...]
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil of a class with what they have."""

    name: str
    groups: tuple[str, ...] = ()
    loans: tuple[LoanLine, ...] = ()
    absent: bool = False
    slip: bool = False


@dataclass(frozen=True, slots=True)
class Cover:
    """How many are to be given, and how many are."""

    needed: int = 0
    given: int = 0

    @property
    def percent(self) -> int | None:
        """Of what is needed; 100 only if nothing lacks. None: nothing is needed."""
        return self.given * 100 // self.needed if self.needed else None

    @property
    def lacking(self) -> int:
        """What is still to be given."""
        return self.needed - self.given

    def __add__(self, other: Cover) -> Cover:
        return Cover(self.needed + other.needed, self.given + other.given)


@dataclass(frozen=True, slots=True)
class ClassCover:
    """A class's coverage. subjects: of each slot, in the order of the sheet."""

    school_class: SchoolClass
    language: str
    pupils: int
    subjects: tuple[tuple[Slot, Cover], ...]

    @property
    def whole(self) -> Cover:
        """Of all subjects."""
        return sum((cover for _, cover in self.subjects), Cover())


@dataclass(frozen=True, slots=True)
class TitleStock:
    """The copies of a textbook edition that there are: neither lost nor written off. out: of them, on loan."""

    subject: str
    part: str
    grade: int | None
    language: str
    edition: int | None
    copies: int
    out: int = 0
    repair: int = 0


@dataclass(frozen=True, slots=True)
class StockLine:
    """A textbook that sets want, or that there is. editions: print year and copies, the newest first."""

    subject: str
    part: str
    needed: int
    copies: int
    out: int
    repair: int
    editions: tuple[tuple[int | None, int], ...]

    @property
    def difference(self) -> int:
        """Below zero: so many are missing; above: so many are too many."""
        return self.copies - self.needed


@dataclass(frozen=True, slots=True)
class GradeStock:
    """The textbooks of a grade and a language of instruction."""

    grade: int
    language: str
    lines: tuple[StockLine, ...]


@dataclass(frozen=True, slots=True)
class Debt:
    """Something that is out. number: of the copy; overdue: days since it should have been back, 0 if it is in time.
    lost: it was lost on that day (since), and nothing was taken in its place yet."""

    title: str
    number: str
    since: date
    due: date | None
    overdue: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Debtor:
    """A borrower with what they have, the oldest first. left: no pupil of the school any more."""

    name: str
    debts: tuple[Debt, ...]
    left: bool = False


@dataclass(frozen=True, slots=True)
class ClassDebts:
    """The debtors of a class; None: those in none."""

    school_class: SchoolClass | None
    debtors: tuple[Debtor, ...]


@dataclass(frozen=True, slots=True)
class Leaver:
    """A borrower whose clearance is asked for, with everything that is out."""

    name: str
    school_class: SchoolClass | None
    debts: tuple[Debt, ...]


@dataclass(frozen=True, slots=True)
class CardFace:
    """A reader card to be printed."""

    number: str
    name: str
    school_class: SchoolClass | None = None


@dataclass(frozen=True, slots=True)
class LabelFace:
    """A copy's label to be printed. inventory_no: "" if the copy has none, or the label is blank."""

    number: str
    title: str = ""
    inventory_no: str = ""
