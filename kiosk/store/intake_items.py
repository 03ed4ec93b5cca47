"""Rows of catalogues into the store: copies by barcode or inventory number, titles by what identifies an edition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from kiosk.circulation.acts import Act, Kind, StatusChange
from kiosk.circulation.intake import ItemRow, Outcome, Result
from kiosk.circulation.model import LOAN_DESK_POINT, READING_ROOM_POINT, ItemKind, ItemStatus
from kiosk.circulation.sameness import Cell, Changed, contradicted, difference, title_key
from kiosk.store.noting import Work
from kiosk.store.schema import lowered

_TITLE = (
    "id", "key", "title", "author", "kind", "publisher", "year", "isbn", "pages", "language", "udc", "bbk", "branch",
    "grade", "subject", "part", "shelf", "held",
)  # fmt: skip
_ITEM = ("id", "title_id", "barcode", "inventory_no", "kind", "status", "service_point", "shelf", "price")
_KEY_COLUMNS = ("title", "author", "year", "part", "grade", "language", "isbn")
_OF_TITLE = ", ".join(f"t.{column}" for column in _TITLE)
_OF_ITEM = ", ".join(f"i.{column}" for column in _ITEM)
_BY_KEY = f"SELECT {_OF_TITLE} FROM titles t WHERE t.key = ?"
_BOTH = f"SELECT {_OF_ITEM}, {_OF_TITLE} FROM items i JOIN titles t ON t.id = i.title_id WHERE"
_OUT = frozenset({ItemStatus.ON_LOAN, ItemStatus.HOLD_SHELF})

Facts = dict[str, Cell]
_EMPTY_TITLE: Facts = {**dict.fromkeys(_TITLE, ""), "year": None, "pages": None, "grade": None, "held": 0}


@dataclass(frozen=True, slots=True)
class PreparedItem:
    """A row with what is worked out before the store is locked.

    key: of the title if the row is all that is known of it. said: the title's columns that the row speaks of.
    """

    row: ItemRow
    key: str
    said: Facts


def prepare_item(row: ItemRow) -> PreparedItem:
    """The row, ready."""
    said: Facts = {
        "title": row.title, "author": row.author, "publisher": row.publisher, "year": row.year, "isbn": row.isbn,
        "pages": row.pages, "language": row.language, "udc": row.udc, "bbk": row.bbk, "branch": row.branch,
        "grade": row.grade, "subject": row.subject, "part": row.part,
    }  # fmt: skip
    if not row.barcode and not row.inventory_no:
        said |= {"kind": row.kind.value if row.kind else None, "shelf": row.shelf}
    return PreparedItem(
        row, title_key(row.title, row.author, row.year, row.part, row.grade, row.language, row.isbn), said
    )


def _key_of(title: Mapping[str, Cell]) -> str:
    values = [title[column] for column in _KEY_COLUMNS]
    return title_key(
        str(values[0]), str(values[1]), values[2], str(values[3]), values[4], str(values[5]), str(values[6])
    )


def take_item(work: Work, prepared: PreparedItem) -> Outcome:
    """Add the copy or the title of a row, or change what the row says otherwise of one that is known."""
    row = prepared.row
    if not row.title:
        return Outcome(Result.REJECTED, "the row has no title")
    if not row.barcode and not row.inventory_no:
        return _take_title(work, prepared)
    if row.count is not None and row.count > 1:
        return Outcome(Result.REJECTED, f"{row.count} copies cannot have one number; write a row for each")
    found = _find(work, row)
    if len(found) > 1:
        return _doubt(f"barcode {row.barcode} is one item's and inventory number {row.inventory_no} another's")
    if found:
        width = len(_ITEM)
        item = dict(zip(_ITEM, found[0][:width], strict=True))
        return _change_item(work, prepared, item, dict(zip(_TITLE, found[0][width:], strict=True)))
    return _add_item(work, prepared)


def _find(work: Work, row: ItemRow) -> list[tuple[Cell, ...]]:
    if row.barcode and row.inventory_no:
        numbers = (row.barcode, row.inventory_no)
        found = work.db.execute(f"{_BOTH} i.barcode = ? OR i.inventory_no = ?", numbers).fetchall()
    elif row.barcode:
        found = work.db.execute(f"{_BOTH} i.barcode = ?", (row.barcode,)).fetchall()
    else:
        found = work.db.execute(f"{_BOTH} i.inventory_no = ?", (row.inventory_no,)).fetchall()
    return found


def _add_item(work: Work, prepared: PreparedItem) -> Outcome:
    row = prepared.row
    title, _ = _find_or_make(work, prepared.key, prepared.said, _new_title(prepared))
    point = row.service_point or LOAN_DESK_POINT
    item_id = work.new_id()
    work.insert(
        "items",
        {
            "id": item_id,
            "title_id": title["id"],
            "barcode": row.barcode or None,
            "inventory_no": row.inventory_no or None,
            "kind": row.kind.value if row.kind else title["kind"],
            "status": resting_at(point),
            "service_point": point,
            "shelf": row.shelf,
            "price": row.price,
        },
    )
    work.speak("items", item_id)
    return Outcome(Result.ADDED)


def _change_item(work: Work, prepared: PreparedItem, item: Facts, title: Facts) -> Outcome:
    row, item_id = prepared.row, str(item["id"])
    said: Facts = {
        "barcode": row.barcode,
        "inventory_no": row.inventory_no,
        "kind": row.kind.value if row.kind else None,
        "service_point": row.service_point,
        "shelf": row.shelf,
        "price": row.price,
    }
    changed = difference(item, said)
    merged = {**title, **{column: after for column, (_, after) in difference(title, prepared.said).items()}}
    key = _key_of(merged)
    moves = key != title["key"] and not _may_rewrite(work, title, merged, key)
    if (differs := [*contradicted(changed), *(["title"] if moves else [])]) and work.has_spoken("items", item_id):
        return _doubt(f"this item is in an earlier row of the file, which differs in: {', '.join(differs)}")
    if moves and item["status"] in _OUT:
        where = "on loan" if item["status"] == ItemStatus.ON_LOAN else "kept for a hold"
        return _doubt(f"the item is {where} as «{title['title']}», another title; import the row when it is back")
    if moves:
        new = {column: merged[column] for column in (*prepared.said, "kind")}
        target, _ = _find_or_make(work, key, prepared.said, new)
        changed["title_id"] = [title["id"], target["id"]]
        is_described = False
    else:
        is_described = _describe(work, title, prepared.said, key)
    if changed:
        _update_item(work, item, changed)
    work.speak("items", item_id)
    return Outcome(Result.CHANGED if changed or is_described else Result.SAME)


def _may_rewrite(work: Work, title: Facts, merged: Facts, key: str) -> bool:
    """Whether a title may be given another key in place, where the row's copy is one of it.

    It may if the row only adds what was not known, or if the copy is its only one; but never if there is such a title
    already, or if an earlier row of the file said what it is. Otherwise the copy moves to the other title.
    """
    if work.db.execute("SELECT 1 FROM titles WHERE key = ?", (key,)).fetchone() is not None:
        return False
    added = {column: merged[column] for column in _KEY_COLUMNS if title[column] in (None, "")}
    if _key_of({**title, **added}) == key:
        return True
    copies = work.db.execute("SELECT count(*) FROM items WHERE title_id = ?", (title["id"],)).fetchone()[0]
    return copies + int(title["held"] or 0) <= 1 and not work.has_spoken("titles", str(title["id"]))


def _update_item(work: Work, item: Facts, changed: Changed) -> None:
    """Change an item. One that stands in its place and goes to another service point rests there as is usual there.

    If it has a history, that goes through the ledger, to which statuses add up.
    """
    item_id, act = str(item["id"]), None
    if "service_point" in changed and item["status"] == resting_at(changed["service_point"][0]):
        was, status = ItemStatus(str(item["status"])), resting_at(changed["service_point"][1])
        if status is not was and has_history(work.db, item_id):
            act = Act(work.new_id(), Kind.IMPORT, None, item_id, None, (StatusChange(item_id, was, status),))
        elif status is not was:
            changed["status"] = [was, status]
    work.update("items", item_id, changed)
    if act is not None:
        work.record(act)


def resting_at(point: Cell) -> ItemStatus:
    """The status of an item that stands in its place, by its service point (Item.resting_status)."""
    return ItemStatus.READING_ROOM if point == READING_ROOM_POINT else ItemStatus.AVAILABLE


def has_history(db: Database, item_id: str) -> bool:
    """Whether the ledger speaks of an item."""
    row = db.execute("SELECT last_seq FROM items WHERE id = ?", (item_id,)).fetchone()
    return row is not None and row[0] is not None


def _take_title(work: Work, prepared: PreparedItem) -> Outcome:
    """A title of which the copies are counted, or of which none is known."""
    count = prepared.row.count
    known = work.db.execute("SELECT id, held FROM titles WHERE key = ?", (prepared.key,)).fetchone()
    if known is not None and count is not None and count != known[1]:
        if work.has_spoken("held", known[0]):
            return _doubt(f"an earlier row of the file says {known[1]} copies of this title; add them up in one row")
        lent = work.db.execute(
            "SELECT count(*) FROM loans WHERE title_id = ? AND item_id IS NULL", (known[0],)
        ).fetchone()[0]
        if lent > count:
            return _doubt(f"{lent} copies of this title are on loan, more than {count}")
    title, result = _find_or_make(work, prepared.key, prepared.said, _new_title(prepared))
    title_id = str(title["id"])
    if count is not None:
        if count != title["held"]:
            work.update("titles", title_id, {"held": [title["held"], count]})
            result = Result.ADDED if result is Result.ADDED else Result.CHANGED
        work.speak("held", title_id)
    return Outcome(result)


def _new_title(prepared: PreparedItem) -> Facts:
    return {**prepared.said, "kind": (prepared.row.kind or ItemKind.BOOK).value}


def _find_or_make(work: Work, key: str, said: Facts, new: Facts) -> tuple[Facts, Result]:
    """The title of a key, described as the row says; made of `new` if there is none."""
    found = work.db.execute(_BY_KEY, (key,)).fetchone()
    if found is not None:
        title = dict(zip(_TITLE, found, strict=True))
        is_described = _describe(work, title, said, key)
        return title, Result.CHANGED if is_described else Result.SAME
    title = {**_EMPTY_TITLE, **new, "id": work.new_id(), "key": key}
    work.insert("titles", {**title, "lowered": lowered(str(title["title"]))})
    work.speak("titles", str(title["id"]))
    return title, Result.ADDED


def _describe(work: Work, title: Facts, said: Facts, key: str) -> bool:
    """Bring a title up to what a row says of it. The first row of a file that speaks of a title is believed; its other
    rows only add what is missing, as copies of one title are often described in different words."""
    title_id = str(title["id"])
    changed = difference(title, said)
    if changed and work.has_spoken("titles", title_id):
        for column in contradicted(changed):
            del changed[column]
    if key != title["key"]:
        changed["key"] = [title["key"], key]
    if changed:
        work.update("titles", title_id, changed)
    work.speak("titles", title_id)
    return bool(changed)


def _doubt(reason: str) -> Outcome:
    return Outcome(Result.DOUBTFUL, reason)
