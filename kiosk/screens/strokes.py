"""What drawings are made of: frames, dashes, signs, barcodes, books, seals. Each draws into the canvas that is open."""

from __future__ import annotations

from itertools import pairwise
from math import cos, hypot, pi, sin
from typing import Any

from kivy.graphics import Color, Line, Rectangle, RoundedRectangle

from kiosk.screens.lettering import SIGNS as SOLID
from kiosk.screens.lettering import glyph, horns, line_of, woven
from kiosk.screens.look import Look
from kiosk.screens.ornament import HORN_WIDE
from kiosk.screens.themes import Colour, Cover, Tone
from kiosk.screens.tone import INFO, SIGNS

_BARS = (3, 1, 2, 1, 1, 3, 1, 2, 3, 1, 1, 2, 1, 1, 3, 2, 1, 1, 2, 3, 1, 2, 1)
_CORNERS = {Tone.BORROWED: (0.5,) * 4, Tone.RETURNED: (0.26,) * 4, Tone.REFUSED: (0.5, 0.5, 0.18, 0.18)}
"""Circle, rounded square, shield; the others a square."""
FRONT = 0.07
"""The back of a book, of its width."""

Box = tuple[float, float, float, float]
"""Left, low, width, height."""


def block(colour: Colour, box: Box, *radii: float) -> None:
    """A filled box; its corners from the upper left clockwise, or all alike."""
    Color(*colour)
    x, y, width, height = box
    if not any(radii):
        Rectangle(pos=(x, y), size=(width, height))
        return
    RoundedRectangle(pos=(x, y), size=(width, height), radius=list(radii) if len(radii) == 4 else [radii[0]])


def framed(frame: Colour, ground: Colour, box: Box, radius: float, wide: float) -> None:
    """A filled box with a frame inside its edges."""
    x, y, width, height = box
    block(frame, box, radius)
    block(ground, (x + wide, y + wide, width - 2 * wide, height - 2 * wide), max(radius - wide, 0.1))


def dashed(colour: Colour, box: Box, radius: float, wide: float, dash: float, gap: float) -> None:
    """A frame of dashes, inside the edges of its box: Kivy dashes only the thinnest lines."""
    points = _outline(box, radius, wide / 2)
    length = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points))
    count = max(round(length / (dash + gap)), 4)
    step = length / count
    Color(*colour)
    for at in range(count):
        Line(points=_stretch(points, at * step, at * step + dash * step / (dash + gap)), width=wide / 2, cap="none")


def _outline(box: Box, radius: float, inset: float) -> list[tuple[float, float]]:
    x, y, width, height = box
    left, low, right, top = x + inset, y + inset, x + width - inset, y + height - inset
    r = max(radius - inset, 0.0)
    points: list[tuple[float, float]] = []
    for cx, cy, start in (
        (left + r, top - r, 1.0),
        (right - r, top - r, 0.5),
        (right - r, low + r, 0.0),
        (left + r, low + r, -0.5),
    ):
        for at in range(7):
            angle = (start - at / 12) * pi
            points.append((cx + r * cos(angle), cy + r * sin(angle)))
    return [*points, points[0]]


def _stretch(points: list[tuple[float, float]], begin: float, end: float) -> list[float]:
    found: list[float] = []
    gone = 0.0
    for (ax, ay), (bx, by) in pairwise(points):
        length = hypot(bx - ax, by - ay)
        if length and gone + length > begin and gone < end:
            for share in (max((begin - gone) / length, 0.0), min((end - gone) / length, 1.0)):
                found += [ax + (bx - ax) * share, ay + (by - ay) * share]
        gone += length
    return found


def sign(letters: str, colour: Colour, centre: tuple[float, float], size: int, font: str = SOLID) -> None:
    """A sign, or letters, around a point."""
    texture = glyph(letters, size, font)
    Color(*colour)
    wide, high = texture.size
    Rectangle(texture=texture, pos=(round(centre[0] - wide / 2), round(centre[1] - high / 2)), size=(wide, high))


def shelf(look: Look, box: Box, rail: float, thin: bool = False) -> None:
    """A shelf: rails above and below, the ornament between them."""
    palette = look.palette
    x, y, width, height = box
    rail = max(round(rail), 1)
    block(palette.rail, box)
    field = (x, y + rail, width, height - 2 * rail)
    block(palette.band, field)
    weave(palette.motif, field, thin)


def weave(colour: Colour, box: Box, thin: bool = False) -> None:
    """The ornament alone, as high as the box."""
    x, y, width, height = box
    if width >= 1 and height >= 1:
        Color(*colour)
        texture = woven(int(width), max(int(height), 1), thin)
        Rectangle(texture=texture, pos=(int(x), int(y)), size=(int(width), max(int(height), 1)))


def one_horn(colour: Colour, middle: float, top: float, width: float) -> None:
    """One horn of the ornament, its upper edge at `top`."""
    unit = width / (HORN_WIDE + 4)
    wide, high = max(round(52 * unit), 1), max(round(30 * unit), 1)
    Color(*colour)
    Rectangle(
        texture=horns(wide, high, unit, -2.0, 6.0), pos=(round(middle - wide / 2), round(top - high)), size=(wide, high)
    )


def barcode(look: Look, box: Box, plate: bool, lit: bool = True) -> None:
    """Bars, perhaps on a white plate, with the light across them if they are lit."""
    x, y, width, height = box
    palette = look.palette
    if plate:
        block((1, 1, 1, 1), box, look.px(4))
    inner = 0.84 if plate else 1.0
    unit = width * inner / (sum(_BARS) + len(_BARS) - 1)
    Color(*palette.bars)
    at = x + width * (1 - inner) / 2
    for bar in _BARS:
        high = height * (0.72 if plate else 1.0)
        Rectangle(pos=(at, y + (height - high) / 2), size=(bar * unit, high))
        at += (bar + 1) * unit
    over, middle = width * (0.16 if plate else 0.08), y + height / 2
    red, green, blue, _ = palette.beam
    for high, alpha in ((19, 0.22), (5, 1.0)) if lit else ():
        block(
            (red, green, blue, alpha),
            (x - over, middle - look.px(high / 2), width + 2 * over, look.px(high)),
            look.px(high / 2),
        )


def book(look: Look, cover: Cover, box: Box) -> None:
    """A closed book: its pages, its cover, its back."""
    x, y, width, height = box
    left, right = height * 0.018, height * 0.048
    if look.contrast:
        thick = look.px(5 if height >= look.px(120) else 4)
        framed(cover.frame, cover.ground, box, left + look.px(2), thick)
        return
    out = height * 0.022
    block(look.palette.line, (x + out, y, width, height * 0.97), left, right, right, left)
    block(look.palette.pages, (x + out, y + 1, width - 1, height * 0.97 - 2), left, right, right, left)
    block(cover.ground, box, left, right, right, left)
    block(cover.spine, (x, y, round(width * FRONT), height), left, 0.1, 0.1, left)


def foot(cover: Cover, box: Box) -> None:
    """The ornament at the foot of a book, cut off by its edges."""
    x, y, width, height = box
    if cover.horn[3] == 0:
        return
    unit = 0.74 * height / HORN_WIDE
    left = x + round(width * FRONT)
    wide, high = round(x + width - left), round(19.7 * unit)
    middle = (wide - width * FRONT * 0.1) / 2
    texture = horns(wide, high, unit, HORN_WIDE / 2 - middle / unit, 6.0)
    Color(*cover.horn)
    Rectangle(texture=texture, pos=(left, y), size=(wide, high))


def spine(look: Look, branch: str, box: Box) -> None:
    """A book that stands among others, seen from its back."""
    x, y, width, height = box
    cover = look.palette.cover(branch)
    radius = look.px(4)
    if look.contrast:
        framed(cover.frame, cover.ground, box, radius, look.px(3))
        return
    block(cover.ground, box, radius, radius, 0.1, 0.1)
    red, green, blue, _ = look.palette.on_strip
    for low in (y + height * 0.14, y + height * 0.86):
        block((red, green, blue, 0.6), (x, low, width, look.px(4)))


def seal(look: Look, tone: Tone, box: Box) -> None:
    """The sign of a tone in a shape of its own, with a rim of felt."""
    x, y, width, _ = box
    rim = look.px(4)
    inner = width - 2 * rim
    corners = _CORNERS.get(tone, (0.08,) * 4)
    block(look.palette.felt, box, *(share * width for share in corners))
    block(look.palette.text_of(tone), (x + rim, y + rim, inner, inner), *(share * inner for share in corners))
    letters = INFO if tone is Tone.PLAIN else SIGNS[tone]
    sign(letters, look.palette.glyph, (x + width / 2, y + width / 2), max(round(inner * 0.62), 1))


def librarian(look: Look, box: Box) -> None:
    """The librarian behind the counter, which is a piece of the shelf."""
    x, y, width, height = box
    palette = look.palette
    ground, ink = palette.ground_of(Tone.REFUSED), palette.text_of(Tone.REFUSED)
    radius = width * 0.2
    if look.contrast:
        framed(ink, ground, box, radius, look.px(3))
    else:
        block(ground, box, radius)
    counter = round(height * 0.31)
    sign("\ue4c2", ink, (x + width / 2, y + height * 0.6), max(round(width * 0.66), 1))
    rail = max(round(height * 0.035), 1)
    block(palette.rail, (x, y + counter - rail, width, rail))
    block(palette.band, (x, y, width, counter - rail), 0.1, 0.1, radius, radius)
    weave(palette.motif, (x + width * 0.05, y + rail, width * 0.9, counter - 3 * rail))


def calendar(look: Look, month: str, day: str, weekday: str, box: Box) -> None:
    """A leaf of a calendar: month, day, weekday, in letters of the picture."""
    x, y, width, height = box
    palette = look.palette
    frame, radius = look.px(palette.thick), look.px(12)
    framed(palette.line, palette.card if not look.contrast else palette.paper, box, radius, frame)
    strip = round(height * 0.26)
    block(
        palette.strip,
        (x + frame, y + height - strip - frame / 2, width - 2 * frame, strip),
        radius - frame,
        radius - frame,
        0.1,
        0.1,
    )
    ink = palette.ink if look.contrast else palette.bars
    for words, colour, share, size in (
        (month, palette.on_strip, 0.86, 0.16),
        (day, ink, 0.5, 0.44),
        (weekday, ink, 0.16, 0.16),
    ):
        fitting = round(height * size)
        while fitting > 8 and glyph(words, fitting, "Onest").width > width - 4 * frame:
            fitting -= 1
        sign(words, colour, (x + width / 2, y + height * share), fitting, "Onest")


def in_middle(box: Box) -> tuple[float, float]:
    """The middle of a box."""
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def of_widget(widget: Any) -> Box:
    """Where a widget is, in whole pixels."""
    return round(widget.x), round(widget.y), round(widget.width), round(widget.height)


def words(text: str, colour: Colour, at: tuple[float, float], size: int, bold: bool) -> None:
    """Words on one line, from a point in the middle of their height on."""
    texture = line_of(text, size, bold)
    Color(*colour)
    wide, high = texture.size
    Rectangle(texture=texture, pos=(round(at[0]), round(at[1] - high / 2)), size=(wide, high))
