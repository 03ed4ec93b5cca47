"""Which connector the settings name. Each is imported only if it is the one: SQLAlchemy takes a third of a second."""

from __future__ import annotations

from dataclasses import asdict

from kiosk.circulation.acts import Kind
from kiosk.config import Config
from kiosk.ports import Connector


def carried(config: Config) -> frozenset[Kind]:
    """The kinds of acts that go to the central library; none without one."""
    match config.central.kind:
        case "sql":
            from kiosk.sync.sql import CARRIES

            return CARRIES
        case "sip2":
            from kiosk.sync.sip2 import CARRIES as SIP2_CARRIES

            return SIP2_CARRIES
        case "carry":
            from kiosk.sync.carry import CARRIES as CARRY_CARRIES

            return CARRY_CARRIES
    return frozenset()


def tells(config: Config) -> bool:
    """Whether the central library can be asked about a code that is unknown here: what it is, or which school's."""
    return not lists(config) or config.central.kind == "sql"


def lists(config: Config) -> bool:
    """Whether the central library can list what changed; one that can not is asked about what is unknown here."""
    return config.central.kind != "sip2"


def connector_of(config: Config) -> Connector | None:
    """The way to the central library; None if the settings name none. Raises ConfigError for what cannot be right."""
    central = config.central
    match central.kind:
        case "sql":
            from kiosk.sync.sql import SqlSettings, connect

            return connect(
                SqlSettings(central.sql.url, config.school, config.name, central.sql.password_file, config.folder)
            )
        case "sip2":
            from kiosk.sync.sip2 import Sip2Settings
            from kiosk.sync.sip2 import connect as sip2

            return sip2(Sip2Settings(**asdict(central.sip2), timezone=config.timezone))
        case "carry":
            from kiosk.sync.carry import CarrySettings
            from kiosk.sync.carry import connect as carry

            return carry(CarrySettings(central.carry.folder, config.school, config.name, central.carry.key_file))
    return None
