"""What the commands share: the settings' option, errors in one sentence, types of arguments."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from kiosk.errors import ConfigError, KioskError

HELP = {"help_option_names": ["-h", "--help"]}

F = TypeVar("F", bound=Callable[..., Any])
CHIP_FORMS = ("hex", "hex_backwards", "decimal", "decimal_backwards", "facility", "facility_backwards")


def in_one_sentence(command: F) -> F:
    """Say what went wrong in a sentence on standard error, and exit with 1."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except ConfigError as error:
            for problem in error.problems:
                click.echo(f"kiosk: {problem}", err=True)
        except KioskError as error:
            click.echo(f"kiosk: {error}", err=True)
        except BrokenPipeError:
            sys.stderr.close()
        sys.exit(1)

    return guarded  # type: ignore[return-value]


chip_option = click.option(
    "--chip",
    type=click.Choice(CHIP_FORMS),
    default=None,
    help="The cards are numbers of chips, written in this form: docs/devices.md.",
)
config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("kiosk.toml"),
    show_default=True,
    envvar="KIOSK_CONFIG",
    help="The settings file.",
)


class Moment(click.ParamType[datetime]):
    """A time on the command line, 2026-09-22T10:15."""

    name = "ISO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Raises BadParameter for anything else."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time; write 2026-09-22 or 2026-09-22T10:15", param, ctx)


class Mapping(click.ParamType[tuple[str, str]]):
    """A heading of the file and the column it is, "Оқушы=last_name"."""

    name = "HEADING=COLUMN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Raises BadParameter for anything else."""
        heading, equals, column = str(value).rpartition("=")
        if not equals or not heading or not column:
            self.fail(f"{value!r} has no form HEADING=COLUMN", param, ctx)
        return heading, column
