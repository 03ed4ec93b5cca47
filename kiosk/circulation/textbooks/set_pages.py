"""Textbook sets on the screen: which there are, what one holds, a subject more or less, all of last year's at once.

What divides a class (groups), wanted editions and January's textbooks come from a file: `kiosk sets import`.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.circulation.acts import Act, Kind, SetChange
from kiosk.circulation.classes import class_label
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Committed, Event, Pressed
from kiosk.circulation.model import SchoolClass, SetLine, TextbookSet
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, pop, push, say, turn
from kiosk.circulation.textbooks.deciding import LANGUAGE_NAMES
from kiosk.circulation.textbooks.questions import ListSets, SetsFound
from kiosk.circulation.textbooks.sets import copied, place_key, with_line, without_line
from kiosk.circulation.textbooks.sitting import year_of
from kiosk.circulation.views import Message, Row, RowState, View


def open_sets(state: State, event: Event) -> Step:
    """The sets of the school year that textbooks are given for."""
    state = push(state, SetsPage(year_of(event)))
    return state.page.shown(state, event)


def _title(one: TextbookSet) -> str:
    """7 «А» · қазақша."""
    label = class_label(SchoolClass(one.grade, one.letter))
    return f"{label} · {LANGUAGE_NAMES.get(one.language, one.language)}"


def _id(one: TextbookSet) -> str:
    return f"{one.grade}-{one.language}-{one.letter}"


@dataclass(frozen=True, slots=True)
class SetsPage(Page):
    """The sets of a school year, those that are still to be made among them."""

    year: int
    sets: tuple[TextbookSet, ...] = ()

    def view(self, state: State, now: Moment) -> View:
        """A row for each grade and language."""
        rows = tuple(
            Row(
                _id(one),
                _title(one),
                RowState.CHOSEN if one.lines else RowState.CHOICE,
                actions=("open",),
                note=Message.of("tb.lines", n=len(one.lines)),
            )
            for one in self.sets
        )
        none = None if any(one.lines for one in self.sets) else Message.of("tb.no_sets")
        return View(
            "sets",
            state.language,
            state.message or none,
            rows=rows,
            actions=("back", "copy_sets"),
            heading=f"{self.year}–{self.year + 1}",
        )

    def shown(self, state: State, event: Event) -> Step:
        """As they are now."""
        return ask(state, event, ListSets(self.year), after(_listed))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """One of them, or all of last year's."""
        match action:
            case "open":
                chosen = next((one for one in self.sets if _id(one) == argument), None)
                return (push(state, SetPage(chosen)), ()) if chosen is not None else (state, ())
            case "copy_sets":
                return ask(state, event, ListSets(self.year - 1), after(_last_year))
        return self.leaving(state, event, action)


def _listed(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, SetsFound)
    made = {(one.grade, one.language) for one in answer.sets}
    empty = [TextbookSet(answer.year, *key) for key in answer.taught if key not in made]
    both = sorted((*answer.sets, *empty), key=lambda one: (one.grade, one.language, one.letter))
    return turn(state, SetsPage(answer.year, tuple(both))), ()


def _last_year(state: State, event: Event, answer: Answer) -> Step:
    page = state.page
    assert isinstance(answer, SetsFound) and isinstance(page, SetsPage)
    there = (one for one in page.sets if one.lines)
    found = copied((*answer.sets, *there), page.year - 1, page.year)
    if not found:
        return say(state, "tb.nothing_to_copy")
    acts = []
    for one in found:
        state, act_id = new_id(state)
        acts.append(Act(act_id, Kind.SET_CHANGED, changes=(SetChange(None, one),)))
    return commit(state, event, tuple(acts), (), after(_copied))


def _copied(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Committed)
    state, _ = say(state, "tb.sets_copied", n=len(answer.acts))
    return state.page.shown(state, event)


@dataclass(frozen=True, slots=True)
class SetPage(Page):
    """What a set holds."""

    textbooks: TextbookSet

    def view(self, state: State, now: Moment) -> View:
        """A row for each textbook."""
        rows = tuple(
            Row(str(at), f"{line.subject} {line.part}".strip(), RowState.CHOICE, actions=("remove",), note=_note(line))
            for at, line in enumerate(self.textbooks.lines)
        )
        return View(
            "set",
            state.language,
            rows=rows,
            actions=("back", "add_subject"),
            heading=f"{_title(self.textbooks)} · {self.textbooks.year}",
        )

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A subject more or less."""
        lines = self.textbooks.lines
        match action:
            case "remove" if argument.isdecimal() and int(argument) < len(lines):
                return _change(state, event, self.textbooks, without_line(self.textbooks, lines[int(argument)]))
            case "add_subject":
                query = ListSets(self.textbooks.year, self.textbooks)
                return ask(state, event, query, after(_subjects_found))
            case "add":
                subject, _, part = argument.partition("|")
                line = SetLine(subject, part)
                return _change(state, event, self.textbooks, with_line(self.textbooks, line))
        return self.leaving(state, event, action)


def _note(line: SetLine) -> Message | None:
    if line.edition is not None and line.group:
        return Message.of("tb.edition_group", year=line.edition, group=line.group)
    if line.edition is not None:
        return Message.of("tb.edition", year=line.edition)
    if line.group:
        return Message.of("tb.group", group=line.group)
    return Message.of("tb.next_term") if line.term == 2 else None


def _change(state: State, event: Event, before: TextbookSet, after_it: TextbookSet) -> Step:
    """Recorded as a set in place of another; one without a line is none."""
    change = SetChange(before if before.lines else None, after_it if after_it.lines else None)
    if change.before == change.after:
        return state, ()
    state, act_id = new_id(state)
    act = Act(act_id, Kind.SET_CHANGED, changes=(change,))
    return commit(state, event, (act,), (), after(_changed, after_it))


def _changed(state: State, event: Event, answer: Answer, textbooks: TextbookSet) -> Step:
    assert isinstance(answer, Committed)
    return turn(state, SetPage(textbooks)), ()


def _subjects_found(state: State, event: Event, answer: Answer) -> Step:
    page = state.page
    assert isinstance(answer, SetsFound) and isinstance(page, SetPage)
    there = {place_key(SetLine(line.subject, line.part)) for line in page.textbooks.lines}
    lacking = tuple(one for one in answer.subjects if place_key(SetLine(*one)) not in there)
    return push(state, SubjectPage(page.textbooks, lacking)), ()


@dataclass(frozen=True, slots=True)
class SubjectPage(Page):
    """The subjects of which there are textbooks for the grade, but for those that the set has."""

    textbooks: TextbookSet
    subjects: tuple[tuple[str, str], ...]

    def view(self, state: State, now: Moment) -> View:
        """A tile for each."""
        rows = tuple(
            Row(f"{subject}|{part}", f"{subject} {part}".strip(), RowState.CHOICE, actions=("choose",))
            for subject, part in self.subjects
        )
        return View(
            "staff_names",
            state.language,
            prompt=Message.of("tb.which_subject"),
            rows=rows,
            actions=("back",),
            heading=_title(self.textbooks),
        )

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """One of them is in the set from now on."""
        subject, _, part = argument.partition("|")
        if action != "choose" or (subject, part) not in self.subjects:
            return self.leaving(state, event, action)
        state, _ = pop(state, event)
        return state.page.pressed(state, Pressed(event.now, "add", argument), "add", argument)
