"""Everything in the store in open formats: CSV, and the ledger as one JSON object a line.

patrons.csv, items.csv and loans.csv have the columns of an import, so that they can be imported again; the other files
have what those columns have no room for. Cells that a spreadsheet program would run (= + - @ in front) get an
apostrophe in front, which an import takes off again (circulation/cells.py). PINs are never written, not even as hashes.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from sqlite_utils import Database

from kiosk.circulation.cells import disarmed
from kiosk.circulation.classes import class_label
from kiosk.circulation.model import SchoolClass
from kiosk.errors import StoreError
from kiosk.store.store import SqliteStore

Columns = Sequence[Any]

PATRONS = (
    "card", "last_name", "first_name", "patronymic", "class", "category", "language", "expires", "phone", "address",
    "external_id",
)  # fmt: skip
ITEMS = (
    "barcode", "inventory_no", "title", "author", "publisher", "year", "isbn", "pages", "price", "language", "udc",
    "bbk", "branch", "kind", "grade", "subject", "part", "location", "count",
)  # fmt: skip
LOANS = ("card", "barcode", "due", "since")

README = """\
The library of {school}, exported on {now} from kiosk {kiosk}.

CSV: UTF-8 with a byte order mark, commas, a heading row. Dates are 2026-09-01, times are UTC. A cell that begins with
= + - or @ has an apostrophe in front, so that no spreadsheet program runs it; `kiosk import` takes it off again.

These can be imported again, in this order (kiosk import patrons patrons.csv, ...):
  patrons.csv       who borrows. One row for each card that is not lost; a patron with several cards has several rows
                    of one external_id, by which an import brings them together (who had no external_id has the
                    kiosk's own id for them there)
  items.csv         copies with their titles; titles held by count, with it; titles of which no copy is known
  loans.csv         copies on loan now. card: the patron's external_id if they have no card; barcode: the inventory
                    number if the item has no barcode

And what those columns have no room for, by the kiosk's own ids:
  patron_ids.csv    every patron's id, whether they have left, how they sign in without a card (never the PIN)
  cards.csv         every card, also those reported lost
  blocks.csv        who may not borrow, until when
  titles.csv        every title. held: copies held by count
  item_ids.csv      every item's id, its title's id, its status, its service point
  all_loans.csv     every loan that is open, also of copies held by count and of patrons with neither card nor number
  holds.csv         who waits for which title
  visits.csv        when somebody used the kiosk, without who
  requests.csv      books that were asked for and that the library lacks
  imports.csv       the files that were imported
  transactions.jsonl  the ledger: everything that happened, one JSON object a line, as `kiosk ledger --json` gives it,
                    with the rest of each transaction

It holds children's names and addresses: keep it as you would keep their cards.
"""


def export(store: SqliteStore, folder: Path, now: datetime) -> Path:
    """Write everything, of one moment, into a new folder, while a desk goes on. Returns the folder.

    It is written beside the folder first and renamed when it is all on the disk, so there is never half an export.
    Raises StoreError if the folder is there already and not empty, or cannot be written.
    """
    folder = folder.absolute()
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise StoreError(f"{folder} is there already; choose another folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
        making = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}")
        making.mkdir(mode=0o700)
        try:
            with store.connection().read() as db:
                _write_all(db, making, now)
            _sync(making)
            making.rename(folder)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        _sync(folder.parent)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}") from error
    return folder


def _write_all(db: Database, folder: Path, now: datetime) -> None:
    _table(folder / "patrons.csv", PATRONS, _patrons(db))
    _table(folder / "items.csv", ITEMS, _items(db))
    _table(folder / "loans.csv", LOANS, db.execute(_LOANS))
    for name, query in _TABLES.items():
        cursor = db.execute(query)
        _table(folder / name, [column[0] for column in cursor.description], cursor)
    _table(folder / "requests.csv", ("at", "patron", "title", "text"), _requests(db))
    with _file(folder / "transactions.jsonl", "utf-8") as file:
        for line in _transactions(db):
            file.write(line + "\n")
    meta = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('school', 'kiosk')").fetchall())
    with _file(folder / "README.txt", "utf-8") as file:
        file.write(
            README.format(school=meta.get("school", ""), kiosk=meta.get("kiosk", ""), now=f"{now:%Y-%m-%d %H:%M}")
        )


@contextmanager
def _file(path: Path, encoding: str) -> Iterator[IO[str]]:
    """A new file that is on the disk when it is closed, readable for its owner only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding=encoding, newline="") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _table(path: Path, columns: Sequence[str], rows: Iterable[Columns]) -> None:
    with _file(path, "utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([disarmed("" if cell is None else str(cell)) for cell in row] for row in rows)


_PATRONS = """
SELECT c.number, p.last_name, p.first_name, p.patronymic, p.grade, p.letter, p.category, p.language, p.expires, p.phone,
    p.address, coalesce(p.external_id, CASE WHEN
        (SELECT count(*) FROM cards o WHERE o.patron_id = p.id AND o.lost = 0) > 1 THEN p.id END)
FROM patrons p LEFT JOIN cards c ON c.patron_id = p.id AND c.lost = 0
ORDER BY p.grade IS NULL, p.grade, p.letter, p.last_name, p.first_name, p.patronymic, p.id, c.number
"""


def _patrons(db: Database) -> Iterator[Columns]:
    for row in db.execute(_PATRONS):
        yield (*row[:4], "" if row[4] is None else class_label(SchoolClass(row[4], row[5])), *row[6:])


_ITEMS = """
SELECT * FROM (
SELECT i.barcode, i.inventory_no, t.title, t.author, t.publisher, t.year, t.isbn, t.pages, i.price, t.language, t.udc,
    t.bbk, t.branch, i.kind, t.grade, t.subject, t.part, i.service_point || CASE i.shelf WHEN '' THEN '' ELSE ', ' END
    || i.shelf, NULL
FROM items i JOIN titles t ON t.id = i.title_id
UNION ALL
SELECT NULL, NULL, t.title, t.author, t.publisher, t.year, t.isbn, t.pages, NULL, t.language, t.udc,
    t.bbk, t.branch, t.kind, t.grade, t.subject, t.part, t.shelf, nullif(t.held, 0)
FROM titles t WHERE t.held > 0 OR NOT EXISTS (SELECT 1 FROM items i WHERE i.title_id = t.id)
)
ORDER BY 3, 4, 6, 17, 7, barcode IS NULL AND inventory_no IS NULL, 1, 2
"""

_LOANS = """
SELECT coalesce((SELECT min(number) FROM cards c WHERE c.patron_id = l.patron_id AND c.lost = 0), p.external_id),
    coalesce(i.barcode, i.inventory_no), l.due, l.since
FROM loans l JOIN patrons p ON p.id = l.patron_id JOIN items i ON i.id = l.item_id
WHERE coalesce((SELECT min(number) FROM cards c WHERE c.patron_id = l.patron_id AND c.lost = 0), p.external_id) NOT NULL
ORDER BY 1, 2
"""


def _items(db: Database) -> Iterator[Columns]:
    return iter(db.execute(_ITEMS))


_TABLES = {
    "patron_ids.csv": (
        "SELECT id, external_id, last_name, first_name, patronymic, has_left, pin_kind FROM patrons "
        "ORDER BY grade IS NULL, grade, letter, last_name, first_name, id"
    ),
    "cards.csv": "SELECT number, patron_id AS patron, lost FROM cards ORDER BY number",
    "blocks.csv": "SELECT patron_id AS patron, kind, until FROM blocks ORDER BY patron_id, kind",
    "titles.csv": (
        "SELECT id, title, author, kind, publisher, year, isbn, pages, language, udc, bbk, branch, grade, subject, "
        "part, shelf, held FROM titles ORDER BY n"
    ),
    "item_ids.csv": (
        "SELECT id, title_id AS title, barcode, inventory_no, kind, status, service_point, shelf FROM items ORDER BY id"
    ),
    "all_loans.csv": (
        "SELECT id, patron_id AS patron, title_id AS title, item_id AS item, since, due, days, renewals FROM loans "
        "ORDER BY since, id"
    ),
    "holds.csv": (
        "SELECT id, title_id AS title, patron_id AS patron, placed, state, item_id AS item, expires FROM holds "
        "ORDER BY placed, id"
    ),
    "visits.csv": "SELECT at, trusted, category, grade, without_card FROM visits ORDER BY n",
    "imports.csv": (
        "SELECT id, what, file_name, sha256, begun, done_rows, finished, undone FROM import_batches ORDER BY begun, id"
    ),
}


def _requests(db: Database) -> Iterator[Columns]:
    rows = db.execute("SELECT at, patron_id, title_id, body FROM transactions WHERE kind = 'request' ORDER BY seq")
    for at, patron, title, body in rows:
        yield at, patron, title, _body(body).get("text", "")


def _body(text: str) -> dict[str, Any]:
    """A transaction's body; one that is damaged as the text that is left of it."""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"damaged": text}


_TRANSACTIONS = """
SELECT t.id, t.seq, t.kind, i.barcode, t.patron_id, t.at, coalesce(o.state, 'local'), t.item_id, t.title_id, t.trusted,
    t.kiosk, t.decided_by, t.body
FROM transactions t LEFT JOIN items i ON i.id = t.item_id LEFT JOIN outbox o ON o.seq = t.seq ORDER BY t.seq
"""


def _transactions(db: Database) -> Iterator[str]:
    for act, seq, kind, item, patron, at, delivery, item_id, title, trusted, kiosk, decided_by, body in db.execute(
        _TRANSACTIONS
    ):
        row = {
            "id": act, "seq": seq, "kind": kind, "item": item, "patron": patron,
            "at": datetime.fromisoformat(at).isoformat(timespec="milliseconds"), "delivery": delivery,
            "item_id": item_id, "title": title, "trusted": bool(trusted), "kiosk": kiosk, "decided_by": decided_by,
            "body": _body(body),
        }  # fmt: skip
        yield json.dumps(row, ensure_ascii=False)
