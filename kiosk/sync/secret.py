"""Passwords: from a file that nobody else can read, or from systemd's credentials; never on a command line."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from kiosk.errors import ConfigError

MOST_BYTES = 4096
CREDENTIAL = "central-password"


class Secret:
    """A password. It shows itself in no text: only `reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The password itself, for the moment in which it is used."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"


def read_secret(path: Path | None, key: str = "central.sql.password_file", name: str = CREDENTIAL) -> Secret | None:
    """The password of a file, or, if none is named, the credential `name` that systemd gives; None if there is neither.

    Raises ConfigError if the file cannot be read, is empty, or can be read or written by others.
    """
    if path is None:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        if not folder or not (Path(folder) / name).exists():
            return None
        return _read(Path(folder) / name, f"credential {name}", ours=False)
    return _read(path, key, ours=True)


def _read(path: Path, key: str, ours: bool) -> Secret:
    """ours: the mode is checked. systemd keeps its credentials in a folder that only the service can enter."""
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            if ours and (not stat.S_ISREG(state.st_mode) or state.st_mode & 0o077):
                raise ConfigError([f"{key}: others can read {path}; do `chmod 600 {path}`"])
            text = file.read(MOST_BYTES + 1).decode("utf-8").strip("\r\n")
    except OSError as error:
        raise ConfigError([f"{key}: {path} cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError:
        raise ConfigError([f"{key}: {path} is no text"]) from None
    if not text or len(text) > MOST_BYTES or "\n" in text or "\0" in text:
        raise ConfigError([f"{key}: {path} must hold one line, the password"])
    return Secret(text)


def write_secret(path: Path, secret: Secret) -> None:
    """Write a password into a new file that only its owner can read, durably. Raises ConfigError if there is one."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError([f"{path} is there already; name another file for the secret"]) from None
    except OSError as error:
        raise ConfigError([f"{path} cannot be written: {error.strerror}"]) from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secret.reveal() + "\n")
        file.flush()
        os.fsync(file.fileno())
