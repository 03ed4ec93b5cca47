"""The demo and its central library, through the commands as somebody types them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE, Popen, run
from sys import executable
from time import monotonic, sleep
from typing import Any

import pytest
from click.testing import CliRunner

from kiosk import demo
from kiosk.cli import main
from kiosk.initialise import initialise

PATIENCE_S = 60.0


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "kiosk"
    list(initialise(folder, "", "kiosk-1", demo=True, today=None))
    return folder


class Console:
    """`kiosk console --json` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        command = [executable, "-m", "kiosk", "console", "--json", "--config", "kiosk.toml"]
        self._process = Popen(command, cwd=folder, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True, encoding="utf-8")
        self.last: dict[str, Any] = self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line: dict[str, Any] = json.loads(self._process.stdout.readline())
        return line

    def say(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        self.last = self._read()
        return self.last

    def until(self, true_of: Callable[[dict[str, Any]], bool]) -> None:
        """Ask again and again, until central has been told or found to be away."""
        end = monotonic() + PATIENCE_S
        while not true_of(self.last["sync"]):
            assert monotonic() < end, self.last["sync"]
            sleep(0.1)
            self.say("tick 0")

    def end(self) -> None:
        self.say("quit")
        _, complaints = self._process.communicate(timeout=PATIENCE_S)
        assert self._process.returncode == 0, complaints


@pytest.fixture
def console(folder: Path) -> Iterator[Console]:
    console = Console(folder)
    yield console
    console.end()


def told(*words: str, folder: Path) -> str:
    done = CliRunner().invoke(main, [*words, "--config", str(folder / "kiosk.toml")])
    assert done.exit_code == 0, done.output
    return done.stdout


def accepted(folder: Path, act: str) -> bool:
    rows = json.loads(told("ledger", "--json", folder=folder))
    return next(str(row["delivery"]) for row in rows if row["id"] == act) == "accepted"


def test_the_demo_begins_in_step_with_its_central(folder: Path) -> None:
    state = json.loads(told("sync", "status", "--json", folder=folder))
    assert (state["state"], state["pending"], state["parked"], state["problem"]) == ("online", 0, 0, None)
    url = f"sqlite:///{folder / 'central.db'}"
    (school,) = json.loads(CliRunner().invoke(main, ["central", "status", url, "--json"]).stdout)
    assert (school["patrons"], school["loans"], school["flagged"]) == (562, 180, 0)


def test_what_is_lent_is_told_at_once(folder: Path, console: Console) -> None:
    assert console.last["sync"]["state"] == "online"
    console.say(f"scan {demo.AIGUL_CARD}")
    (act,) = console.say(f"scan {demo.FREE_BARCODES[0]}")["committed"]
    console.until(lambda sync: sync == {"state": "online", "pending": 0, "parked": 0})
    assert accepted(folder, act["id"])


def test_with_central_away_it_lends_all_the_same(folder: Path) -> None:
    (folder / "central.db").rename(folder / "away.db")
    console = Console(folder)
    console.until(lambda sync: sync["state"] == "offline")
    console.say(f"scan {demo.AIGUL_CARD}")
    (act,) = console.say(f"scan {demo.FREE_BARCODES[1]}")["committed"]
    assert act["kind"] == "checkout" and console.last["sync"] == {"state": "offline", "pending": 1, "parked": 0}
    console.end()
    sick = run([executable, "-m", "kiosk", "doctor"], cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert sick.returncode == 1
    assert "BAD  central library: central.db: there is no such database" in sick.stdout
    (folder / "away.db").rename(folder / "central.db")
    assert told("sync", "once", folder=folder).startswith("sent: 1, parked: 0")
    assert accepted(folder, act["id"])
    assert "ok   central library: it answers" in told("doctor", folder=folder)


def test_a_second_console_is_refused_and_the_sync_of_the_first_goes_on(folder: Path, console: Console) -> None:
    second = CliRunner().invoke(main, ["console", "--json", "--config", str(folder / "kiosk.toml")])
    assert second.exit_code == 1 and "a kiosk is running on this folder already" in second.stderr
    console.until(lambda sync: sync["state"] == "online")
