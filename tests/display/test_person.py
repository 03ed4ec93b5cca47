"""A person's path through the kiosk: a finger that the X server knows of, a scanner on a line, and the real program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

from kiosk.circulation.acts import CIRCULATION
from kiosk.config import Config
from tests.display.conftest import ROOT
from tests.driver import PATIENCE_S, faults, ledger, need_tool
from tests.pty_port import PtyPort
from tests.scenario import Scenario, furnish

pytestmark = pytest.mark.display

IDLE_S = 20
WITHIN_S = 30


@pytest.fixture
def screen() -> Iterator[str]:
    """A display with nobody else's windows on it: other tests may run beside, and a finger touches what is on top."""
    ready, told = os.pipe()
    command = [need_tool("Xvfb"), "-displayfd", str(told), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[told], stderr=subprocess.DEVNULL)
    os.close(told)
    try:
        yield f":{os.read(ready, 20).decode().strip()}"
    finally:
        os.close(ready)
        process.terminate()
        process.wait(PATIENCE_S)


class Person:
    """Scans, touches, and looks."""

    def __init__(self, settings: Path, port: PtyPort, screen: str) -> None:
        self._xdotool = need_tool("xdotool")
        self._environment = {**os.environ, "DISPLAY": screen}
        self._port = port
        self._log = TemporaryFile()  # noqa: SIM115 - it is closed with the process
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.display.watched_kiosk", str(settings)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=self._environment,
            text=True,
        )
        self._window = self._x("search", "--sync", "--onlyvisible", "--class", ".").split()[0]

    def leave(self) -> None:
        """End the program."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()

    def _x(self, *words: str) -> str:
        command = [self._xdotool, *words]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=True, env=self._environment
        )
        return done.stdout

    def look(self) -> dict[str, Any]:
        """What is on the screen now."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the kiosk has ended"
        seen: dict[str, Any] = json.loads(line)
        return seen

    def wait_for(self, met: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Look until something is to be seen."""
        deadline = time.monotonic() + WITHIN_S
        others: dict[str, None] = {}
        while not met(seen := self.look()):
            others[f"{seen['page']} {seen['texts']}"] = None
            assert time.monotonic() < deadline, f"never seen: {what}; but {list(others)}"
            time.sleep(0.05)
        return seen

    def read(self, page: str, *texts: str) -> dict[str, Any]:
        """Wait for a page that says all of this somewhere."""
        return self.wait_for(
            lambda seen: seen["page"] == page and all(text in " ".join(seen["texts"]) for text in texts),
            f"{page} {texts}",
        )

    def scan(self, code: str) -> None:
        """Hold a code to the scanner."""
        self._port.send(code.encode() + b"\r\n")

    def touch(self, action: str, argument: str = "") -> None:
        """Touch what stands for an action, as soon as it is there and stays in its place."""
        places: list[Any] = [None]

        def rests(seen: dict[str, Any]) -> bool:
            found = [one[2:] for one in seen["touchable"] if one[0] == action and argument in ("", one[1])]
            places.append(found[0] if found else None)
            return places[-1] is not None and places[-1] == places[-2]

        self.wait_for(rests, f"a button {action} {argument}")
        x, y = places[-1]
        self._x("mousemove", "--window", self._window, str(round(x)), str(round(y)), "click", "1")

    def press_keys(self, *keys: str) -> None:
        """Keys of a keyboard that somebody has plugged in."""
        self._x("key", "--window", self._window, *keys)


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
    left = person.read("HomePage", "Оқырман билетін")
    for trace in ("Айгүл", "Абай", "Тағдыр", "Асыл", "Место", "АСЫЛ"):
        assert trace not in left["alive"], trace
    person.scan("C-ERLAN")
    second = person.read("VisitPage", "Ерлан С.", "Асыл сөз")
    assert "Айгүл" not in second["alive"] and "Тағдыр" not in second["alive"]
    person.touch("not_me")
    person.read("HomePage")
    kinds = [entry["kind"] for entry in ledger(library) if entry["kind"] in CIRCULATION]
    assert kinds[:7] == ["checkout"] * 3 + ["checkin"] * 2 + ["undo", "renewal"]
    assert set(kinds[7:-1]) == {"renewal"} and kinds[-1] == "hold"
    assert faults(library) == []
