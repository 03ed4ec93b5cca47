"""The central library of a scenario: it takes what it does not know to be wrong, and does as it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from queue import SimpleQueue
from threading import Event, Thread

from kiosk.circulation.acts import CIRCULATION, Kind
from kiosk.circulation.delivery import Accepted, Outcome, Parcel, Reason, RefusedByCentral, Unreachable
from kiosk.circulation.facts import Fact, ItemFact, Page, PatronFact, TitleFact
from kiosk.circulation.model import ItemKind, ItemStatus
from kiosk.config import Config
from kiosk.errors import ConnectorError
from kiosk.ports import Clock, Greeting, LookUp, Reply
from kiosk.store import SqliteStore
from kiosk.store.outbox import StoreOutbox
from kiosk.store.pulled import StoreMirror
from kiosk.sync.loop import Sync
from kiosk.sync.questions import Questions

PATIENCE_S = 60.0


@dataclass
class ScriptedCentral:
    """A connector (ports.Connector, ports.LookUp). manner: "there", "away", "silent" or "late"."""

    facts: dict[str, tuple[Fact, ...]]
    unknown: frozenset[str] = frozenset()
    lent: frozenset[str] = frozenset()
    manner: str = "there"
    refuses: Reason | None = None
    due: date | None = None
    taken: dict[str, Accepted] = field(default_factory=dict)
    released: Event = field(default_factory=Event)
    kind = "scripted"
    carries = CIRCULATION
    pulls = True

    def __post_init__(self) -> None:
        self.look_up: LookUp | None = self

    def hello(self) -> Greeting:
        """Is it there?"""
        self._reach()
        return Greeting(datetime.now(UTC), len(self.taken))

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Take acts in; while it is late, its answers are."""
        if self.manner == "away":
            return [Unreachable("away")] * len(parcels)
        outcomes = [self._take(parcel) for parcel in parcels]
        if self.manner == "late":
            assert self.released.wait(PATIENCE_S)
        return outcomes

    def _take(self, parcel: Parcel) -> Outcome:
        if self.refuses is not None and not parcel.happened:
            return RefusedByCentral(self.refuses, "as the scenario says")
        if parcel.barcode in self.unknown:
            return RefusedByCentral(Reason.ITEM_UNKNOWN)
        if parcel.barcode in self.lent and parcel.act.kind is Kind.CHECKOUT and not parcel.insist:
            return RefusedByCentral(Reason.ON_LOAN_ELSEWHERE)
        return self.taken.setdefault(parcel.act.id, Accepted(len(self.taken) + 1, due=self.due))

    def find_out(self, parcel: Parcel) -> Outcome | None:
        """Did this one arrive?"""
        return self.taken.get(parcel.act.id)

    def pull(self, cursor: str, limit: int) -> Page:
        """Nothing has changed there."""
        self._reach()
        return Page((), f"v{len(self.taken)}", len(self.taken))

    def patron(self, card: str) -> tuple[Fact, ...]:
        """The patron with this card."""
        self._reach()
        return self.facts.get(f"card {card}", ())

    def item(self, number: str) -> tuple[Fact, ...]:
        """The item with this barcode."""
        self._reach()
        return self.facts.get(f"item {number}", ())

    def _reach(self) -> None:
        if self.manner == "away":
            raise ConnectorError("central is away")

    def close(self) -> None:
        """There is nothing to let go of."""


def scripted(lines: Sequence[str]) -> ScriptedCentral:
    """As the lines under `Central` have it: `card CARD GIVEN SURNAME`, `item BARCODE TITLE`, `not BARCODE`,
    `elsewhere BARCODE`."""
    facts: dict[str, tuple[Fact, ...]] = {}
    unknown, lent = set(), set()
    for line in lines:
        what, number, *name = line.split()
        title = " ".join(name)
        match what:
            case "card":
                facts[f"card {number}"] = (PatronFact(number, 0, name[0], name[1], cards=((number, False),)),)
            case "item":
                item = ItemFact(number, 0, f"t-{title}", number, None, ItemKind.BOOK, ItemStatus.AVAILABLE, "loan_desk")
                facts[f"item {number}"] = (TitleFact(f"t-{title}", 0, title), item)
            case "not":
                unknown.add(number)
            case "elsewhere":
                lent.add(number)
            case _:
                raise ValueError(line)
    return ScriptedCentral(facts, frozenset(unknown), frozenset(lent))


class Beside:
    """The sync of a scenario's kiosk. It runs when a step says so, and answers what the desk asks."""

    def __init__(self, config: Config, central: ScriptedCentral, clock: Clock) -> None:
        self.central = central
        self.replies: SimpleQueue[Reply] = SimpleQueue()
        self.questions = Questions(True, config.central.mode == "central-first", config.central.deadline_s, self._asked)
        self.questions.deliver_to(self.replies.put)
        self._store = SqliteStore(config.store, central.carries)
        outbox, mirror = StoreOutbox(self._store, clock, central.pulls), StoreMirror(self._store, clock)
        self._sync = Sync(outbox, mirror, central, clock, lambda: 1.0, questions=self.questions)
        self._late: Thread | None = None

    def once(self) -> None:
        """Send and take in all that there is; first what came too late."""
        self.central.released.set()
        if self._late is not None:
            self._late.join(PATIENCE_S)
            self._late = None
        self._sync.once()

    def does(self, what: str) -> None:
        """`is there|away|silent|late`, `refuses REASON`, `gives DATE`: from now on."""
        match what.split():
            case ["is", manner]:
                self.central.manner, self.central.refuses, self.central.due = manner, None, None
                self.central.released.clear()
            case ["refuses", reason]:
                self.central.refuses = Reason(reason)
            case ["gives", day]:
                self.central.due = date.fromisoformat(day)
            case _:
                raise ValueError(f"central {what}")

    def _asked(self) -> None:
        match self.central.manner:
            case "silent":
                pass
            case "late":
                self._late = Thread(target=self._sync.serve)
                self._late.start()
            case _:
                self._sync.serve()

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()
