"""A View: what a screen is to say, as facts. A front end turns it into words, pictures or speech."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.circulation.appearance import PLAIN, Appearance
from kiosk.circulation.model import PinKind, SchoolClass, Title


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days, said in words: «10 күн»."""

    n: int


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence by its key in the catalogues, and what it names: words, numbers, dates, lengths."""

    key: str
    params: tuple[tuple[str, str | int | date | Days], ...] = ()

    @classmethod
    def of(cls, key: str, **params: str | int | date | Days) -> Message:
        """Message.of("ok.renewed", date=due)."""
        return cls(key, tuple(params.items()))


class CellState(StrEnum):
    """How it stands with one textbook of a pupil's set. later: of the next term; check: staff have to look."""

    GIVEN = "given"
    LACKING = "lacking"
    LATER = "later"
    OTHER_EDITION = "other_edition"
    CHECK = "check"
    BACK = "back"
    DAMAGED = "damaged"
    LOST = "lost"


class RowState(StrEnum):
    """What a row says of its title."""

    BORROWED = "borrowed"
    RETURNED = "returned"
    KEPT = "kept"
    RENEWED = "renewed"
    UNDONE = "undone"
    WAITING = "waiting"
    REFUSED = "refused"
    FOUND = "found"
    ON_LOAN = "on_loan"
    OVERDUE = "overdue"
    HOLD_WAITING = "hold_waiting"
    HOLD_READY = "hold_ready"
    IN = "in"
    OUT = "out"
    READING_ROOM = "reading_room"
    ASKED = "asked"
    CHOICE = "choice"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list: a title with its state, or a choice (a class, a name) with only its text.

    id: the argument of its actions. due: of a loan; days: promised while no date is known. place: of a hold in its
    queue. shelf: where the item stands. note: what staff are told of it.
    """

    id: str
    text: str
    state: RowState
    title: Title | None = None
    due: date | None = None
    days: int | None = None
    place: int | None = None
    shelf: str = ""
    actions: tuple[str, ...] = ()
    note: Message | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One textbook of a pupil's set, as a tile. id: the argument of its actions; text: the subject, and the part."""

    id: str
    text: str
    state: CellState
    title: Title | None = None
    note: Message | None = None
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """A pupil's line in the picture of a class. note: in place of the cells («absent»)."""

    id: str
    text: str
    cells: tuple[CellState, ...]
    note: Message | None = None
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """A class: its pupils by the subjects of their set. heads: the subjects in full. at: the id of the present line."""

    heads: tuple[str, ...]
    lines: tuple[MatrixLine, ...]
    at: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that staff look at, with the key of its words."""

    key: str
    value: int


LENT_NOW = frozenset({RowState.BORROWED, RowState.KEPT, RowState.RENEWED})
_TOLD_WITH = {
    RowState.ON_LOAN: ("due", "days"),
    RowState.OVERDUE: ("due",),
    RowState.HOLD_WAITING: ("place",),
    RowState.HOLD_READY: ("due",),
    RowState.OUT: ("due",),
}
"""Which facts of a row belong to its state; each has a text of its own, `state.on_loan.due`."""


def tells_state(row: Row) -> bool:
    """Whether the state of a row has words: of no title its note tells more, and good or bad is a colour."""
    if row.state is RowState.CHOICE:
        return False
    only_a_colour = row.note is not None or row.state in (RowState.CHOSEN, RowState.REFUSED)
    return row.title is not None or "switch" in row.actions or not only_a_colour


def state_message(row: Row) -> Message:
    """What a row says of its title, with the date or the place that matters in that state."""
    return _told(row, row.state, _TOLD_WITH.get(row.state, ())) or Message(f"state.{row.state.value}")


def due_message(row: Row) -> Message | None:
    """Until when or for how long the row's title is lent; None if the row does not tell."""
    return _told(row, RowState.ON_LOAN, ("due", "days"))


def _told(row: Row, state: RowState, facts: tuple[str, ...]) -> Message | None:
    days = Days(row.days) if row.days is not None else None
    named = {"due": ("date", row.due), "days": ("days", days), "place": ("n", row.place)}
    for fact in facts:
        name, value = named[fact]
        if value is not None:
            return Message(f"state.{state.value}.{fact}", ((name, value),))
    return None


@dataclass(frozen=True, slots=True)
class PatronFace:
    """All of a patron that a public screen may show. loans of limit: ordinary books; limit None: no limit."""

    id: str
    name: str
    school_class: SchoolClass | None
    loans: int = 0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class SyncState:
    """How far the central library knows. state: "online", "offline" or "none"; pending, parked: transactions.

    contact: the day when it was last there, if it is not there now; in a view only if that is long ago.
    """

    state: str = "none"
    pending: int = 0
    parked: int = 0
    contact: date | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A screen. prompt: its question; message: what became of the last act; countdown: seconds to sign-out, while the
    child is asked. typed: what was typed so far (of a PIN only as many dots). pin: the kind asked for on `pin`.
    sync: as it was a few seconds ago. appearance: how to draw it; the hour may have made the light theme the night's.
    speech: what is said of it to somebody who does not see it, when it has changed.
    scans: how many were taken so far, as the same answer to another scan is told again.
    languages: that can be turned to. calling: the librarian is being called.
    feed: the live pictures that the screen shows; they are on for as long as a view names them.
    figures, cells, matrix: of the staff's screens. progress: how many of how many. heading: what the screen is about,
    when that is not a patron: a class, a document.
    """

    name: str
    language: str
    message: Message | None = None
    prompt: Message | None = None
    rows: tuple[Row, ...] = ()
    actions: tuple[str, ...] = ()
    patron: PatronFace | None = None
    countdown: int | None = None
    typed: str = ""
    pin: PinKind | None = None
    feed: str = ""
    sync: SyncState = SyncState()
    appearance: Appearance = PLAIN
    speech: tuple[Message, ...] = ()
    scans: int = 0
    languages: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    cells: tuple[Cell, ...] = ()
    matrix: Matrix | None = None
    progress: tuple[int, int] | None = None
    heading: str = ""
    calling: bool = False
