"""What makes two descriptions one title, and two names one name: the same for every store that takes lists in."""

from __future__ import annotations

from functools import lru_cache

from kiosk.circulation.fold import fold

Value = str | int | None


@lru_cache(maxsize=4096)
def title_key(
    title: str,
    author: str,
    year: Value = None,
    part: str = "",
    grade: Value = None,
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


def namesake_key(last_name: str, first_name: str, grade: Value, letter: str) -> str:
    """What patrons of one name in one class have in common. Names are folded, a class's letter never is.

    The patronymic is left out: lists often do.
    """
    return f"{fold(last_name)}|{fold(first_name)}|{'' if grade is None else grade}|{letter}"
