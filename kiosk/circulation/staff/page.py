"""A page of the staff's mode: what is on the screen, and what a scan, a touch and a text mean there."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Event, Pressed, Scanned, Typed
from kiosk.circulation.staff.state import State, Step, leave, pop, say
from kiosk.circulation.views import View


@dataclass(frozen=True, slots=True)
class Page:
    """The base of every page: a frozen fact, like the state it is part of. What has no meaning on it does nothing.

    A page that decides anew on what came back stale gets its event once more.
    """

    def view(self, state: State, now: Moment) -> View:
        """What to show."""
        raise NotImplementedError

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """Somebody touched an action, of the view or (argument: its id) of a row."""
        return self.leaving(state, event, action)

    def scanned(self, state: State, event: Scanned) -> Step:
        """A code was read."""
        return say(state, "staff.no_scan_here")

    def typed(self, state: State, event: Event, text: str) -> Step:
        """A text was typed."""
        return state, ()

    def shown(self, state: State, event: Event) -> Step:
        """This page is there again, as the one above it was left."""
        return state, ()

    def woken(self, state: State, event: Event) -> Step:
        """The timer rang: nobody is here any more, unless the page set it for something of its own."""
        return leave(state)

    def again(self, state: State, event: Event) -> Step:
        """The event is to be decided on: for the first time, or anew after what it relied on had changed."""
        match event:
            case Scanned():
                return self.scanned(state, event)
            case Pressed(action=action, argument=argument):
                return self.pressed(state, event, action, argument)
            case Typed(text=text):
                return self.typed(state, event, text)
        return state, ()

    @staticmethod
    def leaving(state: State, event: Event, action: str) -> Step:
        """The ways out that every page has: back to the page before, and out of the staff's mode."""
        match action:
            case "back":
                return pop(state, event)
            case "exit":
                return leave(state)
        return state, ()
