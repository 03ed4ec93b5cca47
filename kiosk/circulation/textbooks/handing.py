"""Copies are handed in: what a code is that was read, whose the copy is, and that it is returned at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.circulation.acts import Relied
from kiosk.circulation.events import Answer, Committed, Event, Looked, LookUp, Scanned
from kiosk.circulation.identify import (
    Command,
    ItemBarcode,
    NotOurs,
    NotOursReason,
    PatronCard,
    PhoneCard,
    identify,
)
from kiosk.circulation.model import Condition, ItemStatus, LoanLine, PatronRecord, Title
from kiosk.circulation.policy import Refusal
from kiosk.circulation.rules import Clears
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, say, turn
from kiosk.circulation.textbooks.at_desk import (
    DeskPage,
    Offer,
    around,
    desk_page,
    may_settle,
    new_ids,
    pupil_known,
    to_pupil,
)
from kiosk.circulation.textbooks.collect_questions import FindHandedIn, Handed, HandedInFound, PupilToCollect
from kiosk.circulation.textbooks.collecting import (
    Came,
    HandedIn,
    after_act,
    decide_handed_in,
    decide_swap,
    same_title,
    tick_off,
)
from kiosk.circulation.textbooks.handled import Desk, Handled
from kiosk.circulation.views import Message


def look_for(state: State, event: Scanned, page: type[DeskPage], patron_id: str | None = None) -> Step:
    """Find out what a code is, and do what it asks for.

    page: for a pupil whose card or copy it is; patron_id: of the one at the desk, None if nobody is.
    """
    wants = event.scan.wants
    match identify(event.scan.payload, state.codes, wants, event.scan.symbology):
        case NotOurs(NotOursReason.ISBN):
            code, wants = event.scan.payload.strip(), "item"
        case NotOurs(reason):
            return say(state, reason.value)
        case Command():
            return say(state, "staff.no_scan_here")
        case PatronCard(code) | PhoneCard(code):
            wants = "card"
        case ItemBarcode(code):
            wants = "item"
        case unsure:
            code = unsure.code
    return look_up(state, event, code, wants, page, patron_id)


def look_up(
    state: State, event: Event, code: str, wants: str, page: type[DeskPage], patron_id: str | None = None
) -> Step:
    """The same for a number that is known to be one."""
    return ask(state, event, FindHandedIn(code, wants, patron_id), after(_found, code, page))


def _found(state: State, event: Event, answer: Answer, code: str, page: type[DeskPage]) -> Step:
    assert isinstance(answer, HandedInFound)
    pupil = answer.pupil
    if pupil is None:
        return _found_alone(state, event, answer, code, page)
    handed = _the_one(answer.items, pupil)
    if handed is not None:
        return _hand_in(state, event, pupil, handed)
    if answer.items:
        return say(state, "tb.number_twice")
    if answer.card is not None:
        same = answer.card.patron.id == pupil.patron.id
        return (state, ()) if same else to_pupil(state, event, answer.card.patron.id, page)
    if answer.titles:
        return _by_isbn(state, event, pupil, answer.titles)
    return say(state, "err.book_unknown")


def _found_alone(state: State, event: Event, answer: HandedInFound, code: str, page: type[DeskPage]) -> Step:
    """Nobody is at the desk yet: a card says who is, and so does a copy on somebody's name."""
    if answer.card is not None and not answer.items:
        return to_pupil(state, event, answer.card.patron.id, page)
    owners = {one.owner.id for one in answer.items if one.owner is not None}
    if len(owners) == 1:
        return ask(state, event, PupilToCollect(owners.pop()), after(_owner_known, code, page))
    return say(state, "tb.on_nobody" if answer.items else "err.book_unknown")


def _owner_known(state: State, event: Event, answer: Answer, code: str, page: type[DeskPage]) -> Step:
    state, _ = pupil_known(state, event, answer, page)
    return look_up(state, event, code, "item", page, desk_page(state).desk.record.patron.id)


def _the_one(items: Sequence[Handed], pupil: PatronRecord) -> Handed | None:
    """The copy that is meant: of several with one number the one that the pupil has."""
    own = [one for one in items if one.record.loan is not None and one.record.loan.patron_id == pupil.patron.id]
    meant = own or items
    return meant[0] if len(meant) == 1 else None


def _by_isbn(state: State, event: Event, pupil: PatronRecord, titles: Sequence[Title]) -> Step:
    """An ISBN names a title: a copy held by count is ticked by it, a numbered one has a label."""
    ids = {title.id for title in titles}
    lines = [line for line in pupil.loans if line.title.id in ids]
    counted = next((line for line in lines if line.item is None), None)
    if counted is not None:
        return _tick(state, event, counted)
    return say(state, "tb.scan_label" if lines else "tb.not_on_name")


def _hand_in(state: State, event: Event, pupil: PatronRecord, handed: Handed) -> Step:
    item = handed.record.item
    if item.status is ItemStatus.WRITTEN_OFF:
        return say(state, Refusal.WRITTEN_OFF.value)
    state, ids = new_ids(state, 3)
    # Whoever may not settle anything takes nothing in place of a copy that has not come back.
    settles = handed.record.loan is not None or may_settle(state)
    clears = state.settings.textbooks.clears if settles else Clears.COPY
    decision = decide_handed_in(around(state, event), pupil, handed.record, handed.debt, clears, iter(ids).__next__)
    relied = (Relied("items", item.id, item.version),)
    return commit(state, event, decision.acts, relied, after(handed_in, handed, decision))


def handed_in(state: State, event: Event, answer: Answer, handed: Handed, decision: HandedIn) -> Step:
    """A copy is back: the page shows it, and whose it was."""
    assert isinstance(answer, Committed)
    page, record, loan = desk_page(state), handed.record, handed.record.loan
    item = record.item
    for act in answer.acts:
        item = after_act(item, act)
    owner = handed.owner.id if handed.owner is not None else ""
    one = Handled(
        loan.id if loan is not None else item.id,
        decision.came,
        record.title,
        item,
        record.item.condition,
        item.condition,
        loan.patron_id if loan is not None else owner,
        tuple(act.id for act in answer.acts),
        loan,
        decision.cleared if decision.came is not Came.OWN else None,
    )
    desk = page.desk.after(answer.acts, record.title, record.item, one)
    if handed.debt is not None:
        desk = replace(desk, debts=tuple(debt for debt in desk.debts if debt.mark != handed.debt.mark))
    own = same_title(desk.record, record) if decision.came is Came.FOR_OTHER else None
    offer = Offer(own, one) if own is not None and state.settings.textbooks.clears is Clears.COPY else None
    state = turn(state, replace(page, desk=desk, at=one.key, offer=offer))
    return replace(state, message=_came_words(desk, decision.came, handed)), ()


def _came_words(desk: Desk, came: Came, handed: Handed) -> Message:
    owner = handed.owner
    match came:
        case Came.FOR_OTHER if owner is not None and owner.left:
            return Message.of("tb.for_leaver", name=owner.public_name)
        case Came.FOR_OTHER if owner is not None:
            return Message.of("tb.for_other", name=owner.public_name)
        case Came.EXCHANGED if owner is not None:
            return Message.of("tb.exchanged", name=owner.public_name)
        case Came.LOST_FOUND if owner is not None:
            return Message.of("tb.lost_found", name=owner.public_name)
        case Came.IN_PLACE:
            return Message.of("tb.in_place")
        case Came.FOUND | Came.LOST_FOUND:
            return Message.of("tb.on_nobody")
    return _own_words(desk)


def _own_words(desk: Desk) -> Message:
    return Message.of("ok.returned") if desk.out or desk.debts else Message.of("tb.all_back")


# Copies held by count.


def tick(state: State, event: Event, line: LoanLine) -> Step:
    """A copy held by count was touched: it is back, if it is out still."""
    return ask(state, event, LookUp(patron_id=line.loan.patron_id), after(_still_out, line.loan.id))


def _still_out(state: State, event: Event, answer: Answer, loan_id: str) -> Step:
    assert isinstance(answer, Looked)
    loans = answer.patron.loans if answer.patron is not None else ()
    line = next((line for line in loans if line.loan.id == loan_id), None)
    return _tick(state, event, line) if line is not None else desk_page(state).shown(state, event)


def _tick(state: State, event: Event, line: LoanLine) -> Step:
    state, act_id = new_id(state)
    return commit(state, event, (tick_off(line, act_id),), (), after(_ticked, line))


def _ticked(state: State, event: Event, answer: Answer, line: LoanLine) -> Step:
    assert isinstance(answer, Committed)
    page, good = desk_page(state), Condition.GOOD
    ids = tuple(act.id for act in answer.acts)
    one = Handled(line.loan.id, Came.OWN, line.title, None, good, good, line.loan.patron_id, ids, line.loan)
    desk = page.desk.after(answer.acts, line.title, None, one)
    state = turn(state, replace(page, desk=desk, at="", offer=None))
    return replace(state, message=_own_words(desk)), ()


# Two pupils with each other's copies.


def swap(state: State, event: Event, offer: Offer) -> Step:
    """The copy that was returned for another counts for the one at the desk, whose own is the other's from now on."""
    assert offer.handed.loan is not None
    state, ids = new_ids(state, 2)
    acts = decide_swap(offer.own, offer.handed.loan, iter(ids).__next__)
    return commit(state, event, acts, (), after(_swapped, offer))


def _swapped(state: State, event: Event, answer: Answer, offer: Offer) -> Step:
    assert isinstance(answer, Committed)
    page, ids = desk_page(state), tuple(act.id for act in answer.acts)
    one = replace(offer.handed, came=Came.EXCHANGED, cleared=offer.own, acts=(*offer.handed.acts, *ids))
    desk = page.desk.after(answer.acts, one.title, offer.own.item, one)
    state = turn(state, replace(page, desk=desk, offer=None))
    return say(state, "tb.swapped")
