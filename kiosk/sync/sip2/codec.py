"""Bytes <-> messages. What is wrong with a reply is told as data, so that a session can ask anew.

Reading never raises: a `Frame` says what was found, by `Fault` and `Checksum`, and `Frame.sound` whether its message
can be relied on. Writing raises ProtocolError for a value that must not go to the wire.
Source: 3M SIP 2.00, document revision 2.12, "Packet format" and "Checksums and sequence numbers".
"""

from __future__ import annotations

import re
from enum import Enum, Flag, auto
from operator import itemgetter
from typing import NamedTuple

from kiosk.errors import ProtocolError
from kiosk.sync.sip2.fields import FIELDS, is_program_text
from kiosk.sync.sip2.framing import LIMIT, Framer, Packet
from kiosk.sync.sip2.layouts import LAYOUTS, REPLY_WITHIN, RESENDS, Layout
from kiosk.sync.sip2.messages import Message
from kiosk.sync.sip2.requests import Request

BAR = "&#124;"
"""How a vertical bar inside a value is written: it delimits the fields. Koha does so in its replies."""

TERMINATORS = {"cr": b"\r", "crlf": b"\r\n"}


class Checksum(Enum):
    """What a message's checksum says. BY_CHARACTERS: right only if summed over characters instead of bytes.

    SIPServer and old Koha do that (Perl's unpack "%16U*"): every reply with a letter outside ASCII is so.
    """

    ABSENT = auto()
    RIGHT = auto()
    BY_CHARACTERS = auto()
    WRONG = auto()


class Fault(Flag):
    """What is out of order in a frame."""

    NONE = 0
    # These put its content in doubt; the first three not where a right checksum vouches for it.
    UNTERMINATED = auto()  # no terminator came
    STRAY = auto()  # other text stood before it, with no terminator: see Frame.stray
    GLUED = auto()  # no terminator between it and a neighbour: see Frame.rest
    CHECKSUM = auto()  # its checksum is wrong, by bytes and by characters
    SHAPE = auto()  # its fixed part holds characters that do not belong there
    SHORT = auto()  # its fixed part is incomplete: no message
    UNKNOWN = auto()  # it does not begin with the code of a message that we know: no message
    TOO_LONG = auto()  # longer than the framer's limit: no message
    # These leave the rest of it good.
    PROGRAM_TEXT = auto()  # the server's program shows through, such as HASH(0x55d0); read as an absent value
    OPEN_FIELD = auto()  # the last field has no delimiter
    ODD_FIELD = auto()  # a piece between two delimiters has no field code (a bar inside a value)
    UNDECODABLE = auto()  # bytes that the encoding does not have, read as U+FFFD


_VOUCHED = Fault.UNTERMINATED | Fault.STRAY | Fault.GLUED
_UNSOUND = _VOUCHED | Fault.CHECKSUM | Fault.SHAPE | Fault.SHORT | Fault.UNKNOWN | Fault.TOO_LONG
_VERIFIED = (Checksum.RIGHT, Checksum.BY_CHARACTERS)


class Frame(NamedTuple):
    """What was read between two terminators. (A named tuple, made in a fifth of a frozen dataclass's time.)

    raw: the bytes of this message, without terminator, `stray` and `rest` (never logged: names and PINs).
    message: None if there is none in it. checksum: ABSENT where error detection is off.
    sequence: the digit of AY, or None. stray: what stood before the message; rest: what follows it in the same bytes
    (a Receiver reads it as further frames).
    """

    raw: bytes
    message: Message | None
    checksum: Checksum = Checksum.ABSENT
    sequence: int | None = None
    faults: Fault = Fault.NONE
    stray: bytes = b""
    rest: bytes = b""

    def __repr__(self) -> str:
        return f"<Frame {len(self.raw)} bytes, {self.checksum.name}, {self.faults.name}: {self.message!r}>"

    @property
    def sound(self) -> bool:
        """Whether there is a message and nothing puts its content in doubt."""
        doubts = self.faults & _UNSOUND
        if self.checksum in _VERIFIED:
            doubts &= ~_VOUCHED
        return self.message is not None and not doubts

    def require(self) -> Message:
        """The message. Raises ProtocolError, saying what is wrong, if it is not sound."""
        if self.message is None or not self.sound:
            raise ProtocolError(f"a SIP2 reply of {len(self.raw)} bytes cannot be relied on: {self.faults.name}")
        return self.message


# Behind the fixed part, where nothing is out of order: fields with their delimiters, and the trailer or none.
_BEHIND = re.compile(r"((?:(?!A[YZ])[A-Z][A-Z0-9][^|]*\|)*)(?:(?:AY([0-9]))?AZ([0-9A-Fa-f]{4}))?")
_FIRST_TWO, _AFTER_TWO = itemgetter(slice(2)), itemgetter(slice(2, None))
_FIELD_CODE = re.compile(r"(?!AY|AZ)[A-Z][A-Z0-9]\Z")  # those two are the trailer's
_CODE = re.compile(r"[A-Z][A-Z0-9]")
_TRAILER = re.compile(r"(?:AY([0-9])(?:AZ([0-9A-Fa-f]{4}))?|AZ([0-9A-Fa-f]{4}))\|?\Z")
_TRAILER_LENGTH = len("AY0AZ0000|")
_SUM_WITHIN = re.compile(rb"AZ([0-9A-Fa-f]{4})")
# A date that is followed by more than the end of its field is the fixed part of another message.
_DATE_WITHIN = re.compile(r"   [ Z][0-9]{6}[^|]")
_MOST_GLUED = 8  # each costs another look at the rest of the bytes, so garbage must not choose how many
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Codec:
    """Reads and writes messages in one encoding and with one terminator. It holds no state.

    encoding: any of Python's in which ASCII is one byte a character: utf-8, cp1251, kz1048, cp866, cp850 ...
    Raises ValueError for another encoding, or a terminator that is neither "cr" nor "crlf".
    """

    def __init__(self, encoding: str = "utf-8", terminator: str = "cr") -> None:
        ascii_bytes = bytes(range(128))
        try:
            text = ascii_bytes.decode("ascii")
            usable = ascii_bytes.decode(encoding) == text and text.encode(encoding) == ascii_bytes
        except (LookupError, UnicodeError):
            usable = False
        if not usable:
            raise ValueError(f"encoding {encoding!r} cannot carry SIP2: ASCII is not one byte a letter in it")
        if terminator not in TERMINATORS:
            raise ValueError(f"terminator {terminator!r} is neither 'cr' nor 'crlf'")
        self.encoding = encoding
        self._terminator = TERMINATORS[terminator]

    def encode(self, message: Message | Request, sequence: int | None = None) -> bytes:
        """A message as bytes, with its terminator. sequence: 0 to 9 with error detection, None without.

        A bar in a value is written as `&#124;`. Raises ProtocolError, with nothing of the value in its text, for a
        control character (a terminator among them), a letter that the encoding lacks, a fixed part or field code of a
        wrong shape, and a message over the framer's limit: none of these can be changed and still mean the same.
        """
        if isinstance(message, Request):
            message = message.message()
        code = message.code
        layout = LAYOUTS.get(code)
        fixed = "".join(message.fixed)
        if layout is None or not layout.shape.fullmatch(code + fixed):
            raise ProtocolError(f"SIP2 message {code}: its fixed part is not as the tables say")
        text = code + fixed
        for name, value in message.fields:
            if name not in FIELDS and not _FIELD_CODE.match(name):
                raise ProtocolError(f"SIP2 message {code}: {name!r} is no field code")
            text += f"{name}{value.replace('|', BAR)}|"
        if _CONTROL.search(text):
            raise ProtocolError(f"SIP2 message {code}: a value holds a control character")
        try:
            raw = text.encode(self.encoding)
        except UnicodeError:  # and not from it: it holds the value, which may be a PIN
            raise ProtocolError(f"SIP2 message {code}: a value cannot be written in {self.encoding}") from None
        if sequence is not None:
            if not 0 <= sequence <= 9:
                raise ProtocolError(f"a SIP2 sequence number is one digit, not {sequence}")
            raw += b"AZ" if code in RESENDS else b"AY%dAZ" % sequence
            raw += b"%04X" % (-sum(raw) & 0xFFFF)
        if len(raw) > LIMIT:
            raise ProtocolError(f"SIP2 message {code} is too long: {len(raw)} bytes")
        return raw + self._terminator

    def decode(self, raw: bytes) -> Frame:
        """Read one message, given without its terminator. Never raises."""
        text = raw.decode(self.encoding, "replace")
        layout = LAYOUTS.get(text[:2])
        if layout and (start := layout.shape.match(text)) and (behind := _BEHIND.fullmatch(text, start.end())):
            tail, digit, given = behind.groups()
            if (given is None or (sum(raw[:-4]) + int(given, 16)) & 0xFFFF == 0) and not (
                "\ufffd" in tail or "0x" in tail or "Traceback" in tail or ("   " in tail and _DATE_WITHIN.search(tail))
            ):
                pieces = tail.split("|")
                pieces.pop()  # what follows the last delimiter: nothing
                fields = tuple(zip(map(_FIRST_TWO, pieces), map(_AFTER_TWO, pieces), strict=True))
                if BAR in tail:
                    fields = _barred(fields)
                message = Message(layout.code, start.groups(), fields)
                if given is None:
                    return Frame(raw, message)
                return Frame(raw, message, Checksum.RIGHT, int(digit) if digit else None)
        return self._closely(raw, text)

    def _closely(self, raw: bytes, text: str, *, alone: bool = False) -> Frame:
        """Read a message in which something is out of order, or looks so, and say what. alone: none follows it."""
        checksum, sequence, end = Checksum.ABSENT, None, len(text)
        if trailer := _TRAILER.search(text, max(0, end - _TRAILER_LENGTH)):
            checksum, sequence, end = self._trailer(raw, text, trailer)
        layout = LAYOUTS.get(text[:2])
        start = layout.shape.match(text, 0, end) if layout else None
        if layout is None or start is None:
            return self._astray(raw, text[:end], layout, checksum, sequence)
        if not alone and checksum not in _VERIFIED and (cut := _glued_at(raw, layout.width)):
            first = self._closely(raw[:cut], raw[:cut].decode(self.encoding, "replace"), alone=True)
            return first._replace(faults=first.faults | Fault.GLUED, rest=raw[cut:])
        fields, faults = _pieces(text[start.end() : end])
        faults |= self._faults(raw, text, checksum)
        return Frame(raw, Message(layout.code, start.groups(), fields), checksum, sequence, faults)

    def _trailer(self, raw: bytes, text: str, trailer: re.Match[str]) -> tuple[Checksum, int | None, int]:
        """What the end of a message says, and where its fields end. Text that only looks so is left to the fields."""
        digit, after_digit, alone = trailer.groups()
        given = after_digit or alone
        at = trailer.start()
        layout = LAYOUTS.get(text[:2])
        apart = text[at - 1 : at] == "|" or (layout is not None and at == layout.width)
        sequence = int(digit) if digit else None
        if given is None:
            return (Checksum.ABSENT, sequence, at) if apart else (Checksum.ABSENT, None, len(text))
        summed = len(raw) - 4 - text.endswith("|")
        value = int(given, 16)
        if (sum(raw[:summed]) + value) & 0xFFFF == 0:
            checksum = Checksum.RIGHT
        elif self._sum_of_characters(raw[:summed], value):
            checksum = Checksum.BY_CHARACTERS
        elif apart:
            checksum = Checksum.WRONG
        else:
            return Checksum.ABSENT, None, len(text)
        return checksum, sequence, at

    def _sum_of_characters(self, raw: bytes, value: int) -> bool:
        try:
            return (sum(map(ord, raw.decode(self.encoding))) + value) & 0xFFFF == 0
        except UnicodeError:
            return False

    def _astray(self, raw: bytes, text: str, layout: Layout | None, checksum: Checksum, sequence: int | None) -> Frame:
        """No message that we know stands at the start: look for one behind, else say what is missing."""
        if (found := REPLY_WITHIN.search(raw, 1)) is not None:
            inner = self.decode(raw[found.start() :])
            return inner._replace(faults=inner.faults | Fault.STRAY, stray=raw[: found.start()])
        faults = self._faults(raw, text, checksum)
        if layout is None:
            return Frame(raw, None, checksum, sequence, faults | Fault.UNKNOWN)
        if len(text) < layout.width:
            return Frame(raw, None, checksum, sequence, faults | Fault.SHORT)
        fixed, place = [], 2
        for _, shape in layout.fixed:
            fixed.append(text[place : place + shape.width])
            place += shape.width
        fields, more = _pieces(text[place:])
        return Frame(raw, Message(layout.code, tuple(fixed), fields), checksum, sequence, faults | more | Fault.SHAPE)

    def _faults(self, raw: bytes, text: str, checksum: Checksum) -> Fault:
        faults = Fault.CHECKSUM if checksum is Checksum.WRONG else Fault.NONE
        if "\ufffd" in text:  # which may also be what the server sent
            try:
                raw.decode(self.encoding)
            except UnicodeError:
                faults |= Fault.UNDECODABLE
        return faults


class Receiver:
    """What comes from one connection -> frames. It holds at most `limit` bytes."""

    def __init__(self, codec: Codec, limit: int = LIMIT) -> None:
        self._codec = codec
        self._framer = Framer(limit)

    @property
    def waiting(self) -> int:
        """Bytes of a message whose terminator has not come."""
        return self._framer.waiting

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes in; return the frames that they complete, oldest first. Never raises."""
        frames: list[Frame] = []
        for packet in self._framer.feed(data):
            frames += self._frames(packet)
        return frames

    def finish(self) -> list[Frame]:
        """The connection ended, or nothing more is expected: what waits, as UNTERMINATED."""
        return [frame for packet in self._framer.finish() for frame in self._frames(packet)]

    def clear(self) -> None:
        """Forget what waits: a new connection begins."""
        self._framer.clear()

    def _frames(self, packet: Packet) -> list[Frame]:
        raw, ended, cut = packet
        if cut:
            return [Frame(raw, None, faults=Fault.TOO_LONG)]
        frames = [self._codec.decode(raw)]
        while (rest := frames[-1].rest) and len(frames) < _MOST_GLUED:
            following = self._codec.decode(rest)
            frames.append(following._replace(faults=following.faults | Fault.GLUED))
        if not ended:
            frames[-1] = frames[-1]._replace(faults=frames[-1].faults | Fault.UNTERMINATED)
        return frames


def _pieces(tail: str) -> tuple[tuple[tuple[str, str], ...], Fault]:
    """The variable fields, well-formed or not, and what is wrong with them."""
    faults = Fault.NONE
    *pieces, last = tail.split("|")
    if last:
        pieces.append(last)
        faults |= Fault.OPEN_FIELD
    fields = []
    for piece in pieces:
        if is_program_text(piece):
            faults |= Fault.PROGRAM_TEXT
        if not _CODE.match(piece):
            faults |= Fault.ODD_FIELD
            fields.append(("", piece))
        elif piece[2:3] == ":" and is_program_text(piece):  # a package's name, C4::SIP::..., and no field C4
            fields.append(("", piece))
        else:
            fields.append((piece[:2], piece[2:]))
    return _barred(tuple(fields)), faults


def _barred(fields: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((code, value.replace(BAR, "|")) for code, value in fields)


def _glued_at(raw: bytes, width: int) -> int:
    """Where a message ends and another begins with no terminator between, or 0.

    Its own right checksum is proof; without one, the complete fixed part of a reply behind its own.
    """
    total, summed = 0, 0
    for found in _SUM_WITHIN.finditer(raw):
        total += sum(raw[summed : found.start(1)])
        summed = found.start(1)
        if (total + int(found[1], 16)) & 0xFFFF == 0 and width <= found.start() and found.end() < len(raw):
            return found.end()
    following = REPLY_WITHIN.search(raw, width)
    return following.start() if following else 0
