"""Which of the codes read in picture after picture are believed. No pictures here, and no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

AWAY_S = 1.0
_MOST = 16


@dataclass(slots=True)
class _Sighting:
    last: float
    told: bool = False


class Agreement:
    """A code that cannot be wrong is believed at once, any other when a second picture shows it too.

    A code that stays in sight is told once. It is new again when it was out of sight for AWAY_S, or when another code
    was told since.
    """

    def __init__(self) -> None:
        self._seen: dict[str, _Sighting] = {}

    def see(self, found: Iterable[tuple[str, bool]], mono: float) -> list[str]:
        """The codes to be told now, in order.

        found: what one picture shows, (text, whether one picture is enough); mono: seconds, when it was taken.
        """
        self._seen = {text: one for text, one in self._seen.items() if mono - one.last < AWAY_S}
        told = []
        here = dict(found)
        for text, sure in here.items():
            before = self._seen.pop(text, None)
            sighting = _Sighting(mono, before is not None and before.told)
            if not sighting.told and (sure or before is not None):
                sighting.told = True
                told.append(text)
            self._seen[text] = sighting
        if told:
            self._seen = {text: one for text, one in self._seen.items() if text in here}
        while len(self._seen) > _MOST:
            del self._seen[next(iter(self._seen))]
        return told
