"""What the staff's sign-in and home ask of the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.circulation.clock import Moment
from kiosk.circulation.events import StaffAnswer, StaffQuery


@dataclass(frozen=True, slots=True)
class CheckStaffPin(StaffQuery):
    """Is this the PIN? A wrong one is counted, durably. tries, wait_s: after so many of them a wait begins, and doubles
    with every further round. The secret lives only in this question."""

    patron_id: str
    secret: str
    now: Moment
    tries: int
    wait_s: float

    def __repr__(self) -> str:
        return f"CheckStaffPin(patron_id={self.patron_id!r})"


@dataclass(frozen=True, slots=True)
class StaffPinChecked(StaffAnswer):
    """The answer. wait_s: until the next try is looked at, 0 for at once; nothing was looked at in a wait."""

    right: bool
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class DayFigures(StaffQuery):
    """What happened since a time of the ledger, as it writes times."""

    since: str


@dataclass(frozen=True, slots=True)
class DayCounted(StaffAnswer):
    """The answer. exceptions: what staff should look at, whenever it came up."""

    visits: int
    loans: int
    returns: int
    exceptions: int
