"""The contract's library in a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.ports import Connector
from kiosk.sync.central import administration
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.database import changing, end_turn, engine_of, opened, take_turn
from kiosk.sync.central.schema import cards, items, patrons, titles
from kiosk.sync.secret import Secret
from tests.central_fixture import SCHOOL, Central
from tests.contract.connector_stage import ITEMS, PATRONS, Stage
from tests.postgres import PASSWORD, shared_server


@dataclass
class SqlStage:
    """A database of its own for each test."""

    central: Central

    def connector(self, kiosk: str) -> Connector:
        """The way of a kiosk to it."""
        return self.central.connector(kiosk)


@contextmanager
def sqlite_stage(folder: Path) -> Iterator[Stage]:
    """On SQLite."""
    with _stage(
        Central("sqlite", url := f"sqlite:///{folder / 'central.db'}", engine_of(parse_address(url), None), folder)
    ) as it:
        yield it


@contextmanager
def postgresql_stage(folder: Path) -> Iterator[Stage]:
    """On PostgreSQL."""
    url = shared_server().url(shared_server().new_database())
    with _stage(Central("postgresql", url, engine_of(parse_address(url), Secret(PASSWORD)), folder)) as it:
        yield it


@contextmanager
def _stage(central: Central) -> Iterator[Stage]:
    with opened(central.engine) as connection:
        administration.init(connection)
        school = central.schools[SCHOOL] = administration.add_school(connection, SCHOOL)
        with changing(connection):
            turn = take_turn(connection, school)
            row = {"school_id": school, "version": turn.version}
            connection.execute(
                patrons.insert(), [{**row, "id": f"p{n}", "first_name": f"Аты{n}"} for n in range(PATRONS)]
            )
            connection.execute(
                cards.insert(),
                [{"school_id": school, "number": f"P{n}", "patron_id": f"p{n}"} for n in range(PATRONS)],
            )
            connection.execute(
                titles.insert(),
                [{**row, "id": f"t{n}", "key": f"t{n}", "title": f"Кітап {n}"} for n in range(ITEMS // 2)],
            )
            connection.execute(
                items.insert(),
                [
                    {
                        **row, "id": f"i{n}", "title_id": f"t{n // 2}", "barcode": f"A{n}",
                        "inventory_no": str(1000 + n), "kind": "book", "status": "available",
                        "service_point": "loan_desk",
                    }
                    for n in range(ITEMS)
                ],
            )  # fmt: skip
            end_turn(connection, school, turn)
    try:
        yield SqlStage(central)
    finally:
        for connector in central.open_connectors:
            connector.close()
