"""`kiosk run` in a window, which tells on each line of its standard input what can be seen and touched in it.

python -m tests.display.watched_kiosk SETTINGS
"""

from __future__ import annotations

import gc
import json
import sys
import threading
from pathlib import Path
from typing import Any

from kiosk.config import load
from kiosk.touchscreen import run_touchscreen


def seen() -> dict[str, Any]:
    """The page, its words, and where its buttons and keys are, y from above. On the main thread.

    alive: the words of every widget that there is, in the window or not.
    """
    from kivy.app import App
    from kivy.core.window import Window
    from kivy.uix.widget import Widget

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
            action = "key" if isinstance(widget, Key) else widget.action
            touchable.append([action, widget.argument, x, Window.height - y])
    gc.unfreeze()
    gc.collect()
    objects = gc.get_objects()
    alive = " ".join(one.words + one.text for one in objects if issubclass(type(one), Words))
    return {
        "page": type(top).__name__,
        "texts": texts,
        "touchable": touchable,
        "alive": alive,
        "widgets": sum(issubclass(type(one), Widget) for one in objects),
    }


def _listen() -> None:
    """A line is only written once the window is there: Kivy is imported by then, on its own thread."""
    for _ in sys.stdin:
        from kivy.clock import Clock

        Clock.schedule_once(lambda _: print(json.dumps(seen(), ensure_ascii=False), flush=True))


def main(settings: Path) -> None:
    """Run until told to end."""
    threading.Thread(target=_listen, daemon=True).start()
    run_touchscreen(load(settings), "800x480")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
