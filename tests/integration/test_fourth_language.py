"""A fourth language is one folder: a made-up one, put beside the three of a copy of the program."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kiosk
from kiosk.text import PLACEHOLDER

PACKAGE = Path(kiosk.__file__).parent
TESTS = Path(__file__).parents[1]
FOLDER = "locale/uz/LC_MESSAGES/kiosk.po"
SECONDS = 100


def made_up(english: str) -> str:
    """The English catalogue with ö for o in every text, under another name."""

    def text(line: str) -> str:
        found = re.fullmatch(r'(msgstr(?:\[\d\])? )"(.*)"', line)
        if found is None:
            return line
        between = PLACEHOLDER.split(found[2])  # text, name, style, text, ...
        names = [match.group() for match in PLACEHOLDER.finditer(found[2])] + [""]
        parts = zip(between[::3], names, strict=True)
        return f'{found[1]}"{"".join(part.replace("o", "ö") + name for part, name in parts)}"'

    head, rest = english.split("\n\n", 1)
    head = head.replace("Language: en", "Language: uz").replace("Name: English", "Name: Öz")
    return head + "\n\n" + "\n".join(map(text, rest.splitlines())) + "\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a copy of the program that speaks four languages, and the tests of its words."""
    shutil.copytree(PACKAGE, tmp_path / "kiosk", ignore=shutil.ignore_patterns("__pycache__"))
    english = (PACKAGE / "locale/en/LC_MESSAGES/kiosk.po").read_text(encoding="utf-8")
    fourth = tmp_path / "kiosk" / FOLDER
    fourth.parent.mkdir(parents=True)
    fourth.write_text(made_up(english), encoding="utf-8")
    (tmp_path / "test_words.py").write_text((TESTS / "unit/test_text.py").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def run(place: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Python on the copy."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place)},
        input=given,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_it_is_spoken_by_a_card_by_the_button_and_on_the_first_screen(place: Path) -> None:
    made = run(place, "kiosk", "init", "--school", "Test", "school")
    assert made.returncode == 0, made.stderr
    settings = place / "school/kiosk.toml"
    written = settings.read_text(encoding="utf-8").replace('["kk", "ru", "en"]', '["kk", "uz"]')
    settings.write_text(written, encoding="utf-8")
    given = "press help\nscan KIOSK-LANGUAGE-UZ\npress language\npress language\nquit\n"
    told = run(place, "kiosk", "console", "--json", "--config", str(settings), given=given)
    texts = [json.loads(line)["message"]["text"] for line in told.stdout.splitlines()[1:5]]
    assert texts[0] == texts[2] == "Көмек керек болса, кітапханашыға барыңыз", told.stderr
    assert texts[1] == texts[3] == "If yöu need help, please see the librarian"
    assert "ok   languages: kk, uz" in run(place, "kiosk", "doctor", "--config", str(settings)).stdout
    settings.write_text(written.replace('"uz"', '"uu"'), encoding="utf-8")
    assert (
        "languages: no words for uu; there are en, kk, ru, uz"
        in run(place, "kiosk", "doctor", "--config", str(settings)).stdout
    )


def test_its_words_are_checked_as_the_others_are(place: Path) -> None:
    def tested() -> str:
        return run(place, "pytest", "-q", "-p", "no:cacheprovider", "-k", "uz or key", "test_words.py").stdout

    assert " passed" in tested() and "failed" not in tested()
    words = place / "kiosk" / FOLDER
    whole = words.read_text(encoding="utf-8")
    words.write_text(re.sub(r'msgid "ok\.bye"\nmsgstr .*\n', "", whole), encoding="utf-8")
    assert "test_no_catalogue_has_a_key_that_another_lacks[uz]" in tested()
    words.write_text(whole + '\nmsgid "ok.more"\nmsgstr "Möre"\n', encoding="utf-8")
    assert "test_no_catalogue_has_a_key_that_another_lacks[uz]" in tested()
