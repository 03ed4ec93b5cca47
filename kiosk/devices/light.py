"""Lamps and a buzzer on the pins of a Raspberry Pi, by gpiozero. On any other machine they cannot be opened."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from kiosk.circulation.cues import Cue
from kiosk.errors import DeviceError

_LAMP_S = 1.5
_CALL_S, _CALL_BLINKS = 0.5, 4
_BEEP_S = 0.08
_DEBIAN = "/usr/lib/python3/dist-packages"


class Lights:
    """One blink of a lamp for done, one of another for not done; a buzzer beeps once, or twice for not done. A lamp of
    its own blinks four times, in four seconds, to call the librarian."""

    def __init__(
        self,
        done: int | None,
        not_done: int | None,
        buzzer: int | None,
        factory: Any = None,
        call: int | None = None,
    ) -> None:
        """GPIO numbers; None: there is no such thing. factory: gpiozero's pins, None for those of this machine. Raises
        DeviceError."""
        from gpiozero import LED, Buzzer, GPIOZeroError

        _find_pins()
        self._open: list[Any] = []
        try:
            self._done = self._made(LED, done, factory)
            self._not_done = self._made(LED, not_done, factory)
            self._buzzer = self._made(Buzzer, buzzer, factory)
            self._call = self._made(LED, call, factory)
        except (GPIOZeroError, OSError, ImportError) as error:
            self.close()
            raise DeviceError(f"the pins of lamps and buzzer cannot be used: {error}") from error

    def _made(self, kind: Any, pin: int | None, factory: Any) -> Any:
        made = kind(pin, pin_factory=factory) if pin is not None else None
        if made is not None:
            self._open.append(made)
        return made

    def show(self, cue: Cue) -> None:
        """Show it, and return at once; a cue that comes meanwhile takes its place. A call goes on beside it."""
        if cue is Cue.CALL:
            if self._call is not None:
                self._call.blink(on_time=_CALL_S, off_time=_CALL_S, n=_CALL_BLINKS)
            return
        failed = cue in (Cue.NOT_DONE, Cue.ASIDE)
        lamps = {self._not_done: failed, self._done: cue in (Cue.LENT, Cue.RETURNED)}
        for lamp, on in lamps.items():
            if lamp is not None:
                lamp.blink(on_time=_LAMP_S, off_time=0, n=1) if on else lamp.off()
        if self._buzzer is not None:
            self._buzzer.beep(on_time=_BEEP_S, off_time=_BEEP_S, n=2 if failed else 1)

    def close(self) -> None:
        """All off."""
        for one in self._open:
            one.off()
            one.close()
        self._open.clear()


def _find_pins() -> None:
    """lgpio, through which gpiozero reaches the pins, comes with Raspberry Pi OS for Debian's Python, not with ours."""
    if importlib.util.find_spec("lgpio") is None and _DEBIAN not in sys.path:
        sys.path.append(_DEBIAN)
