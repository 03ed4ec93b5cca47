"""`sql`: a central library that is a plain database, PostgreSQL or SQLite (kiosk/sync/central/).

`connect` loads SQLAlchemy; nothing else here does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.circulation.acts import Kind
from kiosk.circulation.delivery import TEXTBOOK_WORK
from kiosk.sync.central.address import parse_address
from kiosk.sync.secret import read_secret

if TYPE_CHECKING:
    from kiosk.sync.sql.connector import SqlConnector

CARRIES = (
    frozenset(
        {
            Kind.CHECKOUT, Kind.CHECKIN, Kind.RENEWAL, Kind.HOLD, Kind.CANCEL_HOLD, Kind.UNDO, Kind.FOUND, Kind.REQUEST,
            Kind.LOAN_IMPORTED,
        }
    )
    | TEXTBOOK_WORK
)  # fmt: skip
"""The kinds of acts that a plain database takes."""


@dataclass(frozen=True, slots=True)
class SqlSettings:
    """`[central.sql]`. school, kiosk: the names of both in central; PostgreSQL knows them by the role.

    folder: that of the settings, from which the relative path of an SQLite file goes. password_file: None takes
    systemd's credential `central-password`, if there is one.
    """

    url: str
    school: str
    kiosk: str = ""
    password_file: Path | None = None
    folder: Path = Path()
    connect_timeout_s: float = 5.0
    timeout_s: float = 20.0


def connect(settings: SqlSettings, clock: Callable[[], datetime] | None = None) -> SqlConnector:
    """The connector; it reaches out when it is first used. Raises ConfigError for a wrong URL or password file.

    clock: SQLite's, if it is not the machine's.
    """
    address = parse_address(settings.url, settings.folder)
    secret = read_secret(settings.password_file)
    from kiosk.sync.sql.connector import SqlConnector

    return SqlConnector(address, secret, settings, *([clock] if clock is not None else []))
