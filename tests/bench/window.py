"""Start, memory and idle load of the kiosk's window, beside a bare Kivy window with one label, in a process each."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PROGRAM = [sys.executable, "-m", "tests.bench.window_program"]
SETTLE_S = 8.0
"""By then all pages have been read."""


@dataclass(frozen=True, slots=True)
class Seen:
    """start_s: from the process's start to the first frame that takes a scan. memory_mb: resident, after it settled.
    idle_share: of one core, with nobody there.
    """

    start_s: float
    memory_mb: float
    idle_share: float


def measure(what: str, config: Path, idle_s: float) -> Seen:
    """One run of a window. what: "bare" or "kiosk"."""
    begun = time.time()
    process = subprocess.Popen([*PROGRAM, what, str(config)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        if not first:
            raise AssertionError(f"the {what} window never came")
        time.sleep(SETTLE_S)
        used = _cpu_s(process.pid)
        time.sleep(idle_s)
        return Seen(float(first) - begun, _resident_mb(process.pid), (_cpu_s(process.pid) - used) / idle_s)
    finally:
        process.terminate()
        process.wait()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
