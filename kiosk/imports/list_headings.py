"""The columns of a class list: by their headings, by the user's word, or by what stands in them.

Headings are as schools have them, in three languages; compared folded, as headings.py does. A column that holds IINs
or birth dates is known so that it can be left out for sure: neither is ever kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from kiosk.circulation.classes import parse_class
from kiosk.circulation.fold import fold
from kiosk.circulation.intake import Intake
from kiosk.circulation.pupils import words_of_name
from kiosk.errors import ImportFileError
from kiosk.imports.headings import FULL_NAME, IGNORED, column_of
from kiosk.imports.iin import is_iin
from kiosk.imports.list_words import SEXES, is_foot

NUMBER, LAST, FIRST, PATRONYMIC = "number", "last_name", "first_name", "patronymic"
CLASS, GRADE, LETTER, LANGUAGE = "class", "grade", "letter", "language"
SEX, GROUP, PROFILE, IIN, BIRTH = "sex", "group", "profile", "iin", "birth"
CARD, EXTERNAL_ID = "card", "external_id"
SUBGROUPS = {
    "english": "ағылшын|англ|english",
    "kazakh": "қазақ тіл|казахск|kazakh",
    "russian": "орыс тіл|русск|russian",
}
COLUMNS = (
    FULL_NAME, LAST, FIRST, PATRONYMIC, CLASS, GRADE, LETTER, LANGUAGE, SEX, GROUP, *SUBGROUPS, PROFILE, CARD,
    EXTERNAL_ID, NUMBER, IIN, BIRTH,
)  # fmt: skip
"""What a column of a class list can be."""
NAMES = frozenset({FULL_NAME, LAST, FIRST})
_TAKEN = {FULL_NAME, LAST, FIRST, PATRONYMIC, CLASS, LANGUAGE, CARD}
"""Columns that headings.py knows by the same words."""

_USUAL = {
    NUMBER: "р/с; р/с №; № р/с; п/п; № п/п; №п/п; рет саны; реттік нөмірі; реттік саны; no; n; нөмір; номер; nr; қ/с",
    GRADE: "параллель; сынып параллелі; grade level",
    LETTER: "литер; литера; литері; әріп; әрпі; letter; class letter",
    SEX: "жынысы; жыныс; пол; gender; sex; ұл/қыз; м/ж; ұ/қ",
    GROUP: "топ; тобы; группа; подгруппа; кіші топ; кіші тобы; subgroup; group",
    PROFILE: "бағыты; бағыт; бейіні; бейін; профиль; профильное направление; направление; profile",
    IIN: "жсн; иин; iin; jsn; жеке сәйкестендіру нөмірі; индивидуальный идентификационный номер; жсн (иин)",
    BIRTH: "туған күні; туған жылы; туған күні, айы, жылы; туған жылы, айы, күні; дата рождения; день рождения; "
    "год рождения; число, месяц, год рождения; birth date; date of birth; birthday; born; туылған күні",
    EXTERNAL_ID: "сыртқы нөмір; внешний номер; id; kundelik id; күнделік id; external id; external_id",
    FULL_NAME: "оқушылардың аты-жөні; оқушының тегі, аты; оқушының тегі, аты, әкесінің аты; тегі мен аты; "
    "фамилия, имя ученика; фамилия имя; фамилия имя отчество; тегі аты; ФИО обучающегося; список учащихся; "
    "оқушының толық аты-жөні; full name; student; student name; pupil",
}
_KNOWN = {fold(word) or word: column for column, words in _USUAL.items() for word in words.split(";")} | {
    fold(column): column for column in COLUMNS
}
_PARTS = re.compile(r"[/\\|()\[\]\n]")
_TOKENS = (
    (IIN, r"жсн|иин"),
    (BIRTH, r"туган|туыл|рожд|birth"),
    (FULL_NAME, r"фио|аты жони|тег\w* .*аты|фамили\w* .*(имя|имени)|т а а"),
    (LAST, r"фамили|^теги$"),
    (PATRONYMIC, r"отчеств|акесинин аты"),
    (SEX, r"жынысы"),
    (CLASS, r"^сынып\w*$|^сыныб\w*$|^класс\w*$"),
)
"""Parts of headings that schools word in ways of their own, on folded text."""
_HEADING_LIMIT = 60
_SAMPLE = 60
_NOT_SIGN = re.compile(r"[№#]\W*")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?.*|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\s*(?:ж|г)?\.?")


@lru_cache(maxsize=4096)
def list_column(heading: str) -> str | None:
    """What a heading of a class list means, or None. No heading holds a digit."""
    if _NOT_SIGN.fullmatch(heading):
        return NUMBER
    if not heading or len(heading) > _HEADING_LIMIT or any(map(str.isdigit, heading)):
        return None
    folded = fold(heading)
    if (found := _KNOWN.get(folded)) is not None:
        return found
    if re.search(r"\bтоп|\bтоб|групп|group", folded):
        return next((name for name, words in SUBGROUPS.items() if re.search(fold_pattern(words), folded)), GROUP)
    usual = column_of(Intake.PATRONS, heading)
    if usual == "external_id":  # the importer of patrons takes an IIN for one, a class list never does
        return IIN
    if usual is not None:
        return usual if usual in _TAKEN else None
    parts = {_KNOWN[part] for part in (fold(part) for part in _PARTS.split(heading)) if part in _KNOWN}
    if len(parts) == 1:
        return parts.pop()
    return next((column for column, pattern in _TOKENS if re.search(pattern, folded)), None)


def fold_pattern(words: str) -> str:
    """Alternatives to look for in folded text."""
    return "|".join(fold(word) for word in words.split("|"))


def heading_columns(cells: Sequence[str], mapping: Mapping[str, str]) -> dict[int, str] | None:
    """The columns that a row of cells heads, by place, or None if it is no heading row.

    It is one if it names the pupil and something else, or if it consists of the usual word for a name alone. Of two
    headings for one column the first counts. mapping: {heading: column}, the user's word; "-" leaves a column out.
    """
    mapped = {fold(heading) or heading: column for heading, column in mapping.items()}
    found: dict[int, str] = {}
    told: set[int] = set()
    for at, cell in enumerate(cells):
        if not cell:
            continue
        own = mapped.get(fold(cell) or cell)
        column = own or list_column(cell)
        if own is not None:
            told.add(at)
        if column is not None:
            found[at] = column
    if not NAMES & set(found.values()):
        return None
    if len({*found.values()}) < 2 and not (found and len([cell for cell in cells if cell]) == 1 + len(told)):
        exact = [cell for at, cell in enumerate(cells) if found.get(at) == FULL_NAME and fold(cell) in _EXACT]
        if not exact and not told:
            return None
    once: dict[int, str] = {}
    for at in sorted(found, key=lambda at: (at not in told, at)):
        if found[at] not in once.values():
            once[at] = found[at]
    return {at: column for at, column in once.items() if column != IGNORED}


_EXACT = frozenset(fold(word) for word in ("ФИО", "Ф.И.О.", "Аты-жөні", "Т.А.Ә.", "Full name", "Толық аты"))


def check_mapping(mapping: Mapping[str, str], name: str) -> None:
    """Raises ImportFileError for a column that a class list cannot have."""
    for column in mapping.values():
        if column != IGNORED and column not in COLUMNS:
            raise ImportFileError(
                f"{name}: a class list has no column {column!r}; the columns are {', '.join(COLUMNS)}"
            )


def guessed_columns(rows: Sequence[Sequence[str]]) -> dict[int, str] | None:
    """The columns of a table without headings, by what stands in them; None if there are no names in it."""
    rows = [row for row in rows if sum(1 for cell in row if cell) > 0][:_SAMPLE]
    width = max((len(row) for row in rows), default=0)
    found: dict[int, str] = {}
    parts: list[int] = []
    for at in range(width):
        cells = [row[at] for row in rows if at < len(row) and row[at]]
        if len(cells) < max(1, len(rows) // 3):
            continue
        kind = _kind_of(cells)
        if kind == FIRST:
            parts.append(at)
        elif kind is not None and kind not in found.values():
            found[at] = kind
    if FULL_NAME not in found.values():
        run = [at for place, at in enumerate(parts) if at == parts[0] + place][:3]
        if len(run) >= 2:
            found |= dict(zip(run, (LAST, FIRST, PATRONYMIC), strict=False))
    return found if NAMES & set(found.values()) else None


def _kind_of(cells: Sequence[str]) -> str | None:
    def most(those: int) -> bool:
        return those * 10 >= len(cells) * 6

    if most(sum(is_iin(cell) for cell in cells)):
        return IIN
    if most(sum(_DATE.fullmatch(cell) is not None for cell in cells)):
        return BIRTH
    if most(sum(fold(cell) in SEXES for cell in cells)):
        return SEX
    if most(sum(any(map(str.isalpha, cell)) and parse_class(cell) is not None for cell in cells)):
        return CLASS
    if all(cell.rstrip(".").isdigit() and len(cell) < 5 for cell in cells):
        return NUMBER
    named = [words_of_name(cell) or () for cell in cells]
    counts = [0 if is_foot(words) else len(words) for words in named]
    if most(sum(2 <= count <= 5 for count in counts)):
        return FULL_NAME
    return FIRST if most(sum(count == 1 for count in counts)) else None
