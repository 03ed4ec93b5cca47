"""The school of a simulation: pupils with books, kiosks that lose their power and their clocks, and staff.

In every third school central is asked before an act.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.circulation.acts import Act, Kind, LoanChange
from kiosk.circulation.delivery import Delivery, WayOut
from kiosk.circulation.facts import PatronFact
from kiosk.desk import Type
from kiosk.store.intents import StoreIntents
from kiosk.store.outbox import StoreOutbox
from tests.simulation.network import Network, PowerCut, RecordingCentral
from tests.simulation.sabotage import SABOTAGED, Hasty
from tests.sync_fixture import ITEMS, MONDAY, PATRONS, Kiosk, KioskClock, fill_central, new_kiosk

STEPS = 40
UNKNOWN_PATRON = PATRONS - 1
UNKNOWN_ITEM = ITEMS - 1
"""Known to the kiosks that were filled by an import, and to central only later, or never."""


@dataclass
class World:
    """One run. `live` lets it happen, `come_to_rest` lets everybody finish; then `tests.simulation.truth` is asked."""

    seed: int
    folder: Path
    trace: Callable[[str], None] = lambda text: None
    sabotage: str = ""
    backend: str = "memory"
    kiosks: list[Kiosk] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    holders: dict[str, str | None] = field(default_factory=dict)
    uncertain: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.now = MONDAY
        self.central = self._central()
        fill_central(self.central, UNKNOWN_PATRON, UNKNOWN_ITEM)
        self.central.forgetful = self.sabotage == "repeat"
        for n in range(self.chance.choice((2, 2, 3))):
            network = Network(self.central, random.Random(self.chance.getrandbits(64)), trace=self.trace)
            kiosk = new_kiosk(
                self.folder,
                network,
                KioskClock(self.now),
                f"k{n}",
                imported=n > 0 or self.chance.random() < 0.5,
                chance=random.Random(self.chance.getrandbits(64)),
                outbox_class=SABOTAGED.get(self.sabotage, StoreOutbox),
                asks="first" if self.seed % 3 == 1 else "",
                intents_class=Hasty if self.sabotage == "hasty" else StoreIntents,
            )
            self.networks.append(network)
            self.kiosks.append(kiosk)
        for kiosk in self.kiosks:
            if self.chance.random() < 0.9:
                kiosk.round()
        for network in self.networks:
            network.faults = self.chance.choice((0.0, 0.1, 0.4, 0.7))
            network.power_cuts = self.chance.choice((0.0, 0.0, 0.05))

    def _central(self) -> RecordingCentral:
        if self.backend == "memory":
            return RecordingCentral(lambda: self.now)
        from tests.simulation.sql_library import SqlLibrary

        return SqlLibrary(lambda: self.now, self.folder)

    # What happens.

    def live(self) -> None:
        """So many steps of one kiosk after the other, chosen by chance."""
        doings = (
            (self._visit, 8), (self._home, 6), (self._account, 2), (self._hold, 2), (self._undo, 2), (self._sync, 9),
            (self._power_cut, 1), (self._staff, 1), (self._weather, 1), (self._clock_jump, 1),
            (self._central_learns, 1), (self._central_changes, 1),
        )  # fmt: skip
        for _ in range(STEPS):
            (doing,) = self.chance.choices([one for one, _ in doings], [weight for _, weight in doings])
            n = self.chance.randrange(len(self.kiosks))
            self.trace(f"{self.now:%H:%M:%S} {self.kiosks[n].path.stem} {doing.__name__[1:]}")
            try:
                doing(n)
            except PowerCut:
                self._power_cut(n)
            self._pass(self.chance.choice((1, 5, 60, 3600)))

    def _pass(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for kiosk in self.kiosks:
            kiosk.clock.move(seconds)

    def _step(self, n: int, doing: Callable[[Kiosk], object]) -> None:
        """Let somebody do something at a kiosk; it takes a while. What was acknowledged is what is true from then."""
        kiosk = self.kiosks[n]
        known = len(kiosk.acknowledged)
        before = kiosk.clock.read().mono
        try:
            doing(kiosk)
        finally:
            taken = kiosk.clock.read().mono - before
            self.now += timedelta(seconds=taken)
            for other in self.kiosks:
                if other is not kiosk:
                    other.clock.move(taken)
            for act in kiosk.acknowledged[known:]:
                self._happened(kiosk, act)

    def _happened(self, kiosk: Kiosk, act: Act) -> None:
        self.trace(f"  {act.kind} {act.item_id and kiosk.store.barcode(act.item_id)} {act.id[:8]}")
        barcode = kiosk.store.barcode(act.item_id) if act.item_id else None
        if barcode is None:
            return
        if not kiosk.clock.read().trusted:
            self.uncertain.add(barcode)
        loans = [change.after for change in act.changes if isinstance(change, LoanChange)]
        if act.kind is Kind.FOUND:
            self.holders[barcode] = None
        elif loans and act.kind in (Kind.CHECKOUT, Kind.CHECKIN):
            self.holders[barcode] = self._card(kiosk, loans[-1].patron_id) if loans[-1] else None
        elif act.kind is Kind.UNDO:
            # What an undo leaves depends on what its kiosk knew; nobody moved the book.
            self.uncertain.add(barcode)

    def _card(self, kiosk: Kiosk, patron_id: str) -> str:
        return str(kiosk.rows("SELECT min(number) FROM cards WHERE patron_id = ?", patron_id)[0][0])

    def _visit(self, n: int) -> None:
        card = f"P{self.chance.randrange(PATRONS)}"
        items = [f"A{self.chance.randrange(ITEMS)}" for _ in range(self.chance.choice((1, 1, 2, 3)))]
        self._step(n, lambda kiosk: kiosk.visit(card, *items))

    def _home(self, n: int) -> None:
        item = f"A{self.chance.randrange(ITEMS)}"
        claim = self.chance.random()

        def at_home(kiosk: Kiosk) -> None:
            kiosk.scan(item)
            if claim < 0.2:
                kiosk.scan(f"P{int(claim * 5 * PATRONS)}")
                kiosk.press("finish")
                kiosk.press("done")
            else:
                kiosk.wait(30)

        self._step(n, at_home)

    def _account(self, n: int) -> None:
        card = f"P{self.chance.randrange(PATRONS)}"

        def renew(kiosk: Kiosk) -> None:
            kiosk.scan(card)
            kiosk.press("account")
            kiosk.press("renew_all")
            kiosk.press("finish")

        self._step(n, renew)

    def _hold(self, n: int) -> None:
        card, title = f"P{self.chance.randrange(PATRONS)}", self.chance.randrange(ITEMS // 2)
        cancel = self.chance.random() < 0.3

        def hold(kiosk: Kiosk) -> None:
            kiosk.scan(card)
            kiosk.press("account" if cancel else "search")
            if not cancel:
                kiosk.take(Type(f"Кітап {title}"))
            for row in kiosk.desk.view().rows[:1]:
                kiosk.press("cancel_hold" if cancel else "hold", row.id)
            kiosk.press("finish")

        self._step(n, hold)

    def _undo(self, n: int) -> None:
        card, item = f"P{self.chance.randrange(PATRONS)}", f"A{self.chance.randrange(ITEMS)}"
        how = self.chance.choice(("undo", "keep"))

        def undo(kiosk: Kiosk) -> None:
            kiosk.scan(card, item)
            for row in kiosk.desk.view().rows[:1]:
                kiosk.press(how, row.id)
            kiosk.press("finish")

        self._step(n, undo)

    def _sync(self, n: int) -> None:
        kiosk = self.kiosks[n]
        done = kiosk.sync.once() if self.chance.random() < 0.2 else kiosk.round()
        self.trace(f"  {done}")

    def _power_cut(self, n: int) -> None:
        kiosk = self.kiosks[n]
        self.trace(f"  {kiosk.path.stem}: the power is cut")
        # Central was being asked, and nobody was told: the book may be anywhere.
        asked = kiosk.rows("SELECT coalesce(barcode, i.id) FROM intents t JOIN items i ON i.id = t.item_id")
        self.uncertain |= {barcode for (barcode,) in asked}
        kiosk.off()
        self._pass(self.chance.choice((1, 30, 7200)))
        kiosk.clock = KioskClock(*self._clock_after_boot())
        kiosk.boot()

    def _clock_after_boot(self) -> tuple[datetime, bool]:
        what = self.chance.random()
        if what < 0.7:
            return self.now, True
        year = 1970 if what < 0.85 else 2036
        return datetime(year, 1, 1, tzinfo=UTC), False

    def _clock_jump(self, n: int) -> None:
        """NTP comes, or a clock without battery is believed no more."""
        self.kiosks[n].clock.set(*((self.now, True) if self.chance.random() < 0.5 else self._clock_after_boot()))

    def _weather(self, n: int) -> None:
        network = self.networks[n]
        network.down = not network.down
        self.trace(f"  {self.kiosks[n].path.stem}: central is {'away' if network.down else 'back'}")

    def _staff(self, n: int) -> None:
        """Somebody settles what is parked."""
        kiosk = self.kiosks[n]
        for entry in kiosk.outbox.entries([Delivery.PARKED])[:1]:
            way = self.chance.choice(entry.ways_out)
            kiosk.outbox.settle_by_hand(entry.seq, way, "Қарлығаш", "")
            self.trace(f"  {way} {entry}")
            if way is WayOut.DISMISS and entry.item is not None:
                self.uncertain.add(entry.item)

    def _central_learns(self, n: int) -> None:
        """What was unknown to central is entered there."""
        if self.central.get(PatronFact, f"cp{UNKNOWN_PATRON}") is None:
            fill_central(self.central, first_patron=UNKNOWN_PATRON, first_item=UNKNOWN_ITEM)

    def _central_changes(self, n: int) -> None:
        """The librarian changes something at a desk of their own: due dates, names, a block."""
        self.central.change_something(self.chance)

    # The end.

    def come_to_rest(self) -> None:
        """The network is mended, every kiosk gets its turns, until nothing moves any more."""
        self.trace("coming to rest")
        for n, network in enumerate(self.networks):
            network.faults, network.power_cuts, network.down = 0.0, 0.0, False
            self._step(n, lambda kiosk: kiosk.wait(60))
        for _ in range(12):
            before = (self.central.version, [kiosk.states() for kiosk in self.kiosks])
            for kiosk in self.kiosks:
                self.trace(f"  {kiosk.path.stem} {kiosk.sync.once()}")
            self._pass(5)
            if before == (self.central.version, [kiosk.states() for kiosk in self.kiosks]):
                return
        raise AssertionError("it does not come to rest")

    def close(self) -> None:
        """Let go of the files."""
        for kiosk in self.kiosks:
            kiosk.off()
        self.central.close()
