"""`kiosk card`: a reader's cards. Numbers of chips may be written as a reader or a list gives them (--chip)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli_common import HELP, chip_option, config_option, in_one_sentence

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.store.cards import StoreCards


@click.group(context_settings=HELP)
def card() -> None:
    """The cards of readers: add one, mark one as lost or found, replace one."""


@card.command()
@config_option
@chip_option
@click.argument("reader")
@click.argument("number")
@in_one_sentence
def add(config_path: Path, chip: str | None, reader: str, number: str) -> None:
    """Give the READER with this card or external id one more card."""
    with _cards(config_path) as (cards, config):
        cards.add(reader, kept := _kept(config, number, chip))
    click.echo(f"{kept}: added")


@card.command()
@config_option
@chip_option
@click.argument("number")
@in_one_sentence
def lost(config_path: Path, chip: str | None, number: str) -> None:
    """Mark a card as lost: whoever holds it to the kiosk is asked to hand it in."""
    with _cards(config_path) as (cards, config):
        cards.lose(kept := _kept(config, number, chip))
    click.echo(f"{kept}: lost")


@card.command()
@config_option
@chip_option
@click.argument("number")
@in_one_sentence
def found(config_path: Path, chip: str | None, number: str) -> None:
    """A card that was lost is there again."""
    with _cards(config_path) as (cards, config):
        cards.find(kept := _kept(config, number, chip))
    click.echo(f"{kept}: found")


@card.command()
@config_option
@chip_option
@click.argument("old")
@click.argument("new")
@in_one_sentence
def replace(config_path: Path, chip: str | None, old: str, new: str) -> None:
    """The OLD card is lost, and its reader has the NEW one, in one act. --chip is of the new one."""
    with _cards(config_path) as (cards, config):
        cards.replace(old, kept := _kept(config, new, chip))
    click.echo(f"{old}: lost; {kept}: in its place")


@contextmanager
def _cards(config_path: Path) -> Iterator[tuple[StoreCards, Config]]:
    from kiosk import app
    from kiosk.config import load
    from kiosk.store.cards import StoreCards

    config = load(config_path)
    with app.opened(config) as store:
        yield StoreCards(store, app.system_clock(config, store)), config


def _kept(config: Config, number: str, chip: str | None) -> str:
    """The number as the ledger keeps it."""
    from kiosk.circulation.chips import ChipForm, canonical
    from kiosk.circulation.identify import MAX_CODE
    from kiosk.store.cards import CardError

    kept = number.strip() if chip is None else canonical(number, ChipForm(chip), config.devices.chips)
    if not kept or len(kept) > MAX_CODE or not kept.isprintable():
        raise CardError(f"{number!r} is no card's number{f' in the form {chip}' if chip else ''}")
    return kept
