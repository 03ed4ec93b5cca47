"""Every view in every state and language: nothing cut, nothing too small to touch, every touch arrives once."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.showcase import views
from tests.display.conftest import LANGUAGES

SMALLEST = "800x480"
FULL = os.environ.get("KIOSK_FULL") == "1"
PANELS = ("1024x600", "1280x720", "1920x1080", "720x1280") if FULL else ()
CHOICES = ("contrast", "night", "large_text", "contrast large_text") if FULL else ()

Studio = Callable[..., dict[str, dict[str, Any]]]

pytestmark = pytest.mark.display


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", views())
def test_everything_in_a_view_can_be_read_and_touched(studio: Studio, state: str, language: str) -> None:
    assert studio(language, SMALLEST)[state]["wrong"] == []


@pytest.mark.parametrize("state", views())
def test_a_touch_on_a_button_sends_its_action_exactly_once(studio: Studio, state: str) -> None:
    for button, pressed in studio("kk", SMALLEST)[state]["touched"]:
        assert pressed == [button]


@pytest.mark.parametrize("state", views())
def test_every_action_of_a_view_has_a_button(studio: Studio, state: str) -> None:
    view = views()[state]
    if view.countdown is not None:
        wanted = {"more_time"}
    else:
        lines = view.matrix.lines if view.matrix is not None else ()
        parts = [*(row.actions for row in view.rows), *(cell.actions for cell in view.cells)]
        wanted = {
            *view.actions,
            *(action for actions in (*parts, *(line.actions for line in lines)) for action in actions),
        }
    wanted = {action for action in wanted if not action.startswith("type_")}  # done by typing, on the page itself
    touched = {button[0] for button, _ in studio("kk", SMALLEST)[state]["touched"]}
    assert not wanted - touched


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("choices", CHOICES)
def test_every_view_can_be_read_in_every_theme_and_in_large_text(studio: Studio, choices: str, language: str) -> None:
    reports = studio(language, SMALLEST, choices)
    assert {state: report["wrong"] for state, report in reports.items() if report["wrong"]} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", PANELS)
def test_every_view_fits_larger_panels(studio: Studio, size: str, language: str) -> None:
    wrong = {state: report["wrong"] for state, report in studio(language, size).items() if report["wrong"]}
    assert wrong == {}
