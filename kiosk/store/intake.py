"""Imports into the store (ports.Importer): short durable batches that can be stopped, continued and undone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from kiosk.circulation.acts import Kind
from kiosk.circulation.clock import Moment, reckon
from kiosk.circulation.intake import Batch, Intake, ItemRow, LoanRow, Outcome, PatronRow, Result, Row
from kiosk.errors import StoreError
from kiosk.ports import Clock
from kiosk.store.intake_items import prepare_item, take_item
from kiosk.store.intake_loans import take_loan
from kiosk.store.intake_patrons import prepare_patron, remember_namesakes, take_patron
from kiosk.store.noting import SPOKEN, Work, new_id, outcomes_key, remember_spoken
from kiosk.store.recording import stamp
from kiosk.store.store import SqliteStore
from kiosk.store.undo import CLASSES, Undo, Undone, drop_emptied_titles

MAX_ROWS = 200
CHECKPOINT_EVERY = 8
"""Batches between two checkpoints: the log stays below a few megabytes, and no checkpoint takes longer than a batch."""
TURN_S = 0.005

Take = Callable[[Work], Outcome]


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import of the past. begun: UTC. done_rows, finished, undone: see Batch and `StoreImporter.undo`."""

    id: str
    what: Intake
    file_name: str
    begun: datetime
    done_rows: int
    finished: bool
    undone: bool


@dataclass(slots=True)
class _Running:
    """The import that this process is at."""

    id: str
    done_rows: int
    about: str


class StoreImporter:
    """Takes rows into a store, one import at a time, from one thread. carried: as of SqliteStore.

    A finished file imported again is a new import: its rows are matched anew, and if it changes nothing, it leaves
    nothing behind, neither in `import_batches` nor in the ledger. Within a file, the first row that speaks of a patron,
    an item or a title is believed: later ones may add to it; one that contradicts it is doubtful (of a title: is not
    heard, as copies of one title are often described in different words). So a file says the same however often it is
    imported.
    """

    def __init__(self, store: SqliteStore, clock: Clock, carried: frozenset[Kind] = frozenset()) -> None:
        self._store = store
        self._clock = clock
        self._carried = carried
        self._mark = store.mark()
        self._kiosk = ""
        self._running: _Running | None = None
        self._batches = 0

    def begin(self, what: Intake, file_name: str, sha256: str) -> Batch:
        """The import of this very file (by its digest): an unfinished one is continued, else a new one."""
        connection = self._store.connection()
        now = self._moment()
        with connection.read() as db:
            self._kiosk = db.execute("SELECT value FROM meta WHERE key = 'kiosk'").fetchone()[0]
            row = db.execute(
                "SELECT id, done_rows FROM import_batches WHERE sha256 = ? AND what = ? AND finished = 0 "
                "AND undone = 0 ORDER BY begun DESC LIMIT 1",
                (sha256, what),
            ).fetchone()
            batch = Batch(row[0], row[1], last=_last(db, row[0])) if row else Batch(new_id(now.wall, 0))
            remember_spoken(db, batch.id)
            if what is Intake.PATRONS:
                remember_namesakes(db)
        if row is None:
            with connection.write() as db:
                db.execute(
                    "INSERT INTO import_batches (id, what, file_name, sha256, begun) VALUES (?, ?, ?, ?, ?)",
                    (batch.id, what, file_name, sha256, stamp(now.wall)),
                )
        about = {"what": what, "file": file_name, "sha256": sha256, "batch": batch.id}
        self._running = _Running(batch.id, batch.done_rows, json.dumps(about, ensure_ascii=False))
        return batch

    def apply(self, batch: str, rows: Sequence[Row], upto: int) -> Sequence[Outcome]:
        """Take in at most MAX_ROWS rows in one durable transaction; say of each, in order, what became of it.

        upto: how many rows of the file are settled once it is committed. Raises StoreError, with nothing taken in, if
        another process went on with the import or undid it.
        """
        if len(rows) > MAX_ROWS:
            raise ValueError(f"{len(rows)} rows at once; at most {MAX_ROWS}")
        running, connection = self._at(batch), self._store.connection()
        takes = [_prepare(row) for row in rows]
        now = self._moment()
        with connection.write() as db:
            self._settle(db, running, upto)
            work = Work(db, batch, running.about, now, self._kiosk, self._carried)
            outcomes = [take(work) for take in takes]
            work.flush(outcomes)
        running.done_rows = upto
        self._make_room()
        return outcomes

    def _settle(self, db: Database, running: _Running, upto: int) -> None:
        moved = db.execute(
            "UPDATE import_batches SET done_rows = ? WHERE id = ? AND done_rows = ? AND finished = 0 AND undone = 0",
            (upto, running.id, running.done_rows),
        ).rowcount
        if moved != 1:
            raise StoreError(
                "the same file is being imported, or its import undone, by another process; nothing was done"
            )

    def finish(self, batch: str) -> None:
        """All rows of the file are settled. An import that changed nothing is forgotten."""
        self._at(batch)
        connection = self._store.connection()
        drop_emptied_titles(connection, batch)
        with connection.read() as db:
            spoken = db.execute(_SPOKEN_OF, (batch, SPOKEN)).fetchall()
        for start in range(0, len(spoken), MAX_ROWS):
            with connection.write() as db:
                db.conn.executemany("DELETE FROM import_changes WHERE n = ?", spoken[start : start + MAX_ROWS])
            self._make_room()
        with connection.write() as db:
            db.execute("DELETE FROM meta WHERE key = ?", (outcomes_key(batch),))
            if db.execute("SELECT 1 FROM import_changes WHERE batch = ? LIMIT 1", (batch,)).fetchone() is None:
                db.execute("DELETE FROM import_batches WHERE id = ?", (batch,))
            else:
                db.execute("UPDATE import_batches SET finished = 1 WHERE id = ?", (batch,))
        self._running = None
        self._checkpoint()

    def batches(self) -> list[PastImport]:
        """The imports, but for class lists, that changed something or were stopped, the newest first."""
        with self._store.connection().read() as db:
            rows = db.execute(
                "SELECT b.id, b.what, b.file_name, b.begun, b.done_rows, b.finished, b.undone FROM import_batches b "
                "LEFT JOIN transactions t ON t.id = b.id WHERE b.what <> ? "
                "ORDER BY t.seq DESC NULLS FIRST, b.begun DESC",
                (CLASSES,),
            ).fetchall()
        return [
            PastImport(
                row[0], Intake(row[1]), row[2], datetime.fromisoformat(row[3]), row[4], bool(row[5]), bool(row[6])
            )
            for row in rows
        ]

    def undo(self, batch: str, pause: Callable[[], None] = lambda: None) -> Undone:
        """Take an import back, the newest of its changes first, in short batches; what cannot be is kept and told.

        pause: called between two batches. Undo the newest import first: what a later one built upon is kept. Stopped,
        or with something kept, it can be called again. Raises StoreError if there is no such import.
        """
        if self._running is not None and self._running.id == batch:
            self._running = None
        undo = Undo(self._store.connection(), batch, self._moment(), self._carried)
        while undo.step():
            self._make_room()
            pause()
        self._checkpoint()
        return undo.result()

    def _at(self, batch: str) -> _Running:
        if self._running is None or self._running.id != batch:
            raise ValueError(f"import {batch} was not begun")
        return self._running

    def _moment(self) -> Moment:
        return reckon(self._clock.read(), self._mark)

    def _make_room(self) -> None:
        """Now and then bring the log into the database file, so that it does not grow without end."""
        self._batches += 1
        if self._batches % CHECKPOINT_EVERY == 0:
            self._checkpoint()

    def _checkpoint(self) -> None:
        """A desk that has waited for the batch gets its turn before the checkpoint."""
        time.sleep(TURN_S)
        self._store.connection().checkpoint()


_SPOKEN_OF = "SELECT n FROM import_changes WHERE batch = ? AND before = ?"


def _prepare(row: Row) -> Take:
    match row:
        case PatronRow():
            patron = prepare_patron(row)
            return lambda work: take_patron(work, patron)
        case ItemRow():
            item = prepare_item(row)
            return lambda work: take_item(work, item)
        case LoanRow():
            return lambda work: take_loan(work, row)


def _last(db: Database, batch: str) -> tuple[Outcome, ...]:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (outcomes_key(batch),)).fetchone()
    return tuple(Outcome(Result(result), reason) for result, reason in json.loads(row[0])) if row else ()


__all__ = ["MAX_ROWS", "PastImport", "StoreImporter", "Undone"]
