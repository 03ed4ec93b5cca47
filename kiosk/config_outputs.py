"""The settings of what a kiosk shows and tells beside its screen: [camera], [printer], [paper], [sound], [speech],
[light], [call]."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.circulation.rules import Slips
from kiosk.config_table import Table, number_of, one_of, text_of

CAMERA = "camera"
"""The name of the camera and of its live picture."""
CAMERAS = ("none", "v4l2", "picamera2", "file")
PRINTERS = ("none", "network", "serial", "usb", "file")
VOICES = ("none", "espeak", "folder")
PAPERS = (58, 80)
LABEL_PAPERS = (
    "a4-3x8-70x37", "a4-3x8-70x36", "a4-3x7-63.5x38.1", "a4-4x10-52.5x29.7", "a4-4x11-48.5x25.4", "a4-5x13-38.1x21.2",
    "cards-2x5-85.6x54",
)  # fmt: skip
LABEL_CODES = ("code128", "qr")


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that reads codes while its view is open. device: /dev/video0, or the path of a video."""

    kind: str = "none"
    device: str = "/dev/video0"
    width: int = 1280
    height: int = 720
    gives: str = "any"


@dataclass(frozen=True, slots=True)
class Printer:
    """A receipt printer. address: host:port, a serial port, "04b8:0202", or a device file. paper: millimetres."""

    kind: str = "none"
    address: str = ""
    baud: int = 9600
    paper: int = 80
    slips: Slips = Slips.ON_REQUEST


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents on A4. folder: where they go. printer: the name that CUPS has for one, "": none. labels, cards: the
    names of label papers; code: on them. shift: how far to the right and down labels are put, in millimetres."""

    folder: Path = Path("paper")
    printer: str = ""
    labels: str = "a4-3x8-70x37"
    cards: str = "cards-2x5-85.6x54"
    code: str = "code128"
    shift: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Sound:
    """The sounds. volume: 0 (none) to 100."""

    volume: int = 70


@dataclass(frozen=True, slots=True)
class Speech:
    """Says the screen's sentences aloud to whoever wants that. folder: of recorded phrases."""

    kind: str = "espeak"
    folder: Path | None = None
    volume: int = 80
    words_a_minute: int = 140


@dataclass(frozen=True, slots=True)
class Light:
    """Lamps and a buzzer on the pins of a Raspberry Pi, by their GPIO numbers; None: there is none."""

    done: int | None = None
    not_done: int | None = None
    buzzer: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What calls the librarian. volume: of a sound of its own, 0 (none) to 100. lamp: a GPIO number; None: there is
    none."""

    volume: int = 0
    lamp: int | None = None
    lasts_s: float = 120.0

    @property
    def is_heard_or_seen(self) -> bool:
        """Whether there is anything that calls."""
        return self.volume > 0 or self.lamp is not None


@dataclass(frozen=True, slots=True)
class Outputs:
    """All of them."""

    camera: Camera = Camera()
    printer: Printer = Printer()
    sound: Sound = Sound()
    speech: Speech = Speech()
    light: Light = Light()
    call: Call = Call()
    documents: Documents = Documents()


def read_outputs(top: Table, folder: Path) -> Outputs:
    """The tables of a settings file; what is wrong is noted in them. folder: where relative paths begin."""
    light = _light(top.table("light"))
    outputs = Outputs(
        _camera(top.table("camera"), folder),
        _printer(top.table("printer")),
        _sound(top.table("sound")),
        _speech(top.table("speech"), folder),
        light,
        _call(top.table("call"), light),
        _documents(top.table("paper"), folder),
    )
    return outputs


def _kind(table: Table, kinds: tuple[str, ...], default: str = "none") -> str:
    return table.get("kind", default, lambda v: one_of(v, kinds), f"one of {', '.join(kinds)}")


def _camera(table: Table, folder: Path) -> Camera:
    default = Camera()
    kind = _kind(table, CAMERAS)
    device = table.text("device", default.device)
    camera = Camera(
        kind,
        str(folder / device) if kind == "file" else "" if kind == "picamera2" else device,
        table.whole("width", default.width, 160, 4096),
        table.whole("height", default.height, 120, 4096),
        table.get("gives", default.gives, lambda v: one_of(v, ("any", "card", "item")), '"any", "card" or "item"'),
    )
    table.finish()
    return camera


_ADDRESSES = {
    "network": re.compile(r"[\w.\-]+(:[1-9]\d{0,4})?"),
    "serial": re.compile(r".+"),
    "usb": re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}"),
    "file": re.compile(r".+"),
}
_EXAMPLES = {
    "network": "192.168.1.50:9100",
    "serial": "/dev/serial/by-id/...",
    "usb": "04b8:0202",
    "file": "/dev/usb/lp0",
}


def _printer(table: Table) -> Printer:
    default = Printer()
    printer = Printer(
        _kind(table, PRINTERS),
        table.text("address"),
        table.whole("baud", default.baud, 300, 921600),
        table.get("paper", default.paper, _one_of(PAPERS), "the width in millimetres, 58 or 80,"),
        table.get("slips", default.slips, lambda v: Slips(text_of(v)), '"never", "on_request" or "always"'),
    )
    if printer.kind != "none" and _ADDRESSES[printer.kind].fullmatch(printer.address) is None:
        table.bad("address", f'"{_EXAMPLES[printer.kind]}" or the like is expected for kind = "{printer.kind}"')
    table.finish()
    return printer


def _documents(table: Table, folder: Path) -> Documents:
    default = Documents()

    def shift(key: str) -> float:
        return table.get(key, 0.0, lambda v: float(number_of(v, (int, float), -20, 20)), "millimetres from -20 to 20")

    def label_paper(key: str, usual: str) -> str:
        return table.get(key, usual, lambda v: one_of(v, LABEL_PAPERS), f"one of {', '.join(LABEL_PAPERS)}")

    documents = Documents(
        folder / table.text("folder", str(default.folder)),
        table.get("printer", "", _queue, "a printer's name"),
        label_paper("labels", default.labels),
        label_paper("cards", default.cards),
        table.get("code", default.code, lambda v: one_of(v, LABEL_CODES), f"one of {', '.join(LABEL_CODES)}"),
        (shift("shift_right_mm"), shift("shift_down_mm")),
    )
    table.finish()
    return documents


def _queue(value: Any) -> str:
    name = text_of(value)
    if not re.fullmatch(r"(?:[\w.][\w.@/-]*)?", name):
        raise ValueError
    return name


def _one_of(known: tuple[int, ...]) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or value not in known:
            raise ValueError
        return int(value)

    return check


def _sound(table: Table) -> Sound:
    sound = Sound(table.whole("volume", Sound().volume, 0, 100))
    table.finish()
    return sound


def _speech(table: Table, folder: Path) -> Speech:
    default = Speech()
    speech = Speech(
        _kind(table, VOICES, default.kind),
        table.file("folder", folder),
        table.whole("volume", default.volume, 0, 100),
        table.whole("words_a_minute", default.words_a_minute, 80, 300),
    )
    if speech.kind == "folder" and speech.folder is None:
        table.bad("folder", "the folder of the recorded phrases is expected")
    table.finish()
    return speech


def _pin(table: Table, key: str) -> int | None:
    return table.get(key, None, lambda v: int(number_of(v, int, 0, 27)), "a GPIO number from 0 to 27")


def _light(table: Table) -> Light:
    light = Light(_pin(table, "done"), _pin(table, "not_done"), _pin(table, "buzzer"))
    used = _used(light)
    if len(set(used)) < len(used):
        table.bad("buzzer", "a pin of its own is expected for each")
    table.finish()
    return light


def _used(light: Light) -> list[int]:
    return [one for one in (light.done, light.not_done, light.buzzer) if one is not None]


def _call(table: Table, light: Light) -> Call:
    default = Call()
    call = Call(
        table.whole("volume", default.volume, 0, 100), _pin(table, "lamp"), table.seconds("lasts_s", default.lasts_s, 5)
    )
    if call.lamp in _used(light):
        table.bad("lamp", "a pin of its own is expected: this one is used in [light]")
    table.finish()
    return call
