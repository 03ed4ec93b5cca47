"""How long to wait before trying again, and when to stop trying for a while. Pure: time and chance are handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Chance = Callable[[], float]
"""Gives numbers from 0 up to 1, as `random.random` does."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Growing waits: `first_s` doubled with each failure up to `most_s`, of which at least half is waited.

    The other half is left to chance, so that kiosks which lost central together do not come back together.
    """

    first_s: float = 2.0
    most_s: float = 300.0

    def delay_s(self, failures: int, chance: Chance) -> float:
        """The wait after so many failures in a row, 1 the first."""
        whole = self.first_s * float(2 ** min(max(failures - 1, 0), 30))
        return min(whole, self.most_s) * (0.5 + 0.5 * chance())


class Circuit:
    """Open after a failure, until its rest is over; then one try is let through, which closes it or opens it again."""

    def __init__(self, backoff: Backoff, chance: Chance) -> None:
        self._backoff = backoff
        self._chance = chance
        self._rest_s = 0.0
        self.failures = 0

    def rest_s(self) -> float:
        """How long nothing should be tried after the last try; 0 if it worked."""
        return self._rest_s

    def failed(self) -> None:
        """It did not work."""
        self.failures += 1
        self._rest_s = self._backoff.delay_s(self.failures, self._chance)

    def worked(self) -> None:
        """It did."""
        self.failures = 0
        self._rest_s = 0.0
