"""Somebody at the kiosk: a finger that the X server knows of, a scanner on a line, and the real program before them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from tests.display.conftest import ROOT
from tests.driver import PATIENCE_S, need_tool
from tests.pty_port import PtyPort

WITHIN_S = 30
BETWEEN_TOUCHES_S = 0.4
_PART = re.compile(r"\d+ / \d+")
"""What the button says that turns a long page."""


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
        self._touched = 0.0
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

    def look(self, picture: Path | None = None) -> dict[str, Any]:
        """What is on the screen now. picture: the file that keeps it."""
        seen: dict[str, Any] = self._ask(str(picture or ""))
        return seen

    def alive(self) -> str:
        """The words of every widget that there is. Only while nothing is scanned or touched."""
        return str(self._ask("alive"))

    def _ask(self, line: str) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        told = self.process.stdout.readline()
        assert told, "the kiosk has ended"
        return json.loads(told)

    def wait_for(self, met: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Look until something is to be seen."""
        deadline = time.monotonic() + WITHIN_S
        others: dict[str, None] = {}
        while not met(seen := self.look()):
            others[f"{seen['page']} {seen['texts']}"] = None
            assert time.monotonic() < deadline, f"never seen: {what}; but {list(others)}\n{self._told()}"
            time.sleep(0.05)
        return seen

    def _told(self) -> str:
        """What the program wrote last to its log."""
        return os.pread(self._log.fileno(), 1_000_000, 0).decode("utf-8", errors="replace")[-3000:]

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
        """Touch what stands for an action, once it is there and stays in its place. A long page is turned to it."""
        places: list[Any] = [None]
        turned: set[str] = set()

        def rests(seen: dict[str, Any]) -> bool:
            found = [one[2:4] for one in seen["touchable"] if one[0] == action and argument in ("", one[1])]
            if not found and argument:
                found = [one[2:4] for one in seen["touchable"] if _PART.fullmatch(one[4]) and one[4] not in turned]
            places.append(found[0] if found else None)
            return places[-1] is not None and places[-1] == places[-2]

        while True:
            seen = self.wait_for(rests, f"a button {action} {argument}")
            x, y = places[-1]
            # A finger is not faster; what is, is the bounce of the touch before (`wires.Gate`).
            time.sleep(max(self._touched + BETWEEN_TOUCHES_S - time.monotonic(), 0.0))
            self._touched = time.monotonic()
            self._x("mousemove", "--window", self._window, str(round(x)), str(round(y)), "click", "1")
            parts = [one[4] for one in seen["touchable"] if one[2:4] == places[-1] and _PART.fullmatch(one[4])]
            if not parts:
                return
            turned.update(parts)
            places.append(None)

    def press_keys(self, *keys: str) -> None:
        """Keys of a keyboard that somebody has plugged in."""
        self._x("key", "--window", self._window, *keys)
