"""A pupil before the librarian: what was given so far, what lies aside, and what the next scan may belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kiosk.circulation.acts import Act, Kind, MarkChange, Relied
from kiosk.circulation.calendar import school_year
from kiosk.circulation.events import Event
from kiosk.circulation.identify import is_isbn
from kiosk.circulation.model import Item, ItemRecord, PatronRecord, Title, TitleRecord
from kiosk.circulation.session import RecentCodes
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, new_id, say, turn
from kiosk.circulation.textbooks import book as books
from kiosk.circulation.textbooks.deciding import Doubt, Giving
from kiosk.circulation.textbooks.questions import ABSENT, ClassBooks, PupilBooks
from kiosk.circulation.textbooks.sets import Place, term_of


@dataclass(frozen=True, slots=True)
class Given:
    """One copy that was given in this sitting. acts: ids of what undoing it takes back. loan_id: of the loan.

    record: what was lent, as it was just before; of a copy held by count its title. numbered: it got its number now.
    anyway: the librarian said so.
    """

    acts: tuple[str, ...]
    loan_id: str
    record: ItemRecord | TitleRecord
    numbered: bool = False
    anyway: bool = False

    @property
    def title(self) -> Title:
        """What it is a copy of."""
        return self.record.title


@dataclass(frozen=True, slots=True)
class PutAside:
    """Something that was scanned and not given. id: names it on the screen. record: None for what nobody knows.

    label: the blank label that it was to get. who: who has it, as far as the screen knows.
    """

    id: str
    doubt: Doubt
    record: ItemRecord | TitleRecord | None = None
    place: Place | None = None
    can_give: bool = False
    label: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One pupil's turn. given: the oldest first; asides: the newest first.

    counted: the last thing done was a loan of a copy by count, so that a blank label scanned now is for that copy.
    label: a blank label that was scanned first, and waits for its ISBN. urged: somebody wants to go on, with something
    lying aside.
    """

    book: ClassBooks
    at: str
    given: tuple[Given, ...] = ()
    asides: tuple[PutAside, ...] = ()
    counted: bool = False
    label: str = ""
    urged: bool = False

    @property
    def pupil(self) -> PupilBooks:
        """Whose turn it is."""
        found = self.book.pupil(self.at)
        assert found is not None
        return found

    def with_aside(self, aside: PutAside) -> Sitting:
        """With one more thing lying aside, in front; the same thing only once."""
        rest = tuple(one for one in self.asides if one.id != aside.id)
        return replace(self, asides=(aside, *rest), counted=False, urged=False)

    def without_aside(self, aside_id: str) -> Sitting:
        """With that settled."""
        return replace(self, asides=tuple(one for one in self.asides if one.id != aside_id), urged=False)


@dataclass(frozen=True, slots=True)
class SittingPage(Page):
    """The base of pages on which copies are given to the pupils of a class."""

    sitting: Sitting

    def receiver(self, title: Title, now: date) -> str | None:
        """Whose a copy of this title is that was scanned; None if nobody here lacks it."""
        return self.sitting.at

    def card_read(self, state: State, event: Event, record: PatronRecord) -> Step:
        """A pupil's card was read."""
        return say(state, "staff.no_scan_here")

    def given(self, state: State, event: Event, record: PatronRecord) -> tuple[State, tuple[Act, ...]]:
        """What is noted beside a loan to this pupil."""
        pupil = self.sitting.book.pupil(record.patron.id)
        return is_here(state, pupil) if pupil is not None else (state, ())


def sitting_of(state: State) -> Sitting:
    """The sitting on the present page."""
    assert isinstance(state.page, SittingPage)
    return state.page.sitting


def with_sitting(state: State, sitting: Sitting) -> State:
    """The present page with another sitting."""
    assert isinstance(state.page, SittingPage)
    return turn(state, replace(state.page, sitting=sitting))


def year_of(event: Event) -> int:
    """The school year that textbooks are given for."""
    return school_year(event.now.day)


def giving_of(state: State, event: Event) -> Giving:
    """What decisions depend on now."""
    return books.giving(sitting_of(state).book, state.rules, event.now, state.staff, term_of(event.now.day))


def relied_on(patron: PatronRecord, record: ItemRecord | TitleRecord | None) -> tuple[Relied, ...]:
    """The versions of the records that a decision was made on."""
    relied = [Relied("patrons", patron.patron.id, patron.patron.version)]
    if isinstance(record, ItemRecord):
        relied.append(Relied("items", record.item.id, record.item.version))
    if record is not None:
        relied.append(Relied("titles", record.title.id, record.title.version))
    return tuple(relied)


def is_here(state: State, pupil: PupilBooks) -> tuple[State, tuple[Act, ...]]:
    """What notes that a pupil who was absent is here now: nobody gives textbooks to an absent one."""
    mark = pupil.mark(ABSENT)
    if mark is None:
        return state, ()
    state, act_id = new_id(state)
    return state, (Act(act_id, Kind.MARKED, pupil.patron.id, changes=(MarkChange(mark, None),)),)


def recorded(
    sitting: Sitting, acts: Sequence[Act], titles: Mapping[str, tuple[Title, Item | None]] | None = None
) -> Sitting:
    """The sitting once these acts are in the ledger."""
    return replace(sitting, book=books.after_acts(sitting.book, acts, titles or {}), counted=False, urged=False)


def forget_titles(recent: RecentCodes) -> RecentCodes:
    """The codes just seen without those of titles: the next pupil's first book may be the last one's last."""
    return RecentCodes(tuple((code, at) for code, at in recent.seen if not is_isbn(code)))
