"""Signing in: by card, by class and name, with a PIN; and what day it is, when only staff know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from kiosk.circulation.appearance import PLAIN
from kiosk.circulation.classes import class_label
from kiosk.circulation.events import (
    Answer,
    CheckPin,
    Classes,
    ConfirmDate,
    CountVisit,
    Event,
    ListClass,
    ListClasses,
    PinChecked,
    Pupils,
)
from kiosk.circulation.model import PatronRecord, PinKind, SchoolClass
from kiosk.circulation.policy import Refusal, is_kept_aside, is_overdue, patron_refusals
from kiosk.circulation.rules import NoCard
from kiosk.circulation.session import Entry, Session
from kiosk.circulation.views import Message, RowState
from kiosk.circulation.visit import appearing, catalogue, lending
from kiosk.circulation.visit.state import (
    AtVisit,
    ClockPage,
    Home,
    Lobby,
    NoCardPage,
    PinPage,
    State,
    Step,
    after,
    ask,
    circumstances,
    refusal_message,
    say,
)

PICTURES = (
    "horse", "fish", "tree", "sun", "moon", "star", "house", "flower", "bird", "key", "mountains", "sailboat",
)  # fmt: skip
PIN_PICTURES = 4
MAX_PIN = 100
MADE = date(2026, 1, 1)
FURTHEST = timedelta(days=3 * 366)
"""A typed date is taken from when the kiosk was made to three years on from the day offered: 2062 is a slip of the
hand, and a kiosk that once believed it would believe no earlier date without a network."""


def open_visit(state: State, event: Event, record: PatronRecord, without_card: bool) -> Step:
    """Somebody is known now: their visit begins, with what they had scanned just before."""
    patron, lobby = record.patron, state.lobby
    state = appearing.for_patron(state, patron)
    returned = tuple(entry for entry in lobby.returned if entry.borrower == patron.id)
    found = tuple(Entry(known.item, known.title, RowState.WAITING) for known in reversed(lobby.found))
    state = replace(
        state,
        session=Session(record, (*found, *returned), without_card=without_card),
        lobby=Lobby(),
        page=AtVisit(),
        message=_first_word(state, event, record),
        language=patron.language if patron.language in state.settings.languages else state.language,
        queue=tuple(known.item.id for known in lobby.found),
    )
    grade = patron.school_class.grade if patron.school_class else None
    if lobby.wanted is not None:
        state, effects = catalogue.hold(state, event, lobby.wanted)
    else:
        state, effects = lending.serve_next(state, event)
    return state, (CountVisit(patron.category, grade, without_card), *effects)


def _first_word(state: State, event: Event, record: PatronRecord) -> Message | None:
    """What somebody should know at once: a block, a book that waits for them, a late one."""
    refused = next(patron_refusals(circumstances(state, event.now), record), None)
    if refused is not None:
        return refusal_message(refused)
    ready = next((line for line in record.holds if is_kept_aside(line.hold, event.now)), None)
    if ready is not None:
        return Message.of("ok.hold_ready", title=ready.title.title)
    late = next((line for line in record.loans if is_overdue(line.loan, event.now)), None)
    return Message.of(Refusal.OVERDUE.value, title=late.title.title) if late is not None else None


def no_card(state: State, event: Event) -> Step:
    """Begin with the class."""
    if state.settings.no_card is NoCard.OFF or state.session is not None:
        return say(state, "info.card_needed")
    return ask(state, event, ListClasses(), after(_classes_listed))


def _classes_listed(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Classes)
    return replace(state, page=NoCardPage(classes=answer.classes), message=None), ()


def choose(state: State, event: Event, argument: str) -> Step:
    """A class of the list, or a name of the class."""
    page = state.page
    assert isinstance(page, NoCardPage)
    if page.school_class is None:
        chosen = next((one for one in page.classes if class_label(one) == argument), None)
        if chosen is None:
            return state, ()
        return ask(state, event, ListClass(chosen), after(_pupils_listed, chosen))
    record = next((one for one in page.pupils if one.patron.id == argument), None)
    if record is None:
        return state, ()
    if record.patron.pin is None:
        if state.settings.no_card is not NoCard.OPEN:
            return say(state, "info.no_pin")
        return replace(state, page=replace(page, chosen=record), message=None), ()
    return ask_pin(state, event, PinPage(record, without_card=True))


def _pupils_listed(state: State, event: Event, answer: Answer, chosen: SchoolClass) -> Step:
    assert isinstance(answer, Pupils) and isinstance(state.page, NoCardPage)
    return replace(state, page=replace(state.page, school_class=chosen, pupils=answer.pupils), message=None), ()


def that_is_me(state: State, event: Event) -> Step:
    """A pupil whose PIN was never set says yes to the name."""
    page = state.page
    assert isinstance(page, NoCardPage) and page.chosen is not None
    return open_visit(state, event, page.chosen, without_card=True)


def no_card_back(state: State) -> Step:
    """From the name to the names, from the names to the classes, from the classes home."""
    page = state.page
    assert isinstance(page, NoCardPage)
    if page.chosen is not None:
        return replace(state, page=replace(page, chosen=None), message=None), ()
    if page.school_class is not None:
        return replace(state, page=NoCardPage(classes=page.classes), message=None), ()
    return replace(state, page=Home(), message=None), ()


def ask_pin(state: State, event: Event, page: PinPage) -> Step:
    """Ask for the PIN, unless too many wrong ones came just before."""
    if state.tries.must_wait(page.record.patron.id, event.now.mono):
        return say(state, "err.pin_wait")
    language = page.record.patron.language
    state = appearing.for_patron(state, page.record.patron)
    if language in state.settings.languages:
        state = replace(state, language=language)
    return replace(state, page=page, message=None), ()


def picture(state: State, event: Event, name: str) -> Step:
    """One picture of a picture PIN; the fourth completes it."""
    page = state.page
    if not isinstance(page, PinPage) or page.record.patron.pin is not PinKind.PICTURES or name not in PICTURES:
        return state, ()
    pictures = (*page.pictures, name)
    if len(pictures) < PIN_PICTURES:
        return replace(state, page=replace(page, pictures=pictures), message=None), ()
    state = replace(state, page=replace(page, pictures=()))
    return _check(state, event, page.record, " ".join(pictures))


def erase(state: State) -> Step:
    """Take the last picture back."""
    if isinstance(state.page, PinPage):
        state = replace(state, page=replace(state.page, pictures=state.page.pictures[:-1]))
    return state, ()


def typed_pin(state: State, event: Event, text: str) -> Step:
    """A PIN was typed; pictures may be typed by their names, for a keyboard."""
    assert isinstance(state.page, PinPage)
    return _check(state, event, state.page.record, " ".join(text[:MAX_PIN].split()))


def _check(state: State, event: Event, record: PatronRecord, secret: str) -> Step:
    return ask(state, event, CheckPin(record.patron.id, secret), after(_pin_checked))


def _pin_checked(state: State, event: Event, answer: Answer) -> Step:
    page = state.page
    assert isinstance(answer, PinChecked) and isinstance(page, PinPage)
    patron_id, settings = page.record.patron.id, state.settings
    if answer.right:
        state = replace(state, tries=state.tries.right(patron_id))
        return open_visit(state, event, page.record, page.without_card)
    tries = state.tries.failed(patron_id, event.now.mono, settings.pin_tries, settings.pin_wait_s)
    state = replace(state, tries=tries)
    if tries.must_wait(patron_id, event.now.mono):
        home = replace(state, page=Home(), language=settings.languages[0], appearance=PLAIN)
        return say(home, "err.pin_wait")
    return say(state, "err.pin_wrong")


def confirm_date(state: State, event: Event, day: date) -> Step:
    """Staff say what day it is; the librarian's visit goes on."""
    page = state.page
    assert isinstance(page, ClockPage)
    by = page.record.patron.id
    state, effects = open_visit(state, event, page.record, without_card=False)
    return replace(state, message=Message.of("ok.date_confirmed", date=day)), (ConfirmDate(day, by), *effects)


def typed_date(state: State, event: Event, text: str) -> Step:
    """A date typed in place of the one offered: 2026-09-01 or 01.09.2026."""
    parts = text.strip().split(".")
    try:
        day = date.fromisoformat(text.strip() if len(parts) == 1 else "-".join(reversed(parts)))
    except ValueError:
        return say(state, "err.date")
    page = state.page
    assert isinstance(page, ClockPage)
    if not MADE <= day <= max(page.offered, MADE) + FURTHEST:
        return say(state, "err.date")
    return confirm_date(state, event, day)
