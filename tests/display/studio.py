"""Draws every state in one language, measures it and touches it; prints one JSON object a state.

A process has only one window, so the tests run this in a process of its own:
python -m tests.display.studio LANGUAGE WIDTHxHEIGHT FOLDER [CHOICES]     choices: "contrast large_text"
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.circulation.appearance import Appearance
from kiosk.circulation.views import View
from kiosk.screens import environment
from kiosk.screens.look import KEY, TARGET
from kiosk.showcase import LONG, LONG_NAME, views

if TYPE_CHECKING:
    from kiosk.screens.remote import Finger

TOUCHED_IN = "kk"
"""What a button sends does not depend on its words, so one language is enough."""

Box = tuple[float, float, float, float]
Touched = tuple[list[str], list[tuple[str, str]]]
MOST_TURNS = 4
TOO_LONG = (LONG.title, LONG.author, LONG_NAME.name)
"""What no screen has room for: only these may be cut."""


class Studio:
    """A window, and what came of touching it."""

    def __init__(self, language: str, size: tuple[int, int], folder: Path, choices: str) -> None:
        environment.prepare(folder / ".kivy", size, fullscreen=False)
        from kiosk.screens.remote import Finger

        facts: dict[str, Any] = {"language": language, "appearance": Appearance.parse(choices)}
        self.views = {name: replace(view, **facts) for name, view in views().items()}
        self.pressed: list[tuple[str, str]] = []
        self.finger: Finger = Finger(
            self.views["out-of-service"],
            lambda action, argument: self.pressed.append((action, argument)),
            lambda text: None,
        )

    def show_afresh(self, view: View) -> None:
        """Show a view on a page that has just been made."""
        self.finger.show(self.views["out-of-service"])
        self.finger.show(self.views["summary" if view.name == "out_of_service" else "out-of-service"])
        self.finger.show(view)

    def touched(self, known: Sequence[Touched] = ()) -> list[Touched]:
        """Touch every button that is not known yet, once: what it stands for, and what was pressed."""
        results: list[Touched] = []
        for button in list(self.finger.buttons()):
            stands_for = [button.action, button.argument]
            if all(stands_for != one for one, _ in known):
                self.pressed.clear()
                self.finger.touch(button)
                results.append((stands_for, list(self.pressed)))
        return results

    def turned(self, view: View, known: list[Touched], folder: Path, name: str) -> list[str]:
        """Turn to what a page shows only then: further pages, a part of it enlarged. What is wrong there; what can be
        touched is added to what is known.
        """
        wrong: list[str] = []
        for at in range(len(self._turns())):
            self.show_afresh(view)
            for again in range(MOST_TURNS):
                turns = self._turns()
                if at >= len(turns):
                    break
                self.finger.touch(turns[at])
                self.finger.picture(folder / f"{name}-turned-{at}-{again}.png")
                wrong += [f"turned {at}.{again}: {problem}" for problem in measure(self.finger)]
                found = self.touched(known)
                known += found
                if not found:
                    break
        return wrong

    def _turns(self) -> list[Any]:
        from kiosk.screens.widgets import Key, Touchable

        return [
            one
            for one in self.finger.widgets()
            if isinstance(one, Touchable) and not isinstance(one, Key) and not one.action and not one.disabled
        ]


def measure(finger: Finger) -> list[str]:
    """What is wrong with what is drawn now."""
    from kivy.core.window import Window

    from kiosk.screens.remote import in_a_list
    from kiosk.screens.widgets import Key, Touchable, Words

    wrong: list[str] = []
    scale = finger.app.look.scale
    fixed: list[tuple[str, Box]] = []
    for widget in finger.widgets():
        name = f"{type(widget).__name__} {getattr(widget, 'words', '')!r}"
        if isinstance(widget, Words) and widget.words:
            wrong += [f"{name}: {problem}" for problem in _problems_of(widget)]
        if isinstance(widget, Key) and any(a > b for a, b in zip(widget.texture_size, widget.size, strict=True)):
            wrong.append(f"{name}: its letters are larger than the key")
        if isinstance(widget, Touchable) and not widget.disabled:
            least = (KEY if isinstance(widget, Key) else TARGET) * scale - 0.5
            if min(widget.size) < least:
                wrong.append(f"{name}: only {widget.width:.0f}x{widget.height:.0f}")
        if isinstance(widget, Words | Touchable) and in_a_list(widget) is None:
            box = _box(widget)
            left, low, right, top = box
            if min(left, low) < -0.5 or right > Window.width + 0.5 or top > Window.height + 0.5:
                wrong.append(f"{name}: reaches out of the window: {[round(edge) for edge in box]}")
            if isinstance(widget, Touchable):
                fixed.append((name, box))
    for at, (name, box) in enumerate(fixed):
        wrong += [f"{name} lies over {other}" for other, its_box in fixed[at + 1 :] if _overlap(box, its_box)]
    return wrong


def _box(widget: Any) -> Box:
    left, low = widget.to_window(widget.x, widget.y)
    return left, low, left + widget.width, low + widget.height


def _overlap(one: Box, other: Box) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    along = min(one[3], other[3]) - max(one[1], other[1])
    return across > 1 and along > 1


def _problems_of(words: Any) -> Iterator[str]:
    wide, tall = words.texture_size
    if wide > words.width + 1 or tall > words.height + 1.5:
        yield f"its texture of {wide}x{tall} is larger than its box of {words.width:.0f}x{words.height:.0f}"
    if words.cut and not any(long in words.words for long in TOO_LONG):
        yield f"is cut: {words.text!r}"
    shown, whole = (text.replace("\u00a0", " ").split() for text in (words.text, words.words))
    if not words.cut and "".join(shown) == "".join(whole) and shown != whole and "-" not in words.words:
        yield f"a word is broken: {words.text!r}"
    if not words.cut and "".join(shown) != "".join(whole):
        yield f"shows something else: {words.text!r}"


def main(language: str, size: str, folder: Path, choices: str) -> None:
    """Draw, measure, touch, print. At last every page is drawn over the one before: nothing of that may be left."""
    width, height = (int(part) for part in size.split("x"))
    studio = Studio(language, (width, height), folder, choices)
    kind = "-".join([language, *choices.split(), size])
    fresh: dict[str, bytes] = {}
    reports: dict[str, dict[str, Any]] = {}
    for name, view in studio.views.items():
        studio.show_afresh(view)
        fresh[name] = studio.finger.pixels()
        studio.finger.picture(folder / f"{name}-{kind}.png")
        wrong = measure(studio.finger)
        touched: list[Touched] = []
        if (language, choices) == (TOUCHED_IN, ""):
            touched = studio.touched()
            wrong += studio.turned(view, touched, folder, f"{name}-{kind}")
        reports[name] = {"state": name, "wrong": wrong, "touched": touched}
    before = ""
    for name, view in reversed(studio.views.items()):
        studio.finger.show(view)
        if view.name != "search" and view.countdown is None and studio.finger.pixels() != fresh[name]:
            studio.finger.picture(folder / f"{name}-after-{before}-{kind}.png")
            reports[name]["wrong"].append(f"looks different after {before}")
        before = name
    for report in reports.values():
        print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), " ".join(sys.argv[4:]))
