"""Rows of a workbook (XLSX) as text: what the librarian sees in the cells, and nothing that would have to be run.

Of a formula only its stored value is read. Dates become ISO, whole numbers lose their ".0", a barcode kept as text
keeps its leading zeros, one kept as a number under the format 000000 gets them.
Source: ECMA-376 part 1, 18.3 (worksheets), 18.4 (shared strings), 18.8.30 (number formats).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from posixpath import join, normpath
from typing import IO

from kiosk.errors import FileFault, ImportFileError
from kiosk.imports.sheetxml import Gatherer, SharedStrings, events, unescape

COLUMN_LIMIT = 66  # headings.COLUMN_LIMIT, and the two of a rejects file
SIZE_LIMIT = 200 * 1024 * 1024
_MEMBER_LIMIT = 10_000
_ROW_LIMIT = 1_048_576
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_DATE_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_CELL = re.compile(r"([A-Za-z]{1,3})\d+")
_VALUES = ("v", "t")

Row = tuple[int, list[str]]


@dataclass(slots=True)
class _Book:
    """What of a workbook has to be known to read its cells. styles: of each cell format "date", "000" or ""."""

    zip: zipfile.ZipFile
    name: str
    strings: SharedStrings
    sheets: list[tuple[str, str]] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    epoch: datetime = datetime(1899, 12, 30)


def rows(path: Path, share: Callable[[float], None]) -> Iterator[Row]:
    """The rows of the one visible sheet that has any, with their numbers in the sheet. Blank rows are left out.

    share: told how much of the sheet was read, 0 to 1. Raises ImportFileError for a file that is no workbook, is
    protected or damaged, or over the limits; and if several visible sheets are filled: reading only the first would
    lose the others without a word.
    """
    with _translated(path.name), zipfile.ZipFile(path) as archive, closing(SharedStrings()) as strings:
        book = _open(archive, path.name, strings)
        filled = [(title, member) for title, member in book.sheets if next(_sheet(book, member), None)]
        if len(filled) > 1:
            titles = ", ".join(f"«{title[:30]}»" for title, _ in filled[:10])
            raise ImportFileError(
                f"{path.name}: {len(filled)} sheets are filled ({titles}); save each as a file of its own, "
                "or hide those that are not to be read"
            )
        for _, member in filled:
            yield from _sheet(book, member, share)


def sheets(path: Path, size_limit: int = SIZE_LIMIT) -> Iterator[tuple[str, Iterator[Row]]]:
    """Each visible sheet with its rows, as `rows` gives those of a workbook that has only one.

    size_limit: bytes that the workbook may unpack to.
    """
    with _translated(path.name), zipfile.ZipFile(path) as archive, closing(SharedStrings()) as strings:
        book = _open(archive, path.name, strings, size_limit)
        for title, member in book.sheets:
            yield title, _guarded(book, member)


def _guarded(book: _Book, member: str) -> Iterator[Row]:
    with _translated(book.name):
        yield from _sheet(book, member)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise ImportFileError(f"{name}: the workbook cannot be read: {error}", FileFault.DAMAGED) from error


def _open(archive: zipfile.ZipFile, name: str, strings: SharedStrings, size_limit: int = SIZE_LIMIT) -> _Book:
    members = archive.infolist()
    if len(members) > _MEMBER_LIMIT or sum(member.file_size for member in members) > size_limit:
        raise ImportFileError(
            f"{name}: the workbook unpacks to more than {size_limit // 1024**2} MB", FileFault.TOO_BIG
        )
    book = _Book(archive, name, strings)
    root = next((target for kind, _, target in _relations(book, "") if kind == "officeDocument"), None)
    if root is None:
        raise ImportFileError(f"{name}: this is a zip file but no Excel workbook; save the table as XLSX or CSV")
    relations = _relations(book, root)
    for kind, _, target in relations:
        if kind == "styles":
            _read_styles(book, target)
        elif kind == "sharedStrings":
            with _member(book, target) as file:
                strings.load(file, name)
    _read_sheets(book, root, {identity: target for kind, identity, target in relations if kind == "worksheet"})
    return book


def _member(book: _Book, member: str) -> IO[bytes]:
    try:
        info = book.zip.getinfo(member)
    except KeyError:
        raise ImportFileError(f"{book.name}: the workbook is damaged: {member} is missing", FileFault.DAMAGED) from None
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ImportFileError(f"{book.name}: the workbook is packed in a way that no spreadsheet program uses")
    if info.flag_bits & 1:
        raise ImportFileError(f"{book.name}: the workbook is protected by a password", FileFault.PROTECTED)
    return book.zip.open(info)


def _attributes(book: _Book, member: str, seen: Callable[[str, Mapping[str, str]], None]) -> None:
    with _member(book, member) as file:
        for _ in events(file, book.name, seen, lambda _: None, lambda _: None, []):
            pass


def _relations(book: _Book, member: str) -> list[tuple[str, str, str]]:
    """Kind, id and target of what a member of the archive refers to; "" for the archive itself."""
    folder, _, file_name = member.rpartition("/")
    found: list[tuple[str, str, str]] = []

    def seen(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            target = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
            found.append((attributes.get("Type", "").rpartition("/")[2], attributes.get("Id", ""), target))

    relations = join(folder, "_rels", f"{file_name}.rels")
    if relations in book.zip.NameToInfo:
        _attributes(book, relations, seen)
    return found


def _read_sheets(book: _Book, root: str, targets: Mapping[str, str]) -> None:
    def seen(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            book.epoch = datetime(1904, 1, 1)
        elif tag == "sheet" and attributes.get("state", "visible") == "visible":
            identity = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            if identity in targets:
                book.sheets.append((attributes.get("name", ""), targets[identity]))

    _attributes(book, root, seen)


def _read_styles(book: _Book, member: str) -> None:
    formats: dict[str, str] = {}
    depth: list[str] = []

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "numFmt":
            formats[attributes.get("numFmtId", "")] = _style(attributes.get("formatCode", ""))
        elif tag == "xf" and depth and depth[-1] == "cellXfs":
            number = attributes.get("numFmtId", "0")
            built_in = "date" if number.isdecimal() and int(number[:4]) in _DATE_FORMATS else ""
            book.styles.append(formats.get(number, built_in))
        depth.append(tag)

    def end(_: str) -> None:
        depth.pop()

    with _member(book, member) as file:
        for _ in events(file, book.name, start, end, lambda _: None, []):
            pass


def _style(code: str) -> str:
    """What a number format makes of a number: a date, digits with leading zeros ("000"), or nothing special."""
    first = code.split(";")[0]
    if re.fullmatch("0{2,30}", first):
        return first
    return "date" if re.search("[ymdhs]", _NOT_DATE_LETTERS.sub("", first), re.I) else ""


def _sheet(book: _Book, member: str, share: Callable[[float], None] = lambda _: None) -> Iterator[Row]:
    with _member(book, member) as file:
        size = max(book.zip.getinfo(member).file_size, 1)
        reader = _SheetReader(book)
        for row in events(file, book.name, reader.start, reader.end, reader.text.text, reader.rows):
            share(file.tell() / size)
            yield row


class _SheetReader:
    """Builds the rows of one sheet from the events of its XML."""

    def __init__(self, book: _Book) -> None:
        self._book = book
        self.text = Gatherer(book.name)
        self.rows: list[Row] = []
        self._row = 0
        self._cells: dict[int, str] = {}
        self._column = -1
        self._kind = ""
        self._style = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if tag == "c":
            self._start_cell(attributes)
        elif tag == "row":
            told = attributes.get("r", "")
            self._row = int(told) if told.isdecimal() and len(told) < 8 else self._row + 1
            if self._row > _ROW_LIMIT:
                raise ImportFileError(f"{self._book.name}: more than {_ROW_LIMIT:,} rows", FileFault.TOO_BIG)
            self._cells, self._column = {}, -1
        else:
            self.text.start(tag, _VALUES)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        place = _CELL.fullmatch(attributes.get("r", ""))
        if place:
            self._column = -1
            for letter in place.group(1).upper():
                self._column = (self._column + 1) * 26 + ord(letter) - ord("A")
        else:
            self._column += 1
        self._kind = attributes.get("t", "n")
        style = attributes.get("s", "0")
        styles = self._book.styles
        self._style = styles[int(style)] if style.isdecimal() and len(style) < 8 and int(style) < len(styles) else ""

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "c":
            if text := self._value(self.text.take()):
                if self._column >= COLUMN_LIMIT:
                    raise ImportFileError(
                        f"{self._book.name}, row {self._row}: more than {COLUMN_LIMIT} columns", FileFault.TOO_BIG
                    )
                self._cells[max(self._column, 0)] = text
        elif tag == "row":
            if any(text.strip() for text in self._cells.values()):
                self.rows.append((self._row, [self._cells.get(at, "") for at in range(max(self._cells) + 1)]))
            self._cells = {}
        else:
            self.text.end(tag, _VALUES)

    def _value(self, text: str) -> str:
        if self._kind == "s":
            try:
                return self._book.strings[int(text)] if text else ""
            except (IndexError, ValueError):
                raise ImportFileError(
                    f"{self._book.name}, row {self._row}: the workbook is damaged", FileFault.DAMAGED
                ) from None
        if self._kind == "n":
            return self._number(text.strip())
        return unescape(text)

    def _number(self, text: str) -> str:
        try:
            number = float(text)
        except ValueError:
            return text
        if self._style == "date":
            return _date(number, self._book.epoch) or text
        if abs(number) < 1e15:
            return str(int(number)).zfill(len(self._style)) if number == int(number) else f"{number:.15g}"
        return text


def _date(serial: float, epoch: datetime) -> str:
    """A serial day number as an ISO date, with the time if it has one; "" if it is out of any range."""
    if not 0 <= serial < 2_958_466:
        return ""
    if epoch.year == 1899 and serial < 61:  # Excel believes in 29 February 1900
        epoch += timedelta(days=1)
    moment = epoch + timedelta(seconds=round(serial * 86_400))
    whole = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return moment.date().isoformat() if whole else moment.isoformat()
