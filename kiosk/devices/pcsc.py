"""Card readers known to pcscd (PC/SC; the ACR122U and its kind): the chip's number when a card is laid on."""

from __future__ import annotations

import logging
from typing import Any

from kiosk.circulation.chips import Keep, of_bytes
from kiosk.devices.reading import Emit
from kiosk.devices.supervisor import Run
from kiosk.errors import DeviceAbsent, DeviceError

log = logging.getLogger(__name__)

_GET_UID = [0xFF, 0xCA, 0x00, 0x00, 0x00]
"""PC/SC part 3, 3.2.2.1.3: the reader itself answers, whatever the card."""
_PLUGGED = "\\\\?PnP?\\Notification"
"""A reader that is none: its state changes when one is plugged in or pulled out."""
_FOREVER = 0xFFFFFFFF


class PcscDriver:
    """The numbers of cards, in their canonical form, once for each time that a card is laid on. Waits inside pcscd: a
    reader on which nothing happens costs nothing."""

    def __init__(self, device: str = "", keep: Keep = Keep.WHOLE) -> None:
        """device: the reader's name, or a part of it; empty for any."""
        self._device = device
        self._keep = keep

    def serve(self, run: Run, emit: Emit) -> None:
        """Read until told to stop. Raises DeviceAbsent without such a reader, DeviceError without pcscd."""
        from smartcard import scard

        failed, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        if failed:
            raise DeviceError(f"pcscd does not answer ({_said(scard, failed)}); it is to be installed and running")
        try:
            run.on_stop(lambda: scard.SCardCancel(context))
            _Watch(scard, context, self._device, self._keep).until_stopped(run, emit)
        finally:
            run.on_stop(None)
            scard.SCardReleaseContext(context)


class _Watch:
    """The readers of one connection to pcscd, and what lies on them."""

    def __init__(self, scard: Any, context: Any, device: str, keep: Keep) -> None:
        self._scard = scard
        self._context = context
        self._device = device.casefold()
        self._keep = keep
        self._states: dict[str, int] = {_PLUGGED: scard.SCARD_STATE_UNAWARE}

    def until_stopped(self, run: Run, emit: Emit) -> None:
        """Wait for cards, and for readers that come and go."""
        while not run.stopping():
            self._look()
            if len(self._states) == 1:
                raise DeviceAbsent(f"pcscd knows no reader {self._device!r}" if self._device else "pcscd has no reader")
            run.works()
            failed, states = self._scard.SCardGetStatusChange(self._context, _FOREVER, list(self._states.items()))
            if failed == self._scard.SCARD_E_CANCELLED:
                continue
            if failed and failed != self._scard.SCARD_E_UNKNOWN_READER:
                raise DeviceError(f"pcscd: {_said(self._scard, failed)}")
            for name, state, _ in states:
                if run.raw:
                    run.raw(f"{name}: state {state:#x}")
                if name in self._states:
                    self._changed(name, state, emit)

    def _look(self) -> None:
        """Which readers there are now."""
        failed, names = self._scard.SCardListReaders(self._context, [])
        if failed and failed != self._scard.SCARD_E_NO_READERS_AVAILABLE:
            raise DeviceError(f"pcscd: {_said(self._scard, failed)}")
        there = {name for name in names or () if self._device in name.casefold()}
        for gone in set(self._states) - there - {_PLUGGED}:
            del self._states[gone]
        for name in sorted(there - set(self._states)):
            self._states[name] = self._scard.SCARD_STATE_UNAWARE

    def _changed(self, name: str, state: int, emit: Emit) -> None:
        was = self._states[name]
        self._states[name] = state & ~self._scard.SCARD_STATE_CHANGED
        if name == _PLUGGED or not state & self._scard.SCARD_STATE_PRESENT or state & self._scard.SCARD_STATE_MUTE:
            return
        # The upper half counts insertions and removals: a card that was changed for another between two looks is new.
        if was & self._scard.SCARD_STATE_PRESENT and was >> 16 == state >> 16:
            return
        code = self._number(name)
        if code is not None:
            emit(code)

    def _number(self, name: str) -> str | None:
        """The number of the card that lies on a reader; None if it was taken away at once, or has none."""
        scard = self._scard
        failed, card, protocol = scard.SCardConnect(
            self._context, name, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        )
        if failed:
            log.info("%s: a card that cannot be read: %s", name, _said(scard, failed))
            return None
        try:
            failed, answer = scard.SCardTransmit(card, protocol, _GET_UID)
        finally:
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        if failed or answer[-2:] != [0x90, 0x00]:
            log.info("%s: a card without a number: %s", name, _said(scard, failed) if failed else answer[-2:])
            return None
        return of_bytes(bytes(byte & 0xFF for byte in answer[:-2]), self._keep)


def _said(scard: Any, failed: int) -> str:
    return str(scard.SCardGetErrorMessage(failed)).strip()
