"""A person's path through the kiosk: a finger that the X server knows of, a scanner on a line, and the real program."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from kiosk.circulation.acts import CIRCULATION
from kiosk.config import Config
from tests.display.person import Person
from tests.driver import faults, ledger
from tests.pty_port import PtyPort
from tests.scenario import Scenario, furnish

pytestmark = pytest.mark.display

IDLE_S = 20


@pytest.fixture
def library(tmp_path: Path) -> Config:
    """Two books that Aigul has had for a week, one that Yerlan has, and a scanner on a line."""
    today = date.today()
    due, since = today + timedelta(days=3), today - timedelta(days=7)
    sections = {
        "Settings": [
            "[visit]", f"idle_s = {IDLE_S}", "idle_by_grade = {}", "warning_s = 2", "summary_s = 2",
            "[sound]", "volume = 0",
            "[[readers]]", 'kind = "serial"', 'name = "gate"', f'port = "{tmp_path / "gate"}"',
        ],
        "Loans": [
            "card;barcode;due;since",
            *(f"{had};{due};{since}" for had in ("C-AIGUL;B3", "C-AIGUL;B4", "C-ERLAN;B6")),
        ],
    }  # fmt: skip
    return furnish(tmp_path / "kiosk", Scenario("person", tmp_path, sections, 0))


@pytest.fixture
def person(library: Config, tmp_path: Path, screen: str) -> Iterator[Person]:
    with PtyPort(tmp_path / "gate") as port:
        someone = Person(library.path, port, screen)
        yield someone
        someone.leave()


def test_a_visit_by_finger_and_scanner_leaves_nothing_behind(person: Person, library: Config) -> None:
    person.read("HomePage")
    person.scan("C-AIGUL")
    person.read("VisitPage", "Айгүл Ә.")
    for book, title in (("B1", "Абай жолы"), ("B2", "Ұшқан ұя"), ("B5", "Шығанақ")):
        person.scan(book)
        person.read("VisitPage", title, "Кітап берілді")
    for book, title in (("B3", "Менің атым Қожа"), ("B4", "Тағдыр")):
        person.scan(book)
        person.read("VisitPage", title, "Кітап қайтарылды")
    person.touch("keep")
    person.read("VisitPage", "Мерзім ұзартылды")
    person.touch("language")
    person.read("VisitPage", "Айгүл Ә.", "Готово", "Тағдыр")
    person.touch("account")
    person.touch("renew_all")
    person.read("AccountPage", "Продлено:")
    person.touch("back")
    person.touch("search")
    for letter in "АСЫЛ":
        person.touch("key", letter)
    person.read("SearchPage", "Асыл сөз")
    person.touch("hold")
    person.read("SearchPage", "Место в очереди: 1")
    person.press_keys("Escape", "F1", "F11", "alt+F4", "ctrl+q")
    person.wait_for(lambda seen: seen["page"] == "IdleWarning", "the warning")
    person.read("HomePage", "Оқырман билетін")
    left = person.alive()
    for trace in ("Айгүл", "Абай", "Тағдыр", "Асыл", "Место", "АСЫЛ"):
        assert trace not in left, trace
    person.scan("C-ERLAN")
    person.read("VisitPage", "Ерлан С.", "Асыл сөз")
    second = person.alive()
    assert "Айгүл" not in second and "Тағдыр" not in second
    person.touch("not_me")
    person.read("HomePage")
    kinds = [entry["kind"] for entry in ledger(library) if entry["kind"] in CIRCULATION]
    assert kinds[:7] == ["checkout"] * 3 + ["checkin"] * 2 + ["undo", "renewal"]
    assert set(kinds[7:-1]) == {"renewal"} and kinds[-1] == "hold"
    assert faults(library) == []
