"""`kiosk devices`: what is plugged in, what comes from it, and how it gets into the settings."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli_common import HELP, config_option, in_one_sentence
from kiosk.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from kiosk.circulation.identify import Identity
    from kiosk.circulation.model import Scan
    from kiosk.config import Config
    from kiosk.devices.listening import Listener


@click.group(context_settings=HELP)
def devices() -> None:
    """Scanners, card readers, cameras and printers."""


@devices.command(name="list")
@in_one_sentence
def list_devices() -> None:
    """List everything that is plugged in, what it could be, and the settings that name it."""
    from kiosk.devices.listing import plugged_in

    there = False
    for one in plugged_in():
        there = True
        click.echo(f"{one.bus}: {one.name}: {one.could_be}")
        for line in one.table.splitlines():
            click.echo(f"    {line}")
    if not there:
        click.echo("Nothing is plugged in that could be a reader, a camera or a printer.")


@devices.command()
@config_option
@click.option("--seconds", type=float, default=None, help="End after so long; without it Ctrl-C does.")
@in_one_sentence
def watch(config_path: Path, seconds: float | None) -> None:
    """Show what the readers of the settings send, and what it is taken for. Not while the kiosk runs."""
    from kiosk import app
    from kiosk.config import load
    from kiosk.devices.supervisor import Health, Supervisor
    from kiosk.plugging import reader_source

    config = load(config_path)
    if not config.devices.readers:
        raise ConfigError(["readers: there are none; `kiosk devices learn` finds out what is plugged in"])
    lock = app.desk_lock(config)
    told: dict[str, str] = {}

    def changed(healths: tuple[Health, ...]) -> None:
        for health in healths:
            says = health.problem or f"{health.what} '{health.name}' works"
            if told.get(health.name) != says and (health.works or health.failures):
                told[health.name] = says
                click.echo(says)

    supervisor = Supervisor(changed)
    for settings in config.devices.readers:
        source = reader_source(settings, config.devices.chips, raw=_raw(settings.reading.name))
        source.deliver_to(lambda scan: click.echo(taken_for(config, scan)))
        supervisor.add(source.worker)
    supervisor.start()
    try:
        threading.Event().wait(seconds)
    except KeyboardInterrupt:
        click.echo()
    finally:
        supervisor.stop()
        lock.close()


def _raw(name: str) -> Callable[[str], None]:
    return lambda line: click.echo(f"{name}  {line}")


def taken_for(config: Config, scan: Scan) -> str:
    """A scan, and what the kiosk takes it for."""
    from kiosk.circulation.identify import identify

    symbology = f" ({scan.symbology})" if scan.symbology else ""
    return f"{scan.source}  {scan.payload!r}{symbology}: {_words(identify(scan.payload, config.codes, scan.wants))}"


def _words(identity: Identity) -> str:
    from kiosk.circulation.identify import Command, ItemBarcode, NotOurs, NotOursReason, PatronCard, PhoneCard

    match identity:
        case PatronCard(number):
            return f"a reader card, {number}"
        case PhoneCard(number):
            return f"a reader card on a phone, {number}; it needs the PIN"
        case ItemBarcode(code):
            return f"an item, {code}"
        case Command(name, argument):
            return f"the command {name.value} {argument}".rstrip()
        case NotOurs(NotOursReason.ISBN):
            return "an ISBN, the publisher's code; not the library's"
        case NotOurs(NotOursReason.UNREADABLE):
            return "nothing that was read well"
        case NotOurs():
            return "nothing of this library's"
    return "a card or an item: the ledger is asked which"


@devices.command()
@config_option
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False), help="Write the sheet (.pdf, .png), and end.")
@click.option("--card", default="", help="The number printed on the card that you hold to a card reader.")
@click.option("--baud", type=int, default=9600, show_default=True, help="The speed of readers on serial ports.")
@click.option("--seconds", type=float, default=60.0, show_default=True, help="End so long after the last new code.")
@click.option("--write", is_flag=True, help="Add what was learnt to the settings.")
@in_one_sentence
def learn(config_path: Path, sheet: Path | None, card: str, baud: int, seconds: float, write: bool) -> None:
    """Find out how readers are set: scan the codes of the sheet, hold a card to a card reader."""
    from kiosk.config import load
    from kiosk.devices.hid import EvdevNodes
    from kiosk.devices.listening import Listener
    from kiosk.devices.listing import ports
    from kiosk.devices.sheet import learning_sheet, write_sheet

    if sheet is not None:
        write_sheet(sheet, "kiosk devices learn", learning_sheet())
        click.echo(f"{sheet}: print it at its full size, then `kiosk devices learn`")
        return
    config = load(config_path)
    with Listener(EvdevNodes(), ports(), baud, card, config.devices.chips) as listener:
        for refused in listener.refused:
            click.echo(refused, err=True)
        if not listener.learners:
            raise DeviceError("nothing is plugged in that could be learnt of; `kiosk devices list` shows what is there")
        click.echo(
            f"Scan the codes of the sheet one after the other. Ctrl-C, or {seconds:g} s without a new one, ends."
        )
        try:
            for line in listener.listen(seconds):
                click.echo(line)
        except KeyboardInterrupt:
            click.echo()
        _report(listener, config_path if write else None)


def _report(listener: Listener, path: Path | None) -> None:
    known = [one for one in listener.learners if one.learnt.known]
    if not known:
        raise DeviceError("no code of the sheet was read; is the scanner on, and the sheet printed at full size?")
    for one in known:
        for line in one.learnt.report():
            click.echo(line)
    tables = [one.table() for one in known]
    click.echo("\n".join(tables), nl=False)
    if path is not None:
        add_tables(path, tables)
        click.echo(f"{path}: added; `kiosk devices watch` shows what they send")


def add_tables(path: Path, tables: list[str]) -> None:
    """Add tables to the settings, if the settings are good with them. Raises ConfigError, with nothing changed."""
    from kiosk.config import load

    new = path.with_suffix(".new")
    text = path.read_text(encoding="utf-8")
    added = [one for one in tables if one not in text]
    new.write_text("\n".join([text.rstrip("\n") + "\n", *added]), encoding="utf-8")
    try:
        load(new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


@devices.command()
@config_option
@in_one_sentence
def rules(config_path: Path) -> None:
    """Print the udev rules that give the kiosk's user the devices of the settings; deploy/udev installs them."""
    from kiosk.config import load
    from kiosk.udev_rules import rules as lines

    for line in lines(load(config_path)):
        click.echo(line)


@devices.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@in_one_sentence
def commands(config_path: Path, file: Path) -> None:
    """Write the command codes (finish, language, print ...) into FILE, a .pdf or .png to hang beside the kiosk."""
    from kiosk.circulation.identify import CommandName
    from kiosk.circulation.views import Message
    from kiosk.config import load
    from kiosk.devices.sheet import Printed, write_sheet
    from kiosk.text import language_name, words

    config = load(config_path)
    said = {
        CommandName.FINISH: "btn.exit",
        CommandName.PRINT: "btn.print",
        CommandName.CALL: "home.call_librarian",
        CommandName.SPEECH: "a11y.sound",
        CommandName.LANGUAGE: "home.choose_language",
    }
    codes = []
    for payload, (name, language) in config.codes.commands.items():
        if name is CommandName.CALL and not config.settings.calls:
            continue  # on paper, too, it stands only where something really calls her
        texts = [words(one).say(Message.of(said[name])) for one in config.settings.languages]
        text = language_name(language) if language else " · ".join(dict.fromkeys(texts))
        codes.append(Printed("", "Code128", payload, (text,)))
    write_sheet(file, config.school, codes)
    click.echo(f"{file}: {len(codes)} codes")
