"""The camera's pipeline beside pyzbar alone and zxing-cpp alone, on the same pictures, in one run.

`python -m tests.bench.camera [PICTURES [SEED]]` prints the table; all look for the same four symbologies, on one core.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import cv2
import zxingcpp
from pyzbar import pyzbar
from pyzbar.pyzbar import ZBarSymbol

from kiosk.devices.camera.agree import Agreement
from kiosk.devices.camera.decode import read
from tests.bench.labels import SYMBOLOGIES, WAYS, Labelled, Picture, labelled, one

_ZBAR = [ZBarSymbol.CODE128, ZBarSymbol.CODE39, ZBarSymbol.EAN13, ZBarSymbol.QRCODE]
_ZXING = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.Code39Std,
        zxingcpp.BarcodeFormat.EAN13,
        zxingcpp.BarcodeFormat.QRCodeModel2,
    ]
)


def by_zbar(picture: Picture) -> set[str]:
    """pyzbar alone."""
    return {found.data.decode("utf-8", errors="replace") for found in pyzbar.decode(picture, symbols=_ZBAR)}


def by_zxing(picture: Picture) -> set[str]:
    """zxing-cpp alone, with all its own second tries."""
    return {found.text for found in zxingcpp.read_barcodes(picture, formats=_ZXING)}


def by_kiosk(picture: Picture) -> set[str]:
    """The camera's pipeline."""
    return {found.text for found in read(picture)}


DECODERS: dict[str, Callable[[Picture], set[str]]] = {"pyzbar": by_zbar, "zxing-cpp": by_zxing, "the kiosk": by_kiosk}


@dataclass(slots=True)
class Figures:
    """What a decoder did. read: how many pictures, by their symbology and by how they were spoilt; false: texts that
    were not there; seconds: together, and on pictures without a code."""

    read: Counter[str] = field(default_factory=Counter)
    false: int = 0
    seconds: float = 0.0
    empty_s: float = 0.0

    def take(self, label: Labelled, texts: set[str], seconds: float) -> None:
        """Note one picture."""
        self.seconds += seconds
        self.empty_s += 0.0 if label.text else seconds
        self.false += len(texts - {label.text})
        if label.text in texts:
            self.read.update(("all", label.symbology, label.spoilt))


@dataclass(frozen=True, slots=True)
class Comparison:
    """All decoders on the same pictures. labels: pictures with a code, by the same keys as `Figures.read`."""

    pictures: int
    labels: Counter[str]
    figures: dict[str, Figures]

    @property
    def gain(self) -> float:
        """How many times what the better of the two reads the pipeline does."""
        alone = max(self.figures[name].read["all"] for name in ("pyzbar", "zxing-cpp"))
        return self.figures["the kiosk"].read["all"] / max(alone, 1)

    @property
    def frame_ms(self) -> float:
        """What the pipeline takes for a picture on average, empty ones included."""
        return self.figures["the kiosk"].seconds / self.pictures * 1000

    def lines(self) -> list[str]:
        """The table."""
        empty = self.pictures - self.labels["all"]
        rows: list[tuple[str, Callable[[Figures], object]]] = [
            (f"read, of {self.labels['all']}", partial(_reads, "all")),
            ("texts that were not there", lambda f: f.false),
            ("ms a picture", lambda f: f"{f.seconds / self.pictures * 1000:.1f}"),
            ("ms a picture without a code", lambda f: f"{f.empty_s / max(empty, 1) * 1000:.1f}"),
        ]
        for key in (*SYMBOLOGIES, *WAYS):
            rows.append((f"  {key}, of {self.labels[key]}", partial(_reads, key)))
        head = f"{f'{self.pictures} pictures':<32}" + "".join(f"{name:>12}" for name in self.figures)
        return [
            head,
            *(f"{name:<32}" + "".join(f"{show(one):>12}" for one in self.figures.values()) for name, show in rows),
        ]


def _reads(key: str, figures: Figures) -> int:
    return figures.read[key]


def compare(pictures: int, seed: int) -> Comparison:
    """Read every picture with every decoder, one after the other."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    labels: Counter[str] = Counter()
    figures = {name: Figures() for name in DECODERS}
    for label in labelled(seed, pictures):
        if label.text:
            labels.update(("all", label.symbology, label.spoilt))
        for name, decode in DECODERS.items():
            begun = time.thread_time()
            texts = decode(label.picture)
            figures[name].take(label, texts, time.thread_time() - begun)
    cv2.setNumThreads(before)
    return Comparison(pictures, labels, figures)


def misread(scenes: int, seed: int, shots: int = 2) -> tuple[int, list[str]]:
    """Show scene after scene for a few pictures each. Returns how many codes were believed, and each one that was not
    there: "what it is, how spoilt: what was believed"."""
    agreement, believed, wrong, mono = Agreement(), 0, list[str](), 0.0
    for number in range(scenes):
        for shot in range(shots):
            label = one(seed, number, shot)
            mono += 0.1
            for text in agreement.see(((found.text, found.sure) for found in read(label.picture)), mono):
                believed += 1
                if text != label.text:
                    wrong.append(f"{label.symbology} {label.text}, {label.spoilt}: {text}")
        mono += 10.0
    return believed, wrong


if __name__ == "__main__":
    given = [int(arg) for arg in sys.argv[1:]]
    done = compare(*given[:1] or [500], *given[1:2] or [1])
    print("\n".join(done.lines()))
    print(f"the better of the two alone: {done.gain:.2f} times; {done.frame_ms:.1f} ms a picture")
