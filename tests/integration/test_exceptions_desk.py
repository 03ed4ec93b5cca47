"""The exceptions desk on a real store: each way out is an act with who did it and why, and central goes on from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from kiosk.backroom import Backroom
from kiosk.circulation import visit
from kiosk.circulation.acts import Act
from kiosk.circulation.delivery import Reason, WayOut
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.ledger import act_of
from kiosk.circulation.model import PinKind, Scan
from kiosk.circulation.rules import VisitSettings
from kiosk.circulation.staff.exception_facts import Matter, SettleEntry, Sort, says
from kiosk.circulation.views import View
from kiosk.desk import Desk, Press, Type
from kiosk.exceptions_desk import settle
from kiosk.text import Words, languages
from tests.stations_fixture import Station, Stations, stations_in
from tests.sync_fixture import MONDAY, folder_in_memory, rules


@pytest.fixture
def stations() -> Iterator[Stations]:
    with folder_in_memory() as folder, stations_in("sqlite", folder) as made:
        yield made


@dataclass
class Librarian:
    """Somebody of the staff at a station, signed in, with the list of exceptions open."""

    desk: Desk
    station: Station
    id: str

    def press(self, action: str, argument: str = "") -> View:
        return self.desk.take(Press(action, argument)).view

    def scan(self, code: str) -> View:
        self.station.clock.move(5.0)
        return self.desk.take(Scan(code)).view

    def acts(self, kind: str) -> list[Act]:
        rows = self.station.kiosk.rows(
            "SELECT id, kind, patron_id, item_id, title_id, body FROM transactions WHERE kind = ? ORDER BY seq", kind
        )
        return [act_of(*row) for row in rows]


def at(station: Station) -> Librarian:
    """A librarian signs in; a role that is only known here."""
    staff = station.pupil("Жанар")
    store = station.kiosk.store
    with store.connection().write() as db:
        db.execute("UPDATE patrons SET role = 'librarian' WHERE id = ?", (staff,))
        db.execute("INSERT INTO cards VALUES ('C-LIB', ?, 0)", (staff,))
    store.set_pin([staff], PinKind.DIGITS, "2580")
    back = Backroom(lambda: {SettleEntry: lambda deed: settle(store, station.clock, deed)})
    desk = Desk(visit.start(rules(), VisitSettings(), CodeRules(), UUID(int=7)), store, station.clock, backroom=back)
    librarian = Librarian(desk, station, staff)
    librarian.scan("C-LIB")
    desk.take(Type("2580"))
    assert librarian.press("exceptions").name == "exceptions"
    return librarian


def test_a_label_that_is_anothers_is_settled_by_scanning_a_new_one(stations: Stations) -> None:
    one, two, _ = stations.all
    one.number("math", "2900001")
    two.number("history", "2900001", item_id="second")
    two.give("Болат", "2900001")
    stations.agree()
    librarian = at(two)
    (row,) = librarian.desk.view().rows
    assert row.note is not None and row.note.key == "exc.label_taken"
    view = librarian.press("open", row.id)
    assert view.prompt is not None and view.prompt.key == "exc.new_label"
    for code, says_key in (("2900001", "exc.label_not_free"), ("C-LIB", "exc.no_label"), ("x", "exc.no_label")):
        message = librarian.scan(code).message
        assert message is not None and message.key == says_key
    assert librarian.scan("2900002").name == "exceptions"
    assert [act.staff for act in librarian.acts("relabelled") + librarian.acts("outbox_retried")] == [librarian.id] * 2
    stations.agree()
    assert {row[0]: row[4] for row in stations.same()["items"]} == {"2900001": None, "2900002": "Болат Ахмет"}


def test_what_was_flagged_is_listed_until_somebody_has_seen_it(stations: Stations) -> None:
    one, two, _ = stations.all
    one.give_counted("Айгүл", "kazakh")
    two.give_counted("Айгүл", "kazakh-old")
    stations.agree()
    librarian = at(two)
    (row,) = librarian.desk.view().rows
    assert row.note is not None and row.note.key == "exc.second_copy"
    assert librarian.press("open", row.id).actions == ("back", "seen")
    assert librarian.press("seen").rows == ()
    (act,) = librarian.acts("outbox_seen")
    assert act.staff == librarian.id and act.override is not None and act.override.refusals == ("SECOND_COPY",)
    stations.agree()
    assert stations.same() and two.flagged() == {}


def test_what_was_settled_elsewhere_meanwhile_is_not_settled_twice(stations: Stations) -> None:
    one, two, _ = stations.all
    one.number("math", "2900001")
    two.number("history", "2900001", item_id="second")
    stations.agree()
    librarian = at(two)
    row = librarian.desk.view().rows[0]
    librarian.press("open", row.id)
    two.kiosk.outbox.settle_by_hand(int(row.id[1:]), WayOut.DISMISS, "Қарлығаш", "қате")
    assert librarian.press("retry").name == "exceptions"
    assert librarian.acts("outbox_retried") == []


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("sort", Sort)
def test_every_reason_has_a_sentence_in_every_language(language: str, sort: Sort) -> None:
    words = Words(language, strict=True)
    for reason in (None, *Reason):
        assert words.label(says(Matter("e1", sort, MONDAY.date(), reason=reason)))
