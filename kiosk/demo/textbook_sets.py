"""The textbook sets of the demo school: each grade's subjects in each language that it is taught in."""

from __future__ import annotations

from kiosk.circulation.model import SetLine, TextbookSet
from kiosk.demo.readers import CLASSES, grade_of
from kiosk.demo.textbooks import subjects

CRAFTS = {"Көркем еңбек": ("boys", "girls"), "Художественный труд": ("boys", "girls")}
"""Girls and boys are taught apart from grade 5 on; here the book is the same."""
CRAFTS_FROM = 5


def textbook_sets(year: int) -> list[TextbookSet]:
    """The sets of a school year. The second half of a textbook in two halves is handed out in January."""
    taught = sorted({(grade_of(name), language) for name, language, _ in CLASSES})
    return [TextbookSet(year, grade, language, "", _lines(grade, language)) for grade, language in taught]


def _lines(grade: int, language: str) -> tuple[SetLine, ...]:
    lines = []
    for subject, part in subjects(grade, language):
        term = 2 if part == "2" else 1
        groups = CRAFTS.get(subject, ("",)) if grade >= CRAFTS_FROM else ("",)
        lines += [SetLine(subject, part, group=group, term=term) for group in groups]
    return tuple(lines)
