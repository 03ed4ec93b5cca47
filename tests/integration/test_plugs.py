"""A desk with a printer and a camera by its settings: the slip that comes out, the camera that follows its view."""

from __future__ import annotations

import queue
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from PIL import Image

from kiosk import app
from kiosk.circulation.model import Scan
from kiosk.circulation.views import View
from kiosk.cli import main
from kiosk.config import Config
from kiosk.desk import Desk, Input, Outcome, Plugged, Press
from kiosk.loop import DeskLoop
from kiosk.plugging import plugged_in
from tests.camera_rig import nothing, picture_of, write_video
from tests.driver import PATIENCE_S, school, wait_for


class Kiosk:
    """A desk's loop with its devices, and what it showed."""

    def __init__(self, config: Config) -> None:
        self.shown: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self.plugs = plugged_in(config, self._post)
        self.loop = DeskLoop(self._desk, self._show)
        self._config = config
        app.bring_up_to_date(config)
        self.loop.start()
        self.plugs.start()

    def _desk(self) -> Desk:
        return app.open_desk_now(self._config, printer=self.plugs.printer)

    def _post(self, given: Input) -> None:
        self.loop.post(given)

    def _show(self, outcome: Outcome) -> None:
        self.plugs.follow(outcome.view)
        self.shown.put(outcome)

    def until(self, name: str, message: str = "") -> View:
        """Wait for a view of that name, with that message if one is given."""
        for _ in range(200):
            view = self.shown.get(timeout=PATIENCE_S).view
            if view.name == name and (not message or (view.message is not None and view.message.key == message)):
                return view
        raise AssertionError(f"no view {name} {message}")

    def close(self) -> None:
        """End it."""
        self.plugs.stop()
        self.loop.stop()


def test_a_visit_by_the_camera_ends_with_a_slip(tmp_path: Path) -> None:
    video, paper = tmp_path / "card.avi", tmp_path / "paper"
    config = school(
        tmp_path / "kiosk",
        settings=(
            *("[camera]", 'kind = "file"', f'device = "{video}"'),
            *("[printer]", 'kind = "file"', f'address = "{paper}"'),
        ),
    )
    write_video(video, [nothing()] + [picture_of("P1")] * 3 + [nothing()])
    kiosk = Kiosk(config)
    kiosk.until("home")
    kiosk.loop.post(Press("camera"))
    view = kiosk.until("camera")
    feed = kiosk.plugs.feed(view.feed)
    assert feed is not None and kiosk.plugs.feed("another") is None
    assert kiosk.until("visit").patron is not None
    wait_for(lambda: feed.latest() is None, "the camera is off")
    kiosk.loop.post(Scan("A1"))
    kiosk.until("visit", "ok.checked_out")
    wait_for(lambda: kiosk.plugs.health()["printer"] == "", "the printer is ready")
    kiosk.loop.post(Press("finish"))
    assert "print" in kiosk.until("summary").actions
    kiosk.loop.post(Press("print"))
    kiosk.until("summary", "ok.printing")
    wait_for(lambda: paper.exists() and b"\x1dV" in paper.read_bytes(), "the slip is printed")
    kiosk.close()


def test_a_printer_that_fails_takes_nothing_back(tmp_path: Path) -> None:
    config = school(tmp_path / "kiosk", settings=("[printer]", 'kind = "serial"', 'address = "/dev/ttyUSB99"'))
    kiosk = Kiosk(config)
    kiosk.loop.post(Scan("P1"))
    kiosk.loop.post(Scan("A1"))
    kiosk.until("visit", "ok.checked_out")
    kiosk.loop.post(Press("finish"))
    kiosk.loop.post(Press("print"))
    assert [row.state.value for row in kiosk.until("summary", "err.printer").rows] == ["borrowed"]
    kiosk.close()


def test_a_camera_that_is_not_there_is_not_offered(tmp_path: Path) -> None:
    config = school(tmp_path / "kiosk", settings=("[camera]", 'kind = "v4l2"', 'device = "/dev/video99"'))
    kiosk = Kiosk(config)
    wait_for(lambda: "camera" not in kiosk.until("home").actions, "it is known to be broken")
    kiosk.loop.post(Plugged((), False))
    wait_for(lambda: "camera" in kiosk.until("home").actions, "it is back")
    kiosk.close()


def test_a_slip_can_be_looked_at_and_tried(tmp_path: Path) -> None:
    paper, picture = tmp_path / "paper", tmp_path / "slip.png"
    config = school(tmp_path / "kiosk", settings=("[printer]", 'kind = "file"', f'address = "{paper}"', "paper = 58"))
    for arguments in (("--out", str(picture)), ("--out", str(picture), "--language", "ru"), ()):
        done = CliRunner().invoke(main, ["devices", "slip", "--config", str(config.path), *arguments])
        assert done.exit_code == 0, done.output
    with Image.open(picture) as shown:
        assert shown.width == 384 and 0.05 < 1 - np.asarray(shown).mean() < 0.3
    assert b"\x1dv0" in paper.read_bytes()
    wrong = CliRunner().invoke(main, ["devices", "slip", "--config", str(config.path), "--language", "xx"])
    assert wrong.exit_code == 2


def test_a_slip_without_a_printer_says_what_to_do(tmp_path: Path) -> None:
    config = school(tmp_path / "kiosk")
    done = CliRunner().invoke(main, ["devices", "slip", "--config", str(config.path)])
    assert done.exit_code == 1 and "--out" in done.output


def test_the_sounds_can_be_written(tmp_path: Path) -> None:
    config = school(tmp_path / "kiosk")
    out = tmp_path / "sounds"
    done = CliRunner().invoke(main, ["devices", "sounds", "--config", str(config.path), "--out", str(out)])
    assert done.exit_code == 0
    names = sorted(file.name for file in out.iterdir())
    assert names == ["aside.wav", "call.wav", "lent.wav", "look.wav", "not_done.wav", "returned.wav"]
