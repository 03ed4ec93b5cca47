"""Textbooks that come back: what is decided of a copy, and that a debt moves or ends but never goes out of sight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.acts import Act, ConditionChange, HeldChange, HoldChange, Kind, LoanChange, StatusChange
from kiosk.circulation.clock import Moment
from kiosk.circulation.ledger import Books
from kiosk.circulation.model import (
    Condition,
    Hold,
    HoldState,
    Item,
    ItemKind,
    ItemRecord,
    ItemStatus,
    Loan,
    LoanLine,
    Mark,
    Patron,
    PatronRecord,
    Title,
)
from kiosk.circulation.policy import Circumstances
from kiosk.circulation.rules import Clears, Rules
from kiosk.circulation.textbooks.collecting import (
    Came,
    Instead,
    decide_condition,
    decide_handed_in,
    decide_lost,
    decide_replaced,
    tick_off,
)
from kiosk.circulation.textbooks.debts import BOOK, FOUND, Debt, debt_mark, open_debts

DAY = date(2027, 5, 20)
AROUND = Circumstances(Rules(), Moment(0.0, datetime(2027, 5, 20, 9, tzinfo=UTC), True, True))
ALGEBRA = Title("t1", 1, "Алгебра, 7-сынып", kind=ItemKind.TEXTBOOK, subject="Алгебра", grade=7)
ERLAN, AIGUL = Patron("erlan", 1, "Ерлан"), Patron("aigul", 1, "Айгүл")


def ids() -> Callable[[], str]:
    return iter([f"act{n}" for n in range(9)]).__next__


def copy(name: str, status: ItemStatus = ItemStatus.ON_LOAN, condition: Condition = Condition.GOOD) -> Item:
    return Item(name, 1, "t1", name.upper(), None, ItemKind.TEXTBOOK, status, condition=condition)


def lent(patron: Patron, item: Item | None) -> Loan:
    return Loan(f"l-{patron.id}", patron.id, "t1", item.id if item else None, date(2026, 9, 1), date(2027, 5, 25), 10)


def has(patron: Patron, item: Item | None) -> PatronRecord:
    return PatronRecord(patron, (LoanLine(lent(patron, item), ALGEBRA, item),))


def books(*loans: tuple[Loan, Item | None]) -> Books:
    """The books with these loans standing."""
    found = Books()
    for loan, item in loans:
        found.loans[loan.id] = loan
        if item is not None:
            found.statuses[item.id] = item.status
    return found


def applied(start: Books, acts: tuple[Act, ...]) -> Books:
    """The books after acts, which must follow from what was there."""
    for act in acts:
        start.apply(act)
    assert start.faults == []
    return start


def owed_by(found: Books) -> list[str]:
    """Who owes how many: loans that stand, and lost copies."""
    lost = open_debts(tuple(found.marks.values()))
    return sorted([*(loan.patron_id for loan in found.loans.values()), *(debt.mark.patron_id for debt in lost)])


def test_ones_own_copy_goes_to_its_place_whatever_it_looks_like() -> None:
    item = copy("a", condition=Condition.WORN)
    decision = decide_handed_in(
        AROUND, has(ERLAN, item), ItemRecord(item, ALGEBRA, lent(ERLAN, item)), None, Clears.TITLE, ids()
    )
    (act,) = decision.acts
    assert (decision.came, act.kind, act.text) == (Came.OWN, Kind.CHECKIN, "")
    assert StatusChange("a", ItemStatus.ON_LOAN, ItemStatus.AVAILABLE) in act.changes


def test_a_copy_given_out_to_be_mended_comes_back_to_be_mended() -> None:
    item = copy("a", condition=Condition.REPAIR)
    record = ItemRecord(item, ALGEBRA, lent(ERLAN, item))
    (act,) = decide_handed_in(AROUND, has(ERLAN, item), record, None, Clears.TITLE, ids()).acts
    assert StatusChange("a", ItemStatus.ON_LOAN, ItemStatus.IN_REPAIR) in act.changes


def test_no_hold_stands_against_a_return() -> None:
    item = copy("a")
    hold = Hold("h", "t1", "aigul", datetime(2027, 5, 1, tzinfo=UTC))
    record = ItemRecord(item, ALGEBRA, lent(ERLAN, item), (hold,))
    (act,) = decide_handed_in(AROUND, has(ERLAN, item), record, None, Clears.TITLE, ids()).acts
    assert StatusChange("a", ItemStatus.ON_LOAN, ItemStatus.HOLD_SHELF) in act.changes
    kept = [change.after for change in act.changes if isinstance(change, HoldChange)]
    assert [one.state for one in kept if one is not None] == [HoldState.READY]


@pytest.mark.parametrize("clears", Clears)
def test_who_brought_anothers_copy_is_noted(clears: Clears) -> None:
    item = copy("b")
    record = ItemRecord(item, ALGEBRA, lent(AIGUL, item))
    decision = decide_handed_in(AROUND, PatronRecord(ERLAN), record, None, clears, ids())
    assert (decision.came, decision.acts[0].patron_id, decision.acts[0].text) == (Came.FOR_OTHER, "aigul", "erlan")


@given(
    clears=st.sampled_from(Clears),
    counted=st.booleans(),
    owner=st.sampled_from(["own", "other", "nobody", "lost", "lost by other"]),
)
def test_one_copy_that_comes_back_makes_one_debt_less(clears: Clears, counted: bool, owner: str) -> None:
    """Whoever brings it, whosever it is: of all that pupils owe exactly one is gone, or none if nobody owed it."""
    own, other = None if counted else copy("a"), copy("b")
    pupil = has(ERLAN, own)
    mine = lent(ERLAN, own)
    debt = None
    match owner:
        case "own":
            if own is None:
                assert owed_by(applied(books((mine, None)), (tick_off(pupil.loans[0], "x"),))) == []
                return
            record, start = ItemRecord(own, ALGEBRA, mine), books((mine, own))
        case "other":
            record, start = (
                ItemRecord(other, ALGEBRA, lent(AIGUL, other)),
                books((mine, own), (lent(AIGUL, other), other)),
            )
        case "nobody":
            gone = replace(other, status=ItemStatus.AVAILABLE)
            record, start = ItemRecord(gone, ALGEBRA), books((mine, own))
        case _:
            gone = replace(other, status=ItemStatus.LOST)
            record, start = ItemRecord(gone, ALGEBRA), books((mine, own))
            start.statuses["b"] = ItemStatus.LOST
            if owner == "lost by other":
                mark = debt_mark(lent(AIGUL, other), "B", "Алгебра", 2026, DAY)
                start.marks["aigul", 2026, mark.what] = mark
                debt = Debt.of(mark)
    before = owed_by(start)
    decision = decide_handed_in(AROUND, pupil, record, debt, clears, ids())
    after = owed_by(applied(start, decision.acts))
    owed_it = owner in ("own", "other", "lost by other") or clears is Clears.TITLE
    assert len(before) - len(after) == owed_it
    assert ("erlan" not in after) == (decision.cleared is not None)


def test_where_only_the_very_copy_clears_the_one_who_brings_anothers_owes_their_own_still() -> None:
    own, other = copy("a"), copy("b")
    theirs = lent(AIGUL, other)
    for clears, owing in ((Clears.COPY, ["erlan"]), (Clears.TITLE, ["aigul"])):
        decision = decide_handed_in(AROUND, has(ERLAN, own), ItemRecord(other, ALGEBRA, theirs), None, clears, ids())
        assert owed_by(applied(books((lent(ERLAN, own), own), (theirs, other)), decision.acts)) == owing


def test_an_exchange_gives_the_other_the_dates_of_their_own_loan() -> None:
    own, other = copy("a"), copy("b")
    theirs = replace(lent(AIGUL, other), since=date(2026, 11, 2), due=date(2027, 5, 21))
    decision = decide_handed_in(AROUND, has(ERLAN, own), ItemRecord(other, ALGEBRA, theirs), None, Clears.TITLE, ids())
    assert decision.came is Came.EXCHANGED
    after = applied(books((lent(ERLAN, own), own), (theirs, other)), decision.acts)
    (loan,) = after.loans.values()
    assert (loan.patron_id, loan.item_id, loan.since, loan.due) == ("aigul", "a", theirs.since, theirs.due)
    assert after.statuses == {"a": ItemStatus.ON_LOAN, "b": ItemStatus.AVAILABLE}


def test_library_books_are_not_exchanged() -> None:
    book = replace(ALGEBRA, kind=ItemKind.BOOK)
    own, other = (replace(copy(name), kind=ItemKind.BOOK) for name in ("a", "b"))
    pupil = PatronRecord(ERLAN, (LoanLine(lent(ERLAN, own), book, own),))
    decision = decide_handed_in(AROUND, pupil, ItemRecord(other, book, lent(AIGUL, other)), None, Clears.TITLE, ids())
    assert decision.came is Came.FOR_OTHER


def test_a_condition_is_noted_with_who_had_the_copy() -> None:
    item = copy("a", ItemStatus.AVAILABLE)
    act = decide_condition(item, "erlan", Condition.TORN, "x")
    assert act is not None
    assert (act.kind, act.patron_id, act.changes) == (
        Kind.CONDITION,
        "erlan",
        (ConditionChange("a", Condition.GOOD, Condition.TORN),),
    )
    assert decide_condition(item, "erlan", Condition.GOOD, "x") is None


def test_a_mended_copy_goes_back_to_its_place() -> None:
    item = copy("a", ItemStatus.IN_REPAIR, Condition.REPAIR)
    act = decide_condition(item, "erlan", Condition.GOOD, "x")
    assert act is not None and StatusChange("a", ItemStatus.IN_REPAIR, ItemStatus.AVAILABLE) in act.changes


@pytest.mark.parametrize("beyond_use", [False, True])
def test_a_lost_copy_is_owed_until_something_is_taken_in_its_place(beyond_use: bool) -> None:
    item = copy("a")
    start = books((lent(ERLAN, item), item))
    act = decide_lost(LoanLine(lent(ERLAN, item), ALGEBRA, item), DAY, "x", beyond_use=beyond_use)
    after = applied(start, (act,))
    assert owed_by(after) == ["erlan"] and after.loans == {}
    assert after.statuses["a"] is (ItemStatus.WRITTEN_OFF if beyond_use else ItemStatus.LOST)
    (debt,) = open_debts(tuple(after.marks.values()))
    assert (debt.number, debt.title, debt.day, debt.mark.year) == ("A", "Алгебра, 7-сынып", DAY, 2026)
    settled = applied(after, decide_replaced(debt, Instead(ALGEBRA, copy("new", ItemStatus.AVAILABLE)), ids()))
    assert owed_by(settled) == []
    (mark,) = settled.marks.values()
    kept = Debt.of(mark)
    assert kept is not None and (kept.number, kept.settled) == ("A", "NEW")


def test_a_lost_copy_held_by_count_is_one_copy_less_and_its_replacement_one_more() -> None:
    line = LoanLine(lent(ERLAN, None), ALGEBRA, None)
    act = decide_lost(line, DAY, "x")
    assert act.changes[:2] == (LoanChange(line.loan, None), HeldChange("t1", -1))
    debt = debt_mark(line.loan, "", ALGEBRA.title, 2026, DAY)
    known = Debt.of(debt)
    assert known is not None
    first, second = decide_replaced(known, Instead(ALGEBRA), ids())
    assert first.changes == (HeldChange("t1", 1),) and second.text == "Алгебра, 7-сынып → Алгебра, 7-сынып"


def test_old_and_new_number_are_noted_together() -> None:
    known = Debt.of(debt_mark(lent(ERLAN, copy("a")), "A", "Алгебра", 2026, DAY))
    assert known is not None
    made = copy("new", ItemStatus.AVAILABLE)
    numbered, marked = decide_replaced(known, Instead(ALGEBRA, made, is_new=True), ids())
    assert (numbered.kind, marked.kind, marked.text) == (Kind.NUMBERED, Kind.MARKED, "A → NEW")


@given(number=st.text(max_size=40), title=st.text(max_size=300), settled=st.sampled_from(["", BOOK, FOUND, "7|8"]))
def test_a_debt_survives_whatever_a_title_is_called(number: str, title: str, settled: str) -> None:
    mark = debt_mark(lent(ERLAN, None), number, title, 2026, DAY)
    debt = Debt.of(mark)
    assert debt is not None and debt.day == DAY and not debt.settled and len(mark.value) < 300
    after = debt.settled_by(settled).after
    assert after is not None
    kept = Debt.of(after)
    assert kept is not None and (kept.number, kept.title) == (debt.number, debt.title)
    assert bool(kept.settled) == bool(settled)


@pytest.mark.parametrize(("what", "value"), [("care:2026-10", "5"), ("lost:x", "yesterday|1|2|"), ("lost:x", "")])
def test_what_is_no_debt_is_none(what: str, value: str) -> None:
    assert Debt.of(Mark("erlan", 2026, what, value)) is None
