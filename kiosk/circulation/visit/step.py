"""The door of the visit: every event comes in here, and the timer is set again on the way out."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.appearance import PLAIN
from kiosk.circulation.events import (
    Answered,
    CallOver,
    CameAsReader,
    Committed,
    Declined,
    DevicesTold,
    Effect,
    Event,
    Failed,
    Permitted,
    Pressed,
    PrintFailed,
    Probe,
    Resumed,
    Scanned,
    Stale,
    Typed,
    Wake,
    Woke,
    Works,
)
from kiosk.circulation.visit import account, appearing, calling, catalogue, ending, lending, liking, scans, signing
from kiosk.circulation.visit.state import (
    Account,
    AppearancePage,
    AtVisit,
    CameraPage,
    ChoicePage,
    ClockPage,
    Closed,
    Home,
    Lobby,
    Named,
    NoCardPage,
    NumberPage,
    PinPage,
    RenewNext,
    SearchPage,
    Serve,
    State,
    Step,
    Summary,
    Wished,
    after,
    ask,
    go_home,
    say,
)

MAX_RETRIES = 3
FAILURES_TO_CLOSE = 3
PROBE_EVERY_S = 10.0
SPOKEN_TIMES = 3
"""Hearing takes longer than reading."""


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
            # Nobody did anything: the timer goes on.
            return replace(state, broken=broken, deaf=deaf), ()
        case CallOver():
            return calling.over(state), ()
        case Resumed():
            return _with_timer(state, ())
        case _ if state.busy:
            raise ValueError(f"{type(event).__name__} while an answer is awaited")
        case Scanned() | Pressed() if isinstance(state.page, Closed):
            return calling.while_closed(state, event)
        case Typed() | PrintFailed() if isinstance(state.page, Closed):
            return state, ()
        case PrintFailed():
            # A machine's word is no sign of life: it holds nobody's visit open.
            failed, _ = ending.print_failed(state)
            return failed, ()
        case Scanned() if scans.is_repeat(state, event):
            # A card left on the reader says nothing of who is there: it holds no visit open and puts nothing off.
            return scans.noted(state, event), ()
        case _:
            session = state.session
            if not isinstance(event, Woke) and session is not None and session.warned is not None:
                state = replace(state, session=replace(session, warned=None))
            state, effects = _again(replace(state, retries=0) if state.retries else state, event)
    if state.busy or any(isinstance(effect, Wake) for effect in effects):
        return state, effects
    return _with_timer(state, effects)


def _again(state: State, event: Event) -> Step:
    """Act on an event, for the first time or anew after what it relied on had changed."""
    match event:
        case Scanned():
            return scans.scanned(scans.noted(state, event), event)
        case Permitted():
            return scans.permitted(state, event)
        case CameAsReader(record=record):
            return scans.reader(state, event, record)
        case Pressed(action=action, argument=argument):
            return _pressed(state, event, action, argument)
        case Typed(text=text):
            return _typed(state, event, text)
        case Serve():
            return lending.serve(state, event)
        case Named():
            return scans.named(state, event)
        case Wished(title_id=title_id):
            return catalogue.hold(state, event, title_id)
        case RenewNext():
            return account.renew_next(state, event)
    return _woke(state, event)


def _answered(state: State, event: Answered) -> Step:
    pending = state.pending
    assert pending is not None
    recorded = isinstance(event.answer, Committed | Declined | Works)
    state = replace(state, pending=None, failures=0 if recorded else state.failures)
    match event.answer:
        case Stale() if state.retries < MAX_RETRIES:
            return _again(replace(state, retries=state.retries + 1), pending.origin)
        case Stale():
            return _failed(state, pending.origin, damaged=False)
        case Failed(damaged):
            return _failed(state, pending.origin, damaged)
    if isinstance(event.answer, Committed | Declined) and state.session is not None:
        session = state.session
        state = replace(state, session=replace(session, acts=(*session.acts, *event.answer.acts)))
    return pending.then(state, pending.origin, event.answer)


def _as_new(state: State, origin: Event) -> State:
    """A scan that came to nothing may be tried again at once: it is no repeat."""
    if isinstance(origin, Scanned):
        return replace(state, recent=state.recent.without(origin.scan.payload.strip()))
    return state


def _failed(state: State, origin: Event, damaged: bool) -> Step:
    """Nothing was recorded. A damaged ledger, or three failures in a row, close the kiosk until it works again."""
    failures = state.failures + 1
    state = replace(_as_new(state, origin), failures=failures, queue=())
    if damaged or failures >= FAILURES_TO_CLOSE:
        return replace(go_home(state), page=Closed()), ()
    if isinstance(state.page, Closed):
        return state, ()
    return say(state, "err.generic")


def _pressed(state: State, event: Pressed, action: str, argument: str) -> Step:
    """What a touch does here; one that has no meaning here does nothing."""
    page, signed_in = state.page, state.session is not None
    match action, page:
        case "language", _:
            return ending.change_language(state, argument)
        case (("search" | "type_search"), (Home() | AtVisit() | Account() | SearchPage())):
            return catalogue.search(state, event, argument)
        case "number", (Home() | AtVisit() | CameraPage() | NumberPage()):
            return replace(state, page=NumberPage(), message=None), ()
        case "appearance", (Home() | AtVisit()):
            return appearing.offer(state)
        case "switch", AppearancePage():
            return appearing.switch(state, argument)
        case "help", Home():
            return say(state, "info.go_to_librarian")
        case "call", _ if state.settings.calls:
            return calling.call(state)
        case "camera", (Home() | AtVisit() | CameraPage()) if state.settings.camera:
            return replace(state, page=CameraPage(), message=None), ()
        case "print", Summary():
            return ending.print_summary(state)
        case "no_card", Home():
            return signing.no_card(state, event)
        case "back", (NoCardPage()):
            return signing.no_card_back(state)
        case ("choose", NoCardPage()):
            return signing.choose(state, event, argument)
        case "yes", NoCardPage(chosen=chosen) if chosen is not None:
            return signing.that_is_me(state, event)
        case "picture", PinPage():
            return signing.picture(state, event, argument)
        case "erase", PinPage():
            return signing.erase(state)
        case "yes", NumberPage():
            return scans.this_one(state, event, argument)
        case "no", NumberPage():
            return replace(state, page=NumberPage(), message=None), ()
        case "choose", ChoicePage(card=card) if card is not None and argument == card.patron.id:
            return scans.card(replace(state, page=AtVisit() if signed_in else Home()), event, card)
        case "choose", ChoicePage(items=items):
            record = next((one for one in items if one.item.id == argument), None)
            return scans.named(state, Named(event.now, argument)) if record is not None else (state, ())
        case "yes", ClockPage(offered=offered):
            return signing.confirm_date(state, event, offered)
        case "hold", SearchPage():
            return catalogue.hold(state, event, argument)
        case "borrow", SearchPage():
            return catalogue.borrow(state, event, argument)
        case "request", SearchPage():
            return catalogue.request(state, event)
        case "undo_all", Summary(not_me=True):
            return ending.undo_all(state, event)
        case (("liked" | "disliked"), Summary()):
            return liking.rate(state, event, action, argument)
        case (("done" | "finish"), Summary()):
            return go_home(state), ()
        case "back", _:
            return ending.back(state)
    return _pressed_in_visit(state, event, action, argument) if signed_in else (state, ())


def _pressed_in_visit(state: State, event: Pressed, action: str, argument: str) -> Step:
    match action, state.page:
        case "not_me", _:
            return ending.not_me(state)
        case "finish", _:
            return ending.finish(state, event)
        case "account", _:
            return replace(state, page=Account(), message=None), ()
        case "undo", AtVisit():
            return lending.undo(state, event, argument)
        case "keep", AtVisit():
            return lending.keep(state, event, argument)
        case "renew", (Account() | AtVisit()) if argument:
            return account.renew(state, event, argument)
        case "renew_all", Account():
            return account.renew(state, event, "")
        case "cancel_hold", Account():
            return account.cancel_hold(state, event, argument)
        case "return", Account():
            return account.give_back(state, event, argument)
    return state, ()


def _typed(state: State, event: Typed, text: str) -> Step:
    match state.page:
        case SearchPage():
            return catalogue.search(state, event, text)
        case PinPage():
            return signing.typed_pin(state, event, text)
        case ClockPage():
            return signing.typed_date(state, event, text)
        case NumberPage() | Home() | AtVisit():
            number = text[: catalogue.MAX_TYPED].strip()
            return scans.typed_number(state, event, number) if number else (state, ())
    return state, ()


def _woke(state: State, event: Event) -> Step:
    """The timer of this very moment rang."""
    page = state.page
    if isinstance(page, Closed):
        return ask(state, event, Probe(), after(_probed))
    if state.session is None:
        return ending.leave(state, event)
    left = state.settings.warning_s if state.session.warned is None else state.session.warned - 1
    if left <= 0:
        return go_home(state), ()
    return replace(state, session=replace(state.session, warned=left)), ()


def _probed(state: State, event: Event, answer: object) -> Step:
    assert isinstance(answer, Works)
    return go_home(state), ()


def _with_timer(state: State, effects: tuple[Effect, ...]) -> Step:
    """Set the one timer anew; the older one, whatever visit it was of, is dead with its generation."""
    state = replace(state, generation=state.generation + 1)
    after_s = _alarm_s(state)
    return (state, (*effects, Wake(state.generation, after_s))) if after_s is not None else (state, effects)


def _alarm_s(state: State) -> float | None:
    settings, session, page = state.settings, state.session, state.page
    patience = SPOKEN_TIMES if state.appearance.spoken else 1
    if isinstance(page, Closed):
        return PROBE_EVERY_S
    if session is not None:
        idle = settings.idle_for(session.record.patron) * patience - settings.warning_s
        return 1.0 if session.warned is not None else max(idle, 1.0)
    match page:
        case Home() if state.message is not None or state.lobby != Lobby():
            return settings.grace_s
        case Home() if state.language == settings.languages[0] and state.appearance == PLAIN:
            return None
        case Summary():
            return ending.summary_for_s(state, page, patience)
        case CameraPage():
            return settings.camera_s * patience
    return settings.idle_s * patience
