"""Bytes from a reader in, scans out. No ports here, and no clock."""

from __future__ import annotations

MAX_CODE_BYTES = 4096


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
                codes.append(line.decode("utf-8", errors="replace"))
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
