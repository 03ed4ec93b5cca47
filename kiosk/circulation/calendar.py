"""Due dates: closed days, public holidays, the end of the school year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)


NEXT_YEAR_FROM = (6, 1)
"""From this day on textbooks are handed out for the school year that begins in autumn (DOMAIN.md 3)."""


def school_year(day: date) -> int:
    """The year in which the school year begins that textbooks are handed out for on a day."""
    return day.year if (day.month, day.day) >= NEXT_YEAR_FROM else day.year - 1


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the library is open.

    closed_weekdays: 0 is Monday. holidays: (month, day) of every year. moves: a holiday on a closed weekday makes the
    next open day closed too, but for those in `stays` (Labour Code of Kazakhstan, art. 84: not 7 January). closed:
    single days, holidays without a fixed date among them. year_end: (month, day) of the last school day.
    """

    closed_weekdays: frozenset[int] = frozenset({5, 6})
    holidays: frozenset[tuple[int, int]] = frozenset()
    stays: frozenset[tuple[int, int]] = frozenset()
    moves: bool = True
    closed: frozenset[date] = frozenset()
    year_end: tuple[int, int] = (5, 25)

    def is_open(self, day: date) -> bool:
        """Whether a book can be returned to a person on that day."""
        return day not in self.closed and not self._is_off(day) and not (self.moves and day in self._moved(day))

    def _is_off(self, day: date) -> bool:
        """Whether it is a weekend or a public holiday; school holidays put no public one off."""
        return day.weekday() in self.closed_weekdays or (day.month, day.day) in self.holidays

    def _moved(self, day: date) -> frozenset[date]:
        """The days that replace holidays on closed weekdays, as far as they can fall on `day`."""
        replaced: set[date] = set()
        for back in range(10, 0, -1):
            holiday = day - back * _DAY
            key = (holiday.month, holiday.day)
            if key in self.holidays and key not in self.stays and holiday.weekday() in self.closed_weekdays:
                replaced.add(next(d for d in _days_from(holiday) if not self._is_off(d) and d not in replaced))
        return frozenset(replaced)

    def school_year_end(self, today: date) -> date:
        """The last school day of the school year that `today` is in, or of the next one in summer."""
        end = date(today.year, *self.year_end)
        return end if today <= end else date(today.year + 1, *self.year_end)

    def due(self, today: date, days: int, until_year_end: bool = False) -> date:
        """The day to return a loan made today: `days` later, moved on to an open day, never past the school year.

        until_year_end: the last day of the school year itself, whatever `days` says. Never before today.
        """
        return _due(self, today, days, until_year_end)

    def _due(self, today: date, days: int, until_year_end: bool) -> date:
        end = self.school_year_end(today)
        while end > today and not self.is_open(end):
            end -= _DAY
        if until_year_end:
            return end
        first = today + days * _DAY
        return min(next((d for d in _days_from(first, 366) if self.is_open(d)), first), end)


@lru_cache(maxsize=64)
def _due(calendar: Calendar, today: date, days: int, until_year_end: bool) -> date:
    """The same question comes all day long."""
    return calendar._due(today, days, until_year_end)


def _days_from(start: date, limit: int = 3660) -> Iterator[date]:
    return (start + n * _DAY for n in range(limit))
