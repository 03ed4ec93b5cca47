"""Taking an import back: what it added goes, what it changed is as it was, what has been used since stays.

Versions never go back: a row that is as it was has a version of its own, so that no decision made in between is taken
for one on the present facts.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from sqlite_utils import Database

from kiosk.circulation.acts import Act, Kind, StatusChange
from kiosk.circulation.change_words import reversed_change
from kiosk.circulation.clock import Moment
from kiosk.circulation.ledger import act_of
from kiosk.circulation.model import ItemStatus
from kiosk.circulation.policy import Allowed
from kiosk.circulation.returns import Recorded, decide_undo
from kiosk.circulation.sameness import Cell, Changed
from kiosk.errors import StoreError
from kiosk.store.connection import Connection
from kiosk.store.intake_items import has_history, resting_at
from kiosk.store.noting import SPOKEN, insert, outcomes_key, update
from kiosk.store.outdated import Outdated
from kiosk.store.recording import record

STEP_ROWS = 200
REASONS = 100
CARRIED_BACK = frozenset({Kind.PATRON_ADDED, Kind.CLASS_MOVED})
"""Acts of a class list that are taken back by one of the same kind, as the sync carries those."""
_UNDOES = "json_extract(body, '$.undoes')"
_UNDOING = f"kind IN ('list_undone', 'patron_added', 'class_moved') AND {_UNDOES} IS NOT NULL"
CLASSES = "classes"
"""What an import brings that is a class list (class_lists.py)."""
_USED = "the ledger speaks of it"
_LATER = "a later import changed it; undo that one first"
_SINCE = "it was changed since"
_LATER_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS import_later (name TEXT, key TEXT, PRIMARY KEY (name, key)) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing did. undone, kept: facts (a patron, a card, a title, an item, a loan). reasons: of the first 100."""

    undone: int
    kept: int
    reasons: tuple[str, ...]


class Spoken:
    """The patrons and titles that the ledger speaks of, but for acts of a class list itself and those that take it
    back. It has no index for them, as only this asks."""

    def __init__(self, batch: str = "") -> None:
        self._seq = 0
        self._batch = batch
        self.patrons: set[str] = set()
        self.titles: set[str] = set()

    def read_on(self, db: Database) -> None:
        """Read what was recorded since the last time."""
        top = db.execute("SELECT max(seq) FROM transactions").fetchone()[0] or 0
        for column, ids in (("patron_id", self.patrons), ("title_id", self.titles)):
            statement = (
                f"SELECT DISTINCT {column} FROM transactions WHERE seq > ? AND seq <= ? "
                "AND id NOT IN (SELECT key FROM import_changes WHERE batch = ? AND name = 'acts') "
                f"AND id NOT IN (SELECT {_UNDOES} FROM transactions WHERE {_UNDOING}) AND NOT ({_UNDOING})"
            )
            ids.update(row[0] for row in db.execute(statement, (self._seq, top, self._batch)) if row[0] is not None)
        self._seq = top


class Undo:
    """An import being undone, the newest of its changes first. rows: at most so many in one step.

    Raises StoreError if there is no such import.
    """

    def __init__(
        self, connection: Connection, batch: str, now: Moment, carried: frozenset[Kind], rows: int = STEP_ROWS
    ) -> None:
        self._connection = connection
        self._batch = batch
        self._now = now
        self._carried = carried
        self._rows = rows
        self._undone = self._kept = 0
        self._reasons: list[str] = []
        self._spoken = Spoken(batch)
        with connection.read() as db:
            row = db.execute("SELECT undone, what FROM import_batches WHERE id = ?", (batch,)).fetchone()
            if row is None:
                raise StoreError(f"there is no import {batch}")
            self._kiosk = db.execute("SELECT value FROM meta WHERE key = 'kiosk'").fetchone()[0]
            self._spoken.read_on(db)
            _remember_later(db, batch)
            self._next = db.execute("SELECT max(n) + 1 FROM import_changes").fetchone()[0] or 1
        if not row[0]:
            self._begin(Kind.LIST_UNDONE if row[1] == CLASSES else Kind.IMPORT_UNDONE)

    def _begin(self, kind: Kind) -> None:
        with self._connection.write() as db:
            db.execute("UPDATE import_batches SET undone = 1 WHERE id = ?", (self._batch,))
            db.execute("DELETE FROM meta WHERE key = ?", (outcomes_key(self._batch),))
            if db.execute("SELECT 1 FROM transactions WHERE id = ?", (self._batch,)).fetchone() is not None:
                self._record(db, Act(uuid4().hex, kind, undoes=self._batch))

    def _record(self, db: Database, act: Act) -> None:
        record(db, (act,), (), self._now, self._kiosk, self._carried)

    def step(self) -> bool:
        """Take back some changes in one durable transaction; False when there are no more."""
        with self._connection.write() as db:
            self._spoken.read_on(db)
            notes = db.execute(
                "SELECT n, name, key, before FROM import_changes WHERE batch = ? AND n < ? ORDER BY n DESC LIMIT ?",
                (self._batch, self._next, self._rows),
            ).fetchall()
            settled, undone, reasons = [], 0, []
            for n, name, key, before in notes:
                reason = None if before == SPOKEN else self._take_back(db, name, key, before)
                if reason is None:
                    settled.append((n,))
                    undone += before != SPOKEN
                else:
                    reasons.append(reason)
            db.conn.executemany("DELETE FROM import_changes WHERE n = ?", settled)
        if notes:
            self._next = notes[-1][0]
        self._undone += undone
        self._kept += len(reasons)
        self._reasons += reasons[: REASONS - len(self._reasons)]
        return len(notes) == self._rows

    def result(self) -> Undone:
        """What was done."""
        return Undone(self._undone, self._kept, tuple(self._reasons))

    def _take_back(self, db: Database, name: str, key: str, before: str | None) -> str | None:
        """Take one change back. Returns why not, naming the fact, or None."""
        if name == "loans":
            return self._end_loan(db, key)
        if name == "acts":
            return self._reverse(db, key)
        if before is not None:
            changed: Changed = json.loads(before)
            return _add_back(db, key, changed) if "id" in changed else self._restore(db, name, key, changed)
        reason = self._remove(db, name, key)
        return f"{_named(db, name, key)}: {reason}" if reason else None

    def _end_loan(self, db: Database, loan_id: str) -> str | None:
        row = db.execute(
            "SELECT id, kind, patron_id, item_id, title_id, body, seq FROM transactions WHERE id = ?", (loan_id,)
        ).fetchone()
        act, seq = act_of(*row[:6]), row[6]
        last = db.execute("SELECT last_seq FROM items WHERE id = ?", (act.item_id,)).fetchone()
        decision = decide_undo(Recorded(act, last == (seq,), ()), uuid4().hex)
        if not isinstance(decision, Allowed):
            return f"loan of {_named(db, 'items', str(act.item_id))}: it was renewed, returned or undone since"
        self._record(db, decision.acts[0])
        return None

    def _reverse(self, db: Database, act_id: str) -> str | None:
        """Take back an act of a class list, if all is as it left it."""
        row = db.execute(
            "SELECT id, kind, patron_id, item_id, title_id, body FROM transactions WHERE id = ?", (act_id,)
        ).fetchone()
        act = act_of(*row)
        if act.kind is Kind.PATRON_ADDED and act.patron_id is not None:
            if act.patron_id in self._spoken.patrons:
                return f"{_named(db, 'patrons', act.patron_id)}: {_USED}"
            if (reason := _given_since(db, act.patron_id)) is not None:
                return f"{_named(db, 'patrons', act.patron_id)}: {reason}"
        changes = tuple(reversed_change(change) for change in reversed(act.changes))
        kind = act.kind if act.kind in CARRIED_BACK else Kind.LIST_UNDONE
        undoing = Act(uuid4().hex, kind, act.patron_id, changes=changes, undoes=act.id)
        if _trying(db, lambda: self._record(db, undoing)):
            return None
        return f"{_named(db, 'patrons', act.patron_id)}: {_SINCE}" if act.patron_id else f"a class: {_SINCE}"

    def _restore(self, db: Database, table: str, row_id: str, changed: Changed) -> str | None:
        names = ", ".join(changed)
        now = db.execute(f"SELECT {names} FROM {table} WHERE id = ?", (row_id,)).fetchone()
        if now is None:
            return None
        status = changed.pop("status", None)
        columns = {column: before for column, (before, _) in changed.items()}
        if any(value != changed[column][1] for column, value in zip(names.split(", "), now, strict=True)
               if column in changed):  # fmt: skip
            return f"{_named(db, table, row_id)}: {_SINCE}"
        if table == "items" and (reason := _fixed(db, row_id, columns)):
            return f"{_named(db, table, row_id)}: {reason}"
        if "held" in columns and _lent(db, row_id) > int(columns["held"] or 0):
            return f"{_named(db, table, row_id)}: more copies are on loan than there were"
        act = _rest(db, row_id, columns) if table == "items" and (status or "service_point" in columns) else None
        if not _trying(db, lambda: update(db, table, row_id, columns)):
            return f"{_named(db, table, row_id)}: another has that number or description now"
        if act is not None:
            self._record(db, act)
        return None

    def _remove(self, db: Database, name: str, key: str) -> str | None:
        if _is_later(db, name, key):
            return _LATER
        match name:
            case "cards":
                return _remove_card(db, key)
            case "patrons":
                if key in self._spoken.patrons:
                    return _USED
                return _remove_patron(db, key)
            case "titles":
                if key in self._spoken.titles:
                    return _USED
                return _remove_title(db, key)
            case _:
                if has_history(db, key):
                    return _USED
                if db.execute("SELECT 1 FROM holds WHERE item_id = ?", (key,)).fetchone() is not None:
                    return "it is kept for a hold"
                return _deleted(db, "items", key)


def drop_emptied_titles(connection: Connection, batch: str) -> None:
    """Delete titles of which an import moved the last copy to another title, unless anything speaks of them."""
    with connection.read() as db:
        emptied = db.execute(
            "SELECT DISTINCT json_extract(before, '$.title_id[0]') FROM import_changes "
            "WHERE batch = ? AND name = 'items' AND before LIKE '%\"title_id\"%'",
            (batch,),
        ).fetchall()
        spoken = Spoken()
        if emptied:
            spoken.read_on(db)
    for start in range(0, len(emptied), STEP_ROWS):
        with connection.write() as db:
            spoken.read_on(db)
            for (title_id,) in emptied[start : start + STEP_ROWS]:
                if title_id not in spoken.titles:
                    _drop_if_empty(db, batch, title_id)


def _drop_if_empty(db: Database, batch: str, title_id: str) -> None:
    seen = db.execute("SELECT 1 FROM temp.import_seen WHERE name = 'titles' AND key = ?", (title_id,)).fetchone()
    cursor = db.execute("SELECT * FROM titles WHERE id = ? AND held = 0", (title_id,))
    row, columns = cursor.fetchone(), [column[0] for column in cursor.description]
    if seen is not None or row is None or _remove_title(db, title_id) is not None:
        return
    before = {column: [value, None] for column, value in zip(columns, row, strict=True)}
    db.execute(
        "INSERT INTO import_changes (batch, name, key, before) VALUES (?, 'titles', ?, ?)",
        (batch, title_id, json.dumps(before, ensure_ascii=False, separators=(",", ":"))),
    )


def _remember_later(db: Database, batch: str) -> None:
    """Note what later imports changed, in a temporary table, as it may be much."""
    db.execute(_LATER_TABLE)
    db.execute("DELETE FROM temp.import_later")
    db.execute(
        "INSERT OR IGNORE INTO temp.import_later SELECT name, key FROM import_changes "
        "WHERE batch IN (SELECT id FROM import_batches WHERE id <> ?1 AND undone = 0) "
        "AND n > (SELECT min(n) FROM import_changes WHERE batch = ?1) AND before IS NOT ?2",
        (batch, SPOKEN),
    )


def _is_later(db: Database, name: str, key: str) -> bool:
    found = db.execute("SELECT 1 FROM temp.import_later WHERE name = ? AND key = ?", (name, key)).fetchone()
    return found is not None


def _trying(db: Database, change: Callable[[], None]) -> bool:
    """Make a change, or leave everything as it is if a number, a reference or what was done since stands against it."""
    db.execute("SAVEPOINT trying")
    try:
        change()
    except (sqlite3.IntegrityError, Outdated):
        db.execute("ROLLBACK TO trying")
        return False
    finally:
        db.execute("RELEASE trying")
    return True


def _deleted(db: Database, table: str, row_id: str) -> str | None:
    def delete() -> None:
        db.execute(f"DELETE FROM {table} WHERE id = ?", (row_id,))

    return None if _trying(db, delete) else "something else refers to it"


def _remove_card(db: Database, number: str) -> str | None:
    row = db.execute("SELECT patron_id, lost FROM cards WHERE number = ?", (number,)).fetchone()
    if row is not None:
        if row[1]:
            return "it was reported lost"
        db.execute("DELETE FROM cards WHERE number = ?", (number,))
        update(db, "patrons", row[0], {})
    return None


def _remove_patron(db: Database, patron_id: str) -> str | None:
    """Delete a patron who was added, with their card; not one to whom somebody gave a PIN, a block or a later card."""
    if (reason := _given_since(db, patron_id)) is not None:
        return reason
    cards = [card for (card,) in db.execute("SELECT number FROM cards WHERE patron_id = ?", (patron_id,))]
    if any(_is_later(db, "cards", card) for card in cards):
        return _LATER

    def delete() -> None:
        db.execute("DELETE FROM cards WHERE patron_id = ?", (patron_id,))
        db.execute("DELETE FROM patrons WHERE id = ?", (patron_id,))

    return None if _trying(db, delete) else "they have loans or holds"


def _given_since(db: Database, patron_id: str) -> str | None:
    """Why a patron who was added has to stay: somebody gave them a PIN or a block."""
    row = db.execute(
        "SELECT pin_hash IS NOT NULL OR EXISTS (SELECT 1 FROM blocks WHERE patron_id = id) FROM patrons WHERE id = ?",
        (patron_id,),
    ).fetchone()
    return _SINCE if row is not None and row[0] else None


def _remove_title(db: Database, title_id: str) -> str | None:
    row = db.execute("SELECT n FROM titles WHERE id = ?", (title_id,)).fetchone()
    if row is None:
        return None
    reason = _deleted(db, "titles", title_id)
    if reason is None:
        db.execute("DELETE FROM title_words WHERE rowid = ?", (row[0],))
    return reason and "it has copies, loans or holds"


def _add_back(db: Database, title_id: str, deleted: Changed) -> str | None:
    """Put a deleted title back; under another row number if its own was given away."""
    row: dict[str, Cell] = {column: before for column, (before, _) in deleted.items()}
    row["version"] = int(row["version"] or 0) + 1
    if _trying(db, lambda: insert(db, "titles", row)) or _trying(db, lambda: insert(db, "titles", {**row, "n": None})):
        return None
    return f"title «{row['title']}»: there is another of that description now"


def _fixed(db: Database, item_id: str, columns: dict[str, Cell]) -> str | None:
    """Why an item cannot go back to its title, if it was to."""
    if "title_id" not in columns:
        return None
    held = db.execute(
        "SELECT 1 FROM loans WHERE item_id = ?1 UNION SELECT 1 FROM holds WHERE item_id = ?1", (item_id,)
    ).fetchone()
    return None if held is None else "it is on loan or kept for a hold as another title"


def _lent(db: Database, title_id: str) -> int:
    found = db.execute("SELECT count(*) FROM loans WHERE title_id = ? AND item_id IS NULL", (title_id,)).fetchone()
    return int(found[0])


def _rest(db: Database, item_id: str, columns: dict[str, Cell]) -> Act | None:
    """Let an item that stands in its place rest there as is usual at the service point to which it goes back."""
    point, text = db.execute("SELECT service_point, status FROM items WHERE id = ?", (item_id,)).fetchone()
    now, after = ItemStatus(text), resting_at(columns["service_point"])
    if now is not resting_at(point) or after is now:
        return None
    if has_history(db, item_id):
        return Act(uuid4().hex, Kind.IMPORT_UNDONE, None, item_id, None, (StatusChange(item_id, now, after),))
    columns["status"] = after
    return None


def _named(db: Database, name: str, key: str) -> str:
    """A fact as staff know it; of patrons the card, never the name."""
    match name:
        case "patrons":
            row = db.execute(
                "SELECT coalesce((SELECT 'card ' || min(number) FROM cards WHERE patron_id = p.id), "
                "'external id ' || p.external_id, p.id) FROM patrons p WHERE p.id = ?",
                (key,),
            ).fetchone()
            return f"patron with {row[0]}" if row else f"patron {key}"
        case "items":
            row = db.execute("SELECT coalesce(barcode, inventory_no, id) FROM items WHERE id = ?", (key,)).fetchone()
            return f"item {row[0] if row else key}"
        case "titles":
            row = db.execute("SELECT title FROM titles WHERE id = ?", (key,)).fetchone()
            return f"title «{row[0] if row else key}»"
        case _:
            return f"card {key}"
