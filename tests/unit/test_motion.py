"""What moves when one View follows another: no window is needed to tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.circulation.appearance import Appearance, Theme
from kiosk.circulation.views import Message, View
from kiosk.screens import motion
from kiosk.screens.motion import STILL, Cover, Scene, Track, scene
from kiosk.showcase import views

SEEN = views()
WHO = SEEN["visit-borrowed"].patron
EMPTY, BORROWED, RETURNED, LIMIT = (
    replace(SEEN[f"visit-{name}"], patron=WHO) for name in ("empty", "borrowed", "returned", "limit")
)
ANOTHER = replace(BORROWED.rows[0], id="another")
SECOND = replace(BORROWED, rows=(ANOTHER, *BORROWED.rows), scans=BORROWED.scans + 1)


def test_a_borrowed_book_rises() -> None:
    assert scene(EMPTY, BORROWED).cover is Cover.RISES


def test_the_book_before_it_goes_into_the_list() -> None:
    assert scene(BORROWED, SECOND) == Scene(cover=Cover.RISES, shelved=BORROWED.rows[0])


def test_a_returned_book_sinks_and_a_spine_of_the_limit_empties() -> None:
    assert RETURNED.patron is not None
    fuller = replace(BORROWED, patron=replace(RETURNED.patron, loans=RETURNED.patron.loans + 1))
    found = scene(fuller, RETURNED)
    assert (found.cover, found.emptied) == (Cover.SINKS, True)


def test_what_is_refused_steps_aside_and_again_for_another_scan() -> None:
    assert scene(BORROWED, LIMIT).cover is Cover.STEPS_ASIDE
    assert scene(LIMIT, replace(LIMIT, scans=LIMIT.scans + 1)).cover is Cover.STEPS_ASIDE
    assert scene(LIMIT, replace(LIMIT, language="ru")) == STILL


def test_a_book_that_is_kept_or_taken_back_stays_where_it_is() -> None:
    kept = replace(RETURNED, rows=(replace(RETURNED.rows[0], state=SEEN["visit-kept"].rows[0].state),))
    assert scene(RETURNED, kept).cover is Cover.STAYS


def test_pages_fade() -> None:
    assert scene(BORROWED, SEEN["account"]) == Scene(fades=True)
    assert scene(SEEN["home"], EMPTY) == Scene(fades=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, BORROWED),
        (BORROWED, SEEN["home"]),
        (SEEN["summary"], SEEN["home"]),
        (BORROWED, SEEN["summary"] if SEEN["summary"].patron is None else SEEN["home"]),
        (EMPTY, SEEN["idle-warning"]),
        (SEEN["idle-warning"], BORROWED),
        (EMPTY, replace(BORROWED, appearance=Appearance(Theme.NIGHT))),
    ],
)
def test_nothing_moves(before: View | None, after: View) -> None:
    assert scene(before, after) == STILL


def test_nothing_of_another_child_moves() -> None:
    assert BORROWED.patron is not None
    other = replace(SECOND, patron=replace(BORROWED.patron, id="somebody else"))
    assert scene(BORROWED, other) == STILL


def test_nothing_moves_for_whoever_listens() -> None:
    spoken = Appearance(spoken=True)
    assert scene(replace(EMPTY, appearance=spoken), replace(BORROWED, appearance=spoken)) == STILL


def test_an_answer_that_came_later_than_the_scan_moves_too() -> None:
    waiting = replace(EMPTY, scans=BORROWED.scans, message=Message.of("info.one_moment"))
    assert scene(waiting, BORROWED).cover is Cover.RISES


@pytest.mark.parametrize("ease", [motion.linear, motion.out_cubic, motion.out_back, motion.in_out_quad])
def test_everything_begins_at_its_beginning_and_ends_at_its_end(ease: motion.Ease) -> None:
    assert ease(0) == pytest.approx(0) and ease(1) == pytest.approx(1)
    there_and_back = motion.there_and_back(ease)
    assert [there_and_back(t) for t in (0, 0.5, 1)] == pytest.approx([0, 1, 0])


def test_a_part_that_begins_later_waits_at_its_beginning_and_stays_at_its_end() -> None:
    at: list[float] = []
    track = Track(at.append, 0.1, starts_s=0.2)
    for after_s in (0.0, 0.2, 0.25, 0.3, 9.0):
        track.at(after_s)
    assert at == pytest.approx([0, 0, 0.5, 1, 1])


def test_no_motion_lasts_longer_than_a_third_of_a_second() -> None:
    ends = (motion.SCAN_S, motion.RISE_S + motion.SEAL_S, motion.SHELVE_S, motion.RETURN_S, motion.REFUSE_S)
    assert max(*ends, motion.FADE_S) <= 1 / 3
