"""What the pages of class lists have done for them: files found and read, lists done and taken back step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.circulation.events import Deed, StaffAnswer
from kiosk.circulation.lists.facts import Plan


@dataclass(frozen=True, slots=True)
class FindLists(Deed):
    """Which files are there, on the stick or in the folder that the settings name."""


@dataclass(frozen=True, slots=True)
class ListsFound(StaffAnswer):
    """The answer, by name."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LookAtList(Deed):
    """Read a file and say what its list would change. answers: of doubtful rows, see plan_list."""

    file: str
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LookAtMovingUp(Deed):
    """Say what moving up into the next school year without a list would change."""


@dataclass(frozen=True, slots=True)
class ListLooked(StaffAnswer):
    """What would change. left_out: how many rows of the file could not be understood."""

    name: str
    plan: Plan
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class ListRefused(StaffAnswer):
    """The file is no class list, or what was planned cannot be done any more. key: of what to say."""

    key: str


@dataclass(frozen=True, slots=True)
class DoList(Deed):
    """Do the next steps of what was looked at last. begin: the first ones."""

    left_too: bool
    staff: str
    begin: bool = False


@dataclass(frozen=True, slots=True)
class ListStep(StaffAnswer):
    """How far a list is that is being done or taken back. kept: what could not be taken back."""

    done: int
    of: int
    over: bool
    kept: int = 0


@dataclass(frozen=True, slots=True)
class PastLists(Deed):
    """Which lists were taken in."""


@dataclass(frozen=True, slots=True)
class PastListShown:
    """One of them."""

    id: str
    name: str
    begun: datetime
    pupils: int
    undone: bool


@dataclass(frozen=True, slots=True)
class PastListsFound(StaffAnswer):
    """The answer, the newest first."""

    lists: tuple[PastListShown, ...]


@dataclass(frozen=True, slots=True)
class UndoList(Deed):
    """Take back the next part of a list. begin: the first one."""

    id: str
    begin: bool = False


LIST_DEEDS: tuple[type[Deed], ...] = (FindLists, LookAtList, LookAtMovingUp, DoList, PastLists, UndoList)
"""All of these."""
