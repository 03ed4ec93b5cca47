"""What a pull brings from a central database: everything, in order, once, and nothing that it could miss."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from kiosk.circulation.delivery import Accepted
from kiosk.circulation.facts import HoldFact, ItemFact, LoanFact, Page, PatronFact, TitleFact
from kiosk.circulation.model import SchoolClass
from kiosk.errors import ConnectorError
from kiosk.sync.central.apply import apply
from kiosk.sync.central.cursor import ALL_KINDS, Cursor, parse_cursor
from kiosk.sync.central.database import changing, opened, take_turn
from kiosk.sync.central.schema import holds, patrons, schools
from kiosk.sync.sql.connector import SqlConnector
from tests.central_fixture import (
    DATABASES,
    NOW,
    SCHOOL,
    TODAY,
    Central,
    Kiosk,
    accepted,
    central_in,
    checkout,
    everything,
    hold_of,
    loan_of,
    renewal,
)


@pytest.fixture(params=DATABASES)
def central(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Central]:
    with central_in(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def kiosk(central: Central) -> Kiosk:
    return Kiosk(central.connector())


only_postgresql = pytest.mark.parametrize("central", ["postgresql"], indirect=True)
only_sqlite = pytest.mark.parametrize("central", ["sqlite"], indirect=True)


def pages(connector: SqlConnector, limit: int, cursor: str = "") -> list[Page]:
    found = [connector.pull(cursor, limit)]
    while found[-1].more:
        found.append(connector.pull(found[-1].cursor, limit))
    return found


def changed_patron(central: Central, patron: str, **values: object) -> int:
    school = central.schools[SCHOOL]
    where = patrons.c.school_id == school, patrons.c.id == patron
    (row,) = central.rows(select(schools.c.version).where(schools.c.id == school))
    return central.change(update(patrons).where(*where).values(**values, version=row.version + 1))


def test_from_nothing_everything_of_the_school_comes(kiosk: Kiosk) -> None:
    (page,) = pages(kiosk.connector, 500)
    kinds = [type(fact) for fact in page.facts]
    assert kinds == [PatronFact] * 5 + [TitleFact] * 2 + [ItemFact] * 6
    assert page.snapshot and page.total == len(page.facts) and page.version == 1
    assert page.facts[0] == PatronFact(
        "P1", 1, "Айгүл1", category="pupil", external_id="X1", cards=(("C1", False),), groups=(), years=()
    )


def test_a_fact_comes_as_a_whole(central: Central, kiosk: Kiosk) -> None:
    version = changed_patron(central, "P2", grade=5, letter="Ә", expires=TODAY, last_name="Әбілова", has_left=True)
    fact = everything(kiosk.connector)["P2"]
    assert isinstance(fact, PatronFact)
    assert (fact.school_class, fact.expires, fact.left, fact.version) == (SchoolClass(5, "Ә"), TODAY, True, version)


def test_afterwards_only_what_changed_comes(kiosk: Kiosk) -> None:
    cursor = kiosk.connector.pull("", 500).cursor
    assert kiosk.connector.pull(cursor, 500) == Page((), cursor, 1)
    lent, outcome = kiosk.lend("P1", "I1")
    page = kiosk.connector.pull(cursor, 500)
    assert [fact.id for fact in page.facts] == ["I1", lent.id]
    assert page.version == accepted(outcome).version and not page.snapshot and page.total is None


def test_an_ended_loan_is_told_but_not_from_nothing(kiosk: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    cursor = kiosk.connector.pull("", 500).cursor
    kiosk.returns(lent)
    told = {fact.id: fact for fact in kiosk.connector.pull(cursor, 500).facts}
    fact = told[lent.id]
    assert isinstance(fact, LoanFact) and fact.ended
    assert lent.id not in everything(kiosk.connector)


def test_a_hold_comes_with_its_place(kiosk: Kiosk) -> None:
    act, hold = hold_of("P1")
    kiosk.send(act)
    fact = everything(kiosk.connector)[hold.id]
    assert isinstance(fact, HoldFact)
    assert (fact.patron_id, fact.title_id, datetime.fromisoformat(fact.placed)) == ("P1", "T1", NOW)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8])
def test_pages_of_any_size_tell_the_same_and_stop_inside_a_version(kiosk: Kiosk, limit: int) -> None:
    for n in (1, 2, 3):
        act, _ = kiosk.lend(f"P{n}", f"I{n}")
        kiosk.send(renewal(loan_of(act)))
    whole = pages(kiosk.connector, 500)
    told = pages(kiosk.connector, limit)
    facts = [fact for page in told for fact in page.facts]
    assert facts == list(whole[0].facts)
    assert told[-1].cursor == whole[0].cursor and told[-1].version == whole[0].version
    assert all(page.snapshot and page.total == len(facts) for page in told)
    done = set()
    for page in told:
        done |= {(fact.id, fact.version) for fact in page.facts}
        assert {(fact.id, fact.version) for fact in facts if fact.version <= page.version} <= done


def test_what_changes_during_a_snapshot_is_told_in_it(central: Central, kiosk: Kiosk) -> None:
    first, _ = kiosk.lend("P1", "I1")
    second, _ = kiosk.lend("P2", "I2")
    page = kiosk.connector.pull("", 12)
    assert page.more and first.id not in {fact.id for fact in page.facts}
    kiosk.returns(first)
    third, _ = kiosk.lend("P3", "I3")
    rest = [fact for page in pages(kiosk.connector, 2, page.cursor) for fact in page.facts]
    loans = {fact.id: fact.ended for fact in rest if isinstance(fact, LoanFact)}
    assert loans == {first.id: True, second.id: False, third.id: False}


def test_nothing_comes_before_what_it_refers_to(central: Central, kiosk: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    changed_patron(central, "P1", last_name="Жаңа")
    told = [fact for page in pages(kiosk.connector, 1) for fact in page.facts]
    ids = [fact.id for fact in told]
    assert ids.index("P1") < ids.index(lent.id)
    assert ids[-1] == "P1", "and once more in its turn"
    cursor = kiosk.connector.pull("", 500).cursor
    kiosk.send(renewal(loan_of(lent)))
    assert [fact.id for fact in kiosk.connector.pull(cursor, 500).facts] == [lent.id], "what is known is not repeated"


@pytest.mark.parametrize("limit", [5, 6, 7])
def test_a_page_is_never_longer_than_asked_for(central: Central, kiosk: Kiosk, limit: int) -> None:
    for n in (1, 2, 3, 4, 5):
        kiosk.lend(f"P{n}", f"I{n}")
    for n in (1, 2, 3, 4, 5):
        changed_patron(central, f"P{n}", last_name="Жаңа")
    told = pages(kiosk.connector, limit)
    assert all(0 < len(page.facts) <= limit for page in told)
    seen: set[str] = set()
    for fact in (fact for page in told for fact in page.facts):
        if isinstance(fact, LoanFact):
            assert {fact.patron_id, fact.title_id, fact.item_id} <= seen
        seen.add(fact.id)
    assert len(seen) == told[0].total


def test_a_central_set_back_to_an_older_state_tells_everything_again(central: Central, kiosk: Kiosk) -> None:
    page = kiosk.connector.pull("999", 500)
    assert page.snapshot and len(page.facts) == 13


def test_a_cursor_that_is_none_begins_anew(kiosk: Kiosk) -> None:
    for text in ("x", "1.2", "9" * 40, "s1:2", "1.2.\0", "-1"):
        assert kiosk.connector.pull(text, 500).snapshot


@only_sqlite
def test_an_unknown_school_is_said(central: Central) -> None:
    with pytest.raises(ConnectorError, match="knows no school"):
        central.connector(school="№ 99").hello()


@given(
    st.builds(
        Cursor,
        version=st.integers(0, 10**17),
        kind=st.integers(0, 4),
        id=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60),
        began=st.one_of(st.none(), st.integers(0, 10**17)),
    )
)
def test_a_cursor_reads_as_it_was_written(cursor: Cursor) -> None:
    inside = replace(cursor, total=None if cursor.began is None else 7)
    assert parse_cursor(str(inside)) == inside
    whole = replace(inside, kind=ALL_KINDS, id="")
    assert parse_cursor(str(whole)) == whole


# A slower writer.


class Slow(threading.Thread):
    """A writer that has done everything and waits before its commit."""

    def __init__(self, central: Central, parcel: object) -> None:
        super().__init__()
        self.central, self.parcel = central, parcel
        self.written, self.may_commit = threading.Event(), threading.Event()
        self.outcome: object = None

    def run(self) -> None:
        with opened(self.central.engine) as connection:

            def wait(_: object) -> None:
                self.written.set()
                self.may_commit.wait(20)

            event.listen(connection, "commit", wait)
            self.outcome = apply(connection, self.central.schools[SCHOOL], self.parcel)  # type: ignore[arg-type]


@only_postgresql
def test_a_pull_cannot_skip_a_row_that_a_slower_writer_commits_late(central: Central, kiosk: Kiosk) -> None:
    """Two writers at once: the first has its version and dawdles; the second can have none before that is committed."""
    cursor = kiosk.connector.pull("", 500).cursor
    slow = Slow(central, kiosk.parcel(checkout("P1", "I1", "slow")))
    slow.start()
    assert slow.written.wait(20)
    fast = threading.Thread(target=lambda: results.append(second.lend("P2", "I2", "fast")[1]))
    results: list[object] = []
    second = Kiosk(central.connector("kiosk-2"), "kiosk-2")
    fast.start()
    fast.join(0.5)
    assert fast.is_alive() and not results, "the second writer waits for its turn"
    meanwhile = kiosk.connector.pull(cursor, 500)
    assert meanwhile.facts == () and meanwhile.cursor == cursor, "a pull waits for nobody, and moves past nothing"
    slow.may_commit.set()
    slow.join(20)
    fast.join(20)
    told = [fact for page in pages(kiosk.connector, 1, meanwhile.cursor) for fact in page.facts]
    assert [fact.id for fact in told if isinstance(fact, LoanFact)] == ["slow", "fast"]
    assert isinstance(slow.outcome, Accepted) and slow.outcome.version < accepted(results[0]).version


@only_postgresql
def test_schools_do_not_wait_for_each_other(central: Central, kiosk: Kiosk) -> None:
    other = next(school for name, school in central.schools.items() if name != SCHOOL)
    with opened(central.engine) as connection, changing(connection):
        take_turn(connection, other)
        accepted(kiosk.lend("P1", "I1")[1])


@only_postgresql
def test_many_writers_and_a_puller_that_misses_nothing(central: Central) -> None:
    """Four kiosks write at once while a fifth pulls all the time: together its pages tell every loan."""
    each, kiosks = 12, [Kiosk(central.connector(f"kiosk-{n}"), f"kiosk-{n}") for n in range(4)]
    reader = central.connector("reader")
    sent: list[str] = []

    def write(kiosk: Kiosk) -> None:
        for _ in range(each):
            act, outcome = checkout("P1", None), None
            outcome = kiosk.send(act)
            accepted(outcome)
            sent.append(act.id)

    writers = [threading.Thread(target=write, args=(kiosk,)) for kiosk in kiosks]
    cursor, told = reader.pull("", 500).cursor, set()
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        page = reader.pull(cursor, 3)
        cursor = page.cursor
        told |= {fact.id for fact in page.facts}
    for page in pages(reader, 500, cursor):
        told |= {fact.id for fact in page.facts}
    assert len(sent) == 4 * each and set(sent) <= told


@only_sqlite
def test_each_kind_of_fact_has_its_index(central: Central) -> None:
    """SQLite names the index; how long a pull takes is in tests/bench/pulling.py."""
    with opened(central.engine) as connection:
        for table in ("patrons", "titles", "items", "loans", "holds"):
            query = f"SELECT id FROM {table} WHERE school_id = 'a' AND version > 5 ORDER BY version, id LIMIT 3"
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
            assert f"{table}_changed" in plan[0][3] and len(plan) == 1, plan


def test_an_ended_hold_is_told(central: Central, kiosk: Kiosk) -> None:
    act, hold = hold_of("P1")
    kiosk.send(act)
    cursor = kiosk.connector.pull("", 500).cursor
    kiosk.lend("P1", "I1")
    told = {fact.id: fact for fact in kiosk.connector.pull(cursor, 500).facts}
    fact = told[hold.id]
    assert isinstance(fact, HoldFact) and fact.ended
    assert central.rows(select(holds.c.ended).where(holds.c.id == hold.id)) == [("borrowed",)]
