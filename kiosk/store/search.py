"""The catalogue's search: by title, author, subject, or ISBN, with Kazakh letters folded; exact beginnings first.

Source of the folding: DOMAIN.md 5.
"""

from __future__ import annotations

import re

from sqlite_utils import Database

from kiosk.circulation.fold import fold
from kiosk.store.schema import lowered

_ISBN = re.compile(r"(?:97[89])?\d{9}[\dXx]")
_CANDIDATES = 400
_LAST = "\U0010ffff"


def find(db: Database, text: str, limit: int) -> list[str]:
    """The ids of at most `limit` titles, best first: an ISBN, then titles that begin as typed, then all the words."""
    isbn = text.replace("-", "").replace(" ", "")
    if _ISBN.fullmatch(isbn):
        rows = db.execute("SELECT id FROM titles WHERE isbn = ? LIMIT ?", (isbn, limit))
        if found := [row[0] for row in rows]:
            return found
    words = fold(text).split()
    if not words:
        return []
    start = lowered(text)
    begin = db.execute(
        "SELECT id FROM titles WHERE lowered >= ? AND lowered < ? ORDER BY lowered, year DESC LIMIT ?",
        (start, start + _LAST, limit),
    )
    found = [row[0] for row in begin]
    if len(found) < limit:
        match = " AND ".join(f'"{word}"*' for word in words)
        rows = db.execute(
            "SELECT t.id, t.lowered FROM title_words w JOIN titles t ON t.n = w.rowid "
            "WHERE title_words MATCH ? LIMIT ?",
            (match, _CANDIDATES),
        )
        known = set(found)
        rest = sorted(
            ((not title.startswith(start), start not in title, fold(title).find(words[0]), title, title_id)
             for title_id, title in rows if title_id not in known)
        )  # fmt: skip
        found += [row[-1] for row in rest[: limit - len(found)]]
    return found
