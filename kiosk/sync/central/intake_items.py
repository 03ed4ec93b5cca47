"""Rows of catalogues into a central database: copies by barcode or inventory number, titles by what identifies an
edition (circulation/sameness.py)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import Connection, func, select

from kiosk.circulation.intake import ItemRow, Outcome, Result
from kiosk.circulation.model import LOAN_DESK_POINT, READING_ROOM_POINT, ItemKind, ItemStatus
from kiosk.circulation.sameness import Cell, contradicted, difference, title_key
from kiosk.sync.central.schema import items, loans, titles
from kiosk.sync.central.sheet import Facts, Sheet

_TITLE = (
    "id", "key", "title", "author", "kind", "publisher", "year", "isbn", "pages", "language", "udc", "bbk", "branch",
    "grade", "subject", "part", "shelf", "held",
)  # fmt: skip
_ITEM = ("id", "title_id", "barcode", "inventory_no", "kind", "status", "service_point", "shelf", "price")
_KEY = ("title", "author", "year", "part", "grade", "language", "isbn")
_EMPTY_TITLE: Facts = {**dict.fromkeys(_TITLE, ""), "year": None, "pages": None, "grade": None, "held": 0}
_OUT = frozenset({ItemStatus.ON_LOAN, ItemStatus.HOLD_SHELF})


class ItemIntake:
    """The catalogue of a school during one import."""

    def __init__(self, connection: Connection, school: str) -> None:
        self._connection = connection
        self._school = school
        self._spoken: set[str] = set()
        self._counted: set[str] = set()
        self._titles = Sheet(titles, _TITLE)
        self._items = Sheet(items, _ITEM)

    def take(self, rows: Sequence[ItemRow], version: int) -> list[Outcome]:
        """Add the copies and titles of rows, or change what the rows say otherwise of those that are known."""
        self._titles, self._items = Sheet(titles, _TITLE), Sheet(items, _ITEM)
        where = self._connection, self._school
        self._items.load(*where, "barcode", [row.barcode for row in rows])
        self._items.load(*where, "inventory_no", [row.inventory_no for row in rows])
        self._titles.load(*where, "id", {item["title_id"] for item in self._items.rows.values()})
        self._titles.load(*where, "key", [_key(_said(row)) for row in rows])
        outcomes = [self._take(row) for row in rows]
        self._titles.flush(*where, version)
        self._items.flush(*where, version)
        return outcomes

    def _take(self, row: ItemRow) -> Outcome:
        if not row.title:
            return Outcome(Result.REJECTED, "the row has no title")
        if not row.barcode and not row.inventory_no:
            return self._take_title(row)
        if row.count is not None and row.count > 1:
            return Outcome(Result.REJECTED, f"{row.count} copies cannot have one number; write a row for each")
        by_barcode = self._items.by("barcode", row.barcode)
        by_number = self._items.by("inventory_no", row.inventory_no)
        if by_barcode and by_number and by_barcode["id"] != by_number["id"]:
            return _doubt(f"barcode {row.barcode} is one item's and inventory number {row.inventory_no} another's")
        known = by_barcode or by_number
        return self._add_item(row) if known is None else self._change_item(row, known)

    def _add_item(self, row: ItemRow) -> Outcome:
        title, _ = self._find_or_make(_said(row), {"kind": (row.kind or ItemKind.BOOK).value})
        point = row.service_point or LOAN_DESK_POINT
        item = {
            "id": uuid4().hex,
            "title_id": title["id"],
            "barcode": row.barcode or None,
            "inventory_no": row.inventory_no or None,
            "kind": row.kind.value if row.kind else title["kind"],
            "status": _resting_at(point).value,
            "service_point": point,
            "shelf": row.shelf,
            "price": row.price,
        }
        self._items.add(item)
        self._spoken.add(str(item["id"]))
        return Outcome(Result.ADDED)

    def _change_item(self, row: ItemRow, item: Facts) -> Outcome:
        item_id, title = str(item["id"]), self._titles.rows[item["title_id"]]
        changed = difference(
            item,
            {
                "barcode": row.barcode,
                "inventory_no": row.inventory_no,
                "kind": row.kind.value if row.kind else None,
                "service_point": row.service_point,
                "shelf": row.shelf,
                "price": row.price,
            },
        )
        said = _said(row)
        merged = {**title, **{column: after for column, (_, after) in difference(title, said).items()}}
        moves = _key(merged) != title["key"] and not self._may_rewrite(title, merged)
        if (differs := [*contradicted(changed), *(["title"] if moves else [])]) and item_id in self._spoken:
            return _doubt(f"this item is in an earlier row of the file, which differs in: {', '.join(differs)}")
        if moves and item["status"] in _OUT:
            where = "on loan" if item["status"] == ItemStatus.ON_LOAN else "kept for a hold"
            return _doubt(f"the item is {where} as «{title['title']}», another title; import the row when it is back")
        values: dict[str, Cell] = {column: after for column, (_, after) in changed.items()}
        is_described = False
        if moves:
            other, _ = self._find_or_make({column: merged[column] for column in said}, {"kind": title["kind"]})
            values["title_id"] = other["id"]
        else:
            is_described = self._describe(title, said)
        if "service_point" in values and item["status"] == _resting_at(item["service_point"]):
            values["status"] = _resting_at(values["service_point"]).value
        if values:
            self._items.change(item_id, values)
        self._spoken.add(item_id)
        return Outcome(Result.CHANGED if values or is_described else Result.SAME)

    def _may_rewrite(self, title: Facts, merged: Facts) -> bool:
        """Whether a title may be given another key in place: the row adds what was not known, or has its only copy.

        Never if there is such a title already, or an earlier row of the file said what it is.
        """
        self._titles.load(self._connection, self._school, "key", [_key(merged)])
        if self._titles.by("key", _key(merged)) is not None:
            return False
        added = {column: merged[column] for column in _KEY if title[column] in (None, "")}
        if _key({**title, **added}) == _key(merged):
            return True
        of_title = items.c.school_id == self._school, items.c.title_id == title["id"]
        copies = self._connection.execute(select(func.count()).select_from(items).where(*of_title)).scalar_one()
        new = sum(item["title_id"] == title["id"] for item in self._items.added())
        return int(copies) + new + int(title["held"] or 0) <= 1 and title["id"] not in self._spoken

    def _take_title(self, row: ItemRow) -> Outcome:
        """A title of which the copies are counted, or of which none is known."""
        said = {**_said(row), "shelf": row.shelf, "kind": row.kind.value if row.kind else None}
        known = self._titles.by("key", _key(said))
        if known is not None and row.count is not None and row.count != known["held"]:
            if known["id"] in self._counted:
                return _doubt(
                    f"an earlier row of the file says {known['held']} copies of this title; add them up in one row"
                )
            lent = self._lent(known["id"])
            if lent > row.count:
                return _doubt(f"{lent} copies of this title are on loan, more than {row.count}")
        title, result = self._find_or_make(said, {"kind": (row.kind or ItemKind.BOOK).value})
        if row.count is not None:
            if row.count != title["held"]:
                self._titles.change(title["id"], {"held": row.count})
                result = Result.ADDED if result is Result.ADDED else Result.CHANGED
            self._counted.add(title["id"])
        return Outcome(result)

    def _lent(self, title_id: str) -> int:
        counted = loans.c.title_id == title_id, loans.c.item_id.is_(None), loans.c.ended.is_(None)
        query = select(func.count()).select_from(loans).where(loans.c.school_id == self._school, *counted)
        return int(self._connection.execute(query).scalar_one())

    def _find_or_make(self, said: dict[str, Cell], new: Facts) -> tuple[Facts, Result]:
        """The title of a description, or a new one."""
        key = _key(said)
        known = self._titles.by("key", key)
        if known is not None:
            return known, Result.CHANGED if self._describe(known, said) else Result.SAME
        given = {column: value for column, value in said.items() if value is not None}
        title = {**_EMPTY_TITLE, **given, **new, "id": uuid4().hex, "key": key}
        self._titles.add(title)
        self._spoken.add(title["id"])
        return title, Result.ADDED

    def _describe(self, title: Facts, said: dict[str, Cell]) -> bool:
        """Bring a title up to what a row says of it; later rows of a file only add what is missing."""
        changed = difference(title, said)
        if title["id"] in self._spoken:
            for column in contradicted(changed):
                del changed[column]
        values: dict[str, Cell] = {column: after for column, (_, after) in changed.items()}
        key = _key({**title, **values})
        if key != title["key"]:
            values["key"] = key
        if values:
            self._titles.change(title["id"], values)
        self._spoken.add(title["id"])
        return bool(values)


def _said(row: ItemRow) -> dict[str, Cell]:
    return {
        "title": row.title, "author": row.author, "publisher": row.publisher, "year": row.year, "isbn": row.isbn,
        "pages": row.pages, "language": row.language, "udc": row.udc, "bbk": row.bbk, "branch": row.branch,
        "grade": row.grade, "subject": row.subject, "part": row.part,
    }  # fmt: skip


def _key(title: Facts | dict[str, Cell]) -> str:
    return title_key(*(title[column] for column in _KEY))


def _resting_at(point: Cell) -> ItemStatus:
    """The status of an item that stands in its place (Item.resting_status)."""
    return ItemStatus.READING_ROOM if point == READING_ROOM_POINT else ItemStatus.AVAILABLE


def _doubt(reason: str) -> Outcome:
    return Outcome(Result.DOUBTFUL, reason)
