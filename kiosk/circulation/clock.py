"""What day it is, when the clock may be wrong (DESIGN.md 6).

A Raspberry Pi has no battery clock: without a network it wakes in 1970 or on the day it was switched off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

KNOWN_FOR = timedelta(days=2)
FORWARD_LIMIT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock shows. mono: seconds that only go forward; wall: the time of day, with its zone."""

    mono: float
    wall: datetime
    trusted: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, as the rules may use it. known: whether a due date can be told; trusted: whether anybody may be late."""

    mono: float
    wall: datetime
    trusted: bool
    known: bool

    @property
    def day(self) -> date:
        """Today, as well as it is known."""
        return self.wall.date()


def reckon(reading: Reading, mark: datetime | None) -> Moment:
    """The moment to go by. mark: the latest trusted time committed, None in a store that never saw one.

    Untrusted, the time is the later of the mark and the clock's, but a jump of over 30 days forward is not believed;
    further than two days from the mark, or without one, the date is not known.
    """
    if reading.trusted:
        return Moment(reading.mono, reading.wall, True, True)
    if mark is None:
        return Moment(reading.mono, reading.wall, False, False)
    ahead = reading.wall - mark
    known = abs(ahead) <= KNOWN_FOR
    believed = reading.wall if timedelta(0) <= ahead <= FORWARD_LIMIT else mark.astimezone(reading.wall.tzinfo)
    return Moment(reading.mono, believed, False, known)
