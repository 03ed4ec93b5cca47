"""`kiosk sets`: which textbooks a class gets, from a file, into one, from last year."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli_common import HELP, config_option, in_one_sentence

if TYPE_CHECKING:
    from kiosk.circulation.model import TextbookSet
    from kiosk.store.sets import StoreSets

_year = click.option("--year", type=click.IntRange(2000, 2100), default=None, help="In which the school year begins.")


@click.group(context_settings=HELP)
def sets() -> None:
    """Textbook sets: which textbooks a class gets in a school year."""


@sets.command(name="import")
@config_option
@_year
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@in_one_sentence
def import_sets(config_path: Path, year: int | None, file: Path) -> None:
    """Take the sets of FILE (CSV or XLSX) in, each in place of the one of the same classes.

    Columns: grade, letter, language, subject, part, edition, group, term; Kazakh and Russian headings are known.
    """
    from kiosk.imports.set_files import read_sets

    with _sets(config_path, year) as (kept, of_year):
        found = read_sets(file, of_year)
        told = kept.keep(found)
    lines = sum(len(one.lines) for one in found)
    click.echo(f"{of_year}: {len(found)} sets, {lines} textbooks; new {told.made}, changed {told.changed}, "
               f"as they were {told.same}")  # fmt: skip


@sets.command()
@config_option
@_year
@click.argument("school_class", metavar="[CLASS]", default="")
@in_one_sentence
def show(config_path: Path, year: int | None, school_class: str) -> None:
    """List the sets of a school year, or only those for a CLASS: 7, 7А."""
    from kiosk.circulation.classes import parse_class
    from kiosk.errors import KioskError

    wanted = parse_class(school_class) if school_class else None
    if school_class and wanted is None:
        raise KioskError(f"{school_class} is no class; write 7 or 7А")
    with _sets(config_path, year) as (kept, of_year):
        found = [
            one
            for one in kept.of_year(of_year)
            if wanted is None
            or (one.grade == wanted.grade and (not wanted.letter or one.letter in ("", wanted.letter)))
        ]
    for one in found:
        click.echo(f"{_name(one)}: {len(one.lines)} textbooks")
        for line in one.lines:
            rest = (
                f"part {line.part}" if line.part else "",
                str(line.edition) if line.edition else "",
                line.group,
                "from January" if line.term == 2 else "",
            )
            click.echo(f"  {line.subject}{''.join(f', {part}' for part in rest if part)}")
    if not found:
        click.echo(f"{of_year}: no sets")


@sets.command()
@config_option
@_year
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@in_one_sentence
def export(config_path: Path, year: int | None, file: Path) -> None:
    """Write the sets of a school year to a new FILE (CSV), to be changed and imported again."""
    from kiosk.errors import KioskError
    from kiosk.imports.set_files import write_sets

    with _sets(config_path, year) as (kept, of_year):
        found = kept.of_year(of_year)
    try:
        with file.open("x", encoding="utf-8", newline="") as out:
            out.write(write_sets(found))
    except OSError as error:
        raise KioskError(f"{file}: {error.strerror or error}") from error
    click.echo(f"{file}: {len(found)} sets of {of_year}")


@sets.command()
@config_option
@_year
@click.option("--from", "from_year", type=click.IntRange(2000, 2100), default=None, help="The year before, by default.")
@in_one_sentence
def copy(config_path: Path, year: int | None, from_year: int | None) -> None:
    """Copy the sets of last school year; those that are there already stay as they are."""
    with _sets(config_path, year) as (kept, of_year):
        told = kept.copy(from_year or of_year - 1, of_year)
    click.echo(f"{of_year}: {told.made} sets copied from {from_year or of_year - 1}")


def _name(one: TextbookSet) -> str:
    return f"{one.year} {one.grade}{one.letter} {one.language}"


@contextmanager
def _sets(config_path: Path, year: int | None) -> Iterator[tuple[StoreSets, int]]:
    from datetime import datetime

    from kiosk import app
    from kiosk.circulation.calendar import school_year
    from kiosk.config import load
    from kiosk.store.sets import StoreSets

    config = load(config_path)
    with app.opened(config) as store:
        kept = StoreSets(store, app.system_clock(config, store))
        yield kept, year or school_year(datetime.now(config.timezone).date())
