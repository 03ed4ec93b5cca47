"""Sheets of codes to print: one A4 page, as PNG or PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from kiosk.devices.learning import SHEET, SheetCode
from kiosk.errors import DeviceError

_DPI = 200
_PAGE = (1654, 2339)
_LEFT, _TOP, _BOTTOM = 180, 120, 2260


@dataclass(frozen=True, slots=True)
class Printed:
    """A code of a sheet. symbology: as zxing-cpp calls it; text: the lines beneath."""

    mark: str
    symbology: str
    payload: str
    text: tuple[str, ...]


def learning_sheet() -> list[Printed]:
    """The codes that `kiosk devices learn` has scanned."""
    return [Printed(str(one.number), one.symbology, one.payload, _text(one)) for one in SHEET]


def _text(one: SheetCode) -> tuple[str, ...]:
    hint = ("Photograph this one with a phone, and scan it from the phone's screen.",) if one.number == 5 else ()
    return (f"{one.payload}   {one.tells}", *hint)


def write_sheet(path: Path, title: str, codes: Sequence[Printed]) -> None:
    """Write codes into a .png or .pdf file. Raises DeviceError, also if they are more than a page holds."""
    import zxingcpp
    from PIL import Image, ImageDraw, ImageFont

    if path.suffix.lower() not in (".png", ".pdf"):
        raise DeviceError(f"{path}: the name of a .png or .pdf file is expected")
    font = str(files("kiosk").joinpath("screens/fonts/Onest_500Medium.ttf"))
    large, small = (ImageFont.truetype(font, size) for size in (54, 32))
    page = Image.new("L", _PAGE, 255)
    draw = ImageDraw.Draw(page)
    draw.text((_LEFT, _TOP), title, font=large, fill=0)
    y = _TOP + 140
    for one in codes:
        draw.text((_LEFT, y), one.mark, font=large, fill=0)
        drawn = zxingcpp.create_barcode(one.payload, zxingcpp.barcode_format_from_str(one.symbology))
        scale = 8 if one.symbology == "QRCode" else 4 if len(codes) <= len(SHEET) else 3
        code = Image.fromarray(drawn.to_image(scale=scale, add_quiet_zones=True))
        page.paste(code, (_LEFT + 120, y))
        y += code.height + 12
        for line in one.text:
            draw.text((_LEFT + 120, y), line, font=small, fill=0)
            y += 44
        y += 34
    if y > _BOTTOM:
        raise DeviceError(f"{path}: {len(codes)} codes are more than a page holds")
    try:
        page.save(path, dpi=(_DPI, _DPI), resolution=_DPI)
    except OSError as error:
        raise DeviceError(f"{path}: {error.strerror}") from error
