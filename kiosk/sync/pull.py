"""The way in: what changed in the central library, page by page, into the local copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.circulation.delivery import TRIED_AGAIN
from kiosk.circulation.facts import ItemFact, PatronFact
from kiosk.errors import ConnectorError
from kiosk.ports import Carrier, Connector, Mirror, Outbox
from kiosk.sync.vetting import vet

PAGE = 200


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of a pull. again: parked entries are tried again, as somebody or something has become known."""

    facts: int = 0
    again: bool = False
    failed: str = ""


class Pull:
    """Takes in what changed, through one connector. Owned by one thread."""

    def __init__(self, mirror: Mirror, outbox: Outbox, connector: Connector, page: int = PAGE) -> None:
        self._mirror = mirror
        self._outbox = outbox
        self._connector = connector
        self._page = page

    def run(self, accept_smaller: bool = False, stopping: Callable[[], bool] = lambda: False) -> Pulled:
        """Pull until central has no more. accept_smaller: also if most of the copy would go."""
        facts, again, failed = 0, False, ""
        try:
            more = self._connector.pulls
            while more and not stopping():
                cursor = self._mirror.cursor()
                if isinstance(self._connector, Carrier) and not self._connector.brings(cursor):
                    break
                page = vet(self._connector.pull(cursor, self._page), self._page)
                if page.more and page.cursor == cursor:
                    raise ConnectorError("the central library says that there is more, but does not get on")
                self._mirror.take(page, cursor, accept_smaller)
                facts += len(page.facts)
                again = again or any(isinstance(fact, PatronFact | ItemFact) for fact in page.facts)
                more = page.more
        except ConnectorError as error:
            failed = str(error)
        while not stopping() and self._mirror.tidy():
            pass
        if again:
            self._outbox.try_again(TRIED_AGAIN)
        return Pulled(facts, again, failed)
