"""A camera at which things are held: each code is a short video of its own, written and played for real."""

from __future__ import annotations

import queue
from pathlib import Path

import cv2
import numpy as np
import qrcode

from kiosk.devices.camera.locate import Picture
from kiosk.devices.camera.pictures import VideoPictures
from kiosk.devices.camera.source import CameraDriver
from kiosk.devices.reading import ReaderSource
from kiosk.devices.supervisor import Waits
from kiosk.errors import DeviceAbsent
from tests.driver import wait_for

SIZE = (480, 360)


def picture_of(payload: str) -> Picture:
    """A QR code on a grey ground, in colour."""
    code = qrcode.QRCode(border=4)
    code.add_data(payload.encode("utf-8"))
    code.make()
    modules = np.where(np.array(code.get_matrix(), dtype=bool), 20, 235).astype(np.uint8)
    square = cv2.resize(modules, (240, 240), interpolation=cv2.INTER_NEAREST)
    ground = np.full((SIZE[1], SIZE[0]), 120, np.uint8)
    ground[60:300, 120:360] = square
    return np.asarray(cv2.cvtColor(ground, cv2.COLOR_GRAY2BGR), np.uint8)


def nothing() -> Picture:
    """A picture without a code."""
    return np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)


def write_video(path: Path, pictures: list[Picture]) -> None:
    """A video of these pictures."""
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, SIZE)
    for picture in pictures:
        video.write(picture)
    video.release()
    assert path.stat().st_size > 0


class Stage:
    """What is in front of the camera: video after video, and nothing in between. While `unplugged`, it is not there."""

    def __init__(self) -> None:
        self.videos: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self.unplugged = False
        self.open = 0
        self._playing: VideoPictures | None = None

    def switch_on(self) -> Stage:
        """The camera's `open_pictures`."""
        self.look()
        self.open += 1
        return self

    def look(self) -> None:
        """The camera's `look`."""
        if self.unplugged:
            raise DeviceAbsent("/dev/video0 is not there")

    def read(self) -> Picture | None:
        """The next picture."""
        while True:
            if self.unplugged:
                raise DeviceAbsent("/dev/video0 gives no more pictures")
            if self._playing is None:
                try:
                    self._playing = VideoPictures(str(self.videos.get(timeout=0.01)))
                except queue.Empty:
                    return nothing()
            picture = self._playing.read()
            if picture is not None:
                return picture
            self._playing.close()
            self._playing = None

    def close(self) -> None:
        """Switched off."""
        self.open -= 1
        if self._playing is not None:
            self._playing.close()
            self._playing = None


class CameraRig:
    """A camera whose view is open. For the contract of scan sources."""

    codes = ("P1000001", "B00000017", "Билет-7", "  mid space ", "B00000017")

    def __init__(self, folder: Path, gives: str) -> None:
        self._folder = folder
        self._count = 0
        self.stage = Stage()
        self.driver = CameraDriver("camera", self.stage.switch_on, self.stage.look)
        self.source = ReaderSource("camera", self.driver, gives, waits=Waits(0.01, 0.02))
        self.driver.open()

    def scan(self, payload: str) -> None:
        """Hold a code to the camera and take it away again."""
        self._count += 1
        path = self._folder / f"{self._count}.avi"
        write_video(path, [picture_of(payload)] * 3 + [nothing()] * 2)
        self.stage.videos.put(path)

    def ready(self) -> None:
        """Wait until it would read something."""
        self.driver.open()
        wait_for(lambda: self.driver.latest() is not None, "the camera shows something")

    def pull_out(self) -> None:
        """Pull its cable."""
        self.stage.unplugged = True

    def plug_in(self) -> None:
        """Put it back."""
        self.stage.unplugged = False
