"""Bytes from a reader in, codes out. No ports here, and no clock. Every framer keeps at most MAX_CODE_BYTES."""

from __future__ import annotations

from typing import Protocol

MAX_CODE_BYTES = 4096
_STX, _ETX = b"\x02", b"\x03"
_RDM6300_DIGITS = 12


class Framer(Protocol):
    """Marks codes off in what a reader sends. Never raises: what is no code is dropped."""

    def feed(self, received: bytes) -> list[str]:
        """The codes complete now, in order."""
        ...

    def forget(self) -> None:
        """Drop what has begun: the reader vanished in mid-code."""
        ...

    def kept(self) -> int:
        """How many bytes are kept of a code that has begun."""
        ...


class LineFramer:
    """Codes that a reader ends with CR, LF or CRLF. Bytes beyond MAX_CODE_BYTES without an end are dropped with it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._overflow = False

    def feed(self, received: bytes) -> list[str]:
        """The codes complete now, in order. An empty line is no code; bytes that are no UTF-8 become U+FFFD."""
        codes = []
        self._buffer += received
        *lines, rest = self._buffer.replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            if line and not self._overflow and len(line) <= MAX_CODE_BYTES:
                codes.append(_text(line))
            self._overflow = False
        if len(rest) > MAX_CODE_BYTES:
            self._overflow = True
            rest = bytearray()
        self._buffer = bytearray(rest)
        return codes

    def forget(self) -> None:
        """Drop what has begun: the reader vanished in mid-code."""
        self._buffer.clear()
        self._overflow = False

    def kept(self) -> int:
        """How many bytes are kept of a code that has begun."""
        return len(self._buffer)


class StxEtxFramer:
    """Codes between STX and ETX. What stands outside is dropped; an STX within a code begins anew."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, received: bytes) -> list[str]:
        """The codes complete now, in order, without CR and LF around them."""
        self._buffer += received
        codes = []
        *frames, rest = bytes(self._buffer).split(_ETX)
        for frame in frames:
            code = self._checked(frame.rpartition(_STX)[2].strip(b"\r\n")) if _STX in frame else None
            if code:
                codes.append(code)
        begun = rest.rfind(_STX)
        rest = rest[begun:] if begun >= 0 else b""
        self._buffer = bytearray(rest if len(rest) <= MAX_CODE_BYTES else b"")
        return codes

    def forget(self) -> None:
        """Drop what has begun: the reader vanished in mid-code."""
        self._buffer.clear()

    def kept(self) -> int:
        """How many bytes are kept of a code that has begun."""
        return len(self._buffer)

    def _checked(self, frame: bytes) -> str | None:
        return _text(frame)


class Rdm6300Framer(StxEtxFramer):
    """The chip numbers of an RDM6300 (EM4100, 125 kHz): between STX and ETX ten hexadecimal digits of the number, and
    two that are the exclusive or of its five bytes. A frame of which that is not so was not read well, and is dropped.

    Source: RDM6300 data sheet, "output data format".
    """

    def _checked(self, frame: bytes) -> str | None:
        if len(frame) != _RDM6300_DIGITS or not all(digit in b"0123456789ABCDEFabcdef" for digit in frame):
            return None
        *number, check = bytes.fromhex(frame.decode("ascii"))
        for byte in number:
            check ^= byte
        return bytes(number).hex().upper() if check == 0 else None


class FixedFramer:
    """Codes of one length with nothing between them. A pause drops what has begun (`forget`): otherwise one lost byte
    would shift every code after it."""

    def __init__(self, length: int) -> None:
        """length: of a code, in bytes."""
        self._length = length
        self._buffer = bytearray()

    def feed(self, received: bytes) -> list[str]:
        """The codes complete now, in order."""
        self._buffer += received
        whole = len(self._buffer) // self._length * self._length
        codes = [_text(self._buffer[at : at + self._length]) for at in range(0, whole, self._length)]
        del self._buffer[:whole]
        return codes

    def forget(self) -> None:
        """Drop what has begun: the reader paused or vanished in mid-code."""
        self._buffer.clear()

    def kept(self) -> int:
        """How many bytes are kept of a code that has begun."""
        return len(self._buffer)


def framer(kind: str, length: int = 0) -> Framer:
    """The framer of a kind: "lines", "stx_etx", "rdm6300" or "fixed". Raises ValueError for any other."""
    match kind:
        case "lines":
            return LineFramer()
        case "stx_etx":
            return StxEtxFramer()
        case "rdm6300":
            return Rdm6300Framer()
        case "fixed" if length > 0:
            return FixedFramer(length)
    raise ValueError(kind)


def _text(code: bytes | bytearray) -> str:
    return code.decode("utf-8", errors="replace")
