"""What a kiosk may do in a PostgreSQL central: its work in its own school, and nothing else.

Every kiosk has a role of its own, a member of one group. Rights, column by column, are the group's; which rows, is by
row-level security: those of the school in whose list of kiosks the role stands. What is needed beyond that are two
functions that run with the owner's rights and answer one question each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, Inspector, Table, func, inspect, select, text

from kiosk.circulation.model import PUPIL
from kiosk.sync.central.debts import DEBT_PAID
from kiosk.sync.central.schema import (
    blocks,
    cards,
    class_years,
    debts,
    holds,
    import_batches,
    items,
    kiosks,
    loans,
    marks,
    metadata,
    old_barcodes,
    patrons,
    schema_version,
    schools,
    sets,
    titles,
    transactions,
)
from kiosk.sync.secret import Secret

_PRIVATE = {patrons.name: {"phone", "address"}}
"""Columns that no kiosk reads."""

_READS = (
    schools, kiosks, patrons, cards, blocks, titles, items, loans, holds, transactions, debts, old_barcodes,
    class_years, marks, sets,
)  # fmt: skip
_INSERTS = (loans, holds, transactions, old_barcodes, class_years, marks, sets)
_INSERTS_OF = {
    patrons.name: (
        "school_id", "id", "version", "first_name", "last_name", "patronymic", "category", "grade", "letter",
        "language", "groups",
    ),
    items.name: (
        "school_id", "id", "version", "title_id", "barcode", "inventory_no", "kind", "status", "service_point", "shelf",
        "condition", "last_id", "looked_id",
    ),
}  # fmt: skip
"""Of these, rows with nothing but these columns: pupils added by name, copies that got a number."""
_UPDATES = {
    schools.name: ("version",),
    kiosks.name: ("seen_at",),
    patrons.name: (
        "version",
        "first_name",
        "last_name",
        "patronymic",
        "language",
        "groups",
        "grade",
        "letter",
        "has_left",
    ),
    titles.name: ("version", "held"),
    items.name: ("version", "status", "last_id", "barcode", "inventory_no", "condition", "looked_id"),
    class_years.name: ("grade", "letter", "last"),
    marks.name: ("version", "value", "last", "ended"),
    sets.name: ("version", "body", "last", "ended"),
    loans.name: ("version", "due", "days", "renewals", "last", "ended", "ended_by"),
    holds.name: ("version", "state", "placed", "item_id", "expires", "ready_by", "ended", "ended_by"),
}

_WHOSE = """
CREATE OR REPLACE FUNCTION central_whose(label text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT min(s.name) FROM items i JOIN schools s ON s.id = i.school_id WHERE i.barcode = label HAVING count(*) = 1
$$
"""


def group_of(connection: Connection) -> str:
    """The group of the kiosks of this database; roles belong to the whole server."""
    return f"{connection.execute(select(func.current_database())).scalar_one()}_kiosks"


def protect(connection: Connection) -> None:
    """Give the group of the kiosks its rights, take everybody else's away; done anew after each change of tables."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    schema = quote(str(connection.execute(select(func.current_schema())).scalar_one()))
    database = quote(str(connection.execute(select(func.current_database())).scalar_one()))
    name = group_of(connection)
    group = quote(name)
    seen = inspect(connection)
    there = seen.get_table_names()
    tables = [table for table in metadata.sorted_tables if table.name in there]
    exists = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).first()
    for statement in (
        *([] if exists else [f"CREATE ROLE {group} NOLOGIN"]),
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        f"REVOKE CREATE, TEMPORARY, CONNECT ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {group}",
        f"GRANT USAGE ON SCHEMA {schema} TO {group}",
        *_rights(tables, seen, group),
        *_policies(tables),
        *_functions(tables, schema, group),
    ):
        connection.exec_driver_sql(statement)


def _rights(tables: Collection[Table], seen: Inspector, group: str) -> Iterable[str]:
    there = {table.name: {column["name"] for column in seen.get_columns(table.name)} for table in tables}
    for table in tables:
        yield f"REVOKE ALL ON {table.name} FROM PUBLIC, {group}"
    yield f"GRANT SELECT ON {schema_version.name} TO {group}"
    for table in (table for table in _READS if table in tables):
        columns = [column.name for column in table.columns if column.name not in _PRIVATE.get(table.name, ())]
        yield f"GRANT SELECT ({', '.join(_those(columns, there[table.name]))}) ON {table.name} TO {group}"
    for table in (table for table in _INSERTS if table in tables):
        yield f"GRANT INSERT ON {table.name} TO {group}"
    for right, of_tables in (("INSERT", _INSERTS_OF), ("UPDATE", _UPDATES)):
        for name in of_tables.keys() & there.keys():
            yield f"GRANT {right} ({', '.join(_those(of_tables[name], there[name]))}) ON {name} TO {group}"


def _those(columns: Iterable[str], there: Collection[str]) -> list[str]:
    """The columns that a database of an older version has."""
    return [column for column in columns if column in there]


def _policies(tables: Collection[Table]) -> Iterable[str]:
    of_role = "SELECT school_id FROM kiosks WHERE role = current_user"
    for table in tables:
        if table in (schema_version, import_batches):
            continue
        mine = {
            kiosks.name: "role = current_user",
            schools.name: f"id = ({of_role})",
        }.get(table.name, f"school_id = ({of_role})")
        yield f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS own_school ON {table.name}"
        yield f"CREATE POLICY own_school ON {table.name} USING ({mine}) WITH CHECK ({mine})"
    yield f"DROP POLICY IF EXISTS only_pupils ON {patrons.name}"
    yield (f"CREATE POLICY only_pupils ON {patrons.name} AS RESTRICTIVE FOR INSERT WITH CHECK (category = '{PUPIL}')")
    yield f"ALTER TABLE {import_batches.name} ENABLE ROW LEVEL SECURITY"


def _functions(tables: Collection[Table], schema: str, group: str) -> Iterable[str]:
    functions = [(_WHOSE, "central_whose(text)")]
    if debts in tables:
        functions.append((DEBT_PAID, "central_debt_paid(text, text)"))
    for source, signature in functions:
        yield source.format(schema=schema)
        yield f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {signature} TO {group}"


def make_role(connection: Connection, role: str, secret: Secret) -> None:
    """A role for a kiosk. The server is given only what it checks the password with, never the password itself."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    connection.exec_driver_sql(
        f"CREATE ROLE {quote(role)} LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION "
        f"CONNECTION LIMIT 8 PASSWORD '{_verifier(connection, role, secret)}'"
    )
    connection.exec_driver_sql(f"GRANT {quote(group_of(connection))} TO {quote(role)}")


def change_password(connection: Connection, role: str, secret: Secret) -> None:
    """Another password for a role."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    connection.exec_driver_sql(f"ALTER ROLE {quote(role)} PASSWORD '{_verifier(connection, role, secret)}'")


def end_sessions(connection: Connection, role: str) -> None:
    """Put a role's sessions out. An administrator who is no superuser may do that to roles that they belong to."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    connection.exec_driver_sql(f"GRANT {quote(role)} TO CURRENT_USER")
    connection.execute(
        text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :role"), {"role": role}
    )
    connection.exec_driver_sql(f"REVOKE {quote(role)} FROM CURRENT_USER")


def drop_role(connection: Connection, role: str) -> None:
    """A role owns nothing, so it can simply go."""
    connection.exec_driver_sql(f"DROP ROLE {connection.dialect.identifier_preparer.quote_identifier(role)}")


def _verifier(connection: Connection, role: str, secret: Secret) -> str:
    raw = connection.connection.driver_connection
    if raw is None:
        raise ValueError("there is no connection")
    return str(raw.pgconn.encrypt_password(secret.reveal().encode(), role.encode(), b"scram-sha-256").decode())
