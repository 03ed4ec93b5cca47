"""A table of the settings file, read key by key; what is wrong with it is noted with the path of the key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class Table:
    """A table of the file that notes what is wrong with it, and what nobody asked for."""

    def __init__(self, values: object, path: str, problems: list[str]) -> None:
        self._values: dict[str, Any] = values if isinstance(values, dict) else {}
        self._path = path
        self._problems = problems
        self._asked: set[str] = set()
        if not isinstance(values, dict):
            problems.append(f"{path}: a table is expected")

    def bad(self, key: str, what: str) -> None:
        """Note a problem of a key."""
        self._problems.append(f"{self._path}.{key}: {what}" if self._path else f"{key}: {what}")

    def get(self, key: str, default: T, check: Callable[[Any], T], expected: str) -> T:
        """The value of a key, or the default if it is not there or wrong. check raises ValueError for a wrong one."""
        self._asked.add(key)
        if key not in self._values:
            return default
        try:
            return check(self._values[key])
        except (ValueError, TypeError, KeyError, AttributeError):
            self.bad(key, f"{expected} is expected, not {self._values[key]!r}")
            return default

    def table(self, key: str) -> Table:
        """A table below this one; empty if it is not there."""
        self._asked.add(key)
        path = f"{self._path}.{key}" if self._path else key
        return Table(self._values.get(key, {}), path, self._problems)

    def tables(self, key: str) -> list[Table]:
        """The tables of an array below this one."""
        self._asked.add(key)
        found = self._values.get(key, [])
        if not isinstance(found, list):
            self.bad(key, "an array of tables is expected")
            return []
        path = f"{self._path}.{key}" if self._path else key
        return [Table(one, f"{path}[{number}]", self._problems) for number, one in enumerate(found, 1)]

    def text(self, key: str, default: str = "") -> str:
        """A text of at most 200 characters."""
        return self.get(key, default, text_of, "a text")

    def file(self, key: str, folder: Path) -> Path | None:
        """A file, from the folder if the path is relative; None if it is not named."""
        name = self.text(key)
        return folder / name if name else None

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        return self.get(key, default, flag_of, "true or false")

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number."""
        return self.get(
            key, default, lambda v: number_of(v, int, least, most), f"a whole number from {least} to {most}"
        )

    def seconds(self, key: str, default: float, least: float = 0.0, most: float = 3600.0) -> float:
        """A length of time."""
        return self.get(
            key, default, lambda v: float(number_of(v, (int, float), least, most)), f"{least:g} to {most:g}"
        )

    def finish(self) -> None:
        """Note the keys that mean nothing: a misspelt key must not be passed over."""
        for key in self._values:
            if key not in self._asked:
                self.bad(key, "is not a setting")


def text_of(value: Any) -> str:
    """A text of at most 200 characters. Raises ValueError, as all of these do."""
    if not isinstance(value, str) or len(value) > 200:
        raise ValueError
    return value


def flag_of(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError
    return value


def number_of(value: Any, kind: Any, least: float, most: float) -> Any:
    """A number within bounds; kind: int, or (int, float)."""
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
        raise ValueError
    return value


def one_of(value: Any, known: tuple[str, ...]) -> str:
    """One of a few words."""
    if value not in known:
        raise ValueError
    return str(value)
