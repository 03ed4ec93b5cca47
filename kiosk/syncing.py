"""The parts of the sync put together from the settings."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

from kiosk.config import Config
from kiosk.connecting import connector_of, tells
from kiosk.desk import Outcome
from kiosk.devices.clock import SystemClock, boot_id
from kiosk.errors import KioskError, StoreBusy, StoreError
from kiosk.ports import Carrier, Clock, Connector, Reply
from kiosk.store import SqliteStore
from kiosk.store.locks import FileLock
from kiosk.store.outbox import StoreOutbox
from kiosk.store.pulled import StoreMirror
from kiosk.sync.loop import Sync, SyncLoop
from kiosk.sync.push import BATCH
from kiosk.sync.questions import Questions

ONE_ROUND_S = 60.0
"""How long another process of the same folder may be at a round of its own."""


class SyncedElsewhere(KioskError):
    """Another process is at a round of its own."""


def open_sync(
    config: Config, connector: Connector, clock: Clock | None = None, questions: Questions | None = None
) -> Sync:
    """The sync of a kiosk, for the thread that calls this. clock: the machine's if none is given. questions: what the
    desk asks meanwhile, between two acts."""
    store = SqliteStore(config.store, connector.carries, boot_id())
    clock = clock or _system_clock(config, store)
    outbox = StoreOutbox(store, clock, connector.pulls, boot_id(), isinstance(connector, Carrier))
    mirror = StoreMirror(store, clock)
    batch = BATCH if questions is None else 1
    return Sync(outbox, mirror, connector, clock, random.random, batch=batch, release=store.close, questions=questions)


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


@dataclass(frozen=True, slots=True)
class Running:
    """The sync beside a desk. questions: what the desk asks it, if the settings have it ask anything."""

    loop: SyncLoop | None = None
    questions: Questions | None = None

    def told(self, outcome: Outcome) -> None:
        """Each outcome of the desk, from any thread: what was recorded is sent a moment after."""
        if self.loop is not None and outcome.committed:
            self.loop.nudge()

    def listen(self, inbox: Callable[[Reply], None]) -> None:
        """Where the replies go. Before the desk asks for the first time."""
        if self.questions is not None:
            self.questions.deliver_to(inbox)


@contextmanager
def syncing(config: Config, clock: Clock | None = None, begin: Event | None = None) -> Iterator[Running]:
    """Agree with the central library on a thread of its own, if the settings name one.

    clock: the desk's, if it is not the machine's. begin: the first round waits for it, if it is given.
    """
    if config.central.kind == "none":
        yield Running()
        return
    questions = _questions(config)
    loop = SyncLoop(
        lambda: _open(config, clock, questions),
        config.central.every_s,
        alone=lambda: alone(config),
        begin=begin,
        questions=questions,
    )
    loop.start()
    try:
        yield Running(loop, questions)
    finally:
        loop.stop()


def _questions(config: Config) -> Questions | None:
    """None if the desk has nothing to ask: the copy has everything, and the desk decides by itself."""
    can_tell, asks_first = tells(config), config.central.mode == "central-first"
    return Questions(can_tell, asks_first, config.central.deadline_s) if can_tell or asks_first else None


def _open(config: Config, clock: Clock | None, questions: Questions | None) -> Sync:
    connector = connector_of(config)
    assert connector is not None
    return open_sync(config, connector, clock, questions)
