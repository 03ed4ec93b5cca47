"""Names of pupils, and a pupil who is added on the spot."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.acts import Kind
from kiosk.circulation.clock import Moment
from kiosk.circulation.ledger import act_of, body_of
from kiosk.circulation.model import Patron, SchoolClass
from kiosk.circulation.pupils import Name, Namesakes, NoName, PupilAdded, add_pupil, parse_name
from kiosk.store.check import recompute
from tests.store_fixture import NOW, facts, new_store, one

FIVE_AE = SchoolClass(5, "Ә")
AIGUL = Patron("p1", 3, "Айгүл", "Серікова", "Қанатқызы", school_class=FIVE_AE)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Серікова Айгүл Қанатқызы", Name("Серікова", "Айгүл", "Қанатқызы")),
        ("  СЕРІКОВА   АЙГҮЛ ", Name("Серікова", "Айгүл")),
        ("Серікова, Айгүл", Name("Серікова", "Айгүл")),
        ("Cepiкoвa Айгүл", Name("Серікова", "Айгүл")),
        ("Мамедов Али Гасан оглы", Name("Мамедов", "Али", "Гасан оглы")),
        ("Әбдірахман-Қызы Ләйлә", Name("Әбдірахман-Қызы", "Ләйлә")),
        ("О'Нил Дана", Name("О'Нил", "Дана")),
        ("Ахметов А.Қ.", Name("Ахметов", "А.Қ.")),
        ("Айгүл", Name("", "Айгүл")),
    ],
)
def test_a_name_is_understood(written: str, name: Name) -> None:
    assert parse_name(written) == name


@pytest.mark.parametrize(
    "written",
    ["", "  ", "25", "Серікова Айгүл 150312500123", "=cmd|' /C calc'!A0", "Барлығы: 25", "____________", "a" * 121,
     "бір екі үш төрт бес алты жеті", "<b>Айгүл</b>", "Айгүл; DROP TABLE patrons"],
)  # fmt: skip
def test_what_is_no_name_is_none(written: str) -> None:
    assert parse_name(written) is None


@given(st.text(max_size=200))
def test_any_text_is_a_name_or_none(text: str) -> None:
    name = parse_name(text)
    assert name is None or (name.first and parse_name(f"{name.last} {name.first} {name.patronymic}") is not None)


def added(text: str = "Ахметов Али", *mates: Patron, somebody_else: bool = False) -> PupilAdded | Namesakes | NoName:
    return add_pupil(
        text,
        FIVE_AE,
        2026,
        mates,
        patron_id="new",
        act_id="a1",
        language="kk",
        staff="s1",
        somebody_else=somebody_else,
    )


def test_a_pupil_added_by_name_is_in_the_class_and_the_ledger_adds_up(tmp_path: Path) -> None:
    found = added()
    assert isinstance(found, PupilAdded)
    assert found.act.kind is Kind.PATRON_ADDED and found.act.staff == "s1"
    assert act_of("a1", found.act.kind, "new", None, None, body_of(found.act)) == found.act
    store = new_store(tmp_path)
    store.commit((found.act,), (), Moment(0.0, NOW, True, True))
    assert facts(store)["patrons"][0][:3] == ("Али", "Ахметов", "")
    assert one(store, "SELECT patron_id || year || grade || letter FROM class_years") == "new20265Ә"
    assert recompute(store) == []
    store.close()


def test_namesakes_in_the_class_are_asked_about_first() -> None:
    assert added("серикова айгул", AIGUL) == Namesakes(Name("Серикова", "Айгул"), (AIGUL,))
    assert isinstance(added("Серікова Айгүл", AIGUL, somebody_else=True), PupilAdded)
    assert isinstance(added("Серікова Айнұр", AIGUL), PupilAdded)


def test_no_name_is_nobody() -> None:
    assert added("12") == NoName()
