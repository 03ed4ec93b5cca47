"""Class lists on the staff's screen: choose a file, look at what it would change, settle what is doubtful, do it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.circulation.classes import class_label
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Deed, Event, Wake
from kiosk.circulation.lists.deeds import (
    DoList,
    FindLists,
    ListLooked,
    ListRefused,
    ListsFound,
    ListStep,
    LookAtList,
    LookAtMovingUp,
    PastLists,
    PastListsFound,
    PastListShown,
    UndoList,
)
from kiosk.circulation.lists.facts import LEAVE_OUT, NEW_PUPIL, Doubt, Entry, Fate, Known, Plan, Stop
from kiosk.circulation.pupils import Name
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, do, pop, push, turn
from kiosk.circulation.views import Figure, Message, Row, RowState, View

SHOWN = 40
"""Rows of each kind; the figures above them say how many there are."""
TURN_S = 0.02
"""Between two steps of a list the desk has its turn."""
_FIGURES = {
    Fate.DOUBTFUL: "lists.doubtful",
    Fate.LEFT: "lists.missing",
    Fate.NEW: "lists.new",
    Fate.MOVED: "lists.moved",
    Fate.CHANGED: "lists.changed",
    Fate.UP: "lists.up",
    Fate.SAME: "lists.same",
}
"""In the order in which staff want to look at them."""
_DOUBTS = {
    Doubt.NAMESAKE: "lists.doubt_namesake",
    Doubt.TWICE: "lists.doubt_twice",
    Doubt.CARD: "lists.doubt_card",
    Doubt.INITIAL: "lists.doubt_initial",
}


def open_lists(state: State, event: Event) -> Step:
    """The files that there are."""
    return ListsPage().shown(push(state, ListsPage()), event)


@dataclass(frozen=True, slots=True)
class ListsPage(Page):
    """The files on the stick. None before they were looked for."""

    files: tuple[str, ...] | None = None

    def view(self, state: State, now: Moment) -> View:
        """A row for each."""
        files = self.files or ()
        nothing = Message.of("lists.no_files") if self.files == () else None
        return View(
            "lists",
            state.language,
            message=nothing if state.message is None else None,
            prompt=Message.of("prompt.lists_file"),
            rows=tuple(Row(file, file, RowState.CHOICE, actions=("choose",)) for file in files),
            actions=("back", "exit", "look_again", "past_lists", "move_up"),
        )

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """Read a file, look for files again, what was taken in before, or moving up without a list."""
        match action:
            case "choose" if argument in (self.files or ()):
                return do(state, event, LookAtList(argument), after(_looked, argument, (), False))
            case "look_again":
                return self.shown(state, event)
            case "past_lists":
                return do(state, event, PastLists(), after(_past, False))
            case "move_up":
                return do(state, event, LookAtMovingUp(), after(_looked, "", (), False))
        return self.leaving(state, event, action)

    def shown(self, state: State, event: Event) -> Step:
        """Look for files."""
        return do(state, event, FindLists(), after(_found))


def _found(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, ListsFound)
    return turn(state, ListsPage(answer.files)), ()


def _looked(
    state: State, event: Event, answer: Answer, file: str, answers: tuple[tuple[str, str], ...], again: bool
) -> Step:
    if isinstance(answer, ListRefused):
        return replace(state, message=Message(answer.key)), ()
    assert isinstance(answer, ListLooked)
    page = PreviewPage(answer.name, answer.plan, file, answers, answer.left_out, left_too=not file)
    return (turn(state, page) if again else push(state, page)), ()


@dataclass(frozen=True, slots=True)
class PreviewPage(Page):
    """What a list would change. file: "" for moving up without one. even_so: staff said that a strange list is right.

    left_too: who is missing from the list of their class is to be marked as gone.
    """

    name: str
    plan: Plan
    file: str
    answers: tuple[tuple[str, str], ...] = ()
    left_out: int = 0
    left_too: bool = False
    even_so: bool = False

    def view(self, state: State, now: Moment) -> View:
        """Numbers, and the pupils whom staff want to look at: the doubtful ones first."""
        plan = self.plan
        asks = plan.stop is not None and not self.even_so
        gone = plan.count(Fate.LEFT)
        toggle = () if not gone else ("left_stay",) if self.left_too else ("left_too",)
        return View(
            "lists",
            state.language,
            message=self._message() if state.message is None else None,
            prompt=Message.of("prompt.lists_do"),
            heading=f"{self.name} · {plan.year}-{plan.year + 1}",
            figures=tuple(Figure(key, n) for fate, key in _FIGURES.items() if (n := plan.count(fate))),
            rows=tuple(row for fate in _FIGURES for row in self._rows(fate)),
            actions=("back", "exit", *toggle, "even_so" if asks else "do_list"),
        )

    def _message(self) -> Message | None:
        if self.plan.stop is Stop.MOSTLY_MISSING and not self.even_so:
            return Message.of("lists.stop_missing", missing=self.plan.missing, n=self.plan.expected)
        if self.plan.stop is Stop.LAST_YEAR and not self.even_so:
            return Message.of("lists.stop_old")
        return Message.of("lists.left_out", n=self.left_out) if self.left_out else None

    def _rows(self, fate: Fate) -> list[Row]:
        if fate in (Fate.SAME, Fate.UP):
            return []
        entries = self.plan.of(fate)
        rows = [self._row(entry) for entry in entries[:SHOWN]]
        if more := len(entries) - SHOWN:
            rows += (
                [Row(f"more {fate}", "", RowState.CHOICE, note=Message.of("lists.more", n=more))] if more > 0 else []
            )
        return rows

    def _row(self, entry: Entry) -> Row:
        actions = ("settle",) if entry.fate is Fate.DOUBTFUL else ()
        return Row(entry.id, _named(entry), RowState.CHOICE, note=self._note(entry), actions=actions)

    def _note(self, entry: Entry) -> Message:
        match entry.fate:
            case Fate.DOUBTFUL:
                return Message(_DOUBTS[entry.doubt or Doubt.NAMESAKE])
            case Fate.NEW:
                return Message.of("lists.row_new")
            case Fate.MOVED:
                before = entry.known.class_in(self.plan.year) if entry.known is not None else None
                return Message("lists.row_moved", (("class", class_label(before) if before else "-"),))
            case Fate.LEFT:
                return Message.of("lists.row_left") if self.left_too else Message.of("lists.row_missing")
        return Message.of("lists.row_changed")

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """Do it; or first settle a row, or say what becomes of the missing."""
        match action:
            case "settle":
                entry = next((one for one in self.plan.of(Fate.DOUBTFUL) if one.id == argument), None)
                return (state, ()) if entry is None else (push(state, DoubtPage(entry, self)), ())
            case "left_too" | "left_stay":
                return turn(state, replace(self, left_too=action == "left_too")), ()
            case "even_so":
                return turn(state, replace(self, even_so=True)), ()
            case "do_list" if self.plan.stop is None or self.even_so:
                deed = DoList(self.left_too, state.staff, begin=True)
                return do(state, event, deed, after(_worked, DoList(self.left_too, state.staff), self.name))
        return self.leaving(state, event, action)


@dataclass(frozen=True, slots=True)
class DoubtPage(Page):
    """Who a row of the list is."""

    entry: Entry
    preview: PreviewPage

    def view(self, state: State, now: Moment) -> View:
        """The pupils who it may be, and that it is nobody of them."""
        year = self.preview.plan.year
        rows = (
            Row(one.patron.id, _known(one, year), RowState.CHOICE, actions=("choose",)) for one in self.entry.candidates
        )
        return View(
            "lists",
            state.language,
            prompt=Message.of("prompt.lists_who"),
            heading=_named(self.entry),
            rows=tuple(rows),
            actions=("back", "exit", "new_pupil", "skip"),
        )

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """The answer goes into the plan, which is made anew."""
        ids = [one.patron.id for one in self.entry.candidates]
        told = {"choose": argument if argument in ids else "", "new_pupil": NEW_PUPIL, "skip": LEAVE_OUT}.get(
            action, ""
        )
        if not told:
            return self.leaving(state, event, action)
        preview = self.preview
        answers = (*(one for one in preview.answers if one[0] != self.entry.id), (self.entry.id, told))
        state, _ = pop(state, event)
        return do(state, event, LookAtList(preview.file, answers), after(_looked, preview.file, answers, True))


@dataclass(frozen=True, slots=True)
class WorkingPage(Page):
    """A list is being done or taken back, a part at each turn of the desk. There is no way out before it is over."""

    deed: Deed
    name: str
    done: int
    of: int

    def view(self, state: State, now: Moment) -> View:
        """How far it is."""
        done, of = self.done, max(self.of, self.done, 1)
        return View("lists", state.language, prompt=Message.of("lists.working"), heading=self.name, progress=(done, of))

    def again(self, state: State, event: Event) -> Step:
        """Whatever is touched or scanned, the work goes on."""
        return _turn_later(state)

    def woken(self, state: State, event: Event) -> Step:
        """The next part."""
        return do(state, event, self.deed, after(_worked, self.deed, self.name))


def _turn_later(state: State) -> Step:
    state = replace(state, generation=state.generation + 1)
    return state, (Wake(state.generation, TURN_S),)


def _worked(state: State, event: Event, answer: Answer, deed: Deed, name: str) -> Step:
    if isinstance(answer, ListRefused):
        state, effects = pop(state, event) if isinstance(state.page, WorkingPage) else (state, ())
        return replace(state, message=Message(answer.key)), effects
    assert isinstance(answer, ListStep)
    page = WorkingPage(deed, name, answer.done, answer.of)
    if not answer.over:
        return _turn_later(turn(state, page))
    first = state.pages[:2]
    state, effects = ListsPage().shown(replace(state, pages=first), event)
    return replace(state, message=_over(deed, answer)), effects


def _over(deed: Deed, answer: ListStep) -> Message:
    if isinstance(deed, UndoList):
        if answer.kept:
            return Message.of("lists.kept", n=answer.kept)
        return Message.of("ok.list_undone", n=answer.done)
    return Message.of("ok.list_done", n=answer.done) if answer.done else Message.of("ok.list_nothing")


@dataclass(frozen=True, slots=True)
class PastListsPage(Page):
    """The lists that were taken in, the newest first."""

    lists: tuple[PastListShown, ...]

    def view(self, state: State, now: Moment) -> View:
        """A row for each, with the way back."""
        return View(
            "lists",
            state.language,
            prompt=Message.of("prompt.lists_undo"),
            rows=tuple(self._row(one) for one in self.lists),
            actions=("back", "exit"),
        )

    @staticmethod
    def _row(one: PastListShown) -> Row:
        note = (
            Message.of("lists.undone") if one.undone else Message.of("lists.past", date=one.begun.date(), n=one.pupils)
        )
        return Row(one.id, one.name, RowState.CHOICE, note=note, actions=() if one.undone else ("take_back",))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """Take one back."""
        one = next((its for its in self.lists if its.id == argument and not its.undone), None)
        if action == "take_back" and one is not None:
            deed = UndoList(one.id)
            return do(state, event, replace(deed, begin=True), after(_worked, deed, one.name))
        return self.leaving(state, event, action)


def _past(state: State, event: Event, answer: Answer, again: bool) -> Step:
    assert isinstance(answer, PastListsFound)
    page = PastListsPage(answer.lists)
    return (turn(state, page) if again else push(state, page)), ()


def _named(entry: Entry) -> str:
    row, known = entry.row, entry.known
    name = row.name if row is not None else known.name if known is not None else Name("", "")
    its = row.school_class if row is not None else entry.school_class
    if its is None and known is not None:
        its = known.patron.school_class
    return _with_class(name, class_label(its) if its is not None else "")


def _known(one: Known, year: int) -> str:
    its = one.class_in(year)
    return _with_class(one.name, class_label(its) if its is not None else "")


def _with_class(name: Name, label: str) -> str:
    full = " ".join(part for part in (name.last, name.first, name.patronymic) if part)
    return f"{full} · {label}" if label else full
