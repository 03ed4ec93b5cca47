"""Makes documents: the facts from the store, the page from reports/, the file into its folder, and to the printer."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.circulation.calendar import school_year
from kiosk.circulation.clock import reckon
from kiosk.circulation.model import SchoolClass
from kiosk.circulation.sheet_sums import coverage, stock
from kiosk.circulation.sheets import LabelFace
from kiosk.circulation.staff.papers import Document, MakePaper, PaperMade
from kiosk.config import Config
from kiosk.errors import KioskError, StoreError
from kiosk.ports import Clock
from kiosk.reports.bars import CODES, Code
from kiosk.reports.label_papers import PAPERS, LabelPaper
from kiosk.reports.saving import save
from kiosk.store import SqliteStore
from kiosk.store.own_numbers import StoreNumbers
from kiosk.store.report_reads import StoreReports
from kiosk.text import words

if TYPE_CHECKING:
    from kiosk.text import Words

log = logging.getLogger(__name__)

LP_TIMEOUT_S = 5.0


class NothingToPrint(KioskError):
    """There is nobody and nothing that a document would be about."""


class NotPrinted(KioskError):
    """The printer did not take a document; its file is there."""


@dataclass(frozen=True, slots=True)
class Labels:
    """How labels or cards are printed. start: the first free label of a sheet that is partly used."""

    paper: LabelPaper
    code: Code
    start: int = 1
    shift: tuple[float, float] = (0.0, 0.0)


class Papers:
    """Documents of one kiosk in one language. Raises StoreError, and what of KioskError a method names."""

    def __init__(self, config: Config, store: SqliteStore, clock: Clock, language: str) -> None:
        self._config = config
        self._reads = StoreReports(store)
        self._numbers = StoreNumbers(store, clock)
        self._words: Words = words(language)
        self.made: datetime = reckon(clock.read(), store.mark()).wall
        self.year = school_year(self.made.date())
        self.term = 2 if self.made.month < 6 else 1

    def labels_as_set(self, cards: bool = False) -> Labels:
        """How the settings want labels, or cards."""
        settings = self._config.outputs.documents
        code = next(code for code in CODES if code == settings.code)
        return Labels(PAPERS[settings.cards if cards else settings.labels], code, 1, settings.shift)

    def class_sheets(self, school_class: SchoolClass | None) -> bytes:
        """The sheet of a class, or of all. Raises NothingToPrint."""
        from kiosk.reports.classes import class_sheet

        sheets = self._reads.class_sheets(self.year, self.term, school_class)
        _must(sheets, "no pupils are in this class" if school_class else "no pupils are in any class")
        return class_sheet(sheets, self._config.school, self.made, self._words)

    def coverage(self) -> bytes:
        """How far all classes have their textbooks. Raises NothingToPrint."""
        from kiosk.reports.classes import coverage_sheet

        sheets = self._reads.class_sheets(self.year, self.term)
        _must(sheets, "no pupils are in any class")
        covers = [coverage(sheet) for sheet in sheets]
        return coverage_sheet(covers, self.year, self._config.school, self.made, self._words)

    def stock(self) -> bytes:
        """Which textbooks are missing, and which are too many. Raises NothingToPrint."""
        from kiosk.reports.stock import stock_sheet

        # The whole year's sets: what is wanted in January is to be there, too.
        grades = stock(self._reads.class_sheets(self.year, 2), self._reads.textbook_stock())
        _must(grades, "there are no textbooks, and no sets")
        return stock_sheet(grades, self.year, self._config.school, self.made, self._words)

    def debtors(self, school_class: SchoolClass | None, everything: bool) -> bytes:
        """Who has what, in a class or in all of them."""
        from kiosk.reports.debts import debtors

        classes = self._reads.debts(self.made.date(), everything, school_class)
        return debtors(classes, everything, self._config.school, self.made, self._words)

    def clearance(self, patron_ids: Sequence[str], school_class: SchoolClass | None = None) -> bytes:
        """The sheets of these borrowers; without any, of a class's; without one, of all who have left with books.

        Raises NothingToPrint.
        """
        from kiosk.reports.debts import clearance

        if not patron_ids and school_class is not None:
            patron_ids = self._reads.pupils_of(school_class, self.year)
        elif not patron_ids:
            patron_ids = self._reads.gone_with_books()
        leavers = self._reads.leavers(patron_ids, self.made.date())
        _must(leavers, "nobody who has left has a book")
        return clearance(leavers, self._config.school, self.made, self._words)

    def cards(
        self, school_class: SchoolClass, give: bool = False, labels: Labels | None = None, staff: str | None = None
    ) -> bytes:
        """The cards of a class. give: those who have none get one. Raises NothingToPrint, NumbersError, CodeError."""
        from kiosk.reports.labels import card_sheets

        of = labels or self.labels_as_set(cards=True)
        pupils = self._reads.pupils_of(school_class, self.year)
        if give and (bare := self._reads.without_card(pupils)):
            self._numbers.new_cards(self._config.codes.new_card, bare, staff)
        faces = [replace(face, school_class=school_class) for face in self._reads.cards(pupils)]
        _must(faces, "nobody in this class has a card")
        return card_sheets(faces, of.paper, of.code, of.start, of.shift, self._config.school, self.made, self._words)

    def labels(self, faces: Sequence[LabelFace], labels: Labels) -> bytes:
        """Labels for copies. Raises NothingToPrint, CodeError."""
        from kiosk.reports.labels import label_sheets

        _must(faces, "no copies are to have labels")
        return label_sheets(
            faces, labels.paper, labels.code, labels.start, labels.shift, self._config.school, self.made, self._words
        )

    def roll(self, count: int, labels: Labels, staff: str | None = None) -> bytes:
        """So many blank labels with numbers that no label has; 0: as many as are left on the sheet. Raises
        NumbersError, CodeError."""
        count = count or labels.paper.labels - labels.start + 1
        numbers = self._numbers.new_labels(self._config.codes.blank, count, staff)
        return self.labels([LabelFace(number) for number in numbers], labels)

    def name(self, document: Document | str, school_class: SchoolClass | None = None) -> str:
        """What a document's file is called: «Оқулық беру тізімдемесі, 5 «Ә», 2026-08-20»."""
        title = self._words.label(f"paper.{document}")
        said = self._words.school_class(school_class) if school_class else ""
        return ", ".join(part for part in (title, said, f"{self.made:%Y-%m-%d}") if part)

    def keep(self, name: str, content: bytes) -> Path:
        """Put a document into the folder of the settings. Raises NotSaved."""
        return save(self._config.outputs.documents.folder, name, content)


def _must(facts: Sequence[object], otherwise: str) -> None:
    if not facts:
        raise NothingToPrint(otherwise)


def print_file(path: Path, printer: str) -> None:
    """Give a file to a printer of CUPS, at its own size. Raises NotPrinted."""
    command = ["lp", "-d", printer, "-o", "media=A4", "-o", "print-scaling=none", "--", str(path)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=LP_TIMEOUT_S
        )
    except FileNotFoundError:
        raise NotPrinted(f"printer {printer}: there is no command `lp` here; install cups-client") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotPrinted(f"printer {printer}: it did not take {path.name}") from error
    if done.returncode:
        said = " ".join(done.stderr.split())[:200]
        raise NotPrinted(f"printer {printer}: it did not take {path.name}: {said or done.returncode}")


def make_deed(config: Config, store: SqliteStore, clock: Clock, deed: MakePaper) -> PaperMade:
    """Do what a page of the staff's mode asked for. Raises StoreError if the ledger cannot be used."""
    try:
        papers = Papers(config, store, clock, deed.language)
        path = papers.keep(papers.name(deed.document, deed.school_class), _content(papers, deed))
    except StoreError:
        raise
    except NothingToPrint:
        return PaperMade(empty=True)
    except KioskError as error:
        log.error("no document: %s", error)
        return PaperMade()
    printer = config.outputs.documents.printer
    if not printer:
        return PaperMade(path.name)
    try:
        print_file(path, printer)
    except NotPrinted as error:
        log.error("%s", error)
        return PaperMade(path.name, unprinted=True)
    return PaperMade(path.name, printed=True)


def _content(papers: Papers, deed: MakePaper) -> bytes:
    of = deed.school_class
    match deed.document:
        case Document.CLASS_SHEET:
            return papers.class_sheets(of)
        case Document.COVERAGE:
            return papers.coverage()
        case Document.STOCK:
            return papers.stock()
        case Document.DEBTORS:
            return papers.debtors(of, deed.everything)
        case Document.CLEARANCE:
            return papers.clearance([deed.patron_id] if deed.patron_id else [], of)
        case Document.CARDS:
            if of is None:
                raise NothingToPrint("cards are printed class by class")
            return papers.cards(of, deed.everything, staff=deed.staff)
        case Document.ROLL:
            return papers.roll(deed.count, papers.labels_as_set(), deed.staff)
