"""`kiosk guide`: one page for children, with pictures of the screen, to hang beside the kiosk.

The librarian's pages, through her year, are in guide_librarian.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from kiosk.cli_common import in_one_sentence
from kiosk.guide_paper import balanced

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

Draw = Callable[[Path, tuple[str, ...], tuple[str, ...]], None]

STEPS = {
    "card": "home",
    "borrow": "visit-no-message",
    "return": "home-returned",
    "renew": "account",
    "search": "search-hits",
    "finish": "summary-slip",
}
"""Of each step of the guide (its sentence is `guide.STEP`) the state of the screen that is its picture."""

PAGE = (1654, 2339)
"""A4 at 200 dots an inch."""
DPI = 200
MARGIN, GAP = 90, 60
COLUMNS = 2
TITLE, NUMBER, SENTENCE = 84, 54, 40
PAPER, INK, MARK = "#FFFDF8", "#1E2A32", "#8C2F27"


def add_commands(main: click.Group, draw: Draw) -> None:
    """Hang the command in the program. draw: makes pictures of states in languages in a folder."""

    @main.command("guide")
    @click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="A folder.")
    @click.option("--language", "languages", multiple=True, help="kk, ru, en; else all.")
    @click.option("--librarian", is_flag=True, help="Hers, through the school year, in place of the children's.")
    @in_one_sentence
    def guide(out: Path, languages: tuple[str, ...], librarian: bool) -> None:
        """Make a guide to print in each language: the children's page, guide-kk.pdf and .png, or the librarian's."""
        from kiosk import guide_librarian, text

        chosen = languages or text.languages()
        with TemporaryDirectory() as folder:
            draw(Path(folder), guide_librarian.pictures() if librarian else tuple(STEPS.values()), chosen)
            out.mkdir(parents=True, exist_ok=True)
            for language in chosen:
                if librarian:
                    first, *more = guide_librarian.pages_of(Path(folder), language)
                    path, dots = out / f"guide-librarian-{language}.pdf", guide_librarian.DPI
                    first.save(path, resolution=dots, save_all=True, append_images=more)
                    continue
                page = page_of(Path(folder), language)
                page.save(out / f"guide-{language}.png", dpi=(DPI, DPI))
                page.save(out / f"guide-{language}.pdf", resolution=DPI)
        click.echo(f"{out}: {len(chosen)} guides")


def page_of(pictures: Path, language: str) -> Image:
    """The page in a language. pictures: where the command `screenshots` put them, in the size of the smallest panel."""
    from PIL import Image, ImageDraw, ImageFont

    from kiosk.text import words

    spoken, fonts = words(language), Path(__file__).parent / "screens" / "fonts"

    def font(size: int) -> FreeTypeFont:
        return ImageFont.truetype(fonts / "Onest_700Bold.ttf", size)

    page = Image.new("RGB", PAGE, PAPER)
    pen = ImageDraw.Draw(page)
    top = MARGIN
    for line in balanced(spoken.label("guide.title"), font(TITLE), PAGE[0] - 2 * MARGIN):
        pen.text((MARGIN, top), line, INK, font(TITLE))
        top += round(TITLE * 1.2)
    width = (PAGE[0] - 2 * MARGIN - (COLUMNS - 1) * GAP) // COLUMNS
    height = (PAGE[1] - top - MARGIN) // (len(STEPS) // COLUMNS)
    for at, (step, state) in enumerate(STEPS.items()):
        left, upper = MARGIN + at % COLUMNS * (width + GAP), top + at // COLUMNS * height + GAP // 2
        with Image.open(pictures / f"{state}-{language}-800x480.png") as shot:
            picture = shot.convert("RGB").resize((width, round(width * shot.height / shot.width)))
        page.paste(picture, (left, upper))
        pen.rectangle((left, upper, left + width, upper + picture.height), outline=INK, width=3)
        below = upper + picture.height + 16
        pen.text((left, below), str(at + 1), MARK, font(NUMBER))
        for line in balanced(spoken.label(f"guide.{step}"), font(SENTENCE), width - 60):
            pen.text((left + 60, below + 6), line, INK, font(SENTENCE))
            below += round(SENTENCE * 1.25)
    return page
