"""`kiosk devices slip` and `kiosk devices sounds`: what comes out of a kiosk beside its screen, to be tried."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import click

from kiosk.circulation.slip import Slip, SlipLine
from kiosk.cli_common import config_option, in_one_sentence
from kiosk.errors import DeviceError


@click.command()
@config_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write a picture (.png) and print nothing."
)
@click.option("--language", default="", help="kk, ru or en; the first one of the settings.")
@in_one_sentence
def slip(config_path: Path, out: Path | None, language: str) -> None:
    """Print a slip to try the printer with, or look at one."""
    from kiosk.config import load
    from kiosk.devices.paper import picture_of, print_slip
    from kiosk.devices.paper_lines import DOTS, PrinterAt
    from kiosk.text import languages

    config = load(config_path)
    if language and language not in languages():
        raise click.BadParameter(f"one of {', '.join(languages())} is expected", param_hint="--language")
    printer = config.outputs.printer
    width = DOTS[printer.paper]
    example = _example(language or config.settings.languages[0])
    if out is not None:
        picture_of(example, config.school, width).save(out, format="PNG")
        click.echo(f"{out}: as it would be printed, {printer.paper} mm wide")
        return
    if printer.kind == "none":
        raise DeviceError("there is no printer in [printer] of the settings; --out FILE.png shows a slip without one")
    print_slip(example, config.school, width, PrinterAt(printer.kind, printer.address, printer.baud).open)
    click.echo("the printer has taken it; is every letter there, and is the paper cut?")


def _example(language: str) -> Slip:
    """Every letter that printers lack is in it."""
    today = date.today()
    due = today + timedelta(days=10)
    return Slip(
        language,
        "Айгүл Ә.",
        today,
        (
            SlipLine("Менің атым Қожа", "Б. Соқпақбаев", due),
            SlipLine("Ұшқан ұя", "Б. Момышұлы", due),
            SlipLine("Ә Ғ Қ Ң Ө Ұ Ү Һ І · ә ғ қ ң ө ұ ү һ і · Ё ё № «₸»", "", due),
        ),
        (SlipLine("Араша", "Қ. Баянбай"),),
    )


@click.command()
@config_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write them into this folder instead.")
@in_one_sentence
def sounds(config_path: Path, out: Path | None) -> None:
    """Play the kiosk's sounds one after the other, as loud as the settings say."""
    from kiosk.circulation.cues import Cue
    from kiosk.config import load
    from kiosk.devices.playing import play_through
    from kiosk.devices.sounds import sound

    outputs = load(config_path).outputs
    for cue in Cue:
        wav = sound(cue, outputs.call.volume if cue is Cue.CALL else outputs.sound.volume)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"{cue}.wav").write_bytes(wav)
            click.echo(out / f"{cue}.wav")
        else:
            click.echo(cue)
            play_through(wav)
