"""A display is needed; these tests are skipped without one, and fail without one where KIOSK_DISPLAY=1 promises it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.driver import PATIENCE_S, need_tool

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("kk", "ru", "en")
AT_ONCE = 2
WITHIN_S = 400

Run = Callable[..., str]
Report = dict[str, Any]


class Broken(AssertionError):
    """A process with a window ended badly."""


@pytest.fixture(scope="session", autouse=True)
def display() -> None:
    """Whether there is a display."""
    if os.environ.get("DISPLAY"):
        return
    if os.environ.get("KIOSK_DISPLAY") == "1":
        pytest.fail("KIOSK_DISPLAY=1 promises a display, but DISPLAY names none")
    pytest.skip("no display; deploy/test starts one")


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: the folder that KIOSK_PICTURES names, or one for this run."""
    named = os.environ.get("KIOSK_PICTURES")
    folder = Path(named).resolve() if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def run_module(display: None) -> Run:
    """Run a module in a process of its own, as a window needs one; what it says in its failure is shown."""

    def run(module: str, *arguments: object) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        if done.returncode:
            raise Broken(f"{module} {arguments}: exit code {done.returncode}\n{done.stderr[-3000:]}")
        return done.stdout

    return run


@pytest.fixture(scope="session")
def studio(run_module: Run, pictures: Path) -> Callable[..., dict[str, Report]]:
    """What the studio says of every state, by its name, in a language on a panel, as somebody likes it; drawn once."""

    def draw(drawn: tuple[str, str, str]) -> dict[str, Report] | Broken:
        language, size, choices = drawn
        try:
            lines = run_module("tests.display.studio", language, size, pictures, *choices.split()).splitlines()
        except Broken as broken:
            return broken
        return {report["state"]: report for report in map(json.loads, lines)}

    @cache
    def all_of(size: str, choices: str) -> dict[str, dict[str, Report] | Broken]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(
                zip(LANGUAGES, pool.map(draw, [(language, size, choices) for language in LANGUAGES]), strict=True)
            )

    def reports(language: str, size: str, choices: str = "") -> dict[str, Report]:
        found = all_of(size, choices)[language]
        if isinstance(found, Broken):
            raise found
        return found

    return reports


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
