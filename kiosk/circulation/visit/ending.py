"""Leaving: the summary, "this isn't me", and what can be taken back; and the ways between pages."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.events import Acts, Answer, Event, FindActs
from kiosk.circulation.model import Act, Relied
from kiosk.circulation.policy import Refused
from kiosk.circulation.returns import decide_undo
from kiosk.circulation.views import Message, RowState
from kiosk.circulation.visit import lending
from kiosk.circulation.visit.state import (
    Account,
    AtVisit,
    Home,
    State,
    Step,
    Summary,
    after,
    ask,
    commit,
    go_home,
    new_id,
    refuse,
    say,
)


def back(state: State) -> Step:
    """To the visit, or home."""
    return replace(state, page=AtVisit() if state.session else Home(), message=None), ()


def change_language(state: State, language: str) -> Step:
    """The language named, or the next one; the same state in other words."""
    known = state.settings.languages
    chosen = language if language in known else known[(known.index(state.language) + 1) % len(known)]
    return replace(state, language=chosen), ()


def show_slip(state: State) -> Step:
    """The slip on the screen: what is on loan, and until when."""
    if state.session is None:
        return say(state, "home.scan_card")
    return replace(state, page=Account(), message=None), ()


def leave(state: State, event: Event) -> Step:
    """Nobody has signed in, and nobody will: what was handed in and not claimed is recorded as found."""
    found = state.lobby.found
    if found and state.settings.takes_returns:
        state = replace(go_home(state), lobby=state.lobby)
        return lending.found(state, event, found, Message.of("ok.returned"))
    return go_home(state), ()


def finish(state: State, event: Event) -> Step:
    """Sign out: what the visit did stays to be seen for a moment, whose it was does not."""
    if state.session is None:
        return leave(state, event)
    entries = tuple(entry for entry in state.session.entries if entry.state in _DONE)
    language = state.language
    state = replace(go_home(state), message=Message.of("ok.bye"), language=language)
    return (replace(state, page=Summary(entries)), ()) if entries else (go_home(state), ())


_DONE = frozenset({RowState.BORROWED, RowState.RETURNED, RowState.KEPT, RowState.FOUND})


def not_me(state: State) -> Step:
    """Somebody else's card: end the visit at once and offer to take back what was scanned in it."""
    session = state.session
    if session is None:
        return state, ()
    language, acts = state.language, session.done()
    entries = tuple(entry for entry in session.entries if entry.acts)
    state = go_home(state)
    if not acts:
        return state, ()
    return replace(state, page=Summary(entries, not_me=True, acts=acts), language=language), ()


def undo_all(state: State, event: Event) -> Step:
    """Take back everything that the visit of the wrong person did."""
    assert isinstance(state.page, Summary)
    return ask(state, event, FindActs(state.page.acts), after(_undo_all_found))


def _undo_all_found(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Acts)
    acts: tuple[Act, ...] = ()
    relied: tuple[Relied, ...] = ()
    for recorded in answer.acts:
        state, act_id = new_id(state)
        decision = decide_undo(recorded, act_id)
        if isinstance(decision, Refused):
            return refuse(state, decision)
        acts, relied = acts + decision.acts, relied + recorded.relied
    return commit(state, event, acts, tuple(dict.fromkeys(relied)), after(_all_undone))


def _all_undone(state: State, event: Event, answer: Answer) -> Step:
    return replace(go_home(state), message=Message.of("ok.undone")), ()
