"""Who has what: the debtors class by class, and the sheet of somebody who leaves the school."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kiosk.circulation.sheets import ClassDebts, Debt, Debtor, Leaver
from kiosk.circulation.views import Message
from kiosk.reports.form import Form, Head
from kiosk.reports.table import Column, Line, Table
from kiosk.text import Words


def debtors(classes: Sequence[ClassDebts], everything: bool, school: str, made: datetime, words: Words) -> bytes:
    """Who has what, class by class. everything: also what is in time."""
    people = sum(len(one.debtors) for one in classes)
    copies = sum(len(debtor.debts) for one in classes for debtor in one.debtors)
    about = (words.say(Message.of("paper.people_copies", people=people, copies=copies)),)
    title = words.label("paper.on_loan" if everything else "paper.debtors")
    form = Form(Head(school, title, about, made), words)
    if not people:
        form.text(words.label("paper.nobody"), 11)
        return form.finish()
    columns = [
        Column(words.label("paper.no"), 8, align="right"),
        Column(words.label("paper.reader"), 46, most=3),
        Column(words.label("paper.title"), 0, 1),
        Column(words.label("paper.copy_no"), 25),
        Column(words.label("paper.since"), 19, align="right"),
        Column(words.label("paper.due"), 19, align="right"),
        Column(words.label("paper.days_late"), 18, align="right"),
    ]
    rows: list[Line] = []
    for one in classes:
        name = words.school_class(one.school_class) if one.school_class else words.label("paper.no_class")
        rows.append(Line((name, words.count("book", sum(len(debtor.debts) for debtor in one.debtors))), section=True))
        for n, debtor in enumerate(one.debtors, 1):
            rows += _debtor(n, debtor, words)
    Table(form, columns, 8.5, 5.6).draw(rows)
    return form.finish()


def _debtor(n: int, debtor: Debtor, words: Words) -> list[Line]:
    """A line for each copy; the name stands on the first, and again at the top of a page."""
    name = f"{debtor.name} ({words.label('paper.has_left')})" if debtor.left else debtor.name
    opening = (str(n), name)
    return [
        Line((*(opening if first else ("", "")), *_debt(debt, words), str(debt.overdue or "")), opening=opening)
        for first, debt in ((at == 0, debt) for at, debt in enumerate(debtor.debts))
    ]


def _debt(debt: Debt, words: Words) -> tuple[str, str, str, str]:
    return debt.title, debt.number, words.date_numeric(debt.since), _due(debt, words)


def _due(debt: Debt, words: Words) -> str:
    if debt.lost:
        return words.label("paper.lost")
    return words.date_numeric(debt.due) if debt.due is not None else ""


def clearance(leavers: Sequence[Leaver], school: str, made: datetime, words: Words) -> bytes:
    """A page for each: what is still out, to be ticked off, and the lines to sign on."""
    form: Form | None = None
    for leaver in leavers:
        said = words.school_class(leaver.school_class) if leaver.school_class else ""
        about = (" · ".join(part for part in (leaver.name, said) if part),)
        head = Head(school, words.label("paper.clearance"), about, made)
        if form is None:
            form = Form(head, words)
        else:
            form.begin(head)
        _leaver(form, leaver)
    return form.finish() if form is not None else b""


def _leaver(form: Form, leaver: Leaver) -> None:
    words = form.words
    form.y += 2
    if not leaver.debts:
        form.text(words.label("paper.owes_nothing"), 13)
    else:
        form.text(words.say(Message.of("paper.still_out", n=len(leaver.debts))), 11)
        columns = [
            Column(words.label("paper.no"), 8, align="right"),
            Column(words.label("paper.title"), 0, 1),
            Column(words.label("paper.copy_no"), 30),
            Column(words.label("paper.due"), 20, align="right"),
            Column(words.label("paper.handed_in"), 38, align="centre"),
        ]
        lines = [
            Line((str(n), debt.title, debt.number, _due(debt, words), "")) for n, debt in enumerate(leaver.debts, 1)
        ]
        Table(form, columns, 9, 8, boxed=True).draw(lines)
        form.y += 4
        form.text(words.label("paper.clearance_note"), 9)
    form.signatures(
        tuple(words.label(f"paper.{who}") for who in ("librarian", "class_teacher", "parent")),
    )
