"""Acts into the ledger: the transaction, what it changes, and its place in the outbox, in one database transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlite_utils import Database

from kiosk.circulation.acts import Act, HoldChange, Kind, LoanChange, Relied, StatusChange
from kiosk.circulation.clock import Moment
from kiosk.circulation.delivery import order_keys
from kiosk.circulation.ledger import body_of
from kiosk.circulation.model import Hold, Loan
from kiosk.store.outdated import must
from kiosk.store.recording_textbooks import apply_textbook_change


def stamp(moment: datetime) -> str:
    """A time as the ledger keeps it: UTC, to the millisecond; texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record(
    db: Database,
    acts: Sequence[Act],
    relied: Sequence[Relied],
    now: Moment,
    kiosk: str,
    carried: frozenset[Kind],
    boot: str = "",
    decided_by: str = "local",
) -> None:
    """Write acts down, inside a write transaction. Raises Outdated if a fact is not as the decision found it.

    carried: the kinds that the connector takes to the central library; only they get a place in the outbox. boot: the
    machine's, to which an untrusted time belongs. decided_by: "local" or "central".
    """
    for one in relied:
        must(db, _BUMP_IF[one.table], (one.id, one.version))
    bumped = {one.id for one in relied}
    for act in acts:
        for table, row_id in (("patrons", act.patron_id), ("items", act.item_id), ("titles", act.title_id)):
            if row_id is not None and row_id not in bumped:
                db.execute(_BUMP[table], (row_id,))
    at = stamp(now.wall)
    for act in acts:
        cursor = db.execute(
            _INSERT,
            (
                act.id, act.kind, act.patron_id, act.item_id, act.title_id, at, now.trusted, kiosk, decided_by,
                body_of(act),
            ),
        )  # fmt: skip
        apply_changes(db, act)
        if act.item_id is not None:
            db.execute("UPDATE items SET last_seq = ? WHERE id = ?", (cursor.lastrowid, act.item_id))
        if act.kind in carried and _is_for_central(db, act, carried):
            _post(db, cursor.lastrowid, act, (None, None) if now.trusted else (boot, now.mono))


def _is_for_central(db: Database, act: Act, carried: frozenset[Kind]) -> bool:
    """An undo of what central was never told of stays here, too."""
    if act.kind is not Kind.UNDO:
        return True
    row = db.execute("SELECT kind FROM transactions WHERE id = ?", (act.undoes,)).fetchone()
    return row is None or row[0] in carried


def _post(db: Database, seq: int | None, act: Act, clock: tuple[str | None, float | None]) -> None:
    """Give an act its place in the outbox. clock: the boot and its seconds, if only they are known for sure."""
    db.execute("INSERT INTO outbox (seq, boot, mono) VALUES (?, ?, ?)", (seq, *clock))
    for key in order_keys(act):
        db.execute("INSERT INTO outbox_keys (key, seq, kind) VALUES (?, ?, ?)", (key, seq, act.kind))


_TABLES = ("patrons", "items", "titles")
_BUMP = {table: f"UPDATE {table} SET version = version + 1 WHERE id = ?" for table in _TABLES}
_BUMP_IF = {table: f"{statement} AND version = ?" for table, statement in _BUMP.items()}
_INSERT = (
    "INSERT INTO transactions (id, kind, patron_id, item_id, title_id, at, trusted, kiosk, decided_by, body) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def apply_changes(db: Database, act: Act) -> None:
    """Bring loans, holds and statuses in step with an act. Raises Outdated if one is not as the act found it."""
    for change in act.changes:
        match change:
            case StatusChange(item_id, before, after):
                must(db, "UPDATE items SET status = ? WHERE id = ? AND status = ?", (after, item_id, before))
            case LoanChange(before, after):
                _replace_loan(db, before, after)
            case HoldChange(before, after):
                _replace_hold(db, before, after)
            case _:
                apply_textbook_change(db, change)


def _replace_loan(db: Database, before: Loan | None, after: Loan | None) -> None:
    if before is None and after is not None:
        db.execute("INSERT INTO loans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _loan_row(after))
    elif before is not None:
        was = (before.patron_id, before.id, before.renewals, before.due.isoformat() if before.due else None)
        same = "patron_id = ? AND id = ? AND renewals = ? AND due IS ?"
        if after is None:
            must(db, f"DELETE FROM loans WHERE {same}", was)
        else:
            row = _loan_row(after)
            columns = "since = ?, due = ?, days = ?, renewals = ?, promised = ?"
            must(db, f"UPDATE loans SET {columns} WHERE {same}", (*row[4:], *was))


def _loan_row(loan: Loan) -> tuple[object, ...]:
    due = loan.due.isoformat() if loan.due else None
    promised = loan.promised.isoformat() if loan.promised else None
    return (
        loan.id, loan.patron_id, loan.title_id, loan.item_id, loan.since.isoformat(), due, loan.days, loan.renewals,
        promised,
    )  # fmt: skip


def _replace_hold(db: Database, before: Hold | None, after: Hold | None) -> None:
    if before is None and after is not None:
        db.execute("INSERT INTO holds VALUES (?, ?, ?, ?, ?, ?, ?)", _hold_row(after))
    elif before is not None:
        was = (before.id, before.state, before.item_id)
        same = "id = ? AND state = ? AND item_id IS ?"
        if after is None:
            must(db, f"DELETE FROM holds WHERE {same}", was)
        else:
            must(
                db, f"UPDATE holds SET state = ?, item_id = ?, expires = ? WHERE {same}", (*_hold_row(after)[4:], *was)
            )


def _hold_row(hold: Hold) -> tuple[object, ...]:
    expires = hold.expires.isoformat() if hold.expires else None
    return (hold.id, hold.title_id, hold.patron_id, stamp(hold.placed), hold.state, hold.item_id, expires)
