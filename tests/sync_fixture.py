"""Kiosks on stores of their own and a central library in memory, for the tests of the sync."""

from __future__ import annotations

import random
import shutil
from collections.abc import Container, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any
from uuid import UUID

from kiosk.circulation import visit
from kiosk.circulation.acts import Act
from kiosk.circulation.facts import HoldFact, ItemFact, LoanFact, PatronFact, TitleFact
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.intake import Intake, ItemRow, PatronRow
from kiosk.circulation.model import ItemKind, ItemStatus, Scan, SchoolClass
from kiosk.circulation.rules import LoanRule, Rules, VisitSettings
from kiosk.desk import Asking, Desk, Outcome, Press, Type
from kiosk.devices.clock import HandClock
from kiosk.ports import Carrier, Connector, Reply
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from kiosk.store.intents import StoreIntents
from kiosk.store.outbox import StoreOutbox
from kiosk.store.pulled import StoreMirror
from kiosk.store.schema import create
from kiosk.sync.loop import Round, Sync
from kiosk.sync.memory import MemoryCentral
from kiosk.sync.questions import Questions
from tests.store_fixture import take

MONDAY = datetime(2026, 9, 21, 10, 0, tzinfo=UTC)
RAM = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Memory, as these stores are thrown away; the tests of the store itself use the disk."""
PATRONS = 8
ITEMS = 12
LIMIT = 3


def rules() -> Rules:
    """A limit that is soon reached; textbooks are nobody's here."""
    return Rules(loan_rules=(LoanRule(kind=ItemKind.BOOK, limit=LIMIT), LoanRule()))


def fill_central(
    central: MemoryCentral,
    patrons: int = PATRONS,
    items: int = ITEMS,
    first_patron: int = 0,
    first_item: int = 0,
) -> MemoryCentral:
    """Pupils with cards P0.., books with barcodes A0.., two of a title; central's ids are its own."""
    for n in range(first_patron, patrons):
        central.put(
            PatronFact(f"cp{n}", 0, f"Аты{n}", f"Тегі{n}", school_class=SchoolClass(5, "А"), cards=((f"P{n}", False),))
        )
    for n in range(first_item // 2, (items + 1) // 2):
        if central.get(TitleFact, f"ct{n}") is None:
            central.put(TitleFact(f"ct{n}", 0, f"Кітап {n}", "Автор"))
    for n in range(first_item, items):
        central.put(
            ItemFact(
                f"ci{n}", 0, f"ct{n // 2}", f"A{n}", str(1000 + n), ItemKind.BOOK, ItemStatus.AVAILABLE, "loan_desk"
            )
        )
    return central


class KioskClock(HandClock):
    """A clock by hand that can also be set while everything runs; its seconds go on."""

    def set(self, wall: datetime, trusted: bool) -> None:
        """It shows this from now on."""
        self._wall, self._trusted = wall, trusted


def central_at(clock: HandClock, patrons: int = PATRONS, items: int = ITEMS) -> MemoryCentral:
    """A filled central library that goes by this clock."""
    return fill_central(MemoryCentral(lambda: clock.read().wall), patrons, items)


@cache
def _template(imported: bool) -> Path:
    """A store to copy: making one takes longer than a test. imported: with the same patrons and books, made here."""
    folder = Path(mkdtemp(prefix="kiosk-sync-", dir=RAM))
    create(folder / "kiosk.db", "№ 1 мектеп", MONDAY - timedelta(days=1))
    if imported:
        store = SqliteStore(folder / "kiosk.db")
        take(
            store,
            Intake.PATRONS,
            [
                PatronRow(card=f"P{n}", last_name=f"Тегі{n}", first_name=f"Аты{n}", school_class=SchoolClass(5, "А"))
                for n in range(PATRONS)
            ],
        )
        take(
            store,
            Intake.ITEMS,
            [
                ItemRow(title=f"Кітап {n // 2}", author="Автор", barcode=f"A{n}", inventory_no=str(1000 + n))
                for n in range(ITEMS)
            ],
        )
        store.close()
    return folder / "kiosk.db"


_ON: list[Kiosk] = []
"""Kiosks that were switched on; they let go of their files with the folder that they are in."""


@dataclass
class Kiosk:
    """A kiosk that can lose its power. It is switched on by `boot`.

    asks: "first", "tells" or both: what its desk asks central. Whoever gives the desk something answers as the sync's
    thread would, by `serve`.
    """

    path: Path
    connector: Connector
    clock: KioskClock
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    outbox_class: type[StoreOutbox] = StoreOutbox
    asks: str = ""
    intents_class: type[StoreIntents] = StoreIntents
    lend_unknown: bool = False
    boots: int = 0
    acknowledged: list[Act] = field(default_factory=list)

    def boot(self) -> Kiosk:
        """Switch it on."""
        _ON.append(self)
        self.boots += 1
        boot = f"boot-{self.boots}"
        carried = self.connector.carries
        self.store = SqliteStore(self.path, carried, boot)
        self.syncs = SqliteStore(self.path, carried, boot)
        self.outbox = self.outbox_class(
            self.syncs, self.clock, self.connector.pulls, boot, isinstance(self.connector, Carrier)
        )
        self.mirror = StoreMirror(self.syncs, self.clock)
        self.questions = Questions("tells" in self.asks, "first" in self.asks) if self.asks else None
        self.replies: SimpleQueue[Reply] = SimpleQueue()
        asking = None
        if self.questions is not None:
            self.questions.deliver_to(self.replies.put)
            asking = Asking(self.questions, self.intents_class(self.store, self.connector.pulls))
        self.sync = Sync(
            self.outbox, self.mirror, self.connector, self.clock, self.chance.random, batch=7, page=9,
            questions=self.questions,
        )  # fmt: skip
        settings = VisitSettings(same_scan_s=0.0, grace_s=5.0, lend_unknown=self.lend_unknown)
        seed = UUID(int=self.chance.getrandbits(128))
        self.desk = Desk(visit.start(rules(), settings, CodeRules(), seed), self.store, self.clock, asking)
        return self

    def off(self) -> None:
        """Without power nothing is tidied up; what the operating system has is kept here."""
        for store in (self.store, self.syncs):
            store.close()

    def scan(self, *codes: str) -> str:
        """Read codes; the key of the last message."""
        message = ""
        for code in codes:
            message = self.take(Scan(code))
        return message

    def press(self, action: str, argument: str = "") -> str:
        """Touch an action; the key of the message."""
        return self.take(Press(action, argument))

    def wait(self, seconds: float) -> None:
        """Let time pass, with the desk's timers."""
        end = self.clock.read().mono + seconds
        while (alarm := self.desk.next_alarm()) is not None and alarm <= end:
            self.clock.move(max(alarm - self.clock.read().mono, 0.0))
            self._answered(self.desk.ring())
        self.clock.move(max(end - self.clock.read().mono, 0.0))

    def take(self, given: Scan | Press | Type) -> str:
        """Give the desk something; the key of the message."""
        outcome = self._answered(self.desk.take(given))
        self.clock.move(1.0)
        return outcome.view.message.key if outcome.view.message else ""

    def _answered(self, outcome: Outcome) -> Outcome:
        """What came of something, once central has answered all that it was asked for it, or has not in time."""
        self.acknowledged += outcome.committed
        while self.desk.waits_for_central:
            self.serve()
            outcome = self.desk.give_up() if self.replies.empty() else self.desk.take(self.replies.get())
            self.acknowledged += outcome.committed
        return outcome

    def serve(self) -> None:
        """What the sync's thread does when the desk asks."""
        self.sync.serve()

    def visit(self, card: str, *codes: str) -> str:
        """Sign in, read codes, sign out; the key of the last code's message."""
        self.scan(card)
        message = self.scan(*codes)
        self.press("finish")
        self.press("done")
        return message

    def round(self) -> Round:
        """One round of the sync."""
        return self.sync.round()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the store says."""
        with self.store.connection().read() as db:
            return list(db.execute(query, values).fetchall())

    def loans(self) -> dict[str, tuple[str, str | None]]:
        """Whom each item is lent to, by barcode and card, and until when."""
        found = self.rows(
            "SELECT i.barcode, (SELECT min(number) FROM cards WHERE patron_id = l.patron_id), l.due FROM loans l "
            "JOIN items i ON i.id = l.item_id"
        )
        return {row[0]: (row[1], row[2]) for row in found}

    def states(self) -> dict[str, int]:
        """How many entries of the outbox are in which state."""
        return dict(self.rows("SELECT state, count(*) FROM outbox GROUP BY state"))

    def faults(self) -> list[str]:
        """What `kiosk ledger --check` finds."""
        return recompute(self.store)


def new_kiosk(
    folder: Path,
    connector: Connector,
    clock: KioskClock,
    name: str = "one",
    imported: bool = False,
    chance: random.Random | None = None,
    outbox_class: type[StoreOutbox] = StoreOutbox,
    asks: str = "",
    intents_class: type[StoreIntents] = StoreIntents,
) -> Kiosk:
    """A kiosk in a folder. imported: it has the patrons and books already, under ids of its own."""
    path = folder / f"{name}.db"
    shutil.copy(_template(imported), path)
    kiosk = Kiosk(path, connector, clock, chance or random.Random(name), outbox_class, asks, intents_class)
    with closing(SqliteStore(path)) as store, store.connection().write() as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'kiosk'", (name,))
    return kiosk.boot()


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with TemporaryDirectory(prefix="kiosk-sync-", dir=RAM) as folder:
        yield Path(folder)
        for kiosk in [one for one in _ON if one.path.is_relative_to(folder)]:
            kiosk.off()
            _ON.remove(kiosk)


def central_loans(central: MemoryCentral) -> dict[str, tuple[str, str | None]]:
    """Whom central has each item lent to, by barcode and card, and until when."""
    found = {}
    for loan in central.all(LoanFact):
        if not loan.ended and loan.item_id is not None:
            item, patron = central.get(ItemFact, loan.item_id), central.get(PatronFact, loan.patron_id)
            assert item is not None and item.barcode is not None and patron is not None
            assert item.barcode not in found, f"{item.barcode} is on loan twice in central"
            found[item.barcode] = (patron.cards[0][0], loan.due.isoformat() if loan.due else None)
    return found


def disagreements(kiosk: Kiosk, central: MemoryCentral, apart: Container[str] = ()) -> list[str]:
    """In what the kiosk's copy and central differ, apart from what they call things. apart: barcodes, and ids of holds,
    of which they may speak differently; so they may of items that central does not know."""
    ours: dict[str, Any] = kiosk.loans()
    theirs: dict[str, Any] = central_loans(central)
    known = {one.barcode for one in central.all(ItemFact)}
    unknown = {row[0] for row in kiosk.rows("SELECT barcode FROM items")} - known
    problems = _differences("loan", ours, theirs, apart, unknown)
    ours = dict(kiosk.rows("SELECT barcode, status FROM items"))
    theirs = {one.barcode or one.id: one.status.value for one in central.all(ItemFact)}
    problems += _differences("status", ours, theirs, apart, unknown)
    shelves = kiosk.rows("SELECT id, state, (SELECT barcode FROM items WHERE id = item_id) FROM holds")
    ours = {row[0]: tuple(row[1:]) for row in shelves}
    theirs = {}
    for hold in central.all(HoldFact):
        if not hold.ended:
            item = central.get(ItemFact, hold.item_id)
            theirs[hold.id] = (hold.state.value, item.barcode if item else None)
    for hold_id, (_, barcode) in {**ours, **theirs}.items():
        if barcode in apart:
            ours.pop(hold_id, None)
            theirs.pop(hold_id, None)
    return problems + _differences("hold", ours, theirs, apart, ())


def _differences(
    what: str, ours: dict[str, Any], theirs: dict[str, Any], apart: Container[str], unknown: Container[str]
) -> list[str]:
    return [
        f"{what} of {key}: {ours.get(key)} here, {theirs.get(key)} in central"
        for key in sorted({*ours, *theirs})
        if ours.get(key) != theirs.get(key) and key not in apart and key not in unknown
    ]
