"""The local copy of the central library (ports.Mirror): pages taken in, each in one short write transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from kiosk.circulation.acts import Act, HoldChange, Kind, LoanChange
from kiosk.circulation.clock import Moment, reckon
from kiosk.circulation.delivery import order_keys
from kiosk.circulation.facts import Fact, HoldFact, ItemFact, LoanFact, MarkFact, Page, PatronFact, SetFact, TitleFact
from kiosk.circulation.ledger import act_of
from kiosk.circulation.model import Hold, ItemStatus, Loan
from kiosk.errors import ConnectorError
from kiosk.ports import Clock
from kiosk.store.learned import Learned
from kiosk.store.overlay import Overlay, body_of_fact, item_of
from kiosk.store.overlay_noted import YEARS, keep_mark, keep_set, local_key
from kiosk.store.pulled_rows import Rows
from kiosk.store.store import SqliteStore

STEP = 200
FEW = 20
"""A copy of fewer facts than this may shrink as it likes: so small a library is being set up."""


class StoreMirror:
    """The copy in a store, for one thread."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._mark: datetime | None = None
        self._kiosk = ""

    def cursor(self) -> str:
        """Where the next pull goes on."""
        return self.noted().get("cursor", "")

    def noted(self) -> Mapping[str, str]:
        """What was kept."""
        with self._store.connection().read() as db:
            return dict(db.execute("SELECT key, value FROM sync").fetchall())

    def note(self, **values: str) -> None:
        """Keep what staff are told of the sync; nothing is written if nothing is new."""
        known = self.noted()
        new = {key: value for key, value in values.items() if known.get(key) != value}
        if new:
            with self._store.connection().write() as db:
                _note(db, **new)

    def take(self, page: Page, asked: str, accept_smaller: bool = False) -> None:
        """Take in what a pull from cursor `asked` brought, once.

        Raises ConnectorError, with nothing taken in, if it would wipe most of the copy, unless that is accepted.
        """
        now = self._moment()
        with self._store.connection().write() as db:
            state = dict(db.execute("SELECT key, value FROM sync").fetchall())
            if state.get("cursor", "") != asked:
                return
            generation = int(state.get("generation", "0"))
            if page.snapshot and state.get("listing") != "1":
                generation += 1
                state["version"] = "0"  # central may have been set back: what it counts is another thing now
                if not accept_smaller and page.total is not None:
                    _refuse_to_wipe(_count(db), page.total)
            overlay = Overlay(db, now, self._kiosk)
            rows = Rows(db, overlay, generation)
            for fact in page.facts:
                self._take(db, rows, overlay, fact, generation)
            overlay.settle()
            rows.try_waiting()
            overlay.settle()
            ended = page.snapshot and not page.more
            if ended and not accept_smaller:
                _refuse_to_wipe(_count(db), _count(db, f"generation >= {generation}"))
            _note(
                db,
                cursor=page.cursor,
                version=str(max(page.version, int(state.get("version", "0")))),
                generation=str(generation),
                listing="1" if page.snapshot and page.more else "0",
            )
            if ended:
                _note(db, sweep=str(generation))
        self._store.idle()

    def learn(self, facts: Sequence[Fact]) -> None:
        """Take in what a look-up told: what a fact leaves empty, it does not say."""
        if not facts:
            return
        now = self._moment()
        with self._store.connection().write() as db:
            overlay = Overlay(db, now, self._kiosk)
            Learned(db, overlay).take(facts)
            overlay.settle()
        self._store.idle()

    def _take(self, db: Database, rows: Rows, overlay: Overlay, fact: Fact, generation: int) -> None:
        match fact:
            case PatronFact():
                rows.patron(fact)
            case TitleFact():
                rows.title(fact)
            case ItemFact():
                rows.item(fact)
            case MarkFact():
                overlay.noted(keep_mark(db, fact, generation))
            case SetFact():
                overlay.noted(keep_set(db, fact, generation))
            case LoanFact() | HoldFact():
                kind = "loan" if isinstance(fact, LoanFact) else "hold"
                known = db.execute(
                    "SELECT version, item, generation FROM central_facts WHERE kind = ? AND id = ?", (kind, fact.id)
                ).fetchone()
                if known is not None and known[0] > fact.version and known[2] >= generation:
                    return
                if fact.ended:
                    db.execute("DELETE FROM central_facts WHERE kind = ? AND id = ?", (kind, fact.id))
                else:
                    db.execute(
                        "INSERT OR REPLACE INTO central_facts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        (
                            kind, fact.id, fact.version, generation, fact.patron_id, fact.title_id, fact.item_id,
                            body_of_fact(fact),
                        ),
                    )  # fmt: skip
                _touch(db, overlay, kind, fact.id, {fact.item_id, known[1] if known is not None else None})

    def tidy(self) -> bool:
        """Bring a few acts that central has by now, or things that it has no more, in step; whether there are more."""
        with self._store.connection().read() as db:
            state = dict(db.execute("SELECT key, value FROM sync").fetchall())
            version = int(state.get("version", "0"))
            passed = db.execute(_PASSED, (version,)).fetchall()
        if passed:
            self._lift([(key, seq) for key, seq in passed])
            return True
        if state.get("sweep"):
            return self._sweep(int(state["sweep"]))
        return False

    def _lift(self, passed: list[tuple[str, int]]) -> None:
        now = self._moment()
        with self._store.connection().write() as db:
            db.conn.executemany("DELETE FROM outbox_keys WHERE key = ? AND seq = ?", passed)
            overlay = Overlay(db, now, self._kiosk)
            rows = Rows(db, overlay, int(_value(db, "generation") or 0))
            keys = [key for key, _ in passed]
            for key in keys:
                _take_waiting(db, rows, key)
            overlay.lift(keys)
        self._store.idle()

    def _sweep(self, generation: int) -> bool:
        """What a list of everything did not name is not there: patrons have left, items are written off."""
        now = self._moment()
        with self._store.connection().write() as db:
            overlay = Overlay(db, now, self._kiosk)
            gone = db.execute(
                "SELECT kind, id, item FROM central_facts WHERE generation < ? LIMIT ?", (generation, STEP)
            ).fetchall()
            for kind, fact_id, item in gone:
                db.execute("DELETE FROM central_facts WHERE kind = ? AND id = ?", (kind, fact_id))
                if kind in ("loan", "hold"):
                    _touch(db, overlay, kind, fact_id, {item})
                else:
                    overlay.noted(local_key(db, kind, fact_id))
            lost = db.execute(_NOT_NAMED, (generation, STEP - len(gone))).fetchall()
            for kind, central_id, local_id in lost:
                status = ItemStatus.WRITTEN_OFF if kind == "item" else None
                db.execute(
                    "UPDATE known_as SET generation = ?, status = ? WHERE kind = ? AND central_id = ?",
                    (generation, status, kind, central_id),
                )
                if kind == "item":
                    overlay.item(local_id)
                elif kind == "patron":
                    db.execute(
                        "UPDATE patrons SET has_left = 1, version = version + 1 WHERE id = ? AND has_left = 0",
                        (local_id,),
                    )
            overlay.settle()
            if len(gone) + len(lost) < STEP:
                db.execute("DELETE FROM sync WHERE key = 'sweep'")
                return False
        self._store.idle()
        return True

    def enrol(self, carries: frozenset[Kind]) -> bool:
        """Give acts that made open loans and holds before there was a central a place in the outbox, a few at a time;
        whether there are more."""
        with self._store.connection().read() as db:
            if _value(db, "enrolled"):
                return False
            after = int(_value(db, "enrolled_upto") or 0)
            rows = db.execute(_LOCAL, (after, STEP)).fetchall()
            acts = [(row[0], act) for row in rows if (act := act_of(*row[1:])).kind in carries and _is_open(db, act)]
        with self._store.connection().write() as db:
            for seq, act in acts:
                if db.execute("INSERT OR IGNORE INTO outbox (seq) VALUES (?)", (seq,)).rowcount:
                    values = [(key, seq, act.kind) for key in order_keys(act)]
                    db.conn.executemany("INSERT INTO outbox_keys (key, seq, kind) VALUES (?, ?, ?)", values)
            _note(db, **({"enrolled_upto": str(rows[-1][0])} if rows else {"enrolled": "1"}))
        return bool(rows)

    def _moment(self) -> Moment:
        if not self._kiosk:
            with self._store.connection().read() as db:
                self._kiosk = db.execute("SELECT value FROM meta WHERE key = 'kiosk'").fetchone()[0]
            self._mark = self._store.mark()
        return reckon(self._clock.read(), self._mark)


_PASSED = f"SELECT key, seq FROM outbox_keys WHERE version IS NOT NULL AND version <= ? ORDER BY version LIMIT {STEP}"
_NOT_NAMED = "SELECT kind, central_id, local_id FROM known_as WHERE generation < ? LIMIT ?"
_LOCAL = (
    "SELECT seq, id, kind, patron_id, item_id, title_id, body FROM transactions WHERE seq > ? AND decided_by = 'local' "
    "ORDER BY seq LIMIT ?"
)


def _is_open(db: Database, act: Act) -> bool:
    """Whether an act made or changed a loan or a hold that is open now."""
    for change in act.changes:
        match change:
            case LoanChange(after=Loan(id=loan_id, patron_id=patron_id)):
                found = db.execute("SELECT 1 FROM loans WHERE patron_id = ? AND id = ?", (patron_id, loan_id))
            case HoldChange(after=Hold(id=hold_id)):
                found = db.execute("SELECT 1 FROM holds WHERE id = ?", (hold_id,))
            case _:
                continue
        if found.fetchone() is not None:
            return True
    return False


def _value(db: Database, key: str) -> str:
    row = db.execute("SELECT value FROM sync WHERE key = ?", (key,)).fetchone()
    return row[0] if row else ""


def _note(db: Database, **values: str) -> None:
    db.conn.executemany("INSERT OR REPLACE INTO sync VALUES (?, ?)", values.items())


def _touch(db: Database, overlay: Overlay, kind: str, fact_id: str, items: set[str | None]) -> None:
    """Something was said of a loan or a hold, by central's ids."""
    if kind == "hold":
        overlay.hold(fact_id)
    elif items <= {None}:
        overlay.loan(fact_id)
    for item in items - {None}:
        row = db.execute("SELECT local_id FROM known_as WHERE kind = 'item' AND central_id = ?", (item,)).fetchone()
        if row is not None:
            overlay.item(row[0])


def _take_waiting(db: Database, rows: Rows, key: str) -> None:
    """An item that is to become one of another title has waited until nothing lies over it."""
    what, _, item_id = key.partition(":")
    if what != "item":
        return
    row = db.execute(
        "SELECT f.body FROM known_as k JOIN central_facts f ON f.kind = 'item' AND f.id = k.central_id "
        "WHERE k.kind = 'item' AND k.local_id = ?",
        (item_id,),
    ).fetchone()
    if row is not None:
        rows.item(item_of(json.loads(row[0])))


def _count(db: Database, where: str = "1") -> int:
    total = db.execute(
        f"SELECT (SELECT count(*) FROM known_as WHERE {where}) + "
        f"(SELECT count(*) FROM central_facts WHERE kind <> '{YEARS}' AND {where})"
    ).fetchone()[0]
    return int(total)


def _refuse_to_wipe(known: int, named: int) -> None:
    if known >= FEW and named * 2 < known:
        raise ConnectorError(
            f"the central library lists only {named} of {known} things that are known here; nothing was taken over. "
            "If that is right, `kiosk sync once --accept-smaller` takes it over"
        )
