"""The care check (raid): a score for each pupil's textbooks, by a card or a name and one touch. No loan is touched."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.circulation.acts import Act, Kind, MarkChange
from kiosk.circulation.calendar import school_year
from kiosk.circulation.classes import class_label
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Committed, Event, Scanned
from kiosk.circulation.identify import PatronCard, PhoneCard, identify
from kiosk.circulation.model import Mark, Patron, Role, SchoolClass
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, pop, push, say, turn
from kiosk.circulation.textbooks.collect_questions import (
    CareOfClass,
    CareOfPupils,
    CareTotalled,
    CareTotals,
    ClassCare,
    FindHandedIn,
    HandedInFound,
    PupilHas,
    PupilToCollect,
)
from kiosk.circulation.views import Cell, CellState, Figure, Message, PatronFace, Row, RowState, View

SCORES = ("1", "2", "3", "4", "5")


def care_of(now: Moment) -> tuple[int, str]:
    """The school year and the matter of the marks of this month's check."""
    return school_year(now.day), f"care:{now.day:%Y-%m}"


def average(one: ClassCare) -> str:
    """The average score of a class with one digit, cut as the field's own reports are; "–" of none."""
    return f"{one.total * 10 // one.looked_at / 10:.1f}" if one.looked_at else "–"


@dataclass(frozen=True, slots=True)
class CareTotalsPage(Page):
    """How the classes did, the tidiest first; from here on to a class. Whoever sees totals only is shown no name."""

    classes: tuple[ClassCare, ...] = ()
    tidiest: tuple[Patron, ...] = ()

    def view(self, state: State, now: Moment) -> View:
        """A row for each class."""
        looked_at = sum(one.looked_at for one in self.classes)
        pupils = sum(one.pupils for one in self.classes)
        may = _sees_names(state)
        classes = self.classes if may else sorted(self.classes, key=_tidiness)
        best = min(self.classes, key=_tidiness, default=None)
        message = (
            Message("care.tidiest_class", (("class", class_label(best.school_class)), ("average", average(best))))
            if best is not None and best.looked_at
            else None
        )
        return View(
            "staff_classes",
            state.language,
            message=message if state.message is None else None,
            prompt=Message.of("tb.raid"),
            rows=tuple(self._row(one, may) for one in classes),
            actions=("back", *(("best",) if may and self.tidiest else ())),
            figures=(Figure("care.looked_at", looked_at),),
            progress=(looked_at, pupils),
        )

    def _row(self, one: ClassCare, may: bool) -> Row:
        label = class_label(one.school_class)
        note = Message.of("care.average", average=average(one)) if one.looked_at else None
        return Row(label, label, RowState.CHOICE, actions=("choose",) if may else (), note=note)

    def shown(self, state: State, event: Event) -> Step:
        """As they are now."""
        return ask(state, event, CareTotals(*care_of(event.now)), after(_totalled))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A class, or the tidiest pupils."""
        if not _sees_names(state):
            return self.leaving(state, event, action)
        chosen = next((o.school_class for o in self.classes if class_label(o.school_class) == argument), None)
        if action == "choose" and chosen is not None:
            state = push(state, CareClassPage(chosen))
            return state.page.shown(state, event)
        if action == "best":
            return push(state, TidiestPage(self.tidiest)), ()
        return self.leaving(state, event, action)

    def scanned(self, state: State, event: Scanned) -> Step:
        """The card of a pupil."""
        return _by_card(state, event) if _sees_names(state) else say(state, "staff.no_scan_here")


def _tidiness(one: ClassCare) -> tuple[bool, float]:
    return not one.looked_at, -one.total / max(one.looked_at, 1)


def _sees_names(state: State) -> bool:
    return state.role is Role.LIBRARIAN


def _totalled(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, CareTotalled)
    return turn(state, CareTotalsPage(answer.classes, answer.best)), ()


@dataclass(frozen=True, slots=True)
class TidiestPage(Page):
    """The tidiest pupils of the month."""

    pupils: tuple[Patron, ...]

    def view(self, state: State, now: Moment) -> View:
        """Their names."""
        return View(
            "staff_names",
            state.language,
            prompt=Message.of("tb.raid_best"),
            rows=tuple(Row(one.id, _name(one), RowState.CHOICE) for one in self.pupils),
            actions=("back",),
        )


def _name(patron: Patron) -> str:
    label = class_label(patron.school_class) if patron.school_class is not None else ""
    return f"{patron.first_name} {patron.last_name} {label}".strip()


@dataclass(frozen=True, slots=True)
class CareClassPage(Page):
    """The pupils of a class with their scores."""

    school_class: SchoolClass
    pupils: tuple[tuple[Patron, int | None], ...] = ()

    def view(self, state: State, now: Moment) -> View:
        """A row for each pupil."""
        rows = tuple(
            Row(
                patron.id,
                f"{patron.first_name} {patron.last_name}".strip(),
                RowState.CHOICE,
                actions=("choose",),
                note=Message.of("care.score", n=score) if score is not None else None,
            )
            for patron, score in self.pupils
        )
        return View(
            "staff_names",
            state.language,
            prompt=Message.of("tb.raid"),
            rows=rows,
            actions=("back",),
            heading=class_label(self.school_class),
            progress=(sum(score is not None for _, score in self.pupils), len(self.pupils)),
        )

    def shown(self, state: State, event: Event) -> Step:
        """As they are now."""
        return ask(state, event, CareOfClass(self.school_class, *care_of(event.now)), after(_class_known))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A pupil."""
        if action == "choose" and any(patron.id == argument for patron, _ in self.pupils):
            return ask(state, event, PupilToCollect(argument), after(_pupil_known))
        return self.leaving(state, event, action)

    def scanned(self, state: State, event: Scanned) -> Step:
        """The card of a pupil."""
        return _by_card(state, event)


def _class_known(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, CareOfPupils) and isinstance(state.page, CareClassPage)
    return turn(state, replace(state.page, pupils=answer.pupils)), ()


@dataclass(frozen=True, slots=True)
class CarePage(Page):
    """A pupil's score, and another one by a touch. out: how many textbooks the pupil has."""

    patron: Patron
    out: int
    marks: tuple[Mark, ...]

    def view(self, state: State, now: Moment) -> View:
        """Five tiles."""
        mark = self.mark(now)
        value = mark.value if mark is not None else ""
        return View(
            "care_pupil",
            state.language,
            prompt=Message.of("care.how"),
            actions=("back",),
            patron=PatronFace(self.patron.id, self.patron.public_name, self.patron.school_class, self.out),
            cells=tuple(
                Cell(one, one, CellState.GIVEN if one == value else CellState.LACKING, actions=("choose",))
                for one in SCORES
            ),
        )

    def mark(self, now: Moment) -> Mark | None:
        """The score there is."""
        of = care_of(now)
        return next((mark for mark in self.marks if (mark.year, mark.what) == of), None)

    def shown(self, state: State, event: Event) -> Step:
        """As it is now."""
        return ask(state, event, PupilToCollect(self.patron.id), after(_pupil_known))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A score."""
        if action == "choose" and argument in SCORES:
            return ask(state, event, PupilToCollect(self.patron.id), after(_score, argument))
        return self.leaving(state, event, action)

    def scanned(self, state: State, event: Scanned) -> Step:
        """The card of the next pupil."""
        return _by_card(state, event)


def _score(state: State, event: Event, answer: Answer, score: str) -> Step:
    """It stands at once, in place of one of this month."""
    assert isinstance(answer, PupilHas) and isinstance(state.page, CarePage)
    page = replace(state.page, marks=answer.marks)
    before = page.mark(event.now)
    year, what = care_of(event.now)
    made = Mark(page.patron.id, year, what, score)
    if before == made:
        return pop(state, event)
    state, act_id = new_id(state)
    act = Act(act_id, Kind.MARKED, page.patron.id, changes=(MarkChange(before, made),))
    return commit(state, event, (act,), (), after(_scored, int(score)))


def _scored(state: State, event: Event, answer: Answer, score: int) -> Step:
    """Back to the list, for the next one."""
    assert isinstance(answer, Committed) and isinstance(state.page, CarePage)
    name = state.page.patron.public_name
    state, effects = pop(state, event)
    return replace(state, message=Message.of("care.recorded", name=name, n=score)), effects


def _by_card(state: State, event: Scanned) -> Step:
    match identify(event.scan.payload, state.codes, "card", event.scan.symbology):
        case PatronCard(code) | PhoneCard(code):
            return ask(state, event, FindHandedIn(code, "card"), after(_card_known))
    return say(state, "staff.no_scan_here")


def _card_known(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, HandedInFound)
    if answer.card is None:
        return say(state, "err.card_unknown")
    return ask(state, event, PupilToCollect(answer.card.patron.id), after(_pupil_known))


def _pupil_known(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, PupilHas)
    if answer.record is None:
        return say(state, "err.card_unknown")
    page = CarePage(answer.record.patron, len(answer.record.loans), answer.marks)
    return (turn(state, page) if isinstance(state.page, CarePage) else push(state, page)), ()


def open_care(state: State, event: Event) -> Step:
    """Begin with the classes."""
    state = push(state, CareTotalsPage())
    return state.page.shown(state, event)
