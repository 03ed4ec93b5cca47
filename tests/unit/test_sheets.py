"""How the facts of documents add up."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.model import SchoolClass, SetLine
from kiosk.circulation.sheet_sums import by_class, coverage, sheet_of, stock
from kiosk.circulation.sheets import ClassSheet, Cover, Given, Need, Pupil, TitleStock
from tests.textbook_facts import FIVE, held, set_of

LINES = (
    SetLine("Алгебра"),
    SetLine("Математика", "1", edition=2023),
    SetLine("Математика", "2", edition=2023),
    SetLine("Көркем еңбек", group="boys"),
    SetLine("Технология", group="girls"),
)


def sheet(*pupils: Pupil, lines: tuple[SetLine, ...] = LINES) -> ClassSheet:
    return sheet_of(FIVE, 2026, "kk", "", set_of(*lines), pupils)


def test_pupils_stand_by_the_kazakh_alphabet_and_subjects_as_the_set_has_them() -> None:
    made = sheet(*(Pupil(name) for name in ("Қасым А", "Яков Б", "Әбіл В", "Ән Г", "Арман Д")))
    assert [pupil.name for pupil in made.pupils] == ["Арман Д", "Әбіл В", "Ән Г", "Қасым А", "Яков Б"]
    assert [(slot.subject, slot.part) for slot in made.slots] == [
        ("Алгебра", ""), ("Математика", "1"), ("Математика", "2"), ("Көркем еңбек / Технология", ""),
    ]  # fmt: skip


def test_variants_stand_in_one_column_and_are_needed_each_for_itself() -> None:
    crafts = held("Технология")
    made = sheet(Pupil("Ұл", ("boys",)), Pupil("Қыз", ("girls",)), Pupil("Екінші қыз", (), (crafts,)))
    assert coverage(made).subjects[-1][1] == Cover(3, 1)
    needs = {need.subject: need.count for need in made.needs if not need.part}
    assert needs == {"Алгебра": 3, "Көркем еңбек": 1, "Технология": 2}


def test_those_of_whom_nobody_knows_the_group_take_turns_in_what_is_needed() -> None:
    made = sheet(*(Pupil(f"Оқушы {n}") for n in range(25)), lines=LINES[3:])
    assert made.needs == (Need("Көркем еңбек", "", 13), Need("Технология", "", 12))


def test_a_pupil_who_is_in_no_part_of_a_division_gets_nothing_of_it() -> None:
    lines = (SetLine("Химия", group="profile-science"), SetLine("Алгебра"))
    made = sheet(Pupil("А", ("profile-science",)), Pupil("Ә", ("english-1",)), lines=lines)
    assert [[cell.wanted for cell in pupil.cells] for pupil in made.pupils] == [[True, True], [True, True]]


def test_another_edition_is_noted_and_counts() -> None:
    has = (held("Математика", "1", 2018, "77"), held("Математика", "2", 2023, ""), held("Алгебра", "", 2010))
    made = sheet(Pupil("Ұл", ("boys",), has))
    algebra, first, second, _ = made.pupils[0].cells
    assert first.given == (Given("77", 2018),) and second.given == (Given(""),) and algebra.given == (Given(""),)
    assert coverage(made).whole == Cover(4, 3)


def test_a_subject_is_one_however_it_is_typed() -> None:
    """D2 has 66 words with a Latin i in them (DOMAIN.md 5)."""
    made = sheet(Pupil("Ұл", (), (held("қазақ тiлi ", "", 2020),)), lines=(SetLine("Қазақ тілі"),))
    assert len(made.slots) == 1 and made.pupils[0].cells[0].given


def test_what_the_set_has_not_stands_behind_it_and_is_not_counted() -> None:
    made = sheet(
        Pupil("Ұл", ("boys",), (held("Шахмат", "", 2020), held("Алгебра", "", 2020))),
        Pupil("Қыз", ("girls",), (held("Ән", "", 2020),)),
    )
    assert [slot.subject for slot in made.slots if slot.extra] == ["Ән", "Шахмат"]
    assert coverage(made).whole == Cover(8, 1)


def test_what_is_still_there_from_last_year_is_on_no_sheet_of_this_one() -> None:
    old = held("Шахмат", since=date(2026, 5, 31))
    assert sheet(Pupil("Ұл", (), (old, held("Ән", since=date(2026, 6, 1))))).slots[-1].subject == "Ән"


def test_what_is_given_out_in_january_is_on_the_sheet_from_then_on() -> None:
    later = set_of(SetLine("Алгебра"), SetLine("Физика", term=2))
    for term, slots in ((1, 1), (2, 2)):
        made = sheet_of(FIVE, 2026, "kk", "", later, [Pupil("Ұл", (), (held("Физика"),))], term)
        assert len([slot for slot in made.slots if not slot.extra]) == slots
        assert coverage(made).whole == Cover(slots, slots - 1)


def test_two_copies_of_one_subject_cover_it_once() -> None:
    twice = (held("Алгебра", "", 2020, "1"), held("Алгебра", "", 2020, "2"))
    made = sheet(Pupil("Ұл", (), twice), lines=LINES[:1])
    assert coverage(made).whole == Cover(1, 1) and len(made.slots) == 1
    assert made.pupils[0].cells[0].given == (Given("1"), Given("2"))


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_hundred_per_cent_means_that_nothing_lacks(needed: int, given_: int) -> None:
    cover = Cover(needed, min(given_, needed))
    assert (cover.percent is None) == (needed == 0)
    if needed:
        assert cover.percent is not None
        assert 0 <= cover.percent <= 100 and (cover.percent == 100) == (cover.lacking == 0)


def test_classes_are_in_the_order_of_a_school() -> None:
    classes = [SchoolClass(10, "А"), SchoolClass(2, "Ә"), SchoolClass(2, "А"), SchoolClass(2, "Б"), SchoolClass(0)]
    covers = [coverage(sheet_of(one, 2026, "kk", "", None, ())) for one in classes]
    assert [(of.school_class.grade, of.school_class.letter) for of in by_class(covers)] == [
        (0, ""), (2, "А"), (2, "Ә"), (2, "Б"), (10, "А"),
    ]  # fmt: skip


def test_stock_adds_editions_up_and_puts_the_greatest_lack_first() -> None:
    pupils = tuple(Pupil(f"Оқушы {n}") for n in range(30))
    of = sheet(*pupils, lines=(SetLine("Алгебра"), SetLine("Физика"), SetLine("Химия"), SetLine("Орыс тілі")))
    titles = (
        TitleStock("Алгебра", "", 5, "kk", 2018, 12, 10),
        TitleStock("алгебра", "", 5, "kk", 2023, 13, 0, 2),
        TitleStock("Химия", "", 5, "kk", 2020, 40),
        TitleStock("Алгебра", "", 5, "ru", 2020, 9),
        TitleStock("Алгебра", "", None, "kk", 2020, 99),
        TitleStock("Орыс тілі", "", 5, "ru", 2020, 31),
    )
    (kazakh, russian) = stock([of], titles)
    assert [(line.subject, line.difference) for line in kazakh.lines] == [
        ("Физика", -30),
        ("Алгебра", -5),
        ("Орыс тілі", 1),
        ("Химия", 10),
    ]
    algebra = kazakh.lines[1]
    assert (algebra.copies, algebra.out, algebra.repair) == (25, 10, 2)
    assert algebra.editions == ((2023, 13), (2018, 12))
    assert [(line.subject, line.difference) for line in russian.lines] == [("Алгебра", 9)]
