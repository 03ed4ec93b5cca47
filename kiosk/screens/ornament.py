"""The ornament (қошқар мүйіз, the ram's horns) and what goes with it, as pictures of one colour. Pure: no Kivy.

One horn stands in a box of 48 by 36, drawn from half circles with a stroke of 4, its stem in the middle; y goes down.
A picture is `width * height` bytes of coverage from its upper left corner, 0 to 255.
"""

from __future__ import annotations

from collections.abc import Callable
from math import hypot

HORN_WIDE, HORN_HIGH = 48.0, 36.0
_HALF_STROKE = 2.0
_MIDDLE, _TURN = 24.0, 20.0
_UPPER = (36.0, 12.0, 4.0)
_LOWER = (40.0, 8.0)
"""A centre, and the radii around it."""
_PERIOD = 112.0

Coverage = Callable[[float, float], float]
"""How far a point is inside (above 0) or outside (below 0) of a shape."""


def horn(x: float, y: float) -> float:
    """One horn, as a Coverage."""
    right = _MIDDLE + abs(x - _MIDDLE)
    if y <= _TURN:
        centre, outer, inner = _UPPER
        far = hypot(right - centre, y - _TURN)
        off = abs(far - outer) if far > (outer + inner) / 2 else abs(far - inner)
    else:
        off = abs(hypot(right - _LOWER[0], y - _TURN) - _LOWER[1])
        if y <= HORN_HIGH:
            off = min(off, right - _MIDDLE)
    return _HALF_STROKE - off


def band(x: float, y: float) -> float:
    """The field of a shelf 36 high: horns by turns upright and hanging, so that their stems meet both rails."""
    x %= _PERIOD
    return horn(x - 4, y + 1) if x < _PERIOD / 2 else horn(x - 60, 37 - y)


def rhombi(x: float, y: float) -> float:
    """The field of a thin shelf, 6 high: rhombi of 10.8 by 6, every 16."""
    return (1 - abs(x % 16 - 8) / 5.4 - abs(y - 3) / 3) * 2.6


def picture(shape: Coverage, width: int, height: int, unit: float, left: float = 0.0, top: float = 0.0) -> bytes:
    """A shape, `unit` pixels to a unit of it, from the point (left, top) on."""
    rows = bytearray(width * height)
    at = 0
    for row in range(height):
        y = top + (row + 0.5) / unit
        for column in range(width):
            inside = shape(left + (column + 0.5) / unit, y) * unit + 0.5
            if inside > 0:
                rows[at] = 255 if inside >= 1 else int(inside * 255)
            at += 1
    return bytes(rows)


def repeated(tile: bytes, tile_width: int, width: int) -> bytes:
    """Rows of a picture over and over, until they are `width` long."""
    times = -(-width // tile_width)
    rows = (tile[at : at + tile_width] for at in range(0, len(tile), tile_width))
    return b"".join((row * times)[:width] for row in rows)
