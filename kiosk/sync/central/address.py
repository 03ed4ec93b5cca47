"""Where a central database is: a URL without a password, checked before anything is opened."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from kiosk.errors import ConfigError

POSTGRESQL = "postgresql"
SQLITE = "sqlite"
_SCHEMES = {"postgresql": POSTGRESQL, "postgres": POSTGRESQL, "postgresql+psycopg": POSTGRESQL, "sqlite": SQLITE}
_PARAMETERS = ("host", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "application_name")
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


@dataclass(frozen=True, slots=True)
class Address:
    """A database. path: of SQLite's file. parameters: what libpq is told, never a password.

    Without an sslmode, a server on another machine has to prove with a certificate that it is the one named.
    """

    kind: str
    path: Path | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.path is not None:
            return str(self.path)
        port = f":{self.parameters['port']}" if "port" in self.parameters else ""
        return f"{self.parameters.get('host', 'this machine')}{port}/{self.parameters.get('dbname', '')}"

    def url(self, user: str = "") -> str:
        """The address as it stands in the settings of a kiosk, with that kiosk's role."""
        if self.path is not None:
            return f"sqlite:///{self.path.absolute()}"
        values = dict(self.parameters)
        host, port, database = values.pop("host", ""), values.pop("port", ""), values.pop("dbname", "")
        values.pop("user", None)
        if host.startswith("/"):
            values["host"], host = host, ""
        query = "&".join(f"{name}={value}" for name, value in values.items())
        at = f"{user}@" if user else ""
        return f"postgresql://{at}{host}{f':{port}' if port else ''}/{database}{f'?{query}' if query else ''}"


def parse_address(url: str, folder: Path = Path(), key: str = "central.sql.url") -> Address:
    """The address that a URL names. folder: from which relative paths go. Raises ConfigError, naming `key`.

    The text of the error never repeats the URL: there may be a password in it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad(key, "this is no URL; write postgresql://USER@HOST/DATABASE or sqlite:///FILE") from None
    kind = _SCHEMES.get(parts.scheme)
    if kind is None:
        raise _bad(key, "postgresql://USER@HOST/DATABASE or sqlite:///FILE is expected")
    if parts.password is not None:
        raise _bad(key, "a password must not stand in a URL; write it into a file and name that as password_file")
    return _sqlite(parts, folder, key) if kind == SQLITE else _postgresql(parts, port, folder, key)


def _sqlite(parts: SplitResult, folder: Path, key: str) -> Address:
    if parts.netloc or parts.query or not parts.path.strip("/"):
        raise _bad(key, "SQLite's file is written sqlite:///FILE, or sqlite:////FOLDER/FILE from the root")
    return Address(SQLITE, folder / unquote(parts.path[1:]))


def _postgresql(parts: SplitResult, port: int | None, folder: Path, key: str) -> Address:
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "password" in given:
        raise _bad(key, "a password must not stand in a URL; write it into a file and name that as password_file")
    for name in given:
        if name not in _PARAMETERS:
            raise _bad(key, f"{name!r} is not a parameter; known are {', '.join(_PARAMETERS)}")
    if given.get("sslmode", "verify-full") not in _SSL_MODES:
        raise _bad(key, f"sslmode is one of {', '.join(_SSL_MODES)}")
    database = unquote(parts.path.strip("/"))
    if not database:
        raise _bad(key, "the URL names no database; write postgresql://USER@HOST/DATABASE")
    for name in _FILES:
        if name in given and given[name] != "system":
            given[name] = str(folder / given[name])
    host = given.pop("host", "") or unquote(parts.hostname or "")
    found = {"host": host, "port": str(port or ""), "user": unquote(parts.username or ""), "dbname": database, **given}
    if not _is_here(host) and "sslmode" not in found:
        found["sslmode"] = "verify-full"
    if found.get("sslmode") == "verify-full" and "sslrootcert" not in found:
        found["sslrootcert"] = "system"
    return Address(POSTGRESQL, None, {name: value for name, value in found.items() if value})


def _is_here(host: str) -> bool:
    """Whether the server is on this machine: a socket in a folder, or the loopback."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bad(key: str, problem: str) -> ConfigError:
    return ConfigError([f"{key}: {problem}"])
