"""What documents on paper are made of, read from the ledger. Every method reads one moment of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlite_utils import Database

from kiosk.circulation.chips import is_canonical
from kiosk.circulation.fold import sort_key
from kiosk.circulation.model import Condition, ItemKind, LoanLine, Patron, SchoolClass
from kiosk.circulation.sheet_sums import sheet_of
from kiosk.circulation.sheets import (
    CardFace,
    ClassDebts,
    ClassSheet,
    Debt,
    Debtor,
    LabelFace,
    Leaver,
    Pupil,
    TitleStock,
)
from kiosk.circulation.textbooks.sets import set_for
from kiosk.store import reads
from kiosk.store.collect_reads import owed
from kiosk.store.reads import to_date
from kiosk.store.store import SqliteStore
from kiosk.store.textbook_reads import language_of, sets_of

DEFAULT_LANGUAGE = "kk"
_MOST_LABELS = 20_000

# The class of a year is the one noted for it; of a year later than any noted one, the present class.
_PUPILS = f"""
SELECT {reads.PATRON}, coalesce(y.grade, p.grade), coalesce(y.letter, p.letter)
FROM patrons p LEFT JOIN class_years y ON y.patron_id = p.id AND y.year = ?1
WHERE p.has_left = 0 AND coalesce(y.grade, p.grade) IS NOT NULL AND y.until IS NULL
    AND (y.year IS NOT NULL
        OR NOT EXISTS (SELECT 1 FROM class_years o WHERE o.patron_id = p.id AND o.year > ?1))
"""
_TEXTBOOKS = (
    f"SELECT {reads.LOAN}, {reads.TITLE}, {reads.ITEM} FROM loans l JOIN titles t ON t.id = l.title_id "
    "LEFT JOIN items i ON i.id = l.item_id WHERE t.kind = ? {} ORDER BY l.since, t.title, l.id"
)
_STOCK = """
SELECT t.subject, t.part, t.grade, t.language, t.year, t.title, t.held,
    (SELECT count(*) FROM items i WHERE i.title_id = t.id AND i.status NOT IN ('lost', 'written_off')),
    (SELECT count(*) FROM loans l WHERE l.title_id = t.id),
    (SELECT count(*) FROM items i WHERE i.title_id = t.id AND i.status = 'in_repair')
FROM titles t WHERE t.kind = ?
"""
_WHO_ALL = "SELECT p.id, p.last_name, p.first_name, p.patronymic, p.grade, p.letter, p.has_left FROM patrons p"
_WHO = f"{_WHO_ALL} WHERE p.id = ?"
_DEBTS = """
SELECT p.id, p.last_name, p.first_name, p.patronymic, p.grade, p.letter, p.has_left, t.title,
    coalesce(i.inventory_no, i.barcode, ''), l.since, l.due, l.promised
FROM loans l JOIN patrons p ON p.id = l.patron_id JOIN titles t ON t.id = l.title_id
    LEFT JOIN items i ON i.id = l.item_id
"""
_LABELS = """
SELECT i.barcode, i.inventory_no, t.title FROM items i JOIN titles t ON t.id = i.title_id
WHERE i.status NOT IN ('lost', 'written_off') AND coalesce(i.barcode, i.inventory_no) IS NOT NULL AND
"""

Row = Any


class StoreReports:
    """Facts for documents. Raises StoreError."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def class_sheets(self, year: int, term: int, school_class: SchoolClass | None = None) -> tuple[ClassSheet, ...]:
        """The sheets of a class, or of all, in the order of a school. term: 2 once January's textbooks are given."""
        with self._store.using() as connection, connection.read() as db:
            classes = _by_class(db, year)
            if school_class is not None:
                classes = {one: classes[one] for one in (school_class,) if one in classes}
            pupils = [patron.id for one in classes.values() for patron in one]
            loans = _textbooks(db, pupils if school_class else None)
            marks = _marks(db, year)
            sets = sets_of(db, year)
            known = {
                SchoolClass(grade, letter): (language, teacher)
                for grade, letter, language, teacher in db.execute(
                    "SELECT grade, letter, language, teacher FROM classes WHERE year = ?", (year,)
                )
            }
        found = []
        for one in sorted(classes, key=_order):
            language, teacher = known.get(one, ("", ""))
            language = language or language_of(one, classes[one], sets)
            of = (
                Pupil(
                    _full_name(patron),
                    patron.groups,
                    tuple(loans.get(patron.id, ())),
                    "absent" in marks.get(patron.id, ()),
                    "slip" in marks.get(patron.id, ()),
                )
                for patron in classes[one]
            )
            found.append(sheet_of(one, year, language, teacher, set_for(sets, year, one, language), of, term))
        return tuple(found)

    def textbook_stock(self) -> tuple[TitleStock, ...]:
        """The textbooks that there are."""
        with self._store.using() as connection, connection.read() as db:
            rows = db.execute(_STOCK, (ItemKind.TEXTBOOK,)).fetchall()
        return tuple(
            TitleStock(subject or title, part, grade, language or DEFAULT_LANGUAGE, year, held + numbered, out, repair)
            for subject, part, grade, language, year, title, held, numbered, out, repair in rows
        )

    def debts(
        self, today: date, everything: bool = False, school_class: SchoolClass | None = None
    ) -> tuple[ClassDebts, ...]:
        """Who has what: all that is out, or only what should be back by now, lost copies that are owed among them; the
        classes in the order of a school, then those in none."""
        with self._store.using() as connection, connection.read() as db:
            rows = db.execute(f"{_DEBTS} ORDER BY l.since, t.title").fetchall()
            people: dict[str, _Person] = {}
            for row in rows:
                if everything or _late(row, today):
                    people.setdefault(row[0], _Person.of(row)).debts.append(_debt(row, today))
            for patron_id, debts in _lost(db, today).items():
                row = db.execute(_WHO, (patron_id,)).fetchone()
                if row is not None:
                    people.setdefault(patron_id, _Person.of(row)).debts.extend(debts)
        classes: dict[SchoolClass | None, list[Debtor]] = defaultdict(list)
        for one in people.values():
            if school_class in (None, one.school_class):
                classes[one.school_class].append(Debtor(one.name, tuple(one.debts), one.left))
        return tuple(
            ClassDebts(of, tuple(sorted(classes[of], key=lambda one: sort_key(one.name))))
            for of in sorted(classes, key=lambda of: (of is None, _order(of) if of else ()))
        )

    def leavers(self, patron_ids: Sequence[str], today: date) -> tuple[Leaver, ...]:
        """These borrowers with everything that they still have, and the lost copies that they owe."""
        found = []
        with self._store.using() as connection, connection.read() as db:
            lost = _lost(db, today)
            for patron_id in patron_ids:
                one = _Person.of(db.execute(_WHO, (patron_id,)).fetchone())
                rows = db.execute(f"{_DEBTS} WHERE p.id = ? ORDER BY l.since, t.title", (patron_id,)).fetchall()
                debts = (*(_debt(row, today) for row in rows), *lost.get(patron_id, ()))
                found.append(Leaver(one.name, one.school_class, debts))
        return tuple(found)

    def pupils_of(self, school_class: SchoolClass, year: int) -> tuple[str, ...]:
        """The ids of the pupils of a class, by the alphabet."""
        with self._store.using() as connection, connection.read() as db:
            pupils = _by_class(db, year).get(school_class, [])
        return tuple(one.id for one in sorted(pupils, key=lambda one: sort_key(_full_name(one))))

    def gone_with_books(self) -> tuple[str, ...]:
        """The ids of those who have left and still have or owe something, by the alphabet."""
        with self._store.using() as connection, connection.read() as db:
            rows = db.execute(f"{_WHO_ALL} WHERE p.has_left = 1").fetchall()
            having = {row[0] for row in db.execute("SELECT DISTINCT patron_id FROM loans")}
            having |= {debt.mark.patron_id for debt in owed(db)}
        gone = [(row[0], _Person.of(row)) for row in rows if row[0] in having]
        return tuple(patron_id for patron_id, one in sorted(gone, key=lambda of: sort_key(of[1].name)))

    def cards(self, patron_ids: Sequence[str]) -> tuple[CardFace, ...]:
        """A card of each that is not lost and no chip, whose number is in it; whoever has none is left out."""
        found = []
        with self._store.using() as connection, connection.read() as db:
            for patron_id in patron_ids:
                cards = db.execute(_CARD, (patron_id,)).fetchall()
                row = next((card for card in cards if not is_canonical(card[0])), None)
                if row is not None:
                    of = SchoolClass(row[3], row[4]) if row[3] is not None else None
                    found.append(CardFace(row[0], _name(row[1], row[2], ""), of))
        return tuple(found)

    def without_card(self, patron_ids: Sequence[str]) -> tuple[str, ...]:
        """Those who have no card, or only lost ones."""
        with self._store.using() as connection, connection.read() as db:
            return tuple(one for one in patron_ids if db.execute(_CARD, (one,)).fetchone() is None)

    def labels_of(self, numbers: Sequence[str]) -> tuple[tuple[LabelFace, ...], tuple[str, ...]]:
        """The labels of copies with these barcodes or inventory numbers, in this order, and the numbers of none.

        A number may be a span of inventory numbers, 1200-1260.
        """
        found, unknown = [], []
        with self._store.using() as connection, connection.read() as db:
            for number in numbers:
                faces = _faces(db, "(i.barcode = ?1 OR i.inventory_no = ?1)", number)
                if not faces and (span := re.fullmatch(r"(\d{1,12})-(\d{1,12})", number, re.ASCII)):
                    faces = _faces(db, _IN_SPAN, int(span[1]), int(span[2]))
                found += faces
                unknown += [] if faces else [number]
        return tuple(found), tuple(unknown)

    def labels_by_isbn(self, isbn: str) -> tuple[LabelFace, ...]:
        """The labels of all copies of an edition."""
        with self._store.using() as connection, connection.read() as db:
            return tuple(_faces(db, "replace(t.isbn, '-', '') = ?1", isbn.replace("-", "")))

    def torn_labels(self) -> tuple[LabelFace, ...]:
        """The labels of copies whose label is in a bad condition."""
        with self._store.using() as connection, connection.read() as db:
            return tuple(_faces(db, "i.condition = ?1", Condition.LABEL))


_CARD = """
SELECT c.number, p.last_name, p.first_name, p.grade, p.letter FROM cards c JOIN patrons p ON p.id = c.patron_id
WHERE p.id = ? AND c.lost = 0 ORDER BY c.number
"""


def _name(last: str, first: str, patronymic: str) -> str:
    return " ".join(part for part in (last, first, patronymic) if part)


def _order(one: SchoolClass) -> tuple[object, ...]:
    return one.grade, sort_key(one.letter)


def _full_name(patron: Patron) -> str:
    return _name(patron.last_name, patron.first_name, patron.patronymic)


@dataclass
class _Person:
    """A debtor in the making."""

    name: str
    school_class: SchoolClass | None
    left: bool
    debts: list[Debt] = field(default_factory=list)

    @classmethod
    def of(cls, row: Row) -> _Person:
        """The columns of `_WHO_ALL`."""
        return cls(_name(*row[1:4]), SchoolClass(row[4], row[5]) if row[4] is not None else None, bool(row[6]))


def _by_class(db: Database, year: int) -> dict[SchoolClass, list[Patron]]:
    found: dict[SchoolClass, list[Patron]] = defaultdict(list)
    for row in db.execute(_PUPILS, (year,)):
        found[SchoolClass(*row[-2:])].append(reads.to_patron(row[:-2], ()))
    return dict(found)


def _textbooks(db: Database, pupils: Sequence[str] | None) -> dict[str, list[LoanLine]]:
    """What each of these has, or everybody."""
    which = f"AND l.patron_id IN ({', '.join('?' * len(pupils))})" if pupils is not None else ""
    found: dict[str, list[LoanLine]] = defaultdict(list)
    for line in reads.to_loan_lines(db.execute(_TEXTBOOKS.format(which), (ItemKind.TEXTBOOK, *(pupils or ())))):
        found[line.loan.patron_id].append(line)
    return found


def _marks(db: Database, year: int) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for patron_id, what in db.execute("SELECT patron_id, what FROM marks WHERE year = ?", (year,)):
        found[patron_id].add(what)
    return found


def _lost(db: Database, today: date) -> dict[str, list[Debt]]:
    """What pupils lost and still owe, late since the day of the loss."""
    found: dict[str, list[Debt]] = defaultdict(list)
    for one in owed(db):
        late = max((today - one.day).days, 0)
        found[one.mark.patron_id].append(Debt(one.title, one.number, one.day, None, late, lost=True))
    return found


def _due(row: Row) -> date | None:
    days = [day for day in (to_date(row[10]), to_date(row[11])) if day is not None]
    return max(days) if row[10] and days else None


def _late(row: Row, today: date) -> bool:
    due = _due(row)
    return due is not None and due < today


def _debt(row: Row, today: date) -> Debt:
    due = _due(row)
    overdue = max((today - due).days, 0) if due is not None else 0
    return Debt(row[7], row[8], date.fromisoformat(row[9]), due, overdue)


_IN_SPAN = "i.inventory_no NOT GLOB '*[^0-9]*' AND CAST(i.inventory_no AS INTEGER) BETWEEN ?1 AND ?2"


def _faces(db: Database, where: str, *values: str | int) -> list[LabelFace]:
    order = "length(i.inventory_no), i.inventory_no, i.barcode"
    rows = db.execute(f"{_LABELS} {where} ORDER BY {order} LIMIT {_MOST_LABELS}", values)
    return [LabelFace(barcode or inventory_no, title, inventory_no or "") for barcode, inventory_no, title in rows]
