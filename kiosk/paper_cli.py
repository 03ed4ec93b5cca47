"""`kiosk paper`: sheets, lists, cards and labels as PDF, for an A4 printer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiosk.cli_common import HELP, config_option, in_one_sentence

if TYPE_CHECKING:
    from kiosk.circulation.model import SchoolClass
    from kiosk.config import Config
    from kiosk.papers import Labels, Papers
    from kiosk.store import SqliteStore


@click.group(context_settings=HELP)
def paper() -> None:
    """Class sheets, lists, reader cards and labels as PDF: docs/paper.md. Print them at 100 %."""


class ClassName(click.ParamType["SchoolClass"]):
    """A class on the command line: 5Ә, "5 «Ә»", 11."""

    name = "CLASS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> SchoolClass:
        """Raises BadParameter for anything else."""
        from kiosk.circulation.classes import parse_class

        found = parse_class(str(value))
        if found is None:
            self.fail(f"{value!r} is not a class; write 5Ә", param, ctx)
        return found


def _document(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every document has."""

    @config_option
    @click.option("--language", default="", help="kk, ru or en; else the first one of the settings.")
    @click.option(
        "--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="A file; else in paper.folder."
    )
    @click.option("--print", "to_printer", is_flag=True, help="Give it to the printer of the settings as well.")
    @in_one_sentence
    @wraps(command)
    def with_options(*args: Any, **kwargs: Any) -> Any:
        return command(*args, **kwargs)

    return with_options


def _on_labels(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of what is printed on labels."""
    for option in (
        click.option("--start", type=click.IntRange(1), default=1, help="The first free label, row by row."),
        click.option("--code", type=click.Choice(["code128", "qr"]), default=None, help="Else that of the settings."),
        click.option("--labels", "label_paper", default="", help="A label paper of `kiosk paper kinds`."),
    ):
        command = option(command)
    return command


@contextmanager
def _papers(config_path: Path, language: str) -> Iterator[tuple[Papers, SqliteStore, Config]]:
    from kiosk import app, text
    from kiosk.config import load
    from kiosk.errors import ConfigError
    from kiosk.papers import Papers

    config = load(config_path)
    chosen = language or config.settings.languages[0]
    if chosen not in text.languages():
        raise ConfigError([f"there is no language {chosen}; there are {', '.join(text.languages())}"])
    with app.opened(config) as store:
        yield Papers(config, store, app.system_clock(config, store), chosen), store, config


def _give_out(papers: Papers, config: Config, name: str, content: bytes, out: Path | None, to_printer: bool) -> None:
    """Write the document, say where it is, and print it if that was asked for."""
    from kiosk.errors import ConfigError
    from kiosk.papers import print_file
    from kiosk.reports.saving import overwrite

    printer = config.outputs.documents.printer
    if to_printer and not printer:
        raise ConfigError(["paper.printer: the name of a printer is expected for --print"])
    if out is not None:
        overwrite(out, content)
    path = out if out is not None else papers.keep(name, content)
    click.echo(str(path))
    if to_printer:
        print_file(path, printer)
        click.echo(f"printer {printer}: sent")


def _labels(papers: Papers, cards: bool, label_paper: str, code: str | None, start: int) -> Labels:
    from dataclasses import replace

    from kiosk.errors import ConfigError
    from kiosk.reports.bars import CODES
    from kiosk.reports.label_papers import PAPERS

    labels = papers.labels_as_set(cards)
    if label_paper:
        if label_paper not in PAPERS:
            raise ConfigError([f"{label_paper} is no label paper; there are {', '.join(PAPERS)}"])
        labels = replace(labels, paper=PAPERS[label_paper])
    if start > labels.paper.labels:
        raise ConfigError([f"--start {start}: {labels.paper.name} has {labels.paper.labels} labels on a sheet"])
    chosen = next((one for one in CODES if one == code), labels.code)
    return replace(labels, code=chosen, start=start)


@paper.command()
@_document
@click.argument("school_class", type=ClassName(), required=False, metavar="[CLASS]")
def sheet(
    config_path: Path, language: str, out: Path | None, to_printer: bool, school_class: SchoolClass | None
) -> None:
    """The sheet of a CLASS, or of every class, on which pupils sign for their textbooks."""
    with _papers(config_path, language) as (papers, _, config):
        content = papers.class_sheets(school_class)
        _give_out(papers, config, papers.name("class_sheet", school_class), content, out, to_printer)


@paper.command()
@_document
def coverage(config_path: Path, language: str, out: Path | None, to_printer: bool) -> None:
    """How far each class has its textbooks, in all and subject by subject."""
    with _papers(config_path, language) as (papers, _, config):
        _give_out(papers, config, papers.name("coverage"), papers.coverage(), out, to_printer)


@paper.command()
@_document
def stock(config_path: Path, language: str, out: Path | None, to_printer: bool) -> None:
    """Which textbooks are missing and which are too many, by grade."""
    with _papers(config_path, language) as (papers, _, config):
        _give_out(papers, config, papers.name("stock"), papers.stock(), out, to_printer)


@paper.command()
@_document
@click.option("--all", "everything", is_flag=True, help="Also what is not late yet.")
@click.argument("school_class", type=ClassName(), required=False, metavar="[CLASS]")
def debtors(
    config_path: Path,
    language: str,
    out: Path | None,
    to_printer: bool,
    everything: bool,
    school_class: SchoolClass | None,
) -> None:
    """Who should have brought what back, in a CLASS or in all."""
    with _papers(config_path, language) as (papers, _, config):
        name = papers.name("on_loan" if everything else "debtors", school_class)
        _give_out(papers, config, name, papers.debtors(school_class, everything), out, to_printer)


@paper.command()
@_document
@click.option("--class", "school_class", type=ClassName(), default=None, help="All pupils of a class.")
@click.argument("readers", nargs=-1)
def clearance(
    config_path: Path,
    language: str,
    out: Path | None,
    to_printer: bool,
    school_class: SchoolClass | None,
    readers: tuple[str, ...],
) -> None:
    """The sheets of READERS who leave, by card or external id; without any, of all who have left with books."""
    from kiosk.papers import NothingToPrint

    with _papers(config_path, language) as (papers, store, config):
        known = {reader: store.patron_named(reader) for reader in readers}
        for reader, patron_id in known.items():
            if patron_id is None:
                raise NothingToPrint(f"no reader has the card or external id {reader}")
        content = papers.clearance([one for one in known.values() if one is not None], school_class)
        _give_out(papers, config, papers.name("clearance", school_class), content, out, to_printer)


@paper.command()
@_document
@_on_labels
@click.option("--give", is_flag=True, help="Pupils who have no card get a number (codes.new_card).")
@click.argument("school_class", type=ClassName(), metavar="CLASS")
def cards(
    config_path: Path,
    language: str,
    out: Path | None,
    to_printer: bool,
    label_paper: str,
    code: str | None,
    start: int,
    give: bool,
    school_class: SchoolClass,
) -> None:
    """The reader cards of a CLASS."""
    with _papers(config_path, language) as (papers, _, config):
        labels = _labels(papers, True, label_paper, code, start)
        content = papers.cards(school_class, give, labels)
        _give_out(papers, config, papers.name("cards", school_class), content, out, to_printer)


@paper.command(name="labels")
@_document
@_on_labels
@click.option("--isbn", default="", help="All copies of an edition.")
@click.option("--torn", is_flag=True, help="All copies whose label was found torn.")
@click.argument("numbers", nargs=-1)
def labels_command(
    config_path: Path,
    language: str,
    out: Path | None,
    to_printer: bool,
    label_paper: str,
    code: str | None,
    start: int,
    isbn: str,
    torn: bool,
    numbers: tuple[str, ...],
) -> None:
    """Labels for copies, by their barcodes or inventory NUMBERS; 1200-1260 is a span of inventory numbers."""
    from kiosk.papers import NothingToPrint
    from kiosk.store.report_reads import StoreReports

    with _papers(config_path, language) as (papers, store, config):
        reads = StoreReports(store)
        labels = _labels(papers, False, label_paper, code, start)
        faces, unknown = reads.labels_of(numbers)
        if unknown:
            raise NothingToPrint(f"no copy has the number {', '.join(unknown[:10])}")
        faces += reads.labels_by_isbn(isbn) if isbn else ()
        faces += reads.torn_labels() if torn else ()
        _give_out(papers, config, papers.name("labels"), papers.labels(faces, labels), out, to_printer)


@paper.command()
@_document
@_on_labels
@click.argument("count", type=click.IntRange(1, 20_000))
def roll(
    config_path: Path,
    language: str,
    out: Path | None,
    to_printer: bool,
    label_paper: str,
    code: str | None,
    start: int,
    count: int,
) -> None:
    """COUNT blank labels, for textbooks without numbers. Their numbers are on no other label, of any kiosk."""
    with _papers(config_path, language) as (papers, _, config):
        labels = _labels(papers, False, label_paper, code, start)
        _give_out(papers, config, papers.name("roll"), papers.roll(count, labels), out, to_printer)


@paper.command()
@in_one_sentence
def kinds() -> None:
    """List the label papers."""
    from kiosk.reports.label_papers import PAPERS

    for name, one in PAPERS.items():
        use = "plain paper, to be cut" if one.cut else "labels"
        click.echo(f"{name:<20} {one.labels:>3} on a sheet, {one.width:g} x {one.height:g} mm, {use}")
