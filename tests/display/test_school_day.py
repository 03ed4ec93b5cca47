"""A school day of eight hours: what the window holds at its end is what it held in the morning."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.display.conftest import Run

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(os.environ.get("KIOSK_FULL") != "1", reason="minutes; KIOSK_FULL=1 runs it"),
]

GROWS_KB = 4096
"""The allocator's; a page that stayed for each of 56 visits would be many times as much."""


def test_memory_and_widgets_are_flat_over_a_school_day(run_module: Run, tmp_path: Path) -> None:
    hours = [json.loads(line) for line in run_module("tests.display.school_day", tmp_path, 5).splitlines()]
    print(*hours, sep="\n")
    assert len(hours) == 8 and all(hour["acts"] > 3 for hour in hours)
    assert max(hour["widgets"] for hour in hours[1:]) <= hours[0]["widgets"] * 1.05
    assert hours[-1]["rss_kb"] - hours[3]["rss_kb"] < GROWS_KB
