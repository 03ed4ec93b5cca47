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

ACTIONS = {
    "account": "\ue758",
    "appearance": "\ue6ee",
    "back": "\ue058",
    "borrow": "\ueba6",
    "call": "\ue0ce",
    "camera": "\ue10e",
    "cancel_hold": "\ue4f6",
    "done": "\ue182",
    "disliked": "\ue48c",
    "erase": "\ue0ae",
    "finish": "\ue182",
    "help": "\ue3e8",
    "hold": "\ue0ea",
    "keep": "\ue57c",
    "language": "\ue288",
    "liked": "\ue48e",
    "more_time": "\ue580",
    "no": "\ue4f6",
    "no_card": "\ue73e",
    "not_me": "\ue756",
    "number": "\ue3c8",
    "print": "\ue3dc",
    "renew": "\ue714",
    "renew_all": "\ue714",
    "return": "\ue07e",
    "search": "\ue30c",
    "undo": "\ue038",
    "undo_all": "\ue038",
    "yes": "\ue182",
    "absent": "\ue4ce",
    "add_subject": "\ue3d4",
    "all_checked": "\ue184",
    "best": "\ue46a",
    "clear": "\ue606",
    "copy_sets": "\ue1ca",
    "debts": "\ued2c",
    "do_list": "\ue182",
    "give_counted": "\ue3d4",
    "give_rest": "\ue3d4",
    "hand_in": "\ue07e",
    "issue_next": "\ue758",
    "leavers": "\ue73e",
    "let_rest": "\ue2b8",
    "look_again": "\ue038",
    "move_to": "\ue756",
    "move_up": "\ue73e",
    "past_lists": "\ued2c",
    "print_sheet": "\ue3dc",
    "relabel": "\ue0b8",
    "replace": "\ue758",
    "retry": "\ue038",
    "seen": "\ue182",
    "slip": "\ueadc",
    "swap": "\ue756",
    "take_back": "\ue038",
    "teacher_pile": "\ue4d6",
    "wrong_pupil": "\ue756",
    "add_pupil": "\ue4d0",
    "care": "\uebae",
    "class_sheet": "\ue3dc",
    "clearance": "\ue73e",
    "collect": "\ue010",
    "exceptions": "\ue4e2",
    "exit": "\ue42a",
    "give_anyway": "\ue606",
    "health": "\ue560",
    "in_library": "\ue758",
    "issue": "\ue758",
    "lists": "\ue68e",
    "missing": "\ue4e2",
    "next_pupil": "\ue06c",
    "ok": "\ue182",
    "papers": "\ue3dc",
    "sets": "\ueadc",
    "somebody_else": "\ue4d6",
    "undo_last": "\ue038",
}
"""What can be done, by its action; drawn in outline."""

AFTER_WORDS = frozenset({"next_pupil"})
"""Actions that go on: their arrow stands after the words."""
SOLID = frozenset({"missing"})
"""Actions that name a fact, with its solid sign."""

RINGING = "\ue5e8"
CONDITIONS = {
    "good": "\ue184",
    "worn": "\ue1a0",
    "torn": "\ueae0",
    "written": "\ue3b4",
    "wet": "\ue210",
    "dirty": "\ue6f0",
    "pages_missing": "\ue704",
    "cover": "\ue0e2",
    "label": "\ue0b8",
    "repair": "\ue5d4",
    "lost": "\ue3e8",
    "beyond_use": "\ue4a6",
    "relabel": "\ue0b8",
    "not_back": "\ue038",
}
"""How a copy looks, by its condition, solid; and that it is lost."""

LEAVE = "\ue42a"
BACKSPACE = "\ue0ae"
TICK = "\ueba6"
ARROW_LEFT, ARROW_RIGHT, ARROW_DOWN = "\ue058", "\ue06c", "\ue518"
PERSON = "\ue4c2"
INFO = "\ue2ce"
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


_TO_THE_LIBRARIAN = frozenset(
    {
        "err.age", "err.by_central", "err.by_librarian", "err.card_blocked", "err.card_expired", "err.card_lost",
        "err.card_unknown", "err.debt", "err.generic", "err.none_left", "err.not_on_loan", "err.on_loan_other",
        "err.other_library", "err.pin_wait", "err.reader_left", "err.renew_overdue", "err.reserved_other",
        "err.textbook_return", "err.textbook_self", "err.undo_too_late", "err.was_lost", "err.written_off",
        "home.closed", "info.card_needed", "info.go_to_librarian", "info.no_pin",
        "item.awaiting_check", "item.in_repair", "ok.returned_reserved",
    }
)  # fmt: skip
_TO_RETURN = frozenset({"err.limit", "err.no_card_limit", "err.overdue"})


def picture_of(message: Message | None) -> str:
    """What stands beside the sentence that says what to do: "librarian", "return", or nothing."""
    key = message.key if message is not None else ""
    return "librarian" if key in _TO_THE_LIBRARIAN else "return" if key in _TO_RETURN else ""
