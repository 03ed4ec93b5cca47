"""A scripted visit on the demo data, through the real desk and a real window, in pictures.

python -m kiosk.tour --config FILE --out DIR

Works on a copy of the data folder: what is lent here is lent nowhere else.
"""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from kiosk import app, demo
from kiosk.circulation.model import Scan
from kiosk.config import Config, load
from kiosk.console import tick
from kiosk.demo_school import PICTURE_PIN
from kiosk.desk import Desk, Outcome, Press, Type
from kiosk.devices.clock import HandClock
from kiosk.errors import KioskError
from kiosk.screens import environment

SIZE = (800, 480)
UNTIL_WARNED_S = 600
ISBN = "9786012828757"


class Tour:
    """A visitor whose every step is a picture."""

    def __init__(self, desk: Desk, clock: HandClock, out: Path) -> None:
        """The window opens here, so `environment.prepare` has to come before."""
        from kiosk.screens.remote import Finger

        self._desk, self._clock, self._out = desk, clock, out
        self._taken: list[Path] = []
        self._finger = Finger(
            desk.view(),
            on_press=lambda action, argument: self._show(desk.take(Press(action, argument))),
            on_type=lambda text: self._show(desk.take(Type(text))),
        )

    def picture(self, name: str) -> None:
        """Keep what is in the window."""
        path = self._out / f"{len(self._taken) + 1:02d}-{name}.png"
        self._finger.picture(path)
        self._taken.append(path)

    def scan(self, code: str) -> None:
        """Hold something to the reader."""
        self._show(self._desk.take(Scan(code)))

    def press(self, action: str, argument: str = "") -> None:
        """Touch a button."""
        self._finger.press(action, argument)

    def type(self, letters: str) -> None:
        """Touch keys, and wait until what was typed has been looked for."""
        for letter in letters:
            self._finger.key("space" if letter == " " else letter.upper())
        self._finger.wait(0.6)

    def enter(self, digits: str) -> None:
        """Touch digits, then the tick."""
        for digit in (*digits, "enter"):
            self._finger.key(digit)

    def linger(self) -> None:
        """Do nothing until the desk asks whether somebody is there."""
        for _ in range(UNTIL_WARNED_S):
            outcome = tick(self._desk, self._clock, 1)
            if outcome.view.countdown is not None:
                self._show(outcome)
                return

    def find(self, action: str, text: str) -> str:
        """The argument of a row by its text."""
        rows = self._desk.view().rows
        return next(row.id for row in rows if text in row.text and action in row.actions)

    def _show(self, outcome: Outcome) -> None:
        self._finger.show(outcome.view)


def walk(tour: Tour) -> int:
    """One child borrows, returns, renews, looks around and goes; another one has no card. Returns the pictures made."""
    tour.picture("home")
    for language in ("ru", "en", "kk"):
        tour.press("language", language)
        if language != "kk":
            tour.picture(f"home-{language}")
    _visit(tour)
    _account_and_search(tour)
    tour.linger()
    tour.picture("still-here")
    tour.press("more_time")
    tour.press("finish")
    tour.picture("summary")
    tour.press("done")
    _at_home(tour)
    _without_card(tour)
    return len(tour._taken)


def _visit(tour: Tour) -> None:
    tour.scan(demo.AIGUL_CARD)
    tour.picture("visit")
    for name, code in (
        ("borrowed", demo.SHYGHANAQ_BARCODE),
        ("borrowed-again", demo.TAGHDYR_BARCODE),
        ("limit", demo.ASYL_SOZ_BARCODE),
        ("returned-and-lent", demo.ARASHA_BARCODE),
        ("isbn", ISBN),
    ):
        tour.scan(code)
        tour.picture(name)
    tour.press("language")
    tour.picture("visit-ru")
    tour.press("language")
    tour.press("language")


def _account_and_search(tour: Tour) -> None:
    tour.press("account")
    tour.picture("account")
    tour.press("renew_all")
    tour.picture("renewed")
    tour.press("back")
    tour.press("search")
    tour.picture("search")
    tour.type("абай")
    tour.picture("found")
    tour.press("back")


def _at_home(tour: Tour) -> None:
    tour.scan(demo.QOZHA_BARCODE)
    tour.picture("home-returned")
    tour.scan("https://example.kz/menu")
    tour.picture("home-foreign-code")
    tour.press("number")
    tour.picture("number")
    tour.enter(demo.TORN_INVENTORY_NO)
    tour.picture("this-one")
    tour.press("yes")
    tour.picture("home-waits-for-card")


def _without_card(tour: Tour) -> None:
    tour.press("no_card")
    tour.picture("classes")
    tour.press("choose", demo.CARDLESS_CLASS)
    tour.picture("names")
    tour.press("choose", tour.find("choose", demo.CARDLESS_NAME.first))
    tour.picture("pictures")
    for picture in PICTURE_PIN.split():
        tour.press("picture", picture)
    tour.picture("visit-without-card")
    tour.press("not_me")
    tour.picture("end")


@click.command()
@click.option("--config", "config_path", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="A folder for the pictures."
)
def main(config_path: Path, out: Path) -> None:
    """Draw a scripted visit on the demo data and save its pictures."""
    try:
        with TemporaryDirectory() as folder:
            made = _walk_on_copy(load(config_path), config_path.name, Path(folder) / "demo", out.resolve())
    except KioskError as error:
        click.echo(f"kiosk: {error}", err=True)
        sys.exit(1)
    click.echo(f"{made} pictures are in {out}")


def _walk_on_copy(original: Config, settings: str, folder: Path, out: Path) -> int:
    lock = app.desk_lock(original)
    try:
        shutil.copytree(original.folder, folder, ignore=shutil.ignore_patterns("pictures", "*.lock"))
    finally:
        lock.close()
    config = load(folder / settings)
    environment.prepare(folder / "kivy", SIZE, fullscreen=False)
    app.bring_up_to_date(config)
    clock = HandClock(datetime.now(config.timezone))
    desk = app.open_desk(config, app.open_store(config), clock)
    try:
        return walk(Tour(desk, clock, out))
    finally:
        desk.close()


if __name__ == "__main__":
    main()
