"""Headings: the usual ones in three languages, the user's mapping, and what is said when they do not suffice."""

from __future__ import annotations

import pytest

from kiosk.circulation.intake import Intake
from kiosk.errors import ImportFileError
from kiosk.imports.headings import COLUMNS, Headings, column_of, find_headings

PATRONS = {
    "card": "Билет; Билет нөмірі; № билета; Оқырман билеті; Читательский билет; card",
    "last_name": "Тегі; Фамилия; last_name; Last name",
    "first_name": "Аты; Имя; first_name",
    "patronymic": "Әкесінің аты; Отчество",
    "full_name": "Аты-жөні; ФИО; Ф.И.О.; Фамилия, имя, отчество",
    "class": "Сынып; Сыныбы; Класс",
    "category": "Санаты; Категория",
    "language": "Оқыту тілі; Язык обучения; Тілі",
    "expires": "Жарамдылық мерзімі; Срок действия",
    "phone": "Телефон; Байланыс нөмірі",
    "address": "Мекенжайы; Мекен-жайы; Адрес",
    "external_id": "ЖСН; ИИН; ЖСН (ИИН); ЖСН/ИИН",
}
ITEMS = {
    "barcode": "Штрих-код; Штрихкод; ШТРИХ КОД",
    "inventory_no": "Инвентарлық нөмір; Инв. №; Инвентарный номер",
    "title": "Атауы; Название; Заглавие",
    "author": "Авторы; Автор",
    "publisher": "Баспа; Издательство",
    "year": "Жылы; Год; Год издания",
    "isbn": "ISBN; isbn",
    "pages": "Бет саны; Количество страниц",
    "price": "Бағасы; Цена; Бағасы (теңге)",
    "language": "Тілі; Язык",
    "udc": "ӘОЖ; ОӘЖ; УДК; ӘОЖ/ОӘЖ/УДК",
    "bbk": "ББК; КБЖ; ББК/КБЖ",
    "branch": "Бөлімі; Саласы; Бөлімі/Саласы; Отрасль",
    "kind": "Түрі; Вид",
    "grade": "Сыныбы; Класс",
    "subject": "Пәні; Предмет",
    "part": "Бөлім; Часть; Бөлім/часть",
    "location": "Орны; Сөре; Место; Орны/Сөре/Место",
    "count": "Саны; Количество; Кол-во экз.",
}
LOANS = {
    "card": "Билет; № билета",
    "barcode": "Штрих-код; Штрихкод",
    "inventory_no": "Инв. №",
    "due": "Қайтару мерзімі; Срок возврата; due",
    "since": "Берілген күні; Дата выдачи; since",
}


@pytest.mark.parametrize(
    ("what", "column", "heading"),
    [
        (what, column, heading)
        for what, columns in ((Intake.PATRONS, PATRONS), (Intake.ITEMS, ITEMS), (Intake.LOANS, LOANS))
        for column, headings in columns.items()
        for heading in headings.split("; ")
    ],
)
def test_usual_headings_are_known(what: Intake, column: str, heading: str) -> None:
    assert column_of(what, heading) == column
    assert column_of(what, f" {heading.upper()}:* ") == column


def test_every_column_is_its_own_heading() -> None:
    for what, columns in COLUMNS.items():
        assert [column_of(what, column) for column in columns] == list(columns)


def test_headings_with_look_alikes_are_known() -> None:
    assert column_of(Intake.PATRONS, "Әкесiнiң aты") == "patronymic"


def find(what: Intake, *rows: list[str], mapping: dict[str, str] | None = None) -> Headings:
    return find_headings(what, list(enumerate(rows, 1)), mapping or {}, "list.csv")


def test_title_rows_above_the_headings_are_passed_over() -> None:
    found = find(Intake.PATRONS, ["№41 мектеп"], ["5 «Ә» сынып", "", "2026"], ["№", "Тегі", "Аты"], ["1", "А", "Б"])
    assert (found.line, found.columns) == (3, (None, "last_name", "first_name"))
    assert found.unused == ("№",)


def test_a_row_that_repeats_one_heading_is_not_the_heading_row() -> None:
    found = find(Intake.ITEMS, ["Атауы", "Саны", "Ескерту"], ["Саны", "Саны", "Саны"])
    assert found.line == 1


def test_the_own_columns_of_a_rejects_file_are_left_out_without_a_word() -> None:
    found = find(Intake.ITEMS, ["Атауы", "line", "reason"])
    assert found.columns == ("title", None, None)
    assert found.unused == ()


def test_a_mapping_goes_before_what_is_usual() -> None:
    found = find(Intake.ITEMS, ["Аты", "Кітап №", "Атауы"], mapping={"кітап №": "barcode", "Аты": "subject"})
    assert found.columns == ("subject", "barcode", "title")


def test_a_mapped_column_is_not_taken_twice() -> None:
    found = find(Intake.PATRONS, ["Билет", "ID карты", "Аты"], mapping={"ID карты": "card"})
    assert found.columns == (None, "card", "first_name")


def test_a_heading_can_be_left_out() -> None:
    found = find(Intake.PATRONS, ["Сынып", "Класс", "Аты"], mapping={"Класс": "-"})
    assert found.columns == ("class", None, "first_name")


@pytest.mark.parametrize(
    ("what", "headings", "mapping", "says"),
    [
        (Intake.PATRONS, ["Сынып", "Класс", "Аты"], {}, "«Сынып», «Класс» all mean the column class"),
        (Intake.ITEMS, ["Атауы", "Атауы"], {}, "all mean the column title"),
        (Intake.PATRONS, ["Тегі", "Сынып"], {}, "no column for first_name or full_name; .*«Тегі», «Сынып»"),
        (Intake.LOANS, ["Билет"], {}, "no column for barcode or inventory_no"),
        (Intake.LOANS, ["Штрих-код"], {}, "no column for card"),
        (Intake.ITEMS, ["foo", "bar"], {}, "no column for title; the headings found are: «foo», «bar»"),
        (Intake.ITEMS, ["Атауы"], {"Код": "barcode"}, "there is no heading 'Код'"),
        (Intake.ITEMS, ["Атауы"], {"Атауы": "nonsense"}, "no column 'nonsense'; the columns are barcode"),
        (Intake.ITEMS, ["Атауы", *map(str, range(64))], {}, "more than 64 columns"),
        (Intake.ITEMS, [], {}, "found are: none"),
    ],
)
def test_what_does_not_suffice_is_named(what: Intake, headings: list[str], mapping: dict[str, str], says: str) -> None:
    with pytest.raises(ImportFileError, match=says):
        find(what, headings, mapping=mapping)


def test_every_cell_has_a_name_of_its_own() -> None:
    found = find(Intake.ITEMS, ["Атауы", "", "", "Ескерту", "Ескерту", "Ескерту (5)"])
    assert len(set(found.names)) == 6
