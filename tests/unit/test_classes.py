"""Classes as schools write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.classes import class_label, find_class, parse_class
from kiosk.circulation.model import SchoolClass

LETTERS = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩІЭЮЯ"


@pytest.mark.parametrize(
    ("written", "grade", "letter"),
    [
        ("5 «Ә»", 5, "Ә"),
        ("5Ә", 5, "Ә"),
        ("5-Ә", 5, "Ә"),
        ("5 - Ә", 5, "Ә"),
        ('5 "ә"', 5, "Ә"),
        ("5 'Ә'", 5, "Ә"),
        ("5 „Ә“", 5, "Ә"),
        ("5ə", 5, "Ә"),
        ("5 A", 5, "А"),
        ("5a", 5, "А"),
        ("11 В", 11, "В"),
        ("11B", 11, "В"),
        ("7 «Б» сынып", 7, "Б"),
        ("7 класс Б", 7, "Б"),
        ("7Б класс", 7, "Б"),
        ("7 кл.", 7, ""),
        ("0", 0, ""),
        ("Даярлық тобы", 0, ""),
        ("предшкольный класс", 0, ""),
        ("  3   Ә ", 3, "Ә"),
        ("05 А", 5, "А"),
        ("5/А", 5, "А"),
        ("5.А", 5, "А"),
        ("5_А", 5, "А"),
    ],
)
def test_a_class_is_understood(written: str, grade: int, letter: str) -> None:
    assert parse_class(written) == SchoolClass(grade, letter)


@pytest.mark.parametrize(
    "written", ["", "Ә", "12 А", "99", "5 АБ", "5 5", "555", "мұғалім", "-5 А", "5 А 6 Б", "5 «Ә» ₸"]
)
def test_what_is_no_class_is_none(written: str) -> None:
    assert parse_class(written) is None


@given(st.integers(0, 11), st.sampled_from([*LETTERS, ""]))
def test_a_class_as_the_kiosk_writes_it_is_that_class(grade: int, letter: str) -> None:
    assert parse_class(class_label(SchoolClass(grade, letter))) == SchoolClass(grade, letter)


@given(st.integers(1, 11), st.sampled_from(LETTERS))
def test_letters_are_never_folded(grade: int, letter: str) -> None:
    assert parse_class(f"{grade}{letter.lower()}") == SchoolClass(grade, letter)


def test_every_letter_is_a_class_of_its_own() -> None:
    assert len({parse_class(f"5 {letter}") for letter in LETTERS}) == len(LETTERS)


@given(st.text(max_size=80))
def test_no_text_is_too_strange(text: str) -> None:
    found = parse_class(text)
    assert found is None or (0 <= found.grade <= 11 and len(found.letter) <= 2)


@pytest.mark.parametrize("filling", [" ", "-", "- ", '"', "сынып", "сынып ", '" '])
def test_no_text_takes_long(filling: str) -> None:
    begun = time.process_time()
    parse_class("5" + filling * 5000 + "!")
    parse_class("5" + filling * (58 // len(filling)) + "!")
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    ("title", "grade", "letter"),
    [
        ("Тізім 5 «Ә» сынып 2026-2027", 5, "Ә"),
        ("№ 41 мектептің 5 «Ә» сыныбының тізімі 2026-2027 оқу жылы", 5, "Ә"),
        ("СПИСОК УЧАЩИХСЯ 7-Б КЛАССА", 7, "Б"),
        ("Список 10 «А» класса СШ №12", 10, "А"),
        ("Сынып: 5Ә", 5, "Ә"),
        ("Класс 11 В, 2026/2027", 11, "В"),
        ("5-сынып «ә»", 5, "Ә"),
        ('5 "A" класс', 5, "А"),
        ("9 сынып оқушыларының тізімі", 9, ""),
        ("5Ә", 5, "Ә"),
    ],
)
def test_a_class_is_found_in_a_title(title: str, grade: int, letter: str) -> None:
    assert find_class(title) == SchoolClass(grade, letter)


@pytest.mark.parametrize(
    "title", ["", "Лист1", "№ 41 мектеп", "2026-2027 оқу жылы", "Барлығы: 25", "Sheet2", "Тізім", "5"]
)
def test_a_title_without_a_class_has_none(title: str) -> None:
    assert find_class(title) is None


@given(st.text(max_size=400))
def test_any_title_is_looked_through(title: str) -> None:
    find_class(title)
