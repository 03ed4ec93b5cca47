"""Who gets which copy on a textbook day, and what lies aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kiosk.circulation.acts import Act, HeldChange, ItemMade, Kind, LoanChange, StatusChange
from kiosk.circulation.clock import Moment
from kiosk.circulation.model import (
    Block,
    BlockKind,
    Hold,
    HoldState,
    Item,
    ItemKind,
    ItemRecord,
    ItemStatus,
    Loan,
    LoanLine,
    Patron,
    PatronRecord,
    SchoolClass,
    SetLine,
    TextbookSet,
    Title,
    TitleRecord,
)
from kiosk.circulation.rules import Rules
from kiosk.circulation.textbooks.deciding import (
    AlreadyTheirs,
    Decision,
    Doubt,
    Give,
    Giving,
    SetAside,
    decide_counted,
    decide_item,
    decide_numbered,
)

NOW = Moment(0.0, datetime(2026, 8, 20, 5, tzinfo=UTC), True, True)
SEVENTH = TextbookSet(
    2026, 7, "kk", lines=(SetLine("Алгебра", edition=2023), SetLine("География"), SetLine("Химия", term=2))
)
ARU = PatronRecord(Patron("aru", 1, "Ару", "Бекова", school_class=SchoolClass(7, "А")))
GIVING = Giving(Rules(), NOW, "lib", SEVENTH, SchoolClass(7, "А"), "kk", 1)
IDS = ("loan", "back")


def title(subject: str, **facts: object) -> Title:
    known = {"kind": ItemKind.TEXTBOOK, "subject": subject, "grade": 7, "language": "kk", "year": 2023, **facts}
    return Title(f"t-{subject}", 1, subject, **known)  # type: ignore[arg-type]


def copy(of: Title, status: ItemStatus = ItemStatus.AVAILABLE, loan: Loan | None = None) -> ItemRecord:
    return ItemRecord(Item(f"i-{of.id}", 1, of.id, "B", None, of.kind, status), of, loan)


def lent(of: Title, patron: str) -> Loan:
    return Loan("old", patron, of.id, f"i-{of.id}", date(2026, 8, 19), date(2027, 5, 25), 10)


def having(*titles: Title) -> PatronRecord:
    return replace(ARU, loans=tuple(LoanLine(replace(lent(one, "aru"), id=one.id), one, None) for one in titles))


def act(decision: Decision) -> Act:
    assert isinstance(decision, Give)
    return decision.acts[-1]


def test_a_textbook_is_lent_until_the_school_year_ends() -> None:
    decided = decide_item(GIVING, ARU, copy(title("Алгебра")), IDS)
    assert isinstance(decided, Give)
    assert decided.note is None
    assert (decided.acts[0].kind, decided.acts[0].due, decided.acts[0].override) == (
        Kind.CHECKOUT, date(2027, 5, 25), None,
    )  # fmt: skip


def test_neither_debts_nor_blocks_keep_a_textbook_from_a_pupil() -> None:
    blocked = replace(ARU, patron=replace(ARU.patron, blocks=(Block(BlockKind.DEBT),), expires=date(2020, 1, 1)))
    assert isinstance(decide_item(GIVING, blocked, copy(title("Алгебра")), IDS), Give)


@pytest.mark.parametrize(
    ("record", "doubt"),
    [
        (copy(title("Алгебра", grade=8)), Doubt.WRONG_GRADE),
        (copy(title("Алгебра", language="ru")), Doubt.WRONG_LANGUAGE),
        (copy(title("Абай жолы", kind=ItemKind.BOOK, grade=None)), Doubt.NOT_TEXTBOOK),
        (copy(title("Алгебра"), ItemStatus.ON_LOAN, lent(title("Алгебра"), "other")), Doubt.OTHER_PUPIL),
        (copy(title("Алгебра"), ItemStatus.WRITTEN_OFF), Doubt.WRITTEN_OFF),
        (copy(title("Алгебра"), ItemStatus.LOST), Doubt.LOST),
        (copy(title("Алгебра"), ItemStatus.IN_REPAIR), Doubt.IN_REPAIR),
        (copy(title("Алгебра"), ItemStatus.READING_ROOM), Doubt.READING_ROOM),
    ],
)
def test_what_lies_aside(record: ItemRecord, doubt: Doubt) -> None:
    decided = decide_item(GIVING, ARU, record, IDS)
    assert isinstance(decided, SetAside)
    assert decided.doubt is doubt
    anyway = decide_item(GIVING, ARU, record, IDS, anyway=True)
    if doubt in (Doubt.WRITTEN_OFF, Doubt.LOST):
        assert anyway == replace(decided, can_give=False) == decided
        return
    override = act(anyway).override
    assert override is not None
    assert (override.by, override.refusals) == ("lib", (doubt.name,))


def test_a_second_copy_of_a_subject_lies_aside_in_whatever_edition() -> None:
    decided = decide_item(GIVING, having(title("Алгебра")), copy(title("Алгебра", year=2019)), IDS)
    assert isinstance(decided, SetAside)
    assert (decided.doubt, decided.place and decided.place.text) == (Doubt.SECOND_COPY, "Алгебра")
    music = title("Музыка")
    assert isinstance(decide_item(GIVING, ARU, copy(music), IDS), Give)
    assert isinstance(decide_item(GIVING, having(music), copy(music), IDS), SetAside)


def test_another_pupils_copy_given_anyway_is_returned_for_them_first() -> None:
    algebra = title("Алгебра")
    loan = lent(algebra, "other")
    decided = decide_item(GIVING, ARU, copy(algebra, ItemStatus.ON_LOAN, loan), IDS, anyway=True)
    assert isinstance(decided, Give)
    back, out = decided.acts
    assert (back.id, back.kind, back.patron_id) == ("back", Kind.CHECKIN, "other")
    assert LoanChange(loan, None) in back.changes
    assert StatusChange("i-t-Алгебра", ItemStatus.AVAILABLE, ItemStatus.ON_LOAN) in out.changes


def test_the_same_copy_again_says_nothing() -> None:
    algebra = title("Алгебра")
    record = copy(algebra, ItemStatus.ON_LOAN, lent(algebra, "aru"))
    assert decide_item(GIVING, having(algebra), record, IDS) == AlreadyTheirs()


@pytest.mark.parametrize(
    ("one", "note"),
    [
        (title("Алгебра", year=2019), "tb.wrong_edition"),
        (title("Химия"), "tb.next_term"),
        (title("Музыка"), "tb.not_in_set"),
        (title("География", year=2001), None),
    ],
)
def test_what_is_given_and_noted(one: Title, note: str | None) -> None:
    decided = decide_item(GIVING, ARU, copy(one), IDS)
    assert isinstance(decided, Give)
    assert (decided.note.key if decided.note else None) == note


def test_without_a_set_the_grade_still_counts() -> None:
    bare = replace(GIVING, textbooks=None)
    assert isinstance(decide_item(bare, ARU, copy(title("Алгебра")), IDS), Give)
    assert isinstance(decide_item(bare, ARU, copy(title("Алгебра", grade=9)), IDS), SetAside)


def test_a_copy_kept_aside_for_another_lies_aside_and_their_hold_waits_again() -> None:
    one = copy(title("Алгебра"), ItemStatus.HOLD_SHELF)
    hold = Hold("h", one.title.id, "other", NOW.wall, HoldState.READY, one.item.id)
    decided = decide_item(GIVING, ARU, replace(one, holds=(hold,)), IDS)
    assert isinstance(decided, SetAside) and decided.doubt is Doubt.RESERVED
    given = act(decide_item(GIVING, ARU, replace(one, holds=(hold,)), IDS, anyway=True))
    assert any(getattr(change, "before", None) == hold for change in given.changes)


def counted(held_in: int, one: Title) -> TitleRecord:
    return TitleRecord(one, held_in, held_in, held_in=held_in)


def test_a_copy_by_count_that_nobody_had_counted_is_counted_now() -> None:
    algebra = title("Алгебра")
    assert not [
        c for c in act(decide_counted(GIVING, ARU, counted(1, algebra), "a")).changes if isinstance(c, HeldChange)
    ]
    decided = decide_counted(GIVING, ARU, counted(0, algebra), "a")
    assert HeldChange(algebra.id, 1) in act(decided).changes
    assert isinstance(decided, Give) and decided.note is not None and decided.note.key == "tb.count_grew"


@pytest.mark.parametrize(("held_in", "fewer"), [(1, True), (0, False)])
def test_a_blank_label_makes_a_numbered_copy_of_a_counted_one(held_in: int, fewer: bool) -> None:
    algebra = title("Алгебра")
    decided = decide_numbered(GIVING, ARU, counted(held_in, algebra), "N1", ("loan", "made", "item"))
    assert isinstance(decided, Give)
    made, out = decided.acts
    assert (made.kind, out.kind, out.item_id) == (Kind.NUMBERED, Kind.CHECKOUT, "item")
    assert (HeldChange(algebra.id, -1) in made.changes) is fewer
    items = [change.after for change in made.changes if isinstance(change, ItemMade)]
    assert items and items[0] is not None and items[0].barcode == "N1"
    wrong = decide_numbered(GIVING, ARU, counted(1, title("Алгебра", grade=9)), "N1", ("loan", "made", "item"))
    assert isinstance(wrong, SetAside)


def test_nobody_who_has_left_gets_one() -> None:
    left = replace(ARU, patron=replace(ARU.patron, left=True))
    decided = decide_item(GIVING, left, copy(title("Алгебра")), IDS, anyway=True)
    assert isinstance(decided, SetAside)
    assert (decided.doubt, decided.can_give) == (Doubt.LEFT, False)
