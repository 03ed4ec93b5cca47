"""Rolls of blank labels and new cards: in the ledger before they are printed, and never the same twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation import own_codes
from kiosk.circulation.acts import Kind
from kiosk.circulation.model import SchoolClass
from kiosk.devices.clock import HandClock
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from kiosk.store.own_numbers import Draw, NumbersError, StoreNumbers
from kiosk.store.report_reads import StoreReports
from tests.store_fixture import NOW, new_store, sql


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = new_store(tmp_path)
    yield store
    store.close()


def lots(*numbers: int) -> Draw:
    """A draw that gives these numbers, one after the other."""
    left = iter(numbers)
    return lambda below: next(left) % below


def numbers_of(store: SqliteStore, *drawn: int) -> StoreNumbers:
    return StoreNumbers(store, HandClock(NOW), lots(*drawn)) if drawn else StoreNumbers(store, HandClock(NOW))


def printed(store: SqliteStore) -> list[str]:
    return [one.act.text for one in store.transactions() if one.act.kind is Kind.ROLL_PRINTED]


def test_a_roll_is_in_the_ledger_with_its_first_and_last_number(store: SqliteStore) -> None:
    labels = numbers_of(store, 41730562).new_labels("N", 65, staff="17")
    assert labels[0] == "N417305620003" and len(set(labels)) == 65
    assert all(own_codes.roll_of(label, "N") == 41730562 for label in labels)
    assert printed(store) == [f"{labels[0]} {labels[-1]}"]
    assert [one.act.staff for one in store.transactions()] == ["17"] and recompute(store) == []


def test_many_labels_are_on_several_rolls(store: SqliteStore) -> None:
    labels = numbers_of(store).new_labels("N", 2500)
    assert len(set(labels)) == 2500 and all(own_codes.is_label(label, "N") for label in labels)
    assert len({own_codes.roll_of(label, "N") for label in labels}) == len(printed(store)) == 3


def test_no_roll_is_printed_twice_nor_one_whose_labels_are_on_copies(store: SqliteStore) -> None:
    numbers_of(store, 7).new_labels("N", 10)
    sql(store, "INSERT INTO titles (id, key, title) VALUES ('t', 'k', 'Алгебра')")
    for item_id, roll in (("a", 8), ("b", 9)):
        sql(
            store,
            "INSERT INTO items (id, title_id, barcode, kind, status, service_point) "
            "VALUES (?, 't', ?, 'textbook', 'available', 'loan_desk')",
            item_id,
            own_codes.label_number("N", roll, 999),
        )
    sql(store, "INSERT INTO old_barcodes SELECT barcode, id FROM items WHERE id = 'b'")
    sql(store, "UPDATE items SET barcode = NULL WHERE id = 'b'")
    labels = numbers_of(store, 7, 8, 9, 10).new_labels("N", 1)
    assert own_codes.roll_of(labels[0], "N") == 10
    # Another beginning is another series.
    assert own_codes.roll_of(numbers_of(store, 7).new_labels("NN", 1)[0], "NN") == 7


def test_a_kiosk_that_gives_no_numbers_says_so(store: SqliteStore) -> None:
    for wrong in (lambda: numbers_of(store).new_labels("", 5), lambda: numbers_of(store).new_cards("", ["1"])):
        with pytest.raises(NumbersError, match=r"codes\."):
            wrong()
    with pytest.raises(NumbersError, match="one at least"):
        numbers_of(store).new_labels("N", 0)
    assert list(store.transactions()) == []


def test_those_without_a_card_get_one_all_or_none(store: SqliteStore) -> None:
    for n in range(25):
        sql(store, "INSERT INTO patrons (id, first_name, grade, letter) VALUES (?, 'Аты', 5, 'Ә')", f"p{n}")
        if n % 3:
            sql(store, "INSERT INTO cards VALUES (?, ?, 0)", f"P{n}", f"p{n}")
    reads = StoreReports(store)
    pupils = reads.pupils_of(SchoolClass(5, "Ә"), 2026)
    bare = reads.without_card(pupils)
    assert 0 < len(bare) < len(pupils)
    before = len(list(store.transactions()))
    with pytest.raises(StopIteration):
        numbers_of(store, 5).new_cards("C", bare)
    assert reads.without_card(pupils) == bare and len(list(store.transactions())) == before
    numbers_of(store, *(3 for _ in range(2)), *range(100, 200)).new_cards("C", bare, "17")
    assert reads.without_card(pupils) == () and len(reads.cards(pupils)) == len(pupils)
    given = [one.act for one in store.transactions()][before:]
    assert {act.kind for act in given} == {Kind.CARD_ADDED} and len({act.text for act in given}) == len(bare)
    assert all(own_codes.is_card(act.text, "C") and act.staff == "17" for act in given)
