"""The slip as a QR code, to be taken home on a phone: titles and dates, and nobody's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty
from kivy.uix.widget import Widget

from kiosk.circulation.views import LENT_NOW, Row
from kiosk.text import Words

MOST_ROWS = 10
MOST_LETTERS = 40
QUIET = 4
"""Modules of white around it (ISO/IEC 18004)."""


def slip_text(rows: Sequence[Row], words: Words) -> str:
    """A line for each book lent; empty if none was."""
    lent = [row for row in rows if row.state in LENT_NOW][:MOST_ROWS]
    return "\n".join(f"{_short(row.text)}: {_until(row, words)}" for row in lent)


def _short(title: str) -> str:
    return title if len(title) <= MOST_LETTERS else f"{title[: MOST_LETTERS - 1]}…"


def _until(row: Row, words: Words) -> str:
    return words.date_numeric(row.due) if row.due is not None else words.due(row)


class SlipCode(Widget):
    """A QR code of `text`, as large as whole pixels for each module allow; nothing without a text."""

    text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        draw_soon = Clock.create_trigger(self._draw, -1)
        for name in ("text", "pos", "size"):
            self.fbind(name, draw_soon)

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        if not self.text or min(self.size) < 1:
            return
        texture, modules = _texture(self.text)
        side = max(int(min(self.size) // modules), 1) * modules
        with self.canvas:
            Color(1, 1, 1, 1)
            corner = (round(self.center_x - side / 2), round(self.center_y - side / 2))
            Rectangle(texture=texture, pos=corner, size=(side, side))


def _texture(text: str) -> tuple[Texture, int]:
    """A picture of one pixel a module, and its side."""
    import qrcode

    code = qrcode.QRCode(border=QUIET, error_correction=qrcode.constants.ERROR_CORRECT_L)
    code.add_data(text.encode("utf-8"))
    rows = code.get_matrix()
    texture = Texture.create(size=(len(rows), len(rows)), colorfmt="luminance")
    texture.mag_filter = texture.min_filter = "nearest"
    pixels = bytes(0 if dark else 255 for row in rows[::-1] for dark in row)
    texture.blit_buffer(pixels, colorfmt="luminance", bufferfmt="ubyte")
    return texture, len(rows)
