"""Key codes of a reader that types as a keyboard in, codes out. No device here, no clock, and no keyboard layout of the
system: the keys mean what the reader was set to."""

from __future__ import annotations

from kiosk.devices.framing import MAX_CODE_BYTES
from kiosk.devices.key_layouts import KEYPAD, layout

EV_SYN, EV_KEY = 0, 1
_SYN_DROPPED = 3
_PRESSED = 1
_ENDS = frozenset({15, 28, 96})
"""Tab, Enter, Enter of the keypad."""
_SHIFTS = frozenset({42, 54})
_CONTROLS = frozenset({29, 97, 125, 126})
_LEFT_ALT, _RIGHT_ALT, _CAPS = 56, 100, 58
CUT_OFF_S = 2.0
"""A pause so long within a code: the rest will not come, and is not to stand before the next one."""


class KeyDecoder:
    """Codes out of key events. end_s: a pause so long ends a code; 0: only Enter or Tab does, and what was begun
    CUT_OFF_S ago is dropped. Codes beyond MAX_CODE_BYTES characters are dropped whole."""

    def __init__(self, keyboard: str = "us", end_s: float = 0.0) -> None:
        """keyboard: one of key_layouts."""
        self._plain, self._shifted, self._third = layout(keyboard)
        self._end_s = end_s
        self._held: set[int] = set()
        self._typed: list[str] = []
        self._alt_digits = ""
        self._caps = False
        self._spoilt = False
        self._last = 0.0

    def feed(self, kind: int, code: int, value: int, at: float) -> list[str]:
        """Take an event of the kernel's: type, code, value, and when (seconds); the codes complete now."""
        if kind == EV_SYN and code == _SYN_DROPPED:
            # The kernel had no room for all: which keys went up or down meanwhile is not known.
            self.forget()
            self._spoilt = True
            return []
        if kind != EV_KEY:
            return []
        codes = self.pause(at)
        self._last = at
        if value != _PRESSED:
            # The kernel's own repetition of a key held down is no key.
            return [*codes, *(self._released(code) if value == 0 else [])]
        if code in _ENDS:
            return [*codes, *self._end()]
        if code in _SHIFTS or code in _CONTROLS or code in (_LEFT_ALT, _RIGHT_ALT):
            self._held.add(code)
        elif code == _CAPS:
            self._caps = not self._caps
        else:
            self._type(code)
        return codes

    def pause(self, at: float) -> list[str]:
        """The code that a pause until this moment ends, if it does."""
        limit = self._end_s or CUT_OFF_S
        if not (self._typed or self._spoilt or self._caps) or at < self._last + limit:
            return []
        if self._end_s:
            return self._end()
        self._drop()
        return []

    def due(self) -> float | None:
        """When a pause would end what has begun; None if nothing has, or only a key ends it."""
        return self._last + self._end_s if self._end_s and self._typed else None

    def kept(self) -> int:
        """How many characters are kept of a code that has begun."""
        return len(self._typed) + len(self._alt_digits)

    def forget(self) -> None:
        """Drop what has begun and which keys are down: the reader vanished, or events were lost."""
        self._held.clear()
        self._drop()

    def _drop(self) -> None:
        self._typed.clear()
        self._alt_digits, self._caps, self._spoilt = "", False, False

    def _end(self) -> list[str]:
        code = "".join(self._typed) if not self._spoilt else ""
        self._drop()
        return [code] if code else []

    def _type(self, code: int) -> None:
        if self._held & _CONTROLS:
            return
        if _LEFT_ALT in self._held:
            # Readers set to "any keyboard" type Alt and a character's number on the keypad.
            self._alt_digits = (self._alt_digits + KEYPAD.get(code, ""))[:4]
            return
        if _RIGHT_ALT in self._held:
            character = self._third.get(code, "")
        elif code in KEYPAD:
            character = KEYPAD[code]
        else:
            shifted = bool(self._held & _SHIFTS)
            plain = self._plain.get(code, "")
            if self._caps and plain.isalpha():
                shifted = not shifted
            character = self._shifted.get(code, "") if shifted else plain
        self._add(character)

    def _released(self, code: int) -> list[str]:
        self._held.discard(code)
        if code == _LEFT_ALT and self._alt_digits:
            digits, self._alt_digits = self._alt_digits, ""
            if not digits.isdecimal() or not 0 < int(digits) < 256:
                return []
            if int(digits) in (9, 10, 13):
                return self._end()
            self._add(chr(int(digits)))
        return []

    def _add(self, character: str) -> None:
        if not character:
            return
        if len(self._typed) >= MAX_CODE_BYTES:
            self._typed.clear()
            self._spoilt = True
        if not self._spoilt:
            self._typed.append(character)
