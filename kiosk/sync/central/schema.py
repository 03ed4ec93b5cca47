"""The central tables and their versions: one schema for PostgreSQL and SQLite.

A new version only adds: tables, and columns that may be empty or have a default. So a kiosk one version older or newer
works; what a kiosk needs of a newer version it asks `version_of` for first. Every statement names its columns.

Each fact (patrons, titles, items, loans, holds) has the `version` of its school when it last changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    inspect,
    select,
    text,
    true,
)
from sqlalchemy.schema import CreateColumn

from kiosk.errors import ConnectorError

VERSION = 4
"""Of the schema as this kiosk knows it; it works with VERSION - 1 and VERSION + 1 as well."""

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """A moment, always in UTC; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What the database is given."""
        if value is None:
            return None
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What the database has."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _id() -> tuple[Column[str], Column[str]]:
    """A row belongs to a school, and can refer to rows of that school only."""
    return Column("school_id", Text, ForeignKey("schools.id"), primary_key=True), Column("id", Text, primary_key=True)


def _version() -> Column[int]:
    return Column("version", BigInteger, nullable=False)


def _refers(table: str, column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["school_id", column], [f"{table}.school_id", f"{table}.id"])


def _changed(table: str) -> Index:
    """By which a pull finds what changed, in order, whatever else there is."""
    return Index(f"{table}_changed", "school_id", "version", "id")


schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

schools = Table(
    "schools",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("loan_limit", Integer, nullable=False, server_default="5"),
)

kiosks = Table(
    "kiosks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("school_id", Text, ForeignKey("schools.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, unique=True),
    Column("seen_at", Instant),
    UniqueConstraint("school_id", "name"),
)

patrons = Table(
    "patrons",
    metadata,
    *_id(),
    _version(),
    Column("first_name", Text, nullable=False),
    _words("last_name"),
    _words("patronymic"),
    Column("category", Text, nullable=False, server_default="pupil"),
    Column("grade", Integer),
    _words("letter"),
    _words("language"),
    Column("expires", Date),
    Column("has_left", Boolean, nullable=False, server_default=false()),
    _words("phone"),
    _words("address"),
    Column("external_id", Text),
    _words("groups"),
    UniqueConstraint("school_id", "external_id"),
    _changed("patrons"),
)
"""groups: since version 4; parted by spaces."""

cards = Table(
    "cards",
    metadata,
    Column("school_id", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("patron_id", Text, nullable=False),
    Column("lost", Boolean, nullable=False, server_default=false()),
    _refers("patrons", "patron_id"),
    Index("cards_patron", "school_id", "patron_id"),
)

blocks = Table(
    "blocks",
    metadata,
    Column("school_id", Text, primary_key=True),
    Column("patron_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("until", Date),
    _refers("patrons", "patron_id"),
)

titles = Table(
    "titles",
    metadata,
    *_id(),
    _version(),
    Column("key", Text, nullable=False),
    Column("title", Text, nullable=False),
    _words("author"),
    Column("kind", Text, nullable=False, server_default="book"),
    _words("publisher"),
    Column("year", Integer),
    _words("isbn"),
    Column("pages", Integer),
    _words("language"),
    _words("udc"),
    _words("bbk"),
    _words("branch"),
    Column("grade", Integer),
    _words("subject"),
    _words("part"),
    _words("shelf"),
    Column("held", Integer, nullable=False, server_default="0"),
    UniqueConstraint("school_id", "key"),
    _changed("titles"),
)

items = Table(
    "items",
    metadata,
    *_id(),
    _version(),
    Column("title_id", Text, nullable=False),
    Column("barcode", Text),
    Column("inventory_no", Text),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("service_point", Text, nullable=False),
    _words("shelf"),
    _words("price"),
    Column("last_id", Text),
    Column("condition", Text, nullable=False, server_default="good"),
    Column("looked_id", Text),
    _refers("titles", "title_id"),
    UniqueConstraint("school_id", "barcode"),
    UniqueConstraint("school_id", "inventory_no"),
    Index("items_barcode", "barcode"),
    Index("items_title", "school_id", "title_id"),
    _changed("items"),
)
"""last_id: of the newest act by which it came or went (not: a renewal). Since version 4: condition, and looked_id, of
the act by which it was last noted."""

transactions = Table(
    "transactions",
    metadata,
    *_id(),
    _version(),
    Column("kiosk", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("patron_id", Text),
    Column("item_id", Text),
    Column("title_id", Text),
    Column("ends", Text),
    Column("undoes", Text),
    Column("before_id", Text),
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("clock_at", Instant),
    Column("reported_at", Instant, nullable=False),
    _words("flags"),
    Index("transactions_version", "school_id", "version"),
    Index("transactions_ends", "school_id", "ends", postgresql_where=text("ends IS NOT NULL")),
    Index("transactions_undoes", "school_id", "undoes", postgresql_where=text("undoes IS NOT NULL")),
    Index("transactions_flagged", "school_id", postgresql_where=text("flags <> ''"), sqlite_where=text("flags <> ''")),
)
"""What the kiosks reported, never changed. ends: the loan or hold that a checkin or a cancelling ended. before_id: what
items.last_id was before. at: when it happened, trusted: whether that can be believed; clock_at: what the kiosk's clock
showed, if that is something else. flags: reasons, parted by spaces."""

loans = Table(
    "loans",
    metadata,
    *_id(),
    _version(),
    Column("patron_id", Text, nullable=False),
    Column("title_id", Text, nullable=False),
    Column("item_id", Text),
    Column("since", Date, nullable=False),
    Column("due", Date),
    Column("days", Integer, nullable=False),
    Column("renewals", Integer, nullable=False, server_default="0"),
    Column("kiosk", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("ended", Text),
    Column("ended_by", Text),
    _refers("patrons", "patron_id"),
    _refers("titles", "title_id"),
    _refers("items", "item_id"),
    Index(
        "loans_item", "school_id", "item_id", unique=True,
        postgresql_where=text("ended IS NULL"), sqlite_where=text("ended IS NULL"),
    ),
    Index(
        "loans_patron", "school_id", "patron_id",
        postgresql_where=text("ended IS NULL"), sqlite_where=text("ended IS NULL"),
    ),
    Index("loans_ended_by", "school_id", "ended_by"),
    _changed("loans"),
)  # fmt: skip
"""ended: how, one of lending.Ending; empty while it is open. ended_by, last: transactions."""

holds = Table(
    "holds",
    metadata,
    *_id(),
    _version(),
    Column("title_id", Text, nullable=False),
    Column("patron_id", Text, nullable=False),
    Column("placed", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("item_id", Text),
    Column("expires", Date),
    Column("ready_by", Text),
    Column("ended", Text),
    Column("ended_by", Text),
    _refers("patrons", "patron_id"),
    _refers("titles", "title_id"),
    _refers("items", "item_id"),
    Index(
        "holds_title", "school_id", "title_id",
        postgresql_where=text("ended IS NULL"), sqlite_where=text("ended IS NULL"),
    ),
    Index("holds_ended_by", "school_id", "ended_by"),
    _changed("holds"),
)  # fmt: skip

import_batches = Table(
    "import_batches",
    metadata,
    *_id(),
    Column("what", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("begun", Instant, nullable=False),
    Column("done_rows", Integer, nullable=False, server_default="0"),
    Column("finished", Boolean, nullable=False, server_default=false()),
    Column("last", Text, nullable=False, server_default="[]"),
)

debts = Table(
    "debts",
    metadata,
    Column("school_id", Text, primary_key=True),
    Column("patron_id", Text, primary_key=True),
    Column("new_school_id", Text, nullable=False),
    Column("new_patron_id", Text, nullable=False),
    Column("lifts_block", Boolean, nullable=False, server_default=true()),
    _refers("patrons", "patron_id"),
)
"""Since version 2. A patron of school_id who has left with books, and who they are in the school they went to.

lifts_block: that school blocks them for nothing but these books, and no longer once they are back.
"""

carriers = Table(
    "carriers",
    metadata,
    Column("kiosk_id", Text, ForeignKey("kiosks.id", ondelete="CASCADE"), primary_key=True),
    Column("school_id", Text, ForeignKey("schools.id"), nullable=False),
    Column("secret", Text, nullable=False),
    Column("seen", BigInteger, nullable=False, server_default="0"),
    Column("answered", BigInteger, nullable=False, server_default="0"),
    Column("read", BigInteger, nullable=False, server_default="0"),
)
"""Since version 3. A kiosk whose acts come on a stick, and the key that it shares with central.

seen: the highest number of a file of acts that was taken in; answered: of an answer that was written; read: of an
answer that the kiosk is known to have read. No kiosk can read this table.
"""

old_barcodes = Table(
    "old_barcodes",
    metadata,
    Column("school_id", Text, primary_key=True),
    Column("barcode", Text, primary_key=True),
    Column("item_id", Text, nullable=False),
    _refers("items", "item_id"),
    Index("old_barcodes_item", "school_id", "item_id"),
)
"""Since version 4. Numbers of labels that were replaced: they still name the copy."""

class_years = Table(
    "class_years",
    metadata,
    Column("school_id", Text, primary_key=True),
    Column("patron_id", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("grade", Integer),
    _words("letter"),
    Column("last", Text, nullable=False),
    _refers("patrons", "patron_id"),
)
"""Since version 4. The class of a pupil in a school year; no grade: in none. last: the newest act on it."""

marks = Table(
    "marks",
    metadata,
    *_id(),
    _version(),
    Column("patron_id", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("ended", Text),
    _refers("patrons", "patron_id"),
    UniqueConstraint("school_id", "patron_id", "year", "what"),
    _changed("marks"),
)
"""Since version 4. What staff noted of a pupil in a school year. last: the newest act on it."""

sets = Table(
    "sets",
    metadata,
    *_id(),
    _version(),
    Column("year", Integer, nullable=False),
    Column("grade", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("letter", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("ended", Text),
    UniqueConstraint("school_id", "year", "grade", "language", "letter"),
    _changed("sets"),
)
"""Since version 4. What a class gets in a school year; body: its lines, as JSON. last: the newest act on it."""

_STEPS = {2: (debts,), 3: (carriers,), 4: (old_barcodes, class_years, marks, sets)}
"""The tables that came with a version."""
_COLUMNS = {4: (patrons.c.groups, items.c.condition, items.c.looked_id)}
"""The columns that came with a version."""

TEXTBOOKS_SINCE = 4
"""The version of the schema that has what textbook days need."""


def version_of(connection: Connection) -> int:
    """The version of the schema that the database has; 0 if it has none."""
    if not inspect(connection).has_table(schema_version.name):
        return 0
    return int(connection.execute(select(schema_version.c.version)).scalar() or 0)


def check_version(version: int) -> None:
    """Raises ConnectorError for a database that this kiosk cannot work with."""
    if version == 0:
        raise ConnectorError("the database has no central tables yet; `kiosk central init` makes them")
    if version < VERSION - 1:
        raise ConnectorError(f"the central tables are of version {version}, too old; run `kiosk central init` again")
    if version > VERSION + 1:
        raise ConnectorError(
            f"the central tables are of version {version}, too new for this kiosk; bring it up to date"
        )


def bring_up_to_date(connection: Connection, upto: int = VERSION) -> tuple[int, int]:
    """Make what is missing, however old the tables are, inside a transaction; the versions before and after. Raises
    ConnectorError for tables that are too new. upto: for tests of older ones."""
    before = version_of(connection)
    check_version(max(before, VERSION))
    if before < 1 <= upto:
        newer = {table for tables in _STEPS.values() for table in tables}
        metadata.create_all(connection, tables=[table for table in metadata.sorted_tables if table not in newer])
        connection.execute(schema_version.insert().values(version=1))
    for version, tables in _STEPS.items():
        if before < version <= upto:
            metadata.create_all(connection, tables=list(tables))
            _add_columns(connection, _COLUMNS.get(version, ()))
    after = max(before, upto)
    connection.execute(schema_version.update().values(version=after))
    return before, after


def _add_columns(connection: Connection, columns: Sequence[Column[Any]]) -> None:
    """Columns that are not there yet; tables made just now have them."""
    for column in columns:
        if column.name not in {known["name"] for known in inspect(connection).get_columns(column.table.name)}:
            described = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {column.table.name} ADD COLUMN {described}")
