"""The made-up school of the demo, loaded by the product's own importer."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk import demo
from kiosk.app import opened
from kiosk.circulation.intake import Intake
from kiosk.circulation.model import PinKind
from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.importing import import_file

PUPIL_PIN = "1234"
PICTURE_PIN = "horse fish tree sun"
LAST_PICTURE_GRADE = 4


class DemoError(KioskError):
    """The demo school cannot be loaded."""


def fill(config: Config, today: date) -> Iterator[str]:
    """Import the school; yields what was done, a sentence each. Everybody's PIN is the same, and told."""
    school = demo.school(today=today)
    with TemporaryDirectory() as folder:
        for what, columns, rows in (
            (Intake.PATRONS, demo.PATRON_COLUMNS, school.patrons),
            (Intake.ITEMS, demo.ITEM_COLUMNS, school.items),
            (Intake.LOANS, demo.LOAN_COLUMNS, school.loans),
        ):
            path = Path(folder) / f"{what}.csv"
            _write(path, columns, rows)
            report = import_file(config, what, path)
            if report.rejects is not None:
                raise DemoError(f"{what}: {report.counts}; the demo school does not fit the importer")
            yield f"{what}: {report.rows}"
    with opened(config) as store:
        store.set_pin(store.pupils_by_grade(0, LAST_PICTURE_GRADE), PinKind.PICTURES, PICTURE_PIN)
        store.set_pin(store.pupils_by_grade(LAST_PICTURE_GRADE + 1, 11), PinKind.DIGITS, PUPIL_PIN)
    yield f"PIN of every pupil: {PUPIL_PIN}; in grades 1 to {LAST_PICTURE_GRADE}: {PICTURE_PIN}"
    yield f"Cards: {demo.AIGUL_CARD} (three books on loan), {demo.DEMO_PUPIL_CARD}, {demo.LIBRARIAN_CARD} (librarian)"
    yield f"Books: {', '.join(demo.FREE_BARCODES[:4])}"


def _write(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
