"""What coding a text file is in, found from its bytes alone.

8-bit text is read as KZ-1048. That is Windows-1251 with Kazakh letters in sixteen places where Windows-1251 has letters
of other Slavic alphabets: Russian text is the same in both, and Kazakh text "in 1251" can only be KZ-1048
(DOMAIN.md 5: Windows-1251 has no Kazakh letter but І).
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path

from kiosk.errors import FileFault, ImportFileError

EIGHT_BIT = "kz1048"
_CHUNK = 1 << 16
_SAMPLE = 4096
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LINE_LIMIT = 1_000_000


def detect(path: Path) -> str:
    """The name of the codec that reads the whole file.

    Raises ImportFileError if the file is no text in any coding that is known. Reads it to its end: a Cyrillic letter
    may come for the first time in the last line.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    coding = next((name for mark, name in _BOMS if sample.startswith(mark)), None) or _utf16(sample)
    if coding:
        _check(path, coding)
        return coding
    try:
        _check(path, "utf-8")
    except ImportFileError:
        if _holds_nul(path):
            raise
        _check(path, EIGHT_BIT)
        return EIGHT_BIT
    return "utf-8"


def as_text(file: io.BufferedReader, coding: str) -> io.TextIOWrapper:
    """The file as text; every kind of line end becomes a newline."""
    return io.TextIOWrapper(file, encoding=coding, errors="strict", newline=None)


def lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    """The lines of a text with their line ends, none longer than LINE_LIMIT.

    Raises ImportFileError for a longer one, and if the file changed under our hands and is no longer text.
    """
    try:
        while line := text.readline(LINE_LIMIT):
            if len(line) >= LINE_LIMIT:
                raise ImportFileError(
                    f"{name}: a line is longer than {LINE_LIMIT:,} characters; this is no table", FileFault.TOO_BIG
                )
            yield line
    except UnicodeError as error:
        raise ImportFileError(
            f"{name}: the file cannot be read as {text.encoding}: {error}", FileFault.UNREADABLE
        ) from error
    except OSError as error:
        raise ImportFileError(
            f"{name}: the file cannot be read: {error.strerror or error}", FileFault.UNREADABLE
        ) from error


def _utf16(sample: bytes) -> str | None:
    """UTF-16 without a mark gives itself away: one half of its units is mostly 00 and 04 (Cyrillic)."""
    for halves, coding in ((sample[1::2], "utf-16-le"), (sample[::2], "utf-16-be")):
        usual = halves.count(0) + halves.count(4) + halves.count(0x20) + halves.count(0x21)
        if 0 in halves and usual > 0.8 * len(halves):
            return coding
    return None


def _check(path: Path, coding: str) -> None:
    decoder = codecs.getincrementaldecoder(coding)()
    at = 0
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                if "\0" in decoder.decode(chunk):
                    raise ImportFileError(f"{path.name}: the file holds NUL characters; it is no text file")
                at += len(chunk)
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            raise ImportFileError(
                f"{path.name}: the text cannot be read as {coding} (near byte {at:,}); "
                "save the file as UTF-8 and try again",
                FileFault.ENCODING,
            ) from error


def _holds_nul(path: Path) -> bool:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if 0 in chunk:
                return True
    return False
