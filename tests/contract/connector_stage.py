"""What the contract of connectors is tested on: a central library, and kiosks that hand acts to it as the outbox does.

A stage for another connector fills its central with `PATRONS` patrons of one school, with cards P0.., and `ITEMS` items
at the loan desk, barcodes A0.. and inventory numbers 1000.., two of a title: «Кітап 0», «Кітап 1»..
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from kiosk.circulation.acts import Act, HoldChange, Kind, LoanChange, StatusChange
from kiosk.circulation.change_words import reversed_change
from kiosk.circulation.delivery import Accepted, Outcome, Parcel
from kiosk.circulation.facts import Fact, HoldFact, ItemFact, LoanFact, Page, PatronFact
from kiosk.circulation.model import Hold, ItemStatus, Loan
from kiosk.ports import Connector
from kiosk.sync.memory import MemoryConnector
from kiosk.sync.vetting import vet, vet_facts
from tests.sync_fixture import MONDAY, KioskClock, central_at

PATRONS = 4
ITEMS = 6


class Stage(Protocol):
    """A central library, made anew for each test."""

    def connector(self, kiosk: str) -> Connector:
        """The way of a kiosk to it."""
        ...


@dataclass
class MemoryStage:
    """The central library in memory."""

    def __post_init__(self) -> None:
        self._central = central_at(KioskClock(MONDAY), PATRONS, ITEMS)

    def connector(self, kiosk: str) -> Connector:
        """The way of a kiosk to it."""
        return MemoryConnector(self._central)


@contextmanager
def memory_stage(folder: Path) -> Iterator[Stage]:
    """A stage in memory."""
    yield MemoryStage()


StageMaker = AbstractContextManager[Stage]


@dataclass
class Sender:
    """A kiosk without a store: it knows what a pull has told it, and makes parcels in its own order."""

    name: str
    connector: Connector
    start: datetime
    facts: dict[tuple[type, str], Fact] = field(default_factory=dict)
    cursor: str = ""
    version: int = 0
    seq: int = 0

    def pull(self, limit: int = 200) -> list[Page]:
        """Everything that is new, page by page, each as the store would take it; of a central that cannot list,
        everybody and everything looked up."""
        if not self.connector.pulls:
            self._look_everything_up()
            return []
        pages: list[Page] = []
        while not pages or pages[-1].more:
            page = vet(self.connector.pull(self.cursor, limit), limit)
            assert not page.more or page.cursor != self.cursor
            self.facts.update({(type(fact), fact.id): fact for fact in page.facts})
            self.cursor, self.version = page.cursor, page.version
            pages.append(page)
        return pages

    def _look_everything_up(self) -> None:
        look_up = self.connector.look_up
        assert look_up is not None
        found = [look_up.item(f"A{n}") for n in range(ITEMS)] + [look_up.patron(f"P{n}") for n in range(PATRONS)]
        self.facts = {(type(fact), fact.id): fact for facts in found for fact in vet_facts(facts)}

    def patron(self, card: str) -> PatronFact:
        """The patron with a card."""
        return next(
            one
            for one in self.facts.values()
            if isinstance(one, PatronFact) and card in {number for number, _ in one.cards}
        )

    def item(self, barcode: str) -> ItemFact:
        """The item with a barcode."""
        return next(one for one in self.facts.values() if isinstance(one, ItemFact) and one.barcode == barcode)

    def loans(self) -> dict[str, LoanFact]:
        """The open loans, by the barcode of their items."""
        barcodes = {one.id: one.barcode for one in self.facts.values() if isinstance(one, ItemFact)}
        return {
            barcodes[one.item_id] or one.item_id: one
            for one in self.facts.values()
            if isinstance(one, LoanFact) and not one.ended and one.item_id is not None
        }

    def has(self, barcode: str, made: Parcel) -> bool:
        """Whether an item's loan is the one that a parcel made: by its id, where central knows ids of acts."""
        loan = self.loans()[barcode]
        return loan.patron_id == made.act.patron_id and (not self.connector.pulls or loan.id == made.act.id)

    def holds(self) -> list[HoldFact]:
        """The open holds."""
        return [one for one in self.facts.values() if isinstance(one, HoldFact) and not one.ended]

    def parcel(self, act: Act, minute: int, card: str | None = None, barcode: str | None = None) -> Parcel:
        """An act that happened so many minutes after the start."""
        self.seq += 1
        at = self.start + timedelta(minutes=minute)
        number = str(1000 + int(barcode[1:])) if barcode else None
        return Parcel(self.seq, act, at, True, self.name, card, barcode, number)

    def checkout(self, card: str, barcode: str, minute: int, days: int = 10) -> Parcel:
        """A loan."""
        patron, item = self.patron(card), self.item(barcode)
        act_id, day = uuid4().hex, (self.start + timedelta(minutes=minute)).date()
        loan = Loan(act_id, patron.id, item.title_id, item.id, day, day + timedelta(days=days), days)
        changes = (LoanChange(None, loan), StatusChange(item.id, item.status, ItemStatus.ON_LOAN))
        return self.parcel(
            Act(act_id, Kind.CHECKOUT, patron.id, item.id, item.title_id, changes), minute, card, barcode
        )

    def checkin(self, made: Parcel, minute: int) -> Parcel:
        """The return of what a parcel lent."""
        act = made.act
        lent = next(change for change in act.changes if isinstance(change, LoanChange))
        changes = (
            LoanChange(lent.after, None),
            StatusChange(act.item_id or "", ItemStatus.ON_LOAN, ItemStatus.AVAILABLE),
        )
        back = Act(uuid4().hex, Kind.CHECKIN, act.patron_id, act.item_id, act.title_id, changes)
        return self.parcel(back, minute, made.card, made.barcode)

    def renewal(self, made: Parcel, minute: int, days: int) -> Parcel:
        """A renewal of what a parcel lent, by so many days."""
        act = made.act
        lent = next(change.after for change in act.changes if isinstance(change, LoanChange))
        assert lent is not None and lent.due is not None
        longer = replace(lent, due=lent.due + timedelta(days=days), renewals=lent.renewals + 1)
        again = Act(uuid4().hex, Kind.RENEWAL, act.patron_id, act.item_id, act.title_id, (LoanChange(lent, longer),))
        return self.parcel(again, minute, made.card, made.barcode)

    def undo(self, made: Parcel, minute: int) -> Parcel:
        """A parcel's act taken back."""
        act = made.act
        changes = tuple(reversed_change(change) for change in reversed(act.changes))
        back = Act(uuid4().hex, Kind.UNDO, act.patron_id, act.item_id, act.title_id, changes, undoes=act.id)
        return self.parcel(back, minute, made.card, made.barcode)

    def found(self, barcode: str, minute: int) -> Parcel:
        """An item that this kiosk believed to be in was handed in."""
        item = self.item(barcode)
        changes = (StatusChange(item.id, item.status, ItemStatus.AWAITING_CHECK),)
        return self.parcel(Act(uuid4().hex, Kind.FOUND, None, item.id, item.title_id, changes), minute, barcode=barcode)

    def hold(self, card: str, barcode: str, minute: int) -> Parcel:
        """A place in the queue of an item's title."""
        patron, title_id, act_id = self.patron(card), self.item(barcode).title_id, uuid4().hex
        hold = Hold(act_id, title_id, patron.id, self.start + timedelta(minutes=minute))
        act = Act(act_id, Kind.HOLD, patron.id, None, title_id, (HoldChange(None, hold),))
        return replace(self.parcel(act, minute, card), copy=barcode)

    def send(self, *parcels: Parcel) -> list[Outcome]:
        """Hand them over together."""
        outcomes = list(self.connector.submit(parcels))
        assert len(outcomes) == len(parcels)
        return outcomes

    def told(self, *parcels: Parcel) -> Accepted:
        """Hand them over; all must be taken. The last outcome, once a pull has passed it."""
        outcomes = self.send(*parcels)
        assert all(isinstance(one, Accepted) for one in outcomes), outcomes
        self.pull()
        last = outcomes[-1]
        assert isinstance(last, Accepted) and self.version >= last.version
        return last


def sender(stage: Stage, name: str) -> Sender:
    """A kiosk that has pulled everything. Its acts are of yesterday, so that none lies in central's future."""
    connector = stage.connector(name)
    one = Sender(name, connector, connector.hello().clock - timedelta(days=1))
    one.pull()
    return one
