"""Who works behind the public screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.clock import reckon
from kiosk.circulation.model import LIBRARIAN, Role
from kiosk.errors import KioskError
from kiosk.ports import Clock
from kiosk.store.recording import record
from kiosk.store.store import SqliteStore


class StaffError(KioskError):
    """Nobody has that card, or a role cannot be given so."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the staff. until: the last day of a role given for a time. pin: whether they have one."""

    name: str
    cards: tuple[str, ...]
    role: Role
    until: date | None
    pin: bool


class StoreStaff:
    """Who is staff. Every change is a transaction of the ledger. Raises StaffError, and StoreError."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._mark = store.mark()

    def give(self, patron: str, role: Role, until: date | None) -> None:
        """Give the patron with this card or external id a role, in place of the one they had."""
        self._change(patron, role, until)

    def take(self, patron: str) -> None:
        """The patron with this card or external id is staff no more."""
        self._change(patron, None, None)

    def members(self) -> list[Member]:
        """Everybody who has a role, by name."""
        with self._store.using() as connection, connection.read() as db:
            rows = db.execute(
                "SELECT id, trim(last_name || ' ' || first_name), role, role_until, pin_hash IS NOT NULL FROM patrons "
                "WHERE (role <> '' OR category = ?) AND has_left = 0 ORDER BY last_name, first_name",
                (LIBRARIAN,),
            ).fetchall()
            found = []
            for patron_id, name, role, until, pin in rows:
                cards = db.execute("SELECT number FROM cards WHERE patron_id = ? AND lost = 0", (patron_id,)).fetchall()
                day = date.fromisoformat(until) if until else None
                known = Role(role) if role else Role.LIBRARIAN
                found.append(Member(name, tuple(card for (card,) in cards), known, day, bool(pin)))
        return found

    def _change(self, patron: str, role: Role | None, until: date | None) -> None:
        patron_id = self._store.patron_named(patron)
        if patron_id is None:
            raise StaffError(f"no reader has the card or external id {patron}")
        with self._store.using() as connection, connection.write() as db:
            category = db.execute("SELECT category FROM patrons WHERE id = ?", (patron_id,)).fetchone()[0]
            if role is None and category == LIBRARIAN:
                raise StaffError(f"{patron} is a librarian by category; change the category by an import first")
            db.execute(
                "UPDATE patrons SET role = ?, role_until = ? WHERE id = ?",
                (role or "", until.isoformat() if until else None, patron_id),
            )
            words = f"{role or 'none'} until {until}" if until else role or "none"
            kiosk = db.execute("SELECT value FROM meta WHERE key = 'kiosk'").fetchone()[0]
            now = reckon(self._clock.read(), self._mark)
            record(db, (Act(uuid4().hex, Kind.STAFF_CHANGED, patron_id, text=words),), (), now, kiosk, frozenset())
