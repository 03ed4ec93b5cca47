"""Documents on paper as staff's pages have them made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.circulation.events import Answer, Deed, Event, StaffAnswer
from kiosk.circulation.model import SchoolClass
from kiosk.circulation.staff.state import State, Step, after, do, say


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
