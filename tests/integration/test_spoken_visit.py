"""A whole visit by scans and ears alone: what is said at each step, in each language; and every view says something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.circulation.appearance import PLAIN, Appearance
from kiosk.circulation.views import Message, View
from kiosk.circulation.visit.speech import speech, to_say
from kiosk.showcase import views
from kiosk.showcase_staff import staff_views
from kiosk.showcase_year import year_views
from kiosk.text import Words, languages, words
from tests.scenario import CLOCK, Player, Scenario, furnish


class Ears:
    """A player of scenarios, and what is heard meanwhile."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._before: View | None = player.desk.view()

    def hear(self, line: str) -> str | None:
        """What a step makes the kiosk say; "" if it falls silent, None if nothing is heard."""
        self._player.step(line)
        after = self._player.desk.view()
        said, self._before = to_say(self._before, after), after
        return words(after.language).aloud(said) if said is not None else None


@pytest.fixture
def ears(tmp_path: Path) -> Iterator[Ears]:
    loans = ["card;barcode;due;since", "C-AIGUL;B3;2026-09-24;2026-09-14"]
    sections = {"Settings": ["[speech]", 'kind = "espeak"'], "Loans": loans}
    player = Player(furnish(tmp_path / "kiosk", Scenario("spoken", tmp_path, sections, 1)), CLOCK, "")
    yield Ears(player)
    player.close()


def test_a_whole_visit_by_scans_and_ears(ears: Ears) -> None:
    heard = {
        "scan C-ERLAN": None,
        "scan KIOSK-FINISH": None,
        "scan KIOSK-SPEECH": "Дауыстап оқу қосылды. Билетті немесе кітапты сканерге жақындатыңыз.",
        "scan C-AIGUL": "Сәлеметсіз бе, Айгүл Ә.! Қолыңыздағы кітап саны: 1. Кітаптың штрихкодын сканерлеңіз. "
        "Аяқтау үшін аяқтау картасын сканерлеңіз.",
        "scan B1": "Абай жолы. Кітап берілді. Қайтару мерзімі: жұма, 2 қазан.",
        "tick 3": None,
        "scan B1 ": "Абай жолы. Бұл кітап қазір сізде.",
        "scan B3": "Менің атым Қожа. Рақмет! Кітап қайтарылды.",
        "scan X-1": "Кітап табылмады. Оны кітапханашыға беріңіз.",
        "scan X-2": "Кітап табылмады. Оны кітапханашыға беріңіз.",
        "scan REF1": "Қазақстан ұлттық энциклопедиясы. Бұл кітап үйге берілмейді. Оны оқу залында оқи аласыз.",
        "scan KIOSK-PRINT": "Абай жолы. Мерзімі: 2 қазан.",
        "scan K1": "Көшпенділер. Кітап берілді. Қайтару мерзімі: жұма, 2 қазан.",
        "scan K2": "Көшпенділер. Кітап берілді. Қайтару мерзімі: жұма, 2 қазан.",
        "tick 109": None,
        "tick 1": "Әлі осындасыз ба? Жалғастыру үшін билетіңізді қайта сканерлеңіз.",
        "tick 1 ": None,
        "scan C-AIGUL ": "Көшпенділер. Кітап берілді. Қайтару мерзімі: жұма, 2 қазан.",
        "scan KIOSK-FINISH ": "Көшпенділер. Кітап берілді. Мерзімі: 2 қазан. Көшпенділер. Кітап берілді. "
        "Мерзімі: 2 қазан. Менің атым Қожа. Кітап қайтарылды. Абай жолы. Кітап берілді. Мерзімі: 2 қазан. "
        "Рақмет! Тағы келіңіз.",
        "tick 24": "",
        "scan C-ERLAN ": None,
    }
    for line, said in heard.items():
        assert ears.hear(line) == said, line


def test_the_same_in_russian_and_english(ears: Ears) -> None:
    ears.hear("scan KIOSK-LANGUAGE-RU")
    assert ears.hear("scan KIOSK-SPEECH") == ("Чтение вслух включено. Поднесите к сканеру билет или книгу.")
    assert ears.hear("scan C-ANNA") == (
        "Здравствуйте, Анна С.! Отсканируйте штрихкод книги. Чтобы закончить, отсканируйте карту «Готово»."
    )
    assert ears.hear("scan B1") == "Абай жолы. Книга выдана. Срок возврата: пятница, 2 октября."
    assert ears.hear("scan KIOSK-LANGUAGE-EN") == "Абай жолы. Borrowed. Due back: Friday, 2 October."
    assert ears.hear("scan B3") == "Менің атым Қожа. Borrowed. Due back: Friday, 2 October."
    assert ears.hear("scan KIOSK-FINISH") == (
        "Менің атым Қожа. Borrowed. Due: 2 October. Абай жолы. Borrowed. Due: 2 October. Thank you! See you again."
    )


def test_a_visit_with_nothing_done_says_good_bye(ears: Ears) -> None:
    ears.hear("scan KIOSK-SPEECH")
    ears.hear("scan C-ERLAN")
    assert ears.hear("scan KIOSK-FINISH") == "Рақмет! Тағы келіңіз."
    assert ears.hear("tick 24") == ""


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", sorted(views().keys() - staff_views().keys() - year_views().keys()))
def test_every_view_says_something_and_nothing_of_a_pin(name: str, language: str) -> None:
    """But the staff's, which are nobody's visit."""
    view = views()[name]
    said = Words(language, strict=True).aloud(speech(view))
    assert said and said[-1] in ".!?…"
    assert "•" not in said and not (view.name == "pin" and view.typed and view.typed in said)


def test_a_countdown_is_said_once() -> None:
    warned = views()["idle-warning"]
    spoken = [replace(warned, appearance=Appearance(spoken=True), countdown=n, speech=speech(warned)) for n in (9, 8)]
    assert to_say(None, spoken[0]) == (Message.of("say.still_here"),)
    assert to_say(spoken[0], spoken[1]) is None
    assert to_say(spoken[1], replace(spoken[1], appearance=PLAIN)) == ()
    assert to_say(None, replace(spoken[1], appearance=PLAIN)) is None
