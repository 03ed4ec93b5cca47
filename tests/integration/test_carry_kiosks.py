"""Three kiosks, two of them by stick: the same end as by a network, whatever happens to the sticks; counted."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from kiosk.circulation.delivery import OPEN
from kiosk.sync.central.schema import holds, items, loans, transactions
from tests.carry_fixture import PAGE_OF_TESTS, Carried, acts_of, carried, counted, library, new_stick, use, walk
from tests.central_fixture import Central
from tests.driver import full
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, folder_in_memory, new_kiosk

ACTS = full(1000, 50)
"""Of each kiosk, with sticks that come to harm."""
TOLD = full(500, 25)
"""Of each kiosk, where both ways are compared."""
SET_BACK = "set back"
DATABASES = ("sqlite", *(("postgresql",) if full(1, 0) else ()))


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


def by_network(central: Central, folder: Path, clock: KioskClock, name: str) -> Kiosk:
    """A kiosk that has a network."""
    kiosk = new_kiosk(folder, central.connector(name), clock, name)
    assert not kiosk.round().problem
    return kiosk


def end_of(central: Central) -> dict[str, list[Any]]:
    """All that central knows, but for when it was told."""
    what = {
        "acts": select(transactions.c.id, transactions.c.kind, transactions.c.at, transactions.c.flags),
        "loans": select(loans.c.id, loans.c.item_id, loans.c.patron_id, loans.c.due, loans.c.ended, loans.c.ended_by),
        "items": select(items.c.id, items.c.status, items.c.last_id),
        "holds": select(holds.c.id, holds.c.state, holds.c.ended),
    }
    return {name: sorted(tuple(row) for row in central.rows(query)) for name, query in what.items()}


@pytest.mark.slow
@pytest.mark.parametrize("database", DATABASES)
def test_the_same_acts_end_the_same_by_stick_and_by_network(database: str) -> None:
    ends = []
    for way in ("stick", "network"):
        with folder_in_memory() as folder, library(database, folder) as central:
            clock = KioskClock(MONDAY)
            sticks = [carried(central, folder, clock, name) for name in ("one", "two") if way == "stick"]
            kiosks = [stick.kiosk for stick in sticks] or [
                by_network(central, folder, clock, name) for name in ("one", "two")
            ]
            kiosks.append(by_network(central, folder, clock, "three"))
            chance = random.Random(5)
            while len(acts_of(kiosks)) < 3 * TOLD:
                use(chance.choice(kiosks), chance)
            for stick in sticks:
                stick.trip(central)
            for kiosk in (*kiosks, kiosks[-1]):
                assert not kiosk.round().problem
            for stick in sticks:
                stick.trip(central)
            for kiosk in kiosks:
                assert not kiosk.round().problem
            counted(central, kiosks)
            ends.append(end_of(central))
            for kiosk in kiosks:
                kiosk.off()
    assert ends[0] == ends[1]
    assert len(ends[0]["acts"]) >= 3 * TOLD


@dataclass
class Courier:
    """Somebody who carries sticks between kiosks and central, and to whom everything happens that can."""

    central: Central
    kiosks: list[Carried]
    chance: random.Random
    happened: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[Carried, dict[str, bytes]]] = field(default_factory=list)

    def errand(self) -> None:
        """One thing, at one kiosk."""
        one = self.chance.choice(self.kiosks)
        doings = {
            "plugged in": 6, "walked": 6, "lost": 1, "copied": 2, "put back": 1, "cut": 2, "changed": 1, "mixed up": 1,
        }  # fmt: skip
        (what,) = self.chance.choices(list(doings), list(doings.values()))
        self.happened[what] += 1
        getattr(self, f"_{what.replace(' ', '_')}")(one)

    def files(self, one: Carried) -> list[Path]:
        """What is on a stick."""
        return sorted((one.place / "kiosk-carry").iterdir())

    def _plugged_in(self, one: Carried) -> None:
        done = one.kiosk.round()
        assert done.reached and SET_BACK not in done.problem
        self.happened["not read"] += bool(done.problem)

    def _walked(self, one: Carried) -> None:
        for done in walk(self.central, one.place, PAGE_OF_TESTS):
            self.happened["not taken"] += bool(done.problem)
            self.happened["older"] += bool(done.notes)
            assert not [note for note in done.notes if SET_BACK in note and "another stick" not in note]

    def _lost(self, one: Carried) -> None:
        shutil.rmtree(one.place)
        new_stick(one.place)

    def _copied(self, one: Carried) -> None:
        self.kept.append((one, {path.name: path.read_bytes() for path in self.files(one)}))

    def _put_back(self, one: Carried) -> None:
        """An older stick, of this kiosk or of another, is taken for the newest."""
        if self.kept:
            _, files = self.chance.choice(self.kept)
            for name, content in files.items():
                (one.place / "kiosk-carry" / name).write_bytes(content)

    def _cut(self, one: Carried) -> None:
        for path in self.files(one):
            path.write_bytes(path.read_bytes()[: self.chance.randrange(path.stat().st_size + 1)])

    def _changed(self, one: Carried) -> None:
        for path in self.files(one):
            content = bytearray(path.read_bytes())
            if content:
                content[self.chance.randrange(len(content))] ^= 1 << self.chance.randrange(8)
                path.write_bytes(content)

    def _mixed_up(self, one: Carried) -> None:
        """The files of a stick change their names."""
        files = self.files(one)
        contents = [path.read_bytes() for path in files]
        self.chance.shuffle(contents)
        for path, content in zip(files, contents, strict=True):
            path.write_bytes(content)

    def in_the_end(self) -> int:
        """Good sticks, until nothing waits any more; how many trips a kiosk needed at most."""
        most = 0
        for one in self.kiosks:
            self._lost(one)
            trips = 0
            while not trips or OPEN & one.kiosk.states().keys():
                one.trip(self.central)
                trips += 1
                assert trips < 5, one.kiosk.states()
            most = max(most, trips)
        for one in self.kiosks:
            for done in one.trip(self.central):
                assert isinstance(done, list) or not done.problem, done
        return most


@pytest.mark.slow
@pytest.mark.parametrize("database", DATABASES)
def test_nothing_is_lost_and_nothing_doubled_whatever_happens_to_the_sticks(
    folder: Path, database: str, figure: Callable[[str], None]
) -> None:
    with library(database, folder) as central:
        clock, chance = KioskClock(MONDAY), random.Random(11)
        sticks = [carried(central, folder, clock, name) for name in ("one", "two")]
        networked = by_network(central, folder, clock, "three")
        kiosks = [*(stick.kiosk for stick in sticks), networked]
        courier = Courier(central, sticks, chance)
        while len(acts_of(kiosks)) < 3 * ACTS:
            for kiosk in kiosks:
                use(kiosk, chance)
            courier.errand()
            courier.errand()
            if chance.random() < 0.3:
                networked.round()
        trips = courier.in_the_end()
        for _ in range(2):
            assert not networked.round().problem
        for stick in sticks:
            stick.trip(central)
        counted(central, kiosks)
        figure(
            f"{len(acts_of(kiosks))} acts at three kiosks, two by stick ({database}): {dict(courier.happened)}; "
            f"all told and none twice after {trips} trips more"
        )
        for kiosk in kiosks:
            kiosk.off()
