"""Documents on paper as staff's pages have them made, and the pages on which one is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.circulation.classes import class_label
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Classes, Deed, Event, ListClasses, StaffAnswer
from kiosk.circulation.model import Role, SchoolClass
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, ask, do, push, say
from kiosk.circulation.views import Message, Row, RowState, View


class Document(StrEnum):
    """What can be made. Of a class, or of all: CLASS_SHEET, DEBTORS, CARDS; of one pupil, else of a class, else of all
    who have left with books: CLEARANCE; of the school: COVERAGE, STOCK; ROLL: blank labels."""

    CLASS_SHEET = "class_sheet"
    COVERAGE = "coverage"
    STOCK = "stock"
    DEBTORS = "debtors"
    CLEARANCE = "clearance"
    CARDS = "cards"
    ROLL = "roll"


@dataclass(frozen=True, slots=True)
class MakePaper(Deed):
    """Make a document, and print it if there is a printer. staff: who wants it. everything: also loans that are in
    time (DEBTORS), cards also for those who have none (CARDS). count: of labels; 0: a full sheet (ROLL)."""

    document: Document
    language: str
    staff: str
    school_class: SchoolClass | None = None
    patron_id: str | None = None
    everything: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class PaperMade(StaffAnswer):
    """The answer. name: of the file in the folder of the settings; "": it could not be made, or there is nothing to
    print (empty). printed: the printer has taken it; unprinted: there is one, but it has not."""

    name: str = ""
    printed: bool = False
    unprinted: bool = False
    empty: bool = False


def make_paper(
    state: State,
    event: Event,
    document: Document,
    school_class: SchoolClass | None = None,
    patron_id: str | None = None,
    everything: bool = False,
) -> Step:
    """Have a document made for whoever is signed in, in their language, and say what came of it."""
    deed = MakePaper(document, state.language, state.staff, school_class, patron_id, everything)
    return do(state, event, deed, after(_made))


def _made(state: State, event: Event, answer: Answer) -> Step:
    match answer:
        case PaperMade(empty=True):
            return say(state, "err.paper_empty")
        case PaperMade(name=name, printed=True):
            return say(state, "ok.paper_printed", name=name)
        case PaperMade(name=name, unprinted=True) if name:
            return say(state, "err.paper_unprinted", name=name)
        case PaperMade(name=name) if name:
            return say(state, "ok.paper_made", name=name)
    return say(state, "err.paper")


OF_A_CLASS = (Document.CLASS_SHEET, Document.DEBTORS, Document.CARDS, Document.CLEARANCE)
"""A class is chosen for these."""
OF_ALL = (Document.CLASS_SHEET, Document.DEBTORS, Document.CLEARANCE)
"""Of these, also one of all classes, or of all who have left."""
ALL = "all"

OFFERS: Mapping[Role, tuple[Document, ...]] = {
    Role.LIBRARIAN: tuple(Document),
    Role.HEAD: (Document.COVERAGE, Document.STOCK),
}
"""What a role may have printed: a head gets totals without names."""


def open_papers(state: State, event: Event) -> Step:
    """What can be printed."""
    return push(state, PapersPage()), ()


@dataclass(frozen=True, slots=True)
class PapersPage(Page):
    """The documents."""

    def view(self, state: State, now: Moment) -> View:
        """A tile for each."""
        rows = tuple(
            Row(one, "", RowState.CHOICE, note=Message.of(f"paper.{one}"), actions=("choose",))
            for one in OFFERS.get(state.role, ())
        )
        prompt = Message.of("prompt.choose_paper")
        return View("papers", state.language, state.message, prompt=prompt, rows=rows, actions=("back",))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """One of them: made at once, or for a class that is asked for."""
        offered = OFFERS.get(state.role, ())
        if action != "choose" or argument not in offered:
            return self.leaving(state, event, action)
        document = Document(argument)
        if document in OF_A_CLASS:
            return ask(state, event, ListClasses(), after(_classes, document))
        return make_paper(state, event, document)


def _classes(state: State, event: Event, answer: Answer, document: Document) -> Step:
    assert isinstance(answer, Classes)
    return push(state, PaperClassPage(document, answer.classes)), ()


@dataclass(frozen=True, slots=True)
class PaperClassPage(Page):
    """For which class a document is made."""

    document: Document
    classes: tuple[SchoolClass, ...]

    def view(self, state: State, now: Moment) -> View:
        """A tile for each class, and one for all of them."""
        whole = Message.of("paper.all_gone" if self.document is Document.CLEARANCE else "paper.all_classes")
        rows = [Row(ALL, "", RowState.CHOICE, note=whole, actions=("choose",))] if self.document in OF_ALL else []
        for at, one in enumerate(self.classes):
            rows.append(Row(str(at), class_label(one), RowState.CHOICE, actions=("choose",)))
        prompt = Message.of(f"paper.{self.document}")
        return View("staff_classes", state.language, state.message, prompt=prompt, rows=tuple(rows), actions=("back",))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """One of the classes, or all."""
        if action == "choose" and argument == ALL and self.document in OF_ALL:
            return make_paper(state, event, self.document)
        if action == "choose" and argument.isdecimal() and int(argument) < len(self.classes):
            of = self.classes[int(argument)]
            return make_paper(state, event, self.document, of, everything=self.document is Document.CARDS)
        return self.leaving(state, event, action)
