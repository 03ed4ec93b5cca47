"""What has changed in a school since a cursor: facts in the order of their versions, in pages.

A version is only given away in a school's turn (database.py), so everything up to the school's version is committed,
and a pull up to it misses nothing. Each table has an index by version: a pull costs what changed, not what exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, tuple_

from kiosk.circulation.facts import Fact, Page
from kiosk.errors import ConnectorError
from kiosk.sync.central.cursor import Cursor, parse_cursor
from kiosk.sync.central.database import reading
from kiosk.sync.central.schema import VERSION, schema_version, schools
from kiosk.sync.central.told import Found, Source, facts_of, sources_of

MOST = 1000

Named = tuple[int, Found]
"""A row, with the place of its source."""


def pull(connection: Connection, school: str, cursor: str, limit: int, knows: int = VERSION) -> Page:
    """The facts that come next, at most `limit` (but one with what it refers to, if the limit is below five).

    A fact never comes before one that it refers to: one that changed later comes along early, and once more in its
    turn. A cursor that central cannot know, from before it was set back to an older state, begins from nothing.
    knows: the version of the schema of which the kiosk understands all that is told. The database may be brought up to
    date while a kiosk is connected, so it is asked each time what it has.
    """
    size = max(1, min(limit, MOST))
    with reading(connection):
        schema = min(knows, connection.execute(select(schema_version.c.version)).scalar_one())
        sources = sources_of(schema)
        now = _version(connection, school)
        start = parse_cursor(cursor)
        if start is None or start.version > now or (start.began or 0) > now:
            start = Cursor(began=now, total=_total(connection, school, sources))
        found = _after(connection, school, start, now, size + 1, sources)
        facts: list[Fact] = []
        taken = 0
        for group in _in_order(connection, school, found[:size], schema):
            if facts and len(facts) + len(group) > size:
                break
            facts += group
            taken += 1
    if len(found) > taken:
        kind, last = found[taken - 1]
        complete = found[taken][1].version - 1
        place = Cursor(last.version, kind, last.id, start.began, start.total)
        return Page(tuple(facts), str(place), complete, True, start.began is not None, start.total)
    return Page(tuple(facts), str(Cursor(now)), now, False, start.began is not None, start.total)


def _version(connection: Connection, school: str) -> int:
    version = connection.execute(select(schools.c.version).where(schools.c.id == school)).scalar()
    if version is None:
        raise ConnectorError("the central database knows no such school")
    return int(version)


def _total(connection: Connection, school: str, sources: Sequence[Source]) -> int:
    """How many facts there are to tell."""
    return sum(
        int(
            connection.execute(
                select(func.count())
                .select_from(source.table)
                .where(source.table.c.school_id == school, *([source.table.c.ended.is_(None)] if source.ends else []))
            ).scalar_one()
        )
        for source in sources
    )


def _after(
    connection: Connection, school: str, start: Cursor, upto: int, size: int, sources: Sequence[Source]
) -> list[Named]:
    """The rows that come next in the order of version, kind and id."""
    of_kinds = [
        [(kind, row) for row in connection.execute(_query(source, kind, school, start, upto, size))]
        for kind, source in enumerate(sources)
    ]
    in_order = merge(*of_kinds, key=lambda named: (named[1].version, named[0]))
    return list(islice(in_order, size))


def _query(source: Source, kind: int, school: str, start: Cursor, upto: int, size: int) -> Any:
    table = source.table.c
    where: list[ColumnElement[bool]] = [table.school_id == school, table.version <= upto]
    if kind == start.kind:
        where.append(tuple_(table.version, table.id) > tuple_(start.version, start.id))
    elif kind > start.kind:
        where.append(table.version >= start.version)
    else:
        where.append(table.version > start.version)
    if source.ends and start.began is not None:
        where.append(or_(table.ended.is_(None), table.version > start.began))
    return select(*source.columns).where(and_(*where)).order_by(table.version, table.id).limit(size)


def _in_order(connection: Connection, school: str, rows: Sequence[Named], schema: int) -> Iterator[list[Fact]]:
    """The rows as facts, each after those that it refers to and that have not been told yet."""
    sources = sources_of(schema)
    versions = {(kind, row.id): row.version for kind, row in rows}
    early: dict[tuple[int, str], int] = {}
    for kind, row in rows:
        for column, parent in sources[kind].refers.items():
            name = (parent, getattr(row, column))
            if name[1] is not None and name not in versions:
                early[name] = min(early.get(name, row.version), row.version)
    facts = facts_of(connection, school, [*rows, *_changed_since(connection, school, early, sources)], schema)
    told: set[tuple[int, str]] = set()
    for kind, row in rows:
        yield list(_untold(facts, (kind, row.id), told, sources))


def _untold(
    facts: dict[tuple[int, str], Fact], name: tuple[int, str], told: set[tuple[int, str]], sources: Sequence[Source]
) -> Iterator[Fact]:
    if name in facts and name not in told:
        told.add(name)
        parent = sources[name[0]].refers
        for column, kind in parent.items():
            yield from _untold(facts, (kind, getattr(facts[name], column)), told, sources)
        yield facts[name]


def _changed_since(
    connection: Connection, school: str, early: dict[tuple[int, str], int], sources: Sequence[Source]
) -> Iterator[Named]:
    """The named rows that changed after the version given with each: those that have not been told yet."""
    for kind, source in enumerate(sources):
        ids = {name[1]: version for name, version in early.items() if name[0] == kind}
        if not ids:
            continue
        table = source.table.c
        query = select(*source.columns).where(table.school_id == school, table.id.in_(ids))
        for row in connection.execute(query.where(table.version > min(ids.values()))):
            if row.version > ids[row.id]:
                yield kind, row
