"""What is to be read in one picture.

The whole picture goes through zxing-cpp, which is fast once it looks for no more symbologies than a library has. If
that reads nothing, the places of locate.py are cut out, turned upright and enlarged. Of bars, strips of rows are
averaged, which takes the noise away, then sharpened by different amounts, and given to zxing-cpp and to zbar; a QR code
is tried as it is and sharpened. `python -m tests.bench.camera` measures this against either decoder alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar
from pyzbar.pyzbar import ZBarSymbol

from kiosk.devices.camera.locate import Picture, Points, around, cut_out, locate

_BARS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.Code128,
        # "Std": the family of Code 39 has an Italian one for medicines, as which six digits would be read.
        zxingcpp.BarcodeFormat.Code39Std,
        zxingcpp.BarcodeFormat.EAN13,
    ]
)
_SQUARE = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])
_ALL = zxingcpp.BarcodeFormats([*_BARS, *_SQUARE])
_NAMES = {
    zxingcpp.BarcodeFormat.Code128: "code128",
    zxingcpp.BarcodeFormat.Code39: "code39",
    zxingcpp.BarcodeFormat.EANUPC: "ean13",
    zxingcpp.BarcodeFormat.QRCode: "qr",
}
"""Of the families, as which zxing-cpp reports what it was asked for."""
_ZBAR = {ZBarSymbol.CODE128: "code128", ZBarSymbol.CODE39: "code39", ZBarSymbol.EAN13: "ean13"}

_CHECKED = frozenset({"code128", "qr"})
"""A check that a misread does not pass. Code 39 has none."""

_LONGEST = 4096
_SCALE = 2.0
_STRIPS, _ROWS = 4, 6
_SHARPEN = ((0.8, 2.0), (1.5, 2.0), (1.5, 4.0), (2.5, 3.0), (2.5, 6.0))
"""For an averaged strip: the width of the blur to be undone, in pixels of the picture, and how hard."""
_SHARPEN_SQUARE = ((2.0, 2.0), (2.5, 4.0))
_LEVEL_OVER = 24
"""Pixels of the picture over which the darkest and the lightest are made black and white."""


@dataclass(frozen=True, slots=True)
class Found:
    """A code. corners: four, in pixels of the picture. sure: one picture is enough, as a check digit or an error
    correction held, in the picture as it came."""

    text: str
    symbology: str
    corners: Points
    sure: bool


def read(picture: Picture) -> list[Found]:
    """The codes in a picture. picture: grey, at least 64 pixels each way."""
    found = [
        Found(one.text, _NAMES[one.symbology], _corners(one), _NAMES[one.symbology] in _CHECKED)
        for one in zxingcpp.read_barcodes(picture, formats=_ALL, try_invert=False)
        if one.symbology in _NAMES and 0 < len(one.text) <= _LONGEST
    ]
    found = [one for one in found if one.symbology != "ean13" or _seen_again(picture, one)]
    if found:
        return found
    for place in locate(picture):
        cut, scale = cut_out(picture, place, _SCALE)
        codes = _read_bars(cut, scale) if place.bars else _read_square(cut, scale)
        if codes:
            return [Found(text, name, place.corners(), sure=False) for text, name in codes.items()]
    return []


def _corners(code: zxingcpp.Barcode) -> Points:
    at = code.position
    points = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    return np.array([(one.x, one.y) for one in points], np.float32)


def _seen_again(picture: Picture, found: Found) -> bool:
    """Whether another look at the same place reads the same."""
    cut, scale = cut_out(picture, around(found.corners), _SCALE)
    return found.text in _by_zbar(cut) or any(found.text in codes for codes in _of_strips(cut, scale))


def _read_bars(cut: Picture, scale: float) -> dict[str, str]:
    """What bars are read as. An EAN-13 counts only if zxing-cpp reads it in the place as it is, and zbar the same.

    Its check digit and its pattern let one misread in some hundred bad pictures pass, averaged and sharpened ones above
    all; bars of Code 128 have not been misread in ten thousand.
    """
    for codes in _of_strips(cut, scale):
        believed = {text: name for text, name in codes.items() if name != "ean13"}
        if believed:
            return believed
    # The place as it is: where bars are bent or spoilt in part, one good row is worth more than an average.
    codes = _by_zbar(cut)
    again = _by_zxing(cut, _BARS) if "ean13" in codes.values() else {}
    return {text: name for text, name in codes.items() if name != "ean13" or text in again}


def _of_strips(cut: Picture, scale: float) -> Iterator[dict[str, str]]:
    strips = _strips(cut, scale)
    yield _by_zxing(strips, _BARS)
    yield _by_zbar(strips)


def _read_square(cut: Picture, scale: float) -> dict[str, str]:
    codes = _by_zxing(cut, _ALL)
    for width, amount in _SHARPEN_SQUARE:
        if codes:
            break
        blurred = cv2.GaussianBlur(cut, (0, 0), width * scale)
        sharp = cv2.addWeighted(cut, 1 + amount, blurred, -amount, 0)
        codes = _by_zxing(np.asarray(sharp, np.uint8), _SQUARE)
    return codes


def _by_zxing(picture: Picture, formats: zxingcpp.BarcodeFormats) -> dict[str, str]:
    codes = zxingcpp.read_barcodes(picture, formats=formats, try_invert=False, try_downscale=False)
    texts = {one.text: _NAMES[one.symbology] for one in codes if one.symbology in _NAMES}
    return {text: name for text, name in texts.items() if 0 < len(text) <= _LONGEST}


def _by_zbar(picture: Picture) -> dict[str, str]:
    codes = pyzbar.decode(picture, symbols=list(_ZBAR))
    names = {symbol.name: name for symbol, name in _ZBAR.items()}
    texts = ((one.data.decode("utf-8", errors="replace"), names[one.type]) for one in codes if one.type in names)
    return {text: name for text, name in texts if 0 < len(text) <= _LONGEST}


def _strips(cut: Picture, scale: float) -> Picture:
    """Averages of rows, plain and sharpened, one below the other in a picture of their own.

    Several strips, as the text below the bars belongs to none, and bars that are not quite upright need short ones.
    """
    edges = np.linspace(0.06 * len(cut), 0.94 * len(cut), _STRIPS + 1).astype(int)
    mean = np.vstack([cut[a : max(b, a + 1)].mean(0, dtype=np.float32) for a, b in pairwise(edges)])
    made = [_levelled(mean, scale)]
    for width, amount in _SHARPEN:
        blurred = cv2.GaussianBlur(mean, (0, 0), sigmaX=width * scale, sigmaY=1e-3)
        made.append(_levelled(mean + amount * (mean - blurred), scale))
    return np.repeat(np.vstack(made), _ROWS, axis=0).astype(np.uint8)


def _levelled(strips: Points, scale: float) -> Points:
    """Black made black and white white, also where a shadow or a lamp lies over it."""
    window = int(_LEVEL_OVER * scale) | 1
    kernel = np.ones((1, window), np.uint8)
    low = cv2.blur(cv2.erode(strips, kernel), (window, 1))
    high = cv2.blur(cv2.dilate(strips, kernel), (window, 1))
    return np.asarray(np.clip((strips - low) / (high - low + 4) * 255, 0, 255), np.float32)
