"""What is sent to a receipt printer, in ESC/POS: a slip as rows of dots, and whether there is paper."""

from __future__ import annotations

from collections.abc import Callable

from escpos.constants import RT_STATUS_PAPER
from escpos.escpos import Escpos
from PIL import Image

from kiosk.circulation.slip import Slip
from kiosk.devices.paper_lines import Line
from kiosk.devices.slip_picture import draw
from kiosk.errors import DeviceError
from kiosk.text import words

_PART_ROWS = 240
"""Rows sent at once: cheap printers have little memory."""
_PAPER_ANSWER, _PAPER_ANSWER_MASK, _NO_PAPER = 0x12, 0x93, 0x60
"""Of the byte that answers DLE EOT 4: the bits that never change, and those of the sensor at the end of the roll."""


def look(open_line: Callable[[], Line]) -> None:
    """Raises DeviceError if the printer cannot be reached or tells that it has no paper."""
    line = open_line()
    try:
        _check_paper(_Commands(line))
    finally:
        line.close()


def picture_of(slip: Slip, school: str, width: int) -> Image.Image:
    """The slip as it is printed."""
    return draw(slip, school, words(slip.language), width)


def print_slip(slip: Slip, school: str, width: int, open_line: Callable[[], Line]) -> None:
    """Print one slip and wait until the printer has taken it. Raises DeviceError."""
    picture = picture_of(slip, school, width)
    line = open_line()
    try:
        send(picture, line)
    finally:
        line.close()


def send(picture: Image.Image, line: Line) -> None:
    """Send a picture and cut the paper. Raises DeviceError, for no paper too if the printer tells."""
    paper = _Commands(line)
    _check_paper(paper)
    paper.image(picture, fragment_height=_PART_ROWS)
    paper.cut()
    _check_paper(paper)


def _check_paper(paper: _Commands) -> None:
    answer = paper.query_status(RT_STATUS_PAPER)
    if answer and answer[0] & _PAPER_ANSWER_MASK == _PAPER_ANSWER and answer[0] & _NO_PAPER == _NO_PAPER:
        raise DeviceError("there is no paper; put a new roll in")


class _Commands(Escpos):  # type: ignore[misc]
    """ESC/POS over a line."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def _raw(self, msg: bytes) -> None:
        self._line.write(msg)

    def _read(self) -> bytes:
        return self._line.read()
