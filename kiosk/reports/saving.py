"""A document into its folder: whole, or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from kiosk.errors import KioskError

_UNFIT = re.compile(r"[^\w«».,№-]+")


class NotSaved(KioskError):
    """A document could not be written; there is no part of it either."""


def save(folder: Path, name: str, content: bytes) -> Path:
    """Write a document so that it is on the disk, whole, under a name that no other has. Returns where it is.

    name: without ".pdf"; what no file's name may contain is left out. Raises NotSaved.
    """
    stem = _UNFIT.sub(" ", name).strip(" ._-")[:100] or "paper"
    with _written(folder, content) as kept:
        return _linked(kept, folder, stem)


def overwrite(path: Path, content: bytes) -> None:
    """Write a document to a path, in place of what was there, as if in one moment. Raises NotSaved."""
    with _written(path.parent, content) as kept:
        kept.replace(path)


@contextmanager
def _written(folder: Path, content: bytes) -> Iterator[Path]:
    """The content in a file without a name of its own, on the disk; gone at the end, unless it was moved."""
    kept: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=".", suffix=".part", delete=False) as file:
            kept = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        kept.chmod(0o640)
        yield kept
        _sync_folder(folder)
    except OSError as error:
        raise NotSaved(f"{folder}: the document was not written: {error.strerror or error}") from error
    finally:
        if kept is not None:
            kept.unlink(missing_ok=True)


def _linked(kept: Path, folder: Path, stem: str) -> Path:
    """Give the file its name without taking it from another: two may be made at once."""
    for n in range(1, 10_000):
        path = folder / (f"{stem}.pdf" if n == 1 else f"{stem}-{n}.pdf")
        if _named(kept, path):
            return path
    raise NotSaved(f"{folder}: there are 10,000 documents {stem}.pdf")


def _named(kept: Path, path: Path) -> bool:
    """Give the file this name, if no other has it; a link never takes a name from another."""
    try:
        path.hardlink_to(kept)
    except FileExistsError:
        return False
    except OSError:
        # A stick's file system has no links; nobody else makes documents on it meanwhile.
        if path.exists():
            return False
        kept.rename(path)
    return True


def _sync_folder(folder: Path) -> None:
    """The name, too, is on the disk; a stick's file system may not know this."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
