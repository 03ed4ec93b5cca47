"""Tables over as many pages as they need, their headings on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.reports.form import Form
from kiosk.reports.paper import POINT, Align, Box

PAD = 1.1
_UPRIGHT = 28.0
_HEAD_GREY, _SECTION_GREY = 232, 243


@dataclass(frozen=True, slots=True)
class Column:
    """A column. width: in millimetres; grow: its share of what the others leave. upright: its heading is. most: lines
    of text in a cell."""

    head: str
    width: float = 0.0
    grow: float = 0.0
    align: Align = "left"
    upright: bool = False
    most: int = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A row. section: its first cell is a heading over all columns, repeated when the page ends among its rows; its
    last one stands at the right. opening: the first cells anew, for a row that is the first one on its page."""

    cells: tuple[str, ...]
    bold: bool = False
    section: bool = False
    opening: tuple[str, ...] = ()


class Table:
    """A table on a form. size: of its letters, in points. height: of a row, in millimetres; rows whose texts need
    two lines grow, unless they are `rigid`: then letters shrink down to `smallest`. boxed: with lines between
    columns."""

    def __init__(
        self,
        form: Form,
        columns: Sequence[Column],
        size: float = 9.0,
        height: float = 6.0,
        rigid: bool = False,
        smallest: float = 6.0,
        boxed: bool = False,
        head_height: float = 0.0,
    ) -> None:
        self._form = form
        self._paper = form.paper
        self._columns = columns
        self._size = size
        self._height = height
        self._rigid = rigid
        self._smallest = smallest
        self._boxed = boxed
        left = form.width - sum(column.width for column in columns)
        grows = sum(column.grow for column in columns) or 1.0
        self._widths = [column.width + max(left, 0.0) * column.grow / grows for column in columns]
        self._head_size = min(size, 8.0)
        self.head_height = head_height or self._natural_head()

    @property
    def width(self) -> float:
        """Of all columns together."""
        return sum(self._widths)

    def draw(self, lines: Sequence[Line]) -> None:
        """Write the heading and the rows."""
        heights = [self._line_height(line) for line in lines]
        first = sum(heights[:2]) if lines and lines[0].section else sum(heights[:1])
        self._form.need(self.head_height + first)
        self._head()
        section: Line | None = None
        for n, (line, height) in enumerate(zip(lines, heights, strict=True)):
            follows = heights[n + 1] if line.section and n + 1 < len(lines) else 0.0
            if self._form.need(height + follows):
                self._head()
                if section is not None and not line.section:
                    self._section(section, self._line_height(section))
                line = replace(line, cells=(*line.opening, *line.cells[len(line.opening) :]))
            if line.section:
                section = line
                self._section(line, height)
            else:
                self._row(line, height)

    def _natural_head(self) -> float:
        heights = [5.5]
        for column, width in zip(self._columns, self._widths, strict=True):
            if column.upright:
                head = self._paper.clean(column.head)
                heights.append(min(self._paper.measure(head, self._head_size, True) + 2 * PAD + 0.5, _UPRIGHT))
            else:
                _, tall = self._paper.fitted(column.head, width - 2 * PAD, self._head_size, True, 3)
                heights.append(tall + 2 * PAD)
        return max(heights)

    def _line_height(self, line: Line) -> float:
        if self._rigid or line.section:
            return self._height if self._rigid else max(self._height, 6.0)
        tall = self._height
        for text, column, width in zip(line.cells, self._columns, self._widths, strict=True):
            _, needed = self._paper.fitted(text, width - 2 * PAD, self._size, line.bold, column.most)
            tall = max(tall, needed + 2 * PAD)
        return tall

    def _head(self) -> None:
        form, x = self._form, self._form.left
        self._paper.fill(Box(x, form.y, self.width, self.head_height), _HEAD_GREY)
        for column, width in zip(self._columns, self._widths, strict=True):
            box = Box(x, form.y, width, self.head_height)
            if column.upright:
                most = max(1, min(3, int(width / (self._head_size * POINT * 1.22))))
                self._paper.upright(column.head, box.inside(0.6, PAD), self._head_size, 6.0, True, most)
            else:
                self._paper.boxed(column.head, box.inside(PAD, 0.6), self._head_size, 6.0, True, column.align, 3)
            x += width
        self._lines(form.y, self.head_height, strong=True)
        form.y += self.head_height

    def _section(self, line: Line, height: float) -> None:
        box = Box(self._form.left, self._form.y, self.width, height)
        self._paper.fill(Box(box.x, box.y + 0.15, box.width, box.height - 0.15), _SECTION_GREY)
        label, *rest = [cell for cell in line.cells if cell]
        self._paper.boxed(label, box.inside(PAD, 0.3), self._size, bold=True, most=1)
        if rest:
            self._paper.boxed(rest[-1], box.inside(PAD, 0.3), self._size, align="right", most=1)
        self._paper.rule(box.x, box.y + height, box.x + box.width, box.y + height)
        self._form.y += height

    def _row(self, line: Line, height: float) -> None:
        x, y = self._form.left, self._form.y
        for column, width, text in zip(self._columns, self._widths, line.cells, strict=True):
            if text:
                box = Box(x, y, width, height).inside(PAD if not self._rigid else 0.7, 0.3)
                smallest = self._smallest if self._rigid else None
                self._paper.boxed(text, box, self._size, smallest, line.bold, column.align, column.most)
            x += width
        self._lines(y, height)
        self._form.y += height

    def _lines(self, y: float, height: float, strong: bool = False) -> None:
        left, right = self._form.left, self._form.left + self.width
        self._paper.rule(left, y + height, right, y + height, 0.3 if strong else 0.15, 60 if strong else 150)
        if self._boxed:
            if strong:
                self._paper.rule(left, y, right, y)
            x = left
            for width in (0.0, *self._widths):
                x += width
                self._paper.rule(x, y, x, y + height)
