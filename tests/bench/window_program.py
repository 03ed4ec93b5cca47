"""The windows that window.py measures: each prints the time of its first frame, then stays."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any


def bare() -> None:
    """A Kivy window with one label."""
    from kivy.config import Config

    Config.set("graphics", "width", "800")
    Config.set("graphics", "height", "480")
    from kivy.app import App
    from kivy.uix.label import Label

    class Bare(App):
        def build(self) -> Any:
            return Label(text="kiosk")

        def on_start(self) -> None:
            _tell_first_frame()

    Bare().run()


def kiosk(config: Path) -> None:
    """`kiosk run`."""
    from kiosk.config import load
    from kiosk.screens import environment

    prepare = environment.prepare

    def prepared(*args: Any, **kwargs: Any) -> None:
        prepare(*args, **kwargs)
        _tell_first_frame()

    environment.prepare = prepared
    from kiosk.touchscreen import run_touchscreen

    run_touchscreen(load(config), "800x480")


def _tell_first_frame() -> None:
    """Print when a frame has been drawn with something in the window."""
    from kivy.core.window import Window

    def flipped(*_: Any) -> None:
        root = Window.children[0] if Window.children else None
        if root is not None and (root.children or hasattr(root, "text")):
            Window.unbind(on_flip=flipped)
            print(time.time(), flush=True)

    Window.bind(on_flip=flipped)


if __name__ == "__main__":
    bare() if sys.argv[1] == "bare" else kiosk(Path(sys.argv[2]))
