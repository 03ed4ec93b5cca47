"""What answers of library systems say of items and patrons, as the kiosk takes them over."""

from __future__ import annotations

from datetime import UTC, date, timedelta, timezone

import pytest

from kiosk.circulation.facts import ItemFact, PatronFact, TitleFact
from kiosk.circulation.model import Block, BlockKind, ItemKind, ItemStatus
from kiosk.sync.sip2.codec import Codec
from kiosk.sync.sip2.messages import Message
from kiosk.sync.sip2.said import ItemSaid, PatronSaid, day_of, words
from kiosk.sync.vetting import vet_facts

ALMATY = timezone(timedelta(hours=5))
AT = "20260921    100000"


def message(text: str) -> Message:
    return Codec().decode(text.encode()).require()


def item(status: str, fields: str = "AB1|AJАбай жолы|") -> ItemSaid:
    return ItemSaid.of("1", message(f"18{status}0201{AT}{fields}"), ALMATY)


def patron(flags: str, fields: str = "AAP1|AEАйгерім Серікқызы|BLY|", charged: int = 0) -> PatronSaid:
    text = f"64{flags:<14}000{AT}00000000{charged:04}000000000000{fields}"
    return PatronSaid.of("P1", message(text), "charged_items", "charged_count")


@pytest.mark.parametrize(
    ("status", "known_as"),
    [
        ("03", ItemStatus.AVAILABLE), ("09", ItemStatus.AVAILABLE), ("08", ItemStatus.HOLD_SHELF),
        ("12", ItemStatus.LOST), ("13", ItemStatus.LOST), ("06", ItemStatus.IN_REPAIR), ("04", ItemStatus.ON_LOAN),
        ("07", ItemStatus.ON_LOAN), ("01", ItemStatus.ON_LOAN), ("10", ItemStatus.ON_LOAN), ("99", ItemStatus.ON_LOAN),
    ],
)  # fmt: skip
def test_statuses(status: str, known_as: ItemStatus) -> None:
    title, fact = vet_facts(item(status).facts())
    assert isinstance(title, TitleFact) and title.title == "Абай жолы"
    assert isinstance(fact, ItemFact) and fact.status is known_as and fact.title_id == title.id


def test_an_item_that_central_does_not_have_is_nothing() -> None:
    assert not (said := item("01", "ABnosuch|AJ|")).known and said.facts() == ()


def test_two_copies_with_the_same_title_are_of_one() -> None:
    one, other = item("03").facts()[0], item("03", "AB2|AJ Абай  Жолы |").facts()[0]
    assert one.id == other.id != item("03", "AB3|AJАбай|").facts()[0].id


def test_a_periodical_is_one() -> None:
    assert item("03", "AB1|AJЖұлдыз|CK002|").kind is ItemKind.PERIODICAL


@pytest.mark.parametrize(
    ("due", "day"),
    [
        ("20261001    235900", date(2026, 10, 1)), ("20261001   Z203000", date(2026, 10, 2)), ("0", None),
        ("01.10.2026", date(2026, 10, 1)), ("NEVER", None), ("", None),
    ],
)  # fmt: skip
def test_a_due_date_is_a_day_where_central_is(due: str, day: date | None) -> None:
    assert day_of(message(f"18040201{AT}AB1|AJx|AH{due}|"), "due", ALMATY) == day


@pytest.mark.parametrize(
    ("flags", "blocks"),
    [
        ("", ()), ("Y", (Block(BlockKind.STAFF),)), ("Y         Y", (Block(BlockKind.DEBT),)),
        ("Y    Y", ()), ("Y     Y", ()), ("Y   Y", ()), (" YYY", ()),
    ],
)  # fmt: skip
def test_what_stands_against_a_patron(flags: str, blocks: tuple[Block, ...]) -> None:
    (fact,) = vet_facts(patron(flags).facts())
    assert isinstance(fact, PatronFact)
    assert fact.blocks == blocks and fact.cards == (("P1", flags.startswith("Y   Y")),)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Айгерім Серікқызы", "Айгерім", "Серікқызы"),
        ("Серікқызы, Айгерім", "Айгерім", "Серікқызы"),
        ("Айгерім", "Айгерім", ""),
    ],
)
def test_a_name_is_split_so_that_one_word_of_it_is_shown(name: str, first: str, last: str) -> None:
    (fact,) = patron("", f"AAP1|AE{name}|BLY|").facts()
    assert isinstance(fact, PatronFact) and (fact.first_name, fact.last_name) == (first, last)


def test_a_patron_that_central_does_not_have_is_nobody() -> None:
    said = patron("YYYY", "AAP1|AE|BLN|AFInvalid cardnumber|")
    assert not said.known and said.facts() == ()


@pytest.mark.parametrize(
    ("listed", "total", "has"),
    [
        ("AU1|", 1, True), ("AU2|AU1|", 2, True), ("AU2|", 1, False), ("", 0, False), ("", 1, None), ("AU2|", 3, None),
        ("AUАбай жолы|", 1, True), ("AUКөшпенділер|", 1, False),
    ],
)  # fmt: skip
def test_what_a_list_says_of_an_item(listed: str, total: int, has: bool | None) -> None:
    said = patron("", f"AAP1|AEx|BLY|{listed}", total)
    assert said.lists(item("04")) is has


def test_the_words_for_the_patron_are_put_together() -> None:
    reply = message(f"120NUN{AT}AO|AAP1|AB1|AJ|AH|AFToo  many|AFbooks|AGsee the desk|")
    assert words(reply) == "Too many books see the desk"
    assert words(message(f"120NUN{AT}AO|AAP1|AB1|AJ|AH|")) == ""


def test_the_day_of_utc_itself() -> None:
    assert day_of(message(f"18040201{AT}AB1|AJx|AH20261001   Z203000|"), "due", UTC) == date(2026, 10, 1)
