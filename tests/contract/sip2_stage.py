"""The contract's library behind a SIP2 server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kiosk.ports import Connector
from kiosk.sync.secret import Secret
from kiosk.sync.sip2 import Sip2Settings
from kiosk.sync.sip2.connector import Sip2Connector
from kiosk.sync.sip2.line import Line
from tests.contract.connector_stage import ITEMS, PATRONS, Stage
from tests.sip2_library import Library
from tests.sip2_server import Sip2Server, serving


@dataclass
class Sip2Stage:
    """A server of its own for each test. Told that something has happened, it makes everything else give way."""

    server: Sip2Server
    connectors: list[Connector] = field(default_factory=list)

    def connector(self, kiosk: str) -> Connector:
        """The way of a kiosk to it."""
        settings = Sip2Settings("127.0.0.1", self.server.port, kiosk)
        self.connectors.append(Sip2Connector(Line(settings, Secret("secret")), settings))
        return self.connectors[-1]


@contextmanager
def sip2_stage(folder: Path) -> Iterator[Stage]:
    """By SIP2."""
    library = Library(lambda: datetime.now(UTC), passes_on=True, takes_due=True).fill(PATRONS, ITEMS)
    with serving(library) as server:
        stage = Sip2Stage(server)
        yield stage
        for connector in stage.connectors:
            connector.close()
