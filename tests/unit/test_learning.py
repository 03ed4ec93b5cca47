"""What a reader is set to, out of what it sends when the sheet is scanned."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kiosk.circulation.chips import ChipForm, Keep
from kiosk.config_devices import HidReader, Reading, SerialReader, read_devices
from kiosk.config_table import Table
from kiosk.devices.hid import NodeInfo
from kiosk.devices.learning import PAUSE_S, SHEET, KeyLearner, PortLearner, chip_forms
from kiosk.devices.listing import Plugged, keyboard, plugged_in, ports
from kiosk.devices.sheet import Printed, learning_sheet, write_sheet
from kiosk.errors import DeviceError
from tests.keyboards import TAB, Rack, Stroke, events, typed
from tests.unit.test_framing import rdm6300

SCANNER = NodeInfo("/dev/input/event3", "USB Scanner", "0c2e:0b61", "usb-1/input0", 'S"1')


def read_back(text: str) -> HidReader | SerialReader:
    """The settings that a table makes."""
    problems: list[str] = []
    top = Table(tomllib.loads(text), "", problems)
    (reader,) = read_devices(top, Table({}, "codes", problems)).readers
    assert problems == [] and isinstance(reader, HidReader | SerialReader)
    return reader


def fed(learner: KeyLearner, strokes: list[Stroke], at: float) -> list[str]:
    return [says for event in events(strokes, at) for says in learner.feed(event)]


@pytest.mark.parametrize("layout", ["us", "de", "fr"])
@pytest.mark.parametrize("end", [28, TAB, None], ids=["Enter", "Tab", "nothing"])
@pytest.mark.parametrize("aim", [False, True], ids=["plain", "with AIM"])
def test_layout_and_end_are_found_out(layout: str, end: int | None, aim: bool) -> None:
    learner = KeyLearner(SCANNER)
    for one in SHEET[:3]:
        code = f"]C0{one.payload}" if aim else one.payload
        said = fed(learner, typed(code, layout, end), one.number)
        said += learner.pause(one.number + PAUSE_S)
        assert len(said) == 1 and f"code {one.number} " in said[0]
    assert learner.learnt.read == {1, 2, 3}
    reader = read_back(learner.table())
    assert reader == HidReader(Reading("reader-1"), "0c2e:0b61", 'S"1', layout=layout, end_s=0.0 if end else 0.3)
    report = learner.learnt.report()
    assert report[2] == "USB Scanner: reads QR codes"
    assert report[4] == "USB Scanner: was not seen to read codes on the screen of a phone"


def test_what_is_not_on_the_sheet_teaches_nothing() -> None:
    learner = KeyLearner(SCANNER)
    assert fed(learner, typed("B00000017"), 1.0) == []
    assert learner.pause(9.0) == [] and not learner.learnt.known


@pytest.mark.parametrize(
    ("payload", "form"),
    [
        ("0012345678", ChipForm.DECIMAL),
        ("12345678", ChipForm.DECIMAL),
        ("0F00BC614E", ChipForm.HEX),
        ("4E61BC00", ChipForm.HEX_BACKWARDS),
        ("1315027968", ChipForm.DECIMAL_BACKWARDS),
    ],
)
def test_the_form_of_a_card_reader_is_found_out_from_the_number_on_the_card(payload: str, form: ChipForm) -> None:
    learner = KeyLearner(SCANNER, "0012345678 188,24910")
    assert len(fed(learner, typed(payload), 1.0)) == 1
    reader = read_back(learner.table())
    assert reader.reading == Reading("reader-1", "card", form)
    assert learner.learnt.report() == [f"USB Scanner: a card reader, chip = {form.value!r}"]


def test_the_eight_digits_are_found_out_where_three_bytes_are_kept() -> None:
    assert chip_forms("18824910", "0012345678", Keep.LAST_3) == [ChipForm.FACILITY]
    assert ChipForm.FACILITY not in chip_forms("18824910", "0012345678", Keep.WHOLE)


@pytest.mark.parametrize(
    ("sent", "frame"),
    [(f"{SHEET[0].payload}\r\n".encode(), "lines"), (b"\x02" + SHEET[0].payload.encode() + b"\x03", "stx_etx")],
)
def test_the_frame_of_a_serial_reader_is_found_out(sent: bytes, frame: str) -> None:
    learner = PortLearner("/dev/serial/by-id/usb-1", 9600)
    assert [says for byte in sent for says in learner.feed(bytes([byte]))]
    assert read_back(learner.table()) == SerialReader(Reading("reader-1"), "/dev/serial/by-id/usb-1", 9600, frame)


def test_an_rdm6300_needs_no_printed_number() -> None:
    learner = PortLearner("/dev/ttyUSB0", 9600)
    assert learner.feed(rdm6300("0F00BC614E")) == ["/dev/ttyUSB0: a card, 0F00BC614E"]
    assert read_back(learner.table()) == SerialReader(
        Reading("reader-1", "card", ChipForm.HEX), "/dev/ttyUSB0", 9600, "rdm6300"
    )


@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_the_sheet_is_written(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"sheet{suffix}"
    write_sheet(path, "kiosk devices learn", learning_sheet())
    assert path.read_bytes()[:4] in (b"\x89PNG", b"%PDF")


def test_what_is_printed_can_be_read(tmp_path: Path) -> None:
    import zxingcpp
    from PIL import Image

    write_sheet(tmp_path / "sheet.png", "x", learning_sheet())
    read = zxingcpp.read_barcodes(Image.open(tmp_path / "sheet.png"))
    assert sorted(one.text for one in read) == sorted(one.payload for one in SHEET)


def test_a_sheet_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    for path, says in ((tmp_path / "x.doc", "pdf file is expected"), (tmp_path / "none" / "x.png", "No such file")):
        with pytest.raises(DeviceError, match=says):
            write_sheet(path, "x", learning_sheet())
    with pytest.raises(DeviceError, match="more than a page"):
        write_sheet(tmp_path / "x.png", "x", [Printed("", "QRCode", "x", ("y",))] * 30)


@pytest.mark.parametrize(
    ("info", "could_be"),
    [
        (SCANNER, "a scanner"),
        (NodeInfo("e", "HID 0c2e:0720", "0c2e:0720"), "a scanner (Honeywell or Metrologic)"),
        (NodeInfo("e", "Sycreader", "ffff:0035"), "a card reader"),
        (NodeInfo("e", "Logitech K120", "046d:c31c"), "a keyboard, or a reader that types"),
    ],
)
def test_what_a_keyboard_could_be(info: NodeInfo, could_be: str) -> None:
    assert keyboard(info).could_be == could_be
    assert isinstance(read_back(keyboard(info).table), HidReader)


def test_everything_that_is_plugged_in_is_listed(tmp_path: Path) -> None:
    dev, sys = tmp_path / "dev", tmp_path / "sys"
    (dev / "serial/by-id").mkdir(parents=True)
    for name in ("ttyUSB0", "ttyACM1", "ttyS0"):
        (dev / name).touch()
    (dev / "serial/by-id/usb-Scanner").symlink_to("../../ttyUSB0")
    (dev / "usb").mkdir()
    (dev / "usb/lp0").touch()
    (sys / "class/video4linux/video0").mkdir(parents=True)
    (sys / "class/video4linux/video0/name").write_text("Camera\n")
    rack = Rack()
    rack.plug_in(SCANNER)
    seen = list(plugged_in(rack, dev, sys))
    rack.close()
    assert [(one.bus, one.could_be) for one in seen if one.bus != "pcsc"] == [
        ("hid", "a scanner"), ("serial", "a scanner or a card reader"), ("serial", "a scanner or a card reader"),
        ("camera", "a camera"), ("printer", "a receipt printer"),
    ]  # fmt: skip
    assert ports(dev) == [dev / "serial/by-id/usb-Scanner", dev / "ttyACM1"]
    assert all(isinstance(one, Plugged) for one in seen)
