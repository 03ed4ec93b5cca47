"""The export: everything, importable again, safe to open, never half there."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.cells import disarmed, guarded, unguarded
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import CountVisit
from kiosk.circulation.intake import Intake, ItemRow, LoanRow, PatronRow, Result
from kiosk.circulation.model import ItemKind, PinKind, SchoolClass
from kiosk.errors import StoreError
from kiosk.imports.rows import read_rows
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from kiosk.store.export import export
from tests.store_fixture import NOW, demo_rows, facts, new_store, one, sql, take

IMPORTABLE = (Intake.PATRONS, Intake.ITEMS, Intake.LOANS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = new_store(tmp_path)
    yield made
    made.close()


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def imported_again(folder: Path, into: Path) -> SqliteStore:
    """A new store with what is exported in a folder."""
    store = new_store(into, "again.db")
    for what in IMPORTABLE:
        parsed = list(read_rows(what, folder / f"{what}.csv"))
        assert [one.reason for one in parsed if one.row is None] == []
        outcomes = take(store, what, [one.row for one in parsed if one.row is not None])
        assert {one.result for one in outcomes} <= {Result.ADDED, Result.CHANGED}, [one.reason for one in outcomes]
    return store


def test_the_demo_school_exported_and_imported_is_the_same_school(store: SqliteStore, tmp_path: Path) -> None:
    for what, rows in demo_rows().items():
        take(store, what, rows)
    again = imported_again(export(store, tmp_path / "first", NOW), tmp_path)
    assert recompute(again) == []
    before, after = facts(store), facts(again)
    for name in ("patrons", "titles", "items", "loans"):
        assert after[name] == before[name]
    export(again, tmp_path / "second", NOW)
    for what in IMPORTABLE:
        assert (tmp_path / f"first/{what}.csv").read_bytes() == (tmp_path / f"second/{what}.csv").read_bytes()
    again.close()


def test_what_was_exported_changes_nothing_where_it_came_from(store: SqliteStore, tmp_path: Path) -> None:
    for what, rows in demo_rows().items():
        take(store, what, rows)
    folder = export(store, tmp_path / "out", NOW)
    for what in IMPORTABLE:
        rows_again = [parsed.row for parsed in read_rows(what, folder / f"{what}.csv") if parsed.row is not None]
        known = [row for row in rows_again if not isinstance(row, PatronRow) or row.card or row.external_id]
        assert {one.result for one in take(store, what, known)} == {Result.SAME}


HOSTILE = (
    "=1+1",
    "+7 700 123",
    "-5",
    "@SUM(A1)",
    "'=2",
    "''=2",
    "'quoted'",
    "007",
    "'007",
    '="42"',
    'a,"b"',
    "2026-10-05",
)


def test_hostile_cells_survive_and_are_not_run(store: SqliteStore, tmp_path: Path) -> None:
    patrons = [
        PatronRow(cell, "Серікова", card=f"{cell}c", external_id=f"{cell}e", phone=cell, address=cell)
        for cell in HOSTILE
    ]
    items = [
        ItemRow(f"Кітап {cell}", barcode=f"{cell}b", author=cell, shelf=f"A {cell}", part=cell) for cell in HOSTILE
    ]
    take(store, Intake.PATRONS, patrons)
    take(store, Intake.ITEMS, items)
    take(store, Intake.LOANS, [LoanRow(f"{cell}c", f"{cell}b") for cell in HOSTILE])
    folder = export(store, tmp_path / "out", NOW)
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    again = imported_again(folder, tmp_path)
    assert facts(again)["patrons"] == facts(store)["patrons"]
    assert facts(again)["items"] == facts(store)["items"]
    assert facts(again)["loans"] == facts(store)["loans"]
    again.close()


@given(st.text(alphabet="'=+-@0179./ \tа\"", max_size=8) | st.text(max_size=20))
def test_any_cell_comes_back_as_it_was(cell: str) -> None:
    assert unguarded(disarmed(cell)) == cell or cell.startswith('="')
    assert unguarded(disarmed(cell)) == cell
    assert unguarded(guarded(cell)) == cell
    assert not disarmed(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_several_cards_come_back_to_one_patron(store: SqliteStore, tmp_path: Path) -> None:
    five = SchoolClass(5, "Ә")
    take(store, Intake.PATRONS, [PatronRow("Айгүл", "С", card="P1", external_id="K1", school_class=five)])
    take(store, Intake.PATRONS, [PatronRow("Айгүл", "С", card="P2", external_id="K1")])
    take(store, Intake.PATRONS, [PatronRow("Болат", "Т", card="P3", school_class=five), PatronRow("Дана", card="P6")])
    bolat = one(store, "SELECT patron_id FROM cards WHERE number = 'P3'")
    sql(store, "INSERT INTO cards VALUES ('P4', ?, 0), ('P5', ?, 1)", bolat, bolat)
    sql(store, "UPDATE cards SET lost = 1 WHERE number = 'P6'")
    folder = export(store, tmp_path / "out", NOW)
    assert [(row["card"], row["external_id"]) for row in table(folder, "patrons.csv")] == [
        ("P1", "K1"), ("P2", "K1"), ("P3", bolat), ("P4", bolat), ("", "")
    ]  # fmt: skip
    assert [row["number"] for row in table(folder, "cards.csv") if row["lost"] == "1"] == ["P5", "P6"]
    again = imported_again(folder, tmp_path)
    assert [(row[0], row[-1]) for row in facts(again)["patrons"]] == [
        ("Айгүл", "P1,P2"),
        ("Болат", "P3,P4"),
        ("Дана", None),
    ]
    again.close()


def test_everything_is_there_but_pins(store: SqliteStore, tmp_path: Path) -> None:
    take(store, Intake.PATRONS, [PatronRow("Айгүл", card="P1"), PatronRow("Болат", external_id="K2")])
    take(store, Intake.ITEMS, [ItemRow("Абай жолы", inventory_no="101", service_point="reading_room", shelf="A-3"),
                               ItemRow("Алгебра", kind=ItemKind.TEXTBOOK, count=3)])  # fmt: skip
    take(store, Intake.LOANS, [LoanRow("K2", "101", due=date(2026, 10, 15))])
    patron, title = one(store, "SELECT patron_id FROM cards"), one(store, "SELECT id FROM titles WHERE held = 3")
    sql(store, "UPDATE patrons SET pin_kind = ?, pin_hash = 'scrypt:SECRET'", PinKind.DIGITS)
    sql(store, "INSERT INTO blocks VALUES (?, 'staff', NULL)", patron)
    sql(store, "INSERT INTO holds VALUES ('H', ?, ?, '2026-10-05T09:00:00.000Z', 'waiting', NULL, NULL)", title, patron)
    moment = Moment(0.0, NOW, True, True)
    store.commit((Act("R", Kind.REQUEST, patron, text="=Көшпенділер"),), (), moment)
    store.count_visit(CountVisit("pupil", 5, False), moment)
    folder = export(store, tmp_path / "out", NOW)
    assert table(folder, "loans.csv") == [{"card": "K2", "barcode": "101", "due": "2026-10-15", "since": "2026-10-05"}]
    locations = {row["title"]: (row["location"], row["count"]) for row in table(folder, "items.csv")}
    assert locations == {"Абай жолы": ("reading_room, A-3", ""), "Алгебра": ("", "3")}
    assert [row["text"] for row in table(folder, "requests.csv")] == ["'=Көшпенділер"]
    for name in ("patron_ids", "cards", "blocks", "titles", "item_ids", "all_loans", "holds", "visits", "imports"):
        assert table(folder, f"{name}.csv"), name
    lines = [json.loads(line) for line in (folder / "transactions.jsonl").read_text("utf-8").splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["body"] == {"text": "=Көшпенділер"} and lines[-1]["at"] == "2026-10-05T09:00:00.000+00:00"
    readme = (folder / "README.txt").read_text("utf-8")
    assert all(path.name in readme for path in folder.iterdir() if path.name != "README.txt")
    assert not any(b"SECRET" in path.read_bytes() for path in folder.iterdir())
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_folder_with_something_in_it_is_left_alone(store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="choose another folder"):
        export(store, tmp_path / "out", NOW)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_an_export_that_fails_leaves_nothing(store: SqliteStore, tmp_path: Path) -> None:
    sql(store, "ALTER TABLE visits RENAME TO elsewhere")
    with pytest.raises(StoreError):
        export(store, tmp_path / "exports/out", NOW)
    assert list((tmp_path / "exports").iterdir()) == []


def test_a_damaged_transaction_does_not_stop_the_export(store: SqliteStore, tmp_path: Path) -> None:
    store.commit((Act("R", Kind.REQUEST, None, text="x"),), (), Moment(0.0, NOW, True, True))
    sql(store, "DROP TRIGGER transactions_are_not_changed")
    sql(store, "UPDATE transactions SET body = '{'")
    line = json.loads((export(store, tmp_path / "out", NOW) / "transactions.jsonl").read_text("utf-8"))
    assert line["body"] == {"damaged": "{"}


def test_rows_of_one_copy_keep_their_own_words(store: SqliteStore, tmp_path: Path) -> None:
    row = ItemRow(
        "Абай жолы", barcode="B1", price="1500.50", isbn="9786010000001", udc="821", bbk="84", branch="көркем"
    )
    take(store, Intake.ITEMS, [row, replace(row, barcode="B2", kind=ItemKind.REFERENCE)])
    again = imported_again(export(store, tmp_path / "out", NOW), tmp_path)
    assert facts(again)["items"] == facts(store)["items"]
    again.close()
