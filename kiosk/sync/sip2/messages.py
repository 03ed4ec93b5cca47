"""A message as data: what was on the wire, under the names of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kiosk.errors import ProtocolError
from kiosk.sync.sip2.dates import SipDate, read_date, write_date
from kiosk.sync.sip2.fields import CODES, is_program_text
from kiosk.sync.sip2.layouts import ECHOES, LAYOUTS, Layout, Shape

Value = str | bool | int | datetime | None
"""What can be written into a field: a flag as bool, a count as int, a date as datetime, None for nothing."""

_YES = {"Y": True, "1": True, "N": False, "0": False}


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """One message of either side.

    code: two digits, one of `LAYOUTS`. fixed: the fixed fields as they stand, in the layout's order.
    fields: (two-character code, value) in the order of the wire, unknown and repeated ones too. The code is "" where a
    piece between two delimiters had none: a bar inside a value, or program text.
    The accessors take the names of the layout's fixed fields and of `FIELDS`; they raise ProtocolError for a name that
    this message cannot have. Its repr shows no values: it may end up in a log.
    """

    code: str
    fixed: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"<Message {self.code} {LAYOUTS[self.code].name}: {' '.join(code or '?' for code, _ in self.fields)}>"

    @property
    def layout(self) -> Layout:
        """Its row in the table."""
        return LAYOUTS[self.code]

    def text(self, name: str) -> str:
        """A fixed field as it stands, or the first value of a variable one; "" if there is none.

        Program text counts as none.
        """
        place = LAYOUTS[self.code].index.get(name)
        if place is not None:
            return self.fixed[place]
        wanted = self._code(name)
        return next((value for code, value in self.fields if code == wanted and not is_program_text(value)), "")

    def texts(self, name: str) -> tuple[str, ...]:
        """Every value of a variable field that is not empty and no program text, in order.

        Invenio sends a message to the patron as one field a character: these are put together again.
        """
        wanted = self._code(name)
        values = tuple(value for code, value in self.fields if code == wanted and value and not is_program_text(value))
        spelled = wanted in ("AF", "AG") and len(values) > 2 and all(len(value) == 1 for value in values)
        return ("".join(values),) if spelled else values

    def yes(self, name: str) -> bool | None:
        """A flag: Y or 1 is True, N or 0 is False, anything else (U, blank, absent) is None: not known."""
        return _YES.get(self.text(name).strip())

    def count(self, name: str) -> int | None:
        """A number, padded with zeros or blanks; None where none is given."""
        text = self.text(name).strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def date(self, name: str, *, day_first: bool | None = None) -> SipDate:
        """A date as the server gave it; see `read_date`."""
        return read_date(self.text(name), day_first=day_first)

    def _code(self, name: str) -> str:
        code = CODES.get(name)
        if code is None:
            raise ProtocolError(f"SIP2 message {self.code} has no field {name!r}")
        return code


def compose(code: str, fixed: Mapping[str, Value], fields: Iterable[tuple[str, Value]]) -> Message:
    """A message from values under their names. fields: (name, value) in the order to be written; None is left out.

    Raises ProtocolError for a code or name that is not in the tables, and a fixed value that does not fit.
    """
    layout = LAYOUTS.get(code)
    if layout is None:
        raise ProtocolError(f"there is no SIP2 message {code!r}")
    if unknown := fixed.keys() - layout.index.keys():
        raise ProtocolError(f"SIP2 message {code} has no fixed field {min(unknown)!r}")
    try:
        variable = tuple((CODES[name], field_text(value)) for name, value in fields if value is not None)
    except KeyError as error:
        raise ProtocolError(f"SIP2 has no field {error.args[0]!r}") from error
    return Message(code, tuple(fixed_text(name, shape, fixed.get(name)) for name, shape in layout.fixed), variable)


def mismatches(request: Message, reply: Message) -> tuple[str, ...]:
    """In what a reply does not belong to a request: "code", and the codes of repeated fields that differ.

    Empty if it may be its answer. A field that either side leaves empty tells nothing; blanks at the ends and capitals
    do not count. That a reply repeats another patron (AA) may be an alias, such as a user name for a card; another
    item (AB) is another item.
    """
    if request.layout.answer != reply.code:
        return ("code",)
    asked = {code: value.strip().casefold() for code, value in request.fields}
    told = {code: value.strip().casefold() for code, value in reversed(reply.fields)}
    return tuple(c for c in ECHOES.get(reply.code, ()) if asked.get(c) and told.get(c) and asked[c] != told[c])


def fixed_text(name: str, shape: Shape, value: Value) -> str:
    """A value as a fixed field. Raises ProtocolError if it is not as wide as the field."""
    if value is None:
        return " " * shape.width
    if isinstance(value, bool):
        return shape.yes if value else shape.no
    if isinstance(value, datetime):
        text = write_date(value)
    elif isinstance(value, int):
        text = str(value).zfill(shape.width)
    else:
        text = value
    if len(text) != shape.width:
        raise ProtocolError(f"SIP2 field {name!r} takes {shape.width} characters, not {len(text)}")
    return text


def field_text(value: str | bool | int | datetime) -> str:
    """A value as a variable field."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "Y" if value else "N"
    return write_date(value) if isinstance(value, datetime) else str(value)
