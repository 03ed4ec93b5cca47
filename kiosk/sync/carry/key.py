"""The key that one kiosk and its central library share, as one line of text."""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from kiosk.errors import ConfigError
from kiosk.sync.secret import Secret

BYTES = 32
_FORM = re.compile(r"kiosk-carry-1\.([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class CarryKey:
    """kiosk: its id in central. secret: 32 bytes by chance, as text. It shows itself in no text."""

    kiosk: str
    secret: Secret

    def bytes(self) -> bytes:
        """The secret itself, for the moment in which it is used."""
        return urlsafe_b64decode(self.secret.reveal() + "=")

    def line(self) -> Secret:
        """What a key file holds."""
        return Secret(f"kiosk-carry-1.{self.kiosk}.{self.secret.reveal()}")


def new_key(kiosk: str) -> CarryKey:
    """A key for a kiosk, by chance. kiosk: its id in central, 32 hexadecimal digits."""
    return CarryKey(kiosk, Secret(urlsafe_b64encode(secrets.token_bytes(BYTES)).decode().rstrip("=")))


def parse_key(line: Secret, key: str) -> CarryKey:
    """The key in a key file. Raises ConfigError, naming the setting `key`, if it holds something else."""
    match = _FORM.fullmatch(line.reveal())
    if match is None:
        raise ConfigError([f"{key}: this is no key of `kiosk central carry key`"])
    return CarryKey(match[1], Secret(match[2]))
