"""The children's guide: a page in each language, with pictures of the very screens."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageFont

import kiosk
from kiosk import guide_librarian
from kiosk.guide_cli import COLUMNS, GAP, MARGIN, PAGE, SENTENCE, STEPS, TITLE
from kiosk.guide_paper import balanced, folded
from kiosk.showcase import views
from kiosk.text import Words, languages
from tests.display.conftest import Run

FONT = Path(kiosk.__file__).parent / "screens" / "fonts" / "Onest_700Bold.ttf"


@pytest.mark.parametrize("language", languages())
def test_every_sentence_has_room_below_its_picture(language: str) -> None:
    words = Words(language, strict=True)
    width = (PAGE[0] - 2 * MARGIN - (COLUMNS - 1) * GAP) // COLUMNS - 60
    font = ImageFont.truetype(FONT, SENTENCE)
    title = folded(words.label("guide.title"), ImageFont.truetype(FONT, TITLE), PAGE[0] - 2 * MARGIN)
    room = (PAGE[1] - 2 * MARGIN - len(title) * TITLE * 1.2) / (len(STEPS) / COLUMNS) - (width + 60) * 0.6 - GAP / 2
    for step in STEPS:
        lines = folded(words.label(f"guide.{step}"), font, width)
        assert all(font.getlength(line) <= width for line in lines)
        assert len(lines) * SENTENCE * 1.25 + 22 <= room, step
    assert len(title) <= 2 and set(STEPS.values()) <= set(views())


def test_lines_are_even() -> None:
    font = ImageFont.truetype(FONT, TITLE)
    sentence = "Borrow and return books by yourself"
    whole = PAGE[0] - 2 * MARGIN
    assert folded(sentence, font, whole)[-1] == "yourself"
    lines = balanced(sentence, font, whole)
    assert (len(lines), " ".join(lines)) == (2, sentence)
    assert abs(font.getlength(lines[0]) - font.getlength(lines[1])) < whole / 4


@pytest.mark.display
def test_the_guide_is_a_page_with_the_screens_in_it(run_module: Run, tmp_path: Path) -> None:
    assert "1 guides" in run_module("kiosk", "guide", "--out", tmp_path, "--language", "kk")
    with Image.open(tmp_path / "guide-kk.png") as page:
        assert page.size == PAGE
        assert len(page.convert("RGB").getcolors(1 << 20) or ()) > 1000
    assert (tmp_path / "guide-kk.pdf").read_bytes().count(b"/Type /Page\n") == 1


@pytest.mark.parametrize("language", languages())
def test_every_step_of_the_librarians_year_has_its_words_and_its_picture(language: str) -> None:
    words = Words(language, strict=True)
    font = ImageFont.truetype(FONT.with_name("Onest_500Medium.ttf"), guide_librarian.SENTENCE)
    width = guide_librarian.PAGE[0] - 2 * guide_librarian.MARGIN - guide_librarian.PICTURE - guide_librarian.GAP
    for month, steps in guide_librarian.YEAR.items():
        assert words.label(f"librarian.{month}")
        for step in steps:
            lines = folded(words.label(f"librarian.{month}.{step}"), font, width)
            assert all(font.getlength(line) <= width for line in lines)
            assert len(lines) <= 9, (step, "the words are longer than the picture is high")
    assert set(guide_librarian.pictures()) <= set(views())


@pytest.mark.display
def test_the_librarians_guide_goes_through_her_year(run_module: Run, tmp_path: Path) -> None:
    run_module("kiosk", "guide", "--librarian", "--out", tmp_path, "--language", "ru")
    assert (tmp_path / "guide-librarian-ru.pdf").read_bytes().count(b"/Type /Page\n") == 5
