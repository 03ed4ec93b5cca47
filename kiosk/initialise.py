"""A new data folder: the settings, the ledger, and, for the demo, a made-up school in it. Also PINs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from kiosk.app import opened
from kiosk.circulation.clock import Moment
from kiosk.circulation.model import PinKind
from kiosk.circulation.visit.signing import PICTURES, PIN_PICTURES
from kiosk.config import Config, load
from kiosk.errors import KioskError
from kiosk.store.schema import create

DEMO_SCHOOL = "№ 41 мектеп (demo)"
DEMO_SQL = 'url = "sqlite:///central.db"\n'
NO_SQL = '# url = "postgresql://ROLE@central.example/library"\n# password_file = "central.password"\n'
NO_PATTERNS = '# card = "P\\\\d{7}"\n# item = "B\\\\d{8}"\n'
DEMO_PATTERNS = 'card = "P\\\\d{7}"\nitem = "B\\\\d{8}"\n'


class InitError(KioskError):
    """A data folder cannot be made here."""


def initialise(folder: Path, school: str, name: str, demo: bool, today: date | None) -> Iterator[str]:
    """Make FOLDER/kiosk.toml and the ledger; yields what was done, a sentence each. Raises InitError."""
    path = folder / "kiosk.toml"
    if path.exists():
        raise InitError(f"{path} is there already; choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(".new")
        made.write_text(settings(school, name, demo), encoding="utf-8")
        config = load(made)
        now = datetime.now(config.timezone)
        create(config.store, config.school, now)
        made.rename(path)
    except OSError as error:
        raise InitError(f"{folder}: {error.strerror}") from error
    config = load(path)
    yield f"{path}: the settings; {config.store}: the ledger, empty"
    with opened(config) as store:
        store.confirm_date("", Moment(0.0, now, True, True), timedelta(0))
        yield f"Taken as the right time: {now:%Y-%m-%d %H:%M}. If it is wrong, set the clock and begin again."
        if demo:
            from kiosk.demo_school import fill

            yield from fill(config, today or now.date())


def settings(school: str, name: str, demo: bool = False) -> str:
    """The settings of a new kiosk, every one with what it is for."""
    text = files("kiosk").joinpath("template.toml").read_text(encoding="utf-8")
    for mark, value in {
        "@school@": _quoted(school or (DEMO_SCHOOL if demo else "School")),
        "@name@": _quoted(name),
        "@central@": '"sql"' if demo else '"none"',
        "@sql@\n": DEMO_SQL if demo else NO_SQL,
        "@patterns@\n": DEMO_PATTERNS if demo else NO_PATTERNS,
    }.items():
        text = text.replace(mark, value)
    return text


def _quoted(text: str) -> str:
    escaped = "".join("" if not c.isprintable() else "\\" + c if c in '"\\' else c for c in text)
    return f'"{escaped}"'


def set_pin(config: Config, card: str, secret: str, pictures: bool) -> None:
    """Give the patron with this card or external id a PIN. Raises InitError for an unknown one or a bad PIN."""
    words = secret.split()
    if pictures and (len(words) != PIN_PICTURES or any(word not in PICTURES for word in words)):
        raise InitError(f"a picture PIN is {PIN_PICTURES} of: {', '.join(PICTURES)}")
    if not pictures and not (secret.isascii() and secret.isdigit() and 4 <= len(secret) <= 8):
        raise InitError("a PIN is 4 to 8 digits")
    with opened(config) as store:
        patron_id = store.patron_named(card)
        if patron_id is None:
            raise InitError(f"no reader has the card or external id {card}")
        store.set_pin([patron_id], PinKind.PICTURES if pictures else PinKind.DIGITS, " ".join(words))
