"""Why central said no: SIP2 gives words for the patron and no reason, so item and patron are looked up (17, 63)."""

from __future__ import annotations

from kiosk.circulation.delivery import Accepted, Outcome, Reason, RefusedByCentral
from kiosk.circulation.facts import Fact
from kiosk.errors import ConnectorError
from kiosk.sync.sip2.asking import Asking
from kiosk.sync.sip2.deeds import Deed, Errand
from kiosk.sync.sip2.fields import Listing
from kiosk.sync.sip2.said import ItemSaid, PatronSaid, lent, loan_fact

_BARRED = frozenset({"charge_denied", "renewal_denied", "hold_denied", "card_lost"})


class Refusals:
    """Makes the most of a no. Nothing is raised: that central refused is known, whatever cannot be looked up."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def explain(self, one: Errand, text: str) -> Outcome:
        """The refusal with its reason; Accepted if it was refused because it is so already. text: central's words."""
        item: ItemSaid | None = None
        patron: PatronSaid | None = None
        try:
            item = self._asking.said_of_item(one.number)
            listing = Listing.HOLDS if one.deed in (Deed.PLACE, Deed.CANCEL) else Listing.CHARGED
            patron = self._asking.said_of_patron(one.card, listing) if one.card else None
        except ConnectorError:
            pass
        listed = patron.lists(item) if patron is not None and item is not None and patron.known else None
        if item is not None and _is_so(one.deed, item, listed):
            return lent(one, item.due, item.title) if one.deed is Deed.LEND else Accepted(0)
        return RefusedByCentral(_reason(one.deed, item, patron, listed), text, self._facts(one, item, listed))

    def _facts(self, one: Errand, item: ItemSaid | None, listed: bool | None) -> tuple[Fact, ...]:
        """How it stands in central, should staff let the act rest."""
        if item is None:
            return ()
        if item.charged and listed and one.deed is not Deed.CANCEL and one.deed is not Deed.PLACE:
            loan = loan_fact(one.parcel.act.id, one.card, one.number, self._asking.today().date(), item.due)
            return (*item.facts(), loan)
        return item.facts()


def _is_so(deed: Deed, item: ItemSaid, listed: bool | None) -> bool:
    """Whether all is as the act would have it. listed: the patron's list names the item."""
    match deed:
        case Deed.LEND:
            return item.charged and listed is True
        case Deed.GIVE_BACK:
            return item.known and not item.charged and item.status != "other"
        case Deed.PLACE:
            return listed is True
        case Deed.CANCEL:
            return listed is False
    return False


def _reason(deed: Deed, item: ItemSaid | None, patron: PatronSaid | None, listed: bool | None) -> Reason:
    if patron is not None and not patron.known:
        return Reason.PATRON_UNKNOWN
    if item is not None and not item.known:
        return Reason.ITEM_UNKNOWN
    if deed is Deed.LEND and item is not None and item.charged:
        return Reason.ON_LOAN_ELSEWHERE
    if deed is Deed.LEND and item is not None and item.status == "on_hold_shelf":
        return Reason.RESERVED
    flags = patron.flags if patron is not None else frozenset()
    if deed is Deed.LEND and "too_many_charged" in flags:
        return Reason.LOAN_LIMIT
    if deed in (Deed.LEND, Deed.RENEW, Deed.PLACE) and flags & _BARRED:
        return Reason.PATRON_BLOCKED
    return Reason.NOT_RENEWABLE if deed is Deed.RENEW else Reason.OTHER
