"""Textbook sets out of a table (CSV, XLSX), and into one: a row for each textbook that a class gets.

Columns: grade (or a class, 7 «Ә»), letter, language, subject, part, edition, group, term, under headings in any order
and in three languages. A file with a fault is not taken at all, and every fault of it is told.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from itertools import islice
from pathlib import Path

from kiosk.circulation.cells import disarmed, unguarded
from kiosk.circulation.fold import fold
from kiosk.circulation.model import SetLine, TextbookSet
from kiosk.circulation.textbooks.sets import place_key
from kiosk.errors import ImportFileError
from kiosk.imports import list_headings, values
from kiosk.imports.list_words import PROFILES, SEXES
from kiosk.imports.tables import read_table
from kiosk.imports.values import BadValue

COLUMNS = ("grade", "letter", "language", "subject", "part", "edition", "group", "term")
NEEDED = ("grade", "language", "subject")
MOST_ROWS = 20_000
HEADING_ROWS = 20
_USUAL = {
    "grade": "сынып; сыныбы; сыныптар; класс; параллель; class; grade level",
    "letter": "литер; литері; литера; әріп; әрпі; буква; class letter",
    "language": "оқыту тілі; тілі; тіл; язык обучения; язык; language of instruction",
    "subject": "пән; пәні; пән атауы; оқулық; оқулық атауы; предмет; учебный предмет; дисциплина; учебник; название; "
    "textbook; title",
    "part": "бөлім; бөлімі; бөлігі; часть; том; volume",
    "edition": "басылым; басылымы; басылым жылы; шыққан жылы; жылы; жыл; год издания; год; издание; year; print year",
    "group": "топ; тобы; кіші топ; бағыт; бағыты; группа; подгруппа; профиль; направление; subgroup; profile",
    "term": "жартыжылдық; жартыжылдығы; тоқсан; полугодие; семестр; half; half-year; semester",
}
_KNOWN = {fold(word): column for column, words in _USUAL.items() for word in (column, *words.split(";"))}
_MANY = {fold(word): group for words, group in (("ұлдар; мальчики; boys", "boys"), ("қыздар; девочки; girls", "girls"))
         for word in words.split(";")}  # fmt: skip
_GROUP_LIMIT = 30
_ROMAN = {"i": 1, "ii": 2, "і": 1, "іі": 2}


class SetFileError(ImportFileError):
    """A file of sets that was not taken. problems: a sentence each, with the line of the file."""

    def __init__(self, name: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{name}: {problem}" for problem in self.problems))


def read_sets(path: Path, year: int) -> tuple[TextbookSet, ...]:
    """The sets of a file, for a school year. Raises SetFileError, or ImportFileError for what is no table."""
    rows = ((line, [unguarded(cell) for cell in cells]) for line, cells in read_table(path, _is_heading))
    first = list(islice(rows, HEADING_ROWS))
    at, columns = _headings(path.name, first)
    lines: dict[tuple[int, str, str], list[SetLine]] = {}
    problems: list[str] = []
    seen: dict[tuple[object, ...], int] = {}
    body = (row for row in first[at + 1 :])
    for number, (line, cells) in enumerate((*body, *islice(rows, MOST_ROWS + 1))):
        if number >= MOST_ROWS:
            problems.append(f"more than {MOST_ROWS} rows")
            break
        row = {column: cells[place].strip() for column, place in columns.items() if place < len(cells)}
        if not any(row.values()) or _is_headings_again(row):
            continue
        try:
            for key, one in _lines(row):
                mine = (*key, place_key(one), one.group)
                if mine in seen:
                    raise BadValue("subject", one.subject, f"stands in line {seen[mine]} already")
                seen[mine] = line
                lines.setdefault(key, []).append(one)
        except BadValue as bad:
            problems.append(f"line {line}: {bad}")
    if not lines and not problems:
        problems.append("there is no row under the headings")
    if problems:
        raise SetFileError(path.name, problems)
    return tuple(
        TextbookSet(year, grade, language, letter, tuple(found)) for (grade, letter, language), found in lines.items()
    )


def write_sets(sets: Iterable[TextbookSet]) -> str:
    """The sets as the text of a CSV file that `read_sets` reads, and spreadsheet programs do. It begins with a mark."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in sets:
        for line in one.lines:
            cells = (one.grade, one.letter, one.language, line.subject, line.part, line.edition or "", line.group,
                     line.term)  # fmt: skip
            writer.writerow([disarmed(str(cell)) for cell in cells])
    return "\ufeff" + text.getvalue()


def _is_heading(cell: str) -> bool:
    return _column(cell) is not None


def _column(heading: str) -> str | None:
    if (found := _KNOWN.get(fold(heading))) is not None:
        return found
    parts = {_KNOWN.get(fold(part)) for part in re.split(r"[/\\|()\n]", heading) if fold(part)}
    return parts.pop() if len(parts) == 1 else None


def _headings(name: str, rows: list[tuple[int, list[str]]]) -> tuple[int, Mapping[str, int]]:
    """Which of the first rows heads the columns, and where each is."""
    best, columns = 0, dict[str, int]()
    for at, (_, cells) in enumerate(rows):
        found: dict[str, int] = {}
        for place, cell in enumerate(cells):
            column = _column(cell)
            if column is not None and column not in found:
                found[column] = place
        if len(found) > len(columns):
            best, columns = at, found
    missing = [column for column in NEEDED if column not in columns]
    if missing:
        raise SetFileError(name, [f"no column for {column}" for column in missing])
    return best, columns


def _is_headings_again(row: Mapping[str, str]) -> bool:
    """A printed list repeats them on every page."""
    return all(_column(cell) == column for column, cell in row.items() if cell)


def _lines(row: Mapping[str, str]) -> Iterable[tuple[tuple[int, str, str], SetLine]]:
    """The lines of a row: one for each grade that it names."""
    subject = values.text("subject", row.get("subject", ""))
    if not subject:
        raise BadValue("subject", "", "missing")
    language = values.language("language", row.get("language", ""))
    if not language:
        raise BadValue("language", "", "missing; write kk or ru")
    for grade, own in _grades(row.get("grade", "")):
        letter = _letter(row.get("letter", "")) or own
        line = SetLine(subject, _part(row), values.year("edition", row.get("edition", "")), _group(row), _term(row))
        yield (grade, letter, language), line


def _grades(cell: str) -> Iterable[tuple[int, str]]:
    """7; 7 «Ә»; 5-9."""
    span = re.fullmatch(r"(\d{1,2})\s*[-–—]\s*(\d{1,2})\D*", cell)
    if span is not None and int(span[1]) < int(span[2]) <= 11:
        return [(grade, "") for grade in range(int(span[1]), int(span[2]) + 1)]
    found = values.school_class("grade", cell)
    if found is None:
        raise BadValue("grade", cell, "missing")
    return [(found.grade, found.letter)]


def _letter(cell: str) -> str:
    bare = cell.strip(" «»\"'“”„")
    if not bare:
        return ""
    found = values.school_class("letter", f"1 «{bare}»")
    return found.letter if found is not None else ""


def _part(row: Mapping[str, str]) -> str:
    cell = row.get("part", "")
    if not cell:
        return ""
    if (match := re.search(r"\d", cell)) is not None:
        return match.group()
    if (roman := _ROMAN.get(cell.strip().lower().split()[0])) is not None:
        return str(roman)
    raise BadValue("part", cell, "not a part; write 1 or 2")


def _group(row: Mapping[str, str]) -> str:
    """boys, girls, natural, humanities, english-1; else the list's own word without blanks."""
    cell = row.get("group", "")
    folded = fold(cell)
    if not folded:
        return ""
    known = _MANY.get(folded) or SEXES.get(folded) or PROFILES.get(folded)
    if known is not None:
        return known
    number = re.search(r"\d{1,2}", folded)
    subject = fold(row.get("subject", ""))
    for name, words in list_headings.SUBGROUPS.items():
        named = re.search(list_headings.fold_pattern(words), f"{folded} {subject}")
        if number is not None and named is not None:
            return f"{name}-{number.group()}"
    group = "-".join(cell.lower().split())
    if len(group) > _GROUP_LIMIT:
        raise BadValue("group", cell, f"longer than {_GROUP_LIMIT} characters")
    return group


def _term(row: Mapping[str, str]) -> int:
    cell = row.get("term", "")
    folded = fold(cell)
    if not folded:
        return 1
    if folded in _ROMAN:
        return _ROMAN[folded]
    match = re.search(r"\d", folded)
    if match is not None and match.group() in "12":
        return int(match.group())
    raise BadValue("term", cell, "not a half of the school year; write 1 or 2")
