"""A real PostgreSQL server for the tests: in a temporary folder, on a free port of the loopback, gone at the end.

PostgreSQL refuses to run as root; then it runs as `postgres`, the user that Debian's package makes. It is told to end
with the process that started it, however that ends.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import psycopg

ADMIN = "admin"
PASSWORD = "only on this loopback"
WAIT_S = 30
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
    "password_encryption": "scram-sha-256",
}


def binaries() -> Path | None:
    """Where the newest PostgreSQL of this machine is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


class Server:
    """A server with a data folder of its own; it can be stopped and started again, and keeps what it has."""

    def __init__(self) -> None:
        bin_folder = binaries()
        if bin_folder is None:
            raise RuntimeError("there is no PostgreSQL here; ./deploy/setup installs it")
        self._bin = bin_folder
        self.folder = Path(tempfile.mkdtemp(prefix="kiosk-pg-"))
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._names = itertools.count(1)
        self._as_other = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        else:
            self._as_other = ["setpriv"]
        self._initialise()

    def _initialise(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(password_file, "postgres", "postgres")
        command = [
            *(self._as_other if len(self._as_other) > 1 else []), str(self._bin / "initdb"),
            "--pgdata", str(self.data), "--username", ADMIN, "--pwfile", str(password_file),
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
        ]  # fmt: skip
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL)
        password_file.unlink()

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.folder / "data"

    def start(self, **settings: str) -> None:
        """Start, and wait until it answers. settings: more of postgresql.conf."""
        values = {**_SETTINGS, **settings, "listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder)}
        options = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self._as_other, "--pdeathsig=INT", str(self._bin / "postgres"), "-D", str(self.data),
                    "-p", str(self.port), *options,
                ],
                cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        limit = time.monotonic() + WAIT_S
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > limit:
                    raise RuntimeError(f"PostgreSQL does not start:\n{self.log()[-2000:]}") from None
                time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT cuts every connection and ends cleanly, SIGQUIT as if the power had gone."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> None:
        """Stop it and remove everything."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "log").read_text(errors="replace")

    def connect(self, database: str = "postgres", user: str = ADMIN, password: str = PASSWORD) -> psycopg.Connection:
        """A connection past the product, in autocommit."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, dbname=database, user=user, password=password,
            autocommit=True, connect_timeout=10,
        )  # fmt: skip

    def new_database(self) -> str:
        """An empty database; its name."""
        name = f"central_{next(self._names)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return name

    def url(self, database: str, user: str = ADMIN, port: int | None = None) -> str:
        """A database as the settings name it, without a password."""
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}"

    def password_file(self, folder: Path, password: str = PASSWORD) -> Path:
        """A password in a file that only its owner can read."""
        path = folder / "password"
        path.write_text(password + "\n")
        path.chmod(0o600)
        return path


@cache
def shared_server() -> Server:
    """One server for the whole run of the tests; each test makes a database of its own on it."""
    server = Server()
    atexit.register(server.close)
    server.start()
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_gone(server: Server, database: str, user: str) -> None:
    """Until a role has no connection to a database any more."""
    limit = time.monotonic() + WAIT_S
    query = b"SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = %s"
    with suppress(psycopg.OperationalError), server.connect() as connection:
        while time.monotonic() < limit:
            row = connection.execute(query, (database, user)).fetchone()
            if row is None or row[0] == 0:
                return
            time.sleep(0.02)
