"""What a look-up told of single patrons and items, into the copy; for a central library that cannot list what it has.

Such a central says little: what a fact leaves empty, it does not say. Somebody or something new is added by it; of what
is known here only the blocks, lost cards, statuses, loans and due dates are taken over, the names stay. Patrons are
known to it by their cards, items by their barcodes, or by the inventory number of one without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from sqlite_utils import Database

from kiosk.circulation.delivery import Reason
from kiosk.circulation.facts import Fact, ItemFact, LoanFact, PatronFact, TitleFact
from kiosk.circulation.model import ItemStatus, Loan
from kiosk.store import reads
from kiosk.store.intake_items import resting_at
from kiosk.store.noting import update
from kiosk.store.overlay import Overlay, body_of_fact
from kiosk.store.pulled_rows import Rows

IN = frozenset({ItemStatus.AVAILABLE, ItemStatus.AWAITING_CHECK})
"""What central calls an item that is not out; where it stands, and whether it was looked at, only the kiosk knows."""


class Learned:
    """Takes facts of look-ups in, in a write transaction; `overlay.settle` then brings the ledger in step with them."""

    def __init__(self, db: Database, overlay: Overlay) -> None:
        self._db = db
        self._overlay = overlay
        row = db.execute("SELECT value FROM sync WHERE key = 'generation'").fetchone()
        self._generation = int(row[0]) if row else 0
        self._rows = Rows(db, overlay, self._generation)
        self._titles: dict[str, TitleFact] = {}

    def take(self, facts: Sequence[Fact]) -> None:
        """Patrons, titles, items and loans; a hold cannot be told by such a central."""
        self._titles = {fact.id: fact for fact in facts if isinstance(fact, TitleFact)}
        self._name_made(facts)
        for kind in (PatronFact, ItemFact, LoanFact):
            for fact in facts:
                if isinstance(fact, kind):
                    match fact:
                        case PatronFact():
                            self._patron(fact)
                        case ItemFact():
                            self._item(fact)
                        case LoanFact():
                            self._loan(fact)

    def _name_made(self, facts: Sequence[Fact]) -> None:
        """An item that was lent by its barcode alone (StoreIntents.make_item) gets its title, if that is new, too."""
        for fact in facts:
            title = self._titles.get(fact.title_id) if isinstance(fact, ItemFact) else None
            if title is None or not isinstance(fact, ItemFact) or self._known("title", title.id) is not None:
                continue
            row = self._db.execute(_MADE, (fact.barcode,)).fetchone()
            if row is not None:
                update(self._db, "titles", row[0], {"title": title.title, "author": title.author})
                self._bind("title", title.id, row[0])

    def forget(self, item_id: str) -> None:
        """Nothing that was said of this item before holds any more. item_id: our own."""
        self._db.execute(
            "DELETE FROM central_facts WHERE kind = 'loan' AND item = "
            "(SELECT central_id FROM known_as WHERE kind = 'item' AND local_id = ?)",
            (item_id,),
        )
        self._db.execute("UPDATE known_as SET status = NULL WHERE kind = 'item' AND local_id = ?", (item_id,))

    def _patron(self, fact: PatronFact) -> None:
        numbers = [number for number, _ in fact.cards]
        local = self._find_patron(fact.id, *numbers)
        if local is None:
            if fact.first_name or fact.last_name:
                # A card is replaced, and stands in nobody's ledger: the patron gets an id of our own.
                self._bind("patron", fact.id, uuid4().hex)
                self._rows.patron(fact)
            return
        changed = self._rows.blocks(local, fact)
        for number, lost in fact.cards:
            # A card that is lost here stays so: it may have been replaced before central knew of it.
            statement = "UPDATE cards SET lost = 1 WHERE number = ? AND lost = 0"
            changed |= lost and self._db.execute(statement, (number,)).rowcount > 0
        if changed:
            self._db.execute("UPDATE patrons SET version = version + 1 WHERE id = ?", (local,))
        self._bind("patron", fact.id, local)
        self._try_again(Reason.PATRON_UNKNOWN, "patron_id", local)

    def _item(self, fact: ItemFact) -> None:
        number = fact.barcode or fact.inventory_no or fact.id
        local = self._find_item(fact.id, number)
        if local is None:
            self._new_item(fact)
            return
        self.forget(local)
        name = self._bind("item", fact.id, local)
        status = self._status(local, fact.status)
        self._db.execute("UPDATE known_as SET status = ? WHERE kind = 'item' AND central_id = ?", (status, name))
        self._overlay.item(local)
        self._try_again(Reason.ITEM_UNKNOWN, "item_id", local)

    def _new_item(self, fact: ItemFact) -> None:
        """With its title; an item here has one already, and what central calls that would be a title without copies."""
        title = self._titles.get(fact.title_id)
        if self._known("title", fact.title_id) is None:
            if title is None:
                return
            self._rows.title(title)
        self._bind("item", fact.id, uuid4().hex)
        self._rows.item(fact)

    def _status(self, item_id: str, said: ItemStatus) -> ItemStatus:
        """What the item is to be here. Being in, it stays what it is here, unless it was out or lost here."""
        row = self._db.execute("SELECT status, service_point FROM items WHERE id = ?", (item_id,)).fetchone()
        here = ItemStatus(row[0])
        if said not in IN:
            return said
        return ItemStatus(resting_at(row[1])) if here in (ItemStatus.ON_LOAN, ItemStatus.LOST) else here

    def _loan(self, fact: LoanFact) -> None:
        """A loan of an item; that of a copy held by count cannot be told by such a central."""
        patron = self._find_patron(fact.patron_id, fact.patron_id)
        item = self._find_item(fact.item_id or "", fact.item_id or "")
        if patron is None or item is None:
            return
        self.forget(item)
        patron_name = self._bind("patron", fact.patron_id, patron)
        item_name = self._bind("item", fact.item_id or "", item)
        row = self._db.execute(
            f"SELECT {reads.LOAN} FROM loans l WHERE l.item_id = ? AND l.patron_id = ?", (item, patron)
        ).fetchone()
        said = replace(fact, patron_id=patron_name, item_id=item_name)
        if row is not None:
            said = _as_ours(said, reads.to_loan(row))
        self._db.execute(
            "INSERT OR REPLACE INTO central_facts VALUES ('loan', ?, 0, ?, ?, ?, ?, ?)",
            (said.id, self._generation, patron_name, said.title_id, item_name, body_of_fact(said)),
        )
        self._db.execute(
            "UPDATE known_as SET status = ? WHERE kind = 'item' AND central_id = ?", (ItemStatus.ON_LOAN, item_name)
        )
        self._overlay.item(item)

    # Who and what it is here.

    def _known(self, kind: str, central_id: str) -> str | None:
        row = self._db.execute(
            "SELECT local_id FROM known_as WHERE kind = ? AND central_id = ?", (kind, central_id)
        ).fetchone()
        return row[0] if row else None

    def _find_patron(self, central_id: str, *cards: str) -> str | None:
        for card in cards:
            row = self._db.execute("SELECT patron_id FROM cards WHERE number = ?", (card,)).fetchone()
            if row is not None:
                return str(row[0])
        return self._known("patron", central_id)

    def _find_item(self, central_id: str, number: str) -> str | None:
        for column in ("barcode", "inventory_no"):
            row = self._db.execute(f"SELECT id FROM items WHERE {column} = ?", (number,)).fetchone()
            if row is not None:
                return str(row[0])
        return self._known("item", central_id)

    def _bind(self, kind: str, central_id: str, local_id: str) -> str:
        """The name that central has for this; a patron with two cards is known by the first that was told."""
        row = self._db.execute(
            "SELECT central_id FROM known_as WHERE kind = ? AND local_id = ?", (kind, local_id)
        ).fetchone()
        if row is not None:
            return str(row[0])
        self._db.execute(
            "INSERT OR REPLACE INTO known_as (kind, central_id, local_id, version, generation) VALUES (?, ?, ?, 0, ?)",
            (kind, central_id, local_id, self._generation),
        )
        return central_id

    def _try_again(self, reason: Reason, column: str, local_id: str) -> None:
        """Central knows it now: what it would not take for that, and for that alone, goes again."""
        self._db.execute(
            "UPDATE outbox SET state = 'pending', not_before = NULL WHERE state = 'parked' AND reason = ? "
            f"AND seq IN (SELECT seq FROM transactions WHERE {column} = ?)",
            (reason, local_id),
        )


_MADE = "SELECT t.id FROM items i JOIN titles t ON t.id = i.title_id WHERE i.barcode = ? AND t.title = i.barcode"


def _as_ours(said: LoanFact, ours: Loan) -> LoanFact:
    """The loan that we know: such a central tells only until when it is, if that."""
    due = said.due or ours.due
    return replace(said, id=ours.id, since=ours.since, days=ours.days, renewals=ours.renewals, due=due)
