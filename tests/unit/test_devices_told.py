"""What the screen shows of devices that do not work: home when no reader does, staff which ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from kiosk.circulation.clock import Moment
from kiosk.circulation.events import DevicesTold, Woke
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.model import LIBRARIAN, Patron, PatronRecord
from kiosk.circulation.rules import Rules, VisitSettings
from kiosk.circulation.session import Session
from kiosk.circulation.views import Message
from kiosk.circulation.visit import State, start, step, view
from kiosk.circulation.visit.state import AtVisit, Home

NOW = Moment(0.0, datetime(2026, 9, 22, 10), True, True)
AT_HOME = replace(start(Rules(), VisitSettings(), CodeRules(), UUID(int=1)), page=Home())


def told(state: State, *broken: str, deaf: bool = False) -> State:
    changed, effects = step(state, DevicesTold(NOW, broken, deaf))
    assert effects == () and changed.generation == state.generation, "the timer goes on: nobody did anything"
    return changed


def test_home_says_that_no_reader_works_until_one_does() -> None:
    deaf = told(AT_HOME, "gate", deaf=True)
    assert view(deaf, NOW).prompt == Message.of("err.scanner")
    assert view(told(deaf, "printer"), NOW).prompt == Message.of("home.scan_card")


@pytest.mark.parametrize(("category", "says"), [(LIBRARIAN, "lib.devices_failed"), ("", None)])
def test_staff_are_told_which_devices_do_not_work(category: str, says: str | None) -> None:
    record = PatronRecord(Patron("p", 1, "Гүлнар", category=category))
    there = replace(AT_HOME, page=AtVisit(), session=Session(record))
    message = view(told(there, "gate", "printer"), NOW).message
    assert (message.key if message else None) == says
    assert message is None or message.params == (("names", "gate, printer"),)


def test_a_word_for_the_visit_comes_before_one_for_staff() -> None:
    record = PatronRecord(Patron("p", 1, "Гүлнар", category=LIBRARIAN))
    there = replace(AT_HOME, page=AtVisit(), session=Session(record), message=Message.of("ok.override"))
    assert view(told(there, "gate"), NOW).message == Message.of("ok.override")


def test_a_device_may_fail_while_an_answer_is_awaited() -> None:
    waiting, _ = step(start(Rules(), VisitSettings(), CodeRules(), UUID(int=1)), Woke(NOW, 0))
    assert waiting.busy and told(waiting, "gate").broken == ("gate",)
