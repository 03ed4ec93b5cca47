"""Kiosks of a central library: added, given another password, retired."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation.delivery import Unreachable
from kiosk.errors import ConnectorError
from kiosk.sync.central import administration
from kiosk.sync.central.database import opened
from kiosk.sync.sql import SqlSettings, connect
from tests.central_fixture import (
    DATABASES,
    SCHOOL,
    Central,
    Kiosk,
    accepted,
    central_in,
    checkout,
    kiosk_command,
    open_loans,
)
from tests.postgres import shared_server


@pytest.fixture(params=DATABASES)
def central(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Central]:
    with central_in(request.param, tmp_path) as made:
        yield made


def test_a_second_kiosk_of_the_name_and_a_file_that_is_there_make_nothing(central: Central, tmp_path: Path) -> None:
    password = shared_server().password_file(tmp_path) if central.kind == "postgresql" else None
    path = tmp_path / "secret"
    path.write_text("somebody's")
    words = ("kiosk", "add", central.url, "k", "--school", SCHOOL)
    if password is not None:
        result = kiosk_command(*words, "--secret-file", str(path), password_file=password)
        assert result.exit_code == 1 and "is there already" in result.output
        assert path.read_text() == "somebody's"
    fresh = str(tmp_path / "fresh")
    assert kiosk_command(*words, "--secret-file", fresh, password_file=password).exit_code == 0
    result = kiosk_command(*words, "--secret-file", str(tmp_path / "third"), password_file=password)
    assert result.exit_code == 1 and "already" in result.output
    assert not (tmp_path / "third").exists()


def test_a_renewed_kiosk_comes_in_with_the_new_password_only(central: Central, tmp_path: Path) -> None:
    words = (central.url, "k", "--school", SCHOOL, "--secret-file")
    password = shared_server().password_file(tmp_path) if central.kind == "postgresql" else None
    old, new = tmp_path / "old", tmp_path / "new"
    told = kiosk_command("kiosk", "add", *words, str(old), password_file=password).output
    renewed = kiosk_command("kiosk", "renew", *words, str(new), password_file=password)
    if password is None:
        assert renewed.exit_code == 1 and "knows no roles" in renewed.output
        return
    assert renewed.exit_code == 0 and new.read_text().strip() not in renewed.output
    url = next(line.split('"')[1] for line in told.splitlines() if line.startswith("url"))
    accepted(Kiosk(connect(SqlSettings(url, SCHOOL, "k", new))).send(checkout("P1", "I1")))
    with pytest.raises(ConnectorError, match="password authentication failed"):
        connect(SqlSettings(url, SCHOOL, "k", old)).hello()
    again = kiosk_command("kiosk", "renew", *words, str(new), password_file=password)
    assert again.exit_code == 1 and "is there already" in again.output
    connect(SqlSettings(url, SCHOOL, "k", new)).hello()


def test_who_is_in_when_a_kiosk_is_renewed_or_retired_is_put_out(tmp_path: Path) -> None:
    with central_in("postgresql", tmp_path) as central, opened(central.engine) as connection:
        school = central.schools[SCHOOL]
        for put_out in (
            lambda role: administration.renew_kiosk(connection, school, role, lambda _: None),
            lambda role: administration.retire_kiosk(connection, school, role),
        ):
            stolen = Kiosk(central.connector())
            accepted(stolen.lend("P1", "I1")[1])
            put_out(stolen.connector._address.parameters["user"])
            assert isinstance(stolen.lend("P1", "I1")[1], Unreachable)


def test_a_retired_kiosk_is_gone_and_what_it_reported_stays(central: Central, tmp_path: Path) -> None:
    words = (central.url, "k", "--school", SCHOOL)
    password = shared_server().password_file(tmp_path) if central.kind == "postgresql" else None
    told = kiosk_command("kiosk", "add", *words, "--secret-file", str(tmp_path / "one"), password_file=password).output
    url = next(line.split('"')[1] for line in told.splitlines() if line.startswith("url"))
    kiosk = Kiosk(connect(SqlSettings(url, SCHOOL, "k", (tmp_path / "one") if password else None)))
    accepted(kiosk.lend("P1", "I1")[1])
    kiosk.connector.close()
    retired = kiosk_command("kiosk", "retire", *words, password_file=password)
    assert retired.exit_code == 0, retired.output
    if password is not None:
        with pytest.raises(ConnectorError):
            kiosk.connector.hello()
        roles = shared_server().connect().execute(b"SELECT count(*) FROM pg_roles WHERE rolname = %s", (url[13:31],))
        assert roles.fetchone() == (0,)
    assert open_loans(central) == 1
    gone = kiosk_command("kiosk", "retire", *words, password_file=password)
    assert gone.exit_code == 1 and "no kiosk «k»" in gone.output
    again = kiosk_command("kiosk", "add", *words, "--secret-file", str(tmp_path / "two"), password_file=password)
    assert again.exit_code == 0, again.output
