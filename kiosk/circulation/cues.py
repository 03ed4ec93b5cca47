"""What a change of the screen sounds like, told from the Views before and after it and what was recorded in between.

And what calls the librarian, which goes on until she comes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.views import RowState, View


class Cue(StrEnum):
    """Told apart without sight: done (what rises was lent, what falls came back), not done, put it aside, look here;
    come here."""

    LENT = "lent"
    RETURNED = "returned"
    NOT_DONE = "not_done"
    ASIDE = "aside"
    LOOK = "look"
    CALL = "call"


_RETURNS = frozenset({Kind.CHECKIN, Kind.FOUND})
_NOT_THEIRS = frozenset(
    {"tb.for_other", "tb.for_leaver", "tb.exchanged", "tb.in_place", "tb.on_nobody", "tb.lost_found"}
)
"""A copy came back that was not on the name of whoever brought it: it is recorded, and to be looked at."""
_ASKS = frozenset({"pin", "choice", "clock", "no_card"})


def cue(before: View | None, after: View, committed: Sequence[Act]) -> Cue | None:
    """The sound of a change; None: silence, as for a code that was read twice.

    What was recorded last is heard, and nothing is heard as done that was not recorded.
    """
    if committed:
        if after.message is not None and after.message.key in _NOT_THEIRS:
            return Cue.LOOK
        return Cue.RETURNED if committed[-1].kind in _RETURNS else Cue.LENT
    if before is None or after == before:
        return None
    if _aside(after) - _aside(before):
        return Cue.ASIDE
    message = after.message
    if message is not None and message != before.message and message.key.startswith(("err.", "item.")):
        return Cue.NOT_DONE
    asked = after.name in _ASKS and before.name != after.name
    waits = _waiting(after) - _waiting(before)
    if asked or waits or (after.countdown is not None and before.countdown is None):
        return Cue.LOOK
    return None


def _waiting(view: View) -> frozenset[str]:
    return frozenset(row.id for row in view.rows if row.state is RowState.WAITING)


def _aside(view: View) -> frozenset[str]:
    """What lies aside on a textbook day, until it is settled."""
    return frozenset(row.id for row in view.rows) if view.name == "tb_aside" else frozenset()
