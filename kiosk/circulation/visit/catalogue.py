"""The catalogue: search, holds, requests, and counted copies, which have no label to scan."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.events import Answer, Declined, Event, Hits, Looked, LookUp, Search
from kiosk.circulation.holds import decide_hold
from kiosk.circulation.ledger import with_act
from kiosk.circulation.model import PatronRecord, TitleRecord
from kiosk.circulation.policy import Allowed, Refused
from kiosk.circulation.views import Message
from kiosk.circulation.visit import lending
from kiosk.circulation.visit.state import (
    Home,
    SearchPage,
    State,
    Step,
    Wished,
    after,
    ask,
    circumstances,
    commit,
    new_id,
    refuse,
    relied_on,
    say,
)

MAX_TYPED = 100


def search(state: State, event: Event, text: str) -> Step:
    """Titles by what was typed; nothing typed, nothing found."""
    text = text[:MAX_TYPED].strip()
    if not text:
        return replace(state, page=SearchPage(), message=None), ()
    return ask(state, event, Search(text), after(_searched, text))


def _searched(state: State, event: Event, answer: Answer, text: str) -> Step:
    assert isinstance(answer, Hits)
    message = None if answer.titles else Message.of("info.nothing_found")
    return replace(state, page=SearchPage(text, answer.titles), message=message), ()


def request(state: State, event: Event) -> Step:
    """Record the text searched for as a book that the library lacks."""
    page = state.page
    assert isinstance(page, SearchPage)
    if not page.text or page.asked:
        return state, ()
    state, act_id = new_id(state)
    patron_id = state.session.record.patron.id if state.session else None
    act = Act(act_id, Kind.REQUEST, patron_id, text=page.text)
    return commit(state, event, (act,), (), after(_requested))


def _requested(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(state.page, SearchPage)
    return say(replace(state, page=replace(state.page, asked=True)), "ok.request_saved")


def hold(state: State, event: Event, title_id: str) -> Step:
    """Queue for a title; with nobody signed in, the next card is waited for."""
    if state.session is None:
        return say(replace(state, page=Home(), lobby=replace(state.lobby, wanted=title_id)), "home.scan_card")
    query = LookUp(state.session.record.patron.id, title_id=title_id)
    return ask(state, Wished(event.now, title_id), query, after(_hold_looked))


def _hold_looked(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Looked)
    if answer.patron is None or answer.title is None:
        return state, ()
    state, act_id = new_id(state)
    decision = decide_hold(circumstances(state, event.now), answer.patron, answer.title, act_id)
    if isinstance(decision, Refused):
        state, _ = refuse(state, decision)
        return lending.serve_next(state, event)
    relied = relied_on(answer.patron, title=answer.title)
    return commit(state, event, decision.acts, relied, after(_held, answer.patron, answer.title, decision))


def _held(
    state: State, event: Event, answer: Answer, patron: PatronRecord, title: TitleRecord, allowed: Allowed
) -> Step:
    assert state.session is not None
    if isinstance(answer, Declined):
        told, _ = refuse(state, lending.declined(state, answer))
        return lending.serve_next(told, event)
    place = len(title.holds) + 1
    record = with_act(patron, allowed.acts[0], title.title, None)
    record = replace(record, holds=(*record.holds[:-1], replace(record.holds[-1], place=place)))
    state, _ = say(replace(state, session=replace(state.session, record=record)), "ok.reserved", n=place)
    return lending.serve_next(state, event)


def borrow(state: State, event: Event, title_id: str) -> Step:
    """Borrow one copy of a title held by count."""
    if state.session is None:
        return say(state, "home.scan_card")
    query = LookUp(state.session.record.patron.id, title_id=title_id)
    return ask(state, event, query, after(_borrow_looked))


def _borrow_looked(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Looked) and state.session is not None
    if answer.patron is None or answer.title is None or answer.title.title.held < 1:
        return state, ()
    state = replace(state, session=replace(state.session, record=answer.patron))
    return lending.borrow_counted(state, event, answer.title)
