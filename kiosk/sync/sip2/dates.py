"""SIP2's dates: eighteen characters by the specification, and as servers really give them.

Source: 3M SIP 2.00, document revision 2.12, "transaction date": YYYYMMDDZZZZHHMMSS, where ZZZZ is four blanks for
local time and three blanks and a Z for UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_TIME = r"(?:(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?)"

_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        # The specification's; also without a time or a zone, with fewer blanks, or with four zeros for them.
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        r"(?: *(?P<utc>Z)?(?:0000)?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?)?",
        # ISO 8601 and its relatives.
        rf"(?P<year>\d{{4}})[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)(?:[T, ]+{_TIME}(?P<utc>Z)?)?",
        # Day first: with dots it always is.
        rf"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{{4}})(?:[, ]+{_TIME})?",
    )
)

_SLASHES = re.compile(rf"(?P<one>\d\d?)[/-](?P<two>\d\d?)[/-](?P<year>\d{{4}})(?:[, ]+{_TIME})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class SipDate:
    """A date that a server gave.

    raw: as it came, blanks at its ends removed; empty for none.
    day: read from it, or None if there is none ("", "0", "NEVER") or it can be read in two ways.
    at: day and time if there was a time: without a zone (the server's local time), or in UTC if it said so.
    """

    raw: str
    day: date | None = None
    at: datetime | None = None


def read_date(raw: str, *, day_first: bool | None = None) -> SipDate:
    """Read a date in any of the forms that servers give.

    day_first: how 03/04/2026 is meant. None: such a date stays unread unless only one reading is a date; a wrong due
    date would be worse than none.
    """
    raw = raw.strip(" ")
    for form in _FORMS:
        if found := form.fullmatch(raw):
            return _made(raw, found, int(found["month"]), int(found["day"]))
    if found := _SLASHES.fullmatch(raw):
        one, two = int(found["one"]), int(found["two"])
        if day_first is None and one <= 12 and two <= 12 and one != two:
            return SipDate(raw)
        month, day = (two, one) if (one > 12 if day_first is None else day_first) else (one, two)
        return _made(raw, found, month, day)
    return SipDate(raw)


def write_date(at: datetime) -> str:
    """The eighteen characters of the specification. UTC is marked; any other time is written as its clock shows it."""
    zone = "   Z" if at.tzinfo is UTC else "    "
    text = at.isoformat()
    return f"{text[:4]}{text[5:7]}{text[8:10]}{zone}{text[11:13]}{text[14:16]}{text[17:19]}"


def _made(raw: str, found: re.Match[str], month: int, day: int) -> SipDate:
    parts = found.groupdict()
    try:
        midnight = datetime(int(parts["year"]), month, day)
        if parts["hour"] is None:
            return SipDate(raw, midnight.date())
        hour, minute, second = int(parts["hour"]), int(parts["minute"]), int(parts["second"] or 0)
        if (hour, minute, second) == (24, 0, 0):  # the end of the day, which datetime cannot hold
            return SipDate(raw, midnight.date(), _zoned(midnight + timedelta(days=1, seconds=-1), parts))
        return SipDate(raw, midnight.date(), _zoned(midnight.replace(hour=hour, minute=minute, second=second), parts))
    except (ValueError, OverflowError):  # the 31st of February, the year 0, 25 o'clock
        return SipDate(raw)


def _zoned(at: datetime, parts: dict[str, str | None]) -> datetime:
    return at.replace(tzinfo=UTC) if parts.get("utc") else at
