"""Staff sign in: a card, a PIN; and, for somebody's visit, the reason why the rules yield."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Committed, Event
from kiosk.circulation.model import PatronRecord, PinKind
from kiosk.circulation.staff import home
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.questions import CheckStaffPin, StaffPinChecked
from kiosk.circulation.staff.state import Purpose, State, Step, after, ask, commit, leave, new_id, say
from kiosk.circulation.views import Message, Row, RowState, View

MAX_PIN = 100
MAX_REASON = 200
REASONS = ("lesson", "teacher", "parent", "agreed", "mistake")
"""Why the rules may yield, each with words of its own (`reason.lesson`); anything else is typed."""


def first_page(record: PatronRecord, purpose: Purpose) -> Page:
    """Where the staff's mode begins. Without a PIN nobody gets further than letting a visit pass."""
    if record.patron.pin is not None or purpose is Purpose.WORK:
        return PinPage()
    return ReasonPage()


@dataclass(frozen=True, slots=True)
class PinPage(Page):
    """The PIN is asked for."""

    def view(self, state: State, now: Moment) -> View:
        """A keypad, under the words of the staff's sign-in."""
        return View(
            "staff_pin",
            state.language,
            prompt=Message.of("prompt.enter_pin"),
            actions=("as_reader", "back") if state.purpose is Purpose.WORK else ("back",),
            pin=PinKind.DIGITS,
        )

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """Back; or for books of one's own."""
        if action == "as_reader" and state.purpose is Purpose.WORK:
            return leave(state, as_reader=True)
        return self.leaving(state, event, action)

    def typed(self, state: State, event: Event, text: str) -> Step:
        """A PIN was typed."""
        settings = state.settings
        query = CheckStaffPin(
            state.staff, " ".join(text[:MAX_PIN].split()), event.now, settings.pin_tries, settings.pin_wait_s
        )
        return ask(state, event, query, after(_checked))


def _checked(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, StaffPinChecked)
    if answer.wait_s > 0:
        return say(state, "err.staff_pin_wait", n=max(round(answer.wait_s / 60), 1))
    if not answer.right:
        return say(state, "err.pin_wrong")
    if state.purpose is Purpose.OVERRIDE:
        return replace(state, pages=(ReasonPage(),), message=None), ()
    state, act_id = new_id(state)
    act = Act(act_id, Kind.STAFF_SIGNED_IN, state.staff)
    return commit(state, event, (act,), (), after(_signed_in))


def _signed_in(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Committed)
    state = replace(state, pages=(home.HomePage(),), message=None)
    return state.page.shown(state, event)


@dataclass(frozen=True, slots=True)
class ReasonPage(Page):
    """Why the rules yield in a visit. The reason goes into the ledger with every act that they would refuse."""

    def view(self, state: State, now: Moment) -> View:
        """The usual reasons, to touch; another one can be typed."""
        rows = tuple(
            Row(one, "", RowState.CHOICE, actions=("choose",), note=Message.of(f"reason.{one}")) for one in REASONS
        )
        return View(
            "staff_reason",
            state.language,
            prompt=Message.of("lib.override_reason"),
            rows=rows,
            actions=("back", "type_reason"),
        )

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A usual reason."""
        if action == "choose" and argument in REASONS:
            return leave(state, f"reason.{argument}")
        return self.leaving(state, event, action)

    def typed(self, state: State, event: Event, text: str) -> Step:
        """A reason in words."""
        reason = " ".join(text.split())[:MAX_REASON]
        return leave(state, reason) if reason else (state, ())
