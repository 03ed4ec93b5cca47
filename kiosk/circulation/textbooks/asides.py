"""What was scanned and not given lies aside, and stays on the screen until it is settled."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.events import Event
from kiosk.circulation.model import Role
from kiosk.circulation.staff.state import State, Step
from kiosk.circulation.textbooks import scanning
from kiosk.circulation.textbooks.deciding import Doubt, doubt_message
from kiosk.circulation.textbooks.sitting import PutAside, Sitting, sitting_of, with_sitting
from kiosk.circulation.views import Cell, Message, Row, RowState, View


def aside_view(state: State, sitting: Sitting, cells: tuple[Cell, ...], bare: View) -> View:
    """The newest thing that lies aside, and how it stands with its place of the set; the older ones below it."""
    first = sitting.asides[0]
    rows = tuple(
        Row(
            one.id,
            one.record.title.title if one.record is not None else one.id,
            RowState.REFUSED,
            one.record.title if one.record is not None else None,
            actions=_ways(state, one),
            note=None if one is first else _told(one),
        )
        for one in sitting.asides
    )
    place = first.place
    return replace(
        bare,
        message=_told(first),
        prompt=Message.of("tb.settle_first") if sitting.urged else Message.of("tb.set_aside"),
        rows=rows,
        cells=tuple(replace(cell, actions=()) for cell in cells if place is not None and cell.id == place.id),
        actions=_ways(state, first),
    )


def _told(aside: PutAside) -> Message:
    if aside.doubt is Doubt.OTHER_PUPIL and aside.who:
        return Message.of("tb.other_pupil_named", name=aside.who)
    return doubt_message(aside.doubt, aside.record.title if aside.record is not None else None)


def _ways(state: State, aside: PutAside) -> tuple[str, ...]:
    """Only a librarian lets pass what looks wrong."""
    return ("give_anyway", "ok") if aside.can_give and state.role is Role.LIBRARIAN else ("ok",)


def settle(state: State, event: Event, argument: str) -> Step:
    """It was put aside: another book, or nobody's. argument: "" for the newest."""
    sitting = sitting_of(state)
    newest = sitting.asides[0].id if sitting.asides else ""
    return with_sitting(state, sitting.without_aside(argument or newest)), ()


def give_anyway(state: State, event: Event, argument: str) -> Step:
    """It is right, a librarian says. argument: "" for the newest."""
    return scanning.give_anyway(state, event, argument) if state.role is Role.LIBRARIAN else (state, ())
