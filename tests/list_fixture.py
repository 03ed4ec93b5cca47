"""Class lists as schools have them, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

Table = Sequence[Sequence[object]]
IIN = "150312500123"


def iin(birth: str = "150312", serial: str = "50012") -> str:
    """An IIN with a right check digit."""
    digits = birth + serial
    for weights in (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        check = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if check < 10:
            return f"{digits}{check}"
    raise ValueError("another serial number is needed")


def workbook(path: Path, sheets: dict[str, Table], merged: Sequence[str] = ()) -> Path:
    """A workbook with these sheets; merged: ranges of the first sheet."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    book.save(path)
    return path


def text(path: Path, rows: Table, delimiter: str = ";", coding: str = "utf-8") -> Path:
    """A text with these rows."""
    lines = (delimiter.join(str(cell) for cell in row) for row in rows)
    path.write_bytes("\r\n".join(lines).encode(coding))
    return path


def plain(pupils: Sequence[tuple[str, str]]) -> Table:
    """A list of two columns: name and class."""
    return [("Аты-жөні", "Сынып"), *pupils]
