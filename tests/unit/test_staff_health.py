"""How the machine is, as a technician reads it: what is bad first, in words, and nothing of any patron."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kiosk.circulation.clock import Moment
from kiosk.circulation.staff.health import DeviceSeen, HealthPage, MachineSeen
from kiosk.circulation.staff.state import State
from kiosk.circulation.views import SyncState, View
from kiosk.desk import Press, Type
from kiosk.devices.health_file import keep
from kiosk.devices.supervisor import Health
from kiosk.plain import describe
from kiosk.plugging import health_file
from kiosk.text import Words, languages
from tests.scenario import Player, Scenario, furnish

NOON = datetime(2026, 9, 22, 12, tzinfo=UTC)
BAD = MachineSeen(
    (DeviceSeen("gate", True), DeviceSeen("printer", False, "is it switched on?")),
    SyncState("offline", 7, 2),
    3,
    date(2026, 9, 1),
    "the central library's certificate has expired",
    4000,
    20,
)


def notes(view: View) -> list[str]:
    """What the rows say, by key or text."""
    return [row.note.key if row.note is not None else row.text for row in view.rows]


@pytest.fixture
def player(tmp_path: Path) -> Player:
    """A technician whose PIN is 2580."""
    sections = {"PINs": ["C-ANNA 2580"], "Facts": ["staff C-ANNA technician"]}
    return Player(furnish(tmp_path, Scenario("health", tmp_path, sections, 0)), "2026-09-22T10:00", "2026-09-22T10:00")


@pytest.mark.parametrize("language", languages())
def test_what_is_bad_stands_first_in_every_language(language: str, player: Player) -> None:
    view = HealthPage(BAD).view(_state(player), Moment(0.0, NOON, False, False))
    assert view.message is not None and view.message.key == "health.faults"
    assert view.message.params == (("n", 8),)
    assert notes(view)[:8] == [
        "health.broken", "is it switched on?", "sync.offline", "the central library's certificate has expired",
        "sync.rejected", "health.clock_untrusted", "health.clock_off", "health.disk",
    ]  # fmt: skip
    assert {"health.works", "health.contact", "sync.pending", "health.flagged"} < set(notes(view))
    assert describe(view, Words(language, strict=True))
    player.close()


def _state(player: Player) -> State:
    """The staff's mode, once they have signed in."""
    player.step("scan C-ANNA")
    player.desk.take(Type("2580"))
    assert player.desk._above is not None
    return player.desk._above


def test_the_running_kiosks_devices_are_seen(player: Player) -> None:
    keep(health_file(player.config), [Health("gate", "reader", ""), Health("slips", "printer", "no paper", "add some")])
    _state(player)
    view = player.desk.take(Press("health")).view
    assert view.name == "health"
    assert ("slips", "health.broken") in [(row.text, row.note.key) for row in view.rows if row.note is not None]
    assert "add some" in notes(view) and "health.no_central" in notes(view)
    player.close()
