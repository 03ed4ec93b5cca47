"""What a kiosk's role can do on PostgreSQL: its work in its own school, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from kiosk.circulation.delivery import Unreachable
from kiosk.sync.central import administration
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.database import engine_of, opened
from kiosk.sync.central.guard import group_of
from kiosk.sync.central.schema import kiosks
from kiosk.sync.secret import Secret
from tests.central_fixture import OTHER_SCHOOL, SCHOOL, Central, Kiosk, accepted, central_in, checkout, fill
from tests.postgres import PASSWORD, shared_server

TABLES = (
    "patrons",
    "cards",
    "blocks",
    "titles",
    "items",
    "loans",
    "holds",
    "transactions",
    "debts",
    "old_barcodes",
    "class_years",
    "marks",
    "sets",
    "schools",
    "kiosks",
)
HAVE_SCHOOLS = tuple(table for table in TABLES if table not in ("schools", "kiosks"))


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Central]:
    with central_in("postgresql", tmp_path) as made:
        yield made


@pytest.fixture
def role(central: Central) -> Iterator[psycopg.Connection]:
    """A kiosk of SCHOOL at the server with its own password, past the product; OTHER_SCHOOL has a loan and a hold."""
    stranger = Kiosk(central.connector("kiosk-9", OTHER_SCHOOL), "kiosk-9")
    accepted(stranger.lend("P1", "I1", "theirs")[1])
    central.connector()
    password_file = sorted(central.folder.glob("*.password"), key=lambda path: path.stat().st_mtime_ns)[-1]
    database = central.url.rpartition("/")[2]
    connection = shared_server().connect(database, password_file.stem, password_file.read_text())
    yield connection
    connection.close()


def refused(role: psycopg.Connection, statement: str, *values: object) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        role.execute(statement.encode(), values)


def school_of(central: Central, name: str) -> str:
    return central.schools[name]


def test_it_sees_its_own_school_only(central: Central, role: psycopg.Connection) -> None:
    own = school_of(central, SCHOOL)
    for table in HAVE_SCHOOLS:
        assert {row[0] for row in role.execute(f"SELECT school_id FROM {table}".encode())} <= {own}, table
    assert role.execute(b"SELECT id FROM schools").fetchall() == [(own,)]
    assert role.execute(b"SELECT count(*) FROM patrons").fetchone() == (5,)
    assert role.execute(b"SELECT count(*) FROM kiosks").fetchone() == (1,)
    assert role.execute(b"SELECT count(*) FROM loans").fetchone() == (0,)


def test_it_changes_nothing_of_another_school(central: Central, role: psycopg.Connection) -> None:
    other = school_of(central, OTHER_SCHOOL)
    for statement in (
        "UPDATE items SET status = 'lost' WHERE school_id = %s",
        "UPDATE loans SET ended = 'returned' WHERE school_id = %s",
        "UPDATE schools SET version = 99 WHERE id = %s",
        "UPDATE titles SET held = 0 WHERE school_id = %s",
        "UPDATE patrons SET has_left = true WHERE school_id = %s",
    ):
        assert role.execute(statement.encode(), (other,)).rowcount == 0
    for statement in (
        "INSERT INTO transactions (school_id, id, version, kiosk, seq, kind, body, at, trusted, reported_at) "
        "VALUES (%s, 'x', 1, 'k', 1, 'request', '{}', now(), true, now())",
        "INSERT INTO loans (school_id, id, version, patron_id, title_id, since, days, kiosk, last) "
        "VALUES (%s, 'x', 1, 'P1', 'T1', now(), 1, 'k', 'x')",
        "INSERT INTO holds (school_id, id, version, patron_id, title_id, placed, state) "
        "VALUES (%s, 'x', 1, 'P1', 'T1', now(), 'waiting')",
        "INSERT INTO patrons (school_id, id, version, first_name, category) VALUES (%s, 'x', 1, 'x', 'pupil')",
        "INSERT INTO marks (school_id, id, version, patron_id, year, what, value, last) "
        "VALUES (%s, 'x', 1, 'P1', 2026, 'slip', 'x', 'x')",
    ):
        refused(role, statement, other)
    own = school_of(central, SCHOOL)
    role.execute(
        b"INSERT INTO loans (school_id, id, version, patron_id, title_id, since, days, kiosk, last) "
        b"VALUES (%s, 'mine', 1, 'P1', 'T1', now(), 1, 'k', 'x')",
        (own,),
    )
    refused(role, "UPDATE loans SET school_id = %s WHERE id = 'mine'", other)


def test_it_cannot_rewrite_what_is_not_its_work(role: psycopg.Connection) -> None:
    for statement in (
        "UPDATE transactions SET body = '{}'",
        "DELETE FROM transactions",
        "DELETE FROM loans",
        "DELETE FROM patrons",
        "TRUNCATE loans",
        "UPDATE patrons SET external_id = 'x'",
        "UPDATE patrons SET phone = 'x'",
        "UPDATE cards SET patron_id = 'P2'",
        "DELETE FROM blocks",
        "INSERT INTO patrons (school_id, id, version, first_name, category) "
        "SELECT id, 'x', 1, 'x', 'librarian' FROM schools",
        "INSERT INTO patrons (school_id, id, version, first_name, external_id) "
        "SELECT id, 'x', 1, 'x', 'X9' FROM schools",
        "UPDATE patrons SET category = 'librarian'",
        "UPDATE items SET title_id = 'T2'",
        "UPDATE titles SET title = 'x'",
        "DELETE FROM marks",
        "DELETE FROM old_barcodes",
        "UPDATE marks SET patron_id = 'P2'",
        "UPDATE schools SET name = 'x'",
        "UPDATE kiosks SET school_id = 'x'",
        "UPDATE kiosks SET role = 'x'",
        "UPDATE schema_version SET version = 9",
        "INSERT INTO debts VALUES ('a', 'b', 'c', 'd', true)",
        "SELECT * FROM import_batches",
    ):
        refused(role, statement)


def test_it_reads_no_telephone_numbers_and_addresses(role: psycopg.Connection) -> None:
    refused(role, "SELECT phone FROM patrons")
    refused(role, "SELECT address FROM patrons")
    refused(role, "SELECT * FROM patrons")


def test_it_makes_nothing(central: Central, role: psycopg.Connection) -> None:
    for statement in (
        "CREATE TABLE mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE more",
        "CREATE DATABASE more",
        "ALTER TABLE loans ADD COLUMN x int",
        "DROP TABLE loans",
        "ALTER TABLE loans DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_school ON loans",
        "CREATE POLICY mine ON loans USING (true)",
        "CREATE OR REPLACE FUNCTION central_whose(label text) RETURNS text LANGUAGE sql AS 'SELECT label'",
        "COPY patrons TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    ):
        refused(role, statement)


def test_it_becomes_nobody_else(central: Central, role: psycopg.Connection) -> None:
    with opened(central.engine) as connection:
        group = group_of(connection)
    for statement in (
        "SET ROLE admin",
        "SET SESSION AUTHORIZATION admin",
        "ALTER ROLE admin PASSWORD 'x'",
        "ALTER ROLE current_user SUPERUSER",
        "ALTER ROLE current_user BYPASSRLS",
        "ALTER ROLE current_user CREATEROLE",
        f'GRANT "{group}" TO admin',
    ):
        refused(role, statement)
    role.execute(f'SET ROLE "{group}"'.encode())
    assert role.execute(b"SELECT count(*) FROM patrons").fetchone() == (0,), "the group itself has no school"


def test_the_setting_that_switches_row_security_off_only_brings_an_error(role: psycopg.Connection) -> None:
    role.execute(b"SET row_security = off")
    refused(role, "SELECT id FROM patrons")


def test_its_functions_tell_no_more_than_a_name(central: Central, role: psycopg.Connection) -> None:
    assert role.execute(b"SELECT central_whose('B6')").fetchone() == (SCHOOL,)
    assert role.execute(b"SELECT central_whose(''' OR true --')").fetchone() == (None,)
    role.execute(b"SELECT central_debt_paid(%s, 'P1')", (school_of(central, OTHER_SCHOOL),))


def test_a_role_without_a_kiosk_sees_nothing(central: Central, role: psycopg.Connection) -> None:
    database = central.url.rpartition("/")[2]
    with shared_server().connect(database) as admin:
        admin.execute(f"DELETE FROM kiosks WHERE school_id = '{school_of(central, SCHOOL)}'".encode())
    for table in HAVE_SCHOOLS:
        assert role.execute(f"SELECT school_id FROM {table}".encode()).fetchall() == []


def test_a_kiosk_of_another_central_on_the_same_server_does_not_get_in(
    central: Central, role: psycopg.Connection
) -> None:
    (user,) = role.execute(b"SELECT current_user").fetchone() or ("",)
    password = (central.folder / f"{user}.password").read_text()
    (central.folder / "second").mkdir()
    with central_in("postgresql", central.folder / "second") as second:
        database = second.url.rpartition("/")[2]
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            shared_server().connect(database, user, password)


def test_the_server_never_sees_the_password(central: Central, role: psycopg.Connection) -> None:
    secrets = [path.read_text() for path in central.folder.glob("*.password")]
    with shared_server().connect() as admin:
        kept = admin.execute(b"SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'kiosk%%'").fetchall()
    assert kept and all(row[0].startswith("SCRAM-SHA-256$") for row in kept)
    assert not any(secret in shared_server().log() for secret in secrets)


def test_with_these_rights_it_does_its_work(central: Central) -> None:
    kiosk = Kiosk(central.connector())
    lent, outcome = kiosk.lend("P1", "I1")
    accepted(outcome)
    accepted(kiosk.returns(lent)[1])
    accepted(kiosk.send(checkout("P2", None)))
    assert kiosk.connector.hello().version == 4


def test_the_administrator_need_not_be_a_superuser(tmp_path: Path) -> None:
    server = shared_server()
    database = server.new_database()
    with server.connect() as admin:
        admin.execute(b"DROP ROLE IF EXISTS librarian")
        admin.execute(f"CREATE ROLE librarian LOGIN CREATEROLE PASSWORD '{PASSWORD}'".encode())
        admin.execute(f"ALTER DATABASE {database} OWNER TO librarian".encode())
    url = server.url(database, "librarian")
    engine = engine_of(parse_address(url), Secret(PASSWORD))
    with opened(engine) as connection:
        administration.init(connection)
        administration.init(connection)
        school = administration.add_school(connection, SCHOOL)
        fill(connection, school, people=1, copies=1)
    central = Central("postgresql", url, engine, tmp_path, {SCHOOL: school})
    kiosk = Kiosk(central.connector())
    accepted(kiosk.lend("P1", "I1")[1])
    assert kiosk.connector.foreign_school("B1") is None
    with opened(engine) as connection:
        roles = [row.role for row in central.rows(select(kiosks.c.role))]
        administration.renew_kiosk(connection, school, roles[0], lambda _: None)
        assert isinstance(kiosk.lend("P1", "I1")[1], Unreachable)
        administration.retire_kiosk(connection, school, roles[0])
    kiosk.connector.close()
    with server.connect() as admin:
        admin.execute(f"DROP DATABASE {database}".encode())
        admin.execute(f'DROP ROLE IF EXISTS "{database}_kiosks"'.encode())
        admin.execute(b"DROP ROLE librarian")
