"""The administration of a central library: schools, kiosks, secrets, lists, pupils who move, versions."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kiosk import demo
from kiosk.circulation.facts import ItemFact, PatronFact
from kiosk.circulation.intake import Intake, ItemRow, PatronRow
from kiosk.circulation.intake import Result as RowResult
from kiosk.circulation.model import Block, BlockKind, ItemStatus, SchoolClass
from kiosk.errors import ConfigError, ConnectorError
from kiosk.sync.central import administration, apply
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.database import opened
from kiosk.sync.central.intake import CentralImporter
from kiosk.sync.central.schema import items, patrons, titles
from kiosk.sync.secret import Secret, read_secret, write_secret
from kiosk.sync.sql import CARRIES, SqlSettings, connect
from tests.central_fixture import (
    DATABASES,
    OTHER_SCHOOL,
    SCHOOL,
    Central,
    Kiosk,
    accepted,
    central_in,
    checkin,
    checkout,
    everything,
    kiosk_command,
    loan_of,
    loans_now,
    status_of,
)
from tests.postgres import ADMIN, Server, shared_server

CENTRAL_TABLES = ("schools", "kiosks", "patrons", "items", "transactions", "debts")


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


def facts_of(central: Central, school: str = SCHOOL) -> dict[str, object]:
    return dict(everything(central.connector("reader", school)))


# From nothing to a kiosk that lends.


def test_from_an_empty_database_to_a_kiosk(url: str, tmp_path: Path) -> None:
    password = shared_server().password_file(tmp_path) if url.startswith("postgresql") else None

    def run(*words: str) -> str:
        result = kiosk_command(*words, password_file=password)
        assert result.exit_code == 0, result.output
        return result.output

    assert "version" in run("init", url)
    assert "were there already" in run("init", url)
    run("school", "add", url, SCHOOL)
    school = demo.school()
    for what, rows in (("patrons", school.patrons), ("items", school.items)):
        path = tmp_path / f"{what}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        assert f"{what}: {len(rows)} rows (added: {len(rows)})" in run(
            "import", what, url, str(path), "--school", SCHOOL
        )
        assert f"same: {len(rows)}" in run("import", what, url, str(path), "--school", SCHOOL)
    secret = tmp_path / "kiosk.password"
    told = run("kiosk", "add", url, "Бірінші қабат", "--school", SCHOOL, "--secret-file", str(secret))
    kiosk_url = next(line.split('"')[1] for line in told.splitlines() if line.startswith("url"))
    if password is not None:
        assert secret.stat().st_mode & 0o777 == 0o600 and secret.read_text().strip() not in told
    settings = SqlSettings(kiosk_url, SCHOOL, "Бірінші қабат", secret if password else None)
    connector = connect(settings)
    connector.hello()
    kiosk = Kiosk(connector)
    accepted(kiosk.send(checkout("here only", "here only too"), card=demo.AIGUL_CARD, barcode=demo.FREE_BARCODES[0]))
    connector.close()
    status = json.loads(run("status", url, "--json"))
    assert (status[0]["loans"], status[0]["kiosks"][0]["name"]) == (1, "Бірінші қабат")
    assert status[0]["kiosks"][0]["seen_at"] is not None
    assert "1 acts reported, 0 to look at" in run("status", url)


def test_what_cannot_be_done_is_said_in_a_sentence(url: str, tmp_path: Path) -> None:
    password = shared_server().password_file(tmp_path) if url.startswith("postgresql") else None
    bad = kiosk_command("status", url, password_file=password)
    assert bad.exit_code == 1 and "`kiosk central init` makes them" in bad.output
    kiosk_command("init", url, password_file=password)
    for words, sentence in (
        (("school", "add", url, SCHOOL), "is a school"),
        (("school", "add", url, SCHOOL), "there is a school"),
        (("kiosk", "add", url, "k", "--school", "№ 99"), "there is no school «№ 99»"),
        (("move", url, "C9", "--from", SCHOOL, "--to", SCHOOL), "no patron with the card"),
    ):
        result = kiosk_command(*words, password_file=password)
        assert sentence in result.output and "Traceback" not in result.output
        assert len(result.output.strip().splitlines()) == 1


def test_sqlalchemy_is_loaded_only_when_it_is_needed() -> None:
    code = (
        "import sys, kiosk.sync.sql, kiosk.sync_cli; sys.exit('sqlalchemy' in sys.modules or 'psycopg' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
    assert CARRIES == apply.CARRIES


# Secrets.


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("postgresql://k:secret@h/d", "password must not stand"),
        ("postgresql://k@h/d?password=secret", "password must not stand"),
        ("postgresql://k@h", "names no database"),
        ("postgresql://k@h/d?passfile=x", "not a parameter"),
        ("postgresql://k@h/d?sslmode=maybe", "sslmode is one of"),
        ("postgresql://k@h:x/d", "no URL"),
        ("mysql://h/d", "is expected"),
        ("sqlite://", "sqlite:///FILE"),
        ("sqlite://h/d", "sqlite:///FILE"),
    ],
)
def test_a_url_that_will_not_do_is_refused_and_not_repeated(bad: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as error:
        parse_address(bad)
    assert "secret" not in str(error.value) and str(error.value).startswith("central.sql.url: ")


def test_a_server_elsewhere_has_to_prove_who_it_is() -> None:
    address = parse_address("postgresql://k@central.example/d?sslrootcert=ca.crt", Path("/etc/kiosk"))
    assert address.parameters["sslmode"] == "verify-full" and address.parameters["sslrootcert"] == "/etc/kiosk/ca.crt"
    assert parse_address("postgresql://k@central.example/d").parameters["sslrootcert"] == "system"
    assert "sslmode" not in parse_address("postgresql://k@127.0.0.1/d").parameters
    assert parse_address("sqlite:///central.db", Path("/var/lib")).path == Path("/var/lib/central.db")
    for url in ("postgresql://k@h:5433/d?sslmode=require", "sqlite:////x/y.db"):
        assert parse_address(parse_address(url).url("k")) == parse_address(url)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_password_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "password"
    path.write_text("secret\n")
    path.chmod(mode)
    with pytest.raises(ConfigError, match="others can read"):
        read_secret(path)
    path.chmod(0o600)
    secret = read_secret(path)
    assert secret is not None and secret.reveal() == "secret" and "secret" not in f"{secret!r}{secret}"


def test_a_password_comes_from_systemd_s_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert read_secret(None) is None
    (tmp_path / "central-password").write_text("from systemd")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secret = read_secret(None)
    assert secret is not None and secret.reveal() == "from systemd"


@pytest.mark.parametrize("text", ["", "two\nlines", "x" * 5000])
def test_a_password_is_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "password"
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(ConfigError, match="one line"):
        read_secret(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_secret(tmp_path / "none")
    with pytest.raises(ConfigError, match="is there already"):
        write_secret(path, Secret("x"))


def test_a_wrong_password_is_told_to_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "password"
    write_secret(path, Secret("quite wrong"))
    url = shared_server().url("postgres", ADMIN)
    connector = connect(SqlSettings(url, SCHOOL, password_file=path))
    with pytest.raises(ConnectorError) as error:
        connector.hello()
    said = f"{error.value!r}{connector!r}{vars(connector)}{caplog.text}{shared_server().log()}"
    assert "authentication failed" in said and "quite wrong" not in said


def test_tls_with_a_certificate_of_the_right_authority_and_name_only(tmp_path: Path) -> None:
    server = Server()
    try:
        authority, stranger = _authority(tmp_path / "ours"), _authority(tmp_path / "theirs")
        for name in ("server.crt", "server.key"):
            path = server.folder / name
            path.write_bytes((tmp_path / "ours" / name).read_bytes())
            path.chmod(0o600)
            subprocess.run(["chown", "--reference", str(server.data), str(path)], check=True)
        server.start(
            ssl="on", ssl_cert_file=str(server.folder / "server.crt"), ssl_key_file=str(server.folder / "server.key")
        )
        password = server.password_file(tmp_path)

        def hello(host: str, root: Path) -> str:
            url = f"postgresql://{ADMIN}@{host}:{server.port}/postgres?sslmode=verify-full&sslrootcert={root}"
            result = kiosk_command("init", url, password_file=password)
            return result.output

        assert "version" in hello("localhost", authority)
        assert "certificate verify failed" in hello("localhost", stranger)
        assert "does not match host name" in hello("127.0.0.1", authority)
    finally:
        server.close()


def _authority(folder: Path) -> Path:
    """A certificate authority and a server's certificate for the name localhost."""
    folder.mkdir()

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, cwd=folder, capture_output=True)

    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(*new, "-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.crt")
    openssl(*new, "-subj", "/CN=server", "-keyout", "server.key", "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    openssl(
        "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-extfile", "names", "-out", "server.crt",
    )  # fmt: skip
    return folder / "ca.crt"


# Lists.


def test_a_class_list_is_matched_by_card_and_external_id_and_never_by_name(central: Central) -> None:
    five = SchoolClass(5, "Ә")
    rows = [
        PatronRow("Асан", "Әбілов", card="C1", school_class=five),
        PatronRow("Үсен", "Әбілов", external_id="X2", category="teacher"),
        PatronRow("Дана", "Серік", card="C70", school_class=five),
        PatronRow("Дана", "Серік", school_class=five),
        PatronRow("Дана", "Серік", card="C70", school_class=SchoolClass(6, "Ә")),
        PatronRow("Асан", "Әбілов", card="C1", external_id="X2"),
        PatronRow("Асан", "Әбілов", card="C71", external_id="X1", phone="+7 700"),
        PatronRow("", "", card="C72"),
    ]
    with opened(central.engine) as connection:
        importer = CentralImporter(connection, central.schools[SCHOOL])
        batch = importer.begin(Intake.PATRONS, "list.csv", "digest")
        outcomes = importer.apply(batch.id, rows, len(rows))
        importer.finish(batch.id)
    assert [outcome.result for outcome in outcomes] == [
        RowResult.CHANGED, RowResult.CHANGED, RowResult.ADDED, RowResult.DOUBTFUL, RowResult.DOUBTFUL,
        RowResult.DOUBTFUL, RowResult.CHANGED, RowResult.REJECTED,
    ]  # fmt: skip
    facts = facts_of(central)
    first, second = facts["P1"], facts["P2"]
    assert isinstance(first, PatronFact) and isinstance(second, PatronFact)
    assert first.school_class == five and first.cards == (("C1", False), ("C71", False))
    assert second.category == "teacher"


def test_a_catalogue_is_matched_by_its_numbers(central: Central) -> None:
    rows = [
        ItemRow("Абай жолы", "B70", author="М. Әуезов", year=1942),
        ItemRow("Абай  жолы", "B71", author="М. Әуезов", year=1942, publisher="Жазушы"),
        ItemRow("Абай жолы", "B70", author="М. Әуезов", year=1942, service_point="reading_room"),
        ItemRow("Әліппе", count=30),
        ItemRow("Әліппе", count=31),
        ItemRow("Басқа", "B70", "N5"),
        ItemRow(""),
    ]
    with opened(central.engine) as connection:
        importer = CentralImporter(connection, central.schools[SCHOOL])
        batch = importer.begin(Intake.ITEMS, "list.csv", "digest")
        outcomes = importer.apply(batch.id, rows, len(rows))
    assert [outcome.result for outcome in outcomes] == [
        RowResult.ADDED, RowResult.ADDED, RowResult.DOUBTFUL, RowResult.ADDED, RowResult.DOUBTFUL, RowResult.DOUBTFUL,
        RowResult.REJECTED,
    ]  # fmt: skip
    of_title = central.rows(select(items.c.title_id).where(items.c.barcode.in_(["B70", "B71"])))
    assert len(set(of_title)) == 1
    assert central.rows(select(titles.c.publisher, titles.c.held).where(titles.c.title == "Әліппе")) == [("", 30)]
    with opened(central.engine) as connection:
        importer = CentralImporter(connection, central.schools[SCHOOL])
        batch = importer.begin(Intake.ITEMS, "other.csv", "other")
        importer.apply(batch.id, [replace(rows[0], service_point="reading_room")], 1)
    (moved,) = [fact for fact in facts_of(central).values() if isinstance(fact, ItemFact) and fact.barcode == "B70"]
    assert moved.status is ItemStatus.READING_ROOM


def test_an_import_that_was_stopped_goes_on(central: Central) -> None:
    rows = [PatronRow(f"Оқушы{n}", card=f"D{n}") for n in range(10)]
    with opened(central.engine) as connection:
        importer = CentralImporter(connection, central.schools[SCHOOL])
        batch = importer.begin(Intake.PATRONS, "list.csv", "digest")
        importer.apply(batch.id, rows[:5], 5)
        second = CentralImporter(connection, central.schools[SCHOOL])
        again = second.begin(Intake.PATRONS, "list.csv", "digest")
        assert (again.id, again.done_rows, len(again.last)) == (batch.id, 5, 5)
        second.apply(again.id, rows[5:], 10)
        with pytest.raises(ConnectorError, match="another process"):
            importer.apply(batch.id, rows[5:], 10)
        second.finish(again.id)
    assert central.rows(select(func.count()).select_from(patrons))[0][0] == 6 + 10


# A pupil who changes school.


def move(central: Central, patron: str = "P2", old: str = SCHOOL, new: str = OTHER_SCHOOL) -> str:
    with opened(central.engine) as connection:
        return administration.move_patron(connection, patron, central.schools[old], central.schools[new])


def patron_of(central: Central, patron: str, school: str) -> PatronFact:
    fact = facts_of(central, school)[patron]
    assert isinstance(fact, PatronFact)
    return fact


def test_a_pupil_who_moves_is_blocked_until_the_last_book_is_back(central: Central) -> None:
    kiosk = Kiosk(central.connector())
    first, second = checkout("P2", "I1"), checkout("P2", None)
    kiosk.connector.submit([kiosk.parcel(first), kiosk.parcel(second)])
    there = move(central)
    assert patron_of(central, "P2", SCHOOL).left
    moved = patron_of(central, there, OTHER_SCHOOL)
    assert (moved.blocks, moved.external_id, moved.left) == ((Block(BlockKind.DEBT),), "X2", False)
    assert loans_now(kiosk.connector) == {"I1": "P2"}, "the books stay the old school's"
    accepted(kiosk.send(checkin(loan_of(first))))
    assert patron_of(central, there, OTHER_SCHOOL).blocks != ()
    before = patron_of(central, there, OTHER_SCHOOL).version
    accepted(kiosk.send(checkin(loan_of(second))))
    after = patron_of(central, there, OTHER_SCHOOL)
    assert after.blocks == () and after.version > before
    assert status_of(kiosk.connector, "I1") is ItemStatus.AWAITING_CHECK


def test_a_debt_that_staff_noted_goes_along_and_stays(central: Central) -> None:
    with opened(central.engine) as connection:
        administration.set_block(connection, central.schools[SCHOOL], "P2", BlockKind.DEBT)
    kiosk = Kiosk(central.connector())
    lent = checkout("P2", "I1")
    kiosk.send(lent)
    there = move(central)
    accepted(kiosk.send(checkin(loan_of(lent))))
    assert patron_of(central, there, OTHER_SCHOOL).blocks == (Block(BlockKind.DEBT),)


def test_who_owes_nothing_goes_free_and_may_come_back(central: Central) -> None:
    there = move(central)
    assert patron_of(central, there, OTHER_SCHOOL).blocks == ()
    assert move(central, there, OTHER_SCHOOL, SCHOOL) == "P2"
    back = patron_of(central, "P2", SCHOOL)
    assert (back.left, back.external_id, back.cards) == (False, "X2", (("C2", False),))


def test_the_books_of_the_first_school_are_owed_in_the_third(central: Central) -> None:
    with opened(central.engine) as connection:
        central.schools["№ 3"] = administration.add_school(connection, "№ 3")
    kiosk = Kiosk(central.connector())
    lent = checkout("P2", "I1")
    kiosk.send(lent)
    second = move(central)
    third = move(central, second, OTHER_SCHOOL, "№ 3")
    assert patron_of(central, third, "№ 3").blocks == (Block(BlockKind.DEBT),)
    accepted(kiosk.send(checkin(loan_of(lent))))
    assert patron_of(central, third, "№ 3").blocks == ()


def test_back_where_the_books_are_nobody_is_blocked_for_them(central: Central) -> None:
    kiosk = Kiosk(central.connector())
    kiosk.send(checkout("P2", "I1"))
    there = move(central)
    move(central, there, OTHER_SCHOOL, SCHOOL)
    assert patron_of(central, "P2", SCHOOL).blocks == ()
    assert loans_now(kiosk.connector) == {"I1": "P2"}


def test_somebody_known_by_external_id_is_the_same_person(central: Central) -> None:
    kiosk = Kiosk(central.connector())
    lent, _ = kiosk.lend("P1", "I1")
    assert move(central, "P1") == "P1"
    assert patron_of(central, "P1", OTHER_SCHOOL).blocks == (Block(BlockKind.DEBT),)
    kiosk.returns(lent)
    assert patron_of(central, "P1", OTHER_SCHOOL).blocks == ()
