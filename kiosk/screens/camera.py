"""The camera's live picture, with what was read in it outlined."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Line, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk.circulation.views import View
from kiosk.ports import Frame, FrameFeed
from kiosk.screens.page import Page, controls, said
from kiosk.screens.themes import Tone
from kiosk.text import Words

_POLLS_A_SECOND = 20


class LivePicture(Widget):
    """Draws the newest picture of a feed for as long as it is in the window."""

    look = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._feed: FrameFeed | None = None
        self._frame: Frame | None = None
        self._texture: Any = None
        self._poll: Any = None
        for name in ("pos", "size", "look"):
            self.fbind(name, self._redraw)

    def show(self, feed: FrameFeed | None) -> None:
        """Show this feed from now on."""
        self._feed = feed
        if self._poll is None:
            self._poll = Clock.schedule_interval(self._look, 1 / _POLLS_A_SECOND)

    def _look(self, _: float) -> bool:
        """Draw what is new; once the page has gone, never again."""
        if self.get_root_window() is None:
            self._poll, self._frame, self._texture = None, None, None
            return False
        frame = self._feed.latest() if self._feed is not None else None
        if frame is not self._frame:
            self._frame = frame
            self._redraw()
        return True

    def _redraw(self, *_: object) -> None:
        self.canvas.before.clear()
        if self.look is None:
            return
        with self.canvas.before:
            Color(*self.look.palette.ink)
            Rectangle(pos=self.pos, size=self.size)
            if self._frame is not None:
                self._paint(self._frame)

    def _paint(self, frame: Frame) -> None:
        if self._texture is None or self._texture.size != (frame.width, frame.height):
            self._texture = Texture.create(size=(frame.width, frame.height), colorfmt="rgb")
            self._texture.flip_vertical()
        self._texture.blit_buffer(frame.pixels, colorfmt="rgb", bufferfmt="ubyte")
        share = min(self.width / frame.width, self.height / frame.height)
        wide, high = frame.width * share, frame.height * share
        left, top = self.center_x - wide / 2, self.center_y + high / 2
        Color(1, 1, 1, 1)
        Rectangle(texture=self._texture, pos=(left, top - high), size=(wide, high))
        for outline in frame.outlines:
            points = [part for x, y in outline for part in (left + x * wide, top - y * high)]
            for colour, width in ((self.look.palette.paper, 5), (self.look.palette.beam, 3)):
                Color(*colour)
                Line(points=points, close=True, width=self.look.px(width), joint="round")


class CameraPage(Page):
    """Hold a code to the camera. broken: there is nothing to see; who helps is shown instead."""

    broken = BooleanProperty(False)

    def draw(self, view: View, words: Words) -> None:
        """What the camera sees, and what to do; or that it does not work."""
        trouble = view.message if view.countdown is None else None
        self.broken = trouble is not None and trouble.key == "err.camera"
        self.ids.question.tone = Tone.REFUSED if trouble is not None else Tone.PLAIN
        self.ids.question.words = said(words, trouble or view.prompt)
        self.ids.live.show(self.wires.feed(view.feed))
        self.ids.bar.show(controls(view, words))
