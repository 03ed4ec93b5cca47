"""The ledger's tables, and how a store of an older version is brought up to date."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from kiosk.circulation.fold import fold, mend
from kiosk.errors import StoreDamaged, StoreError
from kiosk.store.connection import Connection

migrations = Migrations("kiosk")


@migrations()
def m001_ledger(db: Database) -> None:
    """Patrons, titles, items, and the ledger with what it adds up to."""
    for statement in _split(_LEDGER):
        db.execute(statement)


@migrations()
def m002_search(db: Database) -> None:
    """Titles by folded words, and by how they begin."""
    for statement in _split(_SEARCH):
        db.execute(statement)
    for n, title, author, subject in db.execute("SELECT n, title, author, subject FROM titles").fetchall():
        db.execute("UPDATE titles SET lowered = ? WHERE n = ?", (lowered(title), n))
        db.execute("INSERT INTO title_words (rowid, words) VALUES (?, ?)", (n, words_of(title, author, subject)))


@migrations()
def m003_imports(db: Database) -> None:
    """What each import did, so that it can go on and be undone."""
    for statement in _split(_IMPORTS):
        db.execute(statement)


@migrations()
def m004_sync(db: Database) -> None:
    """What the outbox and the local copy of the central library need."""
    for statement in _split(_SYNC):
        db.execute(statement)


@migrations()
def m005_intents(db: Database) -> None:
    """Acts about which the central library is asked before they are done."""
    for statement in _split(_INTENTS):
        db.execute(statement)


@migrations()
def m006_appearance(db: Database) -> None:
    """How the screen is to look for a patron."""
    db.execute("ALTER TABLE patrons ADD COLUMN appearance TEXT NOT NULL DEFAULT ''")


@migrations()
def m007_textbooks(db: Database) -> None:
    """What textbook days and staff need."""
    for statement in _split(_TEXTBOOKS):
        db.execute(statement)


def lowered(title: str) -> str:
    """A title as an exact search begins with it: every Kazakh letter kept."""
    return mend(title).lower().lstrip('«"„ ')


def words_of(title: str, author: str, subject: str) -> str:
    """What the search finds a title by."""
    return fold(f"{title} {author} {subject}")


def _split(script: str) -> list[str]:
    return [statement for part in script.split(";\n\n") if (statement := part.strip())]


_LEDGER = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE patrons (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL DEFAULT 1,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL DEFAULT '',
    patronymic TEXT NOT NULL DEFAULT '',
    category TEXT NOT NULL DEFAULT 'pupil',
    grade INTEGER,
    letter TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    expires TEXT,
    has_left INTEGER NOT NULL DEFAULT 0,
    phone TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    external_id TEXT UNIQUE,
    pin_kind TEXT,
    pin_hash TEXT
) WITHOUT ROWID;

CREATE INDEX patrons_class ON patrons (grade, letter);

CREATE TABLE cards (
    number TEXT PRIMARY KEY,
    patron_id TEXT NOT NULL REFERENCES patrons (id),
    lost INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX cards_patron ON cards (patron_id);

CREATE TABLE blocks (
    patron_id TEXT NOT NULL REFERENCES patrons (id),
    kind TEXT NOT NULL,
    until TEXT,
    PRIMARY KEY (patron_id, kind)
) WITHOUT ROWID;

CREATE TABLE titles (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL DEFAULT 1,
    key TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    author TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT 'book',
    publisher TEXT NOT NULL DEFAULT '',
    year INTEGER,
    isbn TEXT NOT NULL DEFAULT '',
    pages INTEGER,
    language TEXT NOT NULL DEFAULT '',
    udc TEXT NOT NULL DEFAULT '',
    bbk TEXT NOT NULL DEFAULT '',
    branch TEXT NOT NULL DEFAULT '',
    grade INTEGER,
    subject TEXT NOT NULL DEFAULT '',
    part TEXT NOT NULL DEFAULT '',
    shelf TEXT NOT NULL DEFAULT '',
    held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0)
);

CREATE INDEX titles_isbn ON titles (isbn) WHERE isbn <> '';

CREATE TABLE items (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL DEFAULT 1,
    title_id TEXT NOT NULL REFERENCES titles (id),
    barcode TEXT UNIQUE,
    inventory_no TEXT UNIQUE,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    service_point TEXT NOT NULL,
    shelf TEXT NOT NULL DEFAULT '',
    price TEXT NOT NULL DEFAULT '',
    last_seq INTEGER
) WITHOUT ROWID;

CREATE INDEX items_title ON items (title_id, status);

CREATE TABLE transactions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    patron_id TEXT,
    item_id TEXT,
    title_id TEXT,
    at TEXT NOT NULL,
    trusted INTEGER NOT NULL,
    kiosk TEXT NOT NULL,
    decided_by TEXT NOT NULL DEFAULT 'local',
    body TEXT NOT NULL
);

CREATE TRIGGER transactions_are_not_changed BEFORE UPDATE ON transactions
BEGIN SELECT RAISE (ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER transactions_are_not_deleted BEFORE DELETE ON transactions
BEGIN SELECT RAISE (ABORT, 'the ledger is append-only'); END;

CREATE TABLE loans (
    id TEXT NOT NULL,
    patron_id TEXT NOT NULL REFERENCES patrons (id),
    title_id TEXT NOT NULL REFERENCES titles (id),
    item_id TEXT UNIQUE REFERENCES items (id),
    since TEXT NOT NULL,
    due TEXT,
    days INTEGER NOT NULL,
    renewals INTEGER NOT NULL,
    PRIMARY KEY (patron_id, id)
) WITHOUT ROWID;

CREATE INDEX loans_counted ON loans (title_id) WHERE item_id IS NULL;

CREATE TABLE holds (
    id TEXT PRIMARY KEY,
    title_id TEXT NOT NULL REFERENCES titles (id),
    patron_id TEXT NOT NULL REFERENCES patrons (id),
    placed TEXT NOT NULL,
    state TEXT NOT NULL,
    item_id TEXT REFERENCES items (id),
    expires TEXT,
    UNIQUE (title_id, patron_id)
) WITHOUT ROWID;

CREATE INDEX holds_patron ON holds (patron_id);

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY REFERENCES transactions (seq),
    state TEXT NOT NULL DEFAULT 'pending'
);

CREATE INDEX outbox_state ON outbox (state);

CREATE TABLE visits (
    n INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    trusted INTEGER NOT NULL,
    category TEXT NOT NULL,
    grade INTEGER,
    without_card INTEGER NOT NULL
);
"""

_SEARCH = """
ALTER TABLE titles ADD COLUMN lowered TEXT NOT NULL DEFAULT '';

CREATE INDEX titles_lowered ON titles (lowered);

CREATE VIRTUAL TABLE title_words USING fts5 (words, prefix = '1 2 3', detail = 'none');
"""

_IMPORTS = """
CREATE TABLE import_batches (
    id TEXT PRIMARY KEY,
    what TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    begun TEXT NOT NULL,
    done_rows INTEGER NOT NULL DEFAULT 0,
    finished INTEGER NOT NULL DEFAULT 0,
    undone INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX import_batches_file ON import_batches (sha256);

CREATE TABLE import_changes (
    n INTEGER PRIMARY KEY,
    batch TEXT NOT NULL REFERENCES import_batches (id),
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    before TEXT
);

CREATE INDEX import_changes_batch ON import_changes (batch);
"""

_SYNC = """
ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;

ALTER TABLE outbox ADD COLUMN not_before TEXT;

ALTER TABLE outbox ADD COLUMN reason TEXT;

ALTER TABLE outbox ADD COLUMN text TEXT NOT NULL DEFAULT '';

ALTER TABLE outbox ADD COLUMN version INTEGER;

ALTER TABLE outbox ADD COLUMN insist INTEGER NOT NULL DEFAULT 0;

ALTER TABLE outbox ADD COLUMN boot TEXT;

ALTER TABLE outbox ADD COLUMN mono REAL;

ALTER TABLE outbox ADD COLUMN corrected TEXT;

CREATE INDEX outbox_untimed ON outbox (seq) WHERE mono IS NOT NULL;

CREATE TABLE outbox_keys (
    key TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES outbox (seq),
    kind TEXT NOT NULL,
    version INTEGER,
    PRIMARY KEY (key, seq)
) WITHOUT ROWID;

CREATE INDEX outbox_keys_seq ON outbox_keys (seq);

CREATE INDEX outbox_keys_version ON outbox_keys (version) WHERE version IS NOT NULL;

INSERT INTO outbox_keys (key, seq, kind) SELECT 'item:' || t.item_id, o.seq, t.kind
FROM outbox o JOIN transactions t ON t.seq = o.seq WHERE t.item_id IS NOT NULL;

ALTER TABLE loans ADD COLUMN promised TEXT;

CREATE INDEX loans_counted_id ON loans (id) WHERE item_id IS NULL;

CREATE TABLE known_as (
    kind TEXT NOT NULL,
    central_id TEXT NOT NULL,
    local_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    status TEXT,
    PRIMARY KEY (kind, central_id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX known_as_local ON known_as (kind, local_id);

CREATE TABLE central_facts (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    patron TEXT,
    title TEXT,
    item TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE INDEX central_facts_patron ON central_facts (patron) WHERE patron IS NOT NULL;

CREATE INDEX central_facts_title ON central_facts (title) WHERE title IS NOT NULL;

CREATE INDEX central_facts_item ON central_facts (item) WHERE item IS NOT NULL;

CREATE TABLE sync (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_INTENTS = """
CREATE TABLE intents (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    patron_id TEXT,
    item_id TEXT,
    title_id TEXT,
    body TEXT NOT NULL,
    at TEXT NOT NULL,
    trusted INTEGER NOT NULL,
    boot TEXT NOT NULL,
    mono REAL NOT NULL
);

CREATE TABLE intent_keys (
    key TEXT NOT NULL,
    id TEXT NOT NULL REFERENCES intents (id) ON DELETE CASCADE,
    PRIMARY KEY (key, id)
) WITHOUT ROWID;

CREATE INDEX intent_keys_id ON intent_keys (id);
"""

_TEXTBOOKS = """
ALTER TABLE patrons ADD COLUMN role TEXT NOT NULL DEFAULT '';

ALTER TABLE patrons ADD COLUMN role_until TEXT;

ALTER TABLE patrons ADD COLUMN groups TEXT NOT NULL DEFAULT '';

ALTER TABLE items ADD COLUMN condition TEXT NOT NULL DEFAULT 'good';

CREATE TABLE old_barcodes (
    barcode TEXT PRIMARY KEY,
    item_id TEXT NOT NULL REFERENCES items (id)
) WITHOUT ROWID;

CREATE INDEX old_barcodes_item ON old_barcodes (item_id);

CREATE TABLE classes (
    year INTEGER NOT NULL,
    grade INTEGER NOT NULL,
    letter TEXT NOT NULL,
    language TEXT NOT NULL DEFAULT '',
    teacher TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (year, grade, letter)
) WITHOUT ROWID;

CREATE TABLE class_years (
    patron_id TEXT NOT NULL REFERENCES patrons (id),
    year INTEGER NOT NULL,
    grade INTEGER NOT NULL,
    letter TEXT NOT NULL,
    until TEXT,
    PRIMARY KEY (patron_id, year)
) WITHOUT ROWID;

CREATE INDEX class_years_class ON class_years (year, grade, letter);

CREATE TABLE marks (
    patron_id TEXT NOT NULL REFERENCES patrons (id),
    year INTEGER NOT NULL,
    what TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (patron_id, year, what)
) WITHOUT ROWID;

CREATE TABLE sets (
    year INTEGER NOT NULL,
    grade INTEGER NOT NULL,
    language TEXT NOT NULL,
    letter TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (year, grade, language, letter)
) WITHOUT ROWID;

ALTER TABLE known_as ADD COLUMN condition TEXT;

DELETE FROM sync WHERE key = 'cursor';

CREATE TABLE pin_tries (
    patron_id TEXT PRIMARY KEY REFERENCES patrons (id),
    wrong INTEGER NOT NULL,
    until TEXT
) WITHOUT ROWID;
"""

STEPS = frozenset(
    {
        "m001_ledger",
        "m002_search",
        "m003_imports",
        "m004_sync",
        "m005_intents",
        "m006_appearance",
        "m007_textbooks",
    }
)


def create(path: Path, school: str, now: datetime) -> None:
    """Make a new, empty store for a kiosk of a school. Raises StoreError if there is a file already."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o660))
    except FileExistsError:
        raise StoreError(f"{path} is there already; choose another folder") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be made: {error.strerror}") from error
    connection = Connection(path)
    try:
        migrate(connection)
        with connection.write() as db:
            values = {"kiosk": uuid4().hex, "school": school, "made": now.astimezone(UTC).isoformat()}
            for key, value in values.items():
                db.execute("INSERT INTO meta VALUES (?, ?)", (key, value))
    finally:
        connection.close()


def migrate(connection: Connection, stop_before: str | None = None) -> None:
    """Bring the tables up to date, each step and its record in one transaction. Any number of starters may try at once.

    stop_before: the name of a step, for tests of older stores. Raises StoreDamaged for a store of a newer kiosk.
    """
    must_not_be_newer(connection)
    with connection.locked() as db:
        if migrations.pending(db):
            migrations.apply(db, stop_before=stop_before)


def must_not_be_newer(connection: Connection) -> None:
    """Raise StoreDamaged for a store of a newer kiosk: this one could not keep what that one wrote in step."""
    with connection.read() as db:
        newer = {step.name for step in migrations.applied(db)} - STEPS
    if newer:
        raise StoreDamaged(f"{connection.path.name} is of a newer version of the kiosk: {', '.join(sorted(newer))}")


def is_current(connection: Connection) -> bool:
    """Whether the tables are as this version wants them."""
    with connection.read() as db:
        return not migrations.pending(db)
