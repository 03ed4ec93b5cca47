"""Who physically has which textbook in the campaign: kept by the simulation alone, whatever the kiosks say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

Shelf = tuple[int, str, str, str]
"""Where copies lie: grade, language, subject, part."""
Titled = tuple[str, str]
"""A person and a title."""


@dataclass(eq=False)
class Copy:
    """A book that one can hold in one's hand. number: on its label, "" if it has none; isbn: "" if none is printed.

    holder: the key of whoever has it, "" while it lies on its shelf. station, at: where and when it was given last.
    """

    title: str
    shelf: Shelf
    edition: int
    isbn: str = ""
    number: str = ""
    holder: str = ""
    station: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Person:
    """Somebody who borrows. key: names them, whatever a kiosk calls them; card: "" if they have none."""

    key: str
    name: str
    card: str = ""


@dataclass
class Class:
    """A class and those who are in it."""

    label: str
    language: str
    pupils: list[Person] = field(default_factory=list)

    @property
    def grade(self) -> int:
        """5 of «5 «А»»."""
        return int(self.label.split()[0])


@dataclass
class Truth:
    """All copies, and what is owed. ghosts: numbers of labels that were torn off, which the kiosks still believe in."""

    copies: list[Copy] = field(default_factory=list)
    debts: Counter[Titled] = field(default_factory=Counter)
    absent: set[str] = field(default_factory=set)
    ghosts: set[str] = field(default_factory=set)
    conditions: dict[str, str] = field(default_factory=dict)
    _free: dict[Shelf, list[Copy]] = field(default_factory=lambda: defaultdict(list))

    def stock(self, copies: Iterable[Copy]) -> None:
        """Copies come into the library."""
        for copy in copies:
            self.copies.append(copy)
            self._free[copy.shelf].append(copy)

    def free(self, shelf: Shelf) -> list[Copy]:
        """What lies on a shelf, in no particular order."""
        return self._free[shelf]

    def shelves(self) -> list[Shelf]:
        """All of them."""
        return list(self._free)

    def give(self, copy: Copy, person: Person, station: str = "", at: datetime | None = None) -> None:
        """From the shelf, or whoever had it, into somebody's hands."""
        copy.station, copy.at = station, at or copy.at
        if copy in self._free[copy.shelf]:
            self._free[copy.shelf].remove(copy)
        copy.holder = person.key

    def take(self, copy: Copy) -> None:
        """Back to the shelf."""
        copy.holder = ""
        self._free[copy.shelf].append(copy)

    def lose(self, copy: Copy) -> None:
        """It is gone, and owed."""
        self.debts[copy.holder, copy.title.rpartition(" ")[0]] += 1
        self.copies.remove(copy)
        copy.holder = ""

    def of(self, person: Person) -> list[Copy]:
        """What somebody has."""
        return [copy for copy in self.copies if copy.holder == person.key]

    def numbered(self) -> dict[str, str]:
        """Who has each copy with a label, by its number."""
        return {copy.number: copy.holder for copy in self.copies if copy.number and copy.holder}

    def counted(self) -> Counter[Titled]:
        """How many copies without a label everybody has, by title."""
        return Counter((copy.holder, copy.title) for copy in self.copies if not copy.number and copy.holder)

    def held(self) -> Counter[str]:
        """How many copies without a label there are of each title, wherever they are."""
        return Counter(copy.title for copy in self.copies if not copy.number)
