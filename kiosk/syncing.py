"""The parts of the sync put together from the settings."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from kiosk.config import Config
from kiosk.connecting import connector_of
from kiosk.desk import Outcome
from kiosk.devices.clock import SystemClock, boot_id
from kiosk.errors import KioskError, StoreBusy, StoreError
from kiosk.ports import Carrier, Clock, Connector
from kiosk.store import SqliteStore
from kiosk.store.locks import FileLock
from kiosk.store.outbox import StoreOutbox
from kiosk.store.pulled import StoreMirror
from kiosk.sync.loop import Sync, SyncLoop

ONE_ROUND_S = 60.0
"""How long another process of the same folder may be at a round of its own."""


class SyncedElsewhere(KioskError):
    """Another process is at a round of its own."""


def open_sync(config: Config, connector: Connector, clock: Clock | None = None) -> Sync:
    """The sync of a kiosk, for the thread that calls this. clock: the machine's if none is given."""
    store = SqliteStore(config.store, connector.carries, boot_id())
    clock = clock or _system_clock(config, store)
    outbox = StoreOutbox(store, clock, connector.pulls, boot_id(), isinstance(connector, Carrier))
    mirror = StoreMirror(store, clock)
    return Sync(outbox, mirror, connector, clock, random.random, release=store.close)


def _system_clock(config: Config, store: SqliteStore) -> SystemClock:
    try:
        confirmed = store.confirmed()
    except StoreError:
        confirmed = None
    return SystemClock(config.timezone, config.battery_clock, confirmed)


@contextmanager
def alone(config: Config, patience_s: float = ONE_ROUND_S) -> Iterator[None]:
    """While this is held, no other process syncs the folder. Raises SyncedElsewhere if one does for that long."""
    lock = FileLock(config.folder / "sync.lock")
    try:
        try:
            lock.acquire(patience_s)
        except StoreBusy:
            raise SyncedElsewhere(f"{config.folder}: another process is syncing this folder") from None
        yield
        lock.release()
    finally:
        lock.close()


@contextmanager
def outbox_of(config: Config) -> Iterator[tuple[StoreOutbox, StoreMirror, SqliteStore]]:
    """The outbox for staff, closed again at the end. What staff dismiss gives way to central's word, if it said one."""
    store = SqliteStore(config.store, boot=boot_id())
    clock = _system_clock(config, store)
    try:
        yield StoreOutbox(store, clock, pulls=True, boot=boot_id()), StoreMirror(store, clock), store
    finally:
        store.close()


@contextmanager
def syncing(
    config: Config, clock: Clock | None = None, begin: Event | None = None
) -> Iterator[Callable[[Outcome], None]]:
    """Agree with the central library on a thread of its own, if the settings name one. Yields what is to be told of
    each outcome of the desk, from any thread: what was recorded is sent a moment after.

    clock: the desk's, if it is not the machine's. begin: the first round waits for it, if it is given.
    """
    if config.central.kind == "none":
        yield lambda outcome: None
        return
    loop = SyncLoop(lambda: _open(config, clock), config.central.every_s, alone=lambda: alone(config), begin=begin)
    loop.start()
    try:
        yield lambda outcome: loop.nudge() if outcome.committed else None
    finally:
        loop.stop()


def _open(config: Config, clock: Clock | None) -> Sync:
    connector = connector_of(config)
    assert connector is not None
    return open_sync(config, connector, clock)
