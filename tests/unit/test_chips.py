"""Chip numbers: the forms in which readers give one card are one number here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.chips import NEEDS, ChipForm, Keep, canonical, is_canonical, of_bytes
from kiosk.circulation.identify import CodeRules, PatronCard, identify

EM4100 = bytes.fromhex("0F00BC614E")
"""Printed on the card: 0012345678 188,24910."""
MIFARE = bytes.fromhex("04A1B2C3")
MIFARE_7 = bytes.fromhex("04A1B2C3D4E580")


def written(uid: bytes, form: ChipForm) -> str:
    """What a reader set to this form gives of a chip."""
    number = uid[1:] if len(uid) == 5 and form not in (ChipForm.HEX, ChipForm.HEX_BACKWARDS) else uid
    turned = number[::-1] if form.value.endswith("backwards") else number
    match form:
        case ChipForm.HEX | ChipForm.HEX_BACKWARDS:
            return turned.hex().upper()
        case ChipForm.DECIMAL | ChipForm.DECIMAL_BACKWARDS:
            return f"{int.from_bytes(turned, 'big'):0{10 if len(turned) == 4 else 17}d}"
        case _:
            return f"{turned[-3]:03d}{int.from_bytes(turned[-2:], 'big'):05d}"


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("0F00BC614E", ChipForm.HEX, "UID:00BC614E"),
        ("00BC614E", ChipForm.HEX, "UID:00BC614E"),
        ("bc614e", ChipForm.HEX, "UID:00BC614E"),
        ("0F:00:BC:61:4E", ChipForm.HEX, "UID:00BC614E"),
        ("0012345678", ChipForm.DECIMAL, "UID:00BC614E"),
        ("12345678", ChipForm.DECIMAL, "UID:00BC614E"),
        ("0012345678 188,24910", ChipForm.DECIMAL, "UID:00BC614E"),
        ("0012345678  188, 24910", ChipForm.DECIMAL, "UID:00BC614E"),
        ("0012345678 188,24911", ChipForm.DECIMAL, None),
        ("4E61BC000F", ChipForm.HEX_BACKWARDS, "UID:00BC614E"),
        ("04A1B2C3", ChipForm.HEX, "UID:04A1B2C3"),
        ("C3B2A104", ChipForm.HEX_BACKWARDS, "UID:04A1B2C3"),
        ("0077705923", ChipForm.DECIMAL, "UID:04A1B2C3"),
        ("3283263748", ChipForm.DECIMAL_BACKWARDS, "UID:04A1B2C3"),
        ("04A1B2C3D4E580", ChipForm.HEX, "UID:04A1B2C3D4E580"),
        ("01303689068602752", ChipForm.DECIMAL, "UID:04A1B2C3D4E580"),
        ("4294967296", ChipForm.DECIMAL, None),
        ("1234567890123456789", ChipForm.DECIMAL, None),
        ("00000000", ChipForm.HEX, None),
        ("0000000000", ChipForm.DECIMAL, None),
        ("G0BC614E", ChipForm.HEX, None),
        ("P1000001", ChipForm.DECIMAL, None),
        ("", ChipForm.HEX, None),
        ("18824910", ChipForm.FACILITY, None),
    ],
)
def test_a_number_in_a_form(text: str, form: ChipForm, expected: str | None) -> None:
    assert canonical(text, form) == expected


@pytest.mark.parametrize(
    ("text", "form", "keep", "expected"),
    [
        ("18824910", ChipForm.FACILITY, Keep.LAST_3, "UID:BC614E"),
        ("188,24910", ChipForm.FACILITY, Keep.LAST_3, "UID:BC614E"),
        ("5,00123", ChipForm.FACILITY, Keep.LAST_3, "UID:05007B"),
        ("500123", ChipForm.FACILITY, Keep.LAST_3, "UID:05007B"),
        ("0012345678", ChipForm.DECIMAL, Keep.LAST_3, "UID:BC614E"),
        ("0F00BC614E", ChipForm.HEX, Keep.LAST_3, "UID:BC614E"),
        ("25624910", ChipForm.FACILITY, Keep.LAST_3, None),
        ("18865536", ChipForm.FACILITY, Keep.LAST_3, None),
        ("18824910", ChipForm.FACILITY, Keep.FIRST_3, None),
        ("17841220", ChipForm.FACILITY_BACKWARDS, Keep.FIRST_3, "UID:04A1B2"),
        ("04A1B2C3", ChipForm.HEX, Keep.FIRST_3, "UID:04A1B2"),
    ],
)
def test_a_number_of_which_three_bytes_are_kept(text: str, form: ChipForm, keep: Keep, expected: str | None) -> None:
    assert canonical(text, form, keep) == expected


chips = st.sampled_from([4, 5, 7]).flatmap(lambda size: st.binary(min_size=size, max_size=size)).filter(
    lambda uid: any(uid[1:-1]) and uid[0] and (len(uid) != 5 or uid[1])
)  # fmt: skip


@given(chips, st.sampled_from(Keep))
def test_one_card_is_one_number_on_any_reader(uid: bytes, keep: Keep) -> None:
    """In every form that the school may use, upper case or lower; the 8 digits only where three bytes are kept."""
    forms = [form for form in ChipForm if NEEDS.get(form, keep) is keep]
    seen = {canonical(written(uid, form), form, keep) for form in forms}
    seen |= {canonical(written(uid, form).lower(), form, keep) for form in forms}
    assert seen == {of_bytes(uid, keep)}


@given(st.binary(min_size=4, max_size=4).filter(any), st.sampled_from([f for f in ChipForm if f not in NEEDS]))
def test_zeros_in_front_may_be_missing(uid: bytes, form: ChipForm) -> None:
    short = written(uid, form).lstrip("0")
    if len(short) >= 4:
        assert canonical(short, form) == of_bytes(uid)


@given(chips, chips)
def test_two_cards_are_two_numbers(one: bytes, other: bytes) -> None:
    number = [uid[1:] if len(uid) == 5 else uid for uid in (one, other)]
    assert (of_bytes(one) == of_bytes(other)) == (number[0] == number[1])


@given(st.text(max_size=60), st.sampled_from(ChipForm), st.sampled_from(Keep))
def test_anything_is_a_number_or_none(text: str, form: ChipForm, keep: Keep) -> None:
    found = canonical(text, form, keep)
    assert found is None or is_canonical(found)


@given(st.binary(max_size=12), st.sampled_from(Keep))
def test_any_bytes_are_a_number_or_none(uid: bytes, keep: Keep) -> None:
    found = of_bytes(uid, keep)
    assert found is None or is_canonical(found)


def test_the_canonical_form_can_be_looked_up() -> None:
    code = of_bytes(MIFARE_7)
    assert code is not None and identify(code, CodeRules()) == PatronCard(code)
    assert of_bytes(EM4100) == "UID:00BC614E" and of_bytes(MIFARE) == "UID:04A1B2C3"
