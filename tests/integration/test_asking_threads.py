"""The desk's thread and the sync's, as in an installed kiosk: the desk goes on while central takes its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest

from kiosk.circulation import visit
from kiosk.circulation.acts import Act
from kiosk.circulation.delivery import Outcome as Delivered
from kiosk.circulation.delivery import Parcel
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.model import Scan
from kiosk.circulation.rules import VisitSettings
from kiosk.circulation.views import View
from kiosk.desk import Asking, Desk, Outcome, Press
from kiosk.devices.clock import SystemClock
from kiosk.loop import DeskLoop
from kiosk.store import SqliteStore
from kiosk.store.intents import StoreIntents
from kiosk.store.outbox import StoreOutbox
from kiosk.store.pulled import StoreMirror
from kiosk.sync.loop import Sync, SyncLoop
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from kiosk.sync.questions import Questions
from tests.driver import PATIENCE_S, wait_for
from tests.sync_fixture import MONDAY, KioskClock, central_at, folder_in_memory, new_kiosk, rules


@dataclass
class Slow(MemoryConnector):
    """Acts go through while the gate is open; closed, they wait at it, and are taken in after that."""

    central: MemoryCentral
    gate: Event = field(default_factory=Event)
    at_gate: Event = field(default_factory=Event)

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Delivered]:
        self.at_gate.set()
        assert self.gate.wait(PATIENCE_S)
        return super().submit(parcels)


class Running:
    """Both threads."""

    def __init__(self, folder: Path, deadline_s: float) -> None:
        clock = KioskClock(MONDAY)
        self.connector = Slow(central_at(clock))
        self.connector.gate.set()
        self.path = new_kiosk(folder, self.connector, clock, imported=True).path
        self.views: list[View] = []
        self.acts: list[Act] = []
        self.questions = Questions(False, True, deadline_s)
        self.desk = DeskLoop(self._open_desk, self._shown)
        self.questions.deliver_to(self.desk.post)
        self.sync = SyncLoop(self._open_sync, period_s=0.05, nudge_s=0.0, questions=self.questions)

    def _clock(self) -> SystemClock:
        return SystemClock(MONDAY.tzinfo, True, None)  # type: ignore[arg-type]

    def _open_desk(self) -> Desk:
        store = SqliteStore(self.path, self.connector.carries)
        state = visit.start(rules(), VisitSettings(same_scan_s=0.0), CodeRules(), UUID(int=1))
        return Desk(state, store, self._clock(), Asking(self.questions, StoreIntents(store, True)))

    def _open_sync(self) -> Sync:
        store, clock = SqliteStore(self.path, self.connector.carries), self._clock()
        outbox, mirror = StoreOutbox(store, clock, True), StoreMirror(store, clock)
        return Sync(outbox, mirror, self.connector, clock, lambda: 1.0, batch=1, questions=self.questions)

    def _shown(self, outcome: Outcome) -> None:
        self.views.append(outcome.view)
        self.acts += outcome.committed

    def start(self) -> None:
        """And wait until central is there."""
        self.desk.start()
        self.sync.start()
        wait_for(self.questions.is_there, "the first exchange")

    def says(self, key: str) -> bool:
        """Whether the screen says so now."""
        message = self.views[-1].message if self.views else None
        return message is not None and message.key == key

    def stop(self) -> None:
        """Both."""
        self.connector.gate.set()
        self.sync.stop()
        self.desk.stop()

    def ask(self, query: str) -> list[tuple[str, ...]]:
        """What the store says."""
        with SqliteStore(self.path).connection().read() as db:
            return list(db.execute(query).fetchall())


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


def test_the_screen_lives_and_scans_keep_their_order_while_central_takes_its_time(folder: Path) -> None:
    running = Running(folder, deadline_s=PATIENCE_S)
    running.start()
    try:
        running.connector.gate.clear()
        running.desk.post(Scan("P1"))
        running.desk.post(Scan("A1"))
        wait_for(running.connector.at_gate.is_set, "the question at central")
        wait_for(lambda: running.says("info.one_moment"), "a word to the child")
        shown = len(running.views)
        running.desk.post(Scan("A2"))
        running.desk.post(Press("finish"))
        wait_for(lambda: len(running.views) == shown + 2, "the desk takes what comes in")
        assert running.acts == []
        running.connector.gate.set()
        wait_for(lambda: running.says("ok.bye"), "the end of the visit")
        assert len(running.acts) == 2
    finally:
        running.stop()
    rows = running.ask("SELECT decided_by FROM transactions WHERE kind = 'checkout'")
    assert rows == [("central",), ("central",)]


def test_after_the_deadline_the_desk_decides_and_the_late_answer_settles_it(folder: Path) -> None:
    running = Running(folder, deadline_s=0.05)
    running.start()
    try:
        running.connector.gate.clear()
        running.desk.post(Scan("P1"))
        running.desk.post(Scan("A1"))
        wait_for(lambda: len(running.acts) == 1, "the desk's own decision")
        assert running.says("ok.checked_out") and not running.questions.is_there()
        assert running.ask("SELECT state FROM outbox ORDER BY seq DESC LIMIT 1") == [("sending",)]
        running.connector.gate.set()
        wait_for(
            lambda: running.ask("SELECT state FROM outbox ORDER BY seq DESC LIMIT 1") == [("accepted",)],
            "what became of it is found out",
        )
    finally:
        running.stop()
    assert list(running.connector.central.applied) == [running.acts[0].id]
