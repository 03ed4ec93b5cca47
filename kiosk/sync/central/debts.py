"""A pupil who has gone to another school with books is blocked there until the last of them is back here."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select, update

from kiosk.circulation.model import BlockKind
from kiosk.sync.central.address import POSTGRESQL
from kiosk.sync.central.database import end_turn, take_turn
from kiosk.sync.central.schema import blocks, debts, loans, patrons

DEBTS_SINCE = 2
"""The version of the schema that has the table."""


def settle_debt(connection: Connection, school: str, patron_id: str) -> None:
    """After a loan has ended: if it was the last that somebody owed who left, their new school need not block them.

    On PostgreSQL a function of the database does it, as a kiosk can change nothing of another school.
    """
    query = select(debts.c.new_school_id, debts.c.new_patron_id, debts.c.lifts_block)
    owed = connection.execute(query.where(debts.c.school_id == school, debts.c.patron_id == patron_id)).first()
    if owed is None:
        return
    if connection.dialect.name == POSTGRESQL:
        connection.execute(select(func.central_debt_paid(school, patron_id)))
        return
    left = select(loans.c.id).where(
        loans.c.school_id == school, loans.c.patron_id == patron_id, loans.c.ended.is_(None)
    )
    if connection.execute(left).first() is not None:
        return
    new_school, new_patron = owed.new_school_id, owed.new_patron_id
    if owed.lifts_block:
        turn = take_turn(connection, new_school)
        connection.execute(
            delete(blocks).where(
                blocks.c.school_id == new_school, blocks.c.patron_id == new_patron, blocks.c.kind == BlockKind.DEBT
            )
        )
        patron = patrons.c.school_id == new_school, patrons.c.id == new_patron
        connection.execute(update(patrons).where(*patron).values(version=turn.version))
        end_turn(connection, new_school, turn)
    connection.execute(delete(debts).where(debts.c.school_id == school, debts.c.patron_id == patron_id))


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
    IF owed.lifts_block THEN
        SELECT version + 1 INTO turn FROM schools WHERE id = owed.new_school_id FOR UPDATE;
        DELETE FROM blocks
            WHERE school_id = owed.new_school_id AND patron_id = owed.new_patron_id AND kind = 'debt';
        UPDATE patrons SET version = turn WHERE school_id = owed.new_school_id AND id = owed.new_patron_id;
        UPDATE schools SET version = turn WHERE id = owed.new_school_id;
    END IF;
    DELETE FROM debts WHERE school_id = school AND patron_id = patron;
END
$$
"""
"""Goes by what is in the tables only, so that whoever calls it can do no more than what is due."""
