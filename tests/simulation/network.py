"""A network that delays, repeats, drops, cuts and answers garbage; and a central that writes down what it was asked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk.circulation.acts import Kind
from kiosk.circulation.delivery import Accepted, Indeterminate, Outcome, Parcel, Unreachable
from kiosk.circulation.facts import LoanFact, Page, PatronFact
from kiosk.circulation.model import Block, BlockKind
from kiosk.errors import ConnectorError
from kiosk.ports import Greeting
from kiosk.sync.memory import MemoryCentral, MemoryConnector


class PowerCut(BaseException):
    """The kiosk is off, in the middle of whatever it did."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An act that changed central."""

    kiosk: str
    seq: int
    act_id: str
    kind: Kind
    item_id: str | None


class RecordingCentral(MemoryCentral):
    """Central, which also writes down what it did. forgetful: it takes every repeat for something new (sabotage)."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.forgetful = False
        self.delivered: list[Delivered] = []
        self.counts: Counter[str] = Counter()

    def apply(self, parcel: Parcel) -> Outcome:
        """Take an act in, once."""
        before = self.applied.pop(parcel.act.id, None) if self.forgetful else self.applied.get(parcel.act.id)
        outcome = super().apply(parcel)
        if isinstance(outcome, Accepted) and (self.forgetful or before is None):
            act = parcel.act
            self.counts[act.id] += 1
            self.delivered.append(Delivered(parcel.kiosk, parcel.seq, act.id, act.kind, act.item_id or parcel.barcode))
        return outcome

    def close(self) -> None:
        """There is nothing to let go of."""

    def change_something(self, chance: random.Random) -> None:
        """The librarian shortens or lengthens a loan, mends a name, blocks somebody or lets them be."""
        loans = [one for one in self.all(LoanFact) if not one.ended and one.due is not None]
        patron = chance.choice(self.all(PatronFact))
        match chance.choice(("due", "name", "block")):
            case "due" if loans:
                loan = chance.choice(loans)
                assert loan.due is not None
                self.put(replace(loan, due=loan.due + timedelta(days=chance.choice((-5, -1, 3)))))
            case "name":
                self.put(replace(patron, first_name=f"Аты{chance.randrange(100)}"))
            case _:
                self.put(replace(patron, blocks=() if patron.blocks else (Block(BlockKind.STAFF),)))


@dataclass
class Network(MemoryConnector):
    """One kiosk's way to central. faults: the share of calls in which something goes wrong."""

    central: RecordingCentral
    chance: random.Random
    faults: float = 0.0
    power_cuts: float = 0.0
    down: bool = False
    in_doubt: set[str] = field(default_factory=set)
    resent_blindly: list[str] = field(default_factory=list)
    late: list[Parcel] = field(default_factory=list)
    trace: Callable[[str], None] = lambda text: None

    def hello(self) -> Greeting:
        """Is central there?"""
        self._maybe_cut_power()
        match self._fault("drop", "garbage"):
            case "drop":
                raise ConnectorError("no answer")
            case "garbage":
                return Greeting(datetime(1970, 1, 1, tzinfo=UTC), -1)
        return super().hello()

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Send acts, in order, over a bad line."""
        self.resent_blindly += [parcel.act.id for parcel in parcels if parcel.act.id in self.in_doubt]
        self._deliver_late()
        self._maybe_cut_power()
        fault = self._fault("refuse", "drop", "cut", "delay", "garbage", "repeat", "short")
        at = self.chance.randrange(len(parcels))
        if fault == "refuse":
            return [Unreachable("refused")] * len(parcels)
        outcomes: list[Outcome] = []
        for n, parcel in enumerate(parcels):
            if n == at and fault in ("drop", "cut", "delay", "garbage"):
                if fault == "delay":
                    self.late.append(parcel)
                if fault == "cut" or (fault == "garbage" and self.chance.random() < 0.5):
                    self.central.apply(parcel)
                if self.chance.random() < self.power_cuts:
                    raise PowerCut
                self.in_doubt.add(parcel.act.id)
                rest: list[Outcome] = [Unreachable("the line is gone")] * (len(parcels) - n - 1)
                return [*outcomes, Indeterminate(f"{fault}: no answer"), *rest]
            outcomes.append(self.central.apply(parcel))
            if fault == "repeat":
                outcomes[-1] = self.central.apply(parcel)
            if self.chance.random() < self.power_cuts / 4:
                raise PowerCut
        if fault == "short":
            self.in_doubt |= {parcel.act.id for parcel in parcels[at:]}
            return outcomes[:at]
        return outcomes

    def find_out(self, parcel: Parcel) -> Outcome | None:
        """Did this one arrive?"""
        self._maybe_cut_power()
        match self._fault("drop", "garbage"):
            case "drop":
                return Unreachable("no answer")
            case "garbage":
                return Indeterminate("garbled")
        self.in_doubt.discard(parcel.act.id)
        return super().find_out(parcel)

    def pull(self, cursor: str, limit: int) -> Page:
        """What changed since, if the line holds."""
        self._deliver_late()
        self._maybe_cut_power()
        page = super().pull(cursor, limit)
        match self._fault("drop", "garbage", "wipe"):
            case "drop":
                raise ConnectorError("no answer")
            case "garbage":
                return self._garbled(page, limit)
            case "wipe" if cursor:
                return Page((), "v1", page.version, False, True, self.chance.choice((0, 2, None)))
        return page

    def _garbled(self, page: Page, limit: int) -> Page:
        """No page, or one that no central would send."""
        wrong: Any = self.chance.choice(
            (
                None,
                replace(page, facts=page.facts * (limit + 1) if page.facts else (object(),)),  # type: ignore[arg-type]
                replace(page, cursor=""),
                replace(page, version=-1),
                replace(page, facts=(PatronFact("x" * 10_000, 1, "y"),)),
                replace(page, facts=(PatronFact("p", 1, 5),)),  # type: ignore[arg-type]
                replace(page, facts=(None,)),  # type: ignore[arg-type]
            )
        )
        garbled: Page = wrong
        return garbled

    def _deliver_late(self) -> None:
        while self.late and (self.faults == 0 or self.chance.random() < 0.5):
            self.central.apply(self.late.pop(self.chance.randrange(len(self.late))))

    def _maybe_cut_power(self) -> None:
        if self.chance.random() < self.power_cuts:
            raise PowerCut

    def _fault(self, *kinds: str) -> str:
        if self.down:
            return kinds[0]
        if self.chance.random() >= self.faults:
            return ""
        fault = self.chance.choice(kinds)
        self.trace(f"  network: {fault}")
        return fault
