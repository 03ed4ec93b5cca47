"""Connections to a central database, and the turn of a school, which every writer takes.

A writer first locks the row of its school. So the versions of a school are committed in their order, and whoever has
seen version n has seen everything up to n: a pull can skip nothing that a slower writer commits late.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, func, null, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kiosk.errors import ConnectorError
from kiosk.sync.central.address import POSTGRESQL, Address
from kiosk.sync.central.schema import schools
from kiosk.sync.secret import Secret

WRITES = "kiosk_writes"
CLOCK = "kiosk_clock"


def system_time() -> datetime:
    """What time it is on this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds: for a connection, for a statement, for a whole transaction."""

    connect_s: float = 5.0
    statement_s: float = 10.0
    call_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Turn:
    """A school's turn. version: that what changes now has. now: central's time. loan_limit: the school's."""

    version: int
    now: datetime
    loan_limit: int


class CommitLost(ConnectorError):
    """The connection broke while a transaction was being committed: nobody knows whether it was."""


def engine_of(
    address: Address,
    secret: Secret | None = None,
    patience: Patience | None = None,
    clock: Callable[[], datetime] = system_time,
) -> Engine:
    """The way to a database. Nothing is connected yet; the password is in no URL, text or log.

    clock: SQLite's, which has none of its own that goes by UTC; a server has its own.
    """
    waits = patience or Patience()
    if address.kind == POSTGRESQL:
        parameters = _parameters(address, waits)

        def connect() -> psycopg.Connection[Any]:
            if secret is None:
                return psycopg.connect(**parameters)
            return psycopg.connect(**parameters, password=secret.reveal(), require_auth="scram-sha-256")

        return create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool, hide_parameters=True)
    return _sqlite_engine(address, waits, clock)


def _parameters(address: Address, waits: Patience) -> dict[str, Any]:
    """What libpq is told. A server must not keep the school's turn for a kiosk that vanished in the middle of it."""
    settings = {
        "statement_timeout": f"{waits.statement_s * 1000:.0f}",
        "lock_timeout": f"{waits.statement_s * 1000:.0f}",
        "idle_in_transaction_session_timeout": f"{waits.call_s * 1000:.0f}",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        "timezone": "UTC",
    }
    return {
        "application_name": "kiosk",
        "connect_timeout": max(2, round(waits.connect_s)),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": round(waits.call_s * 1000),
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        **address.parameters,
    }


def _sqlite_engine(address: Address, waits: Patience, clock: Callable[[], datetime]) -> Engine:
    """A rollback journal, not a write-ahead log: several processes write, and SQLite before 3.51.3 can then damage a
    database in WAL mode (the "WAL-reset" bug). Its file stays between transactions, which saves writes."""

    def connect() -> sqlite3.Connection:
        if address.path is None:
            raise ValueError("SQLite without a file")
        uri = f"{address.path.absolute().as_uri()}?mode=rwc"
        made = sqlite3.connect(uri, uri=True, timeout=waits.statement_s, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=persist", "synchronous=full", "foreign_keys=on", "trusted_schema=off"):
            made.execute(f"PRAGMA {pragma}")
        return made

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True, execution_options={CLOCK: clock}
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def opened(engine: Engine) -> Iterator[Connection]:
    """A connection, for a command. Raises ConnectorError, in a sentence, for whatever the database says."""
    with told(), engine.connect() as connection:
        yield connection


@contextmanager
def told() -> Iterator[None]:
    """The database's errors as ConnectorError."""
    try:
        yield
    except SQLAlchemyError as error:
        raise ConnectorError(sentence(error)) from error


def sentence(error: Exception) -> str:
    """What a database's error says, in one line of at most 200 characters."""
    original: BaseException = (error.orig if isinstance(error, DBAPIError) else None) or error
    text = " ".join(str(original).split()) or type(original).__name__
    return f"the central database: {text}"[:200]


@contextmanager
def reading(connection: Connection) -> Iterator[None]:
    """A transaction that changes nothing."""
    connection.execution_options(**{WRITES: False})
    with connection.begin():
        yield


@contextmanager
def changing(connection: Connection) -> Iterator[None]:
    """A transaction; all of it is durable afterwards, or, on any exception but CommitLost, none of it happened."""
    connection.execution_options(**{WRITES: True})
    transaction = connection.begin()
    try:
        yield
    except BaseException:
        with suppress(SQLAlchemyError):
            transaction.rollback()
        raise
    try:
        transaction.commit()
    except SQLAlchemyError as error:
        with suppress(SQLAlchemyError):
            transaction.close()
        raise CommitLost(sentence(error)) from error


def time_of(connection: Connection) -> datetime:
    """Central's time."""
    if connection.dialect.name == POSTGRESQL:
        told: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return told.astimezone(UTC)
    now: datetime = connection.get_execution_options()[CLOCK]()
    return now.astimezone(UTC)


def take_turn(connection: Connection, school: str) -> Turn:
    """Lock a school, inside `changing`, until its end.

    Raises ConnectorError if there is no such school, or none that this role may see.
    """
    server_has_clock = connection.dialect.name == POSTGRESQL
    clock = func.clock_timestamp() if server_has_clock else null()
    query = select(schools.c.version, clock, schools.c.loan_limit).where(schools.c.id == school)
    row = connection.execute(query.with_for_update(key_share=True)).first()
    if row is None:
        raise ConnectorError("the central database knows no such school")
    now = row[1].astimezone(UTC) if server_has_clock else time_of(connection)
    return Turn(int(row[0]) + 1, now, int(row[2]))


def end_turn(connection: Connection, school: str, turn: Turn) -> None:
    """Write the version down that something was given."""
    connection.execute(update(schools).where(schools.c.id == school).values(version=turn.version))
