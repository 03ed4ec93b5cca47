"""The window: shows the newest View, hands touches on. `environment.prepare` has to come before this is imported."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.properties import ObjectProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.circulation.appearance import PLAIN
from kiosk.circulation.model import PinKind
from kiosk.circulation.views import View
from kiosk.ports import FrameFeed
from kiosk.screens import lettering
from kiosk.screens.look import Look
from kiosk.screens.moving import Motion
from kiosk.screens.page import Page, load
from kiosk.screens.resting import Rest
from kiosk.screens.tidying import Tidying
from kiosk.screens.wires import Gate, Wires
from kiosk.text import Words, words

log = logging.getLogger(__name__)

ViewSource = Callable[[], View]
"""Gives the View to be drawn first; called once, on the main thread, when the window is there."""

_SHARED = ("widgets", "drawings", "rows")
_CHOICE = ("staff_choice", "StaffChoicePage", ("staff", "choosing", "keyboard", "entry", "staff_choice"))
_LIST = ("staff_list", "StaffListPage", ("staff", "keyboard", "entry", "staff_list"))
_SET = ("pupil_set", "PupilPage", ("staff", "choosing", "keyboard", "entry", "pupil_set"))
_PAGES = {
    "home": ("home", "HomePage", ("home",)),
    "visit": ("visit", "VisitPage", ("heads", "newest", "visit")),
    "account": ("account", "AccountPage", ("heads", "account")),
    "search": ("search", "SearchPage", ("keyboard", "search")),
    "number": ("keypad_page", "NumberPage", ("newest", "keypad")),
    "pin": ("keypad_page", "PinPage", ("keypad",)),
    "pin_pictures": ("choosing", "PicturePinPage", ("choosing",)),
    "no_card": ("choosing", "NoCardPage", ("choosing",)),
    "appearance": ("choosing", "AppearancePage", ("choosing",)),
    "choice": ("choosing", "ChoicePage", ("choosing",)),
    "clock": ("keypad_page", "ClockPage", ("keypad",)),
    "camera": ("camera", "CameraPage", ("camera",)),
    "summary": ("leaving", "SummaryPage", ("leaving",)),
    "staff_pin": ("keypad_page", "PinPage", ("keypad",)),
    "staff_home": ("staff_home", "StaffHomePage", ("staff", "choosing", "staff_home")),
    "tb_class": ("class_matrix", "ClassPage", ("staff", "class_matrix")),
    "tb_pupil": _SET,
    "collect_pupil": _SET,
    "care_pupil": _SET,
    "tb_aside": ("set_aside", "AsidePage", ("staff", "set_aside")),
    "exception_choice": _CHOICE,
    "exception": ("exception", "ExceptionPage", ("staff", "exception")),
    "staff_classes": _CHOICE,
    "staff_names": _CHOICE,
    "papers": _CHOICE,
    "staff_reason": _CHOICE,
    "collect_condition": _CHOICE,
    "staff_text": ("entry", "TextPage", ("keyboard", "entry")),
    "exceptions": _LIST,
    "health": _LIST,
    "sets": _LIST,
    "set": _LIST,
    "lists": _LIST,
    "clearance": _LIST,
    "out_of_service": ("leaving", "OutOfServicePage", ("leaving",)),
}
"""Of a view's name: the module, the class and the kv files of its page. They are read when first needed."""

_MOST_BUTTONS = 4
"""More ways out of an exception have no room in the bar."""
_PRELOAD_AFTER_S = 1.0
_PRELOAD_EVERY_S = 0.1
_TURN_S = 0.0005
"""A frame and a scan let go of the interpreter many times; beside a busy sync each time would cost them 5 ms."""
_NOBODYS = ("home", "out_of_service")


class KioskApp(App):
    """The touchscreen of a kiosk. `show` may be called from any thread; everything else belongs to the main thread."""

    title = "kiosk"
    look = ObjectProperty(Look())

    def __init__(
        self,
        views: ViewSource,
        on_press: Callable[[str, str], None],
        on_type: Callable[[str], None],
        languages: Callable[[str], Words] = words,
        now: Callable[[], float] = time.monotonic,
        on_ready: Callable[[], None] = lambda: None,
        feed: Callable[[str], FrameFeed | None] = lambda name: None,
        dim_after_s: float = 0.0,
        motion: bool = True,
    ) -> None:
        """on_press: takes the action that was touched, and its argument; on_type: a text. Both have to return at once.
        on_ready: called once, when every page has been read and what is heavy may begin beside the window.

        feed: gives the live pictures that a view names. dim_after_s: see `resting.Rest`.
        motion: whether anything moves, see `motion.py`. languages: gives the words of a language. now: seconds, for
        telling a bounced touch from a new one, and for motion.
        """
        super().__init__()
        self._views = views
        self._languages = languages
        self._on_ready = on_ready
        self._wires = Wires(on_press, on_type, Gate(now), feed)
        self._newest: View | None = None
        self._drawn: View | None = None
        self._page: Page | None = None
        self._page_name = ""
        self._dim_after_s = dim_after_s
        self._now, self._moves = now, motion
        self._motion: Motion | None = None
        self._rest: Rest | None = None
        self._warning: Any = None
        self._tidying = Tidying(lambda: self._page_name in _NOBODYS)

    def show(self, view: View) -> None:
        """Draw a view with the next frame; of several that come before it only the newest. From any thread."""
        self._newest = view
        Clock.schedule_once(self._draw, -1)

    def build(self) -> FloatLayout:
        """The root, with the first view in it."""
        lettering.register()
        self._fit_window()
        Window.bind(size=self._fit_window, on_key_down=_ignore, on_key_up=_ignore, on_request_close=_may_not_close)
        for name in _SHARED:
            import_module(f"kiosk.screens.{name}")
            load(name)
        self.root = FloatLayout()
        self._rest = rest = Rest(self.root, self._dim_after_s)
        self._motion = Motion(self._now, self._moves, lambda: rest.is_resting)
        if self._newest is None:
            self._newest = self._views()
        self._draw()
        return self.root

    def on_start(self) -> None:
        """The other pages are read while nobody is there yet, one at a time, so that the first visit does not wait."""
        sys.setswitchinterval(_TURN_S)
        todo = list(_PAGES)

        def preload(_: float) -> bool:
            if todo:
                _page_class(todo.pop())
                return True
            self._tidying.settle()
            self._on_ready()
            return False

        Clock.schedule_once(lambda _: Clock.schedule_interval(preload, _PRELOAD_EVERY_S), _PRELOAD_AFTER_S)

    def open_settings(self, *_: Any) -> bool:
        """There is no settings panel."""
        return False

    def _install_settings_keys(self, window: Any) -> None:
        """Nor a key for it."""

    def _fit_window(self, *_: Any) -> None:
        shown = self._drawn.appearance if self._drawn is not None else PLAIN
        self.look = Look.for_window(Window.width, Window.height, shown)
        Window.clearcolor = self.look.palette.felt

    def _draw(self, *_: object) -> None:
        view = self._newest
        if view is None or view == self._drawn or self.root is None:
            return
        if self._drawn is None or replace(view, sync=self._drawn.sync) != self._drawn:
            self._stir()
        before, self._drawn = self._drawn, view
        if view.appearance != self.look.appearance:
            self._fit_window()
        spoken = self._languages(view.language)
        name = _page_of(view)
        if self._page is None or name != self._page_name:
            self._turn_to(name)
        assert self._page is not None and self._motion is not None
        self._page.draw(view, spoken)
        self._motion.follow(before, view, self._page, self.look)
        self._warn(view, spoken)

    def _stir(self) -> None:
        """What comes now is more than news of the central library."""
        if self._rest is not None and self._motion is not None:
            self._rest.stir()
            self._motion.finish()

    def _turn_to(self, name: str) -> None:
        """Drop the page with everything on it, and make the new one."""
        if self._page is not None:
            self._tidying.dropped()
        self.root.clear_widgets()
        self._warning = None
        self._page = _page_class(name)(self._wires)
        self._page_name = name
        self.root.add_widget(self._page)

    def _warn(self, view: View, spoken: Words) -> None:
        if view.countdown is None:
            if self._warning is not None:
                self.root.remove_widget(self._warning)
                self._warning = None
            return
        if self._warning is None:
            _page_class("summary")
            self._warning = import_module("kiosk.screens.leaving").IdleWarning(self._wires)
            self.root.add_widget(self._warning)
        self._warning.draw(view, spoken)


def _page_of(view: View) -> str:
    """The name of the page that draws a view."""
    if view.name == "pin" and view.pin is PinKind.PICTURES:
        return "pin_pictures"
    if view.name == "exception" and sum("choose" in row.actions for row in view.rows) > _MOST_BUTTONS:
        return "exception_choice"
    return view.name


def _page_class(name: str) -> type[Page]:
    module, class_name, files = _PAGES[name]
    loaded = import_module(f"kiosk.screens.{module}")
    for file in files:
        load(file)
    found: type[Page] = getattr(loaded, class_name)
    return found


def _ignore(*_: Any, **__: Any) -> bool:
    """A keyboard plugged into the kiosk does nothing."""
    return True


def _may_not_close(*_: Any, **__: Any) -> bool:
    """A kiosk's window stays; only one in a window of its own, on somebody's desktop, closes."""
    return bool(Window.fullscreen)


def save_picture(path: Path) -> None:
    """Write what is in the window now to a PNG file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = Window.screenshot(name=str(path))
    Path(written).replace(path)
