"""A finger for programs: touches what is in the window as SDL would tell of it, and takes pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kivy.base import EventLoop, runTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
from kivy.lang import Builder

from kiosk.circulation.views import View
from kiosk.screens.app import KioskApp, save_picture
from kiosk.screens.widgets import Key, Scroller, Touchable

BETWEEN_TOUCHES_S = 1.0
_TO_SETTLE = 4


class NothingToTouch(LookupError):
    """There is no such button in the window."""


class Finger:
    """Drives a KioskApp from outside, frame by frame; the program's own loop does not run."""

    def __init__(
        self,
        first: View,
        on_press: Callable[[str, str], None],
        on_type: Callable[[str], None],
        dim_after_s: float = 0.0,
        motion: bool = False,
    ) -> None:
        """Open the window with that view in it. `now` is the clock that it is given; touches are a second apart by it.

        Nothing moves unless `motion` says so: a picture is of what is there to stay.
        """
        self.now = 0.0
        self.app = KioskApp(
            lambda: first, on_press, on_type, now=lambda: self.now, dim_after_s=dim_after_s, motion=motion
        )
        self.app._run_prepare()
        runTouchApp(embedded=True)
        EventLoop.status = "started"
        Clock._max_fps = 0  # as fast as it goes
        self.turns()

    def frames(self, count: int = 1) -> None:
        """Let the window draw, as the program's own loop does."""
        for _ in range(count):
            EventLoop.idle()

    def turns(self, count: int = _TO_SETTLE) -> None:
        """The same without drawing, which takes nearly all of the time where no graphics chip helps."""
        for _ in range(count):
            Clock.tick()
            EventLoop.dispatch_input()
            Builder.sync()
            Clock.tick_draw()
            Builder.sync()

    def draw(self) -> None:
        """Bring into the window what was only laid out so far."""
        if Window.canvas.needs_redraw:
            Window.dispatch("on_draw")
            Window.dispatch("on_flip")

    def show(self, view: View) -> None:
        """Show a view, until everything on it has found its place."""
        self.app.show(view)
        self.turns()

    def pixels(self) -> bytes:
        """What is to be seen, three bytes a pixel."""
        self.draw()
        return bytes(glReadPixels(0, 0, Window.width, Window.height, GL_RGB, GL_UNSIGNED_BYTE))

    def picture(self, path: Path) -> None:
        """Save what is to be seen."""
        self.draw()
        save_picture(path)

    def widgets(self) -> Iterator[Any]:
        """What can be seen and touched: of a page under a warning, nothing."""
        top = self.app.root.children[0]
        return (widget for widget in top.walk() if widget.get_parent_window() is Window and is_seen(widget))

    def buttons(self) -> Iterator[Any]:
        """What stands for an action."""
        return (
            one
            for one in self.widgets()
            if isinstance(one, Touchable) and not isinstance(one, Key) and one.action and not one.disabled
        )

    def press(self, action: str, argument: str = "") -> None:
        """Touch the button of an action. No argument: the first one of that action."""
        for button in self.buttons():
            if button.action == action and argument in ("", button.argument):
                self.touch(button)
                return
        raise NothingToTouch(f"{action} {argument}")

    def key(self, letter: str) -> None:
        """Touch a key of the keyboard or the keypad: its letter, or "delete", "enter", "space"."""
        for key in self.widgets():
            if isinstance(key, Key) and key.argument == letter:
                self.touch(key)
                return
        raise NothingToTouch(letter)

    def touch(self, widget: Any) -> None:
        """Put a finger on a widget and take it off again."""
        around = in_a_list(widget)
        if around is not None:
            around.scroll_to(widget, animate=False)
            self.turns()
        self.touch_at(*widget.to_window(*widget.center))

    def touch_at(self, x: float, y: float) -> None:
        """The same at a spot; y counts from below."""
        self.now += BETWEEN_TOUCHES_S
        for event in ("on_mouse_down", "on_mouse_up"):
            Window.dispatch(event, x, Window.height - y, "left", [])
            self.turns(1)
        self.turns()

    def wait(self, seconds: float) -> None:
        """Let the window's own clock move on: what it does after a while becomes due."""
        end = Clock.time() + seconds
        while Clock.time() < end:
            self.turns(1)


def in_a_list(widget: Any) -> Any:
    """The list around a widget that scrolls with it, or None."""
    parent = widget.parent
    while parent is not None and parent.parent is not parent:
        if isinstance(parent, Scroller):
            return parent
        parent = parent.parent
    return None


def is_seen(widget: Any) -> bool:
    """Whether nothing above hides it."""
    while widget is not None and widget.parent is not widget:
        if widget.opacity == 0:
            return False
        widget = widget.parent
    return True
