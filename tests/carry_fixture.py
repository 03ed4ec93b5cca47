"""A stick, its walk to a central library in a database, and what goes wrong on the way."""

from __future__ import annotations

from pathlib import Path

from kiosk.sync.carry import CarrySettings
from kiosk.sync.carry.connector import CarryConnector
from kiosk.sync.carry.exchange import Exchanged, exchange
from kiosk.sync.carry.key import CarryKey
from kiosk.sync.carry.stick import FOLDER
from kiosk.sync.central.carriers import give_key
from kiosk.sync.central.database import opened
from kiosk.sync.pull import PAGE
from tests.central_fixture import SCHOOL, Central


def new_stick(place: Path) -> Path:
    """A stick made ready, in a place of its own; the folder in which its files are."""
    folder = place / FOLDER
    folder.mkdir(parents=True)
    return folder


def key_of(central: Central, kiosk: str, renew: bool = False) -> CarryKey:
    """A key for a kiosk of SCHOOL."""
    kept: list[CarryKey] = []
    with opened(central.engine) as connection:
        give_key(connection, central.schools[SCHOOL], kiosk, kept.append, renew)
    return kept[0]


def carry_connector(place: Path, key: CarryKey, kiosk: str) -> CarryConnector:
    """The kiosk's side, with the stick in a place."""
    return CarryConnector(CarrySettings(place, SCHOOL, kiosk), key)


def walk(central: Central, place: Path, page: int = PAGE) -> list[Exchanged]:
    """The stick at central's machine."""
    with opened(central.engine) as connection:
        return list(exchange(connection, place, page))
