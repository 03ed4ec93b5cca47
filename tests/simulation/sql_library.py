"""The simulation's central as a plain database, asked through the connector that kiosks use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, update

from kiosk.circulation.delivery import Accepted, Outcome, Parcel
from kiosk.circulation.facts import Fact, ItemFact, LoanFact, Page, PatronFact, TitleFact
from kiosk.circulation.sameness import title_key
from kiosk.sync.central import administration
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.database import changing, end_turn, engine_of, opened, take_turn
from kiosk.sync.central.schema import blocks, cards, items, loans, patrons, titles
from kiosk.sync.memory import F
from kiosk.sync.sql import SqlSettings, connect
from tests.simulation.network import Delivered, RecordingCentral

SCHOOL = "№ 1 мектеп"


class SqlLibrary(RecordingCentral):
    """A database in a file. What was taken in is counted by asking the database before and after."""

    def __init__(self, now: Callable[[], datetime], folder: Path) -> None:
        url = f"sqlite:///{folder / 'central.sqlite'}"
        self._engine = engine_of(parse_address(url), clock=now)
        with opened(self._engine) as connection:
            administration.init(connection)
            self._school = administration.add_school(connection, SCHOOL)
        self._connector = connect(SqlSettings(url, SCHOOL, "simulation"), now)
        self._seen: tuple[int, dict[tuple[type, str], Fact]] = (-1, {})
        super().__init__(now)

    @property
    def version(self) -> int:
        """The database's."""
        return self._connector.hello().version

    @version.setter
    def version(self, value: int) -> None:
        """It has its own."""

    def all(self, kind: type[F]) -> list[F]:
        """All facts of a kind that are open."""
        if self._seen[0] != self.version:
            page = self._connector.pull("", 10_000)
            self._seen = (self.version, {(type(fact), fact.id): fact for fact in page.facts})
        return [fact for fact in self._seen[1].values() if isinstance(fact, kind)]

    def get(self, kind: type[F], fact_id: str | None) -> F | None:
        """A fact by its id."""
        return next((fact for fact in self.all(kind) if fact.id == fact_id), None)

    def page(self, cursor: str, limit: int) -> Page:
        """What changed since."""
        return self._connector.pull(cursor, limit)

    def find_out(self, parcel: Parcel) -> Outcome | None:
        """What was answered when an act was taken in."""
        return self._connector.find_out(parcel)

    def apply(self, parcel: Parcel) -> Outcome:
        """Take an act in, once."""
        before = self.find_out(parcel)
        (outcome,) = self._connector.submit([parcel])
        if before is None and isinstance(outcome, Accepted):
            act = parcel.act
            self.counts[act.id] += 1
            self.delivered.append(Delivered(parcel.kiosk, parcel.seq, act.id, act.kind, act.item_id or parcel.barcode))
        return outcome

    def put(self, fact: F) -> F:
        """Add or change a fact, as somebody at the library does."""
        with opened(self._engine) as connection, changing(connection):
            turn = take_turn(connection, self._school)
            self._put(connection, fact, turn.version)
            end_turn(connection, self._school, turn)
        return fact

    def _put(self, connection: Connection, fact: Fact, version: int) -> None:
        key: dict[str, Any] = {"school_id": self._school, "id": fact.id}
        match fact:
            case PatronFact():
                self._upsert(connection, patrons, key, {"version": version, "first_name": fact.first_name})
                mine = {"school_id": self._school, "patron_id": fact.id}
                for table, rows in (
                    (cards, [{"number": number, "lost": lost} for number, lost in fact.cards]),
                    (blocks, [{"kind": block.kind, "until": block.until} for block in fact.blocks]),
                ):
                    of_patron = table.c.patron_id == fact.id
                    connection.execute(delete(table).where(table.c.school_id == self._school, of_patron))
                    for row in rows:
                        connection.execute(insert(table).values(**mine, **row))
            case TitleFact():
                made = title_key(fact.title, fact.author)
                values = {"version": version, "key": made, "title": fact.title, "author": fact.author}
                self._upsert(connection, titles, key, values)
            case ItemFact():
                values = {
                    "version": version, "title_id": fact.title_id, "barcode": fact.barcode,
                    "inventory_no": fact.inventory_no, "kind": fact.kind, "status": fact.status,
                    "service_point": fact.service_point,
                }  # fmt: skip
                self._upsert(connection, items, key, values)
            case LoanFact():
                mine_too = (loans.c.school_id == self._school, loans.c.id == fact.id)
                connection.execute(update(loans).where(*mine_too).values(due=fact.due, version=version))

    def _upsert(self, connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
        mine = [table.c[name] == value for name, value in key.items()]
        if not connection.execute(update(table).where(*mine).values(**values)).rowcount:
            connection.execute(insert(table).values(**key, **values))

    def close(self) -> None:
        """Let go of the database."""
        self._connector.close()
        self._engine.dispose()
