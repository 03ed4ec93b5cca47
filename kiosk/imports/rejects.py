"""The file of rows that have to be mended: the original columns, and of each row its line and what is wrong with it.

UTF-8 with a mark, semicolons, CRLF: what Excel opens with a double click under Kazakh and Russian settings, and what
tables.py reads back. Excel changes some cells on its way (000042 to 42, 9786010000001 to 9,78601E+12, 1/2 to a date)
and runs others (=...); such a cell gets an apostrophe in front, which is taken off again when the file is imported.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from kiosk.circulation.cells import guarded, unguarded
from kiosk.errors import ImportFileError
from kiosk.imports.coding import LINE_LIMIT
from kiosk.imports.delimited import CELL_LIMIT
from kiosk.imports.headings import OWN_COLUMNS
from kiosk.imports.tables import Table, read_table


class RejectsWriter:
    """Writes rejected rows. The file is made with the first of them; every add is on the disk when it returns.

    keep: go on with a file of the same columns that is there already; a row which it holds is not written twice.
    """

    def __init__(self, path: Path, headings: Sequence[str], *, keep: bool = False) -> None:
        self.path = path
        self.count = 0
        self._columns = [heading for heading in headings if heading not in OWN_COLUMNS]
        self._known: set[int] = set()
        self._started = self._goes_on(keep)

    def add(self, rejected: Iterable[tuple[int, dict[str, str], str]]) -> None:
        """Append rows: line number, cells by heading, reason."""
        fresh: list[list[str]] = []
        for line, cells, reason in rejected:
            kept = [guarded(_readable(cells.get(column, ""))) for column in self._columns] + [str(line)]
            if (key := _key(kept)) not in self._known:
                self._known.add(key)
                fresh.append([*kept, _readable(reason)])
        if not fresh:
            return
        try:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, delimiter=";")
                if not self._started:
                    file.write("\ufeff")
                    writer.writerow([*map(guarded, self._columns), *OWN_COLUMNS])
                    self._started = True
                writer.writerows(fresh)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ImportFileError(f"{self.path}: cannot be written: {error.strerror or error}") from error
        self.count += len(fresh)

    def _goes_on(self, keep: bool) -> bool:
        """Whether the file that is there is to be continued; then its rows are known. Else it goes.

        Raises ImportFileError if it is no rejects file: somebody else's work is not replaced.
        """
        try:
            if not self.path.exists():
                return False
            if self.path.stat().st_size:
                head = self._head()
                if tuple(head[-2:]) != OWN_COLUMNS:
                    raise ImportFileError(f"{self.path}: this is no rejects file; move it, or name another one")
                if keep and [unguarded(cell) for cell in head[:-2]] == self._columns:
                    self._cut_torn_end()
                    self._known = {_key(cells[:-1]) for _, cells in self._table()}
                    return True
            self.path.unlink()
        except OSError as error:
            raise ImportFileError(f"{self.path}: cannot be replaced: {error.strerror or error}") from error
        return False

    def _table(self) -> Table:
        return read_table(self.path, [*self._columns, *OWN_COLUMNS].__contains__)

    def _head(self) -> list[str]:
        return next((cells for _, cells in self._table()), [])

    def _cut_torn_end(self) -> None:
        """A stop in the middle of a write leaves half a row: what follows the last line end goes."""
        with self.path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            start = file.seek(max(0, size - LINE_LIMIT))
            if (end := file.read().rfind(b"\r\n")) >= 0:
                file.truncate(start + end + 2)


def _readable(cell: str) -> str:
    """The cell as far as tables.py would read it back."""
    return cell.replace("\0", "")[: CELL_LIMIT - 1]


def _key(cells: Sequence[str]) -> int:
    return hash(tuple(" ".join(cell.split()) for cell in cells))
