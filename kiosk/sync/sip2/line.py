"""The line to a central library that speaks SIP2: a connection, the login, one exchange at a time.

Whatever is wrong with what comes, an answer is only taken for the one that was asked for: it must be sound, carry the
number of the request where it carries one, and repeat what was asked. A question may be asked anew, on a new line if
need be; an act is sent once, and if its answer cannot be had, nobody knows.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from itertools import cycle
from time import monotonic
from typing import NamedTuple, TypeVar

from kiosk.errors import ConfigError, ConnectorError
from kiosk.sync.secret import Secret
from kiosk.sync.sip2 import Sip2Settings
from kiosk.sync.sip2.codec import Checksum, Codec, Frame, Receiver
from kiosk.sync.sip2.fields import supported_messages
from kiosk.sync.sip2.layouts import ECHOES
from kiosk.sync.sip2.messages import Message, mismatches
from kiosk.sync.sip2.requests import Login, Request, Resend, ScStatus

log = logging.getLogger(__name__)
T = TypeVar("T")

TRIES = 3
"""How often a question is asked, on a new line each time."""
RESENDS = 2
"""How often, of one exchange, a message is asked for or sent again."""
MOST_BYTES = 256 * 1024
"""What may come in for one answer; more is noise."""
CHUNK = 16 * 1024
_OWN = frozenset({"93", "99"})
"""Answers to these repeat nothing."""


class Away(ConnectorError):
    """No line, or refused at the door: nothing that was to be sent has left."""


class Unanswered(ConnectorError):
    """It was sent, or may have been, and no answer came that can be relied on."""


class NotTaken(ConnectorError):
    """Central said at the login that it does not take such requests (BX); nothing was sent."""


class NotRead(Unanswered):
    """Central says that it could not read what was sent (96)."""


class Greeted(NamedTuple):
    """What central said of itself (98). takes: the requests that it takes, by their codes; None: it did not say."""

    clock: datetime | None
    takes: frozenset[str] | None


class Line:
    """One thread uses it. It is made when it is first needed, and again whenever it has broken."""

    def __init__(self, settings: Sip2Settings, secret: Secret | None) -> None:
        """Raises ConfigError for an encoding, a terminator or an authority's file that cannot be used."""
        try:
            self._codec = Codec(settings.encoding, settings.terminator)
        except ValueError as error:
            raise ConfigError([f"central.sip2: {error}"]) from None
        self._settings = settings
        self._secret = secret
        self._tls = _context(settings) if settings.tls else None
        self._socket: socket.socket | None = None
        self._receiver = Receiver(self._codec)
        self._numbers = cycle(range(10))
        self._heard = 0.0
        self._checked = False
        self._greeted = Greeted(None, None)

    def greet(self) -> Greeted:
        """Ask central how it is (99). Raises Away if it is not there, or not at work."""
        try:
            return self._ask_anew(lambda new: self._greeted if new else self._status())
        except Unanswered as error:
            raise Away(str(error)) from error

    def ask(self, request: Request) -> Message:
        """An answer to a question: it changes nothing, so it may be asked again. Raises Away, Unanswered, NotTaken, or
        ProtocolError for what cannot be written."""
        message = request.message()
        self._codec.encode(message)

        def question(_: bool) -> Message:
            self._must_take(message.code)
            return self._exchange(message, is_act=False)

        return self._ask_anew(question)

    def tell(self, request: Request) -> Message:
        """The answer to an act, which is sent once. Raises Away if it has not left, Unanswered if nobody knows, NotRead
        if central says that it could not read it, NotTaken, or ProtocolError if it cannot be written."""
        message = request.message()
        self._codec.encode(message)
        self._be_there()
        self._must_take(message.code)
        return self._exchange(message, is_act=True)

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _takes(self, code: str) -> bool:
        return self._greeted.takes is None or code in self._greeted.takes

    def _must_take(self, code: str) -> None:
        if not self._takes(code):
            raise NotTaken(f"the central library does not take such requests ({code})")

    def _ask_anew(self, question: Callable[[bool], T]) -> T:
        """question: is told whether the line is new, and was greeted just now."""
        for left in reversed(range(TRIES)):
            try:
                return question(self._be_there())
            except Unanswered:
                self.close()
                if not left:
                    raise
        raise AssertionError("there is a last try")

    def _be_there(self) -> bool:
        """A line that answers; whether it is a new one. Raises Away."""
        if self._drain() and monotonic() - self._heard > self._settings.keep_alive_s:
            try:
                self._status()
            except Unanswered:
                self.close()
        if self._socket is not None:
            return False
        for left in reversed(range(TRIES)):
            try:
                self._connect()
                break
            except Unanswered as error:
                if not left:
                    raise Away(str(error)) from error
        return True

    def _connect(self) -> None:
        host, port = self._settings.host, self._settings.port
        try:
            plain = socket.create_connection((host, port), self._settings.timeout_s)
        except OSError as error:
            raise Away(f"the central library at {host}:{port} cannot be reached: {_why(error)}") from error
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain
        except OSError as error:
            plain.close()
            raise Away(f"no protected line to the central library at {host}:{port}: {_why(error)}") from error
        self._checked = False
        self._greeted = Greeted(None, None)
        try:
            if self._settings.login:
                self._log_in()
            self._status()
        except ConnectorError:
            self.close()
            raise

    def _log_in(self) -> None:
        password = self._secret.reveal() if self._secret is not None else ""
        request = Login(login=self._settings.login, password=password)
        if not self._exchange(request.message(), is_act=False).yes("ok"):
            raise Away("the central library refuses the login; see central.sip2.login and its password")

    def _status(self) -> Greeted:
        reply = self._exchange(ScStatus().message(), is_act=False)
        if reply.yes("online") is False:
            raise Away("the central library says that it is not at work")
        told = supported_messages(reply.text("supported_messages"))
        at = reply.date("at").at
        if at is not None and at.tzinfo is None:
            at = at.replace(tzinfo=self._settings.timezone)
        self._greeted = Greeted(at, told or None)
        return self._greeted

    # One exchange.

    def _exchange(self, message: Message, is_act: bool) -> Message:
        """Send it and wait for its answer. Raises Unanswered; the line may then be of no use any more."""
        number = next(self._numbers) if self._settings.error_detection else None
        raw = self._codec.encode(message, number)
        self._send(raw)
        deadline, received, again = monotonic() + self._settings.timeout_s, 0, RESENDS
        while True:
            frames, size = self._receive(deadline)
            for frame in frames:
                if self._is_sound(frame) and _answers(message, number, frame):
                    self._heard = monotonic()
                    return frame.require()
            received += size
            if not size:
                raise self._lost(Unanswered("the central library gave no answer in time"))
            for frame in frames:
                again -= self._made_good(frame, raw, is_act)
            if again < 0 or received > MOST_BYTES:
                raise self._lost(Unanswered("the central library's answers cannot be relied on"))

    def _made_good(self, frame: Frame, raw: bytes, is_act: bool) -> bool:
        """Do what a frame that is no answer asks for; whether it asked for anything. raw: what was sent."""
        if not self._is_sound(frame):
            log.warning("sip2: %r", frame)
            if self._takes("97"):
                self._send(self._codec.encode(Resend(), 0 if self._settings.error_detection else None))
            return True
        if frame.require().code != "96":
            return False  # late, and the answer to something else
        if is_act:
            raise self._lost(NotRead("the central library could not read what was sent"))
        self._send(raw)
        return True

    def _is_sound(self, frame: Frame) -> bool:
        """Whether its content can be relied on. A line on which checksums came has no answers without one."""
        self._checked = self._checked or frame.checksum in (Checksum.RIGHT, Checksum.BY_CHARACTERS)
        return frame.sound and not (self._checked and frame.checksum is Checksum.ABSENT)

    def _lost(self, error: Unanswered) -> Unanswered:
        """Whatever comes late dies with the line."""
        self.close()
        return error

    def _send(self, raw: bytes) -> None:
        assert self._socket is not None
        try:
            self._socket.settimeout(self._settings.timeout_s)
            self._socket.sendall(raw)
        except OSError as error:
            raise self._lost(Unanswered(f"the line to the central library broke: {_why(error)}")) from error

    def _receive(self, deadline: float) -> tuple[list[Frame], int]:
        """What came, and how many bytes; of none, the time is over, and what waits without its end is all there is."""
        assert self._socket is not None
        left_s = deadline - monotonic()
        if left_s <= 0:
            return self._receiver.finish(), 0
        try:
            self._socket.settimeout(left_s)
            data = self._socket.recv(CHUNK)
        except TimeoutError:
            return self._receiver.finish(), 0
        except OSError as error:
            raise self._lost(Unanswered(f"the line to the central library broke: {_why(error)}")) from error
        return (self._receiver.feed(data), len(data)) if data else (self._receiver.finish(), 0)

    def _drain(self) -> bool:
        """Pass over what came unasked, and late; whether there is a line that still stands."""
        self._receiver.clear()
        passed = 0
        while self._socket is not None:
            try:
                self._socket.settimeout(0.0)
                data = self._socket.recv(CHUNK)
            except (BlockingIOError, ssl.SSLWantReadError):
                return True
            except OSError:
                data = b""
            passed += len(data)
            if not data or passed > MOST_BYTES:
                self.close()
        return False


def _answers(request: Message, number: int | None, frame: Frame) -> bool:
    """Whether a sound frame is the answer to this request and to no other."""
    reply = frame.require()
    numbered = number is not None and frame.sequence is not None
    if numbered and frame.sequence != number:
        return False
    differs = mismatches(request, reply)
    if numbered:
        # With its number it may name the patron by another name than we did.
        return not set(differs) - {"AA"}
    # One that bears no number must name what was asked for, or it could be anybody's; a hold's need not name the item.
    echoes = ECHOES.get(reply.code, ())
    name = "item" if "AB" in echoes and request.text("item") and reply.code != "16" else "patron"
    return not differs and (request.code in _OWN or (bool(echoes) and bool(reply.text(name).strip())))


def _context(settings: Sip2Settings) -> ssl.SSLContext:
    """Certificate and host name are checked; there is no way not to."""
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError([f"central.sip2.ca_file: {settings.ca_file} cannot be used: {_why(error)}"]) from error


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not in order ({error.verify_message})"
    return error.strerror or type(error).__name__
