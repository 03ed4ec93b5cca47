"""A bad line to a server of the tests: it forwards, until told to cut or to fall silent at some bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum


class Fault(Enum):
    """What happens when the client sends the bytes.

    CUT_BEFORE: they do not arrive. CUT_AFTER: they do, and the line is gone. LOSE_ANSWER: so is the answer. SILENCE:
    they do not arrive, and nobody is told. VANISH: they do not arrive, and the server is not told.
    """

    CUT_BEFORE = "cut before"
    CUT_AFTER = "cut after"
    LOSE_ANSWER = "lose the answer"
    SILENCE = "silence"
    VANISH = "vanish"


@dataclass
class Proxy:
    """Listens on a free port of the loopback. fault: consulted for all that a client sends; None lets it pass."""

    port_behind: int
    fault: Callable[[bytes], Fault | None] = lambda _: None
    refuses: bool = False
    _lines: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def at(self, needle: bytes, *faults: Fault | None) -> None:
        """The n-th time that a client sends these bytes, the n-th of the faults happens."""
        coming = list(faults)

        def fault(sent: bytes) -> Fault | None:
            return coming.pop(0) if needle in sent and coming else None

        self.fault = fault

    def close(self) -> None:
        """Cut everything."""
        for line in [self._listener, *self._lines]:
            _cut(line)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.refuses:
                    _cut(client)
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self.port_behind))
                except OSError:
                    _cut(client)
                    continue
                self._lines += [client, server]
                line = (client, server, threading.Event(), threading.Event())
                threading.Thread(target=self._up, args=line, daemon=True).start()
                threading.Thread(target=self._down, args=line, daemon=True).start()

    def _up(
        self, client: socket.socket, server: socket.socket, silent: threading.Event, answered: threading.Event
    ) -> None:
        with suppress(OSError):
            while sent := client.recv(65536):
                match self.fault(sent):
                    case None:
                        server.sendall(sent)
                    case Fault.CUT_BEFORE:
                        break
                    case Fault.LOSE_ANSWER:
                        silent.set()
                        server.sendall(sent)
                        answered.wait(10)
                        break
                    case Fault.CUT_AFTER:
                        silent.set()
                        server.sendall(sent)
                        _cut(client)
                        return
                    case Fault.SILENCE:
                        silent.set()
                        while client.recv(65536):
                            pass
                        break
                    case Fault.VANISH:
                        _cut(client)
                        return
        _cut(client)
        _cut(server)

    def _down(
        self, client: socket.socket, server: socket.socket, silent: threading.Event, answered: threading.Event
    ) -> None:
        with suppress(OSError):
            while answer := server.recv(65536):
                if silent.is_set():
                    answered.set()
                else:
                    client.sendall(answer)
        answered.set()
        if not silent.is_set():
            _cut(client)


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
