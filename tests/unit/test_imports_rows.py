"""Rows out of whole files, and the rejects file: what is bad goes there, and comes back mended."""

from __future__ import annotations

import csv
from contextlib import suppress
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.circulation.cells import guarded, unguarded
from kiosk.circulation.intake import Intake, ItemRow, LoanRow, PatronRow, Row
from kiosk.circulation.model import LOAN_DESK_POINT, ItemKind, SchoolClass
from kiosk.errors import ImportFileError
from kiosk.imports.rejects import RejectsWriter
from kiosk.imports.rows import Parsed, read_rows
from kiosk.imports.tables import read_table

REUSED_FOLDER = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(tmp_path: Path, what: Intake, text: str, mapping: dict[str, str] | None = None) -> list[Parsed]:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return list(read_rows(what, path, mapping))


def only(tmp_path: Path, what: Intake, text: str) -> Row | str:
    (parsed,) = read(tmp_path, what, text)
    return parsed.row or parsed.reason


def test_a_kazakh_class_list(tmp_path: Path) -> None:
    text = (
        "№41 мектеп-лицей\n5 «Ә» сынып оқушыларының тізімі\n\n"
        "№;Билет;Тегі;Аты;Әкесінің аты;Сынып;Санаты;Оқыту тілі;Жарамдылық мерзімі;Телефон;Мекенжайы;ЖСН\n"
        "1;000042;Әбдіқадыр;Өмір;Серікұлы;5 «Ә»;оқушы;қазақ;31.05.2027;+7 701 111 22 33;Абай к-сі, 5;140101500123\n"
    )
    assert only(tmp_path, Intake.PATRONS, text) == PatronRow(
        first_name="Өмір", last_name="Әбдіқадыр", patronymic="Серікұлы", card="000042", external_id="140101500123",
        school_class=SchoolClass(5, "Ә"), category="pupil", language="kk", expires=date(2027, 5, 31),
        phone="+7 701 111 22 33", address="Абай к-сі, 5",
    )  # fmt: skip


def test_a_russian_list_with_whole_names_and_no_cards(tmp_path: Path) -> None:
    assert only(tmp_path, Intake.PATRONS, "ФИО,Класс\nСидорова Анна Петровна,10 Б\n") == PatronRow(
        first_name="Анна", last_name="Сидорова", patronymic="Петровна", school_class=SchoolClass(10, "Б")
    )


def test_a_room_keeps_its_name_whole(tmp_path: Path) -> None:
    assert only(tmp_path, Intake.PATRONS, "Аты-жөні;Санаты\nФизика кабинеті;кабинет\n") == PatronRow(
        first_name="Физика кабинеті", category="room"
    )


def test_a_catalogue(tmp_path: Path) -> None:
    text = (
        "Штрих-код\tИнв. №\tАтауы\tАвторы\tБаспа\tЖылы\tISBN\tБет саны\tБағасы\tТілі\tӘОЖ\tББК\tСаласы\tТүрі\tСыныбы\t"
        "Пәні\tБөлім\tОрны\tСаны\n"
        "2000001\t12345\tАлгeбра\tӘбілқасымова А.\tМектеп\t2023\t978-601-00-0000-1\t240 б.\t1 500,50 ₸\tқазақ\t"
        "512\t22.1\tжаратылыстану\tоқулық\t7-сынып\tалгебра\t1-бөлім\tАбонемент, Сөре A-3\t1\n"
    )
    assert only(tmp_path, Intake.ITEMS, text) == ItemRow(
        title="Алгебра", barcode="2000001", inventory_no="12345", author="Әбілқасымова А.", publisher="Мектеп",
        year=2023, isbn="9786010000001", pages=240, price="1500.50", language="kk", udc="512", bbk="22.1",
        branch="жаратылыстану", kind=ItemKind.TEXTBOOK, grade=7, subject="алгебра", part="1-бөлім",
        service_point=LOAN_DESK_POINT, shelf="A-3",
    )  # fmt: skip


def test_what_a_list_does_not_say_stays_unsaid(tmp_path: Path) -> None:
    assert only(tmp_path, Intake.ITEMS, "title,count\nТағдыр,30\n") == ItemRow(title="Тағдыр", count=30)
    assert only(tmp_path, Intake.PATRONS, "first_name,card\nАсан,1\n") == PatronRow(first_name="Асан", card="1")


def test_loans_by_barcode_or_inventory_number(tmp_path: Path) -> None:
    text = "Билет;Штрих-код;Инв. №;Қайтару мерзімі;Берілген күні\n7;2000001;1;10.09.2026;01.09.2026\n7;;12345;;\n"
    assert [entry.row for entry in read(tmp_path, Intake.LOANS, text)] == [
        LoanRow("7", "2000001", date(2026, 9, 10), date(2026, 9, 1)),
        LoanRow("7", "12345"),
    ]


@pytest.mark.parametrize(
    ("what", "text", "says"),
    [
        (Intake.ITEMS, "title,year\n,1999\n", "title «»: missing"),
        (Intake.ITEMS, "title,year\n\u200b,1999\n", "title «»: missing"),
        (Intake.PATRONS, "last_name,first_name\nАхметов,\n", "first_name «»: missing"),
        (Intake.LOANS, "card,barcode\n,5\n", "card «»: missing"),
        (Intake.LOANS, "card,barcode\n5,\n", "barcode or inventory_no «»: missing"),
        (Intake.LOANS, "card,barcode,due,since\n5,6,2026-09-01,2026-09-02\n", "due «2026-09-01»: before"),
        (Intake.ITEMS, "title,barcode,count\nАбай,5,30\n", "count «30»: «5» is the number of one copy"),
        (Intake.ITEMS, "title,count\nАбай,көп\n", "count «көп»: not a number"),
        (Intake.ITEMS, "title;year\nАбай;1999;x\n", "3 cells under 2 headings"),
    ],
)
def test_a_bad_row_says_what_is_wrong_with_it(tmp_path: Path, what: Intake, text: str, says: str) -> None:
    (parsed,) = read(tmp_path, what, text)
    assert parsed.row is None and parsed.line == 2
    assert says in parsed.reason


def test_headings_repeated_on_every_page_are_no_rows(tmp_path: Path) -> None:
    parsed = read(tmp_path, Intake.ITEMS, "Атауы;Саны\nАбай;1\nАтауы;Саны\nТағдыр;2\n;\n")
    assert [entry.line for entry in parsed] == [2, 4]


def test_mapped_headings_tell_the_delimiter_too(tmp_path: Path) -> None:
    text = "Қалай аталады;Коды\nАбай, роман;7\n"
    (entry,) = read(tmp_path, Intake.ITEMS, text, {"Қалай аталады": "title", "Коды": "barcode"})
    assert entry.row == ItemRow(title="Абай, роман", barcode="7")


def test_rows_of_a_workbook_carry_the_numbers_of_the_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (["Кітаптар"], [], ["Атауы", "Штрих-код", "Жылы"], ["Абай", "000042", 1999], [None, 5, 2000]):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "list.xlsx")
    good, bad = read_rows(Intake.ITEMS, tmp_path / "list.xlsx")
    assert (good.line, good.row) == (4, ItemRow(title="Абай", barcode="000042", year=1999))
    assert (bad.line, bad.raw) == (5, {"Атауы": "", "Штрих-код": "5", "Жылы": "2000"})


def rejected(path: Path, entries: list[Parsed], headings: tuple[str, ...]) -> RejectsWriter:
    writer = RejectsWriter(path, headings)
    writer.add((entry.line, entry.raw, entry.reason) for entry in entries if entry.row is None)
    return writer


def test_a_mended_rejects_file_is_imported(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text("Атауы,Штрих-код,Жылы,Ескерту\nАбай,000042,жоқ,+7 701\nТағдыр,7,1999,\n", encoding="utf-8")
    rows = read_rows(Intake.ITEMS, source)
    path = tmp_path / "rejects.csv"
    assert rejected(path, list(rows), rows.headings).count == 1
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, row = csv.reader(file, delimiter=";")
    assert head == ["Атауы", "Штрих-код", "Жылы", "Ескерту", "line", "reason"]
    assert row[:5] == ["Абай", "'000042", "жоқ", "'+7 701", "2"]
    assert row[5].startswith("year «жоқ»: not a year")
    path.write_text(path.read_text(encoding="utf-8").replace("жоқ;", "1999;"), encoding="utf-8")
    (mended,) = read_rows(Intake.ITEMS, path)
    assert mended.row == ItemRow(title="Абай", barcode="000042", year=1999)
    assert mended.raw == {"Атауы": "Абай", "Штрих-код": "000042", "Жылы": "1999", "Ескерту": "+7 701"}


def test_a_rejects_file_is_started_anew_continued_or_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    first = RejectsWriter(path, ("a", "b"))
    assert not path.exists()
    first.add([(2, {"a": "1"}, "bad")])
    again = RejectsWriter(path, ("a", "b"), keep=True)
    again.add([(2, {"a": "1"}, "bad"), (3, {"a": "1", "b": "x\ny"}, "bad")])
    assert again.count == 1
    assert [cells[2] for _, cells in read_table(path)] == ["line", "2", "3"]
    RejectsWriter(path, ("a", "b"))
    assert not path.exists()
    path.write_text("My own notes\n", encoding="utf-8")
    with pytest.raises(ImportFileError, match="no rejects file"):
        RejectsWriter(path, ("a", "b"))
    assert path.read_text(encoding="utf-8") == "My own notes\n"


def test_half_a_row_left_by_a_power_cut_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    RejectsWriter(path, ("a", "b")).add([(2, {"a": "one"}, "bad"), (3, {"a": "two"}, "bad")])
    path.write_bytes(path.read_bytes()[:-6])
    RejectsWriter(path, ("a", "b"), keep=True).add([(3, {"a": "two"}, "bad")])
    assert [cells[0] for _, cells in read_table(path)] == ["a", "one", "two"]


@given(st.text() | st.from_regex(r"'{0,2}[=+@0-9\-./]{1,5}", fullmatch=True))
def test_a_guard_comes_off_again_and_nothing_can_be_run(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r")


@REUSED_FOLDER
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=3, max_size=3))
def test_any_cell_survives_the_rejects_file(tmp_path: Path, cells: list[str]) -> None:
    path = tmp_path / "rejects.csv"
    headings = ("title", "Ескерту", "year")
    raw = dict(zip(headings, cells, strict=True))
    RejectsWriter(path, headings).add([(2, raw, "bad")])
    clean = {name: cell.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n") for name, cell in raw.items()}
    kept = [clean] if any(cell.strip() for cell in clean.values()) else []
    assert [entry.raw for entry in read_rows(Intake.ITEMS, path)] == kept


@REUSED_FOLDER
@given(st.sampled_from(Intake), st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_as_a_file_are_rows_or_an_import_file_error(tmp_path: Path, what: Intake, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    try:
        assert all(entry.row or entry.reason for entry in read_rows(what, path))
    except ImportFileError as error:
        assert "\n" not in str(error)


@REUSED_FOLDER
@given(
    st.sampled_from(Intake),
    st.sampled_from(["utf-8", "utf-16", "kz1048"]),
    st.lists(st.binary(max_size=60), max_size=8).map(b"\n".join),
)
def test_any_bytes_below_good_headings_are_rows_or_an_import_file_error(
    tmp_path: Path, what: Intake, coding: str, data: bytes
) -> None:
    path = tmp_path / "x"
    path.write_bytes("Билет;Аты;Атауы;Штрих-код;Класс;due\n".encode(coding) + data)
    mapping = {"Аты": "-"} if what is Intake.ITEMS else None
    with suppress(ImportFileError):
        assert all(entry.row or entry.reason for entry in read_rows(what, path, mapping))


def workbook_bytes(tmp_path: Path) -> bytes:
    book = openpyxl.Workbook()
    for cells in (["Атауы", "Штрих-код", "Жылы"], ["Абай", "000042", 1999], ["Тағдыр", "7", date(2026, 9, 1)]):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "good.xlsx")
    return (tmp_path / "good.xlsx").read_bytes()


@settings(REUSED_FOLDER, max_examples=150)
@given(data=st.data())
def test_a_damaged_workbook_is_rows_or_an_import_file_error(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "good.xlsx"
    good = path.read_bytes() if path.exists() else workbook_bytes(tmp_path)
    at = data.draw(st.integers(0, len(good) - 1))
    junk = data.draw(st.binary(min_size=1, max_size=8))
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(good[:at] + junk + good[at + data.draw(st.integers(0, 8)) :])
    with suppress(ImportFileError):
        assert all(entry.row or entry.reason for entry in read_rows(Intake.ITEMS, bad))
