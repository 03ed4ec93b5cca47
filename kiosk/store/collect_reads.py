"""What the ledger tells of textbooks that come back: who has what, what is owed, how the care check went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sqlite_utils import Database

from kiosk.circulation.events import StaffAnswer, StaffQuery
from kiosk.circulation.fold import sort_key
from kiosk.circulation.identify import is_isbn
from kiosk.circulation.model import ItemRecord, ItemStatus, Mark, Patron, SchoolClass, Title
from kiosk.circulation.textbooks.collect_questions import (
    CareOfClass,
    CareOfPupils,
    CareTotalled,
    CareTotals,
    ClassCare,
    ClassesOut,
    ClassesToCollect,
    DebtsOpen,
    FindHandedIn,
    Handed,
    HandedInFound,
    OpenDebts,
    PupilHas,
    PupilOut,
    PupilsOut,
    PupilToCollect,
    WhoHasTextbooks,
)
from kiosk.circulation.textbooks.collecting import number_of
from kiosk.circulation.textbooks.debts import LOST_MARK, Debt, open_debts
from kiosk.store import reads

_BEST = 30
"""No more of the tidiest pupils are named: a check that gives everybody a five names nobody."""


def _handed_in(db: Database, query: FindHandedIn) -> HandedInFound:
    card = None
    if query.wants != "item":
        row = db.execute("SELECT patron_id FROM cards WHERE number = ? AND lost = 0", (query.code,)).fetchone()
        card = reads.patron_record(db, row[0]) if row is not None else None
    items = reads.items_by_number(db, query.code) if query.wants != "card" else ()
    isbn = query.code.replace("-", "").upper()
    titles: tuple[Title, ...] = ()
    if is_isbn(query.code):
        rows = db.execute(f"SELECT {reads.TITLE} FROM titles t WHERE t.isbn = ? ORDER BY t.year DESC", (isbn,))
        titles = tuple(reads.to_title(row) for row in rows)
    pupil = reads.patron_record(db, query.patron_id) if query.patron_id is not None else None
    return HandedInFound(card, tuple(_handed(db, one) for one in items), titles, pupil)


def _handed(db: Database, record: ItemRecord) -> Handed:
    if record.loan is not None:
        return Handed(record, _patron(db, record.loan.patron_id))
    if record.item.status is not ItemStatus.LOST:
        return Handed(record)
    number = number_of(record.item)
    debt = next((one for one in owed(db) if one.number == number != ""), None)
    return Handed(record, _patron(db, debt.mark.patron_id) if debt is not None else None, debt)


def _patron(db: Database, patron_id: str) -> Patron | None:
    row = db.execute(f"SELECT {reads.PATRON} FROM patrons p WHERE p.id = ?", (patron_id,)).fetchone()
    return reads.to_patron(row, ()) if row is not None else None


def owed(db: Database) -> tuple[Debt, ...]:
    """Lost copies that are still owed, the oldest first."""
    rows = db.execute("SELECT patron_id, year, what, value FROM marks WHERE what GLOB ?", (LOST_MARK + "*",))
    return open_debts([Mark(*row) for row in rows])


def _pupil(db: Database, query: PupilToCollect) -> PupilHas:
    record = reads.patron_record(db, query.patron_id)
    rows = db.execute("SELECT patron_id, year, what, value FROM marks WHERE patron_id = ?", (query.patron_id,))
    return PupilHas(record, tuple(Mark(*row) for row in rows))


_TEXTBOOKS = (
    "(SELECT count(*) FROM loans l JOIN titles t ON t.id = l.title_id WHERE l.patron_id = p.id AND t.kind = 'textbook')"
)
_ALL = "(SELECT count(*) FROM loans l WHERE l.patron_id = p.id)"


def _who(db: Database, query: WhoHasTextbooks) -> PupilsOut:
    if query.school_class is None:
        rows = db.execute(f"SELECT {reads.PATRON}, {_ALL} FROM patrons p WHERE p.has_left = 1").fetchall()
        lost = Counter(debt.mark.patron_id for debt in owed(db))
        found = [PupilOut(reads.to_patron(row[:-1], ()), row[-1] + lost[row[0]]) for row in rows]
        return PupilsOut(tuple(sorted((one for one in found if one.out), key=_pupil_key)))
    of = (query.school_class.grade, query.school_class.letter)
    where = "p.grade = ? AND p.letter = ? AND p.has_left = 0"
    rows = db.execute(f"SELECT {reads.PATRON}, {_TEXTBOOKS} FROM patrons p WHERE {where}", of).fetchall()
    found = [PupilOut(reads.to_patron(row[:-1], ()), row[-1]) for row in rows]
    return PupilsOut(tuple(sorted(found, key=_pupil_key)))


def _name_key(patron: Patron) -> Any:
    """By given name, as classes are listed elsewhere."""
    return sort_key(patron.public_name), sort_key(patron.last_name)


def _pupil_key(pupil: PupilOut) -> Any:
    return _name_key(pupil.patron)


def _classes(db: Database, query: ClassesToCollect) -> ClassesOut:
    rows = db.execute(
        f"SELECT p.grade, p.letter, sum({_TEXTBOOKS}) FROM patrons p WHERE p.grade IS NOT NULL AND p.has_left = 0 "
        "GROUP BY p.grade, p.letter"
    ).fetchall()
    found = sorted(
        ((SchoolClass(grade, letter), out) for grade, letter, out in rows), key=lambda one: _class_key(one[0])
    )
    return ClassesOut(tuple(found))


def _class_key(school_class: SchoolClass) -> tuple[int, Any]:
    return school_class.grade, sort_key(school_class.letter)


def _debts(db: Database, query: OpenDebts) -> DebtsOpen:
    found: list[tuple[Debt, Patron]] = []
    for debt in owed(db):
        patron = _patron(db, debt.mark.patron_id)
        if patron is not None:
            found.append((debt, patron))
    return DebtsOpen(tuple(found))


_SCORE = "(SELECT m.value FROM marks m WHERE m.patron_id = p.id AND m.year = ?1 AND m.what = ?2)"


def _care_of_class(db: Database, query: CareOfClass) -> CareOfPupils:
    of = (query.year, query.what, query.school_class.grade, query.school_class.letter)
    rows = db.execute(
        f"SELECT {reads.PATRON}, {_SCORE} FROM patrons p WHERE p.grade = ?3 AND p.letter = ?4 AND p.has_left = 0", of
    ).fetchall()
    found = tuple((reads.to_patron(row[:-1], ()), _score(row[-1])) for row in rows)
    return CareOfPupils(tuple(sorted(found, key=lambda one: _name_key(one[0]))))


def _score(value: str | None) -> int | None:
    return int(value) if value in ("1", "2", "3", "4", "5") else None


def _care_totals(db: Database, query: CareTotals) -> CareTotalled:
    of = (query.year, query.what)
    rows = db.execute(
        f"SELECT {reads.PATRON}, {_SCORE} FROM patrons p WHERE p.grade IS NOT NULL AND p.has_left = 0", of
    ).fetchall()
    totals: dict[SchoolClass, ClassCare] = {}
    scored: list[tuple[int, Patron]] = []
    for row in rows:
        patron, score = reads.to_patron(row[:-1], ()), _score(row[-1])
        assert patron.school_class is not None
        known = totals.get(patron.school_class, ClassCare(patron.school_class, 0, 0, 0))
        totals[patron.school_class] = ClassCare(
            known.school_class, known.pupils + 1, known.looked_at + (score is not None), known.total + (score or 0)
        )
        if score is not None:
            scored.append((score, patron))
    most = max((score for score, _ in scored), default=0)
    best = tuple(sorted((patron for score, patron in scored if score == most), key=_name_key))
    classes = sorted(totals.values(), key=lambda one: _class_key(one.school_class))
    return CareTotalled(tuple(classes), best if len(best) <= _BEST else ())


ANSWERS: Mapping[type[StaffQuery], Callable[[Database, Any], StaffAnswer]] = {
    FindHandedIn: _handed_in,
    PupilToCollect: _pupil,
    WhoHasTextbooks: _who,
    ClassesToCollect: _classes,
    OpenDebts: _debts,
    CareOfClass: _care_of_class,
    CareTotals: _care_totals,
}
"""Of each question: what answers it."""
