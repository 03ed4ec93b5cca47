"""udev rules that give the kiosk's own user the devices of its settings, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from kiosk.config import Config
from kiosk.config_devices import HidReader, PcscReader, SerialReader

GROUP = "kiosk"


def rules(config: Config) -> Iterator[str]:
    """The lines of /etc/udev/rules.d/70-kiosk.rules, after which serial ports have their lasting names."""
    yield f"# Made by `kiosk devices rules` from {config.path.name}: the devices of the kiosk are of the group {GROUP}."
    for reader in config.devices.readers:
        match reader:
            case HidReader():
                yield _rule(*_keyboard(reader))
            case SerialReader(port=port):
                yield _rule('SUBSYSTEM=="tty"', _node(port))
            case PcscReader():
                yield f"# {reader.reading.name}: pcscd opens it; its rule is one of polkit, see docs/devices.md"
    outputs = config.outputs
    if outputs.camera.kind == "v4l2":
        yield _rule('SUBSYSTEM=="video4linux"', _node(outputs.camera.device))
    address = outputs.printer.address
    if outputs.printer.kind == "usb":
        vendor, _, product = address.partition(":")
        yield _rule('SUBSYSTEM=="usb"', f'ATTR{{idVendor}}=="{vendor}"', f'ATTR{{idProduct}}=="{product}"')
    if outputs.printer.kind == "serial":
        yield _rule('SUBSYSTEM=="tty"', _node(address))
    if outputs.printer.kind == "file" and address.startswith("/dev/"):
        yield _rule('SUBSYSTEM=="usbmisc"', _node(address))


def _keyboard(reader: HidReader) -> Iterator[str]:
    """All of one parent, the input device: udev asks that."""
    yield 'SUBSYSTEM=="input"'
    yield 'KERNEL=="event*"'
    if reader.vendor_product:
        vendor, _, product = reader.vendor_product.partition(":")
        yield f'ATTRS{{id/vendor}}=="{vendor}"'
        yield f'ATTRS{{id/product}}=="{product}"'
    if reader.serial:
        yield f'ATTRS{{uniq}}=="{_quoted(reader.serial)}"'
    if reader.path:
        yield f'ATTRS{{phys}}=="{_quoted(reader.path)}|{_quoted(reader.path)}/*"'
    if reader.device:
        yield f'ATTRS{{name}}=="*{_quoted(reader.device)}*"'


def _node(path: str) -> str:
    """A device file by its own name or by one that lasts."""
    name = _quoted(str(PurePosixPath(path).relative_to("/dev"))) if path.startswith("/dev/") else _quoted(path)
    return f'SYMLINK=="{name}"' if "/by-" in path else f'KERNEL=="{PurePosixPath(name).name}"'


def _quoted(text: str) -> str:
    """A text in which udev sees no pattern and no end."""
    return "".join("?" if character in '"*?[]|\\' or not character.isprintable() else character for character in text)


def _rule(*conditions: str) -> str:
    return ", ".join([*conditions, f'GROUP="{GROUP}"', 'MODE="0660"'])
