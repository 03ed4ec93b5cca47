"""`kiosk screenshots`: every view in every state as a picture, for guides and for looking at."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from kiosk.circulation.appearance import Appearance, Theme
from kiosk.circulation.views import View
from kiosk.cli_common import in_one_sentence
from kiosk.errors import KioskError

SIZE = "800x480"
THEMES = [theme.value for theme in Theme]


class NoPictures(KioskError):
    """Why no picture can be made."""


def add_commands(main: click.Group) -> None:
    """Hang the command in the program."""
    main.add_command(_screenshots)


def chosen(names: Sequence[str], languages: Sequence[str]) -> dict[str, View]:
    """The states of these names, or of the views of these names, all if none is given, in each language.

    Keys: "visit-borrowed-kk". Raises NoPictures for a name that is neither.
    """
    from kiosk.showcase import views

    known = views()
    unknown = set(names) - set(known) - {view.name for view in known.values()}
    if unknown:
        raise NoPictures(f"there is no view {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    wanted = {name: view for name, view in known.items() if not names or name in names or view.name in names}
    return {
        f"{name}-{language}": replace(view, language=language)
        for (name, view), language in product(wanted.items(), languages)
    }


def dressed(views: dict[str, View], themes: Sequence[str], large: bool) -> Iterator[tuple[str, View]]:
    """Each view in each theme, perhaps in large text; the name says what is not the usual."""
    for theme in themes:
        for name, view in views.items():
            parts = [name, *([theme] if theme != Theme.LIGHT else []), *(["large"] if large else [])]
            yield "-".join(parts), replace(view, appearance=Appearance(Theme(theme), large))


@click.command("screenshots")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="A folder.")
@click.option("--view", "names", multiple=True, help="A view (visit) or one state of it (visit-borrowed); else all.")
@click.option("--language", "languages", multiple=True, help="kk, ru, en; else all.")
@click.option("--size", default=SIZE, show_default=True, help="Of the panel, in pixels.")
@click.option(
    "--theme", "themes", multiple=True, type=click.Choice([theme.value for theme in Theme]), help="Else the light one."
)
@click.option("--large", is_flag=True, help="In large text.")
@in_one_sentence
def _screenshots(
    out: Path, names: tuple[str, ...], languages: tuple[str, ...], size: str, themes: tuple[str, ...], large: bool
) -> None:
    """Draw every view in every state into a PNG each. Needs a display; `deploy/with-display` is one."""
    match = re.fullmatch(r"(\d{3,4})x(\d{3,4})", size)
    if match is None:
        raise NoPictures(f"{size!r} is not a size; write 800x480")
    panel = (int(match[1]), int(match[2]))
    click.echo(f"{out}: {_checked(out, names, languages, panel, themes, large)} pictures")


def drawn(out: Path, names: tuple[str, ...], languages: tuple[str, ...]) -> None:
    """Draw these states in these languages for the smallest panel, as the command does. Raises NoPictures."""
    _checked(out, names, languages, (800, 480), (), False)


def _checked(
    out: Path,
    names: tuple[str, ...],
    languages: tuple[str, ...],
    size: tuple[int, int],
    themes: tuple[str, ...],
    large: bool,
) -> int:
    from kiosk import text

    unknown = set(languages) - set(text.languages())
    if unknown:
        raise NoPictures(f"there is no language {', '.join(sorted(unknown))}; there are {', '.join(text.languages())}")
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY") and sys.platform == "linux":
        raise NoPictures("there is no display; run it as: deploy/with-display kiosk …")
    views = chosen(names, languages or text.languages())
    return _draw(dict(dressed(views, themes or (Theme.LIGHT.value,), large)), size, out)


def _draw(views: dict[str, View], size: tuple[int, int], out: Path) -> int:
    from kiosk.screens import environment

    with TemporaryDirectory() as home:
        environment.prepare(Path(home), size, fullscreen=False)
        from kiosk.screens.remote import Finger

        blank = View("out_of_service", "kk")
        finger = Finger(blank, on_press=lambda action, argument: None, on_type=lambda text: None)
        for name, view in views.items():
            finger.show(replace(blank, appearance=view.appearance))
            finger.show(view)
            finger.picture(out / f"{name}-{size[0]}x{size[1]}.png")
    return len(views)
