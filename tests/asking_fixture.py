"""A kiosk that asks its central first, and a way to central that can be made to fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from kiosk.circulation.delivery import (
    Accepted,
    Indeterminate,
    Outcome,
    Parcel,
    RefusedByCentral,
    Unreachable,
)
from kiosk.errors import ConnectorError
from kiosk.ports import Greeting
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, central_at, disagreements, new_kiosk


@dataclass
class Line(MemoryConnector):
    """A way to central that can be made to fail. during: called while acts are with central; lost: its answer is."""

    central: MemoryCentral
    away: bool = False
    lost: bool = False
    refuses: RefusedByCentral | None = None
    due: date | None = None
    during: Callable[[], None] = lambda: None
    asked: list[Parcel] = field(default_factory=list)

    def hello(self) -> Greeting:
        if self.away:
            raise ConnectorError("no answer")
        return super().hello()

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        if self.away:
            return [Unreachable("away")] * len(parcels)
        self.asked += parcels
        if self.refuses is not None:
            self.during()
            return [self.refuses] * len(parcels)
        outcomes = super().submit(parcels)
        self.during()
        if self.lost:
            return [Indeterminate("the answer was lost")] * len(parcels)
        if self.due is not None:
            return [replace(one, due=self.due) if isinstance(one, Accepted) else one for one in outcomes]
        return outcomes


@dataclass
class School:
    """A kiosk that asks first, and its central."""

    folder: Path

    def __post_init__(self) -> None:
        self.clock = KioskClock(MONDAY)
        self.central = central_at(self.clock)
        self.line = Line(self.central)
        self.kiosk: Kiosk = new_kiosk(self.folder, self.line, self.clock, asks="first")
        assert self.kiosk.round().reached
        self.line.asked.clear()

    def last(self) -> tuple[str, str, str | None]:
        """Of the newest transaction: its kind, who decided it, and where it is on its way."""
        return self.kiosk.rows(
            "SELECT t.kind, t.decided_by, o.state FROM transactions t LEFT JOIN outbox o ON o.seq = t.seq "
            "ORDER BY t.seq DESC LIMIT 1"
        )[0]

    def agrees(self) -> None:
        """Everything is told, the ledger adds up, and the copy is what central has."""
        assert self.kiosk.round().reached
        assert self.kiosk.round().reached
        assert self.kiosk.faults() == []
        assert disagreements(self.kiosk, self.central) == []
        assert self.kiosk.rows("SELECT id FROM intents") == self.kiosk.rows("SELECT key FROM intent_keys") == []

    def power_cut(self) -> None:
        """Off and on again."""
        self.kiosk.off()
        self.kiosk.boot()
