"""What acts of staff change: conditions, marks, sets, numbered copies, labels, counted copies, pupils, classes."""

from __future__ import annotations

import json

from sqlite_utils import Database

from kiosk.circulation.acts import (
    BarcodeChange,
    ClassChange,
    ConditionChange,
    HeldChange,
    ItemMade,
    MarkChange,
    PatronMade,
    SetChange,
    YearClassChange,
)
from kiosk.circulation.change_words import fact_out
from kiosk.circulation.model import Item, Mark, Patron, TextbookSet, YearClass
from kiosk.store.outdated import Outdated, must

TextbookChange = (
    ConditionChange
    | MarkChange
    | SetChange
    | ItemMade
    | BarcodeChange
    | HeldChange
    | PatronMade
    | ClassChange
    | YearClassChange
)


def apply_textbook_change(db: Database, change: TextbookChange) -> None:
    """Bring the tables in step with a change. Raises Outdated if something is not as the act found it."""
    match change:
        case ConditionChange(item_id, before, after):
            must(db, "UPDATE items SET condition = ? WHERE id = ? AND condition = ?", (after, item_id, before))
        case MarkChange(before, after):
            _replace_mark(db, before, after)
        case SetChange(before, after):
            _replace_set(db, before, after)
        case ItemMade(before, after):
            _make_item(db, before, after)
        case BarcodeChange(item_id, before, after):
            _relabel(db, item_id, before, after)
        case HeldChange(title_id, by):
            must(db, "UPDATE titles SET held = held + ?1 WHERE id = ?2 AND held + ?1 >= 0", (by, title_id))
        case PatronMade(before, after):
            _make_patron(db, before, after)
        case ClassChange():
            _move(db, change)
        case YearClassChange(before, after):
            _note_class(db, before, after)


_MARK = "patron_id = ? AND year = ? AND what = ?"


def _replace_mark(db: Database, before: Mark | None, after: Mark | None) -> None:
    if before is None and after is not None:
        _insert(
            db,
            "INSERT OR IGNORE INTO marks VALUES (?, ?, ?, ?)",
            (after.patron_id, after.year, after.what, after.value),
        )
    elif before is not None:
        was = (before.patron_id, before.year, before.what, before.value)
        if after is None:
            must(db, f"DELETE FROM marks WHERE {_MARK} AND value = ?", was)
        else:
            must(db, f"UPDATE marks SET value = ? WHERE {_MARK} AND value = ?", (after.value, *was))


def set_body(textbooks: TextbookSet) -> str:
    """The lines of a set as the table keeps them."""
    return json.dumps(fact_out(textbooks.lines), ensure_ascii=False, separators=(",", ":"))


_SET = "year = ? AND grade = ? AND language = ? AND letter = ?"


def _replace_set(db: Database, before: TextbookSet | None, after: TextbookSet | None) -> None:
    if before is None and after is not None:
        key = (after.year, after.grade, after.language, after.letter)
        _insert(db, "INSERT OR IGNORE INTO sets VALUES (?, ?, ?, ?, ?)", (*key, set_body(after)))
    elif before is not None:
        was = (before.year, before.grade, before.language, before.letter, set_body(before))
        if after is None:
            must(db, f"DELETE FROM sets WHERE {_SET} AND body = ?", was)
        else:
            must(db, f"UPDATE sets SET body = ? WHERE {_SET} AND body = ?", (set_body(after), *was))


def _make_item(db: Database, before: Item | None, after: Item | None) -> None:
    if before is not None:
        # Of a copy with a history that others may speak of nothing is taken away; undoing is of the newest act only.
        must(db, "DELETE FROM items WHERE id = ? AND status = ?", (before.id, before.status))
    if after is not None:
        taken = "SELECT 1 FROM items WHERE barcode = ?1 UNION ALL SELECT 1 FROM old_barcodes WHERE barcode = ?1"
        if after.barcode is not None and db.execute(taken, (after.barcode,)).fetchone() is not None:
            raise Outdated(f"the label {after.barcode} is on another copy")
        _insert(
            db,
            "INSERT OR IGNORE INTO items (id, title_id, barcode, inventory_no, kind, status, service_point, shelf, "
            "condition) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                after.id,
                after.title_id,
                after.barcode,
                after.inventory_no,
                after.kind,
                after.status,
                after.service_point,
                after.shelf,
                after.condition,
            ),
        )


def _relabel(db: Database, item_id: str, before: str | None, after: str | None) -> None:
    if after is not None:
        db.execute("DELETE FROM old_barcodes WHERE barcode = ? AND item_id = ?", (after, item_id))
        taken = "SELECT 1 FROM items WHERE barcode = ?1 UNION ALL SELECT 1 FROM old_barcodes WHERE barcode = ?1"
        if db.execute(taken, (after,)).fetchone() is not None:
            raise Outdated(f"the label {after} is on another copy")
    must(db, "UPDATE items SET barcode = ? WHERE id = ? AND barcode IS ?", (after, item_id, before))
    if before is not None:
        db.execute("INSERT OR IGNORE INTO old_barcodes VALUES (?, ?)", (before, item_id))


_DESCRIBED = ("first_name", "last_name", "patronymic", "grade", "letter", "language", "groups", "has_left")


def _described(patron: Patron) -> tuple[object, ...]:
    grade, letter = (patron.school_class.grade, patron.school_class.letter) if patron.school_class else (None, "")
    names = patron.first_name, patron.last_name, patron.patronymic
    return *names, grade, letter, patron.language, " ".join(patron.groups), int(patron.left)


def _make_patron(db: Database, before: Patron | None, after: Patron | None) -> None:
    if before is not None and after is not None:
        columns = ", ".join(f"{name} = ?" for name in _DESCRIBED)
        was = " AND ".join(f"{name} IS ?" for name in _DESCRIBED)
        values = (*_described(after), before.id, *_described(before))
        must(db, f"UPDATE patrons SET {columns} WHERE id = ? AND {was}", values)
        return
    if before is not None:
        db.execute("DELETE FROM class_years WHERE patron_id = ?", (before.id,))
        must(db, "DELETE FROM patrons WHERE id = ?", (before.id,))
    if after is not None:
        marks = ", ".join("?" * (2 + len(_DESCRIBED)))
        _insert(
            db,
            f"INSERT OR IGNORE INTO patrons (id, category, {', '.join(_DESCRIBED)}) VALUES ({marks})",
            (after.id, after.category, *_described(after)),
        )


def _move(db: Database, change: ClassChange) -> None:
    """A pupil's class in a school year; the newest year's is the present one.

    Of a pupil of whom no year was noted yet an act notes the former class too, for its undoing to lead back to.
    """
    of = (change.patron_id, change.year)
    now = db.execute("SELECT grade, letter FROM class_years WHERE patron_id = ? AND year = ?", of).fetchone()
    found = tuple(now) if now is not None else None
    if found != ((change.before.grade, change.before.letter) if change.before is not None else None):
        raise Outdated(f"{change.patron_id} is in class {found} in {change.year}")
    db.execute("DELETE FROM class_years WHERE patron_id = ? AND year = ?", of)
    if change.after is not None:
        row = (*of, change.after.grade, change.after.letter)
        db.execute("INSERT INTO class_years (patron_id, year, grade, letter) VALUES (?, ?, ?, ?)", row)
    newest = db.execute(
        "SELECT grade, letter FROM class_years WHERE patron_id = ? ORDER BY year DESC LIMIT 1", (change.patron_id,)
    ).fetchone()
    if newest is not None:
        must(db, "UPDATE patrons SET grade = ?, letter = ? WHERE id = ?", (*newest, change.patron_id))


_CLASS = "year = ? AND grade = ? AND letter = ?"


def _note_class(db: Database, before: YearClass | None, after: YearClass | None) -> None:
    if before is not None:
        was = (before.year, before.grade, before.letter, before.language, before.teacher)
        must(db, f"DELETE FROM classes WHERE {_CLASS} AND language = ? AND teacher = ?", was)
    if after is not None:
        row = (after.year, after.grade, after.letter, after.language, after.teacher)
        _insert(
            db, "INSERT OR IGNORE INTO classes (year, grade, letter, language, teacher) VALUES (?, ?, ?, ?, ?)", row
        )


def _insert(db: Database, statement: str, values: tuple[object, ...]) -> None:
    """Add one row. Raises Outdated if there is one of the same key."""
    if db.execute(statement, values).rowcount != 1:
        raise Outdated(statement)
