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


def class_label(school_class: SchoolClass) -> str:
    """The class as the kiosk writes it: 5 «Ә», or 5 for a class without a letter."""
    grade = str(school_class.grade)
    return f"{grade} «{school_class.letter}»" if school_class.letter else grade
