"""What an import writes, noted fact by fact with what was there before, so that it can go on and be undone.

A note in `import_changes` is the table (name), the row (key) and its before-image as JSON:

    null                       the row is new
    {column: [before, after]}  these columns changed; with "id" among them the row was deleted
    {}                         a row of the file spoke of it and changed nothing; dropped when the import is finished
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.clock import Moment
from kiosk.circulation.intake import Outcome
from kiosk.circulation.sameness import Cell, Changed
from kiosk.store.recording import record
from kiosk.store.schema import lowered, words_of

SPOKEN = "{}"

_SEEN = """
CREATE TEMP TABLE IF NOT EXISTS import_seen (name TEXT, key TEXT, PRIMARY KEY (name, key)) WITHOUT ROWID
"""


def remember_spoken(db: Database, batch: str) -> None:
    """Begin to remember of what this import has spoken, with what it spoke of before it was stopped.

    In a temporary table on the disk, as a file may speak of any number of things.
    """
    db.execute(_SEEN)
    db.execute("DELETE FROM temp.import_seen")
    db.execute(
        "INSERT OR IGNORE INTO temp.import_seen SELECT name, key FROM import_changes WHERE batch = ?",
        (batch,),
    )


def new_id(now: datetime, nth: int) -> str:
    """A UUID of version 7 (RFC 9562): ids made one after the other lie side by side in the tables, which makes an
    import several times faster than random ones. nth: counts those made at one time."""
    millis = int(now.timestamp() * 1000) & 0xFFFFFFFFFFFF
    random = int.from_bytes(os.urandom(8), "big") & 0x3FFFFFFFFFFFFFFF | 0x8000000000000000
    return f"{millis:012x}7{nth & 0xFFF:03x}{random:016x}"


class Work:
    """The rows of one apply, in its write transaction. Nothing is noted before `flush`.

    about: the text of the IMPORT transaction that goes before the first change.
    """

    def __init__(
        self, db: Database, batch: str, about: str, now: Moment, kiosk: str, carried: frozenset[Kind] = frozenset()
    ) -> None:
        self.db = db
        self.now = now
        self._batch = batch
        self._about = about
        self._kiosk = kiosk
        self._carried = carried
        self._notes: list[tuple[str, str, str, str | None]] = []
        self._spoken: list[tuple[str, str]] = []
        self._made = 0
        self._told = False

    def new_id(self) -> str:
        """An id for a new row."""
        self._made += 1
        return new_id(self.now.wall, self._made)

    def has_spoken(self, name: str, key: str) -> bool:
        """Whether an earlier row of this import spoke of the same thing."""
        found = self.db.execute("SELECT 1 FROM temp.import_seen WHERE name = ? AND key = ?", (name, key)).fetchone()
        return found is not None

    def speak(self, name: str, key: str) -> None:
        """A row speaks of this: later rows may add to it, but not contradict it."""
        if self.db.execute("INSERT OR IGNORE INTO temp.import_seen VALUES (?, ?)", (name, key)).rowcount:
            self._spoken.append((name, key))

    def note(self, name: str, key: str, before: Changed | None) -> None:
        """A change is made: what was there before."""
        self._announce()
        text = None if before is None else json.dumps(before, ensure_ascii=False, separators=(",", ":"))
        self._notes.append((self._batch, name, key, text))

    def record(self, act: Act) -> None:
        """Write down an act that belongs to the import; `note` what it makes."""
        self._announce()
        self._record(act)

    def _announce(self) -> None:
        if not self._told:
            self._told = True
            if self.db.execute("SELECT 1 FROM transactions WHERE id = ?", (self._batch,)).fetchone() is None:
                self._record(Act(self._batch, Kind.IMPORT, text=self._about))

    def _record(self, act: Act) -> None:
        record(self.db, (act,), (), self.now, self._kiosk, self._carried)

    def insert(self, table: str, row: Mapping[str, Cell]) -> None:
        """Add a row with an id, and note it."""
        self.note(table, str(row["id"]), None)
        insert(self.db, table, row)

    def update(self, table: str, row_id: str, changed: Changed) -> None:
        """Change columns of a row, and its version, and note it."""
        self.note(table, row_id, changed)
        update(self.db, table, row_id, {column: after for column, (_, after) in changed.items()})

    def flush(self, outcomes: Sequence[Outcome]) -> None:
        """Write down the notes, and what became of the rows."""
        noted = {(name, key) for _, name, key, _ in self._notes}
        self._notes += [(self._batch, name, key, SPOKEN) for name, key in self._spoken if (name, key) not in noted]
        self.db.conn.executemany(
            "INSERT INTO import_changes (batch, name, key, before) VALUES (?, ?, ?, ?)", self._notes
        )
        last = json.dumps([[one.result, one.reason] for one in outcomes], ensure_ascii=False)
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (outcomes_key(self._batch), last))


def outcomes_key(batch: str) -> str:
    """Where the outcomes of the latest apply are kept while an import goes on."""
    return f"import {batch}"


def insert(db: Database, table: str, row: Mapping[str, Cell]) -> None:
    """Add a row; a title with the words by which it is found."""
    marks = ", ".join("?" * len(row))
    cursor = db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    if table == "titles":
        db.execute(
            "INSERT INTO title_words (rowid, words) VALUES (?, ?)",
            (cursor.lastrowid, words_of(str(row["title"]), str(row["author"]), str(row["subject"]))),
        )


def update(db: Database, table: str, row_id: str, columns: Mapping[str, Cell]) -> None:
    """Change columns of a row, and its version; a title's words are kept in step."""
    values = dict(columns)
    if table == "titles" and "title" in values:
        values["lowered"] = lowered(str(values["title"]))
    names = "".join(f"{name} = ?, " for name in values)
    db.execute(f"UPDATE {table} SET {names}version = version + 1 WHERE id = ?", (*values.values(), row_id))
    if table == "titles" and values.keys() & {"title", "author", "subject"}:
        n, *words = db.execute("SELECT n, title, author, subject FROM titles WHERE id = ?", (row_id,)).fetchone()
        db.execute("UPDATE title_words SET words = ? WHERE rowid = ?", (words_of(*words), n))
