"""The ways to a receipt printer: a network socket, a serial port, a USB device, a file. Bytes out, a few bytes back.

Each write goes on while the printer takes bytes, and raises DeviceError once it takes none: a printer without paper, or
switched off in mid-slip, would else hold its thread for ever.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from kiosk.errors import DeviceAbsent, DeviceError

DOTS = {58: 384, 80: 576}
"""Printable dots of a paper's width in millimetres, at 8 dots a millimetre."""
OPEN_WITHIN_S = 3.0
WRITE_WITHIN_S = 5.0
"""For each part of a slip: a whole one takes a minute at 9600 baud."""
ANSWER_WITHIN_S = 0.5
_PART_BYTES = 1024
_PRINTER_CLASS = 7


class Line(Protocol):
    """An open way to a printer."""

    def write(self, sent: bytes) -> None:
        """Send all of it. Raises DeviceError, also if the printer does not take it in time."""
        ...

    def read(self) -> bytes:
        """What the printer answered; empty if it did not: many cheap ones never do. Raises DeviceError."""
        ...

    def close(self) -> None:
        """Let go of it. Never waits for what was not sent."""
        ...


@dataclass(frozen=True, slots=True)
class PrinterAt:
    """Where a printer is. kind: "network" (address: "192.168.1.50" or "192.168.1.50:9100"), "serial" (a port), "usb"
    ("04b8:0202") or "file" (/dev/usb/lp0, or any file). patience_s: how long it may take no bytes."""

    kind: str
    address: str
    baud: int = 9600
    patience_s: float = WRITE_WITHIN_S

    def open(self) -> Line:
        """Reach it. Raises DeviceError."""
        match self.kind:
            case "network":
                host, _, port = self.address.partition(":")
                return NetworkLine(host, int(port or 9100), self.patience_s)
            case "serial":
                return SerialLine(self.address, self.baud, self.patience_s)
            case "usb":
                vendor, _, product = self.address.partition(":")
                return UsbLine(_find_usb(int(vendor, 16), int(product, 16)), self.patience_s)
        return FileLine(self.address, self.patience_s)


class NetworkLine:
    """A printer with a network socket, usually at port 9100."""

    def __init__(self, host: str, port: int, patience_s: float) -> None:
        """Raises DeviceError."""
        self._patience_s = patience_s
        self._where = f"{host}:{port}"
        try:
            self._socket = socket.create_connection((host, port), OPEN_WITHIN_S)
        except OSError as error:
            raise DeviceError(f"{self._where} cannot be reached: {error}") from error

    def write(self, sent: bytes) -> None:
        """Send all of it."""
        self._socket.settimeout(self._patience_s)
        try:
            for part in _parts(sent):
                self._socket.sendall(part)
        except TimeoutError as error:
            raise _stalled(self._where) from error
        except OSError as error:
            raise DeviceError(f"{self._where}: {error}") from error

    def read(self) -> bytes:
        """What it answered."""
        self._socket.settimeout(ANSWER_WITHIN_S)
        try:
            return self._socket.recv(16)
        except TimeoutError:
            return b""
        except OSError as error:
            raise DeviceError(f"{self._where}: {error}") from error

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()


class SerialLine:
    """A printer on a serial port."""

    def __init__(self, port: str, baud: int, patience_s: float) -> None:
        """Raises DeviceError."""
        import serial

        self._trouble = serial.SerialException
        self._stall = serial.SerialTimeoutException
        try:
            self._port = serial.Serial(port, baud, timeout=ANSWER_WITHIN_S, write_timeout=patience_s)
        except (serial.SerialException, ValueError) as error:
            raise DeviceError(f"{port} could not be opened: {error}") from error

    def write(self, sent: bytes) -> None:
        """Send all of it."""
        try:
            for part in _parts(sent):
                self._port.write(part)
        except self._stall as error:
            raise _stalled(str(self._port.port)) from error
        except (self._trouble, OSError) as error:
            raise DeviceError(f"{self._port.port}: {error}") from error

    def read(self) -> bytes:
        """What it answered."""
        try:
            return bytes(self._port.read(1))
        except (self._trouble, OSError) as error:
            raise DeviceError(f"{self._port.port}: {error}") from error

    def close(self) -> None:
        """Let go of the port. What it did not take is thrown away: a real port would wait half a minute for it."""
        with contextlib.suppress(self._trouble, OSError):
            self._port.reset_output_buffer()
        self._port.close()


class FileLine:
    """A device file such as /dev/usb/lp0, which the kernel makes for any USB printer; or a plain file, for a look."""

    def __init__(self, path: str, patience_s: float) -> None:
        """Raises DeviceError."""
        self._patience_s = patience_s
        self._path = path
        device = os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode)
        if not device and path.startswith("/dev/"):
            raise DeviceAbsent(f"{path} is not there; is the printer switched on?")
        flags = os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY if device else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._answers = device
        try:
            self._file = os.open(path, flags, 0o600)
        except OSError as error:
            raise DeviceError(f"{path} could not be opened: {error.strerror}") from error

    def write(self, sent: bytes) -> None:
        """Send all of it."""
        rest = memoryview(sent)
        try:
            while rest:
                _, ready, _ = select.select([], [self._file], [], self._patience_s)
                if not ready:
                    raise _stalled(self._path)
                rest = rest[os.write(self._file, rest[:_PART_BYTES]) :]
        except BlockingIOError as error:
            raise _stalled(self._path) from error
        except OSError as error:
            what = "the printer is out of paper or off" if error.errno == errno.ENOSPC else str(error.strerror)
            raise DeviceError(f"{self._path}: {what}") from error

    def read(self) -> bytes:
        """What it answered."""
        try:
            if self._answers and select.select([self._file], [], [], ANSWER_WITHIN_S)[0]:
                return os.read(self._file, 16)
        except OSError as error:
            raise DeviceError(f"{self._path}: {error.strerror}") from error
        return b""

    def close(self) -> None:
        """Let go of it."""
        os.close(self._file)


class UsbLine:
    """A USB printer by its numbers, where the kernel makes no /dev/usb/lp0 for it."""

    def __init__(self, device: Any, patience_s: float) -> None:
        """device: as pyusb finds it. Raises DeviceError if it has no way in for a printer's bytes."""
        import usb.core
        import usb.util

        self._patience_s = patience_s
        self._device, self._errors, self._dispose = device, usb.core.USBError, usb.util.dispose_resources
        self._timeout = usb.core.USBTimeoutError
        try:
            interface = next(one for one in device.get_active_configuration() if one.bInterfaceClass == _PRINTER_CLASS)
            if device.is_kernel_driver_active(interface.bInterfaceNumber):
                device.detach_kernel_driver(interface.bInterfaceNumber)
            ends = list(interface)
            self._out = next(one for one in ends if not one.bEndpointAddress & 0x80)
            self._in = next((one for one in ends if one.bEndpointAddress & 0x80), None)
        except StopIteration:
            raise DeviceError("the USB device is no printer") from None
        except (usb.core.USBError, NotImplementedError) as error:
            raise DeviceError(f"the USB printer could not be opened: {error}") from error

    def write(self, sent: bytes) -> None:
        """Send all of it."""
        try:
            for part in _parts(sent):
                self._out.write(part, int(self._patience_s * 1000))
        except self._timeout as error:
            raise _stalled("the USB printer") from error
        except self._errors as error:
            raise DeviceError(f"the USB printer: {error}") from error

    def read(self) -> bytes:
        """What it answered."""
        if self._in is None:
            return b""
        try:
            return bytes(self._in.read(16, int(ANSWER_WITHIN_S * 1000)))
        except self._timeout:
            return b""
        except self._errors as error:
            raise DeviceError(f"the USB printer: {error}") from error

    def close(self) -> None:
        """Let go of it."""
        self._dispose(self._device)


def _parts(sent: bytes) -> Iterator[bytes]:
    return (sent[start : start + _PART_BYTES] for start in range(0, len(sent), _PART_BYTES))


def _find_usb(vendor: int, product: int) -> Any:
    import usb.core

    try:
        found = usb.core.find(idVendor=vendor, idProduct=product)
    except usb.core.NoBackendError as error:
        raise DeviceError("USB printers need the Debian package libusb-1.0-0") from error
    if found is None:
        raise DeviceAbsent(f"there is no USB device {vendor:04x}:{product:04x}; is the printer switched on?")
    return found


def _stalled(where: str) -> DeviceError:
    return DeviceError(f"{where} takes no more; is there paper, is the lid shut, is it switched on?")
