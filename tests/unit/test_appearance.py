"""What can be switched on for whoever is at the kiosk, and how it is written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.appearance import CHOICES, Appearance, Theme

appearances = st.builds(Appearance, st.sampled_from(Theme), st.booleans(), st.booleans())


@given(appearances)
def test_what_is_written_down_is_read_again(appearance: Appearance) -> None:
    assert Appearance.parse(str(appearance)) == appearance


@given(appearances, st.sampled_from(CHOICES))
def test_a_choice_switches_itself_and_no_other_but_themes(appearance: Appearance, choice: str) -> None:
    after = appearance.switched(choice)
    assert after.has(choice) is not appearance.has(choice)
    others = set(CHOICES) - {choice} - ({"contrast", "night"} if choice in ("contrast", "night") else set())
    assert all(after.has(other) is appearance.has(other) for other in others)


@pytest.mark.parametrize("words", ["", "purple", "light", "Large", "large;drop table"])
def test_words_that_mean_nothing_are_passed_over(words: str) -> None:
    assert Appearance.parse(words) == Appearance()


def test_a_choice_that_nobody_knows_changes_nothing() -> None:
    assert Appearance(large=True).switched("purple") == Appearance(large=True)
