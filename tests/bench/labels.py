"""Pictures of labels as a camera sees them, made from a seed: what the camera's decoders are measured on.

Four symbologies; each picture is spoilt in one way, by an amount drawn evenly from harmless to hopeless. Pictures with
no code at all show what invites a misread: stripes, printed pages, fences of book spines. The same seed gives the same
pictures on every machine. `python -m tests.bench.labels FOLDER [HOW MANY [SEED]]` writes some as PNG files.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import barcode
import cv2
import numpy as np
import qrcode
from barcode.codex import Code39

WIDTH, HEIGHT = 1280, 720
SYMBOLOGIES = ("code128", "code39", "ean13", "qr")
_FINE = 6
"""Pixels that a module of a label has before it is brought into the picture."""
_QUIET = 11
_BARS = 34
_MARGIN = 12

Picture = np.ndarray[Any, np.dtype[np.uint8]]
Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture and what is to be read in it; text empty: nothing."""

    picture: Picture
    text: str
    symbology: str
    spoilt: str


@dataclass(frozen=True, slots=True)
class _View:
    """How the camera stands to the label. module: pixels that a module of the code has in the picture."""

    module: float
    turn: float
    tilt: float
    blur: float = 0.3
    noise: float = 3.0


def labelled(seed: int, count: int) -> Iterator[Labelled]:
    """`count` pictures. Every symbology is spoilt in every way equally often; one picture in five has no code."""
    for number in range(count):
        yield one(seed, number)


def one(seed: int, number: int, shot: int = 0) -> Labelled:
    """The picture with this number. shot: the same scene a moment later, with other noise."""
    chance = np.random.default_rng((seed, number))
    noise = np.random.default_rng((seed, number, shot + 1))
    if number % 5 == 4:
        return Labelled(_sensor(_empty(chance, number // 5), 3.0, noise), "", "none", "empty")
    rank = number - number // 5
    symbology = SYMBOLOGIES[rank % len(SYMBOLOGIES)]
    name, spoil = _SPOILERS[rank // len(SYMBOLOGIES) % len(_SPOILERS)]
    text, label = _label(symbology, chance)
    module = chance.uniform(1.5, 2.6) * (2.0 if symbology == "qr" else 1.0)
    view = _View(module, chance.uniform(-8, 8), chance.uniform(-0.12, 0.12))
    return Labelled(spoil(label, view, chance, noise), text, symbology, name)


# Labels


def _label(symbology: str, chance: Chance) -> tuple[str, Picture]:
    """A text and its label, black on white, with the text in print below the bars."""
    digits = "".join(str(d) for d in chance.integers(0, 10, 12))
    if symbology == "qr":
        text = f"P{digits[:7]}"
        code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
        code.add_data(text)
        code.make()
        bars = np.array(code.get_matrix(), dtype=bool)
        quiet = 4
    else:
        if symbology == "code128":
            text = f"B{digits[:8]}"
            modules = barcode.get("code128", text).build()[0]
        elif symbology == "code39":
            text = digits[:6]
            modules = Code39(text, add_checksum=False).build()[0]
        else:
            code13 = barcode.get("ean13", "978" + digits[:9])
            text, modules = code13.get_fullcode(), code13.build()[0]
        bars = np.tile(np.array([one == "1" for one in modules]), (_BARS, 1))
        quiet = _QUIET
    fine = np.where(np.kron(bars, np.ones((_FINE, _FINE))), 25, 235).astype(np.uint8)
    foot = 0 if symbology == "qr" else _MARGIN * _FINE
    label = cv2.copyMakeBorder(
        fine,
        quiet * _FINE // 2,
        quiet * _FINE // 2 + foot,
        quiet * _FINE,
        quiet * _FINE,
        cv2.BORDER_CONSTANT,
        value=235,
    )
    if foot:
        at = (quiet * _FINE, label.shape[0] - foot // 3)
        cv2.putText(label, text, at, cv2.FONT_HERSHEY_SIMPLEX, 1.8, 25, 4, cv2.LINE_AA)
    return text, np.asarray(label, np.uint8)


# Backgrounds


def _cover(chance: Chance) -> Picture:
    """A book's cover: a ground that changes a little, some shapes, some words."""
    low, high = chance.uniform(30, 120), chance.uniform(60, 190)
    ramp = np.linspace(low, high, WIDTH) if chance.random() < 0.5 else np.linspace(low, high, HEIGHT)[:, None]
    cover = np.ascontiguousarray(np.broadcast_to(ramp, (HEIGHT, WIDTH)).astype(np.uint8))
    for _ in range(int(chance.integers(2, 7))):
        x, y = int(chance.integers(0, WIDTH)), int(chance.integers(0, HEIGHT))
        size, shade = int(chance.integers(30, 260)), int(chance.integers(20, 230))
        if chance.random() < 0.5:
            cv2.circle(cover, (x, y), size, shade, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(cover, (x, y), (x + size, y + size // 2), shade, -1)
    for _ in range(int(chance.integers(1, 5))):
        _words(cover, chance, chance.uniform(0.6, 2.2))
    return cover


def _words(picture: Picture, chance: Chance, scale: float) -> None:
    word = "".join(chance.choice(list("ABDEGIKLMNOPRSTUilmnaeo 1"), int(chance.integers(4, 24))))
    at = (int(chance.integers(-40, WIDTH)), int(chance.integers(20, HEIGHT)))
    cv2.putText(picture, word, at, cv2.FONT_HERSHEY_DUPLEX, scale, int(chance.integers(0, 255)), 2, cv2.LINE_AA)


def _empty(chance: Chance, kind: int) -> Picture:
    """No code at all: a cover, a printed page, stripes, a row of spines, a squared sheet, nearly nothing."""
    picture = _cover(chance)
    match kind % 6:
        case 1:
            picture[:] = 225
            for row in range(24, HEIGHT, int(chance.integers(16, 34))):
                word = "".join(chance.choice(list("abdeghiklmnoprstu  1"), 110))
                cv2.putText(picture, word, (10, row), cv2.FONT_HERSHEY_SIMPLEX, 0.55, 40, 1, cv2.LINE_AA)
        case 2:
            period = chance.uniform(5, 30)
            wave = np.sin(np.arange(WIDTH) * 2 * np.pi / period)
            picture = np.tile(np.where(wave > chance.uniform(-0.4, 0.4), 210, 50).astype(np.uint8), (HEIGHT, 1))
        case 3:
            x = 0
            while x < WIDTH:
                wide = int(chance.integers(4, 46))
                picture[:, x : x + wide] = int(chance.integers(15, 240))
                x += wide
        case 4:
            picture[:] = 230
            step = int(chance.integers(9, 26))
            picture[::step], picture[:, ::step] = 120, 120
        case 5:
            picture[:] = int(chance.integers(4, 60))
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), chance.uniform(-12, 12), 1.15)
    return np.asarray(cv2.warpAffine(picture, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT), np.uint8)


# The camera


def _placed(label: Picture, view: _View, chance: Chance, ground: Picture | None = None) -> Picture:
    """The label on its ground, as big as `view` says, turned, tilted, somewhere near the middle."""
    ground = _cover(chance) if ground is None else ground
    height, width = label.shape
    scale = view.module / _FINE
    # What is drawn smaller is first made smooth, as a lens and a sensor do.
    smooth = cv2.GaussianBlur(label, (0, 0), max(0.4 / scale, 0.5))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    centred = (corners - (width / 2, height / 2)) * scale
    centred *= 1 + view.tilt * centred[:, :1] / (width * scale / 2)
    angle = np.deg2rad(view.turn)
    turned = centred @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    reach = np.abs(turned).max(axis=0)
    room = np.maximum((WIDTH / 2, HEIGHT / 2) - reach - 4, 0)
    middle = np.array((WIDTH / 2, HEIGHT / 2)) + chance.uniform(-1, 1, 2) * np.minimum(room, (220, 120))
    way = cv2.getPerspectiveTransform(corners, (turned + middle).astype(np.float32))
    over = cv2.warpPerspective(smooth, way, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full_like(label, 255), way, (WIDTH, HEIGHT)).astype(np.float32) / 255
    return np.asarray(ground * (1 - mask) + over * mask, np.uint8)


def _sensor(picture: Picture, noise: float, chance: Chance, blur: float = 0.0) -> Picture:
    """Out of focus by `blur` pixels, with the sensor's noise, and squeezed as a webcam squeezes its pictures."""
    if blur > 0:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.uint8)
    grain = chance.standard_normal(picture.shape, np.float32) * noise
    grainy = np.clip(picture + grain, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", grainy, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


# Ways to spoil it, each from harmless to hopeless


def _plain(label: Picture, view: _View, chance: Chance, noise: Chance) -> Picture:
    return _sensor(_placed(label, view, chance), view.noise, noise, view.blur)


def _blurred(label: Picture, view: _View, chance: Chance, noise: Chance) -> Picture:
    return _sensor(_placed(label, view, chance), view.noise, noise, view.module * chance.uniform(0.3, 1.1))


def _moved(label: Picture, view: _View, chance: Chance, noise: Chance) -> Picture:
    length = chance.uniform(0.5, 4.0) * view.module
    size = int(length) + 3
    kernel = np.zeros((size, size), np.float32)
    way = chance.uniform(0, np.pi)
    middle = (size - 1) / 2
    for step in np.linspace(-length / 2, length / 2, 4 * size):
        kernel[round(middle + step * np.sin(way)), round(middle + step * np.cos(way))] += 1
    moved = cv2.filter2D(_placed(label, view, chance), -1, kernel / kernel.sum())
    return _sensor(np.asarray(moved, np.uint8), view.noise, noise)


def _noisy(label: Picture, view: _View, chance: Chance, noise: Chance) -> Picture:
    return _sensor(_placed(label, view, chance), chance.uniform(10, 60), noise, view.blur)


def _turned(label: Picture, view: _View, chance: Chance, noise: Chance) -> Picture:
    view = _View(view.module, chance.uniform(0, 360), view.tilt)
    return _sensor(_placed(label, view, chance), view.noise, noise, chance.uniform(0.3, 0.8) * view.module)


def _dim(label: Picture, view: _View, chance: Chance, noise: Chance) -> Picture:
    light = chance.uniform(0.03, 0.3)
    return _sensor((_placed(label, view, chance) * light + 6).astype(np.uint8), chance.uniform(1.5, 4), noise, 0.5)


def _glaring(label: Picture, view: _View, chance: Chance, noise: Chance) -> Picture:
    """A lamp in the label's varnish: a spot or a streak in which black and white are one."""
    height, width = label.shape
    spot = np.zeros_like(label, np.float32)
    at = (int(width * chance.uniform(0.1, 0.9)), int(height * chance.uniform(0.1, 0.9)))
    axes = (int(width * chance.uniform(0.08, 0.5)), int(height * chance.uniform(0.1, 0.6)))
    cv2.ellipse(spot, at, axes, chance.uniform(0, 180), 0, 360, 1.0, -1)
    soft = np.asarray(cv2.GaussianBlur(spot, (0, 0), width * 0.03), np.float32)
    strength = chance.uniform(0.6, 1.3)
    lit = np.clip(label + soft * strength * (255 - label * 0.2), 0, 255).astype(np.uint8)
    return _sensor(_placed(lit, view, chance), view.noise, noise, view.module * 0.45)


def _curved(label: Picture, view: _View, chance: Chance, noise: Chance) -> Picture:
    """Round a spine: narrower and darker to both sides, along the bars or across them."""
    along = chance.random() < 0.5
    label = label if along else np.ascontiguousarray(label.T)
    height, width = label.shape
    reach = chance.uniform(0.7, 1.5)
    seen = np.linspace(-1, 1, int(width * np.sin(reach) / reach))
    angles = np.arcsin(seen * np.sin(reach))
    columns = ((angles / reach + 1) / 2 * (width - 1)).astype(np.float32)
    across, down = np.meshgrid(columns, np.arange(height, dtype=np.float32))
    bent = cv2.remap(label, across, down, cv2.INTER_LINEAR)
    shaded = (bent * (0.25 + 0.75 * np.cos(angles + chance.uniform(-0.5, 0.5)).clip(0.1))).astype(np.uint8)
    shaded = shaded if along else np.ascontiguousarray(shaded.T)
    return _sensor(_placed(shaded, view, chance), view.noise, noise, view.module * chance.uniform(0.2, 0.6))


def _on_a_phone(label: Picture, view: _View, chance: Chance, noise: Chance) -> Picture:
    """A phone's screen: bright in the dark, with its own pixels, a reflection across it, and the camera's flicker."""
    fine = label.astype(np.float32)
    pitch = chance.uniform(2.0, 7.0)
    grid = 0.5 + 0.5 * np.sin(np.arange(label.shape[1]) * 2 * np.pi / pitch)
    rows = 0.5 + 0.5 * np.sin(np.arange(label.shape[0]) * 2 * np.pi / pitch)
    depth = chance.uniform(0.0, 0.45)
    fine *= (1 - depth * grid[None, :]) * (1 - depth * rows[:, None])
    veil = chance.uniform(0, 150)
    slope = (
        np.linspace(0, 1, label.shape[1])[None, :]
        if chance.random() < 0.5
        else np.linspace(1, 0, label.shape[0])[:, None]
    )
    glass = np.clip(fine * chance.uniform(0.4, 1.0) + veil * slope**2, 0, 255).astype(np.uint8)
    dark = (_cover(chance) * 0.25).astype(np.uint8)
    shown = _placed(glass, view, chance, dark).astype(np.float32)
    bands = 1 - chance.uniform(0, 0.35) * (0.5 + 0.5 * np.sin(np.arange(HEIGHT) * 2 * np.pi / chance.uniform(40, 200)))
    bloom = cv2.GaussianBlur(shown, (0, 0), 9) * chance.uniform(0, 0.4)
    return _sensor(np.clip(shown * bands[:, None] + bloom, 0, 255).astype(np.uint8), 5, noise, view.module * 0.3)


def _far(label: Picture, view: _View, chance: Chance, noise: Chance) -> Picture:
    view = _View(view.module * chance.uniform(0.45, 0.75), view.turn, view.tilt)
    return _sensor(_placed(label, view, chance), view.noise, noise, 0.4)


_Spoiler = Callable[[Picture, _View, Chance, Chance], Picture]
_SPOILERS: tuple[tuple[str, _Spoiler], ...] = (
    ("plain", _plain),
    ("blur", _blurred),
    ("motion", _moved),
    ("noise", _noisy),
    ("rotation", _turned),
    ("dim light", _dim),
    ("glare", _glaring),
    ("spine", _curved),
    ("phone", _on_a_phone),
    ("far", _far),
)
WAYS = tuple(name for name, _ in _SPOILERS)


def main(folder: Path, count: int, seed: int) -> None:
    """Write pictures to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, found in enumerate(labelled(seed, count)):
        name = f"{number:05d}-{found.spoilt.replace(' ', '-')}-{found.symbology}-{found.text or 'nothing'}.png"
        cv2.imwrite(str(folder / name), found.picture)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(one) for one in [*sys.argv[2:4], "50", "1"][:2] if one))
