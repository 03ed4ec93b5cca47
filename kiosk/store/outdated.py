"""What a decision relied on is not so any more."""

from __future__ import annotations

from sqlite_utils import Database


class Outdated(Exception):
    """What the decision relied on is not so any more. Rolls the database transaction back; never leaves the store."""


def must(db: Database, statement: str, values: tuple[object, ...]) -> None:
    """Change exactly one row. Raises Outdated if there is none such."""
    if db.execute(statement, values).rowcount != 1:
        raise Outdated(statement)
