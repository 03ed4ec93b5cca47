"""An answer from the stick, whole and checked, in a database of its own that has no name and is gone afterwards.

So nothing of it is used before its last byte was believed, the stick may be pulled out meanwhile, and an answer to a
hundred thousand acts needs no more memory than one to ten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from kiosk.circulation.delivery import Accepted, RefusedByCentral
from kiosk.circulation.facts import Fact, Page
from kiosk.errors import ProtocolError
from kiosk.sync.carry.words import (
    LONGEST_ID,
    Unreadable,
    decode,
    fact_in,
    moment,
    outcome_in,
    page_in,
    text,
    whole,
    with_facts,
)

_TABLES = """
CREATE TABLE outcomes (act TEXT PRIMARY KEY, line BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE pages (asked TEXT PRIMARY KEY, line BLOB NOT NULL, first INTEGER NOT NULL);
CREATE TABLE facts (n INTEGER PRIMARY KEY, line BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """The first line. made: by central's clock; to: the number of the file of acts that it answers; version: central's
    when it was made; outcomes, pages: how many there are."""

    school: str
    made: datetime
    to: int
    version: int
    outcomes: int
    pages: int


class Answers:
    """One answer, or none. Owned by one thread."""

    def __init__(self) -> None:
        self.head: AnswerHead | None = None
        self._db: sqlite3.Connection | None = None

    def take(self, lines: Iterator[bytes], school: str) -> None:
        """Read an answer to its end. Raises ProtocolError; then nothing of it is there, or OSError."""
        db = sqlite3.connect("")
        try:
            db.executescript(f"PRAGMA journal_mode = OFF; {_TABLES} BEGIN;")
            head = _head_in(next(lines, b""))
            if head.school != school:
                raise ProtocolError(f"it is of the school «{head.school}», not of «{school}»")
            for line in islice(lines, head.outcomes):
                found = decode(line)
                outcome_in(found)
                db.execute("INSERT INTO outcomes VALUES (?, ?)", (text(found, "of", LONGEST_ID, 1), line))
            count = sum(_take_page(db, line, lines) for line in islice(lines, head.pages))
            if db.execute("SELECT count(*) FROM outcomes").fetchone()[0] != head.outcomes or count != head.pages:
                raise Unreadable("something of it is missing")
            if next(lines, None) is not None:
                raise Unreadable("there is more in it than it says")
            db.commit()
        except sqlite3.IntegrityError:
            db.close()
            raise Unreadable("it says two things of one act") from None
        except sqlite3.Error as error:
            db.close()
            raise ProtocolError(f"there is no room to read it: {error}") from error
        except BaseException:
            db.close()
            raise
        self._db, self.head = db, head

    def find(self, act_id: str) -> tuple[bool, Accepted | RefusedByCentral | None]:
        """Whether an act is named, and what became of it."""
        if self._db is None:
            return False, None
        row = self._db.execute("SELECT line FROM outcomes WHERE act = ?", (act_id,)).fetchone()
        return (True, outcome_in(decode(row[0]))) if row is not None else (False, None)

    def page(self, asked: str) -> Page | None:
        """The page that goes on from a cursor, if there is one."""
        if self._db is None:
            return None
        row = self._db.execute("SELECT line, first FROM pages WHERE asked = ?", (asked,)).fetchone()
        if row is None:
            return None
        _, count, page = page_in(decode(row[0]))
        rows = self._db.execute("SELECT line FROM facts WHERE n >= ? ORDER BY n LIMIT ?", (row[1], count))
        return with_facts(page, _facts(rows))

    def close(self) -> None:
        """Forget it."""
        if self._db is not None:
            self._db.close()
        self._db = self.head = None


def _facts(rows: Iterator[tuple[bytes]]) -> Iterator[Fact]:
    for (line,) in rows:
        yield fact_in(decode(line))


def _take_page(db: sqlite3.Connection, line: bytes, lines: Iterator[bytes]) -> int:
    asked, count, _ = page_in(decode(line))
    first = int(db.execute("SELECT coalesce(max(n), 0) + 1 FROM facts").fetchone()[0])
    db.execute("INSERT INTO pages VALUES (?, ?, ?)", (asked, line, first))
    taken = 0
    for fact in islice(lines, count):
        fact_in(decode(fact))
        db.execute("INSERT INTO facts VALUES (?, ?)", (first + taken, fact))
        taken += 1
    if taken != count:
        raise Unreadable("something of it is missing")
    return 1


def _head_in(line: bytes) -> AnswerHead:
    found = decode(line)
    return AnswerHead(
        text(found, "school"),
        moment(found, "made"),
        whole(found, "to"),
        whole(found, "version"),
        whole(found, "outcomes"),
        whole(found, "pages"),
    )
