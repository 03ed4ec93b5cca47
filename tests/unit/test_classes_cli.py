"""`kiosk classes`: what it shows, asks, does and takes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import main
from tests.list_fixture import Table, iin, workbook

NAMES = ["Ахметов", "Оспанов", "Ким", "Цой", "Серікова", "Әлиева", "Жұмабаев", "Қасымов", "Ли", "Пак", "Нұрлан", "Тен"]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    done = CliRunner().invoke(main, ["init", str(tmp_path / "kiosk"), "--school", "№ 41"])
    assert done.exit_code == 0, done.output
    return tmp_path / "kiosk"


def classes(folder: Path, *words: str | Path, given: str = "") -> Result:
    config = ["--config", str(folder / "kiosk.toml")]
    return CliRunner().invoke(main, ["classes", *map(str, words), *config], input=given)


def ledger_agrees(folder: Path) -> bool:
    done = CliRunner().invoke(main, ["ledger", "--check", "--config", str(folder / "kiosk.toml")])
    return done.exit_code == 0


def of_class(label: str, surnames: list[str], first: str = "Али") -> Table:
    rows: list[tuple[object, ...]] = [(f"Тізім {label} сынып",), ("№", "ЖСН", "Аты-жөні")]
    return rows + [(number, iin(), f"{name} {first}") for number, name in enumerate(surnames, 1)]


def listed(path: Path, **sheets: Table) -> Path:
    return workbook(path, sheets)


def test_a_list_is_shown_done_after_a_yes_and_taken_back(folder: Path, tmp_path: Path) -> None:
    path = listed(tmp_path / "list.xlsx", one=of_class("5 «Ә»", NAMES), two=of_class("5 «А»", NAMES, "Дана"))
    done = classes(folder, "import", path, "--year", "2026", given="n\n")
    assert done.exit_code == 1 and "nothing was done" in done.output
    assert "ЖСН: iin" in done.output and iin() not in done.output
    assert "2026-2027, 2 classes, 24 pupils: 24 new, 0 moved up" in done.output
    assert classes(folder, "list", "--year", "2026").stdout == ""
    done = classes(folder, "import", path, "--year", "2026", given="y\n")
    assert done.exit_code == 0, done.output
    assert classes(folder, "list", "--year", "2026").stdout.splitlines()[:2] == [
        "5 «А»      12  ?",
        "5 «Ә»      12  kk",
    ]
    assert "There is nothing to change" in classes(folder, "import", path, "--year", "2026", "--yes").output
    assert ledger_agrees(folder)
    done = classes(folder, "undo")
    assert done.exit_code == 0 and done.stdout == "Taken back: 26; kept: 0\n"
    assert classes(folder, "list", "--year", "2026").stdout.endswith("list.xlsx  (undone)\n")
    assert ledger_agrees(folder)
    assert classes(folder, "undo").exit_code == 1


def test_no_iin_is_in_the_files_of_the_kiosk(folder: Path, tmp_path: Path) -> None:
    path = listed(tmp_path / "list.xlsx", one=of_class("5 «Ә»", NAMES))
    assert classes(folder, "import", path, "--yes").exit_code == 0
    for file in folder.rglob("*"):
        if file.is_file():
            assert iin().encode() not in file.read_bytes(), file


def test_a_doubtful_row_is_asked_about_or_answered_or_left_out(folder: Path, tmp_path: Path) -> None:
    path = listed(tmp_path / "list.xlsx", one=of_class("5 «Ә»", ["Ким", "Ким"]))
    done = classes(folder, "import", path, "--year", "2026", "--yes")
    assert "1 new" in done.output and "1 doubtful" in done.output and "stands in the list twice" in done.output
    done = classes(folder, "import", path, "--year", "2026", "--yes", "--answer", "one:4=new")
    assert "1 new" in done.output and "1 as they were" in done.output, done.output
    classes(folder, "undo")
    done = classes(folder, "import", path, "--year", "2026", given="new\ny\n")
    assert "Who is it" in done.output and "1 new" in done.output
    assert classes(folder, "import", path, "--yes", "--answer", "one:9=new").exit_code == 2


def test_a_list_of_another_school_is_not_done_by_yes_alone(folder: Path, tmp_path: Path) -> None:
    ours = listed(tmp_path / "ours.xlsx", one=of_class("5 «Ә»", NAMES))
    theirs = listed(tmp_path / "theirs.xlsx", one=of_class("5 «Ә»", NAMES, "Дана"))
    assert classes(folder, "import", ours, "--year", "2026", "--yes").exit_code == 0
    done = classes(folder, "import", theirs, "--year", "2026", "--yes", "--left-too")
    assert done.exit_code == 1 and "12 of the 12 pupils" in done.stderr and "--even-so" in done.stderr
    assert "12  kk" in classes(folder, "list", "--year", "2026").stdout
    done = classes(folder, "import", theirs, "--year", "2026", "--left-too", given="no\n")
    assert done.exit_code == 1 and "nothing was done" in done.stderr
    done = classes(folder, "import", theirs, "--year", "2026", "--left-too", given="12\ny\n")
    assert done.exit_code == 0 and "12 left" in done.output, done.output
    assert ledger_agrees(folder)


def test_the_school_moves_up_without_a_list(folder: Path, tmp_path: Path) -> None:
    path = listed(tmp_path / "list.xlsx", one=of_class("5 «Ә»", NAMES), two=of_class("11 А", NAMES[:3]))
    classes(folder, "import", path, "--year", "2026", "--yes")
    done = classes(folder, "move-up", "--year", "2027", given="y\n")
    assert done.exit_code == 0 and "12 moved up" in done.output and "3 left" in done.output
    assert classes(folder, "list", "--year", "2027").stdout.startswith("6 «Ә»      12  kk\n")
    assert "There is nothing to change" in classes(folder, "move-up", "--year", "2027", "--yes").output
    assert classes(folder, "undo").stdout == "Taken back: 16; kept: 0\n"
    assert "11 «А»      3" in classes(folder, "list", "--year", "2026").stdout
    assert ledger_agrees(folder)


def test_a_list_of_another_year_than_the_one_named_is_refused(folder: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"1": [("5 «Ә» сынып 2025-2026",), ("ФИО",), ("Ким Мира",)]})
    done = classes(folder, "import", path, "--year", "2026", "--yes")
    assert done.exit_code == 1 and done.stderr == "kiosk: list.xlsx: the list is of 2025-2026, not of 2026-2027\n"
