"""How a copy looks that came back, or that it does not come back: what can be said of one, and what that does."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.acts import Act, Kind, Relied
from kiosk.circulation.events import Answer, Committed, Event, Looked, LookUp
from kiosk.circulation.model import Condition, Item, LoanLine
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, turn
from kiosk.circulation.textbooks import settle
from kiosk.circulation.textbooks.at_desk import around, desk_page, may_settle, new_ids, undo
from kiosk.circulation.textbooks.collect_questions import Handed
from kiosk.circulation.textbooks.collecting import (
    Came,
    HandedIn,
    after_act,
    decide_condition,
    decide_lost,
    take_back,
)
from kiosk.circulation.textbooks.handing import handed_in, tick
from kiosk.circulation.textbooks.handled import Handled, condition_words
from kiosk.circulation.views import Message, Row, RowState

LOST, BEYOND_USE, RELABEL, NOT_BACK = "lost", "beyond_use", "relabel", "not_back"
"""What can be said of a copy besides its condition."""
_WORDS = {
    LOST: "cond.lost",
    BEYOND_USE: "cond.beyond_use",
    RELABEL: "action.relabel",
    NOT_BACK: "action.not_back",
}


def choices(state: State, one: Handled | LoanLine) -> tuple[Row, ...]:
    """What can be said of a copy, the condition that it is in chosen."""
    is_back = isinstance(one, Handled)
    now = one.condition if isinstance(one, Handled) else None
    more: list[str] = []
    if may_settle(state):
        more += [BEYOND_USE] if is_back and one.loan is not None else []
        more += [LOST] if not is_back else []
        more += [RELABEL] if one.item is not None and not is_back else []
    more += [NOT_BACK] if is_back else []
    return (
        *(_choice(condition.value, condition is now, condition_words(condition)) for condition in Condition),
        *(_choice(name, False, Message.of(_WORDS[name])) for name in more),
    )


def _choice(name: str, chosen: bool, words: Message) -> Row:
    return Row(name, "", RowState.CHOSEN if chosen else RowState.CHOICE, actions=("choose",), note=words)


def choose(state: State, event: Event, one: Handled | LoanLine, choice: str) -> Step:
    """One of them was touched."""
    if all(choice != row.id for row in choices(state, one)):
        return state, ()
    if choice == NOT_BACK and isinstance(one, Handled):
        return undo(state, event, one.acts)
    if choice == RELABEL and one.item is not None:
        return settle.relabel(state, desk_page(state), one.item)
    loan = one.loan
    query = LookUp(loan.patron_id if loan is not None else None, one.item.id if one.item is not None else None)
    return ask(state, event, query, after(_known, one, choice))


def _known(state: State, event: Event, answer: Answer, one: Handled | LoanLine, choice: str) -> Step:
    assert isinstance(answer, Looked)
    item = answer.item.item if answer.item is not None else None
    loans = answer.patron.loans if answer.patron is not None else ()
    if isinstance(one, LoanLine):
        line = next((line for line in loans if line.loan.id == one.loan.id), None)
        if line is None:
            return desk_page(state).shown(state, event)
        if choice == LOST:
            return _lost(state, event, line, line, beyond_use=False)
        if answer.item is None:
            return tick(state, event, line)
        return _here(state, event, Handed(answer.item, desk_page(state).desk.record.patron), line, Condition(choice))
    if choice == BEYOND_USE:
        assert one.loan is not None
        return _lost(state, event, one, LoanLine(one.loan, one.title, item), beyond_use=True)
    return _look_at(state, event, one, item, Condition(choice))


def _here(state: State, event: Event, handed: Handed, line: LoanLine, condition: Condition) -> Step:
    """It is here, but its label was not read: it is returned as a scan would have done."""
    state, (first, second) = new_ids(state, 2)
    item = handed.record.item
    taken = take_back(around(state, event), handed.record, first)
    seen = decide_condition(after_act(item, taken), line.loan.patron_id, condition, second)
    acts = (taken, seen) if seen is not None else (taken,)
    relied = (Relied("items", item.id, item.version),)
    return commit(state, event, acts, relied, after(handed_in, handed, HandedIn(Came.OWN, acts, line)))


def _look_at(state: State, event: Event, one: Handled, item: Item | None, condition: Condition) -> Step:
    state, act_id = new_id(state)
    if item is not None:
        act = decide_condition(item, one.holder, condition, act_id)
    elif condition is not one.condition:
        # Of a copy held by count nothing can be kept but that it was this pupil's.
        act = Act(act_id, Kind.CONDITION, one.holder, None, one.title.id, text=condition.value)
    else:
        act = None
    if act is None:
        return state, ()
    act = replace(act, patron_id=act.patron_id or None)
    return commit(state, event, (act,), (), after(_looked_at, one, item, condition))


def _looked_at(
    state: State, event: Event, answer: Answer, one: Handled, item: Item | None, condition: Condition
) -> Step:
    assert isinstance(answer, Committed)
    page, (act,) = desk_page(state), answer.acts
    now = after_act(item, act) if item is not None else None
    seen = replace(one, item=now, condition=condition, acts=(*one.acts, act.id))
    desk = page.desk.after(answer.acts, one.title, now, seen)
    return turn(state, replace(page, desk=desk, at=one.key)), ()


def _lost(state: State, event: Event, one: Handled | LoanLine, line: LoanLine, beyond_use: bool) -> Step:
    """It is gone for good: another one is owed from now on."""
    state, act_id = new_id(state)
    is_back = isinstance(one, Handled)
    act = decide_lost(line, event.now.day, act_id, beyond_use=beyond_use, is_back=is_back)
    return commit(state, event, (act,), (), after(_is_lost, one))


def _is_lost(state: State, event: Event, answer: Answer, one: Handled | LoanLine) -> Step:
    assert isinstance(answer, Committed)
    page, (act,) = desk_page(state), answer.acts
    gone = replace(one, gone=True, acts=(*one.acts, act.id)) if isinstance(one, Handled) else None
    desk = page.desk.after(answer.acts, one.title, one.item, gone)
    state = turn(state, replace(page, desk=desk, at="", offer=None))
    return desk_page(state).shown(replace(state, message=Message.of("tb.now_owed")), event)
