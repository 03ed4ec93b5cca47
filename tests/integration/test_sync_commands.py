"""`kiosk outbox` and `kiosk sync`: what staff see, what they can do, and what is written down of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from kiosk import app
from kiosk.circulation.delivery import Outcome, Parcel, Reason, RefusedByCentral
from kiosk.circulation.model import Scan
from kiosk.config import Config
from kiosk.config_central import Central
from kiosk.desk import Press
from kiosk.devices.clock import HandClock
from kiosk.outbox_cli import _status, add_commands
from kiosk.store import SqliteStore
from kiosk.store.locks import FileLock
from kiosk.sync.central import administration
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.database import changing, engine_of, opened
from kiosk.sync.central.schema import schools
from kiosk.sync.memory import MemoryCentral, MemoryConnector
from kiosk.sync.sql import SqlSettings, connect
from kiosk.syncing import SyncedElsewhere, alone
from tests.central_fixture import SCHOOL, stock
from tests.driver import faults, school
from tests.sync_fixture import central_loans, fill_central


@dataclass
class Grumbling(MemoryConnector):
    """Refuses loans of A1 with words of its own, until staff insist."""

    central: MemoryCentral

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        return [
            RefusedByCentral(Reason.OTHER, "Кітап басқада")
            if parcel.barcode == "A1" and not parcel.insist
            else self.central.apply(parcel)
            for parcel in parcels
        ]


@dataclass
class Place:
    """A data folder, a central, and the commands."""

    config: Config
    central: MemoryCentral

    def run(self, *arguments: str) -> Result:
        """Run a command."""
        main = click.Group()
        add_commands(main, lambda config: Grumbling(self.central))
        return CliRunner().invoke(main, [*arguments, "--config", str(self.config.path)])

    def json(self, *arguments: str) -> Any:
        """What a command says in JSON."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    def lend(self, card: str, *codes: str) -> None:
        """Borrow at the kiosk."""
        store = SqliteStore(self.config.store, MemoryConnector.carries)
        desk = app.open_desk(self.config, store, HandClock(datetime(2026, 9, 21, 10, tzinfo=UTC)))
        for code in (card, *codes):
            desk.take(Scan(code))
        desk.take(Press("finish"))
        desk.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    config = school(tmp_path / "kiosk", patrons=8, items=12)
    return Place(config, fill_central(MemoryCentral(lambda: datetime.now(UTC))))


def test_once_tries_everything_and_says_what_came_of_it(place: Place) -> None:
    place.lend("P1", "A2", "A1")
    result = place.run("sync", "once")
    assert result.exit_code == 0 and result.output.startswith("sent: 1, parked: 1, taken in: ")
    assert central_loans(place.central).keys() == {"A2"}


def test_status_begins_with_the_consoles_sync_object(place: Place) -> None:
    place.lend("P1", "A1", "A2")
    place.run("sync", "once")
    found = _status(replace(place.config, central=Central("memory")))
    assert list(found)[:3] == ["state", "pending", "parked"]
    assert (found["state"], found["pending"], found["parked"]) == ("online", 0, 1)
    assert found["contact"] and found["problem"] is None and found["version"] > 0
    assert place.json("sync", "status")["state"] == "none", "the settings of this folder name no central"


def test_what_was_not_taken_is_listed_with_its_reason_and_its_ways_out(place: Place) -> None:
    place.lend("P1", "A1")
    place.run("sync", "once")
    (entry,) = place.json("outbox", "list")
    assert (entry["reason"], entry["text"], entry["item"]) == ("other", "Кітап басқада", "A1")
    shown = place.run("outbox", "show", str(entry["entry"])).output
    assert "Кітап басқада" in shown
    for way in entry["ways_out"]:
        assert f"kiosk outbox {way} {entry['entry']}" in shown
    assert "A1" in place.run("outbox", "list").output


@pytest.mark.parametrize(
    ("way", "delivery", "kind"),
    [
        ("retry", "parked", "outbox_retried"),
        ("resolve", "accepted", "outbox_resolved"),
        ("dismiss", "dismissed", "outbox_dismissed"),
    ],
)
def test_each_way_out_is_taken_and_recorded_with_who_did_it(place: Place, way: str, delivery: str, kind: str) -> None:
    place.lend("P1", "A1")
    place.run("sync", "once")
    (entry,) = place.json("outbox", "list")
    reason = [] if way == "retry" else ["--reason", "тексерілді"]
    result = place.run("outbox", way, str(entry["entry"]), "--by", "Қарлығаш", *reason)
    assert result.exit_code == 0, result.output
    place.run("sync", "once")
    assert place.json("outbox", "show", str(entry["entry"]))["delivery"] == delivery
    with app.opened(place.config) as store:
        (act,) = [one.act for one in store.transactions() if one.act.kind == kind]
        (lent,) = [one.act for one in store.transactions() if one.act.kind == "checkout"]
    assert act.override is not None and act.override.by == "Қарлығаш" and act.undoes == lent.id
    assert act.text == ("" if way == "retry" else "тексерілді")
    assert faults(place.config) == []


def test_dismissing_asks_for_a_reason(place: Place) -> None:
    assert place.run("outbox", "dismiss", "1").exit_code == 2


def test_what_is_not_parked_cannot_be_settled(place: Place) -> None:
    place.lend("P1", "A1")
    (entry,) = place.json("outbox", "list", "--all")
    result = place.run("outbox", "retry", str(entry["entry"]))
    assert result.exit_code == 1 and "no way to settle it" in result.output
    assert "has no entry 999" in place.run("outbox", "retry", "999").output


def test_nothing_needs_a_person(place: Place) -> None:
    place.lend("P1", "A2")
    place.run("sync", "once")
    assert place.run("outbox", "list").output == "Nothing needs a person.\n"


def test_a_folder_is_synced_by_one_process_at_a_time(place: Place) -> None:
    other = FileLock(place.config.folder / "sync.lock")
    other.acquire(0.0)
    with pytest.raises(SyncedElsewhere), alone(place.config, 0.01):
        pass
    other.close()
    with alone(place.config, 0.01):
        pass


def test_without_a_central_there_is_nothing_to_try(place: Place) -> None:
    main = click.Group()
    add_commands(main, lambda config: None)
    result = CliRunner().invoke(main, ["sync", "once", "--config", str(place.config.path)])
    assert result.exit_code == 1 and "central.kind" in result.output


def test_a_central_that_has_lost_nearly_everything_stops_the_pull_and_status_says_so(tmp_path: Path) -> None:
    config = school(tmp_path / "kiosk", patrons=0, items=0)
    path = tmp_path / "central.db"
    url = f"sqlite:///{path}"

    def run(*arguments: str) -> Result:
        main = click.Group()
        add_commands(main, lambda config: connect(SqlSettings(url, SCHOOL)))
        return CliRunner().invoke(main, [*arguments, "--config", str(config.path)])

    def make(people: int, copies: int) -> None:
        path.unlink(missing_ok=True)
        with opened(engine_of(parse_address(url))) as connection:
            administration.init(connection)
            stock(connection, administration.add_school(connection, SCHOOL), people, copies)

    def known() -> list[int]:
        with app.opened(config) as store, store.connection().read() as db:
            return [
                db.execute("SELECT count(*) FROM patrons WHERE has_left = 0").fetchone()[0],
                db.execute("SELECT count(*) FROM items WHERE status <> 'written_off'").fetchone()[0],
            ]

    make(30, 40)
    with opened(engine_of(parse_address(url))) as connection, changing(connection):
        connection.execute(update(schools).values(version=9))
    assert run("sync", "once").exit_code == 0
    before = known()
    assert before >= [30, 40]
    make(1, 2)
    result = run("sync", "once")
    assert result.exit_code == 1 and "lists only 4 of 90 things" in result.output
    assert known() == before
    shown = run("sync", "status").output
    assert "problem" in shown and "lists only 4 of 90" in shown and "--accept-smaller" in shown
    assert json.loads(run("sync", "status", "--json").output)["problem"].startswith("the central library lists only")
    assert run("sync", "once", "--accept-smaller").exit_code == 0
    assert known() == [before[0] - 29, before[1] - 38]
    assert "problem" not in run("sync", "status").output
