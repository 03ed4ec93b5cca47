"""A pupil who is in no list is added to a class by name, and has a turn like everybody else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Committed, Event
from kiosk.circulation.model import Patron
from kiosk.circulation.pupils import Namesakes, NoName, PupilAdded, add_pupil
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, say, turn
from kiosk.circulation.textbooks.book import label
from kiosk.circulation.textbooks.pupil import turn_to
from kiosk.circulation.textbooks.questions import ClassBooks, OpenClass
from kiosk.circulation.textbooks.sitting import year_of
from kiosk.circulation.views import Message, Row, RowState, View


@dataclass(frozen=True, slots=True)
class AddPupilPage(Page):
    """The name is typed. text, same: it is there already in the class; is it one of these?"""

    book: ClassBooks
    text: str = ""
    same: tuple[Patron, ...] = ()

    def view(self, state: State, now: Moment) -> View:
        """A keyboard, or the namesakes."""
        heading = label(self.book.school_class)
        if not self.same:
            prompt = Message.of("prompt.pupil_name")
            return View("staff_text", state.language, prompt=prompt, actions=("back",), heading=heading)
        rows = tuple(
            Row(one.id, f"{one.last_name} {one.first_name} {one.patronymic}".strip(), RowState.CHOICE,
                actions=("choose",))
            for one in self.same
        )  # fmt: skip
        prompt = Message.of("tb.namesakes")
        actions = ("back", "somebody_else")
        return View("staff_names", state.language, prompt=prompt, rows=rows, actions=actions, heading=heading)

    def typed(self, state: State, event: Event, text: str) -> Step:
        """A name: surname, given name, patronymic."""
        return self._add(state, event, text, somebody_else=False)

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """One of the namesakes, or somebody else of that name."""
        match action:
            case "choose" if any(one.id == argument for one in self.same):
                return turn_to(_left(state), event, self.book, argument)
            case "somebody_else" if self.same:
                return self._add(state, event, self.text, somebody_else=True)
        return self.leaving(state, event, action)

    def _add(self, state: State, event: Event, text: str, somebody_else: bool) -> Step:
        book = self.book
        assert book.school_class is not None
        state, patron_id = new_id(state)
        state, act_id = new_id(state)
        added = add_pupil(
            text,
            book.school_class,
            year_of(event),
            [one.patron for one in book.pupils],
            patron_id=patron_id,
            act_id=act_id,
            language=book.language,
            somebody_else=somebody_else,
        )
        match added:
            case NoName():
                return say(state, "err.no_name")
            case Namesakes(patrons=same):
                return turn(state, replace(self, text=text, same=same)), ()
            case PupilAdded(patron, act):
                return commit(state, event, (act,), (), after(_added, patron.id))


def _left(state: State) -> State:
    return replace(state, pages=state.pages[:-1], message=None)


def _added(state: State, event: Event, answer: Answer, patron_id: str) -> Step:
    assert isinstance(answer, Committed)
    page = state.page
    assert isinstance(page, AddPupilPage) and page.book.school_class is not None
    return ask(_left(state), event, OpenClass(page.book.school_class, year_of(event)), after(_opened, patron_id))


def _opened(state: State, event: Event, answer: Answer, patron_id: str) -> Step:
    assert isinstance(answer, ClassBooks)
    return turn_to(state, event, answer, patron_id)
