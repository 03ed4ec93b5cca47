"""The colours of every theme. Nothing else knows a colour, so that a theme is one more Palette. Pure: no Kivy.

What a text needs against its ground is in tests/unit/test_themes.py: 4.5 to 1, for what is no text 3 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.circulation.appearance import Theme

Colour = tuple[float, float, float, float]


def colour(code: str, alpha: float = 1.0) -> Colour:
    """«#F6F0E4» as Kivy wants it."""
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue, alpha


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """A colour with so much of the other laid over it."""
    red, green, blue = (a + (b - a) * share for a, b in zip(one[:3], other[:3], strict=True))
    return red, green, blue, 1.0


class Tone(StrEnum):
    """What a sentence or a row is about; every tone has its colour and its sign, and the words say it too."""

    PLAIN = "plain"
    BORROWED = "borrowed"
    RETURNED = "returned"
    REFUSED = "refused"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Cover:
    """A drawn book. spine: of its back; frame: around it, the same as the ground where none is wanted; horn: of the
    ornament at its foot; sign: of its branch, a letter of the icon font.
    """

    ground: Colour
    text: Colour
    spine: Colour
    frame: Colour
    horn: Colour
    sign: str


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme. tones: of a Tone its text and its ground; covers: by the branch of the stock.

    felt, felt2, paper: grounds of the stage, of the controls, of rows and buttons; ink, ink2: text; line, edge: frames
    and lower edges of what is touched; ghost: frames of what is not there yet; band, motif, rail: the shelf; strip: of
    the month on a calendar leaf; beam: the light of a scanner; glyph: signs on seals; key: the ground of the Kazakh
    letters; card and what follows: a drawn reader card; bars: of a barcode; pages: the edge of a book; taken: a spine
    of the limit; row_frame: around a row; thick: how wide a frame is, of the design.
    """

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
    motif: Colour
    rail: Colour
    strip: Colour
    on_strip: Colour
    beam: Colour
    glyph: Colour
    key: Colour
    card: Colour
    card_head: Colour
    card_line: Colour
    face: Colour
    bars: Colour
    pages: Colour
    taken: Colour
    row_frame: Colour
    thick: float
    tones: Mapping[Tone, tuple[Colour, Colour]]
    covers: Mapping[str, Cover]

    def text_of(self, tone: Tone) -> Colour:
        """The colour of words in that tone."""
        return self.tones[tone][0]

    def ground_of(self, tone: Tone) -> Colour:
        """The colour behind them."""
        return self.tones[tone][1]

    def cover(self, branch: str) -> Cover:
        """How a book of that branch of the stock is drawn."""
        return self.covers.get(branch, self.covers[""])


_BLACK, _WHITE, _YELLOW = colour("#000000"), colour("#FFFFFF"), colour("#FFD93B")
_NIGHT = colour("#0F1315")
_DIMMED = 0.28
_CHILDREN = "балалар"

_BRANCHES = {
    "көркем әдебиет": ("#8C2F27", "#FF9C8F", "\ue9c0"),
    "жаратылыстану": ("#2C673A", "#8BE3A0", "\ue2da"),
    "техника": ("#3A5467", "#B9CDE0", "\ue272"),
    "қоғамдық": ("#755010", "#F0C574", "\ue28a"),
    "өнер/спорт": ("#86305F", "#FF9FD6", "\ue6c8"),
    "тіл/әдебиеттану": ("#3B4089", "#B5BAFF", "\ue660"),
    _CHILDREN: ("#E6AE3A", "#FFD93B", "\ue472"),
    "оқулық": ("#0E5D66", "#7FE0E8", "\ue62c"),
    "": ("#645C52", "#FFFFFF", "\ue0e2"),
}
"""Of a branch: its ground, its frame in high contrast, its sign."""


def _printed() -> dict[str, Cover]:
    found = {}
    for branch, (ground, _, sign) in _BRANCHES.items():
        text, horn = (
            ("#2E1D00", colour("#8C5A00", 0.2)) if branch == _CHILDREN else ("#FFF8EA", colour("#FFFFFF", 0.17))
        )
        paper = colour(ground)
        found[branch] = Cover(paper, colour(text), mixed(paper, _BLACK, 0.22), paper, horn, sign)
    return found


def _framed() -> dict[str, Cover]:
    nothing = colour("#000000", 0)
    return {
        branch: Cover(_BLACK, _WHITE, nothing, colour(frame), nothing, sign)
        for branch, (_, frame, sign) in _BRANCHES.items()
    }


def _dimmed() -> dict[str, Cover]:
    def dim(one: Colour) -> Colour:
        return (*mixed(one, _NIGHT, _DIMMED)[:3], one[3])

    return {
        branch: Cover(dim(one.ground), dim(one.text), dim(one.spine), dim(one.frame), dim(one.horn), one.sign)
        for branch, one in _printed().items()
    }


_LIGHT = Palette(
    felt=colour("#F6F0E4"),
    felt2=colour("#E9DECB"),
    paper=colour("#FFFDF8"),
    ink=colour("#1E2A32"),
    ink2=colour("#515C66"),
    primary=colour("#0F4C5C"),
    on_primary=_WHITE,
    primary_edge=colour("#07303B"),
    line=colour("#C9B998"),
    edge=colour("#8F7B55"),
    ghost=colour("#8F7D5B"),
    band=colour("#8C2F27"),
    motif=colour("#F3D9A4"),
    rail=colour("#E3A733"),
    strip=colour("#8C2F27"),
    on_strip=colour("#FFF8EA"),
    beam=colour("#E4572E"),
    glyph=_WHITE,
    key=colour("#FFF1D2"),
    card=_WHITE,
    card_head=colour("#0F4C5C"),
    card_line=colour("#B9AE98"),
    face=colour("#D6E4E4"),
    bars=colour("#1E2A32"),
    pages=colour("#FFFDF6"),
    taken=colour("#0F4C5C"),
    row_frame=colour("#FFFDF8"),
    thick=2,
    tones={
        Tone.PLAIN: (colour("#1E2A32"), colour("#FFFDF8")),
        Tone.BORROWED: (colour("#1E6A46"), colour("#DDEDE0")),
        Tone.RETURNED: (colour("#1B5A89"), colour("#DCE9F3")),
        Tone.REFUSED: (colour("#854600"), colour("#FAE3B8")),
        Tone.WAITING: (colour("#62477D"), colour("#E9E0F1")),
    },
    covers=_printed(),
)

_CONTRAST = Palette(
    felt=_BLACK,
    felt2=_BLACK,
    paper=_BLACK,
    ink=_WHITE,
    ink2=_WHITE,
    primary=_YELLOW,
    on_primary=_BLACK,
    primary_edge=colour("#B89500"),
    line=_WHITE,
    edge=_WHITE,
    ghost=_WHITE,
    band=_BLACK,
    motif=_YELLOW,
    rail=_YELLOW,
    strip=_YELLOW,
    on_strip=_BLACK,
    beam=_YELLOW,
    glyph=_BLACK,
    key=_BLACK,
    card=_BLACK,
    card_head=_BLACK,
    card_line=_WHITE,
    face=_BLACK,
    bars=_BLACK,
    pages=_BLACK,
    taken=_WHITE,
    row_frame=_WHITE,
    thick=3,
    tones={
        Tone.PLAIN: (_WHITE, _BLACK),
        Tone.BORROWED: (colour("#7CF0A8"), _BLACK),
        Tone.RETURNED: (colour("#8FD0FF"), _BLACK),
        Tone.REFUSED: (colour("#FFC24A"), _BLACK),
        Tone.WAITING: (colour("#E3BEFF"), _BLACK),
    },
    covers=_framed(),
)

_AT_NIGHT = Palette(
    felt=colour("#161B1E"),
    felt2=_NIGHT,
    paper=colour("#232A2E"),
    ink=colour("#EDE2CD"),
    ink2=colour("#B8AE9B"),
    primary=colour("#D9A441"),
    on_primary=colour("#1C1506"),
    primary_edge=colour("#8C6620"),
    line=colour("#6F7B82"),
    edge=colour("#566168"),
    ghost=colour("#7C8890"),
    band=colour("#4B1F1A"),
    motif=colour("#C9A468"),
    rail=colour("#8C6620"),
    strip=colour("#4B1F1A"),
    on_strip=colour("#EDE2CD"),
    beam=colour("#C9603F"),
    glyph=colour("#14191C"),
    key=colour("#33270F"),
    card=mixed(_WHITE, _NIGHT, _DIMMED),
    card_head=mixed(colour("#0F4C5C"), _NIGHT, _DIMMED),
    card_line=mixed(colour("#B9AE98"), _NIGHT, _DIMMED),
    face=mixed(colour("#D6E4E4"), _NIGHT, _DIMMED),
    bars=colour("#1E2A32"),
    pages=mixed(colour("#FFFDF6"), _NIGHT, _DIMMED),
    taken=colour("#D9A441"),
    row_frame=colour("#232A2E"),
    thick=2,
    tones={
        Tone.PLAIN: (colour("#EDE2CD"), colour("#232A2E")),
        Tone.BORROWED: (colour("#8CCBA4"), colour("#1B2C23")),
        Tone.RETURNED: (colour("#92BEE0"), colour("#1A2833")),
        Tone.REFUSED: (colour("#E8B765"), colour("#33270F")),
        Tone.WAITING: (colour("#C3A8DC"), colour("#2A2133")),
    },
    covers=_dimmed(),
)

THEMES: Mapping[Theme, Palette] = {Theme.LIGHT: _LIGHT, Theme.CONTRAST: _CONTRAST, Theme.NIGHT: _AT_NIGHT}
