"""Textbook sets in files: in any order, in three languages, all faults told at once, out and in again."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.model import SetLine, TextbookSet
from kiosk.errors import ImportFileError
from kiosk.imports.set_files import SetFileError, read_sets, write_sets


def written(folder: Path, text: str) -> Path:
    path = folder / "sets.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_headings_in_kazakh_in_any_order_under_a_title(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "2026-2027 оқу жылының оқулықтары;;;;;\n"
        "Пәні;Сынып;Оқыту тілі;Басылым жылы;Топ;Жартыжылдық\n"
        "Алгебра;7;қазақ;2023;;\n"
        "Көркем еңбек;7;қазақ;;ұлдар;\n"
        "Химия;7 «Ә»;қазақ;;;2\n",
    )
    assert read_sets(file, 2026) == (
        TextbookSet(2026, 7, "kk", "", (SetLine("Алгебра", edition=2023), SetLine("Көркем еңбек", group="boys"))),
        TextbookSet(2026, 7, "kk", "Ә", (SetLine("Химия", term=2),)),
    )


def test_headings_in_russian_and_a_span_of_grades(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "Класс;Литера;Язык обучения;Предмет;Часть;Год издания;Подгруппа;Полугодие\n"
        "5-6;;русский;Математика;часть 1;;;I\n"
        "10;А;русский;Физика;;2024 г.;ЕМН;\n"
        "7;;русский;Английский язык;;;1;\n",
    )
    assert [(one.grade, one.letter, one.lines) for one in read_sets(file, 2026)] == [
        (5, "", (SetLine("Математика", "1"),)),
        (6, "", (SetLine("Математика", "1"),)),
        (10, "А", (SetLine("Физика", edition=2024, group="natural"),)),
        (7, "", (SetLine("Английский язык", group="english-1"),)),
    ]


def test_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("grade", "language", "subject", "edition"), (7, "kk", "Алгебра", 2023)):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "sets.xlsx")
    assert read_sets(tmp_path / "sets.xlsx", 2026) == (
        TextbookSet(2026, 7, "kk", "", (SetLine("Алгебра", edition=2023),)),
    )


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "grade;language;subject;part;edition;term\n"
        "12;kk;Алгебра;;;\n7;эльфий;Алгебра;;;\n7;kk;;;;\n7;kk;Алгебра;екі;;\n7;kk;Химия;;жаңа;\n7;kk;Физика;;;3\n"
        "7;kk;Биология;;;\n7;kk;биология;;;\n7;;Музыка;;;\n;kk;Музыка;;;\n",
    )
    with pytest.raises(SetFileError) as caught:
        read_sets(file, 2026)
    told = caught.value.problems
    assert [problem.split(":")[0] for problem in told] == [f"line {line}" for line in (2, 3, 4, 5, 6, 7, 9, 10, 11)]
    assert "line 8" in told[6]


@pytest.mark.parametrize("text", ["grade;subject\n7;Алгебра\n", "name;card\nА;1\n", "grade;language;subject\n"])
def test_a_file_that_is_no_list_of_sets_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SetFileError):
        read_sets(written(tmp_path, text), 2026)


def test_a_foreign_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "sets.csv"
    path.write_bytes(b"%PDF-1.4 ...")
    with pytest.raises(ImportFileError, match="PDF"):
        read_sets(path, 2026)


def test_more_rows_than_a_school_has_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"7;kk;Пән {n}\n" for n in range(20_005))
    with pytest.raises(SetFileError, match="more than 20000 rows"):
        read_sets(written(tmp_path, "grade;language;subject\n" + rows), 2026)


subjects = st.sampled_from(["Алгебра", "=Қазақ тілі", "Көркем еңбек", "@Физика", "Дүниежүзі тарихы"])
lines = st.builds(
    SetLine, subjects, st.sampled_from(["", "1", "2"]), st.none() | st.integers(1990, 2030),
    st.sampled_from(["", "boys", "girls", "english-1", "natural"]), st.sampled_from([1, 2]),
)  # fmt: skip
unique = st.lists(lines, min_size=1, max_size=8, unique_by=lambda one: (one.subject, one.part, one.group, one.term))
found = st.lists(
    st.builds(
        TextbookSet, st.just(2026), st.integers(0, 11), st.sampled_from(["kk", "ru"]), st.sampled_from(["", "А", "Ә"]),
        unique.map(tuple),
    ),
    min_size=1, max_size=4, unique_by=lambda one: (one.grade, one.language, one.letter),
)  # fmt: skip


@given(found)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, sets: list[TextbookSet]) -> None:
    path = tmp_path_factory.mktemp("sets") / "sets.csv"
    path.write_text(write_sets(sets), encoding="utf-8")
    assert read_sets(path, 2026) == tuple(sets)
