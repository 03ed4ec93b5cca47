"""Kazakh text for matching and sorting."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.fold import fold, mend, sort_key

ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
RUSSIAN = {"ә": "а", "ғ": "г", "қ": "к", "ң": "н", "ө": "о", "ұ": "у", "ү": "у", "һ": "х", "і": "и", "ё": "е"}
LOOK_ALIKES = dict(zip("iəaeopcxyIƏAEOPCXYKMTHB", "іәаеорсхуІӘАЕОРСХУКМТНВ", strict=True))
WORDS = st.text(ALPHABET + ALPHABET.upper() + " -«»,.", max_size=30)


@pytest.mark.parametrize("letter", ALPHABET)
def test_every_letter_is_folded_on_its_russian_kin(letter: str) -> None:
    folded = RUSSIAN.get(letter, letter)
    assert fold(letter) == folded
    assert fold(letter.upper()) == folded
    assert fold(f"б{letter}б") == f"б{folded}б"


@pytest.mark.parametrize(("latin", "cyrillic"), LOOK_ALIKES.items())
def test_every_look_alike_is_mended_in_a_cyrillic_word(latin: str, cyrillic: str) -> None:
    assert mend(f"ж{latin}ж") == f"ж{cyrillic}ж"
    assert mend(f"{latin}ж") == f"{cyrillic}ж"


@pytest.mark.parametrize("latin", LOOK_ALIKES)
def test_a_latin_word_is_left_alone(latin: str) -> None:
    assert mend(f"b{latin}d кітап") == f"b{latin}d кітап"


def test_spellings_that_the_fields_own_documents_have() -> None:
    assert mend("кiтапхана") == "кітапхана"
    assert mend("жəне") == "және"
    assert fold("жаксы") == fold("жақсы")


def test_punctuation_parts_words_and_goes() -> None:
    assert fold("Ұшқан ұя!") == "ушкан уя"
    assert fold("«Абай»—жолы_2") == "абай жолы 2"
    assert fold("  ") == ""


@given(WORDS)
def test_a_text_and_its_decomposed_form_are_the_same(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert fold(apart) == fold(text)
    assert sort_key(apart)[0] == sort_key(text)[0]


@given(WORDS)
def test_case_and_kazakh_letters_do_not_matter(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)
    assert not set(fold(text)) & set(RUSSIAN)


@given(st.text(max_size=40))
def test_folding_is_for_any_text_and_done_once(text: str) -> None:
    folded = fold(text)
    assert "  " not in folded
    assert folded == folded.strip()
    assert fold(folded) == folded


def test_the_order_is_that_of_the_kazakh_alphabet() -> None:
    shuffled = sorted(ALPHABET)
    assert "".join(sorted(shuffled, key=sort_key)) == ALPHABET
    assert "".join(sorted(ALPHABET.upper(), key=sort_key)) == ALPHABET.upper()


def test_names_in_order() -> None:
    names = [
        "Ясин",
        "Әлия",
        "Ұлан",
        "Айгүл",
        "Ёлка",
        "Қанат",
        "Камила",
        "Ілияс",
        "Ерлан",
        "Ғалия",
        "Гүлнар",
        "Үміт",
        "Умар",
    ]
    ordered = [
        "Айгүл",
        "Әлия",
        "Гүлнар",
        "Ғалия",
        "Ерлан",
        "Ёлка",
        "Камила",
        "Қанат",
        "Умар",
        "Ұлан",
        "Үміт",
        "Ілияс",
        "Ясин",
    ]
    assert sorted(names, key=sort_key) == ordered


def test_digits_and_latin_stand_before_cyrillic() -> None:
    assert sorted(["Абай", "Zoo", "1984", "Яблоко"], key=sort_key) == ["1984", "Zoo", "Абай", "Яблоко"]


@given(st.lists(st.text(max_size=10), max_size=10))
def test_any_texts_can_be_sorted(texts: list[str]) -> None:
    assert sorted(sorted(texts, key=sort_key, reverse=True), key=sort_key) == sorted(texts, key=sort_key)
