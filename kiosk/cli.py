"""`kiosk`: the commands. Exit codes: 0 done, 1 could not be done (a sentence says why), 2 wrong use, 3 done in part."""

from __future__ import annotations

import io
import json
import logging
import sys
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiosk import (
    cards_cli,
    carry_cli,
    classes_cli,
    devices_cli,
    guide_cli,
    outbox_cli,
    outputs_cli,
    paper_cli,
    screenshots_cli,
    sets_cli,
    staff_cli,
    sync_cli,
)
from kiosk.cli_common import HELP, Mapping, Moment, chip_option, config_option, in_one_sentence

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.ports import Connector


@click.group(context_settings=HELP)
@click.version_option(package_name="kiosk")
def main() -> None:
    """A self-service kiosk for school libraries."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--demo", is_flag=True, help="Fill it with a made-up school of 529 pupils.")
@click.option("--school", default="", help="The name of the school.")
@click.option("--name", default="kiosk-1", show_default=True, help="The name of this kiosk.")
@click.option("--today", type=Moment(), default=None, help="The day the demo data is made for.", hidden=True)
@in_one_sentence
def init(folder: Path, demo: bool, school: str, name: str, today: datetime | None) -> None:
    """Make a data folder: FOLDER/kiosk.toml and the ledger."""
    from kiosk.initialise import initialise

    for line in initialise(folder, school, name, demo, today.date() if today else None):
        click.echo(line)


@main.command()
@config_option
@click.option("--size", default="", help="The window's size, 800x480; without it the kiosk fills the screen.")
@in_one_sentence
def run(config_path: Path, size: str) -> None:
    """Start the touchscreen kiosk."""
    from kiosk.config import load
    from kiosk.touchscreen import run_touchscreen

    run_touchscreen(load(config_path), size)


@main.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for other programs.")
@click.option("--clock", type=Moment(), default=None, help="A clock that stands at this time, and moves by `tick`.")
@in_one_sentence
def console(config_path: Path, as_json: bool, clock: datetime | None) -> None:
    """The same desk by lines of text: scan CODE, press ACTION [ROW], type TEXT, tick SECONDS, quit."""
    from kiosk.config import load
    from kiosk.console import run_json, run_text

    config = load(config_path)
    # Lamps and sounds belong to the touchscreen: here nothing calls anybody.
    config = replace(config, settings=replace(config.settings, calls=False))
    from kiosk import app
    from kiosk.plugging import plugged_in
    from kiosk.syncing import syncing

    lock = app.desk_lock(config)
    try:
        app.bring_up_to_date(config)
        store = app.open_store(config)
        stdin = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n")
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        try:
            if as_json:
                driven = app.console_clock(config, store, clock)
                with syncing(config, driven) as sync:
                    desk = app.open_desk(config, store, driven, sync.questions)
                    run_json(desk, driven, stdin, sys.stdout, store.barcode, sync)
            else:
                with syncing(config) as sync:
                    devices = partial(plugged_in, config)
                    open_desk = partial(app.open_desk_now, config, sync.questions)
                    run_text(open_desk, stdin, sys.stdout, devices, sync)
        finally:
            store.close()
    finally:
        lock.close()


@main.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.option("--check", is_flag=True, help="Add the ledger up anew and compare with loans, holds and statuses.")
@in_one_sentence
def ledger(config_path: Path, as_json: bool, check: bool) -> None:
    """List every transaction, in order."""
    from kiosk.app import open_store
    from kiosk.config import load

    store = open_store(load(config_path))
    try:
        if check:
            from kiosk.store.check import recompute

            faults = recompute(store)
            for fault in faults:
                click.echo(fault)
            if faults:
                sys.exit(1)
            click.echo("The ledger, the loans, the holds and the statuses agree.")
            return
        separator = "["
        for transaction in store.transactions():
            row: dict[str, Any] = {
                "id": transaction.act.id,
                "seq": transaction.seq,
                "kind": transaction.act.kind.value,
                "item": store.barcode(transaction.act.item_id) if transaction.act.item_id else None,
                "patron": transaction.act.patron_id,
                "at": transaction.at.isoformat(timespec="milliseconds"),
                "delivery": transaction.delivery,
            }
            if as_json:
                click.echo(separator + json.dumps(row, ensure_ascii=False), nl=False)
                separator = ",\n"
            else:
                click.echo(
                    f"{row['seq']:>8}  {row['at'][:19]}  {row['kind']:<14}  {row['item'] or '-':<14}  {row['delivery']}"
                )
        if as_json:
            click.echo("[]" if separator == "[" else "]")
    finally:
        store.close()


@main.group(name="import")
def import_group() -> None:
    """Bring in class lists, catalogues and loans: CSV, XLSX, or (items) MARC in ISO 2709."""


def _import_command(what: str) -> None:
    @import_group.command(name=what, help=f"Import {what} from FILE.")
    @config_option
    @click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
    @click.option("--map", "mapping", type=Mapping(), multiple=True, help="What a heading of the file is.")
    @click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Where rows to be mended go.")
    @chip_option
    @in_one_sentence
    def command(
        config_path: Path, file: Path, mapping: tuple[tuple[str, str], ...], rejects: Path | None, chip: str | None
    ) -> None:
        from kiosk.circulation.chips import ChipForm
        from kiosk.circulation.intake import Intake, Result
        from kiosk.config import load
        from kiosk.importing import import_file

        config = load(config_path)
        with click.progressbar(length=1000, label=file.name, file=sys.stderr) as bar:
            report = import_file(
                config,
                Intake(what),
                file,
                dict(mapping),
                rejects,
                lambda progress: bar.update(int(progress.share * 1000) - bar.pos),
                ChipForm(chip) if chip else None,
            )
        counts = ", ".join(f"{result.value}: {report.counts[result]}" for result in Result if report.counts[result])
        click.echo(f"{what}: {report.rows} rows ({counts or 'none'}); batch {report.batch}")
        if report.skipped:
            click.echo(f"{report.skipped} rows had been settled by an earlier run of this import.")
        if report.unused:
            click.echo(f"Not imported: {', '.join(report.unused)}. Name a column for them with --map HEADING=COLUMN.")
        if report.rejects:
            click.echo(f"Rows to be mended and imported again: {report.rejects}")
            sys.exit(3)


for _what in ("patrons", "items", "loans"):
    _import_command(_what)


@import_group.command(name="list")
@config_option
@in_one_sentence
def import_list(config_path: Path) -> None:
    """List the imports so far, the newest first."""
    from kiosk import app
    from kiosk.config import load
    from kiosk.store.intake import StoreImporter

    config = load(config_path)
    with app.opened(config) as store:
        for past in StoreImporter(store, app.system_clock(config, store)).batches():
            state = "undone" if past.undone else "finished" if past.finished else "stopped: import the file again"
            begun = f"{past.begun:%Y-%m-%d %H:%M}"
            click.echo(f"{past.id}  {begun}  {past.what:<8}  {past.done_rows:>7} rows  {past.file_name}  ({state})")


@import_group.command(name="undo")
@config_option
@click.argument("batch")
@in_one_sentence
def import_undo(config_path: Path, batch: str) -> None:
    """Take an import back, as far as nothing was built on it."""
    from kiosk import app
    from kiosk.config import load
    from kiosk.store.intake import StoreImporter

    config = load(config_path)
    with app.opened(config) as store:
        undone = StoreImporter(store, app.system_clock(config, store)).undo(batch)
    click.echo(f"Taken back: {undone.undone}; kept: {undone.kept}")
    for reason in undone.reasons:
        click.echo(f"  {reason}")
    if undone.kept:
        sys.exit(3)


@main.command()
@config_option
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@in_one_sentence
def export(config_path: Path, folder: Path) -> None:
    """Write everything into FOLDER, in open formats: CSV and JSON lines."""
    from kiosk.app import opened
    from kiosk.config import load
    from kiosk.store.export import export as write_all

    config = load(config_path)
    with opened(config) as store:
        write_all(store, folder, datetime.now(config.timezone))
    click.echo(f"{folder}: everything, but for PINs; README.txt says what is what")


@main.command()
@config_option
@in_one_sentence
def doctor(config_path: Path) -> None:
    """Check the settings, the ledger, the clock, the readers and the disk, and say what to do."""
    from kiosk.doctor import examine

    bad = False
    for finding in examine(config_path):
        click.echo(f"{'ok ' if finding.good else 'BAD'}  {finding.what}: {finding.says}")
        bad = bad or not finding.good
    if bad:
        sys.exit(1)


@main.command()
@config_option
@click.argument("card")
@click.option("--pictures", is_flag=True, help="Four pictures in place of digits, for grades 1 to 4.")
@in_one_sentence
def pin(config_path: Path, card: str, pictures: bool) -> None:
    """Give the reader with this card or external id a PIN, typed or read from standard input."""
    from kiosk.config import load
    from kiosk.initialise import set_pin

    secret = click.prompt("PIN", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    set_pin(load(config_path), card, secret, pictures)
    click.echo("The PIN is set.")


def _connector_of(config: Config) -> Connector | None:
    from kiosk.connecting import connector_of

    return connector_of(config)


outbox_cli.add_commands(main, _connector_of)
sync_cli.add_commands(main)
carry_cli.add_commands(sync_cli.central)
screenshots_cli.add_commands(main)
guide_cli.add_commands(main, screenshots_cli.drawn)
devices_cli.devices.add_command(outputs_cli.slip)
devices_cli.devices.add_command(outputs_cli.sounds)
main.add_command(devices_cli.devices)
main.add_command(cards_cli.card)
main.add_command(classes_cli.classes)
main.add_command(paper_cli.paper)
main.add_command(sets_cli.sets)
main.add_command(staff_cli.staff)
