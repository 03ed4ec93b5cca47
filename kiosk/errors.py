"""What nobody could know beforehand, as exceptions; what the field expects is a value (`Refused`, `NotOurs`, ...).

KioskError
├── ConfigError(problems)   the settings file
├── ImportFileError         a file that cannot be read at all
├── DeviceError             a reader, a scanner, a printer
│   └── DeviceAbsent        it is not there, or not any more
├── ConnectorError          the central library, or the way to it
│   └── ProtocolError       what it said cannot be relied on, or what we would say cannot be put
└── StoreError              the local ledger
    ├── StoreBusy           another process holds it; try again
    ├── StoreFull           no room on the disk
    └── StoreDamaged        it cannot be read or written as it is
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class KioskError(Exception):
    """The root: its text is one sentence for the person who runs the kiosk."""


class ConfigError(KioskError):
    """The settings cannot be used. problems: one "key.path: what is wrong" each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class FileFault(StrEnum):
    """Why a file cannot be imported, for a screen that has no room for the sentence."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    NO_TABLE = "no_table"
    ENCODING = "encoding"
    DAMAGED = "damaged"
    PROTECTED = "protected"
    TOO_BIG = "too_big"
    NO_NAMES = "no_names"


class ImportFileError(KioskError):
    """A file that cannot be imported as a whole: unreadable, of no known form, without the columns needed."""

    def __init__(self, text: str, fault: FileFault = FileFault.NO_TABLE) -> None:
        super().__init__(text)
        self.fault = fault


class DeviceError(KioskError):
    """A device could not be opened or was lost."""


class DeviceAbsent(DeviceError):
    """A device is not plugged in, or was pulled out; it is looked for until it is back."""


class ConnectorError(KioskError):
    """The central library could not be reached, or could not be understood; it is tried again later."""


class ProtocolError(ConnectorError):
    """Central's words cannot be relied on, or a value cannot be put into its protocol. Its text holds no values."""


class StoreError(KioskError):
    """The local ledger could not find out or record something; nothing was recorded."""


class StoreBusy(StoreError):
    """Another process holds the ledger and did not let go in time."""


class StoreFull(StoreError):
    """There is no room left to record anything."""


class StoreDamaged(StoreError):
    """The ledger cannot be read or written as it is; a person has to look at it."""
