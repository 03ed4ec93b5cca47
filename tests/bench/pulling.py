"""A pull of 100 changed items out of few and out of many: it must cost what changed, not what exists."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from kiosk.circulation.facts import ItemFact
from kiosk.sync.central.database import opened
from kiosk.sync.sql.connector import SqlConnector
from tests.central_fixture import SCHOOL, central_in

CHANGED = 100
_SERIES = {
    "postgresql": "generate_series(1, {n}) AS s(n)",
    "sqlite": "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {n}) SELECT n FROM s) AS s",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Median seconds of a pull out of few and out of many."""

    few_s: float
    many_s: float

    @property
    def ratio(self) -> float:
        """Of many to few."""
        return self.many_s / self.few_s


def measure(folder: Path, kind: str, few: int = 10_000, many: int = 1_000_000, pairs: int = 300) -> Figures:
    """Pulls by turns from two databases of a kind, "sqlite" or "postgresql", with so many items each."""
    with ExitStack() as stack:
        ways = [stack.enter_context(_library(folder / str(size), kind, size)) for size in (few, many)]
        times: list[list[float]] = [[], []]
        for n in range(pairs + 10):
            for (connector, cursor), found in zip(ways, times, strict=True):
                begun = time.perf_counter()
                page = connector.pull(cursor, 500)
                if n >= 10:
                    found.append(time.perf_counter() - begun)
                if len([fact for fact in page.facts if isinstance(fact, ItemFact)]) != CHANGED or page.more:
                    raise AssertionError(f"{len(page.facts)} facts")
        return Figures(median(times[0]), median(times[1]))


@contextmanager
def _library(folder: Path, kind: str, size: int) -> Iterator[tuple[SqlConnector, str]]:
    """A database with so many items, and a cursor behind which 100 of them, here and there, have changed."""
    folder.mkdir(parents=True)
    with central_in(kind, folder) as central:
        school = central.schools[SCHOOL]
        with opened(central.engine) as connection:
            if kind == "postgresql":
                connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql(
                "INSERT INTO items (school_id, id, version, title_id, barcode, kind, status, service_point) "
                f"SELECT '{school}', 'S' || n, 2, 'T1', 'S' || n, 'book', 'available', 'loan_desk' "
                f"FROM {_SERIES[kind].format(n=size)}"
            )
            connection.exec_driver_sql(f"UPDATE schools SET version = 2 WHERE id = '{school}'")
            connection.commit()
            connection.exec_driver_sql(
                f"UPDATE items SET version = 3, shelf = 'B-1' WHERE school_id = '{school}' AND id IN "
                f"(SELECT 'S' || (n * {size // CHANGED}) FROM {_SERIES[kind].format(n=CHANGED)})"
            )
            connection.exec_driver_sql(f"UPDATE schools SET version = 3 WHERE id = '{school}'")
            connection.commit()
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        yield central.connector(), "2"
