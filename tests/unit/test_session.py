"""Codes just seen, wrong PINs, what a visit did, and timers that are over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation import visit
from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Ask, Woke
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.model import Item, ItemKind, ItemStatus, Patron, PatronRecord, Title
from kiosk.circulation.rules import Rules, VisitSettings
from kiosk.circulation.session import Entry, PinTries, RecentCodes, Session
from kiosk.circulation.views import RowState

WINDOW_S = 2.0
GAPS = st.lists(st.tuples(st.sampled_from("ABC"), st.floats(0, 4)), max_size=40)


def seen(scans: list[tuple[str, float]], window_s: float = WINDOW_S) -> list[bool]:
    """Which of the scans (code, seconds since the last one) are new."""
    recent, now, news = RecentCodes(), 100.0, []
    for code, gap in scans:
        now += gap
        recent, is_new = recent.saw(code, now, window_s)
        news.append(is_new)
    return news


@pytest.mark.parametrize(
    ("scans", "news"),
    [
        ([("A", 0), ("A", 0)], [True, False]),
        ([("A", 0), ("A", 1.999)], [True, False]),
        ([("A", 0), ("A", 2.0)], [True, True]),
        ([("A", 0), ("A", 1.5), ("A", 1.5), ("A", 1.5)], [True, False, False, False]),
        ([("A", 0), ("A", 1.5), ("A", 2.0)], [True, False, True]),
        ([("A", 0), ("B", 0.5), ("A", 0.5), ("B", 0.5)], [True, True, False, False]),
    ],
)
def test_the_window_slides_from_when_a_code_was_last_seen(scans: list[tuple[str, float]], news: list[bool]) -> None:
    assert seen(scans) == news


@given(GAPS)
def test_a_scan_is_new_just_if_its_code_was_not_seen_within_the_window(scans: list[tuple[str, float]]) -> None:
    now, last, expected = 100.0, dict[str, float](), []
    for code, gap in scans:
        now += gap
        expected.append(code not in last or now - last[code] >= WINDOW_S)
        last[code] = now
    assert seen(scans) == expected


@given(GAPS)
def test_without_a_window_every_scan_is_new(scans: list[tuple[str, float]]) -> None:
    assert all(seen(scans, 0.0))


def test_what_is_remembered_is_bounded() -> None:
    recent = RecentCodes()
    for number in range(1000):
        recent, _ = recent.saw(str(number), 1.0, WINDOW_S)
    assert len(recent.seen) < 20


def test_a_forgotten_code_is_new_and_the_others_are_not() -> None:
    recent, _ = RecentCodes().saw("A", 1.0, WINDOW_S)
    recent, _ = recent.saw("B", 1.0, WINDOW_S)
    recent = recent.without("A")
    assert recent.saw("A", 1.1, WINDOW_S)[1]
    assert not recent.saw("B", 1.1, WINDOW_S)[1]


def failures(count: int, tries: int = 3, wait_s: float = 30.0, at: float = 1000.0) -> PinTries:
    """So many wrong PINs of one patron, all at one time."""
    found = PinTries()
    for _ in range(count):
        found = found.failed("p", at, tries, wait_s)
    return found


@pytest.mark.parametrize(
    ("count", "wait_s"), [(1, 0), (2, 0), (3, 30), (4, 0), (5, 0), (6, 60), (9, 120), (12, 240), (33, 30 * 2**10)]
)
def test_the_wait_doubles_with_every_round_of_wrong_pins(count: int, wait_s: float) -> None:
    tries = failures(count)
    assert tries.count("p") == count
    assert tries.must_wait("p", 1000.0 + wait_s - 0.001) == (wait_s > 0)
    assert not tries.must_wait("p", 1000.0 + wait_s)


def test_the_wait_stops_growing_and_never_breaks() -> None:
    assert not failures(5000, tries=1).must_wait("p", 1000.0 + 30 * 2**10)
    assert failures(5000, tries=1).must_wait("p", 1000.0 + 30 * 2**10 - 1)
    assert not failures(5000, tries=1, wait_s=0.0).must_wait("p", 1000.0)


def test_waiting_is_each_patrons_own_and_the_right_pin_forgives() -> None:
    tries = failures(3).failed("q", 1000.0, 3, 30.0)
    assert tries.must_wait("p", 1001.0)
    assert not tries.must_wait("q", 1001.0)
    assert tries.right("p").count("p") == 0
    assert not tries.right("p").must_wait("p", 1001.0)
    assert tries.right("p").count("q") == 1


def entry(name: str, state: RowState) -> Entry:
    item = Item(name, 1, "t", name, None, ItemKind.BOOK, ItemStatus.AVAILABLE)
    return Entry(item, Title("t", 1, "Абай жолы"), state)


def session(*entries: Entry) -> Session:
    found = Session(PatronRecord(Patron("p", 1, "Айгүл")))
    for one in entries:
        found = found.with_entry(one)
    return found


def test_the_newest_stands_first_and_an_item_stands_once() -> None:
    found = session(entry("A", RowState.BORROWED), entry("B", RowState.BORROWED), entry("A", RowState.UNDONE))
    assert [(one.item.id, one.state) for one in found.entries] == [("A", RowState.UNDONE), ("B", RowState.BORROWED)]
    assert found.entry_of("B") == entry("B", RowState.BORROWED)
    assert found.entry_of("C") is None


def test_a_refusal_goes_with_the_next_scan_and_what_waits_stays() -> None:
    found = session(entry("A", RowState.REFUSED), entry("B", RowState.WAITING), entry("C", RowState.WAITING))
    assert [one.item.id for one in found.entries] == ["C", "B"]
    assert [one.item.id for one in found.waiting()] == ["B", "C"]


def test_what_stands_is_what_was_done_and_not_taken_back() -> None:
    done = (
        Act("1", Kind.CHECKIN),
        Act("2", Kind.CHECKOUT),
        Act("3", Kind.UNDO, undoes="2"),
        Act("4", Kind.HOLD),
        Act("5", Kind.CHECKOUT),
        Act("6", Kind.UNDO, undoes="4"),
    )
    found = Session(PatronRecord(Patron("p", 1, "Айгүл")), acts=done)
    assert [act.id for act in found.standing()] == ["1", "5"]


def test_a_timer_that_was_set_anew_since_rings_for_nothing() -> None:
    now = Moment(0.0, datetime(2026, 9, 22, 10, 0), True, True)
    state = visit.start(Rules(), VisitSettings(), CodeRules(), UUID(int=1))
    assert visit.step(state, Woke(now, state.generation + 1)) == (state, ())
    _, effects = visit.step(state, Woke(now, state.generation))
    assert [type(effect) for effect in effects] == [Ask]
