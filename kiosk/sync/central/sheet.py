"""Rows of a table that a batch of an import reads, changes and adds, written in few statements at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from kiosk.circulation.sameness import Cell

Facts = dict[str, Any]


class Sheet:
    """Rows of a school by id, as they will be. Dates are texts, as in a file.

    columns: those that are read and may be changed.
    """

    def __init__(self, table: Table, columns: tuple[str, ...]) -> None:
        self._table = table
        self._columns = columns
        self.rows: dict[str, Facts] = {}
        self._new: list[str] = []
        self._changed: dict[str, set[str]] = {}

    def load(self, connection: Connection, school: str, column: str, values: Iterable[Cell]) -> None:
        """Read the rows that have one of these values, but those that are here already."""
        wanted = sorted({value for value in values if value is not None and value != ""}, key=str)
        if not wanted:
            return
        found = select(*(self._table.c[name] for name in self._columns)).where(
            self._table.c.school_id == school, self._table.c[column].in_(wanted)
        )
        for row in connection.execute(found).mappings():
            values_of = {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
            self.rows.setdefault(str(row["id"]), values_of)

    def by(self, column: str, value: Cell) -> Facts | None:
        """The row that has this value; None if none has, or the value says nothing."""
        if value is None or value == "":
            return None
        return next((row for row in self.rows.values() if row[column] == value), None)

    def add(self, row: Facts) -> None:
        """A new row."""
        self.rows[row["id"]] = row
        self._new.append(row["id"])

    def change(self, row_id: str, values: Mapping[str, Cell]) -> None:
        """Other values for a row; none at all makes it a changed one nevertheless."""
        self.rows[row_id].update(values)
        if row_id not in self._new:
            self._changed.setdefault(row_id, set()).update(values)

    def added(self) -> list[Facts]:
        """The new rows that are not written yet."""
        return [self.rows[row_id] for row_id in self._new]

    def flush(self, connection: Connection, school: str, version: int) -> None:
        """Write everything, with its version."""
        if self._new:
            rows = [self._values(self.rows[row_id], self.rows[row_id]) for row_id in self._new]
            connection.execute(insert(self._table), [{**row, "school_id": school, "version": version} for row in rows])
        alike: dict[frozenset[str], list[str]] = {}
        for row_id, names in self._changed.items():
            alike.setdefault(frozenset(names), []).append(row_id)
        for columns, ids in alike.items():
            statement = update(self._table).where(
                self._table.c.school_id == school, self._table.c.id == bindparam("of_row")
            )
            values: dict[str, Any] = {name: bindparam(f"to_{name}") for name in columns}
            rows = [self._values(self.rows[row_id], columns) for row_id in ids]
            connection.execute(
                statement.values(version=version, **values),
                [
                    {"of_row": row_id, **{f"to_{name}": value for name, value in row.items()}}
                    for row_id, row in zip(ids, rows, strict=True)
                ],
            )
        self._new.clear()
        self._changed.clear()

    def _values(self, row: Facts, names: Iterable[str]) -> Facts:
        return {name: _day(name, row[name]) for name in names}


def _day(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "expires" and isinstance(value, str) else value
