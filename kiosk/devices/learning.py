"""What a reader is set to, found out from the codes of the sheet (sheet.py) that it reads. No devices here.

Every way in which the reader could have been set decodes what it sends; the right one gives what stands on the sheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kiosk.circulation.chips import NEEDS, ChipForm, Keep, canonical
from kiosk.devices.aim import split
from kiosk.devices.framing import framer
from kiosk.devices.hid import KeyEvent, NodeInfo
from kiosk.devices.keys import KeyDecoder
from kiosk.devices.listing import keyboard, table

KEYBOARDS = ("us", "de", "fr", "ru", "kz")
PAUSE_S = 0.4
"""A reader that sends no end has sent all by then."""
END_S = 0.3
"""What is written for such a reader."""


@dataclass(frozen=True, slots=True)
class SheetCode:
    """A code of the sheet. symbology: as zxing-cpp calls it; tells: what it means that a reader reads it."""

    number: int
    symbology: str
    payload: str
    tells: str


SHEET = (
    SheetCode(1, "Code128", "KIOSK-LEARN-1-YZQAWM/7", "Code 128: most labels"),
    SheetCode(2, "Code39", "KIOSK-LEARN-2", "Code 39: many old labels"),
    SheetCode(3, "QRCode", "KIOSK-LEARN-3", "QR codes"),
    SheetCode(4, "EAN13", "9786012345674", "EAN-13: the publisher's code on a book"),
    SheetCode(5, "QRCode", "KIOSK-LEARN-5", "codes on the screen of a phone"),
)
"""The first has the letters and signs that lie elsewhere on other keyboards; the fifth is photographed with a phone,
and scanned from its screen."""


@dataclass(slots=True)
class Learnt:
    """What is known of one reader. chips: the forms in which it could have given the card's number."""

    name: str
    settings: dict[str, str | int | float] = field(default_factory=dict)
    read: set[int] = field(default_factory=set)
    chips: list[ChipForm] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether enough is known to write it down."""
        return bool(self.read or self.chips)

    def report(self) -> list[str]:
        """What it reads and what not, a sentence each."""
        if self.chips:
            return [f"{self.name}: a card reader, chip = {self.chips[0].value!r}"]
        return [
            f"{self.name}: {'reads' if one.number in self.read else 'was not seen to read'} {one.tells}"
            for one in SHEET
        ]


class Learner:
    """Learns of one reader. card: the number printed on the card that is held to it, if it is a card reader."""

    def __init__(self, name: str, card: str = "", keep: Keep = Keep.WHOLE) -> None:
        self.learnt = Learnt(name)
        self._card = card
        self._keep = keep

    def heard(self, code: str) -> str | None:
        """A code decoded in one way: what it shows, in a sentence; None if it is not what was expected."""
        _, payload = split(code)
        for one in SHEET:
            if payload == one.payload:
                self.learnt.read.add(one.number)
                return f"{self.learnt.name}: code {one.number} of the sheet; it reads {one.tells}"
        if self._card and (forms := chip_forms(payload, self._card, self._keep)):
            self.learnt.chips = forms
            return f"{self.learnt.name}: the card, written as {forms[0].value}"
        return None


class KeyLearner(Learner):
    """Learns of a reader that types."""

    def __init__(self, info: NodeInfo, card: str = "", keep: Keep = Keep.WHOLE) -> None:
        super().__init__(info.name, card, keep)
        self._info = info
        # With an end first: a pause comes after it in any case.
        self._ways = [(one, end_s, KeyDecoder(one, end_s)) for end_s in (0.0, PAUSE_S) for one in KEYBOARDS]

    def feed(self, event: KeyEvent) -> list[str]:
        """Take a key event; what it shows."""
        return [
            says
            for layout, end_s, one in self._ways
            for code in one.feed(*event)
            for says in self._told(layout, end_s, code)
        ]

    def pause(self, at: float) -> list[str]:
        """Nothing came until this moment; what that shows."""
        return [
            says
            for layout, end_s, one in self._ways
            for code in one.pause(at)
            for says in self._told(layout, end_s, code)
        ]

    def _told(self, layout: str, end_s: float, code: str) -> Iterable[str]:
        known = self.learnt.settings
        if known and (known["layout"], known["end_s"]) != (layout, END_S if end_s else 0.0):
            # The first way that gave a code of the sheet is the way; digits alone come out the same in several.
            return
        says = self.heard(code)
        if says is not None:
            if 1 in self.learnt.read or self.learnt.chips:
                self.learnt.settings = {"layout": layout, "end_s": END_S if end_s else 0.0}
            yield says

    def table(self) -> str:
        """The settings of this reader."""
        settings = {"layout": "us", "end_s": 0.0, **self.learnt.settings}
        return keyboard(self._info).table + _rest(settings, self.learnt)


class PortLearner(Learner):
    """Learns of a reader on a serial port."""

    def __init__(self, port: str, baud: int, card: str = "", keep: Keep = Keep.WHOLE) -> None:
        super().__init__(port, card, keep)
        self._port = port
        self._baud = baud
        self._ways = [(kind, framer(kind)) for kind in ("rdm6300", "stx_etx", "lines")]

    def feed(self, received: bytes) -> list[str]:
        """Take what came; what it shows."""
        told = []
        for kind, one in self._ways:
            for code in one.feed(received):
                if kind == "rdm6300":
                    self.learnt.chips = [ChipForm.HEX]
                    told.append(f"{self.learnt.name}: a card, {code}")
                elif (says := self.heard(code)) is None:
                    continue
                else:
                    told.append(says)
                self.learnt.settings.setdefault("frame", kind)
        return told

    def table(self) -> str:
        """The settings of this reader."""
        settings = {"frame": "lines", **self.learnt.settings}
        return table("serial", port=self._port, baud=self._baud) + _rest(settings, self.learnt)


def chip_forms(payload: str, printed: str, keep: Keep) -> list[ChipForm]:
    """The forms in which a reader could have given the card on which this is printed: a decimal number, also with the 8
    digits behind it, or hexadecimal digits."""
    meant = {canonical(printed, form, keep) for form in (ChipForm.DECIMAL, ChipForm.HEX)} - {None}
    forms = [form for form in ChipForm if form not in NEEDS or NEEDS[form] is keep]
    return [form for form in forms if canonical(payload, form, keep) in meant]


def _rest(settings: dict[str, str | int | float], learnt: Learnt) -> str:
    if learnt.chips:
        settings = {**settings, "chip": learnt.chips[0].value}
    body = table("", **settings).splitlines()[2:]
    return "".join(f"{line}\n" for line in body)
