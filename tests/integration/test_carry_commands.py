"""The stick as a librarian meets it: the commands at both ends, and a kiosk that runs while it is plugged in."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk import app
from kiosk.circulation.model import Scan
from kiosk.cli import main
from kiosk.config import Config, load
from kiosk.connecting import carried as kinds
from kiosk.desk import Press
from kiosk.devices.clock import HandClock
from kiosk.store import SqliteStore
from kiosk.store.outbox import StoreOutbox
from kiosk.store.pulled import StoreMirror
from kiosk.sync.loop import BY_HAND, Sync, SyncLoop
from tests.carry_fixture import carried, counted, library, walk
from tests.driver import wait_for
from tests.sync_fixture import MONDAY, KioskClock, folder_in_memory

SCHOOL = "№ 41 мектеп"
PUPILS = "card,last_name,first_name,class\nP1,Серікова,Айгүл,5 А\nP2,Ли,Тимур,5 А\n"
BOOKS = "title,author,barcode,inventory_no\nАбай жолы,М. Әуезов,A1,1001\nҚан мен тер,Ә. Нұрпейісов,A2,1002\n"


def run(*arguments: object, code: int = 0) -> Result:
    """A command, which ends with this code."""
    done = CliRunner().invoke(main, [str(one) for one in arguments])
    assert done.exit_code == code, (done.output, done.exception)
    return done


class Place:
    """A central library with pupils and books, a kiosk that no network reaches, and a stick."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stick, self.slot = folder, folder / "stick", folder / "slot"
        self.url = f"sqlite:///{folder / 'central.db'}"
        self.settings = folder / "kiosk" / "kiosk.toml"
        self.stick.mkdir()
        self.slot.mkdir()
        run("central", "init", self.url)
        run("central", "school", "add", self.url, SCHOOL)
        for what, text in (("patrons", PUPILS), ("items", BOOKS)):
            (folder / f"{what}.csv").write_text(text, encoding="utf-8")
            run("central", "import", what, self.url, folder / f"{what}.csv", "--school", SCHOOL)
        run("init", "--school", SCHOOL, folder / "kiosk")

    def give_key(self) -> None:
        """The kiosk gets its key, and the settings that the command prints."""
        for path in self.folder.glob("central.db*"):
            path.chmod(0o600)
        key = self.folder / "kiosk" / "one.key"
        run("central", "carry", "key", self.url, "one", "--school", SCHOOL, "--key-file", key)
        text = self.settings.read_text(encoding="utf-8")
        text = text[: text.index("[central]")] if "[central]" in text else text
        self.settings.write_text(
            f'[kiosk]\nschool = "{SCHOOL}"\nname = "one"\n\n[central]\nkind = "carry"\n\n'
            f'[central.carry]\nfolder = "{self.slot}"\nkey_file = "one.key"\n',
            encoding="utf-8",
        )

    def plug(self) -> None:
        """The stick is put into the kiosk."""
        self.stick.rename(self.slot / "USB")

    def pull(self) -> None:
        """It is pulled out."""
        (self.slot / "USB").rename(self.stick)

    def config(self) -> Config:
        """The kiosk's settings."""
        return load(self.settings)

    def lend(self, card: str, *codes: str) -> None:
        """Borrow at the kiosk."""
        store = SqliteStore(self.config().store, kinds(self.config()))
        desk = app.open_desk(self.config(), store, HandClock(MONDAY))
        for code in (card, *codes):
            desk.take(Scan(code))
        desk.take(Press("finish"))
        desk.close()

    def once(self, code: int = 0) -> Result:
        """`kiosk sync once`."""
        return run("sync", "once", "--config", self.settings, code=code)

    def status(self) -> dict[str, object]:
        """`kiosk sync status --json`."""
        found: dict[str, object] = json.loads(run("sync", "status", "--json", "--config", self.settings).output)
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_stick_goes_to_and_fro_by_the_commands(place: Place) -> None:
    place.give_key()
    done = place.once(code=1)
    assert "no stick" in done.output
    run("central", "carry", "prepare", place.stick)
    assert "No kiosk has written" in run("central", "carry", "exchange", place.url, place.stick).output
    place.plug()
    assert "0 acts are on the stick; it can be pulled out" in place.once().output
    place.pull()
    done = run("central", "carry", "exchange", place.url, place.stick)
    assert f"one («{SCHOOL}»): 0 of 0 acts taken in; 6 changes to take back" in done.output
    assert done.output.endswith("The stick can be pulled out.\n")
    place.plug()
    assert "taken in: 6" in place.once().output
    place.lend("P1", "A1", "A2")
    assert "2 acts are on the stick; it can be pulled out" in place.once().output
    found = place.status()
    assert (found["state"], found["pending"], found["kind"]) == ("online", 2, "carry")
    assert str(found["stick"]).endswith("2 acts are on the stick; it can be pulled out")
    place.pull()
    (told,) = json.loads(run("central", "carry", "exchange", place.url, place.stick, "--json").output)
    assert (told["acts"], told["accepted"], told["refused"], told["problem"], told["notes"]) == (2, 2, 0, "", [])
    assert place.once(code=1).exit_code == 1
    place.plug()
    assert "sent: 2" in place.once().output
    assert place.status()["pending"] == 0
    assert "2 loans" in run("central", "status", place.url).output


def test_of_several_kiosks_what_can_be_done_is_done(place: Place) -> None:
    place.give_key()
    run("central", "carry", "prepare", place.stick)
    place.plug()
    place.once()
    place.pull()
    files = place.stick / "kiosk-carry"
    (files / f"{'0' * 32}.acts").write_bytes(b"KIOSK CARRY 1\n")
    done = run("central", "carry", "exchange", place.url, place.stick, code=3)
    assert "nothing of it was taken in" in done.output and "0 of 0 acts" in done.output
    (good,) = (path for path in files.glob("*.acts") if not path.name.startswith("0000"))
    good.unlink()
    run("central", "carry", "exchange", place.url, place.stick, code=1)


def test_a_key_is_kept_from_others(place: Place) -> None:
    database = place.folder / "central.db"
    database.chmod(0o644)
    key = place.folder / "kiosk" / "one.key"
    done = run("central", "carry", "key", place.url, "one", "--school", SCHOOL, "--key-file", key, code=1)
    assert "others can read it" in done.output and not key.exists()
    place.give_key()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "has a key already" in run(
        "central", "carry", "key", place.url, "one", "--school", SCHOOL, "--key-file", place.folder / "x", code=1
    ).output  # fmt: skip
    assert not (place.folder / "x").exists()
    run("central", "carry", "key", place.url, "one", "--school", SCHOOL, "--key-file", place.folder / "x", "--renew")
    secret = key.read_text().strip()
    key.chmod(0o644)
    done = place.once(code=1)
    assert "others can read" in done.output and secret not in done.output
    key.write_text("something else\n")
    key.chmod(0o600)
    assert "this is no key" in place.once(code=1).output
    key.unlink()
    assert "cannot be read" in place.once(code=1).output


def test_a_kiosk_that_is_retired_has_no_key_any_more(place: Place) -> None:
    place.give_key()
    run("central", "carry", "prepare", place.stick)
    place.plug()
    place.once()
    place.pull()
    run("central", "kiosk", "retire", place.url, "one", "--school", SCHOOL)
    done = run("central", "carry", "exchange", place.url, place.stick, code=1)
    assert "no kiosk that has a key" in done.output


def test_tables_that_are_too_old_are_told_to_be_brought_up_to_date(place: Place) -> None:
    from sqlalchemy import text

    from kiosk.sync.central.address import parse_address
    from kiosk.sync.central.database import changing, engine_of, opened

    place.give_key()
    with opened(engine_of(parse_address(place.url))) as connection, changing(connection):
        connection.execute(text("DROP TABLE carriers"))
        connection.execute(text("UPDATE schema_version SET version = 2"))
    assert (
        "run `kiosk central init` again" in run("central", "carry", "exchange", place.url, place.stick, code=1).output
    )
    run("central", "init", place.url)
    run("central", "carry", "prepare", place.stick)
    run("central", "carry", "exchange", place.url, place.stick)


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_in_memory() as made:
        yield made


def test_with_the_kiosk_running_plugging_the_stick_in_is_all(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with library("sqlite", folder) as central:
        one = carried(central, folder, KioskClock(MONDAY), "one")
        away = folder / "away"
        one.place.rename(away)

        made: list[Sync] = []

        def open_sync() -> Sync:
            store = SqliteStore(one.kiosk.path, one.kiosk.connector.carries, "boot")
            outbox = StoreOutbox(store, one.kiosk.clock, True, "boot", posts=True)
            sync = Sync(
                outbox, StoreMirror(store, one.kiosk.clock), one.kiosk.connector, one.kiosk.clock, lambda: 0.0,
                page=9, release=store.close,
            )  # fmt: skip
            assert BY_HAND.most_s <= 10, "whoever plugs it in waits beside it"
            made.append(sync)
            sync.circuit.rest_s = lambda: 0.01 if sync.circuit.failures else 0.0  # type: ignore[method-assign]
            return sync

        def says(text: str) -> bool:
            return text in one.kiosk.mirror.noted().get("stick", "")

        with caplog.at_level(logging.INFO):
            loop = SyncLoop(open_sync, period_s=0.05, nudge_s=0.0)
            loop.start()
            wait_for(lambda: bool(made) and made[0].circuit.failures > 5, "it looks for a stick again and again")
            assert "no stick" in one.kiosk.mirror.noted()["problem"]
            one.kiosk.visit("P1", "A1")
            away.rename(one.place)
            wait_for(lambda: says("1 acts are on the stick; it can be pulled out"), "the stick was written")
            one.place.rename(away)
            walk(central, away, 9)
            wait_for(lambda: one.kiosk.mirror.noted()["state"] == "offline", "it is away")
            away.rename(one.place)
            wait_for(lambda: one.kiosk.states() == {"accepted": 1}, "the answer was read")
            wait_for(lambda: says("0 acts are on the stick; it can be pulled out"), "the next is written")
            loop.stop()
        counted(central, [one.kiosk])
        warned = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
        assert len(warned) <= 3 and all("no stick" in one for one in warned), "once each time it is away"
        assert os.listdir(one.place) == ["kiosk-carry"]
