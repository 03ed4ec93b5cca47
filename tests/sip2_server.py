"""A SIP2 server on a real socket, with a small library behind it, which can go wrong in every way, from a seed."""

from __future__ import annotations

import random
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.sync.sip2.codec import Codec, Receiver
from kiosk.sync.sip2.messages import Message, compose
from tests.sip2_library import Library


class Fault(StrEnum):
    """What can go wrong with one answer. In the first three the request has been carried out."""

    LOST = "lost"  # done, and never answered
    CUT_AFTER = "cut after"  # done, and the line is cut
    LATE = "late"  # done, and answered when nobody waits any more
    CUT_BEFORE = "cut before"  # the line is cut, and nothing done
    UNHEARD = "unheard"  # nothing done, no answer
    NOT_READ = "not read"  # nothing done: 96
    GARBLED = "garbled"  # a few letters are others
    WRONG_SUM = "wrong sum"
    PROGRAM_TEXT = "program text"  # before the answer
    GLUED = "glued"  # the answer before it again, and no terminator between
    OPEN = "open"  # no terminator
    STALE = "stale"  # the answer before it once more, then the right one
    DRIPPED = "dripped"  # letter by letter


@dataclass
class Faults:
    """How often what happens. It is the same for the same seed and the same requests. login: refuse every one."""

    rate: float = 0.0
    seed: int = 1
    kinds: tuple[Fault, ...] = tuple(Fault)
    login: bool = False
    planned: list[Fault | None] = field(default_factory=list)
    only: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def next(self, code: str) -> Fault | None:
        """What goes wrong with this request. planned: what comes first, one after the other, for requests in only."""
        if self.only and code not in self.only:
            return None
        if self.planned:
            return self.planned.pop(0)
        return self._chance.choice(self.kinds) if self._chance.random() < self.rate else None

    def spoil(self, raw: bytes) -> bytes:
        """A few letters are others; the terminator stays."""
        letters = bytearray(raw)
        for _ in range(self._chance.randint(1, 4)):
            letters[self._chance.randrange(len(letters) - 1)] = self._chance.randrange(32, 127)
        return bytes(letters)


@dataclass
class Sip2Server:
    """It runs in threads of its own until it is closed. read: every request that it understood, in order."""

    library: Library
    faults: Faults = field(default_factory=Faults)
    error_detection: bool = True
    terminator: str = "cr"
    encoding: str = "utf-8"
    tls: ssl.SSLContext | None = None
    late_s: float = 0.15
    read: list[Message] = field(default_factory=list)
    lines: int = 0

    def __post_init__(self) -> None:
        self.codec = Codec(self.encoding, self.terminator)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Hang up on everybody."""
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in (self._accepting, *self._threads):
            thread.join(5)

    def hang_up(self) -> None:
        """Cut every line that is open."""
        with self._lock:
            for line in self._open:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def asked(self, code: str) -> list[Message]:
        """The requests of a kind that it has read."""
        return [one for one in self.read if one.code == code]

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        try:
            if self.tls is not None:
                line = self.tls.wrap_socket(line, server_side=True)
            with self._lock:
                self._open.add(line)
                self.lines += 1
            line.settimeout(5)
            _Talk(self, line).run()
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(line)
            line.close()

    def take(self, message: Message) -> Message:
        """Carry a request out."""
        with self._lock:
            if message.code == "93" and self.faults.login:
                return compose("94", {"ok": False}, ())
            return self.library.answer(message)

    def wait(self) -> None:
        """Until nobody waits any more."""
        self._stopping.wait(self.late_s)


class _Talk:
    """One connection."""

    def __init__(self, server: Sip2Server, line: socket.socket) -> None:
        self._server = server
        self._line = line
        self._last = b""

    def run(self) -> None:
        receiver = Receiver(self._server.codec)
        while data := self._line.recv(4096):
            for frame in receiver.feed(data):
                if frame.message is None or not frame.sound:
                    self._line.sendall(self._encode("96", None))
                elif frame.message.code == "97":
                    self._line.sendall(self._last)
                elif not self._answer(frame.message, frame.sequence):
                    return

    def _encode(self, message: Message | str, number: int | None) -> bytes:
        if isinstance(message, str):
            message = compose(message, {}, ())
            number = 0 if self._server.error_detection else None
        return self._server.codec.encode(message, number if self._server.error_detection else None)

    def _answer(self, asked: Message, number: int | None) -> bool:
        """Whether the line stands."""
        server, faults = self._server, self._server.faults
        server.read.append(asked)
        fault = faults.next(asked.code)
        if fault is Fault.CUT_BEFORE:
            return False
        if fault is Fault.UNHEARD:
            return True
        if fault is Fault.NOT_READ:
            server.read.pop()
            self._line.sendall(self._encode("96", None))
            return True
        before, raw = self._last, self._encode(server.take(asked), number)
        self._last = raw
        if fault is Fault.CUT_AFTER:
            return False
        if fault is Fault.LOST:
            return True
        if fault is Fault.LATE:
            server.wait()
        for piece in self._pieces(fault, before, raw):
            self._line.sendall(piece)
        return True

    def _pieces(self, fault: Fault | None, before: bytes, raw: bytes) -> list[bytes]:
        end = self._server.codec.encode(compose("97", {}, ()))[2:]
        match fault:
            case Fault.GARBLED:
                return [self._server.faults.spoil(raw)]
            case Fault.WRONG_SUM:
                return [raw[: -len(end) - 1] + (b"0" if raw[-len(end) - 1 :][:1] != b"0" else b"1") + end]
            case Fault.PROGRAM_TEXT:
                return [b"Traceback (most recent call last)" + raw]
            case Fault.GLUED:
                return [before.removesuffix(end) + raw]
            case Fault.STALE:
                return [before + raw]
            case Fault.OPEN:
                return [raw.removesuffix(end)]
            case Fault.DRIPPED:
                return [raw[n : n + 1] for n in range(len(raw))]
        return [raw]


@contextmanager
def serving(library: Library, **settings: object) -> Iterator[Sip2Server]:
    """A server for a test."""
    known: Mapping[str, object] = settings
    server = Sip2Server(library, **known)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        server.close()
