"""One connection to the ledger: its pragmas, its write transactions, its errors in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from kiosk.errors import StoreBusy, StoreDamaged, StoreError, StoreFull
from kiosk.store.locks import FileLock

LOCK_TIMEOUT_S = 3.0
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "wal_autocheckpoint": 0,
    "busy_timeout": 3000,
    "cache_size": -16000,
    "trusted_schema": 0,
}
"""What every connection is set to, as `PRAGMA name` answers it. synchronous 2 is FULL: a commit is on the disk."""


class Connection:
    """The ledger's file, opened for one thread. It is never made here: `create` in schema.py does that.

    commits: made through it since its last checkpoint.
    Raises StoreDamaged if the file is not there or not a database, StoreBusy if it is held by somebody else.
    """

    def __init__(self, path: Path, lock_timeout_s: float = LOCK_TIMEOUT_S) -> None:
        self.path = path
        self._lock = FileLock(path.with_suffix(".lock"))
        self._timeout_s = lock_timeout_s
        with translated(path):
            raw = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None, cached_statements=256
            )
            try:
                for name, value in {**PRAGMAS, "busy_timeout": round(lock_timeout_s * 1000)}.items():
                    raw.execute(f"PRAGMA {name}={value}")
                self.db = Database(raw, execute_plugins=False)
                self.db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            except BaseException:
                raw.close()
                raise
        self._seen = path.stat()
        self.commits = 0

    @contextmanager
    def write(self) -> Iterator[Database]:
        """A write transaction: all of it is durable afterwards, or, on any exception, none of it happened."""
        self.check_file()
        self._lock.acquire(self._timeout_s)
        try:
            with translated(self.path):
                self.db.execute("BEGIN IMMEDIATE")
                try:
                    yield self.db
                    self.db.execute("COMMIT")
                    self.commits += 1
                except BaseException:
                    if self.db.conn.in_transaction:
                        self.db.execute("ROLLBACK")
                    raise
        finally:
            self._lock.release()

    @contextmanager
    def read(self) -> Iterator[Database]:
        """Reading: everything read inside is of one moment. One reading may stand inside another."""
        with translated(self.path):
            inside = self.db.conn.in_transaction
            if inside:
                yield self.db
                return
            self.db.execute("BEGIN")
            try:
                yield self.db
            finally:
                if self.db.conn.in_transaction:
                    self.db.execute("COMMIT")

    @contextmanager
    def locked(self) -> Iterator[Database]:
        """The write lock without a transaction: for migrations, which bring their own."""
        self._lock.acquire(self._timeout_s)
        try:
            with translated(self.path):
                yield self.db
        finally:
            self._lock.release()

    def check_file(self) -> None:
        """Raise StoreDamaged if the file was removed, replaced or cut: what is written to it then is lost.

        It never shrinks by itself, as nothing here vacuums it.
        """
        try:
            now = self.path.stat()
        except OSError:
            now = None
        if now is None or now.st_ino != self._seen.st_ino:
            raise StoreDamaged(f"{self.path.name} was removed or replaced while it was in use")
        if now.st_size < self._seen.st_size:
            raise StoreDamaged(f"{self.path.name} was cut from {self._seen.st_size} bytes to {now.st_size}")
        self._seen = now

    def checkpoint(self) -> None:
        """Bring the write-ahead log into the database file, as far as nobody reads it: no reader is waited for."""
        with self.locked() as db:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self.commits = 0

    def close(self) -> None:
        """Close under the lock, since the last connection to close makes a checkpoint."""
        with suppress(StoreError):
            self._lock.acquire(self._timeout_s)
        try:
            self.db.close()
        finally:
            self._lock.close()


_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_OURS = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM}
_NO_ROOM = {"SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors as StoreError: busy, full, damaged, or, for a mistake of ours in the SQL, none of these."""
    try:
        yield
    except UnicodeDecodeError as error:  # SQLite quotes a ruined schema in its message
        raise StoreDamaged(f"{path.name}: its schema cannot be read") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        name = getattr(error, "sqlite_errorname", "")
        if code in _BUSY:
            raise StoreBusy(f"{path.name}: {error}") from error
        if code == sqlite3.SQLITE_FULL or name in _NO_ROOM:
            raise StoreFull(f"{path.name}: no room on the disk") from error
        if code in _OURS or isinstance(error, sqlite3.ProgrammingError):
            raise StoreError(f"{path.name}: {error}") from error
        raise StoreDamaged(f"{path.name}: {error} ({name})") from error
