"""What is said of a view, for somebody who does not see it: what has become of what, then what can be done next.

A visit by scans alone needs no word of a button: what these sentences offer is done with a card, a book or a printed
code. They are said anew only when they change; so a countdown has no seconds in them.
"""

from __future__ import annotations

from kiosk.circulation.policy import Refusal
from kiosk.circulation.views import LENT_NOW, Message, Row, RowState, View, due_message, state_message

Speech = tuple[Message, ...]

MOST_ROWS = 10
"""A list is read out so far, and no further."""

_ABOUT = {
    "ok.checked_out": (RowState.BORROWED,),
    "ok.checked_out_days": (RowState.BORROWED,),
    "ok.returned": (RowState.RETURNED, RowState.FOUND),
    "ok.returned_late": (RowState.RETURNED,),
    "ok.returned_reserved": (RowState.RETURNED, RowState.FOUND),
    "ok.renewed": (RowState.KEPT, RowState.BORROWED),
    "ok.renewed_days": (RowState.KEPT, RowState.BORROWED),
    "ok.undone": (RowState.UNDONE,),
    "say.already_yours": (RowState.BORROWED, RowState.KEPT),
    "home.scan_card": (RowState.WAITING,),
    **{refusal.value: (RowState.REFUSED, RowState.WAITING) for refusal in Refusal},
}
"""Of a message about the newest item: the states that this item's row then has."""

_OF_THE_VISIT = frozenset(RowState) - {RowState.ON_LOAN, RowState.OVERDUE}


_WITHOUT_HANDS = {"info.already_yours": "say.already_yours", "err.book_unknown": "say.book_unknown"}
"""Messages that speak of a button, and what is said in their place."""


def speech(view: View) -> Speech:
    """The sentences of a view; every view has some."""
    if view.countdown is not None:
        return (Message.of("say.still_here"),)
    match view.name:
        case "home":
            return _news(view) or _asked(view, "say.home")
        case "visit":
            return _visit(view)
        case "account" if view.rows:
            return _given(view.message) + _listed(view)
        case "summary":
            news = _given(view.message if view.message != view.prompt else None)
            return news + _listed(view) + _given(view.prompt)
        case "choice" | "number" | "search":
            return (_given(view.message) or _given(view.prompt)) + _listed(view)
        case "appearance":
            return _given(view.prompt) + tuple(
                Message.of(f"a11y.{row.id}") for row in view.rows if row.state is RowState.CHOSEN
            )
    return _given(view.message) or _given(view.prompt)


def to_say(before: View | None, after: View) -> Speech | None:
    """What is to be said when the screen changes; () to fall silent, None if nothing has changed that is heard."""
    spoke = before is not None and before.appearance.spoken
    if not after.appearance.spoken:
        return () if spoke else None
    if before is None or not spoke:
        return after.speech
    same = (before.speech, before.language, before.scans) == (after.speech, after.language, after.scans)
    return None if same else after.speech


def _given(message: Message | None) -> Speech:
    return (message,) if message is not None else ()


def _asked(view: View, key: str) -> Speech:
    """Home asks for a card; a home that hears no card says so instead."""
    ordinary = view.prompt is None or view.prompt.key == "home.scan_card"
    return (Message.of(key),) if ordinary else _given(view.prompt)


def _news(view: View) -> Speech:
    """What became of the last act; the title first, if it is about one."""
    message = view.message
    if message is None:
        return ()
    if message.key in _WITHOUT_HANDS:
        message = Message(_WITHOUT_HANDS[message.key])
    newest = view.rows[0] if view.rows else None
    if newest is not None and newest.state in _ABOUT.get(message.key, ()):
        return Message.of("say.title", title=newest.text), message
    return (message,)


def _visit(view: View) -> Speech:
    """Before anything is scanned: whose visit it is, and what they have. Then only the news."""
    news = _news(view)
    if view.patron is None or any(row.state in _OF_THE_VISIT for row in view.rows):
        return news or (Message.of("say.visit"),)
    hello: Speech = (Message.of("menu.greeting", name=view.patron.name),)
    count = len(view.rows)
    if count:
        hello += (Message.of("say.on_loan", n=count),)
    return hello + news + (Message.of("say.visit"),)


def _listed(view: View) -> Speech:
    return tuple(said for row in view.rows[:MOST_ROWS] for said in _row(row))


def _row(row: Row) -> Speech:
    title = Message.of("say.title", title=row.text)
    if row.state is RowState.CHOICE:
        return (title,)
    due = due_message(row) if row.state in LENT_NOW else None
    return title, state_message(row), *_given(due)
