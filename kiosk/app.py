"""The composition root: builds the parts of a kiosk from its settings and hands them to each other."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from kiosk.backroom import open_backroom
from kiosk.circulation import visit
from kiosk.config import Config
from kiosk.connecting import carried, lists
from kiosk.desk import Asking, Desk
from kiosk.devices.clock import HandClock, PacedClock, SystemClock, boot_id
from kiosk.errors import KioskError, StoreBusy, StoreError
from kiosk.ports import Central, Clock, Printer
from kiosk.store import SqliteStore
from kiosk.store.connection import Connection
from kiosk.store.intents import StoreIntents
from kiosk.store.locks import FileLock
from kiosk.store.schema import migrate

log = logging.getLogger(__name__)


class AlreadyRunning(KioskError):
    """Another desk runs on the same data folder."""


def open_store(config: Config) -> SqliteStore:
    """The ledger of a kiosk, opened when it is first needed."""
    return SqliteStore(config.store, carried(config), boot_id())


@contextmanager
def opened(config: Config) -> Iterator[SqliteStore]:
    """The ledger, closed again at the end."""
    store = open_store(config)
    try:
        yield store
    finally:
        store.close()


def bring_up_to_date(config: Config) -> None:
    """Migrate the ledger. Only `init`, `run` and `console` do; a ledger that cannot be opened is the desk's to show."""
    try:
        connection = Connection(config.store)
        try:
            migrate(connection)
        finally:
            connection.close()
    except StoreError as error:
        log.error("%s", error)


def system_clock(config: Config, store: SqliteStore) -> SystemClock:
    """The machine's clock, and what staff said of it since it was switched on."""
    try:
        confirmed = store.confirmed()
    except StoreError:
        confirmed = None
    return SystemClock(config.timezone, config.battery_clock, confirmed)


def console_clock(config: Config, store: SqliteStore, start: datetime | None) -> HandClock | PacedClock:
    """A clock for a driver of the console: set by it, or the machine's with timers that the driver moves."""
    if start is not None:
        return HandClock(start if start.tzinfo else start.replace(tzinfo=config.timezone))
    return PacedClock(system_clock(config, store))


def desk_lock(config: Config) -> FileLock:
    """The lock of the one desk of a data folder. Raises AlreadyRunning."""
    lock = FileLock(config.folder / "desk.lock")
    try:
        lock.acquire(0.0)
    except StoreBusy:
        raise AlreadyRunning(f"{config.folder}: a kiosk is running on this folder already") from None
    return lock


def open_desk_now(config: Config, central: Central | None = None, printer: Printer | None = None) -> Desk:
    """The desk on the machine's own time."""
    store = open_store(config)
    return open_desk(config, store, system_clock(config, store), central, printer)


def open_desk(
    config: Config, store: SqliteStore, clock: Clock, central: Central | None = None, printer: Printer | None = None
) -> Desk:
    """The desk of a kiosk. central: whom it asks, if the settings have it ask anybody."""
    settings = replace(config.settings, lend_unknown=config.central.lend_unknown and config.central.kind != "sql")
    state = visit.start(config.rules, settings, config.codes, uuid4())
    asking = Asking(central, StoreIntents(store, lists(config))) if central is not None else None
    return Desk(state, store, clock, asking, printer, open_backroom(config, store, clock))
