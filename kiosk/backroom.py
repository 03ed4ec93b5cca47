"""What staff have done that is no act in the ledger: each kind of deed with the part of the kiosk that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kiosk.circulation.events import Deed, StaffAnswer

Doer = Callable[[Any], StaffAnswer]


class Backroom:
    """Does deeds, on the desk's thread. doers: of each kind of deed, what does it."""

    def __init__(self, doers: Mapping[type[Deed], Doer]) -> None:
        self._doers = doers

    def do(self, deed: Deed) -> StaffAnswer:
        """Do it, and say what came of it. Raises StoreError if the ledger cannot be used."""
        return self._doers[type(deed)](deed)


def open_backroom() -> Backroom:
    """The backroom of a kiosk."""
    return Backroom({})
