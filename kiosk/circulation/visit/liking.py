"""Did you like it? One touch on a book that came back, kept without the name of who said so."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.events import Answer, Event
from kiosk.circulation.session import Entry
from kiosk.circulation.views import RowState
from kiosk.circulation.visit.state import State, Step, Summary, after, commit, new_id, say

ANSWERS = {"liked": "yes", "disliked": "no"}


def questions(state: State, page: Summary, entry: Entry) -> tuple[str, ...]:
    """The actions of a row: the two answers, until one was given."""
    asks = state.settings.ask_liked and not page.not_me and entry.item.id not in page.rated
    return tuple(ANSWERS) if asks and entry.state is RowState.RETURNED else ()


def rate(state: State, event: Event, answer: str, item_id: str) -> Step:
    """Record an answer."""
    page = state.page
    assert isinstance(page, Summary)
    entry = next((one for one in page.entries if one.item.id == item_id), None)
    if entry is None or answer not in questions(state, page, entry):
        return state, ()
    state, act_id = new_id(state)
    act = Act(act_id, Kind.LIKED, title_id=entry.title.id, text=ANSWERS[answer])
    return commit(state, event, (act,), (), after(_rated, item_id))


def _rated(state: State, event: Event, answer: Answer, item_id: str) -> Step:
    assert isinstance(state.page, Summary)
    page = replace(state.page, rated=(*state.page.rated, item_id))
    return say(replace(state, page=page), "ok.liked")
