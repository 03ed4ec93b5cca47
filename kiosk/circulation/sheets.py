"""The facts of documents on paper, and how they add up. What a document looks like is reports/'s business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kiosk.circulation.fold import fold, sort_key
from kiosk.circulation.model import SchoolClass, SetLine


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
class ClassSheet:
    """Who of a class has which textbook of the set, the pupils by the Kazakh alphabet."""

    school_class: SchoolClass
    year: int
    language: str
    teacher: str
    slots: tuple[Slot, ...]
    pupils: tuple[PupilLine, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A textbook that a pupil was given in a school year."""

    subject: str
    part: str
    edition: int | None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil of a class with what they were given."""

    name: str
    groups: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    absent: bool = False
    slip: bool = False


def sheet_of(
    school_class: SchoolClass,
    year: int,
    language: str,
    teacher: str,
    lines: Sequence[SetLine],
    pupils: Iterable[Pupil],
) -> ClassSheet:
    """The sheet of a class. lines: of its set, those of the terms that have begun; none if it has no set."""
    pupils = sorted(pupils, key=lambda one: sort_key(one.name))
    places: dict[tuple[str, str], list[SetLine]] = {}
    for line in lines:
        places.setdefault(_place(line), []).append(line)
    extra: dict[tuple[str, str], Held] = {}
    for held in (held for pupil in pupils for held in pupil.held):
        if _place(held) not in places:
            extra.setdefault(_place(held), held)
    more = sorted(extra, key=lambda place: (sort_key(extra[place].subject), place))
    return ClassSheet(
        school_class,
        year,
        language,
        teacher,
        (
            *(Slot(wanted[0].subject, wanted[0].part) for wanted in places.values()),
            *(Slot(extra[place].subject, extra[place].part, extra=True) for place in more),
        ),
        tuple(
            PupilLine(
                pupil.name,
                tuple(_cell(pupil, place, places.get(place)) for place in (*places, *more)),
                pupil.absent,
                pupil.slip,
            )
            for pupil in pupils
        ),
    )


def _place(of: SetLine | Held) -> tuple[str, str]:
    """Where in a set a textbook belongs, however the subject is spelt."""
    return fold(of.subject), of.part


def _cell(pupil: Pupil, place: tuple[str, str], lines: Sequence[SetLine] | None) -> SheetCell:
    for_pupil = [line for line in lines or () if not line.group or line.group in pupil.groups]
    editions = {line.edition for line in for_pupil if line.edition is not None}
    given = tuple(
        Given(held.number, held.edition if editions and held.edition not in editions else None)
        for held in pupil.held
        if _place(held) == place
    )
    return SheetCell(given, wanted=lines is None or bool(for_pupil))


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


def coverage(sheet: ClassSheet) -> ClassCover:
    """A sheet added up. A pupil with two copies in one slot has one of what is needed; what nobody needs counts not."""
    covers = []
    for n, slot in enumerate(sheet.slots):
        if slot.extra:
            continue
        wanted = [pupil.cells[n] for pupil in sheet.pupils if pupil.cells[n].wanted]
        covers.append((slot, Cover(len(wanted), sum(1 for cell in wanted if cell.given))))
    return ClassCover(sheet.school_class, sheet.language, len(sheet.pupils), tuple(covers))


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


_StockKey = tuple[int, str, str, str]
"""Grade, language, subject as it is compared, part."""


def stock(covers: Iterable[ClassCover], titles: Iterable[TitleStock]) -> tuple[GradeStock, ...]:
    """What classes need against what there is, by grade and language; within them the largest lack first."""
    needed: Counter[_StockKey] = Counter()
    names: dict[_StockKey, str] = {}
    for cover in covers:
        for slot, of in cover.subjects:
            key = (cover.school_class.grade, cover.language, fold(slot.subject), slot.part)
            names.setdefault(key, slot.subject)
            needed[key] += of.needed
    there: dict[_StockKey, list[TitleStock]] = {}
    for title in titles:
        if title.grade is not None:
            key = (title.grade, title.language, fold(title.subject), title.part)
            names.setdefault(key, title.subject)
            there.setdefault(key, []).append(title)
    grades: dict[tuple[int, str], list[StockLine]] = {}
    for key, subject in names.items():
        grade, language, _, part = key
        found = there.get(key, [])
        copies = Counter[int | None]()
        for title in found:
            copies[title.edition] += title.copies
        editions = sorted(((year, n) for year, n in copies.items() if n), key=lambda one: -(one[0] or 0))
        line = StockLine(
            subject,
            part,
            needed[key],
            copies.total(),
            sum(title.out for title in found),
            sum(title.repair for title in found),
            tuple(editions),
        )
        if line.needed or line.copies:
            grades.setdefault((grade, language), []).append(line)
    return tuple(
        GradeStock(
            *key, tuple(sorted(lines, key=lambda one: (min(one.difference, 0), sort_key(one.subject), one.part)))
        )
        for key, lines in sorted(grades.items())
    )


@dataclass(frozen=True, slots=True)
class Debt:
    """Something that is out. number: of the copy; overdue: days since it should have been back, 0 if it is in time."""

    title: str
    number: str
    since: date
    due: date | None
    overdue: int = 0


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


def by_class(covers: Sequence[ClassCover]) -> list[ClassCover]:
    """In the order of a school: 2 before 10, Ә after А."""
    return sorted(covers, key=lambda one: (one.school_class.grade, sort_key(one.school_class.letter)))
