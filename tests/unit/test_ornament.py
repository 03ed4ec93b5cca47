"""The ornament: where its strokes are, that both halves are alike, that the band has no seam."""

from __future__ import annotations

import pytest

from kiosk.screens.ornament import HORN_HIGH, HORN_WIDE, band, horn, picture, repeated, rhombi


@pytest.mark.parametrize(
    ("point", "inside"),
    [((24, 30), True), ((36, 8), True), ((40, 28), True), ((36, 16), True), ((24, 37.9), False), ((36, 20.5), False)],
)
def test_the_strokes_are_where_the_half_circles_are(point: tuple[float, float], inside: bool) -> None:
    assert (horn(*point) > 0) == inside


def test_one_half_is_the_mirror_of_the_other() -> None:
    points = [(x / 2, y / 2) for x in range(49) for y in range(72)]
    assert all(horn(x, y) == pytest.approx(horn(HORN_WIDE - x, y)) for x, y in points)


def test_in_the_band_every_other_horn_hangs() -> None:
    points = [(x / 2, y / 2) for x in range(96) for y in range(2, 70)]
    assert all(band(4 + x, y) == pytest.approx(band(60 + x, HORN_HIGH - y)) for x, y in points)


def test_rows_are_repeated_without_a_seam() -> None:
    tile = picture(rhombi, 16, 6, 1.0)
    assert repeated(tile, 16, 40)[40:80] == (tile[16:32] * 3)[:40]
    assert max(tile) == 255
    assert min(tile) == 0
