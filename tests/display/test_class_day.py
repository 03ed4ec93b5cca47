"""A textbook day by finger and scanner: a class gets its sets through the real window, and one pupil hands them in."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kiosk import demo
from kiosk.app import opened
from kiosk.circulation.calendar import school_year
from kiosk.circulation.classes import parse_class
from kiosk.circulation.textbooks.book import standing_of
from kiosk.circulation.textbooks.questions import ClassBooks, OpenClass, PupilBooks
from kiosk.circulation.textbooks.sets import Place, term_of
from kiosk.config import Config, load
from kiosk.demo_school import STAFF_PIN
from kiosk.initialise import initialise
from tests.display.person import Person
from tests.driver import faults, ledger
from tests.pty_port import PtyPort
from tests.scenario import CLOCK, Scenario, furnish

pytestmark = pytest.mark.display

PIN = "2580"
FIRST_FEW = 6
"""So many lines of a class are touched as one."""


@dataclass(frozen=True)
class Book:
    """One copy: what is held to the scanner, or, of one without any number, the tile that is touched."""

    name: str
    code: str = ""
    tile: str = ""


@dataclass
class School:
    """A data folder, the librarian's card, and a class; what was given and taken back by the hand of this test."""

    config: Config
    card: str
    label: str
    moved: dict[str, Counter[str]] = field(default_factory=dict)

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the ledger says, read by a connection of its own."""
        with closing(sqlite3.connect(self.config.store)) as db:
            return db.execute(query, values).fetchall()

    def book(self) -> ClassBooks:
        """The class as it is now."""
        school_class = parse_class(self.label)
        assert school_class is not None
        with opened(self.config) as store:
            found = store.answer(OpenClass(school_class, school_year(date.today())))
        assert isinstance(found, ClassBooks)
        return found

    def had(self) -> dict[str, Counter[str]]:
        """Who has what now: numbered copies by their barcodes, the others by their titles."""
        found: dict[str, Counter[str]] = {}
        rows = self.ask(
            "SELECT l.patron_id, coalesce(i.barcode, l.title_id) FROM loans l LEFT JOIN items i ON i.id = l.item_id"
        )
        for patron_id, name in rows:
            found.setdefault(patron_id, Counter())[name] += 1
        return found

    def card_of(self, patron_id: str) -> str:
        """A card that opens a pupil's turn, "" if there is none."""
        cards = self.ask("SELECT number FROM cards WHERE patron_id = ?", patron_id)
        return str(cards[0][0]) if cards else ""

    def give(self, patron_id: str, *books: Book) -> None:
        """Note that these are a pupil's from now on."""
        self.moved.setdefault(patron_id, Counter()).update(book.name for book in books)

    def take(self, patron_id: str, *books: Book) -> None:
        """Note that these are not theirs any more."""
        self.moved.setdefault(patron_id, Counter()).subtract(book.name for book in books)


class Shelf:
    """What lies ready on the day, each copy taken once."""

    def __init__(self, school: School) -> None:
        self._school = school
        self._used: set[str] = set()
        self._left = Counter[str]()

    def pile(self, book: ClassBooks, pupil: PupilBooks) -> list[Book]:
        """A copy for each place that a pupil's set lacks."""
        now = standing_of(book, pupil)
        return [self._copy(place, book) for place in now.lacking(term_of(date.today()))]

    def _copy(self, place: Place, book: ClassBooks) -> Book:
        for line in place.lines:
            titles = self._school.ask(
                "SELECT id, isbn, held FROM titles WHERE kind = 'textbook' AND grade = ? AND subject = ? AND part = ? "
                "AND language = ? ORDER BY year IS NOT ?, year DESC",
                book.school_class.grade if book.school_class else None, line.subject, line.part, book.language,
                line.edition,
            )  # fmt: skip
            for title_id, isbn, held in titles:
                numbered = self.numbered("title_id = ?", title_id)
                if numbered is not None:
                    return numbered
                if held > self._left[title_id]:
                    self._left[title_id] += 1
                    return Book(title_id, isbn, "" if isbn else place.id)
        raise AssertionError(f"nothing lies ready for {place.text}")

    def numbered(self, which: str, *values: object) -> Book | None:
        """A numbered textbook that is in."""
        rows = self._school.ask(
            "SELECT i.barcode FROM items i JOIN titles t ON t.id = i.title_id WHERE t.kind = 'textbook' "
            f"AND i.status = 'available' AND i.barcode IS NOT NULL AND {which} ORDER BY i.barcode",
            *values,
        )
        code = next((code for (code,) in rows if code not in self._used), None)
        if code is None:
            return None
        self._used.add(code)
        return Book(code, code)


class Desk:
    """A librarian before the kiosk."""

    def __init__(self, person: Person, school: School, pictures: Path | None) -> None:
        self.person = person
        self._school = school
        self._pictures = pictures
        self._taken = 0

    def keep(self, what: str) -> None:
        """A picture of this step."""
        if self._pictures is not None:
            self._taken += 1
            self.person.look(self._pictures / f"class-{self._taken:02}-{what}.png")

    def count(self, done: int, total: int) -> None:
        """The head of the page says how many of how many."""
        told = {f"{done}/{total}", f"{done} / {total}"}
        self.person.wait_for(lambda seen: bool(told.intersection(seen["texts"])), f"{done}/{total}")

    def gives(self, pupil: PupilBooks, pile: list[Book], what: str) -> None:
        """The pile of a pupil whose turn it is, one copy after the other."""
        term = term_of(date.today())
        done, total = standing_of(self._school.book(), pupil).done(term)
        self.person.read("PupilPage", pupil.patron.public_name)
        for at, copy in enumerate(pile, 1):
            self.hold(copy)
            self.count(done + at, total)
            if at in (1, len(pile)):
                self.keep(f"{what}-{at}-of-{len(pile)}")
        self._school.give(pupil.patron.id, *pile)

    def hold(self, copy: Book) -> None:
        """Scan a copy, or touch its tile."""
        if copy.code:
            self.person.scan(copy.code)
        else:
            self.person.touch("give_counted", copy.tile)


def _made_up(folder: Path) -> School:
    today = date.today()
    sections = {
        "Settings": [
            "[visit]", "warning_s = 2",
            "[sound]", "volume = 0",
            "[[readers]]", 'kind = "serial"', 'name = "gate"', f'port = "{folder / "gate"}"',
        ],
        "PINs": [f"C-LIB {PIN}"],
        "Patrons": [
            "card;last_name;first_name;class;language",
            "C-ARU;Бекова;Ару;7 «Ә»;kk",
            ";Болатов;Болат;7 «Ә»;kk",
            "C-GUL;Ғалымова;Гүлнұр;7 «Ә»;kk",
            "C-DAM;Дәуренов;Дамир;7 «Ә»;kk",
        ],
        "Items": [
            "barcode;title;kind;grade;subject;language;year;isbn;count",
            *(f"AL{n};Алгебра, 7-сынып;textbook;7;Алгебра;kk;2023;9786010000001;" for n in range(4)),
            *(f"GE{n};География, 7-сынып;textbook;7;География;kk;2023;;" for n in range(4)),
            ";Қазақ тілі, 7-сынып;textbook;7;Қазақ тілі;kk;2024;9786010000018;4",
            ";Музыка, 7-сынып;textbook;7;Музыка;kk;2024;;4",
            *(f"GE8{n};География, 8-сынып;textbook;8;География;kk;2023;;" for n in range(2)),
        ],
        "Sets": ["grade;language;subject", "7;kk;Алгебра", "7;kk;География", "7;kk;Қазақ тілі", "7;kk;Музыка"],
    }  # fmt: skip
    clock = f"{today.isoformat()}{CLOCK[10:]}"
    return School(furnish(folder / "kiosk", Scenario("class", folder, sections, 0, clock)), "C-LIB", "7 «Ә»")


def _demo(folder: Path) -> School:
    list(initialise(folder / "kiosk", "", "kiosk-1", demo=True, today=None))
    path = folder / "kiosk" / "kiosk.toml"
    reader = f'\n[[readers]]\nkind = "serial"\nname = "gate"\nport = "{folder / "gate"}"\n'
    path.write_text(path.read_text(encoding="utf-8") + reader, encoding="utf-8")
    assert PIN == STAFF_PIN
    return School(load(path), demo.LIBRARIAN_CARD, "7 «А»")


@pytest.fixture(params=[3, 24])
def school(request: pytest.FixtureRequest, tmp_path: Path) -> School:
    """A made-up class of which three get their textbooks, or a class of 24 of the demo's school."""
    if request.param == 3:
        return _made_up(tmp_path)
    if os.environ.get("KIOSK_FULL") != "1":
        pytest.skip("a minute or more; KIOSK_FULL=1 runs it")
    return _demo(tmp_path)


@pytest.fixture
def desk(school: School, tmp_path: Path, screen: str) -> Iterator[Desk]:
    kept = Path(os.environ["KIOSK_PICTURES"]).resolve() if "KIOSK_PICTURES" in os.environ else None
    folder = kept / f"{len(school.book().pupils)}-pupils" if kept is not None else None
    with PtyPort(tmp_path / "gate") as port:
        person = Person(school.config.path, port, screen)
        yield Desk(person, school, folder)
        person.leave()


def test_a_class_gets_its_textbooks_and_a_pupil_hands_them_in(school: School, desk: Desk) -> None:
    """Every copy is where the scans say, and the ledger adds up."""
    before, person, shelf, book = school.had(), desk.person, Shelf(school), school.book()
    lacking = [one for one in book.pupils if _lacks(book, one)]
    first = next(one for one in lacking if school.card_of(one.patron.id))
    second, third, *_ = [one for one in lacking if one is not first]
    at = lacking.index(second)
    *others, last = [one for one in lacking[at + 1 :] + lacking[:at] if one is not first]
    piles = {one.patron.id: shelf.pile(book, one) for one in (first, second, *others)}
    _sign_in(school, desk)
    person.touch("issue")
    person.wait_for(lambda seen: school.label in seen["texts"], "the class")
    desk.keep("classes")
    person.touch("choose", school.label)
    person.read("ClassPage", school.label)
    desk.keep("class")

    person.scan(school.card_of(first.patron.id))
    person.read("PupilPage", first.patron.public_name)
    desk.keep("by-card")
    _set_aside(school, desk, shelf, first)
    desk.gives(first, piles[first.patron.id], "first")

    person.touch("back")
    person.read("ClassPage")
    _open_by_name(school, desk, third)
    desk.gives(third, piles[second.patron.id], "wrong-pupil")
    person.touch("wrong_pupil")
    person.read("StaffChoicePage")
    desk.keep("whose-pile")
    person.touch("choose", second.patron.id)
    person.read("PupilPage", second.patron.public_name)
    desk.keep("moved")
    school.take(third.patron.id, *piles[second.patron.id])
    school.give(second.patron.id, *piles[second.patron.id])

    for at, pupil in enumerate(others):
        person.touch("next_pupil")
        desk.gives(pupil, piles[pupil.patron.id], f"turn-{at}")
    person.touch("next_pupil")
    person.read("PupilPage", last.patron.public_name)
    desk.keep("absent")
    person.touch("absent")
    person.read("ClassPage", school.label)
    desk.keep("class-served")
    _home(desk)

    _collect(school, desk, first, piles[first.patron.id])
    _home(desk)
    person.touch("exit")
    person.read("HomePage")
    left = person.alive()
    for trace in (first.patron.public_name, third.patron.public_name, last.patron.public_name):
        assert trace not in left, trace
    desk.keep("signed-out")
    _adds_up(school, before, last, damaged=piles[first.patron.id][0])


def _lacks(book: ClassBooks, pupil: PupilBooks) -> bool:
    """Whether a pupil lacks something now."""
    return bool(standing_of(book, pupil).lacking(term_of(date.today())))


def _sign_in(school: School, desk: Desk) -> None:
    person = desk.person
    person.read("HomePage")
    person.scan(school.card)
    person.read("PinPage")
    desk.keep("pin")
    for key in (*PIN, "enter"):
        person.touch("key", key)
    person.read("StaffHomePage")
    desk.keep("staff-home")


def _set_aside(school: School, desk: Desk, shelf: Shelf, pupil: PupilBooks) -> None:
    """Two textbooks of another grade: one is put aside, one is given anyway."""
    person, grade = desk.person, pupil.patron.school_class
    assert grade is not None
    for answer in ("ok", "give_anyway"):
        other = shelf.numbered("t.grade > ?", grade.grade)
        assert other is not None
        person.scan(other.code)
        person.read("AsidePage", "сыныптың оқулығы", "Бөлек қойыңыз")
        desk.keep(f"aside-{answer}")
        person.touch(answer)
        person.read("PupilPage", pupil.patron.public_name)
        if answer == "give_anyway":
            school.give(pupil.patron.id, other)
            desk.keep("given-anyway")


def _open_by_name(school: School, desk: Desk, pupil: PupilBooks) -> None:
    """A few lines of the class, then the name among them."""
    desk.person.touch("Few")
    assert pupil.patron.id in [one.patron.id for one in school.book().pupils[:FIRST_FEW]]
    desk.person.wait_for(lambda seen: any(one[0] == "open" for one in seen["touchable"]), "names")
    desk.keep("names")
    desk.person.touch("open", pupil.patron.id)
    desk.person.read("PupilPage", pupil.patron.public_name)
    desk.keep("by-name")


def _home(desk: Desk) -> None:
    seen = desk.person.look()
    while seen["page"] != "StaffHomePage":
        before = seen["texts"]
        desk.person.touch("back")
        seen = desk.person.wait_for(lambda now, left=before: now["texts"] != left, "another page")  # type: ignore[misc]


def _collect(school: School, desk: Desk, pupil: PupilBooks, pile: list[Book]) -> None:
    """One pupil's pile comes back, the first copy torn; what is held by count is ticked."""
    person = desk.person
    person.touch("collect")
    person.wait_for(lambda seen: school.label in seen["texts"], "the class")
    desk.keep("collect-classes")
    person.touch("choose", school.label)
    person.wait_for(lambda seen: any(one[1] == pupil.patron.id for one in seen["touchable"]), "the names")
    desk.keep("collect-names")
    person.touch("choose", pupil.patron.id)
    person.read("PupilPage", pupil.patron.public_name)
    desk.keep("collect-pupil")
    numbered = [copy for copy in pile if copy.name == copy.code]
    total = school.had()[pupil.patron.id].total()
    for at, copy in enumerate(numbered, 1):
        person.scan(copy.code)
        person.read("StaffChoicePage", "Кітап қайтарылды")
        desk.count(at, total)
        if at == 1:
            desk.keep("collect-condition")
            person.touch("choose", "torn")
            person.read("StaffChoicePage", "Жыртылған")
            desk.keep("collect-torn")
    person.touch("back")
    person.read("PupilPage")
    desk.keep("collect-rest")
    back = len(numbered)
    for _ in range(len(pile) - len(numbered)):
        back += 1
        person.touch("hand_in")
        desk.count(back, total)
    school.take(pupil.patron.id, *pile)
    desk.keep("collected")


def _adds_up(school: School, before: dict[str, Counter[str]], absent: PupilBooks, damaged: Book) -> None:
    expected = {one: Counter(books) for one, books in before.items()}
    for patron_id, moved in school.moved.items():
        expected.setdefault(patron_id, Counter()).update(moved)
    now = school.had()
    for patron_id in expected.keys() | now.keys():
        assert +now.get(patron_id, Counter()) == +expected.get(patron_id, Counter()), patron_id
    assert school.ask("SELECT condition, status FROM items WHERE barcode = ?", damaged.code) == [("torn", "available")]
    assert school.ask("SELECT patron_id FROM marks WHERE what = 'absent'") == [(absent.patron.id,)]
    kinds = Counter(entry["kind"] for entry in ledger(school.config))
    assert kinds["staff_signed_in"] == 1
    assert faults(school.config) == []
