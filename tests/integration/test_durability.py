"""What kill -9 cannot show: that a commit was on the disk, not only in the system's memory, before it was acknowledged.

Every connection that any command opens is set as it must be; and the system calls of a running console say that the
write-ahead log was synchronised after its last write and before the answer.
"""

from __future__ import annotations

import ast
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import kiosk as product
from kiosk import app
from kiosk.circulation.intake import Intake
from kiosk.circulation.model import Scan
from kiosk.cli import main
from kiosk.config import Config
from kiosk.devices.clock import HandClock
from kiosk.importing import import_file
from kiosk.store.connection import PRAGMAS
from tests.driver import CLOCK, PATIENCE_S, PROGRAM, need_tool, school

SETTING = re.compile(r"PRAGMA (\w+) ?= ?(.*)", re.I)


class Watched(sqlite3.Connection):
    """A connection that keeps what was said to it, and what its pragmas answer when it is closed."""

    opened: list[Watched]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.said: list[str] = []
        self.answers: dict[str, object] | None = None
        self.set_trace_callback(self.said.append)
        self.opened.append(self)
        self.is_central = "central.db" in str(arguments[0])

    def close(self) -> None:
        """Ask for the pragmas, a last time."""
        self.set_trace_callback(None)
        self.answers = pragmas(self)
        super().close()

    def problems(self) -> list[str]:
        """What is wrong with it: a pragma not set first of all, or set to something else at any time. A central library
        in SQLite has to be as safe: what it has accepted is not told again."""
        if self.is_central:
            full = "synchronous", "2"
            settings = [
                (m[1], {"full": "2"}.get(m[2].lower(), m[2])) for line in self.said if (m := SETTING.fullmatch(line))
            ]
            safe = full in settings and all(pair == full for pair in settings if pair[0] == "synchronous")
            return [] if safe else ["the central library is not written safely"]
        settings = [(m[1], m[2]) for line in self.said if (m := SETTING.fullmatch(line))]
        found = [f"{name} is not set first of all" for name in PRAGMAS if name not in dict(settings[: len(PRAGMAS)])]
        found += [f"{name} is set to {value}" for name, value in settings if str(PRAGMAS.get(name, value)) != value]
        return found if self.answers in (None, PRAGMAS) else [*found, f"at the end: {self.answers}"]


def pragmas(connection: sqlite3.Connection) -> dict[str, object]:
    """What the pragmas that matter answer."""
    return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}


@pytest.fixture(name="connections")
def _connections(monkeypatch: pytest.MonkeyPatch) -> list[Watched]:
    """Every connection that is opened from now on, whoever opens it."""
    Watched.opened = []
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Watched))
    return Watched.opened


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Config:
    return school(tmp_path / "kiosk")


def test_the_desk_opens_its_ledger_safely(config: Config, connections: list[Watched]) -> None:
    store = app.open_store(config)
    desk = app.open_desk(config, store, HandClock(datetime.fromisoformat(CLOCK).astimezone(config.timezone)))
    desk.take(Scan("P0"))
    assert desk.take(Scan("A0")).committed
    desk.close()
    assert [one.problems() for one in connections] == [[]]
    assert connections[0].answers == PRAGMAS


def test_an_import_opens_the_ledger_safely(config: Config, connections: list[Watched], tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("barcode;title\nX1;Жаңа кітап\n", encoding="utf-8")
    meanwhile: list[dict[str, object]] = []
    import_file(config, Intake.ITEMS, file, progress=lambda _: meanwhile.append(pragmas(connections[-1])))
    assert meanwhile and all(one == PRAGMAS for one in meanwhile)
    assert [one.problems() for one in connections] == [[]]


COMMANDS = (
    ["init", "{new}"],
    ["init", "--demo", "{new}"],
    ["console", "--json", "--config", "{config}"],
    ["console", "--config", "{config}"],
    ["ledger", "--json", "--config", "{config}"],
    ["ledger", "--check", "--config", "{config}"],
    ["import", "items", "--config", "{config}", "{items}"],
    ["import", "list", "--config", "{config}"],
    ["export", "--config", "{config}", "{new}"],
    ["doctor", "--config", "{config}"],
    ["pin", "--config", "{config}", "P0"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_opens_the_ledger_safely(
    command: list[str], config: Config, connections: list[Watched], tmp_path: Path
) -> None:
    items = tmp_path / "items.csv"
    items.write_text("barcode;title\nX1;Жаңа кітап\n", encoding="utf-8")
    names = {"config": config.path, "new": tmp_path / "new", "items": items}
    done = CliRunner().invoke(main, [word.format(**names) for word in command], input="1234\nquit\n")
    assert done.exit_code == 0, done.output
    assert connections, "it never opened the ledger"
    assert [one.problems() for one in connections] == [[]] * len(connections)
    ledgers = [one for one in connections if not one.is_central]
    assert ledgers and all(one.answers == PRAGMAS for one in ledgers), "it was never closed"


ROOT = Path(product.__file__).parent
OF_NO_LEDGER = {"sync/central/database.py", "sync/carry/answers.py"}
"""A central library in SQLite, with pragmas of its own, and a stick's answer, read into a database of no name."""
OPENERS = ("sqlite3.connect", "sqlite3.Connection", "Database", "sqlite_utils.Database")


def test_only_one_module_opens_connections() -> None:
    """What opens its own would be set as Python sets it: not to the disk before the commit."""
    opening = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in OPENERS:
                opening.add(path.relative_to(ROOT).as_posix())
    assert opening == {"store/connection.py", *OF_NO_LEDGER}, "the others go through kiosk.store.connection.Connection"


# The system calls.

CALLS = "read,write,pwrite64,fsync,fdatasync"
CALL = re.compile(r"^\d+ +(\w+)\((\d+)(?:<(.*?)>)?(?:, (.*))?\) += (-?\d+)")


def unsynced(trace: str) -> tuple[int, list[str]]:
    """How many answers list what was committed, and those of them that were written before the log was on the disk."""
    answers, wrong = 0, []
    dirty, synced, begun, said = False, False, "", b""
    for line in trace.splitlines():
        match = CALL.match(line)
        if match is None:
            continue
        call, descriptor, path, rest, result = match.groups()
        log = (path or "").endswith("-wal")
        if call == "pwrite64" and log:
            dirty = True
        elif call in ("fsync", "fdatasync") and log and result == "0":
            dirty, synced = False, True
        elif call == "write" and descriptor == "1":
            begun = begun or ("after" if not dirty and synced else "before" if dirty else "without")
            said += _shown(rest)[: int(result)]
            if said.endswith(b"\n"):
                if committed := json.loads(said)["committed"]:
                    answers += 1
                    wrong += [] if begun == "after" else [f"written {begun} the last fdatasync: {committed}"]
                synced, begun, said = False, "", b""
    return answers, wrong


def _shown(rest: str) -> bytes:
    """Bytes, out of the way in which strace shows them."""
    shown = re.match(r'"((?:\\x[0-9a-f]{2})*)"', rest)
    assert shown is not None, rest[:200]
    return bytes.fromhex(shown[1].replace("\\x", ""))


LINES = (
    "scan P1", "scan A0", "scan A1", "scan A0", "press undo {A1}", "scan A2", "tick 3", "press account",
    "press renew_all", "press back", "scan P2", "scan A2", "press search", "type Кітап 1", "press finish", "scan A2",
)  # fmt: skip


def traced(config: Config, folder: Path, program: tuple[str, ...]) -> str:
    """The system calls of a visit or two at the console."""
    trace = folder / "trace"
    items = {row["barcode"]: row["id"] for row in _items(config)}
    lines = "".join(f"{line.format(**items)}\n" for line in (*LINES, "quit"))
    watched = (need_tool("strace"), "-f", "-y", "-xx", "-s", "200000", "-o", str(trace), "-e", f"trace={CALLS}")
    subprocess.run(
        [*watched, *program, "console", "--json", "--config", str(config.path), "--clock", CLOCK],
        input=lines,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    return _plain_paths(trace.read_text(encoding="ascii"))


def _plain_paths(trace: str) -> str:
    """-xx shows the paths of descriptors in the same way as the bytes."""
    return re.sub(
        r"<((?:\\x[0-9a-f]{2})+)>", lambda m: f"<{bytes.fromhex(m[1].replace(chr(92) + 'x', '')).decode()}>", trace
    )


def _items(config: Config) -> list[dict[str, str]]:
    with app.opened(config) as store, store.connection().read() as db:
        return [
            {"id": row[0], "barcode": row[1]} for row in db.execute("SELECT id, barcode FROM items WHERE barcode > ''")
        ]


def test_every_act_is_on_the_disk_before_it_is_acknowledged(
    config: Config, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    trace = traced(config, tmp_path, PROGRAM)
    answers, wrong = unsynced(trace)
    assert wrong == []
    assert answers >= 6
    figure(f"{answers} answers with acts, {trace.count(' fdatasync(')} fdatasync in all")


SABOTAGE = "from kiosk.store import connection; connection.PRAGMAS['{0}'] = {1}; from kiosk.cli import main; main()"


def test_a_ledger_that_is_not_synchronised_is_noticed(config: Config, tmp_path: Path) -> None:
    program = (sys.executable, "-c", SABOTAGE.format("synchronous", 0))
    answers, wrong = unsynced(traced(config, tmp_path, program))
    assert answers >= 6 and len(wrong) == answers


def test_a_log_that_is_synchronised_only_now_and_then_is_noticed(config: Config, tmp_path: Path) -> None:
    """synchronous = NORMAL: SQLite's usual advice for a WAL, and not enough here."""
    program = (sys.executable, "-c", SABOTAGE.format("synchronous", 1))
    answers, wrong = unsynced(traced(config, tmp_path, program))
    assert len(wrong) >= answers - 1


@pytest.mark.parametrize("pragma", ["synchronous=OFF", "synchronous=NORMAL", "journal_mode=DELETE", "foreign_keys=0"])
def test_a_connection_with_another_pragma_is_noticed(pragma: str, config: Config, connections: list[Watched]) -> None:
    store = app.open_store(config)
    store.connection().db.execute(f"PRAGMA {pragma}")
    store.close()
    assert len(connections[0].problems()) == 2
