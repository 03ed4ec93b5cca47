"""Draws every state in one language, measures it and touches it; prints one JSON object a state.

A process has only one window, so the tests run this in a process of its own:
python -m tests.display.studio LANGUAGE WIDTHxHEIGHT FOLDER
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk.circulation.views import View
from kiosk.screens import environment
from tests.display.fixtures import LONG, LONG_NAME, views

KEY_LEAST = (58, 58)
BUTTON_LEAST = (80, 72)
PATIENCE = 12
TOO_LONG = (LONG.title, LONG.author, LONG_NAME.name)
"""What no screen has room for: only these may be cut."""


class Studio:
    """An app with a clock of its own, so that no two touches are too close."""

    def __init__(self, language: str) -> None:
        from kiosk.screens.app import KioskApp

        self.language = language
        self.now = 0.0
        self.pressed: list[tuple[str, str]] = []
        self.typed: list[str] = []
        self.app = KioskApp(
            lambda: replace(views()["out-of-service"], language=language),
            lambda action, argument: self.pressed.append((action, argument)),
            self.typed.append,
            now=lambda: self.now,
        )

    def frames(self, count: int = PATIENCE) -> None:
        """Let the window draw."""
        from kivy.base import EventLoop

        for _ in range(count):
            EventLoop.idle()

    def show(self, view: View) -> None:
        """Draw a view afresh, as if the page had just been come to."""
        self.app.show(replace(views()["out-of-service"], language=self.language))
        self.frames(1)
        self.app.show(replace(view, language=self.language))
        self.frames()

    def touch(self, x: float, y: float) -> None:
        """A finger comes down and goes up again, as SDL tells of it."""
        from kivy.core.window import Window

        self.now += 1.0
        top_down = Window.height - y
        for event in ("on_mouse_down", "on_mouse_up"):
            Window.dispatch(event, x, top_down, "left", [])
            self.frames(2)
        self.frames(10)

    def widgets(self) -> Iterator[Any]:
        """What can be seen and touched: of a page under a warning, nothing."""
        from kivy.core.window import Window

        top = self.app.root.children[0]
        return (widget for widget in top.walk() if widget.get_parent_window() is Window and _seen(widget))


def _seen(widget: Any) -> bool:
    while widget is not None and widget.parent is not widget:
        if widget.opacity == 0:
            return False
        widget = widget.parent
    return True


def _box(widget: Any) -> tuple[float, float, float, float]:
    left, low = widget.to_window(widget.x, widget.y)
    return left, low, left + widget.width, low + widget.height


def _in_a_list(widget: Any) -> Any:
    from kiosk.screens.widgets import Scroller

    parent = widget.parent
    while parent is not None and parent.parent is not parent:
        if isinstance(parent, Scroller):
            return parent
        parent = parent.parent
    return None


def measure(studio: Studio) -> list[str]:
    """What is wrong with what is drawn now."""
    from kivy.core.window import Window

    from kiosk.screens.widgets import Key, Touchable, Words

    wrong: list[str] = []
    scale = studio.app.look.scale
    touchables = []
    for widget in studio.widgets():
        box = _box(widget)
        name = f"{type(widget).__name__} {getattr(widget, 'words', '')!r}"
        scrolls = _in_a_list(widget) is not None
        if isinstance(widget, Words) and widget.words:
            wrong += [f"{name}: {problem}" for problem in _words_problems(widget)]
        if isinstance(widget, Touchable) and not widget.disabled:
            least = KEY_LEAST if isinstance(widget, Key) else BUTTON_LEAST
            if widget.width < least[0] * scale - 0.5 or widget.height < least[1] * scale - 0.5:
                wrong.append(f"{name}: only {widget.width:.0f}x{widget.height:.0f}")
            touchables.append((name, box, scrolls))
        if isinstance(widget, Words | Touchable) and not scrolls:
            left, low, right, top = box
            if min(left, low) < -0.5 or right > Window.width + 0.5 or top > Window.height + 0.5:
                wrong.append(f"{name}: reaches out of the window: {[round(edge) for edge in box]}")
    fixed = [one for one in touchables if not one[2]]
    for at, (name, box, _) in enumerate(fixed):
        for other, other_box, _ in fixed[at + 1 :]:
            if _overlap(box, other_box):
                wrong.append(f"{name} lies over {other}")
    return wrong


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    along = min(one[3], other[3]) - max(one[1], other[1])
    return across > 1 and along > 1


def _words_problems(words: Any) -> Iterator[str]:
    wide, tall = words.texture_size
    if wide > words.width + 1 or tall > words.height + 1.5:
        yield f"its texture of {wide}x{tall} is larger than its box of {words.width:.0f}x{words.height:.0f}"
    if words.cut and not any(long in words.words for long in TOO_LONG):
        yield f"is cut: {words.text!r}"
    shown = words.text.replace("\n", " ").replace("\u00a0", " ").split()
    whole = words.words.replace("\u00a0", " ").split()
    if not words.cut and shown != whole:
        yield f"a word is broken: {words.text!r}"


def touched(studio: Studio) -> list[tuple[list[str], list[tuple[str, str]]]]:
    """Touch every button that is in sight, once: what it stands for, and what was pressed."""
    from kiosk.screens.widgets import Key, Touchable

    results = []
    buttons = [w for w in studio.widgets() if isinstance(w, Touchable) and not isinstance(w, Key) and w.action]
    for button in buttons:
        if button.disabled or button.get_root_window() is None:
            continue
        rows = _in_a_list(button)
        if rows is not None:
            rows.scroll_to(button, animate=False)
            studio.frames(3)
        studio.pressed.clear()
        studio.touch(*button.to_window(*button.center))
        results.append(([button.action, button.argument], list(studio.pressed)))
    return results


def main(language: str, size: str, folder: Path) -> None:
    """Draw, measure, touch, print."""
    width, height = (int(part) for part in size.split("x"))
    environment.prepare(folder / ".kivy", (width, height), fullscreen=False)
    from kivy.base import EventLoop, runTouchApp
    from kivy.clock import Clock

    from kiosk.screens.app import save_picture

    studio = Studio(language)
    studio.app._run_prepare()
    runTouchApp(embedded=True)
    EventLoop.status = "started"
    Clock._max_fps = 0  # as fast as it goes
    studio.frames()
    for name, view in views().items():
        studio.show(view)
        save_picture(folder / f"{name}-{language}-{size}.png")
        wrong = measure(studio)
        report = {"state": name, "wrong": wrong, "touched": touched(studio)}
        print(json.dumps(report, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
