"""The camera as a reader: a devices.reading.CodeDriver, and a ports.FrameFeed. Between `close` and `open` it is off."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kiosk.devices.camera.agree import Agreement
from kiosk.devices.reading import Emit
from kiosk.devices.supervisor import Run
from kiosk.errors import DeviceAbsent
from kiosk.ports import Frame

if TYPE_CHECKING:
    from kiosk.devices.camera.decode import Found
    from kiosk.devices.camera.locate import Picture
    from kiosk.devices.camera.pictures import Pictures

log = logging.getLogger(__name__)

SHOWN_WIDTH = 640
"""Pixels across of the live picture: what the screen can show of it."""


@dataclass(frozen=True, slots=True)
class CameraKind:
    """Which camera. kind: "v4l2", "picamera2" or "file"; device: its path; width, height: the size asked for."""

    kind: str
    device: str = ""
    width: int = 1280
    height: int = 720

    def open(self) -> Pictures:
        """Switch it on. Raises DeviceError. OpenCV is imported here, when it is first needed."""
        from kiosk.devices.camera.pictures import PiPictures, V4l2Pictures, VideoPictures

        match self.kind:
            case "picamera2":
                return PiPictures(self.width, self.height)
            case "file":
                return VideoPictures(self.device)
        return V4l2Pictures(self.device, self.width, self.height)

    def look(self) -> None:
        """Raises DeviceAbsent if it can be seen, without switching it on, that it is not there."""
        if self.device and not os.path.exists(self.device):
            raise DeviceAbsent(f"{self.device} is not there")


class CameraDriver:
    """Codes from a camera, and its live picture, while it is open."""

    def __init__(self, name: str, switch_on: Callable[[], Pictures], look: Callable[[], None] = lambda: None) -> None:
        """switch_on, look: as `CameraKind` has them."""
        self.name = name
        self._switch_on = switch_on
        self._look = look
        self._wake = threading.Condition()
        self._open = False
        self._times = 0
        self._newest: Frame | None = None
        self._count = 0

    def open(self) -> None:
        """Its view is on the screen: switch the camera on. From any thread; returns at once."""
        with self._wake:
            self._times += 1
            self._open = True
            self._wake.notify_all()

    def close(self) -> None:
        """Its view has gone: switch the camera off, and keep no picture. From any thread; returns at once."""
        with self._wake:
            self._open, self._newest = False, None
            self._wake.notify_all()

    def latest(self) -> Frame | None:
        """The newest picture, None while there is none."""
        return self._newest

    def serve(self, run: Run, emit: Emit) -> None:
        """Wait for `open`, read until `close`, and so on. Raises DeviceError."""
        run.on_stop(self._stop_waiting)
        try:
            while not run.stopping():
                if not self._open:
                    self._look()
                    run.works()
                    self._wait(lambda: self._open or run.stopping())
                    continue
                this_time = self._times
                pictures = self._switch_on()
                log.info("camera '%s' is on", self.name)
                try:
                    self._watch(pictures, run, emit, partial(self._gone, run, this_time))
                finally:
                    pictures.close()
                    log.info("camera '%s' is off", self.name)
        finally:
            self._newest = None
            run.on_stop(None)

    def _stop_waiting(self) -> None:
        with self._wake:
            self._wake.notify_all()

    def _wait(self, until: Callable[[], bool]) -> None:
        with self._wake:
            self._wake.wait_for(until)

    def _gone(self, run: Run, this_time: int) -> bool:
        """Whether the view was closed since, even if it is open again."""
        return not self._open or self._times != this_time or run.stopping()

    def _watch(self, pictures: Pictures, run: Run, emit: Emit, gone: Callable[[], bool]) -> None:
        """Read pictures until the view has gone."""
        import cv2

        from kiosk.devices.camera.decode import read

        agreement = Agreement()
        while not gone():
            picture = pictures.read()
            if picture is None:
                # A video is played once each time that the view is opened.
                self._wait(gone)
                return
            run.works()
            found = read(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))  # type: ignore[arg-type]
            self._show(picture, found)
            for code in agreement.see(((one.text, one.sure) for one in found), time.monotonic()):
                if not gone():
                    emit(code)

    def _show(self, picture: Picture, found: list[Found]) -> None:
        """Put the picture, smaller, into the one slot."""
        import cv2

        height, width = picture.shape[:2]
        size = (SHOWN_WIDTH, max(height * SHOWN_WIDTH // width, 1))
        small = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
        outlines = tuple(tuple((float(x) / width, float(y) / height) for x, y in one.corners) for one in found)
        self._count += 1
        frame = Frame(self._count, size[0], size[1], small.tobytes(), outlines)
        with self._wake:
            if self._open:
                self._newest = frame
