"""What all stations and the central library know in the evening, against who really has which book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from kiosk.circulation.sheet_sums import coverage
from kiosk.store.report_reads import StoreReports
from kiosk.sync.central import schema
from tests.central_fixture import SCHOOL, Central
from tests.simulation.campaign_school import STATIONS, School
from tests.simulation.campaign_truth import Class, Titled, Truth
from tests.sync_fixture import Kiosk

MOST = 12
"""So many differences of one kind are told."""
_WHO = "coalesce(p.external_id, p.first_name || ' ' || p.last_name)"
_TITLE = "t.title || ' ' || t.year"


def problems(school: School, year: int, term: int = 1) -> list[str]:
    """Every difference. year, term: of the sheets."""
    found: list[str] = []
    truth = school.truth
    for name, kiosk in zip(STATIONS, school.kiosks, strict=True):
        found += [f"{name}: {one}" for one in _of_station(kiosk, truth)]
        found += [f"{name}: {one}" for one in _sheets(kiosk, school, year, term)]
    found += [f"central: {one}" for one in _of_central(school.central, truth)]
    return found


def _of_station(kiosk: Kiosk, truth: Truth) -> Iterator[str]:
    numbered = kiosk.rows(
        f"SELECT i.barcode, {_WHO} FROM loans l JOIN items i ON i.id = l.item_id JOIN patrons p ON p.id = l.patron_id"
    )
    yield from _differences("borrower", dict(numbered), truth.numbered())
    counted = kiosk.rows(
        f"SELECT {_WHO}, {_TITLE}, count(*) FROM loans l JOIN titles t ON t.id = l.title_id "
        "JOIN patrons p ON p.id = l.patron_id WHERE l.item_id IS NULL GROUP BY 1, 2"
    )
    yield from _differences("by count", {row[:2]: row[2] for row in counted}, truth.counted())
    held = kiosk.rows(f"SELECT {_TITLE}, t.held FROM titles t WHERE t.held <> 0")
    yield from _differences("held by count", dict(held), truth.held())
    conditions = kiosk.rows("SELECT barcode, condition FROM items WHERE condition <> 'good'")
    yield from _differences("condition", dict(conditions), truth.conditions)
    yield from _differences("debt", _debts(kiosk), truth.debts)
    stock = StoreReports(kiosk.store).textbook_stock()
    yield from _differences("on loan", {"all": sum(one.out for one in stock)}, {"all": _out(truth)})
    there = len(truth.copies) + len(truth.ghosts)
    torn = kiosk.rows("SELECT count(*) FROM items WHERE barcode IS NULL AND kind = 'textbook'")[0][0]
    yield from _differences("copies", {"all": sum(one.copies for one in stock)}, {"all": there + torn})
    entries = kiosk.states()
    if left := {state: n for state, n in entries.items() if state not in ("accepted", "done")}:
        reasons = kiosk.rows("SELECT state, reason, count(*) FROM outbox WHERE state <> 'accepted' GROUP BY 1, 2")
        yield f"outbox: {left}, {reasons[:MOST]}"
    yield from kiosk.faults()


def _out(truth: Truth) -> int:
    return sum(1 for copy in truth.copies if copy.holder)


def _debts(kiosk: Kiosk) -> Counter[Titled]:
    rows = kiosk.rows(
        f"SELECT {_WHO}, m.value FROM marks m JOIN patrons p ON p.id = m.patron_id WHERE what LIKE 'lost:%'"
    )
    return Counter((who, value.split("|")[2]) for who, value in rows if value.endswith("|"))


def _of_central(central: Central, truth: Truth) -> Iterator[str]:
    loans, patrons, titles, items = schema.loans, schema.patrons, schema.titles, schema.items
    query = (
        select(
            items.c.barcode, patrons.c.external_id, patrons.c.first_name, patrons.c.last_name, titles.c.title,
            titles.c.year,
        )
        .select_from(loans)
        .join(patrons, (patrons.c.school_id == loans.c.school_id) & (patrons.c.id == loans.c.patron_id))
        .join(titles, (titles.c.school_id == loans.c.school_id) & (titles.c.id == loans.c.title_id))
        .outerjoin(items, (items.c.school_id == loans.c.school_id) & (items.c.id == loans.c.item_id))
        .where(loans.c.school_id == central.schools[SCHOOL], loans.c.ended.is_(None))
    )  # fmt: skip
    numbered: dict[str, str] = {}
    counted: Counter[Titled] = Counter()
    for barcode, external_id, first, last, title, year in central.rows(query):
        who = external_id or f"{first} {last}"
        if barcode is None:
            counted[who, f"{title} {year}"] += 1
        elif barcode in numbered:
            yield f"{barcode} is on loan twice"
        else:
            numbered[barcode] = who
    yield from _differences("borrower", numbered, truth.numbered())
    yield from _differences("by count", counted, truth.counted())
    held = central.rows(
        select(titles.c.title, titles.c.year, titles.c.held).where(
            titles.c.school_id == central.schools[SCHOOL], titles.c.held != 0
        )
    )
    yield from _differences("held by count", {f"{row[0]} {row[1]}": row[2] for row in held}, truth.held())


def _sheets(kiosk: Kiosk, school: School, year: int, term: int) -> Iterator[str]:
    """The sheets of the classes and their coverage add up to what the pupils have."""
    has = Counter((copy.holder, copy.shelf[0]) for copy in school.truth.copies if copy.holder)
    sheets = {
        f"{one.school_class.grade} «{one.school_class.letter}»": one
        for one in StoreReports(kiosk.store).class_sheets(year, term)
    }
    for one in school.classes:
        sheet = sheets.get(one.label)
        if sheet is None:
            yield f"there is no sheet of {one.label}"
            continue
        given = Counter(sum(len(cell.given) for cell in line.cells) for line in sheet.pupils)
        yield from _differences(
            f"sheet of {one.label}", given, Counter(has[person.key, one.grade] for person in one.pupils)
        )
        whole, wanted = coverage(sheet).whole, expected_cover(school, one, term)
        yield from _differences(f"coverage of {one.label}", {"": (whole.needed, whole.given)}, {"": wanted})


def expected_cover(school: School, one: Class, term: int) -> tuple[int, int]:
    """How many textbooks a class should have by now, and has, each place counted once."""
    textbooks = school.set_of(one.grade, one.language)
    lines = textbooks.lines if textbooks is not None else ()
    places = {(line.subject, line.part) for line in lines if line.term <= term}
    classmates = {person.key for person in one.pupils}
    copies = [copy for copy in school.truth.copies if copy.shelf[0] == one.grade]
    there = {(copy.holder, copy.shelf[2:]) for copy in copies if copy.holder in classmates}
    return len(places) * len(classmates), sum(1 for _, place in there if place in places)


def _differences(what: str, told: Mapping[Any, Any], true: Mapping[Any, Any]) -> Iterator[str]:
    wrong = [key for key in sorted({*told, *true}, key=str) if told.get(key, 0) != true.get(key, 0)]
    for key in wrong[:MOST]:
        yield f"{what} of {key}: {told.get(key)}, but truly {true.get(key)}"
    if len(wrong) > MOST:
        yield f"{what}: {len(wrong) - MOST} more"
