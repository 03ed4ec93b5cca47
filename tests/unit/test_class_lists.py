"""Class lists are read as a person would read them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.lists.rows import ClassList, ListedClass, RowFault
from kiosk.circulation.model import SchoolClass
from kiosk.errors import FileFault, ImportFileError
from kiosk.imports.class_lists import read_class_list
from kiosk.imports.iin import is_iin
from tests.list_fixture import Table, iin, plain, text, workbook

FIVE_AE, FIVE_A = SchoolClass(5, "Ә"), SchoolClass(5, "А")


def names(found: ClassList) -> list[tuple[str, str, str]]:
    return [(row.name.last, row.name.first, row.name.patronymic) for row in found.rows]


def in_class(found: ClassList) -> dict[SchoolClass, int]:
    return {one.school_class: sum(row.school_class == one.school_class for row in found.rows) for one in found.classes}


def test_a_list_with_a_merged_title_numbers_iins_and_a_footer(tmp_path: Path) -> None:
    rows: Table = [
        ("Тізім 5 «Ә» сынып 2026-2027",),
        (),
        ("№", "ЖСН", "Оқушының аты-жөні", "Туған күні", "Жынысы", "Ағылшын тобы"),
        (1, iin(), "СЕРІКОВА АЙГҮЛ ҚАНАТҚЫЗЫ", date(2015, 3, 12), "қыз", "1-топ"),
        (2, iin(serial="50034"), "Axмeтов Али", "31.02.2015", "ұл", "2"),
        (),
        ("Барлығы: 2 оқушы",),
        ("Сынып жетекшісі: ____________ Ахметова Г.С.",),
    ]
    found = read_class_list(workbook(tmp_path / "list.xlsx", {"Лист1": rows}, ["A1:F1"]))
    assert found.year == 2026
    assert names(found) == [("Серікова", "Айгүл", "Қанатқызы"), ("Ахметов", "Али", "")]
    assert found.classes == (ListedClass(FIVE_AE, "", "Ахметова Г.С."),)
    assert [dict(row.groups) for row in found.rows] == [
        {"sex": "girls", "english": "english-1"},
        {"sex": "boys", "english": "english-2"},
    ]
    assert found.faults == () and iin() not in repr(found)
    assert {guess.heading: guess.column for guess in found.guesses}["ЖСН"] == "iin"


def test_a_sheet_for_each_class_named_in_many_ways(tmp_path: Path) -> None:
    table: Table = [("Фамилия", "Имя", "Отчество"), ("Иванов", "Иван", "Иванович"), ("Петрова", "Анна", "")]
    sheets = {'5 "ә"': table, "5-A": table, "10 Б класс": table, "Мазмұны": [("Барлық сыныптар",)]}
    found = read_class_list(workbook(tmp_path / "all.xlsx", sheets))
    assert in_class(found) == {FIVE_A: 2, FIVE_AE: 2, SchoolClass(10, "Б"): 2}
    assert found.empty == ("Мазмұны",)
    assert [row.place.id for row in found.rows][:2] == ['5 "ә":2', '5 "ә":3']


def test_headings_in_any_order_with_look_alikes_and_the_class_in_a_column(tmp_path: Path) -> None:
    rows = [
        ("Cынып", "Туған жылы", "Әкeсінің аты", "Аты", "Тегi", "Оқыту тілі"),
        ("5А", "2015", "Серікұлы", "Дәулет", "Оспанов", "қазақ"),
        ("", "2015", "", "Мира", "Ким", "қазақша"),
        ("5 Ә", "2014", "", "Артём", "Цой", "русский"),
    ]
    found = read_class_list(text(tmp_path / "list.csv", rows))
    assert names(found) == [("Оспанов", "Дәулет", "Серікұлы"), ("Ким", "Мира", ""), ("Цой", "Артём", "")]
    assert in_class(found) == {FIVE_A: 2, FIVE_AE: 1}  # a class written once, over merged cells, goes down the column
    assert [one.language for one in found.classes] == ["kk", "ru"]


def test_two_rows_of_headings_and_a_name_heading_over_three_columns(tmp_path: Path) -> None:
    parted: Table = [
        ("7 «Б» сыныбы",),
        ("№", "Аты-жөні", "", "", "Пол"),
        ("", "Тегі", "Аты", "Әкесінің аты", ""),
        (1, 2, 3, 4, 5),
        (1, "Оспанов", "Дәулет", "Серікұлы", "м"),
    ]
    merged: Table = [("№", "ФИО", "", "", "Класс"), (1, "Ким", "Мира", "Олеговна", "7Б"), (2, "Цой", "Лев", "", "7Б")]
    for number, rows in enumerate((parted, merged)):
        found = read_class_list(workbook(tmp_path / f"{number}.xlsx", {"Sheet": rows}))
        assert in_class(found) == {SchoolClass(7, "Б"): len(found.rows)} and found.faults == ()
    assert names(found) == [("Ким", "Мира", "Олеговна"), ("Цой", "Лев", "")]


def test_several_tables_in_one_sheet(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = []
    for label, teacher in (("1 «А»", "Иванова А."), ("1 «Ә»", "Серікова Б."), ("2 «А»", "Ким В.")):
        rows += [(f"Список {label} класса",), ("№", "ФИО"), (1, "Оспанов Али"), (2, "Ким Мира")]
        rows += [(f"Классный руководитель: {teacher}",), ("", "Директор Ахметов А.Б."), ()]
    found = read_class_list(workbook(tmp_path / "one.xlsx", {"Все": rows}))
    assert in_class(found) == {SchoolClass(1, "А"): 2, SchoolClass(1, "Ә"): 2, SchoolClass(2, "А"): 2}
    assert [one.teacher for one in found.classes] == ["Иванова А.", "Серікова Б.", "Ким В."]


def test_a_table_without_headings_is_guessed_from_what_stands_in_it(tmp_path: Path) -> None:
    rows = [
        ("1", iin(), "Оспанов Дәулет Серікұлы", "12.03.2015", "ұл", "5Ә"),
        ("2", iin(serial="50034"), "Ким Мира", "01.09.2014", "қыз", "5Ә"),
    ]
    found = read_class_list(text(tmp_path / "bare.csv", rows, "\t"))
    assert names(found) == [("Оспанов", "Дәулет", "Серікұлы"), ("Ким", "Мира", "")]
    assert [row.groups for row in found.rows] == [(("sex", "boys"),), (("sex", "girls"),)]
    assert in_class(found) == {FIVE_AE: 2}


def test_the_name_of_the_file_names_the_class_and_the_user_a_column(tmp_path: Path) -> None:
    path = text(tmp_path / "5Ә.csv", [("Кто", "Разное"), ("Ким Мира", "1")])
    assert in_class(read_class_list(path, {"Кто": "full_name", "Разное": "-"})) == {FIVE_AE: 1}
    with pytest.raises(ImportFileError, match="has no column 'shoe'"):
        read_class_list(path, {"Кто": "shoe"})


def test_grade_and_letter_in_two_columns_and_profiles(tmp_path: Path) -> None:
    rows = [("ФИО", "Параллель", "Литера", "Бағыты"), ("Ким Мира", 10, "ә", "ЖМБ"), ("Цой Лев", 11, "A", "ОГН")]
    found = read_class_list(workbook(tmp_path / "high.xlsx", {"1": rows}))
    assert in_class(found) == {SchoolClass(10, "Ә"): 1, SchoolClass(11, "А"): 1}
    assert [dict(row.groups)["profile"] for row in found.rows] == ["natural", "humanities"]


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "kz1048", "utf-16"])
def test_codings_of_texts(tmp_path: Path, coding: str) -> None:
    found = read_class_list(text(tmp_path / "list.csv", plain([("Серікова Айгүл", "5Ә")]), coding=coding))
    assert names(found) == [("Серікова", "Айгүл", "")]


def test_rows_that_are_no_pupils_are_named_by_their_place_only(tmp_path: Path) -> None:
    rows = [
        ("Серікова Айгүл", "5Ә"),
        ("=cmd|' /C calc'!A0", "5Ә"),
        (f"Ахметов Али {iin()}", "5Ә"),
        ("Ким Мира", "бесінші"),
        ("Цой Лев", ""),
    ]
    found = read_class_list(text(tmp_path / "list.csv", plain(rows)))
    assert [(place.line, why) for place, why in found.faults] == [
        (3, RowFault.NOT_A_NAME),
        (4, RowFault.NOT_A_NAME),
        (5, RowFault.BAD_CLASS),
    ]
    assert len(found.rows) == 2 and iin() not in repr(found) and "cmd" not in repr(found)


def test_an_iin_is_kept_in_no_column(tmp_path: Path) -> None:
    rows = [("ФИО", "Сынып", "Карта", "ID", "Жеке нөмірі"), ("Ким Мира", "5Ә", iin(), iin(), iin())]
    found = read_class_list(workbook(tmp_path / "list.xlsx", {"1": rows}))
    assert len(found.rows) == 1 and iin() not in repr(found)
    assert is_iin(iin()) and not is_iin("123456789012") and not is_iin("000000000000")


def fault(path: Path) -> FileFault:
    with pytest.raises(ImportFileError) as caught:
        read_class_list(path)
    assert path.name in str(caught.value)
    return caught.value.fault


def test_what_is_no_class_list_says_so(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    for content, expected in (
        (b"", FileFault.EMPTY),
        (b"\xef\xbb\xbf \r\n", FileFault.EMPTY),
        (b"\x89PNG\r\n\x1a\n" + bytes(2000), FileFault.NO_TABLE),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9, FileFault.NO_TABLE),
        (b"PK\x03\x04" + b"x" * 500, FileFault.DAMAGED),
        (b"\xd0\xcf\x11\xe0" + bytes(600), FileFault.NO_TABLE),
        ("Күнделік туралы әңгіме. Бір екі үш.\nТағы бір жол.".encode(), FileFault.NO_NAMES),
        ("ФИО;Класс\n".encode(), FileFault.NO_NAMES),
    ):
        path.write_bytes(content)
        assert fault(path) is expected
    assert fault(tmp_path / "absent.csv") is FileFault.UNREADABLE


@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=8))
def test_any_table_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_text("\n".join(";".join(row) for row in rows), "utf-8", "replace")
    try:
        found = read_class_list(path)
    except ImportFileError:
        return
    assert all(row.name.first for row in found.rows)
