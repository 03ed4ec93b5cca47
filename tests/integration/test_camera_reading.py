"""What the camera's pipeline reads of the seeded labels, beside either decoder alone; and what it must never read."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from kiosk.devices.camera.decode import read
from kiosk.devices.camera.locate import cut_out, locate
from tests.bench.camera import compare, misread
from tests.bench.labels import SYMBOLOGIES, labelled, one
from tests.driver import full


def test_it_reads_a_quarter_more_than_the_better_decoder_alone(figure: Callable[[str], None]) -> None:
    done = compare(full(500, 100), seed=1)
    figure("\n".join(["", *done.lines()]))
    assert done.gain >= 1.25


def test_no_misread_is_believed() -> None:
    believed, wrong = misread(full(5000, 50), seed=3)
    assert wrong == []
    assert believed > full(2500, 25)


@pytest.mark.parametrize("number", range(4), ids=SYMBOLOGIES)
def test_a_plain_label_is_read_with_its_place(number: int) -> None:
    label = one(1, number)
    (found,) = read(label.picture)
    assert (found.text, found.symbology) == (label.text, label.symbology)
    height, width = label.picture.shape
    assert ((found.corners >= 0) & (found.corners <= (width, height))).all()
    # The place is the right one: painted over, there is nothing to read any more.
    covered = cv2.fillPoly(label.picture.copy(), [found.corners.astype(np.int32)], 120)
    assert read(np.asarray(covered, np.uint8)) == []


@pytest.mark.parametrize("angle", range(0, 360, 30))
def test_bars_are_read_at_any_angle(angle: int) -> None:
    label = one(4, 0)
    turn = cv2.getRotationMatrix2D((640, 360), angle, 1.0)
    turned = cv2.warpAffine(label.picture, turn, (1280, 720), borderValue=90)
    assert [found.text for found in read(np.asarray(turned, np.uint8))] == [label.text]


def test_what_has_no_check_digit_is_never_sure() -> None:
    for label in labelled(5, 20):
        for found in read(label.picture):
            assert not (found.sure and found.symbology == "code39")


def test_any_picture_at_all_is_no_error() -> None:
    chance = np.random.default_rng(6)
    for size in [(64, 64), (64, 640), (480, 640), (720, 1280), (101, 67)]:
        for picture in (
            np.zeros(size, np.uint8),
            np.full(size, 255, np.uint8),
            chance.integers(0, 256, size, np.uint8),
            np.indices(size).sum(0).astype(np.uint8) % 2 * 255,
        ):
            assert read(np.asarray(picture, np.uint8)) == []


def test_a_place_that_fills_the_picture_is_not_enlarged_without_bound() -> None:
    stripes = np.tile(np.where(np.arange(1280) % 12 < 6, 0, 255).astype(np.uint8), (720, 1))
    for place in locate(stripes):
        cut, _ = cut_out(stripes, place, 2.0)
        assert cut.size <= 260_000
