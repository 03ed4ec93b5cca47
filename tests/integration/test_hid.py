"""Readers that type, on a rack of keyboards: which are held, two at once, pulled out in mid-code."""

from __future__ import annotations

import os
import queue
import random
import select
from collections.abc import Iterator
from pathlib import Path

import evdev
import pytest

from kiosk.circulation.chips import ChipForm
from kiosk.circulation.model import Scan
from kiosk.devices.hid import EvdevNodes, HidDriver, Match, NodeInfo
from kiosk.devices.reading import ReaderSource
from kiosk.devices.supervisor import Waits
from tests.driver import PATIENCE_S, full, wait_for
from tests.keyboards import EV_KEY, KEYPAD_ENTER, SHIFT, Rack, typed

WAITS = Waits(0.005, 0.01)
GATE = NodeInfo("/dev/input/event3", "Honeywell Scanner", "0c2e:0b61", "usb-0000:01:00.0-1.1/input0", "S1")
DESK = NodeInfo("/dev/input/event4", "Honeywell Scanner", "0c2e:0b61", "usb-0000:01:00.0-1.2/input0", "S2")
CARDS = NodeInfo("/dev/input/event5", "Sycreader RFID", "ffff:0035", "usb-0000:01:00.0-1.10/input0")


@pytest.fixture(name="rack")
def _rack() -> Iterator[Rack]:
    rack = Rack()
    yield rack
    rack.close()


class Reader:
    """A source, and what it delivered."""

    def __init__(self, rack: Rack, match: Match, chip: ChipForm | None = None, end_s: float = 0.0) -> None:
        self.scans: queue.SimpleQueue[Scan] = queue.SimpleQueue()
        driver = HidDriver(match, end_s=end_s, nodes=rack)
        self.source = ReaderSource("hid", driver, chip=chip, waits=WAITS)
        self.source.start(self.scans.put)

    def works(self) -> None:
        """Wait until it does."""
        wait_for(lambda: self.source.health() == "", "it is held")

    def code(self) -> str:
        """The next one."""
        return self.scans.get(timeout=PATIENCE_S).payload


@pytest.mark.parametrize(
    ("match", "held"),
    [
        (Match("0c2e:0b61"), {GATE.path, DESK.path}),
        (Match("0c2e:0b61", serial="S2"), {DESK.path}),
        (Match(path="usb-0000:01:00.0-1.1"), {GATE.path}),
        (Match(path="usb-0000:01:00.0-1.1/input0"), {GATE.path}),
        (Match(device="rfid"), {CARDS.path}),
        (Match("0c2e:0b61", device="RFID"), set()),
        (Match("FFFF:0035".lower()), {CARDS.path}),
    ],
)
def test_a_reader_is_found_by_what_the_settings_name(match: Match, held: set[str], rack: Rack) -> None:
    for info in (GATE, DESK, CARDS):
        rack.plug_in(info)
    reader = Reader(rack, match)
    wait_for(lambda: rack.held == held and (not held) == bool(reader.source.health()), "those are held")
    reader.source.stop()
    assert rack.held == set()


def test_two_at_once_do_not_mix(rack: Rack) -> None:
    """Letter by letter in turn, one of them with Shift held."""
    rack.plug_in(GATE)
    rack.plug_in(DESK)
    reader = Reader(rack, Match("0c2e:0b61"))
    wait_for(lambda: len(rack.held) == 2, "both are held")
    strokes = [typed("PABC-1"), typed("b00000017")]
    for at in range(max(map(len, strokes))):
        for info, stroke in zip((GATE, DESK), strokes, strict=True):
            rack.type(info.path, stroke[at : at + 1])
    assert {reader.code(), reader.code()} == {"PABC-1", "b00000017"}
    reader.source.stop()


def test_a_second_one_may_be_plugged_in_later_and_the_first_pulled_out(rack: Rack) -> None:
    rack.plug_in(GATE)
    reader = Reader(rack, Match("0c2e:0b61"))
    reader.works()
    rack.plug_in(DESK)
    wait_for(lambda: DESK.path in rack.held, "it is noticed")
    rack.pull_out(GATE.path)
    rack.type(DESK.path, typed("P1"))
    assert reader.code() == "P1"
    assert reader.source.health() == ""
    assert rack.opens == [GATE.path, DESK.path], "the other one is not let go for a moment"
    rack.plug_in(GATE)
    wait_for(lambda: GATE.path in rack.held, "it is taken back")
    rack.type(GATE.path, typed("P2"))
    assert reader.code() == "P2"
    reader.source.stop()


def test_pulled_out_in_mid_code_with_shift_held(rack: Rack) -> None:
    rack.plug_in(GATE)
    reader = Reader(rack, Match("0c2e:0b61"))
    for code in ("p1", "p2", "p3"):
        reader.works()
        wait_for(lambda: bool(rack.held), "it is held")
        rack.type(GATE.path, [*typed(code), *typed("HALF", end=None), (SHIFT, 1)])
        assert reader.code() == code
        rack.pull_out(GATE.path)
        wait_for(lambda: "trying again" in reader.source.health(), "it is noticed")
        rack.plug_in(GATE)
    reader.source.stop()
    assert reader.scans.empty()


def test_a_card_reader_gives_one_number_whatever_it_types(rack: Rack) -> None:
    rack.plug_in(CARDS)
    reader = Reader(rack, Match(device="RFID"), ChipForm.DECIMAL)
    reader.works()
    rack.type(CARDS.path, typed("0012345678", keypad=True, end=KEYPAD_ENTER))
    rack.type(CARDS.path, typed("12345678"))
    assert [reader.code(), reader.code()] == ["UID:00BC614E"] * 2
    reader.source.stop()


def test_an_aim_identifier_is_taken_off_and_passed_on(rack: Rack) -> None:
    rack.plug_in(GATE)
    reader = Reader(rack, Match("0c2e:0b61"))
    reader.works()
    rack.type(GATE.path, typed("]E09786012345674"))
    assert reader.scans.get(timeout=PATIENCE_S) == Scan("9786012345674", "hid", "any", "ean")
    rack.type(GATE.path, typed("]x"))
    assert reader.scans.get(timeout=PATIENCE_S) == Scan("]x", "hid")
    reader.source.stop()


def test_a_pause_ends_a_code_of_a_reader_that_sends_no_end(rack: Rack) -> None:
    rack.plug_in(GATE)
    reader = Reader(rack, Match("0c2e:0b61"), end_s=0.05)
    reader.works()
    rack.type(GATE.path, typed("P1000001", end=None))
    assert reader.code() == "P1000001"
    reader.source.stop()


def test_one_that_may_not_be_opened_is_said_with_its_name(rack: Rack) -> None:
    rack.plug_in(GATE)
    rack.forbidden.add(GATE.path)
    reader = Reader(rack, Match("0c2e:0b61"))
    wait_for(lambda: "Honeywell Scanner" in reader.source.health(), "it is said")
    assert "deploy/udev" in reader.source.worker.health().advice
    rack.forbidden.clear()
    reader.works()
    reader.source.stop()


def test_fifty_keyboards_that_type_anything_neither_end_the_driver_nor_lose_a_code(rack: Rack) -> None:
    """Random keys on fifty, pulled out and plugged in at random; in between codes of one that works."""
    random_of = random.Random(50)
    noisy = [NodeInfo(f"/dev/input/event{n}", "Noise", "0001:0001") for n in range(100, 150)]
    for info in (*noisy, GATE):
        rack.plug_in(info)
    noise = Reader(rack, Match(device="Noise"))
    reader = Reader(rack, Match("0c2e:0b61"))
    reader.works()
    noise.works()
    for round_ in range(full(400, 40)):
        for info in random_of.sample(noisy, 10):
            keys = [(random_of.randrange(768), random_of.choice([0, 1, 2, 9])) for _ in range(20)]
            if random_of.random() < 0.05:
                rack.pull_out(info.path)
                rack.plug_in(info)
            rack.type(info.path, keys)
        rack.type(GATE.path, typed(f"P{round_:07d}"))
        assert reader.code() == f"P{round_:07d}"
    noise.source.stop()
    reader.source.stop()


def test_what_a_held_reader_of_uinput_types_reaches_no_other_program() -> None:
    """On a real kernel: whoever opened it before gets nothing while it is held, and everything once it is let go."""
    if not os.access("/dev/uinput", os.W_OK):
        pytest.skip("there is no /dev/uinput that can be written to")
    device = evdev.UInput({EV_KEY: range(1, 128)}, name="kiosk test keyboard")
    other = evdev.InputDevice(device.device.path)
    scans: queue.SimpleQueue[Scan] = queue.SimpleQueue()
    source = ReaderSource("hid", HidDriver(Match(device="kiosk test keyboard")), waits=WAITS)
    for held in (True, False):
        if held:
            source.start(scans.put)
            wait_for(lambda: source.health() == "", "it is held")
        for code, value in typed("P1"):
            device.write(EV_KEY, code, value)
            device.syn()
        if held:
            assert scans.get(timeout=PATIENCE_S).payload == "P1"
            assert select.select([other.fd], [], [], 0)[0] == []
            source.stop()
    assert select.select([other.fd], [], [], PATIENCE_S)[0] == [other.fd]
    other.close()
    device.close()


def described(folder: Path, number: int, keys: str, **said: str) -> None:
    device = folder / f"event{number}" / "device"
    (device / "capabilities").mkdir(parents=True)
    (device / "id").mkdir()
    (device / "capabilities" / "key").write_text(keys + "\n")
    for name, value in said.items():
        (device / ("id" if name in ("vendor", "product") else ".") / name).write_text(value + "\n")


def test_keyboards_are_told_from_other_devices_by_what_the_kernel_says_of_them(tmp_path: Path) -> None:
    """A keyboard and a mouse, as a kernel describes them; and what cannot be believed."""
    keyboard = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
    described(
        tmp_path,
        3,
        keyboard,
        vendor="0c2e",
        product="0b61",
        name="Honeywell",
        phys="usb-1/input0",
        uniq="",
    )
    described(tmp_path, 4, "1f0000 0 0 0 0", vendor="046d", product="c077", name="Mouse", phys="", uniq="")
    described(tmp_path, 5, "soup", vendor="", product="", name="", phys="", uniq="")
    described(tmp_path, 6, keyboard, vendor="0c2e")
    nodes = EvdevNodes(tmp_path, tmp_path)
    (tmp_path / "js0").mkdir()
    assert sorted(nodes.paths()) == [str(tmp_path / f"event{n}") for n in (3, 4, 5, 6)]
    seen = {path: nodes.look(path) for path in nodes.paths()}
    assert [info for info in seen.values() if info] == [
        NodeInfo(str(tmp_path / "event3"), "Honeywell", "0c2e:0b61", "usb-1/input0", "")
    ]
    assert EvdevNodes(tmp_path / "none", tmp_path).paths() == []
