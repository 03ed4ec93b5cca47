"""The receipt printer's thread: slips in, dots out. A ports.Printer; nothing that goes wrong here touches a loan."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from escpos.constants import RT_STATUS_PAPER
from escpos.escpos import Escpos
from PIL import Image

from kiosk.circulation.slip import Slip
from kiosk.devices.paper_lines import Line
from kiosk.devices.slip_picture import draw
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
    """Prints slips one after the other. A slip that cannot be printed is dropped, and `failed` is called."""

    def __init__(
        self,
        open_line: Callable[[], Line],
        width: int,
        school: str,
        failed: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """open_line: reaches the printer, for each slip anew: one that was switched off and on is simply there again.

        width: dots, one of slip_picture.WIDTHS. failed: called on the printer's thread. now: seconds.
        """
        self._open_line = open_line
        self._width = width
        self._school = school
        self._failed = failed
        self._now = now
        self._waiting: queue.Queue[tuple[float, Slip] | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._trouble = ""

    def start(self) -> None:
        """Begin to print."""
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Print nothing more; the slip at hand has its few seconds."""
        if self._thread is None:
            return
        while True:
            try:
                self._waiting.put_nowait(None)
                break
            except queue.Full:
                self._waiting.get_nowait()
        self._thread.join()
        self._thread = None

    def submit(self, slip: Slip) -> bool:
        """Take a slip to be printed, and return at once; False if too many wait already."""
        try:
            self._waiting.put_nowait((self._now(), slip))
        except queue.Full:
            log.warning("printer: %d slips wait already; one more was not taken", MOST_WAITING)
            return False
        return True

    def health(self) -> str:
        """Empty while it works, else what was wrong with the last slip."""
        return self._trouble

    def _run(self) -> None:
        while (job := self._waiting.get()) is not None:
            taken, slip = job
            if self._now() - taken > STALE_S:
                log.info("printer: a slip that waited for %g s was dropped", STALE_S)
                continue
            try:
                print_slip(slip, self._school, self._width, self._open_line)
                self._trouble = ""
            except Exception as error:  # the top of the thread: drivers raise more than they document
                if not isinstance(error, DeviceError):
                    log.exception("printer")
                self._trouble = f"printer: {error}; the next slip is tried again"
                log.warning("%s", self._trouble)
                self._failed()


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
