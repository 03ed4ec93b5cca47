"""The table of conflicts between kiosks, or between a kiosk and its central library, and what happens in each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.circulation.delivery import Delivery, Reason


class Conflict(StrEnum):
    """A way in which the kiosk and central can disagree."""

    LENT_TWICE = "lent_twice"
    LENT_CENTRALLY = "lent_centrally"
    RETURNED_LATER = "returned_later"
    PATRON_BARRED = "patron_barred"
    UNKNOWN = "unknown"
    DUE_DIFFERS = "due_differs"
    HELD_FOR_ANOTHER = "held_for_another"
    REPEATED = "repeated"
    SECOND_COPY = "second_copy"
    LABEL_TWICE = "label_twice"
    ADDED_TWICE = "added_twice"
    NOTED_TWICE = "noted_twice"
    SET_TWICE = "set_twice"
    COUNTED_TWICE = "counted_twice"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What happens in a conflict. delivery: what becomes of the entry; flags: what staff are shown nevertheless."""

    what: str
    delivery: Delivery = Delivery.ACCEPTED
    flags: tuple[Reason, ...] = ()


CONFLICTS = {
    Conflict.LENT_TWICE: Settlement(
        "two kiosks lent one item: the later trusted time holds, the earlier loan ends passed on",
        flags=(Reason.ON_LOAN_ELSEWHERE,),
    ),
    Conflict.LENT_CENTRALLY: Settlement(
        "on loan to somebody else centrally: theirs ends; where central cannot do that, it is parked",
        flags=(Reason.ON_LOAN_ELSEWHERE,),
    ),
    Conflict.RETURNED_LATER: Settlement(
        "returned elsewhere later than our loan: our loan ends", flags=(Reason.RETURNED_ELSEWHERE,)
    ),
    Conflict.PATRON_BARRED: Settlement(
        "the patron was blocked, left or went over the limit meanwhile: the loan stands",
        flags=(Reason.PATRON_BLOCKED, Reason.LOAN_LIMIT),
    ),
    Conflict.UNKNOWN: Settlement(
        "central does not know the patron or the item: parked, tried again when a pull has brought something",
        Delivery.PARKED,
        (Reason.PATRON_UNKNOWN, Reason.ITEM_UNKNOWN),
    ),
    Conflict.DUE_DIFFERS: Settlement(
        "the due date differs: central's is shown, nobody is overdue before the date they were promised"
    ),
    Conflict.HELD_FOR_ANOTHER: Settlement(
        "the hold was meanwhile for another patron: the loan stands, the hold goes to the head of its queue",
        flags=(Reason.RESERVED,),
    ),
    Conflict.REPEATED: Settlement("the same transaction again: nothing changes"),
    Conflict.SECOND_COPY: Settlement(
        "one pupil got one subject at two stations: both loans stand", flags=(Reason.SECOND_COPY,)
    ),
    Conflict.LABEL_TWICE: Settlement(
        "one label on two copies, which the numbers of blank rolls prevent: what is told second is parked",
        Delivery.PARKED,
        (Reason.LABEL_TAKEN,),
    ),
    Conflict.ADDED_TWICE: Settlement(
        "one pupil was added by name at two stations: both records stand", flags=(Reason.TWIN,)
    ),
    Conflict.NOTED_TWICE: Settlement(
        "two stations noted something of one pupil, or the condition of one copy: the later trusted time holds"
    ),
    Conflict.SET_TWICE: Settlement(
        "two stations changed one class's set, or one pupil's class: the later trusted time holds",
        flags=(Reason.CHANGED_ELSEWHERE,),
    ),
    Conflict.COUNTED_TWICE: Settlement("two stations counted copies without numbers of one title: they add up"),
}
"""DESIGN.md 5, row by row; each is a test through a desk and a connector (tests/integration/test_sync_conflicts.py).
Those of textbook days, from SECOND_COPY on, are in tests/integration/test_stations.py."""

TEXTBOOK_DAYS = frozenset(
    {
        Conflict.SECOND_COPY, Conflict.LABEL_TWICE, Conflict.ADDED_TWICE, Conflict.NOTED_TWICE, Conflict.SET_TWICE,
        Conflict.COUNTED_TWICE,
    }
)  # fmt: skip
"""Conflicts of stations that hand textbooks out at the same time."""
