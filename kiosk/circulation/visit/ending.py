"""Leaving: the summary, "this isn't me", and what can be taken back; and the ways between pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kiosk.circulation.acts import Act, Relied
from kiosk.circulation.events import Acts, Answer, Event, FindActs, Print
from kiosk.circulation.policy import Refused
from kiosk.circulation.returns import decide_undo
from kiosk.circulation.rules import Slips
from kiosk.circulation.session import Session
from kiosk.circulation.slip import slip_of, slip_of_loans
from kiosk.circulation.views import LENT_NOW, Message, RowState
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
    refusal_message,
    refuse,
    say,
    still_here,
)


def back(state: State) -> Step:
    """To the visit, or home."""
    return replace(state, page=AtVisit() if state.session else Home(), message=None), ()


def change_language(state: State, language: str) -> Step:
    """The language named, or the next one; the same state in other words."""
    known = state.settings.languages
    chosen = language if language in known else known[(known.index(state.language) + 1) % len(known)]
    return replace(state, language=chosen), ()


def ask_for_slip(state: State, event: Event) -> Step:
    """Of the visit that has just ended; in a visit, of what is on loan, which the screen shows in any case."""
    if isinstance(state.page, Summary):
        return print_summary(state)
    if state.session is None:
        return say(state, "home.scan_card")
    slip = slip_of_loans(state.session, state.language, _day(event))
    state = replace(state, page=Account(), message=None)
    if slip is None or state.settings.slips is Slips.NEVER:
        return state, ()
    return replace(state, message=Message.of("ok.printing")), (Print(slip),)


def print_summary(state: State) -> Step:
    """The slip of the visit that has just ended, once."""
    page = state.page
    if not isinstance(page, Summary) or page.slip is None:
        return state, ()
    return replace(state, page=replace(page, slip=None), message=Message.of("ok.printing")), (Print(page.slip),)


def print_failed(state: State) -> Step:
    """The loan stands, and the screen has what the slip would have said. Elsewhere nobody waits for one any more."""
    waited_for = isinstance(state.page, Summary | Account)
    return say(state, "err.printer") if waited_for else (state, ())


def _day(event: Event) -> date | None:
    return event.now.day if event.now.known else None


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
    if not entries and not state.appearance.spoken:
        return go_home(state), ()
    slips = state.settings.slips
    slip = slip_of(state.session, state.language, _day(event)) if slips is not Slips.NEVER else None
    state = replace(still_here(go_home(state), state), message=Message.of("ok.bye"))
    if slip is not None and slips is Slips.ALWAYS:
        return replace(state, page=Summary(entries)), (Print(slip),)
    return replace(state, page=Summary(entries, slip=slip)), ()


_DONE = frozenset({RowState.BORROWED, RowState.RETURNED, RowState.KEPT, RowState.FOUND})


def summary_for_s(state: State, page: Summary, patience: int) -> float:
    """How long it stays: somebody who sees it photographs its code, somebody who does not listens."""
    listened_s = state.settings.summary_s * patience
    if page.not_me or not any(entry.state in LENT_NOW for entry in page.entries):
        return listened_s
    return max(listened_s, state.settings.summary_code_s)


def not_me(state: State) -> Step:
    """Somebody else's card: end the visit at once and offer to take back what was scanned in it."""
    session = state.session
    if session is None:
        return state, ()
    done = {act.id for act in session.standing()}
    entries = tuple(entry for entry in session.entries if done.intersection(entry.acts))
    home = go_home(state)
    if not done:
        return home, ()
    return replace(still_here(home, state), page=Summary(entries, not_me=True, session=session)), ()


def undo_all(state: State, event: Event) -> Step:
    """Take back everything that the visit of the wrong person did, as far as nothing else has happened since."""
    assert isinstance(state.page, Summary) and state.page.session is not None
    session = state.page.session
    return ask(state, event, FindActs(tuple(act.id for act in session.acts)), after(_undo_all_found, session))


def _undo_all_found(state: State, event: Event, answer: Answer, session: Session) -> Step:
    assert isinstance(answer, Acts)
    standing = {act.id for act in session.standing()}
    acts: tuple[Act, ...] = ()
    relied: tuple[Relied, ...] = ()
    too_late: Refused | None = None
    for recorded in answer.acts:
        if recorded.act.id not in standing:
            continue
        state, act_id = new_id(state)
        decision = decide_undo(recorded, act_id, acts)
        if isinstance(decision, Refused):
            too_late = decision
        else:
            acts, relied = acts + decision.acts, relied + recorded.relied
    if not acts and too_late is not None:
        return refuse(state, too_late)
    return commit(state, event, acts, tuple(dict.fromkeys(relied)), after(_all_undone, too_late))


def _all_undone(state: State, event: Event, answer: Answer, too_late: Refused | None) -> Step:
    message = Message.of("ok.undone") if too_late is None else refusal_message(too_late)
    return replace(go_home(state), message=message), ()
