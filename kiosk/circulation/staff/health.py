"""How the machine is: devices, the central library, the clock, the disk; in words, and nothing of any patron."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Deed, Event, StaffAnswer
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, do, push, turn
from kiosk.circulation.views import Message, Row, RowState, SyncState, View

LOW_DISK_MB = 200
OFF_BY_S = 120
"""Clocks that differ by more are told."""


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """A reader, a camera, a printer. advice: what a person can do, "" if there is nothing."""

    name: str
    works: bool
    advice: str = ""


@dataclass(frozen=True, slots=True)
class LookAtMachine(Deed):
    """Look at everything that can fail."""


@dataclass(frozen=True, slots=True)
class MachineSeen(StaffAnswer):
    """What was seen. flagged: accepted by central, though something is to be known. contact: the day of the last
    exchange. problem: a sentence of the sync's. offset_s: by how much central's clock differs."""

    devices: tuple[DeviceSeen, ...]
    sync: SyncState
    flagged: int
    contact: date | None
    problem: str
    offset_s: int
    disk_mb: int


def open_health(state: State, event: Event) -> Step:
    """How the machine is now."""
    return do(state, event, LookAtMachine(), after(_seen, True))


def _seen(state: State, event: Event, answer: Answer, is_new: bool) -> Step:
    assert isinstance(answer, MachineSeen)
    page = HealthPage(answer)
    return (push(state, page) if is_new else turn(state, page)), ()


@dataclass(frozen=True, slots=True)
class HealthPage(Page):
    """For a technician: what works, what does not."""

    seen: MachineSeen

    def view(self, state: State, now: Moment) -> View:
        """A line for each thing; what is bad stands first."""
        rows = [*self._devices(), *self._sync(), *self._machine(now)]
        rows.sort(key=lambda row: row.state is not RowState.REFUSED)
        bad = sum(row.state is RowState.REFUSED for row in rows)
        message = Message.of("health.faults", n=bad) if bad else Message.of("health.all_well")
        return View("health", state.language, message, rows=tuple(rows), actions=("back", "look_again"))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """Look once more."""
        if action == "look_again":
            return do(state, event, LookAtMachine(), after(_seen, False))
        return self.leaving(state, event, action)

    def _devices(self) -> Iterator[Row]:
        for one in self.seen.devices:
            yield _row(f"device:{one.name}", one.works, Message.of("health.works"), one.name, "health.broken")
            if not one.works and one.advice:
                yield Row(f"advice:{one.name}", one.advice, RowState.REFUSED)
        if not self.seen.devices:
            yield Row("devices", "", RowState.CHOICE, note=Message.of("health.no_devices"))

    def _sync(self) -> Iterator[Row]:
        sync = self.seen.sync
        if sync.state == "none":
            yield Row("central", "", RowState.CHOSEN, note=Message.of("health.no_central"))
            return
        yield _row("central", sync.state == "online", Message.of("sync.online"), "", "sync.offline")
        if self.seen.contact is not None:
            yield Row("contact", "", RowState.CHOSEN, note=Message.of("health.contact", date=self.seen.contact))
        if self.seen.problem:
            yield Row("problem", self.seen.problem, RowState.REFUSED)
        yield Row("waiting", "", RowState.CHOSEN, note=Message.of("sync.pending", n=sync.pending))
        state = RowState.REFUSED if sync.parked else RowState.CHOSEN
        yield Row("parked", "", state, note=Message.of("sync.rejected", n=sync.parked))
        if self.seen.flagged:
            yield Row("flagged", "", RowState.CHOSEN, note=Message.of("health.flagged", n=self.seen.flagged))

    def _machine(self, now: Moment) -> Iterator[Row]:
        yield _row("clock", now.trusted, Message.of("health.clock_trusted"), "", "health.clock_untrusted")
        if abs(self.seen.offset_s) > OFF_BY_S:
            off = Message.of("health.clock_off", n=abs(self.seen.offset_s))
            yield Row("offset", "", RowState.REFUSED, note=off)
        enough = self.seen.disk_mb >= LOW_DISK_MB
        state = RowState.CHOSEN if enough else RowState.REFUSED
        yield Row("disk", "", state, note=Message.of("health.disk", n=self.seen.disk_mb))


def _row(one: str, good: bool, says: Message, text: str, otherwise: str) -> Row:
    note = says if good else Message.of(otherwise)
    return Row(one, text, RowState.CHOSEN if good else RowState.REFUSED, note=note)
