"""Taking dropped pages away, so that it holds nobody up.

A page that was dropped is garbage with cycles, some 30,000 objects, which only the collector takes away, on the main
thread. Looking through all that the program holds takes a quarter of a second on a PC. So what will stay for good is
taken out of its sight while nobody is there, as soon as every page has been read, and once more when what begins beside
the window, the sync with its library, has been loaded. It looks right after a page has changed, when the hand is still
on its way to the next book, and not by itself in the middle of drawing one.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from kivy.clock import Clock

TIDY_AFTER_S = 0.25
SETTLE_EVERY_S = 10.0
BY_ITSELF = 1000
"""The collector looks through everything after so many small rounds with no page changed, in place of 10."""


class Tidying:
    """What is left of pages goes soon after they do. All methods belong to the main thread."""

    def __init__(self, nobody: Callable[[], bool]) -> None:
        """nobody: whether nobody's page is on the screen; one that is there when it settles is kept by that."""
        self._nobody = nobody
        self._tidy_soon = Clock.create_trigger(lambda _: gc.collect(), TIDY_AFTER_S)

    def dropped(self) -> None:
        """A page was dropped: it is taken away once the next one has been drawn."""
        self._tidy_soon()

    def settle(self) -> None:
        """Take what is there out of the collector's sight, now and once more when nobody is there then. From now on the
        collector works, which `run` keeps from looking through what is only being loaded.
        """
        gc.set_threshold(*gc.get_threshold()[:2], BY_ITSELF)
        gc.enable()
        self._settle()
        Clock.schedule_interval(lambda _: not self._settle(), SETTLE_EVERY_S)

    def _settle(self) -> bool:
        if not self._nobody():
            return False
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        return True
