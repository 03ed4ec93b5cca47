"""Which textbooks are missing, and which are too many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kiosk.circulation.model import SchoolClass
from kiosk.circulation.sheets import GradeStock, Slot, StockLine
from kiosk.circulation.views import Message
from kiosk.reports.classes import NOT_FOR, said_language, school_year, slot_name
from kiosk.reports.form import Form, Head
from kiosk.reports.table import Column, Line, Table
from kiosk.text import Words


def stock_sheet(grades: Sequence[GradeStock], year: int, school: str, made: datetime, words: Words) -> bytes:
    """What classes need against what there is, what is missing most first."""
    lines = [line for grade in grades for line in grade.lines]
    missing = sum(-line.difference for line in lines if line.difference < 0)
    surplus = sum(line.difference for line in lines if line.difference > 0)
    # Without any set nobody knows what is too many.
    sets = any(line.needed for line in lines)
    told = (
        Message.of("paper.missing_surplus", missing=missing, surplus=surplus) if sets else Message.of("paper.no_sets")
    )
    about = (words.say(Message.of("paper.year", year=school_year(year))), words.say(told))
    form = Form(Head(school, words.label("paper.stock"), about, made), words)
    columns = [
        Column(words.label("paper.textbook"), 0, 1),
        *(Column(words.label(f"paper.{key}"), 18.5, align="right") for key in ("needed", "copies", "out", "repair")),
        Column(words.label("paper.difference"), 21, align="right"),
        Column(words.label("paper.editions"), 34),
    ]
    rows: list[Line] = []
    for grade in grades:
        name = words.school_class(SchoolClass(grade.grade))
        rows.append(Line((f"{name} · {said_language(grade.language)}",), section=True))
        rows += [_row(line, sets, words) for line in grade.lines]
    Table(form, columns, 8.5, 5.6).draw(rows)
    form.y += 2
    form.text(words.label("paper.stock_note"), 7.5)
    return form.finish()


def _row(line: StockLine, sets: bool, words: Words) -> Line:
    difference = NOT_FOR if not line.difference or not sets else f"{line.difference:+d}".replace("-", "−")
    editions = ", ".join(f"{year or '?'}: {copies}" for year, copies in line.editions)
    numbers = (line.needed, line.copies, line.out, line.repair)
    return Line(
        (slot_name(Slot(line.subject, line.part), words), *(str(n or NOT_FOR) for n in numbers), difference, editions),
        bold=line.difference < 0,
    )
