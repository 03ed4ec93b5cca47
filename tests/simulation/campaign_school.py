"""The demo school for the campaign: its central library, its stations, and the books that lie in its stock room."""

from __future__ import annotations

import csv
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from kiosk import demo
from kiosk.circulation import visit
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.intake import Intake
from kiosk.circulation.model import PinKind, SetLine, TextbookSet
from kiosk.circulation.rules import VisitSettings
from kiosk.class_listing import ClassListing
from kiosk.desk import Desk
from kiosk.imports.run import run_import
from kiosk.ports import Connector
from kiosk.store.sets import StoreSets
from kiosk.sync.central import schema
from kiosk.sync.central.database import changing, opened
from kiosk.sync.central.intake import CentralImporter
from kiosk.sync.loop import Sync
from tests.carry_fixture import carry_connector, key_of, new_stick, walk
from tests.central_fixture import SCHOOL, Central, central_in
from tests.simulation.campaign_truth import Class, Copy, Person, Shelf, Truth
from tests.sync_fixture import Kiosk, KioskClock, new_kiosk, rules

YEAR = 2024
"""Long ago: central believes no act of a time that is still to come."""
AUGUST = datetime(YEAR, 8, 20, 4, 0, tzinfo=UTC)
PIN = "2580"
LAST_GRADE = 11
SPARE = 2
STATIONS = ("one", "two", "three")
WITHOUT_ISBN = 3
"""Of titles that are held by count in one edition, every third has no ISBN printed on it."""
CODES = CodeRules(card=re.compile(r"P\d{7}"), item=re.compile(r"B\d{8}"), blank="N", new_card="C")


@dataclass
class School:
    """The school on the morning of the first day. sets: what each class gets."""

    central: Central
    kiosks: list[Kiosk]
    clocks: list[KioskClock]
    classes: list[Class]
    truth: Truth
    sets: list[TextbookSet]
    sticks: list[Path] = field(default_factory=list)

    def evening(self) -> None:
        """The network is back, or sticks are carried to central and home again: everybody is told everything."""
        for _ in range(3 if self.sticks else 2):
            for at, kiosk in enumerate(self.kiosks):
                _round(kiosk)
                if self.sticks:
                    walk(self.central, self.sticks[at])
                    _round(kiosk)

    def set_of(self, grade: int, language: str) -> TextbookSet | None:
        """What pupils of a grade get, None if nobody said."""
        return next((one for one in self.sets if (one.grade, one.language) == (grade, language)), None)

    def turn_clocks(self, to: datetime) -> None:
        """Weeks pass."""
        for clock in self.clocks:
            clock.set(to, True)

    def next_year(self) -> None:
        """Everybody moves up a class, and the sets are last year's."""
        year = max(one.year for one in self.sets) + 1
        kiosk, clock = self.kiosks[0], self.clocks[0]
        listing = ClassListing(kiosk.store, clock)
        look, plan = listing.moving_up(year)
        listing.do(look, plan, left_too=True)
        StoreSets(kiosk.store, clock).copy(year - 1, year)
        self.sets = [replace(one, year=year) for one in self.sets]
        self.classes = [one for one in self.classes if one.grade < LAST_GRADE]
        for one in self.classes:
            one.label = f"{one.grade + 1} {one.label.split(' ', 1)[1]}"
        self.evening()


def _round(kiosk: Kiosk) -> None:
    done = kiosk.round()
    assert not done.problem, done


@contextmanager
def school_in(
    folder: Path, labels: Sequence[str] | None = None, most: int = 1000, way: str = "sql"
) -> Iterator[School]:
    """The school, or only these classes of it with at most so many pupils in each. way: "sql", or "carry"."""
    whole = demo.school(today=AUGUST.date())
    people = [row for row in whole.patrons if row["category"] == "pupil" and (not labels or row["class"] in labels)]
    classes = _classes(people, most)
    pupils = {person.key for one in classes for person in one.pupils}
    people = [row for row in whole.patrons if row["external_id"] in pupils or row["card"] == demo.LIBRARIAN_CARD]
    grades = {str(one.grade) for one in classes} | {str(one.grade + 1) for one in classes}
    rows = _without_isbn([row for row in whole.items if row["kind"] == "textbook" and row["grade"] in grades])
    rows = _few(rows, most + SPARE)
    truth = Truth()
    truth.stock(copy for row in rows for copy in _copies(row))
    sets = [_with_editions(one, truth) for one in demo.textbook_sets(YEAR) if str(one.grade) in grades]
    with central_in("sqlite", folder) as central:
        _fill(central, folder, people, rows)
        clocks = [KioskClock(AUGUST) for _ in STATIONS]
        sticks = [new_stick(folder / f"usb-{name}").parent for name in STATIONS] if way == "carry" else []
        connectors: list[Connector] = (
            [carry_connector(stick, key_of(central, name), name) for name, stick in zip(STATIONS, sticks, strict=True)]
            if sticks
            else [central.connector(name) for name in STATIONS]
        )
        kiosks = [
            _furnished(new_kiosk(folder, connector, clock, name))
            for name, connector, clock in zip(STATIONS, connectors, clocks, strict=True)
        ]
        school = School(central, kiosks, clocks, classes, truth, sets, sticks)
        school.evening()
        for kiosk in kiosks:
            librarian = kiosk.store.patron_named(demo.LIBRARIAN_CARD)
            assert librarian is not None
            kiosk.store.set_pin([librarian], PinKind.DIGITS, PIN)
        _class_list(kiosks[0], clocks[0], folder, [row for row in people if row["class"]])
        StoreSets(kiosks[0].store, clocks[0]).keep(sets)
        school.evening()
        yield school


def _classes(people: Sequence[dict[str, str]], most: int) -> list[Class]:
    classes: dict[str, Class] = {}
    for row in people:
        one = classes.setdefault(row["class"], Class(row["class"], row["language"]))
        if len(one.pupils) < most:
            name = f"{row['first_name']} {row['last_name']}"
            one.pupils.append(Person(row["external_id"], name, row["card"]))
    return list(classes.values())


def _few(rows: Sequence[dict[str, str]], most: int) -> list[dict[str, str]]:
    """At most so many copies of each edition."""
    seen: Counter[str] = Counter()
    found = []
    for row in rows:
        edition = f"{row['title']} {row['year']}"
        seen[edition] += 1
        if row["count"]:
            found.append(row | {"count": str(min(int(row["count"]), most))})
        elif seen[edition] <= most:
            found.append(row)
    return found


def _without_isbn(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    editions: dict[Shelf, set[str]] = defaultdict(set)
    for row in rows:
        editions[_shelf(row)].add(row["year"])
    found, alone = [], 0
    for row in rows:
        if row["count"] and len(editions[_shelf(row)]) == 1:
            alone += 1
            row = row | {"isbn": ""} if alone % WITHOUT_ISBN == 0 else row
        found.append(row)
    return found


def _shelf(row: dict[str, str]) -> Shelf:
    return int(row["grade"]), row["language"], row["subject"], row["part"]


def _copies(row: dict[str, str]) -> list[Copy]:
    """What a row of the items file is; copies whose label is torn off are not handed out."""
    made = Copy(f"{row['title']} {row['year']}", _shelf(row), int(row["year"]), row["isbn"], row["barcode"])
    if row["count"]:
        return [replace(made) for _ in range(int(row["count"]))]
    return [made] if row["barcode"] else []


def _with_editions(one: TextbookSet, truth: Truth) -> TextbookSet:
    """Of a subject of which there are two editions the newer is wanted."""

    def wanted(line: SetLine) -> SetLine:
        years = {copy.edition for copy in truth.free((one.grade, one.language, line.subject, line.part))}
        return replace(line, edition=max(years)) if len(years) > 1 else line

    return replace(one, lines=tuple(wanted(line) for line in one.lines))


def _fill(central: Central, folder: Path, people: Sequence[dict[str, str]], rows: Sequence[dict[str, str]]) -> None:
    school = central.schools[SCHOOL]
    with opened(central.engine) as connection:
        with changing(connection):
            for table in (schema.cards, schema.items, schema.patrons, schema.titles):
                connection.execute(table.delete().where(table.c.school_id == school))
        importer = CentralImporter(connection, school)
        for what, columns, its in (
            (Intake.PATRONS, demo.PATRON_COLUMNS, people),
            (Intake.ITEMS, demo.ITEM_COLUMNS, rows),
        ):
            path = folder / f"{what}.csv"
            _write(path, columns, its)
            report = run_import(what, path, importer, rejects_path=folder / f"{what}-rejects.csv")
            assert report.rejects is None, report


def _furnished(kiosk: Kiosk) -> Kiosk:
    """With the codes of the school's labels, and a sync that takes as much at once as the product's does."""
    seed = UUID(int=random.Random(kiosk.path.name).getrandbits(128))
    kiosk.desk = Desk(visit.start(rules(), VisitSettings(), CODES, seed), kiosk.store, kiosk.clock)
    kiosk.sync = Sync(kiosk.outbox, kiosk.mirror, kiosk.connector, kiosk.clock, kiosk.chance.random)
    return kiosk


def _class_list(kiosk: Kiosk, clock: KioskClock, folder: Path, people: Sequence[dict[str, str]]) -> None:
    path = folder / "classes.csv"
    _write(path, demo.PATRON_COLUMNS, people)
    listing = ClassListing(kiosk.store, clock)
    look = listing.look(path, YEAR)
    assert not look.listed.faults, look.listed.faults
    listing.do(look, listing.plan(look), left_too=False)


def _write(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
