"""Stations that hand textbooks out to one class, offline from each other, and what each of them knows afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from kiosk.circulation.acts import (
    Act,
    BarcodeChange,
    Change,
    ClassChange,
    ConditionChange,
    HeldChange,
    ItemMade,
    Kind,
    LoanChange,
    MarkChange,
    Override,
    PatronMade,
    SetChange,
    StatusChange,
)
from kiosk.circulation.clock import reckon
from kiosk.circulation.events import Committed
from kiosk.circulation.facts import LoanFact, PatronFact, TitleFact
from kiosk.circulation.model import Condition, Item, ItemKind, ItemStatus, Loan, Mark, Patron, SchoolClass, TextbookSet
from kiosk.store import reads
from kiosk.sync.central import schema
from kiosk.sync.central.database import changing, end_turn, opened, take_turn
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from tests.carry_fixture import PAGE_OF_TESTS, carry_connector, key_of, new_stick, walk
from tests.central_fixture import SCHOOL, Central, central_in
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, new_kiosk

YEAR = 2026
CLASS = SchoolClass(5, "А")
PUPILS = ("Айгүл", "Болат", "Гүлнар", "Дана", "Ерлан", "Жанар")
TITLES = {"math": "Математика", "kazakh": "Қазақ тілі", "kazakh-old": "Қазақ тілі (2019)", "history": "Тарих"}
SUBJECTS = {"math": "математика", "kazakh": "қазақ тілі", "kazakh-old": "қазақ тілі", "history": "тарих"}
ISBNS = {
    "math": "9786010000001", "kazakh": "9786010000018", "kazakh-old": "9786010000025", "history": "9786010000032",
}  # fmt: skip
HELD = 10
LIBRARIAN = "librarian-1"


@dataclass
class Station:
    """A kiosk on a textbook day. Staff's acts are decided on what its own store knows, as a desk would."""

    kiosk: Kiosk
    minute: int = 0

    @property
    def clock(self) -> KioskClock:
        return self.kiosk.clock

    def commit(self, kind: Kind, *changes: Change, act_id: str = "", **values: Any) -> Act:
        """Record an act a minute after the one before."""
        self.clock.move(60.0)
        act = Act(act_id or uuid4().hex, kind, changes=changes, staff=LIBRARIAN, **values)
        done = self.kiosk.store.commit([act], [], reckon(self.clock.read(), self.kiosk.store.mark()))
        assert isinstance(done, Committed), "what the act relies on is not so"
        self.kiosk.acknowledged.append(act)
        return act

    def pupil(self, name: str) -> str:
        """The id of a pupil, by given name."""
        rows = self.kiosk.rows("SELECT id FROM patrons WHERE first_name = ? AND has_left = 0 ORDER BY id", name)
        return str(rows[0][0])

    def title(self, name: str) -> str:
        """The id of a title."""
        return str(self.kiosk.rows("SELECT id FROM titles WHERE title = ?", TITLES[name])[0][0])

    def item(self, barcode: str) -> Item:
        """A numbered copy."""
        found = self.kiosk.rows(f"SELECT {reads.ITEM} FROM items i WHERE i.barcode = ?", barcode)
        return reads.to_item(found[0])

    def give(self, name: str, barcode: str, override: Override | None = None) -> Act:
        """Lend a numbered copy."""
        item, act_id = self.item(barcode), uuid4().hex
        loan = self._loan(act_id, name, item.title_id, item.id)
        changes = LoanChange(None, loan), StatusChange(item.id, item.status, ItemStatus.ON_LOAN)
        return self.commit(
            Kind.CHECKOUT, *changes, act_id=act_id, patron_id=loan.patron_id, item_id=item.id, title_id=item.title_id,
            override=override,
        )  # fmt: skip

    def give_counted(self, name: str, title: str) -> Act:
        """Lend a copy without a number."""
        act_id, title_id = uuid4().hex, self.title(title)
        loan = self._loan(act_id, name, title_id, None)
        return self.commit(
            Kind.CHECKOUT, LoanChange(None, loan), act_id=act_id, patron_id=loan.patron_id, title_id=title_id
        )

    def _loan(self, act_id: str, name: str, title_id: str, item_id: str | None) -> Loan:
        today = self.clock.read().wall.date()
        return Loan(act_id, self.pupil(name), title_id, item_id, today, today + timedelta(days=270), 270)

    def take(self, barcode: str, condition: Condition = Condition.GOOD) -> Act:
        """A copy is handed in, and looked at."""
        item = self.item(barcode)
        (row,) = self.kiosk.rows(f"SELECT {reads.LOAN} FROM loans l WHERE l.item_id = ?", item.id)
        loan = reads.to_loan(row)
        changes: list[Change] = [
            LoanChange(loan, None),
            StatusChange(item.id, item.status, ItemStatus.AVAILABLE),
        ]
        if condition is not item.condition:
            changes.append(ConditionChange(item.id, item.condition, condition))
        of = {"patron_id": loan.patron_id, "item_id": item.id, "title_id": item.title_id}
        return self.commit(Kind.CHECKIN, *changes, **of)

    def number(self, title: str, label: str, item_id: str = "") -> Act:
        """A copy without a number gets a label from a roll."""
        item = Item(
            item_id or uuid4().hex, 1, self.title(title), label, None, ItemKind.TEXTBOOK, ItemStatus.AVAILABLE
        )  # fmt: skip
        changes = ItemMade(None, item), HeldChange(item.title_id, -1)
        return self.commit(Kind.NUMBERED, *changes, item_id=item.id, title_id=item.title_id)

    def look(self, barcode: str, condition: Condition) -> Act:
        """Note how a copy looks."""
        item = self.item(barcode)
        change = ConditionChange(item.id, item.condition, condition)
        return self.commit(Kind.CONDITION, change, item_id=item.id, title_id=item.title_id)

    def lose(self, barcode: str) -> Act:
        """A copy is lost by whoever had it."""
        item = self.item(barcode)
        (row,) = self.kiosk.rows(f"SELECT {reads.LOAN} FROM loans l WHERE l.item_id = ?", item.id)
        loan = reads.to_loan(row)
        changes = LoanChange(loan, None), StatusChange(item.id, item.status, ItemStatus.LOST)
        of = {"patron_id": loan.patron_id, "item_id": item.id, "title_id": item.title_id}
        return self.commit(Kind.LOST, *changes, **of)

    def mark(self, name: str, what: str, value: str | None) -> Act:
        """Note something of a pupil, or take it back."""
        patron = self.pupil(name)
        rows = self.kiosk.rows("SELECT value FROM marks WHERE patron_id = ? AND what = ?", patron, what)
        before = Mark(patron, YEAR, what, rows[0][0]) if rows else None
        after = Mark(patron, YEAR, what, value) if value is not None else None
        return self.commit(Kind.MARKED, MarkChange(before, after), patron_id=patron)

    def change_set(self, before: TextbookSet | None, after: TextbookSet) -> Act:
        """Make or change what a class gets."""
        return self.commit(Kind.SET_CHANGED, SetChange(before, after))

    def relabel(self, barcode: str, label: str) -> Act:
        """A torn label is replaced."""
        item = self.item(barcode)
        change = BarcodeChange(item.id, barcode, label)
        return self.commit(Kind.RELABELLED, change, item_id=item.id, title_id=item.title_id)

    def count(self, title: str, by: int) -> Act:
        """More or fewer copies without numbers."""
        title_id = self.title(title)
        return self.commit(Kind.HELD_CHANGED, HeldChange(title_id, by), title_id=title_id)

    def add_pupil(self, first: str, last: str) -> Act:
        """Somebody who is in no list."""
        patron = Patron(uuid4().hex, 1, first, last, school_class=CLASS, language="kk")
        changes = PatronMade(None, patron), ClassChange(patron.id, YEAR, None, CLASS)
        return self.commit(Kind.PATRON_ADDED, *changes, patron_id=patron.id)

    def move(self, name: str, school_class: SchoolClass) -> Act:
        """Somebody goes to another class."""
        patron = self.pupil(name)
        rows = self.kiosk.rows("SELECT grade, letter FROM class_years WHERE patron_id = ? AND year = ?", patron, YEAR)
        before = SchoolClass(*rows[0]) if rows else None
        change = ClassChange(patron, YEAR, before, school_class)
        return self.commit(Kind.CLASS_MOVED, change, patron_id=patron)

    def knows(self) -> dict[str, Any]:
        """Everything, in words that do not depend on ids."""
        named = "(SELECT first_name || ' ' || last_name FROM patrons WHERE id = {})"
        return {
            "items": sorted(self.kiosk.rows(
                "SELECT i.barcode, t.title, i.status, i.condition, " + named.format("l.patron_id") + " FROM items i "
                "JOIN titles t ON t.id = i.title_id LEFT JOIN loans l ON l.item_id = i.id WHERE i.barcode IS NOT NULL"
            ), key=str),
            "counted": sorted(self.kiosk.rows(
                "SELECT " + named.format("l.patron_id") + ", t.title FROM loans l JOIN titles t ON t.id = l.title_id "
                "WHERE l.item_id IS NULL"
            )),
            "held": sorted(self.kiosk.rows("SELECT title, held FROM titles")),
            "marks": sorted(self.kiosk.rows("SELECT " + named.format("patron_id") + ", what, value FROM marks")),
            "sets": sorted(self.kiosk.rows("SELECT year, grade, language, letter, body FROM sets")),
            "classes": sorted(self.kiosk.rows(
                "SELECT " + named.format("c.patron_id") + ", c.year, c.grade, c.letter, p.grade, p.letter "
                "FROM class_years c JOIN patrons p ON p.id = c.patron_id"
            )),
            "pupils": sorted(self.kiosk.rows("SELECT first_name, last_name, grade, letter FROM patrons")),
            "labels": sorted(self.kiosk.rows(
                "SELECT o.barcode, i.barcode FROM old_barcodes o JOIN items i ON i.id = o.item_id"
            )),
        }  # fmt: skip

    def parked(self) -> dict[str, str]:
        """What central did not take, and why, by kind."""
        return dict(
            self.kiosk.rows(
                "SELECT t.kind, o.reason FROM outbox o JOIN transactions t ON t.seq = o.seq WHERE o.state = 'parked'"
            )
        )

    def flagged(self) -> dict[str, str]:
        """What central took though something is to be known, by kind."""
        return dict(
            self.kiosk.rows(
                "SELECT t.kind, o.reason FROM outbox o JOIN transactions t ON t.seq = o.seq "
                "WHERE o.state = 'accepted' AND o.reason IS NOT NULL"
            )
        )


@dataclass
class Stations:
    """Three stations and their central. agree: what brings all of them in step."""

    all: list[Station]
    agree: Callable[[], None]
    loans: Callable[[], list[tuple[str, str, str | None]]]
    """What central says is on loan: pupil, title, barcode."""
    central: Central | MemoryCentral = field(repr=False, default_factory=lambda: MemoryCentral(lambda: MONDAY))

    def same(self) -> dict[str, Any]:
        """What all know, which must be the same, and what central's loans are, too."""
        known = [one.knows() for one in self.all]
        for what, told in known[0].items():
            assert told == known[1][what] == known[2][what], what
        for one in self.all:
            faults = one.kiosk.faults()
            assert not faults, faults
        lent = [(row[4].split()[0], row[1], row[0]) for row in known[0]["items"] if row[4]]
        lent += [(row[0].split()[0], row[1], None) for row in known[0]["counted"]]
        assert sorted(lent, key=str) == sorted(self.loans(), key=str)
        return known[0]


WAYS = ("memory", "sqlite", "postgresql", "carry")


@contextmanager
def stations_in(way: str, folder: Path, schema_version: int = schema.VERSION, tables: str = "") -> Iterator[Stations]:
    """Three stations that know the class and its titles, and have each been to central once."""
    clock = KioskClock(MONDAY)
    if way == "memory":
        memory = MemoryCentral(lambda: clock.read().wall)
        _fill_memory(memory)
        made = [Station(new_kiosk(folder, MemoryConnector(memory), clock, name)) for name in ("one", "two", "three")]

        def lent() -> list[tuple[str, str, str | None]]:
            barcodes = {key[1]: getattr(fact, "barcode", None) for key, fact in memory.facts.items()}
            names = {one.id: one.first_name for one in memory.all(PatronFact)}
            titles = {one.id: one.title for one in memory.all(TitleFact)}
            return [
                (names[one.patron_id], titles[one.title_id], barcodes[one.item_id] if one.item_id else None)
                for one in memory.all(LoanFact)
                if not one.ended
            ]

        stations = Stations(made, _by_network(made), lent, memory)
        stations.agree()
        yield stations
        return
    with central_in("sqlite" if way == "carry" else way, folder, schema_version, tables) as central:
        _fill(central)
        names = ("one", "two", "three")
        if way == "carry":
            places = {name: folder / f"usb-{name}" for name in names}
            for place in places.values():
                new_stick(place)
            made = [
                Station(new_kiosk(folder, carry_connector(places[name], key_of(central, name), name), clock, name))
                for name in names
            ]

            def agree() -> None:
                for _ in range(3):
                    for name, station in zip(names, made, strict=True):
                        assert not station.kiosk.round().problem
                        walk(central, places[name], PAGE_OF_TESTS)
                        assert not station.kiosk.round().problem

        else:
            made = [Station(new_kiosk(folder, central.connector(name), clock, name)) for name in names]
            agree = _by_network(made)
        stations = Stations(made, agree, lambda: _lent(central), central)
        stations.agree()
        yield stations


def _by_network(made: list[Station]) -> Callable[[], None]:
    def agree() -> None:
        for _ in range(2):
            for station in made:
                done = station.kiosk.round()
                assert not done.problem, done

    return agree


def _fill_memory(central: MemoryCentral) -> None:
    for n, name in enumerate(PUPILS):
        central.put(PatronFact(f"cp{n}", 0, name, "Ахмет", category="pupil", school_class=CLASS, years=()))
    for n, (key, title) in enumerate(TITLES.items()):
        held = {"kind": ItemKind.TEXTBOOK, "grade": 5, "subject": SUBJECTS[key], "held": HELD, "isbn": ISBNS[key]}
        central.put(TitleFact(f"ct{n}", 0, title, **held))  # type: ignore[arg-type]


def _fill(central: Central) -> None:
    """The same in a database, in place of what every test's central has."""
    school = central.schools[SCHOOL]
    with opened(central.engine) as connection:
        with changing(connection):
            for table in (schema.cards, schema.items, schema.patrons, schema.titles):
                connection.execute(table.delete().where(table.c.school_id == school))
        with changing(connection):
            turn = take_turn(connection, school)
            row = {"school_id": school, "version": turn.version}
            for n, name in enumerate(PUPILS):
                pupil = {"id": f"cp{n}", "first_name": name, "last_name": "Ахмет", "grade": 5, "letter": "А"}
                connection.execute(schema.patrons.insert().values(**row, **pupil))
            for n, (key, title) in enumerate(TITLES.items()):
                held = {"kind": "textbook", "grade": 5, "subject": SUBJECTS[key], "held": HELD, "isbn": ISBNS[key]}
                connection.execute(schema.titles.insert().values(**row, id=f"ct{n}", key=key, title=title, **held))
            end_turn(connection, school, turn)


def _lent(central: Central) -> list[tuple[str, str, str | None]]:
    loans, patrons, titles, items = schema.loans, schema.patrons, schema.titles, schema.items
    mine = loans.c.school_id == central.schools[SCHOOL], loans.c.ended.is_(None)
    query = (
        select(patrons.c.first_name, titles.c.title, items.c.barcode)
        .select_from(loans)
        .join(patrons, (patrons.c.school_id == loans.c.school_id) & (patrons.c.id == loans.c.patron_id))
        .join(titles, (titles.c.school_id == loans.c.school_id) & (titles.c.id == loans.c.title_id))
        .outerjoin(items, (items.c.school_id == loans.c.school_id) & (items.c.id == loans.c.item_id))
        .where(*mine)
    )
    return [(row[0], row[1], row[2]) for row in central.rows(query)]
