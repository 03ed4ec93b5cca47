"""Codes for scanners as rectangles: Code 128 by python-barcode, QR codes by qrcode."""

from __future__ import annotations

from typing import Any, Literal

from kiosk.errors import KioskError
from kiosk.reports.paper import Box

Code = Literal["code128", "qr"]
CODES: tuple[Code, ...] = ("code128", "qr")
DOT = 25.4 / 300
"""A printer's dot, of 300 to the inch. Bars that are whole dots wide are printed alike."""
QUIET = 10
"""Modules of white on either side of a Code 128. Source: ISO/IEC 15417, 4.2."""
QR_QUIET = 4
"""Modules of white around a QR code. Source: ISO/IEC 18004, 5.3.8."""
_THINNEST_DOTS, _WIDEST_DOTS = 2, 6
_QR_LEAST_MM = 0.35


class CodeError(KioskError):
    """A number cannot be printed as a code of this kind, or not on a label so small."""


def bars(number: str, box: Box) -> list[Box]:
    """The bars of a Code 128 as wide as whole dots allow, in the middle of the box, its white margins inside it.

    Raises CodeError for letters that it has not, and for a number too long for the box.
    """
    from barcode.codex import Code128
    from barcode.errors import BarcodeError

    try:
        modules: str = Code128(number).build()[0]
    except BarcodeError as error:
        raise CodeError(f"{number!r}: Code 128 has only Latin letters and digits; print it as a QR code") from error
    dots = min(int(box.width / (len(modules) + 2 * QUIET) / DOT + 1e-6), _WIDEST_DOTS)
    if dots < _THINNEST_DOTS:
        raise CodeError(f"{number!r} is too long for a Code 128 {box.width:.0f} mm wide; print it as a QR code")
    module = dots * DOT
    left = box.x + (box.width - len(modules) * module) / 2
    return [Box(left + at * module, box.y, n * module, box.height) for at, n in _runs(modules)]


def squares(number: str, box: Box) -> list[Box]:
    """The dark parts of a QR code, as large as the box allows, in its middle, its white margin inside it.

    Raises CodeError for a number too long for the box.
    """
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(number)
    rows: Any = code.get_matrix()
    side = min(box.width, box.height)
    module = side / (len(rows) + 2 * QR_QUIET)
    if module < _QR_LEAST_MM:
        raise CodeError(f"{number!r} is too long for a QR code of {side:.0f} mm")
    left = box.x + (box.width - len(rows) * module) / 2
    top = box.y + (box.height - len(rows) * module) / 2
    found = []
    for n, row in enumerate(rows):
        modules = "".join("1" if dark else "0" for dark in row)
        # A hair's breadth more than the module, or a viewer shows white lines between the rows.
        found += [
            Box(left + at * module, top + n * module, length * module, module * 1.02) for at, length in _runs(modules)
        ]
    return found


def _runs(modules: str) -> list[tuple[int, int]]:
    """Where a run of dark modules begins, and how long it is."""
    runs, at = [], 0
    while (at := modules.find("1", at)) >= 0:
        end = modules.find("0", at)
        end = len(modules) if end < 0 else end
        runs.append((at, end - at))
        at = end
    return runs
