"""Everything that is plugged in, and what of it could be a reader, a camera or a printer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.devices.hid import EvdevNodes, NodeInfo, Nodes

_SCANNERS = {
    "0536": "Hand Held Products",
    "05e0": "Zebra or Symbol",
    "05f9": "Datalogic",
    "065a": "Opticon",
    "0c2e": "Honeywell or Metrologic",
    "1eab": "Newland",
    "28e9": "a cheap scanner",
    "2dd6": "Datalogic",
}
"""Who makes scanners, by the vendor's number."""
_CARD_READERS = frozenset({"072f", "08ff", "16c0", "6352", "ffff"})
_WORDS = {"scan": "a scanner", "barcode": "a scanner", "rfid": "a card reader", "card": "a card reader"}


@dataclass(frozen=True, slots=True)
class Plugged:
    """A thing that is plugged in. bus: how it is reached; could_be: in words; table: the settings that name it, as a
    table [[readers]], or empty."""

    bus: str
    name: str
    could_be: str
    table: str = ""


def plugged_in(nodes: Nodes | None = None, dev: Path = Path("/dev"), sys: Path = Path("/sys")) -> Iterator[Plugged]:
    """Everything there is: readers that type, serial ports, card readers of pcscd, cameras, printers."""
    nodes = nodes or EvdevNodes()
    for path in sorted(nodes.paths()):
        if (info := nodes.look(path)) is not None:
            yield keyboard(info)
    yield from _ports(dev)
    yield from _pcsc()
    yield from _cameras(sys)
    yield from _printers(dev)


def keyboard(info: NodeInfo) -> Plugged:
    """A reader that types, or a keyboard that people type on: the same to a computer."""
    vendor = info.vendor_product.partition(":")[0]
    could_be = next((what for word, what in _WORDS.items() if word in info.name.casefold()), "")
    if not could_be and vendor in _SCANNERS:
        could_be = f"a scanner ({_SCANNERS[vendor]})"
    if not could_be and vendor in _CARD_READERS:
        could_be = "a card reader"
    chosen = {"vendor_product": info.vendor_product, "serial": info.uniq}
    number = f", serial {info.uniq}" if info.uniq else ""
    return Plugged(
        "hid",
        f"{info.name} ({info.vendor_product}{number}) at {info.phys or info.path}",
        could_be or "a keyboard, or a reader that types",
        table("hid", **{key: value for key, value in chosen.items() if value}),
    )


def table(kind: str, **values: str | int | float) -> str:
    """A table [[readers]] of the settings."""
    lines = ["[[readers]]", f'kind = "{kind}"']
    return "\n".join([*lines, *(f"{key} = {_toml(value)}" for key, value in values.items())]) + "\n"


def _toml(value: str | int | float) -> str:
    if isinstance(value, str):
        return '"' + "".join("\\" + c if c in '"\\' else c for c in value if c.isprintable()) + '"'
    return f"{value:g}" if isinstance(value, float) else str(value)


def ports(dev: Path = Path("/dev")) -> list[Path]:
    """The serial ports of USB devices, by names that stay the same: /dev/serial/by-id, else by-path."""
    seen: dict[Path, Path] = {}
    for folder in ("serial/by-id", "serial/by-path", "."):
        pattern = "tty[UA][SC][BM]*" if folder == "." else "*"
        for port in sorted((dev / folder).glob(pattern)):
            seen.setdefault(port.resolve(), port)
    return list(seen.values())


def _ports(dev: Path) -> Iterator[Plugged]:
    for port in ports(dev):
        yield Plugged("serial", str(port), "a scanner or a card reader", table("serial", port=str(port)))


def _pcsc() -> Iterator[Plugged]:
    from smartcard import scard

    failed, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    if failed:
        return
    try:
        failed, names = scard.SCardListReaders(context, [])
        for name in names if not failed else ():
            yield Plugged("pcsc", name, "a card reader", table("pcsc", device=name))
    finally:
        scard.SCardReleaseContext(context)


def _cameras(sys: Path) -> Iterator[Plugged]:
    for video in sorted((sys / "class/video4linux").glob("video*")):
        try:
            name = (video / "name").read_text(errors="replace").strip()
        except OSError:
            continue
        yield Plugged("camera", f"{name} at /dev/{video.name}", "a camera")


def _printers(dev: Path) -> Iterator[Plugged]:
    for printer in sorted((dev / "usb").glob("lp*")):
        yield Plugged("printer", str(printer), "a receipt printer")
