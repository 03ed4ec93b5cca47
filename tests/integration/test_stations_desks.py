"""Three desks hand textbooks out to one class all day, offline from each other; then they agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from kiosk.circulation import visit
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.model import PinKind, Scan, SetLine, TextbookSet
from kiosk.circulation.own_codes import label_number
from kiosk.circulation.rules import VisitSettings
from kiosk.circulation.views import View
from kiosk.desk import Desk, Press, Type
from tests.stations_fixture import ISBNS, WAYS, YEAR, Station, Stations, stations_in
from tests.sync_fixture import folder_in_memory, rules

SET = TextbookSet(YEAR, 5, "kk", "", (SetLine("математика"), SetLine("қазақ тілі"), SetLine("тарих")))


@pytest.fixture(params=WAYS)
def stations(request: pytest.FixtureRequest) -> Iterator[Stations]:
    with folder_in_memory() as folder, stations_in(request.param, folder) as made:
        made.all[0].change_set(None, SET)
        made.agree()
        yield made


@dataclass
class Handing:
    """A librarian at a station, with the class on the screen."""

    station: Station
    desk: Desk
    labels: int = 0

    @property
    def view(self) -> View:
        return self.desk.view()

    def press(self, action: str, argument: str = "") -> View:
        return self.desk.take(Press(action, argument)).view

    def scan(self, code: str) -> str:
        """Read a code; the key of the message."""
        self.station.clock.move(3.0)
        message = self.desk.take(Scan(code)).view.message
        return message.key if message is not None else ""

    def turn_of(self, name: str) -> None:
        """A pupil's turn, by a touch on the name."""
        if self.view.name != "tb_class":
            self.press("back")
        assert self.view.matrix is not None
        line = next(one for one in self.view.matrix.lines if one.text.startswith(name))
        assert self.press("open", line.id).name == "tb_pupil"

    def number(self, title: str, roll: int) -> str:
        """A copy without a number gets a label of this station's roll, in two scans; the label."""
        self.labels += 1
        label = label_number("N", roll, self.labels)
        self.scan(ISBNS[title])
        self.scan(label)
        return label


def at(station: Station, staff: str, seed: int) -> Handing:
    """Sign in and open the class. The role is only known here."""
    store, patron = station.kiosk.store, station.pupil(staff)
    with store.connection().write() as db:
        db.execute("UPDATE patrons SET role = 'librarian' WHERE id = ?", (patron,))
        db.execute("INSERT INTO cards VALUES ('C-LIB', ?, 0)", (patron,))
    store.set_pin([patron], PinKind.DIGITS, "2580")
    settings = VisitSettings(same_scan_s=1.0)
    desk = Desk(visit.start(rules(), settings, CodeRules(blank="N"), UUID(int=seed)), store, station.clock)
    made = Handing(station, desk)
    made.scan("C-LIB")
    desk.take(Type("2580"))
    assert made.press("issue").name == "staff_classes"
    assert made.press("choose", made.view.rows[0].id).name == "tb_class"
    return made


def test_one_class_at_three_desks_ends_the_same_everywhere(stations: Stations) -> None:
    desks = [at(station, "Жанар", seed) for seed, station in enumerate(stations.all, 1)]
    labels = {}
    for n, (desk, names) in enumerate(zip(desks, (("Айгүл", "Болат"), ("Гүлнар", "Дана"), ("Ерлан",)), strict=True)):
        for name in names:
            desk.turn_of(name)
            labels[desk.number("math", 10_000_001 + n)] = name
            desk.scan(ISBNS["history"])
    desks[0].turn_of("Дана")
    desks[0].scan(ISBNS["kazakh"])
    desks[2].turn_of("Дана")
    desks[2].scan(ISBNS["kazakh"])  # nobody there can know
    stations.agree()
    known = stations.same()
    assert {row[0]: row[4].split()[0] for row in known["items"]} == labels and len(labels) == 5
    assert sorted(one[0].split()[0] for one in known["counted"]) == sorted((*labels.values(), "Дана", "Дана"))
    assert [one.flagged() for one in stations.all].count({"checkout": "second_copy"}) == 1
    for desk in desks:
        view = desk.press("back") if desk.view.name == "tb_pupil" else desk.view
        assert view.name == "tb_class"
    again = at_once_more(desks[1])
    assert again.progress == (11, 18), "every desk sees what the others gave"


def at_once_more(desk: Handing) -> View:
    """The class, opened anew."""
    desk.press("back")
    return desk.press("choose", desk.view.rows[0].id)
