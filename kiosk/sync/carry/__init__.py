"""`carry`: a central library that no network reaches; files on a USB stick go to and fro, signed and encrypted.

key.py       the key that a kiosk and its central share
sealed.py    a file that only the two can read and write, whole or not at all
words.py     acts, answers and facts as lines of such a file
stick.py     finding the stick, reading it with care, writing it so that it can be pulled out
connector.py the kiosk's side (ports.Carrier)
exchange.py  central's side: `kiosk central carry exchange`

`connect` loads the cryptography; nothing else here does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.errors import ConfigError
from kiosk.sync.carry.key import parse_key
from kiosk.sync.secret import read_secret
from kiosk.sync.sql import CARRIES

if TYPE_CHECKING:
    from kiosk.sync.carry.connector import CarryConnector

__all__ = ["CARRIES", "CarrySettings", "connect"]

CREDENTIAL = "carry-key"


@dataclass(frozen=True, slots=True)
class CarrySettings:
    """`[central.carry]`. folder: where the stick appears: its own folder, or the one in which sticks get folders.

    school, kiosk: the names of both. key_file: as `kiosk central carry key` made it; None takes systemd's credential
    `carry-key`.
    """

    folder: Path
    school: str
    kiosk: str
    key_file: Path | None = None


def connect(settings: CarrySettings) -> CarryConnector:
    """The connector; it looks for a stick when it is first used. Raises ConfigError for a key that cannot be used."""
    secret = read_secret(settings.key_file, "central.carry.key_file", CREDENTIAL)
    if secret is None:
        raise ConfigError(["central.carry.key_file: a key is expected; `kiosk central carry key` makes one"])
    key = parse_key(secret, "central.carry.key_file")
    from kiosk.sync.carry.connector import CarryConnector

    return CarryConnector(settings, key)
