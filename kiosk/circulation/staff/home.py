"""The staff's home: the day's figures, and the modes that a role may open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC

from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Event
from kiosk.circulation.lists.pages import open_lists
from kiosk.circulation.model import Role
from kiosk.circulation.staff.exceptions import open_exceptions
from kiosk.circulation.staff.health import open_health
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.papers import open_papers
from kiosk.circulation.staff.questions import DayCounted, DayFigures
from kiosk.circulation.staff.state import State, Step, after, ask, turn
from kiosk.circulation.textbooks.care import open_care
from kiosk.circulation.textbooks.clearance import open_clearance
from kiosk.circulation.textbooks.collect import open_collecting
from kiosk.circulation.textbooks.issue import open_issue
from kiosk.circulation.textbooks.set_pages import open_sets
from kiosk.circulation.views import Figure, Message, View

OPENS: Mapping[str, Callable[[State, Event], Step]] = {
    "issue": open_issue,
    "sets": open_sets,
    "exceptions": open_exceptions,
    "health": open_health,
    "collect": open_collecting,
    "care": open_care,
    "clearance": open_clearance,
    "lists": open_lists,
    "papers": open_papers,
}
"""Of an action: what opens its mode."""

MAY: Mapping[Role, tuple[str, ...]] = {
    Role.LIBRARIAN: ("issue", "collect", "care", "clearance", "sets", "lists", "exceptions", "health", "papers"),
    Role.HELPER: ("issue", "collect"),
    Role.HEAD: ("care", "papers"),
    Role.TECHNICIAN: ("health",),
}
"""What a role may open: a helper issues and takes back, a head sees totals without names, a technician no patron."""

_SEES_FIGURES = frozenset({Role.LIBRARIAN, Role.HEAD})


@dataclass(frozen=True, slots=True)
class HomePage(Page):
    """What can be done, by role."""

    counted: DayCounted | None = None

    def view(self, state: State, now: Moment) -> View:
        """Figures and modes."""
        counted = self.counted
        figures = (
            (
                Figure("stat.visits", counted.visits),
                Figure("stat.loans", counted.loans),
                Figure("stat.returns", counted.returns),
                Figure("stat.exceptions", counted.exceptions),
            )
            if counted is not None
            else ()
        )
        return View(
            "staff_home",
            state.language,
            prompt=Message.of("lib.title"),
            figures=figures,
            actions=("exit", *MAY[state.role], "language"),
        )

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A mode, if the role may open it."""
        opens = OPENS.get(action) if action in MAY[state.role] else None
        return opens(state, event) if opens is not None else self.leaving(state, event, action)

    def shown(self, state: State, event: Event) -> Step:
        """The figures as they are now."""
        if state.role not in _SEES_FIGURES:
            return state, ()
        return ask(state, event, DayFigures(_midnight(event.now)), after(_counted))


def _midnight(now: Moment) -> str:
    begun = now.wall.replace(hour=0, minute=0, second=0, microsecond=0)
    return begun.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _counted(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, DayCounted)
    return turn(state, HomePage(answer)), ()
