"""What a hand does to the screen: run by test_handling.py, one function a process; each prints what came of it as JSON.

python -m tests.display.handling FUNCTION FOLDER
"""

from __future__ import annotations

import gc
import json
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.circulation.views import Message, SyncState
from kiosk.screens import environment
from kiosk.showcase import RETURNED, views

if TYPE_CHECKING:
    from kiosk.screens.remote import Finger

pressed: list[tuple[str, str]] = []
typed: list[str] = []


def _open(state: str) -> Finger:
    from kiosk.screens.remote import Finger

    return Finger(views()[state], lambda action, argument: pressed.append((action, argument)), typed.append)


def bounced() -> Any:
    """The same button twice within 0.3 s, then once more a second later."""
    from kiosk.screens import remote

    finger = _open("home")
    remote.BETWEEN_TOUCHES_S = 0.1
    finger.press("search")
    finger.press("search")
    remote.BETWEEN_TOUCHES_S = 1.0
    finger.press("search")
    return pressed


def under_the_finger() -> Any:
    """The screen changes between the finger's coming and going: what appeared there was not meant."""
    from kivy.core.window import Window

    finger = _open("home")
    button = next(one for one in finger.buttons() if one.action == "help")
    spot = button.to_window(*button.center)
    Window.dispatch("on_mouse_down", spot[0], Window.height - spot[1], "left", [])
    finger.frames(1)
    finger.show(views()["visit-borrowed"])
    Window.dispatch("on_mouse_up", spot[0], Window.height - spot[1], "left", [])
    finger.frames(2)
    return pressed


def other_buttons_of_a_mouse() -> Any:
    """The wheel and the right button press nothing; no red dots of a second finger are drawn."""
    from kivy.core.window import Window

    finger = _open("home")
    button = next(one for one in finger.buttons() if one.action == "help")
    x, y = button.to_window(*button.center)
    for name in ("scrollup", "scrolldown"):
        Window.dispatch("on_mouse_down", x, Window.height - y, name, [])
        Window.dispatch("on_mouse_up", x, Window.height - y, name, [])
    finger.frames(2)
    return [pressed, len(Window.canvas.after.children)]


def keyboard_ignored() -> Any:
    """Escape, F1, F11, letters: nothing is sent, nothing opens, the window stays."""
    from kivy.base import EventLoop
    from kivy.core.window import Window

    finger = _open("search")
    for key in (27, 282, 292, 97, 13, 303):
        Window.dispatch("on_key_down", key, 0, "a", [])
        Window.dispatch("on_keyboard", key, 0, "a", [])
        Window.dispatch("on_key_up", key, 0)
    Window.dispatch("on_textinput", "а")
    finger.frames(3)
    return [pressed, typed, len(finger.app.root.children), EventLoop.quit, len(Window.children)]


def typing() -> Any:
    """Letters are sent together after a moment, what is typed meanwhile stays; the button sends at once.

    The moment is a long one here: on a busy machine three keys take their time.
    """
    from kiosk.screens import search

    search.DEBOUNCE_S = 3.0
    finger = _open("search")
    for letter in "ҰШҚ":
        finger.key(letter)
    before = list(typed)
    finger.wait(4.0)
    finger.show(replace(views()["search-hits"], typed="ұшқ"))
    finger.key("А")
    finger.key("delete")
    finger.key("А")
    finger.key("space")
    finger.key("turn")
    finger.key("turn")
    finger.key("B")
    finger.key("digits")
    finger.key("7")
    finger.press("search")
    finger.wait(4.0)
    return [before, typed, pressed]


def keypad() -> Any:
    """Digits, one taken back, then the tick; a PIN is sent and never shown."""
    finger = _open("pin")
    for digit in ("1", "2", "9", "delete", "3", "4"):
        finger.key(digit)
    shown = finger.app._page.ids.field.typed  # type: ignore[union-attr]
    finger.key("enter")
    after = finger.app._page.ids.field.typed  # type: ignore[union-attr]
    finger.show(views()["clock"])
    for digit in "01092026":
        finger.key(digit)
    finger.key("enter")
    return [shown, after, typed]


def warning() -> Any:
    """A touch anywhere on the warning says "I am here", once; the page below keeps what was typed."""
    finger = _open("search")
    finger.key("Ш")
    finger.show(views()["idle-warning-search"])
    finger.touch_at(400, 300)
    finger.show(views()["search"])
    return [pressed, finger.app._page.ids.typed.words]  # type: ignore[union-attr]


def pages() -> Any:
    """The names of a large class are on two pages."""
    finger = _open("no-card-name")
    first = [button.words for button in finger.buttons() if button.action == "choose"]
    turn = next(one for one in finger.widgets() if type(one).__name__ == "TurnButton" and not one.disabled)
    finger.touch(turn)
    second = [button.words for button in finger.buttons() if button.action == "choose"]
    return [len(first), len(second), pressed]


def newest_wins() -> Any:
    """Views from another thread: only the newest is drawn, within one frame; the same one again is not drawn anew."""
    finger = _open("home")
    drawn: list[str] = []
    page_class: Any = type(finger.app._page)
    page_draw = page_class.draw

    def draw(page: Any, view: Any, words: Any) -> None:
        drawn.append(view.message.key if view.message else view.name)
        page_draw(page, view, words)

    page_class.draw = draw
    keys = ("ok.returned", "err.qr_foreign", "ok.returned_late")
    shown = [replace(views()["home"], message=Message.of(key), rows=(RETURNED,)) for key in keys]

    def post() -> None:
        for view in shown:
            finger.app.show(view)

    thread = threading.Thread(target=post)
    thread.start()
    thread.join()
    finger.frames(1)
    within_one_frame = list(drawn)
    finger.app.show(shown[-1])
    finger.frames(2)
    return [within_one_frame, drawn]


def nobody_left() -> Any:
    """Of each page of a visit on which a button was touched: what the window says of it one frame later, and what any
    widget does once the touch has faded."""
    from kivy.core.window import Window

    from kiosk.screens.widgets import Words

    traces = ("Айгүл", "Қожа", "Араша", "ұшқан ұя")

    def said(widgets: Iterable[Any]) -> list[str]:
        texts = {one.words + one.text for one in widgets if issubclass(type(one), Words)}
        return [text for text in texts if any(trace in text for trace in traces)]

    def alive() -> list[str]:
        finger.wait(0.2)
        gc.unfreeze()
        gc.collect()
        return said(gc.get_objects())

    finger = _open("home")
    left: dict[str, list[str]] = {}
    for state in ("visit-borrowed", "account", "search-reserved", "summary", "idle-warning", "number-one"):
        finger.show(views()[state])
        buttons = list(finger.buttons())
        finger.touch(buttons[-1])
        del buttons
        finger.app.show(views()["home"])
        finger.frames(1)
        left[state] = said(Window.children[0].walk()) or min((alive() for _ in range(5)), key=len)
    return left


def no_way_out() -> Any:
    """A cursor, a settings panel and a window that closes: is there any of them?"""
    from kivy.core.window import Window

    finger = _open("home")
    opened = finger.app.open_settings()
    Window.fullscreen = "fake"
    kept = Window.dispatch("on_request_close", source="keyboard")
    return [bool(Window.show_cursor), bool(opened), bool(kept), len(Window.children)]


def hidden_ways() -> Any:
    """Every corner and edge touched, held and wiped over, as other programs open their menus: what came of it, and
    which readers of touches Kivy was told to open, on top of what SDL gives."""
    from kivy.config import Config
    from kivy.core.window import Window

    finger = _open("home")
    page = type(finger.app._page).__name__
    width, height = Window.size
    spots = [(x, y) for x in (0, width // 2, width - 1) for y in (height - 1, height // 2)] + [(0, 0), (width - 1, 0)]
    for x, y in spots:
        for _ in range(5):
            finger.touch_at(x, y)
        Window.dispatch("on_mouse_down", x, height - y, "left", [])
        finger.wait(0.6)
        for step in range(1, 6):
            towards = (x + (width / 2 - x) * step / 5, y + (height / 2 - y) * step / 5)
            Window.dispatch("on_mouse_move", towards[0], height - towards[1], [])
            finger.frames(1)
        Window.dispatch("on_mouse_up", width / 2, height / 2, "left", [])
        finger.frames(2)
    same = type(finger.app._page).__name__ == page
    return [pressed, same, len(Window.children), [list(pair) for pair in Config.items("input")]]


def resting() -> Any:
    """The screen with nobody there, then touched, then with a child's view: is it dimmed, and where does it stand?"""
    from kiosk.screens import resting as module
    from kiosk.screens.remote import Finger

    module.MOVE_EVERY_S = 0.2
    seen: list[list[Any]] = []
    finger = Finger(views()["home"], lambda *touched: seen.append([*state(), *touched]), typed.append, 1.0)

    def state() -> list[Any]:
        rest: Any = finger.app._rest
        return [rest.is_resting, *rest._place.xy]

    finger.wait(1.2)
    seen.append(state())
    finger.wait(0.4)
    seen.append(state())
    finger.show(replace(views()["home"], sync=SyncState("online", 3)))
    seen.append(state())
    finger.press("help")
    finger.wait(1.2)
    finger.app.show(views()["visit-borrowed"])
    finger.frames(1)
    return [*seen, state()]


def slip_code() -> Any:
    """What a phone reads from the screen when a visit has ended, and of a visit that is to be taken back."""
    import zxingcpp
    from PIL import Image

    def read() -> list[str]:
        path = Path(sys.argv[2]) / "summary.png"
        finger.picture(path)
        with Image.open(path) as picture:
            return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]

    finger = _open("summary")
    ended = read()
    finger.show(views()["summary-undo"])
    return [ended, read()]


def growing() -> Any:
    """Widgets alive after 12 visits and after 24, once what a timer still held for a moment has gone."""
    from kivy.uix.widget import Widget

    def alive() -> int:
        finger.wait(0.1)
        gc.unfreeze()  # what the window froze once it was up is not counted otherwise
        gc.collect()
        return sum(issubclass(type(one), Widget) for one in gc.get_objects())

    finger = _open("home")
    counts = []
    for _ in range(2):
        for _ in range(12):
            for state in ("visit-borrowed", "account", "search-hits", "summary", "home"):
                finger.app.show(views()[state])
                finger.turns(1)
        counts.append(min(alive() for _ in range(5)))
    return counts


def main(name: str, folder: Path) -> None:
    """Run one of them."""
    environment.prepare(folder, fullscreen=False)
    function: Callable[[], Any] = globals()[name]
    print(json.dumps(function(), ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
