"""The words of class lists: sexes, profiles, footers, who a class teacher is. All compared folded."""

from __future__ import annotations

import re

from kiosk.circulation.fold import fold
from kiosk.circulation.pupils import words_of_name
from kiosk.imports.values import BadValue, language

SEXES = {
    fold(word): group
    for group, words in (
        ("boys", "ұл; ұл бала; ер; ер бала; е; ұ; м; муж; мужской; мальчик; male; m; boy; еркек"),
        ("girls", "қыз; қыз бала; әйел; қ; ә; ж; жен; женский; девочка; female; f; girl"),
    )
    for word in words.split(";")
}
PROFILES = {
    fold(word): group
    for group, words in (
        (
            "natural",
            "ЖМБ; ЕМН; ЕМЦ; жаратылыстану-математика; жаратылыстану-математикалық; жаратылыстану-математикалық бағыт; "
            "естественно-математическое; естественно-математическое направление; естественно-математический; natural",
        ),
        (
            "humanities",
            "ҚГБ; ОГН; ОГЦ; қоғамдық-гуманитарлық; қоғамдық-гуманитарлық бағыт; общественно-гуманитарное; "
            "общественно-гуманитарное направление; гуманитарлық; гуманитарное; гуманитарный; humanities",
        ),
    )
    for word in words.split(";")
}
_FOOT = frozenset(
    fold(word)
    for word in (
        "барлығы", "жалпы", "всего", "итого", "саны", "директор", "директордың", "директоры", "мектеп", "завуч",
        "жетекшісі", "жетекші", "руководитель", "мұғалім", "мұғалімі", "учитель", "сынып", "сыныптың", "сыныбы",
        "сыныбының", "класс", "класса", "класный", "классный", "тізім", "тізімі", "список", "оқушылар", "оқушылардың",
        "учащихся", "учеников", "ұлдар", "қыздар", "мальчики", "девочки", "мальчиков", "девочек", "қолы", "подпись",
        "бекітемін", "утверждаю", "келісілді", "согласовано", "орынбасары", "заместитель", "total", "teacher",
        "principal", "class", "list", "оқу", "жылы", "год", "учебный", "хатшы", "секретарь", "тіркелді", "м.о", "м.п",
    )
)  # fmt: skip
_TEACHER = re.compile(
    r"(?:сынып|класс)\s+жетекші\w*|кл(?:ассн\w+|\.)?\s*рук(?:оводител\w+|\.)?|(?:class|form|homeroom)\s+teacher", re.I
)
_YEARS = re.compile(r"\b(20\d\d)\s*[-–—/]\s*(?:20)?(\d\d)\b")
_LANGUAGE = re.compile(
    r"(?:оқыту|оқу)\s+тілі\W+([^\W\d_]+)|язык\w*\s+обучения\W+([^\W\d_]+)|([^\W\d_]+)\s+сыныптар", re.I
)
_TEXT_LIMIT = 300


def is_foot(words: tuple[str, ...]) -> bool:
    """Whether what could be a name is a word of the list itself: «Директор Ахметов А.», «Барлығы»."""
    folded = [fold(word) for word in words[:3]]
    return any(word in _FOOT or word.startswith(("сынып", "класс")) for word in folded)


def teacher_in(text: str) -> str:
    """The class teacher that a title or a footer names, or "": «Сынып жетекшісі: ________ Ахметова Г. С.»."""
    match = _TEACHER.search(text[:_TEXT_LIMIT])
    if match is None:
        return ""
    after = re.sub(r"[_():;/«»\"–—-]+", " ", text[match.end() : _TEXT_LIMIT]).split()
    for count in (4, 3, 2, 1):
        words = words_of_name(" ".join(after[:count])) if len(after) >= count else None
        if words is not None and not is_foot(words):
            return " ".join(words)
    return ""


def year_in(text: str) -> int | None:
    """The school year that a title names, 2026-2027 or 2026/27, as the year in which it begins."""
    for first, second in _YEARS.findall(text[:_TEXT_LIMIT]):
        if (int(first) + 1) % 100 == int(second):
            return int(first)
    return None


def language_in(text: str) -> str:
    """The language of instruction that a title names, or ""."""
    match = _LANGUAGE.search(text[:_TEXT_LIMIT])
    if match is None:
        return ""
    return language_of(next(word for word in match.groups() if word))


def language_of(cell: str) -> str:
    """A language as its code; "" for what is none."""
    try:
        return language("language", cell)
    except BadValue:
        return ""


def group_of(family: str, cell: str) -> tuple[str, str] | None:
    """The group of a divided class that a cell names, with its family; None if it names none.

    ("sex", "boys"); ("english", "english-1"); ("profile", "natural"), else the list's own word without blanks.
    """
    folded = fold(cell)
    if not folded:
        return None
    if family == "sex":
        return (family, SEXES[folded]) if folded in SEXES else None
    if family == "profile":
        return family, PROFILES.get(folded, "-".join(folded.split())[:30])
    number = re.search(r"\d{1,2}", folded)
    roman = {"i": "1", "ii": "2", "и": "1", "ии": "2"}.get(folded)
    return family, f"{family}-{number.group() if number else roman or '-'.join(folded.split())[:20]}"
