"""Eight hours of school with random children, in accelerated time: a desk on a real ledger, its Views in a window.

python -m tests.display.school_day FOLDER SEED: prints, hour by hour, visits, acts, memory in kB and living widgets.
"""

from __future__ import annotations

import gc
import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.screens import environment
from tests.driver import school
from tests.scenario import CLOCK, Player

if TYPE_CHECKING:
    from kiosk.screens.remote import Finger

HOURS = 8
VISITS = 8
"""An hour; a school of 529 pupils has some 57 visits a day."""
PUPILS, BOOKS = 40, 200


def _rss_kb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def _visit(dice: random.Random, loans: dict[str, list[str]]) -> list[str]:
    """What a child does: a card, a few books out and in, a look around; and leaves, or walks away."""
    card = f"P{dice.randrange(PUPILS)}"
    had = loans.setdefault(card, [])
    lent = {book for books in loans.values() for book in books}
    steps = [f"scan {card}"]
    for book in [*had]:
        if dice.random() < 0.5:
            steps.append(f"scan {book}")
            had.remove(book)
    for _ in range(dice.randrange(3)):
        book = f"A{dice.randrange(BOOKS)}"
        if book not in lent and len(had) < 4:
            steps.append(f"scan {book}")
            had.append(book)
            lent.add(book)
    extras = (
        ["press account", "press renew_all", "press back"],
        ["press search", f"type кітап {dice.randrange(99)}", "press back"],
        ["press language", "press language", "press language"],
        ["press appearance", "press switch large_text", "press switch large_text", "press back"],
        ["press number", "press back"],
        ["scan 9786012345674", "scan https://example.com"],
    )
    for extra in dice.sample(extras, 2):
        steps += extra
    return [*steps, dice.choice(["press finish", "press finish", "tick 61"]), "tick 20"]


def alive(finger: Finger) -> int:
    """Widgets that there are, once what a timer still held for a moment has gone."""
    from kivy.uix.widget import Widget

    finger.wait(0.25)
    gc.unfreeze()
    gc.collect()
    return sum(issubclass(type(one), Widget) for one in gc.get_objects())


def day(folder: Path, seed: int) -> list[dict[str, int]]:
    """Run it."""
    from kiosk.screens.remote import Finger

    dice, loans = random.Random(seed), dict[str, list[str]]()
    player = Player(school(folder / "kiosk", PUPILS, BOOKS), CLOCK, "")
    finger = Finger(player.desk.view(), lambda action, argument: None, lambda text: None)
    hours = []
    for _ in range(HOURS):
        acts = 0
        for _ in range(VISITS):
            for line in _visit(dice, loans):
                acts += len(player.step(line)["committed"])
                finger.app.show(player.desk.view())
                finger.frames(1)
        finger.show(player.desk.view())
        widgets = min(alive(finger) for _ in range(8))
        hours.append({"visits": VISITS, "acts": acts, "rss_kb": _rss_kb(), "widgets": widgets})
        print(json.dumps(hours[-1]), flush=True)
        player.step(f"tick {3600 - VISITS * 40}")
    player.close()
    return hours


def main(folder: Path, seed: int) -> None:
    """Run a day."""
    environment.prepare(folder / "kivy", fullscreen=False)
    result: Any = day(folder, seed)
    assert len(result) == HOURS


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
