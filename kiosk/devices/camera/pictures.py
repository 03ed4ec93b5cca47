"""Where pictures come from: a V4L2 camera, a Raspberry Pi's camera, a video file. Importing this imports OpenCV."""

from __future__ import annotations

import os
import select
import subprocess
import time
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from kiosk.devices.camera.locate import Picture
from kiosk.errors import DeviceAbsent, DeviceError

_PROGRAM = Path(__file__).with_name("picamera_program.py")
_SYSTEM_PYTHON = "/usr/bin/python3"
_FRAME_WITHIN_S = 5.0


class Pictures(Protocol):
    """An open camera."""

    def read(self) -> Picture | None:
        """The next picture, as (height, width, 3) in blue, green, red; None: a video has ended. Raises DeviceError."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


class V4l2Pictures:
    """A webcam."""

    def __init__(self, device: str, width: int, height: int) -> None:
        """device: /dev/video0 or, better, a name of /dev/v4l/by-id. Raises DeviceError."""
        if not os.path.exists(device):
            raise DeviceAbsent(f"{device} is not there")
        self._device = device
        self._capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise DeviceError(f"{device} could not be opened as a camera; another program may use it")
        # Squeezed pictures: over USB 2 a webcam sends big ones in no other way at a useful pace.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        # One picture waits, not four: what is shown and read is what the camera sees now.
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def read(self) -> Picture | None:
        """The next picture."""
        there, picture = self._capture.read()
        if not there:
            raise DeviceAbsent(f"{self._device} gives no more pictures")
        return np.asarray(picture, np.uint8)

    def close(self) -> None:
        """Let go of the camera."""
        self._capture.release()


class VideoPictures:
    """A video file, for training and tests. Played once."""

    def __init__(self, path: str) -> None:
        """Raises DeviceError."""
        self._capture = cv2.VideoCapture(path) if os.path.exists(path) else None
        if self._capture is None or not self._capture.isOpened():
            raise DeviceError(f"{path} is no video that can be played")

    def read(self) -> Picture | None:
        """The next picture; None after the last."""
        assert self._capture is not None
        there, picture = self._capture.read()
        return np.asarray(picture, np.uint8) if there else None

    def close(self) -> None:
        """Let go of the file."""
        if self._capture is not None:
            self._capture.release()


class PiPictures:
    """A camera on the Raspberry Pi's own connector, through picamera2.

    picamera2 comes with Raspberry Pi OS, for its own Python and with its own numpy: it runs in a program apart
    (picamera_program.py), which writes picture after picture to a pipe. If it crashes, only it does.
    """

    def __init__(self, width: int, height: int, python: str = _SYSTEM_PYTHON) -> None:
        """python: the interpreter that has picamera2. Raises DeviceError."""
        self._shape = (height, width, 3)
        try:
            self._program = subprocess.Popen(
                [python, str(_PROGRAM), str(width), str(height)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise DeviceError(f"the Pi camera: {python} could not be started: {error}") from error

    def read(self) -> Picture | None:
        """The next picture."""
        size = self._shape[0] * self._shape[1] * self._shape[2]
        received = bytearray()
        until = time.monotonic() + _FRAME_WITHIN_S
        pipe = self._program.stdout
        assert pipe is not None
        while len(received) < size:
            ready, _, _ = select.select([pipe], [], [], max(until - time.monotonic(), 0))
            if not ready:
                raise DeviceError(f"the Pi camera gave no picture for {_FRAME_WITHIN_S:g} s; check its ribbon cable")
            part = os.read(pipe.fileno(), size - len(received))
            if not part:
                raise DeviceError(f"the Pi camera ended: {self._last_words()}")
            received += part
        return np.frombuffer(bytes(received), np.uint8).reshape(self._shape)

    def _last_words(self) -> str:
        assert self._program.stderr is not None
        lines = self._program.stderr.read(20_000).decode("utf-8", errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "it did not say why"

    def close(self) -> None:
        """End the program: it does so when its input closes, and is ended if it does not."""
        for pipe in (self._program.stdin, self._program.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._program.wait(2.0)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()
        if self._program.stderr is not None:
            self._program.stderr.close()
