"""What the pages of a textbook day want to know: classes with their pupils, loans, marks and sets; titles; sets.

The class of a pupil in a school year is the one noted for it; in a year later than any noted one, the present class.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from kiosk.circulation.change_words import set_in
from kiosk.circulation.events import StaffAnswer, StaffQuery
from kiosk.circulation.fold import sort_key
from kiosk.circulation.model import (
    ItemKind,
    LoanLine,
    Mark,
    Patron,
    SchoolClass,
    SetLine,
    TextbookSet,
    Title,
    TitleRecord,
)
from kiosk.circulation.textbooks.questions import (
    ClassBooks,
    ClassProgress,
    FindIsbn,
    FindTitles,
    ListSchool,
    ListSets,
    OpenClass,
    OpenClassOf,
    OpenPile,
    Pile,
    PupilBooks,
    School,
    SetsFound,
    TitlesFound,
)
from kiosk.circulation.textbooks.sets import answers, set_for, standing
from kiosk.store import reads

_CLASS = "coalesce(y.grade, p.grade), coalesce(y.letter, p.letter)"
_IN_CLASS = (
    "FROM patrons p LEFT JOIN class_years y ON y.patron_id = p.id AND y.year = ?1 "
    "WHERE p.has_left = 0 AND y.until IS NULL AND (y.year IS NOT NULL "
    "OR NOT EXISTS (SELECT 1 FROM class_years o WHERE o.patron_id = p.id AND o.year > ?1))"
)
_SCHOOL = f"SELECT {reads.PATRON}, {_CLASS} {_IN_CLASS} AND coalesce(y.grade, p.grade) IS NOT NULL"
_OF_CLASS = (
    "SELECT id FROM patrons WHERE grade = ?2 AND letter = ?3 "
    "UNION SELECT patron_id FROM class_years WHERE year = ?1 AND grade = ?2 AND letter = ?3"
)
_PUPILS = (
    f"SELECT {reads.PATRON} {_IN_CLASS} AND p.id IN ({_OF_CLASS}) "
    "AND coalesce(y.grade, p.grade) = ?2 AND coalesce(y.letter, p.letter) = ?3"
)
_LOANS = (
    f"SELECT {reads.LOAN}, {reads.ITEM} FROM loans l JOIN titles t ON t.id = l.title_id "
    "LEFT JOIN items i ON i.id = l.item_id WHERE t.kind = 'textbook'"
)
_TAUGHT = (
    "SELECT grade, language FROM classes WHERE year = ?1 AND language <> '' "
    f"UNION SELECT coalesce(y.grade, p.grade), p.language {_IN_CLASS} AND p.language <> '' "
    "AND coalesce(y.grade, p.grade) IS NOT NULL ORDER BY 1, 2"
)
_LOAN_WIDTH = reads.LOAN.count(",") + 1


def open_class(db: Database, query: OpenClass) -> ClassBooks:
    """A class with all that its picture is made of."""
    school_class, year = query.school_class, query.year
    key = (year, school_class.grade, school_class.letter)
    patrons = [reads.to_patron(row, ()) for row in db.execute(_PUPILS, key)]
    return _books(db, year, school_class, patrons)


def _open_class_of(db: Database, query: OpenClassOf) -> ClassBooks:
    row = db.execute(f"SELECT {_CLASS} {_IN_CLASS} AND p.id = ?2", (query.year, query.patron_id)).fetchone()
    if row is not None and row[0] is not None:
        return open_class(db, OpenClass(SchoolClass(row[0], row[1]), query.year))
    record = reads.patron_record(db, query.patron_id)
    return _books(db, query.year, None, [record.patron] if record is not None else [])


def _books(db: Database, year: int, school_class: SchoolClass | None, patrons: list[Patron]) -> ClassBooks:
    ids = [patron.id for patron in patrons]
    loans, marks = _loans(db, ids), _marks(db, year, ids)
    pupils = [PupilBooks(one, tuple(loans[one.id]), tuple(marks[one.id])) for one in patrons]
    pupils.sort(key=lambda one: (sort_key(one.patron.public_name), sort_key(one.patron.last_name), one.patron.id))
    if school_class is None:
        return ClassBooks(year, None, pupils=tuple(pupils))
    row = db.execute(
        "SELECT language, teacher FROM classes WHERE year = ? AND grade = ? AND letter = ?",
        (year, school_class.grade, school_class.letter),
    ).fetchone()
    language, teacher = row if row is not None else ("", "")
    sets = sets_of(db, year)
    language = language or language_of(school_class, patrons, sets)
    return ClassBooks(year, school_class, language, teacher, set_for(sets, year, school_class, language), tuple(pupils))


def language_of(school_class: SchoolClass, patrons: Iterable[Patron], sets: Iterable[TextbookSet]) -> str:
    """The language that a class is taught in as far as its pupils or its sets tell; "" if they do not."""
    spoken = Counter(patron.language for patron in patrons if patron.language)
    if spoken:
        return spoken.most_common(1)[0][0]
    fitting = [one for one in sets if one.grade == school_class.grade and one.letter in ("", school_class.letter)]
    own = [one for one in fitting if one.letter]
    languages = {one.language for one in own or fitting}
    return languages.pop() if len(languages) == 1 else ""


def _loans(db: Database, patron_ids: list[str]) -> Mapping[str, list[LoanLine]]:
    """The textbooks that these have, the oldest first; many of them are of few titles."""
    marks = ", ".join("?" * len(patron_ids))
    rows = db.execute(f"{_LOANS} AND l.patron_id IN ({marks}) ORDER BY l.since, t.title, l.id", tuple(patron_ids))
    return _lines(db, rows)


def _lines(db: Database, rows: Iterable[Any]) -> Mapping[str, list[LoanLine]]:
    titles: dict[str, Title] = {}
    found: dict[str, list[LoanLine]] = defaultdict(list)
    for row in rows:
        loan = reads.to_loan(row[:_LOAN_WIDTH])
        if loan.title_id not in titles:
            title = db.execute(f"SELECT {reads.TITLE} FROM titles t WHERE t.id = ?", (loan.title_id,)).fetchone()
            titles[loan.title_id] = reads.to_title(title)
        item = reads.to_item(row[_LOAN_WIDTH:]) if row[_LOAN_WIDTH] is not None else None
        found[loan.patron_id].append(LoanLine(loan, titles[loan.title_id], item))
    return found


def _marks(db: Database, year: int, patron_ids: list[str]) -> Mapping[str, list[Mark]]:
    found: dict[str, list[Mark]] = defaultdict(list)
    marks = ", ".join("?" * len(patron_ids))
    rows = db.execute(
        f"SELECT patron_id, year, what, value FROM marks WHERE year = ? AND patron_id IN ({marks}) ORDER BY what",
        (year, *patron_ids),
    )
    for row in rows:
        found[row[0]].append(Mark(*row))
    return found


def sets_of(db: Database, year: int) -> tuple[TextbookSet, ...]:
    """The sets of a school year, in the order of the school."""
    rows = db.execute(
        "SELECT year, grade, language, letter, body FROM sets WHERE year = ? ORDER BY grade, language, letter", (year,)
    )
    return tuple(_set(row) for row in rows)


def _set(row: Any) -> TextbookSet:
    year, grade, language, letter, body = row
    parts = {"year": year, "grade": grade, "language": language, "letter": letter, "lines": json.loads(body)}
    found = set_in(parts)
    assert found is not None
    return found


def _school(db: Database, query: ListSchool) -> School:
    sets = sets_of(db, query.year)
    taught = {
        SchoolClass(grade, letter): language
        for grade, letter, language in db.execute(
            "SELECT grade, letter, language FROM classes WHERE year = ?", (query.year,)
        )
    }
    pupils: dict[SchoolClass, list[Patron]] = defaultdict(list)
    for row in db.execute(_SCHOOL, (query.year,)):
        pupils[SchoolClass(*row[-2:])].append(reads.to_patron(row[:-2], ()))
    loans = _lines(db, db.execute(f"{_LOANS} ORDER BY l.since, t.title, l.id"))
    found = []
    for one in sorted(pupils, key=lambda one: (one.grade, sort_key(one.letter))):
        language = taught.get(one) or language_of(one, pupils[one], sets)
        textbooks = set_for(sets, query.year, one, language)
        done = [standing(textbooks, patron.groups, loans.get(patron.id, ())).done(query.term) for patron in pupils[one]]
        found.append(ClassProgress(one, len(done), sum(n for n, _ in done), sum(total for _, total in done)))
    return School(tuple(found))


def _by_isbn(db: Database, query: FindIsbn) -> TitlesFound:
    """Whether it has 10 digits or 13 in the catalogue. Titles have no hyphens there."""
    digits = re.sub(r"[^\dX]", "", query.isbn.upper())
    rows = db.execute(
        "SELECT id FROM titles WHERE isbn <> '' AND isbn IN (?, ?) ORDER BY year DESC, n", (digits, other_form(digits))
    )
    return TitlesFound(_records(db, [row[0] for row in rows]))


def other_form(digits: str) -> str:
    """The ISBN of 13 digits as one of 10, and the other way round; itself if there is none."""
    if len(digits) == 13 and digits.startswith("978"):
        body = digits[3:12]
        check = -sum(int(digit) * (10 - at) for at, digit in enumerate(body)) % 11
        return body + ("X" if check == 10 else str(check))
    if len(digits) == 10:
        body = "978" + digits[:9]
        return body + str(-sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(body)) % 10)
    return digits


def _by_place(db: Database, query: FindTitles) -> TitlesFound:
    return TitlesFound(_filling(db, query.textbooks, query.place.lines))


def _filling(db: Database, textbooks: TextbookSet, lines: Iterable[SetLine]) -> tuple[TitleRecord, ...]:
    """The titles that fill one of these lines, the newest edition first."""
    rows = db.execute(
        f"SELECT {reads.TITLE} FROM titles t WHERE t.kind = ? AND (t.grade = ? OR t.grade IS NULL) "
        "ORDER BY t.year DESC, t.n",
        (ItemKind.TEXTBOOK, textbooks.grade),
    )
    titles = [reads.to_title(row) for row in rows]
    return _records(db, [one.id for one in titles if any(answers(one, line, textbooks) for line in lines)])


def _pile(db: Database, query: OpenPile) -> Pile:
    book = open_class(db, OpenClass(query.school_class, query.year))
    records = (reads.patron_record(db, one.patron.id) for one in book.pupils)
    titles = _filling(db, book.textbooks, book.textbooks.lines) if book.textbooks is not None else ()
    return Pile(book, tuple(one for one in records if one is not None), titles)


def _records(db: Database, ids: Iterable[str]) -> tuple[TitleRecord, ...]:
    found = (reads.title_record(db, one) for one in ids)
    return tuple(one for one in found if one is not None)


def _sets(db: Database, query: ListSets) -> SetsFound:
    taught = db.execute(_TAUGHT, (query.year,)).fetchall()
    of = query.subjects_of
    rows: Iterable[Any] = ()
    if of is not None:
        rows = db.execute(
            "SELECT DISTINCT subject, part FROM titles WHERE kind = ? AND grade = ? AND subject <> '' "
            "AND language IN (?, '')",
            (ItemKind.TEXTBOOK, of.grade, of.language),
        )
    subjects = sorted(((row[0], row[1]) for row in rows), key=lambda one: (sort_key(one[0]), one[1]))
    classes = tuple((row[0], row[1]) for row in taught)
    return SetsFound(query.year, sets_of(db, query.year), classes, tuple(subjects))


ANSWERS: Mapping[type[StaffQuery], Callable[[Database, Any], StaffAnswer]] = {
    OpenClass: open_class,
    OpenClassOf: _open_class_of,
    ListSchool: _school,
    FindIsbn: _by_isbn,
    FindTitles: _by_place,
    OpenPile: _pile,
    ListSets: _sets,
}
