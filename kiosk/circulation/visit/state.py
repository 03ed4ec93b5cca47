"""The state of the kiosk between two events, and the few ways to change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from uuid import UUID, uuid5

from kiosk.circulation.acts import Act, Relied
from kiosk.circulation.appearance import PLAIN, Appearance
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Ask, Commit, Effect, Event, MakeItem, Query
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.model import ItemRecord, PatronRecord, SchoolClass, TitleRecord
from kiosk.circulation.policy import Circumstances, Refused
from kiosk.circulation.rules import Rules, VisitSettings
from kiosk.circulation.session import Entry, PinTries, RecentCodes, Session
from kiosk.circulation.slip import Slip
from kiosk.circulation.views import Days, Message

Then = Callable[["State", Event, Answer], "Step"]


@dataclass(frozen=True, slots=True)
class Lobby:
    """What waits for the next card. found: items; returned: what came back, for its borrower to keep; wanted: a title
    to be held.
    """

    found: tuple[ItemRecord, ...] = ()
    returned: tuple[Entry, ...] = ()
    wanted: str | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """Nobody is signed in."""


@dataclass(frozen=True, slots=True)
class AtVisit:
    """The visit itself."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the patron has on loan and on hold. renewing: loans still to be renewed; renewed, refused: loans."""

    renewing: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The catalogue. asked: the text was recorded as a request."""

    text: str = ""
    hits: tuple[TitleRecord, ...] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True)
class NumberPage:
    """An inventory number is typed in place of a torn label. matches: "this one?"."""

    matches: tuple[ItemRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """A code that means more than one thing."""

    card: PatronRecord | None
    items: tuple[ItemRecord, ...]


@dataclass(frozen=True, slots=True)
class PinPage:
    """A patron is asked for the PIN."""

    record: PatronRecord
    without_card: bool
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoCardPage:
    """Signing in without a card: the class, then the name. chosen: a pupil without a PIN says "that is me"."""

    classes: tuple[SchoolClass, ...] = ()
    school_class: SchoolClass | None = None
    pupils: tuple[PatronRecord, ...] = ()
    chosen: PatronRecord | None = None


@dataclass(frozen=True, slots=True)
class AppearancePage:
    """How the screen is to look, and whether it speaks."""


@dataclass(frozen=True, slots=True)
class CameraPage:
    """The camera's picture: hold a code to it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a visit that has ended did. not_me: the wrong person's; session: that visit, to take back its acts.

    slip: what may be printed of it. rated: the items of which it was said whether they were liked.
    """

    entries: tuple[Entry, ...]
    not_me: bool = False
    session: Session | None = None
    slip: Slip | None = None
    rated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockPage:
    """A librarian is asked what day it is. offered: the day that the kiosk would guess."""

    record: PatronRecord
    offered: date


@dataclass(frozen=True, slots=True)
class Closed:
    """Out of service, until the ledger works again."""


Page = (
    Home
    | AtVisit
    | Account
    | SearchPage
    | NumberPage
    | ChoicePage
    | PinPage
    | NoCardPage
    | AppearancePage
    | CameraPage
    | Summary
    | ClockPage
    | Closed
)


@dataclass(frozen=True, slots=True)
class Pending:
    """A request on its way: what to do with its answer, and the event to decide anew on if it comes back stale."""

    request: int
    origin: Event
    then: Then


@dataclass(frozen=True, slots=True)
class Serve(Event):
    """The next of `State.queue` is to be tried: never seen outside the visit."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Named(Event):
    """An item was chosen on the screen, as if its label had been scanned: never seen outside the visit."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Wished(Event):
    """A title is to be held for whoever is signed in: never seen outside the visit."""

    title_id: str


@dataclass(frozen=True, slots=True)
class RenewNext(Event):
    """The next of `Account.renewing` is to be renewed: never seen outside the visit."""

    loan_id: str


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the kiosk remembers from one event to the next. It is never saved.

    lobby: filled while nobody is signed in, on whatever page. queue: items to be tried next, by id: found at home,
    waiting for room, or allowed by a librarian just now.
    ids, made: the seed of the next transaction's id and how many were made of it. retries: how often the event at hand
    was decided anew; failures: how often in a row the ledger did not record.
    broken: devices that do not work, by name; deaf: no reader does. appearance: as whoever is here likes it.
    scans: how many were taken.
    """

    rules: Rules
    settings: VisitSettings
    codes: CodeRules
    ids: UUID
    language: str
    page: Page = Closed()
    message: Message | None = None
    session: Session | None = None
    lobby: Lobby = Lobby()
    recent: RecentCodes = field(default_factory=RecentCodes)
    tries: PinTries = field(default_factory=PinTries)
    queue: tuple[str, ...] = ()
    pending: Pending | None = None
    retries: int = 0
    requests: int = 0
    made: int = 0
    generation: int = 0
    failures: int = 0
    broken: tuple[str, ...] = ()
    deaf: bool = False
    appearance: Appearance = PLAIN
    scans: int = 0

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited; scans and touches wait for it."""
        return self.pending is not None


Step = tuple[State, tuple[Effect, ...]]


def start(rules: Rules, settings: VisitSettings, codes: CodeRules, ids: UUID) -> State:
    """The kiosk as it wakes: out of service until the ledger has answered. ids: a random seed, new at every start."""
    return State(rules, settings, codes, ids, settings.languages[0])


def restarted(state: State) -> State:
    """As it wakes, but with the codes just seen, the wrong PINs and the ids that are used up."""
    return replace(go_home(state), page=Closed(), pending=None)


def new_id(state: State) -> tuple[State, str]:
    """The id of the next transaction."""
    return replace(state, made=state.made + 1), uuid5(state.ids, str(state.made)).hex


def say(state: State, key: str, **params: str | int | date | Days) -> Step:
    """Only say something."""
    return replace(state, message=Message.of(key, **params)), ()


def refuse(state: State, refused: Refused) -> Step:
    """Say why not."""
    return replace(state, message=refusal_message(refused)), ()


def refusal_message(refused: Refused) -> Message:
    """The message of a refusal."""
    return Message(refused.reason.value, refused.params)


def ask(state: State, origin: Event, query: Query, then: Then) -> Step:
    """Ask the ledger, and go on with the answer."""
    request = state.requests + 1
    pending = Pending(request, origin, then)
    return replace(state, requests=request, pending=pending), (Ask(request, query),)


def commit(state: State, origin: Event, acts: tuple[Act, ...], relied: tuple[Relied, ...], then: Then) -> Step:
    """Have acts recorded, and go on once they are. `then` never sees Stale or Failed: step.py does.

    Of acts with a wish in them it may see Declined. In a visit that a librarian lets pass nobody is asked.
    """
    request = state.requests + 1
    pending = Pending(request, origin, then)
    insist = state.session is not None and state.session.override_by is not None
    return replace(state, requests=request, pending=pending), (Commit(request, acts, relied, insist),)


def make_item(state: State, origin: Event, barcode: str, then: Then) -> Step:
    """Have an item taken in of which only the barcode is known, and go on with it."""
    request = state.requests + 1
    pending = Pending(request, origin, then)
    return replace(state, requests=request, pending=pending), (MakeItem(request, barcode),)


def after(function: Callable[..., Step], *known: object) -> Then:
    """`function` with what is known now; it is given the state, the origin and the answer when that comes."""
    return partial(_call, function, known)


def _call(
    function: Callable[..., Step], known: tuple[object, ...], state: State, origin: Event, answer: Answer
) -> Step:
    return function(state, origin, answer, *known)


def circumstances(state: State, now: Moment) -> Circumstances:
    """What decisions depend on at this moment."""
    session = state.session
    without_card = session is not None and session.without_card
    return Circumstances(
        state.rules,
        now,
        session.override_by if session else None,
        session.override_reason if session else "",
        state.settings.no_card_limit if without_card else None,
    )


def relied_on(
    patron: PatronRecord | None = None, item: ItemRecord | None = None, title: TitleRecord | None = None
) -> tuple[Relied, ...]:
    """The versions of the records that a decision was made on."""
    relied = []
    if patron is not None:
        relied.append(Relied("patrons", patron.patron.id, patron.patron.version))
    if item is not None:
        relied.append(Relied("items", item.item.id, item.item.version))
        relied.append(Relied("titles", item.title.id, item.title.version))
    if title is not None:
        relied.append(Relied("titles", title.title.id, title.title.version))
    return tuple(relied)


def go_home(state: State) -> State:
    """Nobody is here any more: nothing of the last visit is left but the codes just seen, in the first language."""
    return replace(
        state,
        page=Home(),
        session=None,
        lobby=Lobby(),
        message=None,
        queue=(),
        language=state.settings.languages[0],
        appearance=PLAIN,
    )


def still_here(state: State, before: State) -> State:
    """Home, with whoever was signed in still before the screen: in their language, and as they like it."""
    return replace(state, language=before.language, appearance=before.appearance)
