"""The commands: help, exit codes, and what went wrong in one sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kiosk import app
from kiosk.cli import main
from kiosk.config import Config
from tests.driver import school

COMMANDS = (
    "devices",
    "card",
    "classes",
    "staff",
    "init",
    "run",
    "console",
    "ledger",
    "import",
    "export",
    "paper",
    "doctor",
    "pin",
    "outbox",
    "sync",
    "central",
    "guide",
    "screenshots",
    "sets",
)
OF_NO_FOLDER = ("init", "central", "guide", "screenshots")
"""They have nothing to do with a kiosk's data folder."""


def run(*words: str | Path, given: str = "") -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=given)


def every_command(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command there is."""
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


def of_a_folder() -> list[tuple[str, ...]]:
    """The commands, not the groups, that take the settings of a kiosk."""
    groups = {path[:-1] for path in every_command()}
    return [
        words
        for words in every_command()
        if words not in groups
        and words[0] not in OF_NO_FOLDER
        and words not in (("devices", "list"), ("paper", "kinds"))
    ]


@pytest.fixture(name="config", scope="module")
def _config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A data folder that nobody changes much."""
    return school(tmp_path_factory.mktemp("cli") / "kiosk")


def sentences(done: Result) -> list[str]:
    """What it said went wrong; a progress bar may have begun before."""
    lines = [line for line in done.stderr.splitlines() if line != "file.csv"]
    assert all(line.startswith("kiosk: ") for line in lines), done.stderr
    return lines


def one_sentence(done: Result, *parts: str) -> None:
    """It could not be done: exit code 1, one line that says why, no traceback."""
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert done.stdout == ""
    lines = sentences(done)
    assert len(lines) == 1
    assert all(part in lines[0] for part in parts), (parts, lines)


def test_the_commands_are_these() -> None:
    assert set(main.commands) == set(COMMANDS)
    assert set(every_command()) >= {("import", what) for what in ("patrons", "items", "loans", "list", "undo")}


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(words: tuple[str, ...], option: str) -> None:
    done = run(*words, option)
    assert done.exit_code == 0
    assert done.stdout.startswith("Usage: ")
    assert len(done.stdout.splitlines()[2].strip()) > 10, "what it does"


@pytest.mark.parametrize("words", of_a_folder())
def test_every_command_takes_config(words: tuple[str, ...]) -> None:
    assert "--config" in run(*words, "--help").stdout


@pytest.mark.parametrize("words", [(), ("import",)], ids=["kiosk", "import"])
def test_a_group_alone_shows_its_commands(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.exit_code == 2 and "Commands:" in done.output


@pytest.mark.parametrize(
    "words",
    [
        ("nothing",),
        ("console", "--fast"),
        ("console", "--clock", "noon"),
        ("ledger", "extra"),
        ("import", "items"),
        ("import", "items", "no-such-file.csv"),
        ("import", "books", "file.csv"),
        ("init",),
        ("pin",),
        ("export",),
        ("import", "undo"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_2_and_says_how_it_is_used(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert "Usage: " in done.stderr and "Error: " in done.stderr


def with_arguments(words: tuple[str, ...], folder: Path) -> list[str | Path]:
    """A command that would work with the right settings."""
    file = folder / "file.csv"
    file.write_text("barcode;title\nX1;Кітап\n", encoding="utf-8")
    more: dict[tuple[str, ...], list[str | Path]] = {
        ("export",): [folder / "out"],
        ("pin",): ["P0"],
        ("card", "add"): ["P0", "X"],
        ("card", "replace"): ["P0", "X"],
        ("staff", "add"): ["P0", "helper"],
        ("staff", "remove"): ["P0"],
        **{("card", how): ["P0"] for how in ("lost", "found")},
        ("devices", "commands"): [folder / "codes.png"],
        ("import", "undo"): ["0" * 32],
        ("classes", "import"): [file],
        ("sets", "import"): [file],
        ("sets", "export"): [folder / "sets.csv"],
        ("classes", "move-up"): ["--year", "2027"],
        ("paper", "cards"): ["5Ә"],
        ("paper", "roll"): ["65"],
        ("outbox", "dismiss"): ["1", "--reason", "tested"],
        **{("outbox", way): ["1"] for way in ("show", "retry", "resolve", "seen")},
        **{("import", what): [file] for what in ("patrons", "items", "loans")},
    }
    return [*words, *more.get(words, [])]


NEED_CONFIG = [words for words in of_a_folder() if words != ("doctor",)]


@pytest.mark.parametrize("words", NEED_CONFIG, ids=" ".join)
def test_settings_that_are_not_there_are_said_in_a_sentence(words: tuple[str, ...], tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    done = run(*with_arguments(words, tmp_path), "--config", missing)
    one_sentence(done, str(missing), "there is no such file", "kiosk init")


@pytest.mark.parametrize("words", NEED_CONFIG, ids=" ".join)
def test_settings_that_are_wrong_are_said_a_line_each(words: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text('[kiosk]\nschool = 1\nstrange = 2\n[visit]\nidle_s = "x"\n', encoding="utf-8")
    done = run(*with_arguments(words, tmp_path), "--config", path)
    assert done.exit_code == 1
    lines = sentences(done)
    assert len(lines) == 4, lines
    assert {"kiosk.school", "kiosk.strange", "visit.idle_s"} <= {line.split(": ")[1] for line in lines}


READERS = [
    words for words in NEED_CONFIG if words not in (("console",), ("run",), ("sync", "once")) and words[0] != "devices"
]


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_a_ledger_that_is_not_there_is_said_in_a_sentence(words: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text('[kiosk]\nschool = "№ 1"\n', encoding="utf-8")
    done = run(*with_arguments(words, tmp_path), "--config", path, given="1234\n")
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit), done.output
    said = [line for line in done.stderr.splitlines() if line.startswith("kiosk: ")]
    assert len(said) == 1 and "kiosk.db" in said[0], done.stderr
    assert not (tmp_path / "kiosk.db").exists()


def test_a_console_whose_ledger_is_not_there_is_out_of_service(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text('[kiosk]\nschool = "№ 1"\n', encoding="utf-8")
    done = run("console", "--json", "--config", path, given="scan P0\nquit\n")
    assert done.exit_code == 0
    assert [json.loads(line)["view"] for line in done.stdout.splitlines()] == ["out_of_service"] * 3
    assert not (tmp_path / "kiosk.db").exists()


def test_the_settings_may_be_named_by_the_environment(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_CONFIG", str(config.path))
    assert run("ledger", "--json").exit_code == 0


def test_a_folder_is_made_only_once(config: Config, tmp_path: Path) -> None:
    one_sentence(run("init", config.folder), str(config.path), "is there already")
    assert run("init", tmp_path / "new", "--school", "№ 5", "--name", "kiosk-9").exit_code == 0
    made = (tmp_path / "new" / "kiosk.toml").read_text(encoding="utf-8")
    assert 'school = "№ 5"' in made and 'name = "kiosk-9"' in made
    assert not [path for path in (tmp_path / "new").iterdir() if path.suffix == ".new"]


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    one_sentence(run("init", tmp_path / "file" / "kiosk"), str(tmp_path / "file"))


def test_a_second_desk_is_refused_in_a_sentence(config: Config) -> None:
    lock = app.desk_lock(config)
    try:
        one_sentence(run("console", "--json", "--config", config.path), "a kiosk is running on this folder already")
    finally:
        lock.close()


def test_the_ledger_is_listed_as_json_and_as_text(config: Config) -> None:
    rows = json.loads(run("ledger", "--json", "--config", config.path).stdout)
    assert all(list(row) == ["id", "seq", "kind", "item", "patron", "at", "delivery"] for row in rows)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(run("ledger", "--config", config.path).stdout.splitlines()) == len(rows)


def test_a_ledger_that_adds_up_is_0_and_one_that_does_not_is_1(tmp_path: Path) -> None:
    config = school(tmp_path / "kiosk", patrons=1, items=1)
    assert run("ledger", "--check", "--config", config.path).exit_code == 0
    with app.opened(config) as store, store.connection().write() as db:
        db.execute("UPDATE items SET status = 'on_loan' WHERE barcode = 'A0'")
    done = run("ledger", "--check", "--config", config.path)
    assert done.exit_code == 1 and "A0" in done.stdout


def test_rows_to_be_mended_are_exit_code_3(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text("barcode;title\nY1;Кітап\nY2;\n", encoding="utf-8")
    done = run("import", "items", "--config", config.path, file, "--rejects", tmp_path / "mend.csv")
    assert done.exit_code == 3 and str(tmp_path / "mend.csv") in done.stdout
    assert (tmp_path / "mend.csv").exists()


def test_a_file_that_cannot_be_imported_is_said_in_a_sentence(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "picture.csv"
    file.write_bytes(os.urandom(5000))
    done = run("import", "items", "--config", config.path, file)
    assert done.exit_code == 1
    said = [line for line in done.stderr.splitlines() if line.startswith("kiosk: ")]
    assert len(said) == 1 and "picture.csv" in said[0]


@pytest.mark.parametrize("mapping", ["title", "=title", "Атауы="])
def test_a_mapping_of_no_form_is_wrong_use(mapping: str, config: Config, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("a;b\n", encoding="utf-8")
    done = run("import", "items", "--config", config.path, file, "--map", mapping)
    assert done.exit_code == 2 and "HEADING=COLUMN" in done.stderr


def test_an_unknown_import_cannot_be_undone(config: Config) -> None:
    one_sentence(run("import", "undo", "--config", config.path, "no-such-batch"), "no-such-batch")


@pytest.mark.parametrize(("given", "says"), [("12\n", "4 to 8 digits"), ("abcd\n", "4 to 8 digits"), ("\n", "digits")])
def test_a_pin_that_is_none_is_refused_and_not_repeated(given: str, says: str, config: Config) -> None:
    done = run("pin", "--config", config.path, "P0", given=given)
    one_sentence(done, says)
    assert given.strip() not in done.stderr.replace("4 to 8", "") or not given.strip()


def test_a_pin_for_nobody_is_refused(config: Config) -> None:
    one_sentence(run("pin", "--config", config.path, "C-NOBODY", given="1234\n"), "C-NOBODY")


def test_pictures_that_are_none_are_refused(config: Config) -> None:
    one_sentence(run("pin", "--config", config.path, "P0", "--pictures", given="cat dog\n"), "a picture PIN is 4 of")


def test_the_doctor_says_what_is_bad(config: Config, tmp_path: Path) -> None:
    good = run("doctor", "--config", config.path)
    assert good.exit_code == 0 and "BAD" not in good.stdout, good.stdout
    bad = run("doctor", "--config", tmp_path / "none.toml")
    assert bad.exit_code == 1 and "BAD  settings" in bad.stdout


def test_a_size_that_is_none_is_said_in_a_sentence(config: Config) -> None:
    one_sentence(run("run", "--config", config.path, "--size", "big"), "big")


def test_without_a_central_library_there_is_nothing_to_agree_with(config: Config) -> None:
    one_sentence(run("sync", "once", "--config", config.path), "central.kind", '"none"')
