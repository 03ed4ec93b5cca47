"""The state of the staff's mode between two events, and the few ways to change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from kiosk.circulation.acts import Act, Relied
from kiosk.circulation.events import Answer, Ask, Commit, Deed, Do, Effect, Event, Leave, Query
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.model import PatronRecord, Role
from kiosk.circulation.policy import Refused
from kiosk.circulation.rules import Rules, StaffSettings
from kiosk.circulation.session import RecentCodes
from kiosk.circulation.views import Days, Message

if TYPE_CHECKING:
    from kiosk.circulation.staff.page import Page

Then = Callable[["State", Event, Answer], "Step"]


class Purpose(StrEnum):
    """What somebody of the staff came for: their own work, or to let pass what a visit was refused."""

    WORK = "work"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Pending:
    """A request on its way: what to do with its answer, and the event to decide anew on if it comes back stale."""

    request: int
    origin: Event
    then: Then


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the staff's mode remembers from one event to the next. It is never saved.

    record: of the one whose card it is, signed in or not yet. pages: the stack, the present one last.
    ids, made: the seed of the next transaction's id and how many were made of it. retries: how often the event at hand
    was decided anew; failures: how often in a row the ledger did not record. broken, deaf: see `DevicesTold`.
    """

    rules: Rules
    settings: StaffSettings
    codes: CodeRules
    ids: UUID
    language: str
    languages: tuple[str, ...]
    record: PatronRecord
    purpose: Purpose = Purpose.WORK
    pages: tuple[Page, ...] = ()
    message: Message | None = None
    pending: Pending | None = None
    recent: RecentCodes = field(default_factory=RecentCodes)
    retries: int = 0
    requests: int = 0
    made: int = 0
    generation: int = 0
    failures: int = 0
    broken: tuple[str, ...] = ()
    deaf: bool = False
    scans: int = 0

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited; scans and touches wait for it."""
        return self.pending is not None

    @property
    def page(self) -> Page:
        """The present page."""
        return self.pages[-1]

    @property
    def role(self) -> Role:
        """What the one whose card it is may do."""
        assert self.record.patron.role is not None
        return self.record.patron.role

    @property
    def staff(self) -> str:
        """The id of the one whose card it is, for acts."""
        return self.record.patron.id


Step = tuple[State, tuple[Effect, ...]]


def new_id(state: State) -> tuple[State, str]:
    """The id of the next transaction."""
    return replace(state, made=state.made + 1), uuid5(state.ids, str(state.made)).hex


def push(state: State, page: Page) -> State:
    """Go on to a page; `pop` comes back to this one."""
    return replace(state, pages=(*state.pages, page), message=None)


def turn(state: State, page: Page) -> State:
    """Another page, or the same one with other facts, in place of the present one. The message stays."""
    return replace(state, pages=(*state.pages[:-1], page))


def pop(state: State, event: Event) -> Step:
    """Back to the page before, which looks at its facts anew; from the first one out."""
    if len(state.pages) < 2:
        return leave(state)
    state = replace(state, pages=state.pages[:-1], message=None)
    return state.page.shown(state, event)


def leave(state: State, override: str = "", as_reader: bool = False) -> Step:
    """Staff go, and the public screen is back. override: why they let a visit pass what it was refused; as_reader: they
    want books of their own."""
    return replace(state, pages=state.pages[:1], message=None), (Leave(override, as_reader),)


def say(state: State, key: str, **params: str | int | date | Days) -> Step:
    """Only say something."""
    return replace(state, message=Message.of(key, **params)), ()


def refuse(state: State, refused: Refused) -> Step:
    """Say why not."""
    return replace(state, message=Message(refused.reason.value, refused.params)), ()


def ask(state: State, origin: Event, query: Query, then: Then) -> Step:
    """Ask the ledger, and go on with the answer."""
    request = state.requests + 1
    pending = Pending(request, origin, then)
    return replace(state, requests=request, pending=pending), (Ask(request, query),)


def do(state: State, origin: Event, deed: Deed, then: Then) -> Step:
    """Have something done that is no act in the ledger, and go on with what came of it."""
    request = state.requests + 1
    pending = Pending(request, origin, then)
    return replace(state, requests=request, pending=pending), (Do(request, deed),)


def commit(state: State, origin: Event, acts: tuple[Act, ...], relied: tuple[Relied, ...], then: Then) -> Step:
    """Have acts recorded as this staff member's, and go on once they are: `then` never sees Stale or Failed.

    The central library is told later, whatever it would say: the librarian has the book in hand.
    """
    request = state.requests + 1
    pending = Pending(request, origin, then)
    signed = tuple(replace(act, staff=state.staff) for act in acts)
    return replace(state, requests=request, pending=pending), (Commit(request, signed, relied, insist=True),)


def after(function: Callable[..., Step], *known: object) -> Then:
    """`function` with what is known now; it is given the state, the origin and the answer when that comes."""
    return partial(_call, function, known)


def _call(
    function: Callable[..., Step], known: tuple[object, ...], state: State, origin: Event, answer: Answer
) -> Step:
    return function(state, origin, answer, *known)
