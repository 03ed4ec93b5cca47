"""The contract's library at the other end of a stick, which somebody carries there and back within each call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.circulation.acts import Kind
from kiosk.circulation.delivery import Indeterminate, Outcome, Parcel, Posted, RefusedByCentral
from kiosk.circulation.facts import Page
from kiosk.ports import Connector, Greeting, LookUp
from kiosk.sync.carry import CARRIES
from kiosk.sync.carry.connector import CarryConnector
from tests.carry_fixture import carry_connector, key_of, new_stick, walk
from tests.central_fixture import Central
from tests.contract.connector_stage import Stage
from tests.contract.sql_stage import SqlStage, postgresql_stage, sqlite_stage


@dataclass
class Walked:
    """A connector that answers at once, as the stick has been to central and back."""

    carrier: CarryConnector
    central: Central
    place: Path
    noted: dict[str, str] = field(default_factory=dict)
    cursor: str = ""
    sent: set[str] = field(default_factory=set)
    kind: str = "carry"
    carries: frozenset[Kind] = CARRIES
    pulls: bool = True
    look_up: LookUp | None = None

    def _round(self, parcels: Sequence[Parcel] = ()) -> list[Outcome | None]:
        self.carrier.recall(self.noted)
        self.carrier.hello()
        return [self.carrier.find_out(parcel) for parcel in parcels]

    def _leave(self) -> None:
        handed = self.carrier.seal(self.cursor)
        assert not handed.problem
        self.noted |= handed.noted

    def _trip(self, parcels: Sequence[Parcel] = (), page: int = 200) -> list[Outcome | None]:
        """Written, carried there, taken in, carried back, read."""
        self._round()
        assert list(self.carrier.submit(parcels)) == [Posted()] * len(parcels)
        self._leave()
        done = [one for one in walk(self.central, self.place, page) if one.problem or one.notes]
        assert not done, done
        return self._round(parcels)

    def hello(self) -> Greeting:
        self._trip()
        head = self.carrier._answers.head
        assert head is not None
        greeting = Greeting(head.made, head.version)
        self._leave()
        return greeting

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        outcomes = self._trip(parcels)
        self._leave()
        refused = [isinstance(one, RefusedByCentral) for one in outcomes]
        self.sent |= {parcel.act.id for parcel, no in zip(parcels, refused, strict=True) if not no}
        return [one if one is not None else Indeterminate("behind") for one in outcomes]

    def find_out(self, parcel: Parcel) -> Outcome | None:
        if parcel.act.id not in self.sent:
            return None
        (outcome,) = self._trip([parcel])
        self._leave()
        return outcome

    def pull(self, cursor: str, limit: int) -> Page:
        self.cursor = cursor
        self._trip(page=limit)
        assert self.carrier.brings(cursor)
        page = self.carrier.pull(cursor, limit)
        self.cursor = page.cursor
        self._leave()
        return page

    def close(self) -> None:
        self.carrier.close()


@dataclass
class CarryStage:
    """A stick for each kiosk."""

    central: Central
    folder: Path

    def connector(self, kiosk: str) -> Connector:
        """The way of a kiosk to it."""
        place = self.folder / f"stick of {kiosk} {len(list(self.folder.iterdir()))}"
        new_stick(place)
        carrier = carry_connector(place, key_of(self.central, place.name), kiosk)
        return Walked(carrier, self.central, place)


@contextmanager
def _carried(stage: Callable[[Path], AbstractContextManager[Stage]], folder: Path) -> Iterator[Stage]:
    with stage(folder) as made:
        assert isinstance(made, SqlStage)
        yield CarryStage(made.central, folder)


def carry_stage(folder: Path) -> AbstractContextManager[Stage]:
    """To SQLite."""
    return _carried(sqlite_stage, folder)


def carry_to_postgresql_stage(folder: Path) -> AbstractContextManager[Stage]:
    """To PostgreSQL."""
    return _carried(postgresql_stage, folder)
