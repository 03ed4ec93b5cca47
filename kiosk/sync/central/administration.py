"""Schools and kiosks of a central database, and pupils who change school. Each function is one transaction."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from kiosk.circulation.model import BlockKind
from kiosk.errors import ConnectorError
from kiosk.sync.central.address import POSTGRESQL
from kiosk.sync.central.database import changing, end_turn, reading, take_turn
from kiosk.sync.central.debts import put_block, take_debts_along
from kiosk.sync.central.guard import change_password, drop_role, end_sessions, make_role, protect
from kiosk.sync.central.schema import (
    VERSION,
    bring_up_to_date,
    cards,
    items,
    kiosks,
    patrons,
    schools,
)
from kiosk.sync.secret import Secret

_LOCK = 7_061_993
"""Of PostgreSQL: one `init` at a time."""


class CentralError(ConnectorError):
    """Something cannot be done in the central database; a sentence says why."""


@dataclass(frozen=True, slots=True)
class NewKiosk:
    """A kiosk that was added. role, secret: with which it signs in; empty and None on SQLite, which has no roles."""

    id: str
    role: str
    secret: Secret | None


Keep = Callable[[NewKiosk], None]
"""Writes the password of a kiosk down."""


def init(connection: Connection, upto: int = VERSION) -> tuple[int, int]:
    """Make the tables, or bring those of an older version up to date; on PostgreSQL also the rights on them.

    Returns the versions before and after. upto: for tests of older ones.
    """
    with changing(connection):
        on_server = connection.dialect.name == POSTGRESQL
        if on_server:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        versions = bring_up_to_date(connection, upto)
        if on_server:
            protect(connection)
    return versions


def add_school(connection: Connection, name: str, loan_limit: int = 5) -> str:
    """A new school; its id. loan_limit: more loans than that are noted for staff."""
    school = uuid4().hex
    try:
        with changing(connection):
            connection.execute(insert(schools).values(id=school, name=name, loan_limit=loan_limit))
    except IntegrityError:
        raise CentralError(f"there is a school «{name}» already") from None
    return school


def find_school(connection: Connection, name: str) -> str:
    """The id of the school with this name or id. Raises CentralError if there is none."""
    query = select(schools.c.id).where((schools.c.name == name) | (schools.c.id == name))
    with reading(connection):
        found = connection.execute(query).scalar()
    if found is None:
        raise CentralError(f"there is no school «{name}»; `kiosk central school add` makes it")
    return str(found)


def find_patron(connection: Connection, school: str, number: str) -> str:
    """The id of the patron with this card or external id. Raises CentralError if there is none."""
    of_card = select(cards.c.patron_id).where(cards.c.school_id == school, cards.c.number == number)
    of_id = select(patrons.c.id).where(patrons.c.school_id == school, patrons.c.external_id == number)
    with reading(connection):
        found = connection.execute(of_card).scalar() or connection.execute(of_id).scalar()
    if found is None:
        raise CentralError(f"this school has no patron with the card or external id {number}")
    return str(found)


def add_kiosk(connection: Connection, school: str, name: str, keep: Keep | None = None) -> NewKiosk:
    """A new kiosk of a school, on PostgreSQL with a role and a password of its own.

    keep: called with the new kiosk before it is committed, to write the password down: what cannot be kept is not made.
    """
    kiosk = uuid4().hex
    on_server = connection.dialect.name == POSTGRESQL
    new = NewKiosk(
        kiosk, f"kiosk_{kiosk[:12]}" if on_server else "", Secret(randomness.token_urlsafe(32)) if on_server else None
    )
    try:
        with changing(connection):
            values = {"id": kiosk, "school_id": school, "name": name, "role": new.role or None}
            connection.execute(insert(kiosks).values(values))
            if new.secret is not None:
                make_role(connection, new.role, new.secret)
            if keep is not None:
                keep(new)
    except IntegrityError:
        raise CentralError(f"this school has a kiosk «{name}» already") from None
    return new


def renew_kiosk(connection: Connection, school: str, name: str, keep: Keep) -> NewKiosk:
    """A new password for a kiosk; with the old one nobody comes in any more, and whoever is in is put out.

    keep: as for `add_kiosk`. Raises CentralError if there is no such kiosk, or it has no role.
    """
    with changing(connection):
        kiosk_id, role = _find_kiosk(connection, school, name)
        if not role:
            raise CentralError(f"the kiosk «{name}» has no password: this central library knows no roles")
        secret = Secret(randomness.token_urlsafe(32))
        change_password(connection, role, secret)
        renewed = NewKiosk(kiosk_id, role, secret)
        keep(renewed)
        end_sessions(connection, role)
    return renewed


def retire_kiosk(connection: Connection, school: str, name: str) -> str:
    """A kiosk is gone for good: its role is dropped, and its name is free. What it reported stays.

    Returns the role, "" where there are none. Raises CentralError if there is no such kiosk.
    """
    with changing(connection):
        kiosk_id, role = _find_kiosk(connection, school, name)
        connection.execute(delete(kiosks).where(kiosks.c.id == kiosk_id))
        if role:
            end_sessions(connection, role)
            drop_role(connection, role)
    return role


def _find_kiosk(connection: Connection, school: str, name: str) -> tuple[str, str]:
    mine = kiosks.c.school_id == school, (kiosks.c.name == name) | (kiosks.c.role == name)
    row = connection.execute(select(kiosks.c.id, kiosks.c.role).where(*mine).with_for_update()).first()
    if row is None:
        raise CentralError(f"this school has no kiosk «{name}»; `kiosk central status` lists them")
    return str(row.id), str(row.role or "")


def whose(connection: Connection, barcode: str) -> str | None:
    """The name of the school that has an item with this barcode; None if none has, or several have."""
    if connection.dialect.name == POSTGRESQL:
        named: str | None = connection.execute(select(func.central_whose(barcode))).scalar()
        return named
    query = select(func.min(schools.c.name), func.count()).select_from(items.join(schools))
    name, count = connection.execute(query.where(items.c.barcode == barcode)).one()
    return str(name) if count == 1 else None


def set_block(connection: Connection, school: str, patron_id: str, kind: BlockKind, until: date | None = None) -> None:
    """Block a patron; a block of the same kind is replaced."""
    with changing(connection):
        turn = take_turn(connection, school)
        put_block(connection, school, patron_id, kind, until)
        _touch_patron(connection, school, patron_id, turn.version)
        end_turn(connection, school, turn)


def move_patron(connection: Connection, patron_id: str, old: str, new: str) -> str:
    """A pupil goes to another school; who they are there: somebody of the same external id, or the same id.

    Their loans stay with the books, and block them in the new school until the last is back (debts.py); a block for
    other debts goes along as it is. Cards stay where they were given out.
    """
    if old == new:
        raise CentralError("this is the same school")
    with changing(connection):
        turns = {school: take_turn(connection, school) for school in sorted((old, new))}
        row = (
            connection.execute(select(patrons).where(patrons.c.school_id == old, patrons.c.id == patron_id))
            .mappings()
            .first()
        )
        if row is None or row["has_left"]:
            raise CentralError("there is no such patron in this school")
        _leave(connection, old, patron_id, turns[old].version)
        there = _arrive(connection, dict(row), new, turns[new].version)
        take_debts_along(connection, (old, patron_id), (new, there))
        for school, turn in turns.items():
            end_turn(connection, school, turn)
    return there


def _leave(connection: Connection, school: str, patron_id: str, version: int) -> None:
    patron = patrons.c.school_id == school, patrons.c.id == patron_id
    connection.execute(update(patrons).where(*patron).values(has_left=True, external_id=None, version=version))


def _arrive(connection: Connection, row: dict[str, Any], school: str, version: int) -> str:
    """The patron in the new school: known there by external id or from before, or new; the class is not known yet."""
    same = patrons.c.id == row["id"]
    if row["external_id"] is not None:
        same |= patrons.c.external_id == row["external_id"]
    known = connection.execute(
        select(patrons.c.id).where(patrons.c.school_id == school, same).order_by(patrons.c.id == row["id"])
    ).scalar()
    if known is not None:
        patron = patrons.c.school_id == school, patrons.c.id == known
        external_id = {} if row["external_id"] is None else {"external_id": row["external_id"]}
        connection.execute(update(patrons).where(*patron).values(has_left=False, version=version, **external_id))
        return str(known)
    values = {**row, "school_id": school, "version": version, "grade": None, "letter": "", "expires": None}
    connection.execute(insert(patrons).values(values))
    return str(row["id"])


def _touch_patron(connection: Connection, school: str, patron_id: str, version: int) -> None:
    patron = patrons.c.school_id == school, patrons.c.id == patron_id
    if connection.execute(update(patrons).where(*patron).values(version=version)).rowcount == 0:
        raise CentralError("there is no such patron in this school")
