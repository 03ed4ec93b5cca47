"""What a SIP2 connector tells, and what it does not: each act as the server reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from kiosk.circulation.acts import Kind
from kiosk.circulation.delivery import Accepted, Indeterminate, Parcel, Reason, RefusedByCentral, Unreachable
from kiosk.circulation.facts import LoanFact
from kiosk.config import load
from kiosk.connecting import connector_of
from kiosk.errors import ConnectorError
from kiosk.sync.secret import Secret
from kiosk.sync.sip2 import Sip2Settings
from kiosk.sync.sip2.connector import Sip2Connector
from kiosk.sync.sip2.line import Line
from tests.contract.connector_stage import ITEMS, PATRONS, Sender
from tests.sip2_library import ALL, Library
from tests.sip2_server import Fault, Sip2Server, serving

ALMATY = timezone(timedelta(hours=5))
NOW = datetime(2026, 9, 21, 10, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
ACTS = ("11", "09", "29", "15")


@dataclass
class Desk(Sender):
    """A kiosk, and the server that it talks to."""

    server: Sip2Server | None = None

    @property
    def library(self) -> Library:
        assert self.server is not None
        return self.server.library

    def acts(self) -> list[str]:
        """The codes of the acts that the server has read."""
        assert self.server is not None
        return [one.code for one in self.server.read if one.code in ACTS]


@pytest.fixture
def desk() -> Iterator[Desk]:
    library = Library(lambda: NOW).fill(PATRONS, ITEMS)
    with serving(library, late_s=0.3) as server:
        settings = Sip2Settings("127.0.0.1", server.port, "kiosk", institution="CPL", timeout_s=0.15, timezone=ALMATY)
        connector = Sip2Connector(Line(settings, Secret("secret")), settings, lambda: NOW)
        made = Desk("one", connector, YESTERDAY, server=server)
        made.pull()
        server.read.clear()
        yield made
        connector.close()


def undone(desk: Desk, made: Parcel) -> Parcel:
    return desk.undo(made, 9)


def test_what_has_happened_is_told_with_its_time_and_its_promise_and_may_not_be_refused(desk: Desk) -> None:
    assert desk.server is not None
    made = desk.checkout("P1", "A1", 1)
    desk.send(made, desk.renewal(made, 2, days=7), desk.checkin(made, 3))
    lent, renewed, returned = (one for one in desk.server.read if one.code in ACTS)
    assert (lent.code, renewed.code, returned.code) == ("11", "29", "09")
    for minute, message in enumerate((lent, renewed, returned), start=1):
        assert message.yes("no_block") and message.text("institution") == "CPL"
        at = message.date("at").at
        assert at == (YESTERDAY + timedelta(minutes=minute)).astimezone(ALMATY).replace(tzinfo=None)
    assert lent.date("nb_due").day == made.act.due and lent.yes("cancel") is None
    assert returned.date("returned_at").at == returned.date("at").at


def test_what_is_only_asked_for_may_be_refused(desk: Desk) -> None:
    assert desk.server is not None
    desk.send(replace(desk.checkout("P1", "A1", 1), happened=False))
    (asked,) = desk.server.asked("11")
    assert asked.yes("no_block") is False


def test_a_time_that_the_kiosk_did_not_know_is_told_to_nobody(desk: Desk) -> None:
    assert desk.server is not None
    parcel = desk.checkout("P1", "A1", 1)
    desk.send(replace(parcel, at=datetime(1970, 1, 1, tzinfo=UTC), trusted=False))
    (asked,) = desk.server.asked("11")
    assert asked.date("at").at == NOW.astimezone(ALMATY).replace(tzinfo=None)


def test_what_is_taken_back_is_the_opposite_act(desk: Desk) -> None:
    assert desk.server is not None
    made = desk.checkout("P1", "A1", 1)
    back = desk.checkin(made, 3)
    desk.send(made, undone(desk, made))
    desk.send(replace(made, seq=7), back, undone(desk, back))
    cancels = [(one.code, one.yes("cancel")) for one in desk.server.read if one.code in ACTS]
    assert cancels == [("11", None), ("09", True), ("11", None), ("09", None), ("11", True)]


def test_a_renewal_that_is_taken_back_is_not_told_and_staff_see_it(desk: Desk) -> None:
    made = desk.checkout("P1", "A1", 1)
    longer = desk.renewal(made, 2, days=7)
    desk.send(made, longer)
    assert desk.send(undone(desk, longer)) == [Accepted(0, (Reason.NOT_UNDONE,))]
    assert desk.acts() == ["11", "29"]


def test_copies_without_numbers_are_none_of_its_business(desk: Desk) -> None:
    parcel = replace(desk.checkout("P1", "A1", 1), barcode=None, inventory_no=None)
    assert desk.send(parcel) == [Accepted(0)] and desk.acts() == []


def test_an_item_without_a_barcode_is_told_by_its_inventory_number(desk: Desk) -> None:
    assert desk.server is not None
    desk.library.copies["1001"] = desk.library.copies["A1"]
    desk.send(replace(desk.checkout("P1", "A1", 1), barcode=None))
    (asked,) = desk.server.asked("11")
    assert asked.text("item") == "1001"


def test_a_reader_without_a_card_cannot_be_told(desk: Desk) -> None:
    (outcome,) = desk.send(replace(desk.checkout("P1", "A1", 1), card=None))
    assert isinstance(outcome, RefusedByCentral) and outcome.reason is Reason.PATRON_UNKNOWN and desk.acts() == []


def test_what_central_does_not_take_is_refused_and_not_sent(desk: Desk) -> None:
    desk.library.supports = ALL[:13] + "N" + ALL[14:]
    desk.connector.close()
    (outcome,) = desk.send(desk.hold("P1", "A1", 1))
    assert isinstance(outcome, RefusedByCentral) and outcome.reason is Reason.OTHER and outcome.text
    assert desk.acts() == []


@pytest.mark.parametrize("number", ["A\r11NN", "A\x00", "А" * 70_000])
def test_what_cannot_be_written_is_refused_and_not_sent(desk: Desk, number: str) -> None:
    (outcome,) = desk.send(replace(desk.checkout("P1", "A1", 1), barcode=number))
    assert isinstance(outcome, RefusedByCentral) and number not in outcome.text and desk.acts() == []
    found = desk.connector.find_out(replace(desk.checkout("P1", "A1", 1), barcode=number))
    assert isinstance(found, RefusedByCentral)


def test_after_a_broken_conversation_nothing_more_is_sent(desk: Desk) -> None:
    assert desk.server is not None
    desk.server.faults.only, desk.server.faults.planned = frozenset({"11"}), [None, Fault.LOST]
    parcels = [desk.checkout("P1", f"A{n}", n) for n in range(4)]
    outcomes = desk.send(*parcels)
    assert [type(one) for one in outcomes] == [Accepted, Indeterminate, Unreachable, Unreachable]
    assert desk.acts() == ["11", "11"]


def test_what_central_could_not_read_is_looked_up_and_sent_again(desk: Desk) -> None:
    assert desk.server is not None
    desk.server.faults.only, desk.server.faults.planned = frozenset({"11"}), [Fault.NOT_READ]
    (outcome,) = desk.send(desk.checkout("P1", "A1", 1))
    assert isinstance(outcome, Accepted) and desk.library.done == [("lent", "A1", "P1")]
    assert [one.code for one in desk.server.read if one.code in ("17", "11")] == ["17", "11"]


def test_a_central_that_never_reads_an_act_is_left_alone(desk: Desk) -> None:
    assert desk.server is not None
    desk.server.faults.only, desk.server.faults.planned = frozenset({"11"}), [Fault.NOT_READ] * 9
    assert isinstance(desk.send(desk.checkout("P1", "A1", 1))[0], Indeterminate)
    assert len(desk.server.faults.planned) == 7


def test_a_look_up_that_fails_before_an_act_leaves_it_unsent(desk: Desk) -> None:
    assert desk.server is not None
    made = desk.checkout("P1", "A1", 1)
    desk.send(made)
    desk.server.faults.only, desk.server.faults.planned = frozenset({"17"}), [Fault.UNHEARD] * 9
    assert isinstance(desk.send(desk.checkin(made, 3))[0], Unreachable), "a return of yesterday is looked up first"
    assert desk.acts() == ["11"]


def test_refused_as_it_is_so_already_is_accepted(desk: Desk) -> None:
    made = desk.checkout("P1", "A1", 1)
    assert desk.send(replace(desk.checkin(made, 3), card=None)) == [Accepted(0)], "it was not on loan there"


def test_a_due_date_that_differs_is_told_to_the_desk_and_to_the_copy(desk: Desk) -> None:
    desk.library.days = 21
    made = desk.checkout("P1", "A1", 1)
    (outcome,) = desk.send(made)
    day = (NOW + timedelta(days=21)).date()
    assert isinstance(outcome, Accepted) and outcome.due == day
    (fact,) = (one for one in outcome.facts if isinstance(one, LoanFact))
    assert (fact.id, fact.due, fact.item_id, fact.patron_id) == (made.act.id, day, "A1", "P1")


def test_the_loans_of_a_reader_are_looked_up_with_them(desk: Desk) -> None:
    assert desk.connector.look_up is not None
    desk.send(desk.checkout("P1", "A1", 1), desk.checkout("P1", "A3", 2))
    loans = [one for one in desk.connector.look_up.patron("P1") if isinstance(one, LoanFact)]
    assert {(one.item_id, one.patron_id) for one in loans} == {("A1", "P1"), ("A3", "P1")}
    assert all(one.due == (NOW + timedelta(days=14)).date() for one in loans)


def test_a_central_that_tells_of_nobody_knows_nobody(desk: Desk) -> None:
    assert desk.connector.look_up is not None
    desk.library.supports = "YYYYYYYNYYNNNYYY"
    desk.connector.close()
    assert desk.connector.look_up.patron("P1") == () and desk.connector.look_up.item("A1") == ()


def test_a_clock_that_cannot_be_read_is_nobodys_time(desk: Desk) -> None:
    greeting = desk.connector.hello()
    assert greeting.clock == NOW and greeting.version == 0
    desk.library.tells_time = False
    with pytest.raises(ConnectorError):
        desk.connector.hello()


def test_it_carries_circulation_and_nothing_else(desk: Desk) -> None:
    assert Kind.LOAN_IMPORTED not in desk.connector.carries and Kind.FOUND in desk.connector.carries


def test_the_password_file_is_found_from_settings_that_are_named_by_a_relative_path(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.server is not None
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "central.password").write_text("secret\n")
    (folder / "central.password").chmod(0o600)
    (folder / "kiosk.toml").write_text(
        '[kiosk]\nschool = "№ 1 мектеп"\n[central]\nkind = "sip2"\n[central.sip2]\nhost = "127.0.0.1"\n'
        f'port = {desk.server.port}\nlogin = "kiosk"\npassword_file = "central.password"\n'
    )
    monkeypatch.chdir(tmp_path)
    connector = connector_of(load(Path("data/kiosk.toml")))
    assert connector is not None and connector.hello().clock == NOW
    connector.close()
