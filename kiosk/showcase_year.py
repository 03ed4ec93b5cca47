"""Views of the rest of a librarian's year: sets, care check, clearance. `showcase.views` has them with the others."""

from __future__ import annotations

from datetime import date

from kiosk.circulation.model import SchoolClass
from kiosk.circulation.views import Cell, CellState, Message, PatronFace, Row, RowState, View
from kiosk.showcase_staff import KAUSAR, NAMES, SUBJECTS

_NEXT = ("back", "add_subject")
_LEAVER = PatronFace("p2", "Тимур В.", SchoolClass(11, "А"))


def year_views() -> dict[str, View]:
    """Every state by its name, in Kazakh."""
    return {
        "sets": View(
            "sets",
            "kk",
            rows=(
                _set("5 «А», «Ә»", 14),
                _set("6 · қазақша", 14),
                _set("7 · қазақша", 12),
                _set("8 · орысша", 0),
                _set("9 · қазақша", 15),
            ),
            actions=("back", "copy_sets"),
            heading="2026–2027",
        ),
        "set": View(
            "set",
            "kk",
            rows=tuple(
                Row(str(at), subject, RowState.CHOICE, actions=("remove",), note=_EDITION if at % 3 == 0 else None)
                for at, subject in enumerate(SUBJECTS)
            ),
            actions=_NEXT,
            heading="7 · қазақша · 2026",
        ),
        "care-names": View(
            "staff_names",
            "kk",
            prompt=Message.of("tb.raid"),
            rows=tuple(
                Row(f"p{at}", name, RowState.CHOSEN if at < 4 else RowState.CHOICE, actions=("choose",))
                for at, name in enumerate(NAMES[:20])
            ),
            actions=("back",),
            heading="7 «А»",
            progress=(4, 20),
        ),
        "care-pupil": View(
            "care_pupil",
            "kk",
            prompt=Message.of("care.how"),
            actions=("back",),
            patron=KAUSAR,
            cells=tuple(
                Cell(one, one, CellState.GIVEN if one == "5" else CellState.LACKING, actions=("choose",))
                for one in ("1", "2", "3", "4", "5")
            ),
        ),
        "clearance": View(
            "clearance",
            "kk",
            prompt=Message.of("tb.leaver"),
            rows=(
                Row("l1", "Физика, 11-сынып", RowState.ON_LOAN, due=date(2027, 5, 25), actions=("open",)),
                Row("l2", "Информатика, 11-сынып", RowState.ON_LOAN, due=date(2027, 5, 25), actions=("hand_in",)),
                Row("l3", "Абай жолы", RowState.OVERDUE, due=date(2027, 5, 4), actions=("open",)),
            ),
            actions=("back", "print_sheet"),
            patron=_LEAVER,
            progress=(12, 15),
        ),
    }


_EDITION = Message.of("tb.edition", year=2023)


def _set(text: str, lines: int) -> Row:
    state = RowState.CHOSEN if lines else RowState.CHOICE
    return Row(text, text, state, actions=("open",), note=Message.of("tb.lines", n=lines))
