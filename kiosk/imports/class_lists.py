"""Class lists as schools have them, read: workbooks with a sheet for each class or one for all, or a text.

Titles over the table, several tables in one sheet, names in one column or three, the class in a column, a title, the
sheet's name or the file's, totals and signatures below: all of it is read as a person would. IINs are never kept, and
no row is quoted in what is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from kiosk.circulation.cells import unguarded
from kiosk.circulation.classes import find_class, parse_class
from kiosk.circulation.fold import mend
from kiosk.circulation.lists.rows import MOST_PUPILS, ClassList, Guess, ListedClass, ListRow, Place, RowFault
from kiosk.circulation.model import SchoolClass
from kiosk.circulation.pupils import Name, words_of_name
from kiosk.errors import FileFault, ImportFileError
from kiosk.imports import list_headings as columns
from kiosk.imports.headings import FULL_NAME
from kiosk.imports.iin import is_iin
from kiosk.imports.list_headings import check_mapping, guessed_columns, heading_columns, list_column
from kiosk.imports.list_words import group_of, is_foot, language_in, language_of, teacher_in, year_in
from kiosk.imports.tables import Form, form_of, read_sheets
from kiosk.imports.values import BadValue, clean, code

HEAD_ROWS = 40
MOST_FAULTS = 200
MOST_SHEETS = 200
SIZE_LIMIT = 48 * 1024 * 1024
"""Ten times what the largest school's workbook unpacks to."""
_ROWS = 2 * MOST_PUPILS
_CELLS = 10 * MOST_PUPILS
_BAD_ROWS = 5_000
_GUESSES = 2_000
_PARTED = (columns.LAST, columns.FIRST, columns.PATRONYMIC)
_ELSEWHERE = (columns.SEX, columns.CLASS, columns.IIN, columns.BIRTH, columns.CARD, columns.EXTERNAL_ID)
"""Columns that say, filled, that a row without its running number is a pupil's nevertheless."""

Row = tuple[int, list[str]]


def read_class_list(path: Path, mapping: Mapping[str, str] | None = None) -> ClassList:
    """What a file says of the classes of a school.

    mapping: {heading: column}, see list_headings.COLUMNS. Raises ImportFileError for a file that cannot be read as a
    whole, in which no pupil is found, or that is longer than any school's list.
    """
    mapping = mapping or {}
    check_mapping(mapping, path.name)
    if form_of(path) is Form.MARC:
        raise ImportFileError(f"{path.name}: these are catalogue records, no class list")
    reading = _Reading(path.name)
    mapped = frozenset(mapping)
    sheets = read_sheets(path, lambda cell: cell in mapped or list_column(cell) is not None, SIZE_LIMIT)
    for number, (title, rows) in enumerate(sheets):
        if number >= MOST_SHEETS:
            raise ImportFileError(f"{path.name}: more than {MOST_SHEETS} sheets", FileFault.TOO_BIG)
        _Sheet(reading, title or "", find_class(title or path.stem), mapping).read(rows)
    if not reading.rows:
        why = "" if not reading.fault_count else f" ({reading.fault_count} rows cannot be understood)"
        raise ImportFileError(f"{path.name}: no pupil is found in it{why}", FileFault.NO_NAMES)
    return reading.result()


@dataclass
class _Reading:
    """What was read of a file so far."""

    name: str
    year: int | None = None
    rows: list[ListRow] = field(default_factory=list)
    classes: dict[SchoolClass, ListedClass] = field(default_factory=dict)
    faults: list[tuple[Place, RowFault]] = field(default_factory=list)
    fault_count: int = 0
    guesses: list[Guess] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    seen: int = 0
    cells: int = 0

    def row_read(self, cells: int) -> None:
        self.seen += 1
        self.cells += cells
        if self.seen > _ROWS or self.cells > _CELLS or len(self.rows) > MOST_PUPILS:
            raise ImportFileError(
                f"{self.name}: more than {MOST_PUPILS:,} rows, or too many columns; this is no list of one school",
                FileFault.TOO_BIG,
            )

    def fault(self, place: Place, why: RowFault) -> None:
        self.fault_count += 1
        if self.fault_count > _BAD_ROWS:
            raise ImportFileError(
                f"{self.name}: more than {_BAD_ROWS:,} rows cannot be understood; this is no class list",
                FileFault.NO_NAMES,
            )
        if len(self.faults) < MOST_FAULTS:
            self.faults.append((place, why))

    def note_class(self, school_class: SchoolClass, language: str = "", teacher: str = "") -> None:
        known = self.classes.get(school_class, ListedClass(school_class))
        self.classes[school_class] = ListedClass(school_class, known.language or language, known.teacher or teacher)

    def result(self) -> ClassList:
        of_rows = {row.school_class for row in self.rows}
        spoken: dict[SchoolClass, dict[str, int]] = {}
        for row in self.rows:
            if row.language:
                counts = spoken.setdefault(row.school_class, {})
                counts[row.language] = counts.get(row.language, 0) + 1
        for school_class, counts in spoken.items():
            self.note_class(school_class, max(counts, key=lambda language: counts[language]))
        listed = [self.classes.get(one, ListedClass(one)) for one in of_rows]
        listed.sort(key=lambda one: (one.school_class.grade, one.school_class.letter))
        return ClassList(
            self.year,
            tuple(listed),
            tuple(self.rows),
            tuple(self.faults),
            self.fault_count - len(self.faults),
            tuple(self.guesses),
            tuple(self.empty),
        )


class _Sheet:
    """One sheet being read. place: the class that its name gives."""

    def __init__(
        self, reading: _Reading, name: str, school_class: SchoolClass | None, mapping: Mapping[str, str]
    ) -> None:
        self._all = reading
        self._name = name
        self._class = school_class
        self._mapping = mapping
        self._columns: dict[int, str] = {}
        self._names: tuple[int, ...] = ()
        self._fresh = False
        self._carried: SchoolClass | None = None
        self._numbered = False
        self._language = self._teacher = ""

    def read(self, rows: Iterator[Row]) -> None:
        """Read all rows of the sheet."""
        before = len(self._all.rows), self._all.fault_count
        cleaned = ((line, [_cell(cell) for cell in cells]) for line, cells in rows)
        first = list(islice(cleaned, HEAD_ROWS))
        if not any(heading_columns(cells, self._mapping) for _, cells in first):
            guessed = guessed_columns([cells for _, cells in first])
            if guessed is None:
                if any(any(cells) for _, cells in first):
                    self._all.empty.append(self._name)
                for _, cells in first:
                    self._title(" ".join(cell for cell in cells if cell))
                return
            self._set_columns(guessed, {})
        for line, cells in chain(first, cleaned):
            if any(cells):
                self._all.row_read(len(cells))
                self._row(Place(self._name, line), cells)
        if before == (len(self._all.rows), self._all.fault_count):
            self._all.empty.append(self._name)

    def _row(self, place: Place, cells: list[str]) -> None:
        found = heading_columns(cells, self._mapping)
        if found is not None:
            # Of two rows of headings the lower one divides what the upper one names: «Аты-жөні» into three columns.
            kept = {at: column for at, column in self._columns.items() if at not in found} if self._fresh else {}
            parted = self._fresh and {columns.LAST, columns.FIRST} <= set(found.values())
            kept = {at: one for at, one in kept.items() if not (parted and one == FULL_NAME)}
            kept = {at: one for at, one in kept.items() if one not in found.values()}
            self._set_columns({**kept, **found}, dict(enumerate(cells)))
            return
        if not self._columns:
            self._title(" ".join(cell for cell in cells if cell))
            return
        words = self._words(cells)
        if words is None:
            if self._is_note(cells):
                self._title(" ".join(cell for cell in cells if cell))
            elif any(at < len(cells) and cells[at] for at in self._names) or self._says_more(cells):
                self._all.fault(place, RowFault.NOT_A_NAME)
            self._fresh = False
            return
        self._fresh = False
        if self._is_signature(cells, words):
            self._title(" ".join(cell for cell in cells if cell))
            return
        self._pupil(place, cells, words)

    def _set_columns(self, found: Mapping[int, str], headings: Mapping[int, str]) -> None:
        self._columns = dict(found)
        self._fresh = True
        self._carried = None
        self._numbered = False
        parted = [at for column in _PARTED for at, own in found.items() if own == column]
        full = [at for at, own in found.items() if own == FULL_NAME]
        # A heading merged over three columns stands in the first of them; the others have none.
        over = range(full[0] + 1, full[0] + 3) if full and headings else range(0)
        wide = [at for at in over if at not in found and not headings.get(at)]
        self._names = tuple(full[:1] + wide if full else parted)
        guesses = {at: column for at, column in found.items() if not headings.get(at)}
        told = [
            Guess(self._name, headings.get(at) or f"[{_letters(at)}]", found.get(at, ""))
            for at in sorted({*guesses, *(at for at, text in headings.items() if text)})
        ]
        if len(self._all.guesses) < _GUESSES:
            self._all.guesses += [one for one in told if one not in self._all.guesses[-200:]]

    def _cell(self, cells: Sequence[str], column: str) -> str:
        at = next((at for at, own in self._columns.items() if own == column), None)
        return cells[at] if at is not None and at < len(cells) else ""

    def _words(self, cells: Sequence[str]) -> tuple[str, str, str] | None:
        """Surname, given name, patronymic of a row; None if what stands there is no name."""
        written = [cells[at] if at < len(cells) else "" for at in self._names]
        if not written[0] and not (self._columns.get(self._names[0]) == columns.LAST and any(written)):
            return None
        words = words_of_name(" ".join(part for part in written if part))
        if words is None:
            return None
        if self._columns.get(self._names[0]) == FULL_NAME:
            last, first, *rest = [*words, ""] if len(words) > 1 else ["", *words]
            return last, first, " ".join(rest).strip()
        parts = {
            self._columns[at]: " ".join(words_of_name(text) or ())
            for at, text in zip(self._names, written, strict=True)
        }
        last, first = parts.get(columns.LAST, ""), parts.get(columns.FIRST, "")
        return (last, first, parts.get(columns.PATRONYMIC, "")) if first else ("", last, "")

    def _is_note(self, cells: Sequence[str]) -> bool:
        """Whether a row that names nobody is a title, a total or a signature rather than a pupil's."""
        filled = [cell for cell in cells if cell]
        classes = [at for at, own in self._columns.items() if own in (columns.CLASS, columns.GRADE, columns.LETTER)]
        text = " ".join(cell for at, cell in enumerate(cells) if cell and at not in classes)
        if (
            (len(filled) == 1 and text)
            or all(map(str.isdigit, filled))
            or teacher_in(text)
            or find_class(text) is not None
            or year_in(text) is not None
        ):
            return True
        first = words_of_name(" ".join("".join(c if c.isalpha() else " " for c in text).split()[:3]))
        return (first is not None and is_foot(first)) or "__" in text

    def _is_signature(self, cells: Sequence[str], words: tuple[str, str, str]) -> bool:
        if is_foot(tuple(" ".join(words).split())):
            return True
        if columns.NUMBER not in self._columns.values():
            return False
        number = self._cell(cells, columns.NUMBER)
        if any(letter.isdigit() for letter in number):
            self._numbered = True
            return False
        return self._numbered and not self._says_more(cells)

    def _says_more(self, cells: Sequence[str]) -> bool:
        """Whether a row says of somebody what only a pupil's row says."""
        return any(self._cell(cells, column) for column in _ELSEWHERE)

    def _title(self, text: str) -> None:
        """What a title or a footer says of the list that follows, or of the one that it ends."""
        if not text:
            return
        if (year := year_in(text)) is not None:
            self._all.year = self._all.year or year
        if teacher := teacher_in(text):
            self._teacher = teacher
            if (of := self._carried or self._class) is not None:
                self._all.note_class(of, teacher=teacher)
            return
        if language := language_in(text):
            self._language = language
            if self._class is not None:
                self._all.note_class(self._class, language)
        found = find_class(mend(text))
        if found is None or (self._class is not None and not found.letter and found.grade == self._class.grade):
            return
        if found != self._class:
            self._class, self._teacher = found, ""
        self._all.note_class(found, self._language)

    def _class_of(self, cells: Sequence[str]) -> SchoolClass | RowFault:
        grade, letter = self._cell(cells, columns.GRADE), self._cell(cells, columns.LETTER)
        written = self._cell(cells, columns.CLASS) or grade
        if letter and written:
            written = f"{written} {letter}"
        if written:
            found = parse_class(written)
            if found is None:
                return RowFault.BAD_CLASS
            self._carried = found
            return found
        return self._carried or self._class or RowFault.NO_CLASS

    def _pupil(self, place: Place, cells: Sequence[str], words: tuple[str, str, str]) -> None:
        school_class = self._class_of(cells)
        if isinstance(school_class, RowFault):
            self._all.fault(place, school_class)
            return
        try:
            card, external_id = (_number(self._cell(cells, one), one) for one in (columns.CARD, columns.EXTERNAL_ID))
        except BadValue:
            self._all.fault(place, RowFault.UNREADABLE)
            return
        families = (columns.SEX, columns.GROUP, *columns.SUBGROUPS, columns.PROFILE)
        groups = (group_of(family, self._cell(cells, family)) for family in families)
        language = language_of(self._cell(cells, columns.LANGUAGE))
        self._all.note_class(school_class, self._language, self._teacher)
        self._all.rows.append(
            ListRow(place, Name(*words), school_class, card, external_id, language, tuple(one for one in groups if one))
        )


def _cell(cell: str) -> str:
    return clean(unguarded(cell))


def _number(cell: str, column: str) -> str:
    """A card's or a person's number; an IIN in its place is not kept."""
    return "" if is_iin(cell) else code(column, cell)


def _letters(at: int) -> str:
    """A column as spreadsheet programs call it: A, B, ... AA."""
    text = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
