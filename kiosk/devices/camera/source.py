"""The camera's thread. A ports.ScanSource and a ports.FrameFeed; between `close` and `open` the camera is off."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.circulation.model import Scan
from kiosk.devices.camera.agree import Agreement
from kiosk.errors import DeviceError
from kiosk.ports import Frame

if TYPE_CHECKING:
    from kiosk.devices.camera.decode import Found
    from kiosk.devices.camera.locate import Picture
    from kiosk.devices.camera.pictures import Pictures

log = logging.getLogger(__name__)

SHOWN_WIDTH = 640
"""Pixels across of the live picture: what the screen can show of it."""
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 8.0


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

    def missing(self) -> str:
        """What can be seen to be wrong without switching it on; empty: nothing."""
        return f"{self.device} is not there; check the cable" if self.device and not os.path.exists(self.device) else ""


class CameraSource:
    """Scans from a camera while it is open. A camera that vanishes is tried again, with growing waits."""

    def __init__(
        self,
        name: str,
        open_pictures: Callable[[], Pictures],
        gives: str = "any",
        missing: Callable[[], str] = lambda: "",
    ) -> None:
        """open_pictures: switches the camera on; missing: says what is wrong while it is off. As `CameraKind` has."""
        self.name = name
        self._open_pictures = open_pictures
        self._gives = gives
        self._missing = missing
        self._wake = threading.Condition()
        self._open = False
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._trouble = ""
        self._wait_s = _FIRST_WAIT_S
        self._newest: Frame | None = None
        self._count = 0

    def start(self, deliver: Callable[[Scan], None]) -> None:
        """Begin to wait for `open`."""
        self._stopping, self._trouble = False, ""
        self._thread = threading.Thread(target=self._run, args=(deliver,), name=f"camera {self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and let go of the camera; nothing is delivered afterwards."""
        with self._wake:
            self._stopping, self._open = True, False
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def health(self) -> str:
        """Empty while it works or is off, else what is wrong and what happens next, in a sentence."""
        if self._thread is None:
            return "not started"
        trouble = self._trouble or ("" if self._open else self._missing())
        if not trouble:
            return ""
        again = f"trying again in {self._wait_s:g} s" if self._open else "it is tried again when its view is opened"
        return f"camera '{self.name}': {trouble}; {again}"

    def open(self) -> None:
        """Its view is on the screen: switch the camera on. From any thread; returns at once."""
        with self._wake:
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

    def _run(self, deliver: Callable[[Scan], None]) -> None:
        self._wait_s = _FIRST_WAIT_S
        while self._wait_until_open():
            try:
                pictures = self._open_pictures()
                try:
                    log.info("camera %s: on", self.name)
                    self._trouble = ""
                    self._watch(pictures, deliver)
                    self._wait_s = _FIRST_WAIT_S
                finally:
                    pictures.close()
                    log.info("camera %s: off", self.name)
            except Exception as error:  # the top of the thread: drivers raise more than they document
                if not isinstance(error, DeviceError):
                    log.exception("camera %s", self.name)
                self._newest = None
                self._trouble = str(error)
                log.warning("%s", self.health())
                self._rest(self._wait_s)
                self._wait_s = min(self._wait_s * 2, _LONGEST_WAIT_S)

    def _wait_until_open(self) -> bool:
        """Whether there is something to do; False: the end."""
        with self._wake:
            self._wake.wait_for(lambda: self._open or self._stopping)
            return not self._stopping

    def _rest(self, seconds: float) -> None:
        with self._wake:
            self._wake.wait_for(lambda: not self._open or self._stopping, seconds)

    def _watch(self, pictures: Pictures, deliver: Callable[[Scan], None]) -> None:
        """Read pictures until the view is closed."""
        import cv2

        from kiosk.devices.camera.decode import read

        agreement = Agreement()
        while self._open:
            picture = pictures.read()
            if picture is None:
                self._rest_after_the_end()
                return
            found = read(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))  # type: ignore[arg-type]
            self._show(picture, found)
            codes = agreement.see(((one.text, one.sure) for one in found), time.monotonic())
            for code in codes:
                if self._open:
                    deliver(Scan(code, self.name, self._gives))

    def _rest_after_the_end(self) -> None:
        """A video is played once each time that the view is opened."""
        with self._wake:
            self._wake.wait_for(lambda: not self._open)

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
