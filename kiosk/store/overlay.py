"""Central's loans, holds and statuses brought into the ledger, wherever no act of ours lies over them.

What central said last is kept as it is in `central_facts` and `known_as`. An item or a hold of which an act is still
on its way, or parked, or accepted in a version that no pull has passed, stays as the act left it; once the last such
act is out of the way, it becomes what central says. That is written down as a transaction of kind `pulled`, decided by
central, so that the ledger adds up as ever (`kiosk ledger --check`) and an undo sees that something happened since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlite_utils import Database

from kiosk.circulation.acts import Act, Change, ConditionChange, HoldChange, Kind, LoanChange, StatusChange
from kiosk.circulation.clock import Moment
from kiosk.circulation.delivery import agreed_due
from kiosk.circulation.facts import HoldFact, ItemFact, LoanFact
from kiosk.circulation.model import Condition, Hold, HoldState, ItemKind, ItemStatus, Loan
from kiosk.store import reads
from kiosk.store.held import settle_held
from kiosk.store.intake_items import has_history
from kiosk.store.overlay_noted import NOTED, change_of
from kiosk.store.recording import record, stamp


@dataclass(slots=True)
class _Cluster:
    """Items and holds that must be brought in step together. An item is kept aside for a hold; a hold may take the
    place of another of the same patron."""

    items: dict[str, None] = field(default_factory=dict)
    holds: dict[str, None] = field(default_factory=dict)


class _NotYet(Exception):
    """Central has not said enough yet, or an act of ours lies over it: it stays as it is."""


class Overlay:
    """What is to be brought in step in a write transaction. `settle` does it; what is added twice is done once."""

    def __init__(self, db: Database, now: Moment, kiosk: str) -> None:
        self._db = db
        self._now = now
        self._kiosk = kiosk
        self._keys: dict[str, None] = {}

    def item(self, item_id: str) -> None:
        """Something was said of an item of ours."""
        self._keys[f"item:{item_id}"] = None

    def hold(self, hold_id: str) -> None:
        """Something was said of a hold."""
        self._keys[f"hold:{hold_id}"] = None

    def loan(self, loan_id: str) -> None:
        """Something was said of the loan of a copy held by count."""
        self._keys[f"loan:{loan_id}"] = None

    def noted(self, key: str | None) -> None:
        """Something was said of what staff noted, under this key of ours; None: of nothing that is known here."""
        if key is not None:
            self._keys[key] = None

    def lift(self, keys: Iterable[str]) -> None:
        """No act lies over these any more, but for those that still do: bring them in step now."""
        self._keys.update(dict.fromkeys(keys))
        self.settle()

    def settle(self) -> None:
        """Bring everything that was added in step."""
        keys, self._keys = self._keys, {}
        done = _Cluster()
        for key in keys:
            what, _, one = key.partition(":")
            if what == "loan":
                self._counted(one)
            elif what in NOTED:
                self._of_noted(key)
            elif (what == "item" and one not in done.items) or (what == "hold" and one not in done.holds):
                cluster = self._cluster(what, one)
                done.items.update(cluster.items)
                done.holds.update(cluster.holds)
                try:
                    acts = self._of_cluster(cluster)
                except _NotYet:
                    continue
                self._record(acts)

    def _of_noted(self, key: str) -> None:
        found = change_of(self._db, key) if not self._is_covered(key) else None
        if found is not None:
            self._record([Act(uuid4().hex, Kind.PULLED, found[0], changes=(found[1],))])

    def _record(self, acts: list[Act]) -> None:
        record(self._db, [act for act in acts if act.changes], (), self._now, self._kiosk, frozenset(), "", "central")

    # What hangs together.

    def _cluster(self, what: str, one: str) -> _Cluster:
        cluster, waiting = _Cluster(), [(what, one)]
        while waiting:
            what, one = waiting.pop()
            if what == "item" and one not in cluster.items:
                cluster.items[one] = None
                waiting += [("hold", hold) for hold in self._holds_on(one)]
            elif what == "hold" and one not in cluster.holds:
                cluster.holds[one] = None
                waiting += self._beside(one)
        return cluster

    def _holds_on(self, item_id: str) -> list[str]:
        ours = self._db.execute(
            "SELECT h.id FROM items i JOIN holds h ON h.title_id = i.title_id AND h.item_id = i.id WHERE i.id = ?",
            (item_id,),
        ).fetchall()
        theirs = self._db.execute(
            "SELECT f.id FROM known_as k JOIN central_facts f ON f.item = k.central_id AND f.kind = 'hold' "
            "WHERE k.kind = 'item' AND k.local_id = ?",
            (item_id,),
        ).fetchall()
        return [row[0] for row in (*ours, *theirs)]

    def _beside(self, hold_id: str) -> list[tuple[str, str]]:
        ours, theirs = self._hold(hold_id), self._hold_fact(hold_id)
        found = []
        if ours is not None:
            found += [("item", ours.item_id)] if ours.item_id is not None else []
            rows = self._db.execute(_SAME_PLACE, (ours.patron_id, ours.title_id)).fetchall()
            found += [("hold", row[0]) for row in rows]
        if theirs is not None:
            item = self._local("item", theirs.item_id)
            found += [("item", item)] if item is not None else []
            pair = (self._local("title", theirs.title_id), self._local("patron", theirs.patron_id))
            rows = self._db.execute("SELECT id FROM holds WHERE title_id = ? AND patron_id = ?", pair).fetchall()
            found += [("hold", row[0]) for row in rows]
        return found

    # What it should be.

    def _of_cluster(self, cluster: _Cluster) -> list[Act]:
        for key in (*(f"item:{one}" for one in cluster.items), *(f"hold:{one}" for one in cluster.holds)):
            if self._is_covered(key):
                raise _NotYet
        facts = self._one_place_each({one: self._hold_fact(one) for one in cluster.holds})
        ready: dict[str | None, HoldFact] = {}
        for fact in facts.values():
            if fact is not None and fact.state is HoldState.READY:
                ready.setdefault(self._local("item", fact.item_id), fact)
        items = [self._of_item(one, ready.get(one)) for one in cluster.items]
        kept = {act.item_id for act, status in items if status is ItemStatus.HOLD_SHELF}
        shelved = {fact.id: item for item, fact in ready.items() if item in kept}
        gone: list[HoldChange] = []
        come: list[HoldChange] = []
        for one, fact in facts.items():
            change = self._of_hold(one, fact, shelved.get(one))
            if change is not None:
                (gone if change.after is None else come).append(change)
        return [*map(self._act_on_hold, gone), *(act for act, _ in items), *map(self._act_on_hold, come)]

    def _one_place_each(self, facts: dict[str, HoldFact | None]) -> dict[str, HoldFact | None]:
        """A patron has one place in a title's queue, whatever central says: the one that it spoke of last."""
        newest = sorted((fact for fact in facts.values() if fact is not None), key=lambda fact: fact.version)
        places = {(fact.patron_id, fact.title_id): fact for fact in newest}
        return {
            one: fact if fact is not None and places[fact.patron_id, fact.title_id] is fact else None
            for one, fact in facts.items()
        }

    def _of_item(self, item_id: str, kept_for: HoldFact | None) -> tuple[Act, ItemStatus]:
        row = self._db.execute(f"SELECT {reads.ITEM} FROM items i WHERE i.id = ?", (item_id,)).fetchone()
        known = self._db.execute(
            "SELECT central_id, status, condition FROM known_as WHERE kind = 'item' AND local_id = ?", (item_id,)
        ).fetchone()
        if row is None or known is None or known[1] is None:
            raise _NotYet
        item, said = reads.to_item(row), ItemStatus(known[1])
        ours, theirs = self._loan_of(item_id), self._loan_fact(known[0])
        loan = None
        if theirs is not None:
            loan = self._as_loan(theirs, item.title_id, item_id, ours)
            said = ItemStatus.ON_LOAN
        elif said is ItemStatus.ON_LOAN or (said is ItemStatus.HOLD_SHELF and kept_for is None):
            raise _NotYet
        changes: list[Change] = list(_loan_changes(ours, loan))
        if item.status is not said or (said is not item.resting_status and not has_history(self._db, item_id)):
            changes.append(StatusChange(item_id, item.status, said))
        if known[2] is not None and item.condition != known[2]:
            changes.append(ConditionChange(item_id, item.condition, Condition(known[2])))
        about = loan or ours
        patron = about.patron_id if about is not None else None
        return Act(uuid4().hex, Kind.PULLED, patron, item_id, item.title_id, tuple(changes)), said

    def _of_hold(self, hold_id: str, fact: HoldFact | None, item: str | None) -> HoldChange | None:
        """item: what is kept aside for it."""
        ours = self._hold(hold_id)
        hold = None
        if fact is not None:
            patron, title = self._local("patron", fact.patron_id), self._local("title", fact.title_id)
            if patron is None or title is None:
                raise _NotYet
            hold = Hold(hold_id, title, patron, datetime.fromisoformat(fact.placed))
            hold = replace(hold, placed=datetime.fromisoformat(stamp(hold.placed)))
            if item is not None:
                hold = replace(hold, state=HoldState.READY, item_id=item, expires=fact.expires)
            if ours is not None and (ours.title_id, ours.patron_id, ours.placed) != (title, patron, hold.placed):
                hold = replace(hold, title_id=ours.title_id, patron_id=ours.patron_id, placed=ours.placed)
        return HoldChange(ours, hold) if ours != hold else None

    def _act_on_hold(self, change: HoldChange) -> Act:
        hold = change.after or change.before
        assert hold is not None
        return Act(uuid4().hex, Kind.PULLED, hold.patron_id, None, hold.title_id, (change,))

    def _counted(self, loan_id: str) -> None:
        """The loan of a copy held by count."""
        if self._is_covered(f"loan:{loan_id}"):
            return
        row = self._db.execute(
            f"SELECT {reads.LOAN} FROM loans l WHERE l.id = ? AND l.item_id IS NULL", (loan_id,)
        ).fetchone()
        ours = reads.to_loan(row) if row is not None else None
        fact, loan = self._fact("loan", loan_id), None
        if fact is not None:
            title = self._local("title", fact["title_id"])
            if title is None:
                return
            try:
                loan = self._as_loan(loan_of(fact), title, None, ours)
            except _NotYet:
                return
        changes = _loan_changes(ours, loan)
        about = loan or ours
        if about is None:
            return
        if changes:
            self._record([Act(uuid4().hex, Kind.PULLED, about.patron_id, None, about.title_id, changes)])
        settle_held(self._db, about.title_id)

    def _as_loan(self, fact: LoanFact, title_id: str, item_id: str | None, ours: Loan | None) -> Loan:
        patron = self._local("patron", fact.patron_id)
        if patron is None:
            raise _NotYet
        due, promised = fact.due, None
        if ours is not None and ours.id == fact.id:
            due, promised = agreed_due(ours.promised, ours.due, fact.due)
        return Loan(fact.id, patron, title_id, item_id, fact.since, due, fact.days, fact.renewals, promised)

    # What is known.

    def _is_covered(self, key: str) -> bool:
        return self._db.execute(_COVERED, (key,)).fetchone() is not None

    def _local(self, kind: str, central_id: str | None) -> str | None:
        row = self._db.execute(
            "SELECT local_id FROM known_as WHERE kind = ? AND central_id = ?", (kind, central_id)
        ).fetchone()
        return row[0] if row else None

    def _hold(self, hold_id: str) -> Hold | None:
        row = self._db.execute(f"SELECT {reads.HOLD} FROM holds h WHERE h.id = ?", (hold_id,)).fetchone()
        return reads.to_hold(row) if row is not None else None

    def _loan_of(self, item_id: str) -> Loan | None:
        row = self._db.execute(f"SELECT {reads.LOAN} FROM loans l WHERE l.item_id = ?", (item_id,)).fetchone()
        return reads.to_loan(row) if row is not None else None

    def _fact(self, kind: str, fact_id: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT body FROM central_facts WHERE kind = ? AND id = ?", (kind, fact_id)).fetchone()
        return json.loads(row[0]) if row is not None else None

    def _hold_fact(self, hold_id: str) -> HoldFact | None:
        fact = self._fact("hold", hold_id)
        return hold_of(fact) if fact is not None else None

    def _loan_fact(self, central_item: str) -> LoanFact | None:
        row = self._db.execute(
            "SELECT body FROM central_facts WHERE item = ? AND kind = 'loan' ORDER BY version DESC LIMIT 1",
            (central_item,),
        ).fetchone()
        return loan_of(json.loads(row[0])) if row is not None else None


_COVERED = "SELECT 1 FROM outbox_keys WHERE key = ?1 UNION ALL SELECT 1 FROM intent_keys WHERE key = ?1 LIMIT 1"
_SAME_PLACE = (
    "SELECT f.id FROM known_as p JOIN known_as t ON t.kind = 'title' AND t.local_id = ?2 "
    "JOIN central_facts f ON f.patron = p.central_id AND f.title = t.central_id AND f.kind = 'hold' "
    "WHERE p.kind = 'patron' AND p.local_id = ?1"
)


def _loan_changes(ours: Loan | None, theirs: Loan | None) -> tuple[LoanChange, ...]:
    if ours == theirs:
        return ()
    if ours is None or theirs is None:
        return (LoanChange(ours, theirs),)
    same = (ours.id, ours.patron_id, ours.title_id) == (theirs.id, theirs.patron_id, theirs.title_id)
    return (LoanChange(ours, theirs),) if same else (LoanChange(ours, None), LoanChange(None, theirs))


def body_of_fact(fact: LoanFact | HoldFact | ItemFact) -> str:
    """A fact as `central_facts` keeps it."""
    values = ((name, one.isoformat() if isinstance(one, date) else one) for name, one in asdict(fact).items())
    return json.dumps(dict(values), ensure_ascii=False, separators=(",", ":"))


def loan_of(body: dict[str, Any]) -> LoanFact:
    """The fact that `body_of_fact` wrote down."""
    return LoanFact(**{**body, "since": date.fromisoformat(body["since"]), "due": _date(body["due"])})


def hold_of(body: dict[str, Any]) -> HoldFact:
    """The fact that `body_of_fact` wrote down."""
    return HoldFact(**{**body, "state": HoldState(body["state"]), "expires": _date(body["expires"])})


def item_of(body: dict[str, Any]) -> ItemFact:
    """The fact that `body_of_fact` wrote down."""
    condition, labels = body.get("condition"), body.get("old_barcodes")
    values = {
        "kind": ItemKind(body["kind"]),
        "status": ItemStatus(body["status"]),
        "condition": Condition(condition) if condition is not None else None,
        "old_barcodes": tuple(labels) if labels is not None else None,
    }
    return ItemFact(**{**body, **values})


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
