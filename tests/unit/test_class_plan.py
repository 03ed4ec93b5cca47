"""What a class list would change: nobody is made one with somebody else without a word."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.lists.facts import LEAVE_OUT, NEW_PUPIL, Doubt, Entry, Fate, Known, Plan, Stop
from kiosk.circulation.lists.plan import plan_list, plan_moving_up
from kiosk.circulation.lists.rows import ClassList, ListedClass, ListRow, Place
from kiosk.circulation.model import Patron, SchoolClass
from kiosk.circulation.pupils import parse_name

FIVE, FIVE_B, SIX, SIX_B = SchoolClass(5, "А"), SchoolClass(5, "Б"), SchoolClass(6, "А"), SchoolClass(6, "Б")
SURNAMES = [
    "Ахметов",
    "Оспанов",
    "Ким",
    "Цой",
    "Серікова",
    "Әлиева",
    "Жұмабаев",
    "Қасымов",
    "Ли",
    "Пак",
    "Нұрлан",
    "Тен",
]


def known(
    patron_id: str, name: str, its: SchoolClass | None, year: int | None = 2025, left: bool = False, **more: object
) -> Known:
    parsed = parse_name(name)
    assert parsed is not None
    patron = Patron(patron_id, 1, parsed.first, parsed.last, parsed.patronymic, school_class=its, left=left)
    years = {year: its} if year is not None and its is not None else {}
    return Known(patron, years, **more)  # type: ignore[arg-type]


def listed(*rows: tuple[str, SchoolClass], card: str = "", groups: tuple[tuple[str, str], ...] = ()) -> ClassList:
    found = []
    for line, (text, its) in enumerate(rows, 2):
        name = parse_name(text)
        assert name is not None
        found.append(ListRow(Place("", line), name, its, card, groups=groups))
    return ClassList(2026, tuple(ListedClass(its) for its in {its for _, its in rows}), tuple(found))


def fates(plan: Plan) -> dict[Fate, int]:
    return dict(Counter(entry.fate for entry in plan.entries))


def only(plan: Plan) -> Entry:
    (entry,) = plan.entries
    return entry


def test_last_years_class_moves_up_and_a_stranger_is_new() -> None:
    plan = plan_list(listed(("Ахметов Али", SIX), ("Ким Мира", SIX)), 2026, [known("1", "Ахметов Али", FIVE)])
    assert fates(plan) == {Fate.UP: 1, Fate.NEW: 1}
    assert plan.entries[0].known is not None and plan.entries[0].school_class == SIX


def test_the_same_list_again_changes_nothing() -> None:
    plan = plan_list(listed(("Ахметов Али", SIX)), 2026, [known("1", "Ахметов Али", SIX, 2026)])
    assert fates(plan) == {Fate.SAME: 1}


def test_a_class_without_a_year_is_read_by_what_most_of_its_pupils_do() -> None:
    pupils = [known(str(n), f"{name} Али", FIVE, None) for n, name in enumerate(SURNAMES[:4])]
    stays = plan_list(listed(*((f"{name} Али", FIVE) for name in SURNAMES[:3])), 2026, pupils)
    assert fates(stays) == {Fate.SAME: 3, Fate.LEFT: 1}
    goes = plan_list(listed(*((f"{name} Али", SIX) for name in SURNAMES[:3])), 2026, pupils)
    assert fates(goes) == {Fate.UP: 3, Fate.LEFT: 1}


def test_who_is_missing_from_the_list_of_the_class_has_left_and_others_are_not_touched() -> None:
    pupils = [known("1", "Ахметов Али", FIVE), known("2", "Ким Мира", FIVE), known("3", "Цой Лев", FIVE_B)]
    plan = plan_list(listed(("Ахметов Али", SIX)), 2026, pupils)
    assert [entry.known.patron.id for entry in plan.of(Fate.LEFT) if entry.known] == ["2"]


def test_graduates_leave_with_a_list_of_the_whole_school() -> None:
    pupils = [known(str(n), f"{name} Али", SchoolClass(n, "А")) for n, name in enumerate(SURNAMES)][1:]
    rows = [(f"{name} Али", SchoolClass(n + 1, "А")) for n, name in enumerate(SURNAMES)][1:-1]
    plan = plan_list(listed(*rows), 2026, pupils)
    assert fates(plan) == {Fate.UP: 10, Fate.LEFT: 1} and plan.of(Fate.LEFT)[0].id == "11"
    assert Fate.LEFT not in fates(plan_list(listed(rows[0]), 2026, pupils))


def test_one_pupil_of_the_name_in_another_class_of_the_grade_has_moved() -> None:
    plan = plan_list(listed(("Ким Мира", SIX_B)), 2026, [known("1", "Ким Мира", FIVE)])
    assert only(plan).fate is Fate.MOVED and only(plan).known is not None


def test_a_namesake_in_another_grade_or_with_another_patronymic_is_somebody_else() -> None:
    pupils = [known("1", "Ким Мира", SchoolClass(9, "А")), known("2", "Ким Мира Олеговна", FIVE_B)]
    assert only(plan_list(listed(("Ким Мира Павловна", SIX)), 2026, pupils)).fate is Fate.NEW


def test_another_patronymic_in_the_very_class_is_asked_about() -> None:
    entry = only(plan_list(listed(("Ким Мира Павловна", SIX)), 2026, [known("1", "Ким Мира Олеговна", FIVE)]))
    assert entry.fate is Fate.DOUBTFUL and entry.doubt is Doubt.NAMESAKE and len(entry.candidates) == 1


def test_two_of_a_name_elsewhere_are_asked_about_and_the_answer_is_heard() -> None:
    pupils = [known("1", "Ким Мира", FIVE_B), known("2", "Ким Мира", SchoolClass(5, "В"))]
    rows = listed(("Ким Мира", SIX))
    entry = only(plan_list(rows, 2026, pupils))
    assert entry.fate is Fate.DOUBTFUL and {one.patron.id for one in entry.candidates} == {"1", "2"}
    answered = {entry.id: "2"}
    found = only(plan_list(rows, 2026, pupils, answered))
    assert found.fate is Fate.MOVED and found.known is not None and found.known.patron.id == "2"
    assert only(plan_list(rows, 2026, pupils, {entry.id: NEW_PUPIL})).fate is Fate.NEW
    assert only(plan_list(rows, 2026, pupils, {entry.id: LEAVE_OUT})).fate is Fate.DOUBTFUL


def test_candidates_of_a_doubtful_row_have_not_left() -> None:
    pupils = [known("1", "Ким Мира Олеговна", FIVE), known("2", "Цой Лев", FIVE)]
    plan = plan_list(listed(("Ким Мира Павловна", SIX), ("Цой Лев", SIX)), 2026, pupils)
    assert Fate.LEFT not in fates(plan)


def test_the_same_row_twice_is_asked_about_but_two_told_apart_are_two() -> None:
    twice = plan_list(listed(("Ким Мира", FIVE), ("Ким Мира", FIVE)), 2026, [])
    assert fates(twice) == {Fate.NEW: 1, Fate.DOUBTFUL: 1} and twice.entries[1].doubt is Doubt.TWICE
    apart = plan_list(listed(("Ким Мира Олеговна", FIVE), ("Ким Мира Павловна", FIVE)), 2026, [])
    assert fates(apart) == {Fate.NEW: 2}
    again = [known("1", "Ким Мира Олеговна", FIVE, 2026), known("2", "Ким Мира Павловна", FIVE, 2026)]
    rows = listed(("Ким Мира Павловна", FIVE), ("Ким Мира Олеговна", FIVE))
    assert fates(plan_list(rows, 2026, again)) == {Fate.SAME: 2}


def test_two_of_a_name_that_nothing_tells_apart_both_move_up() -> None:
    pupils = [known("1", "Ким Мира", FIVE), known("2", "Ким Мира", FIVE)]
    assert fates(plan_list(listed(("Ким Мира", SIX), ("Ким Мира", SIX)), 2026, pupils)) == {Fate.UP: 2}
    assert fates(plan_list(listed(("Ким Мира", SIX)), 2026, pupils)) == {Fate.DOUBTFUL: 1}


def test_a_card_knows_a_pupil_with_another_surname_but_not_another_name() -> None:
    pupils = [known("1", "Ким Мира", FIVE, cards=frozenset({"P1"}))]
    found = only(plan_list(listed(("Цой Мира", SIX), card="P1"), 2026, pupils))
    assert found.fate is Fate.UP and found.changes == ("name",)
    assert only(plan_list(listed(("Цой Лев", SIX), card="P1"), 2026, pupils)).doubt is Doubt.CARD


def test_initials_are_asked_about() -> None:
    entry = plan_list(listed(("Ким М.", SIX)), 2026, [known("1", "Ким Мира", FIVE)]).entries[0]
    assert entry.fate is Fate.DOUBTFUL and entry.doubt is Doubt.INITIAL


def test_names_keep_their_kazakh_letters_and_their_order() -> None:
    pupils = [known("1", "Қасымов Ерлан Серікұлы", FIVE, 2026), known("2", "Әлиева Айгүл", FIVE, 2026)]
    plan = plan_list(listed(("Касымов Ерлан", FIVE), ("Айгүл Әлиева", FIVE)), 2026, pupils)
    assert fates(plan) == {Fate.SAME: 2}


def test_who_had_left_and_is_in_the_list_is_back() -> None:
    entry = only(plan_list(listed(("Ким Мира", SIX)), 2026, [known("1", "Ким Мира", FIVE, left=True)]))
    assert entry.fate is Fate.UP and entry.changes == ("back",)


def test_groups_that_the_list_does_not_speak_of_stay() -> None:
    pupil = known("1", "Ким Мира", SIX, 2026)
    plan = plan_list(listed(("Ким Мира", SIX), groups=(("sex", "girls"),)), 2026, [pupil])
    assert only(plan).changes == ("groups",)


def test_a_list_of_another_school_or_of_last_year_is_stopped() -> None:
    pupils = [known(str(n), f"{name} Али", FIVE) for n, name in enumerate(SURNAMES)]
    others = plan_list(listed(*((f"{name} Дина", SIX) for name in SURNAMES)), 2026, pupils)
    assert others.stop is Stop.MOSTLY_MISSING and (others.expected, others.missing) == (12, 12)
    old = plan_list(listed(*((f"{name} Али", FIVE) for name in SURNAMES)), 2026, pupils)
    assert old.stop is Stop.LAST_YEAR
    half = plan_list(listed(*((f"{name} Али", SIX) for name in SURNAMES[:6])), 2026, pupils)
    assert half.stop is None and half.count(Fate.LEFT) == 6


def test_moving_up_without_a_list() -> None:
    pupils = [
        known("1", "Ким Мира", FIVE),
        known("2", "Цой Лев", SchoolClass(11, "А")),
        known("3", "Ли Ян", SIX, 2026),
        known("4", "Пак Вера", FIVE, left=True),
        known("5", "Тен Яна", FIVE, None),
    ]
    plan = plan_moving_up(2026, pupils)
    assert {entry.id: (entry.fate, entry.school_class) for entry in plan.entries} == {
        "1": (Fate.UP, SIX),
        "2": (Fate.LEFT, None),
        "5": (Fate.UP, SIX),
    }


@given(st.data())
def test_every_row_has_one_fate_and_every_pupil_at_most_one(data: st.DataObject) -> None:
    names = st.sampled_from(["Ким Мира", "Ким Мира Олеговна", "Ким М.", "Мира Ким", "Цой Лев", "Ли Ян"])
    classes = st.sampled_from([FIVE, FIVE_B, SIX, SIX_B])
    pupils = [
        known(
            str(n),
            data.draw(names),
            data.draw(classes),
            data.draw(st.sampled_from([None, 2025, 2026])),
            data.draw(st.booleans()),
        )
        for n in range(data.draw(st.integers(0, 6)))
    ]
    rows = data.draw(st.lists(st.tuples(names, classes), min_size=1, max_size=8))
    plan = plan_list(listed(*rows), 2026, pupils)
    assert [entry.row for entry in plan.entries][: len(rows)] == list(listed(*rows).rows)
    met = [entry.known.patron.id for entry in plan.entries if entry.known is not None]
    assert len(met) == len(set(met))
    assert all(entry.row is None for entry in plan.of(Fate.LEFT))
    for entry in plan.of(Fate.DOUBTFUL):
        for answer in (NEW_PUPIL, *(one.patron.id for one in entry.candidates if one.patron.id not in met)):
            told = {other.id: other for other in plan_list(listed(*rows), 2026, pupils, {entry.id: answer}).entries}
            assert told[entry.id].fate is not Fate.DOUBTFUL
