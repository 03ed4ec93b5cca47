"""A page draws the Views of one name. It is made when such a view comes and dropped when another one does."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import Message, View
from kiosk.screens.tone import ACTIONS, AFTER_WORDS, RINGING, SOLID, picture_of
from kiosk.screens.widgets import Control, connect
from kiosk.screens.wires import Wires
from kiosk.text import Words

_FOLDER = Path(__file__).parent

_RANKS = {
    "back": 0, "exit": 0, "not_me": 1, "no": 3, "appearance": 60, "call": 61,
    "renew_all": 81, "undo_all": 82, "erase": 85, "yes": 90,
}  # fmt: skip
_RANK_BETWEEN = 50
_PRIMARY = ("more_time", "finish", "done", "yes", "next_pupil", "ok", "do_list", "clear", "issue_next")
_WORDLESS = ("appearance", "call")
_RANK_PRIMARY = 99
_RIGHT = 80


class Page(BoxLayout):
    """The base of every page. Its kv file lays it out; `draw` puts the facts of a view into it."""

    def __init__(self, wires: Wires, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.wires = wires
        connect(self, wires)

    @property
    def stage(self) -> Any:
        """The stage with a large book on it (`newest.Newest`), if there is one now: its book may move."""
        return None

    @property
    def spines(self) -> Any:
        """The spines of somebody's limit, if they are shown: one may empty."""
        return None

    @property
    def tells(self) -> bool:
        """Whether the page tells a story of its own while nobody is there."""
        return False

    def tell(self, step: int) -> None:
        """Show a step of the story; -1: all of it."""

    def draw(self, view: View, words: Words) -> None:
        """Show this view in these words."""
        raise NotImplementedError


def load(name: str) -> None:
    """Read a kv file of this folder, once."""
    path = str(_FOLDER / f"{name}.kv")
    if path not in Builder.files:
        Builder.load_file(path)


def controls(view: View, words: Words, without: Collection[str] = ()) -> list[Control]:
    """The actions of a view as buttons: the ways back on the left, the one main button on the right."""
    actions = [action for action in view.actions if action not in without]
    primary = next((action for action in _PRIMARY if action in actions), None)

    def rank(action: str) -> int:
        return _RANK_PRIMARY if action == primary else _RANKS.get(action, _RANK_BETWEEN)

    ordered = sorted(actions, key=rank)
    rightmost = [action for action in ordered if rank(action) >= _RIGHT]
    return [
        Control(
            action,
            "" if action in _WORDLESS else words.action(action),
            primary=action == primary or (action == "call" and view.calling),
            right=action in rightmost,
            sign=_bell(view) if action == "call" else ACTIONS.get(action, ""),
            after=action in AFTER_WORDS,
            solid=action in SOLID,
        )
        for action in ordered
    ]


def call_button(view: View, words: Words) -> Control:
    """What calls the librarian, in full; filled while she is called."""
    return Control("call", words.action("call"), primary=view.calling, sign=_bell(view))


def _bell(view: View) -> str:
    return RINGING if view.calling else ACTIONS["call"]


def call_beside(view: View, words: Words) -> tuple[Control, ...]:
    """The same beside a message that sends somebody to her, until she is called."""
    wanted = "call" in view.actions and not view.calling and picture_of(view.message) == "librarian"
    return (call_button(view, words),) if wanted else ()


def said(words: Words, message: Message | None) -> str:
    """A message in words; none says nothing."""
    return words.say(message) if message is not None else ""


def two_parts(words: Words, message: Message | None) -> tuple[str, str]:
    """What happened, and what to do next. A «Thank you!» alone comes after what happened, else it belongs to it."""
    sentences = list(words.sentences(message)) if message is not None else []
    thanked = len(sentences) > 1 and sentences[0].endswith("!")
    if thanked and len(sentences) == 2:
        return sentences[1], sentences[0]
    first = 1 + thanked
    return " ".join(sentences[:first]), " ".join(sentences[first:])
