"""What a kiosk makes of a line to central that breaks: nothing lost, nothing done twice, and no endless waiting."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from kiosk.circulation.delivery import Accepted, Indeterminate, Outcome, Parcel, Unreachable
from kiosk.errors import ConnectorError
from kiosk.sync.central.schema import transactions
from kiosk.sync.sql.connector import SqlConnector
from tests.central_fixture import (
    Central,
    Kiosk,
    accepted,
    central_in,
    checkin,
    checkout,
    everything,
    loan_of,
    loans_now,
    open_loans,
)
from tests.postgres import Server, shared_server
from tests.proxy import Fault, Proxy

FULL = os.environ.get("KIOSK_FULL") == "1"
COMMIT = b"COMMIT"
ACT = b"INSERT INTO transactions"


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Central]:
    with central_in("postgresql", tmp_path) as made:
        yield made


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy(shared_server().port)
    yield made
    made.close()


@pytest.fixture
def kiosk(central: Central, proxy: Proxy) -> Kiosk:
    connector = central.connector(port=proxy.port)
    connector.hello()
    return Kiosk(connector)


def told(central: Central) -> int:
    """How many acts central has."""
    return int(central.rows(select(func.count()).select_from(transactions))[0][0])


def impatient(central: Central, port: int, timeout_s: float) -> SqlConnector:
    """A connector that waits for so long only."""
    connector = central.connector(port=port)
    settings = replace(connector._settings, timeout_s=timeout_s)
    from kiosk.sync.sql import connect

    made = connect(settings)
    central.open_connectors.append(made)
    return made


def test_cut_after_the_commit_nobody_knows_until_it_is_asked(central: Central, proxy: Proxy, kiosk: Kiosk) -> None:
    proxy.at(COMMIT, Fault.LOSE_ANSWER)
    parcel = kiosk.parcel(checkout("P1", "I1"))
    (outcome,) = kiosk.connector.submit([parcel])
    assert isinstance(outcome, Indeterminate)
    found = kiosk.connector.find_out(parcel)
    assert isinstance(found, Accepted)
    assert kiosk.connector.submit([replace(parcel, attempt=1)]) == [found]
    assert told(central) == 1 and loans_now(kiosk.connector) == {"I1": "P1"}


def test_cut_before_the_commit_it_is_sent_again(central: Central, proxy: Proxy, kiosk: Kiosk) -> None:
    proxy.at(COMMIT, Fault.CUT_BEFORE)
    parcel = kiosk.parcel(checkout("P1", "I1"))
    (outcome,) = kiosk.connector.submit([parcel])
    assert isinstance(outcome, Indeterminate)
    assert kiosk.connector.find_out(parcel) is None
    accepted(kiosk.connector.submit([replace(parcel, attempt=1)])[0])
    assert told(central) == 1


def test_cut_before_it_was_all_sent_nothing_has_happened(central: Central, proxy: Proxy, kiosk: Kiosk) -> None:
    proxy.at(ACT, Fault.CUT_BEFORE)
    outcome = kiosk.send(checkout("P1", "I1"))
    assert isinstance(outcome, Unreachable)
    assert told(central) == 0 and loans_now(kiosk.connector) == {}


def test_in_a_batch_what_comes_after_was_not_sent(central: Central, proxy: Proxy, kiosk: Kiosk) -> None:
    proxy.at(COMMIT, None, Fault.LOSE_ANSWER)
    outcomes = kiosk.connector.submit([kiosk.parcel(checkout(f"P{n}", f"I{n}")) for n in (1, 2, 3, 4)])
    assert [type(one) for one in outcomes] == [Accepted, Indeterminate, Unreachable, Unreachable]
    assert told(central) == 2


def test_refused_at_the_door_nothing_left_the_kiosk(central: Central, proxy: Proxy) -> None:
    proxy.refuses = True
    kiosk = Kiosk(central.connector(port=proxy.port))
    assert [type(one) for one in kiosk.connector.submit([kiosk.parcel(checkout("P1", "I1"))] * 2)] == [Unreachable] * 2
    with pytest.raises(ConnectorError):
        kiosk.connector.hello()
    with pytest.raises(ConnectorError):
        kiosk.connector.pull("", 10)
    assert isinstance(kiosk.connector.find_out(kiosk.parcel(checkout("P1", "I1"))), Indeterminate)
    proxy.refuses = False
    accepted(kiosk.lend("P1", "I1")[1])


def test_no_server_is_unreachable(central: Central, proxy: Proxy) -> None:
    connector = central.connector(port=proxy.port)
    proxy.close()
    assert isinstance(Kiosk(connector).send(checkout("P1", "I1")), Unreachable)


def test_after_the_server_ended_the_connection_the_first_call_works(central: Central, kiosk: Kiosk) -> None:
    with shared_server().connect() as admin:
        admin.execute(b"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename LIKE 'kiosk%%'")
    accepted(kiosk.send(checkout("P1", "I1")))
    assert told(central) == 1


def test_a_server_that_says_nothing_holds_nobody_up(central: Central, proxy: Proxy) -> None:
    connector = impatient(central, proxy.port, 1.0)
    connector.hello()
    kiosk = Kiosk(connector)
    for needle, outcome in ((COMMIT, Indeterminate), (ACT, Unreachable), (b"BEGIN", Unreachable)):
        proxy.at(needle, Fault.SILENCE)
        begun = time.monotonic()
        assert isinstance(kiosk.send(checkout("P1", None)), outcome), needle
        assert time.monotonic() - begun < 4
    accepted(kiosk.send(checkout("P1", None)))


def test_a_kiosk_that_vanished_in_the_middle_keeps_nobody_out(central: Central, proxy: Proxy) -> None:
    """The server is not told that the line is dead: it gives up the transaction, and with it the school's turn."""
    lost = Kiosk(impatient(central, proxy.port, 1.0))
    lost.connector.hello()
    proxy.at(ACT, Fault.VANISH)
    assert isinstance(lost.send(checkout("P1", "I1")), Unreachable)
    other = Kiosk(central.connector("kiosk-2"), "kiosk-2")
    begun = time.monotonic()
    accepted(other.lend("P2", "I1")[1])
    assert time.monotonic() - begun < 5
    assert loans_now(other.connector) == {"I1": "P2"}


def test_looking_up_waits_for_a_commit_on_its_way(central: Central, proxy: Proxy, kiosk: Kiosk) -> None:
    """The kiosk gave up, the server did not: asked at once, it must not say that nothing had arrived."""
    proxy.at(COMMIT, Fault.CUT_AFTER)
    with shared_server().connect(central.url.rpartition("/")[2]) as admin:
        admin.execute(
            b"CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql "
            b"AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END'"
        )
        admin.execute(
            b"CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON transactions DEFERRABLE INITIALLY DEFERRED "
            b"FOR EACH ROW EXECUTE FUNCTION slow()"
        )
    parcel = kiosk.parcel(checkout("P1", "I1"))
    (outcome,) = kiosk.connector.submit([parcel])
    assert isinstance(outcome, Indeterminate)
    assert isinstance(kiosk.connector.find_out(parcel), Accepted)


def test_over_a_bad_line_every_act_is_there_once(central: Central, proxy: Proxy) -> None:
    """The rules of delivery, acted out: at a fault asked for, then sent again until there is an answer."""
    acts, dice = 1000 if FULL else 120, Random(20261005)
    faults = [Fault.CUT_BEFORE, Fault.LOSE_ANSWER]

    def fault(sent: bytes) -> Fault | None:
        return dice.choice(faults) if dice.random() < 0.05 else None

    kiosk = Kiosk(central.connector(port=proxy.port))
    proxy.fault = fault
    versions: list[int] = []
    troubles = 0
    for n in range(acts // 2):
        lent = checkout(f"P{n % 5 + 1}", f"I{n % 6 + 1}")
        for act in (lent, checkin(loan_of(lent))):
            outcome, tries = _deliver(kiosk.connector, kiosk.parcel(act))
            versions.append(accepted(outcome).version)
            troubles += tries
    proxy.fault = lambda _: None
    assert troubles > acts / 10
    assert told(central) == acts == len(set(versions)) and versions == sorted(versions)
    assert open_loans(central) == 0


def _deliver(connector: SqlConnector, parcel: Parcel) -> tuple[Outcome, int]:
    """As the push loop does: after Indeterminate ask first. The outcome, and how often it did not work."""
    tries = 0
    ask = False
    while True:
        outcome = connector.find_out(parcel) if ask else None
        if outcome is None:
            (outcome,) = connector.submit([parcel])
        if isinstance(outcome, Accepted):
            return outcome, tries
        ask = isinstance(outcome, Indeterminate) or (ask and isinstance(outcome, Unreachable))
        tries += 1


def test_a_server_that_is_stopped_and_started_has_lost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    server.start()
    try:
        monkeypatch.setattr("tests.central_fixture.shared_server", lambda: server)
        with central_in("postgresql", tmp_path) as central:
            kiosk = Kiosk(central.connector())
            acts = [checkout(f"P{n % 5 + 1}", None) for n in range(30)]
            waiting = [kiosk.parcel(act) for act in acts]
            for stop in (10, 20):
                kiosk.connector.submit(waiting[:stop])
                server.stop()
                assert isinstance(kiosk.connector.submit(waiting)[0], Unreachable)
                server.start()
                accepted(kiosk.connector.submit(waiting[:1])[0])
            while not all(isinstance(one, Accepted) for one in kiosk.connector.submit(waiting)):
                pass
            assert told(central) == 30
            assert {act.id for act in acts} <= everything(kiosk.connector).keys()
    finally:
        server.close()
