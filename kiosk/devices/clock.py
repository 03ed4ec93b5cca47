"""The machine's clock, and one that is set by hand. Both are ports.Clock."""

from __future__ import annotations

import ctypes
import time
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from kiosk.circulation.clock import Reading

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


def boot_id() -> str:
    """What names this boot of the machine; a confirmed date holds until the next one."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


def is_synchronised() -> bool:
    """Whether the kernel holds its clock to be set by NTP since boot. Source: adjtimex(2)."""
    timex = _Timex()
    try:
        state = int(ctypes.CDLL(None).adjtimex(ctypes.byref(timex)))
    except (OSError, AttributeError):
        return False
    return state not in (-1, _TIME_ERROR) and not timex.status & _STA_UNSYNC


class SystemClock:
    """The machine's clock. confirmed: how far it was off when staff confirmed the date in this boot, None if never."""

    def __init__(self, zone: tzinfo, battery_clock: bool = False, confirmed: timedelta | None = None) -> None:
        self._zone = zone
        self._battery = battery_clock
        self._confirmed = confirmed
        self._checked = (0.0, False)

    def read(self) -> Reading:
        """What the clock shows now."""
        mono = time.monotonic()
        if self._synchronised(mono):
            return Reading(mono, datetime.now(self._zone), True)
        wall = datetime.now(self._zone) + (self._confirmed or timedelta(0))
        return Reading(mono, wall, self._battery or self._confirmed is not None)

    def _synchronised(self, mono: float) -> bool:
        at, state = self._checked
        if mono - at >= 1.0 or not at:
            self._checked = (mono, state := is_synchronised())
        return state

    def confirm(self, day: date) -> timedelta:
        """Staff said that today is this day. Returns how far the machine's clock is off."""
        now = datetime.now(self._zone)
        self._confirmed = timedelta(days=(day - now.date()).days)
        return self._confirmed


class HandClock:
    """A clock that stands still until it is moved: for drivers of the console and for tests. It is believed."""

    def __init__(self, wall: datetime, trusted: bool = True) -> None:
        self._wall = wall
        self._mono = 0.0
        self._trusted = trusted

    def read(self) -> Reading:
        """What it was set to."""
        return Reading(self._mono, self._wall, self._trusted)

    def confirm(self, day: date) -> timedelta:
        """Staff said that today is this day."""
        off = timedelta(days=(day - self._wall.date()).days)
        self._wall += off
        self._trusted = True
        return off

    def move(self, seconds: float) -> None:
        """Let so much time pass."""
        self._mono += seconds
        self._wall += timedelta(seconds=seconds)


class PacedClock:
    """The machine's time of day, but timers that move only by hand: `kiosk console --json` without --clock."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self._mono = 0.0

    def read(self) -> Reading:
        """The time of day now, and the timers' own time."""
        reading = self._clock.read()
        return Reading(self._mono, reading.wall, reading.trusted)

    def confirm(self, day: date) -> timedelta:
        """Staff said that today is this day."""
        return self._clock.confirm(day)

    def move(self, seconds: float) -> None:
        """Let the timers move by so much."""
        self._mono += seconds
