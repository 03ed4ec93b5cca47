"""Cells to values: what people write, what is refused, and that the refusal says which column and which value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.model import LOAN_DESK_POINT, READING_ROOM_POINT, ItemKind, SchoolClass
from kiosk.imports import values
from kiosk.imports.values import BadValue

FIRST = date(2026, 9, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-09-01", "2026-09-01T00:00:00", "01.09.2026", "1/9/2026", "01-09-2026", "01.09.26", "01.09.26ж.",
        "1.9.2026 г.", "2026 ж. 1 қыркүйек", "2026 жылғы 1 қыркүйек", "1 сентября 2026 г.", " 01.09.2026\xa0",
    ],
)  # fmt: skip
def test_dates_as_people_write_them(cell: str) -> None:
    assert values.day("due", cell) == FIRST


@pytest.mark.parametrize(
    "cell", ["46266", "31.02.2026", "01.13.2026", "2026", "01.09.1026", "ертең", "1 мартобря 2026"]
)
def test_what_is_no_date_is_refused_with_column_and_value(cell: str) -> None:
    with pytest.raises(BadValue, match=rf"^due «{cell}»: "):
        values.day("due", cell)


@pytest.mark.parametrize("cell", ["5 «Ә»", "5Ә", "5-Ә", '5 "ә"', "5 Ә сынып"])
def test_classes_keep_their_kazakh_letter(cell: str) -> None:
    assert values.school_class("class", cell) == SchoolClass(5, "Ә")


def test_a_class_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadValue, match="class «12А»"):
        values.school_class("class", "12А")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("қазақ", "kk"), ("казахский", "kk"), ("каз", "kk"), ("KK", "kk"), ("Оқыту тілі: қазақ", "kk"), ("орыс", "ru"),
        ("на русском языке", "ru"), ("русский", "ru"), ("rus", "ru"), ("english", "en"), ("ағылшын тілі", "en"),
        ("ұйғыр", "ug"), ("de", "de"), ("sah", "sah"), ("", ""), ("қaзақ", "kk"),
    ],
)  # fmt: skip
def test_languages_become_iso_codes(cell: str, code: str) -> None:
    assert values.language("language", cell) == code


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("оқушы", "pupil"), ("Ученик", "pupil"), ("мұғалім", "teacher"), ("Учитель", "teacher"), ("қызметкер", "staff"),
        ("кітапханашы", "librarian"), ("библиотекарь", "librarian"), ("Кабинет", "room"), ("топ", "group"), ("", ""),
        ("room", "room"),
    ],
)  # fmt: skip
def test_categories_in_three_languages(cell: str, name: str) -> None:
    assert values.category("category", cell) == name


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("кітап", ItemKind.BOOK), ("Учебник", ItemKind.TEXTBOOK), ("оқулық", ItemKind.TEXTBOOK),
        ("энциклопедия", ItemKind.REFERENCE), ("мерзімді басылым", ItemKind.PERIODICAL),
        ("журнал", ItemKind.PERIODICAL),
        ("құрал-жабдық", ItemKind.EQUIPMENT), ("textbook", ItemKind.TEXTBOOK), ("", None),
    ],
)  # fmt: skip
def test_kinds_in_three_languages(cell: str, kind: ItemKind | None) -> None:
    assert values.kind("kind", cell) == kind


@pytest.mark.parametrize("read", [values.category, values.kind, values.language])
def test_a_misspelt_word_is_refused_not_taken_as_a_new_one(read: Callable[[str, str], object]) -> None:
    with pytest.raises(BadValue, match="«оқуушы»"):
        read("column", "оқуушы")


@pytest.mark.parametrize(
    ("cell", "isbn"),
    [
        ("978-601-00-0000-1", "9786010000001"), ("5-7443-0043-0", "5744300430"), ("0-8044-2957-х", "080442957X"),
        ("ISBN 978-5-7695-5601-2 (в пер.)", "9785769556012"), ("5-595-03091-1, 978-5-7695-5601-2", "9785769556012"),
        ("5-595-03091-1", "5-595-03091-1"), ("ISBN 5-595-03091-1", "5-595-03091-1"), ("жоқ", "жоқ"), ("", ""),
    ],
)  # fmt: skip
def test_a_right_isbn_becomes_digits_and_a_wrong_one_stays_as_written(cell: str, isbn: str) -> None:
    assert values.isbn("isbn", cell) == isbn


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("1500", "1500"), ("1 500,50 ₸", "1500.50"), ("1500,5", "1500.50"), ("1,500.50", "1500.50"),
        ("1500.00", "1500"),
        ("1.500,50", "1500.50"), ("1,500", "1500"), ("1500 тг.", "1500"), ("1500 теңге", "1500"), ("1500-00", "1500"),
        ("0", "0"), ("", ""),
    ],
)  # fmt: skip
def test_prices_in_tenge(cell: str, price: str) -> None:
    assert values.price("price", cell) == price


@pytest.mark.parametrize("cell", ["25 р. 50 к.", "-5", "1.5.5", "тегін", "1,50,000"])
def test_what_is_no_price_in_tenge_is_refused(cell: str) -> None:
    with pytest.raises(BadValue):
        values.price("price", cell)


def test_numbers_with_words_around_them() -> None:
    assert values.year("year", "2023 ж.") == 2023
    assert values.year("year", "[1998]") == 1998
    assert values.pages("pages", "63,[1] с.") == 63
    assert values.pages("pages", "320 б.") == 320
    assert values.count("count", "30 дана") == 30
    assert values.count("count", "0") is None
    assert values.grade("grade", "7-сынып") == 7


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ("Оқу залы", (READING_ROOM_POINT, "")),
        ("читальный зал", (READING_ROOM_POINT, "")),
        ("Reading room, shelf 5", (READING_ROOM_POINT, "5")),
        ("Абонемент, Сөре A-3", (LOAN_DESK_POINT, "A-3")),
        ("Сөре A-3", ("", "A-3")),
        ("A-3", ("", "A-3")),
        ("Аббас бұрышы", ("", "Аббас бұрышы")),
        ("", ("", "")),
    ],
)
def test_a_place_is_a_service_point_and_a_shelf(cell: str, place: tuple[str, str]) -> None:
    assert values.location("location", cell) == place


def test_whole_names_come_in_the_official_order() -> None:
    assert values.full_name("full_name", "Ахметов Асан Серікұлы") == ("Ахметов", "Асан", "Серікұлы")
    assert values.full_name("full_name", "Ахметов Асан Серік ұлы") == ("Ахметов", "Асан", "Серік ұлы")
    assert values.full_name("full_name", "Асан") == ("", "Асан", "")


def test_look_alikes_are_mended_in_words_and_never_in_numbers() -> None:
    assert values.text("title", "Мeнiң aтым") == "Менің атым"
    assert values.code("barcode", "AB-12 ә") == "AB-12 ә"
    assert values.code("barcode", " 000042 ") == "000042"


def test_control_and_invisible_characters_are_taken_out_of_words() -> None:
    assert values.text("title", "Ұш\xadқан\x00 \x07ұя\r\n\u200b") == "Ұшқан ұя"


@pytest.mark.parametrize("cell", ["12\x0034", "a\u200bb", "x" * 65, "2,00001E+11", "#ССЫЛКА!"])
def test_a_number_that_cannot_be_one_is_refused(cell: str) -> None:
    with pytest.raises(BadValue, match=r"^card "):
        values.code("card", cell)


def test_words_are_bounded_and_the_refusal_is_short() -> None:
    assert values.text("title", "а" * 500) == "а" * 500
    with pytest.raises(BadValue) as refused:
        values.text("title", "а" * 501)
    assert len(str(refused.value)) < 120


READERS: list[Callable[[str, str], object]] = [
    values.text, values.code, values.day, values.school_class, values.grade, values.language, values.category,
    values.kind, values.isbn, values.price, values.year, values.pages, values.count, values.location, values.full_name,
]  # fmt: skip


@given(st.sampled_from(READERS), st.text() | st.from_regex(r"[\d .,/«»-]{1,20}[а-яё]{0,5}", fullmatch=True))
def test_any_text_is_a_value_or_a_bad_value(read: Callable[[str, str], object], cell: str) -> None:
    try:
        read("column", cell)
    except BadValue as refused:
        assert str(refused).startswith("column «")
        assert len(str(refused)) < 300


@given(st.text(max_size=600))
def test_what_text_returns_is_visible_and_bounded(cell: str) -> None:
    try:
        value = values.text("title", cell)
    except BadValue:
        return
    assert len(value) <= values.TEXT_LIMIT
    assert not any(ord(letter) < 32 or letter in "\u200b\ufeff\xad" for letter in value)
    assert values.text("title", value) == value


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_every_day_is_read_back_from_both_ways_of_writing(day: date) -> None:
    assert values.day("due", day.isoformat()) == values.day("due", f"{day:%d.%m.}{day.year}") == day
