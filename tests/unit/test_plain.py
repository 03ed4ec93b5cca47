"""The staff's screens as plain text: figures, tiles of a set, the picture of a class, two letters for a subject."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.model import SchoolClass, Title
from kiosk.circulation.views import (
    Cell,
    CellState,
    Figure,
    Matrix,
    MatrixLine,
    Message,
    PatronFace,
    Row,
    RowState,
    View,
)
from kiosk.plain import CELL_MARKS, describe, numbered
from kiosk.showcase import views
from kiosk.subject_heads import parse_heads, subject_heads
from kiosk.text import Words

GIVEN, LACKING = CellState.GIVEN, CellState.LACKING
KAUSAR = PatronFace("p", "Кәусар У.", SchoolClass(7, "А"), 9)


def described(view: View) -> list[str]:
    return describe(view, Words(view.language, strict=True))


def test_the_home_of_staff_shows_its_figures() -> None:
    figures = (Figure("stat.visits", 57), Figure("stat.loans", 121))
    assert described(View("staff_home", "kk", prompt=Message.of("lib.title"), figures=figures, actions=("back",))) == [
        "Кітапханашы режимі",
        "Келушілер саны: 57 · Кітап берілімі: 121",
        "[back: Артқа]",
    ]


def test_a_pupils_set_is_a_numbered_list_after_the_rows_and_says_how_much_is_done() -> None:
    cells = (
        Cell("a", "Алгебра", GIVEN, Title("t", 1, "Алгебра 7"), actions=("undo",)),
        Cell("b", "География", LACKING, note=Message.of("tb.wrong_edition", year=2019)),
    )
    row = Row("r", "", RowState.CHOICE, note=Message.of("cond.torn"), actions=("choose",))
    view = View("tb_pupil", "kk", rows=(row,), cells=cells, patron=KAUSAR, progress=(7, 12))
    assert described(view) == [
        "Кәусар У. · 7 «А» · 7/12",
        "1. Жыртылған [choose: Таңдау]",
        "2. Алгебра — Берілді · Алгебра 7 [undo: Болдырмау]",
        "3. География — Берілмеді · Басылым жылы басқа: 2019",
    ]
    assert numbered(view) == ("r", "a", "b")


def a_class(*lines: MatrixLine, at: str = "") -> View:
    matrix = Matrix(("Алгебра", "Қазақ тілі", "География"), lines, at)
    return View("tb_class", "kk", heading="7 «А»", progress=(3, 6), matrix=matrix, actions=("back",))


def test_a_class_is_a_mark_for_each_pupil_and_subject() -> None:
    view = a_class(
        MatrixLine("1", "Абай Н.", (GIVEN, GIVEN, CellState.CHECK), actions=("open",)),
        MatrixLine("2", "Дәулет І.", (), Message.of("tb.absent"), ("open",)),
        MatrixLine("3", "Кәусар У.", (GIVEN, LACKING, LACKING), actions=("open",)),
        at="3",
    )
    assert described(view) == [
        "7 «А» · 3/6",
        "              Ал Қт Гг",
        "1.  Абай Н.   +  +  !",
        "2.  Дәулет І. Келмеді",
        "3. >Кәусар У. +  .  .",
        "+ Берілді · . Берілмеді · ! Тексеру",
        "Ал Алгебра · Қт Қазақ тілі · Гг География",
        "1–3: [open: Ашу]",
        "[back: Артқа]",
    ]


def test_what_only_some_lines_can_do_stands_under_them() -> None:
    view = a_class(MatrixLine("1", "Абай", (GIVEN,) * 3, actions=("undo",)), MatrixLine("2", "Ая", (LACKING,) * 3))
    assert described(view)[2:5] == ["1.  Абай +  +  +", "    [undo: Болдырмау]", "2.  Ая   .  .  ."]


def test_every_state_of_a_cell_has_a_mark_of_its_own() -> None:
    assert len({CELL_MARKS[state] for state in CellState}) == len(CellState)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=60), st.text(max_size=200))
def test_no_class_is_too_wide_for_a_terminal(subjects: list[str], name: str) -> None:
    lines = (
        MatrixLine("1", name, (CellState.BACK,) * len(subjects), actions=("undo",)),
        MatrixLine("2", name, (), Message.of("tb.set_complete")),
    )
    shown = described(View("tb_class", "ru", heading=name, matrix=Matrix(tuple(subjects), lines), actions=("back",)))
    assert all(len(line) <= 80 and line.isprintable() for line in shown)
    assert sum(line.count("<") for line in shown) >= len(subjects)


@pytest.mark.parametrize("language", ("kk", "ru", "en"))
@pytest.mark.parametrize("state", views())
def test_every_view_that_is_shown_has_all_its_words(state: str, language: str) -> None:
    lines = described(replace(views()[state], language=language))
    assert all(len(line) <= 80 and line.isprintable() for line in lines)


# Two letters for a subject


def test_schools_own_letters_come_first() -> None:
    subjects = (
        "Алгебра", "Геометрия", "Қазақ тілі", "Қазақ әдебиеті", "Орыс тілі", "Ағылшын тілі", "Қазақстан тарихы",
        "География", "Биология", "Физика", "Химия", "Информатика",
    )  # fmt: skip
    heads = ("Ал", "Ге", "Қт", "Қә", "От", "Ағ", "Тр", "Гг", "Би", "Фи", "Хи", "Ин")
    assert Words("kk").heads(subjects) == heads
    assert Words("en").heads(subjects) == heads, "a class is taught in another language than staff read"


@pytest.mark.parametrize(
    ("subjects", "heads"),
    [
        (("Физика", "Физкультура"), ("Фи", "Фз")),
        (("Химия", "Хор"), ("Хи", "Хо")),
        (("Орыс тілі", "Орыс тарихы"), ("От", "Ор")),
        (("Алгебра", "Алгебра"), ("Ал", "Ал")),
        (("А",), ("А1",)),
        (("",), ("?1",)),
    ],
)
def test_a_subject_that_nobody_named_gets_its_first_letters_that_are_free(
    subjects: tuple[str, ...], heads: tuple[str, ...]
) -> None:
    assert subject_heads(subjects, {}) == heads


def test_a_subject_with_letters_of_its_own_keeps_them_also_if_it_comes_last() -> None:
    assert subject_heads(("Химик", "Химия"), parse_heads("Химия Хи; Тарих Та")) == ("Хм", "Хи")


@given(st.lists(st.text(max_size=20), max_size=80))
def test_no_two_subjects_have_the_same_letters(subjects: list[str]) -> None:
    heads = subject_heads(subjects, {"a": "Ab"})
    assert len(set(heads)) == len(set(subjects))
