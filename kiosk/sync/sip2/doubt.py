"""What became of an act of which nobody knows whether it arrived, by looking the item and the patron up (17, 63)."""

from __future__ import annotations

from kiosk.circulation.delivery import Accepted, Outcome, Reason, RefusedByCentral
from kiosk.sync.sip2.asking import Asking
from kiosk.sync.sip2.deeds import Deed, Errand
from kiosk.sync.sip2.fields import Listing
from kiosk.sync.sip2.said import ItemSaid, PatronSaid, lent

NOT_TOLD = RefusedByCentral(
    Reason.BAD_ANSWER,
    "it was sent and not answered, and the library system does not tell whether it was done: look there first",
)
"""Neither to be sent again nor to be taken for done without somebody's look."""


class Doubt:
    """Finds out. Every method raises ConnectorError if it cannot."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def look(self, one: Errand) -> Outcome | None:
        """What became of it; None: it did not arrive, or has no effect any more, and may be sent."""
        match one.deed:
            case Deed.LEND:
                return self._lent(one)
            case Deed.GIVE_BACK:
                return self._given_back(one)
            case Deed.RENEW:
                return self._renewed(one)
            case Deed.PLACE | Deed.CANCEL:
                return self._queued(one)
        return None

    def _lent(self, one: Errand) -> Outcome | None:
        item = self._asking.said_of_item(one.number)
        if item is not None and item.known and not item.charged and item.status != "other":
            return None
        patron = self._asking.said_of_patron(one.card)
        theirs = _has(patron, item or ItemSaid(one.number))
        if theirs:
            return lent(one, item.due, item.title) if item is not None else lent(one, None)
        if theirs is False or (patron is not None and not patron.known) or (item is not None and not item.known):
            return None
        return NOT_TOLD

    def _given_back(self, one: Errand) -> Outcome | None:
        item = self._asking.said_of_item(one.number)
        if item is not None and not item.known:
            return None
        if item is not None and not item.charged and item.status != "other":
            return Accepted(0)
        if not one.card:
            # Nobody is known to have had it: it is in our hands, so whoever has it there has it no more.
            return None
        theirs = _has(self._asking.said_of_patron(one.card), item or ItemSaid(one.number))
        if theirs is None:
            return NOT_TOLD
        return None if theirs else Accepted(0)

    def _renewed(self, one: Errand) -> Outcome | None:
        item = self._asking.said_of_item(one.number)
        if item is not None and (not item.known or (not item.charged and item.status != "other")):
            return None
        if item is None or item.due is None or one.loan is None or one.before is None:
            return NOT_TOLD
        wanted, before = one.loan.due, one.before.due
        if (wanted is not None and item.due >= wanted) or (before is not None and item.due > before):
            return lent(one, item.due)
        return None

    def _queued(self, one: Errand) -> Outcome | None:
        patron = self._asking.said_of_patron(one.card, Listing.HOLDS)
        item = self._asking.said_of_item(one.number)
        if patron is None or item is None:
            return NOT_TOLD
        there = _has(patron, item)
        if there is False and patron.listed:
            # The place may be in the list under another copy of the title.
            others = [self._asking.said_of_item(number) for number in patron.listed]
            there = any(other is not None and other.title and other.title == item.title for other in others)
        if there is None:
            return NOT_TOLD
        return Accepted(0) if there is (one.deed is Deed.PLACE) else None


def _has(patron: PatronSaid | None, item: ItemSaid) -> bool | None:
    """Whether the list of a patron names an item; None: not told."""
    if patron is None:
        return None
    return False if not patron.known else patron.lists(item)
