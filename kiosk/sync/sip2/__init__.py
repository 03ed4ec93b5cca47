"""`sip2`: a central library that speaks the self-checks' protocol, as Koha, Evergreen and nearly every other does.

The codec, bytes in, messages out, no sockets, the standard library only:

framing.py   a stream -> what stands between two terminators
layouts.py   every message as a table (fields.py: names and codes; dates.py: dates)
messages.py  Message, and what belongs to what
requests.py  what a kiosk asks, typed
codec.py     bytes <-> messages, and what is wrong with them

And on it:

line.py       a connection, the login, one exchange at a time
said.py       what an answer says of an item or a patron, and as facts for the copy
asking.py     look-ups (17, 63)
connector.py  acts told, each once; doubt.py what became of one of which nobody knows, refusal.py why it was refused

Source: 3M Standard Interchange Protocol 2.00, document revision 2.12. See docs/sip2.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.circulation.acts import CIRCULATION
from kiosk.sync.secret import read_secret

if TYPE_CHECKING:
    from kiosk.sync.sip2.connector import Sip2Connector

CARRIES = CIRCULATION
"""The kinds of acts that a library system takes by SIP2."""


@dataclass(frozen=True, slots=True)
class Sip2Settings:
    """`[central.sip2]`. terminator: "cr" or "crlf"; encoding: a name of Python's, in which ASCII is one byte a letter.

    login: empty for a central that asks for none. password_file: None takes systemd's credential `central-password`,
    if there is one. tls: with the certificate and the host's name checked, against ca_file if it is named, else against
    what the system trusts. timeout_s: for a connection and for each answer. keep_alive_s: after so long without a word
    the line is tried with a status (99) before it is relied on. timezone: that of central's clock.
    """

    host: str
    port: int = 6001
    login: str = ""
    password_file: Path | None = None
    institution: str = ""
    terminator: str = "cr"
    error_detection: bool = True
    encoding: str = "utf-8"
    tls: bool = False
    ca_file: Path | None = None
    timeout_s: float = 5.0
    keep_alive_s: float = 60.0
    timezone: tzinfo = UTC


def connect(settings: Sip2Settings) -> Sip2Connector:
    """The connector; it reaches out when it is first used. Raises ConfigError for a password or an authority's file, an
    encoding or a terminator that cannot be used."""
    secret = read_secret(settings.password_file, "central.sip2.password_file")
    from kiosk.sync.sip2.connector import Sip2Connector
    from kiosk.sync.sip2.line import Line

    return Sip2Connector(Line(settings, secret), settings)
