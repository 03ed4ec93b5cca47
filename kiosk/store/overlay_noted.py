"""What staff noted, as central has it: marks of pupils, sets of classes, classes of pupils.

Central's word is kept in `central_facts` under a name of its own making, the key of an act in central's ids, and taken
over once no act of ours lies over it (overlay.py).
"""

from __future__ import annotations

import json
from typing import Any

from sqlite_utils import Database

from kiosk.circulation.acts import Change, ClassChange, MarkChange, SetChange
from kiosk.circulation.change_words import fact_out, set_in
from kiosk.circulation.delivery import mark_words, set_words
from kiosk.circulation.facts import MarkFact, PatronFact, SetFact
from kiosk.circulation.model import Mark, SchoolClass, TextbookSet
from kiosk.store.reads import Row

NOTED = frozenset({"mark", "set", "class"})
"""What keys begin with of which this speaks."""
YEARS = "years"


def keep_mark(db: Database, fact: MarkFact, generation: int) -> str | None:
    """Keep what central says of a mark; the key of ours, None if it was known, or of a pupil who is not."""
    mark = Mark(fact.patron_id, fact.year, fact.what, fact.value)
    row = ("mark", mark_words(mark), fact.version, generation, fact.patron_id, _json(fact_out(mark)))
    return local_key(db, "mark", row[1]) if _keep(db, row, fact.ended) else None


def keep_set(db: Database, fact: SetFact, generation: int) -> str | None:
    """Keep what central says of a set; the key of ours, None if it was known."""
    textbooks = TextbookSet(fact.year, fact.grade, fact.language, fact.letter, fact.lines)
    row = ("set", set_words(textbooks), fact.version, generation, None, _json(fact_out(textbooks)))
    return f"set:{row[1]}" if _keep(db, row, fact.ended) else None


def keep_years(db: Database, fact: PatronFact, patron_id: str, generation: int) -> list[str]:
    """Keep what central says of a pupil's classes; the keys of ours. patron_id: our own."""
    if not fact.years:
        return []
    told = [[year, fact_out(school_class)] for year, school_class in fact.years]
    _keep(db, (YEARS, fact.id, fact.version, generation, fact.id, _json(told)), False)
    return [f"class:{year}|{patron_id}" for year, _ in fact.years]


def _keep(db: Database, row: Row, ended: bool) -> bool:
    kind, name, version, generation, *_ = row
    known = db.execute(
        "SELECT version, generation FROM central_facts WHERE kind = ? AND id = ?", (kind, name)
    ).fetchone()
    if known is not None and known[0] > version and known[1] >= generation:
        return False
    if ended:
        db.execute("DELETE FROM central_facts WHERE kind = ? AND id = ?", (kind, name))
    else:
        db.execute(
            "INSERT OR REPLACE INTO central_facts (kind, id, version, generation, patron, body) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )
    return True


def local_key(db: Database, kind: str, name: str) -> str | None:
    """The key of ours for what central calls so; None if the pupil is not known here, or it has none."""
    if kind == "set":
        return f"set:{name}"
    if kind != "mark":
        return None
    year, what, patron = name.split("|", 2)
    local = _other_id(db, "local_id", "central_id", patron)
    return f"mark:{year}|{what}|{local}" if local is not None else None


def change_of(db: Database, key: str) -> tuple[str | None, Change] | None:
    """Whom it is of, and the change by which what ours says under a key becomes what central says; None if it is so."""
    kind, _, words = key.partition(":")
    change: Change | None = None
    patron: str | None = None
    if kind == "mark":
        year, what, patron = words.split("|", 2)
        change = _mark_change(db, patron, int(year), what)
    elif kind == "class":
        year, patron = words.split("|", 1)
        change = _class_change(db, patron, int(year))
    elif kind == "set":
        change = _set_change(db, words)
    return (patron, change) if change is not None else None


def _mark_change(db: Database, patron: str, year: int, what: str) -> Change | None:
    central = _other_id(db, "central_id", "local_id", patron)
    if central is None:
        return None
    found = _body(db, "mark", mark_words(Mark(central, year, what, "")))
    theirs = Mark(patron, year, what, found["value"]) if found is not None else None
    row = db.execute(
        "SELECT value FROM marks WHERE patron_id = ? AND year = ? AND what = ?", (patron, year, what)
    ).fetchone()
    ours = Mark(patron, year, what, row[0]) if row is not None else None
    return MarkChange(ours, theirs) if ours != theirs else None


def _class_change(db: Database, patron: str, year: int) -> Change | None:
    central = _other_id(db, "central_id", "local_id", patron)
    told = {one: found for one, found in _body(db, YEARS, central or "") or ()}
    if year not in told:
        return None
    found = told[year]
    theirs = SchoolClass(found["grade"], found["letter"]) if found is not None else None
    row = db.execute(
        "SELECT grade, letter FROM class_years WHERE patron_id = ? AND year = ?", (patron, year)
    ).fetchone()
    ours = SchoolClass(*row) if row is not None else None
    return ClassChange(patron, year, ours, theirs) if ours != theirs else None


def _set_change(db: Database, words: str) -> Change | None:
    theirs = set_in(_body(db, "set", words))
    year, grade, language, letter = words.split("|", 3)
    row = db.execute(
        "SELECT body FROM sets WHERE year = ? AND grade = ? AND language = ? AND letter = ?",
        (int(year), int(grade), language, letter),
    ).fetchone()
    ours = None
    if row is not None:
        values = {"year": int(year), "grade": int(grade), "language": language, "letter": letter}
        ours = set_in({**values, "lines": json.loads(row[0])})
    return SetChange(ours, theirs) if ours != theirs else None


def _other_id(db: Database, wanted: str, by: str, value: str) -> str | None:
    row = db.execute(f"SELECT {wanted} FROM known_as WHERE kind = 'patron' AND {by} = ?", (value,)).fetchone()
    return str(row[0]) if row is not None else None


def _body(db: Database, kind: str, name: str) -> Any:
    row = db.execute("SELECT body FROM central_facts WHERE kind = ? AND id = ?", (kind, name)).fetchone()
    return json.loads(row[0]) if row is not None else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
