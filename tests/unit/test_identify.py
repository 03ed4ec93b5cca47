"""What a scanned payload is by its form."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation import own_codes
from kiosk.circulation.identify import (
    MAX_CODE,
    CodeRules,
    Command,
    CommandName,
    Identity,
    ItemBarcode,
    NotOurs,
    NotOursReason,
    PatronCard,
    PhoneCard,
    Unsure,
    identify,
    is_isbn,
)
from kiosk.circulation.luhn import check_digit, has_check_digit

PLAIN = CodeRules(commands={"KIOSK-FINISH": (CommandName.FINISH, "")})
PATTERNS = CodeRules(re.compile(r"P\d{7}"), re.compile(r"B\d{8}"))
UNREADABLE = NotOurs(NotOursReason.UNREADABLE)
FOREIGN = NotOurs(NotOursReason.FOREIGN)
ISBN = NotOurs(NotOursReason.ISBN)
ISBN_13 = "9786012345674"


@given(st.text(max_size=400), st.sampled_from(["any", "card", "item"]), st.sampled_from([PLAIN, PATTERNS]))
def test_any_text_is_something(payload: str, wants: str, rules: CodeRules) -> None:
    found = identify(payload, rules, wants)
    assert isinstance(found, PatronCard | PhoneCard | ItemBarcode | Unsure | Command | NotOurs)


@given(st.text(max_size=400), st.sampled_from(["any", "card", "item"]), st.sampled_from([PLAIN, PATTERNS]))
def test_what_goes_on_to_the_ledger_is_short_printable_and_trimmed(payload: str, wants: str, rules: CodeRules) -> None:
    match identify(payload, rules, wants):
        case PatronCard(code) | ItemBarcode(code) | Unsure(code):
            assert 0 < len(code) <= MAX_CODE
            assert code.isprintable()
            assert code == code.strip()
            assert not set(code) & set("'\";<>\\(){}&?=")


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 255, 256, 257, 10_000, 100_000])
@pytest.mark.parametrize("character", ["1", " ", "\x00", "ә", "/", "\U0001f600", "\ud800"])
def test_any_length_of_anything_is_something(size: int, character: str) -> None:
    assert isinstance(identify(character * size, PLAIN), Unsure | NotOurs)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("B1", Unsure("B1")),
        (" B1\r\n", Unsure("B1")),
        ("12 345", Unsure("12 345")),
        ("№", FOREIGN),
        ("4B-001/7.2", Unsure("4B-001/7.2")),
        ("1" * 64, Unsure("1" * 64)),
        ("1" * 65, UNREADABLE),
        ("1" * 256, UNREADABLE),
        ("1" * 257, FOREIGN),
        ("", UNREADABLE),
        ("  ", UNREADABLE),
        ("B1\x00", UNREADABLE),
        ("B\x1b[2J", UNREADABLE),
        ("B1\u202e", UNREADABLE),
        ("'; DROP TABLE loans; --", FOREIGN),
        ("<script>", FOREIGN),
        ("https://example.org/" + "a" * 300, FOREIGN),
        ("HTTP://EXAMPLE.ORG", FOREIGN),
        ("//example.org", FOREIGN),
        ("www.example.org", FOREIGN),
        ("kaspi://pay", FOREIGN),
        ("mailto:a@b.kz", FOREIGN),
        ("tel:+77010000000", FOREIGN),
        ("geo:43.2,76.8", FOREIGN),
        ("WIFI:S:a;;", FOREIGN),
        ("BEGIN:VCARD", FOREIGN),
        ("MECARD:N:a;;", FOREIGN),
        ("KIOSK-FINISH", Command(CommandName.FINISH)),
        ("kiosk-finish", Unsure("kiosk-finish")),
        (ISBN_13, ISBN),
        ("978-601-234-567-4", ISBN),
        ("9786012345675", Unsure("9786012345675")),
        ("080442957X", ISBN),
        ("0-8044-2957-X", ISBN),
        ("0306406152", Unsure("0306406152")),
        ("0-306-40615-2", ISBN),
        ("0-306-40615-3", Unsure("0-306-40615-3")),
        ("4600051000057", Unsure("4600051000057")),
    ],
)
def test_without_patterns_looks_say_little(payload: str, expected: Identity) -> None:
    assert identify(payload, PLAIN) == expected


@pytest.mark.parametrize(
    ("payload", "wants", "expected"),
    [
        ("P1234567", "any", PatronCard("P1234567")),
        ("B12345678", "any", ItemBarcode("B12345678")),
        ("P12345678", "any", Unsure("P12345678")),
        ("xB12345678", "any", Unsure("xB12345678")),
        ("B12345678", "card", PatronCard("B12345678")),
        ("P1234567", "item", ItemBarcode("P1234567")),
        (ISBN_13, "item", ISBN),
        (ISBN_13, "card", PatronCard(ISBN_13)),
        ("https://example.org", "card", FOREIGN),
    ],
)
def test_patterns_and_sources_say_more(payload: str, wants: str, expected: Identity) -> None:
    assert identify(payload, PATTERNS, wants) == expected


def test_a_code_that_fits_both_patterns_is_not_guessed() -> None:
    both = CodeRules(re.compile(r"\d+"), re.compile(r"\d{4}"))
    assert identify("1234", both) == Unsure("1234")
    assert identify("12345", both) == PatronCard("12345")


def test_an_isbn_that_the_librarys_pattern_fits_is_a_label() -> None:
    assert identify(ISBN_13, CodeRules(item=re.compile(r"\d{13}"))) == ItemBarcode(ISBN_13)


@given(st.sampled_from(["978", "979"]), st.text("0123456789", min_size=9, max_size=9))
def test_of_ten_check_digits_one_makes_an_isbn(prefix: str, digits: str) -> None:
    assert sum(is_isbn(f"{prefix}{digits}{check}") for check in range(10)) == 1


@given(st.text("0123456789", min_size=9, max_size=9))
def test_of_eleven_check_digits_one_makes_an_old_isbn(digits: str) -> None:
    assert sum(is_isbn(f"{digits[:1]}-{digits[1:]}-{check}") for check in "0123456789X") == 1


@given(st.text("0123456789", min_size=10, max_size=10))
def test_ten_plain_digits_may_be_a_card(digits: str) -> None:
    assert identify(digits, PLAIN) == Unsure(digits)


CHECKED = CodeRules(re.compile(r"P\d{7}"), re.compile(r"KZ-(\d{8})"), re.compile("TEL-(.+)"), True, True, "none")


@pytest.mark.parametrize(
    ("payload", "wants", "expected"),
    [
        ("P0000018", "any", PatronCard("P0000018")),
        ("P0000019", "any", UNREADABLE),
        ("P0000019", "card", UNREADABLE),
        ("KZ-00000018", "any", ItemBarcode("00000018")),
        ("KZ-00000019", "any", UNREADABLE),
        ("00000018", "any", FOREIGN),
        ("00000018", "item", ItemBarcode("00000018")),
        (ISBN_13, "any", ISBN),
        ("TEL-P0000018", "any", PhoneCard("P0000018")),
        ("TEL-P0000018", "item", PhoneCard("P0000018")),
        ("UID:04A1B2C3", "any", PatronCard("UID:04A1B2C3")),
        ("UID:04A1B2C3", "item", ItemBarcode("UID:04A1B2C3")),
        ("UID:04A1B2C", "any", FOREIGN),
    ],
)
def test_prefixes_and_check_digits(payload: str, wants: str, expected: Identity) -> None:
    assert identify(payload, CHECKED, wants) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [("any", Unsure("77")), ("card", PatronCard("77")), ("item", ItemBarcode("77")), ("none", FOREIGN)],
)
def test_what_fits_no_pattern_is_what_the_settings_say(other: str, expected: Identity) -> None:
    assert identify("77", CodeRules(other=other)) == expected


def test_an_ean_without_a_pattern_is_of_a_shop() -> None:
    assert identify("4600051000057", PLAIN, symbology="ean") == FOREIGN
    assert identify("4600051000057", PLAIN, symbology="code128") == Unsure("4600051000057")
    assert identify(ISBN_13, PLAIN, symbology="ean") == ISBN
    own = CodeRules(item=re.compile(r"\d{13}"))
    assert identify("4600051000057", own, symbology="ean") == ItemBarcode("4600051000057")


@given(st.text("0123456789", min_size=1, max_size=20))
def test_of_ten_check_digits_one_is_right_and_one_wrong_digit_is_noticed(digits: str) -> None:
    right = [check for check in range(10) if has_check_digit(f"B-{digits}{check}")]
    assert len(right) == 1
    code = f"{digits}{right[0]}"
    for at, digit in enumerate(code):
        assert not has_check_digit(code[:at] + str((int(digit) + 1) % 10) + code[at + 1 :])


@given(st.text("0123456789AB-", max_size=20))
def test_the_check_digit_that_is_given_is_the_one_that_is_asked_for(code: str) -> None:
    assert has_check_digit(f"{code}1{check_digit(f'{code}1')}")


OWN = CodeRules(re.compile(r"P\d{7}"), re.compile(r"B\d{8}"), blank="N", new_card="C", other="none")
LABEL = own_codes.label_number("N", 41730562, 17)
CARD = own_codes.card_number("C", 1234567890)


def test_a_blank_label_is_an_item_and_a_new_card_a_card_whatever_the_patterns_say() -> None:
    assert LABEL == "N417305620177" and CARD == "C12345678903"
    assert identify(LABEL, OWN) == identify(LABEL, OWN, "item") == ItemBarcode(LABEL)
    assert identify(CARD, OWN) == identify(CARD, OWN, "card") == PatronCard(CARD)
    assert own_codes.roll_of(LABEL, "N") == 41730562 and own_codes.roll_of(CARD, "N") is None


def test_a_number_of_that_form_with_a_wrong_check_digit_is_none_of_ours() -> None:
    wrong = LABEL[:-1] + str((int(LABEL[-1]) + 1) % 10)
    assert identify(wrong, OWN) == FOREIGN
    assert identify(wrong, CodeRules(blank="N")) == Unsure(wrong)
    assert identify(LABEL, CodeRules()) == Unsure(LABEL)


def test_a_librarys_own_pattern_goes_before_the_kiosks_own_numbers() -> None:
    rules = CodeRules(card=re.compile(r"N\d{12}"), blank="N")
    assert identify(LABEL, rules) == PatronCard(LABEL)


@given(st.integers(0, 99_999_999), st.integers(0, 999))
def test_every_label_of_every_roll_is_known_as_its_rolls(roll: int, serial: int) -> None:
    code = own_codes.label_number("NK", roll, serial)
    assert own_codes.is_label(code, "NK") and own_codes.roll_of(code, "NK") == roll
    assert not own_codes.is_label(code, "N") and not own_codes.is_label(code, "")
    assert not own_codes.is_card(code, "NK")
