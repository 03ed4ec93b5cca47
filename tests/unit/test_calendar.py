"""Due dates: whatever the library's calendar, and the one that ships."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.calendar import Calendar
from kiosk.config import load
from kiosk.initialise import settings

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Calendar:
    path = Path(tmp_path_factory.mktemp("calendar")) / "kiosk.toml"
    path.write_text(settings("School", "kiosk"), encoding="utf-8")
    return load(path).rules.calendar


MONTH_DAYS = st.dates(date(2027, 1, 1), date(2027, 12, 31)).map(lambda day: (day.month, day.day))
TODAYS = st.dates(date(2026, 1, 1), date(2031, 12, 31))
CALENDARS = st.builds(
    Calendar,
    closed_weekdays=st.frozensets(st.integers(0, 6), max_size=5),
    holidays=st.frozensets(MONTH_DAYS, max_size=14),
    stays=st.frozensets(MONTH_DAYS, max_size=2),
    moves=st.booleans(),
    closed=st.frozensets(TODAYS, max_size=20),
    year_end=MONTH_DAYS,
)


@given(CALENDARS, TODAYS, st.integers(1, 120))
def test_a_due_date_is_an_open_day_not_before_today_and_not_past_the_school_year(
    calendar: Calendar, today: date, days: int
) -> None:
    due, end = calendar.due(today, days), calendar.school_year_end(today)
    assert today <= due <= end
    capped = due < today + days * DAY
    assert calendar.is_open(due) or due == today
    if capped:
        assert not any(calendar.is_open(due + n * DAY) for n in range(1, (end - due).days + 1))
    else:
        assert not any(calendar.is_open(today + n * DAY) for n in range(days, (due - today).days))


@given(CALENDARS, TODAYS, st.integers(1, 60), st.integers(0, 60))
def test_a_longer_loan_is_never_due_earlier(calendar: Calendar, today: date, days: int, more: int) -> None:
    assert calendar.due(today, days) <= calendar.due(today, days + more)


@given(CALENDARS, TODAYS, st.integers(1, 60))
def test_a_later_loan_of_the_same_school_year_is_never_due_earlier(calendar: Calendar, today: date, days: int) -> None:
    tomorrow = today + DAY
    if calendar.school_year_end(today) == calendar.school_year_end(tomorrow):
        assert calendar.due(today, days) <= calendar.due(tomorrow, days)


@given(CALENDARS, TODAYS, st.integers(1, 60))
def test_until_the_end_of_the_school_year_means_its_last_open_day(calendar: Calendar, today: date, days: int) -> None:
    due, end = calendar.due(today, days, until_year_end=True), calendar.school_year_end(today)
    assert due == calendar.due(today, 3650)
    assert due == today or calendar.is_open(due)
    assert not any(calendar.is_open(due + n * DAY) for n in range(1, (end - due).days + 1))


@given(CALENDARS, TODAYS)
def test_the_school_year_ends_within_a_year_and_on_its_day(calendar: Calendar, today: date) -> None:
    end = calendar.school_year_end(today)
    assert today <= end <= today + 366 * DAY
    assert (end.month, end.day) == calendar.year_end


@given(CALENDARS, TODAYS)
def test_a_closed_day_is_closed_whatever_else_it_is(calendar: Calendar, day: date) -> None:
    if day in calendar.closed or day.weekday() in calendar.closed_weekdays:
        assert not calendar.is_open(day)


@pytest.mark.parametrize("year", range(2026, 2031))
def test_the_shipped_calendar_agrees_with_an_independent_list(shipped: Calendar, year: int) -> None:
    """The package names days off that were moved, too. 15 March is Constitution Day from 2027, 30 August no more."""
    off = holidays.country_holidays("KZ", years=year)
    days = [date(year, 1, 1) + n * DAY for n in range(365)]
    not_yet = {date(2026, 3, 15), date(2026, 3, 16)}
    differing = [d for d in days if shipped.is_open(d) != (d.weekday() < 5 and d not in off) and d not in not_yet]
    assert differing == []


def test_the_shipped_list_has_the_fixed_holidays_and_no_others(shipped: Calendar) -> None:
    named = {
        (day.month, day.day)
        for day, name in holidays.country_holidays("KZ", years=range(2027, 2031), language="en_US").items()
        if "(observed)" not in name and "(estimated)" not in name
    }
    assert shipped.holidays == named


def test_two_holidays_at_one_weekend_close_the_next_two_days(shipped: Calendar) -> None:
    """1 and 2 January 2028 are a Saturday and a Sunday."""
    assert [shipped.is_open(date(2028, 1, day)) for day in (3, 4, 5)] == [False, False, True]


def test_school_holidays_do_not_put_a_moved_holiday_off() -> None:
    """Republic Day 2026 is a Sunday; the Monday after it lies in a break already."""
    span = frozenset(date(2026, 10, 26) + n * DAY for n in range(7))
    calendar = Calendar(holidays=frozenset({(10, 25)}), closed=span)
    assert calendar.is_open(date(2026, 11, 2))
    assert not Calendar(holidays=frozenset({(10, 25)})).is_open(date(2026, 10, 26))


def test_a_library_closed_for_more_than_a_year_still_gets_an_answer() -> None:
    today = date(2026, 9, 1)
    closed = frozenset(today + n * DAY for n in range(800))
    assert Calendar(closed=closed).due(today, 10) == today
