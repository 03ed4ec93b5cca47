"""Touches, keys, threads: what a hand can do to the screen, and what is left behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.display.conftest import Run

pytestmark = pytest.mark.display

Handling = Callable[[str], Any]


@pytest.fixture
def handling(run_module: Run, tmp_path: Path) -> Handling:
    """Run a function of tests.display.handling in a process of its own."""
    return lambda name: json.loads(run_module("tests.display.handling", name, tmp_path))


def test_a_bounced_touch_counts_once(handling: Handling) -> None:
    assert handling("bounced") == [["search", ""], ["search", ""]]


def test_a_touch_that_outlives_its_screen_presses_nothing(handling: Handling) -> None:
    assert handling("under_the_finger") == []


def test_wheel_presses_nothing(handling: Handling) -> None:
    assert handling("other_buttons_of_a_mouse") == [[], 0]


def test_a_keyboard_plugged_into_the_kiosk_does_nothing(handling: Handling) -> None:
    assert handling("keyboard_ignored") == [[], [], 1, False, 1]


def test_typing_searches_after_a_moment_and_keeps_what_is_typed_meanwhile(handling: Handling) -> None:
    before, typed, pressed = handling("typing")
    assert (before, typed[0]) == ([], "ұшқ")
    assert pressed == [["search", "ұшқа b7"]]


def test_digits_are_sent_with_the_tick_and_a_pin_shows_only_dots(handling: Handling) -> None:
    assert handling("keypad") == ["••••", "", ["1234", "01.09.2026"]]


def test_a_touch_anywhere_on_the_warning_asks_for_more_time_and_the_page_is_kept(handling: Handling) -> None:
    assert handling("warning") == [[["more_time", ""]], "ш"]


def test_a_large_class_has_pages(handling: Handling) -> None:
    assert handling("pages") == [12, 3, []]


def test_of_several_views_from_another_thread_the_newest_is_drawn_in_one_frame(handling: Handling) -> None:
    assert handling("newest_wins") == [["ok.returned_late"], ["ok.returned_late"]]


def test_nothing_of_a_visit_is_left_one_frame_after_it(handling: Handling) -> None:
    left = handling("nobody_left")
    assert len(left) == 6 and not any(left.values()), left


def test_there_is_no_cursor_no_settings_panel_and_no_window_to_close(handling: Handling) -> None:
    assert handling("no_way_out") == [False, False, True, 1]


def test_no_corner_no_edge_and_no_long_touch_is_a_way_out_and_one_finger_is_read_once(handling: Handling) -> None:
    assert handling("hidden_ways") == [[], True, 1, [["mouse", "mouse,disable_multitouch,disable_hover"]]]


def test_a_screen_with_nobody_there_dims_and_wanders_until_something_stirs(handling: Handling) -> None:
    at_rest, later, synced, touched, visit = handling("resting")
    assert at_rest[0] and later[0] and synced[0] and at_rest[1:] != later[1:]
    assert touched == [False, 0, 0, "help", ""]
    assert visit == [False, 0, 0]


def test_a_phone_reads_titles_and_dates_from_the_summary(handling: Handling) -> None:
    (ended,), undoing = handling("slip_code")
    assert ended.splitlines() == [
        "Менің атым Қожа: 02.10.2026",
        "Қазақстан Республикасындағы жаратылыста…: 02.10.2026",
    ]
    assert undoing == []


def test_widgets_do_not_pile_up(handling: Handling) -> None:
    after_12, after_24 = handling("growing")
    assert 0 < after_24 <= after_12
