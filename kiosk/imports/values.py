"""Cells to values. What a cell does not say is "" or None; what cannot be understood raises BadValue.

Source: DOMAIN.md 3 and 5 (how dates, classes and prices are written in Kazakh schools), ISO 2108 (ISBN).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from kiosk.circulation.classes import parse_class
from kiosk.circulation.fold import fold, mend
from kiosk.circulation.intake import Intake
from kiosk.circulation.model import LIBRARIAN, LOAN_DESK_POINT, PUPIL, READING_ROOM_POINT, ItemKind, SchoolClass
from kiosk.imports import words

TEXT_LIMIT = 500
CODE_LIMIT = 64
COUNT_LIMIT = 100_000
_SHOWN = 60
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+\d+", re.I)
_SHEET_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|Н/Д|ССЫЛКА!|ЗНАЧ!|ДЕЛ/0!|ИМЯ\?|ПУСТО!|ЧИСЛО!)")


class BadValue(ValueError):
    """A cell that cannot be understood. Its text is one sentence naming the column and what the cell holds."""

    def __init__(self, column: str, value: str, problem: str) -> None:
        shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "..."
        super().__init__(f"{column} «{shown}»: {problem}")


def clean(cell: str) -> str:
    """A cell as one line of visible characters, NFC, white space squeezed."""
    return " ".join(unicodedata.normalize("NFC", _UNSEEN.sub(_unseen, cell)).split())


def _unseen(match: re.Match[str]) -> str:
    """Control characters and line ends part words, invisible ones inside a word do not."""
    return " " if match.group() <= "\x9f" or match.group() in "\u2028\u2029" else ""


def text(column: str, cell: str) -> str:
    """Words, at most TEXT_LIMIT characters, Latin look-alikes in Cyrillic words mended."""
    value = clean(cell)
    if _SHEET_ERROR.fullmatch(value):
        raise BadValue(column, value, "this is an error message of the spreadsheet program")
    if len(value) > TEXT_LIMIT:
        raise BadValue(column, value, f"longer than {TEXT_LIMIT} characters")
    return mend(value)


def code(column: str, cell: str) -> str:
    """A card's, an item's or a person's number: as it is written, at most CODE_LIMIT printable characters.

    Raises BadValue also for "2,00001E+11": the digits that the spreadsheet program dropped cannot be guessed.
    """
    value = unicodedata.normalize("NFC", cell.strip().strip("\ufeff\u200b"))
    if not value.replace("\xa0", " ").isprintable():
        raise BadValue(column, clean(value), "characters that cannot be printed")
    if len(value) > CODE_LIMIT:
        raise BadValue(column, value, f"longer than {CODE_LIMIT} characters")
    if _SHORTENED.fullmatch(value):
        raise BadValue(column, value, "the spreadsheet program shortened the number; give the column the format Text")
    if _SHEET_ERROR.fullmatch(value):
        raise BadValue(column, value, "this is an error message of the spreadsheet program")
    return " ".join(value.split())


_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.]+)?")
_DATE = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:\s+\d{1,2}:\d\d(?::\d\d)?)?")
_LONG_DATE = re.compile(
    r"(?P<y>\d{4}) (?:ж|жылгы|жыл) (?P<d>\d{1,2}) (?P<m>\w+)|(?P<d2>\d{1,2}) (?P<m2>\w+) (?P<y2>\d{4})"
)
_YEAR_WORD = re.compile(r"\s*(?:ж|г|жыл|год|года)\.?$", re.I)


@lru_cache(maxsize=1024)
def day(column: str, cell: str) -> date | None:
    """A date: 2026-09-01, 01.09.2026, 1/9/2026, 01.09.26 (of this century), «2026 ж. 1 қыркүйек», 1 сентября 2026 г.

    A bare number is no date: whether 46266 counts days is known only where the cell was a date (xlsx.py).
    """
    value = clean(cell)
    if not value:
        return None
    short = _YEAR_WORD.sub("", value)
    if match := _ISO_DATE.fullmatch(short):
        year, month, number = (int(part) for part in match.groups())
    elif match := _DATE.fullmatch(short):
        number, month, year = (int(part) for part in match.groups())
        year += 2000 if len(match.group(3)) == 2 else 0
    elif (match := _LONG_DATE.fullmatch(fold(short))) and (match["m"] or match["m2"]) in words.MONTHS:
        year, number = int(match["y"] or match["y2"]), int(match["d"] or match["d2"])
        month = words.MONTHS[match["m"] or match["m2"]]
    else:
        raise BadValue(column, value, "not a date; write it as 01.09.2026")
    try:
        found = date(year, month, number)
    except ValueError:
        raise BadValue(column, value, "there is no such day") from None
    if not 1900 <= found.year <= 2100:
        raise BadValue(column, value, "not a year of our time")
    return found


@lru_cache(maxsize=1024)
def school_class(column: str, cell: str) -> SchoolClass | None:
    """A class: 5 «Ә», 5Ә, 5-Ә, 10 Б сынып, даярлық."""
    value = clean(cell)
    if not value:
        return None
    if len(value) > CODE_LIMIT or (found := parse_class(value)) is None:
        raise BadValue(column, value, "not a class; write it as 5 «Ә»")
    return found


def grade(column: str, cell: str) -> int | None:
    """The grade that a title is for: 7, 7-сынып."""
    found = school_class(column, cell)
    return None if found is None else found.grade


@lru_cache(maxsize=1024)
def language(column: str, cell: str) -> str:
    """A language as its ISO 639 code: kk, ru, en from «қазақ», казахский, орыс, ағылшын ...; an unknown code stays."""
    value = clean(cell)
    if not value:
        return ""
    folded = fold(value)
    if folded in words.LANGUAGES:
        return words.LANGUAGES[folded]
    bare = " ".join(word for word in folded.split() if word not in words.LANGUAGE_FILLERS)
    if bare in words.LANGUAGES:
        return words.LANGUAGES[bare]
    if re.fullmatch("[A-Za-z]{2,3}", value):
        return value.lower()
    raise BadValue(column, value, "not a language that is known; write kk, ru, en or another ISO code")


def category(column: str, cell: str) -> str:
    """A patron's category: pupil, teacher, staff, librarian, room, group ... A misspelt one makes no new category."""
    value = clean(cell)
    if not value:
        return ""
    if (found := words.CATEGORIES.get(fold(value))) is None:
        raise BadValue(column, value, f"not a category; write {PUPIL}, teacher, staff, {LIBRARIAN}, room or group")
    return found


def kind(column: str, cell: str) -> ItemKind | None:
    """What an item is: кітап, оқулық, анықтамалық, мерзімді басылым, құрал-жабдық, in any of the languages."""
    value = clean(cell)
    if not value:
        return None
    if (found := words.KINDS.get(fold(value))) is None:
        raise BadValue(column, value, f"not a kind of item; write {', '.join(ItemKind)}")
    return found


def isbn(column: str, cell: str) -> str:
    """An ISBN as its digits: the first of several that is right.

    One with a wrong check digit is kept as it is written: publishers do print them, the book exists nevertheless, and
    what is on its cover is what people will search for.
    """
    value = clean(cell)
    if _SHORTENED.fullmatch(value):
        raise BadValue(column, value, "the spreadsheet program shortened the number; give the column the format Text")
    for part in re.findall(r"\d[\d\s‐-―-]{7,20}[\dXxХх]", value):
        digits = re.sub(r"[^\dX]", "", part.upper().replace("Х", "X"))
        if _isbn_is_right(digits):
            return digits
    bare = re.sub(r"(?i)^(isbn|исбн)[\s:-]*", "", value)
    if len(bare) > CODE_LIMIT:
        raise BadValue(column, value, f"longer than {CODE_LIMIT} characters")
    return bare


def _isbn_is_right(digits: str) -> bool:
    if len(digits) == 13 and digits.isdigit():
        return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10 == 0
    if len(digits) == 10 and digits[:9].isdigit():
        weighed = sum(int(digit) * (10 - at) for at, digit in enumerate(digits[:9]))
        return (weighed + (10 if digits[9] == "X" else int(digits[9]))) % 11 == 0
    return False


_MONEY = re.compile(r"(\d[\d\s.,']*?)(?:-00)?\s*(?:₸|тг|тенге|теңге|тнг|kzt)?\.?", re.I)


def price(column: str, cell: str) -> str:
    """A price in tenge, "1500" or "1500.50", from 1 500,50 ₸, 1500 тг, 1,500.50 ..."""
    value = clean(cell)
    if not value:
        return ""
    if (match := _MONEY.fullmatch(value)) is None or len(value) > CODE_LIMIT:
        raise BadValue(column, value, "not a price in tenge")
    number = re.sub(r"[\s']", "", match.group(1)).rstrip(".,")
    *whole, last = re.split("[.,]", number)
    if whole and len(last) == 3:  # 1,500: a price has no thousandths
        whole, last = [*whole, last], ""
    tenge, tiyn = ("".join(whole), last) if whole else (last, "")
    if len(tiyn) > 2 or any(len(part) != 3 for part in whole[1:]):
        raise BadValue(column, value, "not a price in tenge")
    tenge = tenge.lstrip("0") or "0"
    return f"{tenge}.{tiyn:0<2}" if tiyn.strip("0") else tenge


def year(column: str, cell: str) -> int | None:
    """The year in which a title came out: 1965, 2023 ж., [1998]."""
    value = clean(cell)
    if not value:
        return None
    match = re.fullmatch(r"[^\d]{0,4}([0-9]{4})(?:-[0-9]{2}-[0-9]{2})?[^\d]{0,8}", value)
    if match is None or not 1400 <= int(match.group(1)) <= 2100:
        raise BadValue(column, value, "not a year")
    return int(match.group(1))


def pages(column: str, cell: str) -> int | None:
    """How many pages: 320, 320 б., 63,[1] с. (the largest number counts)."""
    value = clean(cell)
    if not value:
        return None
    found = max((int(number) for number in re.findall("[0-9]+", value[:TEXT_LIMIT]) if len(number) < 6), default=0)
    if not 0 < found <= 30_000:
        raise BadValue(column, value, "not a number of pages")
    return found


def count(column: str, cell: str) -> int | None:
    """How many copies: 30, 30 дана. Nought says that there are none."""
    value = clean(cell)
    if not value:
        return None
    match = re.fullmatch(r"([0-9]{1,6})(?:[.,]0+)?\s*(?:дана|экз\w*|шт|pcs|copies)?\.?", value, re.I)
    if match is None or int(match.group(1)) > COUNT_LIMIT:
        raise BadValue(column, value, "not a number of copies")
    return int(match.group(1)) or None


_READING_ROOM = re.compile(r"(?:оқу|оку)\s*зал\w*|чит(?:альн\w+|\.)?\s*зал\w*|reading[\s_-]*room|ч\.?з\.?(?!\w)", re.I)
_LOAN_DESK = re.compile(r"абонемент\w*|loan[\s_-]*desk|аб\.?(?!\w)", re.I)
_SHELF_WORD = re.compile(r"^(?:сөре|полка|стеллаж|шкаф|место|орны|shelf)\w*(?:\s*№)?[\s:.-]+", re.I)


@lru_cache(maxsize=1024)
def location(column: str, cell: str) -> tuple[str, str]:
    """Service point and shelf: «Оқу залы» is the reading room, «Абонемент, Сөре A-3» the loan desk and "A-3".

    What names neither is all shelf; then the service point is "".
    """
    value = text(column, cell)
    for point, name in ((READING_ROOM_POINT, _READING_ROOM), (LOAN_DESK_POINT, _LOAN_DESK)):
        if match := name.match(value):
            shelf = value[match.end() :].strip(" ,;:/.-–—")
            return point, _SHELF_WORD.sub("", shelf)
    return "", _SHELF_WORD.sub("", value)


def full_name(column: str, cell: str) -> tuple[str, str, str]:
    """Last name, first name, patronymic from a whole name in the official order. One word is a first name."""
    last, first, rest = [*text(column, cell).replace(",", " ").split(maxsplit=2), "", "", ""][:3]
    return (last, first, rest) if first else ("", last, "")


def needed(what: Intake, values: Mapping[str, str], *columns: str) -> None:
    """Raises BadValue if none of these columns says anything."""
    if not any(values.get(column) for column in columns):
        raise BadValue(" or ".join(columns), "", f"missing; {what} cannot be imported without it")
