"""Where in a picture a code could be: a place full of edges. It takes a few milliseconds; only places are tried twice.

Edges of bars all go one way, which also tells how the label is turned (a structure tensor, summed over cells of 8 by 8
pixels); those of a QR code go both ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

Picture = np.ndarray[Any, np.dtype[np.uint8]]
Points = np.ndarray[Any, np.dtype[np.float32]]

_CELL = 8
_LEAST_CELLS = 12
_OF_THE_STRONGEST = 0.3
_ONE_WAY = 0.35
_PAD_ACROSS, _PAD_ALONG = 24, 4
"""Pixels beside the edges found: a code needs its white margins."""
_LEAST_ROWS = 12
_MOST_PIXELS = 250_000


@dataclass(frozen=True, slots=True)
class Place:
    """A turned rectangle. angle: radians from the picture's x axis to the way across the bars; the sides are given in
    the turned system. bars: all edges go one way."""

    angle: float
    left: float
    right: float
    top: float
    bottom: float
    bars: bool

    def corners(self) -> Points:
        """The four corners in the picture."""
        across = np.array([self.left, self.right, self.right, self.left])
        along = np.array([self.top, self.top, self.bottom, self.bottom])
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return np.stack([across * cos - along * sin, across * sin + along * cos], 1).astype(np.float32)


def locate(picture: Picture, most: int = 3) -> list[Place]:
    """The likeliest places, at most so many, likeliest first. picture: grey."""
    height, width = picture.shape
    dx = cv2.Sobel(picture, cv2.CV_16S, 1, 0).astype(np.float32)
    dy = cv2.Sobel(picture, cv2.CV_16S, 0, 1).astype(np.float32)

    def cells(values: Any) -> Any:
        return cv2.blur(cv2.resize(values, (width // _CELL, height // _CELL), interpolation=cv2.INTER_AREA), (5, 5))

    xx, yy, xy = cells(dx * dx), cells(dy * dy), cells(dx * dy)
    strength = xx + yy
    strength = np.maximum(strength - 0.8 * np.median(strength), 0)  # what noise alone makes everywhere
    strong = (strength > _OF_THE_STRONGEST * strength.max()).astype(np.uint8)
    count, labels = cv2.connectedComponents(strong, connectivity=4)
    weights = np.bincount(labels.ravel(), strength.ravel(), count)
    sizes = np.bincount(labels.ravel(), minlength=count)
    order = [int(one) for one in np.argsort(-weights) if one != 0 and sizes[one] >= _LEAST_CELLS]
    return [_place(labels == one, xx, yy, xy) for one in order[:most]]


def _place(mask: Any, xx: Any, yy: Any, xy: Any) -> Place:
    a, b, c = float(xx[mask].sum()), float(yy[mask].sum()), float(xy[mask].sum())
    bars = np.hypot(a - b, 2 * c) > _ONE_WAY * (a + b)
    rows, columns = np.nonzero(mask)
    points = (np.stack([columns, rows], 1).astype(np.float32) + 0.5) * _CELL
    angle = 0.5 * np.arctan2(2 * c, a - b) if bars else np.deg2rad(cv2.minAreaRect(points)[2])
    cos, sin = np.cos(angle), np.sin(angle)
    across, along = points[:, 0] * cos + points[:, 1] * sin, points[:, 1] * cos - points[:, 0] * sin
    return Place(
        float(angle),
        float(across.min()) - _PAD_ACROSS,
        float(across.max()) + _PAD_ACROSS,
        float(along.min()) - _PAD_ALONG,
        float(along.max()) + _PAD_ALONG,
        bool(bars),
    )


def around(corners: Points) -> Place:
    """The place of bars that were read. corners: from the upper left; decoders tell of few rows, so more are taken."""
    way = corners[1] - corners[0] + corners[2] - corners[3]
    angle = float(np.arctan2(way[1], way[0]))
    cos, sin = np.cos(angle), np.sin(angle)
    across, along = corners[:, 0] * cos + corners[:, 1] * sin, corners[:, 1] * cos - corners[:, 0] * sin
    left, right, top, bottom = (float(one) for one in (across.min(), across.max(), along.min(), along.max()))
    middle, half = (top + bottom) / 2, max((bottom - top) / 2, _LEAST_ROWS)
    return Place(angle, left - _PAD_ACROSS, right + _PAD_ACROSS, middle - half, middle + half, True)


def cut_out(picture: Picture, place: Place, scale: float) -> tuple[Picture, float]:
    """The place by itself, turned upright and enlarged; a big place less than asked for. Also the scale it got."""
    wide, high = place.right - place.left, place.bottom - place.top
    scale = min(scale, float(np.sqrt(_MOST_PIXELS / (wide * high))))
    cos, sin = np.cos(place.angle) * scale, np.sin(place.angle) * scale
    way = np.array([[cos, sin, -place.left * scale], [-sin, cos, -place.top * scale]])
    size = (max(int(wide * scale), 1), max(int(high * scale), 1))
    cut = cv2.warpAffine(picture, way, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8), scale
