"""May this pupil have this textbook? `Give` with the acts to record, or `SetAside` with the reason until it is settled.

On a textbook day a librarian has the pile in hand, so limits, overdue books and blocks of a pupil do not count: every
pupil gets the set. What is set aside is what looks like a mistake of the pile. `anyway`: the librarian says it is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk.circulation.acts import Act, Change, HeldChange, ItemMade, Kind, LoanChange, Override, StatusChange
from kiosk.circulation.clock import Moment
from kiosk.circulation.model import (
    Item,
    ItemKind,
    ItemRecord,
    ItemStatus,
    Loan,
    LoanLine,
    PatronRecord,
    SchoolClass,
    TextbookSet,
    Title,
    TitleRecord,
)
from kiosk.circulation.policy import Circumstances, holds_to_settle, is_kept_aside
from kiosk.circulation.rules import Rules
from kiosk.circulation.textbooks.sets import (
    Place,
    Standing,
    is_wanted_edition,
    place_of,
    standing,
    teaches_a_language,
)
from kiosk.circulation.views import Message

REASON = "reason.textbook_day"
"""Why a librarian let something pass: the pile said so."""
LANGUAGE_NAMES = {"kk": "қазақша", "ru": "русский", "en": "English"}


class Doubt(StrEnum):
    """What looks wrong, the gravest first."""

    LEFT = "left"
    WRITTEN_OFF = "written_off"
    LOST = "lost"
    NOT_TEXTBOOK = "not_textbook"
    OTHER_PUPIL = "other_pupil"
    WRONG_GRADE = "wrong_grade"
    WRONG_LANGUAGE = "wrong_language"
    SECOND_COPY = "second_copy"
    IN_REPAIR = "in_repair"
    READING_ROOM = "reading_room"
    RESERVED = "reserved"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


NEVER_GIVEN = frozenset({Doubt.LEFT, Doubt.WRITTEN_OFF, Doubt.LOST, Doubt.AMBIGUOUS, Doubt.UNKNOWN})
"""Nobody gives these anyway: a copy that was lost or written off has to come back into the stock first."""


@dataclass(frozen=True, slots=True)
class Giving:
    """What a decision depends on besides the copy. staff: who gives. textbooks: the set of the pupil's class.

    school_class, language: of the pupil in the school year that the books are for; None and "": not known.
    """

    rules: Rules
    now: Moment
    staff: str
    textbooks: TextbookSet | None
    school_class: SchoolClass | None
    language: str
    term: int


@dataclass(frozen=True, slots=True)
class Give:
    """Record these acts together; the last one is the loan's. note: what is to be said of it, None if nothing is."""

    acts: tuple[Act, ...]
    place: Place | None
    note: Message | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """Not recorded: somebody has to look. place: of the set, that the copy would fill or that is filled already."""

    doubt: Doubt
    place: Place | None = None
    can_give: bool = True


@dataclass(frozen=True, slots=True)
class AlreadyTheirs:
    """The pupil has this very copy."""


Decision = Give | SetAside | AlreadyTheirs


def stands(giving: Giving, pupil: PatronRecord) -> Standing:
    """How it stands with the pupil's set."""
    return standing(giving.textbooks, pupil.patron.groups, pupil.loans)


def decide_item(
    giving: Giving, pupil: PatronRecord, record: ItemRecord, ids: tuple[str, str], anyway: bool = False
) -> Decision:
    """A numbered copy was scanned. ids: of the loan, and of the return from somebody else that may go before it."""
    item, title = record.item, record.title
    if record.loan is not None and record.loan.patron_id == pupil.patron.id:
        return AlreadyTheirs()
    place, doubts = _place_and_doubts(giving, pupil, title)
    doubts = sorted({*doubts, *_item_doubts(giving, pupil, record)}, key=list(Doubt).index)
    refused = _refused(doubts, place, anyway)
    if refused is not None:
        return refused
    acts: list[Act] = []
    if record.loan is not None:
        rest = item.resting_status
        back = (LoanChange(record.loan, None), StatusChange(item.id, item.status, rest))
        acts.append(Act(ids[1], Kind.CHECKIN, record.loan.patron_id, item.id, title.id, back))
        item = replace(item, status=rest)
    around = Circumstances(giving.rules, giving.now, giving.staff)
    changes = [*holds_to_settle(around, pupil, record.holds, item.id), _lent(item)]
    acts.append(_checkout(giving, pupil, title, item, changes, ids[0], doubts))
    return Give(tuple(acts), place, _note(giving, title, place))


def decide_counted(
    giving: Giving, pupil: PatronRecord, record: TitleRecord, act_id: str, anyway: bool = False
) -> Decision:
    """One copy of a title without a number: the book is there, so one that nobody had counted is counted now."""
    place, doubts = _place_and_doubts(giving, pupil, record.title)
    refused = _refused(doubts, place, anyway)
    if refused is not None:
        return refused
    around = Circumstances(giving.rules, giving.now, giving.staff)
    changes: list[Change] = list(holds_to_settle(around, pupil, record.holds, None))
    grows = record.held_in < 1
    if grows:
        changes.append(HeldChange(record.title.id, 1))
    act = _checkout(giving, pupil, record.title, None, changes, act_id, doubts)
    note = _note(giving, record.title, place)
    return Give((act,), place, note if note is not None or not grows else Message.of("tb.count_grew"))


def decide_numbered(
    giving: Giving,
    pupil: PatronRecord,
    record: TitleRecord,
    label: str,
    ids: tuple[str, str, str],
    anyway: bool = False,
) -> Decision:
    """A blank label was stuck on a copy of this title: it has a number from now on, and the pupil gets it.

    ids: of the loan, of the numbering, of the new item. One of the copies held by count becomes this one, if any is in.
    """
    title = record.title
    place, doubts = _place_and_doubts(giving, pupil, title)
    refused = _refused(doubts, place, anyway)
    if refused is not None:
        return refused
    item = Item(ids[2], 1, title.id, label, None, title.kind, ItemStatus.AVAILABLE)
    changes: list[Change] = [ItemMade(None, item)]
    if record.held_in > 0:
        changes.append(HeldChange(title.id, -1))
    numbered = Act(ids[1], Kind.NUMBERED, None, item.id, title.id, tuple(changes))
    lent = _checkout(giving, pupil, title, item, [_lent(item)], ids[0], doubts)
    return Give((numbered, lent), place, _note(giving, title, place))


def after_undo(record: TitleRecord, undone: Act) -> TitleRecord:
    """The title once a counted loan of it, made just now, is taken back."""
    grew = sum(change.by for change in undone.changes if isinstance(change, HeldChange))
    return replace(record, held_in=record.held_in + 1 - grew, copies_in=record.copies_in + 1 - grew)


def doubt_message(doubt: Doubt, title: Title | None) -> Message:
    """What to say of something that was set aside."""
    match doubt:
        case Doubt.LEFT:
            return Message.of("err.reader_left")
        case Doubt.WRITTEN_OFF:
            return Message.of("err.written_off")
        case Doubt.LOST:
            return Message.of("err.was_lost")
        case Doubt.NOT_TEXTBOOK:
            return Message.of("tb.not_textbook")
        case Doubt.OTHER_PUPIL:
            return Message.of("tb.other_pupil")
        case Doubt.WRONG_GRADE if title is not None and title.grade is not None:
            return Message.of("tb.wrong_grade", grade=title.grade)
        case Doubt.WRONG_LANGUAGE if title is not None:
            return Message.of("tb.wrong_language", lang=LANGUAGE_NAMES.get(title.language, title.language))
        case Doubt.SECOND_COPY:
            return Message.of("tb.subject_duplicate")
        case Doubt.IN_REPAIR:
            return Message.of("item.in_repair")
        case Doubt.READING_ROOM:
            return Message.of("err.reading_room")
        case Doubt.RESERVED:
            return Message.of("err.reserved_other")
        case Doubt.AMBIGUOUS:
            return Message.of("tb.two_meanings")
    return Message.of("tb.unknown")


def _place_and_doubts(giving: Giving, pupil: PatronRecord, title: Title) -> tuple[Place | None, list[Doubt]]:
    now = stands(giving, pupil)
    textbooks = giving.textbooks
    found = place_of(title, [one.place for one in now.places], textbooks) if textbooks is not None else None
    doubts = [Doubt.LEFT] if pupil.patron.left else []
    if title.kind is not ItemKind.TEXTBOOK:
        return None, [*doubts, Doubt.NOT_TEXTBOOK]
    school_class = giving.school_class
    if title.grade is not None and school_class is not None and title.grade != school_class.grade:
        doubts.append(Doubt.WRONG_GRADE)
    elif found is None and _is_in_another_language(giving, title):
        doubts.append(Doubt.WRONG_LANGUAGE)
    if found is not None:
        filled = next(one for one in now.places if one.place == found).loan is not None
    else:
        filled = any(_is_of_the_same(line, title) for line in now.surplus)
    if filled:
        doubts.append(Doubt.SECOND_COPY)
    return found, doubts


def _is_in_another_language(giving: Giving, title: Title) -> bool:
    told = bool(title.language and giving.language) and title.language != giving.language
    return told and not teaches_a_language(title.subject)


def _is_of_the_same(line: LoanLine, title: Title) -> bool:
    held = line.title
    return held.id == title.id or (
        bool(title.subject) and (held.subject, held.part, held.grade) == (title.subject, title.part, title.grade)
    )


def _item_doubts(giving: Giving, pupil: PatronRecord, record: ItemRecord) -> Iterator[Doubt]:
    if record.loan is not None:
        yield Doubt.OTHER_PUPIL
    match record.item.status:
        case ItemStatus.WRITTEN_OFF:
            yield Doubt.WRITTEN_OFF
        case ItemStatus.LOST:
            yield Doubt.LOST
        case ItemStatus.IN_REPAIR:
            yield Doubt.IN_REPAIR
        case ItemStatus.READING_ROOM:
            yield Doubt.READING_ROOM
    aside = (hold for hold in record.holds if hold.item_id == record.item.id and is_kept_aside(hold, giving.now))
    if any(hold.patron_id != pupil.patron.id for hold in aside):
        yield Doubt.RESERVED


def _refused(doubts: list[Doubt], place: Place | None, anyway: bool) -> SetAside | None:
    never = next((doubt for doubt in doubts if doubt in NEVER_GIVEN), None)
    if never is not None:
        return SetAside(never, place, can_give=False)
    return SetAside(doubts[0], place) if doubts and not anyway else None


def _lent(item: Item) -> StatusChange:
    return StatusChange(item.id, item.status, ItemStatus.ON_LOAN)


def _checkout(
    giving: Giving,
    pupil: PatronRecord,
    title: Title,
    item: Item | None,
    changes: list[Change],
    act_id: str,
    doubts: list[Doubt],
) -> Act:
    """The loan, by the loan rules: a textbook is lent until the school year ends. Who let doubts pass is kept."""
    kind = item.kind if item is not None else title.kind
    rule = giving.rules.rule_for(pupil.patron, kind, item.service_point if item is not None else None)
    now = giving.now
    due = giving.rules.calendar.due(now.day, rule.days, rule.until_year_end) if now.known else None
    item_id = item.id if item is not None else None
    loan = Loan(act_id, pupil.patron.id, title.id, item_id, now.day, due, rule.days)
    override = Override(giving.staff, tuple(doubt.name for doubt in doubts), REASON) if doubts else None
    all_changes = (*(change for change in changes if isinstance(change, HeldChange)), LoanChange(None, loan),
                   *(change for change in changes if not isinstance(change, HeldChange)))  # fmt: skip
    return Act(act_id, Kind.CHECKOUT, pupil.patron.id, item_id, title.id, all_changes, override=override)


def _note(giving: Giving, title: Title, place: Place | None) -> Message | None:
    """What a librarian should know of a copy that was given: it is another edition, early, or in no set."""
    if giving.textbooks is None or title.kind is not ItemKind.TEXTBOOK:
        return None
    if place is None:
        return Message.of("tb.not_in_set")
    if not is_wanted_edition(title, place, giving.textbooks) and title.year is not None:
        return Message.of("tb.wrong_edition", year=title.year)
    return Message.of("tb.next_term") if place.term > giving.term else None
