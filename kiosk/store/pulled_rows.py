"""Patrons, titles and items as central has them, into the tables: each a whole, as often as one likes.

Central is the master of what it names. What only the kiosk knows (PINs, phone numbers, cards that central does not
speak of, books that it does not have) stays. A fact is of the row that is `known_as` its id; else of a row that is not
known by another id and has its external id or card, its title key, its barcode or inventory number, or its very id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import uuid4

from sqlite_utils import Database

from kiosk.circulation.acts import Kind
from kiosk.circulation.facts import ItemFact, PatronFact, TitleFact
from kiosk.circulation.model import PUPIL, ItemStatus
from kiosk.circulation.sameness import Cell, title_key
from kiosk.store.held import counted_since
from kiosk.store.intake_items import has_history, resting_at
from kiosk.store.noting import insert, update
from kiosk.store.overlay import Overlay, body_of_fact, item_of
from kiosk.store.overlay_noted import YEARS, keep_years, local_key
from kiosk.store.schema import lowered

_PATRON = (
    "first_name", "last_name", "patronymic", "category", "grade", "letter", "language", "expires", "has_left",
    "external_id", "groups",
)  # fmt: skip
_TITLE = (
    "title", "author", "kind", "publisher", "year", "isbn", "pages", "language", "udc", "bbk", "branch", "grade",
    "subject", "part", "shelf", "held",
)  # fmt: skip
_ITEM = ("barcode", "inventory_no", "kind", "service_point", "shelf", "price")
_SPELLED = {"first_name", "last_name", "patronymic", "language", "groups", "has_left"}
_COVERED = "SELECT 1 FROM outbox_keys WHERE key = ?1 UNION ALL SELECT 1 FROM intent_keys WHERE key = ?1 LIMIT 1"
_UNTOLD = f"SELECT 1 FROM outbox_keys WHERE key = ? AND kind = '{Kind.NUMBERED}' AND version IS NULL"
_TABLES = {"patron": "patrons", "title": "titles", "item": "items"}


class Rows:
    """Takes facts into the tables, in a write transaction. generation: of the newest list of everything."""

    def __init__(self, db: Database, overlay: Overlay, generation: int) -> None:
        self._db = db
        self._overlay = overlay
        self._generation = generation
        self._waiting: list[ItemFact] = []

    def try_waiting(self) -> None:
        """Items that waited may be in by now."""
        waiting, self._waiting = self._waiting, []
        for fact in waiting:
            self.item(fact)

    def patron(self, fact: PatronFact) -> None:
        """Add or change a patron, with cards and blocks."""
        local = self._known("patron", fact.id, fact.version)
        if local is None:
            return
        free = [("SELECT id FROM patrons WHERE external_id = ?", fact.external_id)] if fact.external_id else []
        free += [("SELECT patron_id FROM cards WHERE number = ?", number) for number, _ in fact.cards]
        patron_id = local or self._match("patron", fact.id, free)
        values: dict[str, Cell] = {
            "first_name": fact.first_name, "last_name": fact.last_name, "patronymic": fact.patronymic,
            "category": fact.category or PUPIL, "language": fact.language, "has_left": int(fact.left),
            "grade": fact.school_class.grade if fact.school_class else None,
            "letter": fact.school_class.letter if fact.school_class else "",
            "expires": fact.expires.isoformat() if fact.expires else None, "external_id": fact.external_id,
        }  # fmt: skip
        if fact.groups is not None:
            values["groups"] = " ".join(fact.groups)
        if self._is_moved(patron_id):
            del values["grade"], values["letter"]
        if self._is_spelled(patron_id, fact.version):
            for column in _SPELLED & values.keys():
                del values[column]
        if fact.external_id:
            self._db.execute(
                "UPDATE patrons SET external_id = NULL WHERE external_id = ? AND id <> ?", (fact.external_id, patron_id)
            )
        elif local:
            del values["external_id"]
        changed = self._put("patrons", patron_id, values, _PATRON)
        changed |= self._cards(patron_id, fact) | self.blocks(patron_id, fact)
        if changed:
            self._db.execute("UPDATE patrons SET version = version + 1 WHERE id = ?", (patron_id,))
        self._bind("patron", fact.id, patron_id, fact.version)
        for key in keep_years(self._db, fact, patron_id, self._generation):
            self._overlay.noted(key)
        if not local:
            self._revisit("patron", fact.id)

    def _is_spelled(self, patron_id: str, version: int) -> bool:
        """Whether an act of ours names the patron otherwise, of which what is told does not know."""
        row = self._db.execute(
            "SELECT 1 FROM outbox_keys WHERE key = ? AND (version IS NULL OR version > ?)",
            (f"named:{patron_id}", version),
        ).fetchone()
        return row is not None

    def _is_moved(self, patron_id: str) -> bool:
        """Whether an act of ours lies over the class that the patron is in."""
        years = self._db.execute("SELECT year FROM class_years WHERE patron_id = ?", (patron_id,)).fetchall()
        return any(self._db.execute(_COVERED, (f"class:{year}|{patron_id}",)).fetchone() for (year,) in years)

    def _cards(self, patron_id: str, fact: PatronFact) -> bool:
        changed = False
        for number, lost in fact.cards:
            row = self._db.execute("SELECT patron_id, lost FROM cards WHERE number = ?", (number,)).fetchone()
            if row is not None and tuple(row) == (patron_id, int(lost)):
                continue
            changed = True
            self._db.execute("INSERT OR REPLACE INTO cards VALUES (?, ?, ?)", (number, patron_id, int(lost)))
            if row is not None and row[0] != patron_id:
                self._db.execute("UPDATE patrons SET version = version + 1 WHERE id = ?", (row[0],))
        return changed

    def blocks(self, patron_id: str, fact: PatronFact) -> bool:
        """Change a patron's blocks to what is told; whether that is new."""
        said = {block.kind.value: block.until.isoformat() if block.until else None for block in fact.blocks}
        known = dict(self._db.execute("SELECT kind, until FROM blocks WHERE patron_id = ?", (patron_id,)).fetchall())
        if said == known:
            return False
        self._db.execute("DELETE FROM blocks WHERE patron_id = ?", (patron_id,))
        for kind, until in said.items():
            self._db.execute("INSERT INTO blocks VALUES (?, ?, ?)", (patron_id, kind, until))
        return True

    def title(self, fact: TitleFact) -> None:
        """Add or change a title, and the words by which it is found."""
        local = self._known("title", fact.id, fact.version)
        if local is None:
            return
        key = title_key(fact.title, fact.author, fact.year, fact.part, fact.grade, fact.language, fact.isbn)
        title_id = local or self._match("title", fact.id, [("SELECT id FROM titles WHERE key = ?", key)])
        lent = self._db.execute(
            "SELECT count(*) FROM loans WHERE title_id = ? AND item_id IS NULL", (title_id,)
        ).fetchone()[0]
        values: dict[str, Cell] = {name: getattr(fact, name) for name in _TITLE}
        held = fact.held + counted_since(self._db, title_id, fact.version)
        values |= {"kind": fact.kind.value, "held": max(held, lent, 0)}
        taken = self._db.execute("SELECT 1 FROM titles WHERE key = ? AND id <> ?", (key, title_id)).fetchone()
        if taken is None:
            values["key"] = key
        self._put("titles", title_id, values, (*_TITLE, *(["key"] if taken is None else [])), spare=f"{key}|{fact.id}")
        self._bind("title", fact.id, title_id, fact.version, str(fact.held))
        if not local:
            self._revisit("title", fact.id)

    def item(self, fact: ItemFact) -> None:
        """Add or change an item. It waits until its title is known; to become one of another title, until it is in and
        no act of ours lies over it; to get another label, for the latter."""
        local = self._known("item", fact.id, fact.version)
        if local is None:
            return
        numbers = [("barcode", fact.barcode), ("inventory_no", fact.inventory_no)]
        free = [(f"SELECT id FROM items WHERE {column} = ?", number) for column, number in numbers if number]
        item_id = local or self._match("item", fact.id, free)
        title = self._local("title", fact.title_id)
        row = self._db.execute("SELECT title_id FROM items WHERE id = ?", (item_id,)).fetchone()
        keeps_label = row is not None and self._keeps_label(item_id, fact.barcode)
        waits = title is None or keeps_label or (row is not None and row[0] != title and self._is_out(item_id))
        if waits:
            self._wait(fact)
        if title is None:
            return
        for column, number in numbers[1 if keeps_label else 0 :]:
            if number:
                self._db.execute(
                    f"UPDATE items SET {column} = NULL, version = version + 1 WHERE {column} = ? AND id <> ?",
                    (number, item_id),
                )
        values: dict[str, Cell] = {name: getattr(fact, name) for name in _ITEM[1 if keeps_label else 0 :]}
        values["kind"] = fact.kind.value
        if not has_history(self._db, item_id):
            # Of such an item the ledger says nothing: it stands in its place until central's status is written down.
            values["status"] = resting_at(fact.service_point)
        if row is None:
            insert(self._db, "items", {"id": item_id, "title_id": title, **values})
        elif not self._is_out(item_id):
            self._put("items", item_id, {**values, "title_id": title}, (*_ITEM, "status", "title_id"))
            self._drop_emptied(row[0], title)
        else:
            self._put("items", item_id, values, (*_ITEM, "status"))
        if not waits:
            self._db.execute("DELETE FROM central_facts WHERE kind = 'item' AND id = ?", (fact.id,))
        self._old_labels(item_id, fact)
        self._bind("item", fact.id, item_id, fact.version, fact.status, fact.condition)
        self._overlay.item(item_id)
        if not local:
            self._revisit("item", fact.id)

    def _keeps_label(self, item_id: str, barcode: str | None) -> bool:
        """Whether an act of ours lies over an item whose label is another one here."""
        row = self._db.execute("SELECT barcode FROM items WHERE id = ?", (item_id,)).fetchone()
        return bool(row[0] != barcode and self._db.execute(_COVERED, (f"item:{item_id}",)).fetchone())

    def _old_labels(self, item_id: str, fact: ItemFact) -> None:
        for label in fact.old_barcodes or ():
            self._db.execute("INSERT OR IGNORE INTO old_barcodes VALUES (?, ?)", (label, item_id))

    def _is_out(self, item_id: str) -> bool:
        """Whether the item is on loan, kept for a hold, or under an act of ours: what speaks of it names its title."""
        return (
            self._db.execute(
                "SELECT 1 FROM loans WHERE item_id = ?1 UNION SELECT 1 FROM items WHERE id = ?1 AND status = ?2 "
                "UNION SELECT 1 FROM outbox_keys WHERE key = 'item:' || ?1 "
                "UNION SELECT 1 FROM intent_keys WHERE key = 'item:' || ?1",
                (item_id, ItemStatus.HOLD_SHELF),
            ).fetchone()
            is not None
        )

    def _drop_emptied(self, old: str, new: str) -> None:
        """A title of which the last copy has become another's is nothing any more, if central does not know it."""
        if old == new:
            return
        row = self._db.execute(
            "SELECT n FROM titles t WHERE id = ?1 AND held = 0 "
            "AND NOT EXISTS (SELECT 1 FROM items WHERE title_id = ?1) "
            "AND NOT EXISTS (SELECT 1 FROM loans WHERE title_id = ?1 AND item_id IS NULL) "
            "AND NOT EXISTS (SELECT 1 FROM holds WHERE title_id = ?1) "
            "AND NOT EXISTS (SELECT 1 FROM known_as WHERE kind = 'title' AND local_id = ?1)",
            (old,),
        ).fetchone()
        if row is not None:
            self._db.execute("DELETE FROM title_words WHERE rowid = ?", row)
            self._db.execute("DELETE FROM titles WHERE id = ?", (old,))

    def _wait(self, fact: ItemFact) -> None:
        self._waiting.append(fact)
        self._db.execute(
            "INSERT OR REPLACE INTO central_facts VALUES ('item', ?, ?, ?, NULL, ?, NULL, ?)",
            (fact.id, fact.version, self._generation, fact.title_id, body_of_fact(fact)),
        )

    def _revisit(self, kind: str, central_id: str) -> None:
        """What was said of this before it was known."""
        rows = self._db.execute(
            f"SELECT kind, id, item, body FROM central_facts WHERE {kind} = ?", (central_id,)
        ).fetchall()
        for what, fact_id, item, body in rows:
            if what in ("mark", YEARS):
                self._overlay.noted(local_key(self._db, what, fact_id))
            elif what == "item":
                self.item(item_of(json.loads(body)))
            elif what == "hold":
                self._overlay.hold(fact_id)
            elif item is None:
                self._overlay.loan(fact_id)
            elif (local := self._local("item", item)) is not None:
                self._overlay.item(local)

    # Which row it is.

    def _known(self, kind: str, central_id: str, version: int) -> str | None:
        """The id of the row that is known by this id, "" if none is; None if this is older than what is known.

        In a list of everything nothing is older than what was known before it: central may have been set back."""
        row = self._db.execute(
            "SELECT local_id, version, generation FROM known_as WHERE kind = ? AND central_id = ?", (kind, central_id)
        ).fetchone()
        if row is None:
            return ""
        return row[0] if version >= row[1] or row[2] < self._generation else None

    def _match(self, kind: str, central_id: str, queries: list[tuple[str, str]]) -> str:
        """The id of a row that is meant and not yet known by another id of central's; a new id if there is none."""
        table = _TABLES[kind]
        found: list[str] = []
        for query, value in [*queries, (f"SELECT id FROM {table} WHERE id = ?", central_id)]:
            found += [row[0] for row in self._db.execute(query, (value,)).fetchall()]
        for one in found:
            taken = self._db.execute("SELECT 1 FROM known_as WHERE kind = ? AND local_id = ?", (kind, one)).fetchone()
            if taken is None and not (one != central_id and self._is_new(f"{kind}:{one}")):
                return one
        return central_id if central_id not in found else uuid4().hex

    def _is_new(self, key: str) -> bool:
        """Whether it got its number here, and central has not been told of it: it is another copy, whatever its label
        says."""
        return self._db.execute(_UNTOLD, (key,)).fetchone() is not None

    def _local(self, kind: str, central_id: str) -> str | None:
        row = self._db.execute(
            "SELECT local_id FROM known_as WHERE kind = ? AND central_id = ?", (kind, central_id)
        ).fetchone()
        return row[0] if row else None

    def _bind(
        self,
        kind: str,
        central_id: str,
        local_id: str,
        version: int,
        status: str | None = None,
        condition: str | None = None,
    ) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO known_as (kind, central_id, local_id, version, generation, status, condition) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (kind, central_id, local_id, version, self._generation, status, condition),
        )

    def _put(
        self, table: str, row_id: str, values: Mapping[str, Cell], columns: tuple[str, ...], spare: str = ""
    ) -> bool:
        """Add the row, or change what differs; whether anything did. spare: a title's key, if its own is taken."""
        said = {name: value for name, value in values.items() if name in columns}
        row = self._db.execute(f"SELECT {', '.join(said)} FROM {table} WHERE id = ?", (row_id,)).fetchone()
        if row is None:
            new = {"id": row_id, **values}
            if table == "titles":
                new = {"key": spare, **new, "lowered": lowered(str(values["title"]))}
            insert(self._db, table, new)
            return True
        changed = {name: value for (name, value), was in zip(said.items(), row, strict=True) if value != was}
        if changed:
            update(self._db, table, row_id, changed)
        return bool(changed)
