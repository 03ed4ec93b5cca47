"""The desk: one inbox, one thread. It hands events to the mode and carries its effects out through the ports."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING
from uuid import uuid5

from kiosk.circulation import visit
from kiosk.circulation.acts import CIRCULATION, Act
from kiosk.circulation.appearance import Appearance
from kiosk.circulation.clock import Moment, reckon
from kiosk.circulation.delivery import Indeterminate, Unreachable
from kiosk.circulation.delivery import Outcome as Delivered
from kiosk.circulation.events import (
    Answer,
    Answered,
    Ask,
    CallAnswered,
    CallLibrarian,
    CallOver,
    CameAsReader,
    Commit,
    Committed,
    ConfirmDate,
    CountVisit,
    Declined,
    Deed,
    DevicesTold,
    Do,
    Effect,
    Enquire,
    Enquired,
    Event,
    Failed,
    Leave,
    MakeItem,
    OpenStaff,
    Permitted,
    Pressed,
    Print,
    PrintFailed,
    Probe,
    Query,
    RememberAppearance,
    Resumed,
    Scanned,
    Stale,
    Typed,
    Wake,
    Woke,
)
from kiosk.circulation.model import PatronRecord, Scan
from kiosk.circulation.views import SyncState, View
from kiosk.circulation.visit import State, step, view
from kiosk.errors import StoreDamaged, StoreError
from kiosk.ports import Backroom, Central, Clock, Intents, Printer, Question, Reply, Store

if TYPE_CHECKING:
    from kiosk.circulation.staff.state import State as StaffState

log = logging.getLogger(__name__)

MAX_WAITING = 32
STALE_AFTER = timedelta(days=4)
"""A long weekend without the central library is nothing to speak of."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one input: the screen now, and the circulation acts that are durable since."""

    view: View
    committed: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Press:
    """A touch on an action of the view, or (argument: its id) of a row."""

    action: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Type:
    """A text typed by somebody."""

    text: str


@dataclass(frozen=True, slots=True)
class Plugged:
    """How the devices are. broken: the names of those that do not work; deaf: no reader does."""

    broken: tuple[str, ...]
    deaf: bool


@dataclass(frozen=True, slots=True)
class NotPrinted:
    """The printer could not print a slip that it had taken."""


Input = Scan | Press | Type | Plugged | NotPrinted | Reply


@dataclass(frozen=True, slots=True)
class Asking:
    """The central library as a desk asks it, and where it writes down what it asks."""

    central: Central
    intents: Intents


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that is with the central library. acts: how many it is about. until: in the clock's seconds."""

    request: int
    acts: int
    until: float


def staff_mode() -> ModuleType:
    """The staff's mode. Its pages are a third of the program: they are read when the kiosk first rests, or is asked for
    them, and not before the first picture."""
    return import_module("kiosk.circulation.staff.mode")


class Desk:
    """The state of the kiosk, its ledger and its timer. All methods belong to one thread."""

    def __init__(
        self,
        state: State,
        store: Store,
        clock: Clock,
        asking: Asking | None = None,
        printer: Printer | None = None,
        backroom: Backroom | None = None,
    ) -> None:
        """state: as `visit.start` gives it. The ledger is asked at once whether it works."""
        self._printer = printer
        self._backroom = backroom
        self._visit = state
        self._above: StaffState | None = None
        self._opened = 0
        self._store = store
        self._clock = clock
        self._asking = asking
        self._asked: _Asked | None = None
        self._waiting: deque[Event] = deque()
        self._committed: list[Act] = []
        self._alarm: tuple[float, int] | None = None
        self._called_until: float | None = None
        self._mark: datetime | None = None
        self._sync = SyncState()
        self._enter(Woke(self.now(), state.generation))
        self.sync_state()

    def now(self) -> Moment:
        """This moment, as far as the clock can be believed."""
        return reckon(self._clock.read(), self._mark)

    def take(self, given: Input) -> Outcome:
        """Act on a scan, a touch or a text, and wait until its effects are done, but for what central is asked."""
        now = self.now()
        match given:
            case Scan():
                self._enter(Scanned(now, given))
            case Press(action, argument):
                self._enter(Pressed(now, action, argument))
            case Type(text):
                self._enter(Typed(now, text))
            case Plugged(broken, deaf):
                told = DevicesTold(now, broken, deaf)
                if self._above is not None:
                    self._visit, _ = step(self._visit, told)
                self._enter(told)
            case NotPrinted():
                self._enter(PrintFailed(now))
            case Reply():
                self._replied(given)
        return self._outcome()

    @property
    def waits_for_central(self) -> bool:
        """Whether a reply is awaited; what comes in meanwhile is kept in order."""
        return self._asked is not None

    @property
    def patience_s(self) -> float:
        """How long a reply is waited for."""
        return self._asking.central.deadline_s if self._asking is not None else 0.0

    def give_up(self) -> Outcome:
        """No reply came in time: the rules here decide."""
        if self._asked is not None and self._asking is not None:
            may_have_left = self._asking.central.give_up()
            nobody_knows = Indeterminate() if may_have_left else Unreachable()
            self._replied(Reply(self._asked.request, (nobody_knows,) * self._asked.acts, away=True))
        return self._outcome()

    def next_alarm(self) -> float | None:
        """When (monotonic seconds) `ring` has something to do."""
        alarms = [self._alarm[0]] if self._alarm else []
        alarms += [self._asked.until] if self._asked else []
        alarms += [self._called_until] if self._called_until is not None else []
        return min(alarms, default=None)

    def ring(self) -> Outcome:
        """Ring the timer if it is due, wait no longer for a reply, or call no longer."""
        now = self.now()
        if self._called_until is not None and self._called_until <= now.mono:
            self._called_until = None
            self._enter(CallOver(now))
        if self._asked is not None and self._asked.until <= now.mono:
            return self.give_up()
        if self._alarm is not None and self._alarm[0] <= now.mono:
            generation = self._alarm[1]
            self._alarm = None
            self._enter(Woke(now, generation))
        return self._outcome()

    def view(self) -> View:
        """The screen now."""
        now, sync = self.now(), self._sync
        if sync.contact is not None and not (now.known and now.day - sync.contact >= STALE_AFTER):
            sync = replace(sync, contact=None)
        shown = staff_mode().view(self._above, now) if self._above is not None else view(self._visit, now)
        return replace(shown, sync=sync, calling=self._called_until is not None)

    def sync_state(self) -> SyncState:
        """How far the central library knows now; views say so from now on."""
        try:
            self._sync = self._store.sync_state()
        except StoreError:
            self._sync = SyncState()
        return self._sync

    def idle(self) -> None:
        """Nobody has touched anything for a while."""
        staff_mode()
        self.sync_state()
        try:
            self._store.idle()
        except StoreError as error:
            log.warning("checkpoint: %s", error)

    def recover(self) -> None:
        """After a mistake of the program itself: nobody is signed in, and nothing is awaited any more."""
        if self._asked is not None and self._asking is not None:
            self._asking.central.give_up()
        self._asked = None
        self._waiting.clear()
        self._committed.clear()
        self._above = None
        self._visit = visit.restarted(self._visit)
        self._enter(Woke(self.now(), self._visit.generation))

    def close(self) -> None:
        """Let go of the ledger."""
        self._store.close()

    def _outcome(self) -> Outcome:
        committed, self._committed = tuple(self._committed), []
        return Outcome(self.view(), committed)

    def _enter(self, event: Event) -> None:
        """Give an event to the mode, or keep it in order while an answer is awaited."""
        if self._mode.busy:
            if len(self._waiting) >= MAX_WAITING:
                log.warning("more than %d inputs at once; one was not taken", MAX_WAITING)
                return
            self._waiting.append(event)
            return
        self._step(event)
        self._go_on()

    def _go_on(self) -> None:
        """What came in while an answer was awaited."""
        while self._waiting and not self._mode.busy:
            self._step(self._waiting.popleft())

    def _step(self, event: Event) -> None:
        """Act on an event and on the answers that it leads to. A loop: renewing all that a room has is many answers."""
        events = deque((event,))
        while events:
            event = events.popleft()
            # Only a visit says that the librarian is called.
            if self._above is not None and not isinstance(event, CallOver):
                self._above, effects = staff_mode().step(self._above, event)
            else:
                self._visit, effects = step(self._visit, event)
            events.extend(self._carry_out(effects))

    @property
    def _mode(self) -> State | StaffState:
        """The mode that has the screen."""
        return self._above if self._above is not None else self._visit

    def _open_staff(self, record: PatronRecord, for_visit: bool) -> tuple[Effect, ...]:
        """The staff's mode above the visit, which waits."""
        below = self._visit
        self._opened += 1
        ids = uuid5(below.ids, f"staff {self._opened}")
        languages = below.settings.languages
        opened: StaffState
        effects: tuple[Effect, ...]
        opened, effects = staff_mode().start(
            below.rules, below.settings.staff, below.codes, ids, languages, record, for_visit
        )
        self._above = replace(opened, broken=below.broken, deaf=below.deaf)
        return effects

    def _left(self, above: StaffState, override: str, as_reader: bool) -> Event:
        """The staff's mode is over: what the visit is told."""
        self._above = None
        now = self.now()
        if override:
            return Permitted(now, above.staff, override)
        return CameAsReader(now, above.record) if as_reader else Resumed(now)

    def _carry_out(self, effects: tuple[Effect, ...]) -> Iterator[Event]:
        for effect in effects:
            match effect:
                case Ask(request, Enquire() as query):
                    if not self._enquire(request, query):
                        yield Answered(self.now(), request, Enquired(away=self._could_tell()))
                case Ask(request, query):
                    yield Answered(self.now(), request, self._ask(query))
                case Commit(request):
                    answer = self._intend(effect)
                    if not isinstance(answer, _Asked):
                        yield Answered(self.now(), request, answer or self._commit(effect))
                case MakeItem(request, barcode):
                    yield Answered(self.now(), request, self._make_item(barcode))
                case Wake(generation, after_s):
                    self._alarm = (self._clock.read().mono + after_s, generation)
                case CountVisit():
                    self._count(effect)
                case RememberAppearance(patron_id, appearance):
                    self._remember(patron_id, appearance)
                case ConfirmDate():
                    self._confirm(effect)
                case CallLibrarian(for_s):
                    self._called_until = self._clock.read().mono + for_s
                case CallAnswered():
                    self._called_until = None
                    yield CallOver(self.now())
                case Do(request, deed):
                    yield Answered(self.now(), request, self._do(deed))
                case OpenStaff(record, for_visit):
                    yield from self._carry_out(self._open_staff(record, for_visit))
                case Leave(override, as_reader):
                    assert self._above is not None
                    yield self._left(self._above, override, as_reader)
                case Print(slip):
                    if self._printer is None or not self._printer.submit(slip):
                        yield PrintFailed(self.now())

    def _ask(self, query: Query) -> Answer:
        try:
            if isinstance(query, Probe):
                self._mark = self._store.mark()
            return self._store.answer(query)
        except StoreError as error:
            return self._failed(error)

    def _commit(self, effect: Commit) -> Answer:
        now = self.now()
        try:
            answer = self._store.commit(effect.acts, effect.relied, now)
        except StoreError as error:
            return self._failed(error)
        self._recorded(answer, now)
        return answer

    def _recorded(self, answer: Answer, now: Moment) -> None:
        if isinstance(answer, Committed | Declined):
            self._committed += [act for act in answer.acts if act.kind in CIRCULATION]
            if now.trusted and answer.acts:
                self._mark = now.wall

    # Asking the central library.

    def _could_tell(self) -> bool:
        """Whether central, if it were there, could say what a code is."""
        return self._asking is not None and self._asking.central.tells()

    def _enquire(self, request: int, query: Enquire) -> bool:
        """Ask central about a code; whether a reply will come."""
        if self._asking is None or not self._could_tell() or not self._asking.central.is_there():
            return False
        self._put(Question(request, query), 0)
        return True

    def _intend(self, effect: Commit) -> Answer | _Asked | None:
        """Ask central before acts are recorded; None if it is not to be asked."""
        asking = self._asking
        if asking is None or not asking.central.asks_first or effect.insist or not asking.central.is_there():
            return None
        try:
            parcels = asking.intents.intend(effect.acts, effect.relied, self.now())
        except StoreError as error:
            return self._failed(error)
        if isinstance(parcels, Stale):
            return parcels
        return self._put(Question(effect.request, parcels), len(parcels)) if parcels else None

    def _put(self, question: Question, acts: int) -> _Asked:
        assert self._asking is not None
        self._asked = _Asked(question.request, acts, self._clock.read().mono + self._asking.central.deadline_s)
        self._asking.central.ask(question)
        return self._asked

    def _replied(self, reply: Reply) -> None:
        """Go on with a reply. One that comes too late is of no use: the sync finds out what became of the acts."""
        asked = self._asked
        if asked is None or asked.request != reply.request:
            return
        self._asked = None
        answer: Answer = Enquired(reply.learned, reply.away, reply.school)
        if asked.acts:
            answer = self._conclude(reply.outcomes)
        self._step(Answered(self.now(), reply.request, answer))
        self._go_on()

    def _conclude(self, outcomes: tuple[Delivered, ...]) -> Answer:
        assert self._asking is not None
        now = self.now()
        try:
            answer = self._asking.intents.conclude(outcomes, now)
        except StoreError as error:
            return self._failed(error)
        self._recorded(answer, now)
        return answer

    def _make_item(self, barcode: str) -> Answer:
        assert self._asking is not None
        try:
            return self._asking.intents.make_item(barcode, self.now())
        except StoreError as error:
            return self._failed(error)

    def _do(self, deed: Deed) -> Answer:
        assert self._backroom is not None
        try:
            return self._backroom.do(deed)
        except StoreError as error:
            return self._failed(error)

    def _failed(self, error: StoreError) -> Failed:
        log.error("nothing was recorded: %s", error)
        return Failed(damaged=isinstance(error, StoreDamaged))

    def _count(self, effect: CountVisit) -> None:
        try:
            self._store.count_visit(effect, self.now())
        except StoreError as error:
            log.error("a visit was not counted: %s", error)

    def _remember(self, patron_id: str, appearance: Appearance) -> None:
        try:
            self._store.remember_appearance(patron_id, appearance)
        except StoreError as error:
            log.error("how a screen is to look was not kept: %s", error)

    def _confirm(self, effect: ConfirmDate) -> None:
        off = self._clock.confirm(effect.day)
        try:
            self._store.confirm_date(effect.by, self.now(), off)
            self._mark = self.now().wall
        except StoreError as error:
            log.error("the confirmed date was not recorded: %s", error)
