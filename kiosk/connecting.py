"""Which connector the settings name. Each is imported only if it is the one: SQLAlchemy takes a third of a second."""

from __future__ import annotations

from kiosk.circulation.model import Kind
from kiosk.config import Config
from kiosk.ports import Connector


def carried(config: Config) -> frozenset[Kind]:
    """The kinds of acts that go to the central library; none without one."""
    match config.central.kind:
        case "sql":
            from kiosk.sync.sql import CARRIES

            return CARRIES
    return frozenset()


def connector_of(config: Config) -> Connector | None:
    """The way to the central library; None if the settings name none. Raises ConfigError for what cannot be right."""
    central = config.central
    match central.kind:
        case "sql":
            from kiosk.sync.sql import SqlSettings, connect

            return connect(
                SqlSettings(central.sql.url, config.school, config.name, central.sql.password_file, config.folder)
            )
    return None
