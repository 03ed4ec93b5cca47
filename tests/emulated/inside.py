"""What runs in the machine: the readers of a kiosk, each scan and each change of their health a line of the console."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from kiosk.circulation.model import Scan
from kiosk.config import load
from kiosk.devices.framing import LineFramer
from kiosk.devices.hid import HidDriver, Match
from kiosk.devices.listing import plugged_in
from kiosk.devices.reading import ReaderSource
from kiosk.devices.serial_reader import SerialDriver
from kiosk.devices.supervisor import Health, Supervisor, Waits
from kiosk.udev_rules import rules

UDEVD = "/lib/systemd/systemd-udevd"
GROUP = 990
SETTINGS = """
[kiosk]
school = "x"
[[readers]]
kind = "hid"
vendor_product = "0627:0001"
device = "QEMU USB"
[[readers]]
kind = "serial"
port = "/dev/ttyUSB0"
"""


def main() -> None:
    """Run until the machine is switched off."""
    lay_rules()
    subprocess.run([UDEVD, "--daemon"], check=True)
    subprocess.run(["udevadm", "trigger"], check=True)
    say("READY")
    for _ in range(3000):
        if (found := [one for one in plugged_in() if one.bus == "serial"]) and "/by-id/" in found[0].name:
            break
        time.sleep(0.1)
    for one in plugged_in():
        say(f"LIST {one.bus} {one.name}: {one.could_be}")
    port = found[0].name
    subprocess.run(["udevadm", "settle"], check=True)
    there = {path.resolve() for path in Path("/dev").rglob("*") if path.is_char_device()}
    given = sorted(path.name.rstrip("0123456789") for path in there if path.stat().st_gid == GROUP)
    say(f"GIVEN {' '.join(given)}")
    supervisor = Supervisor(changed)
    waits = Waits(0.2, 0.5)
    for name, driver in (
        ("typing", HidDriver(Match(vendor_product="0627:0001"))),
        ("line", SerialDriver(port, LineFramer())),
    ):
        source = ReaderSource(name, driver, waits=waits)
        source.deliver_to(deliver)
        supervisor.add(source.worker)
    supervisor.start()
    while True:
        time.sleep(60)


def lay_rules() -> None:
    """The rules that the settings of such a kiosk make; the group by its number, since this system has none."""
    settings = Path("/run/kiosk.toml")
    settings.write_text(SETTINGS, encoding="utf-8")
    folder = Path("/run/udev/rules.d")
    folder.mkdir(parents=True)
    text = "\n".join(rules(load(settings))).replace('GROUP="kiosk"', f'GROUP="{GROUP}"')
    (folder / "70-kiosk.rules").write_text(text + "\n", encoding="utf-8")


def deliver(scan: Scan) -> None:
    """A scan is a line."""
    say(f"SCAN {scan.source} {scan.payload!r}")


def changed(healths: tuple[Health, ...]) -> None:
    """So is how the readers are."""
    say("HEALTH " + " ".join(f"{health.name}={'works' if health.works else 'absent'}" for health in healths))


def say(line: str) -> None:
    """On the console, in one piece."""
    sys.stdout.write(f"\n{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
