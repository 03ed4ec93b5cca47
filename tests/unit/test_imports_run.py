"""An import from beginning to end: batches, counts, rejects; stopped anywhere it goes on, and twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.circulation.intake import Batch, Intake, ItemRow, Outcome, Result, Row
from kiosk.errors import ImportFileError
from kiosk.imports.run import BATCH_ROWS, Progress, Report, run_import
from kiosk.imports.tables import read_table


class Killed(Exception):
    """The process dies here."""


class Shelf:
    """An importer in memory: items by barcode. Titles that begin with "?" are doubtful, with "!" rejected.

    dies: die at the n-th apply, before (False) or after (True) it is committed.
    """

    def __init__(self) -> None:
        self.items: dict[str, ItemRow] = {}
        self.batches: dict[str, Batch] = {}
        self.applied: list[tuple[int, int]] = []
        self.dies: tuple[int, bool] | None = None

    def begin(self, what: Intake, file_name: str, sha256: str) -> Batch:
        return self.batches.setdefault(sha256, Batch(sha256))

    def apply(self, batch: str, rows: Sequence[Row], upto: int) -> Sequence[Outcome]:
        dies_after = self._dies()
        outcomes = tuple(self._take(row) for row in rows if isinstance(row, ItemRow))
        assert len(outcomes) == len(rows) <= BATCH_ROWS
        assert self.batches[batch].done_rows < upto <= self.batches[batch].done_rows + BATCH_ROWS
        self.batches[batch] = Batch(batch, upto, last=outcomes)
        self.applied.append((len(rows), upto))
        if dies_after:
            raise Killed
        return outcomes

    def finish(self, batch: str) -> None:
        self.batches[batch] = Batch(batch, self.batches[batch].done_rows, finished=True)

    def _dies(self) -> bool:
        if self.dies is None:
            return False
        left, after = self.dies
        self.dies = (left - 1, after) if left else None
        if left == 0 and not after:
            raise Killed
        return left == 0

    def _take(self, row: ItemRow) -> Outcome:
        if row.title.startswith("?"):
            return Outcome(Result.DOUBTFUL, "which one?")
        if row.title.startswith("!"):
            return Outcome(Result.REJECTED, "taken already")
        before = self.items.get(row.barcode)
        self.items[row.barcode] = row
        return Outcome(Result.ADDED if before is None else Result.SAME if before == row else Result.CHANGED)


def catalogue(path: Path, count: int, **odd: str) -> Path:
    """A list of so many titles; odd: r7="..." puts something else into the year of row 7."""
    lines = ["title;barcode;year"]
    for number in range(count):
        title, year = odd.get(f"t{number}", f"Кітап {number}"), odd.get(f"r{number}", "1999")
        lines.append(f"{title};B{number};{year}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def rejects(path: Path) -> list[tuple[str, str]]:
    """Line and reason of each."""
    return [(cells[-2], cells[-1]) for _, cells in read_table(path)][1:] if path.exists() else []


def test_rows_are_taken_in_batches_with_a_pause_between_them(tmp_path: Path) -> None:
    shelf, pauses, seen = Shelf(), [0], list[Progress]()

    def pause() -> None:
        pauses[0] += 1

    report = run_import(
        Intake.ITEMS, catalogue(tmp_path / "a.csv", 225), shelf,
        rejects_path=tmp_path / "r.csv", pause=pause, progress=seen.append,
    )  # fmt: skip
    assert shelf.applied == [(100, 100), (100, 200), (25, 225)]
    assert pauses == [2]
    assert [progress.rows for progress in seen] == [100, 200, 225, 225]
    assert seen[-1].share == 1.0
    assert (report.counts, report.rows, report.rejects) == ({"added": 225, "rejected": 0}, 225, None)
    assert len(shelf.items) == 225


def test_bad_doubtful_and_rejected_rows_go_to_the_rejects_file(tmp_path: Path) -> None:
    path = catalogue(tmp_path / "a.csv", 10, r2="жоқ", t4="?Абай", t6="!Тағдыр")
    report = run_import(Intake.ITEMS, path, Shelf(), rejects_path=tmp_path / "r.csv")
    assert report.counts == {Result.ADDED: 7, Result.REJECTED: 2, Result.DOUBTFUL: 1}
    assert report.rejects == tmp_path / "r.csv"
    assert [line for line, _ in rejects(tmp_path / "r.csv")] == ["4", "6", "8"]
    assert [reason for _, reason in rejects(tmp_path / "r.csv")][1:] == ["which one?", "taken already"]


def test_mended_rejects_complete_the_import(tmp_path: Path) -> None:
    shelf, path = Shelf(), tmp_path / "r.csv"
    run_import(Intake.ITEMS, catalogue(tmp_path / "a.csv", 10, r2="жоқ", t4="?Абай"), shelf, rejects_path=path)
    mended = tmp_path / "mended.csv"
    mended.write_text(path.read_text(encoding="utf-8").replace("жоқ", "2000", 1).replace("?", ""), encoding="utf-8")
    report = run_import(Intake.ITEMS, mended, shelf, rejects_path=tmp_path / "r2.csv")
    assert report.counts == {Result.ADDED: 2, Result.REJECTED: 0}
    assert shelf.items["B2"].year == 2000
    assert len(shelf.items) == 10


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    shelf, path = Shelf(), catalogue(tmp_path / "a.csv", 300)
    run_import(Intake.ITEMS, path, shelf, rejects_path=tmp_path / "r.csv")
    before = dict(shelf.items)
    report = run_import(Intake.ITEMS, path.rename(tmp_path / "b.csv"), shelf, rejects_path=tmp_path / "r.csv")
    assert (report.already, report.rows, report.skipped) == (True, 0, 300)
    assert shelf.items == before
    shelf.batches.clear()  # an importer that begins anew instead
    report = run_import(Intake.ITEMS, tmp_path / "b.csv", shelf, rejects_path=tmp_path / "r.csv")
    assert report.counts == {Result.SAME: 300, Result.REJECTED: 0}
    assert shelf.items == before


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bad=st.sets(st.integers(0, 699), max_size=30),
    doubtful=st.sets(st.integers(0, 699), max_size=30),
    deaths=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=4),
)
def test_stopped_anywhere_it_goes_on_and_ends_as_if_never_stopped(
    tmp_path: Path, bad: set[int], doubtful: set[int], deaths: list[tuple[int, bool]]
) -> None:
    odd = {f"r{row}": "жоқ" for row in bad} | {f"t{row}": "?Абай" for row in doubtful}
    path = catalogue(tmp_path / "a.csv", 700, **odd)
    straight, shelf = Shelf(), Shelf()
    run_import(Intake.ITEMS, path, straight, rejects_path=tmp_path / "straight.csv")

    def go_on() -> Report:
        return run_import(Intake.ITEMS, path, shelf, rejects_path=tmp_path / "r.csv")

    (tmp_path / "r.csv").unlink(missing_ok=True)
    for death in deaths:
        shelf.dies = death
        with suppress(Killed):
            go_on()
    shelf.dies = None
    go_on()
    assert shelf.items == straight.items
    assert shelf.applied == straight.applied
    assert sorted(rejects(tmp_path / "r.csv")) == sorted(rejects(tmp_path / "straight.csv"))


def test_a_file_that_cannot_be_imported_begins_nothing(tmp_path: Path) -> None:
    shelf, path = Shelf(), tmp_path / "a.csv"
    path.write_text("foo;bar\n1;2\n", encoding="utf-8")
    with pytest.raises(ImportFileError):
        run_import(Intake.ITEMS, path, shelf, rejects_path=tmp_path / "r.csv")
    assert not shelf.batches and not (tmp_path / "r.csv").exists()


def test_the_rejects_file_is_never_the_imported_file(tmp_path: Path) -> None:
    path = catalogue(tmp_path / "a.csv", 3)
    with pytest.raises(ImportFileError, match="another file"):
        run_import(Intake.ITEMS, path, Shelf(), rejects_path=tmp_path / "." / "a.csv")
    assert path.exists()


def test_headings_that_are_not_imported_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Атауы;Штрих-код;Ескерту\nАбай;1;\n", encoding="utf-8")
    report = run_import(Intake.ITEMS, path, Shelf(), rejects_path=tmp_path / "r.csv")
    assert report.unused == ("Ескерту",)
