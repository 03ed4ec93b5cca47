"""The XML inside a workbook as a stream of events, under limits: hostile files cost neither memory nor patience.

Expat is driven directly, chunk by chunk. openpyxl reads the same files, but takes 16 MB to load (29 MB where numpy is
installed), keeps every shared string in memory, and is four times slower, which a Raspberry Pi would feel.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from tempfile import TemporaryFile
from typing import IO, TypeVar
from xml.parsers import expat

from kiosk.errors import FileFault, ImportFileError

CELL_LIMIT = 10_000
_CHUNK = 1 << 16
_TOKEN_LIMIT = 1 << 20
_DEPTH_LIMIT = 100
_NAME_LIMIT = 1_000
_STRING_LIMIT = 2_000_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

T = TypeVar("T")
Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def events(file: IO[bytes], name: str, start: Start, end: End, text: Text, out: list[T]) -> Iterator[T]:
    """Call start, end and text for the elements of an XML file; yield what they append to `out`.

    Element names come without their namespace prefix. Raises ImportFileError for XML that is broken, that declares a
    document type (and with it entities), or that holds a single mark of more than 1 MB.
    """
    names: dict[str, str] = {}
    attribute_names: set[str] = set()
    depth = 0

    def local(tag: str) -> str:
        if (found := names.get(tag)) is None:
            if len(names) > _NAME_LIMIT:
                raise ImportFileError(
                    f"{name}: the workbook is damaged: more than {_NAME_LIMIT} kinds of marks", FileFault.DAMAGED
                )
            found = names[tag] = tag.rpartition(":")[2]
        return found

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if not attributes.keys() <= attribute_names:
            attribute_names.update(attributes)
        if depth > _DEPTH_LIMIT or len(attribute_names) > _NAME_LIMIT:
            raise ImportFileError(
                f"{name}: the workbook is damaged: marks nested or named as no program does it", FileFault.DAMAGED
            )
        start(local(tag), attributes)

    def closed(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(local(tag))

    def refuse(*_: object) -> None:
        raise ImportFileError(
            f"{name}: the workbook declares a document type, which no spreadsheet program writes", FileFault.DAMAGED
        )

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text
    fed = 0
    try:
        while chunk := file.read(_CHUNK):
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _TOKEN_LIMIT:
                raise ImportFileError(
                    f"{name}: the workbook is damaged: a single mark of more than 1 MB", FileFault.DAMAGED
                )
            yield from out
            out.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ImportFileError(f"{name}: the workbook is damaged: {error}", FileFault.DAMAGED) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise ImportFileError(f"{name}: the workbook cannot be unpacked: {error}", FileFault.DAMAGED) from error
    yield from out
    out.clear()


class Gatherer:
    """The text of one cell or one shared string, bounded; phonetic readings (rPh) left out."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parts: list[str] = []
        self._length = 0
        self._phonetic = 0
        self.open = False

    def start(self, tag: str, wanted: tuple[str, ...]) -> None:
        """An element begins; the text of the wanted ones is kept."""
        if tag == "rPh":
            self._phonetic += 1
        elif tag in wanted:
            self.open = not self._phonetic

    def end(self, tag: str, wanted: tuple[str, ...]) -> None:
        """An element ends."""
        if tag == "rPh":
            self._phonetic = max(0, self._phonetic - 1)
        elif tag in wanted:
            self.open = False

    def text(self, text: str) -> None:
        """Letters inside the element."""
        if self.open:
            self._length += len(text)
            if self._length > CELL_LIMIT:
                raise ImportFileError(f"{self._name}: a cell of more than {CELL_LIMIT:,} characters", FileFault.TOO_BIG)
            self._parts.append(text)

    def take(self) -> str:
        """What was gathered since the last call."""
        gathered = "".join(self._parts)
        self._parts.clear()
        self._length = 0
        self.open = False
        return gathered


class SharedStrings:
    """The workbook's table of strings, kept in a temporary file: only an offset of each is in memory."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by close()
        self._offsets = array("I", [0])

    def load(self, file: IO[bytes], name: str) -> None:
        """Read xl/sharedStrings.xml."""
        gatherer = Gatherer(name)
        found: list[str] = []

        def start(tag: str, _: Mapping[str, str]) -> None:
            gatherer.start(tag, ("t",))

        def end(tag: str) -> None:
            gatherer.end(tag, ("t",))
            if tag == "si":
                found.append(gatherer.take())

        for string in events(file, name, start, end, gatherer.text, found):
            data = unescape(string).encode("utf-8")
            self._file.write(data)
            self._offsets.append(self._offsets[-1] + len(data))
            if len(self._offsets) > _STRING_LIMIT:
                raise ImportFileError(
                    f"{name}: the workbook holds more than {_STRING_LIMIT:,} different texts", FileFault.TOO_BIG
                )
        self._file.flush()

    def __getitem__(self, index: int) -> str:
        """The string with this number; IndexError if there is none."""
        if not 0 <= index < len(self._offsets) - 1:
            raise IndexError(index)
        self._file.seek(self._offsets[index])
        return self._file.read(self._offsets[index + 1] - self._offsets[index]).decode("utf-8")

    def close(self) -> None:
        """Let the temporary file go."""
        self._file.close()


def unescape(text: str) -> str:
    """Undo the workbook's own escapes: _x000D_ is a carriage return."""
    return _ESCAPED.sub(_letter, text) if "_x" in text else text


def _letter(match: re.Match[str]) -> str:
    code = int(match.group(1), 16)
    return match.group() if 0xD800 <= code <= 0xDFFF else chr(code)
