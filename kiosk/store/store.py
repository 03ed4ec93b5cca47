"""The store as the desk uses it (ports.Store): what the ledger knows, and what is to be written into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from shutil import disk_usage
from types import ModuleType
from uuid import uuid4

from sqlite_utils import Database

from kiosk.circulation.acts import Act, Kind, Relied, Transaction
from kiosk.circulation.appearance import Appearance
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import (
    Acts,
    Answer,
    CheckPin,
    Classes,
    Committed,
    CountVisit,
    FindActs,
    FindNumber,
    Hits,
    Identified,
    Identify,
    ListClass,
    ListClasses,
    Looked,
    LookUp,
    PinChecked,
    Probe,
    Pupils,
    Query,
    Search,
    StaffQuery,
    Stale,
    Works,
)
from kiosk.circulation.fold import sort_key
from kiosk.circulation.ledger import act_of
from kiosk.circulation.model import ItemRecord, PinKind
from kiosk.circulation.staff.questions import CheckStaffPin
from kiosk.circulation.views import SyncState
from kiosk.errors import StoreDamaged, StoreError, StoreFull
from kiosk.store import reads, search
from kiosk.store.connection import LOCK_TIMEOUT_S, Connection
from kiosk.store.intending import conclude_left
from kiosk.store.outbox_rows import outbox_state
from kiosk.store.outdated import Outdated
from kiosk.store.pin_tries import check_pin
from kiosk.store.pins import hash_pin, is_pin
from kiosk.store.recording import record, stamp
from kiosk.store.schema import must_not_be_newer
from kiosk.store.undoable import find_acts

CHECKPOINT_AFTER = 50
"""Commits: about 2 MB of write-ahead log, some 30 visits."""

ROOM_BYTES = 256 * 1024
"""Less than this on the disk, and the kiosk does not open: an act writes some 40 kB, and the log grows by many."""

_MARK = "SELECT at FROM transactions WHERE trusted = 1 ORDER BY seq DESC LIMIT 1"
_TRANSACTIONS = (
    "SELECT t.seq, t.id, t.kind, t.patron_id, t.item_id, t.title_id, t.body, t.at, t.trusted, t.kiosk, t.decided_by, "
    "coalesce(o.state, 'local') FROM transactions t LEFT JOIN outbox o ON o.seq = t.seq WHERE t.seq > ? ORDER BY t.seq"
)


class SqliteStore:
    """The ledger at a path, for one thread. It is opened when it is first needed, and again after it was damaged.

    carried: the kinds that the connector takes to the central library; none with the connector `none`. boot: names this
    boot of the machine.
    """

    def __init__(
        self,
        path: Path,
        carried: frozenset[Kind] = frozenset(),
        boot: str = "",
        lock_timeout_s: float = LOCK_TIMEOUT_S,
    ) -> None:
        self.path = path
        self.boot = boot
        self.carried = carried
        self._lock_timeout_s = lock_timeout_s
        self._open: Connection | None = None
        self._kiosk = ""
        self._in_doubt = False

    def connection(self) -> Connection:
        """The connection of this thread. Raises StoreError if the ledger cannot be opened."""
        if self._open is None:
            connection = Connection(self.path, self._lock_timeout_s)
            try:
                must_not_be_newer(connection)
                with connection.read() as db:
                    self._kiosk = _kiosk_of(db, self.path)
            except StoreError:
                connection.close()
                raise
            self._open = connection
        return self._open

    @contextmanager
    def using(self) -> Iterator[Connection]:
        """The connection; one that turns out to be of no use is forgotten, and the next question opens another."""
        try:
            yield self.connection()
        except StoreDamaged:
            self._in_doubt = True
            with suppress(sqlite3.Error, StoreError):
                self.close()
            self._open = None
            raise

    def close(self) -> None:
        """Let go of the files."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def answer(self, query: Query) -> Answer:
        """What the ledger knows."""
        with self.using() as connection:
            if isinstance(query, Probe):
                return self._probe(connection)
            if isinstance(query, CheckStaffPin):
                with connection.write() as db:
                    return check_pin(db, query)
            with connection.read() as db:
                return _staff_reads().answer_staff(db, query) if isinstance(query, StaffQuery) else _answer(db, query)

    def _probe(self, connection: Connection) -> Works:
        """Write something that changes nothing, to see whether writing works; after a damage, look at every page.

        So small a write may find room where an act does not.
        """
        connection.check_file()
        if disk_usage(self.path.parent).free < ROOM_BYTES:
            raise StoreFull(f"{self.path.name}: no room on the disk")
        if self._in_doubt:
            with connection.read() as db:
                fault = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if fault != "ok":
                raise StoreDamaged(f"{self.path.name} is damaged: {' '.join(fault.split())}")
        with connection.write() as db:
            db.execute("UPDATE meta SET value = value WHERE key = 'kiosk'")
            conclude_left(db, self._kiosk, self.carried)
        self._in_doubt = False
        return Works()

    def commit(self, acts: Sequence[Act], relied: Sequence[Relied], now: Moment) -> Committed | Stale:
        """Record acts together, durably, if what they rely on still holds; else nothing at all."""
        try:
            with self.using() as connection, connection.write() as db:
                record(db, acts, relied, now, self._kiosk, self.carried, self.boot)
        except Outdated:
            return Stale()
        return Committed(tuple(acts))

    def count_visit(self, visit: CountVisit, now: Moment) -> None:
        """Add a visit to the statistics."""
        with self.using() as connection, connection.write() as db:
            db.execute(
                "INSERT INTO visits (at, trusted, category, grade, without_card) VALUES (?, ?, ?, ?, ?)",
                (stamp(now.wall), now.trusted, visit.category, visit.grade, visit.without_card),
            )

    def remember_appearance(self, patron_id: str, appearance: Appearance) -> None:
        """Keep how the screen is to look for a patron. No transaction, as with a PIN: what a child needs to see or hear
        is nobody's business later on, and no decision relies on it."""
        with self.using() as connection, connection.write() as db:
            db.execute("UPDATE patrons SET appearance = ? WHERE id = ?", (str(appearance), patron_id))

    def confirm_date(self, by: str, now: Moment, off: timedelta) -> None:
        """Record that staff confirmed the date, and how far the machine's clock is off until the next boot."""
        with self.using() as connection, connection.write() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('confirmed', ?)", (f"{self.boot} {off.total_seconds()}",))
            act = Act(uuid4().hex, Kind.DATE_CONFIRMED, by or None)
            record(db, (act,), (), now, self._kiosk, frozenset())

    def confirmed(self) -> timedelta | None:
        """How far the machine's clock is off, if staff confirmed the date since it was switched on."""
        with self.using() as connection, connection.read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = 'confirmed'").fetchone()
        boot, _, off = row[0].partition(" ") if row else ("", "", "")
        return timedelta(seconds=float(off)) if boot and boot == self.boot else None

    def mark(self) -> datetime | None:
        """The latest trusted time committed."""
        with self.using() as connection, connection.read() as db:
            row = db.execute(_MARK).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def patron_named(self, name: str) -> str | None:
        """The id of the patron with this card or external id."""
        with self.using() as connection, connection.read() as db:
            row = db.execute(
                "SELECT patron_id FROM cards WHERE number = ? UNION ALL SELECT id FROM patrons WHERE external_id = ?",
                (name, name),
            ).fetchone()
        return row[0] if row else None

    def set_pin(self, patron_ids: Sequence[str], kind: PinKind, secret: str) -> None:
        """Give patrons a new PIN, all the same one."""
        hashed = hash_pin(secret)
        with self.using() as connection, connection.write() as db:
            for patron_id in patron_ids:
                db.execute(
                    "UPDATE patrons SET pin_kind = ?, pin_hash = ?, version = version + 1 WHERE id = ?",
                    (kind, hashed, patron_id),
                )

    def pupils_by_grade(self, first: int, last: int) -> list[str]:
        """The ids of the pupils of these grades."""
        with self.using() as connection, connection.read() as db:
            rows = db.execute("SELECT id FROM patrons WHERE grade BETWEEN ? AND ?", (first, last)).fetchall()
        return [row[0] for row in rows]

    def sync_state(self) -> SyncState:
        """How many transactions wait for the central library; none ever with the connector `none`."""
        if not self.carried:
            return SyncState()
        with self.using() as connection, connection.read() as db:
            return outbox_state(db)

    def transactions(self, after_seq: int = 0) -> Iterator[Transaction]:
        """Every transaction in order."""
        with self.using() as connection, connection.read() as db:
            for row in db.execute(_TRANSACTIONS, (after_seq,)):
                act = act_of(*row[1:7])
                yield Transaction(row[0], act, datetime.fromisoformat(row[7]), bool(row[8]), *row[9:])

    def barcode(self, item_id: str) -> str | None:
        """The barcode of an item; None if it has none."""
        with self.using() as connection, connection.read() as db:
            row = db.execute("SELECT barcode FROM items WHERE id = ?", (item_id,)).fetchone()
        return row[0] if row else None

    def idle(self) -> None:
        """Nothing happens just now: time for a checkpoint."""
        _staff_reads()
        if self._open is not None and self._open.commits >= CHECKPOINT_AFTER:
            self._open.checkpoint()


def _staff_reads() -> ModuleType:
    """What staff's questions are answered with: read when the kiosk first rests, or is asked."""
    return import_module("kiosk.store.staff_reads")


def _kiosk_of(db: Database, path: Path) -> str:
    """The id of the kiosk. A file without one was emptied: an empty ledger must not pass for the library's."""
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone() is not None:
        row = db.execute("SELECT value FROM meta WHERE key = 'kiosk'").fetchone()
        if row is not None:
            return str(row[0])
    raise StoreDamaged(f"{path.name} is no ledger of a kiosk: it was emptied, or never finished")


def _answer(db: Database, query: Query) -> Answer:
    match query:
        case Identify(code, wants, for_patron):
            return _identify(db, code, wants, for_patron)
        case LookUp(patron_id, item_id, title_id):
            items = reads.item_records(db, "i.id = ?1", item_id) if item_id else ()
            return Looked(
                reads.patron_record(db, patron_id) if patron_id else None,
                items[0] if items else None,
                reads.title_record(db, title_id) if title_id else None,
            )
        case FindNumber(number, for_patron):
            return _find_number(db, number, for_patron)
        case Search(text, limit):
            found = (reads.title_record(db, title_id) for title_id in search.find(db, text, limit))
            return Hits(tuple(hit for hit in found if hit is not None))
        case ListClasses():
            return Classes(tuple(sorted(reads.classes(db), key=lambda c: (c.grade, sort_key(c.letter)))))
        case ListClass(school_class):
            found_patrons = (reads.patron_record(db, one) for one in reads.class_patrons(db, school_class))
            pupils = [one for one in found_patrons if one is not None]
            pupils.sort(key=lambda one: (sort_key(one.patron.public_name), sort_key(one.patron.last_name)))
            return Pupils(tuple(pupils))
        case CheckPin(patron_id, secret):
            row = db.execute("SELECT pin_hash FROM patrons WHERE id = ?", (patron_id,)).fetchone()
            return PinChecked(is_pin(secret, row[0] if row else None))
        case FindActs(ids):
            return Acts(find_acts(db, ids))
    raise TypeError(f"{type(query).__name__} is no question to the ledger")


def _identify(db: Database, code: str, wants: str, for_patron: str | None) -> Identified:
    card, lost = None, False
    if wants != "item":
        row = db.execute("SELECT patron_id, lost FROM cards WHERE number = ?", (code,)).fetchone()
        if row is not None:
            card, lost = reads.patron_record(db, row[0]), bool(row[1])
    items: tuple[ItemRecord, ...] = ()
    if wants != "card":
        items = reads.items_by_number(db, code)
    patron = reads.patron_record(db, for_patron) if for_patron else None
    return Identified(None if lost else card, lost and not items, items, patron)


def _find_number(db: Database, number: str, for_patron: str | None) -> Identified:
    items = reads.items_by_number(db, number)
    row = db.execute("SELECT patron_id, lost FROM cards WHERE number = ?", (number,)).fetchone()
    card = reads.patron_record(db, row[0]) if row is not None and not items else None
    patron = reads.patron_record(db, for_patron) if for_patron else None
    return Identified(card, False, items, patron)
