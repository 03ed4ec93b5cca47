"""A limit on how long a call may take, whatever server and network do."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from psycopg import Connection as RawConnection
from sqlalchemy import Connection

log = logging.getLogger(__name__)


class Watchdog:
    """Cuts a connection on which a call takes too long: libpq has no time-out for an answer, and TCP's do not help
    against a server that is alive and silent.

    One thread for all calls, which is there as long as there are some; a thread for each would cost as much as an act.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._watched = threading.Condition()
        self._thread: threading.Thread | None = None
        self._until = 0.0
        self._handle: int | None = None

    @contextmanager
    def watching(self, connection: Connection) -> Iterator[None]:
        """One call at a time. SQLite needs no watching."""
        raw = connection.connection.driver_connection
        if not isinstance(raw, RawConnection) or raw.closed:
            yield
            return
        with self._watched:
            self._until, self._handle = time.monotonic() + self._limit_s, os.dup(raw.fileno())
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="watchdog of central", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._watched:
                handle, self._handle = self._handle, None
                if handle is not None:
                    os.close(handle)

    def _watch(self) -> None:
        with self._watched:
            while self._handle is not None:
                rest_s = self._until - time.monotonic()
                if rest_s > 0:
                    self._watched.wait(rest_s)
                else:
                    handle, self._handle = self._handle, None
                    _cut(handle)
            self._thread = None


def _cut(handle: int) -> None:
    log.warning("the central database does not answer; the connection is cut")
    with suppress(OSError), socket.socket(fileno=handle) as line:
        line.shutdown(socket.SHUT_RDWR)
