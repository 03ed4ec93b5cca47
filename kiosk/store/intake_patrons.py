"""Rows of class lists into the store: matched by card or external id, never merged by name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from kiosk.circulation.classes import class_label
from kiosk.circulation.intake import Outcome, PatronRow, Result
from kiosk.circulation.model import PUPIL, SchoolClass
from kiosk.circulation.sameness import Cell, Changed, contradicted, difference, namesake_key
from kiosk.store.noting import Work

_COLUMNS = (
    "id", "first_name", "last_name", "patronymic", "category", "grade", "letter", "language", "expires", "phone",
    "address", "external_id",
)  # fmt: skip
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM patrons WHERE"
_BY_CARD = f"{_SELECT} id = (SELECT patron_id FROM cards WHERE number = ?)"
_BY_EXTERNAL_ID = f"{_SELECT} external_id = ?"
_CLASS_COLUMNS = {"grade": "class", "letter": "class"}
_NAMING = ("last_name", "first_name", "grade", "letter")


@dataclass(frozen=True, slots=True)
class PreparedPatron:
    """A row with what is worked out before the store is locked. namesake: see namesake_key."""

    row: PatronRow
    namesake: str


def prepare_patron(row: PatronRow) -> PreparedPatron:
    """The row, ready."""
    grade, letter = (row.school_class.grade, row.school_class.letter) if row.school_class else (None, "")
    return PreparedPatron(row, namesake_key(row.last_name, row.first_name, grade, letter))


def remember_namesakes(db: Database) -> None:
    """Work out who is called what, once for an import; in a temporary table, as a library may have many patrons."""
    db.execute(
        "CREATE TEMP TABLE IF NOT EXISTS import_namesakes (key TEXT, id TEXT, PRIMARY KEY (key, id)) WITHOUT ROWID"
    )
    db.execute("DELETE FROM temp.import_namesakes")
    rows = db.execute(f"SELECT id, {', '.join(_NAMING)} FROM patrons")
    db.conn.executemany(
        "INSERT INTO temp.import_namesakes VALUES (?, ?)", ((namesake_key(*row[1:]), row[0]) for row in rows)
    )


def take_patron(work: Work, prepared: PreparedPatron) -> Outcome:
    """Add the patron of a row, or change what the row says otherwise of one who is known."""
    row = prepared.row
    by_card = work.db.execute(_BY_CARD, (row.card,)).fetchone() if row.card else None
    by_external_id = work.db.execute(_BY_EXTERNAL_ID, (row.external_id,)).fetchone() if row.external_id else None
    if by_card and by_external_id and by_card[0] != by_external_id[0]:
        return _doubt(f"card {row.card} is one patron's and external id {row.external_id} another's")
    found = by_card or by_external_id
    if found is None:
        return _add(work, prepared)
    return _change(work, prepared, dict(zip(_COLUMNS, found, strict=True)), by_card is None)


def _change(work: Work, prepared: PreparedPatron, current: dict[str, Cell], is_card_new: bool) -> Outcome:
    row, patron_id = prepared.row, str(current["id"])
    changed = difference(current, _said(row))
    letter = row.school_class.letter if row.school_class else ""
    if letter != current["letter"] and (letter or "grade" in changed):  # "5" of a pupil in 5 «Ә» leaves the letter
        changed["letter"] = [current["letter"], letter]
    if "external_id" in contradicted(changed):
        return _doubt(
            f"card {row.card} is of a patron whose external id is {current['external_id']}; if the card is somebody "
            "else's now, take it off that patron first"
        )
    if (differs := contradicted(changed)) and work.has_spoken("patrons", patron_id):
        columns = dict.fromkeys(_CLASS_COLUMNS.get(column, column) for column in differs)
        return _doubt(f"this patron is in an earlier row of the file, which differs in: {', '.join(columns)}")
    work.speak("patrons", patron_id)
    if changed:
        work.update("patrons", patron_id, changed)
        if changed.keys() & set(_NAMING):
            _rename(work, patron_id, current, changed)
    if is_new := bool(row.card) and is_card_new:
        _add_card(work, row.card, patron_id, noted=True)
        if not changed:
            work.db.execute("UPDATE patrons SET version = version + 1 WHERE id = ?", (patron_id,))
    return Outcome(Result.CHANGED if changed or is_new else Result.SAME)


def _add(work: Work, prepared: PreparedPatron) -> Outcome:
    row = prepared.row
    if not row.first_name and not row.last_name:
        return Outcome(Result.REJECTED, "the row has no name")
    others = work.db.execute(
        "SELECT p.external_id FROM temp.import_namesakes n JOIN patrons p ON p.id = n.id WHERE n.key = ?",
        (prepared.namesake,),
    ).fetchall()
    if any(not (row.external_id and other) for (other,) in others):
        return _doubt(_namesake_doubt(row.school_class))
    patron_id = work.new_id()
    said = {column: value for column, value in _said(row).items() if value is not None}
    letter = row.school_class.letter if row.school_class else ""
    work.insert("patrons", {**said, "id": patron_id, "category": row.category or PUPIL, "letter": letter})
    work.speak("patrons", patron_id)
    work.db.execute("INSERT INTO temp.import_namesakes VALUES (?, ?)", (prepared.namesake, patron_id))
    if row.card:
        _add_card(work, row.card, patron_id, noted=False)
    return Outcome(Result.ADDED)


def _namesake_doubt(school_class: SchoolClass | None) -> str:
    where = f"in {class_label(school_class)} already" if school_class else "among those without a class already"
    return (
        f"a patron of this name is {where}; add the card or external id of that patron, or, if there are two of the "
        "name, the external ids of both"
    )


def _said(row: PatronRow) -> dict[str, Cell]:
    return {
        "first_name": row.first_name,
        "last_name": row.last_name,
        "patronymic": row.patronymic,
        "category": row.category,
        "grade": row.school_class.grade if row.school_class else None,
        "language": row.language,
        "expires": row.expires.isoformat() if row.expires else None,
        "phone": row.phone,
        "address": row.address,
        "external_id": row.external_id or None,
    }


def _add_card(work: Work, number: str, patron_id: str, noted: bool) -> None:
    """Give a patron a card. noted: the patron is not new; a new one's card goes with them."""
    if noted:
        work.note("cards", number, None)
    work.db.execute("INSERT INTO cards (number, patron_id) VALUES (?, ?)", (number, patron_id))


def _rename(work: Work, patron_id: str, current: dict[str, Cell], changed: Changed) -> None:
    for known, row in ((True, current), (False, {**current, **{name: after for name, (_, after) in changed.items()}})):
        last_name, first_name, grade, letter = (row[name] for name in _NAMING)
        key = namesake_key(str(last_name), str(first_name), grade, str(letter))
        statement = (
            "DELETE FROM temp.import_namesakes WHERE key = ? AND id = ?"
            if known
            else "INSERT OR IGNORE INTO temp.import_namesakes VALUES (?, ?)"
        )
        work.db.execute(statement, (key, patron_id))


def _doubt(reason: str) -> Outcome:
    return Outcome(Result.DOUBTFUL, reason)
