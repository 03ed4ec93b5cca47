"""Which of the codes that a camera reads are believed, and how often they are told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.camera.agree import AWAY_S, Agreement

SURE, UNSURE = True, False


def test_a_code_that_cannot_be_wrong_is_told_at_once() -> None:
    assert Agreement().see([("B1", SURE)], 0.0) == ["B1"]


def test_a_code_without_a_check_is_told_when_a_second_picture_shows_it() -> None:
    agreement = Agreement()
    assert agreement.see([("17", UNSURE)], 0.0) == []
    assert agreement.see([("17", UNSURE)], 0.1) == ["17"]


def test_two_different_misreads_are_no_agreement() -> None:
    agreement = Agreement()
    assert agreement.see([("17", UNSURE)], 0.0) == []
    assert agreement.see([("71", UNSURE)], 0.1) == []


def test_a_second_picture_that_comes_too_late_is_a_first_one() -> None:
    agreement = Agreement()
    agreement.see([("17", UNSURE)], 0.0)
    assert agreement.see([("17", UNSURE)], AWAY_S) == []


def test_a_code_that_stays_in_sight_is_told_once() -> None:
    agreement = Agreement()
    told = [agreement.see([("B1", SURE)], 0.1 * n) for n in range(100)]
    assert told == [["B1"], *[[]] * 99]


def test_a_code_that_flickers_is_told_once() -> None:
    agreement = Agreement()
    told = [agreement.see([("B1", SURE)] if n % 3 == 0 else [], 0.1 * n) for n in range(60)]
    assert [one for one in told if one] == [["B1"]]


def test_a_code_shown_again_after_it_was_away_is_told_again() -> None:
    agreement = Agreement()
    agreement.see([("B1", SURE)], 0.0)
    assert agreement.see([("B1", SURE)], AWAY_S) == ["B1"]


def test_a_code_shown_again_after_another_is_told_again() -> None:
    agreement = Agreement()
    told = [agreement.see([(code, SURE)], 0.1 * n) for n, code in enumerate(["A", "B", "A"])]
    assert told == [["A"], ["B"], ["A"]]


def test_two_codes_in_one_picture_are_each_told_once() -> None:
    agreement = Agreement()
    both = [("A", SURE), ("B", SURE)]
    assert [agreement.see(both, 0.1 * n) for n in range(3)] == [["A", "B"], [], []]


@given(st.lists(st.tuples(st.text(max_size=3), st.booleans(), st.floats(0, 0.5)), max_size=200))
def test_nothing_piles_up_and_nothing_is_told_on_one_unsure_picture(shown: list[tuple[str, bool, float]]) -> None:
    agreement, mono, seen = Agreement(), 0.0, set[str]()
    for text, sure, pause in shown:
        mono += pause
        for told in agreement.see([(text, sure)], mono):
            assert sure or told in seen
        seen.add(text)
        assert len(agreement._seen) <= 16


def test_a_picture_full_of_codes_is_not_all_kept() -> None:
    agreement = Agreement()
    for number in range(10):
        agreement.see([(f"{number}-{n}", UNSURE) for n in range(10)], 0.01 * number)
    assert len(agreement._seen) == 16
