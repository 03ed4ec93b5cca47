"""The whole demo school, put together from one seed, with the books that are out today."""

import datetime
from dataclasses import dataclass
from random import Random

from kiosk.demo import cast
from kiosk.demo.readers import grade_of, patrons
from kiosk.demo.stock import Copy, stock

LOAN_COLUMNS = ("card", "barcode", "due", "since")
LOANS = 180
OVERDUE_PUPILS = 12
LOAN_DAYS = 10
DEFAULT_SEED = 2026
#: a Monday of an ordinary school week
DEFAULT_TODAY = datetime.date(2026, 10, 5)

Shelves = dict[tuple[str, int], list[Copy]]


@dataclass(frozen=True)
class School:
    """Rows of the three import files, every value a string as in a CSV, "" where missing.

    The keys are readers.PATRON_COLUMNS, stock.ITEM_COLUMNS and LOAN_COLUMNS, in that order; dates are ISO.
    """

    patrons: tuple[dict[str, str], ...]
    items: tuple[dict[str, str], ...]
    loans: tuple[dict[str, str], ...]


def school(seed: int = DEFAULT_SEED, today: datetime.date = DEFAULT_TODAY) -> School:
    """A believable Kazakh school: 529 pupils in 22 classes, 6,000 numbered items, 180 loans.

    The same seed and day give the same school on every supported Python. People and stock depend on the seed (card
    expiry on the day as well); the loans' dates are counted from `today`. The cast is there for every seed.
    """
    people = patrons(Random(3 * seed), today)
    copies, counted = stock(Random(3 * seed + 1))
    lent = _loans(Random(3 * seed + 2), people, copies, today)
    return School(tuple(people), (*(copy.row for copy in copies), *counted), tuple(lent))


def _loans(rng: Random, people: list[dict[str, str]], copies: list[Copy], today: datetime.date) -> list[dict[str, str]]:
    """The loans at present: the cast's, then pupils by chance, one to four books each, until there are 180."""
    rows = [_loan(card, barcode, today, days) for card, barcode, days in cast.LOANS]
    named = {pupil.card for pupil in cast.PUPILS}
    pupils = [row for row in people if row["category"] == "pupil" and row["card"] and row["card"] not in named]
    rng.shuffle(pupils)
    shelves = _shelves(rng, copies)
    late = OVERDUE_PUPILS - 1
    for place, pupil in enumerate(pupils):
        wanted = min(1 + int(rng.random() * (2 if place < late else 4)), LOANS - len(rows))
        visit = int(rng.random() * (LOAN_DAYS + 1))
        for nth, copy in enumerate(_choose(rng, pupil, shelves, wanted)):
            days = visit if rng.random() < 0.7 else int(rng.random() * (LOAN_DAYS + 1))
            if nth == 0 and place < late:
                days = -1 - int(rng.random() * 25)
            rows.append(_loan(pupil["card"], copy.row["barcode"], today, days))
        if len(rows) == LOANS:
            break
    return rows


def _shelves(rng: Random, copies: list[Copy]) -> Shelves:
    """What may be borrowed, in a random order, by language and level."""
    shelves: Shelves = {}
    for copy in copies:
        if copy.level and copy.row["barcode"]:
            shelves.setdefault((copy.row["language"], copy.level), []).append(copy)
    for shelf in shelves.values():
        rng.shuffle(shelf)
    return shelves


def _choose(rng: Random, pupil: dict[str, str], shelves: Shelves, wanted: int) -> list[Copy]:
    """Take `wanted` different titles off the shelves, fit for the pupil's grade; one in seven in the other language."""
    grade = grade_of(pupil["class"])
    levels = (1, 1) if grade <= 4 else (1, 5, 5) if grade <= 8 else (5, 9, 9)
    chosen: list[Copy] = []
    while len(chosen) < wanted:
        own = pupil["language"]
        language = own if rng.random() < 6 / 7 else "ru" if own == "kk" else "kk"
        copy = shelves[language, levels[int(rng.random() * len(levels))]].pop()
        if all(copy.row["title"] != other.row["title"] for other in chosen):
            chosen.append(copy)
    return chosen


def _loan(card: str, barcode: str, today: datetime.date, days: int) -> dict[str, str]:
    """A loan due `days` from today, made ten days before that."""
    due = today + datetime.timedelta(days=days)
    since = due - datetime.timedelta(days=LOAN_DAYS)
    return {"card": card, "barcode": barcode, "due": due.isoformat(), "since": since.isoformat()}
