"""Locks between processes, as files. The system lets go of them when a process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from kiosk.errors import StoreBusy, StoreDamaged

_POLL_S = 0.001


class FileLock:
    """An exclusive lock on a file, for one thread of one process; others take a FileLock of their own.

    SQLite before 3.51.3 can corrupt a WAL database when two connections write and checkpoint at once; one such lock
    around every write and every checkpoint keeps them apart.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, timeout_s: float) -> None:
        """Take the lock. Raises StoreBusy if another process holds it that long, StoreDamaged if there is no file."""
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
            except OSError as error:
                raise StoreDamaged(f"{self.path}: {error.strerror}") from error
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise StoreBusy(f"{self.path.name} is held by another process for over {timeout_s:g} s") from None
                time.sleep(_POLL_S)

    def release(self) -> None:
        """Let go of the lock."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the lock and the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
