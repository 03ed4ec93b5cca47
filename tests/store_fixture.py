"""A store in a folder, rows taken into it as an import does, and what is in it then, for the tests of the store."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kiosk import demo
from kiosk.circulation.intake import Intake, Outcome, Row
from kiosk.devices.clock import HandClock
from kiosk.imports.rows import read_rows
from kiosk.store import SqliteStore
from kiosk.store.intake import StoreImporter
from kiosk.store.schema import create

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def new_store(folder: Path, name: str = "kiosk.db") -> SqliteStore:
    """An empty store."""
    create(folder / name, "№ 41 мектеп", NOW)
    return SqliteStore(folder / name)


def importer_of(store: SqliteStore) -> StoreImporter:
    """What takes rows into a store, on the morning of the demo school's day."""
    return StoreImporter(store, HandClock(NOW))


def take(store: SqliteStore, what: Intake, rows: Sequence[Row], digest: str = "", size: int = 200) -> list[Outcome]:
    """Import rows from beginning to end. digest: of the file, "" for one of its own."""
    return take_batch(store, what, rows, digest, size)[1]


def take_batch(
    store: SqliteStore, what: Intake, rows: Sequence[Row], digest: str = "", size: int = 200
) -> tuple[str, list[Outcome]]:
    """The same, with the id of the import; goes on where it was stopped."""
    importer = importer_of(store)
    batch = importer.begin(what, f"{what}.csv", digest or str(id(rows)))
    outcomes: list[Outcome] = []
    for start in range(batch.done_rows, len(rows), size):
        chunk = rows[start : start + size]
        outcomes += importer.apply(batch.id, chunk, start + len(chunk))
    importer.finish(batch.id)
    return batch.id, outcomes


@cache
def demo_rows() -> dict[Intake, tuple[Row, ...]]:
    """The demo school as checked rows."""
    school = demo.school()
    found: dict[Intake, tuple[Row, ...]] = {}
    with TemporaryDirectory() as folder:
        for what, rows in (
            (Intake.PATRONS, school.patrons),
            (Intake.ITEMS, school.items),
            (Intake.LOANS, school.loans),
        ):
            path = Path(folder) / f"{what}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
            parsed = list(read_rows(what, path))
            assert all(one.row is not None for one in parsed)
            found[what] = tuple(one.row for one in parsed if one.row is not None)
    return found


TABLES = (
    "patrons", "cards", "blocks", "titles", "items", "loans", "holds", "import_changes", "meta",
    "(SELECT rowid, words FROM title_words)",
)  # fmt: skip


def dump(store: SqliteStore, *leave_out: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables but the ledger and the list of imports, to the byte; without the columns named."""
    found = {}
    with store.connection().read() as db:
        for table in TABLES:
            cursor = db.execute(f"SELECT * FROM {table}")
            keep = [at for at, column in enumerate(cursor.description) if column[0] not in leave_out]
            found[table] = sorted((tuple(row[at] for at in keep) for row in cursor), key=repr)
    return found


def facts(store: SqliteStore) -> dict[str, list[tuple[Any, ...]]]:
    """What a store knows, in terms of cards and numbers, since ids and versions differ from import to import."""
    queries = {
        "patrons": "SELECT p.first_name, p.last_name, p.patronymic, p.category, p.grade, p.letter, p.language, "
        "p.expires, p.phone, p.address, p.external_id, (SELECT group_concat(number) FROM (SELECT number FROM cards "
        "WHERE patron_id = p.id ORDER BY 1)) FROM patrons p",
        "titles": "SELECT key, title, author, kind, publisher, year, isbn, pages, language, udc, bbk, branch, grade, "
        "subject, part, shelf, held, lowered, (SELECT words FROM title_words w WHERE w.rowid = t.n) FROM titles t",
        "items": "SELECT i.barcode, i.inventory_no, t.key, i.kind, i.status, i.service_point, i.shelf, i.price "
        "FROM items i JOIN titles t ON t.id = i.title_id",
        "loans": "SELECT i.barcode, p.external_id, c.number, l.since, l.due, l.days, l.renewals FROM loans l "
        "JOIN items i ON i.id = l.item_id JOIN patrons p ON p.id = l.patron_id "
        "LEFT JOIN cards c ON c.patron_id = p.id",
        "transactions": "SELECT t.kind, i.barcode FROM transactions t LEFT JOIN items i ON i.id = t.item_id",
        "imports": "SELECT what, file_name, sha256, done_rows, finished, undone FROM import_batches",
        "changes": "SELECT name, before IS NULL, count(*) FROM import_changes GROUP BY 1, 2",
    }
    with store.connection().read() as db:
        return {name: sorted(db.execute(query).fetchall(), key=repr) for name, query in queries.items()}


def sql(store: SqliteStore, statement: str, *values: object) -> None:
    """Change a table behind the store's back."""
    with store.connection().write() as db:
        db.execute(statement, values)


def one(store: SqliteStore, query: str, *values: object) -> Any:
    """The first column of the first row of a query."""
    with store.connection().read() as db:
        row = db.execute(query, values).fetchone()
    return row[0] if row else None
