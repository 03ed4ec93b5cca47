"""The look in numbers: colours and the scale. Nothing else knows a colour, so that a theme is one more Palette.

Lengths are written for a panel of 800x480 and multiplied by the scale; sizes of type are rounded to whole pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Colour = tuple[float, float, float, float]

DESIGN_WIDTH, DESIGN_HEIGHT = 800, 480
LEADING = 0.86
"""The line height, as a share of the font's own (1.275 em)."""


def colour(code: str, alpha: float = 1.0) -> Colour:
    """«#F6F0E4» as Kivy wants it."""
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue, alpha


class Tone(StrEnum):
    """What a sentence or a row is about; every tone has its colour and its sign, and the words say it too."""

    PLAIN = "plain"
    BORROWED = "borrowed"
    RETURNED = "returned"
    REFUSED = "refused"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Cover:
    """The colours of a drawn book."""

    ground: Colour
    text: Colour


_PAPERWHITE = colour("#FFF8EA")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme. tones: of a Tone its text and its ground; covers: by the branch of the stock."""

    felt: Colour
    felt2: Colour
    paper: Colour
    ink: Colour
    ink2: Colour
    primary: Colour
    on_primary: Colour
    primary_edge: Colour
    line: Colour
    edge: Colour
    ghost: Colour
    band: Colour
    rail: Colour
    beam: Colour
    glyph: Colour
    key: Colour
    tones: dict[Tone, tuple[Colour, Colour]]
    covers: dict[str, Cover]

    def text_of(self, tone: Tone) -> Colour:
        """The colour of words in that tone."""
        return self.tones[tone][0]

    def ground_of(self, tone: Tone) -> Colour:
        """The colour behind them."""
        return self.tones[tone][1]

    def cover(self, branch: str) -> Cover:
        """How a book of that branch of the stock is drawn."""
        return self.covers.get(branch, self.covers[""])


LIGHT = Palette(
    felt=colour("#F6F0E4"),
    felt2=colour("#E9DECB"),
    paper=colour("#FFFDF8"),
    ink=colour("#1E2A32"),
    ink2=colour("#515C66"),
    primary=colour("#0F4C5C"),
    on_primary=colour("#FFFFFF"),
    primary_edge=colour("#07303B"),
    line=colour("#C9B998"),
    edge=colour("#8F7B55"),
    ghost=colour("#8F7D5B"),
    band=colour("#8C2F27"),
    rail=colour("#E3A733"),
    beam=colour("#E4572E"),
    glyph=colour("#FFFFFF"),
    key=colour("#FFF1D2"),
    tones={
        Tone.PLAIN: (colour("#1E2A32"), colour("#FFFDF8")),
        Tone.BORROWED: (colour("#1E6A46"), colour("#DDEDE0")),
        Tone.RETURNED: (colour("#1B5A89"), colour("#DCE9F3")),
        Tone.REFUSED: (colour("#854600"), colour("#FAE3B8")),
        Tone.WAITING: (colour("#62477D"), colour("#E9E0F1")),
    },
    covers={
        "көркем әдебиет": Cover(colour("#8C2F27"), _PAPERWHITE),
        "жаратылыстану": Cover(colour("#2C673A"), _PAPERWHITE),
        "техника": Cover(colour("#3A5467"), _PAPERWHITE),
        "қоғамдық": Cover(colour("#755010"), _PAPERWHITE),
        "өнер/спорт": Cover(colour("#86305F"), _PAPERWHITE),
        "тіл/әдебиеттану": Cover(colour("#3B4089"), _PAPERWHITE),
        "балалар": Cover(colour("#E6AE3A"), colour("#2E1D00")),
        "оқулық": Cover(colour("#0E5D66"), _PAPERWHITE),
        "": Cover(colour("#645C52"), _PAPERWHITE),
    },
)


@dataclass(frozen=True, slots=True)
class Look:
    """A palette at a scale: 1 at 800x480."""

    scale: float = 1.0
    palette: Palette = LIGHT

    @classmethod
    def for_window(cls, width: float, height: float) -> Look:
        """The look that fits a window."""
        return cls(max(min(width / DESIGN_WIDTH, height / DESIGN_HEIGHT), 0.1))

    def px(self, length: float) -> float:
        """A length of the design in pixels of the window."""
        return length * self.scale

    def pt(self, size: float) -> int:
        """A size of type in whole pixels."""
        return max(round(size * self.scale), 1)
