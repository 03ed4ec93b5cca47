"""USB on a real kernel: a keyboard that types codes and a serial port, both pulled out and plugged in again; and the
contract of readers on input devices of that kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulated.machine import ROOT, Machine, usable

ROUNDS = 5
PYTHON = ROOT / ".venv/bin/python"


@pytest.fixture(name="usb")
def _usb(tmp_path: Path) -> Iterator[Machine]:
    usable()
    with Machine(tmp_path, f"exec {PYTHON} -B -m tests.emulated.inside") as machine:
        machine.plug_in("usb-kbd", "typing", port="1")
        machine.plug_in("usb-serial", "line", port="2", serial="K1", chardev="line")
        yield machine


@pytest.mark.slow
def test_a_keyboard_and_a_serial_port_on_usb_are_read_and_come_back(usb: Machine) -> None:
    usb.hears("READY")
    usb.hears("LIST hid QEMU QEMU USB Keyboard (0627:0001, serial ")
    assert "/dev/serial/by-id/" in usb.hears("LIST serial")
    assert usb.hears("GIVEN") == "GIVEN event ttyUSB", "what the rules give the kiosk's user, and no more"
    usb.hears("HEALTH typing=works line=works")
    for round_ in range(ROUNDS):
        usb.type(f"B-{round_}/x7")
        assert usb.hears("SCAN typing").endswith(f"'B-{round_}/x7'")
        usb.line.sendall(f"P{round_}\r\n".encode())
        assert usb.hears("SCAN line").endswith(f"'P{round_}'")
        usb.type("HALF", enter=False)
        usb.pull_out("typing")
        usb.hears("HEALTH typing=absent line=works")
        usb.line.sendall(f"Q{round_}\r\nHALF".encode())
        assert usb.hears("SCAN line").endswith(f"'Q{round_}'")
        usb.pull_out("line")
        usb.hears("HEALTH typing=absent line=absent")
        usb.plug_in("usb-serial", "line", port="2", serial="K1", chardev="line")
        usb.hears("line=works")
        usb.plug_in("usb-kbd", "typing", port="1")
        usb.hears("HEALTH typing=works line=works")
    assert not [line for line in usb.log if "HALF" in line]


@pytest.mark.slow
def test_the_contract_holds_on_input_devices_of_a_real_kernel(tmp_path: Path) -> None:
    usable()
    tests = "tests/contract tests/integration/test_hid.py -k uinput"
    command = f"{PYTHON} -B -m pytest -p no:cacheprovider -q --basetemp /run/t {tests}; echo DONE $?"
    with Machine(tmp_path, command) as machine:
        assert machine.hears("DONE").endswith("DONE 0")
        assert any(" passed" in line and "skipped" not in line for line in machine.log)
