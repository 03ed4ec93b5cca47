"""The children's guide: a page in each language, with pictures of the very screens."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageFont

import kiosk
from kiosk.guide_cli import COLUMNS, GAP, MARGIN, PAGE, SENTENCE, STEPS, TITLE, balanced, folded
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
