"""Bytes as they come from the line -> one piece for each terminator. Nothing is decoded here.

Source: 3M SIP 2.00, document revision 2.12, "Message terminator": a carriage return. Servers put a line feed after it
(Koha, for an account set to CR LF and for every failed login) or before it. Decoding waits for the whole message, so
that a letter of several bytes is never split, however the bytes arrive.
"""

from __future__ import annotations

from typing import NamedTuple

LIMIT = 64 * 1024
"""Bytes of one message. A patron with a thousand loans stays below; what is longer is no SIP2."""

_AROUND = b"\n\0"  # the specification tells both sides to overlook nulls


class Packet(NamedTuple):
    """What stood between two terminators. raw: without them; ended: its terminator came; cut: it was over the limit."""

    raw: bytes
    ended: bool = True
    cut: bool = False


class Framer:
    """Cuts a stream at carriage returns. It never holds more than `limit` bytes, whatever comes."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._held = bytearray()
        self._cut = False  # the message being received is over the limit: its rest is passed over

    @property
    def waiting(self) -> int:
        """Bytes of a message whose terminator has not come."""
        return len(self._held.strip(_AROUND))

    def feed(self, data: bytes) -> list[Packet]:
        """Take bytes in; return the messages that they complete, oldest first. Empty ones are passed over."""
        *complete, rest = data.split(b"\r")
        packets = []
        for piece in complete:
            if self._held or len(piece) > self._limit:
                self._hold(piece)
                piece, cut = self._release()
            else:
                cut = False
            if cut or (piece := piece.strip(_AROUND)):
                packets.append(Packet(piece, True, cut))
        if rest:
            self._hold(rest)
        return packets

    def finish(self) -> list[Packet]:
        """The line ended, or nothing more is expected: what waits, without its terminator, or nothing."""
        piece, cut = self._release()
        piece = piece.strip(_AROUND)
        return [Packet(piece, False, cut)] if piece or cut else []

    def clear(self) -> None:
        """Forget what waits: a new connection begins."""
        self._held.clear()
        self._cut = False

    def _hold(self, piece: bytes) -> None:
        room = self._limit - len(self._held)
        if len(piece) > room:
            self._cut = True
            piece = piece[:room]
        self._held += piece

    def _release(self) -> tuple[bytes, bool]:
        piece, cut = bytes(self._held), self._cut
        self.clear()
        return piece, cut
