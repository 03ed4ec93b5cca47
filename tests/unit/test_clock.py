"""What day it is when the clock may be wrong: DESIGN.md 6."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.clock import Moment, Reading, reckon

ZONE = ZoneInfo("Asia/Almaty")
MARK = datetime(2026, 9, 22, 10, 0, tzinfo=ZONE)
SECOND = timedelta(seconds=1)
DAYS_30 = timedelta(days=30)
DAYS_2 = timedelta(days=2)


def unsure(ahead: timedelta) -> Moment:
    return reckon(Reading(0.0, MARK + ahead, False), MARK.astimezone(UTC))


@pytest.mark.parametrize(
    ("ahead", "day", "known"),
    [
        (timedelta(0), date(2026, 9, 22), True),
        (DAYS_2, date(2026, 9, 24), True),
        (DAYS_2 + SECOND, date(2026, 9, 24), False),
        (DAYS_30, date(2026, 10, 22), False),
        (DAYS_30 + SECOND, date(2026, 9, 22), False),
        (timedelta(days=4000), date(2026, 9, 22), False),
        (-SECOND, date(2026, 9, 22), True),
        (-DAYS_2, date(2026, 9, 22), True),
        (-DAYS_2 - SECOND, date(2026, 9, 22), False),
        (timedelta(days=-20000), date(2026, 9, 22), False),
    ],
)
def test_an_unsure_clock_is_believed_within_bounds(ahead: timedelta, day: date, known: bool) -> None:
    moment = unsure(ahead)
    assert (moment.day, moment.known, moment.trusted) == (day, known, False)


@given(st.timedeltas(min_value=timedelta(days=-20000), max_value=timedelta(days=20000)))
def test_an_unsure_day_is_never_before_the_mark_nor_far_beyond_it(ahead: timedelta) -> None:
    moment = unsure(ahead)
    assert MARK <= moment.wall <= MARK + DAYS_30
    assert not moment.trusted


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)), st.none() | st.just(MARK))
def test_a_trusted_clock_is_believed_whatever_the_mark(wall: datetime, mark: datetime | None) -> None:
    shown = wall.replace(tzinfo=ZONE)
    assert reckon(Reading(7.5, shown, True), mark) == Moment(7.5, shown, True, True)


def test_without_a_mark_nothing_is_known() -> None:
    assert reckon(Reading(7.5, MARK, False), None) == Moment(7.5, MARK, False, False)


def test_the_day_is_that_of_the_library_not_of_greenwich() -> None:
    late = datetime(2026, 9, 22, 23, 30, tzinfo=UTC)
    moment = reckon(Reading(0.0, datetime(1970, 1, 1, tzinfo=ZONE), False), late)
    assert moment.day == date(2026, 9, 23)
