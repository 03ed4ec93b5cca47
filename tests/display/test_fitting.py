"""Words in boxes, buttons in bars, bounced touches: what needs no window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kiosk.screens.fitting import ELLIPSIS, NBSP, bar_widths, fit, glue, pages, wrap
from kiosk.screens.wires import SAME_KEY_S, Gate

TEXTS = st.text(alphabet="аәбв -\u00a0", max_size=60)


def width_of(text: str, size: float) -> float:
    """Every letter as wide as half its size."""
    return len(text) * size / 2


def test_no_short_word_ends_a_line() -> None:
    assert glue("Бұл мен емес, ал ол да кім") == f"Бұл мен емес, ал{NBSP}ол{NBSP}да{NBSP}кім"


def test_a_number_at_the_end_is_no_line_of_its_own() -> None:
    assert wrap("Books you have now: 5", 90, 10, width_of) == ["Books you have", f"now:{NBSP}5"]
    assert wrap("Сөредегі орны: А-12", 75, 10, width_of) == ["Сөредегі", f"орны:{NBSP}А-12"]


def test_a_word_wider_than_the_line_is_broken_after_a_hyphen_first() -> None:
    assert wrap("Мұхаммед-Әли", 50, 10, width_of) == ["Мұхаммед-", "Әли"]


def test_the_largest_size_that_breaks_no_word_is_taken() -> None:
    fitted = fit("кітаптарым менің", 60, (20, 16, 12), width_of, lambda size: 3)
    assert (fitted.size, fitted.lines, fitted.whole) == (12, ("кітаптарым", "менің"), True)


def test_what_fits_at_no_size_is_cut_and_says_so() -> None:
    fitted = fit("аа бббб вввв гггг дддд", 50, (20, 10), width_of, lambda size: 2)
    assert not fitted.whole
    assert len(fitted.lines) == 2
    assert fitted.lines[-1].endswith(ELLIPSIS)


@given(TEXTS, st.integers(20, 200), st.integers(1, 4))
def test_lines_are_never_wider_or_more_than_their_box(text: str, width: int, lines: int) -> None:
    fitted = fit(text, width, (20, 12), width_of, lambda size: lines)
    assert len(fitted.lines) <= lines
    assert all(width_of(line, fitted.size) <= width for line in fitted.lines)


@given(TEXTS, st.integers(20, 200))
def test_wrapping_loses_no_letter(text: str, width: int) -> None:
    def bare(some: str) -> str:
        return "".join(some.replace(NBSP, " ").split())

    assert bare("".join(wrap(text, width, 12, width_of))) == bare(text)


@given(st.lists(st.integers(80, 300), min_size=1, max_size=8))
def test_buttons_fit_their_bar(ones: list[int]) -> None:
    widths = bar_widths(ones, [max(one / 2, 80) for one in ones], 768, 184)
    assert sum(widths) <= 768.1


def test_tiles_of_two_cells_do_not_run_over_the_edge() -> None:
    assert pages((1, 2, 1, 1), 2, 2) == [[(0, 0, 0), (1, 0, 1)], [(2, 0, 0), (3, 1, 0)]]


def test_a_touch_that_bounces_is_no_second_one() -> None:
    now = [0.0]
    gate = Gate(lambda: now[0])
    assert gate.lets("done", (100, 40))
    now[0] = 0.2
    assert not gate.lets("done", (100, 40))
    assert not gate.lets("what came in its place", (105, 42))
    assert gate.lets("elsewhere", (400, 40))
    now[0] = 0.35
    assert gate.lets("elsewhere", (400, 40), SAME_KEY_S)


def test_kivy_is_not_imported_until_it_is_asked_for() -> None:
    program = (
        "import sys, kiosk.screens, kiosk.screens.environment, kiosk.screens.look, kiosk.screens.fitting\n"
        "assert 'kivy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_environment_that_comes_too_late_is_refused(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib\n"
        f"os.environ.update(KIVY_NO_ARGS='1', KIVY_HOME={str(tmp_path)!r}, KIVY_NO_CONSOLELOG='1')\n"
        "import kivy\n"
        "from kiosk.screens import environment\n"
        "try:\n"
        f"    environment.prepare(pathlib.Path({str(tmp_path)!r}))\n"
        "except RuntimeError:\n"
        "    sys.exit(7)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 7
