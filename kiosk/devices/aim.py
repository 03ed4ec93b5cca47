"""What a scanner says before a code if it is set to: the AIM identifier, `]E0` for an EAN. Source: ISO/IEC 15424."""

from __future__ import annotations

import re

_IDENTIFIER = re.compile(r"\]([A-Za-z])[0-9A-Za-z]")
_SYMBOLOGIES = {
    "A": "code39",
    "C": "code128",
    "E": "ean",
    "F": "codabar",
    "G": "code93",
    "I": "itf",
    "L": "pdf417",
    "Q": "qr",
    "d": "datamatrix",
    "e": "databar",
    "z": "aztec",
}


def split(payload: str) -> tuple[str, str]:
    """The symbology that an AIM identifier names, and the code behind it: ("ean", "9786012345674"). Without an
    identifier the symbology is empty; of a kind that no library uses, "other"."""
    found = _IDENTIFIER.match(payload)
    if found is None:
        return "", payload
    return _SYMBOLOGIES.get(found[1], "other"), payload[found.end() :]
