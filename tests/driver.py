"""Driving the kiosk as another program does: in a process of its own, on a real data folder; and what it leaves."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any

import pytest

from kiosk.app import opened
from kiosk.config import Config
from kiosk.store.check import recompute
from tests.scenario import Scenario, furnish

PROGRAM = (str(Path(sys.executable).with_name("kiosk")),)
CLOCK = "2026-09-22T10:00"
PATIENCE_S = 60.0
"""Nothing here takes so long: a program that is silent for a minute hangs."""

Answer = dict[str, Any]


def full(n: int, tenth: int) -> int:
    """How often: `n` times with KIOSK_FULL=1, else only `tenth`."""
    return n if os.environ.get("KIOSK_FULL") == "1" else tenth


def need_tool(name: str) -> str:
    """The path of a program of deploy/packages.txt. Where the checks are run by a machine, it must be there."""
    path = shutil.which(name)
    if path is None:
        if os.environ.get("CI") or os.environ.get("KIOSK_CI"):
            pytest.fail(f"{name} is missing; deploy/setup installs it")
        pytest.skip(f"{name} is missing; deploy/setup installs it")
    return path


def wait_for(met: Callable[[], bool], what: str) -> None:
    """Wait for something that tells nobody when it comes."""
    deadline = time.monotonic() + PATIENCE_S
    while not met():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:g} s: {what}"
        time.sleep(0.005)


def school(folder: Path, patrons: int = 12, items: int = 60, settings: Sequence[str] = ()) -> Config:
    """A data folder with the library of the scenarios, pupils P0.. (ten of a class) and books A0.., two of a title."""
    sections = {
        "Patrons": ["card;last_name;first_name;class"]
        + [f"P{n};Тегі{n};Аты{n};{5 + n // 10} «А»" for n in range(patrons)],
        "Items": ["barcode;inventory_no;title;author;location"]
        + [f"A{n};{1000 + n};Кітап {n // 2};Автор;Абонемент, Сөре B-{n % 9}" for n in range(items)],
    }
    if settings:
        sections["Settings"] = list(settings)
    return furnish(folder, Scenario("school", folder, sections, 0))


def kiosk(*arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], input=given, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def ledger(config: Config) -> list[Answer]:
    """What `kiosk ledger --json` lists."""
    done = kiosk("ledger", "--json", "--config", config.path)
    assert done.returncode == 0, done.stderr
    rows: list[Answer] = json.loads(done.stdout)
    return rows


def faults(config: Config) -> list[str]:
    """What `kiosk ledger --check` finds."""
    with opened(config) as store:
        return recompute(store)


class Console:
    """`kiosk console --json` in a process of its own. It is killed at the end if it has not ended by then.

    program: what runs in place of `kiosk`, strace before it for instance.
    """

    def __init__(
        self, config: Config, *, program: Sequence[str] = PROGRAM, clock: str = CLOCK, greet: bool = True
    ) -> None:
        self._log = TemporaryFile()  # noqa: SIM115 - it is closed with the process
        self._buffer = b""
        self.process = subprocess.Popen(
            [*program, "console", "--json", "--config", str(config.path), "--clock", clock],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            bufsize=0,
        )
        if greet:
            self.first = self.read()

    def __enter__(self) -> Console:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def log(self) -> str:
        """What it wrote to standard error."""
        return os.pread(self._log.fileno(), 1_000_000, 0).decode("utf-8", errors="replace")

    def write(self, data: bytes) -> None:
        """Give it bytes, without waiting for anything. It may be dead already."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(data)

    def read(self) -> Answer:
        """The next answer."""
        line = self._line()
        assert line is not None, f"it ended: {self.log()}"
        answer: Answer = json.loads(line)
        return answer

    def send(self, line: str) -> Answer:
        """Give it a line, and wait for the answer."""
        self.write(line.encode() + b"\n")
        return self.read()

    def rest(self) -> list[Answer]:
        """Every whole answer that was written before it ended."""
        answers = []
        while (line := self._line()) is not None:
            answers.append(json.loads(line))
        return answers

    def _line(self) -> bytes | None:
        """A line with its end; None if there will be none any more."""
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        poll = select.poll()  # `select` knows no descriptor above 1024
        poll.register(descriptor, select.POLLIN)
        while b"\n" not in self._buffer:
            ready = poll.poll(PATIENCE_S * 1000)
            assert ready, f"silent for {PATIENCE_S:g} s: {self.log()}"
            received = os.read(descriptor, 65536)
            if not received:
                return None
            self._buffer += received
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        self.process.stdin.close()

    def quit(self) -> int:
        """End it as a person would, and give its exit code."""
        self.write(b"quit\n")
        return self.process.wait(PATIENCE_S)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own with little room; skips where one cannot be made."""
    folder.mkdir()
    made = os.geteuid() == 0 and shutil.which("mount") is not None
    if not made or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder]).returncode:
        pytest.skip("a small disk needs root, and a system that lets it mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
