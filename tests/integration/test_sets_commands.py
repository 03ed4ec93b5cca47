"""`kiosk sets`: in, shown, out, copied; a bad file changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import main
from kiosk.initialise import initialise


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets") / "kiosk"
    list(initialise(folder, "Test", "kiosk-1", demo=False, today=None))
    return folder


def run(folder: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(main, ["sets", *map(str, words), "--config", str(folder / "kiosk.toml")])


def test_sets_come_in_are_shown_go_out_and_are_copied(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "sets.csv"
    file.write_text(
        "Сынып;Оқыту тілі;Пәні;Басылым жылы;Топ;Жартыжылдық\n"
        "7;қазақ;Алгебра;2023;;\n7;қазақ;Химия;;;2\n7 «Ә»;қазақ;Көркем еңбек;;ұлдар;\n",
        encoding="utf-8",
    )
    done = run(folder, "import", file, "--year", "2026")
    assert done.exit_code == 0, done.output
    assert "2026: 2 sets, 3 textbooks; new 2, changed 0, as they were 0" in done.output
    assert "as they were 2" in run(folder, "import", file, "--year", "2026").output
    shown = run(folder, "show", "7Ә", "--year", "2026").output
    assert "2026 7Ә kk: 1 textbooks" in shown and "Көркем еңбек, boys" in shown and "Химия, from January" in shown
    out = tmp_path / "out.csv"
    assert run(folder, "export", out, "--year", "2026").exit_code == 0
    assert "as they were 2" in run(folder, "import", out, "--year", "2026").output
    assert run(folder, "export", out, "--year", "2026").exit_code == 1, "never over a file that is there"
    assert "2027: 2 sets copied from 2026" in run(folder, "copy", "--year", "2027").output
    assert "2027: 0 sets copied" in run(folder, "copy", "--year", "2027").output
    assert "Алгебра, 2023" in run(folder, "show", "--year", "2027").output
    assert run(folder, "show", "--year", "2020").output == "2020: no sets\n"
    assert run(folder, "show", "7Ә9", "--year", "2026").exit_code == 1


def test_a_bad_file_is_told_line_by_line_and_changes_nothing(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "sets.csv"
    file.write_text("grade;language;subject\n9;kk;Алгебра\n99;kk;Алгебра\n9;?;Химия\n", encoding="utf-8")
    done = run(folder, "import", file, "--year", "2030")
    assert done.exit_code == 1
    assert "line 3" in done.stderr and "line 4" in done.stderr and "Traceback" not in done.stderr
    assert run(folder, "show", "--year", "2030").output == "2030: no sets\n"
