"""Two kiosks at work and one PostgreSQL that goes away and comes back: counted, nothing is lost and nothing doubled."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kiosk.circulation.delivery import OPEN, Delivery
from kiosk.circulation.facts import HoldFact, ItemFact, LoanFact, PatronFact
from kiosk.store import SqliteStore
from kiosk.store.outbox import StoreOutbox
from kiosk.store.pulled import StoreMirror
from kiosk.sync.backoff import Backoff
from kiosk.sync.central import administration
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.database import engine_of, opened
from kiosk.sync.central.schema import loans, transactions
from kiosk.sync.loop import Sync, SyncLoop
from kiosk.sync.secret import Secret
from kiosk.sync.sql.connector import SqlConnector
from tests.central_fixture import SCHOOL, Central, everything, stock
from tests.driver import full, wait_for
from tests.postgres import PASSWORD, Server
from tests.proxy import Fault, Proxy
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, folder_in_memory, new_kiosk

ACTS = full(10_000, 150)
"""Of each kiosk."""
STOPS = 3
CUTS = 0.004
"""The share of commits in the middle of which the connection is cut; of those before the first of them, all."""
PUPILS, COPIES = 60, 120
SOON = Backoff(0.05, 0.5)


@pytest.fixture
def server() -> Iterator[Server]:
    """One that can be stopped without anybody else noticing."""
    made = Server()
    made.start(fsync="on")
    yield made
    made.close()


@pytest.fixture
def central(server: Server, tmp_path: Path) -> Central:
    url = server.url(server.new_database())
    made = Central("postgresql", url, engine_of(parse_address(url), Secret(PASSWORD)), tmp_path)
    with opened(made.engine) as connection:
        administration.init(connection)
        school = made.schools[SCHOOL] = administration.add_school(connection, SCHOOL)
        stock(connection, school, PUPILS, COPIES)
    return made


@dataclass
class Line:
    """What goes wrong between the kiosks and the server: commits that do not arrive, or are not answered."""

    chance: random.Random
    cuts: int = 0
    over: bool = True

    def fault(self, sent: bytes) -> Fault | None:
        """What happens to these bytes."""
        if self.over or b"COMMIT" not in sent or (self.cuts >= 2 and self.chance.random() >= CUTS):
            return None
        self.cuts += 1
        return (Fault.LOSE_ANSWER, Fault.CUT_BEFORE)[self.cuts % 2]


@dataclass
class Desk:
    """A kiosk with a thread that syncs, as in an installed one, and pupils before it."""

    kiosk: Kiosk
    chance: random.Random
    loop: SyncLoop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = SyncLoop(self._open, period_s=0.02)

    def _open(self) -> Sync:
        kiosk = self.kiosk
        store = SqliteStore(kiosk.path, kiosk.connector.carries, "boot-1")
        outbox, mirror = StoreOutbox(store, kiosk.clock, True, "boot-1"), StoreMirror(store, kiosk.clock)
        return Sync(outbox, mirror, kiosk.connector, kiosk.clock, random.random, SOON, release=store.close)

    def act(self) -> None:
        """Somebody borrows, renews, waits for a title, or hands something in."""
        card, barcode = f"P{self.chance.randrange(PUPILS)}", f"A{self.chance.randrange(COPIES)}"
        if self.chance.random() < 0.4:
            self.kiosk.scan(barcode)
            self.kiosk.wait(30)
        else:
            self.kiosk.visit(card, barcode, f"A{self.chance.randrange(COPIES)}")

    def count(self) -> int:
        """How many acts were acknowledged that central is to be told of."""
        return sum(act.kind in self.kiosk.connector.carries for act in self.kiosk.acknowledged)

    def waiting(self) -> int:
        """How many of them central has not taken."""
        return sum(n for state, n in self.kiosk.states().items() if state in OPEN)


def test_nothing_is_lost_and_nothing_doubled_while_the_server_is_stopped_and_started(
    server: Server, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.central_fixture.shared_server", lambda: server)
    line = Line(random.Random(3))
    with folder_in_memory() as folder, closing(Proxy(server.port, line.fault)) as proxy:
        desks = []
        for n, name in enumerate(("one", "two")):
            connector = central.connector(name, port=proxy.port)
            connector.hello()
            desks.append(Desk(new_kiosk(folder, connector, KioskClock(MONDAY), name), random.Random(n)))
        for desk in desks:
            assert desk.kiosk.round().reached
            desk.loop.start()
        line.over, begun = False, time.monotonic()
        outages = Outages(server, central, desks)
        while any(desk.count() < ACTS for desk in desks):
            for desk in desks:
                if desk.count() < ACTS:
                    desk.act()
            outages.maybe()
        made = time.monotonic() - begun
        deadline = begun + full(1800, 600)
        while any(desk.waiting() for desk in desks):
            assert time.monotonic() < deadline, [desk.kiosk.states() for desk in desks]
            outages.maybe()
            for desk in desks:
                desk.kiosk.clock.move(1.0)
            time.sleep(0.05)
        told = time.monotonic() - begun
        assert outages.stopped == STOPS and line.cuts > 2
        line.over = True
        for desk in desks:
            desk.loop.stop()
        for desk in (*desks, *desks):
            assert desk.kiosk.sync.once().problem == ""
        counted(central, desks)
        print(
            f"\n{sum(desk.count() for desk in desks)} acts at two kiosks in {made:.0f} s, told in {told:.0f} s; "
            f"the server was stopped {outages.stopped} times, {line.cuts} commits were cut"
        )
        for desk in desks:
            desk.kiosk.off()


@dataclass
class Outages:
    """The server is stopped after a quarter, a half and three quarters; the desks go on, then it is started again."""

    server: Server
    central: Central
    desks: list[Desk]
    stopped: int = 0
    asked: float = 0.0

    def maybe(self) -> None:
        """Stop it if it is time."""
        if self.stopped < STOPS and time.monotonic() - self.asked > 0.1:
            self.asked = time.monotonic()
            if told(self.central) >= 2 * ACTS * (self.stopped + 1) // (STOPS + 1):
                self.stopped += 1
                self.server.stop()
                for desk in self.desks:
                    for _ in range(5):
                        desk.act()
                wait_for(lambda: all(desk.kiosk.mirror.noted()["state"] == "offline" for desk in self.desks), "offline")
                self.server.start(fsync="on")


def told(central: Central) -> int:
    """How many acts central has."""
    return int(central.rows(select(func.count()).select_from(transactions))[0][0])


def counted(central: Central, desks: list[Desk]) -> None:
    """Every acknowledged act is in central once, and what they add up to is the same everywhere."""
    acts = [act for desk in desks for act in desk.kiosk.acknowledged if act.kind in desk.kiosk.connector.carries]
    found = [row.id for row in central.rows(select(transactions.c.id))]
    assert len(found) == len(set(found)) == len(acts) and set(found) == {act.id for act in acts}
    versions = [row.version for row in central.rows(select(transactions.c.version))]
    assert len(set(versions)) == len(versions)
    made = [row.id for row in central.rows(select(loans.c.id))]
    assert sorted(made) == sorted(act.id for act in acts if act.kind == "checkout")
    for desk in desks:
        assert desk.kiosk.states().keys() == {Delivery.ACCEPTED} and desk.kiosk.faults() == []
        assert isinstance(desk.kiosk.connector, SqlConnector)
        facts = everything(desk.kiosk.connector)
        barcodes = {one.id: one.barcode for one in facts.values() if isinstance(one, ItemFact)}
        people = {one.id: one.cards[0][0] for one in facts.values() if isinstance(one, PatronFact)}
        lent = [one for one in facts.values() if isinstance(one, LoanFact)]
        assert len({one.item_id for one in lent}) == len(lent) > 0
        theirs = {barcodes[one.item_id or ""]: (people[one.patron_id], f"{one.due}") for one in lent}
        assert desk.kiosk.loans() == theirs
        statuses = {one.barcode: one.status for one in facts.values() if isinstance(one, ItemFact)}
        assert dict(desk.kiosk.rows("SELECT barcode, status FROM items")) == statuses
        assert not [one for one in facts.values() if isinstance(one, HoldFact)]
