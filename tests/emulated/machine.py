"""Builds and drives the machine: the kernel from its Debian package, this system's files read-only as its disk, and a
USB keyboard and a USB serial port that are pulled out and plugged in through QEMU's monitor."""

from __future__ import annotations

import json
import lzma
import os
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.driver import need_tool

ROOT = Path(__file__).parents[2]
BOOT_PATIENCE_S = 300.0
_MODULES = ("virtio_pci", "9pnet_virtio", "9p", "evdev", "uinput", "xhci-pci", "usbhid", "hid-generic", "ftdi_sio")
_INIT = """#!/bin/busybox sh
B=/bin/busybox
$B mkdir -p /proc /sys /host
for module in $($B cat /modules/order); do $B insmod /modules/$module; done
$B mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 host /host
$B mount -t devtmpfs dev /host/dev
$B mount -t proc proc /host/proc
$B mount -t sysfs sys /host/sys
$B mount -t tmpfs run /host/run
export PATH=/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=/run HOME=/run SYSTEMD_IGNORE_CHROOT=1
$B chroot /host /bin/sh -c 'cd "{root}"; {command}'
$B poweroff -f
"""


def kernel() -> tuple[Path, Path]:
    """A kernel and the folder of its modules, downloaded once from Debian's archive."""
    folder = Path(tempfile.gettempdir()) / "kiosk-test-kernel"
    if not list(folder.glob("boot/vmlinuz-*")):
        need_tool("apt-get")
        folder.mkdir(exist_ok=True)
        asked = ["apt-cache", "depends", "linux-image-amd64"]
        depends = subprocess.run(asked, capture_output=True, text=True, check=True)
        package = next(line.split()[-1] for line in depends.stdout.splitlines() if "Depends: linux-image" in line)
        done = subprocess.run(["apt-get", "download", package], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"the kernel's package cannot be downloaded: {done.stderr.strip()[-200:]}")
        (deb,) = folder.glob("*.deb")
        subprocess.run(["dpkg", "-x", deb, folder], check=True)
        deb.unlink()
    (image,) = folder.glob("boot/vmlinuz-*")
    modules = next(folder.glob("**/lib/modules/*/kernel")).parent
    if not (modules / "modules.dep").exists():
        subprocess.run([need_tool("depmod"), "-b", modules.parents[2], modules.name], check=True)
    return image, modules


def _modules_in_order(modules: Path) -> list[Path]:
    needs = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        path, _, depends = line.partition(":")
        needs[path] = depends.split()
    names = {Path(path).name.split(".")[0].replace("_", "-"): path for path in needs}
    order: list[str] = []

    def add(path: str) -> None:
        for needed in needs[path]:
            add(needed)
        if path not in order:
            order.append(path)

    for name in _MODULES:
        module = names.get(name.replace("_", "-"))
        if module is not None:
            add(module)
    return [modules / path for path in order]


def initramfs(path: Path, modules: Path, command: str) -> None:
    """Write the first files of the machine: busybox, the modules, and what runs."""
    busybox = Path(need_tool("busybox"))
    files: list[tuple[str, int, bytes]] = [
        ("bin", 0o40755, b""), ("dev", 0o40755, b""), ("modules", 0o40755, b""),
        ("bin/busybox", 0o100755, busybox.read_bytes()),
        ("init", 0o100755, _INIT.format(root=ROOT, command=command).encode()),
    ]  # fmt: skip
    names = []
    for module in _modules_in_order(modules):
        data = lzma.decompress(module.read_bytes()) if module.suffix == ".xz" else module.read_bytes()
        names.append(module.name.removesuffix(".xz"))
        files.append((f"modules/{names[-1]}", 0o100644, data))
    files.append(("modules/order", 0o100644, "\n".join(names).encode()))
    path.write_bytes(b"".join(_entry(*file) for file in [*files, ("TRAILER!!!", 0, b"")]))


def _entry(name: str, mode: int, data: bytes) -> bytes:
    """A file of a cpio archive, "newc". Source: the kernel's Documentation/driver-api/early-userspace/buffer-format."""
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


class Machine:
    """A machine that runs. said: the lines of its console, as they come."""

    def __init__(self, folder: Path, command: str) -> None:
        """command: a line of shell, in the folder of this project."""
        qemu = need_tool("qemu-system-x86_64")
        image, modules = kernel()
        initramfs(folder / "initramfs", modules, command)
        self._folder = folder
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.log: list[str] = []
        self._process = subprocess.Popen(
            [
                qemu, "-machine", "q35,accel=tcg", "-cpu", "max", "-m", "768", "-smp", "2",
                "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
                "-kernel", image, "-initrd", folder / "initramfs",
                "-append", "console=ttyS0 quiet panic=-1",
                "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
                "-qmp", f"unix:{folder}/qmp,server=on,wait=off", "-device", "qemu-xhci,id=usb",
                "-chardev", f"socket,id=line,path={folder}/line,server=on,wait=off",
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._follow, daemon=True)
        self._reader.start()
        self._qmp = self._connected("qmp").makefile("rw")
        self._qmp.readline()
        self.do("qmp_capabilities")
        self.line = self._connected("line")

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        with suppress(OSError):
            self._qmp.close()
        self.line.close()
        if error is not None:
            print("".join(self.log), file=sys.stderr)

    def _connected(self, name: str) -> socket.socket:
        deadline = time.monotonic() + BOOT_PATIENCE_S
        while True:
            line = socket.socket(socket.AF_UNIX)
            try:
                line.connect(str(self._folder / name))
                return line
            except OSError:
                line.close()
                assert time.monotonic() < deadline and self._process.poll() is None, "".join(self.log)
                time.sleep(0.05)

    def _follow(self) -> None:
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            line = raw.decode(errors="replace")
            self.log.append(line)
            self.said.put(line.strip())
        self.said.put("THE END")

    def do(self, command: str, **arguments: Any) -> Any:
        """A command of QEMU's monitor, and its answer."""
        self._qmp.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._qmp.flush()
        while True:
            answer = json.loads(self._qmp.readline())
            if "error" in answer:
                raise AssertionError(answer["error"])
            if "return" in answer:
                return answer["return"]

    def hears(self, text: str) -> str:
        """The next line of the console with this in it."""
        deadline = time.monotonic() + BOOT_PATIENCE_S
        while True:
            line = self.said.get(timeout=max(deadline - time.monotonic(), 0.1))
            assert line != "THE END", "the machine ended: " + "".join(self.log)[-3000:]
            if text in line:
                return line

    def type(self, code: str, enter: bool = True) -> None:
        """The USB keyboard types, as a scanner does."""
        for character in code:
            self._stroke(_QCODES.get(character, character.lower()), character.isupper())
        if enter:
            self._stroke("ret", False)

    def _stroke(self, key: str, shift: bool) -> None:
        keys = (["shift"] if shift else []) + [key]
        for down, names in ((True, keys), (False, keys[::-1])):
            for name in names:
                data = {"down": down, "key": {"type": "qcode", "data": name}}
                self.do("input-send-event", events=[{"type": "key", "data": data}])
            # The emulated keyboard keeps few keys until the machine has fetched them.
            time.sleep(0.03)

    def plug_in(self, driver: str, name: str, **more: str) -> None:
        """Plug a USB device in."""
        self.do("device_add", driver=driver, id=name, bus="usb.0", **more)

    def pull_out(self, name: str) -> None:
        """Pull it out."""
        self.do("device_del", id=name)


_QCODES = {"-": "minus", "/": "slash", ".": "dot", " ": "spc"}


def usable() -> None:
    """Skip where the machine cannot be built."""
    if os.environ.get("KIOSK_FULL") != "1":
        pytest.skip("a machine takes minutes: with KIOSK_FULL=1")
    for name in ("qemu-system-x86_64", "busybox", "depmod", "dpkg"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is missing: apt-get install qemu-system-x86 busybox-static kmod")
