"""The check finds each way in which somebody, or a fault, can make the store disagree with its ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from kiosk.circulation.acts import Act, HoldChange, Kind, LoanChange, StatusChange
from kiosk.circulation.clock import Moment
from kiosk.circulation.intake import Intake, ItemRow, LoanRow, PatronRow
from kiosk.circulation.model import Hold, HoldState, ItemStatus, Loan
from kiosk.store import SqliteStore
from kiosk.store.check import MOST, recompute
from tests.store_fixture import NOW, new_store, one, take

MOMENT = Moment(0.0, NOW.replace(microsecond=123456), True, True)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store with everything in it: loans of items and of a counted title, a waiting and a ready hold."""
    store = new_store(tmp_path_factory.mktemp("sound"))
    take(store, Intake.PATRONS, [PatronRow("Айгүл", card="P1"), PatronRow("Болат", card="P2")])
    items = [ItemRow(f"Кітап {n}", barcode=f"B{n}", inventory_no=f"10{n}") for n in range(1, 5)]
    take(store, Intake.ITEMS, [*items, ItemRow("Алгебра", count=1)])
    take(store, Intake.LOANS, [LoanRow("P1", "B1")])
    patron, other = (one(store, "SELECT patron_id FROM cards WHERE number = ?", card) for card in ("P1", "P2"))
    counted = one(store, "SELECT id FROM titles WHERE held = 1")
    item, title = (one(store, f"SELECT {column} FROM items WHERE barcode = 'B2'") for column in ("id", "title_id"))
    loan = Loan("L", patron, counted, None, MOMENT.day, MOMENT.day, 10)
    waiting = Hold("H1", counted, other, MOMENT.wall)
    hold = Hold("H2", title, patron, MOMENT.wall)
    kept = Hold("H2", title, patron, NOW.replace(microsecond=123000), HoldState.READY, item)
    store.commit(
        (
            Act("L", Kind.CHECKOUT, patron, None, counted, (LoanChange(None, loan),)),
            Act("H1", Kind.HOLD, other, None, counted, (HoldChange(None, waiting),)),
            Act("H2", Kind.HOLD, patron, None, title, (HoldChange(None, hold),)),
            Act("F", Kind.FOUND, None, item, title, (
                HoldChange(hold, kept), StatusChange(item, ItemStatus.AVAILABLE, ItemStatus.HOLD_SHELF)
            )),
        ),
        (),
        MOMENT,
    )  # fmt: skip
    store.close()
    yield store.path


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Iterator[SqliteStore]:
    copyfile(sound, tmp_path / "kiosk.db")
    store = SqliteStore(tmp_path / "kiosk.db")
    yield store
    store.close()


def test_a_sound_store_adds_up(copy: SqliteStore) -> None:
    assert recompute(copy) == []


UNPROTECTED = "DROP TRIGGER transactions_are_not_changed; DROP TRIGGER transactions_are_not_deleted;"


@pytest.mark.parametrize(
    ("tampering", "sentence"),
    [
        ("DELETE FROM loans WHERE item_id NOT NULL", "is missing: the ledger says it has not ended"),
        ("DELETE FROM loans WHERE item_id NOT NULL", "item B1 is on loan, but to nobody"),
        ("UPDATE loans SET due = '2030-01-01' WHERE id = 'L'", "loan L is Loan("),
        ("UPDATE loans SET since = 'yesterday' WHERE id = 'L'", "but the ledger says Loan("),
        ("UPDATE loans SET id = 'M' WHERE id = 'L'", "loan M is in no transaction, or ended"),
        ("UPDATE loans SET title_id = (SELECT id FROM titles WHERE title = 'Кітап 3') WHERE item_id NOT NULL",
         "item B1 is on loan as another title"),
        ("UPDATE items SET status = 'available' WHERE barcode = 'B1'", "item B1 has a loan, but is available"),
        ("UPDATE items SET status = 'available' WHERE barcode = 'B1'", "but the ledger says on_loan"),
        ("UPDATE items SET status = 'lost' WHERE barcode = 'B3'",
         "item B3 is lost, but the ledger says nothing of it: it should be available"),
        ("UPDATE items SET service_point = 'reading_room' WHERE barcode = 'B3'", "it should be reading_room"),
        ("UPDATE items SET last_seq = 1 WHERE barcode = 'B1'", "item B1: its newest transaction is "),
        ("UPDATE items SET last_seq = NULL WHERE barcode = 'B1'", "not None"),
        ("DELETE FROM loans; DELETE FROM items WHERE barcode = 'B1'", "is missing: the ledger speaks of it"),
        ("UPDATE titles SET held = 0", "title «Алгебра»: 1 copies are on loan, but only 0 are held by count"),
        ("DELETE FROM holds WHERE id = 'H1'", "hold H1 is missing"),
        ("UPDATE holds SET id = 'H9' WHERE id = 'H1'", "hold H9 is in no transaction"),
        ("UPDATE holds SET placed = '2026-01-01T00:00:00.000Z' WHERE id = 'H1'", "hold H1 is Hold("),
        ("UPDATE holds SET state = 'odd' WHERE id = 'H1'", "'odd'"),
        ("DELETE FROM holds WHERE id = 'H2'", "item B2 is kept for a hold, but there is none"),
        ("UPDATE items SET status = 'available' WHERE barcode = 'B2'", "hold H2 is ready, but no item is kept for it"),
        ("UPDATE holds SET item_id = NULL WHERE id = 'H2'", "hold H2 is ready, but no item is kept for it"),
        ("DELETE FROM title_words WHERE rowid = 1", "title «Кітап 1» cannot be found by the search"),
        ("INSERT INTO title_words (rowid, words) VALUES (99, 'x')",
         "the search finds a title that is not there (row 99)"),
        (UNPROTECTED, "the ledger is not protected: the trigger transactions_are_not_changed is gone"),
        (UNPROTECTED + "DELETE FROM transactions WHERE seq = 2", "transactions 2 to 2 are missing"),
        (UNPROTECTED + "DELETE FROM transactions WHERE id = 'H1'", "hold H1 is in no transaction, or ended"),
        (UNPROTECTED + "DELETE FROM transactions WHERE id = 'H2'", "H2 was not as the act found it"),
        (UNPROTECTED + "UPDATE transactions SET body = '{' WHERE id = 'H1'", "(H1) cannot be read"),
        (UNPROTECTED + "UPDATE transactions SET body = '[]' WHERE id = 'H1'", "(H1) cannot be read"),
        (UNPROTECTED + "UPDATE transactions SET body = '{\"changes\":[{}]}' WHERE id = 'H1'", "(H1) cannot be read"),
        (UNPROTECTED + "UPDATE transactions SET kind = 'gift' WHERE id = 'H1'", "(H1) cannot be read"),
        ("UPDATE cards SET patron_id = 'nobody' WHERE number = 'P2'", "cards: row None refers to one of patrons"),
    ],
)  # fmt: skip
def test_tampering_is_found(copy: SqliteStore, tampering: str, sentence: str) -> None:
    with sqlite3.connect(copy.path) as raw:
        raw.executescript(tampering)
    raw.close()
    faults = recompute(copy)
    assert [fault for fault in faults if sentence in fault], faults


def test_a_damaged_file_is_told(copy: SqliteStore) -> None:
    content = bytearray(copy.path.read_bytes())
    for page in range(5, len(content) // 4096):
        content[page * 4096 + 100 : page * 4096 + 900] = b"\xee" * 800
    copy.path.write_bytes(content)
    assert recompute(copy)


def test_a_ruined_store_is_not_listed_to_the_end(copy: SqliteStore) -> None:
    with sqlite3.connect(copy.path) as raw:
        raw.executemany(
            "INSERT INTO loans VALUES (?, 'x', 'y', NULL, '2026-01-01', NULL, 10, 0, NULL)",
            ((str(n),) for n in range(3 * MOST)),
        )
    raw.close()
    faults = recompute(copy)
    assert len(faults) == MOST + 1 and faults[-1].startswith("and more")
