"""The View of a state: which facts the screen shows now, and what can be touched."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.classes import class_label
from kiosk.circulation.clock import Moment
from kiosk.circulation.model import LIBRARIAN, HoldLine, HoldState, ItemRecord, LoanLine, PatronRecord, TitleRecord
from kiosk.circulation.policy import is_overdue, shown_limit
from kiosk.circulation.rules import NoCard
from kiosk.circulation.session import Entry, Session
from kiosk.circulation.views import Message, PatronFace, Row, RowState, View
from kiosk.circulation.visit import appearing, liking
from kiosk.circulation.visit.signing import PICTURES
from kiosk.circulation.visit.speech import speech
from kiosk.circulation.visit.state import (
    Account,
    AppearancePage,
    AtVisit,
    CameraPage,
    ChoicePage,
    ClockPage,
    Closed,
    Home,
    NoCardPage,
    NumberPage,
    PinPage,
    SearchPage,
    State,
    Summary,
)

_ROW_ACTIONS = {RowState.BORROWED: ("undo",), RowState.RETURNED: ("keep",)}


def view(state: State, now: Moment) -> View:
    """What to show. Never a name, an address or a loan of anybody but the one whose visit it is."""
    drawn = _drawn(state, now)
    return replace(drawn, speech=speech(drawn), scans=state.scans, languages=state.settings.languages)


def _drawn(state: State, now: Moment) -> View:
    drawn = _page(state, now)
    session, appearance = state.session, appearing.shown(state, now)
    # The ledger answers before anything is drawn: who is seen to wait, waits for the central library.
    message = Message.of("info.one_moment") if state.busy else drawn.message or state.message
    if session is None:
        return replace(drawn, message=message, appearance=appearance)
    if message is None and state.broken and session.record.patron.category == LIBRARIAN:
        message = Message.of("lib.devices_failed", names=", ".join(state.broken))
    if session.warned is not None:
        message = Message.of("prompt.still_here", n=session.warned)
        drawn = replace(drawn, actions=("more_time", *drawn.actions))
    return replace(
        drawn, message=message, patron=_face(state, session.record), countdown=session.warned, appearance=appearance
    )


def _face(state: State, record: PatronRecord) -> PatronFace:
    patron = record.patron
    loans, limit = shown_limit(state.rules, record)
    return PatronFace(patron.id, patron.public_name, patron.school_class, loans, limit)


def _page(state: State, now: Moment) -> View:
    language, page = state.language, state.page
    match page:
        case Home():
            return _home(state)
        case AtVisit() if state.session is not None:
            return _visit(state, state.session, now)
        case Account() if state.session is not None:
            return _account(state, state.session, now)
        case SearchPage(text, hits, asked):
            actions = ("search", "request", "back") if text and not asked else ("search", "back")
            rows = tuple(_hit_row(state, hit) for hit in hits)
            return View("search", language, prompt=Message.of("menu.search"), rows=rows, actions=actions, typed=text)
        case NumberPage(matches):
            rows = tuple(_match_row(match) for match in matches)
            prompt = Message.of("prompt.this_one" if matches else "prompt.enter_inventory")
            return View(
                "number", language, prompt=prompt, rows=rows, actions=("yes", "no", "back") if rows else ("back",)
            )
        case ChoicePage(card, items):
            mine = (Row(card.patron.id, card.patron.public_name, RowState.CHOICE, actions=("choose",)),) if card else ()
            rows = (*mine, *(replace(_match_row(item), actions=("choose",)) for item in items))
            return View("choice", language, prompt=Message.of("prompt.which_one"), rows=rows, actions=("back",))
        case PinPage(record):
            return _pin(state, page, record)
        case NoCardPage():
            return _no_card(state, page)
        case AppearancePage():
            return appearing.page_view(state)
        case CameraPage():
            return View(
                "camera",
                language,
                prompt=Message.of("camera.show_code"),
                message=Message.of("err.camera") if state.settings.camera in state.broken else None,
                actions=("back", "number", "finish") if state.session else ("back", "number"),
                feed=state.settings.camera,
            )
        case Summary(entries, not_me, slip=slip) as summary:
            prompt = Message.of("prompt.undo_all") if not_me else Message.of("ok.bye")
            rows = tuple(_entry_row(entry, liking.questions(state, summary, entry)) for entry in entries)
            extra = ("undo_all",) if not_me else ("print",) if slip is not None else ()
            return View("summary", language, prompt=prompt, rows=rows, actions=(*extra, "done"))
        case ClockPage(offered=offered):
            prompt = Message.of("prompt.confirm_date", date=offered)
            return View("clock", language, prompt=prompt, actions=("yes", "back"))
        case Closed():
            message = state.message or Message.of("home.closed")
            return View("out_of_service", language, message=message, actions=("call",) if state.settings.calls else ())
    return View("home", language)


def _home(state: State) -> View:
    actions = ["search", "number", "language", "appearance", "help"]
    if _sees(state):
        # The bar has no room for both; a number that no camera reads is typed from the camera's page.
        actions[actions.index("number")] = "camera"
    if state.settings.calls:
        actions[actions.index("help")] = "call"
    if state.settings.no_card is not NoCard.OFF:
        actions.insert(0, "no_card")
    rows = tuple(Row(one.item.id, one.title.title, RowState.WAITING, one.title) for one in state.lobby.found)
    rows += tuple(_entry_row(entry, ()) for entry in state.lobby.returned)
    prompt = Message.of("err.scanner" if state.deaf else "home.scan_card")
    return View("home", state.language, prompt=prompt, rows=rows, actions=tuple(actions))


def _sees(state: State) -> bool:
    """Whether there is a camera, and it works."""
    return bool(state.settings.camera) and state.settings.camera not in state.broken


def _visit(state: State, session: Session, now: Moment) -> View:
    rows = tuple(
        _entry_row(entry, _ROW_ACTIONS.get(entry.state, ()) if entry.acts else ()) for entry in session.entries
    )
    scanned = {entry.item.id for entry in session.entries if entry.state in (RowState.BORROWED, RowState.KEPT)}
    before = tuple(
        _loan_row(line, now) for line in session.record.loans if line.item is None or line.item.id not in scanned
    )
    shown = {row.id for row in rows}
    rows += tuple(row for row in before if row.id not in shown)
    prompt = Message.of("prompt.scan_next" if session.entries else "prompt.scan_book")
    return View(
        "visit",
        state.language,
        prompt=prompt,
        rows=rows,
        actions=(
            *("not_me", "account", "search", "camera" if _sees(state) else "number", "language"),
            *(("call",) if state.settings.calls else ()),
            *("appearance", "finish"),
        ),
    )


def _entry_row(entry: Entry, actions: tuple[str, ...]) -> Row:
    return Row(
        entry.item.id, entry.title.title, entry.state, entry.title, due=entry.due, days=entry.days, actions=actions
    )


def _loan_row(line: LoanLine, now: Moment, actions: tuple[str, ...] = ()) -> Row:
    loan = line.loan
    state = RowState.OVERDUE if is_overdue(loan, now) else RowState.ON_LOAN
    row_id = line.item.id if line.item and not actions else loan.id
    return Row(row_id, line.title.title, state, line.title, due=loan.due, days=loan.days, actions=actions)


def _account(state: State, session: Session, now: Moment) -> View:
    record = session.record
    loans = tuple(
        _loan_row(line, now, ("renew",) if line.item is not None else ("renew", "return")) for line in record.loans
    )
    holds = tuple(_hold_row(line) for line in record.holds)
    empty = None if loans or state.message else Message.of("info.nothing_on_loan")
    actions = ("renew_all", "back", "not_me", "finish") if loans else ("back", "not_me", "finish")
    return View(
        "account",
        state.language,
        message=empty,
        prompt=Message.of("menu.my_books"),
        rows=loans + holds,
        actions=actions,
    )


def _hold_row(line: HoldLine) -> Row:
    ready = line.hold.state is HoldState.READY
    return Row(
        line.hold.id,
        line.title.title,
        RowState.HOLD_READY if ready else RowState.HOLD_WAITING,
        line.title,
        due=line.hold.expires,
        place=line.place,
        actions=("cancel_hold",),
    )


def _hit_row(state: State, hit: TitleRecord) -> Row:
    if hit.reading_room:
        return Row(hit.title.id, hit.title.title, RowState.READING_ROOM, hit.title, shelf=hit.shelf)
    row = RowState.IN if hit.copies_in > 0 else RowState.OUT
    actions = ("hold",) if hit.copies > 0 else ()
    if hit.held_in > 0 and state.session is not None:
        actions = ("borrow", *actions)
    return Row(hit.title.id, hit.title.title, row, hit.title, due=hit.next_due, shelf=hit.shelf, actions=actions)


def _match_row(record: ItemRecord) -> Row:
    item = record.item
    return Row(item.id, record.title.title, RowState.CHOICE, record.title, shelf=item.shelf, actions=("yes",))


def _pin(state: State, page: PinPage, record: PatronRecord) -> View:
    rows = tuple(Row(name, name, RowState.CHOICE, actions=("picture",)) for name in PICTURES)
    pictures = record.patron.pin is not None and record.patron.pin.value == "pictures"
    return View(
        "pin",
        state.language,
        prompt=Message.of("prompt.enter_pictures" if pictures else "prompt.enter_pin"),
        rows=rows if pictures else (),
        actions=("erase", "back") if pictures else ("back",),
        typed="•" * len(page.pictures),
        pin=record.patron.pin,
    )


def _no_card(state: State, page: NoCardPage) -> View:
    if page.chosen is not None:
        patron = page.chosen.patron
        label = class_label(patron.school_class) if patron.school_class else ""
        prompt = Message("prompt.is_it_you", (("name", patron.public_name), ("class", label)))
        return View("no_card", state.language, prompt=prompt, actions=("yes", "back"))
    if page.school_class is not None:
        names = tuple(
            Row(one.patron.id, one.patron.public_name, RowState.CHOICE, actions=("choose",)) for one in page.pupils
        )
        prompt = Message("prompt.choose_name", (("class", class_label(page.school_class)),))
        return View("no_card", state.language, prompt=prompt, rows=names, actions=("back",))
    classes = tuple(
        Row(class_label(one), class_label(one), RowState.CHOICE, actions=("choose",)) for one in page.classes
    )
    return View("no_card", state.language, prompt=Message.of("prompt.choose_class"), rows=classes, actions=("back",))
