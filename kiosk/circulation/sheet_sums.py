"""How the facts of documents on paper add up: a class's sheet, its coverage, what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from kiosk.circulation.calendar import NEXT_YEAR_FROM
from kiosk.circulation.fold import fold, sort_key
from kiosk.circulation.model import LoanLine, SchoolClass, TextbookSet
from kiosk.circulation.sheets import (
    ClassCover,
    ClassSheet,
    Cover,
    Given,
    GradeStock,
    Need,
    Pupil,
    PupilLine,
    SheetCell,
    Slot,
    StockLine,
    TitleStock,
)
from kiosk.circulation.textbooks.sets import Place, column_of, heads, place_of, standing, teaches_a_language


def sheet_of(
    school_class: SchoolClass,
    year: int,
    language: str,
    teacher: str,
    textbooks: TextbookSet | None,
    pupils: Iterable[Pupil],
    term: int = 1,
) -> ClassSheet:
    """The sheet of a class. textbooks: its set, if it has one. term: what is given out later is left out."""
    pupils = sorted(pupils, key=lambda one: sort_key(one.name))
    columns = tuple(place for place in heads(textbooks) if place.term <= term)
    mades = [_Made(pupil, textbooks, columns, term, date(year, *NEXT_YEAR_FROM)) for pupil in pupils]
    extra: dict[_Extra, Slot] = {}
    for key, line in ((key, line) for made in mades for key, line in made.extra):
        extra.setdefault(key, Slot(line.title.subject or line.title.title, line.title.part, extra=True))
    more = sorted(extra, key=lambda key: (sort_key(extra[key].subject), key))
    return ClassSheet(
        school_class,
        year,
        language,
        teacher,
        (*(_slot(place) for place in columns), *(extra[key] for key in more)),
        tuple(made.line(more) for made in mades),
        tuple(_needs(mades)),
    )


_Extra = tuple[str, str]
"""What a textbook that answers no place of the set is told by: its subject as it is compared, and its part."""


class _Made:
    """A pupil's line in the making. since: what was given earlier stands on an older sheet."""

    def __init__(
        self, pupil: Pupil, textbooks: TextbookSet | None, columns: tuple[Place, ...], term: int, since: date
    ) -> None:
        self._pupil = pupil
        self._cells: list[list[Given]] = [[] for _ in columns]
        self._wanted = [False] * len(columns)
        self.extra: list[tuple[_Extra, LoanLine]] = []
        self.places: list[tuple[Place, LoanLine | None]] = []
        stand = standing(textbooks, pupil.groups, pupil.loans)
        for filled in stand.places:
            at = column_of(filled.place, columns)
            if filled.place.term > term or at is None:
                continue
            self._wanted[at] = True
            self.places.append((filled.place, filled.loan))
            if filled.loan is not None:
                self._cells[at].append(_given(filled.loan, filled.edition_ok))
        for line in stand.surplus:
            if line.loan.since < since:
                continue
            place = place_of(line.title, columns, textbooks) if textbooks is not None else None
            at = column_of(place, columns) if place is not None else None
            if at is not None:
                self._cells[at].append(_given(line))
            else:
                self.extra.append(((fold(line.title.subject or line.title.title), line.title.part), line))

    def line(self, more: Sequence[_Extra]) -> PupilLine:
        """The line, with cells for what the set has not."""
        cells = [SheetCell(tuple(given), wanted) for given, wanted in zip(self._cells, self._wanted, strict=True)]
        for key in more:
            cells.append(SheetCell(tuple(_given(line) for of, line in self.extra if of == key)))
        return PupilLine(self._pupil.name, tuple(cells), self._pupil.absent, self._pupil.slip)


def _given(line: LoanLine, edition_ok: bool = True) -> Given:
    number = (line.item.inventory_no or line.item.barcode or "") if line.item is not None else ""
    return Given(number, None if edition_ok else line.title.year)


def _slot(place: Place) -> Slot:
    """A place's column. Variants that differ stand beside each other."""
    parts = {part for _, part in place.subjects}
    if len(parts) == 1:
        return Slot(" / ".join(dict.fromkeys(subject for subject, _ in place.subjects)), parts.pop())
    return Slot(place.text)


def _needs(mades: Iterable[_Made]) -> list[Need]:
    """How many of each textbook a class needs. A pupil of whom nobody knows which variant is theirs takes part in
    turns in all of them."""
    counted: Counter[tuple[str, str]] = Counter()
    turns: Counter[str] = Counter()
    for place, loan in (one for made in mades for one in made.places):
        subjects = place.subjects
        mine = (loan.title.subject, loan.title.part) if loan is not None else None
        if mine not in subjects:
            mine = subjects[turns[place.id] % len(subjects)]
            turns[place.id] += 1
        counted[mine] += 1
    return [Need(subject, part, n) for (subject, part), n in counted.items()]


def coverage(sheet: ClassSheet) -> ClassCover:
    """A sheet added up. A pupil with two copies in one slot has one of what is needed; what nobody needs counts not."""
    covers = []
    for n, slot in enumerate(sheet.slots):
        if slot.extra:
            continue
        wanted = [pupil.cells[n] for pupil in sheet.pupils if pupil.cells[n].wanted]
        covers.append((slot, Cover(len(wanted), sum(1 for cell in wanted if cell.given))))
    return ClassCover(sheet.school_class, sheet.language, len(sheet.pupils), tuple(covers))


def by_class(covers: Sequence[ClassCover]) -> list[ClassCover]:
    """In the order of a school: 2 before 10, Ә after А."""
    return sorted(covers, key=lambda one: (one.school_class.grade, sort_key(one.school_class.letter)))


_StockKey = tuple[int, str, str, str]
"""Grade, language, subject as it is compared, part."""


def stock(sheets: Iterable[ClassSheet], titles: Iterable[TitleStock]) -> tuple[GradeStock, ...]:
    """What classes need against what there is, by grade and language; within them the largest lack first."""
    needed: Counter[_StockKey] = Counter()
    names: dict[_StockKey, str] = {}
    for sheet in sheets:
        for need in sheet.needs:
            key = (sheet.school_class.grade, sheet.language, fold(need.subject), need.part)
            names.setdefault(key, need.subject)
            needed[key] += need.count
    there: dict[_StockKey, list[TitleStock]] = {}
    for title in titles:
        if title.grade is not None:
            key = _shelf(title, title.grade, needed)
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
        GradeStock(grade, language, tuple(sorted(lines, key=_most_missed)))
        for (grade, language), lines in sorted(grades.items())
    )


def _shelf(title: TitleStock, grade: int, needed: Counter[_StockKey]) -> _StockKey:
    """Where an edition counts. One that teaches a language is in it, but counts where its subject is taught."""
    own = (grade, title.language, fold(title.subject), title.part)
    if own in needed or (title.language and not teaches_a_language(title.subject)):
        return own
    return next((key for key in needed if (key[0], *key[2:]) == (own[0], *own[2:])), own)


def _most_missed(line: StockLine) -> tuple[object, ...]:
    return min(line.difference, 0), sort_key(line.subject), line.part
