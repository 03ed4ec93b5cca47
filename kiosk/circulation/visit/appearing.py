"""How the screen looks, and whether it speaks: chosen on a page of its own or by a card, and remembered."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from kiosk.circulation.appearance import CHOICES, PLAIN, Appearance, Theme
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import RememberAppearance
from kiosk.circulation.model import Patron
from kiosk.circulation.views import Message, Row, RowState, View
from kiosk.circulation.visit.state import AppearancePage, State, Step


def offer(state: State) -> Step:
    """The page with what can be switched on and off."""
    return replace(state, page=AppearancePage(), message=None), ()


def switch(state: State, choice: str) -> Step:
    """Switch one of those offered; of somebody who is signed in it is remembered."""
    if choice not in _offered(state):
        return state, ()
    appearance = state.appearance.switched(choice)
    if appearance == state.appearance:
        return state, ()
    state = replace(state, appearance=appearance)
    if state.session is None:
        return state, ()
    return state, (RememberAppearance(state.session.record.patron.id, appearance),)


def _offered(state: State) -> tuple[str, ...]:
    return CHOICES if state.settings.speaks else tuple(choice for choice in CHOICES if choice != "sound")


def speech_card(state: State) -> Step:
    """The printed card that makes the kiosk speak, or be silent again; the page stays."""
    if not state.settings.speaks:
        return replace(state, message=Message.of("info.no_speech")), ()
    state, effects = switch(state, "sound")
    key = "info.speech_on" if state.appearance.spoken else "info.speech_off"
    return replace(state, message=Message.of(key)), effects


def for_patron(state: State, patron: Patron) -> State:
    """As this patron likes it. What was chosen at home just now stands: who chose it holds the card."""
    if state.appearance != PLAIN:
        return state
    return replace(
        state, appearance=replace(patron.appearance, spoken=patron.appearance.spoken and state.settings.speaks)
    )


def page_view(state: State) -> View:
    """A row for each choice: what it is, and whether it is on."""
    rows = tuple(
        Row(one, one, RowState.CHOSEN if state.appearance.has(one) else RowState.CHOICE, actions=("switch",))
        for one in _offered(state)
    )
    return View("appearance", state.language, prompt=Message.of("prompt.appearance"), rows=rows, actions=("back",))


def shown(state: State, now: Moment) -> Appearance:
    """What the screen shows at this hour: at night the light theme is the night's, if the time is known."""
    night = state.settings.night
    if night is None or state.appearance.theme is not Theme.LIGHT or not now.known:
        return state.appearance
    dark = is_within(now.wall.time().replace(tzinfo=None), *night)
    return replace(state.appearance, theme=Theme.NIGHT) if dark else state.appearance


def is_within(clock: time, begin: time, end: time) -> bool:
    """Whether a time of day is in a span, which may go over midnight; its end is not."""
    return begin <= clock < end if begin <= end else clock >= begin or clock < end
