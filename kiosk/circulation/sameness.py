"""What makes two descriptions one title and two names one name, and in what a list differs from what is known: the same
for every store that takes lists in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from kiosk.circulation.fold import fold

Cell = str | int | None
Changed = dict[str, list[Cell]]
"""Columns, each with what is known and what is said."""


@lru_cache(maxsize=4096)
def title_key(
    title: str,
    author: str,
    year: Cell = None,
    part: str = "",
    grade: Cell = None,
    language: str = "",
    isbn: str = "",
) -> str:
    """What makes a title one title: title, author, year, part, grade, language and ISBN; never the publisher, which is
    written in a dozen ways.

    Title, author and part are folded (fold.py), so «Абай жолы», "АБАЙ ЖОЛЫ" and «Абaй жолы» with a Latin a are one;
    an ISBN without hyphens. A row that says less than is known makes another title: «Абай жолы» without a year may be
    any edition, and nobody is asked to guess.
    """
    known = "" if year is None else str(year), fold(part) or part, "" if grade is None else str(grade)
    digits = isbn.replace("-", "").replace(" ", "").upper()
    return "|".join((fold(title) or title.lower(), fold(author) or author.lower(), *known, language.lower(), digits))


def namesake_key(last_name: str, first_name: str, grade: Cell, letter: str) -> str:
    """What patrons of one name in one class have in common. Names are folded, a class's letter never is.

    The patronymic is left out: lists often do.
    """
    return f"{fold(last_name)}|{fold(first_name)}|{'' if grade is None else grade}|{letter}"


def difference(current: Mapping[str, Cell], said: Mapping[str, Cell]) -> Changed:
    """The columns of which a row of the file says something else than what is known; "" and None say nothing."""
    return {
        column: [current[column], value]
        for column, value in said.items()
        if value is not None and value != "" and value != current[column]
    }


def contradicted(changed: Changed) -> list[str]:
    """The columns in which something that is known would be replaced."""
    return [column for column, (before, _) in changed.items() if before is not None and before != ""]
