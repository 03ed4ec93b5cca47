"""`kiosk central`: the administration of a central library in a database of one's own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiosk.cli_common import HELP, Mapping, in_one_sentence

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kiosk.sync.central.address import Address
    from kiosk.sync.central.administration import NewKiosk

ADMIN_STATEMENT_S = 120.0

password_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The administrator's password: a file that only its owner can read.",
)
school_option = click.option("--school", required=True, help="The name of the school.")


def add_commands(main: click.Group) -> None:
    """Hang `central` under `kiosk`."""
    main.add_command(central)


@click.group(context_settings=HELP)
def central() -> None:
    """A central library in PostgreSQL or SQLite. URL: postgresql://USER@HOST/DATABASE or sqlite:///FILE."""


@contextmanager
def _opened(url: str, password_file: Path | None) -> Iterator[tuple[Connection, Address]]:
    from kiosk.sync.central.address import parse_address
    from kiosk.sync.central.database import Patience, engine_of, opened
    from kiosk.sync.secret import read_secret

    address = parse_address(url, key="URL")
    secret = read_secret(password_file, "--password-file")
    with opened(engine_of(address, secret, Patience(5.0, ADMIN_STATEMENT_S, ADMIN_STATEMENT_S))) as connection:
        yield connection, address


@contextmanager
def ready(url: str, password_file: Path | None) -> Iterator[tuple[Connection, Address]]:
    """A database that has its tables."""
    from kiosk.sync.central.schema import check_version
    from kiosk.sync.central.status import schema_of

    with _opened(url, password_file) as (connection, address):
        check_version(schema_of(connection))
        yield connection, address


@central.command(name="init")
@click.argument("url")
@password_option
@in_one_sentence
def init(url: str, password_file: Path | None) -> None:
    """Make the tables, or bring those of an older version up to date."""
    from kiosk.sync.central.administration import init as make

    with _opened(url, password_file) as (connection, address):
        before, after = make(connection)
    was = "were there already" if before == after else "are made" if before == 0 else f"were of version {before}"
    click.echo(f"{address}: the central tables, version {after} ({was})")


@central.group()
def school() -> None:
    """The schools of a central library."""


@school.command(name="add")
@click.argument("url")
@click.argument("name")
@click.option("--loan-limit", type=click.IntRange(1, 1000), default=5, show_default=True, help="More are noted.")
@password_option
@in_one_sentence
def school_add(url: str, name: str, loan_limit: int, password_file: Path | None) -> None:
    """Add the school NAME."""
    from kiosk.sync.central.administration import add_school

    with ready(url, password_file) as (connection, _):
        add_school(connection, name, loan_limit)
    click.echo(f"«{name}» is a school of this central library.")


@central.group()
def kiosk() -> None:
    """The kiosks of a school."""


secret_option = click.option(
    "--secret-file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Where the kiosk's password goes; NAME.password without it.",
)


class _Written:
    """The file with a kiosk's password; without the kiosk, there is no file."""

    def __init__(self, name: str, path: Path | None) -> None:
        self.path = path or Path(f"{''.join(c if c.isalnum() or c in '-_' else '_' for c in name)}.password")
        self._written = False

    def keep(self, new: NewKiosk) -> None:
        """Write it, if there is one."""
        from kiosk.sync.secret import write_secret

        if new.secret is not None:
            write_secret(self.path, new.secret)
            self._written = True

    @contextmanager
    def or_nothing(self) -> Iterator[None]:
        """Remove it again after an error."""
        try:
            yield
        except BaseException:
            if self._written:
                with suppress(OSError):
                    self.path.unlink()
            raise

    def told(self) -> str:
        """What to do with it."""
        return f"Its password is in {self.path}: bring that file to the kiosk, chmod 600, and remove it here."


@kiosk.command(name="add")
@click.argument("url")
@click.argument("name")
@school_option
@secret_option
@password_option
@in_one_sentence
def kiosk_add(url: str, name: str, school: str, secret_file: Path | None, password_file: Path | None) -> None:
    """Add the kiosk NAME to a school; on PostgreSQL it is given a role and a password of its own."""
    from kiosk.sync.central.administration import add_kiosk, find_school

    written = _Written(name, secret_file)
    with ready(url, password_file) as (connection, address), written.or_nothing():
        new = add_kiosk(connection, find_school(connection, school), name, written.keep)
    click.echo(f"«{name}» is a kiosk of «{school}». For its kiosk.toml:\n")
    click.echo(f'[central]\nkind = "sql"\n\n[central.sql]\nurl = "{address.url(new.role)}"')
    if new.secret is not None:
        click.echo(f'password_file = "{written.path.name}"\n\n{written.told()}')


@kiosk.command(name="renew")
@click.argument("url")
@click.argument("name")
@school_option
@secret_option
@password_option
@in_one_sentence
def kiosk_renew(url: str, name: str, school: str, secret_file: Path | None, password_file: Path | None) -> None:
    """Give the kiosk NAME a new password: the old one may be known to somebody, or is lost."""
    from kiosk.sync.central.administration import find_school, renew_kiosk

    written = _Written(name, secret_file)
    with ready(url, password_file) as (connection, _), written.or_nothing():
        renew_kiosk(connection, find_school(connection, school), name, written.keep)
    click.echo(f"«{name}» of «{school}» has a new password; the old one is worth nothing. {written.told()}")


@kiosk.command(name="retire")
@click.argument("url")
@click.argument("name")
@school_option
@password_option
@in_one_sentence
def kiosk_retire(url: str, name: str, school: str, password_file: Path | None) -> None:
    """The kiosk NAME is gone for good: its role is dropped. What it has reported stays."""
    from kiosk.sync.central.administration import find_school, retire_kiosk

    with ready(url, password_file) as (connection, _):
        role = retire_kiosk(connection, find_school(connection, school), name)
    locked = "its role is dropped" if role else "who can write the file can still sync, as there are no roles"
    click.echo(f"«{name}» is no kiosk of «{school}» any more; {locked}.")


@central.group(name="import")
def import_group() -> None:
    """Bring class lists and catalogues in; the kiosks take them over with their next pull."""


def _import_command(what: str) -> None:
    @import_group.command(name=what, help=f"Import {what} of a school from FILE.")
    @click.argument("url")
    @click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
    @school_option
    @click.option("--map", "mapping", type=Mapping(), multiple=True, help="What a heading of the file is.")
    @click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Where rows to be mended go.")
    @password_option
    @in_one_sentence
    def command(
        url: str,
        file: Path,
        school: str,
        mapping: tuple[tuple[str, str], ...],
        rejects: Path | None,
        password_file: Path | None,
    ) -> None:
        from kiosk.circulation.intake import Intake, Result
        from kiosk.importing import rejects_beside
        from kiosk.imports.run import run_import
        from kiosk.sync.central.administration import find_school
        from kiosk.sync.central.intake import CentralImporter

        with ready(url, password_file) as (connection, _):
            importer = CentralImporter(connection, find_school(connection, school))
            with click.progressbar(length=1000, label=file.name, file=sys.stderr) as bar:
                report = run_import(
                    Intake(what),
                    file,
                    importer,
                    mapping=dict(mapping),
                    rejects_path=rejects or rejects_beside(file),
                    progress=lambda progress: bar.update(int(progress.share * 1000) - bar.pos),
                )
        counts = ", ".join(f"{result.value}: {report.counts[result]}" for result in Result if report.counts[result])
        click.echo(f"{what}: {report.rows} rows ({counts or 'none'})")
        if report.skipped:
            click.echo(f"{report.skipped} rows had been settled by an earlier run of this import.")
        if report.unused:
            click.echo(f"Not imported: {', '.join(report.unused)}. Name a column for them with --map HEADING=COLUMN.")
        if report.rejects:
            click.echo(f"Rows to be mended and imported again: {report.rejects}")
            sys.exit(3)


for _what in ("patrons", "items"):
    _import_command(_what)


@central.command(name="move")
@click.argument("url")
@click.argument("card")
@click.option("--from", "old", required=True, help="The school that the pupil leaves.")
@click.option("--to", "new", required=True, help="The school that the pupil goes to.")
@password_option
@in_one_sentence
def move(url: str, card: str, old: str, new: str, password_file: Path | None) -> None:
    """The pupil with this CARD or external id goes to another school, and takes debts along."""
    from kiosk.sync.central.administration import find_patron, find_school, move_patron

    with ready(url, password_file) as (connection, _):
        schools = find_school(connection, old), find_school(connection, new)
        move_patron(connection, find_patron(connection, schools[0], card), *schools)
    click.echo(f"The pupil is of «{new}» now. A new card is given out there; books of «{old}» are owed until returned.")


@central.command(name="status")
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@password_option
@in_one_sentence
def status(url: str, as_json: bool, password_file: Path | None) -> None:
    """Every school with what it has, and when its kiosks were heard of."""
    from kiosk.sync.central.status import schema_of
    from kiosk.sync.central.status import status as states

    with ready(url, password_file) as (connection, address):
        version, found = schema_of(connection), states(connection)
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in found], ensure_ascii=False))
        return
    click.echo(f"{address}: version {version} of the tables, schools: {len(found)}")
    for one in found:
        click.echo(
            f"«{one.name}»: {one.patrons} patrons, {one.items} items, {one.loans} loans, {one.holds} holds; "
            f"{one.transactions} acts reported, {one.flagged} to look at"
        )
        for each in one.kiosks:
            seen = f"heard of {each.seen_at:%Y-%m-%d %H:%M} UTC" if each.seen_at else "never heard of"
            click.echo(f"  {each.name}: {seen}")


def _as_json(state: Any) -> dict[str, Any]:
    from dataclasses import asdict

    found = asdict(state)
    for each in found["kiosks"]:
        each["seen_at"] = each["seen_at"].isoformat(timespec="seconds") if each["seen_at"] else None
    return found
