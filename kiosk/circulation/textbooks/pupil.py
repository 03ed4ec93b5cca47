"""A pupil's turn: the pile is scanned, the tiles show what is still lacking, and what does not fit lies aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kiosk.circulation.acts import Act, Kind, MarkChange
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Committed, Event, Pressed, Scanned
from kiosk.circulation.model import ItemRecord, Mark, PatronRecord, TitleRecord
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, pop, push, say, turn
from kiosk.circulation.textbooks import moving, scanning
from kiosk.circulation.textbooks.asides import aside_view, give_anyway, settle
from kiosk.circulation.textbooks.book import (
    cells_of,
    face_of,
    label,
    next_pupil,
    standing_of,
)
from kiosk.circulation.textbooks.questions import ABSENT, SLIP, ClassBooks, OpenClassOf
from kiosk.circulation.textbooks.sets import term_of
from kiosk.circulation.textbooks.sitting import (
    Sitting,
    SittingPage,
    forget_titles,
    recorded,
    sitting_of,
    with_sitting,
    year_of,
)
from kiosk.circulation.views import Message, Row, RowState, View

SLIPS = ("received", "missing", "damaged")
"""What a parent's slip may say: all came, something is missing, something is damaged."""


@dataclass(frozen=True, slots=True)
class PupilPage(SittingPage):
    """The turn of one pupil of a class."""

    def view(self, state: State, now: Moment) -> View:
        """The tiles; or what lies aside, for as long as something does."""
        sitting, term = self.sitting, term_of(now.day)
        cells = cells_of(sitting.book, sitting.pupil, term)
        face, progress = face_of(sitting.book, sitting.pupil), standing_of(sitting.book, sitting.pupil).done(term)
        if sitting.asides:
            return aside_view(state, sitting, cells, View("tb_aside", state.language, patron=face, progress=progress))
        rows = tuple(
            Row(_row_id(one.record), one.title.title, RowState.BORROWED, one.title) for one in reversed(sitting.given)
        )
        actions = ("undo_last", "wrong_pupil") if sitting.given else ("absent", "slip")
        message = state.message or self._standing_message(term)
        prompt = Message.of("tb.label_waits") if sitting.label else Message.of("prompt.scan_book")
        return View(
            "tb_pupil",
            state.language,
            message,
            prompt if sitting.label or not rows else None,
            rows,
            ("back", *actions, "next_pupil"),
            face,
            cells=cells,
            progress=progress,
        )

    def _standing_message(self, term: int) -> Message | None:
        pupil = self.sitting.pupil
        now = standing_of(self.sitting.book, pupil)
        if self.sitting.book.textbooks is None:
            return Message.of("tb.no_set")
        if now.places and not now.lacking(term):
            return Message.of("tb.set_complete")
        return Message.of("tb.absent") if pupil.mark(ABSENT) is not None else None

    def scanned(self, state: State, event: Scanned) -> Step:
        """A copy, a title, a blank label or a card."""
        return scanning.scan(state, event)

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A tile, what is to become of a thing that lies aside, another pupil."""
        act = _ACTIONS.get(action)
        return act(state, event, argument) if act is not None else self.leaving(state, event, action)

    def card_read(self, state: State, event: Event, record: PatronRecord) -> Step:
        """Another pupil's turn begins, once nothing lies aside any more."""
        if record.patron.id == self.sitting.at:
            return state, ()
        if self.sitting.asides:
            return with_sitting(state, replace(self.sitting, urged=True)), ()
        return turn_to(state, event, self.sitting.book, record.patron.id)


def _row_id(record: ItemRecord | TitleRecord) -> str:
    return record.item.id if isinstance(record, ItemRecord) else record.title.id


def turn_to(state: State, event: Event, book: ClassBooks, patron_id: str) -> Step:
    """Begin a pupil's turn; one of another class brings that class along."""
    if book.pupil(patron_id) is None:
        return ask(state, event, OpenClassOf(patron_id, year_of(event)), after(_class_found, patron_id))
    return _begin(state, book, patron_id), ()


def _class_found(state: State, event: Event, answer: Answer, patron_id: str) -> Step:
    assert isinstance(answer, ClassBooks)
    if answer.pupil(patron_id) is None:
        return say(state, "err.in_no_class")
    return _begin(state, answer, patron_id), ()


def _begin(state: State, book: ClassBooks, patron_id: str) -> State:
    page = PupilPage(Sitting(book, patron_id))
    state = replace(state, recent=forget_titles(state.recent), message=None)
    return turn(state, page) if isinstance(state.page, PupilPage) else push(state, page)


def _next(state: State, event: Event, argument: str) -> Step:
    """The next pupil who lacks something; the class, once nobody does."""
    sitting = sitting_of(state)
    if sitting.asides:
        return with_sitting(state, replace(sitting, urged=True)), ()
    following = next_pupil(sitting.book, sitting.at, term_of(event.now.day))
    if following is not None:
        return turn_to(state, event, sitting.book, following)
    return pop(state, event)


def _absent(state: State, event: Event, argument: str) -> Step:
    """Noted, or taken back; after noting it the next pupil's turn begins."""
    pupil = sitting_of(state).pupil
    before = pupil.mark(ABSENT)
    mark = Mark(pupil.patron.id, year_of(event), ABSENT, event.now.day.isoformat()) if before is None else None
    return _mark(state, event, before, mark)


def _mark(state: State, event: Event, before: Mark | None, mark: Mark | None) -> Step:
    if before == mark:
        return state, ()
    state, act_id = new_id(state)
    act = Act(act_id, Kind.MARKED, sitting_of(state).at, changes=(MarkChange(before, mark),))
    return commit(state, event, (act,), (), after(_marked, mark))


def _marked(state: State, event: Event, answer: Answer, mark: Mark | None) -> Step:
    assert isinstance(answer, Committed)
    state = with_sitting(state, recorded(sitting_of(state), answer.acts))
    if mark is not None and mark.what == ABSENT:
        return _next(state, event, "")
    return say(state, "tb.receipt_confirmed") if mark is not None else (state, ())


def _slip(state: State, event: Event, argument: str) -> Step:
    """A parent's slip came back: what does it say?"""
    if argument not in SLIPS:
        return push(state, SlipPage()), ()
    pupil = sitting_of(state).pupil
    return _mark(state, event, pupil.mark(SLIP), Mark(pupil.patron.id, year_of(event), SLIP, argument))


def _wrong_pupil(state: State, event: Event, argument: str) -> Step:
    """Whose pile was it? One tap more."""
    sitting = sitting_of(state)
    return push(state, OwnerPage(sitting.book, sitting.at)), ()


_ACTIONS: Mapping[str, Callable[[State, Event, str], Step]] = {
    "next_pupil": _next,
    "ok": settle,
    "give_anyway": give_anyway,
    "give_counted": scanning.touch,
    "undo_last": lambda state, event, argument: moving.undo_last(state, event),
    "wrong_pupil": _wrong_pupil,
    "move_to": moving.move,
    "absent": _absent,
    "slip": _slip,
}


@dataclass(frozen=True, slots=True)
class SlipPage(Page):
    """What a parent's slip says."""

    def view(self, state: State, now: Moment) -> View:
        """Three tiles."""
        notes = (Message.of("tb.slip_received"), Message.of("tb.slip_missing"), Message.of("tb.slip_damaged"))
        rows = tuple(
            Row(one, "", RowState.CHOICE, actions=("choose",), note=note)
            for one, note in zip(SLIPS, notes, strict=True)
        )
        return View("staff_reason", state.language, prompt=Message.of("tb.what_slip"), rows=rows, actions=("back",))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """One of the three."""
        if action != "choose" or argument not in SLIPS:
            return self.leaving(state, event, action)
        state = replace(state, pages=state.pages[:-1], message=None)
        return _slip(state, Pressed(event.now, "slip", argument), argument)


@dataclass(frozen=True, slots=True)
class OwnerPage(Page):
    """Whose pile was it that this pupil's turn took?"""

    book: ClassBooks
    at: str

    def view(self, state: State, now: Moment) -> View:
        """The others of the class."""
        rows = tuple(
            Row(one.patron.id, one.patron.public_name, RowState.CHOICE, actions=("choose",))
            for one in self.book.pupils
            if one.patron.id != self.at
        )
        prompt, heading = Message.of("tb.whose_pile"), label(self.book.school_class)
        return View("staff_names", state.language, prompt=prompt, rows=rows, actions=("back",), heading=heading)

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A name: everything of this turn is theirs."""
        if action != "choose":
            return self.leaving(state, event, action)
        state = replace(state, pages=state.pages[:-1], message=None)
        return moving.move(state, Pressed(event.now, "move_to", argument), argument)
