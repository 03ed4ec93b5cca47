"""The screen while nobody is there: it dims and wanders, so that a panel does not burn in."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import Color, PopMatrix, PushMatrix, Rectangle, Translate
from kivy.uix.widget import Widget

DIM = 0.7
MOVE_EVERY_S = 60.0
STEPS = ((0, 0), (3, 0), (3, 3), (0, 3), (-3, 3), (-3, 0), (-3, -3), (0, -3), (3, -3))
"""Pixels; every letter leaves its place, and no control leaves its finger."""


class Rest:
    """Rests when nothing has stirred for a while; what stirs it is a touch or another view."""

    def __init__(self, root: Widget, after_s: float) -> None:
        """root: of the window. after_s: 0 for never."""
        self._after_s = after_s
        self._at = 0
        with root.canvas.before:
            PushMatrix()
            self._place = Translate(0, 0)
        with root.canvas.after:
            PopMatrix()
            self._shade = Color(0, 0, 0, 0)
            cover = Rectangle(size=Window.size)
        self._begin = Clock.create_trigger(self._rest, after_s)
        self._move = Clock.create_trigger(self._step, MOVE_EVERY_S, interval=True)
        Window.bind(size=lambda _, size: setattr(cover, "size", size), on_touch_down=self._touched)
        self.stir()

    @property
    def is_resting(self) -> bool:
        """Whether the screen is dimmed."""
        return bool(self._shade.a)

    def stir(self) -> None:
        """Somebody is there: full light, everything in its place."""
        self._move.cancel()
        self._begin.cancel()
        self._shade.a = 0
        self._place.xy = STEPS[0]
        if self._after_s:
            self._begin()

    def _touched(self, *_: Any) -> bool:
        self.stir()
        return False

    def _rest(self, _: float) -> None:
        self._shade.a = DIM
        self._move()
        self._step()

    def _step(self, *_: Any) -> None:
        self._at = self._at % (len(STEPS) - 1) + 1
        self._place.xy = STEPS[self._at]
