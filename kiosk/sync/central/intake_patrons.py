"""Rows of class lists into a central database: matched by card or external id, never merged by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from kiosk.circulation.classes import class_label
from kiosk.circulation.intake import Outcome, PatronRow, Result
from kiosk.circulation.model import PUPIL
from kiosk.circulation.sameness import Cell, contradicted, difference, namesake_key
from kiosk.sync.central.schema import cards, patrons
from kiosk.sync.central.sheet import Facts, Sheet

_COLUMNS = (
    "id", "first_name", "last_name", "patronymic", "category", "grade", "letter", "language", "expires", "phone",
    "address", "external_id", "has_left",
)  # fmt: skip
_NAMING = ("last_name", "first_name", "grade", "letter")


class PatronIntake:
    """The patrons of a school during one import. The names of all of them are kept, to tell namesakes."""

    def __init__(self, connection: Connection, school: str) -> None:
        self._connection = connection
        self._school = school
        self._spoken: set[str] = set()
        self._namesakes: dict[str, dict[str, str | None]] = {}
        named = (patrons.c.id, patrons.c.external_id, *(patrons.c[name] for name in _NAMING))
        for row in connection.execute(select(*named).where(patrons.c.school_id == school)):
            key = namesake_key(row.last_name, row.first_name, row.grade, row.letter)
            self._namesakes.setdefault(key, {})[row.id] = row.external_id

    def take(self, rows: Sequence[PatronRow], version: int) -> list[Outcome]:
        """Add the patrons of rows, or change what the rows say otherwise of those who are known."""
        sheet = Sheet(patrons, _COLUMNS)
        numbers = sorted({row.card for row in rows if row.card})
        of_card = select(cards.c.number, cards.c.patron_id).where(
            cards.c.school_id == self._school, cards.c.number.in_(numbers)
        )
        owners: dict[str, str] = {number: owner for number, owner in self._connection.execute(of_card)}
        sheet.load(self._connection, self._school, "id", owners.values())
        sheet.load(self._connection, self._school, "external_id", [row.external_id for row in rows])
        new_cards: list[dict[str, Any]] = []
        outcomes = []
        for row in rows:
            before = set(owners)
            outcomes.append(self._take(sheet, owners, row))
            new_cards += [
                {"school_id": self._school, "number": number, "patron_id": owners[number]}
                for number in owners.keys() - before
            ]
        sheet.flush(self._connection, self._school, version)
        if new_cards:
            self._connection.execute(insert(cards), new_cards)
        return outcomes

    def _take(self, sheet: Sheet, owners: dict[str, str], row: PatronRow) -> Outcome:
        by_card = sheet.rows[owners[row.card]] if row.card in owners else None
        by_external_id = sheet.by("external_id", row.external_id)
        if by_card and by_external_id and by_card["id"] != by_external_id["id"]:
            return _doubt(f"card {row.card} is one patron's and external id {row.external_id} another's")
        known = by_card or by_external_id
        return self._add(sheet, owners, row) if known is None else self._change(sheet, owners, row, known)

    def _add(self, sheet: Sheet, owners: dict[str, str], row: PatronRow) -> Outcome:
        if not row.first_name and not row.last_name:
            return Outcome(Result.REJECTED, "the row has no name")
        said = _said(row)
        patron: Facts = {**said, "id": uuid4().hex, "category": row.category or PUPIL, "has_left": False}
        patron["letter"] = row.school_class.letter if row.school_class else ""
        others = self._namesakes.setdefault(_key(patron), {})
        if any(not (row.external_id and external_id) for external_id in others.values()):
            where = f"in {class_label(row.school_class)} already" if row.school_class else "without a class already"
            return _doubt(
                f"a patron of this name is {where}; add the card or external id of that patron, or, if there are two "
                "of the name, the external ids of both"
            )
        sheet.add(patron)
        others[patron["id"]] = patron["external_id"]
        self._spoken.add(patron["id"])
        if row.card:
            owners[row.card] = patron["id"]
        return Outcome(Result.ADDED)

    def _change(self, sheet: Sheet, owners: dict[str, str], row: PatronRow, known: Facts) -> Outcome:
        patron_id = str(known["id"])
        changed = difference(known, _said(row))
        letter = row.school_class.letter if row.school_class else ""
        if letter != known["letter"] and (letter or "grade" in changed):  # "5" of a pupil in 5 «Ә» leaves the letter
            changed["letter"] = [known["letter"], letter]
        if "external_id" in contradicted(changed):
            return _doubt(
                f"card {row.card} is of a patron whose external id is {known['external_id']}; if the card is somebody "
                "else's now, take it off that patron first"
            )
        if (differs := contradicted(changed)) and patron_id in self._spoken:
            return _doubt(f"this patron is in an earlier row of the file, which differs in: {', '.join(differs)}")
        self._spoken.add(patron_id)
        values: dict[str, Cell] = {column: after for column, (_, after) in changed.items()}
        is_back = bool(known["has_left"])
        if is_back:  # who is on a list of the school is of the school
            values["has_left"] = False
        is_new_card = bool(row.card) and row.card not in owners
        if is_new_card:
            owners[row.card] = patron_id
        if not values and not is_new_card:
            return Outcome(Result.SAME)
        self._namesakes.get(_key(known), {}).pop(patron_id, None)
        sheet.change(patron_id, values)
        self._namesakes.setdefault(_key(known), {})[patron_id] = known["external_id"]
        return Outcome(Result.CHANGED)


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


def _key(patron: Facts) -> str:
    return namesake_key(*(patron[name] for name in _NAMING))


def _doubt(reason: str) -> Outcome:
    return Outcome(Result.DOUBTFUL, reason)
