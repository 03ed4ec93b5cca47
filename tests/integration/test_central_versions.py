"""Versions of the central tables: a kiosk works with those one version older and newer, and with no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from kiosk.circulation.model import Block, BlockKind, ItemStatus
from kiosk.errors import ConnectorError
from kiosk.sync.central import administration
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.database import engine_of, opened
from kiosk.sync.central.schema import VERSION, metadata, schema_version
from kiosk.sync.secret import Secret
from tests.central_fixture import DATABASES, SCHOOL, Central, Kiosk, accepted, central_in, everything
from tests.postgres import PASSWORD, shared_server
from tests.stations_fixture import stations_in
from tests.sync_fixture import folder_in_memory

OLD = Path(__file__).parents[1] / "data" / "central"
"""The tables of each version as it made them then."""


@pytest.fixture(params=DATABASES)
def central(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Central]:
    with central_in(request.param, tmp_path) as made:
        yield made


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'central.db'}"
    return shared_server().url(shared_server().new_database())


def shape(central: Central) -> dict[str, object]:
    """What the tables of a database are like."""
    with opened(central.engine) as connection:
        seen = inspect(connection)
        return {
            name: (
                sorted((c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(name)),
                sorted((i["name"] or "", tuple(i["column_names"]), i["unique"]) for i in seen.get_indexes(name)),
                sorted(tuple(f["constrained_columns"]) for f in seen.get_foreign_keys(name)),
                sorted(tuple(u["column_names"]) for u in seen.get_unique_constraints(name)),
            )
            for name in seen.get_table_names()
        }


@pytest.mark.parametrize("database", DATABASES)
def test_a_kiosk_works_with_tables_one_version_older(tmp_path: Path, database: str) -> None:
    old = (OLD / f"{VERSION - 1}-{database}.sql").read_text(encoding="utf-8")
    with central_in(database, tmp_path, upto=VERSION - 1, tables=old) as central:
        kiosk = Kiosk(central.connector())
        kiosk.connector.hello()
        lent, outcome = kiosk.lend("P1", "I1")
        accepted(outcome)
        accepted(kiosk.returns(lent)[1])
        assert len(everything(kiosk.connector)) == 13
        with opened(central.engine) as connection:
            assert administration.init(connection) == (VERSION - 1, VERSION)
        accepted(kiosk.lend("P2", "I1")[1])
        fresh = Kiosk(central.connector("kiosk-2"), "kiosk-2")
        accepted(fresh.lend("P3", "I2")[1])
        assert len(everything(fresh.connector)) == 15
        (tmp_path / "new").mkdir()
        with central_in(database, tmp_path / "new") as new:
            assert shape(central) == shape(new) and shape(new).keys() == metadata.tables.keys()


@pytest.mark.parametrize("database", DATABASES)
def test_tables_of_any_older_version_are_brought_up_to_date(tmp_path: Path, database: str) -> None:
    oldest = (OLD / f"2-{database}.sql").read_text(encoding="utf-8")
    with central_in(database, tmp_path, upto=2, tables=oldest) as central:
        with pytest.raises(ConnectorError, match="too old"):
            central.connector().hello()
        with opened(central.engine) as connection:
            assert administration.init(connection) == (2, VERSION)
        accepted(Kiosk(central.connector()).lend("P1", "I1")[1])
        (tmp_path / "new").mkdir()
        with central_in(database, tmp_path / "new") as new:
            assert shape(central) == shape(new)


def test_a_kiosk_works_with_tables_one_version_newer(central: Central) -> None:
    """What a newer version may do: more tables, more columns with a default, words that this kiosk does not know."""
    central.change(schema_version.update().values(version=VERSION + 1))
    with opened(central.engine) as connection:
        for statement in (
            "CREATE TABLE news (a int)",
            "ALTER TABLE patrons ADD COLUMN nickname text NOT NULL DEFAULT ''",
            "ALTER TABLE transactions ADD COLUMN more text",
            "ALTER TABLE loans ADD COLUMN more int NOT NULL DEFAULT 7",
            "UPDATE items SET status = 'on_the_moon' WHERE id = 'I6'",
            "INSERT INTO blocks (school_id, patron_id, kind) SELECT school_id, id, 'quarantine' FROM patrons",
        ):
            connection.exec_driver_sql(statement)
        connection.commit()
    kiosk = Kiosk(central.connector())
    kiosk.connector.hello()
    accepted(kiosk.lend("P1", "I1")[1])
    facts = everything(kiosk.connector)
    assert getattr(facts["I6"], "status", None) is ItemStatus.IN_REPAIR
    assert getattr(facts["P1"], "blocks", None) == (Block(BlockKind.STAFF),)


@pytest.mark.parametrize("version", [VERSION + 2, 0])
def test_a_version_further_away_is_refused_in_a_sentence(central: Central, version: int) -> None:
    connector = central.connector()
    central.change(schema_version.update().values(version=version))
    with pytest.raises(ConnectorError, match=r"too new|too old|no central tables"):
        connector.hello()


def test_tables_that_somebody_else_made_are_left_alone(url: str) -> None:
    with opened(engine_of(parse_address(url), Secret(PASSWORD))) as connection:
        administration.init(connection)
        administration.add_school(connection, SCHOOL)
        assert administration.init(connection) == (VERSION, VERSION)
        assert administration.find_school(connection, SCHOOL)


@pytest.mark.parametrize("database", DATABASES)
def test_textbook_days_wait_for_tables_that_have_a_place_for_them(database: str) -> None:
    """Tables one version older take loans as ever; what staff did waits, and goes by itself once there is a place."""
    old = (OLD / f"3-{database}.sql").read_text(encoding="utf-8")
    with folder_in_memory() as folder, stations_in(database, folder, 3, old) as stations:
        one, two, _ = stations.all
        one.mark("Айгүл", "slip", "2026-09-21")
        one.number("math", "2900001")
        one.give("Айгүл", "2900001")
        two.give_counted("Болат", "kazakh")
        stations.agree()
        assert one.parked() == {"marked": "central_too_old", "numbered": "central_too_old", "checkout": "behind"}
        assert two.parked() == {} and stations.loans() == [("Болат", "Қазақ тілі", None)]
        assert isinstance(stations.central, Central)
        with opened(stations.central.engine) as connection:
            assert administration.init(connection) == (3, VERSION)
        two.give_counted("Дана", "kazakh")
        two.mark("Дана", "slip", "2026-09-21")
        two.add_pupil("Серік", "Жаңа")
        stations.agree()
        known = stations.same()
        assert len(known["marks"]) == 2 and known["items"][0][4] == "Айгүл Ахмет"
        assert one.parked() == {}
