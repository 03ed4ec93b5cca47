"""How the facts of documents add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.model import SchoolClass, SetLine
from kiosk.circulation.sheets import (
    ClassSheet,
    Cover,
    Given,
    Held,
    Pupil,
    TitleStock,
    by_class,
    coverage,
    sheet_of,
    stock,
)

FIVE = SchoolClass(5, "Ә")
LINES = (
    SetLine("Алгебра"),
    SetLine("Математика", "1", edition=2023),
    SetLine("Математика", "2", edition=2023),
    SetLine("Көркем еңбек", group="boys"),
    SetLine("Технология", group="girls"),
)


def sheet(*pupils: Pupil, lines: tuple[SetLine, ...] = LINES) -> ClassSheet:
    return sheet_of(FIVE, 2026, "kk", "", lines, pupils)


def test_pupils_stand_by_the_kazakh_alphabet_and_subjects_as_the_set_has_them() -> None:
    made = sheet(*(Pupil(name) for name in ("Қасым А", "Яков Б", "Әбіл В", "Ән Г", "Арман Д")))
    assert [pupil.name for pupil in made.pupils] == ["Арман Д", "Әбіл В", "Ән Г", "Қасым А", "Яков Б"]
    assert [(slot.subject, slot.part) for slot in made.slots] == [(line.subject, line.part) for line in LINES]


def test_a_variant_is_wanted_by_those_of_its_group_alone() -> None:
    made = sheet(Pupil("Ұл", ("boys", "english-1")), Pupil("Қыз", ("girls",)))
    girl, boy = made.pupils
    assert [cell.wanted for cell in boy.cells] == [True, True, True, True, False]
    assert [cell.wanted for cell in girl.cells] == [True, True, True, False, True]
    assert [of.needed for _, of in coverage(made).subjects] == [2, 2, 2, 1, 1]


def test_another_edition_is_noted_and_counts() -> None:
    held = (Held("Математика", "1", 2018, "77"), Held("Математика", "2", 2023, ""), Held("Алгебра", "", 2010))
    made = sheet(Pupil("Ұл", ("boys",), held))
    algebra, first, second, *_ = made.pupils[0].cells
    assert first.given == (Given("77", 2018),) and second.given == (Given(""),) and algebra.given == (Given(""),)
    assert coverage(made).whole == Cover(4, 3)


def test_a_subject_is_one_however_it_is_typed() -> None:
    """D2 has 66 words with a Latin i in them (DOMAIN.md 5)."""
    made = sheet(Pupil("Ұл", (), (Held("қазақ тiлi ", "", 2020),)), lines=(SetLine("Қазақ тілі"),))
    assert len(made.slots) == 1 and made.pupils[0].cells[0].given


def test_what_the_set_has_not_stands_behind_it_and_is_not_counted() -> None:
    made = sheet(
        Pupil("Ұл", ("boys",), (Held("Шахмат", "", 2020), Held("Алгебра", "", 2020))),
        Pupil("Қыз", ("girls",), (Held("Ән", "", 2020),)),
    )
    assert [slot.subject for slot in made.slots if slot.extra] == ["Ән", "Шахмат"]
    assert coverage(made).whole == Cover(8, 1)


def test_two_copies_of_one_subject_cover_it_once() -> None:
    twice = (Held("Алгебра", "", 2020, "1"), Held("Алгебра", "", 2020, "2"))
    assert coverage(sheet(Pupil("Ұл", (), twice), lines=LINES[:1])).whole == Cover(1, 1)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_hundred_per_cent_means_that_nothing_lacks(needed: int, given_: int) -> None:
    cover = Cover(needed, min(given_, needed))
    assert (cover.percent is None) == (needed == 0)
    if needed:
        assert cover.percent is not None
        assert 0 <= cover.percent <= 100 and (cover.percent == 100) == (cover.lacking == 0)


def test_classes_are_in_the_order_of_a_school() -> None:
    classes = [SchoolClass(10, "А"), SchoolClass(2, "Ә"), SchoolClass(2, "А"), SchoolClass(2, "Б"), SchoolClass(0)]
    covers = [coverage(sheet_of(one, 2026, "kk", "", (), ())) for one in classes]
    assert [(of.school_class.grade, of.school_class.letter) for of in by_class(covers)] == [
        (0, ""), (2, "А"), (2, "Ә"), (2, "Б"), (10, "А"),
    ]  # fmt: skip


def test_stock_adds_editions_up_and_puts_the_greatest_lack_first() -> None:
    pupils = tuple(Pupil(f"Оқушы {n}") for n in range(30))
    cover = coverage(sheet(*pupils, lines=(SetLine("Алгебра"), SetLine("Физика"), SetLine("Химия"))))
    titles = (
        TitleStock("Алгебра", "", 5, "kk", 2018, 12, 10),
        TitleStock("алгебра", "", 5, "kk", 2023, 13, 0, 2),
        TitleStock("Химия", "", 5, "kk", 2020, 40),
        TitleStock("Алгебра", "", 5, "ru", 2020, 9),
        TitleStock("Алгебра", "", None, "kk", 2020, 99),
    )
    (kazakh, russian) = stock([cover], titles)
    assert [(line.subject, line.difference) for line in kazakh.lines] == [
        ("Физика", -30),
        ("Алгебра", -5),
        ("Химия", 10),
    ]
    algebra = kazakh.lines[1]
    assert (algebra.copies, algebra.out, algebra.repair) == (25, 10, 2)
    assert algebra.editions == ((2023, 13), (2018, 12))
    assert [(line.subject, line.difference) for line in russian.lines] == [("Алгебра", 9)]
