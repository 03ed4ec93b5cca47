"""The cards of patrons: added, lost, found again, replaced, each in one transaction that the ledger keeps."""

from __future__ import annotations

from uuid import uuid4

from sqlite_utils import Database

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.clock import reckon
from kiosk.errors import KioskError
from kiosk.ports import Clock
from kiosk.store.recording import record
from kiosk.store.store import SqliteStore


class CardError(KioskError):
    """A card is not known, or is somebody else's."""


class StoreCards:
    """What staff do with cards. A patron may have many; a lost one stays known, so that it can be told from a foreign
    one. Raises CardError, and StoreError; nothing was changed then."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._mark = store.mark()

    def add(self, patron: str, number: str) -> None:
        """Give the patron with this card or external id one more card."""
        patron_id = self._store.patron_named(patron)
        if patron_id is None:
            raise CardError(f"no reader has the card or external id {patron}")
        with self._store.using() as connection, connection.write() as db:
            _take_in(db, patron_id, number)
            self._record(db, Kind.CARD_ADDED, patron_id, number)

    def lose(self, number: str) -> None:
        """A card is lost: held to the kiosk, it is asked for."""
        with self._store.using() as connection, connection.write() as db:
            patron_id = _mark(db, number, lost=True)
            self._record(db, Kind.CARD_LOST, patron_id, number)

    def find(self, number: str) -> None:
        """A lost card is there again."""
        with self._store.using() as connection, connection.write() as db:
            patron_id = _mark(db, number, lost=False)
            self._record(db, Kind.CARD_FOUND, patron_id, number)

    def replace(self, old: str, new: str) -> None:
        """The old card is lost, and its patron has the new one: in one act."""
        if old == new:
            raise CardError(f"{new}: another card is expected in place of the lost one")
        with self._store.using() as connection, connection.write() as db:
            patron_id = _mark(db, old, lost=True)
            _take_in(db, patron_id, new)
            self._record(db, Kind.CARD_REPLACED, patron_id, f"{old} → {new}")

    def _record(self, db: Database, kind: Kind, patron_id: str, text: str) -> None:
        kiosk = db.execute("SELECT value FROM meta WHERE key = 'kiosk'").fetchone()[0]
        now = reckon(self._clock.read(), self._mark)
        record(db, (Act(uuid4().hex, kind, patron_id, text=text),), (), now, kiosk, frozenset())


def _mark(db: Database, number: str, lost: bool) -> str:
    row = db.execute("SELECT patron_id FROM cards WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise CardError(f"no reader has the card {number}")
    db.execute("UPDATE cards SET lost = ? WHERE number = ?", (lost, number))
    return str(row[0])


def _take_in(db: Database, patron_id: str, number: str) -> None:
    owner = db.execute("SELECT patron_id FROM cards WHERE number = ?", (number,)).fetchone()
    if owner is not None and owner[0] != patron_id:
        raise CardError(f"the card {number} is another reader's")
    db.execute("INSERT OR REPLACE INTO cards (number, patron_id, lost) VALUES (?, ?, 0)", (number, patron_id))
