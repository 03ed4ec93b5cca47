"""What the desk needs from the world, as Protocols. Adapters in store/, devices/ and sync/ implement them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, runtime_checkable

from kiosk.circulation.acts import Act, Kind, Relied, Transaction
from kiosk.circulation.appearance import Appearance
from kiosk.circulation.clock import Moment, Reading
from kiosk.circulation.delivery import Heads, Outcome, Parcel, Reason, Settled
from kiosk.circulation.events import (
    Answer,
    Committed,
    CountVisit,
    Declined,
    Deed,
    Enquire,
    Identified,
    Query,
    StaffAnswer,
    Stale,
)
from kiosk.circulation.facts import Fact, Page
from kiosk.circulation.model import Scan
from kiosk.circulation.slip import Slip
from kiosk.circulation.views import Message, SyncState


class Clock(Protocol):
    """The time of day, and whether it can be believed."""

    def read(self) -> Reading:
        """What the clock shows now."""
        ...

    def confirm(self, day: date) -> timedelta:
        """Staff said that today is this day: the clock is trusted from now on. Returns how far it was off."""
        ...


class Store(Protocol):
    """The local ledger as the desk uses it, from one thread. Every method may raise StoreError."""

    def answer(self, query: Query) -> Answer:
        """What the ledger knows."""
        ...

    def commit(self, acts: Sequence[Act], relied: Sequence[Relied], now: Moment) -> Committed | Stale:
        """Record acts together, durably, if what they rely on still holds; else nothing at all."""
        ...

    def count_visit(self, visit: CountVisit, now: Moment) -> None:
        """Add a visit to the statistics."""
        ...

    def remember_appearance(self, patron_id: str, appearance: Appearance) -> None:
        """Keep how the screen is to look for a patron, in place of what was kept before."""
        ...

    def confirm_date(self, by: str, now: Moment, off: timedelta) -> None:
        """Record that staff confirmed the date, and how far the machine's clock is off until the next boot."""
        ...

    def mark(self) -> datetime | None:
        """The latest trusted time committed."""
        ...

    def sync_state(self) -> SyncState:
        """How many transactions wait for the central library."""
        ...

    def idle(self) -> None:
        """Nothing happens just now: time for a checkpoint."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class Intents(Protocol):
    """What the desk writes down of what it asks central. Every method may raise StoreError.

    What is intended when the power goes, or when nothing can be written any more, is recorded as soon as the store
    answers a `Probe`: as sent, with nothing known since, so that it is found out before it is sent again.
    """

    def intend(self, acts: Sequence[Act], relied: Sequence[Relied], now: Moment) -> tuple[Parcel, ...] | Stale:
        """Write down, durably, that central is asked whether these may be done, if what they rely on still holds.

        What to ask it, an act each; empty, with nothing written down, if it cannot be asked now, as earlier acts of the
        same patron or item are still on their way to it.
        """
        ...

    def conclude(self, outcomes: Sequence[Outcome], now: Moment) -> Committed | Declined:
        """Record what was intended, an outcome for each act, or that central refused it."""
        ...

    def make_item(self, barcode: str, now: Moment) -> Identified:
        """Take in an item of which only the barcode is known: that is its title, too."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """What the desk asks central: about a code, or whether acts may be done. request: names it in the reply."""

    request: int
    what: Enquire | tuple[Parcel, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a question. outcomes: one for each act; learned, away, school: as in `Enquired`."""

    request: int
    outcomes: tuple[Outcome, ...] = ()
    learned: bool = False
    away: bool = False
    school: str = ""


class Central(Protocol):
    """The central library as the desk asks it, one question at a time. The replies come into the desk's inbox.

    deadline_s: how long the desk waits for one. asks_first: whether it is asked before an act is done.
    """

    deadline_s: float
    asks_first: bool

    def tells(self) -> bool:
        """Whether it can be asked about a code at all: one that lists everything has told everything."""
        ...

    def is_there(self) -> bool:
        """Whether a reply can be hoped for now: it answered the last time, and no question lies with it."""
        ...

    def ask(self, question: Question) -> None:
        """Put a question; returns at once."""
        ...

    def give_up(self) -> bool:
        """Nobody waits for the reply any more. Whether the question may have left the kiosk."""
        ...


@dataclass(frozen=True, slots=True)
class Greeting:
    """What central says first. clock: its time; version: of its state now."""

    clock: datetime
    version: int


class LookUp(Protocol):
    """Asking a central library about one patron or item; the answers are facts whose versions say nothing."""

    def patron(self, card: str) -> tuple[Fact, ...]:
        """The patron with this card, with loans and holds as far as central tells; () if it has none. Raises
        ConnectorError."""
        ...

    def item(self, number: str) -> tuple[Fact, ...]:
        """The item with this barcode or inventory number, its title, and its loan if there is one; () if central has
        none. Raises ConnectorError."""
        ...


@runtime_checkable
class Neighbours(Protocol):
    """A connector to a central library of several schools."""

    def foreign_school(self, barcode: str) -> str | None:
        """The name of another school that has an item with this barcode; None if none has, or several have. Raises
        ConnectorError."""
        ...


class Connector(Protocol):
    """The way to a central library. One thread uses it.

    carries: the kinds of acts it takes; the others stay local. pulls: whether central can list what changed (SIP2 can
    not). look_up: None if all is pulled, and there is no need to ask. A call never raises for what a network does: that
    is an Outcome, or, of `hello`, `pull` and `look_up`, ConnectorError.
    """

    kind: str
    carries: frozenset[Kind]
    pulls: bool
    look_up: LookUp | None

    def hello(self) -> Greeting:
        """Is central there? Raises ConnectorError if not."""
        ...

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Send acts, in order; an outcome each. After an Unreachable or Indeterminate one the rest are Unreachable."""
        ...

    def find_out(self, parcel: Parcel) -> Outcome | None:
        """Did this one, of which nobody knows, arrive? None: it did not, and may be sent again."""
        ...

    def pull(self, cursor: str, limit: int) -> Page:
        """What changed since the cursor ("" from nothing). Raises ConnectorError."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Handover:
    """What came of handing everything over. noted: to be kept and given back to `recall`. told: a sentence for whoever
    carries it, "" if there is nothing new. problem: what was wrong with what had come, "" if nothing was."""

    noted: Mapping[str, str]
    told: str = ""
    problem: str = ""


@runtime_checkable
class Carrier(Connector, Protocol):
    """A connector whose words are carried by hand: what is handed over now is answered by what comes some day.

    Acts are Posted, and stay in doubt until an answer names them; in each round all of them are handed over anew. They
    are taken in their order at the other end, so that one may be posted while an earlier one of its item is.
    `hello` tells a time that has been, not what time it is. A round ends with `seal`, or it has not happened.
    """

    def recall(self, noted: Mapping[str, str]) -> None:
        """What was noted after the round before, ahead of `hello`."""
        ...

    def brings(self, cursor: str) -> bool:
        """Whether there is a page that goes on from this cursor; if not, nobody should pull."""
        ...

    def seal(self, cursor: str) -> Handover:
        """Hand over all that was posted in this round, and where the pull stands. Raises ConnectorError."""
        ...


class Outbox(Protocol):
    """The acts on their way to the central library, for the thread that syncs. Every method may raise StoreError."""

    def heads(self, after: int, limit: int, now: datetime) -> Heads:
        """Pending entries after `after` that nothing ahead of them holds up, and that do not rest."""
        ...

    def park_behind(self, seqs: Sequence[int]) -> None:
        """These cannot go before a parked one is settled: they are parked with it, and follow by themselves."""
        ...

    def begin(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        """Write down, durably, that these are sent from now on; those that still may be."""
        ...

    def wake(self) -> None:
        """Nothing rests any more."""
        ...

    def in_doubt(self, after: int, limit: int) -> Sequence[Parcel]:
        """Entries that were sent, or may have been, with nothing known since."""
        ...

    def earlier_open(self, seq: int) -> bool:
        """Whether an earlier act of the same patron is still on its way."""
        ...

    def settle(self, settled: Sequence[Settled]) -> None:
        """Write down what became of entries."""
        ...

    def correct(self, mono: float, truth: datetime) -> bool:
        """Correct the times of a few untrusted acts of this boot, now that the truth is known; whether there are more.
        mono: our clock's seconds at that moment."""
        ...

    def try_again(self, reasons: frozenset[Reason]) -> None:
        """Parked entries with these reasons are pending again."""
        ...


class Mirror(Protocol):
    """The local copy of the central library, for the thread that syncs. Every method may raise StoreError."""

    def cursor(self) -> str:
        """Where the next pull goes on."""
        ...

    def take(self, page: Page, asked: str, accept_smaller: bool = False) -> None:
        """Take in what a pull from cursor `asked` brought, once. Raises ConnectorError, with nothing taken in, if it
        would wipe most of the copy, unless that is accepted."""
        ...

    def learn(self, facts: Sequence[Fact]) -> None:
        """Take in what a look-up told, durably and at once: what a fact leaves empty, it does not say. What an act of
        ours lies over stays as the act left it. facts: as `LookUp` gave them, fit for the store."""
        ...

    def tidy(self) -> bool:
        """Bring a few acts that central has by now, or things that it has no more, in step; whether there are more."""
        ...

    def enrol(self, carries: frozenset[Kind]) -> bool:
        """Give a few open loans and holds made before there was a central a place in the outbox; whether there are
        more."""
        ...

    def note(self, **values: str) -> None:
        """Keep what staff are told of the sync: state, problem, contact, offset, ..."""
        ...

    def noted(self) -> Mapping[str, str]:
        """What was kept."""
        ...


class Backroom(Protocol):
    """Does for staff what is no act in the ledger: writes a document, reads a list."""

    def do(self, deed: Deed) -> StaffAnswer:
        """Do it, and say what came of it. Raises StoreError if the ledger cannot be used."""
        ...


class LedgerReader(Protocol):
    """The ledger as reports read it."""

    def transactions(self, after_seq: int = 0) -> Iterator[Transaction]:
        """Every transaction in order."""
        ...


class ScanSource(Protocol):
    """A scanner or a card reader. It has a thread of its own between start and stop."""

    name: str

    def start(self, deliver: Callable[[Scan], None]) -> None:
        """Begin to deliver scans, in the order in which they were read."""
        ...

    def stop(self) -> None:
        """End the thread and let go of the device; nothing is delivered afterwards."""
        ...

    def health(self) -> str:
        """Empty while it works, else what is wrong and what happens next, in a sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of a camera. number: grows; pixels: red, green, blue, rows from the top.

    outlines: round each code that was read in it, four corners as shares of width and height, from the upper left.
    """

    number: int
    width: int
    height: int
    pixels: bytes
    outlines: tuple[tuple[tuple[float, float], ...], ...] = ()


class FrameFeed(Protocol):
    """Live pictures, one slot, polled when drawing. Off until it is opened. Every method may be called from any thread
    and returns at once."""

    name: str

    def open(self) -> None:
        """A view that names this feed is on the screen."""
        ...

    def close(self) -> None:
        """No such view is there any more: the camera goes off, and no picture is kept."""
        ...

    def latest(self) -> Frame | None:
        """The newest picture; None while there is none."""
        ...


class Printer(Protocol):
    """A receipt printer."""

    def submit(self, slip: Slip) -> bool:
        """Take a slip to be printed, and return at once; False if it cannot be."""
        ...


class Speaker(Protocol):
    """Says what the screen says, aloud."""

    def say(self, speech: Sequence[Message], language: str) -> None:
        """Say this in place of what is being said, and return at once. From one thread, as `hush`."""
        ...

    def hush(self) -> None:
        """Say nothing more: what was being said belongs to a view that has gone."""
        ...
