"""`kiosk run` in a window, which tells on each line of its standard input what can be seen and touched in it;
a line with the name of a file keeps the picture of it there, and the line `alive` asks for all words that there are.

python -m tests.display.watched_kiosk SETTINGS
"""

from __future__ import annotations

import gc
import json
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

from kiosk.config import load
from kiosk.touchscreen import run_touchscreen

ALIVE = "alive"


def seen() -> dict[str, Any]:
    """The page, its words, its buttons and keys: action, argument, place (y from above), words. On the main thread."""
    from kivy.app import App
    from kivy.core.window import Window

    from kiosk.screens.remote import is_seen
    from kiosk.screens.widgets import Key, Touchable, Words

    root = App.get_running_app().root
    top = root.children[0] if root.children else root
    texts: list[str] = []
    touchable: list[list[Any]] = []
    for widget in top.walk():
        if widget.get_parent_window() is not Window or not is_seen(widget):
            continue
        if isinstance(widget, Words) and widget.words:
            texts.append(widget.words)
        if isinstance(widget, Touchable) and not widget.disabled:
            x, y = widget.to_window(*widget.center)
            action = "key" if isinstance(widget, Key) else widget.action or type(widget).__name__
            said = getattr(widget, "words", "")
            touchable.append([action, widget.argument, x, Window.height - y, said])
    return {
        "page": type(top).__name__,
        "texts": texts,
        "touchable": touchable,
    }


def alive() -> str:
    """The words of every widget that there is, in the window or not.

    Not while the desk is at work: what looks at every object may hold one that another thread is just making.
    """
    from kiosk.screens.widgets import Words

    gc.unfreeze()
    gc.collect()
    return " ".join(one.words + one.text for one in gc.get_objects() if issubclass(type(one), Words))


def _listen() -> None:
    """A line is only written once the window is there: Kivy is imported by then, on its own thread."""
    for line in sys.stdin:
        from kivy.clock import Clock

        Clock.schedule_once(partial(_tell, line.strip()))


def _tell(picture: str, _: float) -> None:
    if picture == ALIVE:
        print(json.dumps(alive(), ensure_ascii=False), flush=True)
        return
    if picture:
        from kiosk.screens.app import save_picture

        save_picture(Path(picture))
    print(json.dumps(seen(), ensure_ascii=False), flush=True)


def main(settings: Path) -> None:
    """Run until told to end."""
    threading.Thread(target=_listen, daemon=True).start()
    run_touchscreen(load(settings), "800x480")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
