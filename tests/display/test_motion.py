"""Motion in a real window, by a clock moved by hand: it ends where all stands without it, and holds nothing up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.display.conftest import Run

pytestmark = pytest.mark.display

Motions = Callable[[str], Any]


@pytest.fixture
def motions(run_module: Run, tmp_path: Path) -> Motions:
    """Run a function of tests.display.motions in a process of its own."""
    return lambda name: json.loads(run_module("tests.display.motions", name, tmp_path))


def test_what_moves_ends_where_it_stands_with_motion_off_and_off_is_off(motions: Motions) -> None:
    moving, still = motions("moving"), motions("still")
    assert [end for _, _, end in moving] == [end for _, _, end in still]
    assert not any(begun or other for begun, other, _ in still)
    # All but the way home, where nothing may be seen of who has gone.
    assert [begun for begun, _, _ in moving] == [True] * 7 + [False, True]
    assert [other for begun, other, _ in moving[1:3]] == [True, True]


def test_the_next_view_finishes_a_motion(motions: Motions) -> None:
    halfway, after, settled = zip(*motions("cut_short"), strict=True)
    assert all(halfway) and not any(after) and all(settled)


def test_the_first_frame_says_all_that_the_last_one_does(motions: Motions) -> None:
    first, last, moving = motions("told_at_once")
    assert first == last and all(first)
    assert moving


def test_home_tells_its_story_in_four_steps_and_stops_when_something_happens(motions: Motions) -> None:
    steps, after, more = motions("story")
    assert steps == [-1, 0, 1, 2, 3, -1]
    assert (after, more) == (-1, 0)


def test_with_motion_off_home_tells_no_story(motions: Motions) -> None:
    assert motions("no_story") == []
