"""An import from beginning to end: short batches, each durable before the next; what was stopped goes on."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

from kiosk.circulation.intake import Batch, Intake, Outcome, Result, Row
from kiosk.errors import ImportFileError
from kiosk.imports.rejects import RejectsWriter
from kiosk.imports.rows import Parsed, ToCard, read_rows

BATCH_ROWS = 100
"""Of the 200 that a write batch may have: a desk then waits half as long, and rows still come in faster than needed."""


class Importer(Protocol):
    """What takes the rows of an import in: the store."""

    def begin(self, what: Intake, file_name: str, sha256: str) -> Batch:
        """The import of this very file (by its digest): an unfinished one is continued, else a new one."""
        ...

    def apply(self, batch: str, rows: Sequence[Row], upto: int) -> Sequence[Outcome]:
        """Take in at most BATCH_ROWS rows in one durable transaction; say of each, in order, what became of it.

        upto: how many rows of the file are settled once it is committed. rows may be none.
        """
        ...

    def finish(self, batch: str) -> None:
        """All rows of the file are settled."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. rows: of the file, settled so far; share: how much of the file was read, 0 to 1."""

    rows: int
    share: float


@dataclass(slots=True)
class Report:
    """What an import did. skipped: rows that an earlier run had settled. already: the file was wholly imported before.

    rejects: the file of rows to be mended, None if there are none. unused: headings that were not imported.
    """

    batch: str
    skipped: int = 0
    already: bool = False
    counts: Counter[Result] = field(default_factory=Counter)
    rejects: Path | None = None
    unused: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows this run settled."""
        return self.counts.total()


def run_import(
    what: Intake,
    path: Path,
    importer: Importer,
    *,
    mapping: Mapping[str, str] | None = None,
    rejects_path: Path,
    progress: Callable[[Progress], None] = lambda _: None,
    pause: Callable[[], None] = lambda: None,
    card: ToCard = lambda number: number,
) -> Report:
    """Import a file of patrons, items or loans; rows that are bad, doubtful or rejected go to the rejects file.

    mapping: {heading: column}. card: brings a card's number to the form in which it is kept, None: it has none.
    pause: called between two batches, so that a running desk gets its turn. A run that was stopped, by whatever, is
    continued by the same call. Raises ImportFileError if the file cannot be imported as a whole, and what the importer
    raises; what was committed before stays.
    """
    if rejects_path.resolve() == path.resolve():
        raise ImportFileError(f"{path.name}: the rejects file must be another file than the one that is imported")
    rows = read_rows(what, path, mapping, card)
    batch = importer.begin(what, path.name, _digest(path))
    report = Report(batch.id, skipped=batch.done_rows, already=batch.finished, unused=rows.unused)
    if batch.finished:
        return report
    rejects = RejectsWriter(rejects_path, rows.headings, keep=batch.done_rows > 0)
    parsed = iter(rows)
    _skip(parsed, batch, rejects)
    done = batch.done_rows
    for chunk in _chunks(parsed):
        if done > batch.done_rows:
            pause()
        done += len(chunk)
        _settle(chunk, done, batch.id, importer, rejects, report)
        progress(Progress(done, rows.share))
    importer.finish(batch.id)
    report.rejects = rejects_path if rejects_path.exists() else None
    progress(Progress(done, 1.0))
    return report


def _settle(
    chunk: list[Parsed], upto: int, batch: str, importer: Importer, rejects: RejectsWriter, report: Report
) -> None:
    """One batch: bad rows are noted before it is committed, so that none is settled without a trace."""
    rejects.add((bad.line, bad.raw, bad.reason) for bad in chunk if bad.row is None)
    good = [parsed for parsed in chunk if parsed.row is not None]
    outcomes = importer.apply(batch, [parsed.row for parsed in good if parsed.row is not None], upto)
    report.counts[Result.REJECTED] += len(chunk) - len(good)
    report.counts.update(outcome.result for outcome in outcomes)
    _note(good, outcomes, rejects)


def _note(good: Sequence[Parsed], outcomes: Sequence[Outcome], rejects: RejectsWriter) -> None:
    rejects.add(
        (parsed.line, parsed.raw, outcome.reason or outcome.result.value)
        for parsed, outcome in zip(good, outcomes, strict=True)
        if outcome.result in (Result.DOUBTFUL, Result.REJECTED)
    )


def _skip(parsed: Iterator[Parsed], batch: Batch, rejects: RejectsWriter) -> None:
    """Pass over what an earlier run settled; note again what it may not have had time to note."""
    recent: deque[Parsed] = deque(maxlen=len(batch.last))
    for entry in islice(parsed, batch.done_rows):
        if entry.row is not None:
            recent.append(entry)
    if len(recent) == len(batch.last):
        _note(list(recent), batch.last, rejects)


def _chunks(parsed: Iterator[Parsed]) -> Iterator[list[Parsed]]:
    while chunk := list(islice(parsed, BATCH_ROWS)):
        yield chunk


def _digest(path: Path) -> str:
    """The file's SHA-256, by which it is known again whatever it is called."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ImportFileError(f"{path.name}: the file cannot be read: {error.strerror or error}") from error
