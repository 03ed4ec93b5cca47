"""What was given to the wrong pupil: the last copy taken back, or the whole pile moved to another one in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.circulation.acts import Act, Relied
from kiosk.circulation.events import Acts, Answer, Committed, Event, FindActs, Looked, LookUp
from kiosk.circulation.ledger import with_act
from kiosk.circulation.model import Item, ItemRecord, ItemStatus, PatronRecord, Title
from kiosk.circulation.policy import Refused
from kiosk.circulation.returns import Recorded, decide_undo
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, refuse
from kiosk.circulation.textbooks.book import after_acts
from kiosk.circulation.textbooks.deciding import Decision, Give, SetAside, decide_counted, decide_item
from kiosk.circulation.textbooks.sitting import Given, PutAside, Sitting, giving_of, recorded, sitting_of, with_sitting
from kiosk.circulation.views import Message


def undo_last(state: State, event: Event) -> Step:
    """The last copy of this sitting goes back to where it was; a number that it got just now is taken off again."""
    sitting = sitting_of(state)
    if not sitting.given:
        return state, ()
    return ask(state, event, FindActs(sitting.given[-1].acts), after(_undo))


def _undo(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Acts)
    state, undone = _undoing(state, answer.acts)
    if isinstance(undone, Refused):
        return refuse(state, undone)
    return commit(state, event, undone, _relied(answer.acts), after(_undone))


def _undone(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Committed)
    sitting = sitting_of(state)
    given = sitting.given[-1]
    sitting = replace(recorded(sitting, answer.acts, _titles(sitting.given)), given=sitting.given[:-1])
    return replace(with_sitting(state, sitting), message=Message.of("tb.undone", title=given.title.title)), ()


def _undoing(state: State, found: Sequence[Recorded]) -> tuple[State, tuple[Act, ...] | Refused]:
    """The undoing of all these acts, the newest first."""
    acts: list[Act] = []
    for one in found:
        state, act_id = new_id(state)
        decision = decide_undo(one, act_id, acts)
        if isinstance(decision, Refused):
            return state, decision
        acts += decision.acts
    return state, tuple(acts)


def _relied(found: Sequence[Recorded]) -> tuple[Relied, ...]:
    return tuple(dict.fromkeys(one for recorded in found for one in recorded.relied))


def _titles(given: Sequence[Given]) -> dict[str, tuple[Title, Item | None]]:
    """What loans that come back by an undo are loans of: a copy that somebody else had before."""
    return {
        one.record.loan.id: (one.title, one.record.item)
        for one in given
        if isinstance(one.record, ItemRecord) and one.record.loan is not None
    }


def move(state: State, event: Event, target: str) -> Step:
    """Everything that this sitting gave is another pupil's of the class. What does not fit there lies aside."""
    sitting = sitting_of(state)
    if target == sitting.at or sitting.book.pupil(target) is None or not sitting.given:
        return state, ()
    loans = tuple(one.loan_id for one in sitting.given)
    return ask(state, event, FindActs(loans), after(_acts_found, target))


def _acts_found(state: State, event: Event, answer: Answer, target: str) -> Step:
    assert isinstance(answer, Acts)
    return ask(state, event, LookUp(target), after(_move, answer.acts))


def _move(state: State, event: Event, answer: Answer, found: Sequence[Recorded]) -> Step:
    assert isinstance(answer, Looked)
    if answer.patron is None:
        return state, ()
    state, undone = _undoing(state, found)
    if isinstance(undone, Refused):
        return refuse(state, undone)
    pupil, acts = answer.patron, list(undone)
    given: list[Given] = []
    asides: list[PutAside] = []
    for one in sitting_of(state).given:
        state, decision = _given_again(state, event, one, pupil, found)
        match decision:
            case Give(acts=(*_, lent)):
                acts.append(lent)
                keep = tuple(act for act in one.acts if act != one.loan_id)
                given.append(replace(one, acts=(*keep, lent.id), loan_id=lent.id))
                pupil = _with_loan(pupil, lent, one)
            case SetAside(doubt, place, can_give):
                key = one.record.item.id if isinstance(one.record, ItemRecord) else f"{one.title.id} {one.loan_id}"
                asides.append(PutAside(key, doubt, one.record, place, can_give))
    relied = (*_relied(found), Relied("patrons", answer.patron.patron.id, answer.patron.patron.version))
    then = after(_moved, answer.patron, tuple(given), tuple(asides))
    return commit(state, event, tuple(acts), tuple(dict.fromkeys(relied)), then)


def _given_again(
    state: State, event: Event, one: Given, pupil: PatronRecord, found: Sequence[Recorded]
) -> tuple[State, Decision]:
    """The same copy for the other pupil, as it is once the loan is taken back."""
    state, loan_id = new_id(state)
    giving = giving_of(state, event)
    act = next(recorded.act for recorded in found if recorded.act.id == one.loan_id)
    if isinstance(one.record, ItemRecord):
        status = one.record.item.status
        rests = one.record.item.resting_status if status is ItemStatus.ON_LOAN else status
        record = replace(one.record, item=replace(one.record.item, status=rests), loan=None, holds=())
        return state, decide_item(giving, pupil, record, (loan_id, ""), one.anyway)
    if act.item_id is not None:
        item = Item(act.item_id, 1, one.title.id, None, None, one.title.kind, ItemStatus.AVAILABLE)
        return state, decide_item(giving, pupil, ItemRecord(item, one.title), (loan_id, ""), one.anyway)
    return state, decide_counted(giving, pupil, replace(one.record, holds=()), loan_id, one.anyway)


def _with_loan(pupil: PatronRecord, lent: Act, one: Given) -> PatronRecord:
    item = one.record.item if isinstance(one.record, ItemRecord) else None
    return with_act(pupil, lent, one.title, item)


def _moved(
    state: State,
    event: Event,
    answer: Answer,
    target: PatronRecord,
    given: tuple[Given, ...],
    asides: tuple[PutAside, ...],
) -> Step:
    assert isinstance(answer, Committed)
    before = sitting_of(state)
    titles = _titles(before.given) | {one.loan_id: (one.title, _item_of(one)) for one in given}
    book = after_acts(before.book, answer.acts, titles)
    sitting = Sitting(book, target.patron.id, given, asides)
    message = Message.of("tb.moved", n=len(given), name=target.patron.public_name)
    return replace(with_sitting(state, sitting), message=message), ()


def _item_of(one: Given) -> Item | None:
    return one.record.item if isinstance(one.record, ItemRecord) else None
