"""`kiosk staff`: who works behind the public screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli_common import HELP, config_option, in_one_sentence

if TYPE_CHECKING:
    from kiosk.store.staff import StoreStaff

ROLES = ("librarian", "helper", "head", "technician")


@click.group(context_settings=HELP)
def staff() -> None:
    """Who works behind the public screen: librarians, helpers for a day, the head, the technician.

    Everybody needs a PIN, too: `kiosk pin`.
    """


@staff.command("list")
@config_option
@in_one_sentence
def list_members(config_path: Path) -> None:
    """Show everybody who has a role."""
    with _staff(config_path) as members:
        for one in members.members():
            until = f" until {one.until}" if one.until else ""
            pin = "" if one.pin else "; no PIN yet: `kiosk pin`"
            click.echo(f"{one.name}: {one.role}{until}; cards {', '.join(one.cards) or 'none'}{pin}")


@staff.command()
@config_option
@click.argument("reader")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, help="The last day, for a helper.")
@in_one_sentence
def add(config_path: Path, reader: str, role: str, until: datetime | None) -> None:
    """Give the READER with this card or external id a role; a helper issues and takes back textbooks only."""
    from kiosk.circulation.model import Role

    with _staff(config_path) as members:
        members.give(reader, Role(role), until.date() if until else None)
    click.echo(f"{reader}: {role}{f' until {until:%Y-%m-%d}' if until else ''}")


@staff.command()
@config_option
@click.argument("reader")
@in_one_sentence
def remove(config_path: Path, reader: str) -> None:
    """The READER with this card or external id has no role any more."""
    with _staff(config_path) as members:
        members.take(reader)
    click.echo(f"{reader}: no role")


@contextmanager
def _staff(config_path: Path) -> Iterator[StoreStaff]:
    from kiosk import app
    from kiosk.config import load
    from kiosk.store.staff import StoreStaff

    config = load(config_path)
    with app.opened(config) as store:
        yield StoreStaff(store, app.system_clock(config, store))
