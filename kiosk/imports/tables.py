"""What a file is, by its content and not by its name, and its rows as text."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from kiosk.errors import FileFault, ImportFileError
from kiosk.imports import coding, delimited, xlsx

_SAMPLE = 4096
_LEADER = re.compile(rb"\s*\d{5}[ -~]{7}\d{5}[ -~]{7}")
_DIRECTORY = re.compile(rb"[0-9]{24,}\x1e")  # shows a catalogue whose first leader is broken
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "an old or a protected Excel file"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF text"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)


class Form(StrEnum):
    """The forms of files that can be imported."""

    TEXT = "text"
    WORKBOOK = "workbook"
    MARC = "marc"


def form_of(path: Path) -> Form:
    """What the file is. Raises ImportFileError if it cannot be opened, is empty, or surely is something else."""
    try:
        with path.open("rb") as file:
            sample = file.read(_SAMPLE)
    except OSError as error:
        raise ImportFileError(
            f"{path.name}: the file cannot be opened: {error.strerror or error}", FileFault.UNREADABLE
        ) from error
    if not sample.strip(b"\xef\xbb\xbf\xff\xfe\0\r\n\t "):
        raise ImportFileError(f"{path.name}: the file is empty", FileFault.EMPTY)
    for magic, what in _FOREIGN:
        if sample.startswith(magic):
            raise ImportFileError(f"{path.name}: this is {what}; save the table as XLSX or CSV")
    if sample.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Form.WORKBOOK
    if _LEADER.match(sample) or _DIRECTORY.search(sample):
        return Form.MARC
    return Form.TEXT


class Table:
    """The rows of a table, one after the other, each with its line number (the row of a sheet). Blank ones are not.

    share: how much of the file was read so far, 0 to 1.
    """

    def __init__(self, path: Path, known: Callable[[str], bool]) -> None:
        self.share = 0.0
        self._path = path
        self._known = known
        self._rows = self._workbook() if form_of(path) is Form.WORKBOOK else self._text()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self._rows

    def _workbook(self) -> Iterator[tuple[int, list[str]]]:
        def told(share: float) -> None:
            self.share = share

        yield from xlsx.rows(self._path, told)
        self.share = 1.0

    def _text(self) -> Iterator[tuple[int, list[str]]]:
        name = self._path.name
        try:
            found = coding.detect(self._path)
            with self._path.open("rb") as file, coding.as_text(file, found) as text:
                size = max(os.fstat(file.fileno()).st_size, 1)
                for row in delimited.rows(coding.lines(text, name), name, self._known):
                    self.share = file.tell() / size
                    yield row
        except OSError as error:
            raise ImportFileError(
                f"{name}: the file cannot be read: {error.strerror or error}", FileFault.UNREADABLE
            ) from error
        self.share = 1.0


def read_sheets(
    path: Path, known: Callable[[str], bool] = lambda _: False, size_limit: int = xlsx.SIZE_LIMIT
) -> Iterator[tuple[str, Iterator[tuple[int, list[str]]]]]:
    """Each visible sheet of a workbook with its rows, in order; a text is one sheet without a name.

    The rows of a sheet are to be read before the next one is asked for. size_limit: bytes of the text, or that the
    workbook unpacks to. Raises ImportFileError as `read_table` does.
    """
    form = form_of(path)
    if path.stat().st_size > size_limit:
        raise ImportFileError(f"{path.name}: the file is larger than {size_limit // 1024**2} MB", FileFault.TOO_BIG)
    if form is Form.WORKBOOK:
        return xlsx.sheets(path, size_limit)
    return iter([("", iter(Table(path, known)))])


def read_table(path: Path, known: Callable[[str], bool] = lambda _: False) -> Table:
    """The rows of a CSV file or a workbook as text, read as they are asked for.

    known: whether a cell is a heading; helps to tell the delimiter of a text. Raises ImportFileError, at once or while
    reading, for what cannot be read as a whole.
    """
    return Table(path, known)
