"""The numbers that this kiosk gives itself: rolls of blank labels, new cards. Each is in the ledger before it is
printed, so that what is lost on its way to the printer is only not used."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from uuid import uuid4

from sqlite_utils import Database

from kiosk.circulation import own_codes
from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.clock import reckon
from kiosk.errors import KioskError
from kiosk.ports import Clock
from kiosk.store.recording import record
from kiosk.store.store import SqliteStore

_TRIES = 1000

Draw = Callable[[int], int]
"""A number from 0 up to the one given, that one not included, by lot."""


class NumbersError(KioskError):
    """No number can be given."""


class StoreNumbers:
    """Gives numbers, durably. draw: see `Draw`. Raises NumbersError, and StoreError; nothing was given then."""

    def __init__(self, store: SqliteStore, clock: Clock, draw: Draw = secrets.randbelow) -> None:
        self._store = store
        self._clock = clock
        self._mark = store.mark()
        self._draw = draw

    def new_labels(self, prefix: str, count: int, staff: str | None = None) -> tuple[str, ...]:
        """The numbers of so many blank labels, on as many rolls as it takes, none of which this kiosk ever gave or met.
        staff: for whom."""
        if not prefix:
            raise NumbersError("codes.blank is empty: this kiosk gives no numbers for blank labels")
        if count < 1:
            raise NumbersError(f"{count} labels: one at least is expected")
        numbers: list[str] = []
        with self._store.using() as connection, connection.write() as db:
            for done in range(0, count, own_codes.MOST_LABELS):
                roll = self._new_roll(db, prefix)
                most = min(count - done, own_codes.MOST_LABELS)
                labels = [own_codes.label_number(prefix, roll, serial) for serial in range(most)]
                self._record(db, Act(uuid4().hex, Kind.ROLL_PRINTED, text=f"{labels[0]} {labels[-1]}", staff=staff))
                numbers += labels
        return tuple(numbers)

    def _new_roll(self, db: Database, prefix: str) -> int:
        for _ in range(_TRIES):
            roll = self._draw(10**own_codes.ROLL_DIGITS)
            first = own_codes.label_number(prefix, roll, 0)
            begins = first[: len(prefix) + own_codes.ROLL_DIGITS]
            # A digit's successor in ASCII ends the span: all numbers of the roll lie between.
            span = (begins, f"{begins}:")
            if not any(db.execute(statement, span).fetchone() for statement in _KNOWN):
                return roll
        raise NumbersError(f"no free roll was found in {_TRIES} draws; choose another codes.blank")

    def new_cards(self, prefix: str, patron_ids: Sequence[str], staff: str | None = None) -> None:
        """Give each of these borrowers a card with a new number, all or none."""
        if not prefix:
            raise NumbersError("codes.new_card is empty: this kiosk gives no numbers for cards")
        with self._store.using() as connection, connection.write() as db:
            for patron_id in patron_ids:
                number = self._new_card(db, prefix)
                db.execute("INSERT INTO cards (number, patron_id, lost) VALUES (?, ?, 0)", (number, patron_id))
                self._record(db, Act(uuid4().hex, Kind.CARD_ADDED, patron_id, text=number, staff=staff))

    def _new_card(self, db: Database, prefix: str) -> str:
        for _ in range(_TRIES):
            number = own_codes.card_number(prefix, self._draw(10**own_codes.CARD_DIGITS))
            if db.execute("SELECT 1 FROM cards WHERE number = ?", (number,)).fetchone() is None:
                return number
        raise NumbersError(f"no free card number was found in {_TRIES} draws; choose another codes.new_card")

    def _record(self, db: Database, act: Act) -> None:
        kiosk = db.execute("SELECT value FROM meta WHERE key = 'kiosk'").fetchone()[0]
        record(db, (act,), (), reckon(self._clock.read(), self._mark), kiosk, frozenset())


_KNOWN = (
    "SELECT 1 FROM items WHERE barcode > ?1 AND barcode < ?2 LIMIT 1",
    "SELECT 1 FROM old_barcodes WHERE barcode > ?1 AND barcode < ?2 LIMIT 1",
    "SELECT 1 FROM transactions WHERE kind = 'roll_printed' AND json_extract(body, '$.text') > ?1 "
    "AND json_extract(body, '$.text') < ?2 LIMIT 1",
)
