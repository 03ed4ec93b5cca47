"""A pupil who has gone to another school with books is blocked there until the last of them is back here."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from kiosk.circulation.model import BlockKind
from kiosk.sync.central.address import POSTGRESQL
from kiosk.sync.central.database import end_turn, take_turn
from kiosk.sync.central.schema import blocks, debts, loans, patrons

DEBTS_SINCE = 2
"""The version of the schema that has the table."""

Person = tuple[str, str]
"""A school, and a patron of it."""


def take_debts_along(connection: Connection, old: Person, new: Person) -> None:
    """Whoever goes to another school, in whose turn this is, is blocked there for the books and debts that they leave.

    A block that staff made goes along and stays until they lift it. Books of a school that they left before count on.
    """
    block = connection.execute(select(blocks.c.until).where(_debt_block(old))).first()
    pointing = list(connection.execute(select(debts).where(_of_new(old))).mappings())
    if pointing and all(row["lifts_block"] for row in pointing):
        connection.execute(delete(blocks).where(_debt_block(old)))
        block = None
    connection.execute(delete(debts).where(_of_new(old), debts.c.school_id == new[0]))
    owed = [row for row in pointing if row["school_id"] != new[0]]
    owes_here = connection.execute(select(loans.c.id).where(_open_loans(*old))).first() is not None
    if block is None and not owed and not owes_here:
        return
    had = connection.execute(select(blocks.c.until).where(_debt_block(new))).first()
    put_block(connection, *new, BlockKind.DEBT, block.until if block is not None and not (owed or owes_here) else None)
    points = {"new_school_id": new[0], "new_patron_id": new[1], "lifts_block": block is None and had is None}
    connection.execute(update(debts).where(_of_new(old)).values(points))
    if owes_here:
        connection.execute(insert(debts).values(school_id=old[0], patron_id=old[1], **points))


def put_block(connection: Connection, school: str, patron_id: str, kind: BlockKind, until: date | None) -> None:
    """Block a patron; a block of the same kind is replaced."""
    block = blocks.c.school_id == school, blocks.c.patron_id == patron_id, blocks.c.kind == kind
    if connection.execute(update(blocks).where(*block).values(until=until)).rowcount == 0:
        connection.execute(insert(blocks).values(school_id=school, patron_id=patron_id, kind=kind, until=until))


def settle_debt(connection: Connection, school: str, patron_id: str) -> None:
    """After a loan has ended: if it was the last that somebody owed who left, their new school need not block them.

    On PostgreSQL a function of the database does it, as a kiosk can change nothing of another school.
    """
    mine = debts.c.school_id == school, debts.c.patron_id == patron_id
    owed = connection.execute(select(debts.c.new_school_id, debts.c.new_patron_id, debts.c.lifts_block).where(*mine))
    row = owed.first()
    if row is None:
        return
    if connection.dialect.name == POSTGRESQL:
        connection.execute(select(func.central_debt_paid(school, patron_id)))
        return
    if connection.execute(select(loans.c.id).where(_open_loans(school, patron_id))).first() is not None:
        return
    connection.execute(delete(debts).where(*mine))
    person = row.new_school_id, row.new_patron_id
    others = connection.execute(select(debts.c.school_id).where(_of_new(person))).first()
    if row.lifts_block and others is None:
        _lift(connection, person)


def _lift(connection: Connection, person: Person) -> None:
    turn = take_turn(connection, person[0])
    connection.execute(delete(blocks).where(_debt_block(person)))
    patron = patrons.c.school_id == person[0], patrons.c.id == person[1]
    connection.execute(update(patrons).where(*patron).values(version=turn.version))
    end_turn(connection, person[0], turn)


def _debt_block(person: Person) -> ColumnElement[bool]:
    return and_(blocks.c.school_id == person[0], blocks.c.patron_id == person[1], blocks.c.kind == BlockKind.DEBT)


def _of_new(person: Person) -> ColumnElement[bool]:
    return and_(debts.c.new_school_id == person[0], debts.c.new_patron_id == person[1])


def _open_loans(school: str, patron_id: str) -> ColumnElement[Any]:
    return and_(loans.c.school_id == school, loans.c.patron_id == patron_id, loans.c.ended.is_(None))


DEBT_PAID = """
CREATE OR REPLACE FUNCTION central_debt_paid(school text, patron text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    owed record;
    turn bigint;
BEGIN
    SELECT * INTO owed FROM debts WHERE school_id = school AND patron_id = patron;
    IF NOT FOUND OR EXISTS (
        SELECT 1 FROM loans WHERE school_id = school AND patron_id = patron AND ended IS NULL
    ) THEN
        RETURN;
    END IF;
    SELECT version + 1 INTO turn FROM schools WHERE id = owed.new_school_id FOR UPDATE;
    DELETE FROM debts WHERE school_id = school AND patron_id = patron;
    IF owed.lifts_block AND NOT EXISTS (
        SELECT 1 FROM debts WHERE new_school_id = owed.new_school_id AND new_patron_id = owed.new_patron_id
    ) THEN
        DELETE FROM blocks
            WHERE school_id = owed.new_school_id AND patron_id = owed.new_patron_id AND kind = 'debt';
        UPDATE patrons SET version = turn WHERE school_id = owed.new_school_id AND id = owed.new_patron_id;
        UPDATE schools SET version = turn WHERE id = owed.new_school_id;
    END IF;
END
$$
"""
"""`settle_debt` with the owner's rights. It goes by what is in the tables: no caller can do more than is due."""
