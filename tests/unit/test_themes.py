"""The colours against each other, in every theme: text 4.5 to 1, what is only drawn 3 to 1; and the sizes of type."""

from __future__ import annotations

import pytest

from kiosk.circulation.appearance import Appearance, Theme
from kiosk.screens.look import LONG_SIDE, Look, enlarged
from kiosk.screens.themes import THEMES, Colour, Palette, Tone, colour

TEXT, DRAWN = 4.5, 3.0


def luminance(one: Colour) -> float:
    """As WCAG 2 has it."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in one[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """From 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def texts(palette: Palette) -> dict[str, tuple[Colour, Colour]]:
    """Every text with every ground that it stands on."""
    grounds = {"felt": palette.felt, "felt2": palette.felt2, "paper": palette.paper}
    found = {f"ink on {name}": (palette.ink, ground) for name, ground in (*grounds.items(), ("key", palette.key))}
    found |= {f"ink2 on {name}": (palette.ink2, ground) for name, ground in grounds.items()}
    found["button"] = (palette.on_primary, palette.primary)
    found["month"] = (palette.on_strip, palette.strip)
    for tone in Tone:
        found |= {f"{tone} on {name}": (palette.text_of(tone), ground) for name, ground in list(grounds.items())[::2]}
        found[f"{tone} on its own"] = (palette.text_of(tone), palette.ground_of(tone))
        found[f"ink on {tone}"] = (palette.ink, palette.ground_of(tone))
        found[f"seal {tone}"] = (palette.glyph, palette.text_of(tone))
    for branch, cover in palette.covers.items():
        found[f"cover {branch}"] = (cover.text, cover.ground)
    return found


@pytest.mark.parametrize("theme", Theme)
def test_every_text_stands_out_from_its_ground(theme: Theme) -> None:
    weak = {name: round(contrast(*pair), 2) for name, pair in texts(THEMES[theme]).items() if contrast(*pair) < TEXT}
    assert weak == {}


@pytest.mark.parametrize("theme", Theme)
def test_what_is_drawn_and_no_text_is_seen(theme: Theme) -> None:
    palette = THEMES[theme]
    drawn = {"ghost": palette.ghost, "beam": palette.beam, "motif on band": palette.motif, "taken": palette.taken}
    grounds = {"motif on band": palette.band}
    weak = {name: one for name, one in drawn.items() if contrast(one, grounds.get(name, palette.felt)) < DRAWN}
    assert weak == {}


def test_a_weak_pair_is_noticed() -> None:
    assert contrast(colour("#8F7D5B"), colour("#F6F0E4")) < TEXT
    assert round(contrast(colour("#000000"), colour("#FFFFFF"))) == 21


@pytest.mark.parametrize(
    ("panel", "scale"),
    [((800, 480), 1), ((1024, 600), 1.25), ((1280, 720), 1.5), ((720, 1280), 1.5), ((1920, 1080), 2.25)],
)
def test_the_scale_of_a_panel(panel: tuple[int, int], scale: float) -> None:
    look = Look.for_window(*panel)
    assert look.scale == scale
    assert look.tall == (panel[1] > panel[0])
    assert look.wide >= (480 if look.tall else LONG_SIDE)


def test_large_text_is_larger_at_every_size_and_keeps_their_order() -> None:
    sizes = (12, 16, 17, 18, 20, 22, 24, 26, 28, 30, 32, 36, 40, 48, 56)
    larger = [enlarged(size) for size in sizes]
    assert larger == sorted(larger)
    assert all(new > old for new, old in zip(larger, sizes, strict=True))
    assert Look(appearance=Appearance(large=True)).type(16) == 21
    assert Look().type(16) == 16
