"""The camera as a scanner and as a live picture: on only while its view is open, with a real video in front of it."""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation.model import Scan
from kiosk.devices.camera.pictures import PiPictures, V4l2Pictures, VideoPictures
from kiosk.devices.camera.source import CameraDriver, CameraKind
from kiosk.devices.reading import ReaderSource
from kiosk.errors import DeviceError
from tests.camera_rig import CameraRig, nothing, picture_of, write_video
from tests.driver import PATIENCE_S, wait_for


@pytest.fixture(name="rig")
def _rig(tmp_path: Path) -> Iterator[CameraRig]:
    rig = CameraRig(tmp_path, "any")
    yield rig
    rig.source.stop()


@pytest.fixture(name="inbox")
def _inbox() -> queue.SimpleQueue[Scan]:
    return queue.SimpleQueue()


def test_the_camera_is_on_only_while_its_view_is_open(rig: CameraRig, inbox: queue.SimpleQueue[Scan]) -> None:
    rig.driver.close()
    rig.source.start(inbox.put)
    wait_for(lambda: rig.source.health() == "", "it waits")
    assert (rig.stage.open, rig.driver.latest()) == (0, None)
    rig.ready()
    assert rig.stage.open == 1
    rig.driver.close()
    wait_for(lambda: rig.stage.open == 0, "the camera is off")
    assert rig.driver.latest() is None
    assert rig.source.health() == ""


def test_the_live_picture_has_the_found_code_outlined(rig: CameraRig, inbox: queue.SimpleQueue[Scan]) -> None:
    rig.source.start(inbox.put)
    rig.ready()
    frame = rig.driver.latest()
    assert frame is not None and not frame.outlines
    assert (frame.width, frame.height, len(frame.pixels)) == (640, 480, 640 * 480 * 3)
    outlined: list[tuple[tuple[float, float], ...]] = []

    def look() -> bool:
        now = rig.driver.latest()
        outlined.extend(now.outlines if now is not None else ())
        return bool(outlined)

    rig.scan("P1000001")
    wait_for(look, "a code is outlined")
    xs, ys = zip(*outlined[0], strict=True)
    # The code's modules, without the white margin of picture_of.
    assert (min(xs), max(xs)) == pytest.approx((0.32, 0.68), abs=0.05)
    assert (min(ys), max(ys)) == pytest.approx((0.27, 0.73), abs=0.05)


def test_a_camera_that_vanishes_shows_no_picture_and_is_taken_back(
    rig: CameraRig, inbox: queue.SimpleQueue[Scan]
) -> None:
    rig.source.start(inbox.put)
    rig.ready()
    rig.pull_out()
    wait_for(lambda: "/dev/video0" in rig.source.health(), "it is reported")
    wait_for(lambda: rig.driver.latest() is None, "the picture is gone")
    rig.plug_in()
    rig.scan("back")
    assert inbox.get(timeout=PATIENCE_S).payload == "back"
    assert (rig.source.health(), rig.stage.open) == ("", 1)


def test_a_camera_that_is_missing_is_said_while_it_is_off(tmp_path: Path) -> None:
    kind = CameraKind("v4l2", str(tmp_path / "video0"))
    driver = CameraDriver("camera", kind.open, kind.look)
    source = ReaderSource("camera", driver)
    source.start(lambda _: None)
    wait_for(lambda: "is not there" in source.health(), "it is reported")
    source.stop()


def test_a_thing_that_is_no_camera_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "video0"
    path.write_bytes(b"not a camera" * 100)
    with pytest.raises(DeviceError, match="could not be opened"):
        V4l2Pictures(str(path), 640, 480)
    with pytest.raises(DeviceError, match="no video"):
        VideoPictures(str(path))


def test_a_video_file_is_played_once_each_time_the_view_opens(tmp_path: Path, inbox: queue.SimpleQueue[Scan]) -> None:
    path = tmp_path / "lesson.avi"
    write_video(path, [nothing()] + [picture_of("P1")] * 3 + [nothing()])
    kind = CameraKind("file", str(path))
    driver = CameraDriver("camera", kind.open, kind.look)
    source = ReaderSource("camera", driver)
    threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    source.start(inbox.put)
    for _ in range(3):
        driver.open()
        assert inbox.get(timeout=PATIENCE_S).payload == "P1"
        driver.close()
        wait_for(lambda: driver.latest() is None, "closed")
    source.stop()
    assert inbox.empty()
    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == (threads, files)


PICAMERA2 = """
import numpy as np
class Picamera2:
    def create_video_configuration(self, main, buffer_count): return main
    def configure(self, main): self.size = main["size"]; assert main["format"] == "RGB888"
    def start(self): {start}
    def stop(self): pass
    def capture_array(self, name):
        picture = np.zeros((self.size[1], self.size[0] + 32, 3), np.uint8)  # rows are padded, as by the real one
        picture[:, :, 0] = 7
        {capture}
        return picture
"""


def python_with_picamera2(folder: Path, start: str = "pass", capture: str = "pass") -> str:
    """A Python whose picamera2 is made for this test: no test machine has the camera."""
    (folder / "picamera2.py").write_text(PICAMERA2.format(start=start, capture=capture))
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={folder} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    return str(python)


def test_a_pi_camera_runs_in_a_program_of_its_own(tmp_path: Path) -> None:
    pictures = PiPictures(64, 48, python_with_picamera2(tmp_path))
    for _ in range(3):
        picture = pictures.read()
        assert picture is not None
        assert picture.shape == (48, 64, 3) and (picture[:, :, 0] == 7).all() and not picture[:, :, 1:].any()
    pictures.close()
    assert pictures._program.returncode is not None


def test_a_pi_camera_that_is_not_there_says_why(tmp_path: Path) -> None:
    pictures = PiPictures(64, 48, python_with_picamera2(tmp_path, start="raise RuntimeError('no cameras available')"))
    with pytest.raises(DeviceError, match="no cameras available"):
        pictures.read()
    pictures.close()


def test_a_pi_camera_that_hangs_is_ended(tmp_path: Path) -> None:
    hang = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); import time; time.sleep(600)"
    pictures = PiPictures(64, 48, python_with_picamera2(tmp_path, capture=hang))
    pictures.close()
    assert pictures._program.returncode is not None


def test_without_picamera2_the_camera_says_so() -> None:
    pictures = PiPictures(64, 48, sys.executable)
    with pytest.raises(DeviceError, match="picamera2"):
        pictures.read()
    pictures.close()
    with pytest.raises(DeviceError, match="could not be started"):
        PiPictures(64, 48, "/nowhere/python3")
