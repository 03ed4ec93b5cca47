"""Listens to everything that is plugged in, for `kiosk devices learn`. Nothing is held: a keyboard on which somebody
types stays one."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import serial

from kiosk.circulation.chips import Keep
from kiosk.devices.hid import Node, Nodes
from kiosk.devices.learning import PAUSE_S, KeyLearner, PortLearner

_LOOK_S = PAUSE_S / 2


class Listener:
    """Everything that types and every serial port. Closed by leaving its context."""

    def __init__(self, nodes: Nodes, ports: list[Path], baud: int, card: str, keep: Keep) -> None:
        """card, keep: as for learning.Learner. What cannot be opened is named by `refused`."""
        self.refused: list[str] = []
        self._open = ExitStack()
        self._keys: dict[int, tuple[Node, KeyLearner]] = {}
        self._ports: dict[int, tuple[serial.Serial, PortLearner]] = {}
        for path in sorted(nodes.paths()):
            if (info := nodes.look(path)) is None:
                continue
            try:
                node = nodes.open(path, hold=False)
            except OSError as error:
                self.refused.append(f"{path} ({info.name}): {error.strerror}")
                continue
            self._open.callback(node.close)
            self._keys[node.fileno()] = node, KeyLearner(info, card, keep)
        for port in ports:
            try:
                line = self._open.enter_context(serial.Serial(str(port), baud, timeout=0, exclusive=True))
            except (OSError, serial.SerialException) as error:
                self.refused.append(str(error))
                continue
            self._ports[line.fileno()] = line, PortLearner(str(port), baud, card, keep)

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def learners(self) -> list[KeyLearner | PortLearner]:
        """One for each thing that is listened to."""
        return [*(one for _, one in self._keys.values()), *(one for _, one in self._ports.values())]

    def listen(self, seconds: float) -> Iterator[str]:
        """What was found out, a sentence each, until nothing new came for so long. What is pulled out is left out."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until and (self._keys or self._ports):
            ready, _, _ = select.select([*self._keys, *self._ports], [], [], min(_LOOK_S, until - now))
            said = [says for descriptor in ready for says in self._take(descriptor)]
            said += [says for _, one in self._keys.values() for says in one.pause(time.monotonic())]
            if said:
                until = time.monotonic() + seconds
            yield from said

    def _take(self, descriptor: int) -> Iterator[str]:
        try:
            if descriptor in self._keys:
                node, keys = self._keys[descriptor]
                for event in node.read():
                    yield from keys.feed(event)
            else:
                line, port = self._ports[descriptor]
                yield from port.feed(line.read(max(line.in_waiting, 1)))
        except (OSError, serial.SerialException):
            self._keys.pop(descriptor, None)
            self._ports.pop(descriptor, None)
