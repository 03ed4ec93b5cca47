"""Calling the librarian, where something really does: a sound or a lamp that goes on until her card is read."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.events import CallAnswered, CallLibrarian, Effect, Pressed, Scanned
from kiosk.circulation.identify import Command, CommandName, identify
from kiosk.circulation.model import LIBRARIAN, PatronRecord
from kiosk.circulation.visit.state import State, Step, say

_COMING = "home.librarian_coming"


def call(state: State) -> Step:
    """Call her, for a while; a kiosk with nothing to call her by says where to go."""
    if not state.settings.calls:
        return say(state, "info.go_to_librarian")
    state, _ = say(state, _COMING)
    return state, (CallLibrarian(state.settings.call_s),)


def while_closed(state: State, event: Pressed | Scanned) -> Step:
    """All that can be done out of service, by touch or by the printed code."""
    if isinstance(event, Pressed):
        called = event.action == "call"
    else:
        scan = event.scan
        called = identify(scan.payload, state.codes, scan.wants, scan.symbology) == Command(CommandName.CALL, "")
    return call(state) if called and state.settings.calls else (state, ())


def answered_by(record: PatronRecord) -> tuple[Effect, ...]:
    """She is there once her card was read."""
    return (CallAnswered(),) if record.patron.category == LIBRARIAN else ()


def over(state: State) -> State:
    """Nothing calls any more: nobody is told to wait."""
    waits = state.message is not None and state.message.key == _COMING
    return replace(state, message=None) if waits else state
