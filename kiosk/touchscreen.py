"""`kiosk run`: the desk's thread, the readers, and the window that draws its Views."""

from __future__ import annotations

import gc
import logging
import re
import signal
import threading
from contextlib import ExitStack
from typing import Any

from kiosk import app
from kiosk.circulation.views import View
from kiosk.config import Config
from kiosk.desk import Outcome, Press, Type
from kiosk.errors import KioskError
from kiosk.loop import DeskLoop
from kiosk.plugging import Plugs, plugged_in
from kiosk.signals import signals
from kiosk.syncing import syncing

log = logging.getLogger(__name__)

FIRST_VIEW_WITHIN_S = 30.0


class SizeError(KioskError):
    """A window's size of no known form."""


class _Stage:
    """Carries the newest View from the desk's thread to the window, which may not be there yet."""

    def __init__(self) -> None:
        self._there = threading.Event()
        self._newest: View | None = None
        self._window: Any = None

    def show(self, outcome: Outcome) -> None:
        """On the desk's thread: there is something new to see."""
        self._newest = outcome.view
        self._there.set()
        if self._window is not None:
            self._window.show(outcome.view)

    def first(self) -> View:
        """On the window's thread: what to draw first."""
        self._there.wait(FIRST_VIEW_WITHIN_S)
        return self._newest or View("out_of_service", "kk")

    def lift(self, window: Any) -> None:
        """The window is ready."""
        self._window = window


def run_touchscreen(config: Config, size: str) -> None:
    """Run the kiosk until it is told to end. size: "800x480", or empty for the whole screen.

    The readers and the desk start before the window does: what is scanned meanwhile is kept, and shown with it.
    """
    match = re.fullmatch(r"(\d{3,4})x(\d{3,4})", size) if size else None
    if size and match is None:
        raise SizeError(f"{size!r} is not a size; write 800x480")
    lock = app.desk_lock(config)
    gc.disable()  # until every page has been read: nothing that is loaded goes away, and looking for it takes a while
    stage = _Stage()
    with ExitStack() as undo:
        undo.callback(lock.close)
        app.bring_up_to_date(config)
        ready = threading.Event()
        sync = undo.enter_context(syncing(config, begin=ready))

        heard = undo.enter_context(signals(config, begin=ready))

        def show(outcome: Outcome) -> None:
            stage.show(outcome)
            sync.told(outcome)
            devices.follow(outcome.view)
            heard.told(outcome)

        loop = DeskLoop(lambda: app.open_desk_now(config, sync.questions, devices.printer), show)
        devices = plugged_in(config, loop.post)
        sync.listen(loop.post)
        loop.start()
        undo.callback(loop.stop)
        devices.start()
        undo.callback(devices.stop)
        _run_window(config, (int(match[1]), int(match[2])) if match else None, stage, loop, ready, devices)


def _run_window(
    config: Config,
    size: tuple[int, int] | None,
    stage: _Stage,
    loop: DeskLoop,
    ready: threading.Event,
    devices: Plugs,
) -> None:
    from kiosk.screens import environment

    environment.prepare(config.folder / "kivy", size or (800, 480), fullscreen=size is None)
    from kiosk.screens.app import KioskApp

    window = KioskApp(
        stage.first,
        on_press=lambda action, argument: loop.post(Press(action, argument)),
        on_type=lambda text: loop.post(Type(text)),
        on_ready=ready.set,
        dim_after_s=config.dim_after_s,
        motion=config.motion,
        feed=devices.feed,
    )
    stage.lift(window)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: window.stop())
    window.run()
