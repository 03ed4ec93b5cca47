"""The look in numbers: the scale, sizes of type, lengths, targets. The colours are in themes.py.

Lengths are written for a panel of 800x480 (480x800 if it stands upright) and multiplied by the scale; sizes of type are
rounded to whole pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from kiosk.circulation.appearance import PLAIN, Appearance, Theme
from kiosk.screens.themes import THEMES, Palette

LONG_SIDE, SHORT_SIDE = 800, 480
LEADING = 0.86
"""The line height, as a share of the font's own (1.275 em)."""

TARGET = 79
"""The least width and height of what is touched: 15 mm on a 7-inch panel of 800x480."""
KEY = 58
"""The same of a key of a keyboard: 11 mm."""

_LARGE = ((16, 21), (18, 24), (20, 26), (22, 27), (26, 32), (30, 39), (32, 40), (40, 42), (56, 64))
"""Large text: of a size of type the larger one; between them it goes evenly."""


@dataclass(frozen=True, slots=True)
class Look:
    """How everything is drawn: at a scale (1 at 800x480), in a theme. tall: the panel stands upright.

    wide: the width of the panel in lengths of the design; at least 800, upright at least 480.
    """

    scale: float = 1.0
    appearance: Appearance = PLAIN
    tall: bool = False
    wide: float = LONG_SIDE
    high: float = SHORT_SIDE

    @classmethod
    def for_window(cls, width: float, height: float, appearance: Appearance = PLAIN) -> Look:
        """The look that fits a window."""
        tall = height > width
        across, along = (SHORT_SIDE, LONG_SIDE) if tall else (LONG_SIDE, SHORT_SIDE)
        scale = max(min(width / across, height / along), 0.1)
        return cls(scale, appearance, tall, width / scale, height / scale)

    @property
    def palette(self) -> Palette:
        """The colours."""
        return THEMES[self.appearance.theme]

    @property
    def large(self) -> bool:
        """Whether text is large."""
        return self.appearance.large

    @property
    def contrast(self) -> bool:
        """Whether everything has a frame that is seen."""
        return self.appearance.theme is Theme.CONTRAST

    def px(self, length: float) -> float:
        """A length of the design in pixels of the window."""
        return length * self.scale

    def pt(self, size: float) -> int:
        """The size of a sign, or of letters in a drawing, in whole pixels."""
        return max(round(size * self.scale), 1)

    def type(self, size: float) -> int:
        """The size of words in whole pixels: as `pt`, and larger where text is large."""
        return self.pt(enlarged(size) if self.large else size)


def enlarged(size: float) -> float:
    """A size of type in large text."""
    if size <= _LARGE[0][0]:
        return size * _LARGE[0][1] / _LARGE[0][0]
    for (low, its), (high, larger) in pairwise(_LARGE):
        if size <= high:
            return its + (larger - its) * (size - low) / (high - low)
    return size * _LARGE[-1][1] / _LARGE[-1][0]
