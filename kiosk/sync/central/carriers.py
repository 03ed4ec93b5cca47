"""The keys of kiosks whose acts come on a stick."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from kiosk.sync.carry.key import CarryKey, new_key
from kiosk.sync.central.administration import CentralError
from kiosk.sync.central.database import changing, reading
from kiosk.sync.central.schema import carriers, kiosks, version_of

SINCE = 3


def check_carriers(connection: Connection) -> None:
    """Raises CentralError if the tables are too old to know of sticks."""
    with reading(connection):
        if version_of(connection) < SINCE:
            raise CentralError("the central tables know no sticks yet; run `kiosk central init` again")


def give_key(
    connection: Connection, school: str, name: str, keep: Callable[[CarryKey], None], renew: bool = False
) -> bool:
    """Make the key by which a kiosk and central know each other's files on a stick; whether the kiosk is a new one.

    keep: called with the key before it is committed: what cannot be kept is not made. renew: in place of one that the
    kiosk has; files that were written with that one are not taken any more. Raises CentralError if it has one, and
    shall keep it.
    """
    check_carriers(connection)
    with changing(connection):
        named = select(kiosks.c.id).where(kiosks.c.school_id == school, kiosks.c.name == name)
        known = connection.execute(named).scalar()
        key = new_key(known or uuid4().hex)
        if known is None:
            connection.execute(insert(kiosks).values(id=key.kiosk, school_id=school, name=name))
        mine = carriers.c.kiosk_id == key.kiosk
        values = {"secret": key.secret.reveal()}
        if connection.execute(select(carriers.c.kiosk_id).where(mine)).scalar() is None:
            connection.execute(insert(carriers).values(kiosk_id=key.kiosk, school_id=school, **values))
        elif renew:
            connection.execute(update(carriers).where(mine).values(**values))
        else:
            raise CentralError(f"«{name}» has a key already; --renew makes it worthless and gives a new one")
        keep(key)
    return known is None
