"""The teacher takes the class's pile: each copy that is scanned goes to the next pupil who lacks it, and the rest by
count in one go. Each pupil for whom the teacher took something is noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from kiosk.circulation.acts import Act, Kind, MarkChange, Relied
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Committed, Event, Scanned
from kiosk.circulation.ledger import with_act
from kiosk.circulation.model import Item, Mark, PatronRecord, SchoolClass, Title, TitleRecord
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, push, say
from kiosk.circulation.textbooks import moving, scanning
from kiosk.circulation.textbooks.asides import aside_view, give_anyway, settle
from kiosk.circulation.textbooks.book import label, matrix_of, missing, progress_of, standing_of
from kiosk.circulation.textbooks.deciding import Give, Giving, decide_counted
from kiosk.circulation.textbooks.questions import TEACHER, OpenPile, Pile, PupilBooks
from kiosk.circulation.textbooks.sets import Place, answers, is_wanted_edition, place_of, term_of
from kiosk.circulation.textbooks.sitting import Sitting, SittingPage, giving_of, recorded, with_sitting, year_of
from kiosk.circulation.views import Message, View


def open_pile(state: State, event: Event, school_class: SchoolClass) -> Step:
    """Begin with what the class lacks now."""
    return ask(state, event, OpenPile(school_class, year_of(event)), after(_opened))


def _opened(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Pile)
    if answer.book.textbooks is None or not answer.book.pupils:
        return say(state, "tb.no_set")
    return push(state, PilePage(Sitting(answer.book, answer.book.pupils[0].patron.id))), ()


@dataclass(frozen=True, slots=True)
class PilePage(SittingPage):
    """The turn of the teacher."""

    def view(self, state: State, now: Moment) -> View:
        """The picture of the class fills up."""
        sitting, book, term = self.sitting, self.sitting.book, term_of(now.day)
        progress = progress_of(book, term)
        if sitting.asides:
            return aside_view(state, sitting, (), View("tb_aside", state.language, progress=progress))
        lacking = missing(book, term)
        message = Message.of("tb.missing", subjects=lacking) if lacking else Message.of("tb.set_complete")
        return View(
            "tb_class",
            state.language,
            state.message or message,
            Message.of("tb.label_waits") if sitting.label else Message.of("tb.teacher_scans"),
            actions=("back", *(("undo_last",) if sitting.given else ()), "give_rest"),
            heading=label(book.school_class),
            progress=progress,
            matrix=matrix_of(book, term, sitting.at if sitting.given else ""),
        )

    def scanned(self, state: State, event: Scanned) -> Step:
        """A copy, a title or a blank label."""
        return scanning.scan(state, event)

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """The rest by count, or what is to become of a thing that lies aside."""
        act = _ACTIONS.get(action)
        return act(state, event, argument) if act is not None else self.leaving(state, event, action)

    def receiver(self, title: Title, now: date) -> str | None:
        """The first in the list who lacks it."""
        book, term = self.sitting.book, term_of(now)
        if book.textbooks is None:
            return None
        for pupil in book.pupils:
            lacking = standing_of(book, pupil).lacking(term)
            if place_of(title, lacking, book.textbooks) is not None:
                return pupil.patron.id
        return None

    def given(self, state: State, event: Event, record: PatronRecord) -> tuple[State, tuple[Act, ...]]:
        """The teacher took it; whether the pupil is here does not matter."""
        pupil = self.sitting.book.pupil(record.patron.id)
        return _noted(state, event, pupil) if pupil is not None else (state, ())


def _noted(state: State, event: Event, pupil: PupilBooks) -> tuple[State, tuple[Act, ...]]:
    if pupil.mark(TEACHER) is not None:
        return state, ()
    state, act_id = new_id(state)
    mark = Mark(pupil.patron.id, year_of(event), TEACHER, event.now.day.isoformat())
    return state, (Act(act_id, Kind.MARKED, pupil.patron.id, changes=(MarkChange(None, mark),)),)


def _rest(state: State, event: Event, argument: str) -> Step:
    """Everything that is lacking and held by count."""
    page = state.page
    assert isinstance(page, PilePage) and page.sitting.book.school_class is not None
    query = OpenPile(page.sitting.book.school_class, year_of(event))
    return ask(state, event, query, after(_give_rest))


def _give_rest(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Pile)
    state = with_sitting(state, Sitting(answer.book, answer.book.pupils[0].patron.id))
    giving, left = giving_of(state, event), {one.title.id: one for one in answer.titles}
    acts: list[Act] = []
    relied: dict[Relied, None] = {}
    titles: dict[str, tuple[Title, Item | None]] = {}
    for pupil, record in zip(answer.book.pupils, answer.records, strict=True):
        before = len(acts)
        for place in standing_of(answer.book, pupil).lacking(giving.term):
            title = _in_stock(giving, place, left)
            if title is None:
                continue
            state, act_id = new_id(state)
            decision = decide_counted(giving, record, title, act_id)
            if isinstance(decision, Give):
                acts += decision.acts
                record = with_act(record, decision.acts[-1], title.title, None)
                titles[act_id] = (title.title, None)
                left[title.title.id] = replace(title, held_in=title.held_in - 1)
                relied[Relied("titles", title.title.id, title.title.version)] = None
        if len(acts) > before:
            state, noted = _noted(state, event, pupil)
            acts += noted
            relied[Relied("patrons", record.patron.id, record.patron.version)] = None
    if not acts:
        return say(state, "err.none_by_count")
    return commit(state, event, tuple(acts), tuple(relied), after(_rest_given, titles))


def _in_stock(giving: Giving, place: Place, left: Mapping[str, TitleRecord]) -> TitleRecord | None:
    """A title that fills the place and of which a copy by count is in; of the wanted edition, if there is one."""
    textbooks = giving.textbooks
    assert textbooks is not None
    fitting = [
        one
        for one in left.values()
        if one.held_in > 0 and any(answers(one.title, line, textbooks) for line in place.lines)
    ]
    return max(fitting, key=lambda one: is_wanted_edition(one.title, place, textbooks), default=None)


def _rest_given(state: State, event: Event, answer: Answer, titles: Mapping[str, tuple[Title, Item | None]]) -> Step:
    assert isinstance(answer, Committed)
    page = state.page
    assert isinstance(page, PilePage)
    state = with_sitting(state, recorded(page.sitting, answer.acts, titles))
    return say(state, "tb.pile_given", n=len(titles))


_ACTIONS: Mapping[str, Callable[[State, Event, str], Step]] = {
    "give_rest": _rest,
    "ok": settle,
    "give_anyway": give_anyway,
    "undo_last": lambda state, event, argument: moving.undo_last(state, event),
}
