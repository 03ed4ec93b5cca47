"""What a scan or a touch on a tile gives to the pupil whose turn it is. Every look at the ledger is a fresh one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.circulation.acts import Act, ItemMade, Kind
from kiosk.circulation.events import (
    Acts,
    Answer,
    Committed,
    Event,
    FindActs,
    Identified,
    Identify,
    Looked,
    LookUp,
    Scanned,
)
from kiosk.circulation.identify import (
    Command,
    CommandName,
    ItemBarcode,
    NotOurs,
    NotOursReason,
    PatronCard,
    PhoneCard,
    identify,
)
from kiosk.circulation.model import Item, ItemKind, ItemRecord, PatronRecord, TitleRecord
from kiosk.circulation.own_codes import is_label
from kiosk.circulation.policy import Refused
from kiosk.circulation.returns import Recorded, decide_undo
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, refuse, say
from kiosk.circulation.textbooks.book import standing_of
from kiosk.circulation.textbooks.deciding import (
    AlreadyTheirs,
    Decision,
    Doubt,
    Give,
    after_undo,
    decide_counted,
    decide_item,
    decide_numbered,
)
from kiosk.circulation.textbooks.questions import FindIsbn, FindTitles, TitlesFound
from kiosk.circulation.textbooks.sets import Place, is_wanted_edition, place_of
from kiosk.circulation.textbooks.sitting import (
    Given,
    PutAside,
    SittingPage,
    giving_of,
    recorded,
    relied_on,
    sitting_of,
    with_sitting,
)


def scan(state: State, event: Scanned) -> Step:
    """Give what was scanned, set it aside, or turn to the pupil whose card it is."""
    identity = identify(event.scan.payload, state.codes, event.scan.wants, event.scan.symbology)
    match identity:
        case NotOurs(NotOursReason.ISBN):
            isbn = event.scan.payload.strip().replace("-", "").replace(" ", "").upper()
            return ask(state, event, FindIsbn(isbn), after(_titles_found, isbn))
        case NotOurs(reason):
            return say(state, reason.value)
        case Command(CommandName.FINISH):
            return state.page.pressed(state, event, "next_pupil", "")
        case Command():
            return say(state, "staff.no_scan_here")
        case PatronCard(code) | PhoneCard(code):
            wants = "card"
        case ItemBarcode(code):
            wants = "item"
        case unsure:
            code, wants = unsure.code, "any"
    return ask(state, event, Identify(code, wants), after(_identified, code))


def _page(state: State) -> SittingPage:
    assert isinstance(state.page, SittingPage)
    return state.page


def _identified(state: State, event: Event, answer: Answer, code: str) -> Step:
    assert isinstance(answer, Identified)
    textbooks = [one for one in answer.items if one.item.kind is ItemKind.TEXTBOOK]
    if answer.card_lost and not answer.items:
        return say(state, "err.card_lost")
    if answer.card is not None and not answer.items:
        return _page(state).card_read(state, event, answer.card)
    if len(answer.items) == 1 and answer.card is None:
        return _item_found(state, event, answer.items[0])
    if len(textbooks) == 1 and answer.card is None:
        return _item_found(state, event, textbooks[0])
    if answer.items:  # a card's number, too, or several copies': nobody guesses which is meant
        return _aside(state, PutAside(code, Doubt.AMBIGUOUS))
    if is_label(code, state.codes.blank):
        return _label_found(state, event, code)
    return _aside(state, PutAside(code, Doubt.UNKNOWN))


def _item_found(state: State, event: Event, record: ItemRecord) -> Step:
    receiver = _page(state).receiver(record.title, event.now.day)
    if receiver is None:
        return say(state, "err.nobody_lacks", title=record.title.title)
    state = _turned(state, receiver)
    return ask(state, event, LookUp(receiver, record.item.id), after(_give_item, False))


def _turned(state: State, receiver: str) -> State:
    """It is this pupil's turn: what lies aside, or is taken back, is theirs."""
    sitting = sitting_of(state)
    return state if sitting.at == receiver else with_sitting(state, replace(sitting, at=receiver))


def _give_item(state: State, event: Event, answer: Answer, anyway: bool) -> Step:
    assert isinstance(answer, Looked)
    if answer.patron is None or answer.item is None:
        return say(state, "err.gone")
    state, loan_id = new_id(state)
    state, back_id = new_id(state)
    decision = decide_item(giving_of(state, event), answer.patron, answer.item, (loan_id, back_id), anyway)
    return _decided(state, event, decision, answer.patron, answer.item, anyway=anyway)


def _titles_found(state: State, event: Event, answer: Answer, isbn: str) -> Step:
    assert isinstance(answer, TitlesFound)
    record = _fitting(state, answer.titles)
    if record is None:
        return _aside(state, PutAside(isbn, Doubt.UNKNOWN))
    return _title_chosen(state, event, record)


def touch(state: State, event: Event, place_id: str) -> Step:
    """A tile of the set was touched: one copy by count of the title that fills it."""
    sitting = sitting_of(state)
    textbooks = sitting.book.textbooks
    place = next((one for one in _open_places(state) if one.id == place_id), None)
    if textbooks is None or place is None:
        return state, ()
    return ask(state, event, FindTitles(textbooks, place), after(_place_titles_found, place))


def _place_titles_found(state: State, event: Event, answer: Answer, place: Place) -> Step:
    assert isinstance(answer, TitlesFound)
    record = best_of(answer.titles, place, state)
    if record is None:
        return say(state, "err.no_title", subject=place.text)
    return _title_chosen(state, event, record)


def best_of(titles: Sequence[TitleRecord], place: Place, state: State) -> TitleRecord | None:
    """The title of which a copy without a number is most likely in hand: one that is in, of the wanted edition."""
    textbooks = sitting_of(state).book.textbooks
    assert textbooks is not None

    def rank(record: TitleRecord) -> tuple[bool, bool]:
        return record.held_in > 0, is_wanted_edition(record.title, place, textbooks)

    return max(titles, key=rank, default=None)


def _fitting(state: State, titles: Sequence[TitleRecord]) -> TitleRecord | None:
    """Of several titles with one ISBN: one that fills an open place, else any textbook."""
    textbooks = sitting_of(state).book.textbooks
    places = _open_places(state)

    def rank(record: TitleRecord) -> tuple[bool, bool]:
        fills = textbooks is not None and place_of(record.title, places, textbooks) is not None
        return fills, record.title.kind is ItemKind.TEXTBOOK

    return max(titles, key=rank, default=None)


def _open_places(state: State) -> list[Place]:
    sitting = sitting_of(state)
    return [one.place for one in standing_of(sitting.book, sitting.pupil).places if one.loan is None]


def _title_chosen(state: State, event: Event, record: TitleRecord) -> Step:
    receiver = _page(state).receiver(record.title, event.now.day)
    if receiver is None:
        return say(state, "err.nobody_lacks", title=record.title.title)
    state, label = _turned(state, receiver), sitting_of(state).label
    query = LookUp(receiver, title_id=record.title.id)
    return ask(state, event, query, after(_give_numbered, label, False) if label else after(_give_counted, False))


def _give_counted(state: State, event: Event, answer: Answer, anyway: bool) -> Step:
    assert isinstance(answer, Looked)
    if answer.patron is None or answer.title is None:
        return say(state, "err.gone")
    state, loan_id = new_id(state)
    decision = decide_counted(giving_of(state, event), answer.patron, answer.title, loan_id, anyway)
    return _decided(state, event, decision, answer.patron, answer.title, anyway=anyway)


def _label_found(state: State, event: Event, label: str) -> Step:
    """A blank label: for the copy that was given by count just now, or for the one whose ISBN comes next."""
    sitting = sitting_of(state)
    if not sitting.counted or not sitting.given:
        return with_sitting(state, replace(sitting, label=label, counted=False)), ()
    return ask(state, event, FindActs(sitting.given[-1].acts), after(_counted_found, label))


def _counted_found(state: State, event: Event, answer: Answer, label: str) -> Step:
    assert isinstance(answer, Acts)
    given = sitting_of(state).given[-1]
    counted = next(one for one in answer.acts if one.act.id == given.loan_id)
    assert counted.act.patron_id is not None
    query = LookUp(counted.act.patron_id, title_id=given.title.id)
    return ask(state, event, query, after(_renumber, label, counted))


def _renumber(state: State, event: Event, answer: Answer, label: str, counted: Recorded) -> Step:
    """The loan by count is taken back, and the same copy lent by its new number, in one commit."""
    assert isinstance(answer, Looked)
    if answer.patron is None or answer.title is None:
        return say(state, "err.gone")
    state, undo_id = new_id(state)
    undone = decide_undo(counted, undo_id)
    if isinstance(undone, Refused):
        return refuse(state, undone)
    loans = tuple(line for line in answer.patron.loans if line.loan.id != counted.act.id)
    pupil, title = replace(answer.patron, loans=loans), after_undo(answer.title, counted.act)
    state, ids = _three_ids(state)
    anyway = sitting_of(state).given[-1].anyway
    decision = decide_numbered(giving_of(state, event), pupil, title, label, ids, anyway)
    return _decided(state, event, decision, pupil, title, undone.acts, anyway, label)


def _give_numbered(state: State, event: Event, answer: Answer, label: str, anyway: bool) -> Step:
    assert isinstance(answer, Looked)
    if answer.patron is None or answer.title is None:
        return say(state, "err.gone")
    state, ids = _three_ids(state)
    decision = decide_numbered(giving_of(state, event), answer.patron, answer.title, label, ids, anyway)
    return _decided(state, event, decision, answer.patron, answer.title, anyway=anyway, label=label)


def _three_ids(state: State) -> tuple[State, tuple[str, str, str]]:
    state, loan_id = new_id(state)
    state, act_id = new_id(state)
    state, item_id = new_id(state)
    return state, (loan_id, act_id, item_id)


def give_anyway(state: State, event: Event, aside_id: str) -> Step:
    """The librarian says that what lies aside is right. "" for the newest."""
    sitting = sitting_of(state)
    aside = next((one for one in sitting.asides if aside_id in ("", one.id)), None)
    if aside is None or not aside.can_give:
        return state, ()
    match aside.record:
        case ItemRecord(item=item):
            return ask(state, event, LookUp(sitting.at, item.id), after(_give_item, True))
        case TitleRecord(title=title) if aside.label:
            return ask(state, event, LookUp(sitting.at, title_id=title.id), after(_give_numbered, aside.label, True))
        case TitleRecord(title=title):
            return ask(state, event, LookUp(sitting.at, title_id=title.id), after(_give_counted, True))
    return state, ()


def _decided(
    state: State,
    event: Event,
    decision: Decision,
    pupil: PatronRecord,
    record: ItemRecord | TitleRecord,
    before: Sequence[Act] = (),
    anyway: bool = False,
    label: str = "",
) -> Step:
    sitting = sitting_of(state)
    match decision:
        case AlreadyTheirs():
            return with_sitting(state, replace(sitting, counted=False)), ()
        case Give(acts):
            state, noted = _page(state).given(state, event, pupil)
            relied = relied_on(pupil, record)
            then = after(_recorded, decision, record, anyway, bool(before))
            return commit(state, event, (*before, *acts, *noted), relied, then)
    who = ""
    if isinstance(record, ItemRecord) and record.loan is not None:
        other = sitting.book.pupil(record.loan.patron_id)
        who = other.patron.public_name if other is not None else ""
    aside = PutAside(
        _key(record), decision.doubt, record, decision.place, decision.can_give, label or sitting.label, who
    )
    return _aside(with_sitting(state, replace(sitting, label="")), aside)


def _key(record: ItemRecord | TitleRecord) -> str:
    return record.item.id if isinstance(record, ItemRecord) else record.title.id


def _aside(state: State, aside: PutAside) -> Step:
    return with_sitting(state, sitting_of(state).with_aside(aside)), ()


def _recorded(
    state: State,
    event: Event,
    answer: Answer,
    decision: Give,
    record: ItemRecord | TitleRecord,
    anyway: bool,
    renumbered: bool,
) -> Step:
    assert isinstance(answer, Committed)
    lent = decision.acts[-1]
    numbered = next((act for act in decision.acts if act.kind is Kind.NUMBERED), None)
    item = record.item if isinstance(record, ItemRecord) else None
    if numbered is not None:
        item = _made(numbered)
    sitting = recorded(sitting_of(state), answer.acts, {lent.id: (record.title, item)})
    sitting = sitting.without_aside(_key(record))
    given = Given(tuple(act.id for act in decision.acts), lent.id, record, numbered is not None, anyway)
    earlier = sitting.given[:-1] if renumbered else sitting.given
    counted = item is None
    sitting = replace(sitting, given=(*earlier, given), counted=counted, label="")
    return replace(with_sitting(state, sitting), message=decision.note), ()


def _made(numbered: Act) -> Item | None:
    return next((change.after for change in numbered.changes if isinstance(change, ItemMade)), None)
