"""Tables out of CSV and XLSX: every coding and delimiter round-trips; what people's files do wrong is survived."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from kiosk.errors import ImportFileError
from kiosk.imports.tables import read_table

HEADINGS = ["Билет", "Тегі", "Аты", "Сынып"]
CODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "kz1048"]
RUSSIAN = st.text("абвгдежзиклмнопрстуфхцчшщыэюяАБВ 0123456789;,\t\"'\n«»№-", max_size=20)
KAZAKH = st.text("аәбғқңөұүһіёАӘҒҚҢӨҰҮІ 0123456789;,\t\"'\n«»-", max_size=20)
REUSED_FOLDER = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows_of(path: Path, data: bytes) -> list[list[str]]:
    path.write_bytes(data)
    return [cells for _, cells in read_table(path, HEADINGS.__contains__)]


def as_csv(table: list[list[str]], delimiter: str, coding: str, line_end: str = "\r\n") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows(table)
    return text.getvalue().encode(coding)


def filled(table: list[list[str]]) -> list[list[str]]:
    return [row for row in table if any(cell.strip() for cell in row)]


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@REUSED_FOLDER
@given(data=st.data(), line_end=st.sampled_from(["\n", "\r\n"]))
def test_every_coding_and_delimiter_round_trips(
    tmp_path: Path, coding: str, delimiter: str, data: st.DataObject, line_end: str
) -> None:
    cell = RUSSIAN if coding == "cp1251" else KAZAKH
    body = data.draw(st.lists(st.lists(cell, min_size=4, max_size=4), max_size=6))
    headings = ["Карта", "Фамилия", "Имя", "Класс"] if coding == "cp1251" else HEADINGS
    table = [headings, *body]
    path = tmp_path / "list.csv"
    path.write_bytes(as_csv(table, delimiter, coding, line_end))
    assert [cells for _, cells in read_table(path, headings.__contains__)] == filled(table)


def test_the_delimiter_is_found_without_knowing_a_heading(tmp_path: Path) -> None:
    table = [["A1", "B1", "C1"], ["Абай жолы, 1-кітап", "1500,50", "a;b"], ["Ұшқан ұя, повесть", "900,00", "c"]]
    path = tmp_path / "x"
    for delimiter in ",;\t":
        path.write_bytes(as_csv(table, delimiter, "utf-8"))
        assert [cells for _, cells in read_table(path)] == table


def test_a_table_of_one_column_is_not_cut_at_its_commas(tmp_path: Path) -> None:
    table = [["Атауы"], ["Қозы Көрпеш, Баян сұлу"], ["Тағдыр"], ["Абай жолы"]]
    assert rows_of(tmp_path / "x", "\n".join(row[0] for row in table).encode()) == table


def test_excels_own_first_line_is_obeyed_and_left_out(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "x", b"sep=;\r\na;b,c\r\n1;2,3\r\n") == [["a", "b,c"], ["1", "2,3"]]


def test_line_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text('a;b\n\n1;"two\nlines"\n3;4\n', encoding="utf-8")
    assert [line for line, _ in read_table(path)] == [1, 3, 5]


def test_an_opening_quote_that_is_never_closed_is_a_letter(tmp_path: Path) -> None:
    text = 'Атауы;Саны\n"Абай жолы;1\nТағдыр;2\nҰшқан ұя;3\n'
    assert rows_of(tmp_path / "x", text.encode()) == [
        ["Атауы", "Саны"], ['"Абай жолы', "1"], ["Тағдыр", "2"], ["Ұшқан ұя", "3"],
    ]  # fmt: skip


def test_two_stray_quotes_do_not_swallow_the_rows_between_them(tmp_path: Path) -> None:
    text = 'Атауы;Саны\n"Абай жолы;1\nТағдыр;2\n"Ұшқан" ұя;3\n'
    assert [row[1] for row in rows_of(tmp_path / "x", text.encode())] == ["Саны", "1", "2", "3"]


def test_eight_bit_kazakh_is_read_with_its_kazakh_letters(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "x", "Тегі;Аты\nӘбдіқадыр;Өмір\n".encode("kz1048"))[1] == ["Әбдіқадыр", "Өмір"]


def test_a_letter_that_comes_late_decides_the_coding(tmp_path: Path) -> None:
    data = b"card;name\n" + b"1;a\n" * 50_000 + "2;Я\n".encode("cp1251")
    assert rows_of(tmp_path / "x", data)[-1] == ["2", "Я"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"a;b\n1;\x002\n", "NUL"),
        (b"\xff\xfea\x00;\x00b\x00\n", "cannot be read"),
        (b"a;b\n\x98;\xff\n", "cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old or a protected Excel"),
        (b"%PDF-1.4", "PDF"),
        (b"PK\x03\x04garbage", "cannot be read"),
        (b"a," * 70 + b"b", "columns"),
        (b'a,"' + b"x" * 10_001 + b'"', "10,000 characters"),
        (b"a" * 1_000_001, "longer than"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(ImportFileError, match=says) as refused:
        rows_of(tmp_path / "list.csv", data)
    assert "list.csv" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(ImportFileError):
            read_table(path)


def test_reading_costs_the_same_memory_however_long_the_file(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "long.csv"
    path.write_text("Атауы;Авторы\n" + "Абай жолы;М. Әуезов\n" * 60_000, encoding="utf-8")
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_table(path)) == 60_001
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_how_much_was_read_grows_to_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("a;b\n" * 50_000, encoding="utf-8")
    table = read_table(path)
    shares = [table.share for _ in table]
    assert shares == sorted(shares) and 0 < shares[0] < 0.5
    assert table.share == 1.0


def workbook(path: Path, *sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_gives_what_is_seen_in_its_cells(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "any name.csv",
        [
            ["Штрих-код", "Саны", "Бағасы", "Күні", "Сағаты", "Иә"],
            ["000042", 5, 1500.5, date(2026, 9, 1), datetime(2026, 9, 1, 8, 30), True],
            [None, None, None],
            [200000012345, 0.1 + 0.2, -3, "01.09.2026", "_x000D_", "  "],
        ],
    )
    assert list(read_table(path)) == [
        (1, ["Штрих-код", "Саны", "Бағасы", "Күні", "Сағаты", "Иә"]),
        (2, ["000042", "5", "1500.5", "2026-09-01", "2026-09-01T08:30:00", "1"]),
        (4, ["200000012345", "0.3", "-3", "01.09.2026", "\r", "  "]),
    ]


def test_a_number_shown_with_leading_zeros_keeps_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["B1"] = 42, 45000
    sheet["A1"].number_format = "000000"
    sheet["B1"].number_format = "dd\\.mm\\.yyyy;@"
    book.save(tmp_path / "x.xlsx")
    assert list(read_table(tmp_path / "x.xlsx")) == [(1, ["000042", "2023-03-15"])]


def test_a_formula_is_not_run(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", [["Атауы", "Саны"], ["Абай", "=1+1"]])
    assert list(read_table(path))[1] == (2, ["Абай"])


def test_dates_count_from_1904_if_the_workbook_says_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.worksheets[0].append([date(2026, 9, 1)])
    book.save(tmp_path / "x.xlsx")
    assert list(read_table(tmp_path / "x.xlsx")) == [(1, ["2026-09-01"])]


def test_several_filled_sheets_are_refused_unless_hidden(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", [["Тегі"], ["Ахметов"]], [], [["Тегі"], ["Оспанов"]])
    with pytest.raises(ImportFileError, match="2 sheets are filled"):
        list(read_table(path))
    book = openpyxl.load_workbook(path)
    book.worksheets[2].sheet_state = "hidden"
    book.save(path)
    assert list(read_table(path)) == [(1, ["Тегі"]), (2, ["Ахметов"])]


@REUSED_FOLDER
@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff_="),
                max_size=20,
            ),
            min_size=1,
            max_size=5,
        ),
        max_size=5,
    )
)
def test_text_round_trips_through_a_workbook(tmp_path: Path, table: list[list[str]]) -> None:
    path = workbook(tmp_path / "x.xlsx", [list(row) for row in table])

    def trimmed(row: list[str]) -> list[str]:
        while row and not row[-1]:
            row = row[:-1]
        return row

    assert [cells for _, cells in read_table(path)] == [trimmed(row) for row in filled(table)]
