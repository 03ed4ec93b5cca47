"""Textbooks are collected: a pupil hands in a pile, each copy is returned by its scan, one touch says how it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.circulation.classes import class_label
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Event, Scanned
from kiosk.circulation.model import LoanLine, SchoolClass
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, ask, push, turn
from kiosk.circulation.textbooks import looking, settle
from kiosk.circulation.textbooks.at_desk import DeskPage, may_settle, next_pupil, to_pupil, undo
from kiosk.circulation.textbooks.collect_questions import (
    ClassesOut,
    ClassesToCollect,
    PupilOut,
    PupilsOut,
    WhoHasTextbooks,
)
from kiosk.circulation.textbooks.handing import look_for, look_up, swap, tick
from kiosk.circulation.textbooks.handled import row_of, text_of
from kiosk.circulation.textbooks.pupil import turn_to
from kiosk.circulation.textbooks.questions import ClassBooks
from kiosk.circulation.textbooks.sitting import year_of
from kiosk.circulation.views import Message, Row, RowState, View

MAX_NUMBER = 64


@dataclass(frozen=True, slots=True)
class CollectPage(DeskPage):
    """A pupil's textbooks come back."""

    def view(self, state: State, now: Moment) -> View:
        """All copies as tiles; or the newest, or a touched one, with what can be said of it."""
        one = self.desk.find(self.at)
        if one is None:
            return self.overview(state, now)
        return View(
            "collect_condition",
            state.language,
            rows=looking.choices(state, one),
            actions=("back", *self.common(state)),
            patron=self.desk.face(),
            progress=self.desk.progress(),
            heading=f"{self.desk.record.patron.public_name} · {text_of(one.title)}",
        )

    def overview(self, state: State, now: Moment) -> View:
        """All copies."""
        return View(
            "collect_pupil",
            state.language,
            prompt=Message.of("prompt.scan_book"),
            rows=tuple(row_of(one) for one in self.desk.handled[-1:]),
            actions=("back", *(("relabel",) if may_settle(state) and self.desk.out else ()), *self.common(state)),
            patron=self.desk.face(),
            cells=self.desk.cells(may_settle(state)),
            progress=self.desk.progress(),
        )

    def common(self, state: State) -> tuple[str, ...]:
        """What can be done wherever one is."""
        undo_last = ("undo_last",) if self.desk.done else ()
        swapping = ("swap",) if self.offer is not None else ()
        return (*undo_last, *swapping, *(() if self.desk.out else ("issue_next",)), "next_pupil")

    def scanned(self, state: State, event: Scanned) -> Step:
        """A copy is handed in; a card is the next pupil's."""
        return look_for(state, event, type(self), self.desk.record.patron.id)

    def typed(self, state: State, event: Event, text: str) -> Step:
        """The number of a copy whose label cannot be read."""
        code = " ".join(text.split())[:MAX_NUMBER]
        patron_id = self.desk.record.patron.id
        return look_up(state, event, code, "item", type(self), patron_id) if code else (state, ())

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """Something about one copy, or on to the next pupil."""
        desk, one = self.desk, self.desk.find(argument or self.at)
        match action:
            case "back" if self.at:
                return turn(state, replace(self, at="")), ()
            case "replace" if may_settle(state) and (debt := self.debt(argument)) is not None:
                return settle.replacing(state, event, debt)
            case "hand_in" if isinstance(one, LoanLine) and one.item is None:
                return tick(state, event, one)
            case "open" if one is not None:
                return turn(state, replace(self, at=argument)), ()
            case "choose" if (chosen := desk.find(self.at)) is not None:
                return looking.choose(state, event, chosen, argument)
            case "relabel" if may_settle(state):
                return settle.relabel(state, self)
            case "undo_last" if desk.done:
                return undo(state, event, desk.done[-1])
            case "swap" if self.offer is not None:
                return swap(state, event, self.offer)
            case "issue_next":
                return turn_to(state, event, ClassBooks(year_of(event), None), desk.record.patron.id)
            case "next_pupil":
                return next_pupil(state, event)
        return self.leaving(state, event, action)


# Classes and pupils to choose from.


@dataclass(frozen=True, slots=True)
class CollectClassesPage(Page):
    """The classes, and how many textbooks each of them has."""

    classes: tuple[tuple[SchoolClass, int], ...] = ()

    def view(self, state: State, now: Moment) -> View:
        """A row for each class."""
        rows = tuple(
            Row(
                class_label(one),
                class_label(one),
                RowState.CHOICE,
                actions=("choose",),
                note=Message.of("tb.out", n=out) if out else None,
            )
            for one, out in self.classes
        )
        return View("staff_classes", state.language, prompt=Message.of("tb.collect"), rows=rows, actions=("back",))

    def shown(self, state: State, event: Event) -> Step:
        """As many as now."""
        return ask(state, event, ClassesToCollect(), after(_classes_known))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A class."""
        chosen = next((one for one, _ in self.classes if class_label(one) == argument), None)
        if action == "choose" and chosen is not None:
            state = push(state, CollectNamesPage(chosen))
            return state.page.shown(state, event)
        return self.leaving(state, event, action)

    def scanned(self, state: State, event: Scanned) -> Step:
        """A card, or a copy of whoever's."""
        return look_for(state, event, CollectPage)


def _classes_known(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, ClassesOut) and isinstance(state.page, CollectClassesPage)
    return turn(state, replace(state.page, classes=answer.classes)), ()


@dataclass(frozen=True, slots=True)
class CollectNamesPage(Page):
    """The pupils of a class, and how many textbooks each of them has. school_class None: those who left."""

    school_class: SchoolClass | None
    page: type[DeskPage] = CollectPage
    pupils: tuple[PupilOut, ...] = ()

    def view(self, state: State, now: Moment) -> View:
        """A row for each pupil."""
        back = sum(1 for one in self.pupils if not one.out)
        return View(
            "staff_names",
            state.language,
            prompt=Message.of("tb.collect" if self.school_class is not None else "tb.leaver"),
            rows=tuple(name_row(one, lambda pupil: Message.of("tb.not_returned", n=pupil.out)) for one in self.pupils),
            actions=("back",),
            heading=class_label(self.school_class) if self.school_class is not None else "",
            progress=(back, len(self.pupils)),
        )

    def shown(self, state: State, event: Event) -> Step:
        """As many as now."""
        return ask(state, event, WhoHasTextbooks(self.school_class), after(_names_known))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A pupil."""
        if action == "choose" and any(one.patron.id == argument for one in self.pupils):
            return to_pupil(state, event, argument, self.page)
        return self.leaving(state, event, action)

    def scanned(self, state: State, event: Scanned) -> Step:
        """A card, or a copy of whoever's."""
        return look_for(state, event, self.page)


def name_row(one: PupilOut, note: Callable[[PupilOut], Message]) -> Row:
    """A pupil to choose; what is told of one who has something."""
    patron = one.patron
    name = f"{patron.first_name} {patron.last_name}".strip()
    return Row(patron.id, name, RowState.CHOICE, actions=("choose",), note=note(one) if one.out else None)


def _names_known(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, PupilsOut)
    page = state.page
    assert isinstance(page, CollectNamesPage)
    return turn(state, replace(page, pupils=answer.pupils)), ()


def open_collecting(state: State, event: Event) -> Step:
    """Begin with the classes."""
    state = push(state, CollectClassesPage())
    return state.page.shown(state, event)
