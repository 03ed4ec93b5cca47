"""Look-ups: what central says of one patron (63) or item (17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from kiosk.circulation.facts import Fact
from kiosk.errors import ProtocolError
from kiosk.sync.sip2 import Sip2Settings
from kiosk.sync.sip2.fields import Listing
from kiosk.sync.sip2.line import Line, NotTaken
from kiosk.sync.sip2.requests import ItemInformation, PatronInformation
from kiosk.sync.sip2.said import ItemSaid, PatronSaid, loan_fact
from kiosk.sync.vetting import LONGEST_ID, vet_facts

MOST_LISTED = 50
"""Entries of a list that are asked for, and loans that are looked at one by one."""

_LISTS = {Listing.CHARGED: ("charged_items", "charged_count"), Listing.HOLDS: ("hold_items", "hold_count")}


class Asking:
    """Questions over a line (ports.LookUp). now: the time, for the date that every question bears."""

    def __init__(self, line: Line, settings: Sip2Settings, now: Callable[[], datetime]) -> None:
        self._line = line
        self._settings = settings
        self._now = now

    def today(self) -> datetime:
        """Now, as central's clock shows it."""
        return self._now().astimezone(self._settings.timezone)

    def said_of_item(self, number: str) -> ItemSaid | None:
        """What central says of an item; None if it takes no such questions. Raises ConnectorError."""
        request = ItemInformation(at=self.today(), institution=self._settings.institution, item=number)
        try:
            return ItemSaid.of(number, self._line.ask(request), self._settings.timezone)
        except NotTaken:
            return None

    def said_of_patron(self, card: str, listing: Listing = Listing.CHARGED) -> PatronSaid | None:
        """What central says of a patron, with a list of loans or holds; None as above. Raises ConnectorError."""
        request = PatronInformation(
            at=self.today(), institution=self._settings.institution, patron=card, summary=listing, first_entry=1,
            last_entry=MOST_LISTED,
        )  # fmt: skip
        try:
            return PatronSaid.of(card, self._line.ask(request), *_LISTS[listing])
        except NotTaken:
            return None

    def patron(self, card: str) -> tuple[Fact, ...]:
        """The patron with this card, and the loans of which central names the items; () if it has none, or does not
        tell. Holds are not told in a form that says of what they are. Raises ConnectorError."""
        said = self.said_of_patron(card)
        facts = [*said.facts()] if said is not None else []
        for number in said.listed[:MOST_LISTED] if said is not None and facts else ():
            facts += self._loan(card, number)
        return vet_facts(tuple(facts))

    def _loan(self, card: str, number: str) -> tuple[Fact, ...]:
        """number: of a list, where some systems put titles; these are of no use here."""
        try:
            item = self.said_of_item(number) if len(number) <= LONGEST_ID else None
        except ProtocolError:
            return ()
        if item is None or not item.charged:
            return ()
        return (*item.facts(), loan_fact(uuid4().hex, card, number, self.today().date(), item.due))

    def item(self, number: str) -> tuple[Fact, ...]:
        """The item with this number, and its title; to whom it is lent SIP2 does not tell. () if central has none, or
        does not tell. Raises ConnectorError."""
        said = self.said_of_item(number)
        return vet_facts(said.facts()) if said is not None else ()
