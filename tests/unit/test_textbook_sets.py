"""A set's places: variants of divided classes, what fills them, what is lacking, what is copied."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.model import ItemKind, Loan, LoanLine, SchoolClass, SetLine, TextbookSet, Title
from kiosk.circulation.textbooks import sets

SEVENTH = TextbookSet(
    2026, 7, "kk", lines=(
        SetLine("Алгебра", edition=2023),
        SetLine("Қазақ тілі", "1"),
        SetLine("Қазақ тілі", "2", term=2),
        SetLine("Көркем еңбек (ұлдар)", group="boys"),
        SetLine("Көркем еңбек (қыздар)", group="girls"),
        SetLine("Ағылшын тілі", group="english-1", edition=2019),
        SetLine("Ағылшын тілі", group="english-2", edition=2024),
    ),
)  # fmt: skip


def title(subject: str, part: str = "", year: int | None = 2023, grade: int | None = 7, language: str = "kk") -> Title:
    kind = ItemKind.TEXTBOOK
    return Title(f"{subject}{part}{year}{grade}{language}", 1, subject, kind=kind, year=year, language=language,
                 grade=grade, subject=subject, part=part)  # fmt: skip


def lent(one: Title) -> LoanLine:
    return LoanLine(Loan(one.id, "p", one.id, None, date(2026, 8, 20), date(2027, 5, 25), 10), one, None)


def texts(places: tuple[sets.Place, ...]) -> list[str]:
    return [place.text for place in places]


def test_variants_of_a_pupil_of_no_known_group_are_one_place() -> None:
    assert texts(sets.places_for(SEVENTH)) == [
        "Алгебра", "Қазақ тілі 1", "Қазақ тілі 2", "Көркем еңбек (ұлдар) / Көркем еңбек (қыздар)", "Ағылшын тілі",
    ]  # fmt: skip


def test_a_pupil_whose_group_is_known_gets_that_variant() -> None:
    assert texts(sets.places_for(SEVENTH, ("girls",)))[3] == "Көркем еңбек (қыздар)"
    english = sets.places_for(SEVENTH, ("english-2",))[4]
    assert [line.edition for line in english.lines] == [2024]


def test_a_book_of_one_part_says_which_part_the_pupil_is_in() -> None:
    profile = TextbookSet(
        2026, 10, "kk", lines=(
            SetLine("Физика", group="profile-science"), SetLine("Химия", group="profile-science"),
            SetLine("Биология", group="profile-science"),
            SetLine("География", group="profile-arts"), SetLine("Құқық негіздері", group="profile-arts"),
        ),
    )  # fmt: skip
    assert texts(sets.places_for(profile)) == ["Физика / География", "Химия / Құқық негіздері", "Биология"]
    standing = sets.standing(profile, (), [lent(title("География", grade=10))])
    assert texts(tuple(one.place for one in standing.places)) == ["География", "Құқық негіздері"]
    assert texts(standing.lacking(1)) == ["Құқық негіздері"]


def test_any_variant_fills_a_place() -> None:
    for subject in ("Көркем еңбек (ұлдар)", "Көркем еңбек (қыздар)"):
        standing = sets.standing(SEVENTH, (), [lent(title(subject))])
        assert standing.done(1) == (1, 4)
        assert standing.surplus == ()


def test_another_edition_fills_the_place_and_is_noted() -> None:
    right, other = title("Алгебра"), title("Алгебра", year=2019)
    assert sets.standing(SEVENTH, (), [lent(right)]).places[0].edition_ok
    noted = sets.standing(SEVENTH, (), [lent(other)]).places[0]
    assert noted.loan is not None
    assert not noted.edition_ok


def test_a_second_copy_of_a_subject_is_surplus() -> None:
    standing = sets.standing(SEVENTH, (), [lent(title("Алгебра")), lent(title("Алгебра", year=2019))])
    assert [line.title.year for line in standing.surplus] == [2019]


def test_the_second_term_is_not_lacking_in_autumn() -> None:
    assert "Қазақ тілі 2" not in texts(sets.standing(SEVENTH, (), []).lacking(1))
    assert "Қазақ тілі 2" in texts(sets.standing(SEVENTH, (), []).lacking(2))


@pytest.mark.parametrize(("day", "term"), [("2026-06-01", 1), ("2026-12-31", 1), ("2027-01-01", 2), ("2027-05-31", 2)])
def test_terms_follow_the_school_year(day: str, term: int) -> None:
    assert sets.term_of(date.fromisoformat(day)) == term


@pytest.mark.parametrize(
    ("one", "fills"),
    [
        (title("алгебра"), True),
        (title("Алгeбра"), True),  # a Latin e
        (title("Алгебра", grade=8), False),
        (title("Алгебра", language="ru"), False),
        (title("Алгебра", part="1"), False),
        (title("Алгебра", grade=None, language=""), True),
        (title("Ағылшын тілі", language="en"), True),
        (Title("x", 1, "Алгебра", kind=ItemKind.BOOK, grade=7, language="kk", subject="Алгебра"), False),
    ],
)
def test_what_a_title_fills(one: Title, fills: bool) -> None:
    assert (sets.place_of(one, sets.places_for(SEVENTH), SEVENTH) is not None) is fills


def test_a_set_of_a_letter_goes_before_that_of_the_grade() -> None:
    own = TextbookSet(2026, 7, "kk", "Ә", (SetLine("Физика"),))
    among = (SEVENTH, own, TextbookSet(2026, 7, "ru"), TextbookSet(2025, 7, "kk", "А"))
    assert sets.set_for(among, 2026, SchoolClass(7, "Ә"), "kk") == own
    assert sets.set_for(among, 2026, SchoolClass(7, "А"), "kk") == SEVENTH
    assert sets.set_for(among, 2026, SchoolClass(8, "А"), "kk") is None


def test_copying_leaves_what_is_there_already() -> None:
    changed = TextbookSet(2027, 7, "ru", lines=(SetLine("Алгебра"),))
    among = (SEVENTH, TextbookSet(2026, 7, "ru"), changed)
    assert sets.copied(among, 2026, 2027) == (sets.for_year(SEVENTH, 2027),)


def test_a_line_of_the_same_place_is_replaced() -> None:
    newer = sets.with_line(SEVENTH, SetLine("Алгебра", edition=2026))
    assert len(newer.lines) == len(SEVENTH.lines)
    assert newer.lines[0].edition == 2026
    assert sets.without_line(newer, newer.lines[0]).lines == SEVENTH.lines[1:]


subjects = st.sampled_from(["Алгебра", "Қазақ тілі", "Көркем еңбек", "Физика", "Ағылшын тілі"])
lines = st.builds(
    SetLine, subjects, st.sampled_from(["", "1", "2"]), st.none() | st.just(2023),
    st.sampled_from(["", "boys", "girls", "english-1", "english-2", "arts", "science"]), st.sampled_from([1, 2]),
)  # fmt: skip


@given(st.lists(lines, max_size=12), st.lists(subjects, max_size=8), st.sets(st.sampled_from(["boys", "arts"])))
def test_every_loan_fills_one_place_or_is_surplus(found: list[SetLine], held: list[str], groups: set[str]) -> None:
    loans = [lent(title(subject, year=2000 + at)) for at, subject in enumerate(held)]
    standing = sets.standing(TextbookSet(2026, 7, "kk", lines=tuple(found)), tuple(groups), loans)
    filling = [one.loan for one in standing.places if one.loan is not None]
    assert sorted(line.loan.id for line in (*filling, *standing.surplus)) == sorted(line.loan.id for line in loans)
    done, total = standing.done(2)
    assert done + len(standing.lacking(2)) == total == len({one.place.id for one in standing.places})
    for one in standing.places:
        assert len({line.term for line in one.place.lines}) == 1
