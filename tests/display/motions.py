"""What moves in a real window, by a clock that stands still until it is moved: run by test_motion.py, one function a
process; each prints what came of it as JSON.

python -m tests.display.motions FUNCTION FOLDER
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.circulation.views import SyncState, View
from kiosk.screens import environment
from kiosk.showcase import views

if TYPE_CHECKING:
    from kiosk.screens.remote import Finger

LONG_S = 10.0


def _open(motion: bool) -> Finger:
    from kiosk.screens.remote import Finger

    return Finger(views()["home"], lambda action, argument: None, lambda text: None, motion=motion)


def _steps() -> list[View]:
    seen = views()
    borrowed = seen["visit-borrowed"]
    second = replace(borrowed, rows=(replace(borrowed.rows[0], id="another", text="Абай жолы"), *borrowed.rows))
    names = ("visit-returned", "visit-limit", "account", "visit-empty", "home", "home-returned")
    others = [replace(seen[name], patron=seen[name].patron and borrowed.patron) for name in names]
    return [replace(seen["visit-empty"], patron=borrowed.patron), borrowed, second, *others]


def _picture(finger: Finger) -> str:
    return hashlib.sha256(finger.pixels()).hexdigest()


def _moves(finger: Finger) -> bool:
    assert finger.app._motion is not None
    return finger.app._motion.is_moving


def _walk(motion: bool) -> list[tuple[bool, bool, str]]:
    """Of each step: whether something moves in its first frame, whether that looks other than in the end, its end."""
    finger = _open(motion)
    told = []
    for view in _steps():
        finger.show(view)
        finger.frames()
        begun, first = _moves(finger), _picture(finger)
        finger.now += LONG_S
        finger.frames()
        assert not _moves(finger)
        last = _picture(finger)
        told.append((begun, first != last, last))
    return told


def moving() -> Any:
    """With motion."""
    return _walk(True)


def still() -> Any:
    """Without."""
    return _walk(False)


def cut_short() -> Any:
    """The next view comes in the middle of a motion: what moves then, and whether it looks as it does without."""
    finger = _open(True)
    empty, borrowed, second = _steps()[:3]
    told = []
    for view in (replace(second, language="ru"), replace(second, countdown=9), views()["home"]):
        for before in (empty, borrowed, second):
            finger.show(before)
            finger.frames()
        finger.now += 0.1
        finger.frames()
        halfway = _moves(finger)
        finger.show(view)
        finger.frames()
        after, seen = _moves(finger), _picture(finger)
        finger.now += LONG_S
        finger.frames()
        told.append((halfway, after, seen == _picture(finger)))
    return told


def told_at_once() -> Any:
    """What the first frame says, where the book stands for a finger; news of the central library stop nothing."""
    finger = _open(True)
    empty, borrowed = _steps()[:2]
    finger.show(empty)
    finger.now += LONG_S
    finger.frames()
    finger.app.show(borrowed)
    finger.frames()
    stage = finger.app._page.stage  # type: ignore[union-attr]
    said = [stage.heading, stage.title, stage.due, list(stage.ids.cover.pos)]
    finger.app.show(replace(borrowed, sync=SyncState("online", 1)))
    finger.frames()
    moving = _moves(finger)
    finger.now += LONG_S
    finger.frames()
    return [said, [stage.heading, stage.title, stage.due, list(stage.ids.cover.pos)], moving]


def _lit(motion: bool) -> tuple[Finger, list[int], Any]:
    from kiosk.screens import motion as tokens

    tokens.HOME_STEP_S, tokens.HOME_PAUSE = 0.05, 2
    finger = _open(motion)
    pictures: Any = finger.app._page._pictures  # type: ignore[union-attr]
    steps: list[int] = []
    pictures.fbind("lit", lambda _, lit: steps.append(lit))
    finger.wait(1.0)
    return finger, steps, pictures


def story() -> Any:
    """The steps of home's story, what is lit once a book came back, and how many steps were told after that."""
    finger, steps, pictures = _lit(True)
    told = list(steps)
    finger.show(views()["home-returned"])
    after, count = pictures.lit, len(steps)
    finger.wait(0.3)
    whole = told.index(-1)
    return [told[whole : whole + 6], after, len(steps) - count]


def no_story() -> Any:
    """The steps with motion off."""
    return _lit(False)[1]


def main(name: str, folder: Path) -> None:
    """Run one of them."""
    environment.prepare(folder, fullscreen=False)
    function: Callable[[], Any] = globals()[name]
    print(json.dumps(function(), ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
