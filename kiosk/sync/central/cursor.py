"""Where a pull has got to: a text that the kiosk keeps and gives back, and cannot make anything of.

""                      from nothing
"17"                    everything up to version 17 has been told
"17.3.ID"               inside version 17: up to this fact, of kind 3
"s20.529:17.3.ID"       the same in a snapshot that began at version 20, with 529 facts to tell
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ALL_KINDS = 9
_FORM = re.compile(r"(?:s(\d{1,18})\.(\d{1,18}):)?(\d{1,18})(?:\.(\d)\.([\x21-\x7e]{1,200}))?")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the order of facts: version, then kind, then id.

    began: the version at which a snapshot began, None if what was told before is known; total: what it will tell.
    """

    version: int = 0
    kind: int = ALL_KINDS
    id: str = ""
    began: int | None = None
    total: int | None = None

    def __str__(self) -> str:
        snapshot = "" if self.began is None else f"s{self.began}.{self.total or 0}:"
        inside = "" if self.kind == ALL_KINDS else f".{self.kind}.{self.id}"
        return f"{snapshot}{self.version}{inside}"


def parse_cursor(text: str) -> Cursor | None:
    """The place that a cursor names; None for the beginning, and for a text that is no cursor."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    began, total, version, kind, row_id = match.groups()
    return Cursor(
        int(version),
        ALL_KINDS if kind is None else int(kind),
        row_id or "",
        None if began is None else int(began),
        None if total is None else int(total),
    )
