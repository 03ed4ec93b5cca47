"""Issuing textbooks: a class is chosen, and its picture shows who has what. From there pupils have their turns."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.circulation.classes import class_label, parse_class
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Event, Identified, Identify, Pressed, Scanned
from kiosk.circulation.identify import PatronCard, PhoneCard, Unsure, identify
from kiosk.circulation.model import Role
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.papers import Document, make_paper
from kiosk.circulation.staff.state import State, Step, after, ask, push, say, turn
from kiosk.circulation.textbooks.adding import AddPupilPage
from kiosk.circulation.textbooks.book import label, lacking_of, matrix_of, missing, next_pupil, progress_of
from kiosk.circulation.textbooks.pile import open_pile
from kiosk.circulation.textbooks.pupil import turn_to
from kiosk.circulation.textbooks.questions import ClassBooks, ListSchool, OpenClass, School
from kiosk.circulation.textbooks.sets import term_of
from kiosk.circulation.textbooks.sitting import year_of
from kiosk.circulation.views import Message, Row, RowState, View


def open_issue(state: State, event: Event) -> Step:
    """Which class?"""
    state = push(state, ClassesPage())
    return state.page.shown(state, event)


@dataclass(frozen=True, slots=True)
class ClassesPage(Page):
    """The classes of the school, each with how far it is."""

    school: School | None = None

    def view(self, state: State, now: Moment) -> View:
        """A tile for each class."""
        classes = self.school.classes if self.school is not None else ()
        rows = tuple(
            Row(
                class_label(one.school_class),
                class_label(one.school_class),
                RowState.CHOSEN if one.total and one.done == one.total else RowState.CHOICE,
                actions=("choose",),
                note=Message.of("tb.progress_short", done=one.done, total=one.total) if one.total else None,
            )
            for one in classes
        )
        prompt = Message.of("prompt.choose_class")
        return View("staff_classes", state.language, prompt=prompt, rows=rows, actions=("back",))

    def shown(self, state: State, event: Event) -> Step:
        """How far the classes are now."""
        return ask(state, event, ListSchool(year_of(event), term_of(event.now.day)), after(_school_found))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A class."""
        if action != "choose" or (school_class := parse_class(argument)) is None:
            return self.leaving(state, event, action)
        return ask(state, event, OpenClass(school_class, year_of(event)), after(_class_opened))

    def scanned(self, state: State, event: Scanned) -> Step:
        """A pupil's card opens the turn of that pupil, whatever the class."""
        return card_scanned(state, event, ClassBooks(year_of(event), None))


def _school_found(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, School)
    return turn(state, ClassesPage(answer)), ()


def _class_opened(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, ClassBooks)
    return push(state, ClassPage(answer)), ()


@dataclass(frozen=True, slots=True)
class ClassPage(Page):
    """The picture of a class. at: who had a turn last."""

    book: ClassBooks
    at: str = ""

    def view(self, state: State, now: Moment) -> View:
        """Pupils by subjects."""
        term, book = term_of(now.day), self.book
        sheet = ("class_sheet",) if state.role is Role.LIBRARIAN else ()
        lacking = ("missing",) if lacking_of(book, term) else ()
        return View(
            "tb_class",
            state.language,
            state.message or self._standing_message(term),
            actions=("back", *sheet, *lacking, "more", "next_pupil"),
            heading=label(book.school_class),
            progress=progress_of(book, term),
            matrix=matrix_of(book, term, self.at),
        )

    def _standing_message(self, term: int) -> Message | None:
        if self.book.textbooks is None:
            return Message.of("tb.no_set")
        if subjects := missing(self.book, term):
            return Message.of("tb.missing", subjects=subjects)
        return Message.of("tb.set_complete") if self.book.pupils else None

    def shown(self, state: State, event: Event) -> Step:
        """Who has what by now."""
        if self.book.school_class is None:
            return state, ()
        return ask(state, event, OpenClass(self.book.school_class, year_of(event)), after(_class_seen))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A name, the next pupil, the teacher, somebody who is in no list."""
        school_class = self.book.school_class
        match action:
            case "open" if self.book.pupil(argument) is not None:
                return _open(state, event, argument)
            case "next_pupil":
                following = next_pupil(self.book, self.at, term_of(event.now.day))
                if following is None:
                    done = Message("tb.class_done", (("class", label(school_class)),))
                    return replace(state, message=done), ()
                return _open(state, event, following)
            case "missing":
                return push(state, MissingPage(self.book)), ()
            case "more":
                return push(state, MorePage(state.role)), ()
            case "teacher_pile" if school_class is not None:
                return open_pile(state, event, school_class)
            case "class_sheet" if school_class is not None and state.role is Role.LIBRARIAN:
                return make_paper(state, event, Document.CLASS_SHEET, school_class)
            case "add_pupil" if school_class is not None and state.role is Role.LIBRARIAN:
                return push(state, AddPupilPage(self.book)), ()
        return self.leaving(state, event, action)

    def scanned(self, state: State, event: Scanned) -> Step:
        """A pupil's card."""
        return card_scanned(state, event, self.book)


def _class_seen(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, ClassBooks)
    at = state.page.at if isinstance(state.page, ClassPage) else ""
    return turn(state, ClassPage(answer, at)), ()


def _open(state: State, event: Event, patron_id: str) -> Step:
    page = state.page
    assert isinstance(page, ClassPage)
    return turn_to(turn(state, ClassPage(page.book, patron_id)), event, page.book, patron_id)


@dataclass(frozen=True, slots=True)
class MissingPage(Page):
    """Which textbooks a class lacks, and for how many pupils."""

    book: ClassBooks

    def view(self, state: State, now: Moment) -> View:
        """A row for each textbook, the most lacking first."""
        rows = tuple(
            Row(text, text, RowState.CHOICE, note=Message.of("tb.lines", n=count))
            for text, count in lacking_of(self.book, term_of(now.day))
        )
        return View("set", state.language, rows=rows, actions=("back",), heading=label(self.book.school_class))


@dataclass(frozen=True, slots=True)
class MorePage(Page):
    """What is done with a class less often."""

    role: Role

    def view(self, state: State, now: Moment) -> View:
        """Tiles."""
        notes = {"teacher_pile": Message.of("action.teacher_pile"), "add_pupil": Message.of("action.add_pupil")}
        if self.role is not Role.LIBRARIAN:
            del notes["add_pupil"]
        rows = tuple(Row(one, "", RowState.CHOICE, actions=("choose",), note=note) for one, note in notes.items())
        return View("staff_reason", state.language, rows=rows, actions=("back",))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """One of them, for the class below."""
        if action != "choose" or argument not in ("teacher_pile", "add_pupil"):
            return self.leaving(state, event, action)
        state = replace(state, pages=state.pages[:-1], message=None)
        return state.page.pressed(state, Pressed(event.now, argument), argument, "")


def card_scanned(state: State, event: Scanned, book: ClassBooks) -> Step:
    """The turn of the pupil whose card it is."""
    match identify(event.scan.payload, state.codes, event.scan.wants, event.scan.symbology):
        case PatronCard(code) | PhoneCard(code) | Unsure(code):
            return ask(state, event, Identify(code, "card"), after(_card_found, book))
    return say(state, "prompt.scan_or_choose")


def _card_found(state: State, event: Event, answer: Answer, book: ClassBooks) -> Step:
    assert isinstance(answer, Identified)
    if answer.card is None:
        return say(state, "err.card_lost" if answer.card_lost else "prompt.scan_or_choose")
    if isinstance(state.page, ClassPage) and book.pupil(answer.card.patron.id) is not None:
        return _open(state, event, answer.card.patron.id)
    return turn_to(state, event, book, answer.card.patron.id)
