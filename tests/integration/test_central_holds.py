"""Holds in a central database: the queue of a title, and the copy that is put aside for its first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.circulation.acts import Act, HoldChange, Kind, StatusChange
from kiosk.circulation.delivery import Reason
from kiosk.circulation.model import Hold, HoldState, ItemStatus
from tests.central_fixture import (
    DATABASES,
    NOW,
    Central,
    Kiosk,
    accepted,
    cancelling,
    central_in,
    checkin,
    checkout,
    hold_of,
    later,
    loan_of,
    loans_now,
    new_id,
    queue_of,
    status_of,
)


@pytest.fixture(params=DATABASES)
def central(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Central]:
    with central_in(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def kiosk(central: Central) -> Kiosk:
    return Kiosk(central.connector())


@pytest.fixture
def other(central: Central) -> Kiosk:
    return Kiosk(central.connector("kiosk-2"), "kiosk-2")


def test_a_loan_ends_the_patron_s_own_hold(central: Central, kiosk: Kiosk) -> None:
    kiosk.send(hold_of("P1")[0])
    kiosk.lend("P1", "I1")
    assert queue_of(central) == []


@dataclass
class Shelf:
    """T1's I1 is put aside for P2, I3 is in; P3 waits."""

    kept: Hold
    waiting: Hold


def put_aside(kiosk: Kiosk) -> Shelf:
    """Make it so."""
    lent, _ = kiosk.lend("P1", "I1")
    first, second = hold_of("P2", placed=NOW), hold_of("P3", placed=NOW + timedelta(minutes=1))
    kiosk.send(first[0])
    kiosk.send(second[0])
    back = checkin(loan_of(lent), kept=first[1])
    accepted(kiosk.send(back))
    kept = next(c.after for c in back.changes if isinstance(c, HoldChange) and c.after is not None)
    return Shelf(kept, second[1])


def freeing(shelf: Shelf, *more: HoldChange | StatusChange) -> Act:
    """P2 borrows I3, and what was put aside is free."""
    act = checkout("P2", "I3", ended_holds=(shelf.kept,))
    return replace(act, changes=(*act.changes[:-1], *more, act.changes[-1]))


def test_a_loan_of_another_copy_frees_the_one_that_was_put_aside(central: Central, kiosk: Kiosk) -> None:
    shelf = put_aside(kiosk)
    act = freeing(shelf, StatusChange("I1", ItemStatus.HOLD_SHELF, ItemStatus.AWAITING_CHECK))
    accepted(kiosk.send(act))
    assert queue_of(central) == [("P3", "waiting")]
    assert status_of(kiosk.connector, "I1") is ItemStatus.AWAITING_CHECK
    kiosk.undo(act)
    assert queue_of(central) == [("P2", "ready"), ("P3", "waiting")]
    assert status_of(kiosk.connector, "I1") is ItemStatus.HOLD_SHELF
    assert status_of(kiosk.connector, "I3") is ItemStatus.AVAILABLE


def test_a_loan_of_another_copy_keeps_the_one_that_was_put_aside_for_the_next(central: Central, kiosk: Kiosk) -> None:
    shelf = put_aside(kiosk)
    act = freeing(shelf, HoldChange(shelf.waiting, replace(shelf.waiting, state=HoldState.READY, item_id="I1")))
    accepted(kiosk.send(act))
    assert queue_of(central) == [("P3", "ready")]
    assert status_of(kiosk.connector, "I1") is ItemStatus.HOLD_SHELF
    kiosk.undo(act)
    assert queue_of(central) == [("P2", "ready"), ("P3", "waiting")]
    assert status_of(kiosk.connector, "I1") is ItemStatus.HOLD_SHELF


def test_a_copy_put_aside_elsewhere_is_free_once_its_patron_has_another(
    central: Central, kiosk: Kiosk, other: Kiosk
) -> None:
    put_aside(kiosk)
    accepted(later(other, 5).lend("P2", "I3")[1])
    assert queue_of(central) == [("P3", "waiting")]
    assert status_of(kiosk.connector, "I1") is ItemStatus.AWAITING_CHECK


def test_a_loan_that_is_over_already_ends_no_hold_that_its_kiosk_did_not_know(
    central: Central, kiosk: Kiosk, other: Kiosk
) -> None:
    accepted(kiosk.send(Act(new_id(), Kind.FOUND, None, "I3", "T1", ())))
    put_aside(kiosk)
    assert accepted(later(other, -60).lend("P2", "I3")[1]).flags == (Reason.RETURNED_ELSEWHERE,)
    assert queue_of(central) == [("P2", "ready"), ("P3", "waiting")]
    assert status_of(kiosk.connector, "I1") is ItemStatus.HOLD_SHELF


def test_what_is_put_aside_stays_so_when_it_is_handed_in_again(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    put_aside(kiosk)
    status = StatusChange("I1", ItemStatus.AVAILABLE, ItemStatus.AWAITING_CHECK)
    accepted(later(other, 5).send(Act(new_id(), Kind.FOUND, None, "I1", "T1", (status,))))
    assert queue_of(central) == [("P2", "ready"), ("P3", "waiting")]
    assert status_of(kiosk.connector, "I1") is ItemStatus.HOLD_SHELF


def test_placed_at_two_kiosks_it_is_one_place(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    kiosk.send(hold_of("P1")[0])
    act, hold = hold_of("P1")
    accepted(other.send(act))
    assert queue_of(central) == [("P1", "waiting")]
    accepted(other.send(cancelling(hold)))
    assert queue_of(central) == [], "given up at one kiosk, it is given up"


def test_a_cancelled_hold_gives_the_item_to_the_next(central: Central, kiosk: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    first, second = hold_of("P2", placed=NOW), hold_of("P3", placed=NOW + timedelta(minutes=1))
    kiosk.send(first[0])
    kiosk.send(second[0])
    back = checkin(loan_of(lent), kept=first[1])
    kiosk.send(back)
    ready = next(c.after for c in back.changes if isinstance(c, HoldChange) and c.after)
    status = StatusChange("I1", ItemStatus.HOLD_SHELF, ItemStatus.AWAITING_CHECK)
    accepted(kiosk.send(cancelling(ready, status)))
    assert queue_of(central) == [("P3", "waiting")]
    assert status_of(kiosk.connector, "I1") is ItemStatus.AWAITING_CHECK


def test_a_hold_placed_by_a_clock_in_1970_does_not_come_first(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    kiosk.send(hold_of("P1")[0])
    other.trusted = False
    other.send(hold_of("P2", placed=NOW.replace(year=1970))[0])
    assert queue_of(central) == [("P1", "waiting"), ("P2", "waiting")]


def test_a_hold_of_another_goes_to_the_head_of_its_queue(central: Central, kiosk: Kiosk, other: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    place, hold = hold_of("P2", placed=NOW)
    kiosk.send(place)
    kiosk.send(hold_of("P3", placed=NOW - timedelta(days=1))[0])
    accepted(later(kiosk, 5).send(checkin(loan_of(lent), kept=hold)))
    assert queue_of(central) == [("P3", "waiting"), ("P2", "ready")]
    assert status_of(kiosk.connector, "I1") is ItemStatus.HOLD_SHELF
    _, outcome = later(other, 10).lend("P4", "I1")
    assert accepted(outcome).flags == (Reason.RESERVED,)
    assert queue_of(central) == [("P2", "waiting"), ("P3", "waiting")]
    assert loans_now(kiosk.connector) == {"I1": "P4"}


def test_an_undone_loan_gives_the_hold_back(central: Central, kiosk: Kiosk) -> None:
    act, hold = hold_of("P1")
    kiosk.send(act)
    lent = checkout("P1", "I1", ended_holds=(hold,))
    kiosk.send(lent)
    kiosk.undo(lent)
    assert queue_of(central) == [("P1", "waiting")]
    kiosk.undo(act)
    assert queue_of(central) == []


def test_an_undone_return_takes_the_item_from_the_hold_shelf(central: Central, kiosk: Kiosk) -> None:
    lent, _ = kiosk.lend("P1", "I1")
    act, hold = hold_of("P2")
    kiosk.send(act)
    back = checkin(loan_of(lent), kept=hold)
    kiosk.send(back)
    kiosk.undo(back)
    assert queue_of(central) == [("P2", "waiting")]
    assert loans_now(kiosk.connector) == {"I1": "P1"}
