"""Label papers as shops sell them, by name, and where on a sheet each label is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.reports.paper import A4, Box


@dataclass(frozen=True, slots=True)
class LabelPaper:
    """A sheet of A4 with labels of one size, in millimetres. gap: between columns; rows touch. The labels stand in the
    middle of the sheet. cut: plain paper, with lines to cut along."""

    name: str
    columns: int
    rows: int
    width: float
    height: float
    gap: float = 0.0
    cut: bool = False

    @property
    def labels(self) -> int:
        """On a sheet."""
        return self.columns * self.rows

    def boxes(self, start: int, count: int, shift: tuple[float, float] = (0.0, 0.0)) -> Iterator[tuple[int, Box]]:
        """The sheet (0 the first) and the place of each label, row by row from the upper left. start: the first free
        label of a sheet that is partly used, 1 the first. shift: how far the printer has to be put right."""
        left = (A4[0] - self.columns * self.width - (self.columns - 1) * self.gap) / 2 + shift[0]
        top = (A4[1] - self.rows * self.height) / 2 + shift[1]
        for at in range(start - 1, start - 1 + count):
            sheet, place = divmod(at, self.labels)
            row, column = divmod(place, self.columns)
            yield sheet, Box(left + column * (self.width + self.gap), top + row * self.height, self.width, self.height)


PAPERS = {
    paper.name: paper
    for paper in (
        LabelPaper("a4-3x8-70x37", 3, 8, 70.0, 37.0),
        LabelPaper("a4-3x8-70x36", 3, 8, 70.0, 36.0),
        LabelPaper("a4-3x7-63.5x38.1", 3, 7, 63.5, 38.1, 2.5),
        LabelPaper("a4-4x10-52.5x29.7", 4, 10, 52.5, 29.7),
        LabelPaper("a4-4x11-48.5x25.4", 4, 11, 48.5, 25.4),
        LabelPaper("a4-5x13-38.1x21.2", 5, 13, 38.1, 21.2, 2.5),
        LabelPaper("cards-2x5-85.6x54", 2, 5, 85.6, 54.0, cut=True),
    )
}
"""By name: columns by rows, then the width and the height of a label."""
