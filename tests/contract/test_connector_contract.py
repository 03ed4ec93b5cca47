"""What every connector to a central library promises (ports.Connector), one suite for all of them.

A connector whose central cannot list what changed (pulls is False) knows no ids and no times of acts either, and has
rules of its own: it passes the tests that ask for no more than it can. Where others pull, it looks everything up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.circulation.acts import CIRCULATION
from kiosk.circulation.delivery import Accepted, Reason, RefusedByCentral
from kiosk.circulation.facts import ItemFact, PatronFact, TitleFact
from kiosk.errors import ConnectorError
from tests.contract.carry_stage import carry_stage, carry_to_postgresql_stage
from tests.contract.connector_stage import ITEMS, PATRONS, Sender, Stage, memory_stage, sender
from tests.contract.sip2_stage import sip2_stage
from tests.contract.sql_stage import postgresql_stage, sqlite_stage
from tests.driver import full

STAGES: dict[str, Callable[[Path], AbstractContextManager[Stage]]] = {
    "carry": carry_stage,
    **({"carry-postgresql": carry_to_postgresql_stage} if full(1, 0) else {}),
    "memory": memory_stage,
    "sip2": sip2_stage,
    "sqlite": sqlite_stage,
    "postgresql": postgresql_stage,
}
"""By the connector's name. Another connector is hooked in here."""
CANNOT_LIST = {"sip2"}

lists = pytest.mark.lists
"""A test for those that list what changed, and agree by the times and ids of acts."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test for every connector that can do what it asks for."""
    if "stage" in metafunc.fixturenames:
        able = STAGES.keys() - CANNOT_LIST if any(metafunc.definition.iter_markers("lists")) else STAGES.keys()
        metafunc.parametrize("stage", sorted(able), indirect=True)


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A central library of its own for each test and connector."""
    with STAGES[request.param](tmp_path) as made:
        yield made


@pytest.fixture
def one(stage: Stage) -> Sender:
    """A kiosk."""
    return sender(stage, "one")


@pytest.fixture
def two(stage: Stage) -> Sender:
    """Another."""
    return sender(stage, "two")


def test_it_carries_what_lending_is(stage: Stage) -> None:
    connector = stage.connector("one")
    assert connector.carries >= CIRCULATION and connector.kind


def test_it_greets_with_a_time_that_has_a_zone(stage: Stage) -> None:
    greeting = stage.connector("one").hello()
    assert greeting.clock.tzinfo is not None and greeting.version >= 0


@lists
def test_a_pull_from_nothing_lists_everything(one: Sender) -> None:
    kinds = [type(fact) for fact in one.facts.values()]
    assert (kinds.count(PatronFact), kinds.count(ItemFact), kinds.count(TitleFact)) == (PATRONS, ITEMS, ITEMS // 2)


@lists
def test_a_pull_from_nothing_says_that_it_is_a_list_of_everything(stage: Stage) -> None:
    page = stage.connector("one").pull("", 200)
    assert page.snapshot and not page.more and (page.total is None or page.total == len(page.facts))


@lists
def test_a_pull_in_small_pages_brings_the_same(stage: Stage, one: Sender) -> None:
    other = Sender("other", stage.connector("other"), one.start)
    pages = other.pull(limit=3)
    assert len(pages) > 3 and all(len(page.facts) <= 3 for page in pages)
    assert other.facts == one.facts


@lists
def test_nothing_new_is_an_empty_page(one: Sender) -> None:
    (page,) = one.pull()
    assert page.facts == () and not page.snapshot


def test_a_loan_is_accepted_and_told_to_everybody(one: Sender, two: Sender) -> None:
    parcel = one.checkout("P1", "A1", 1)
    one.told(parcel)
    two.pull()
    for kiosk in (one, two):
        assert kiosk.has("A1", parcel) and kiosk.loans()["A1"].due == parcel.act.due
        assert kiosk.item("A1").status == "on_loan"


@lists
def test_what_changed_is_told_once(one: Sender) -> None:
    one.told(one.checkout("P1", "A1", 1))
    (page,) = one.pull()
    assert page.facts == ()


@lists
def test_the_same_transaction_again_changes_nothing(one: Sender) -> None:
    parcel = one.checkout("P1", "A1", 1)
    first = one.told(parcel)
    assert one.send(parcel, replace(parcel, attempt=1)) == [first, first]
    (page,) = one.pull()
    assert page.facts == ()


def test_another_attempt_changes_nothing(one: Sender) -> None:
    parcel = one.checkout("P1", "A1", 1)
    again = one.renewal(parcel, 2, days=7)
    told = [one.told(each) for each in (parcel, again)]
    assert one.send(replace(again, attempt=1)) == told[1:]
    assert one.send(replace(again, attempt=2)) == told[1:]
    one.pull()
    assert one.has("A1", parcel) and one.loans()["A1"].due == again.act.due


@lists
def test_a_repeat_after_the_return_does_not_lend_again(one: Sender) -> None:
    parcel = one.checkout("P1", "A1", 1)
    one.told(parcel, one.checkin(parcel, 2))
    one.told(parcel)
    assert one.loans() == {}


def test_finding_out_what_never_arrived(one: Sender) -> None:
    assert one.connector.find_out(one.checkout("P1", "A1", 1)) is None


def test_finding_out_what_arrived(one: Sender) -> None:
    parcel = one.checkout("P1", "A1", 1)
    told = one.told(parcel)
    assert one.connector.find_out(parcel) == told


def test_finding_out_about_a_return_a_renewal_and_a_hold(one: Sender) -> None:
    made = one.checkout("P1", "A1", 1)
    one.told(made)
    for parcel in (one.renewal(made, 2, days=7), one.checkin(made, 3), one.hold("P1", "A3", 4)):
        assert one.connector.find_out(parcel) is None, parcel.act.kind
        told = one.told(parcel)
        assert one.connector.find_out(parcel) == told, parcel.act.kind


def test_a_batch_is_taken_in_order(one: Sender) -> None:
    first = one.checkout("P1", "A1", 1)
    back = one.checkin(first, 2)
    second = one.checkout("P2", "A1", 3)
    one.told(first, back, second)
    assert one.has("A1", second)


def test_an_unknown_patron_is_refused_with_that_reason(one: Sender) -> None:
    known = one.checkout("P1", "A1", 1)
    act = replace(known.act, patron_id="nobody")
    outcome = one.send(replace(known, act=act, card="NOT-A-CARD"))[0]
    assert isinstance(outcome, RefusedByCentral) and outcome.reason is Reason.PATRON_UNKNOWN


def test_an_unknown_item_is_refused_with_that_reason(one: Sender) -> None:
    known = one.checkout("P1", "A1", 1)
    act = replace(known.act, item_id="nothing")
    outcome = one.send(replace(known, act=act, barcode="NOT-A-BARCODE", inventory_no=None))[0]
    assert isinstance(outcome, RefusedByCentral) and outcome.reason is Reason.ITEM_UNKNOWN


def test_a_refusal_holds_nobody_else_up(one: Sender) -> None:
    bad = one.checkout("P1", "A1", 1)
    bad = replace(bad, act=replace(bad.act, patron_id="nobody"), card=None)
    outcomes = one.send(bad, one.checkout("P2", "A2", 2))
    assert isinstance(outcomes[1], Accepted)


def test_a_patron_and_an_item_are_known_by_card_and_barcode(one: Sender) -> None:
    known = one.checkout("P1", "A1", 1)
    one.told(replace(known, act=replace(known.act, patron_id="of-the-kiosk", item_id="its-own-id")))
    assert one.loans()["A1"].patron_id == one.patron("P1").id


def test_a_renewal_moves_the_due_date(one: Sender) -> None:
    made = one.checkout("P1", "A1", 1)
    again = one.renewal(made, 2, days=7)
    one.told(made, again)
    assert one.loans()["A1"].due == again.act.due
    assert one.loans()["A1"].renewals == 1 or not one.connector.pulls


def test_a_renewal_never_shortens(one: Sender) -> None:
    made = one.checkout("P1", "A1", 1)
    one.told(made, one.renewal(made, 2, days=7))
    one.told(one.renewal(made, 3, days=2))
    assert made.act.due is not None and one.loans()["A1"].due == made.act.due + timedelta(days=7)


def test_a_loan_taken_back_is_gone(one: Sender) -> None:
    made = one.checkout("P1", "A1", 1)
    one.told(made, one.undo(made, 2))
    assert one.loans() == {} and one.item("A1").status == "available"


def test_a_return_taken_back_is_a_loan_again(one: Sender) -> None:
    made = one.checkout("P1", "A1", 1)
    back = one.checkin(made, 2)
    one.told(made, back, one.undo(back, 3))
    assert one.has("A1", made) and one.item("A1").status == "on_loan"


@lists
def test_a_hold_is_told_to_everybody(one: Sender, two: Sender) -> None:
    one.told(one.hold("P1", "A1", 1))
    two.pull()
    (hold,) = two.holds()
    assert (hold.patron_id, hold.title_id) == (two.patron("P1").id, two.item("A1").title_id)


@lists
def test_of_two_loans_of_one_item_the_later_holds_whichever_comes_first(one: Sender, two: Sender) -> None:
    for barcode, order in (("A1", (one, two)), ("A2", (two, one))):
        parcels = {one.name: one.checkout("P1", barcode, 1), two.name: two.checkout("P2", barcode, 2)}
        flags = [order[n].told(parcels[order[n].name]).flags for n in (0, 1)]
        assert flags[0] == () and Reason.ON_LOAN_ELSEWHERE in flags[1]
        one.pull()
        two.pull()
        assert one.loans()[barcode].id == two.loans()[barcode].id == parcels["two"].act.id


@lists
def test_a_return_elsewhere_that_was_later_ends_the_loan(one: Sender, two: Sender) -> None:
    late = one.checkout("P1", "A1", 1)
    two.told(two.found("A1", 5))
    assert Reason.RETURNED_ELSEWHERE in one.told(late).flags
    assert one.loans() == {}


def test_a_return_that_was_earlier_than_the_loan_elsewhere_does_not_end_it(one: Sender, two: Sender) -> None:
    made = one.checkout("P1", "A1", 1)
    one.told(made)
    theirs = two.checkout("P2", "A1", 9)
    two.told(theirs)
    one.told(one.checkin(made, 5))
    assert one.has("A1", theirs)


def test_what_is_only_asked_for_is_refused_where_a_fact_would_be_flagged(one: Sender, two: Sender) -> None:
    two.told(two.checkout("P1", "A1", 1))
    asked = replace(one.checkout("P2", "A1", 2), happened=False)
    (outcome,) = one.send(asked)
    assert isinstance(outcome, RefusedByCentral) and outcome.reason is Reason.ON_LOAN_ELSEWHERE
    two.pull()
    assert two.loans()["A1"].patron_id == two.patron("P1").id, "a refusal left a trace"
    assert one.connector.find_out(asked) is None
    told = one.told(replace(asked, happened=True))
    assert told.flags == ((Reason.ON_LOAN_ELSEWHERE,) if one.connector.pulls else ())
    assert one.loans()["A1"].patron_id == one.patron("P2").id


def test_what_is_asked_for_and_allowed_is_done(one: Sender) -> None:
    one.told(replace(one.checkout("P2", "A1", 2), happened=False))
    assert one.loans()["A1"].patron_id == one.patron("P2").id


def test_an_item_found_at_another_kiosk_is_returned(one: Sender, two: Sender) -> None:
    one.told(one.checkout("P1", "A1", 1))
    two.told(two.found("A1", 5))
    assert two.loans() == {} and two.item("A1").status in ("awaiting_check", "available")


def test_staff_insist_and_what_stands_against_a_loan_gives_way(one: Sender, two: Sender) -> None:
    ours = one.checkout("P1", "A1", 1)
    theirs = two.checkout("P2", "A1", 5)
    two.told(theirs)
    one.told(replace(ours, insist=True))
    two.pull()
    assert one.has("A1", ours) and two.has("A1", ours)
    assert one.item("A1").status == "on_loan"


def test_staff_insist_on_a_loan_though_the_item_was_returned_elsewhere_later(one: Sender, two: Sender) -> None:
    ours = one.checkout("P1", "A1", 1)
    two.told(two.found("A1", 5))
    one.told(replace(ours, insist=True))
    assert one.has("A1", ours) and one.item("A1").status == "on_loan"


@lists
def test_insisting_on_a_loan_does_not_undo_its_own_return(one: Sender) -> None:
    ours = one.checkout("P1", "A1", 1)
    one.told(one.checkin(ours, 2))
    one.told(replace(ours, insist=True))
    assert one.loans() == {}


def test_staff_insist_on_a_return_and_a_later_loan_ends(one: Sender, two: Sender) -> None:
    made = one.checkout("P1", "A1", 1)
    one.told(made)
    two.told(two.checkout("P2", "A1", 9))
    one.told(replace(one.checkin(made, 5), insist=True))
    assert one.loans() == {}


def test_closing_and_going_on(one: Sender) -> None:
    one.connector.close()
    one.told(one.checkout("P1", "A1", 1))
    one.connector.close()


@pytest.mark.parametrize("name", sorted(CANNOT_LIST))
def test_what_cannot_be_pulled_is_looked_up(name: str, tmp_path: Path) -> None:
    with STAGES[name](tmp_path) as stage:
        connector = stage.connector("one")
        assert not connector.pulls and connector.look_up is not None
        with pytest.raises(ConnectorError):
            connector.pull("", 10)
        assert connector.look_up.patron("NOBODY") == () and connector.look_up.item("NOTHING") == ()
        (patron,) = connector.look_up.patron("P1")
        assert isinstance(patron, PatronFact) and patron.cards == (("P1", False),) and patron.first_name == "Аты1"
        kinds = {type(fact): fact for fact in connector.look_up.item("A3")}
        assert kinds.keys() == {TitleFact, ItemFact}
        assert isinstance(title := kinds[TitleFact], TitleFact) and title.title == "Кітап 1"
