"""Kivy's environment, set once before its first import: no other module may touch it.

Kivy reads environment variables, a settings file and the input devices while it is imported. A kiosk wants none of
them from outside: no command line, no settings file, no second source of touches, no key that means anything.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

FRAMES_PER_SECOND = 30

_ENVIRONMENT = {
    "KIVY_NO_ARGS": "1",  # the command line is ours
    "KIVY_NO_CONFIG": "1",  # nobody's settings file is read or written
    "KIVY_NO_ENV_CONFIG": "1",  # no settings by KCFG_ variables either
    "KIVY_LOG_MODE": "PYTHON",  # to the program's own log, nothing to standard output
    "KIVY_WINDOW": "sdl2",
    "KIVY_TEXT": "sdl2",
    "KIVY_IMAGE": "sdl2",
    "KIVY_METRICS_DENSITY": "1",  # sizes come from `look.Look.scale` alone, whatever the panel says of itself
    "KIVY_METRICS_FONTSCALE": "1",
    "KIVY_DPI": "96",
}


def prepare(home: Path, size: tuple[int, int] = (800, 480), fullscreen: bool = True) -> None:
    """Make Kivy ready to be imported.

    home: a folder that Kivy may write to; made if missing. size: of the window, in pixels; a fullscreen one takes the
    panel's. Raises RuntimeError if Kivy was imported before, because it would not listen any more.
    """
    if "kivy" in sys.modules:
        raise RuntimeError("Kivy was imported before its environment was set")
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(_ENVIRONMENT, KIVY_HOME=str(home))
    _configure(size, fullscreen)


def _configure(size: tuple[int, int], fullscreen: bool) -> None:
    from kivy.config import Config

    settings = {
        "kivy": {"exit_on_escape": "0", "pause_on_minimize": "0", "keyboard_mode": "", "log_level": "warning"},
        "graphics": {
            "width": str(size[0]),
            "height": str(size[1]),
            "fullscreen": "auto" if fullscreen else "0",
            "borderless": "1" if fullscreen else "0",
            "resizable": "0",
            "show_cursor": "0",
            "maxfps": str(FRAMES_PER_SECOND),
            "multisamples": "2",
        },
    }
    for section, values in settings.items():
        for key, value in values.items():
            Config.set(section, key, value)
    # SDL turns a finger into a mouse. Kivy's own readers of input devices would see the same finger a second time.
    Config.remove_section("input")
    Config.add_section("input")
    Config.set("input", "mouse", "mouse,disable_multitouch,disable_hover")
