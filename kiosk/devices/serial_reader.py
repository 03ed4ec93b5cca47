"""A reader on a serial port (pyserial)."""

from __future__ import annotations

import os
import select

import serial

from kiosk.devices.framing import Framer
from kiosk.devices.reading import Emit
from kiosk.devices.supervisor import Run
from kiosk.errors import DeviceAbsent, DeviceError

_PAUSE_S = 0.5
"""A reader sends a code in one go: what has begun and stands still so long is dropped by a framer of fixed length."""


class SerialDriver:
    """Codes from a serial port, as its framer marks them off."""

    def __init__(self, port: str, framer: Framer, baud: int = 9600, pause_ends: bool = False) -> None:
        """port: best one of /dev/serial/by-id. pause_ends: a pause drops what has begun."""
        self._port = port
        self._framer = framer
        self._baud = baud
        self._patience_s = _PAUSE_S if pause_ends else None

    def serve(self, run: Run, emit: Emit) -> None:
        """Read until told to stop. Raises DeviceAbsent when the port is not there or vanishes, else DeviceError."""
        self._framer.forget()
        if not os.path.exists(self._port):
            raise DeviceAbsent(f"{self._port} is not there")
        try:
            with serial.Serial(self._port, self._baud, timeout=0, exclusive=True) as port:
                run.works()
                self._read(port, run, emit)
        except (OSError, serial.SerialException) as error:
            if not os.path.exists(self._port):
                raise DeviceAbsent(f"{self._port} vanished") from error
            raise DeviceError(f"{self._port}: {error}") from error

    def _read(self, port: serial.Serial, run: Run, emit: Emit) -> None:
        while not run.stopping():
            ready, _, _ = select.select([port.fileno(), run.fileno()], [], [], self._patience_s)
            if not ready:
                self._framer.forget()
            elif port.fileno() in ready:
                received = port.read(max(port.in_waiting, 1))
                if run.raw:
                    run.raw(f"{self._port}: {received!r}")
                for code in self._framer.feed(received):
                    emit(code)
