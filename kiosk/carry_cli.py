"""`kiosk central carry`: central's side of the stick, for kiosks that no network reaches."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli_common import HELP, in_one_sentence
from kiosk.errors import ConfigError
from kiosk.sync_cli import password_option, ready, school_option

if TYPE_CHECKING:
    from kiosk.sync.carry.exchange import Exchanged
    from kiosk.sync.carry.key import CarryKey

TELL_EVERY = 1000


def add_commands(central: click.Group) -> None:
    """Hang `carry` under `kiosk central`."""
    central.add_command(carry)


@click.group(context_settings=HELP)
def carry() -> None:
    """Kiosks that no network reaches: a USB stick goes to and fro."""


@carry.command()
@click.argument("url")
@click.argument("name")
@school_option
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Where the key goes; NAME.key without it.",
)
@click.option("--renew", is_flag=True, help="A new key; with the old one nothing can be written or read any more.")
@password_option
@in_one_sentence
def key(url: str, name: str, school: str, key_file: Path | None, renew: bool, password_file: Path | None) -> None:
    """Give the kiosk NAME of a school a key for the stick; the kiosk is added if there is none of that name."""
    from kiosk.sync.central.administration import find_school
    from kiosk.sync.central.carriers import give_key
    from kiosk.sync.secret import write_secret

    path = key_file or Path(f"{''.join(c if c.isalnum() or c in '-_' else '_' for c in name)}.key")
    written = False

    def keep(new: CarryKey) -> None:
        nonlocal written
        write_secret(path, new.line())
        written = True

    with ready(url, password_file) as (connection, address):
        _refuse_if_open(address.path)
        try:
            give_key(connection, find_school(connection, school), name, keep, renew)
        except BaseException:
            if written:
                with suppress(OSError):
                    path.unlink()
            raise
    click.echo(f"«{name}» is a kiosk of «{school}». For its kiosk.toml:\n")
    click.echo(f'[central]\nkind = "carry"\n\n[central.carry]\nfolder = "/media/kiosk"\nkey_file = "{path.name}"')
    click.echo(f"\nIts key is in {path}: bring that file to the kiosk, chmod 600, and remove it here.")


def _refuse_if_open(database: Path | None) -> None:
    """A file with keys in it must not be for all to read, nor what SQLite writes beside it."""
    for path in (database, database and database.with_name(f"{database.name}-journal")):
        if path is not None and path.exists() and path.stat().st_mode & 0o007:
            raise ConfigError([f"{path}: others can read it, and it is to hold keys; do `chmod o= {database}*`"])


@carry.command()
@click.argument("place", type=click.Path(path_type=Path, exists=True, file_okay=False))
@in_one_sentence
def prepare(place: Path) -> None:
    """Make the stick in the folder PLACE one that kiosks write on. Nothing on it is removed."""
    from kiosk.sync.carry.stick import prepare as make

    click.echo(f"{make(place)} is made. The stick can be pulled out.")


@carry.command()
@click.argument("url")
@click.argument("place", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@password_option
@in_one_sentence
def exchange(url: str, place: Path, as_json: bool, password_file: Path | None) -> None:
    """Take in what kiosks wrote on the stick in the folder PLACE, and write the answers.

    As often as one likes, and again if it was cut off: an act is taken in once.
    """
    from kiosk.sync.carry.exchange import exchange as carried

    found: list[Exchanged] = []
    with ready(url, password_file) as (connection, _):
        for one in carried(connection, place, step=_Progress().step):
            found.append(one)
            if not as_json:
                _tell(one)
    bad = sum(1 for one in found if one.problem)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    elif not found:
        click.echo("No kiosk has written on this stick yet.")
    else:
        click.echo("The stick can be pulled out.")
    if bad:
        sys.exit(1 if bad == len(found) else 3)


class _Progress:
    """A line for every so many acts, for whoever waits."""

    def __init__(self) -> None:
        self._acts = 0

    def step(self, acts: int) -> None:
        """So many more are done."""
        self._acts += acts
        if self._acts % TELL_EVERY == 0:
            click.echo(f"{self._acts} acts ...", err=True)


def _tell(one: Exchanged) -> None:
    if one.problem:
        click.echo(f"kiosk: {one.name}: {one.problem}", err=True)
        return
    not_taken = f", {one.refused} to be looked at in the kiosk" if one.refused else ""
    click.echo(f"{one.name}: {one.accepted} of {one.acts} acts taken in{not_taken}; {one.facts} changes to take back")
    for note in one.notes:
        click.echo(f"  {note}")
