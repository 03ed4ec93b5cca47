"""The settings of everything that is plugged in: `[[readers]]` and the tables beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kiosk.circulation.chips import NEEDS, ChipForm, Keep
from kiosk.config_table import Table, one_of, text_of

FRAMES = ("lines", "stx_etx", "rdm6300", "fixed")
LAYOUTS = ("us", "de", "fr", "ru", "kz")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is common to all readers. gives: "any", or "card" or "item" if it reads nothing else. chip: how it writes
    the numbers of chips, None for a scanner, whose codes are left as they are."""

    name: str
    gives: str = "any"
    chip: ChipForm | None = None


@dataclass(frozen=True, slots=True)
class SerialReader:
    """A reader on a serial port. frame: how a code is marked off, one of FRAMES; length: of a "fixed" one, in bytes."""

    reading: Reading
    port: str
    baud: int = 9600
    frame: str = "lines"
    length: int = 0


@dataclass(frozen=True, slots=True)
class HidReader:
    """A reader that types as a keyboard does. Found by what is not empty of: vendor_product ("0c2e:0b61"), serial
    number, path (the USB port, "usb-0000:01:00.0-1.2"), device (its name, or a part of it).

    layout: the keyboard that the reader is set to. end_s: a pause so long ends a code; 0: only Enter or Tab does.
    """

    reading: Reading
    vendor_product: str = ""
    serial: str = ""
    path: str = ""
    device: str = ""
    layout: str = "us"
    end_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PcscReader:
    """A card reader known to pcscd. device: its name, or a part of it; empty for any."""

    reading: Reading
    device: str = ""


Reader = SerialReader | HidReader | PcscReader


@dataclass(frozen=True, slots=True)
class Devices:
    """Everything plugged in. chips: which bytes of a chip make a card's number."""

    readers: tuple[Reader, ...] = ()
    chips: Keep = Keep.WHOLE


def read_devices(top: Table, codes: Table) -> Devices:
    """The tables of devices of a settings file; what is wrong is noted in them. codes: the table [codes]."""
    keep = codes.get("chips", Keep.WHOLE, Keep, '"whole", "last_3" or "first_3"')
    tables = top.tables("readers")
    readers = []
    names: set[str] = set()
    for number, table in enumerate(tables, 1):
        kind = table.get("kind", "serial", lambda v: one_of(v, tuple(_KINDS)), f"one of {', '.join(_KINDS)}")
        reader = _KINDS[kind](table, _reading(table, f"reader-{number}", kind, keep))
        if reader.reading.name in names:
            table.bad("name", f"a name of its own is expected, not {reader.reading.name!r} again")
        names.add(reader.reading.name)
        table.finish()
        readers.append(reader)
    return Devices(tuple(readers), keep)


def _reading(table: Table, name: str, kind: str, keep: Keep) -> Reading:
    words = ", ".join(f'"{form}"' for form in ChipForm)
    chip = table.get("chip", None, lambda v: ChipForm(text_of(v)), f"one of {words}") if kind != "pcsc" else None
    if chip in NEEDS and NEEDS[chip] is not keep:
        table.bad("chip", f'{chip.value!r} gives three bytes: chips = "{NEEDS[chip]}" is expected in [codes]')
    default = "card" if chip is not None or kind == "pcsc" else "any"
    gives = table.get("gives", default, lambda v: one_of(v, ("any", "card", "item")), '"any", "card" or "item"')
    return Reading(table.text("name", name) or name, gives, chip)


def _serial(table: Table, reading: Reading) -> SerialReader:
    frame = table.get("frame", "lines", lambda v: one_of(v, FRAMES), f"one of {', '.join(FRAMES)}")
    length = table.whole("length", 0, 0, 256)
    reader = SerialReader(reading, table.text("port"), table.whole("baud", 9600, 300, 921600), frame, length)
    if not reader.port:
        table.bad("port", "a serial port is expected, /dev/serial/by-id/...")
    if (frame == "fixed") != (length > 0):
        table.bad("length", 'the bytes of a code are expected for frame = "fixed", and only for that')
    return reader


def _hid(table: Table, reading: Reading) -> HidReader:
    reader = HidReader(
        reading,
        table.get("vendor_product", "", _vendor_product, 'two numbers as `kiosk devices list` shows them, "0c2e:0b61"'),
        table.text("serial"),
        table.text("path"),
        table.text("device"),
        table.get("layout", "us", lambda v: one_of(v, LAYOUTS), f"one of {', '.join(LAYOUTS)}"),
        table.seconds("end_s", 0, 0, 5),
    )
    if not (reader.vendor_product or reader.serial or reader.path or reader.device):
        table.bad("vendor_product", "this, serial, path or device is expected: `kiosk devices list` shows them")
    return reader


def _pcsc(table: Table, reading: Reading) -> PcscReader:
    return PcscReader(reading, table.text("device"))


def _vendor_product(value: Any) -> str:
    if re.fullmatch(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}", text_of(value)) is None:
        raise ValueError
    return str(value).lower()


_KINDS: dict[str, Callable[[Table, Reading], Reader]] = {"serial": _serial, "hid": _hid, "pcsc": _pcsc}
