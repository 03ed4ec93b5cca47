"""A real pcscd with a virtual reader (vpcd, of Debian's vsmartcard-vpcd), and cards to lay on it.

pcscd runs in a mount and a network namespace of its own: a pcscd of the machine is not in the way, and the port on
which vpcd listens is not the machine's. While something is connected there, a card lies on the reader. Source:
vsmartcard's vpcd protocol: two bytes of length, then an APDU, or one byte (0 off, 1 on, 2 reset, 4 your ATR?).
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import pytest

from tests.driver import PATIENCE_S, need_tool, wait_for

_DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_ATR = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")
_PORT = 0x8C7B
_CLONE_NEWNET = 0x40000000
_ALONE = """
import fcntl, os, socket, struct, subprocess, sys
SIOCSIFFLAGS, UP = 0x8914, 1
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", UP, b""))
subprocess.run(["mount", "-t", "tmpfs", "none", "/run/pcscd"], check=True)
os.execv(sys.argv[1], [sys.argv[1], "--foreground", "--config", sys.argv[2]])
"""
_GET_UID = bytes.fromhex("FFCA000000")


class VirtualCard:
    """A card that lies on the virtual reader, from when it is made until `take_away`."""

    def __init__(self, namespace: Path, port: int, uid: bytes) -> None:
        """uid: what it answers when it is asked for its number; empty: it has none, as a card with contacts."""
        self._namespace = namespace
        self._port = port
        self._uid = uid
        self._line: socket.socket | None = None
        self._asked = threading.Event()
        self._thread = threading.Thread(target=self._lie, name="virtual card", daemon=True)
        self._thread.start()

    def was_asked(self) -> None:
        """Wait until somebody asked for its number, and was answered."""
        assert self._asked.wait(PATIENCE_S)

    def take_away(self) -> None:
        """It lies there no more."""
        wait_for(lambda: self._line is not None or not self._thread.is_alive(), "it lies there")
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _lie(self) -> None:
        # Only this thread goes to where pcscd is; a socket stays where it was made.
        with self._namespace.open() as namespace:
            if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        with socket.create_connection(("127.0.0.1", self._port)) as line, suppress(OSError):
            self._line = line
            while len(size := line.recv(2, socket.MSG_WAITALL)) == 2:
                asked = line.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL)
                if len(asked) > 1 or asked == b"\x04":
                    answer = _ATR if asked == b"\x04" else self._answer(asked)
                    line.sendall(len(answer).to_bytes(2, "big") + answer)
                    if asked == _GET_UID:
                        self._asked.set()

    def _answer(self, asked: bytes) -> bytes:
        return self._uid + b"\x90\x00" if asked == _GET_UID and self._uid else b"\x6a\x81"


class Pcscd:
    """pcscd with one virtual reader."""

    def __init__(self, folder: Path) -> None:
        self._program = need_tool("pcscd")
        if not _DRIVER.exists():
            pytest.skip("the virtual reader is missing: apt-get install vsmartcard-vpcd")
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            pytest.skip("a pcscd of one's own needs root and unshare")
        self._readers = folder / "readers"
        self._readers.write_text(
            f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:{_PORT:#x}\nLIBPATH {_DRIVER}\nCHANNELID {_PORT:#x}\n'
        )
        self._socket = Path(os.environ["PCSCLITE_CSOCK_NAME"])
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def __enter__(self) -> Pcscd:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """It runs, and its reader is there."""
        Path("/run/pcscd").mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--net", sys.executable, "-c", _ALONE, self._program, str(self._readers)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        there = Path(f"/proc/{self._process.pid}/root/run/pcscd/pcscd.comm")
        ended = self._process.poll
        wait_for(lambda: there.is_socket() or ended() is not None, "pcscd runs")
        if ended() is not None:
            pytest.skip("this system lets no pcscd run in namespaces of its own")
        self._socket.unlink(missing_ok=True)
        self._socket.symlink_to(there)

    def stop(self) -> None:
        """It is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._socket.unlink(missing_ok=True)

    def wait_until_lies(self, lies: bool) -> None:
        """Until pcscd has noticed that a card lies there, or none: it looks every 0.4 s."""
        from smartcard import scard

        _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        try:
            wanted = scard.SCARD_STATE_PRESENT if lies else scard.SCARD_STATE_EMPTY
            reader = ("Virtual PCD 00 00", scard.SCARD_STATE_UNAWARE)
            wait_for(lambda: scard.SCardGetStatusChange(context, 0, [reader])[1][0][1] & wanted, "pcscd noticed")
        finally:
            scard.SCardReleaseContext(context)

    def lay_on(self, uid: bytes, reader: int = 0) -> VirtualCard:
        """Lay a card on one of its two readers."""
        assert self._process is not None
        return VirtualCard(Path(f"/proc/{self._process.pid}/ns/net"), _PORT + reader, uid)
