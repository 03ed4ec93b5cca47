"""Readers that type: the key events of a code, and a rack of keyboards that can be plugged in and pulled out, as the
kernel's input devices are. Events travel through a pipe in the kernel's own form."""

from __future__ import annotations

import errno
import os
import struct
import time
from collections.abc import Iterable, Iterator

from kiosk.devices.hid import KeyEvent, Node, NodeInfo
from kiosk.devices.key_layouts import KEYPAD, layout

EV_SYN, EV_KEY, EV_MSC = 0, 1, 4
SHIFT, ENTER, RIGHT_ALT, LEFT_ALT, TAB, KEYPAD_ENTER = 42, 28, 100, 56, 15, 96
_EVENT = struct.Struct("llHHi")

Stroke = tuple[int, int]
"""A key code and 1 (down) or 0 (up)."""


def tap(code: int, *held: int) -> list[Stroke]:
    """A key pressed and let go while others are held."""
    return [*((one, 1) for one in held), (code, 1), (code, 0), *((one, 0) for one in reversed(held))]


def typed(text: str, keyboard: str = "us", end: int | None = ENTER, keypad: bool = False) -> list[Stroke]:
    """The strokes with which a reader set to a keyboard types a code. keypad: its digits on the keypad. Characters that
    the keyboard does not have are typed as Alt and their number."""
    plain, shifted, third = ({character: code for code, character in one.items()} for one in layout(keyboard))
    digits = {character: code for code, character in KEYPAD.items()}
    strokes: list[Stroke] = []
    for character in text:
        if keypad and character.isdigit():
            strokes += tap(digits[character])
        elif character in plain:
            strokes += tap(plain[character])
        elif character in shifted:
            strokes += tap(shifted[character], SHIFT)
        elif character in third:
            strokes += tap(third[character], RIGHT_ALT)
        else:
            numbers = [stroke for digit in f"0{ord(character)}" for stroke in tap(digits[digit])]
            strokes += [(LEFT_ALT, 1), *numbers, (LEFT_ALT, 0)]
    return strokes + (tap(end) if end is not None else [])


def events(strokes: Iterable[Stroke], at: float = 0.0) -> list[KeyEvent]:
    """Strokes as the kernel reports them: a scan code before and a SYN after each."""
    return [
        event
        for code, value in strokes
        for event in ((EV_MSC, 4, 458756, at), (EV_KEY, code, value, at), (EV_SYN, 0, 0, at))
    ]


class RackNode:
    """The reading end of a keyboard."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def read(self) -> Iterator[KeyEvent]:
        received = os.read(self._descriptor, _EVENT.size * 64)
        if not received:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        for seconds, micros, kind, code, value in _EVENT.iter_unpack(received):
            yield kind, code, value, seconds + micros / 1e6

    def close(self) -> None:
        os.close(self._descriptor)


class Rack:
    """The input devices of a machine without any: hid.Nodes."""

    def __init__(self) -> None:
        self._there: dict[str, NodeInfo] = {}
        self._readers: dict[str, int] = {}
        self._writers: dict[str, int] = {}
        self.held: set[str] = set()
        self.forbidden: set[str] = set()
        self.opens: list[str] = []

    def plug_in(self, info: NodeInfo) -> None:
        """A keyboard is there."""
        self._readers[info.path], self._writers[info.path] = os.pipe()
        self._there[info.path] = info

    def pull_out(self, path: str) -> None:
        """It is gone; who has it open gets an error."""
        if self._there.pop(path, None) is not None:
            os.close(self._writers.pop(path))
            if path in self._readers:
                os.close(self._readers.pop(path))
            self.held.discard(path)

    def close(self) -> None:
        """Pull everything out."""
        for path in list(self._there):
            self.pull_out(path)

    def type(self, path: str, strokes: Iterable[Stroke]) -> None:
        """The reader types."""
        now = time.monotonic()
        data = b"".join(
            _EVENT.pack(int(at), int(at % 1 * 1e6), kind, code, value) for kind, code, value, at in events(strokes, now)
        )
        while data:
            # What fits into the pipe in one piece: a reader of it never sees half an event.
            data = data[os.write(self._writers[path], data[: _EVENT.size * 64]) :]

    def paths(self) -> list[str]:
        return list(self._there)

    def look(self, path: str) -> NodeInfo | None:
        return self._there.get(path)

    def open(self, path: str, hold: bool = True) -> Node:
        if path in self.forbidden:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if path not in self._there:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        if path not in self._readers:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        self.opens.append(path)
        if hold:
            self.held.add(path)
        return _Held(self, path, os.dup(self._readers[path]))


class _Held(RackNode):
    """Held fast: nobody else can open it meanwhile."""

    def __init__(self, rack: Rack, path: str, descriptor: int) -> None:
        super().__init__(descriptor)
        self._rack = rack
        self._path = path

    def close(self) -> None:
        self._rack.held.discard(self._path)
        super().close()
