"""The fonts: two weights of Onest for words, one font of signs. Measures texts without drawing them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from kivy.core.text import Label as CoreLabel
from kivy.core.text import LabelBase

from kiosk.screens.fitting import Measure

WORDS = "Onest"
SIGNS = "Signs"
_FOLDER = Path(__file__).parent / "fonts"


def register() -> None:
    """Make the fonts known to Kivy by their names."""
    LabelBase.register(WORDS, str(_FOLDER / "Onest_500Medium.ttf"), fn_bold=str(_FOLDER / "Onest_700Bold.ttf"))
    LabelBase.register(SIGNS, str(_FOLDER / "Phosphor-Fill.ttf"))


@lru_cache(maxsize=64)
def _label(size: int, bold: bool) -> CoreLabel:
    label = CoreLabel(font_name=WORDS, font_size=size, bold=bold)
    label.resolve_font_name()
    return label


@lru_cache(maxsize=4096)
def _extents(text: str, size: int, bold: bool) -> tuple[float, float]:
    width, height = _label(size, bold).get_extents(text)
    return float(width), float(height)


def measure(bold: bool) -> Measure:
    """What measures the width of a text in that weight, at whole sizes."""
    return lambda text, size: _extents(text, int(size), bold)[0]


def line_height(size: int, bold: bool) -> float:
    """The height of one line of type."""
    return _extents("Ұ", size, bold)[1]
