"""An import by the command line: rows a second, memory beside an import of ten rows, and how long a desk waits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kiosk import app
from kiosk.circulation.model import Scan
from kiosk.config import Config
from kiosk.desk import Press
from kiosk.devices.clock import HandClock
from tests.bench.library import library, now, title


@dataclass(frozen=True, slots=True)
class Figures:
    """delays: seconds from a scan to its answer, while the import ran; quiet: without it."""

    rows_a_second: float
    more_memory_mb: float
    delays: tuple[float, ...]
    quiet: tuple[float, ...]


def measure(folder: Path, rows: int) -> Figures:
    """Import so many items while a desk lends, and ten on their own."""
    config = library(folder, 2000)
    few, many = _catalogue(folder / "few.csv", 10, "F"), _catalogue(folder / "many.csv", rows, "M")
    small = _wait(_start(config, few))
    quiet = _lend(config, lambda: False, 200, 0)
    begun = time.perf_counter()
    process = _start(config, many)
    ended: list[tuple[int, float]] = []

    def running() -> bool:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid and not ended:
            process.returncode = os.waitstatus_to_exitcode(status)
            ended.append((usage.ru_maxrss, time.perf_counter() - begun))
        return not ended

    delays = _lend(config, running, 100_000, 1000)
    return Figures(rows / ended[0][1], (ended[0][0] - small) / 1024, delays, quiet)


def _catalogue(path: Path, rows: int, mark: str) -> Path:
    lines = ["barcode;inventory_no;title;author;year;language;location"]
    lines += [f"{mark}{n};{mark}-{n};{title(n // 3)};Автор {n % 500};2019;kk;Сөре A-{n % 9}" for n in range(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _start(config: Config, file: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kiosk", "import", "items", "--config", str(config.path), str(file)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _wait(process: subprocess.Popen[bytes]) -> int:
    """The most memory that a process used, in KiB."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise AssertionError(f"the import ended with {process.returncode}")
    return usage.ru_maxrss


def _lend(config: Config, running: object, at_most: int, first: int) -> tuple[float, ...]:
    """Lend and return by scans, for as long as `running()`; the seconds that each took."""
    assert callable(running)
    times = []
    with app.opened(config) as store:
        clock = HandClock(now(config))
        desk = app.open_desk(config, store, clock)
        for n in range(at_most):
            clock.move(3)
            if n % 4 == 0:
                desk.take(Press("finish"))
                desk.take(Press("done"))
                desk.take(Scan(f"P{(first + n) // 4 % 600}"))
            begun = time.perf_counter()
            desk.take(Scan(f"B{(first + n) % 2000}"))
            times.append(time.perf_counter() - begun)
            if at_most > 1000 and not running():
                break
            time.sleep(0.005)
    return tuple(times)
