"""A full disk, a lock that is not let go, a damaged file: the child sees that nothing was recorded, the log says why,
what was acknowledged before is there, and the kiosk goes on when the fault is gone."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from kiosk import app
from kiosk.circulation.model import Scan
from kiosk.circulation.visit.step import FAILURES_TO_CLOSE, PROBE_EVERY_S
from kiosk.config import Config, load
from kiosk.console import tick
from kiosk.desk import Desk, Outcome
from kiosk.devices.clock import HandClock
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from tests.driver import CLOCK, PROGRAM, Console, faults, full, kiosk, ledger, need_tool, school, small_disk

NO_LIMIT = ("[visit]", "same_scan_s = 0", "[[rules.loan]]", 'category = "pupil"', "limit = -1")
BOOKS = 400


@dataclass
class Kiosk:
    """A desk on a real ledger, somebody signed in, and what was acknowledged to them."""

    config: Config
    acknowledged: list[str] = field(default_factory=list)
    books: Iterator[int] = field(default_factory=lambda: iter(range(BOOKS)))

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """As after a restart of the program."""
        self.store = SqliteStore(self.config.store, lock_timeout_s=0.05)
        self.clock = HandClock(datetime.fromisoformat(CLOCK).replace(tzinfo=self.config.timezone))
        self.desk: Desk = app.open_desk(self.config, self.store, self.clock)

    def restart(self) -> None:
        """End it and start it again."""
        self.desk.close()
        self.start()

    def scan(self, code: str) -> Outcome:
        """A scan, and whatever is acknowledged is noted."""
        outcome = self.desk.take(Scan(code))
        self.acknowledged += [act.id for act in outcome.committed]
        return outcome

    def borrow(self) -> Outcome:
        """Another book."""
        return self.scan(f"A{next(self.books)}")

    def key(self) -> str:
        """What the screen says: its view, and the message on it."""
        view = self.desk.view()
        return f"{view.name} {view.message.key if view.message else '-'}"

    def wait(self) -> str:
        """Until the desk has looked again whether the ledger works; also the view then."""
        tick(self.desk, self.clock, PROBE_EVERY_S)
        return self.desk.view().name

    def goes_on(self) -> None:
        """The fault is gone: after the next look it is a kiosk again, and nothing acknowledged is missing."""
        assert self.wait() in ("home", "visit")
        self.scan("P1")
        assert self.borrow().committed, self.key()
        recorded = {one.act.id for one in self.store.transactions()}
        assert recorded.issuperset(self.acknowledged)
        assert recompute(self.store) == []

    def is_closed(self) -> None:
        """It says that it is out of service, and stays so."""
        assert self.key() == "out_of_service home.closed"
        assert self.wait() == "out_of_service"
        assert not self.scan("P2").committed and not self.borrow().committed


@pytest.fixture(name="library", scope="session")
def _library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder to copy."""
    return school(tmp_path_factory.mktemp("library") / "kiosk", items=BOOKS, settings=NO_LIMIT).folder


@pytest.fixture(name="used")
def _used(library: Path, tmp_path: Path) -> Iterator[Kiosk]:
    """A kiosk at which somebody has just borrowed a book."""
    yield from used_in(library, tmp_path / "kiosk")


def used_in(library: Path, folder: Path) -> Iterator[Kiosk]:
    shutil.copytree(library, folder)
    used = Kiosk(load(folder / "kiosk.toml"))
    used.scan("P0")
    assert used.borrow().committed
    yield used
    used.desk.close()


def nothing_recorded(used: Kiosk, log: pytest.LogCaptureFixture, why: str) -> None:
    """The fault is there: it is said, at last by the kiosk's closing; the log says why."""
    before = sum(1 for _ in used.store.transactions())
    for _ in range(FAILURES_TO_CLOSE - 1):
        assert not used.borrow().committed
        assert used.key() == "visit err.generic"
    assert not used.borrow().committed
    assert used.key() == "out_of_service home.closed"
    assert sum(1 for _ in used.store.transactions()) == before
    assert f"nothing was recorded: {why}" in log.text


# No room.


def test_a_full_file(used: Kiosk, caplog: pytest.LogCaptureFixture) -> None:
    db = used.store.connection().db
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages}")
    while used.borrow().committed:
        pass
    assert used.key() == "visit err.generic"
    assert "nothing was recorded: kiosk.db: no room on the disk" in caplog.text
    db.execute("PRAGMA max_page_count = 1000000")
    used.goes_on()


def test_a_full_disk(library: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        for used in used_in(library, disk / "kiosk"):
            filler = disk / "filler"
            filler.write_bytes(bytes(shutil.disk_usage(disk).free))
            nothing_recorded(used, caplog, "kiosk.db: no room on the disk")
            used.is_closed()
            filler.write_bytes(bytes(filler.stat().st_size - 100_000))
            used.is_closed()
            filler.unlink()
            used.goes_on()


def test_a_start_on_a_full_disk(library: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        for used in used_in(library, disk / "kiosk"):
            filler = disk / "filler"
            used.desk.close()
            filler.write_bytes(bytes(shutil.disk_usage(disk).free - 4096))
            used.start()
            used.is_closed()
            assert "no room on the disk" in caplog.text
            filler.unlink()
            used.goes_on()


def test_a_program_on_a_full_disk(library: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        shutil.copytree(library, disk / "kiosk")
        config = load(disk / "kiosk" / "kiosk.toml")
        with Console(config) as console:
            console.send("scan P0")
            (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - 20_000))
            n, answer = 0, console.send("scan A0")
            acknowledged = len(answer["committed"])
            while answer["committed"]:
                n, answer = n + 1, console.send(f"scan A{n + 1}")
                acknowledged += len(answer["committed"])
            assert answer["message"]["key"] == "err.generic"
            assert "no room on the disk" in console.log()
            (disk / "filler").unlink()
            assert console.send(f"scan A{n}")["committed"]
            assert console.quit() == 0
        assert sum(row["kind"] == "checkout" for row in ledger(config)) == acknowledged + 1
        assert faults(config) == []


# Held by somebody else.

HOLD_LOCK = """
import sys
from pathlib import Path
from kiosk.store.locks import FileLock
lock = FileLock(Path(sys.argv[1]).with_suffix(".lock"))
lock.acquire(1)
print("held", flush=True)
sys.stdin.read()
"""
HOLD_DATABASE = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(script: str, config: Config) -> Iterator[None]:
    """Another process that holds the ledger."""
    command = [sys.executable, "-c", script, str(config.store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.stdin.close()


@pytest.mark.parametrize(
    ("script", "why"),
    [(HOLD_LOCK, "kiosk.lock is held by another process for over 0.05 s"), (HOLD_DATABASE, "database is locked")],
    ids=["the file lock", "SQLite's lock"],
)
def test_a_ledger_that_another_process_holds(
    script: str, why: str, used: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    with holder(script, used.config):
        nothing_recorded(used, caplog, why if why.startswith("kiosk.lock") else f"kiosk.db: {why}")
        used.is_closed()
    used.goes_on()


def test_a_folder_that_goes_away_while_the_kiosk_is_closed(used: Kiosk) -> None:
    with backed_up(used) as restore:
        with holder(HOLD_LOCK, used.config):
            for _ in range(FAILURES_TO_CLOSE):
                used.borrow()
        move_folder_away(used)
        used.is_closed()
        restore()
        used.goes_on()


def test_a_scan_after_a_lock_was_let_go_is_no_repeat(used: Kiosk) -> None:
    with holder(HOLD_LOCK, used.config):
        assert not used.scan("A7").committed
    assert len(used.scan("A7").committed) == 1


def test_a_program_that_dies_with_the_lock_holds_nobody_up(used: Kiosk) -> None:
    command = [sys.executable, "-c", HOLD_LOCK, str(used.config.store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        process.kill()
    assert used.borrow().committed


# Damaged.


def overwrite(used: Kiosk) -> None:
    """Every page but the first is nonsense."""
    size = used.config.store.stat().st_size
    with used.config.store.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))


def overwrite_head(used: Kiosk) -> None:
    """It is no database any more."""
    with used.config.store.open("r+b") as file:
        file.write(os.urandom(4096))


def truncate(used: Kiosk) -> None:
    """Its end is lost."""
    os.truncate(used.config.store, 20_480)


def empty(used: Kiosk) -> None:
    """Nothing is left of it."""
    os.truncate(used.config.store, 0)


def delete(used: Kiosk) -> None:
    """It is gone."""
    used.config.store.unlink()


def replace_with_text(used: Kiosk) -> None:
    """Another file has its name."""
    other = used.config.folder / "other"
    other.write_text("Бұл кітапхана емес\n" * 1000, encoding="utf-8")
    other.replace(used.config.store)


def move_folder_away(used: Kiosk) -> None:
    """The whole folder is gone: a disk was pulled out."""
    used.config.folder.rename(used.config.folder.with_name("away"))


Damage = Callable[[Kiosk], None]
NOTICED: tuple[Damage, ...] = (truncate, empty, delete, replace_with_text, move_folder_away)
"""Damages that a running desk notices before it writes on."""
ALL: tuple[Damage, ...] = (*NOTICED, overwrite, overwrite_head)


@contextmanager
def backed_up(used: Kiosk) -> Iterator[Callable[[], None]]:
    """What brings the folder back as it was: ledger and log, as an operator would with a copy of both."""
    folder, copy = used.config.folder, used.config.folder.with_name("copy")
    shutil.copytree(folder, copy)

    def restore() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(copy, folder)

    yield restore


@pytest.mark.parametrize("damage", NOTICED, ids=lambda one: one.__name__)
def test_a_running_desk_notices_the_damage(damage: Damage, used: Kiosk, caplog: pytest.LogCaptureFixture) -> None:
    with backed_up(used) as restore:
        damage(used)
        assert not used.borrow().committed
        assert "nothing was recorded: kiosk.db" in caplog.text
        used.is_closed()
        restore()
        used.goes_on()


def test_a_ledger_that_was_replaced_by_another_is_noticed(
    used: Kiosk, library: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Written on, the old one would take the acts with it that no name leads to any more."""
    shutil.copy(library / used.config.store.name, used.config.folder / "other")
    (used.config.folder / "other").replace(used.config.store)
    assert not used.borrow().committed
    assert "kiosk.db was removed or replaced while it was in use" in caplog.text
    assert used.wait() == "home"
    used.scan("P1")
    assert used.borrow().committed and recompute(used.store) == []


@pytest.mark.parametrize("damage", ALL, ids=lambda one: one.__name__)
def test_a_start_on_a_damaged_ledger(damage: Damage, used: Kiosk, caplog: pytest.LogCaptureFixture) -> None:
    used.desk.close()
    with backed_up(used) as restore:
        damage(used)
        used.start()
        assert not used.scan("P0").committed
        assert not used.borrow().committed
        assert "nothing was recorded: " in caplog.text
        used.is_closed()
        restore()
        used.goes_on()


@pytest.mark.parametrize("table", ["cards", "items", "loans", "transactions", "meta", "patrons", "titles"])
def test_a_table_that_is_lost_closes_the_kiosk_until_it_is_whole_again(
    table: str, used: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    """The rest of the ledger may work: that is not enough."""
    page = used.store.connection().db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    used.desk.close()
    with backed_up(used) as restore:
        with used.config.store.open("r+b") as file:
            file.seek(4096 * (page[0] - 1))
            file.write(os.urandom(4096))
        used.start()
        used.scan("P0")
        used.borrow()
        used.is_closed()
        assert "nothing was recorded: kiosk.db" in caplog.text
        restore()
        used.goes_on()


@pytest.mark.parametrize("damage", ALL, ids=lambda one: one.__name__)
def test_the_program_on_a_damaged_ledger_is_out_of_service(damage: Damage, library: Path, tmp_path: Path) -> None:
    """An emptied file above all: the tables are not made anew, to lend on in an empty library."""
    shutil.copytree(library, tmp_path / "kiosk")
    config = load(tmp_path / "kiosk" / "kiosk.toml")
    used = Kiosk(config)
    used.desk.close()
    if damage is move_folder_away:
        return
    damage(used)
    with Console(config) as console:
        console.send("scan P0")
        answer = console.send("scan A0")
        assert (answer["view"], answer["committed"]) == ("out_of_service", [])
        assert "kiosk.db" in console.log()
        assert console.quit() == 0
    listed = kiosk("ledger", "--json", "--config", config.path)
    assert listed.returncode == 1 or damage is overwrite, listed.stdout
    assert kiosk("doctor", "--config", config.path).returncode == 1


def test_a_folder_that_cannot_be_written(library: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with small_disk(tmp_path / "disk", "8m") as disk:
        for used in used_in(library, disk / "kiosk"):
            used.desk.close()
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            used.start()
            used.is_closed()
            assert "nothing was recorded: kiosk.db" in caplog.text
            subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
            used.goes_on()


# Faults of the disk itself, put into a running program by strace: the calls fail as a bad card's would.


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "error", "why"),
    [("pwrite64", "ENOSPC", "no room on the disk"), ("pwrite64", "EIO", "kiosk.db"), ("fdatasync", "EIO", "kiosk.db")],
)
def test_a_disk_that_fails_in_the_middle_of_an_act(
    call: str, error: str, why: str, library: Path, tmp_path: Path
) -> None:
    """One call of a start and four loans fails, each in turn; before and after it the disk works."""
    calls = len(_injected(library, tmp_path / "whole", call, "").splitlines())
    failed = 0
    for nth in range(1, calls + 1, max(1, calls // full(100, 5))):
        trace = _injected(library, tmp_path / f"kiosk-{nth}", call, f"error={error}:when={nth}", why)
        failed += "INJECTED" in trace
    assert failed >= 4


LINES = ("scan P0", "scan A0", "scan A1", "tick 11", "scan P1", "scan A2", "scan A3")


def _injected(library: Path, folder: Path, call: str, fault: str, why: str = "") -> str:
    """Play it with a fault, compare what was said with what is there, and give the system calls."""
    shutil.copytree(library, folder)
    config, trace = load(folder / "kiosk.toml"), folder / "trace"
    before = {row["id"] for row in ledger(config)}
    inject = ("-e", f"inject={call}:{fault}") if fault else ()
    program = (need_tool("strace"), "-f", "-qq", "-o", str(trace), "-e", f"trace={call}", *inject, *PROGRAM)
    with Console(config, program=program) as console:
        answers = [console.send(line) for line in LINES]
        assert console.quit() == 0
        log = console.log()
    acts = {act["id"] for answer in answers for act in answer["committed"]}
    said = {answer["message"]["key"] for answer in answers if answer["message"]}
    assert {row["id"] for row in ledger(config)} - before == acts
    assert faults(config) == []
    if "nothing was recorded" in log:
        assert why in log and said & {"err.generic", "home.closed"} and len(acts) >= 2, (said, log)
    else:
        assert len(acts) == 4, (said, log)
    return trace.read_text(encoding="ascii")


def test_the_log_of_a_failure_says_no_name(used: Kiosk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), holder(HOLD_LOCK, used.config):
        used.borrow()
    assert "Аты" not in caplog.text and "Тегі" not in caplog.text
