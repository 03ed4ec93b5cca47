"""A USB stick: found by its folder, read with care, written so that pulling it out at any moment does no harm."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from kiosk.errors import ConnectorError

FOLDER = "kiosk-carry"
MOST_BYTES = 1 << 30
"""Of one file: some million acts."""
_SAID = {
    errno.ENOSPC: "the stick is full",
    errno.EROFS: "the stick is write-protected",
    errno.EIO: "the stick cannot be read or written; it may be broken, or was pulled out",
    errno.ENOENT: "the stick was pulled out too early",
    errno.ENODEV: "the stick was pulled out too early",
}


class NoStick(ConnectorError):
    """There is none just now."""


def find_stick(place: Path) -> Path:
    """The folder `kiosk-carry` in a place, or in a folder of it (where sticks appear under names of their own).

    Raises NoStick if there is none, ConnectorError if there are several.
    """
    try:
        below = sorted(place.iterdir())
    except OSError:
        below = []
    found = [folder for folder in (place / FOLDER, *(one / FOLDER for one in below)) if _is_folder(folder)]
    if not found:
        raise NoStick(f"no stick: there is no folder {FOLDER} in {place}, or just below it")
    if len(found) > 1:
        raise ConnectorError(f"several sticks: {found[0]} and {found[1]}; leave one of them")
    return found[0]


def prepare(place: Path) -> Path:
    """Make the folder by which a stick is found, durably. Raises ConnectorError."""
    folder = place / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        _sync(place)
    except OSError as error:
        raise ConnectorError(f"{folder}: {said(error)}") from error
    return folder


def _is_folder(path: Path) -> bool:
    """Not a link to one: what is on a stick must not lead elsewhere."""
    with suppress(OSError):
        return stat.S_ISDIR(path.lstat().st_mode)
    return False


def open_carefully(path: Path) -> IO[bytes] | None:
    """A file of the stick; None if there is none. Raises ConnectorError if it is no plain file, or too large."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConnectorError(f"{path}: {said(error)}") from error
    state = os.fstat(handle)
    if not stat.S_ISREG(state.st_mode) or state.st_size > MOST_BYTES:
        os.close(handle)
        raise ConnectorError(f"{path}: this is no plain file, or far too large; remove it")
    return os.fdopen(handle, "rb")


def replace_durably(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file anew: whole and on the stick when this returns, or else the old one is still there.

    FAT knows no links and no other order of writing: a temporary name, the data, then the name, each waited for.
    Raises ConnectorError.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        with suppress(FileNotFoundError):
            temporary.unlink()
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _sync(path.parent)
    except OSError as error:
        raise ConnectorError(f"{path}: {said(error)}") from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def said(error: OSError) -> str:
    """What went wrong with a stick, in a sentence."""
    return _SAID.get(error.errno or 0, error.strerror or str(error))
