"""Central-first: a central that is silent, late or away, and a kiosk that loses its power meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kiosk.circulation.acts import Act, Kind, Relied
from kiosk.circulation.delivery import (
    Reason,
    RefusedByCentral,
    WayOut,
)
from kiosk.circulation.events import Stale
from kiosk.circulation.facts import ItemFact
from kiosk.circulation.model import ItemStatus, Scan
from kiosk.desk import Press
from kiosk.store.intents import StoreIntents
from tests.asking_fixture import School
from tests.sync_fixture import folder_in_memory


@pytest.fixture
def school() -> Iterator[School]:
    with folder_in_memory() as folder:
        made = School(folder)
        yield made
        made.kiosk.off()


# When no answer comes.


def test_offline_nobody_waits(school: School) -> None:
    school.line.away = True
    assert not school.kiosk.round().online
    school.kiosk.scan("P1")
    outcome = school.kiosk.desk.take(Scan("A1"))
    assert not school.kiosk.desk.waits_for_central and len(outcome.committed) == 1
    school.kiosk.acknowledged += outcome.committed
    assert school.last() == ("checkout", "local", "pending")
    school.line.away = False
    school.agrees()


def test_before_the_first_exchange_nobody_waits(school: School) -> None:
    school.power_cut()
    school.kiosk.scan("P1")
    assert len(school.kiosk.desk.take(Scan("A1")).committed) == 1


def test_a_central_that_went_away_is_asked_once_and_not_again(school: School) -> None:
    school.line.away = True
    assert school.kiosk.scan("P1", "A1") == "ok.checked_out"
    assert school.last() == ("checkout", "local", "pending")
    school.kiosk.desk.take(Scan("A2"))
    assert not school.kiosk.desk.waits_for_central
    school.line.away = False
    school.agrees()


def test_in_time_nobody_took_the_question_it_never_left(school: School) -> None:
    school.kiosk.scan("P1")
    school.kiosk.serve = lambda: None  # type: ignore[method-assign]
    assert school.kiosk.scan("A1") == "ok.checked_out"
    assert school.last() == ("checkout", "local", "pending") and school.line.asked == []
    del school.kiosk.serve
    school.agrees()
    assert len(school.line.asked) == 1 and school.line.asked[0].act.id == school.kiosk.acknowledged[0].id


def test_the_deadline_is_an_alarm_of_the_desk(school: School) -> None:
    school.kiosk.scan("P1")
    desk = school.kiosk.desk
    desk.take(Scan("A1"))
    alarm = desk.next_alarm()
    assert alarm is not None and alarm == school.clock.read().mono + desk.patience_s
    school.clock.move(desk.patience_s - 0.1)
    assert desk.ring().committed == () and desk.waits_for_central
    school.clock.move(0.1)
    assert [act.kind for act in desk.ring().committed] == [Kind.CHECKOUT]
    assert not desk.waits_for_central


@pytest.mark.parametrize("lost", [False, True])
def test_a_late_yes_settles_the_entry_and_nothing_is_sent_twice(school: School, lost: bool) -> None:
    """The desk has given up while the act was with central. lost: and the answer never comes."""
    school.line.during = lambda: school.kiosk.acknowledged.extend(school.kiosk.desk.give_up().committed)
    school.line.lost = lost
    assert school.kiosk.scan("P1") == ""
    school.kiosk.desk.take(Scan("A1"))
    school.kiosk.serve()
    assert not school.kiosk.desk.waits_for_central
    assert school.last() == ("checkout", "local", "sending")
    while not school.kiosk.replies.empty():
        assert school.kiosk.desk.take(school.kiosk.replies.get()).committed == (), "a late reply means nothing"
    school.line.lost, school.line.during = False, lambda: None
    school.agrees()
    assert school.last() == ("checkout", "local", "accepted") and len(school.line.asked) == 1


def test_a_late_no_is_told_as_what_has_happened(school: School) -> None:
    school.line.refuses = RefusedByCentral(Reason.RESERVED)
    school.line.during = lambda: school.kiosk.acknowledged.extend(school.kiosk.desk.give_up().committed)
    school.kiosk.scan("P1")
    school.kiosk.desk.take(Scan("A1"))
    school.kiosk.serve()
    school.line.refuses, school.line.during = None, lambda: None
    school.agrees()
    first, again = school.line.asked
    assert (first.act.id, first.happened, again.happened) == (again.act.id, False, True)
    assert school.last()[2] == "accepted"


def test_what_is_scanned_meanwhile_is_kept_in_order(school: School) -> None:
    school.kiosk.scan("P1")
    for code in ("A1", "A2"):
        school.kiosk.desk.take(Scan(code))
    school.kiosk.desk.take(Press("finish"))
    assert school.kiosk.desk.view().patron is not None
    school.kiosk.scan("P2", "A3")
    assert {barcode: card for barcode, (card, _) in school.kiosk.loans().items()} == {
        "A1": "P1",
        "A2": "P1",
        "A3": "P2",
    }
    assert [parcel.barcode for parcel in school.line.asked] == ["A1", "A2", "A3"]


def test_earlier_acts_on_their_way_go_first(school: School) -> None:
    """Asked out of turn, central would answer to another state than ours."""
    school.line.away = True
    school.kiosk.visit("P1", "A1", "A2", "A3")
    school.kiosk.scan("A1")
    school.line.away = False
    assert school.kiosk.questions is not None
    school.kiosk.questions.online(True)
    school.line.asked.clear()
    assert school.kiosk.scan("P2", "A1") == "ok.checked_out", "the same item"
    assert school.kiosk.scan("P1", "A4") == "ok.checked_out", "the same patron, for whom a return makes room"
    assert school.line.asked == []
    assert school.kiosk.scan("P3", "A5") == "ok.checked_out"
    assert [parcel.barcode for parcel in school.line.asked] == ["A5"]
    school.agrees()


def test_a_long_push_is_interrupted_by_a_question(school: School) -> None:
    """After weeks alone: who has nothing on its way is answered between two acts, not at the end."""
    school.line.away = True
    school.kiosk.visit("P1", "A1", "A2", "A3")
    school.kiosk.round()
    school.kiosk.scan("P2")
    school.line.away = False

    def meanwhile() -> None:
        school.line.during = lambda: None
        school.kiosk.desk.take(Scan("A5"))
        assert school.kiosk.desk.waits_for_central

    school.line.during = meanwhile
    school.kiosk.round()
    outcome = school.kiosk.desk.take(school.kiosk.replies.get_nowait())
    assert [act.kind for act in outcome.committed] == [Kind.CHECKOUT]
    assert school.last()[1] == "central"
    school.agrees()


def test_a_pull_between_the_question_and_the_answer_changes_nothing(school: School) -> None:
    """Central has lent the book and a pull brings that, before the desk has heard of it."""
    school.kiosk.scan("P1")
    school.kiosk.desk.take(Scan("A1"))
    school.kiosk.serve()
    school.kiosk.round()
    assert school.kiosk.loans() == {}, "the intent covers the book"
    outcome = school.kiosk.desk.take(school.kiosk.replies.get())
    assert [act.kind for act in outcome.committed] == [Kind.CHECKOUT]
    school.agrees()
    assert set(school.kiosk.loans()) == {"A1"}


def test_what_a_pull_brought_of_a_refused_book_comes_to_be(school: School) -> None:
    item = school.central.get(ItemFact, "ci1")
    assert item is not None
    school.line.refuses = RefusedByCentral(Reason.OTHER)
    school.kiosk.scan("P1")
    school.kiosk.desk.take(Scan("A1"))
    school.central.put(replace(item, status=ItemStatus.IN_REPAIR))
    school.kiosk.round()
    school.kiosk.serve()
    school.kiosk.desk.take(school.kiosk.replies.get())
    assert school.kiosk.rows("SELECT status FROM items WHERE barcode = 'A1'") == [("in_repair",)]
    assert school.kiosk.faults() == []


# Power.


@pytest.mark.parametrize("arrived", [True, False])
def test_a_power_cut_between_question_and_answer(school: School, arrived: bool) -> None:
    """The act is recorded as one of which nobody knows; it is found out, and told once."""
    school.kiosk.scan("P1")
    school.kiosk.desk.take(Scan("A1"))
    if arrived:
        school.kiosk.serve()
    (act_id,) = school.kiosk.rows("SELECT id FROM intents")[0]
    school.power_cut()
    assert school.last() == ("checkout", "local", "sending")
    assert school.kiosk.rows("SELECT id FROM transactions ORDER BY seq DESC LIMIT 1") == [(act_id,)]
    school.agrees()
    assert set(school.kiosk.loans()) == {"A1"} and school.last()[2] == "accepted"
    assert [parcel.act.id for parcel in school.line.asked] == [act_id]


def test_an_intent_is_not_lost_when_the_kiosk_asks_nobody_any_more(school: School) -> None:
    school.kiosk.scan("P1")
    school.kiosk.desk.take(Scan("A1"))
    school.kiosk.asks = ""
    school.power_cut()
    assert school.last() == ("checkout", "local", "sending")
    school.agrees()


def test_a_store_that_failed_meanwhile_loses_no_intent(school: School) -> None:
    """The answer could not be written down; the next act finds what was left."""
    school.kiosk.scan("P1")
    school.kiosk.desk.take(Scan("A1"))
    school.kiosk.serve()
    school.kiosk.desk.recover()
    assert not school.kiosk.desk.waits_for_central and school.last() == ("checkout", "local", "sending")
    assert school.kiosk.scan("P2", "A2") == "ok.checked_out"
    school.agrees()
    assert set(school.kiosk.loans()) == {"A1", "A2"}


def test_staff_settle_what_was_parked_after_all(school: School) -> None:
    school.kiosk.visit("P1", "A1")
    school.line.refuses = RefusedByCentral(Reason.OTHER)
    school.kiosk.scan("A1")
    school.line.refuses = None
    (entry,) = school.kiosk.outbox.entries(["parked"])  # type: ignore[list-item]
    school.kiosk.outbox.settle_by_hand(entry.seq, WayOut.RETRY, "Қарлығаш")
    school.agrees()


def test_what_no_longer_fits_the_ledger_is_not_called_done(school: School) -> None:
    """Nothing but a repair by hand can come between; then nobody is told that the book is theirs."""
    school.kiosk.scan("P1")
    school.kiosk.desk.take(Scan("A1"))
    school.kiosk.serve()
    with school.kiosk.store.connection().write() as db:
        db.execute("UPDATE items SET status = 'in_repair' WHERE barcode = 'A1'")
    outcome = school.kiosk.desk.take(school.kiosk.replies.get())
    assert outcome.committed == () and outcome.view.message is not None
    assert outcome.view.message.key == "err.generic"
    kinds = [kind for (kind,) in school.kiosk.rows("SELECT kind FROM transactions ORDER BY seq DESC LIMIT 2")]
    assert "declined" in kinds and school.kiosk.rows("SELECT id FROM intents") == []


def test_an_answer_that_cannot_be_written_down_is_found_out_later(school: School) -> None:
    school.kiosk.scan("P1")
    school.kiosk.desk.take(Scan("A1"))
    school.kiosk.serve()
    school.kiosk.store.connection().close()
    outcome = school.kiosk.desk.take(school.kiosk.replies.get())
    assert outcome.view.message is not None and outcome.view.message.key == "err.generic"
    school.kiosk.store.close()
    assert school.kiosk.scan("P2", "A2") == "ok.checked_out"
    states = school.kiosk.rows("SELECT state FROM outbox ORDER BY seq")
    assert states == [("sending",), ("accepted",)]
    school.agrees()
    assert set(school.kiosk.loans()) == {"A1", "A2"} and len(school.line.asked) == 2


def test_a_decision_on_what_has_changed_is_not_asked_about(school: School) -> None:
    school.kiosk.scan("P1")
    intents = StoreIntents(school.kiosk.store, pulls=True)
    (version, item_id) = school.kiosk.rows("SELECT version, id FROM items WHERE barcode = 'A1'")[0]
    act = Act("x", Kind.CHECKOUT, None, item_id)
    now = school.kiosk.desk.now()
    assert isinstance(intents.intend([act], [Relied("items", item_id, version - 1)], now), Stale)
    assert school.kiosk.rows("SELECT id FROM intents") == []
    assert len(intents.intend([act], [Relied("items", item_id, version)], now)) == 1  # type: ignore[arg-type]
