"""More than one process on a data folder: an import beside a desk, two desks, two that migrate at once."""

from __future__ import annotations

import csv
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from kiosk import app
from kiosk.circulation.events import Hits, Search
from kiosk.config import Config
from kiosk.store.connection import Connection
from kiosk.store.schema import is_current, migrate
from tests.driver import CLOCK, PATIENCE_S, PROGRAM, Console, faults, kiosk, ledger, school

ROWS = 20_000
NO_LIMIT = ("[visit]", "same_scan_s = 0", "[[rules.loan]]", 'category = "pupil"', "limit = -1")


def _catalogue(path: Path) -> Path:
    """Items for the import, three of a title."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["barcode", "inventory_no", "title", "author", "year", "location"])
        for n in range(ROWS):
            writer.writerow(
                [f"N{n}", 500_000 + n, f"Жаңа кітап {n // 3}", f"Автор {n % 97}", 2000 + n % 26, "Абонемент"]
            )
    return path


def _delays(console: Console, rng: Random, until: object) -> tuple[list[float], list[str]]:
    """Borrow and return until that process ends, or 150 times: the delays of the scans in ms, and all acts."""
    delays: list[float] = []
    acts: list[str] = []
    while until.poll() is None if isinstance(until, subprocess.Popen) else len(delays) < 150:
        for line in (f"scan P{rng.randrange(12)}", *(f"scan A{rng.randrange(60)}" for _ in range(3)), "press finish"):
            began = time.perf_counter()
            answer = console.send(line)
            delays.append((time.perf_counter() - began) * 1000)
            key = answer["message"]["key"] if answer["message"] else ""
            assert not key.startswith("err."), (line, answer["message"], console.log())
            acts += [act["id"] for act in answer["committed"]]
        console.send("tick 60")
    return delays, acts


def _figures(delays: list[float]) -> str:
    cuts = statistics.quantiles(delays, n=100)
    return f"median {statistics.median(delays):.1f} ms, p99 {cuts[98]:.1f} ms, longest {max(delays):.1f} ms"


@pytest.mark.slow
def test_a_desk_lends_while_a_catalogue_is_imported(tmp_path: Path, figure: Callable[[str], None]) -> None:
    config = school(tmp_path / "kiosk", settings=NO_LIMIT)
    file = _catalogue(tmp_path / "catalogue.csv")
    rng = Random(7)
    with Console(config) as console:
        alone, before = _delays(console, rng, None)
        began = time.perf_counter()
        command = [*PROGRAM, "import", "items", "--config", str(config.path), str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as importing:
            beside, during = _delays(console, rng, importing)
            said = importing.stdout.read() if importing.stdout else ""
        took = time.perf_counter() - began
        assert importing.returncode == 0 and f"items: {ROWS} rows (added: {ROWS})" in said, said
        assert "WARNING" not in console.log() and "ERROR" not in console.log()
        console.send("scan P0")
        assert console.send("scan N19999")["committed"], "what was imported can be lent"
        assert console.quit() == 0
    assert {row["id"] for row in ledger(config)}.issuperset(before + during)
    assert len(during) > 20
    assert faults(config) == []
    figure(f"{len(alone)} lines with nobody beside: {_figures(alone)}")
    figure(f"{len(beside)} lines beside an import of {ROWS} rows in {took:.1f} s: {_figures(beside)}; budget 50 ms")


def test_a_second_desk_on_a_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    config = school(tmp_path / "kiosk")
    with Console(config) as console:
        second = kiosk("console", "--json", "--config", config.path, given="quit\n")
        assert second.returncode == 1
        assert second.stdout == ""
        assert second.stderr == f"kiosk: {config.folder}: a kiosk is running on this folder already\n"
        assert console.send("scan C-AIGUL")["view"] == "visit"
        assert console.quit() == 0
    with Console(config) as console:
        assert console.first["view"] == "home"


def test_a_desk_that_was_killed_does_not_keep_the_next_one_out(tmp_path: Path) -> None:
    config = school(tmp_path / "kiosk")
    with Console(config) as console:
        console.kill()
    with Console(config) as console:
        assert console.first["view"] == "home"


# A store of the oldest version.


def _made_old(config: Config) -> None:
    """The folder's ledger as the first version of the kiosk made it: without search and imports."""
    with app.opened(config) as store, store.connection().read() as db:
        kept = {
            table: (columns := _columns(db, table), list(db.execute(f"SELECT {', '.join(columns)} FROM {table}")))
            for table in ("meta", "patrons", "cards", "titles", "items", "transactions", "loans")
        }
    config.store.unlink()
    config.store.touch()
    connection = Connection(config.store)
    migrate(connection, stop_before="m002_search")
    with connection.write() as db:
        for table, (columns, rows) in kept.items():
            known = [name for name in columns if name in _columns(db, table)]
            for row in rows:
                values = [value for name, value in zip(columns, row, strict=True) if name in known]
                db.execute(f"INSERT INTO {table} ({', '.join(known)}) VALUES ({', '.join('?' * len(known))})", values)
    assert not is_current(connection)
    connection.close()


def _columns(db: object, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]  # type: ignore[attr-defined]


@pytest.fixture(name="old")
def _old(tmp_path: Path) -> Config:
    config = school(tmp_path / "kiosk")
    _made_old(config)
    return config


def _is_right(config: Config) -> None:
    """All is there, of the newest version, and can be found."""
    with app.opened(config) as store:
        assert is_current(store.connection())
        hits = store.answer(Search("кітап 7"))
        assert isinstance(hits, Hits) and any(hit.title.title == "Кітап 7" for hit in hits.titles)
    assert faults(config) == []


def test_an_old_store_is_brought_up_to_date_by_the_next_start(old: Config) -> None:
    with Console(old) as console:
        console.send("scan P0")
        assert console.send("scan A0")["committed"]
        assert console.quit() == 0
    _is_right(old)


@pytest.mark.parametrize("round_", range(3))
def test_two_desks_started_at_once_on_an_old_store(old: Config, round_: int) -> None:
    """One runs, the other says why not; nothing is migrated twice."""
    command = [*PROGRAM, "console", "--json", "--config", str(old.path), "--clock", CLOCK]
    two = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    firsts = [process.stdout.readline() for process in two if process.stdout]
    assert sorted(bool(line) for line in firsts) == [False, True], firsts
    running, refused = (two[0], two[1]) if firsts[0] else (two[1], two[0])
    _, why = refused.communicate(timeout=PATIENCE_S)
    assert (refused.returncode, why) == (1, f"kiosk: {old.folder}: a kiosk is running on this folder already\n")
    said, _ = running.communicate("scan P0\nscan A0\nquit\n", timeout=PATIENCE_S)
    assert running.returncode == 0 and '"kind": "checkout"' in said
    _is_right(old)


MIGRATE = """
import sys
from pathlib import Path
from kiosk.store.connection import Connection
from kiosk.store.schema import is_current, migrate
connection = Connection(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
migrate(connection)
assert is_current(connection)
connection.close()
"""


@pytest.mark.parametrize("round_", range(3))
def test_two_processes_that_migrate_at_once_both_succeed(old: Config, round_: int) -> None:
    command = [sys.executable, "-c", MIGRATE, str(old.store)]
    two = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in two:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in two:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in two:
        _, why = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, why
    _is_right(old)


def test_a_store_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    config = school(tmp_path / "kiosk")
    with app.opened(config) as store, store.connection().write() as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('kiosk', 'm999_x', '')")
    shutil.copy(config.store, tmp_path / "before.db")
    with Console(config) as console:
        assert console.send("scan P1")["view"] == "out_of_service"
        assert console.quit() == 0
        assert "is of a newer version of the kiosk: m999_x" in console.log()
