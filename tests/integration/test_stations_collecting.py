"""Textbooks come back at several stations that are offline from each other: what all of them know afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import uuid4

import pytest

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.clock import reckon
from kiosk.circulation.events import Committed
from kiosk.circulation.model import LoanLine
from kiosk.circulation.policy import Circumstances
from kiosk.circulation.rules import Clears, Rules
from kiosk.circulation.textbooks.collect_questions import (
    FindHandedIn,
    HandedInFound,
    OpenDebts,
    PupilHas,
    PupilToCollect,
)
from kiosk.circulation.textbooks.collecting import (
    Came,
    HandedIn,
    Instead,
    decide_handed_in,
    decide_lost,
    decide_replaced,
)
from tests.stations_fixture import WAYS, Station, Stations, stations_in
from tests.sync_fixture import folder_in_memory


@pytest.fixture(params=WAYS)
def stations(request: pytest.FixtureRequest) -> Iterator[Stations]:
    with folder_in_memory() as folder, stations_in(request.param, folder) as made:
        yield made


def new_id() -> str:
    return uuid4().hex


def record(station: Station, acts: Sequence[Act]) -> None:
    """As the desk does it, a minute after what was before."""
    station.clock.move(60.0)
    store = station.kiosk.store
    assert isinstance(store.commit(acts, [], reckon(station.clock.read(), store.mark())), Committed)
    station.kiosk.acknowledged += acts


def hand_in(station: Station, name: str, code: str, clears: Clears = Clears.TITLE) -> HandedIn:
    """A pupil hands a copy in."""
    found = station.kiosk.store.answer(FindHandedIn(code, "item", station.pupil(name)))
    assert isinstance(found, HandedInFound) and found.pupil is not None
    (handed,) = found.items
    around = Circumstances(Rules(), reckon(station.clock.read(), station.kiosk.store.mark()))
    decision = decide_handed_in(around, found.pupil, handed.record, handed.debt, clears, new_id)
    record(station, decision.acts)
    return decision


def loans(station: Station, name: str) -> tuple[LoanLine, ...]:
    """What a pupil has."""
    has = station.kiosk.store.answer(PupilToCollect(station.pupil(name)))
    assert isinstance(has, PupilHas) and has.record is not None
    return has.record.loans


def owed(station: Station) -> list[tuple[str, str]]:
    """Who owes which number."""
    found = station.kiosk.store.answer(OpenDebts())
    return [(patron.first_name, debt.number) for debt, patron in found.debts]  # type: ignore[union-attr]


def test_an_exchange_and_a_loss_are_the_same_everywhere(stations: Stations) -> None:
    one, two, three = stations.all
    for station, pupil, label in ((one, "Айгүл", "2900001"), (two, "Болат", "2900002"), (three, "Дана", "2900003")):
        station.number("math", label)
        station.give(pupil, label)
    stations.agree()
    assert hand_in(two, "Айгүл", "2900002").came is Came.EXCHANGED
    (line,) = loans(three, "Дана")
    record(three, (decide_lost(line, three.clock.read().wall.date(), new_id()),))
    stations.agree()
    known = stations.same()
    assert [one.parked() for one in stations.all] == [{}, {}, {}]
    assert ("2900001", "Математика", "on_loan", "good", "Болат Ахмет") in known["items"]
    assert ("2900002", "Математика", "available", "good", None) in known["items"]
    assert ("2900003", "Математика", "lost", "good", None) in known["items"]
    assert [owed(station) for station in stations.all] == [[("Дана", "2900003")]] * 3
    # the other's copy comes back at a third station, and what is taken for the lost one at the first
    assert hand_in(three, "Болат", "2900001").came is Came.OWN
    found = one.kiosk.store.answer(OpenDebts())
    ((debt, _),) = found.debts  # type: ignore[union-attr]
    item = one.item("2900002")
    record(one, decide_replaced(debt, Instead(item=item), new_id))
    stations.agree()
    known = stations.same()
    assert [owed(station) for station in stations.all] == [[], [], []]
    assert all(row[4] is None for row in known["items"])


def test_a_lost_copy_that_turns_up_at_another_station_ends_the_debt_everywhere(stations: Stations) -> None:
    one, two, _ = stations.all
    one.number("math", "2900001")
    one.give("Айгүл", "2900001")
    (line,) = loans(one, "Айгүл")
    record(one, (decide_lost(line, one.clock.read().wall.date(), new_id()),))
    stations.agree()
    assert hand_in(two, "Болат", "2900001").came is Came.LOST_FOUND
    stations.agree()
    known = stations.same()
    assert [owed(station) for station in stations.all] == [[], [], []]
    assert ("2900001", "Математика", "available", "good", None) in known["items"]
    assert [act.kind for act in two.kiosk.acknowledged] == [Kind.FOUND]


def test_a_lost_copy_held_by_count_is_one_less_everywhere(stations: Stations) -> None:
    one, _, three = stations.all
    one.give_counted("Айгүл", "kazakh")
    (line,) = loans(one, "Айгүл")
    before = dict(three.knows()["held"])["Қазақ тілі"]
    record(one, (decide_lost(line, one.clock.read().wall.date(), new_id()),))
    stations.agree()
    known = stations.same()
    assert dict(known["held"])["Қазақ тілі"] == before - 1 and known["counted"] == []
    assert [owed(station) for station in stations.all] == [[("Айгүл", "")]] * 3
