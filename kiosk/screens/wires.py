"""What a touch sets off, and what keeps one touch from counting as two. Pure: no Kivy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.ports import FrameFeed

SAME_TOUCH_S = 0.3
SAME_KEY_S = 0.1
SAME_SPOT_PX = 24.0


class Gate:
    """Lets a touch through unless it is the bounce of the one before.

    The same button is not touched twice within 0.3 s; neither is another one that appeared under the same finger when
    the screen changed. Keys of a keyboard are (a child types «nn» faster than that): for them 0.1 s is enough.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        """now: seconds of a clock that never goes back."""
        self._now = now
        # Not the button itself: it would keep its page, and the words of whoever has gone, until the next touch.
        self._last: tuple[int, tuple[float, float], float] | None = None

    def lets(self, button: object, spot: tuple[float, float], within_s: float = SAME_TOUCH_S) -> bool:
        """Whether a touch of that button at that spot is a new one."""
        at = self._now()
        if self._last is not None:
            last, (x, y), before = self._last
            near = abs(spot[0] - x) < SAME_SPOT_PX and abs(spot[1] - y) < SAME_SPOT_PX
            if at - before < within_s and (last == id(button) or near):
                return False
        self._last = (id(button), spot, at)
        return True


@dataclass(frozen=True)
class Wires:
    """Where touches go: an action with its argument, or a text that was typed. feed: where live pictures come from, by
    the name that a view gives."""

    press: Callable[[str, str], None]
    type: Callable[[str], None]
    gate: Gate
    feed: Callable[[str], FrameFeed | None] = lambda name: None
