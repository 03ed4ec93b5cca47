"""`kill -9` while central is asked, of a real kiosk beside a real central database: nothing lost, nothing doubled."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter

import pytest
from sqlalchemy import select

from kiosk.config import Config
from kiosk.sync.central import administration
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.database import engine_of, opened
from kiosk.sync.central.schema import items, loans, transactions
from tests.central_fixture import Central, stock
from tests.driver import PATIENCE_S, Answer, Console, faults, full, kiosk, school

SEED = 20260922
PUPILS, BOOKS = 12, 60
SCHOOL = "Test"


@pytest.fixture
def central(tmp_path: Path) -> Central:
    """Central, with the pupils and books of `school`."""
    url = f"sqlite:///{tmp_path / 'central.db'}"
    made = Central("sqlite", url, engine_of(parse_address(url)), tmp_path)
    with opened(made.engine) as connection:
        administration.init(connection)
        made.schools[SCHOOL] = administration.add_school(connection, SCHOOL)
        stock(connection, made.schools[SCHOOL], PUPILS, BOOKS)
    return made


@pytest.fixture
def config(central: Central, tmp_path: Path) -> Config:
    """A kiosk that asks it first."""
    settings = ["[visit]", "same_scan_s = 0", "[central]", 'kind = "sql"', 'mode = "central-first"', "every_s = 1"]
    return school(tmp_path / "kiosk", PUPILS, BOOKS, [*settings, "[central.sql]", f'url = "{central.url}"'])


def _ask(config: Config, query: str) -> list[tuple[str, ...]]:
    db = sqlite3.connect(config.store)
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()


def _spin(seconds: float) -> None:
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


class Pupils:
    """They borrow and bring back, at random; what was acknowledged is written down."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.acknowledged: dict[str, Answer] = {}

    def line(self) -> str:
        """What one of them does next."""
        pupil = self._rng.random() < 0.3
        return f"scan P{self._rng.randrange(PUPILS)}" if pupil else f"scan A{self._rng.randrange(BOOKS)}"

    def note(self, answer: Answer) -> None:
        """An answer was read wholly."""
        self.acknowledged |= {act["id"]: act for act in answer["committed"]}


def _until_central_decides(console: Console, pupils: Pupils, config: Config) -> None:
    """The first exchange takes a moment; until then the kiosk decides by itself."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        while (answer := console.send("tick 0"))["sync"]["pending"]:
            assert time.monotonic() < deadline, f"central is never told: {console.log()}"
            time.sleep(0.02)
        answer = console.send(pupils.line())
        pupils.note(answer)
        ids = ", ".join(f"'{act['id']}'" for act in answer["committed"])
        if ids and _ask(config, f"SELECT 1 FROM transactions WHERE decided_by = 'central' AND id IN ({ids})"):
            return
        assert time.monotonic() < deadline, f"central is never asked: {console.log()}"


def _until_it_is_intended(config: Config) -> None:
    """Not for long: a pupil who may borrow nothing asks for nothing."""
    end = perf_counter() + 0.5
    while perf_counter() < end and not _ask(config, "SELECT id FROM intents"):
        pass


@pytest.mark.slow
def test_killed_while_central_is_asked(central: Central, config: Config, figure: Callable[[str], None]) -> None:
    rng, left = Random(SEED), 0
    pupils = Pupils(rng)
    for _ in range(full(120, 5)):
        console = Console(config)
        _until_central_decides(console, pupils, config)
        for _ in range(rng.randrange(3)):
            pupils.note(console.send(pupils.line()))
        console.write(f"{pupils.line()}\n".encode())
        if rng.random() < 0.5:
            _spin(rng.random() * 0.05)
        else:
            _until_it_is_intended(config)
        console.kill()
        for late in console.rest():
            pupils.note(late)
        left += len(_ask(config, "SELECT id FROM intents"))
    with Console(config) as console:
        assert console.send("scan C-AIGUL")["patron"]["name"] == "Айгүл Ә."
        assert console.quit() == 0
    assert left, "nothing was killed between the intent and what became of it"
    for _ in range(2):
        done = kiosk("sync", "once", "--config", config.path)
        assert done.returncode == 0, done.stderr
    assert _ask(config, "SELECT id FROM intents") == [] and faults(config) == []
    states = Counter(_ask(config, "SELECT state FROM outbox"))
    assert states.keys() == {("accepted",)}, states
    told = Counter(row.id for row in central.rows(select(transactions.c.id)))
    outbox = {row[0] for row in _ask(config, "SELECT t.id FROM outbox o JOIN transactions t ON t.seq = o.seq")}
    assert set(told) == outbox and set(told.values()) == {1}
    assert pupils.acknowledged.keys() <= outbox
    here = set(_ask(config, "SELECT i.barcode, l.id FROM loans l JOIN items i ON i.id = l.item_id"))
    open_loans = select(items.c.barcode, loans.c.id).join(loans, loans.c.item_id == items.c.id)
    assert here == {tuple(row) for row in central.rows(open_loans.where(loans.c.ended.is_(None)))}
    figure(f"{len(told)} acts, {len(pupils.acknowledged)} acknowledged; {left} intents found after a kill")
