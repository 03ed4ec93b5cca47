"""The fonts: two weights of Onest for words, two of signs. Measures texts without drawing; pictures of one colour."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from kivy.core.text import Label as CoreLabel
from kivy.core.text import LabelBase
from kivy.graphics.texture import Texture

from kiosk.screens import ornament
from kiosk.screens.fitting import Measure

WORDS = "Onest"
SIGNS = "Signs"
"""Solid signs: what is so."""
OUTLINES = "Outlines"
"""The same signs in outline: what can be done."""
_FOLDER = Path(__file__).parent / "fonts"


def register() -> None:
    """Make the fonts known to Kivy by their names."""
    LabelBase.register(WORDS, str(_FOLDER / "Onest_500Medium.ttf"), fn_bold=str(_FOLDER / "Onest_700Bold.ttf"))
    LabelBase.register(SIGNS, str(_FOLDER / "Phosphor-Fill.ttf"))
    LabelBase.register(OUTLINES, str(_FOLDER / "Phosphor-Bold.ttf"))


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


@lru_cache(maxsize=96)
def glyph(letters: str, size: int, font: str = SIGNS) -> Any:
    """A texture, white, of a sign or of some letters, to be tinted where it is drawn."""
    label = CoreLabel(text=letters, font_name=font, font_size=size, bold=font == WORDS, color=(1, 1, 1, 1))
    label.refresh()
    return label.texture


def line_of(text: str, size: int, bold: bool) -> Any:
    """A texture, white, of words on one line. Kept nowhere: it may be somebody's name."""
    label = CoreLabel(text=text, font_name=WORDS, font_size=size, bold=bold, color=(1, 1, 1, 1))
    label.refresh()
    return label.texture


@lru_cache(maxsize=8)
def woven(width: int, height: int, thin: bool) -> Any:
    """The field of a shelf, white: the ornament, or rhombi on a thin one."""
    high = 6.0 if thin else ornament.HORN_HIGH
    unit = height / high
    shape, period = (ornament.rhombi, 16.0) if thin else (ornament.band, 112.0)
    tile_width = max(round(period * unit), 1)
    tile = ornament.picture(shape, tile_width, height, unit)
    return _texture(ornament.repeated(tile, tile_width, width), width, height)


@lru_cache(maxsize=32)
def horns(width: int, height: int, unit: float, left: float, top: float) -> Any:
    """A part of one horn, white, `unit` pixels to a unit of it."""
    return _texture(ornament.picture(ornament.horn, width, height, unit, left, top), width, height)


def _texture(coverage: bytes, width: int, height: int) -> Any:
    pixels = bytearray(b"\xff" * (4 * width * height))
    pixels[3::4] = coverage
    texture = Texture.create(size=(width, height), colorfmt="rgba")
    texture.blit_buffer(bytes(pixels), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture
