"""`python -m tests.bench`: every budget of DESIGN.md 9 that this version has something for, measured and printed.

With KIOSK_FULL=1 on full sizes, else on small ones. A figure over its budget is marked; nothing fails, since a busy
machine measures itself.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench import camera, commit, frames, importing, pulling, pushing, searching, sip2, window

FULL = os.environ.get("KIOSK_FULL") == "1"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. budget: the most, or the least if `more_is_better`; None if there is none."""

    what: str
    figure: float
    unit: str
    budget: float | None = None
    more_is_better: bool = False

    def __str__(self) -> str:
        if self.budget is None:
            return f"{self.what:<58} {self.figure:>9.2f} {self.unit}"
        kept = self.figure >= self.budget if self.more_is_better else self.figure <= self.budget
        word = "at least" if self.more_is_better else "at most"
        mark = "" if kept else "   OVER" if not self.more_is_better else "   UNDER"
        return f"{self.what:<58} {self.figure:>9.2f} {self.unit:<6} {word} {self.budget:g}{mark}"


def main(folder: Path) -> None:
    """Measure and print."""
    for part in (_commits, _growth, _search, _import, _push, _pull, _sip2, _camera, _frames, _windows):
        for line in part(folder / part.__name__):
            print(line, flush=True)


def _commits(folder: Path) -> Iterator[Line]:
    runs = [commit.measure(folder / str(n), 100_000 if FULL else 20_000, 300) for n in range(3)]
    size = "100,000" if FULL else "20,000"
    yield Line(f"scan to durable commit, {size} items / bare INSERT", median(r.ratio for r in runs), "times", 3)
    yield Line("  the slowest in a hundred", median(r.tail for r in runs), "times", 20)


def _growth(folder: Path) -> Iterator[Line]:
    many = 1_000_000 if FULL else 100_000
    ratio = commit.growth(folder / "few", folder / "many", 1000, many, 300)
    yield Line(f"  {many:,} items against 1,000", ratio, "times", 1.2)


def _search(folder: Path) -> Iterator[Line]:
    middle, worst = searching.measure(folder, 100_000 if FULL else 20_000, 5)
    yield Line("search, first 50 hits: median of the queries", middle, "ms", 25)
    yield Line("  the slowest query", worst, "ms", 25)


def _import(folder: Path) -> Iterator[Line]:
    figures = importing.measure(folder, 20_000 if FULL else 4000)
    yield Line("import of items while the desk lends", figures.rows_a_second, "rows/s", 2000, more_is_better=True)
    yield Line("  more memory than an import of ten rows", figures.more_memory_mb, "MB", 30)
    yield Line("  longest wait of the desk", max(figures.delays) * 1000, "ms", 50)
    yield Line("  the same without an import", max(figures.quiet) * 1000, "ms", 50)


def _push(folder: Path) -> Iterator[Line]:
    found = pushing.measure(folder, 10_000, 300 if FULL else 100)
    if not found.left:
        raise AssertionError("the push was over too soon to tell")
    yield Line("scan to view while 10,000 acts are pushed / idle", found.ratio, "times")
    yield Line("  the longest, pushing", max(found.busy) * 1000, "ms")
    yield Line("  the longest, idle", max(found.idle) * 1000, "ms")


def _pull(folder: Path) -> Iterator[Line]:
    many, pairs = (1_000_000, 300) if FULL else (100_000, 60)
    for kind in ("sqlite", "postgresql"):
        figures = pulling.measure(folder / kind, kind, 10_000, many, pairs)
        yield Line(f"pull of 100 changed of {many:,} / of 10,000, {kind}", figures.ratio, "times", 1.3)


def _sip2(folder: Path) -> Iterator[Line]:
    speeds = sip2.measure(300 if FULL else 100)
    yield Line(f"SIP2: {speeds.messages} messages read", speeds.decoded, "msg/s")
    yield Line("  written", speeds.encoded, "msg/s")
    if speeds.decode_ratio is None or speeds.encode_ratio is None:
        print("  beside pysip2: it is not installed here, not measured")
        return
    yield Line("  reading beside pysip2 0.1.0", speeds.decode_ratio, "times", 1, more_is_better=True)
    yield Line("  writing beside pysip2 0.1.0", speeds.encode_ratio, "times", 1, more_is_better=True)


def _camera(folder: Path) -> Iterator[Line]:
    done = camera.compare(500 if FULL else 50, seed=1)
    print("\n".join(done.lines()))
    yield Line("camera: labels read / by the better decoder alone", done.gain, "times", 1.25, more_is_better=True)
    yield Line("  a picture, empty ones included", done.frame_ms, "ms", 40)


def _frames(folder: Path) -> Iterator[Line]:
    if not os.environ.get("DISPLAY"):
        print("scan to frame: no display here, not measured")
        return
    found = frames.measure(folder, 100 if FULL else 20, 20_000 if FULL else 10_000)
    if not found.left:
        raise AssertionError("the push was over too soon to tell")
    yield Line("scan to the frame that shows it, while acts are pushed", found.middle, "ms", 100)
    yield Line("  95 of a hundred stay under", found.most, "ms", 100)


def _windows(folder: Path) -> Iterator[Line]:
    from kiosk.initialise import initialise

    if not os.environ.get("DISPLAY"):
        print("start, memory and idle: no display here, not measured")
        return
    list(initialise(folder, "", "kiosk-1", demo=True, today=None))
    told, alone = folder / "kiosk.toml", folder / "alone.toml"
    alone.write_text(told.read_text(encoding="utf-8").replace('kind = "sql"', 'kind = "none"'), encoding="utf-8")
    for what in ("bare", "kiosk"):
        window.measure(what, alone, 0.1)  # the first of each warms the disk's cache
    rounds, idle_s = (5, 10.0) if FULL else (2, 2.0)
    seen = [
        (
            window.measure("bare", alone, idle_s),
            window.measure("kiosk", alone, idle_s),
            window.measure("kiosk", told, idle_s),
        )
        for _ in range(rounds)
    ]
    start = median(kiosk.start_s / bare.start_s for bare, kiosk, _ in seen)
    memory = median(kiosk.memory_mb / bare.memory_mb for bare, kiosk, _ in seen)
    yield Line("start to the first home view / bare Kivy window", start, "times", 2)
    yield Line("memory / bare Kivy window", memory, "times", 1.5)
    yield Line("idle, of one core", median(kiosk.idle_share for _, kiosk, _ in seen) * 100, "%", 3)
    start = median(synced.start_s / bare.start_s for bare, _, synced in seen)
    memory = median(synced.memory_mb / bare.memory_mb for bare, _, synced in seen)
    yield Line("with an SQL central: start", start, "times", 2)
    yield Line("  memory", memory, "times", 1.75)
    yield Line("  idle", median(synced.idle_share for _, _, synced in seen) * 100, "%", 3)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
