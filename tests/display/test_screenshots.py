"""`kiosk screenshots`: which pictures are made, and that a wrong question is answered in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from kiosk.cli import main
from kiosk.screenshots_cli import NoPictures, chosen, dressed
from kiosk.showcase import views
from tests.display.conftest import Run


def test_without_a_choice_every_state_is_drawn_in_every_language() -> None:
    assert len(chosen((), ("kk", "ru", "en"))) == 3 * len(views())


def test_a_view_stands_for_all_of_its_states() -> None:
    states = {name for name, view in views().items() if view.name == "account"}
    assert set(chosen(("account",), ("ru",))) == {f"{name}-ru" for name in states}


def test_a_name_says_what_is_unusual() -> None:
    home = chosen(("home-online",), ("kk",))
    named = [name for name, _ in dressed(home, ("light", "night"), True)]
    assert named == ["home-online-kk-large", "home-online-kk-night-large"]


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(NoPictures, match="there is no view teapot"):
        chosen(("teapot",), ("kk",))


@pytest.mark.parametrize("wrong", [("--size", "big"), ("--language", "tlh"), ("--view", "teapot")])
def test_a_wrong_question_makes_no_picture(wrong: tuple[str, str], tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["screenshots", "--out", str(tmp_path / "out"), *wrong], env={"DISPLAY": ":0"})
    assert done.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_pictures_are_as_large_as_the_panel(run_module: Run, tmp_path: Path) -> None:
    state, other = ("--view", "home-online", "--language", "kk"), ("--size", "720x1280", "--theme", "contrast")
    assert "1 pictures" in run_module("kiosk", "screenshots", "--out", tmp_path, *state, *other)
    with Image.open(tmp_path / "home-online-kk-contrast-720x1280.png") as picture:
        assert picture.size == (720, 1280)
        assert picture.convert("RGB").getpixel((2, 2)) == (0, 0, 0)
