"""The lending rules by themselves: what holds for any reader, any book and any librarian."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.acts import Act, HoldChange, Kind, LoanChange, StatusChange
from kiosk.circulation.change_words import reversed_change
from kiosk.circulation.clock import Moment
from kiosk.circulation.holds import decide_cancel, decide_hold
from kiosk.circulation.model import (
    READING_ROOM_POINT,
    Block,
    BlockKind,
    Hold,
    HoldLine,
    HoldState,
    Item,
    ItemKind,
    ItemRecord,
    ItemStatus,
    Loan,
    LoanLine,
    Patron,
    PatronRecord,
    Title,
    TitleRecord,
)
from kiosk.circulation.policy import (
    NEVER_OVERRIDDEN,
    Allowed,
    Circumstances,
    Decision,
    Refusal,
    Refused,
    decide_checkout,
    decide_counted_checkout,
    is_kept_aside,
    is_overdue,
    shown_limit,
)
from kiosk.circulation.returns import (
    Recorded,
    after_checkin,
    decide_checkin,
    decide_found,
    decide_renewal,
    decide_undo,
)
from kiosk.circulation.rules import DEFAULT_LOAN_RULES, LoanRule, Rules

TODAY = date(2026, 9, 22)
WALL = datetime(2026, 9, 22, 10, 0)
SURE = Moment(0.0, WALL, True, True)
UNSURE = Moment(0.0, WALL, False, True)
LOST_IN_TIME = Moment(0.0, WALL, False, False)
AIGUL = Patron("aigul", 1, "Айгүл", "Әбілова")
TITLE = Title("title", 1, "Абай жолы")
BOOK = Item("book", 1, "title", "B1", "101", ItemKind.BOOK, ItemStatus.AVAILABLE)
AROUND = Circumstances(Rules(), SURE)
BY_STAFF = replace(AROUND, override_by="librarian")


def loan(n: int = 0, due: date | None = None, renewals: int = 0, patron: str = "aigul") -> Loan:
    return Loan(f"loan-{n}", patron, "title", f"item-{n}", TODAY - timedelta(days=5), due, 10, renewals)


def line(n: int = 0, due: date | None = None, kind: ItemKind = ItemKind.BOOK, renewals: int = 0) -> LoanLine:
    item = replace(BOOK, id=f"item-{n}", kind=kind, status=ItemStatus.ON_LOAN)
    return LoanLine(loan(n, due, renewals), TITLE, item)


def hold(
    patron: str, state: HoldState = HoldState.WAITING, item: str | None = None, expires: date | None = None
) -> Hold:
    return Hold(f"hold-{patron}", "title", patron, WALL, state, item, expires)


def reason(decision: Decision) -> Refusal | None:
    return decision.reason if isinstance(decision, Refused) else None


def allowed(decision: Decision) -> Act:
    assert isinstance(decision, Allowed), decision
    return decision.acts[0]


PATRONS = st.builds(
    Patron,
    id=st.just("aigul"),
    version=st.just(1),
    first_name=st.just("Айгүл"),
    category=st.sampled_from(["pupil", "teacher", "room", "nobody knows"]),
    expires=st.none() | st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3)),
    left=st.booleans(),
    blocks=st.lists(st.builds(Block, st.sampled_from(BlockKind), st.none() | st.just(TODAY)), max_size=2).map(tuple),
)
DUES = st.none() | st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=10))
LINES = st.lists(st.builds(line, st.integers(1, 99), DUES, st.sampled_from(ItemKind)), max_size=7).map(tuple)
RECORDS = st.builds(PatronRecord, PATRONS, LINES)
HOLDS = st.lists(
    st.one_of(
        st.builds(hold, st.sampled_from(["aigul", "erlan", "anna"])),
        st.builds(
            hold,
            st.sampled_from(["aigul", "erlan", "anna"]),
            st.just(HoldState.READY),
            st.sampled_from(["book", "other"]),
            st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2)),
        ),
    ),
    max_size=3,
    unique_by=lambda one: one.patron_id,
).map(tuple)
STATUSES = sorted(set(ItemStatus) - {ItemStatus.ON_LOAN})
ITEMS = st.builds(
    replace,
    st.just(BOOK),
    kind=st.sampled_from(ItemKind),
    status=st.sampled_from(STATUSES),
    service_point=st.sampled_from(["loan_desk", READING_ROOM_POINT]),
)
ITEM_RECORDS = st.builds(ItemRecord, ITEMS, st.just(TITLE), st.none(), HOLDS, st.integers(1, 3), st.integers(0, 3))
RULES = st.builds(
    Rules,
    loan_rules=st.lists(
        st.builds(
            LoanRule,
            category=st.none() | st.sampled_from(["pupil", "teacher"]),
            kind=st.none() | st.sampled_from(ItemKind),
            limit=st.none() | st.integers(0, 6),
            renewals=st.integers(0, 3),
            leaves=st.booleans(),
            self_service=st.booleans(),
        ),
        max_size=2,
    ).map(lambda rules: (*rules, *DEFAULT_LOAN_RULES)),
    block_overdue=st.booleans(),
    only_copies_stay=st.booleans(),
    lend_unchecked=st.booleans(),
    check_returns=st.booleans(),
    textbook_self_return=st.booleans(),
)
MOMENTS = st.sampled_from([SURE, UNSURE, LOST_IN_TIME])
PLACES = st.builds(Circumstances, RULES, MOMENTS, st.none(), st.none() | st.integers(0, 5))


@given(PLACES, RECORDS, ITEM_RECORDS)
def test_a_loan_is_allowed_or_refused_and_never_both(
    around: Circumstances, patron: PatronRecord, book: ItemRecord
) -> None:
    decision = decide_checkout(around, patron, book, "act")
    if isinstance(decision, Refused):
        return
    act = decision.acts[0]
    assert (act.kind, act.patron_id, act.item_id, act.override) == (Kind.CHECKOUT, "aigul", "book", None)
    assert not patron.patron.left
    assert not patron.patron.blocks
    assert book.item.status not in (ItemStatus.LOST, ItemStatus.WRITTEN_OFF, ItemStatus.IN_REPAIR)
    assert [one.after for one in act.changes if isinstance(one, StatusChange) and one.item_id == "book"] == [
        ItemStatus.ON_LOAN
    ]
    assert (decision.due is not None) == around.now.known
    if around.now.trusted and around.rules.block_overdue:
        assert not any(is_overdue(one.loan, around.now) for one in patron.loans)


@given(PLACES, RECORDS, ITEM_RECORDS)
def test_a_librarian_lets_pass_what_was_refused_and_says_so(
    around: Circumstances, patron: PatronRecord, book: ItemRecord
) -> None:
    alone = decide_checkout(around, patron, book, "act")
    helped = decide_checkout(replace(around, override_by="librarian"), patron, book, "act")
    if isinstance(alone, Allowed):
        assert helped == alone
    elif isinstance(helped, Allowed):
        override = helped.acts[0].override
        assert override is not None and override.by == "librarian"
        assert alone.reason.name in override.refusals
        assert not {Refusal[name] for name in override.refusals} & NEVER_OVERRIDDEN
    else:
        assert helped.reason in NEVER_OVERRIDDEN


@given(PLACES, RECORDS, ITEM_RECORDS)
def test_the_gravest_reason_is_the_one_that_nobody_may_override(
    around: Circumstances, patron: PatronRecord, book: ItemRecord
) -> None:
    if patron.patron.left:
        assert reason(decide_checkout(around, patron, book, "act")) is Refusal.PATRON_LEFT


@given(PLACES, RECORDS, ITEM_RECORDS)
def test_a_loan_leaves_no_hold_of_its_reader_and_none_kept_on_the_book(
    around: Circumstances, patron: PatronRecord, book: ItemRecord
) -> None:
    decision = decide_checkout(replace(around, override_by="librarian"), patron, book, "act")
    if isinstance(decision, Refused):
        return
    left = {one.id: one for one in book.holds}
    for change in decision.acts[0].changes:
        if isinstance(change, HoldChange) and change.before is not None:
            assert left.pop(change.before.id) == change.before
            if change.after is not None:
                left[change.after.id] = change.after
    assert "hold-aigul" not in left
    assert all(one.item_id != "book" for one in left.values())


@given(PLACES, RECORDS, ITEM_RECORDS)
def test_an_undone_loan_leaves_everything_as_it_was(
    around: Circumstances, patron: PatronRecord, book: ItemRecord
) -> None:
    decision = decide_checkout(replace(around, override_by="librarian"), patron, book, "act")
    if isinstance(decision, Allowed):
        undone = decide_undo(Recorded(decision.acts[0], True, ()), "undo")
        assert allowed(undone).changes == tuple(reversed([reversed_change(one) for one in decision.acts[0].changes]))
        assert allowed(undone).undoes == "act"


@given(PLACES, ITEM_RECORDS)
def test_a_return_is_refused_for_textbooks_only(around: Circumstances, book: ItemRecord) -> None:
    lent = replace(book, item=replace(book.item, status=ItemStatus.ON_LOAN), loan=loan())
    decision = decide_checkin(around, lent, "act")
    stays_out = book.item.kind is ItemKind.TEXTBOOK and not around.rules.textbook_self_return
    assert reason(decision) == (Refusal.TEXTBOOK_RETURN if stays_out else None)
    if isinstance(decision, Allowed):
        back = after_checkin(lent, decision.acts[0])
        assert back.loan is None
        kept = [one for one in back.holds if one.state is HoldState.READY and one.item_id == "book"]
        if back.item.status is ItemStatus.HOLD_SHELF:
            assert any(one.patron_id != "aigul" for one in kept)
        elif book.item.service_point == READING_ROOM_POINT:
            assert back.item.status is ItemStatus.READING_ROOM


@given(PLACES, RECORDS, LINES.filter(bool), HOLDS, st.integers(0, 3))
def test_a_renewal_never_shortens(
    around: Circumstances, patron: PatronRecord, lines: tuple[LoanLine, ...], holds: tuple[Hold, ...], copies_in: int
) -> None:
    decision = decide_renewal(around, patron, lines[0], holds, copies_in, "act")
    if isinstance(decision, Refused):
        return
    change = decision.acts[0].changes[0]
    assert isinstance(change, LoanChange) and change.before is not None and change.after is not None
    assert change.after.renewals == change.before.renewals + 1
    assert change.after.id == change.before.id
    if change.before.due is not None:
        assert change.after.due is not None and change.after.due >= change.before.due


@pytest.mark.parametrize("count", range(8))
def test_the_limit_is_five(count: int) -> None:
    patron = PatronRecord(AIGUL, tuple(line(n) for n in range(count)))
    expected = None if count < 5 else Refusal.LOAN_LIMIT
    assert reason(decide_checkout(AROUND, patron, ItemRecord(BOOK, TITLE), "act")) is expected
    assert shown_limit(AROUND.rules, patron) == (count, 5)


@pytest.mark.parametrize(("due", "late"), [(-1, True), (0, False), (1, False)])
def test_a_loan_is_late_from_the_day_after(due: int, late: bool) -> None:
    assert is_overdue(loan(due=TODAY + timedelta(days=due)), SURE) is late
    assert not is_overdue(loan(due=TODAY + timedelta(days=due)), UNSURE)
    assert not is_overdue(loan(due=None), SURE)


@pytest.mark.parametrize(("expires", "kept"), [(-1, False), (0, True), (1, True)])
def test_a_book_is_kept_aside_through_its_last_day(expires: int, kept: bool) -> None:
    one = hold("erlan", HoldState.READY, "book", TODAY + timedelta(days=expires))
    assert is_kept_aside(one, SURE) is kept
    assert is_kept_aside(one, UNSURE)
    assert is_kept_aside(replace(one, expires=None), SURE)
    assert not is_kept_aside(hold("erlan"), SURE)


@pytest.mark.parametrize(
    ("before_me", "copies_in", "expected"),
    [
        (0, 1, None),
        (1, 1, Refusal.RESERVED),
        (1, 2, None),
        (2, 2, Refusal.RESERVED),
        (2, 3, None),
    ],
)
def test_as_many_books_are_for_others_as_wait_before_me(
    before_me: int, copies_in: int, expected: Refusal | None
) -> None:
    others = tuple(hold(f"other-{n}") for n in range(before_me))
    patron = PatronRecord(AIGUL)
    for holds in (others, (*others, hold("aigul"), hold("later"))):
        record = ItemRecord(BOOK, TITLE, None, holds, 3, copies_in)
        assert reason(decide_checkout(AROUND, patron, record, "act")) is expected
        counted = TitleRecord(replace(TITLE, held=3), 3, copies_in, holds=holds, held_in=copies_in)
        assert reason(decide_counted_checkout(AROUND, patron, counted, "act")) is expected


def test_the_first_rule_that_fits_holds_and_without_one_the_default_does() -> None:
    rules = Rules(loan_rules=(LoanRule(kind=ItemKind.BOOK, limit=2), LoanRule(limit=9)))
    assert rules.rule_for(AIGUL, ItemKind.BOOK, None).limit == 2
    assert rules.rule_for(AIGUL, ItemKind.PERIODICAL, None).limit == 9
    assert Rules(loan_rules=()).rule_for(AIGUL, ItemKind.TEXTBOOK, None) == LoanRule()


@pytest.mark.parametrize(
    ("category", "kind", "point", "limit", "leaves", "self_service", "until_year_end"),
    [
        ("pupil", ItemKind.BOOK, "loan_desk", 5, True, True, False),
        ("pupil", ItemKind.PERIODICAL, "loan_desk", 5, True, True, False),
        ("pupil", ItemKind.TEXTBOOK, "loan_desk", None, True, False, True),
        ("room", ItemKind.TEXTBOOK, "loan_desk", None, True, False, True),
        ("teacher", ItemKind.REFERENCE, "loan_desk", 5, False, True, False),
        ("teacher", ItemKind.BOOK, READING_ROOM_POINT, 5, False, True, False),
        ("room", ItemKind.BOOK, "loan_desk", None, True, True, True),
        ("group", ItemKind.EQUIPMENT, None, None, True, True, True),
    ],
)
def test_the_rules_that_ship(
    category: str,
    kind: ItemKind,
    point: str | None,
    limit: int | None,
    leaves: bool,
    self_service: bool,
    until_year_end: bool,
) -> None:
    rule = Rules().rule_for(replace(AIGUL, category=category), kind, point)
    assert (rule.limit, rule.leaves, rule.self_service, rule.until_year_end) == (
        limit,
        leaves,
        self_service,
        until_year_end,
    )


@pytest.mark.parametrize(
    ("rule", "kind", "lends"),
    [
        (None, ItemKind.BOOK, True),
        (None, ItemKind.TEXTBOOK, False),
        (LoanRule(category="teacher", kind=ItemKind.TEXTBOOK), ItemKind.TEXTBOOK, True),
        (LoanRule(category="teacher", kind=ItemKind.TEXTBOOK, self_service=False), ItemKind.TEXTBOOK, False),
        (LoanRule(category="teacher", kind=ItemKind.TEXTBOOK, leaves=False), ItemKind.TEXTBOOK, False),
    ],
)
def test_whether_a_card_would_help(rule: LoanRule | None, kind: ItemKind, lends: bool) -> None:
    rules = Rules(loan_rules=(*((rule,) if rule else ()), *DEFAULT_LOAN_RULES))
    assert rules.lends_to_anybody(replace(BOOK, kind=kind)) is lends


@pytest.mark.parametrize(
    ("record", "title", "expected"),
    [
        (PatronRecord(AIGUL), TitleRecord(TITLE, 1, 0), None),
        (PatronRecord(replace(AIGUL, left=True)), TitleRecord(TITLE, 1, 0), Refusal.PATRON_LEFT),
        (PatronRecord(AIGUL), TitleRecord(replace(TITLE, kind=ItemKind.TEXTBOOK), 1, 0), Refusal.TEXTBOOK),
        (PatronRecord(AIGUL), TitleRecord(replace(TITLE, kind=ItemKind.REFERENCE), 1, 0), Refusal.READING_ROOM),
        (PatronRecord(AIGUL), TitleRecord(TITLE, 1, 0, reading_room=True), Refusal.READING_ROOM),
        (PatronRecord(AIGUL), TitleRecord(TITLE, 0, 0), Refusal.NONE_LEFT),
        (PatronRecord(AIGUL, (line(),)), TitleRecord(TITLE, 1, 0), Refusal.HOLD_ON_LOAN),
        (PatronRecord(AIGUL, (), (HoldLine(hold("aigul"), TITLE, 1),)), TitleRecord(TITLE, 1, 0), Refusal.HOLD_ALREADY),
    ],
)
def test_who_may_queue_for_what(record: PatronRecord, title: TitleRecord, expected: Refusal | None) -> None:
    assert reason(decide_hold(AROUND, record, title, "act")) is expected


@pytest.mark.parametrize("status", [None, *ItemStatus])
def test_a_cancelled_hold_frees_only_a_book_that_still_stands_aside(status: ItemStatus | None) -> None:
    mine = hold("aigul", HoldState.READY, "book", TODAY)
    changes = decide_cancel(AROUND, HoldLine(mine, TITLE, 1), status, (mine,), "act").acts[0].changes
    freed = (StatusChange("book", ItemStatus.HOLD_SHELF, ItemStatus.AWAITING_CHECK),)
    assert changes == (HoldChange(mine, None), *(freed if status is ItemStatus.HOLD_SHELF else ()))


@pytest.mark.parametrize(
    ("status", "after"),
    [
        (ItemStatus.AVAILABLE, ItemStatus.AWAITING_CHECK),
        (ItemStatus.LOST, ItemStatus.AWAITING_CHECK),
        (ItemStatus.HOLD_SHELF, None),
        (ItemStatus.READING_ROOM, None),
        (ItemStatus.AWAITING_CHECK, None),
    ],
)
def test_what_was_found_is_to_be_looked_at_unless_it_has_its_place(
    status: ItemStatus, after: ItemStatus | None
) -> None:
    act = decide_found(ItemRecord(replace(BOOK, status=status), TITLE), "act").acts[0]
    assert act.changes == ((StatusChange("book", status, after),) if after else ())


def test_only_the_newest_act_is_undone_and_an_undo_never() -> None:
    act = Act("act", Kind.CHECKOUT, "aigul", "book", "title")
    assert reason(decide_undo(Recorded(act, False, ()), "undo")) is Refusal.UNDO_TOO_LATE
    assert reason(decide_undo(Recorded(replace(act, kind=Kind.UNDO), True, ()), "undo")) is Refusal.UNDO_TOO_LATE
    assert allowed(decide_undo(Recorded(act, True, ()), "undo")).undoes == "act"


def test_an_older_act_on_a_counted_loan_is_undone_after_the_newer_one() -> None:
    lent = replace(loan(), item_id=None)
    longer = replace(lent, due=TODAY, renewals=1)
    checkout = Recorded(Act("1", Kind.CHECKOUT, "aigul", None, "title", (LoanChange(None, lent),)), False, ())
    renewal = Recorded(Act("2", Kind.RENEWAL, "aigul", None, "title", (LoanChange(lent, longer),)), True, ())
    assert reason(decide_undo(checkout, "undo")) is Refusal.UNDO_TOO_LATE
    first = allowed(decide_undo(renewal, "undo-2"))
    assert allowed(decide_undo(checkout, "undo-1", (first,))).changes == (LoanChange(lent, None),)
