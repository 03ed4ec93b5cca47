"""The demo library's stock as rows of an items file: 6,000 numbered copies and titles held by count."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from kiosk.demo import books_kk, books_ru, cast, oddments
from kiosk.demo.codes import IsbnIssuer, item_barcode, shelf_marks
from kiosk.demo.names import kazakh_order, pick
from kiosk.demo.textbooks import textbooks

ITEM_COLUMNS = (
    "barcode",
    "inventory_no",
    "title",
    "author",
    "publisher",
    "year",
    "isbn",
    "pages",
    "price",
    "language",
    "udc",
    "bbk",
    "branch",
    "kind",
    "grade",
    "subject",
    "part",
    "location",
    "count",
)
NUMBERED_ITEMS = 6000
OLDEST_YEAR = 1975
LATEST_YEAR = 2025
READING_ROOM = "Оқу залы"
NO_BARCODE = 40
NO_INVENTORY_NO = 12
_READING_ROOM_BOOKS = 24
_FIRST_INVENTORY_NO = 1001

_SHELVES = {
    "көркем әдебиет": "А",
    "балалар": "Б",
    "жаратылыстану": "Г",
    "техника": "Г",
    "қоғамдық": "Д",
    "өнер/спорт": "Е",
    "тіл/әдебиеттану": "Ж",
}
_KAZAKH_PUBLISHERS = (
    "Жазушы",
    "Атамұра",
    "Балауса",
    "Фолиант",
    "Алматыкітап",
    "Мектеп",
    "Раритет",
    "Аударма",
    "Ана тілі",
    "Өлке",
)
_SOVIET_KAZAKH = ("Жазушы", "Жазушы", "Жалын", "Мектеп")
_RUSSIAN = ("Детская литература", "Дрофа", "АСТ", "Эксмо", "Махаон", "Азбука", "Самовар", "Аударма", "Атамұра")
_SOVIET_RUSSIAN = ("Детская литература", "Художественная литература", "Просвещение", "Жазушы", "Молодая гвардия")
_ENGLISH = ("Oxford University Press", "Pearson Education", "Macmillan")


@dataclass(frozen=True)
class Work:
    """A line of the tables of works. level: lowest grade that reads it; since: first plausible year, `=` exact."""

    title: str
    author: str
    pages: str
    copies: int
    code: str
    since: str
    publisher: str
    language: str
    level: int
    branch: str


@dataclass(frozen=True)
class Copy:
    """A numbered copy. level: lowest grade that borrows it, or 0 if pupils do not borrow it at the kiosk."""

    row: dict[str, str]
    level: int


def works() -> Iterator[Work]:
    """Every work of the tables."""
    for language, table in (("kk", books_kk.WORKS), ("ru", books_ru.WORKS)):
        heading = ("", "", "")
        for line in table.strip().splitlines():
            if line.startswith("["):
                place, level, branch = line.strip("[]").split(" ", 2)
                heading = (place, level, branch)
            elif line:
                title, author, pages, copies, *tail = line.split("|")
                code, since, publisher = tail + [""] * (3 - len(tail))
                place, level, branch = heading
                shown = "en" if place == "en" else language
                yield Work(
                    title, author, pages, int(copies), code or place, since, publisher, shown, int(level), branch
                )


def stock(rng: Random) -> tuple[list[Copy], list[dict[str, str]]]:
    """The 6,000 numbered copies in the order of their numbers, and the rows of titles held by count."""
    isbns = IsbnIssuer(rng)
    numbered_texts, counted_texts = textbooks(rng, isbns)
    copies = [Copy(_full(row), 0) for row, number in numbered_texts for _ in range(number)]
    copies += [Copy(_full(row), 0) for row in oddments.reading_room(rng, isbns)]
    copies += _books(rng, isbns, NUMBERED_ITEMS - len(copies))
    copies.sort(key=lambda copy: copy.row["year"])
    counted = [_full(row | {"count": str(number)}) for row, number in counted_texts]
    counted += [_full(row) for row in oddments.brochures()]
    return _number(rng, copies), counted


def _full(row: dict[str, str]) -> dict[str, str]:
    """The row with every canonical column, in order."""
    return {column: row.get(column, "") for column in ITEM_COLUMNS}


def _books(rng: Random, isbns: IsbnIssuer, wanted: int) -> list[Copy]:
    """Exactly `wanted` copies of the works, the popular ones bought again and again; a single copy stays single."""
    all_works = list(works())
    copies = [work.copies for work in all_works]
    popular = [place for place, work in enumerate(all_works) for _ in range(work.copies) if work.copies > 1]
    for _ in range(wanted - sum(copies)):
        copies[popular[int(rng.random() * len(popular))]] += 1
    made: list[Copy] = []
    rooms = _READING_ROOM_BOOKS
    for work, number in zip(all_works, copies, strict=True):
        rows = _copies_of(rng, isbns, work, number)
        if rooms and number >= 9 and work.level > 1:
            rooms -= 1
            rows[-1] = Copy(rows[-1].row | {"location": READING_ROOM}, 0)
        made += rows
    return made


def _copies_of(rng: Random, isbns: IsbnIssuer, work: Work, number: int) -> list[Copy]:
    """The copies of a work, in one to three editions."""
    editions = [_edition(rng, isbns, work) for _ in range(1 if number <= 3 else 2 if number <= 7 else 3)]
    return [Copy(dict(editions[place * len(editions) // number]), work.level) for place in range(number)]


def _edition(rng: Random, isbns: IsbnIssuer, work: Work) -> dict[str, str]:
    """One edition: year, publisher, ISBN (from 1991 on) and price in tenge agree with each other."""
    year = _year(rng, work.since)
    publisher = work.publisher or _publisher(rng, work.language, year)
    kazakh = publisher in _KAZAKH_PUBLISHERS or work.publisher != ""
    udc, bbk = shelf_marks(work.code)
    dear = 3.0 if year >= 2015 else 1.4 if year >= 2000 else 0.5
    surname = kazakh_order((work.author.split() or [work.title])[-1])
    return _full(
        {
            "title": work.title,
            "author": work.author,
            "publisher": publisher,
            "year": str(year),
            "isbn": isbns.issue(year, kazakh, english=publisher in _ENGLISH),
            "pages": work.pages,
            "price": str(10 * int(dear * (30 + int(work.pages) * 0.25) * (0.8 + 0.4 * rng.random()))),
            "language": work.language,
            "udc": udc,
            "bbk": bbk,
            "branch": work.branch,
            "kind": "book",
            "location": f"Абонемент, Сөре {_SHELVES[work.branch]}-{max(surname[0], 0) // 6 + 1}",
        }
    )


def _year(rng: Random, since: str) -> int:
    """A year of print: three in five of the last two decades, the rest older."""
    if since.startswith("="):
        return int(since[1:])
    earliest = int(since or OLDEST_YEAR)
    age, spot = rng.random(), rng.random()
    low, high = (2003, LATEST_YEAR) if age < 0.6 else (1991, 2002) if age < 0.8 else (OLDEST_YEAR, 1990)
    low = max(low, earliest)
    high = high if high >= low else LATEST_YEAR
    return low + int(spot * (high - low + 1))


def _publisher(rng: Random, language: str, year: int) -> str:
    """A house that printed in this language in this year."""
    if language == "en":
        return pick(rng, _ENGLISH)
    if language == "kk":
        return pick(rng, _SOVIET_KAZAKH if year <= 1990 else _KAZAKH_PUBLISHERS)
    return pick(rng, _SOVIET_RUSSIAN if year <= 1990 else _RUSSIAN)


def _number(rng: Random, copies: list[Copy]) -> list[Copy]:
    """Give inventory numbers and barcodes in the order of `copies`; the cast's copies get theirs and come last.

    A few labels are torn off (no barcode) and a few gifts never reached the inventory book (no inventory number).
    """
    fixed: list[Copy] = []
    rest = list(copies)
    for known in cast.ITEMS:
        place = next(n for n, copy in enumerate(rest) if _is(copy, known))
        copy = rest.pop(place)
        fixed.append(Copy(copy.row | {"barcode": known.barcode, "inventory_no": known.inventory_no}, 0))
    books = [place for place, copy in enumerate(rest) if copy.level or copy.row["kind"] == "textbook"]
    rng.shuffle(books)
    torn = set(books[: NO_BARCODE - 1])
    gifts = set(books[NO_BARCODE : NO_BARCODE + NO_INVENTORY_NO])
    inventory_no = _FIRST_INVENTORY_NO
    for place, copy in enumerate(rest):
        inventory_no += 1 if rng.random() < 0.95 else 2
        copy.row["inventory_no"] = "" if place in gifts else str(inventory_no)
        copy.row["barcode"] = "" if place in torn else item_barcode(cast.LAST_FIXED_BARCODE + 1 + place)
    return rest + fixed


def _is(copy: Copy, known: cast.FixedItem) -> bool:
    """Whether the copy can play that part: the title by that author, and not a reading-room copy of a lent book."""
    row = copy.row
    here = row["location"] != READING_ROOM or row["kind"] in ("reference", "equipment")
    return here and (row["title"], row["author"]) == (known.title, known.author)
