"""Rows of the central tables as facts. What a newer central calls something unknown is taken for the most careful."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Row, Table, select

from kiosk.circulation.change_words import lines_in
from kiosk.circulation.facts import Fact, HoldFact, ItemFact, LoanFact, MarkFact, PatronFact, SetFact, TitleFact
from kiosk.circulation.model import Block, BlockKind, Condition, HoldState, ItemKind, ItemStatus, SchoolClass
from kiosk.sync.central.schema import (
    TEXTBOOKS_SINCE,
    blocks,
    cards,
    class_years,
    holds,
    items,
    loans,
    marks,
    old_barcodes,
    patrons,
    sets,
    titles,
)

E = TypeVar("E", bound=StrEnum)
Found = Row[Any]


@dataclass(frozen=True, slots=True)
class Source:
    """A table of facts. refers: the columns that name facts of other kinds, with the place of their source."""

    table: Table
    columns: tuple[Column[Any], ...]
    refers: Mapping[str, int]

    @property
    def ends(self) -> bool:
        """Whether its facts come to an end."""
        return "ended" in self.table.c


PATRONS, TITLES, ITEMS, LOANS, HOLDS, MARKS, SETS = range(7)

_LENDING = (
    Source(
        patrons,
        (
            patrons.c.id, patrons.c.version, patrons.c.first_name, patrons.c.last_name, patrons.c.patronymic,
            patrons.c.category, patrons.c.grade, patrons.c.letter, patrons.c.language, patrons.c.expires,
            patrons.c.has_left, patrons.c.external_id,
        ),
        {},
    ),
    Source(
        titles,
        (
            titles.c.id, titles.c.version, titles.c.title, titles.c.author, titles.c.kind, titles.c.publisher,
            titles.c.year, titles.c.isbn, titles.c.pages, titles.c.language, titles.c.udc, titles.c.bbk,
            titles.c.branch, titles.c.grade, titles.c.subject, titles.c.part, titles.c.shelf, titles.c.held,
        ),
        {},
    ),
    Source(
        items,
        (
            items.c.id, items.c.version, items.c.title_id, items.c.barcode, items.c.inventory_no, items.c.kind,
            items.c.status, items.c.service_point, items.c.shelf, items.c.price,
        ),
        {"title_id": TITLES},
    ),
    Source(
        loans,
        (
            loans.c.id, loans.c.version, loans.c.patron_id, loans.c.title_id, loans.c.item_id, loans.c.since,
            loans.c.due, loans.c.days, loans.c.renewals, loans.c.ended, loans.c.kiosk, loans.c.last,
        ),
        {"patron_id": PATRONS, "title_id": TITLES, "item_id": ITEMS},
    ),
    Source(
        holds,
        (
            holds.c.id, holds.c.version, holds.c.title_id, holds.c.patron_id, holds.c.placed, holds.c.state,
            holds.c.item_id, holds.c.expires, holds.c.ended,
        ),
        {"patron_id": PATRONS, "title_id": TITLES, "item_id": ITEMS},
    ),
)  # fmt: skip
"""What was told before version 4."""

_SINCE_4 = {PATRONS: (patrons.c.groups,), ITEMS: (items.c.condition,)}

SOURCES = (
    *(replace(source, columns=(*source.columns, *_SINCE_4.get(kind, ()))) for kind, source in enumerate(_LENDING)),
    Source(
        marks,
        (
            marks.c.id, marks.c.version, marks.c.patron_id, marks.c.year, marks.c.what, marks.c.value, marks.c.ended,
        ),
        {"patron_id": PATRONS},
    ),
    Source(
        sets,
        (
            sets.c.id, sets.c.version, sets.c.year, sets.c.grade, sets.c.language, sets.c.letter, sets.c.body,
            sets.c.ended,
        ),
        {},
    ),
)  # fmt: skip
"""What is told, in the order in which it is told within one version: nothing before that to which it refers."""


def sources_of(schema: int) -> tuple[Source, ...]:
    """What a database of this version can tell."""
    return SOURCES if schema >= TEXTBOOKS_SINCE else _LENDING


def facts_of(
    connection: Connection, school: str, rows: Iterable[tuple[int, Found]], schema: int
) -> dict[tuple[int, str], Fact]:
    """Rows, each with the place of its source, as facts by source and id."""
    found = list(rows)
    ids = {kind: [row.id for one, row in found if one == kind] for kind in (PATRONS, ITEMS)}
    belongings = _Belongings.read(connection, school, ids[PATRONS])
    if schema >= TEXTBOOKS_SINCE:
        belongings.read_more(connection, school, ids[PATRONS], ids[ITEMS])
    return {(kind, row.id): _fact(kind, row, belongings) for kind, row in found}


@dataclass(slots=True)
class _Belongings:
    """Cards, blocks and classes by patron, old labels by item. None: the database does not say."""

    cards: Mapping[str, list[tuple[str, bool]]]
    blocks: Mapping[str, list[Block]]
    years: dict[str, list[tuple[int, SchoolClass | None]]] | None = None
    labels: dict[str, list[str]] | None = None

    def read_more(self, connection: Connection, school: str, of_patrons: list[str], of_items: list[str]) -> None:
        """What databases have since version 4."""
        self.years, self.labels = {}, {}
        if of_patrons:
            mine = class_years.c.school_id == school, class_years.c.patron_id.in_(of_patrons)
            columns = (class_years.c.patron_id, class_years.c.year, class_years.c.grade, class_years.c.letter)
            for row in connection.execute(select(*columns).where(*mine).order_by(class_years.c.year)):
                school_class = SchoolClass(row.grade, row.letter) if row.grade is not None else None
                self.years.setdefault(row.patron_id, []).append((row.year, school_class))
        if of_items:
            of = old_barcodes.c.school_id == school, old_barcodes.c.item_id.in_(of_items)
            named = select(old_barcodes.c.item_id, old_barcodes.c.barcode).where(*of).order_by(old_barcodes.c.barcode)
            for item_id, barcode in connection.execute(named):
                self.labels.setdefault(item_id, []).append(barcode)

    @classmethod
    def read(cls, connection: Connection, school: str, ids: list[str]) -> _Belongings:
        numbers: dict[str, list[tuple[str, bool]]] = {}
        stops: dict[str, list[Block]] = {}
        if ids:
            query = select(cards.c.patron_id, cards.c.number, cards.c.lost).order_by(cards.c.number)
            for row in connection.execute(query.where(cards.c.school_id == school, cards.c.patron_id.in_(ids))):
                numbers.setdefault(row.patron_id, []).append((row.number, row.lost))
            of_blocks = select(blocks.c.patron_id, blocks.c.kind, blocks.c.until).order_by(blocks.c.kind)
            for row in connection.execute(of_blocks.where(blocks.c.school_id == school, blocks.c.patron_id.in_(ids))):
                kind = _known(BlockKind, row.kind, BlockKind.STAFF)
                stops.setdefault(row.patron_id, []).append(Block(kind, row.until))
        return cls(numbers, stops)


def _known(kind: type[E], text: str, otherwise: E) -> E:
    try:
        return kind(text)
    except ValueError:
        return otherwise


def _fact(kind: int, row: Found, belongings: _Belongings) -> Fact:
    match kind:
        case 0:
            return PatronFact(
                row.id,
                row.version,
                row.first_name,
                row.last_name,
                row.patronymic,
                row.category,
                SchoolClass(row.grade, row.letter) if row.grade is not None else None,
                row.language,
                row.expires,
                row.has_left,
                row.external_id,
                tuple(belongings.cards.get(row.id, ())),
                tuple(belongings.blocks.get(row.id, ())),
                tuple(row.groups.split()) if belongings.years is not None else None,
                tuple(belongings.years.get(row.id, ())) if belongings.years is not None else None,
            )
        case 1:
            values = row._asdict()
            values["kind"] = _known(ItemKind, row.kind, ItemKind.BOOK)
            return TitleFact(**values)
        case 2:
            values = row._asdict()
            values["kind"] = _known(ItemKind, row.kind, ItemKind.BOOK)
            values["status"] = _known(ItemStatus, row.status, ItemStatus.IN_REPAIR)
            if belongings.labels is not None:
                values["condition"] = _known(Condition, row.condition, Condition.WORN)
                labels = belongings.labels.get(row.id, ())
                values["old_barcodes"] = tuple(label for label in labels if label != row.barcode)
            return ItemFact(**values)
        case 3:
            return LoanFact(**{**row._asdict(), "ended": row.ended is not None})
        case 5:
            return MarkFact(**{**row._asdict(), "ended": row.ended is not None})
        case 6:
            values = row._asdict()
            lines = lines_in(json.loads(values.pop("body")))
            return SetFact(**{**values, "lines": lines, "ended": row.ended is not None})
        case _:
            values = row._asdict()
            values["state"] = _known(HoldState, row.state, HoldState.WAITING)
            placed = row.placed.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return HoldFact(**{**values, "placed": placed, "ended": row.ended is not None})
