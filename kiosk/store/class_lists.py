"""Class lists into the store: what is known of the pupils, and steps in short durable batches that are undone whole."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from sqlite_utils import Database

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.clock import Moment, reckon
from kiosk.circulation.lists.acts import ClassKey, Step
from kiosk.circulation.lists.facts import Known
from kiosk.circulation.model import SchoolClass, YearClass
from kiosk.errors import StoreError
from kiosk.ports import Clock
from kiosk.store import reads
from kiosk.store.noting import new_id
from kiosk.store.outdated import Outdated
from kiosk.store.recording import record, stamp
from kiosk.store.store import SqliteStore
from kiosk.store.undo import CLASSES, Undo, Undone

BATCH_STEPS = 25
"""Of the 200 that a write batch may have: a step is up to four rows, and a desk waits for a batch."""
CHECKPOINT_EVERY = 8
TURN_S = 0.005


class PlanOutdated(StoreError):
    """A pupil is not as the plan found them, or the list was taken back meanwhile; nothing was done."""


@dataclass(frozen=True, slots=True)
class PastList:
    """A class list of the past. begun: UTC. pupils: settled so far. finished, undone: whether it was wholly taken in,
    or taken back."""

    id: str
    file_name: str
    begun: datetime
    pupils: int
    finished: bool
    undone: bool


class ClassLists:
    """The class lists of a store, from one thread. Everything but cards and external ids is acts in its ledger."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._mark = store.mark()
        self._made = count()
        self._batches = 0

    def new_id(self) -> str:
        """An id for an act or a patron; those made one after the other lie side by side in the tables."""
        return new_id(self._moment().wall, next(self._made))

    def known(self) -> list[Known]:
        """Every patron, of one moment, with classes, cards and external id."""
        with self._store.connection().read() as db:
            years: dict[str, dict[int, SchoolClass]] = {}
            for patron_id, year, grade, letter in db.execute("SELECT patron_id, year, grade, letter FROM class_years"):
                years.setdefault(patron_id, {})[year] = SchoolClass(grade, letter)
            cards: dict[str, set[str]] = {}
            for number, patron_id in db.execute("SELECT number, patron_id FROM cards"):
                cards.setdefault(patron_id, set()).add(number)
            found = []
            for *columns, external_id in db.execute(f"SELECT {reads.PATRON}, p.external_id FROM patrons p"):
                patron = reads.to_patron(columns, ())
                its = frozenset(cards.get(patron.id, ()))
                found.append(Known(patron, years.get(patron.id, {}), its, external_id or ""))
        return found

    def classes(self) -> dict[ClassKey, YearClass]:
        """What is known of the classes of all years."""
        with self._store.connection().read() as db:
            rows = db.execute("SELECT year, grade, letter, language, teacher FROM classes").fetchall()
        return {row[:3]: YearClass(*row) for row in rows}

    def stopped(self, sha256: str, year: int) -> str | None:
        """The import of this very file and year that was begun and not finished, or None."""
        with self._store.connection().read() as db:
            row = db.execute(
                "SELECT id FROM import_batches WHERE sha256 = ? AND what = ? AND finished = 0 AND undone = 0 "
                "ORDER BY begun DESC LIMIT 1",
                (f"{sha256}-{year}", CLASSES),
            ).fetchone()
        return str(row[0]) if row is not None else None

    def begin(self, file_name: str, sha256: str, year: int) -> str:
        """The id of the list's import: one that was stopped goes on, else a new one."""
        if (batch := self.stopped(sha256, year)) is not None:
            return batch
        now = self._moment()
        about = json.dumps({"what": CLASSES, "file": file_name, "sha256": sha256, "year": year}, ensure_ascii=False)
        batch = new_id(now.wall, next(self._made))
        with self._store.connection().write() as db:
            db.execute(
                "INSERT INTO import_batches (id, what, file_name, sha256, begun) VALUES (?, ?, ?, ?, ?)",
                (batch, CLASSES, file_name, f"{sha256}-{year}", stamp(now.wall)),
            )
            self._record(db, Act(batch, Kind.LIST_IMPORTED, text=about), now)
        return batch

    def apply(self, batch: str, steps: Sequence[Step]) -> None:
        """Do at most BATCH_STEPS steps in one durable transaction, all or none.

        Raises PlanOutdated, with nothing done, if a pupil is not as the plan found them, or the list was undone.
        """
        if len(steps) > BATCH_STEPS:
            raise ValueError(f"{len(steps)} steps at once; at most {BATCH_STEPS}")
        now = self._moment()
        try:
            with self._store.connection().write() as db:
                going = (
                    "UPDATE import_batches SET done_rows = done_rows + ? WHERE id = ? AND finished = 0 AND undone = 0"
                )
                pupils = sum(bool(step.patron_id) for step in steps)
                if db.execute(going, (pupils, batch)).rowcount != 1:
                    raise PlanOutdated("the list was taken back by another process; nothing was done")
                for step in steps:
                    self._do(db, batch, step, now)
        except Outdated:
            raise PlanOutdated("the store was changed while the list was looked at; look at it again") from None
        self._make_room()

    def _do(self, db: Database, batch: str, step: Step, now: Moment) -> None:
        if step.act is not None:
            self._record(db, step.act, now)
            _note(db, batch, "acts", step.act.id, None)
        if step.card and db.execute("SELECT 1 FROM cards WHERE number = ?", (step.card,)).fetchone() is None:
            act = Act(self.new_id(), Kind.CARD_ADDED, step.patron_id, text=step.card)
            self._record(db, act, now)
            _note(db, batch, "acts", act.id, None)
            db.execute("INSERT INTO cards (number, patron_id) VALUES (?, ?)", (step.card, step.patron_id))
            _note(db, batch, "cards", step.card, None)
        taken = "SELECT 1 FROM patrons WHERE external_id = ?"
        if step.external_id and db.execute(taken, (step.external_id,)).fetchone() is None:
            before = db.execute("SELECT external_id FROM patrons WHERE id = ?", (step.patron_id,)).fetchone()[0]
            db.execute("UPDATE patrons SET external_id = ? WHERE id = ?", (step.external_id, step.patron_id))
            _note(db, batch, "patrons", step.patron_id, json.dumps({"external_id": [before, step.external_id]}))

    def finish(self, batch: str) -> None:
        """All steps are done."""
        with self._store.connection().write() as db:
            db.execute("UPDATE import_batches SET finished = 1 WHERE id = ?", (batch,))
        self._checkpoint()

    def lists(self) -> list[PastList]:
        """The lists that changed something or were stopped, the newest first, whatever the clock was then."""
        with self._store.connection().read() as db:
            rows = db.execute(
                "SELECT b.id, b.file_name, b.begun, b.done_rows, b.finished, b.undone FROM import_batches b "
                "LEFT JOIN transactions t ON t.id = b.id WHERE b.what = ? ORDER BY t.seq DESC",
                (CLASSES,),
            ).fetchall()
        return [
            PastList(row[0], row[1], datetime.fromisoformat(row[2]), row[3], bool(row[4]), bool(row[5])) for row in rows
        ]

    def undo(self, batch: str, pause: Callable[[], None] = lambda: None) -> Undone:
        """Take a list back as a whole: see `undoing`. pause: called between two batches."""
        undone = Undone(0, 0, ())
        for so_far in self.undoing(batch):
            undone = so_far
            pause()
        return undone

    def undoing(self, batch: str) -> Iterator[Undone]:
        """Take a list back, the newest of its acts first; what cannot be is kept and told. Yields what was done so far
        after each short durable batch.

        Stopped, or with something kept, it can be begun again. Raises StoreError if there is no such list.
        """
        undo = Undo(self._store.connection(), batch, self._moment(), self._store.carried, BATCH_STEPS)
        while undo.step():
            self._make_room()
            yield undo.result()
        self._checkpoint()
        yield undo.result()

    def _record(self, db: Database, act: Act, now: Moment) -> None:
        kiosk = db.execute("SELECT value FROM meta WHERE key = 'kiosk'").fetchone()[0]
        record(db, (act,), (), now, kiosk, self._store.carried, self._store.boot)

    def _moment(self) -> Moment:
        return reckon(self._clock.read(), self._mark)

    def _make_room(self) -> None:
        self._batches += 1
        if self._batches % CHECKPOINT_EVERY == 0:
            self._checkpoint()

    def _checkpoint(self) -> None:
        """A desk that has waited for the batch gets its turn before the checkpoint."""
        time.sleep(TURN_S)
        self._store.connection().checkpoint()


def _note(db: Database, batch: str, name: str, key: str, before: str | None) -> None:
    db.execute("INSERT INTO import_changes (batch, name, key, before) VALUES (?, ?, ?, ?)", (batch, name, key, before))
