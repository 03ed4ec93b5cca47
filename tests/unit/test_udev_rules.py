"""The udev rules out of the settings; udev itself reads them where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.config import load
from kiosk.udev_rules import rules

SETTINGS = """
[kiosk]
school = "№ 1"
[[readers]]
kind = "hid"
vendor_product = "0C2E:0B61"
serial = 'S"*1'
path = "usb-1.2"
device = "Scanner"
[[readers]]
kind = "serial"
port = "/dev/serial/by-id/usb-Gate-if00"
[[readers]]
kind = "serial"
port = "/dev/ttyUSB0"
[[readers]]
kind = "pcsc"
[camera]
kind = "v4l2"
[printer]
kind = "usb"
address = "04b8:0202"
"""


def of(settings: str, folder: Path) -> list[str]:
    path = folder / "kiosk.toml"
    path.write_text(settings, encoding="utf-8")
    return list(rules(load(path)))


def test_each_device_of_the_settings_has_a_rule_and_nothing_else_has(tmp_path: Path) -> None:
    own = 'GROUP="kiosk", MODE="0660"'
    assert [line for line in of(SETTINGS, tmp_path) if not line.startswith("#")] == [
        'SUBSYSTEM=="input", KERNEL=="event*", ATTRS{id/vendor}=="0c2e", ATTRS{id/product}=="0b61", '
        f'ATTRS{{uniq}}=="S??1", ATTRS{{phys}}=="usb-1.2|usb-1.2/*", ATTRS{{name}}=="*Scanner*", {own}',
        f'SUBSYSTEM=="tty", SYMLINK=="serial/by-id/usb-Gate-if00", {own}',
        f'SUBSYSTEM=="tty", KERNEL=="ttyUSB0", {own}',
        f'SUBSYSTEM=="video4linux", KERNEL=="video0", {own}',
        f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="04b8", ATTR{{idProduct}}=="0202", {own}',
    ]
    assert [line for line in of('[kiosk]\nschool = "x"\n', tmp_path) if not line.startswith("#")] == []


def test_udev_finds_no_fault_with_them(tmp_path: Path) -> None:
    udevadm = shutil.which("udevadm")
    if udevadm is None or subprocess.run([udevadm, "verify", "--help"], capture_output=True, check=False).returncode:
        pytest.skip("this machine has no udevadm that verifies rules")
    path = tmp_path / "70-kiosk.rules"
    path.write_text("\n".join(of(SETTINGS, tmp_path)) + "\n", encoding="utf-8")
    done = subprocess.run(["udevadm", "verify", str(path)], capture_output=True, text=True, check=False)
    assert not re.search(r"error|unknown key", done.stderr + done.stdout, re.I), done.stderr
