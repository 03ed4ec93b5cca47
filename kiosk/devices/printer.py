"""The receipt printer: slips in, dots out. Nothing that goes wrong here touches a loan."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from contextlib import suppress

from escpos.constants import RT_STATUS_PAPER
from escpos.escpos import Escpos
from PIL import Image

from kiosk.circulation.slip import Slip
from kiosk.devices.paper_lines import Line
from kiosk.devices.slip_picture import draw
from kiosk.devices.supervisor import Run
from kiosk.errors import DeviceError
from kiosk.text import words

log = logging.getLogger(__name__)

MOST_WAITING = 5
STALE_S = 60.0
"""A slip that could not be printed for so long is not: its reader has gone, and another one stands there."""
_PART_ROWS = 240
"""Rows sent at once: cheap printers have little memory."""
_PAPER_ANSWER, _PAPER_ANSWER_MASK, _NO_PAPER = 0x12, 0x93, 0x60
"""Of the byte that answers DLE EOT 4: the bits that never change, and those of the sensor at the end of the roll."""


class SlipPrinter:
    """Prints slips one after the other; a supervisor.Driver and a ports.Printer. A slip that cannot be printed is
    dropped, and `failed` is called."""

    what = "printer"

    def __init__(
        self,
        name: str,
        open_line: Callable[[], Line],
        width: int,
        school: str,
        failed: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """open_line: reaches the printer, for each slip anew: one that was switched off and on is simply there again.

        width: dots, one of slip_picture.WIDTHS. failed: called on the printer's thread. now: seconds.
        """
        self.name = name
        self._open_line = open_line
        self._width = width
        self._school = school
        self._failed = failed
        self._now = now
        self._waiting: queue.Queue[tuple[float, Slip] | None] = queue.Queue(MOST_WAITING)
        self._works = False

    def submit(self, slip: Slip) -> bool:
        """Take a slip to be printed, and return at once; False if that cannot be: no printer, or too many waiting."""
        if not self._works:
            return False
        try:
            self._waiting.put_nowait((self._now(), slip))
        except queue.Full:
            log.warning("printer '%s': %d slips wait already; one more was not taken", self.name, MOST_WAITING)
            return False
        return True

    def serve(self, run: Run) -> None:
        """Look whether the printer is ready, then print what comes. Raises DeviceError."""
        self._look()
        run.on_stop(self._stop_waiting)
        self._works = True
        run.works()
        try:
            while not run.stopping():
                job = self._waiting.get()
                if job is not None and self._now() - job[0] < STALE_S:
                    print_slip(job[1], self._school, self._width, self._open_line)
        except Exception:
            self._failed()
            raise
        finally:
            self._works = False
            run.on_stop(None)

    def _look(self) -> None:
        line = self._open_line()
        try:
            _check_paper(_Commands(line))
        finally:
            line.close()

    def _stop_waiting(self) -> None:
        while True:
            try:
                self._waiting.put_nowait(None)
                return
            except queue.Full:
                with suppress(queue.Empty):
                    self._waiting.get_nowait()


def print_slip(slip: Slip, school: str, width: int, open_line: Callable[[], Line]) -> None:
    """Print one slip and wait until the printer has taken it. Raises DeviceError."""
    picture = draw(slip, school, words(slip.language), width)
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
