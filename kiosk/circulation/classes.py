"""How schools write their classes, and how the kiosk does: 5 «Ә», 5Ә, 5-Ә, 5 "ә", 5 A (Latin).

Source: DOMAIN.md 5. Letters are never folded: 5А and 5Ә are two classes.
"""

from __future__ import annotations

import re

from kiosk.circulation.model import SchoolClass

_CLASS = re.compile(
    r"""\s*(\d{1,2})\s*(?:[-–—_./ ]|сынып|класс|кл\.?)*"""  # 5, 5-, 5 сынып
    r"""["'«“„‘’”»]*\s*(\w?)\s*["'«“„‘’”»]*\s*(?:сынып|класс|кл\.?)?\s*""",  # Ә, «Ә», "Ә" сынып
    re.IGNORECASE,
)
_MOST = 60
_PRESCHOOL = re.compile(r"даярлық|предшкол|нулев", re.I)
_LATIN = str.maketrans("ABEKMHOPCTYXIƏ", "АВЕКМНОРСТУХІӘ")


def parse_class(text: str) -> SchoolClass | None:
    """The class that a text names, or None if it names none.

    Latin look-alikes become Cyrillic; the letter is upper case.
    """
    text = " ".join(text.split())
    if len(text) > _MOST:
        return None
    if _PRESCHOOL.search(text):
        return SchoolClass(0)
    match = _CLASS.fullmatch(text)
    if match is None or int(match.group(1)) > 11 or match.group(2).isdigit():
        return None
    return SchoolClass(int(match.group(1)), match.group(2).upper().translate(_LATIN))


_LETTER = r"[^\W\d_]"
_OPEN, _CLOSE = "[\"'«“„‘’]", "[\"'»“”‘’]"
_GRADE = r"(?<![\d№])(1[01]|\d)"
_NUMBERED = re.compile(r"(?:№|\bN[o°]?\.?)\s*\d+|\b(?:19|20)\d\d\b|\d{3,}", re.I)
_WITHIN = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"{_GRADE}\s*[-–—]?\s*{_OPEN}\s*({_LETTER})\s*{_CLOSE}",
        rf"{_GRADE}\s*[-–—./]?\s*({_LETTER})\b(?=\s*[-–—]?\s*(?:сынып|сыныб|класс|кл\b|class|grade))",
        rf"(?:сынып|сыныбы|класс|кл\.|class|grade)\W{{0,3}}{_GRADE}\s*[-–—]?\s*({_LETTER})\b",
        rf"{_GRADE}\s*[-–—]?\s*(?:сынып|сыныб|класс|class|grade)\w*\s*{_OPEN}?({_LETTER})\b",
        rf"{_GRADE}\s*[-–—]?\s*(?:сынып|сыныб|класс|class|grade)()",
        rf"(?:сынып|сыныбы|класс|class|grade)\W{{0,3}}{_GRADE}(?!\d)()",
    )
)


def find_class(text: str) -> SchoolClass | None:
    """The class that a title speaks of among other things: «№ 41 мектептің 5 «Ә» сыныбының тізімі 2026-2027».

    A number alone is none: it counts pages, or sheets.
    """
    text = " ".join(text.split())[:300]
    if text.isdigit():
        return None
    if (whole := parse_class(text)) is not None:
        return whole
    bare = _NUMBERED.sub(" ", text)
    for pattern in _WITHIN:
        if match := pattern.search(bare):
            return SchoolClass(int(match.group(1)), match.group(2).upper().translate(_LATIN))
    return None


def class_label(school_class: SchoolClass) -> str:
    """The class as the kiosk writes it: 5 «Ә», or 5 for a class without a letter."""
    grade = str(school_class.grade)
    return f"{grade} «{school_class.letter}»" if school_class.letter else grade
