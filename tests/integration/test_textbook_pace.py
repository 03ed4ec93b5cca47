"""A burst of scans on a textbook day is kept in order: each copy goes to the pupil whose card came before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation.model import SchoolClass
from kiosk.circulation.textbooks.questions import ClassBooks, FindIsbn, ListSchool, OpenClass, School, TitlesFound
from kiosk.console import parse
from kiosk.store.check import recompute
from tests.scenario import Player, Scenario, furnish

CLOCK = "2026-08-20T10:00"
PUPILS = 8
SUBJECTS = ("Алгебра", "География", "Химия", "Физика", "Биология")


def played(folder: Path) -> Player:
    """A class of its own, each pupil's set on a shelf of its own; the librarian is signed in, the class is open."""
    sections = {
        "Patrons": [
            "card;last_name;first_name;class;language",
            *(f"P-{n};Тегі{'абвгдежз'[n]};Оқушы{'абвгдежз'[n]};6 «Ғ»;kk" for n in range(PUPILS)),
        ],
        "Items": [
            "barcode;title;kind;grade;subject;language;isbn",
            *(f"T{n}-{at};{subject}, 6;textbook;6;{subject};kk;{'' if at else '9786010000018'}"
              for n in range(PUPILS) for at, subject in enumerate(SUBJECTS)),
        ],
        "Sets": ["grade;language;subject", *(f"6;kk;{subject}" for subject in SUBJECTS)],
        "PINs": ["C-LIB 2580"],
    }  # fmt: skip
    player = Player(furnish(folder / "kiosk", Scenario("pace", Path("pace"), sections, 0)), CLOCK, "")
    for line in ("scan C-LIB", "type 2580", "press issue", "press choose [6 «Ғ»]"):
        player.step(line)
    return player


@pytest.fixture(name="player")
def _player(tmp_path: Path) -> Iterator[Player]:
    player = played(tmp_path)
    yield player
    player.close()


def test_a_burst_of_cards_and_copies_is_kept_in_order(player: Player) -> None:
    for n in range(PUPILS):
        for code in (f"P-{n}", *(f"T{n}-{at}" for at in range(len(SUBJECTS)))):
            player.desk.take(parse(f"scan {code}"))  # type: ignore[arg-type]
    rows = player.ask(
        "SELECT c.number, i.barcode FROM loans l JOIN cards c ON c.patron_id = l.patron_id "
        "JOIN items i ON i.id = l.item_id ORDER BY i.barcode"
    )
    assert rows == [(f"P-{n}", f"T{n}-{at}") for n in range(PUPILS) for at in range(len(SUBJECTS))]
    assert recompute(player.store) == []
    book = player.store.answer(OpenClass(SchoolClass(6, "Ғ"), 2026))
    assert isinstance(book, ClassBooks)
    assert [len(one.loans) for one in book.pupils] == [len(SUBJECTS)] * PUPILS
    school = player.store.answer(ListSchool(2026, 1))
    assert isinstance(school, School)
    mine = next(one for one in school.classes if one.school_class == SchoolClass(6, "Ғ"))
    assert (mine.pupils, mine.done, mine.total) == (PUPILS, 40, 40)


def test_scans_wait_for_an_answer_and_come_in_their_order(player: Player) -> None:
    """As from two scanners, before the screen could show anything."""
    for code in ("P-0", "T0-0", "T0-1", "P-1", "T1-0", "T0-2"):
        player.desk.take(parse(f"scan {code}"))  # type: ignore[arg-type]
    view = player.desk.view()
    assert (view.name, view.patron and view.patron.name) == ("tb_pupil", "Оқушыб Т.")
    assert [row.title.subject for row in view.rows if row.title] == ["Химия", "Алгебра"]


@pytest.mark.parametrize(("isbn", "found"), [("9786010000018", 1), ("6010000017", 1), ("9786010000025", 0)])
def test_a_title_is_found_by_either_form_of_its_isbn(player: Player, isbn: str, found: int) -> None:
    answer = player.store.answer(FindIsbn(isbn))
    assert isinstance(answer, TitlesFound)
    assert [one.title.subject for one in answer.titles] == ["Алгебра"] * found
