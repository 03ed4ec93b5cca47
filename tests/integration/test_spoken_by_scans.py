"""A whole visit of a child who sees nothing: a scanner on a line, what the Speaker is told to say, the printed card.

The desk, the ledger, the reader's thread and the Signals are those of the kiosk; only the clock and the voice are not.
"""

from __future__ import annotations

import queue
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image

from kiosk.circulation.acts import CIRCULATION
from kiosk.circulation.model import Scan
from kiosk.circulation.views import Message
from kiosk.cli import main
from kiosk.config import Config
from kiosk.desk import Input
from kiosk.plugging import plugged_in
from kiosk.signals import Signals
from kiosk.text import words
from tests.driver import PATIENCE_S, faults, ledger, wait_for
from tests.pty_port import PtyPort
from tests.scenario import CLOCK, Player, Scenario, furnish

SAME_SCAN_S = 3.0


class Recorder:
    """A Speaker that writes down what it would say."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, speech: Sequence[Message], language: str) -> None:
        self.said.append(words(language).aloud(speech))

    def hush(self) -> None:
        self.said.append("")


@pytest.fixture
def library(tmp_path: Path) -> Config:
    """A book that Aigul has had for a week, and a scanner on a line."""
    sections = {
        "Settings": ["[[readers]]", 'kind = "serial"', 'name = "gate"', f'port = "{tmp_path / "gate"}"'],
        "Loans": ["card;barcode;due;since", "C-AIGUL;B3;2026-09-24;2026-09-14"],
    }
    return furnish(tmp_path / "kiosk", Scenario("by scans", tmp_path, sections, 1))


def printed(config: Config, folder: Path) -> dict[str, str]:
    """The codes on the sheet that hangs beside the kiosk, read from its picture."""
    sheet = folder / "commands.png"
    done = CliRunner().invoke(main, ["devices", "commands", str(sheet), "--config", str(config.path)])
    assert done.exit_code == 0, done.output
    with Image.open(sheet) as picture:
        found = [code.text for code in zxingcpp.read_barcodes(picture)]
    return {code.removeprefix("KIOSK-"): code for code in found}


def heard(config: Config, codes: Sequence[str]) -> list[str]:
    """What is said of these codes, held to the scanner one after the other; "" where the voice falls silent."""
    recorder, inbox = Recorder(), queue.SimpleQueue[Input]()
    with ExitStack() as undo:
        port = undo.enter_context(PtyPort(config.folder.parent / "gate"))
        player = Player(config, CLOCK, "")
        undo.callback(player.close)
        signals = Signals(lambda: [], recorder)
        signals.start()
        undo.callback(signals.stop)
        signals.told(player.desk.ring())
        plugs = plugged_in(config, inbox.put)
        plugs.start()
        undo.callback(plugs.stop)
        wait_for(lambda: plugs.health()["gate"] == "", "the port is open")
        for code in codes:
            player.clock.move(SAME_SCAN_S)
            port.send(code.encode() + b"\r\n")
            while not isinstance(given := inbox.get(timeout=PATIENCE_S), Scan):
                signals.told(player.desk.take(given))
            signals.told(player.desk.take(given))
    return recorder.said


SPOKEN = {
    "KK": (
        "Дауыстап оқу қосылды. Билетті немесе кітапты сканерге жақындатыңыз.",
        "Сәлеметсіз бе, Айгүл Ә.! Қолыңыздағы кітап саны: 1. Кітаптың штрихкодын сканерлеңіз. "
        "Аяқтау үшін аяқтау картасын сканерлеңіз.",
        "Абай жолы. Кітап берілді. Қайтару мерзімі: жұма, 2 қазан.",
        "Менің атым Қожа. Рақмет! Кітап қайтарылды.",
        "Кітап табылмады. Оны кітапханашыға беріңіз.",
        "Абай жолы. Мерзімі: 2 қазан.",
        "Менің атым Қожа. Кітап қайтарылды. Абай жолы. Кітап берілді. Мерзімі: 2 қазан. Рақмет! Тағы келіңіз.",
    ),
    "RU": (
        "Чтение вслух включено. Поднесите к сканеру билет или книгу.",
        "Здравствуйте, Айгүл Ә.! Книг на руках: 1. Отсканируйте штрихкод книги. "
        "Чтобы закончить, отсканируйте карту «Готово».",
        "Абай жолы. Книга выдана. Срок возврата: пятница, 2 октября.",
        "Менің атым Қожа. Спасибо! Книга возвращена.",
        "Книга не найдена. Отдайте её библиотекарю.",
        "Абай жолы. Срок: 2 октября.",
        "Менің атым Қожа. Книга возвращена. Абай жолы. Книга выдана. Срок: 2 октября. Спасибо! Приходите ещё.",
    ),
    "EN": (
        "Reading aloud is on. Hold your card or a book to the scanner.",
        "Hello, Айгүл Ә.! Books you have: 1. Scan the barcode of a book. To finish, scan the finish card.",
        "Абай жолы. Borrowed. Due back: Friday, 2 October.",
        "Менің атым Қожа. Thank you! Book returned.",
        "This book was not found. Please give it to the librarian.",
        "Абай жолы. Due: 2 October.",
        "Менің атым Қожа. Returned. Абай жолы. Borrowed. Due: 2 October. Thank you! See you again.",
    ),
}
SILENCE = ""


@pytest.mark.parametrize("language", SPOKEN)
def test_a_whole_visit_by_scans_alone_is_spoken_and_the_next_child_hears_nothing(
    language: str, library: Config, tmp_path: Path
) -> None:
    sheet = printed(library, tmp_path)
    on, hello, *rest = SPOKEN[language]
    # A card brings its reader's own language; the printed code of another turns to that one.
    turn = [] if language == "KK" else [sheet[f"LANGUAGE-{language}"]]
    hellos = [hello] if language == "KK" else [SPOKEN["KK"][1], hello]
    books = ["B1", "B3", "X-1", sheet["PRINT"]]
    said = heard(library, [*turn, sheet["SPEECH"], "C-AIGUL", *turn, *books, sheet["FINISH"], "C-ERLAN", "B2"])
    assert said == [on, *hellos, *rest, SILENCE, SILENCE]
    assert [one["kind"] for one in ledger(library) if one["kind"] in CIRCULATION] == ["checkout", "checkin", "checkout"]
    assert faults(library) == []
