"""What a scan means here: DESIGN.md 4's table, a row a branch."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.events import (
    Answer,
    Enquire,
    Enquired,
    Event,
    FindNumber,
    Identified,
    Identify,
    Looked,
    LookUp,
    OpenStaff,
    Permitted,
    Scanned,
    Typed,
)
from kiosk.circulation.identify import (
    Command,
    CommandName,
    ItemBarcode,
    NotOurs,
    PatronCard,
    PhoneCard,
    identify,
)
from kiosk.circulation.model import LIBRARIAN, ItemKind, ItemRecord, ItemStatus, PatronRecord, Role
from kiosk.circulation.policy import Refusal
from kiosk.circulation.rules import PinUse
from kiosk.circulation.session import Session
from kiosk.circulation.views import Message, RowState
from kiosk.circulation.visit import appearing, calling, ending, lending, signing
from kiosk.circulation.visit.state import (
    AtVisit,
    ChoicePage,
    ClockPage,
    Home,
    Named,
    NumberPage,
    PinPage,
    State,
    Step,
    Summary,
    after,
    ask,
    go_home,
    make_item,
    say,
)

_PHONE = "phone"
"""What a code can be that is a reader card on a phone."""


def is_repeat(state: State, event: Scanned) -> bool:
    """Whether this very code was seen a moment ago: a card left on the reader is read again and again."""
    _, is_new = state.recent.saw(event.scan.payload.strip(), event.now.mono, state.settings.same_scan_s)
    return not is_new


def noted(state: State, event: Scanned) -> State:
    """The code was seen at this moment."""
    recent, is_new = state.recent.saw(event.scan.payload.strip(), event.now.mono, state.settings.same_scan_s)
    return replace(state, recent=recent, scans=state.scans + is_new)


def scanned(state: State, event: Scanned) -> Step:
    """A code was read: tell by its form what it is, and have the ledger say what it means."""
    wants = event.scan.wants
    match identify(event.scan.payload, state.codes, wants, event.scan.symbology):
        case Command(name, argument):
            return _command(state, event, name, argument)
        case NotOurs(reason):
            return say(_page_for_scans(state), reason.value)
        case PatronCard(code):
            wants = "card"
        case PhoneCard(code):
            wants = _PHONE
        case ItemBarcode(code):
            wants = "item"
        case unsure:
            code = unsure.code
    # A card held to a reader that gives only items is looked up too, to say kindly that it is one.
    looked_for = "any" if event.scan.wants == "item" else "card" if wants == _PHONE else wants
    query = Identify(code, looked_for, _visitor(state))
    return ask(state, event, query, after(_identified, query, wants, event.scan.wants, False))


def typed_number(state: State, event: Typed, number: str) -> Step:
    """An inventory number was typed in place of a label that cannot be read: show what it is, "this one?"."""
    query = FindNumber(number, _visitor(state))
    return ask(state, event, query, after(_numbered, query, False))


def _visitor(state: State) -> str | None:
    return state.session.record.patron.id if state.session else None


def _page_for_scans(state: State) -> State:
    """A scan leaves lists and questions behind: it goes on at the visit, or at home."""
    page = _scan_page(state)
    return state if page == state.page else replace(state, page=page)


def _scan_page(state: State) -> AtVisit | Home:
    return AtVisit() if state.session is not None else Home()


def _command(state: State, event: Scanned, name: CommandName, argument: str) -> Step:
    match name:
        case CommandName.FINISH:
            return ending.finish(state, event)
        case CommandName.LANGUAGE:
            return ending.change_language(state, argument)
        case CommandName.SPEECH:
            return appearing.speech_card(state)
        case CommandName.PRINT:
            return ending.ask_for_slip(state, event)
        case CommandName.CALL:
            return calling.call(state)


def _identified(
    state: State, event: Event, answer: Answer, query: Identify, wants: str, source_wants: str, enquired: bool
) -> Step:
    """wants: what the code can be by its form, also _PHONE; source_wants: by its reader. enquired: central was asked
    already."""
    assert isinstance(answer, Identified)
    if answer.card_lost:
        return say(_page_for_scans(state), "err.card_lost")
    state = _refreshed(state, answer.patron)
    card_read = answer.card if source_wants != "item" else None
    if (card_read is not None) + len(answer.items) > 1:
        return replace(state, page=ChoicePage(card_read, answer.items), message=None), ()
    if card_read is not None and wants == _PHONE:
        return _phone(state, event, card_read)
    if card_read is not None:
        state, effects = card(state, event, card_read)
        return state, (*calling.answered_by(card_read), *effects)
    if answer.items:
        return item(state, event, answer.items[0])
    state = _page_for_scans(state)
    if answer.card is not None:
        return say(state, "err.card_not_book")
    if not enquired:
        then = after(_enquired, query, wants, source_wants)
        return ask(state, event, Enquire(query.code, "card" if wants == _PHONE else wants), then)
    return _unknown(state, wants)


def _enquired(state: State, event: Event, answer: Answer, query: Identify, wants: str, source_wants: str) -> Step:
    """The central library was asked about a code that is unknown here. Where it could not say, staff may have decided
    that a book is lent all the same; not at home, where nobody would have borrowed it, nor by a code that may be a
    card's."""
    assert isinstance(answer, Enquired)
    if answer.learned:
        return ask(state, event, query, after(_identified, query, wants, source_wants, True))
    if answer.away and state.settings.lend_unknown and wants == "item" and state.session is not None:
        return make_item(state, event, query.code, after(_made))
    if answer.school:
        return say(state, "err.other_school", school=answer.school)
    return _unknown(state, wants)


def _made(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Identified)
    return item(state, event, answer.items[0])


def _unknown(state: State, wants: str) -> Step:
    if wants in ("card", _PHONE):
        return say(state, "err.card_unknown")
    return say(state, "err.book_unknown" if wants == "item" or state.session else "err.code_unknown")


def _numbered(state: State, event: Event, answer: Answer, query: FindNumber, enquired: bool) -> Step:
    assert isinstance(answer, Identified)
    state = _refreshed(state, answer.patron)
    if answer.items:
        return replace(state, page=NumberPage(answer.items), message=None), ()
    state = replace(state, page=NumberPage())
    if answer.card is not None or answer.card_lost:
        return say(state, "err.card_not_book")
    if not enquired:
        return ask(state, event, Enquire(query.number, "item"), after(_number_enquired, query))
    return say(state, "err.book_unknown")


def _number_enquired(state: State, event: Event, answer: Answer, query: FindNumber) -> Step:
    assert isinstance(answer, Enquired)
    if answer.learned:
        return ask(state, event, query, after(_numbered, query, True))
    if answer.school:
        return say(state, "err.other_school", school=answer.school)
    return say(state, "err.book_unknown")


def _refreshed(state: State, record: PatronRecord | None) -> State:
    if state.session is None or record is None or record == state.session.record:
        return state
    return replace(state, session=replace(state.session, record=record))


def card(state: State, event: Event, record: PatronRecord) -> Step:
    """A reader card was held to the reader."""
    patron, session = record.patron, state.session
    if patron.left:
        return say(_page_for_scans(state), Refusal.PATRON_LEFT.value)
    if session is not None and session.record.patron.id == patron.id:
        return _same_card(state, event, session)
    role = patron.role_on(event.now.day if event.now.known else None)
    if session is not None and role is Role.LIBRARIAN:
        return state, (OpenStaff(record, for_visit=True),)
    state = _after_the_last(state)
    if patron.category == LIBRARIAN and not event.now.known:
        return replace(state, page=ClockPage(record, event.now.day), message=None), ()
    if role is not None and patron.pin is not None:
        return state, (OpenStaff(record),)
    return reader(state, event, record)


def reader(state: State, event: Event, record: PatronRecord) -> Step:
    """Somebody comes as a reader: their visit opens, after the PIN if the settings ask for it."""
    patron = record.patron
    if state.settings.pin is PinUse.IF_SET and patron.pin is not None:
        return signing.ask_pin(state, event, PinPage(record, without_card=False))
    return signing.open_visit(state, event, record, without_card=False)


def _phone(state: State, event: Event, record: PatronRecord) -> Step:
    """A reader card on a phone, of which others may have a picture: it needs the PIN, also where cards do not, and it
    is never a librarian's."""
    patron, session = record.patron, state.session
    if patron.left:
        return say(_page_for_scans(state), Refusal.PATRON_LEFT.value)
    if session is not None and session.record.patron.id == patron.id:
        return state, ()
    if patron.pin is None or patron.category == LIBRARIAN:
        return say(_page_for_scans(state), "err.phone_needs_pin")
    state = _after_the_last(state)
    return signing.ask_pin(state, event, PinPage(record, without_card=False))


def _after_the_last(state: State) -> State:
    """Somebody comes while the last one's visit or its summary is on the screen: nothing of theirs goes on, neither
    their language nor a voice that would say the next name aloud."""
    return go_home(state) if state.session is not None or isinstance(state.page, Summary) else state


def _same_card(state: State, event: Event, session: Session) -> Step:
    """Nothing, but for somebody who signed in without a card and has found it: its limit is theirs now."""
    if not session.without_card:
        return state, ()
    session = replace(session, without_card=False)
    return lending.room_made(replace(state, session=session, page=AtVisit(), message=None), event)


def permitted(state: State, event: Permitted) -> Step:
    """A librarian lets this visit pass: what was refused is tried again, and the rules yield from now on."""
    session = state.session
    if session is None:
        return state, ()
    again = tuple(
        entry.item.id for entry in reversed(session.entries) if entry.state in (RowState.REFUSED, RowState.WAITING)
    )
    session = replace(session, override_by=event.by, override_reason=event.reason)
    state = replace(state, session=session, page=AtVisit(), message=Message.of("ok.override"), queue=again)
    return lending.serve_next(state, event)


def item(state: State, event: Event, record: ItemRecord) -> Step:
    """An item was scanned, or named by its inventory number."""
    if isinstance(state.page, PinPage) and record.loan is None:
        # Scanned before the PIN was typed: it waits, and is borrowed with the others when the visit opens.
        return _item_at_home(state, event, record)
    state = _page_for_scans(state)
    if state.session is not None:
        return _item_in_visit(state, event, state.session, record)
    if record.loan is not None:
        return lending.checkin(state, event, record)
    return _item_at_home(state, event, record)


def _item_at_home(state: State, event: Event, record: ItemRecord) -> Step:
    """An item that nobody has on loan, and no card yet: wait for one, unless no card would help."""
    match record.item.status:
        case ItemStatus.WRITTEN_OFF:
            return say(state, Refusal.WRITTEN_OFF.value)
        case ItemStatus.IN_REPAIR:
            return say(state, Refusal.IN_REPAIR.value)
        case ItemStatus.READING_ROOM if not state.rules.lends_to_anybody(record.item):
            return say(state, Refusal.READING_ROOM.value)
        case ItemStatus.LOST:
            return lending.found(state, event, (record,), Message.of(Refusal.LOST.value))
    if record.item.kind is ItemKind.TEXTBOOK and not state.rules.lends_to_anybody(record.item):
        return say(state, Refusal.TEXTBOOK.value)
    known = tuple(other for other in state.lobby.found if other.item.id != record.item.id)
    return say(replace(state, lobby=replace(state.lobby, found=(*known, record))), "home.scan_card")


def _item_in_visit(state: State, event: Event, session: Session, record: ItemRecord) -> Step:
    loan, entry = record.loan, session.entry_of(record.item.id)
    if loan is None and record.item.status is ItemStatus.LOST:
        return lending.found(state, event, (record,), Message.of(Refusal.LOST.value))
    if loan is None:
        return lending.checkout(state, event, record)
    if loan.patron_id != session.record.patron.id:
        return lending.pass_on(state, event, record)
    if entry is not None and entry.state in (RowState.BORROWED, RowState.KEPT):
        return say(replace(state, session=session.with_entry(entry)), "info.already_yours")
    return lending.checkin(state, event, record)


def this_one(state: State, event: Event, item_id: str) -> Step:
    """ "This one?" - yes: as if its label had been scanned."""
    assert isinstance(state.page, NumberPage)
    record = next((one for one in state.page.matches if item_id in ("", one.item.id)), None)
    return named(state, Named(event.now, record.item.id)) if record is not None else (state, ())


def named(state: State, event: Named) -> Step:
    """An item was chosen: look it up afresh, as the child may have taken a while, and go on as after a scan."""
    query = LookUp(_visitor(state), event.item_id)
    return ask(state, event, query, after(_named))


def _named(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Looked)
    state = _refreshed(state, answer.patron)
    return item(state, event, answer.item) if answer.item is not None else (state, ())
