"""Whoever writes or reads a stick is killed at any moment, with kill -9; and a hundred thousand acts at once."""

from __future__ import annotations

import gc
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kiosk.circulation.acts import Act
from kiosk.sync.carry.sealed import read_head, read_sealed
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.database import engine_of
from kiosk.sync.central.schema import transactions
from tests.bench.pushing import queue
from tests.carry_fixture import PAGE_OF_TESTS, Carried, acts_of, carried, carry_connector, counted, library, use, walk
from tests.central_fixture import Central
from tests.driver import full
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, folder_in_memory

KILLS = full(60, 4)
"""In each of the three places."""
ACTS = 60
MANY = full(20_000, 200)


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


def told(central: Central) -> int:
    return int(central.rows(select(func.count()).select_from(transactions))[0][0])


def kill_soon(chance: random.Random, doing: Callable[[], object], longest_s: float) -> bool:
    """Do it in a process of its own that is killed on the way; whether it was still at it."""
    child = get_context("fork").Process(target=doing)
    child.start()
    child.join(chance.random() * longest_s)
    killed = child.is_alive()
    child.kill()
    child.join()
    return killed


def whole(one: Carried) -> None:
    """What lies on the stick under its name was written to its end."""
    for path in (one.place / "kiosk-carry").iterdir():
        if path.suffix != ".tmp":
            with path.open("rb") as file:
                assert list(read_sealed(file, one.key, read_head(file)))


@pytest.mark.slow
def test_a_stick_is_written_and_read_whole_or_not_at_all_whoever_is_killed(
    folder: Path, figure: Callable[[str], None]
) -> None:
    with library("sqlite", folder) as central:
        one = carried(central, folder, KioskClock(MONDAY), "one")
        path = one.kiosk.path
        one.kiosk.off()
        chance, deaths = random.Random(8), Counter[str]()
        acknowledged: list[Act] = []

        def at_kiosk() -> Kiosk:
            return Kiosk(path, carry_connector(one.place, one.key, "one"), KioskClock(MONDAY)).boot()

        def a_round() -> None:
            at_kiosk().round()

        def a_walk() -> None:
            own = Central(central.kind, central.url, engine_of(parse_address(central.url)), folder, central.schools)
            walk(own, one.place, PAGE_OF_TESTS)

        began = time.monotonic()
        a_round()
        a_walk()
        once_s = time.monotonic() - began
        for _ in range(KILLS):
            kiosk = at_kiosk()
            while len(acts_of([kiosk])) < ACTS:
                use(kiosk, chance)
            acknowledged += kiosk.acknowledged
            kiosk.off()
            for who, doing in (("kiosk writes", a_round), ("central", a_walk), ("kiosk reads", a_round)):
                deaths[who] += kill_soon(chance, doing, max(once_s, 0.2))
                whole(one)
        kiosk = at_kiosk()
        for _ in range(3):
            assert not kiosk.round().problem
            assert not [done for done in walk(central, one.place, PAGE_OF_TESTS) if done.problem or done.notes]
        kiosk.acknowledged = acknowledged
        counted(central, [kiosk])
        kiosk.off()
        figure(f"killed on the way: {dict(deaths)}; {len(acts_of([kiosk]))} acts, all told and none twice")
        assert sum(deaths.values()) > 0


def resident(what: str) -> float:
    """So much memory this process has, or had at most since it was asked to count anew, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (found,) = (line for line in lines if line.startswith(f"{what}:"))
    return round(int(found.split()[1]) / 1000, 1)


@pytest.mark.slow
def test_many_acts_need_no_more_memory(folder: Path, figure: Callable[[str], None]) -> None:
    with library("sqlite", folder) as central:
        one = carried(central, folder, KioskClock(MONDAY), "one")
        queue(one.kiosk, MANY)
        peaks: dict[str, float] = {}

        def measured(what: str, doing: Callable[[], object]) -> None:
            gc.collect()
            Path("/proc/self/clear_refs").write_text("5")
            began, before = time.monotonic(), resident("VmHWM")
            doing()
            peaks[f"{what} ({time.monotonic() - began:.0f} s)"] = resident("VmHWM") - before

        measured("written", one.kiosk.round)
        size = (one.place / "kiosk-carry" / f"{one.key.kiosk}.acts").stat().st_size
        measured("taken in", lambda: walk(central, one.place, PAGE_OF_TESTS))
        measured("read", one.kiosk.round)
        assert one.kiosk.states() == {"accepted": MANY} and told(central) == MANY
        figure(f"{MANY} acts, {size / 1e6:.1f} MB on the stick; MB of memory at most: {peaks}")
        assert max(peaks.values()) < 40
