"""What a kiosk asks, as frozen dataclasses. `message()` makes the `Message` that the codec writes.

An attribute is named as in the tables: those of the layout's fixed part, then those of `FIELDS`. A variable field that
the specification requires is a str, written even when it is empty; an optional one is None until it is given.
Source: 3M SIP 2.00, document revision 2.12, "Command messages to the ACS".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from kiosk.sync.sip2.fields import FIELDS, Listing
from kiosk.sync.sip2.layouts import LAYOUTS
from kiosk.sync.sip2.messages import Message, field_text, fixed_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Any of the requests below. code: its two digits."""

    code: ClassVar[str]

    def message(self) -> Message:
        """As it goes to the wire. Raises ProtocolError for a fixed value of a wrong width."""
        layout = LAYOUTS[self.code]
        fixed = [fixed_text(name, shape, getattr(self, name)) for name, shape in layout.fixed]
        named = [(code, getattr(self, FIELDS[code])) for code in layout.fields]
        fields = [
            (code, value if isinstance(value, str) else field_text(value)) for code, value in named if value is not None
        ]
        return Message(self.code, tuple(fixed), tuple(fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked(Request):
    """What nearly all requests carry. at: the transaction date; institution: AO; terminal_password: AC."""

    at: datetime
    institution: str = ""
    terminal_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login(Request):
    """93, answered by 94. Name and password go unencrypted, which "0" says: the line is protected, or nothing is."""

    code: ClassVar[str] = "93"
    login: str
    password: str = field(repr=False)
    location: str | None = None
    uid_algorithm: str = "0"
    pwd_algorithm: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScStatus(Request):
    """99, answered by 98. state: 0 ready, 1 out of paper, 2 about to shut down. print_width: characters a line."""

    code: ClassVar[str] = "99"
    state: int = 0
    print_width: int = 80
    version: str = "2.00"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronStatus(_Asked):
    """23, answered by 24."""

    code: ClassVar[str] = "23"
    patron: str
    pin: str = field(default="", repr=False)
    language: str = "000"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronInformation(_Asked):
    """63, answered by 64. summary: the list that is wanted, one at a time; entries are counted from 1."""

    code: ClassVar[str] = "63"
    patron: str
    pin: str = field(default="", repr=False)
    language: str = "000"
    summary: Listing = Listing.NONE
    first_entry: int | None = None
    last_entry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemInformation(_Asked):
    """17, answered by 18."""

    code: ClassVar[str] = "17"
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout(_Asked):
    """11, answered by 12. no_block: it has happened already, at `at`, and may not be refused; nb_due: as promised then.

    Koha 19.06 and SIPServer ignore no_block and nb_due: their own date wins.
    """

    code: ClassVar[str] = "11"
    patron: str
    item: str
    renewal_allowed: bool = False
    no_block: bool = False
    nb_due: datetime | None = None
    properties: str | None = None
    pin: str | None = field(default=None, repr=False)
    fee_acknowledged: bool | None = None
    cancel: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkin(_Asked):
    """09, answered by 10. returned_at: when the item came back; Koha takes it as given."""

    code: ClassVar[str] = "09"
    item: str
    returned_at: datetime
    current_location: str = ""
    no_block: bool = False
    properties: str | None = None
    cancel: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew(_Asked):
    """29, answered by 30."""

    code: ClassVar[str] = "29"
    patron: str
    item: str | None = None
    title: str | None = None
    third_party: bool = False
    no_block: bool = False
    nb_due: datetime | None = None
    pin: str | None = field(default=None, repr=False)
    properties: str | None = None
    fee_acknowledged: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewAll(_Asked):
    """65, answered by 66."""

    code: ClassVar[str] = "65"
    patron: str
    pin: str | None = field(default=None, repr=False)
    fee_acknowledged: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(_Asked):
    """15, answered by 16. mode: "+" places it, "-" takes it back, "*" changes it."""

    code: ClassVar[str] = "15"
    patron: str
    mode: str = "+"
    expires: datetime | None = None
    pickup_location: str | None = None
    hold_type: int | None = None
    pin: str | None = field(default=None, repr=False)
    item: str | None = None
    title: str | None = None
    fee_acknowledged: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession(_Asked):
    """35, answered by 36."""

    code: ClassVar[str] = "35"
    patron: str
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend(Request):
    """97: central is to send its last reply again."""

    code: ClassVar[str] = "97"


REQUEST_TYPES: tuple[type[Request], ...] = (
    Login,
    ScStatus,
    PatronStatus,
    PatronInformation,
    ItemInformation,
    Checkout,
    Checkin,
    Renew,
    RenewAll,
    Hold,
    EndSession,
    Resend,
)
"""Each request that a self-check makes."""
