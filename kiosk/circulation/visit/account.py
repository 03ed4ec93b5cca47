"""The account page: renewing, giving up a hold, returning a counted copy."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.events import Answer, Declined, Event, Looked, LookUp
from kiosk.circulation.holds import decide_cancel
from kiosk.circulation.ledger import with_act
from kiosk.circulation.model import HoldLine, LoanLine
from kiosk.circulation.policy import Allowed, Refused
from kiosk.circulation.returns import decide_renewal
from kiosk.circulation.views import RowState
from kiosk.circulation.visit import lending
from kiosk.circulation.visit.state import (
    Account,
    RenewNext,
    State,
    Step,
    after,
    ask,
    circumstances,
    commit,
    new_id,
    refuse,
    relied_on,
    say,
)


def renew(state: State, event: Event, loan_id: str) -> Step:
    """Renew one loan, or all if none is named."""
    assert state.session is not None
    loans = tuple(line.loan.id for line in state.session.record.loans)
    chosen = (loan_id,) if loan_id else loans
    if loan_id and loan_id not in loans:
        return state, ()
    if not chosen:
        return say(state, "info.nothing_on_loan")
    return renew_next(replace(state, page=Account(renewing=chosen)), event)


def renew_next(state: State, event: Event) -> Step:
    """Renew the next of those chosen."""
    page, session = state.page, state.session
    assert isinstance(page, Account) and session is not None
    line = next((one for one in session.record.loans if page.renewing and one.loan.id == page.renewing[0]), None)
    if line is None:
        return _renewed_all(state, page)
    patron_id = session.record.patron.id
    return ask(
        state,
        RenewNext(event.now, line.loan.id),
        LookUp(patron_id, title_id=line.title.id),
        after(_renewal_looked, line.loan.id),
    )


def _renewal_looked(state: State, event: Event, answer: Answer, loan_id: str) -> Step:
    assert isinstance(answer, Looked) and state.session is not None
    page = state.page
    assert isinstance(page, Account)
    page = replace(page, renewing=page.renewing[1:])
    line = next((one for one in answer.patron.loans if one.loan.id == loan_id), None) if answer.patron else None
    if line is None or answer.patron is None or answer.title is None:
        return renew_next(replace(state, page=page), event)
    state = replace(state, session=replace(state.session, record=answer.patron))
    state, act_id = new_id(state)
    around = circumstances(state, event.now)
    decision = decide_renewal(around, answer.patron, line, answer.title.holds, answer.title.copies_in, act_id)
    if isinstance(decision, Refused):
        state, _ = refuse(replace(state, page=replace(page, refused=(*page.refused, loan_id))), decision)
        return renew_next(state, event)
    relied = relied_on(answer.patron, title=answer.title)
    return commit(state, event, decision.acts, relied, after(_renewed, line, decision, page))


def _renewed(state: State, event: Event, answer: Answer, line: LoanLine, allowed: Allowed, page: Account) -> Step:
    assert state.session is not None
    if isinstance(answer, Declined):
        page = replace(page, refused=(*page.refused, line.loan.id))
        told, _ = refuse(replace(state, page=page, retries=0), lending.declined(state, answer))
        return renew_next(told, event)
    allowed = lending.agreed(allowed, answer)
    record = with_act(state.session.record, allowed.acts[0], line.title, line.item)
    entry = state.session.entry_of(line.item.id) if line.item else None
    session = replace(state.session, record=record)
    if entry is not None and entry.state in (RowState.BORROWED, RowState.KEPT):
        session = session.with_entry(
            replace(entry, due=allowed.due, days=allowed.days, acts=(*entry.acts, allowed.acts[0].id))
        )
    page = replace(page, renewed=(*page.renewed, line.loan.id))
    state = replace(state, session=session, page=page, message=lending.renewed_message(allowed), retries=0)
    return renew_next(state, event)


def _renewed_all(state: State, page: Account) -> Step:
    """One loan: its own message stands. Several: how many were and were not."""
    done, left = len(page.renewed), len(page.refused)
    if done + left <= 1:
        return replace(state, page=replace(page, renewing=())), ()
    return say(replace(state, page=replace(page, renewing=())), "ok.renewed_some", done=done, left=left)


def cancel_hold(state: State, event: Event, hold_id: str) -> Step:
    """Give up a place in a queue."""
    assert state.session is not None
    line = next((one for one in state.session.record.holds if one.hold.id == hold_id), None)
    if line is None:
        return state, ()
    query = LookUp(state.session.record.patron.id, item_id=line.hold.item_id, title_id=line.title.id)
    return ask(state, event, query, after(_cancel_looked, hold_id))


def _cancel_looked(state: State, event: Event, answer: Answer, hold_id: str) -> Step:
    assert isinstance(answer, Looked)
    line = next((one for one in answer.patron.holds if one.hold.id == hold_id), None) if answer.patron else None
    if line is None or answer.patron is None:
        return state, ()
    state, act_id = new_id(state)
    status = answer.item.item.status if answer.item else None
    holds = answer.title.holds if answer.title else ()
    allowed = decide_cancel(circumstances(state, event.now), line, status, holds, act_id)
    relied = relied_on(answer.patron, answer.item, answer.title)
    return commit(state, event, allowed.acts, tuple(dict.fromkeys(relied)), after(_cancelled, line, allowed))


def _cancelled(state: State, event: Event, answer: Answer, line: HoldLine, allowed: Allowed) -> Step:
    assert state.session is not None
    record = with_act(state.session.record, allowed.acts[0], line.title, None)
    return say(replace(state, session=replace(state.session, record=record)), "ok.hold_cancelled")


def give_back(state: State, event: Event, loan_id: str) -> Step:
    """Return one copy of a title held by count; items are returned by scanning them."""
    assert state.session is not None
    return ask(state, event, LookUp(state.session.record.patron.id), after(_loans_looked, loan_id))


def _loans_looked(state: State, event: Event, answer: Answer, loan_id: str) -> Step:
    assert isinstance(answer, Looked) and state.session is not None
    if answer.patron is None:
        return state, ()
    state = replace(state, session=replace(state.session, record=answer.patron))
    line = next((one for one in answer.patron.loans if one.loan.id == loan_id and one.item is None), None)
    return lending.return_counted(state, event, line) if line is not None else (state, ())
