"""`kiosk doctor`: what works and what does not, and what to do, for a technician who is not a programmer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk import app, text
from kiosk.circulation.clock import reckon
from kiosk.config import Config, load
from kiosk.connecting import connector_of
from kiosk.devices.health_file import kept
from kiosk.errors import ConfigError, KioskError, StoreError
from kiosk.plugging import health_file, probe
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from kiosk.store.connection import PRAGMAS
from kiosk.store.schema import is_current
from kiosk.sync.loop import OFF_BY_S

LOW_DISK_BYTES = 200 * 1024 * 1024
RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. says: what was seen and, if it is bad, what to do."""

    good: bool
    what: str
    says: str


def examine(config_path: Path) -> Iterator[Finding]:
    """Look at everything; a thing that is bad does not keep the rest from being looked at."""
    try:
        config = load(config_path)
    except ConfigError as error:
        for problem in error.problems:
            yield Finding(False, "settings", problem)
        return
    yield Finding(True, "settings", str(config.path))
    yield _languages(config)
    yield _disk(config)
    with app.opened(config) as store:
        try:
            yield from _ledger(store)
            yield _clock(config, store)
            yield _outbox(store)
        except StoreError as error:
            yield Finding(False, "ledger", f"{error}; do not delete it: restore the last back-up beside it")
    desk = _desk(config)
    yield desk
    yield _central(config)
    yield from _devices(config, running=desk.says == RUNNING)


def _languages(config: Config) -> Finding:
    spoken = config.settings.languages
    missing = ", ".join(one for one in spoken if one not in text.languages())
    says = f"no words for {missing}; there are {', '.join(text.languages())}" if missing else ", ".join(spoken)
    return Finding(not missing, "languages", says)


def _disk(config: Config) -> Finding:
    free = shutil.disk_usage(config.folder).free
    says = f"{free // 2**20} MiB free where the ledger is"
    return Finding(free >= LOW_DISK_BYTES, "disk", says if free >= LOW_DISK_BYTES else f"{says}; make room")


def _ledger(store: SqliteStore) -> Iterator[Finding]:
    connection = store.connection()
    wrong = []
    for name, value in PRAGMAS.items():
        seen = connection.db.execute(f"PRAGMA {name}").fetchone()[0]
        if seen != value:
            wrong.append(f"{name} is {seen}, not {value}")
    yield Finding(not wrong, "ledger's safety", "; ".join(wrong) or "every commit goes to the disk")
    current = is_current(connection)
    yield Finding(current, "ledger's version", "current" if current else "older; `kiosk run` brings it up to date")
    if not current:
        return
    faults = recompute(store)
    for fault in faults:
        yield Finding(False, "ledger", f"{fault}; keep the file and ask for help")
    if not faults:
        yield Finding(True, "ledger", "it adds up: loans, holds and statuses are what the transactions say")


def _clock(config: Config, store: SqliteStore) -> Finding:
    now = reckon(app.system_clock(config, store).read(), store.mark())
    if now.trusted:
        return Finding(True, "clock", f"{now.wall:%Y-%m-%d %H:%M}, trusted")
    says = f"{now.wall:%Y-%m-%d %H:%M}, not set by the network since the machine was switched on"
    if now.known:
        return Finding(True, "clock", f"{says}; near enough to the last known time")
    return Finding(False, "clock", f"{says}; hold a librarian's card to the kiosk and confirm the date")


def _desk(config: Config) -> Finding:
    try:
        app.desk_lock(config).close()
    except KioskError:
        return Finding(True, "kiosk", RUNNING)
    return Finding(True, "kiosk", "not running")


def _central(config: Config) -> Finding:
    """Whether the central library answers, now."""
    try:
        connector = connector_of(config)
        if connector is None:
            return Finding(True, "central library", "none in the settings; this ledger is the school's only database")
        with closing(connector):
            greeting = connector.hello()
    except KioskError as error:
        return Finding(False, "central library", f"{error}; books can be lent and returned meanwhile")
    off = abs((greeting.clock - datetime.now(UTC)).total_seconds())
    if off > OFF_BY_S:
        says = f"it answers, but its clock differs from this machine's by {off:.0f} s; set the one that is wrong"
        return Finding(False, "central library", says)
    return Finding(True, "central library", "it answers")


def _outbox(store: SqliteStore) -> Finding:
    state = store.sync_state()
    says = f"{state.pending} wait for the central library"
    if not state.parked:
        return Finding(True, "outbox", says)
    return Finding(False, "outbox", f"{says}, {state.parked} need a person: `kiosk outbox list`")


def _devices(config: Config, running: bool) -> Iterator[Finding]:
    """How the devices are, as the running kiosk says; if none runs, each is opened for a moment."""
    if not config.devices.readers:
        yield Finding(True, "readers", "none in the settings; `kiosk devices learn` finds out what is plugged in")
        return
    for health in kept(health_file(config)) if running else probe(config):
        name = f"{health.what} '{health.name}'"
        before = f"; before: {health.last_problem}" if health.last_problem else ""
        says = f"works{before}" if health.works else f"{health.problem.removeprefix(f'{name}: ')}; {health.advice}"
        yield Finding(health.works, name, says.rstrip("; "))
