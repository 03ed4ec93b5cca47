"""Readers that type as keyboards do (Linux evdev), held fast so that no other program sees their keys."""

from __future__ import annotations

import fcntl
import logging
import os
import select
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.devices.keys import EV_KEY, KeyDecoder
from kiosk.devices.reading import Emit
from kiosk.devices.supervisor import Raw, Run
from kiosk.errors import DeviceAbsent, DeviceError

log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 1.0
"""How often to look whether another reader that fits was plugged in."""
_EVIOCSCLOCKID = 0x400445A0
_KEY_ENTER, _KEY_1 = 28, 2
_WAYS = {0: "up", 1: "down", 2: "held"}

KeyEvent = tuple[int, int, int, float]
"""Type, code and value of the kernel's, and when: seconds of the monotonic clock."""


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """An input device that has the keys of a keyboard. phys: the port it is plugged into; uniq: its serial number."""

    path: str
    name: str
    vendor_product: str
    phys: str = ""
    uniq: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Which devices are meant: all that is not empty has to fit. path and device: the beginning, or a part of it."""

    vendor_product: str = ""
    serial: str = ""
    path: str = ""
    device: str = ""

    def fits(self, info: NodeInfo) -> bool:
        """Whether this device is meant."""
        return (
            self.vendor_product in ("", info.vendor_product)
            and self.serial in ("", info.uniq)
            and (not self.path or info.phys == self.path or info.phys.startswith(self.path + "/"))
            and self.device.casefold() in info.name.casefold()
        )

    def __str__(self) -> str:
        said = (self.vendor_product, self.serial, self.path, self.device)
        return ", ".join(word for word in said if word)


class Node(Protocol):
    """An open input device, held fast."""

    def fileno(self) -> int:
        """Readable when there are events."""
        ...

    def read(self) -> Iterable[KeyEvent]:
        """The events there are. Raises OSError once it was pulled out."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Nodes(Protocol):
    """The input devices of a machine."""

    def paths(self) -> list[str]:
        """Those there are, of any kind."""
        ...

    def look(self, path: str) -> NodeInfo | None:
        """What a device says of itself; None if it is no keyboard, or just vanished."""
        ...

    def open(self, path: str, hold: bool = True) -> Node:
        """Open it and, unless others shall see its keys too, hold it fast. Raises OSError."""
        ...


class EvdevNodes:
    """The keyboards under /dev/input, as /sys describes them: to look at one needs no right to open it."""

    def __init__(self, devices: Path = Path("/dev/input"), described: Path = Path("/sys/class/input")) -> None:
        self._devices = devices
        self._described = described

    def paths(self) -> list[str]:
        """Those there are, of any kind."""
        try:
            return [str(self._devices / name) for name in os.listdir(self._devices) if name.startswith("event")]
        except OSError:
            return []

    def look(self, path: str) -> NodeInfo | None:
        """What a device says of itself; None if it is no keyboard, or just vanished."""
        said = self._described / Path(path).name / "device"
        try:
            if not _has_keys((said / "capabilities/key").read_text(), (_KEY_1, _KEY_ENTER)):
                return None
            vendor_product = ":".join((said / "id" / one).read_text().strip() for one in ("vendor", "product"))
            name, phys, uniq = ((said / one).read_text(errors="replace").strip() for one in ("name", "phys", "uniq"))
        except OSError:
            return None
        return NodeInfo(path, name, vendor_product, phys, uniq)

    def open(self, path: str, hold: bool = True) -> Node:
        """Open it and, unless others shall see its keys too, hold it fast. Raises OSError."""
        return EvdevNode(path, hold)


def _has_keys(bits: str, keys: Iterable[int]) -> bool:
    """bits: words of a long each, the highest first, as the kernel writes them."""
    width = struct.calcsize("l") * 8
    try:
        whole = sum(int(word, 16) << width * place for place, word in enumerate(reversed(bits.split())))
    except ValueError:
        return False
    return all(whole >> key & 1 for key in keys)


class EvdevNode:
    """An input device of the kernel's."""

    def __init__(self, path: str, hold: bool) -> None:
        import evdev

        self._device = evdev.InputDevice(path, readonly=True)
        try:
            # Its times are to be of the clock that nobody sets.
            fcntl.ioctl(self._device.fd, _EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
            if hold:
                self._device.grab()
        except OSError:
            self._device.close()
            raise

    def fileno(self) -> int:
        """Readable when there are events."""
        return self._device.fd

    def read(self) -> Iterator[KeyEvent]:
        """The events there are. Raises OSError once it was pulled out."""
        for event in self._device.read():
            yield event.type, event.code, event.value, event.timestamp()

    def close(self) -> None:
        """Let go of it."""
        self._device.close()


class HidDriver:
    """Codes typed by all keyboards that fit. Each is decoded by itself: two scanners at once do not mix."""

    def __init__(self, match: Match, keyboard: str = "us", end_s: float = 0.0, nodes: Nodes | None = None) -> None:
        """keyboard, end_s: as for KeyDecoder."""
        self._match = match
        self._keyboard = keyboard
        self._end_s = end_s
        self._nodes = nodes or EvdevNodes()

    def serve(self, run: Run, emit: Emit) -> None:
        """Read until told to stop. Raises DeviceAbsent when none that fits is there, or the last one was pulled out."""
        opened: dict[str, tuple[Node, KeyDecoder]] = {}
        refused: set[str] = set()
        try:
            while not run.stopping():
                self._open_new(opened, refused)
                if not opened:
                    raise DeviceAbsent(f"no keyboard that is {self._match} is plugged in")
                run.works()
                _listen(opened, run, emit, time.monotonic() + _LOOK_AGAIN_S)
        finally:
            for node, _ in opened.values():
                node.close()

    def _open_new(self, opened: dict[str, tuple[Node, KeyDecoder]], refused: set[str]) -> None:
        """Open what fits and was plugged in since. Raises DeviceError if there is only what cannot be opened."""
        for path in sorted(set(self._nodes.paths()) - set(opened)):
            info = self._nodes.look(path)
            if info is None or not self._match.fits(info):
                continue
            try:
                opened[path] = (self._nodes.open(path), KeyDecoder(self._keyboard, self._end_s))
                log.info("%s: %s (%s) is held", path, info.name, info.vendor_product)
            except OSError as error:
                # Also for a moment after it was plugged in, before udev has given it to the kiosk's user.
                if not opened:
                    raise DeviceError(f"{path} ({info.name}): {error.strerror}") from error
                if path not in refused:
                    log.warning("%s (%s): %s", path, info.name, error.strerror)
                    refused.add(path)


def _listen(opened: dict[str, tuple[Node, KeyDecoder]], run: Run, emit: Emit, until: float) -> None:
    """Read until it is time to look for more, one was pulled out, or the driver is to stop."""
    while not run.stopping() and (now := time.monotonic()) < until:
        dues = [due for _, decoder in opened.values() if (due := decoder.due()) is not None]
        waits = max(min([until, *dues]) - now, 0.0)
        ready, _, _ = select.select([*(node.fileno() for node, _ in opened.values()), run.fileno()], [], [], waits)
        for path, (node, decoder) in list(opened.items()):
            if node.fileno() not in ready:
                for code in decoder.pause(time.monotonic()):
                    emit(code)
            elif not _read(node, decoder, emit, run.raw):
                log.info("%s was pulled out", path)
                del opened[path]
                node.close()
                return


def _read(node: Node, decoder: KeyDecoder, emit: Emit, raw: Raw | None) -> bool:
    """Take in what there is; whether the device is still there."""
    try:
        for kind, code, value, at in node.read():
            if raw and kind == EV_KEY:
                raw(f"key {code} {_WAYS.get(value, value)}")
            for payload in decoder.feed(kind, code, value, at):
                emit(payload)
    except OSError:
        return False
    return True
