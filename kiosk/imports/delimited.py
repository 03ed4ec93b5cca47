"""Tables in text: comma, semicolon or tab, found from the content; quotes, line ends inside quotes.

What people's files do wrong is read the way a person would: a quotation mark that opens a cell and is never closed is
a letter like any other, not the beginning of a cell that swallows the rest of the file.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from kiosk.errors import FileFault, ImportFileError

DELIMITERS = "\t;,"
CELL_LIMIT = 10_000
COLUMN_LIMIT = 66  # headings.COLUMN_LIMIT, and the two of a rejects file
_SAMPLE_LINES = 60
_SAMPLE_CHARS = 65_536
_HEAD_ROWS = 20
_LINES_IN_A_ROW = 50
_CHARS_IN_A_ROW = 200_000

Row = tuple[int, list[str]]
Known = Callable[[str], bool]


class _Runaway(Exception):
    """A quoted cell goes on for too long."""


class _Feed:
    """The lines of one row for csv.reader. Those taken are kept, so that a row read wrongly can be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 1

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _LINES_IN_A_ROW or sum(map(len, self.taken)) > _CHARS_IN_A_ROW:
            raise _Runaway
        line = self._again.popleft() if self._again else next(self._lines, None)
        if line is None:
            if self.taken:
                raise _Runaway
            raise StopIteration
        self.taken.append(line)
        return line

    def next_row(self) -> None:
        """The lines taken so far were one row."""
        self.number += len(self.taken)
        self.taken.clear()

    def give_back(self) -> str:
        """Return the first line taken; the others will come again."""
        first, *others = self.taken
        self._again.extendleft(reversed(others))
        self.taken[:] = [first]
        return first


def rows(lines: Iterator[str], name: str, known: Known) -> Iterator[Row]:
    """The rows that are not blank, each with the number of the line on which it begins, 1 the first.

    known: whether a cell is a heading; helps to tell the delimiter. Raises ImportFileError for more than COLUMN_LIMIT
    columns or a cell of more than CELL_LIMIT characters.
    """
    sample: list[str] = []
    for line in islice(lines, _SAMPLE_LINES):
        sample.append(line)
        if sum(map(len, sample)) > _SAMPLE_CHARS:
            break
    told = _told_delimiter(sample[0]) if sample else None
    feed = _Feed(_chained(sample, lines))
    if told:
        next(feed)
        feed.next_row()
    for number, cells in _read(feed, told or sniff(sample, known)):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > COLUMN_LIMIT and any(cell.strip() for cell in cells[COLUMN_LIMIT:]):
            raise ImportFileError(f"{name}, line {number}: more than {COLUMN_LIMIT} columns", FileFault.TOO_BIG)
        if max(map(len, cells)) > CELL_LIMIT:
            raise ImportFileError(
                f"{name}, line {number}: a cell of more than {CELL_LIMIT:,} characters", FileFault.TOO_BIG
            )
        yield number, cells[:COLUMN_LIMIT]


def sniff(sample: Sequence[str], known: Known) -> str:
    """The delimiter of a table of which the first lines are given.

    The one that gives most headings in one row; among equals the one by which most rows are cut into equally many
    cells. A table of one column has none: then it is the tab, which is in no title.
    """
    scores: list[tuple[int, float, str]] = []
    for delimiter in DELIMITERS:
        table = [cells for _, cells in _read(_Feed(iter(sample)), delimiter) if any(cell.strip() for cell in cells)]
        widths = Counter(len(cells) for cells in table if len(cells) > 1)
        agreeing = max(widths.values(), default=0) / max(len(table), 1)
        headings = max((sum(map(known, cells)) for cells in table[:_HEAD_ROWS]), default=0)
        scores.append((headings if headings > 1 else 0, agreeing, delimiter))
    headings, agreeing, _ = best = max(scores, key=lambda score: score[:2])
    return best[2] if headings or agreeing >= 0.5 else DELIMITERS[0]


def _told_delimiter(line: str) -> str | None:
    """What Excel's own first line says: sep=;"""
    told = line.strip().strip('"').lower()
    return told[4:] or "\t" if told.startswith("sep=") and told[4:] in ("", ";", ",", "\t") else None


def _read(feed: _Feed, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _Runaway):
            cells = _read_again(feed.give_back(), delimiter)
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
        yield feed.number, cells
        feed.next_row()


def _read_again(line: str, delimiter: str) -> list[str]:
    """One line for itself: with its quotes if they are closed, else with quotation marks as letters."""
    try:
        return next(csv.reader(_Feed(iter([line])), delimiter=delimiter), [])
    except (csv.Error, _Runaway):
        return line.rstrip("\n").split(delimiter)


def _chained(sample: Sequence[str], lines: Iterator[str]) -> Iterator[str]:
    yield from sample
    yield from lines
