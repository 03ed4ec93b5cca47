"""The staff's mode above the visit: what each of the two is told, and that nothing of one stays in the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation.model import Scan
from kiosk.desk import Outcome, Plugged, Press, Type
from tests.scenario import Player, Scenario, furnish

SECTIONS = {"PINs": ["C-LIB 2580"]}


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    """The library of the scenarios, its librarian with a PIN."""
    player = Player(furnish(tmp_path, Scenario("staff", tmp_path, SECTIONS, 0)), "2026-09-22T10:00", "2026-09-22T10:00")
    yield player
    player.close()


def signed_in(player: Player) -> Outcome:
    player.desk.take(Scan("C-LIB"))
    return player.desk.take(Type("2580"))


def test_what_happens_to_devices_meanwhile_is_known_at_home_again(player: Player) -> None:
    assert signed_in(player).view.name == "staff_home"
    player.desk.take(Plugged(("gate",), deaf=True))
    home = player.desk.take(Press("exit")).view
    assert home.name == "home" and home.prompt is not None and home.prompt.key == "err.scanner"


def test_after_a_mistake_of_the_program_nobody_is_signed_in(player: Player) -> None:
    signed_in(player)
    player.desk.recover()
    assert player.desk.view().name == "home"


def test_a_visit_waits_while_a_reason_is_asked_and_its_time_begins_anew(player: Player) -> None:
    player.desk.take(Scan("C-AIGUL"))
    player.step("tick 25")
    assert player.desk.take(Scan("C-LIB")).view.name == "staff_pin"
    player.step("tick 100")
    assert player.desk.view().name == "staff_pin", "the child's time does not run"
    view = player.desk.take(Press("back")).view
    assert view.name == "visit" and view.countdown is None
    player.step("tick 25")
    assert player.desk.view().countdown is None


def test_a_pin_is_in_no_view_and_no_representation(player: Player) -> None:
    player.desk.take(Scan("C-LIB"))
    view = player.desk.take(Type("0000")).view
    assert "0000" not in repr(view)


def test_a_visit_is_not_seen_through_the_staffs_screen(player: Player) -> None:
    player.desk.take(Scan("C-AIGUL"))
    view = player.desk.take(Scan("C-LIB")).view
    assert view.patron is None and view.rows == () and "Айгүл" not in repr(view)
