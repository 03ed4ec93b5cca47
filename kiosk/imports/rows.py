"""Checked rows out of any file that can be imported, each with what it says in the file and why if it is bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from kiosk.circulation.cells import unguarded
from kiosk.circulation.intake import Intake, ItemRow, LoanRow, PatronRow, Row
from kiosk.errors import ImportFileError
from kiosk.imports import marc, values
from kiosk.imports.headings import COLUMNS, FULL_NAME, OWN_COLUMNS, Headings, find_headings, knows
from kiosk.imports.tables import Form, Table, form_of, read_table
from kiosk.imports.values import BadValue

HEADING_ROWS = 20
Cells = Mapping[str, str]
ToCard = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Parsed:
    """One row of a file. line: of the text, row of the sheet or number of the record. raw: its cells by heading.

    row: what it says, or None; then reason is the sentence that says why.
    """

    line: int
    raw: dict[str, str]
    row: Row | None
    reason: str = ""


class Rows:
    """The rows of a file, read as they are asked for. card: brings a card's number to the form in which it is kept.

    headings: the file's own, in order. unused: those whose columns are not imported. share: how much was read, 0 to 1.
    Raises ImportFileError, at once or while reading, for a file that cannot be imported as a whole.
    """

    def __init__(
        self, what: Intake, path: Path, mapping: Mapping[str, str] | None = None, card: ToCard = lambda number: number
    ) -> None:
        self._what = what
        self._card = card
        self._name = path.name
        self._build = _BUILDERS[what]
        if form_of(path) is Form.MARC:
            if what is not Intake.ITEMS:
                raise ImportFileError(f"{path.name}: these are catalogue records; they can be imported as items only")
            self._records = marc.Records(path)
            self._source: marc.Records | Table = self._records
            self.headings = COLUMNS[Intake.ITEMS]
            self.unused: tuple[str, ...] = ()
            self._rows = self._from_records()
        else:
            self._source = read_table(path, knows(what, mapping or {}))
            rows = ((line, [unguarded(cell) for cell in cells]) for line, cells in self._source)
            first = list(islice(rows, HEADING_ROWS))
            found = find_headings(what, first, mapping or {}, path.name)
            self.headings = found.names
            self.unused = found.unused
            self._rows = self._from_table(found, chain(first, rows))

    @property
    def share(self) -> float:
        """How much of the file was read so far, 0 to 1."""
        return self._source.share

    def __iter__(self) -> Iterator[Parsed]:
        return self._rows

    def _from_table(self, found: Headings, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Parsed]:
        heading_row: list[str] = []
        used = [(at, column) for at, column in enumerate(found.columns) if column]
        for line, cells in rows:
            if line == found.line:
                heading_row = cells
            if line <= found.line or cells == heading_row:  # a printed list repeats its headings on every page
                continue
            raw = dict(zip(found.names, cells, strict=False))
            for name in OWN_COLUMNS:
                raw.pop(name, None)
            extra = [cell for cell in cells[len(found.names) :] if cell.strip()]
            if not extra and not any(cell.strip() for cell in raw.values()):
                continue
            if extra:
                last = next(name for name in reversed(found.names) if name not in OWN_COLUMNS)
                raw[last] = ";".join([raw.get(last, ""), *extra])
                many = f"{len(cells)} cells under {len(found.names)} headings"
                yield Parsed(line, raw, None, f"{many}: a separator or a quotation mark too many")
                continue
            yield self._parsed(line, raw, {column: cells[at] for at, column in used if at < len(cells)})

    def _from_records(self) -> Iterator[Parsed]:
        for number, record in self._records:
            if isinstance(record, str):
                yield Parsed(number, {}, None, record)
            else:
                for cells in record:
                    yield self._parsed(number, cells, cells)

    def _parsed(self, line: int, raw: dict[str, str], cells: Cells) -> Parsed:
        try:
            return Parsed(line, raw, self._kept(self._build(cells)))
        except BadValue as bad:
            return Parsed(line, raw, None, str(bad))

    def _kept(self, row: Row) -> Row:
        """The row with its card's number in the form in which it is kept. Raises BadValue if it has no such form."""
        if isinstance(row, ItemRow) or not row.card:
            return row
        number = self._card(row.card)
        if number is None:
            raise BadValue("card", row.card, "no number of a chip in the form that was named")
        return replace(row, card=number)


def read_rows(
    what: Intake, path: Path, mapping: Mapping[str, str] | None = None, card: ToCard = lambda number: number
) -> Rows:
    """The rows of a file of patrons, items or loans. mapping: {heading: column}, see headings.find_headings."""
    return Rows(what, path, mapping, card)


COLLECTIVE = ("room", "group")
"""Borrowers that have one name, in whatever column it stands."""


def _patron(cells: Cells) -> PatronRow:
    def text(column: str) -> str:
        return values.text(column, cells.get(column, ""))

    category = values.category("category", cells.get("category", ""))
    last, first, patronymic = text("last_name"), text("first_name"), text("patronymic")
    if not first and not last:
        if category in COLLECTIVE:  # «Физика кабинеті» has no surname
            first = text(FULL_NAME)
        else:
            last, first, patronymic = values.full_name(FULL_NAME, cells.get(FULL_NAME, ""))
    if not first and not (last and category in COLLECTIVE):
        values.needed(Intake.PATRONS, {}, "first_name")
    return PatronRow(
        first_name=first,
        last_name=last,
        patronymic=patronymic,
        card=values.code("card", cells.get("card", "")),
        external_id=values.code("external_id", cells.get("external_id", "")),
        school_class=values.school_class("class", cells.get("class", "")),
        category=category,
        language=values.language("language", cells.get("language", "")),
        expires=values.day("expires", cells.get("expires", "")),
        phone=text("phone"),
        address=text("address"),
    )


def _item(cells: Cells) -> ItemRow:
    def text(column: str) -> str:
        return values.text(column, cells.get(column, ""))

    title = text("title")
    values.needed(Intake.ITEMS, {"title": title}, "title")
    barcode = values.code("barcode", cells.get("barcode", ""))
    inventory_no = values.code("inventory_no", cells.get("inventory_no", ""))
    count = values.count("count", cells.get("count", ""))
    if barcode or inventory_no:
        if count is not None and count > 1:
            number = barcode or inventory_no
            problem = f"«{number}» is the number of one copy; write a row for each, or leave the number out"
            raise BadValue("count", cells["count"], problem)
        count = None
    point, shelf = values.location("location", cells.get("location", ""))
    return ItemRow(
        title=title,
        barcode=barcode,
        inventory_no=inventory_no,
        author=text("author"),
        publisher=text("publisher"),
        year=values.year("year", cells.get("year", "")),
        isbn=values.isbn("isbn", cells.get("isbn", "")),
        pages=values.pages("pages", cells.get("pages", "")),
        price=values.price("price", cells.get("price", "")),
        language=values.language("language", cells.get("language", "")),
        udc=text("udc"),
        bbk=text("bbk"),
        branch=text("branch"),
        kind=values.kind("kind", cells.get("kind", "")),
        grade=values.grade("grade", cells.get("grade", "")),
        subject=text("subject"),
        part=text("part"),
        service_point=point,
        shelf=shelf,
        count=count,
    )


def _loan(cells: Cells) -> LoanRow:
    card = values.code("card", cells.get("card", ""))
    barcode = values.code("barcode", cells.get("barcode", ""))
    number = barcode or values.code("inventory_no", cells.get("inventory_no", ""))
    values.needed(Intake.LOANS, {"card": card}, "card")
    values.needed(Intake.LOANS, {"barcode": number}, "barcode", "inventory_no")
    due = values.day("due", cells.get("due", ""))
    since = values.day("since", cells.get("since", ""))
    if due and since and due < since:
        raise BadValue("due", cells["due"], f"before the day of the loan, {since.isoformat()}")
    return LoanRow(card=card, barcode=number, due=due, since=since)


_BUILDERS: Mapping[Intake, Callable[[Cells], Row]] = {
    Intake.PATRONS: _patron,
    Intake.ITEMS: _item,
    Intake.LOANS: _loan,
}
