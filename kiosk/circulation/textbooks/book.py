"""What a page of a textbook day draws of a class: a pupil's tiles, the picture of a class, how much of it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kiosk.circulation.acts import Act, LoanChange, MarkChange
from kiosk.circulation.classes import class_label
from kiosk.circulation.clock import Moment
from kiosk.circulation.model import Item, ItemKind, LoanLine, SchoolClass, Title
from kiosk.circulation.rules import Rules
from kiosk.circulation.textbooks.deciding import Giving
from kiosk.circulation.textbooks.questions import ABSENT, TEACHER, ClassBooks, PupilBooks
from kiosk.circulation.textbooks.sets import Filled, Standing, column_of, heads, standing
from kiosk.circulation.views import Cell, CellState, Matrix, MatrixLine, Message, PatronFace


def standing_of(book: ClassBooks, pupil: PupilBooks) -> Standing:
    """How it stands with a pupil's set."""
    return standing(book.textbooks, pupil.patron.groups, pupil.loans)


def giving(book: ClassBooks, rules: Rules, now: Moment, staff: str, term: int) -> Giving:
    """What decisions for a pupil of this class depend on."""
    return Giving(rules, now, staff, book.textbooks, book.school_class, book.language, term)


def label(school_class: SchoolClass | None) -> str:
    """The class as a heading: 7 «А»."""
    return class_label(school_class) if school_class is not None else ""


def face_of(book: ClassBooks, pupil: PupilBooks) -> PatronFace:
    """What the screen shows of a pupil: staff stand before it, and the pupil too."""
    return PatronFace(pupil.patron.id, pupil.patron.public_name, book.school_class, len(pupil.loans))


def cells_of(book: ClassBooks, pupil: PupilBooks, term: int) -> tuple[Cell, ...]:
    """A tile for each place of the set, then one for each book that is in none. One that is lacking can be touched."""
    now = standing_of(book, pupil)
    places = tuple(_cell(one, term) for one in now.places)
    surplus = tuple(
        Cell(
            line.loan.id, line.title.subject or line.title.title, CellState.CHECK, line.title, Message.of("tb.surplus")
        )
        for line in now.surplus
    )
    return places + surplus


def _cell(one: Filled, term: int) -> Cell:
    place = one.place
    state = _state(one, term)
    if one.loan is None:
        return Cell(place.id, place.text, state, actions=("give_counted",))
    title = one.loan.title
    note = None
    if state is CellState.OTHER_EDITION and title.year is not None:
        note = Message.of("tb.wrong_edition", year=title.year)
    text = f"{title.subject} {title.part}".strip() or title.title
    return Cell(place.id, text, state, title, note)


def _state(one: Filled, term: int) -> CellState:
    if one.loan is None:
        return CellState.LATER if one.place.term > term else CellState.LACKING
    return CellState.GIVEN if one.edition_ok else CellState.OTHER_EDITION


def matrix_of(book: ClassBooks, term: int, at: str = "") -> Matrix:
    """The class: its pupils by the places of their set. An absent one who has nothing yet has no marks."""
    columns = heads(book.textbooks)
    lines = []
    for pupil in book.pupils:
        now = standing_of(book, pupil)
        cells = [CellState.LATER if column.term > term else CellState.LACKING for column in columns]
        for one in now.places:
            column = column_of(one.place, columns)
            if column is not None:
                cells[column] = _state(one, term)
        note = _note(pupil)
        lines.append(MatrixLine(pupil.patron.id, pupil.patron.public_name, tuple(cells), note, ("open",)))
    return Matrix(tuple(column.text for column in columns), tuple(lines), at)


def _note(pupil: PupilBooks) -> Message | None:
    if pupil.mark(ABSENT) is not None and pupil.mark(TEACHER) is None and not pupil.loans:
        return Message.of("tb.absent")
    return None


def progress_of(book: ClassBooks, term: int) -> tuple[int, int]:
    """How many of how many of the textbooks that the class should have by now it has."""
    done = [standing_of(book, pupil).done(term) for pupil in book.pupils]
    return sum(n for n, _ in done), sum(total for _, total in done)


def lacking_of(book: ClassBooks, term: int) -> list[tuple[str, int]]:
    """What pupils of the class lack by now and how many of them, the most lacking first."""
    lacking = Counter(place.text for pupil in book.pupils for place in standing_of(book, pupil).lacking(term))
    return lacking.most_common()


def missing(book: ClassBooks, term: int, most: int = 4) -> str:
    """The subjects that most pupils lack, in one line."""
    return ", ".join(text for text, _ in lacking_of(book, term)[:most])


def is_served(book: ClassBooks, pupil: PupilBooks, term: int) -> bool:
    """Whether nothing more is to be given to a pupil today."""
    return not standing_of(book, pupil).lacking(term)


def next_pupil(book: ClassBooks, at: str, term: int) -> str | None:
    """The next in the list, going round, who is here and still lacks something; None if everybody is served."""
    ids = [pupil.patron.id for pupil in book.pupils]
    start = ids.index(at) + 1 if at in ids else 0
    for pupil in (*book.pupils[start:], *book.pupils[:start]):
        waits = book.textbooks is not None and not is_served(book, pupil, term)
        if pupil.patron.id != at and waits and pupil.mark(ABSENT) is None:
            return pupil.patron.id
    return None


def after_acts(book: ClassBooks, acts: Sequence[Act], titles: Mapping[str, tuple[Title, Item | None]]) -> ClassBooks:
    """The class once these acts are recorded. titles: of each loan that they make, what it is a loan of."""
    pupils = {one.patron.id: one for one in book.pupils}
    for change in (change for act in acts for change in act.changes):
        match change:
            case LoanChange(before, after):
                if before is not None and (had := pupils.get(before.patron_id)) is not None:
                    loans = tuple(line for line in had.loans if line.loan.id != before.id)
                    pupils[before.patron_id] = replace(had, loans=loans)
                if after is not None and (has := pupils.get(after.patron_id)) is not None:
                    title, item = titles[after.id]
                    if title.kind is ItemKind.TEXTBOOK:
                        pupils[after.patron_id] = replace(has, loans=(*has.loans, LoanLine(after, title, item)))
            case MarkChange(before_mark, after_mark):
                mark = after_mark or before_mark
                if mark is not None and (one := pupils.get(mark.patron_id)) is not None:
                    rest = tuple(other for other in one.marks if other.what != mark.what)
                    marks = (*rest, after_mark) if after_mark is not None else rest
                    pupils[mark.patron_id] = replace(one, marks=marks)
    return replace(book, pupils=tuple(pupils[one.patron.id] for one in book.pupils))
