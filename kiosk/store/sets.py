"""Textbook sets as a command changes them: all of a call in one transaction of the database, each an act of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from kiosk.circulation.acts import Act, Kind, SetChange
from kiosk.circulation.clock import reckon
from kiosk.circulation.ledger import set_key
from kiosk.circulation.model import TextbookSet
from kiosk.circulation.textbooks.sets import copied
from kiosk.ports import Clock
from kiosk.store.recording import record
from kiosk.store.store import SqliteStore
from kiosk.store.textbook_reads import sets_of


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of sets: made, changed, as they were."""

    made: int
    changed: int
    same: int


class StoreSets:
    """The textbook sets. Raises StoreError."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._mark = store.mark()

    def of_year(self, year: int) -> tuple[TextbookSet, ...]:
        """The sets of a school year."""
        with self._store.using() as connection, connection.read() as db:
            return sets_of(db, year)

    def keep(self, sets: Iterable[TextbookSet]) -> Kept:
        """Have these sets, each in place of the one of the same year and classes; others stay."""
        acts: list[Act] = []
        same = 0
        with self._store.using() as connection, connection.write() as db:
            known: dict[object, TextbookSet] = {}
            wanted = list(sets)
            for year in {one.year for one in wanted}:
                known |= {set_key(one): one for one in sets_of(db, year)}
            for one in wanted:
                before = known.get(set_key(one))
                if before == one:
                    same += 1
                    continue
                acts.append(Act(uuid4().hex, Kind.SET_CHANGED, changes=(SetChange(before, one),)))
            kiosk = db.execute("SELECT value FROM meta WHERE key = 'kiosk'").fetchone()[0]
            now = reckon(self._clock.read(), self._mark)
            record(db, acts, (), now, kiosk, self._store.carried, self._store.boot)
        changed = sum(1 for act in acts for change in act.changes if isinstance(change, SetChange) and change.before)
        return Kept(len(acts) - changed, changed, same)

    def copy(self, from_year: int, to_year: int) -> Kept:
        """Copy the sets of one school year to another, for classes that have none there yet."""
        return self.keep(copied((*self.of_year(from_year), *self.of_year(to_year)), from_year, to_year))
