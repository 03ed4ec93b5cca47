"""The made-up school of the demo and its central library, loaded by the product's own importers."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from kiosk import demo
from kiosk.app import opened, system_clock
from kiosk.circulation.acts import Act, Kind, SetChange
from kiosk.circulation.calendar import school_year
from kiosk.circulation.clock import reckon
from kiosk.circulation.intake import Intake
from kiosk.circulation.model import PinKind
from kiosk.class_listing import ClassListing
from kiosk.config import Config
from kiosk.connecting import connector_of
from kiosk.errors import KioskError
from kiosk.importing import import_file, rejects_beside
from kiosk.imports.run import Importer, run_import
from kiosk.syncing import open_sync

PUPIL_PIN = "1234"
STAFF_PIN = "2580"
PICTURE_PIN = "horse fish tree sun"
LAST_PICTURE_GRADE = 4


class DemoError(KioskError):
    """The demo school cannot be loaded."""


def fill(config: Config, today: date) -> Iterator[str]:
    """Import the school; yields what was done, a sentence each. Everybody's PIN is the same, and told."""
    school = demo.school(today=today)
    with TemporaryDirectory() as folder, _central(config) as importer:
        for what, columns, rows in (
            (Intake.PATRONS, demo.PATRON_COLUMNS, school.patrons),
            (Intake.ITEMS, demo.ITEM_COLUMNS, school.items),
            (Intake.LOANS, demo.LOAN_COLUMNS, school.loans),
        ):
            path = Path(folder) / f"{what}.csv"
            _write(path, columns, rows)
            reports = [import_file(config, what, path)]
            if what is not Intake.LOANS:
                reports.append(run_import(what, path, importer, rejects_path=rejects_beside(path)))
            if any(report.rejects is not None for report in reports):
                raise DemoError(
                    f"{what}: {[report.counts for report in reports]}; the school does not fit the importer"
                )
            yield f"{what}: {reports[0].rows}"
    with opened(config) as store:
        store.set_pin(store.pupils_by_grade(0, LAST_PICTURE_GRADE), PinKind.PICTURES, PICTURE_PIN)
        store.set_pin(store.pupils_by_grade(LAST_PICTURE_GRADE + 1, 11), PinKind.DIGITS, PUPIL_PIN)
        librarian = store.patron_named(demo.LIBRARIAN_CARD)
        assert librarian is not None
        store.set_pin([librarian], PinKind.DIGITS, STAFF_PIN)
    yield _textbook_days(config, school.patrons, school_year(today))
    yield _first_round(config)
    yield f"PIN of every pupil: {PUPIL_PIN}; in grades 1 to {LAST_PICTURE_GRADE}: {PICTURE_PIN}"
    yield (
        f"Cards: {demo.AIGUL_CARD} (three books on loan), {demo.DEMO_PUPIL_CARD}, {demo.LIBRARIAN_CARD} (librarian, "
        f"PIN {STAFF_PIN})"
    )
    yield f"Books: {', '.join(demo.FREE_BARCODES[:4])}"


def _textbook_days(config: Config, patrons: Sequence[dict[str, str]], year: int) -> str:
    """The class list of this school year, and what each class gets."""
    with TemporaryDirectory() as folder, opened(config) as store:
        path = Path(folder) / "classes.csv"
        _write(path, demo.PATRON_COLUMNS, [row for row in patrons if row["class"]])
        listing = ClassListing(store, system_clock(config, store))
        look = listing.look(path, year)
        plan = listing.plan(look)
        if look.listed.faults:
            raise DemoError(f"classes: {look.listed.faults[0]}; the school does not fit the lists")
        listing.do(look, plan, left_too=False)
        sets = demo.textbook_sets(year)
        now = reckon(system_clock(config, store).read(), store.mark())
        acts = [Act(uuid4().hex, Kind.SET_CHANGED, changes=(SetChange(None, one),)) for one in sets]
        store.commit(acts, (), now)
    return f"classes: {len(plan.classes)}; textbook sets: {len(sets)}"


@contextmanager
def _central(config: Config) -> Iterator[Importer]:
    """The central library of the demo, a database in the same folder, with the school and this kiosk in it."""
    from kiosk.sync.central.address import parse_address
    from kiosk.sync.central.administration import add_kiosk, add_school, init
    from kiosk.sync.central.database import engine_of, opened
    from kiosk.sync.central.intake import CentralImporter

    engine = engine_of(parse_address(config.central.sql.url, config.folder), None)
    with opened(engine) as connection:
        init(connection)
        school = add_school(connection, config.school)
        add_kiosk(connection, school, config.name)
        yield CentralImporter(connection, school)


def _first_round(config: Config) -> str:
    connector = connector_of(config)
    if connector is None:
        raise DemoError("the settings of the demo name no central library")
    with closing(open_sync(config, connector)) as sync:
        done = sync.once()
    if done.problem:
        raise DemoError(done.problem)
    return f"central library, {config.central.sql.url}: {done.pushed.accepted} acts told, {done.pulled.facts} taken in"


def _write(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
