"""`kiosk paper` and the deed of the staff's screen, from the ledger to the file and to the printer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import zxingcpp
from click.testing import CliRunner, Result

from kiosk import app
from kiosk.backroom import open_backroom
from kiosk.circulation.identify import ItemBarcode, PatronCard, identify
from kiosk.circulation.model import SchoolClass
from kiosk.circulation.staff.papers import Document, MakePaper, PaperMade
from kiosk.cli import main
from kiosk.config import Config, load
from kiosk.devices.clock import HandClock
from kiosk.errors import StoreError
from kiosk.store import SqliteStore
from tests.driver import school
from tests.printed import Printed

FIVE = SchoolClass(5, "А")


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Config:
    return school(tmp_path / "kiosk", settings=["[paper]", 'labels = "a4-5x13-38.1x21.2"'])


@pytest.fixture(name="store")
def _store(config: Config) -> Iterator[SqliteStore]:
    with app.opened(config) as store:
        yield store


@pytest.fixture(name="paper")
def _paper(config: Config) -> Callable[..., Result]:
    """Runs `kiosk paper` on the folder."""

    def run(*words: str | Path) -> Result:
        return CliRunner().invoke(main, ["paper", *map(str, words), "--config", str(config.path)])

    return run


def printed(done: Result) -> Printed:
    """The file that a command named."""
    assert done.exit_code == 0, done.output
    return Printed(Path(done.stdout.splitlines()[0]).read_bytes())


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        (("sheet", "5А"), "Тегі7 Аты7"),
        (("sheet",), "1 «А» · "),
        (("coverage",), "6 «А»"),
        (("debtors",), "Должников нет"),
        (("clearance", "P3"), "Тегі3 Аты3"),
        (("clearance", "--class", "6 «А»"), "Тегі10 Аты10"),
        (("labels", "A1", "1002-1005"), "A3 · 1003"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_document_is_a_file_in_the_folder_of_the_settings(
    config: Config, paper: Callable[..., Result], words: tuple[str, ...], holds: str
) -> None:
    done = paper(*words, "--language", "ru")
    assert holds in printed(done).text()
    (path,) = (config.folder / "paper").iterdir()
    assert done.stdout == f"{path}\n" and path.suffix == ".pdf"


def test_a_document_goes_where_it_is_wanted(paper: Callable[..., Result], tmp_path: Path) -> None:
    out = tmp_path / "list.pdf"
    assert len(printed(paper("sheet", "--out", out))) > 2, "a class each"


def test_every_card_of_a_class_reads_as_its_readers_and_new_ones_are_given_once(
    config: Config, paper: Callable[..., Result]
) -> None:
    def read(done: Result) -> set[str]:
        return {code.text for code in zxingcpp.read_barcodes(printed(done).picture())}

    assert read(paper("cards", "5А")) == {f"P{n}" for n in range(10)}
    for number in range(3):
        assert CliRunner().invoke(main, ["card", "lost", f"P{number}", "--config", str(config.path)]).exit_code == 0
    assert read(paper("cards", "5А")) == {f"P{n}" for n in range(3, 10)}
    given = read(paper("cards", "5А", "--give", "--code", "qr"))
    assert len(given) == 10 and read(paper("cards", "5А", "--give")) == given
    new = given - {f"P{n}" for n in range(10)}
    assert len(new) == 3 and all(identify(card, config.codes) == PatronCard(card) for card in new)


def test_a_roll_of_blank_labels_reads_and_its_numbers_are_items(config: Config, paper: Callable[..., Result]) -> None:
    sheets = [printed(paper("roll", "65")), printed(paper("roll", "3", "--start", "64"))]
    first = [code.text for code in zxingcpp.read_barcodes(sheets[0].picture())]
    assert len(set(first)) == 65 and all(identify(code, config.codes) == ItemBarcode(code) for code in first)
    assert len(sheets[1]) == 2
    rest = {code.text for page in (0, 1) for code in zxingcpp.read_barcodes(sheets[1].picture(page))}
    assert len(rest) == 3 and not rest & set(first)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sheet", "9Б"), "no pupils are in this class"),
        (("stock",), "there are no textbooks"),
        (("clearance",), "nobody who has left has a book"),
        (("clearance", "P99"), "no reader has the card or external id P99"),
        (("cards", "9Б"), "nobody in this class has a card"),
        (("labels",), "no copies are to have labels"),
        (("labels", "A1", "77777"), "no copy has the number 77777"),
        (("labels", "A1", "--labels", "a5"), "a5 is no label paper; there are a4-3x8"),
        (("labels", "A1", "--start", "66"), "has 65 labels on a sheet"),
        (("sheet", "--language", "de"), "there is no language de"),
        (("sheet", "--print"), "paper.printer"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_made_is_said_in_a_sentence_and_leaves_no_file(
    config: Config, paper: Callable[..., Result], words: tuple[str, ...], said: str
) -> None:
    done = paper(*words)
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit)
    assert len(done.stderr.splitlines()) == 1 and said in done.stderr and done.stdout == ""
    assert not (config.folder / "paper").exists()


def deed(config: Config, store: SqliteStore, asked: MakePaper) -> PaperMade:
    clock = HandClock(datetime(2026, 8, 20, 10, 15, tzinfo=config.timezone))
    answer = open_backroom(config, store, clock).do(asked)
    assert isinstance(answer, PaperMade)
    return answer


@pytest.mark.parametrize("document", Document)
def test_staff_have_every_document_made_from_the_screen(config: Config, store: SqliteStore, document: Document) -> None:
    made = deed(config, store, MakePaper(document, "kk", "17", FIVE, everything=True))
    if document is Document.STOCK:
        assert made == PaperMade(empty=True)
        return
    assert made.name.endswith("2026-08-20.pdf") and not made.printed and not made.unprinted
    assert len(Printed((config.folder / "paper" / made.name).read_bytes())) >= 1


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_ledger(config: Config, store: SqliteStore) -> None:
    (config.folder / "paper").write_text("a file", encoding="utf-8")
    assert deed(config, store, MakePaper(Document.CLASS_SHEET, "kk", "17")) == PaperMade()


def test_a_ledger_that_cannot_be_read_is_the_desks_to_show(config: Config) -> None:
    config.store.unlink()
    with app.opened(config) as gone, pytest.raises(StoreError):
        deed(config, gone, MakePaper(Document.CLASS_SHEET, "kk", "17"))


@pytest.fixture(name="spool")
def _spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `lp` in front of any other one, which keeps what it is given; it does not know the printer "absent"."""
    folder = tmp_path / "bin"
    folder.mkdir()
    lp = folder / "lp"
    lp.write_text(
        f'#!/bin/sh\n[ "$2" = absent ] && {{ echo "lp: Error - no such printer" >&2; exit 1; }}\n'
        f'printf "%s\\n" "$@" >{tmp_path}/said\n',
        encoding="utf-8",
    )
    lp.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return tmp_path / "said"


def with_printer(config: Config, name: str) -> Config:
    text = config.path.read_text(encoding="utf-8")
    config.path.write_text(text.replace('printer = ""', f'printer = "{name}"'), encoding="utf-8")
    return load(config.path)


def test_a_printer_is_given_the_file_at_its_own_size(
    config: Config, store: SqliteStore, spool: Path, paper: Callable[..., Result]
) -> None:
    config = with_printer(config, "office")
    made = deed(config, store, MakePaper(Document.CLASS_SHEET, "kk", "17", FIVE))
    assert made.printed
    *words, path = spool.read_text(encoding="utf-8").splitlines()
    assert words == ["-d", "office", "-o", "media=A4", "-o", "print-scaling=none", "--"]
    assert Path(path) == config.folder / "paper" / made.name
    assert paper("debtors", "--print").stdout.endswith("printer office: sent\n")


def test_a_printer_that_is_not_there_leaves_the_file(config: Config, store: SqliteStore, spool: Path) -> None:
    config = with_printer(config, "absent")
    made = deed(config, store, MakePaper(Document.CLASS_SHEET, "kk", "17", FIVE))
    assert made.unprinted and not made.printed and (config.folder / "paper" / made.name).exists()
    done = CliRunner().invoke(main, ["paper", "sheet", "5А", "--print", "--config", str(config.path)])
    assert done.exit_code == 1 and "printer absent" in done.stderr and "no such printer" in done.stderr
    assert done.stdout.endswith(".pdf\n"), "where the file is"
