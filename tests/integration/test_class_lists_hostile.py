"""Class lists that mean ill, or that the power goes out on: a clear answer, bounded memory, nothing half-done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.clock import Moment
from kiosk.cli import main
from kiosk.devices.clock import HandClock
from kiosk.errors import FileFault, ImportFileError
from kiosk.imports.class_lists import read_class_list
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from kiosk.store.class_lists import ClassLists
from tests.driver import full
from tests.list_fixture import Table, iin, text, workbook
from tests.store_fixture import NOW

SURNAMES = ("Ахметов", "Оспанов", "Серікұлы", "Жұмабаев", "Қасымов", "Тоқтаров", "Нұрланов", "Әбдіқадыров")
LETTERS = "АӘБВГҒДЕЖЗ"
Figure = Callable[[str], None]

PROGRAM = """
import sys
from pathlib import Path
from kiosk.class_listing import ClassListing
from kiosk.devices.clock import HandClock
from kiosk.store import SqliteStore
from tests.store_fixture import NOW

store = SqliteStore(Path(sys.argv[1]))
listing = ClassListing(store, HandClock(NOW))
if sys.argv[2] == "undo":
    listing.lists.undo(listing.lists.lists()[0].id, lambda: print("step", flush=True))
else:
    look = listing.look(Path(sys.argv[2]))
    listing.do(look, listing.plan(look), True, progress=lambda done, of: print("step", flush=True))
store.close()
print("done", flush=True)
"""
READING = """
import sys
from pathlib import Path
from kiosk.errors import ImportFileError
from kiosk.imports.class_lists import read_class_list
def most():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
before = most()
said = ""
try:
    said = f"{len(read_class_list(Path(sys.argv[1])).rows)} pupils"
except ImportFileError as error:
    said = error.fault.value
print(said, most() - before)
"""


def school_of(pupils: int, of: int = 2026, up: int = 0) -> Table:
    """A list of so many pupils in classes of 24. up: grades above that of the first list."""
    rows: list[tuple[object, ...]] = [(f"{of}-{of + 1} оқу жылы",), ("№", "ЖСН", "Аты-жөні", "Сынып", "Жынысы")]
    for n in range(pupils):
        its = n // 24
        name = f"{SURNAMES[n % len(SURNAMES)]} {word(n)}"
        label = f"{its % 9 + 1 + up} «{LETTERS[its // 9 % len(LETTERS)]}»"
        rows.append((n + 1, iin(), name, label, "ұл" if n % 2 else "қыз"))
    return rows


def word(n: int) -> str:
    """A given name of its own for each number."""
    letters = "абвгдежзик"
    return "".join(letters[int(digit)] for digit in str(n)).capitalize()


def run(program: str, *words: str | Path) -> tuple[str, ...]:
    done = subprocess.run([sys.executable, "-c", program, *map(str, words)], capture_output=True, text=True, check=True)
    return tuple(done.stdout.split())


def bomb(path: Path, rows: int) -> Path:
    """A workbook of some kilobytes that unpacks to many megabytes."""
    small = workbook(path.with_name("small.xlsx"), {"5Ә": [("ФИО",), ("Ким Мира",)]})
    row = b"<row><c t='inlineStr'><is><t>" + "Ким Мира".encode() + b"</t></is></c></row>"
    with zipfile.ZipFile(small) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/"):
                content = content.replace(b"</sheetData>", row * rows + b"</sheetData>")
            new.writestr(name, content)
    return path


def test_hostile_files_are_refused_at_a_small_cost(tmp_path: Path, figure: Figure) -> None:
    usual = text(tmp_path / "usual.csv", school_of(529))
    long = text(tmp_path / "long.csv", school_of(200_000))
    rows = bomb(tmp_path / "rows.xlsx", 200_000)
    blank = tmp_path / "blank.csv"
    blank.write_bytes(b";;;\r\n" * 200_000 + "Ким Мира".encode())
    huge = bomb(tmp_path / "huge.xlsx", 1_000_000)
    wide = text(
        tmp_path / "wide.csv", [("ФИО", "Класс")] + [[f"c{row}.{at}" for at in range(60)] for row in range(30_000)]
    )
    heads = text(tmp_path / "heads.csv", [("ФИО", "Класс", f"x{row}") for row in range(50_000)])
    for path, expected, most_mb in (
        (usual, "529", 20),
        (long, FileFault.TOO_BIG.value, 40),
        (rows, FileFault.TOO_BIG.value, 40),
        (huge, FileFault.TOO_BIG.value, 20),
        (blank, FileFault.NO_NAMES.value, 20),
        (wide, FileFault.TOO_BIG.value, 20),
        (heads, FileFault.TOO_BIG.value, 20),
    ):
        said, *_, more_kb = run(READING, path)
        figure(f"{path.name}, {path.stat().st_size // 1024:,} kB: {said}, {int(more_kb) // 1024} MB more memory")
        assert said == expected
        assert int(more_kb) < most_mb * 1024


def test_every_kind_of_bad_file_changes_nothing_on_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "kiosk"
    assert CliRunner().invoke(main, ["init", str(folder), "--school", "№ 41"]).exit_code == 0
    contents = {
        "empty.xlsx": b"",
        "picture.xlsx": b"\x89PNG\r\n\x1a\n" + bytes(4000),
        "cut.xlsx": workbook(tmp_path / "whole.xlsx", {"1": school_of(30)}).read_bytes()[:3000],
        "broken.csv": b"\xd0\x90\x00\x01" * 50,
        "letter.csv": "Сәлеметсіз бе! Бұл хат.".encode("utf-16"),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        done = CliRunner().invoke(
            main, ["classes", "import", str(tmp_path / name), "--yes", "--config", str(folder / "kiosk.toml")]
        )
        assert done.exit_code == 1 and done.stderr.startswith(f"kiosk: {name}") and done.stderr.count("\n") == 1
    store = SqliteStore(folder / "kiosk.db")
    assert {one.act.kind for one in store.transactions()} == {Kind.DATE_CONFIRMED} and ClassLists(
        store, HandClock(NOW)
    ).lists() == []
    store.close()


def test_formulas_and_wrong_dates_are_rows_or_nothing(tmp_path: Path) -> None:
    rows: Table = [
        ("ФИО", "Класс", "Дата рождения"),
        ('=HYPERLINK("http://x","Ким")', "5Ә", "31.02.2015"),
        ("=cmd|'/C calc'!A1", "5Ә", "=1+1"),
        ("@SUM(A1)", "5Ә", "2015-99-99"),
        ("Цой Лев", "=5", "0"),
        ("Ким Мира", "5Ә", "қашан?"),
    ]
    found = read_class_list(workbook(tmp_path / "list.xlsx", {"1": rows}))
    assert [row.name.last for row in found.rows] == ["Ким"]
    with pytest.raises(ImportFileError):
        read_class_list(text(tmp_path / "only.csv", rows[:4]))


def kill_after(steps: int, *words: str | Path) -> bool:
    """Run the program and kill it as soon as it has said so many steps. Returns whether it had ended by itself."""
    command = [sys.executable, "-c", PROGRAM, *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(steps):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        return process.stdout.read().endswith("done\n")


def state(store: SqliteStore) -> list[tuple[object, ...]]:
    query = (
        "SELECT p.last_name, p.first_name, p.grade, p.letter, p.groups, p.has_left, y.year, y.grade, y.letter "
        "FROM patrons p LEFT JOIN class_years y ON y.patron_id = p.id ORDER BY 1, 2, 3, 4, 7"
    )
    with store.connection().read() as db:
        return [tuple(row) for row in db.execute(query)]


@pytest.mark.slow
def test_a_killed_list_goes_on_or_is_undone(tmp_path: Path, figure: Figure) -> None:
    first = workbook(tmp_path / "first.xlsx", {"1": school_of(529, 2025)})
    second = workbook(tmp_path / "second.xlsx", {"1": school_of(529, 2026, up=1)})
    folder = tmp_path / "kiosk"
    assert CliRunner().invoke(main, ["init", str(folder), "--school", "№ 41"]).exit_code == 0
    path, kills = folder / "kiosk.db", 0
    run(PROGRAM, path, first)
    store = SqliteStore(path)
    before = state(store)
    for steps in range(1, full(10, 3)):
        kills += not kill_after(steps, path, second)
        assert recompute(store) == []
        run(PROGRAM, path, second)  # it goes on
        assert len(state(store)) == 2 * 529 and recompute(store) == []
        kills += not kill_after(steps, path, "undo")
        assert recompute(store) == []
        run(PROGRAM, path, "undo")
        assert state(store) == before and recompute(store) == []
        kills += not kill_after(steps, path, second)
        run(PROGRAM, path, "undo")  # and one that was stopped is undone
        assert state(store) == before and recompute(store) == []
    assert kills > 0
    figure(f"killed {kills} times")
    store.close()


def test_a_desk_is_held_up_for_moments_only(tmp_path: Path, figure: Figure) -> None:
    folder = tmp_path / "kiosk"
    assert CliRunner().invoke(main, ["init", str(folder), "--school", "№ 41"]).exit_code == 0
    path = folder / "kiosk.db"
    run(PROGRAM, path, workbook(tmp_path / "first.xlsx", {"1": school_of(1200, 2025)}))
    command = [sys.executable, "-c", PROGRAM, str(path), str(text(tmp_path / "next.csv", school_of(1200, 2026, up=1)))]
    store, waits, begun = SqliteStore(path), [], time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "step\n"
        while process.poll() is None:
            act = Act(os.urandom(16).hex(), Kind.REQUEST, text="Абай жолы")
            asked = time.perf_counter()
            store.commit((act,), (), Moment(0.0, NOW, True, True))
            waits.append(time.perf_counter() - asked)
    waits.sort()
    took = time.perf_counter() - begun
    assert process.returncode == 0 and len(waits) > 10
    figure(
        f"1,200 pupils moved up in {took:.1f} s; {len(waits)} acts of a desk meanwhile: median "
        f"{waits[len(waits) // 2] * 1000:.0f} ms, p99 {waits[len(waits) * 99 // 100] * 1000:.0f} ms, "
        f"longest {waits[-1] * 1000:.0f} ms"
    )
    assert recompute(store) == []
    store.close()
