"""The door of the staff's mode: every event comes in here, and the timer is set again on the way out."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from kiosk.circulation.clock import Moment
from kiosk.circulation.events import (
    Answered,
    Committed,
    DevicesTold,
    Effect,
    Event,
    Failed,
    Leave,
    Pressed,
    PrintFailed,
    Scanned,
    Stale,
    Typed,
    Wake,
    Woke,
)
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.model import PatronRecord
from kiosk.circulation.rules import Rules, StaffSettings
from kiosk.circulation.staff.signing import first_page
from kiosk.circulation.staff.state import Purpose, State, Step, leave, say
from kiosk.circulation.views import Message, View

MAX_RETRIES = 3
FAILURES_TO_LEAVE = 3


def start(
    rules: Rules,
    settings: StaffSettings,
    codes: CodeRules,
    ids: UUID,
    languages: tuple[str, ...],
    record: PatronRecord,
    for_visit: bool,
) -> Step:
    """The mode as it opens for somebody of the staff whose card was read. ids: a random seed, new each time.

    for_visit: to let a visit pass what it was refused.
    """
    purpose = Purpose.OVERRIDE if for_visit else Purpose.WORK
    patron = record.patron
    language = patron.language if patron.language in languages else languages[0]
    pages = (first_page(record, purpose),)
    return _with_timer(State(rules, settings, codes, ids, language, languages, record, purpose, pages), ())


def step(state: State, event: Event) -> Step:
    """The next state, and what is to be done. Pure; one event at a time, none while `state.busy` but answers."""
    match event:
        case Woke(generation=generation) if generation != state.generation:
            return state, ()
        case Answered(request=request) if state.pending is None or state.pending.request != request:
            return state, ()
        case Answered():
            state, effects = _answered(state, event)
        case DevicesTold(broken=broken, deaf=deaf):
            return replace(state, broken=broken, deaf=deaf), ()
        case _ if state.busy:
            raise ValueError(f"{type(event).__name__} while an answer is awaited")
        case Woke():
            state, effects = state.page.woken(state, event)
        case PrintFailed():
            return say(state, "err.printer")
        case Scanned() if not _is_new(state, event):
            return _noted(state, event), ()
        case Scanned():
            state = _noted(state, event)
            state, effects = state.page.again(replace(state, retries=0, message=None), event)
        case Pressed(action="language", argument=argument):
            state, effects = replace(state, language=_language(state, argument)), ()
        case Pressed() | Typed():
            state, effects = state.page.again(replace(state, retries=0, message=None), event)
        case _:
            state, effects = state.page.again(state, event)
    if state.busy or any(isinstance(effect, Wake | Leave) for effect in effects):
        return state, effects
    return _with_timer(state, effects)


def view(state: State, now: Moment) -> View:
    """What to show."""
    drawn = state.page.view(state, now)
    message = Message.of("info.one_moment") if state.busy else drawn.message or state.message
    return replace(drawn, message=message, scans=state.scans, languages=state.languages)


def _answered(state: State, event: Answered) -> Step:
    pending = state.pending
    assert pending is not None
    state = replace(state, pending=None, failures=0 if isinstance(event.answer, Committed) else state.failures)
    match event.answer:
        case Stale() if state.retries < MAX_RETRIES:
            return state.page.again(replace(state, retries=state.retries + 1), pending.origin)
        case Stale():
            return _failed(state, pending.origin, damaged=False)
        case Failed(damaged):
            return _failed(state, pending.origin, damaged)
    return pending.then(state, pending.origin, event.answer)


def _failed(state: State, origin: Event, damaged: bool) -> Step:
    """Nothing was recorded. A ledger that goes on failing is the public screen's to say."""
    state = replace(state, failures=state.failures + 1)
    if isinstance(origin, Scanned):
        state = replace(state, recent=state.recent.without(origin.scan.payload.strip()))
    if damaged or state.failures >= FAILURES_TO_LEAVE:
        return leave(state)
    return say(state, "err.generic")


def _is_new(state: State, event: Scanned) -> bool:
    return state.recent.saw(event.scan.payload.strip(), event.now.mono, state.settings.same_scan_s)[1]


def _noted(state: State, event: Scanned) -> State:
    recent, is_new = state.recent.saw(event.scan.payload.strip(), event.now.mono, state.settings.same_scan_s)
    return replace(state, recent=recent, scans=state.scans + is_new)


def _language(state: State, language: str) -> str:
    known = state.languages
    return language if language in known else known[(known.index(state.language) + 1) % len(known)]


def _with_timer(state: State, effects: tuple[Effect, ...]) -> Step:
    state = replace(state, generation=state.generation + 1)
    return state, (*effects, Wake(state.generation, state.settings.idle_s))
