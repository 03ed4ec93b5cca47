"""A class's textbooks: the sheet that is signed, and how far classes are supplied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kiosk.circulation.sheet_sums import by_class, coverage
from kiosk.circulation.sheets import ClassCover, ClassSheet, Cover, PupilLine, SheetCell, Slot
from kiosk.circulation.views import Message
from kiosk.reports.form import SIGNING, Form, Head
from kiosk.reports.table import Column, Line, Table
from kiosk.text import Words, language_name, languages

GIVEN, NOT_FOR = "✓", "–"
_LOWEST, _HIGHEST, _SPACIOUS = 4.4, 8.0, 6.5
_SMALLEST = 5.5
_WHOLE, _END = 6.5, 6
_LEGEND, _SLACK = 4.2, 0.5
_SUBJECTS_A_TABLE = 22
_LEVELS = ((0, 4), (5, 9), (10, 11))
"""Grades that share most of their subjects."""


def school_year(year: int) -> str:
    """The school year that begins in a year: 2026/2027."""
    return f"{year}/{year + 1}"


def class_sheet(sheets: Sequence[ClassSheet], school: str, made: datetime, words: Words) -> bytes:
    """A sheet for each class, with a line for each pupil to sign on; a class of 27 with 16 subjects is one page."""
    form: Form | None = None
    for sheet in sheets:
        head = Head(school, words.label("paper.class_sheet"), _about(sheet, words), made)
        if form is None:
            form = Form(head, words, landscape=True)
        else:
            form.begin(head)
        _sheet(form, sheet)
    return form.finish() if form is not None else b""


def _about(sheet: ClassSheet, words: Words) -> tuple[str, ...]:
    first = words.say(
        Message.of(
            "paper.class_year", **{"class": words.school_class(sheet.school_class)}, year=school_year(sheet.year)
        )
    )
    count = words.count("pupil", len(sheet.pupils))
    teacher = words.say(Message.of("paper.teacher", name=sheet.teacher)) if sheet.teacher else ""
    return (" · ".join(part for part in (first, count, teacher) if part),)


def _sheet(form: Form, sheet: ClassSheet) -> None:
    words, paper = form.words, form.paper
    few = len(sheet.slots) < 8
    columns = [
        Column(words.label("paper.no"), 7, align="right"),
        Column(words.label("paper.pupil"), 70 if few else 48, 1 if few and sheet.slots else 0),
        *(
            Column(slot_name(slot, words), 15 if few else 0, 0 if few else 1, "centre", True, most=1)
            for slot in sheet.slots
        ),
        Column(words.label("paper.received"), 30, 0 if sheet.slots else 1, "centre"),
    ]
    left = form.room - Table(form, columns, 8.5).head_height - SIGNING - _LEGEND - _SLACK
    height = min(left / (len(sheet.pupils) + 1), _HIGHEST)
    table = Table(form, columns, 8.5, height if height >= _LOWEST else _SPACIOUS, True, _SMALLEST, True)
    width = 13.4 if few else (form.width - 85) / len(sheet.slots) - 1.6
    lines = [
        Line((str(n), pupil.name, *(_cell(form, cell, width) for cell in pupil.cells), _signed(pupil, words)))
        for n, pupil in enumerate(sheet.pupils, 1)
    ]
    covers = dict(coverage(sheet).subjects)
    totals = (f"{covers[slot].given}/{covers[slot].needed}" if slot in covers else "" for slot in sheet.slots)
    table.draw([*lines, Line(("", words.label("paper.total"), *totals, ""), bold=True)])
    form.need(_LEGEND + SIGNING)
    legend = words.say(Message.of("paper.legend", mark=GIVEN))
    paper.write(legend, form.left, form.y + 3.2, 7, grey=105, within=form.width)
    form.y += _LEGEND
    form.signatures((words.label("paper.class_teacher"), words.label("paper.librarian")))


def slot_name(slot: Slot, words: Words) -> str:
    """A subject with its part: «Математика, 2-бөлім»."""
    if not slot.part:
        return slot.subject
    return f"{slot.subject}, {words.say(Message.of('tb.part', n=slot.part))}"


def _cell(form: Form, cell: SheetCell, width: float) -> str:
    if not cell.given:
        return "" if cell.wanted else NOT_FOR
    said = []
    for one in cell.given:
        number = _tail(form, one.number, width) if one.number else GIVEN
        said.append(f"{number} {one.edition}" if one.edition else number)
    return " ".join(said)


def _tail(form: Form, number: str, width: float) -> str:
    """The number, or the end of one that is too long for its cell: copies of one title differ there."""
    return number if form.paper.measure(number, _WHOLE) <= width else f"…{number[-_END:]}"


def _signed(pupil: PupilLine, words: Words) -> str:
    if pupil.slip:
        return words.label("paper.slip")
    return words.label("tb.absent") if pupil.absent else ""


def coverage_sheet(covers: Sequence[ClassCover], year: int, school: str, made: datetime, words: Words) -> bytes:
    """How far each class has its textbooks, then subject by subject."""
    about = words.say(Message.of("paper.year", year=school_year(year)))
    form = Form(Head(school, words.label("paper.coverage"), (about,), made), words, landscape=True)
    ordered = by_class(covers)
    _summary(form, ordered)
    for low, high in _LEVELS:
        for language in sorted({cover.language for cover in ordered}):
            of = [one for one in ordered if low <= one.school_class.grade <= high and one.language == language]
            if of:
                _matrix(form, of, language, f"{low or 1}–{high}")
    return form.finish()


def _summary(form: Form, covers: Sequence[ClassCover]) -> None:
    words = form.words
    columns = [
        Column(words.label("lib.field.class"), 34),
        Column(words.label("paper.language"), 34),
        *(
            Column(words.label(f"paper.{key}"), 0, 1, "right")
            for key in ("pupils", "needed", "given", "lacking", "percent")
        ),
    ]
    lines = [_summary_line(form, [cover], words.school_class(cover.school_class)) for cover in covers]
    total = _summary_line(form, covers, words.label("paper.total"), bold=True)
    height = min(max((form.room - 8) / (len(lines) + 2), 5.3), 6.5)
    Table(form, columns, 9.5, height).draw([*lines, total])


def _summary_line(form: Form, covers: Sequence[ClassCover], name: str, bold: bool = False) -> Line:
    whole = sum((cover.whole for cover in covers), Cover())
    spoken = {cover.language for cover in covers}
    numbers = (sum(cover.pupils for cover in covers), whole.needed, whole.given, whole.lacking or NOT_FOR)
    language = said_language(spoken.pop()) if len(spoken) == 1 and not bold else ""
    return Line((name, language, *(str(number) for number in numbers), _percent(whole, " %")), bold)


def said_language(code: str) -> str:
    """A language by its own name; its code if the kiosk does not speak it."""
    return language_name(code) if code in languages() else code


def _percent(cover: Cover, sign: str = "") -> str:
    return NOT_FOR if cover.percent is None else f"{cover.percent}{sign}"


def _matrix(form: Form, covers: Sequence[ClassCover], language: str, grades: str) -> None:
    """Classes by subjects, in per cent."""
    words = form.words
    slots = list(
        dict.fromkeys((slot.subject, slot.part) for cover in covers for slot, of in cover.subjects if of.needed)
    )
    for begin in range(0, len(slots), _SUBJECTS_A_TABLE):
        some = slots[begin : begin + _SUBJECTS_A_TABLE]
        form.section(words.say(Message.of("paper.by_subject", grades=grades, language=said_language(language))), 45)
        columns = [
            Column(words.label("lib.field.class"), 30),
            *(Column(slot_name(Slot(*slot), words), min(14.0, (form.width - 30) / len(some)), 0, "centre", True)
              for slot in some),
        ]  # fmt: skip
        lines = []
        for cover in covers:
            of = {(slot.subject, slot.part): one for slot, one in cover.subjects}
            cells = (_percent(of[slot]) if slot in of and of[slot].needed else "" for slot in some)
            lines.append(Line((words.school_class(cover.school_class), *cells)))
        Table(form, columns, 8.5, 5.6, rigid=True, boxed=True).draw(lines)
        form.y += 3
