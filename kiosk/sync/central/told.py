"""Rows of the central tables as facts. What a newer central calls something unknown is taken for the most careful."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Row, Table, select

from kiosk.circulation.facts import Fact, HoldFact, ItemFact, LoanFact, PatronFact, TitleFact
from kiosk.circulation.model import Block, BlockKind, HoldState, ItemKind, ItemStatus, SchoolClass
from kiosk.sync.central.schema import blocks, cards, holds, items, loans, patrons, titles

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


PATRONS, TITLES, ITEMS, LOANS, HOLDS = range(5)

SOURCES = (
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
"""What is told, in the order in which it is told within one version: nothing before that to which it refers."""


def facts_of(connection: Connection, school: str, rows: Iterable[tuple[int, Found]]) -> dict[tuple[int, str], Fact]:
    """Rows, each with the place of its source, as facts by source and id."""
    found = list(rows)
    of_patrons = _Belongings.read(connection, school, [row.id for kind, row in found if kind == PATRONS])
    return {(kind, row.id): _fact(kind, row, of_patrons) for kind, row in found}


@dataclass(frozen=True, slots=True)
class _Belongings:
    """Cards and blocks by patron."""

    cards: Mapping[str, list[tuple[str, bool]]]
    blocks: Mapping[str, list[Block]]

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


def _fact(kind: int, row: Found, of_patrons: _Belongings) -> Fact:
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
                tuple(of_patrons.cards.get(row.id, ())),
                tuple(of_patrons.blocks.get(row.id, ())),
            )
        case 1:
            values = row._asdict()
            values["kind"] = _known(ItemKind, row.kind, ItemKind.BOOK)
            return TitleFact(**values)
        case 2:
            values = row._asdict()
            values["kind"] = _known(ItemKind, row.kind, ItemKind.BOOK)
            values["status"] = _known(ItemStatus, row.status, ItemStatus.IN_REPAIR)
            return ItemFact(**values)
        case 3:
            return LoanFact(**{**row._asdict(), "ended": row.ended is not None})
        case _:
            values = row._asdict()
            values["state"] = _known(HoldState, row.state, HoldState.WAITING)
            placed = row.placed.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return HoldFact(**{**values, "placed": placed, "ended": row.ended is not None})
