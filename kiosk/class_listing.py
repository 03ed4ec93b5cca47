"""Class lists from a file into the ledger of a kiosk, while its desk may be running: look, plan, do, undo."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.circulation.calendar import school_year
from kiosk.circulation.lists.acts import steps
from kiosk.circulation.lists.facts import Plan
from kiosk.circulation.lists.plan import plan_list, plan_moving_up
from kiosk.circulation.lists.rows import ClassList
from kiosk.errors import ImportFileError
from kiosk.imports.class_lists import read_class_list
from kiosk.ports import Clock
from kiosk.store import SqliteStore
from kiosk.store.class_lists import BATCH_STEPS, ClassLists
from kiosk.store.undo import Undone

PAUSE_S = 0.01


@dataclass(frozen=True, slots=True)
class Look:
    """A list that was read. year: the school year it is of. digest: of the file, by which it is known again."""

    name: str
    digest: str
    year: int
    listed: ClassList


class ClassListing:
    """The class lists of one kiosk. Used from one thread."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self._lists = ClassLists(store, clock)
        self._clock = clock

    @property
    def lists(self) -> ClassLists:
        """What the store keeps of them."""
        return self._lists

    def this_year(self) -> int:
        """The school year for which textbooks are handed out now."""
        return school_year(self._clock.read().wall.date())

    def look(self, path: Path, year: int | None = None, mapping: Mapping[str, str] | None = None) -> Look:
        """Read a list. year: of the school year, else as the list says, else this one.

        Raises ImportFileError for a file that is no class list, and if the list is of another year than the one named.
        """
        listed = read_class_list(path, mapping)
        if year is not None and listed.year is not None and listed.year != year:
            raise ImportFileError(f"{path.name}: the list is of {_of(listed.year)}, not of {_of(year)}")
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ImportFileError(f"{path.name}: the file cannot be read: {error.strerror or error}") from error
        return Look(path.name, digest, year or listed.year or self.this_year(), listed)

    def plan(self, look: Look, answers: Mapping[str, str] | None = None) -> Plan:
        """What the list would change now. answers: see plan_list."""
        return plan_list(look.listed, look.year, self._lists.known(), answers)

    def moving_up(self, year: int) -> tuple[Look, Plan]:
        """What moving up without a list into a school year would change."""
        plan = plan_moving_up(year, self._lists.known())
        return Look("moving up", f"up-{year}", year, ClassList(year, plan.classes, ())), plan

    def do(
        self,
        look: Look,
        plan: Plan,
        left_too: bool,
        staff: str | None = None,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> str | None:
        """Do what was planned, in short durable batches with a pause between; see `working`."""
        batch = None
        for done, of, its in self.working(look, plan, left_too, staff):
            batch = its
            progress(done, of)
            time.sleep(PAUSE_S)
        return batch

    def working(
        self, look: Look, plan: Plan, left_too: bool, staff: str | None = None
    ) -> Iterator[tuple[int, int, str]]:
        """Do what was planned; a list that was stopped goes on. Yields how far it is and the import's id after each
        short durable batch; nothing if there is nothing to do.

        Raises StoreError if a pupil was changed since; what was committed before stays, and can be undone.
        """
        todo = list(steps(plan, self._lists.classes(), self._lists.new_id, left_too, staff))
        batch = self._lists.stopped(look.digest, plan.year)
        if batch is None and not todo:
            return
        batch = batch or self._lists.begin(look.name, look.digest, plan.year)
        for start in range(0, len(todo), BATCH_STEPS):
            self._lists.apply(batch, todo[start : start + BATCH_STEPS])
            if start + BATCH_STEPS < len(todo):
                yield start + BATCH_STEPS, len(todo), batch
        self._lists.finish(batch)
        yield len(todo), len(todo), batch

    def undo(self, batch: str) -> Undone:
        """Take a list back as a whole."""
        return self._lists.undo(batch, lambda: time.sleep(PAUSE_S))


def _of(year: int) -> str:
    return f"{year}-{year + 1}"
