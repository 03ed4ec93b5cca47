"""What is on the pages of a PDF, for tests: texts, where each letter stands, and pictures as a printer makes them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pypdfium2
from PIL import Image

Corner = tuple[float, float, float, float]
"""Left, bottom, right, top, in points from the lower left."""


class Printed:
    """A document as it comes out of the printer."""

    def __init__(self, content: bytes) -> None:
        self._document = pypdfium2.PdfDocument(content)
        self._letters: dict[int, list[tuple[str, Corner]]] = {}

    def __len__(self) -> int:
        return len(self._document)

    def text(self, page: int = 0) -> str:
        """The words of a page, on one line."""
        return " ".join(self._document[page].get_textpage().get_text_range().split())

    def size_mm(self, page: int = 0) -> tuple[int, int]:
        """The sheet's size."""
        width, height = self._document[page].get_size()
        return round(width * 25.4 / 72), round(height * 25.4 / 72)

    def picture(self, page: int = 0, dpi: int = 300) -> Image.Image:
        """The page in grey dots."""
        picture: Image.Image = self._document[page].render(scale=dpi / 72, grayscale=True).to_pil()
        return picture

    def letters(self, page: int = 0) -> list[tuple[str, Corner]]:
        """Every letter with the box around its ink."""
        if page not in self._letters:
            of = self._document[page].get_textpage()
            text = of.get_text_range()
            boxes = [(text[n], of.get_charbox(n)) for n in range(of.count_chars())]
            self._letters[page] = [(one, box) for one, box in boxes if one.strip() and box[2] > box[0]]
        return self._letters[page]

    def overlaps(self, page: int = 0) -> list[str]:
        """Letters that lie on one another, as cells that are too narrow make them."""
        rows: dict[int, list[tuple[str, Corner]]] = defaultdict(list)
        for letter, box in self.letters(page):
            for at in {int(box[1] // 8), int(box[3] // 8)}:
                rows[at].append((letter, box))
        found = []
        for row in rows.values():
            row.sort(key=lambda letter: letter[1][0])
            for n, (one, a) in enumerate(row):
                for other, b in row[n + 1 :]:
                    if b[0] > a[2]:
                        break
                    if min(a[2], b[2]) - b[0] > 0.6 and min(a[3], b[3]) - max(a[1], b[1]) > 0.6:
                        found.append(f"{one}{other} at {a[0]:.0f}, {a[1]:.0f}")
        return found

    def outside(self, page: int = 0, margin_mm: float = 5.0) -> list[str]:
        """Letters where no printer prints."""
        width, height = self._document[page].get_size()
        edge = margin_mm * 72 / 25.4
        return [
            letter
            for letter, box in self.letters(page)
            if box[0] < edge or box[1] < edge or box[2] > width - edge or box[3] > height - edge
        ]


def in_order(text: str, *parts: str) -> bool:
    """Whether the parts stand in a text one behind the other."""
    places = [text.find(part) for part in parts]
    return -1 not in places and all(a < b for a, b in pairwise(places))
