"""Which tone and which sign go with a message or a row. Signs are letters of the icon font."""

from __future__ import annotations

from kiosk.circulation.views import Message, RowState
from kiosk.screens.themes import Tone

SIGNS = {
    Tone.PLAIN: "\ue10a",
    Tone.BORROWED: "\ueba6",
    Tone.RETURNED: "\ue07e",
    Tone.REFUSED: "\ue57e",
    Tone.WAITING: "\ue2b8",
}
"""calendar, fat tick, bent arrow, hand, hourglass"""

PICTURES = {
    "horse": "\ue2b0",
    "fish": "\ue728",
    "tree": "\ue6da",
    "sun": "\ue472",
    "moon": "\ue330",
    "star": "\ue46a",
    "house": "\ue2c2",
    "flower": "\ueacc",
    "bird": "\ue72c",
    "key": "\ue2d6",
    "mountains": "\ue7ae",
    "sailboat": "\ue78a",
}

BACKSPACE = "\ue0ae"
TICK = "\ueba6"
ARROW_LEFT, ARROW_DOWN = "\ue51a", "\ue518"
PERSON = "\ue4c2"
INFO = "\ue2ce"
MOON = "\ue58e"
CLOUD_TICK, CLOUD_OFF, CLOUD_UP = "\ue1b0", "\ue1b6", "\ue1ae"

_OF_STATE = {
    RowState.BORROWED: Tone.BORROWED,
    RowState.KEPT: Tone.BORROWED,
    RowState.RENEWED: Tone.BORROWED,
    RowState.RETURNED: Tone.RETURNED,
    RowState.FOUND: Tone.RETURNED,
    RowState.WAITING: Tone.WAITING,
    RowState.HOLD_WAITING: Tone.WAITING,
    RowState.OUT: Tone.WAITING,
    RowState.ASKED: Tone.WAITING,
    RowState.REFUSED: Tone.REFUSED,
    RowState.OVERDUE: Tone.REFUSED,
    RowState.READING_ROOM: Tone.REFUSED,
    RowState.HOLD_READY: Tone.BORROWED,
    RowState.IN: Tone.BORROWED,
    RowState.CHOSEN: Tone.BORROWED,
}


def tone_of_row(state: RowState) -> Tone:
    """The tone of a row."""
    return _OF_STATE.get(state, Tone.PLAIN)


def tone_of_message(message: Message) -> Tone:
    """The tone of a message: refusals are told by their keys."""
    if message.key.startswith(("err.", "item.")):
        return Tone.REFUSED
    if message.key.startswith("ok.returned"):
        return Tone.RETURNED
    return Tone.BORROWED if message.key.startswith("ok.") else Tone.PLAIN
