"""The catalogue's search among many titles."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from kiosk import app
from kiosk.circulation.events import Hits, Search
from tests.bench.library import library, title

QUERIES = ("аба", "менің атым", "ушкан уя", "тагдыр", "кітап өзен", "автор 12", "ж", "қыран арман", "шыганак", "а")


def measure(folder: Path, titles: int, rounds: int) -> tuple[float, float]:
    """Milliseconds to the first 50 hits, records and all: (median, worst query's median)."""
    config = library(folder, titles, copies=1)
    with app.opened(config) as store:
        each = []
        for query in (*QUERIES, title(titles // 2).lower()):
            times = []
            for _ in range(rounds):
                begun = time.perf_counter()
                hits = store.answer(Search(query))
                times.append(time.perf_counter() - begun)
                if not isinstance(hits, Hits) or not hits.titles:
                    raise AssertionError(query)
            each.append(median(times) * 1000)
    return median(each), max(each)
