"""What the ledger adds up to: acts as JSON, and the books (loans, statuses, holds) recomputed from them.

The store keeps the sums beside the ledger; `Books` is the independent sum that `kiosk ledger --check` compares with.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, TypeVar

from kiosk.circulation.model import (
    Act,
    Change,
    Hold,
    HoldChange,
    HoldLine,
    HoldState,
    Item,
    ItemStatus,
    Kind,
    Loan,
    LoanChange,
    LoanLine,
    Override,
    PatronRecord,
    StatusChange,
    Title,
)

_Fact = TypeVar("_Fact", Loan, Hold)


def body_of(act: Act) -> str:
    """The part of an act that has no column of its own, as JSON."""
    body: dict[str, Any] = {}
    if act.changes:
        body["changes"] = [_change_out(change) for change in act.changes]
    if act.undoes:
        body["undoes"] = act.undoes
    if act.override:
        body["override"] = {"by": act.override.by, "refusals": act.override.refusals, "reason": act.override.reason}
    if act.text:
        body["text"] = act.text
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def act_of(act_id: str, kind: str, patron_id: str | None, item_id: str | None, title_id: str | None, body: str) -> Act:
    """The act that columns and body describe. Raises ValueError or KeyError if they describe none."""
    parts = json.loads(body)
    override = parts.get("override")
    return Act(
        act_id,
        Kind(kind),
        patron_id,
        item_id,
        title_id,
        tuple(_change_in(change) for change in parts.get("changes", ())),
        parts.get("undoes"),
        Override(override["by"], tuple(override["refusals"]), override["reason"]) if override else None,
        parts.get("text", ""),
    )


def _change_out(change: Change) -> dict[str, Any]:
    match change:
        case StatusChange(item_id, before, after):
            return {"status": [before, after], "item": item_id}
        case LoanChange(before, after):
            return {"loan": [_fact_out(before), _fact_out(after)]}
        case HoldChange(before, after):
            return {"hold": [_fact_out(before), _fact_out(after)]}


def _fact_out(fact: Loan | Hold | None) -> dict[str, Any] | None:
    if fact is None:
        return None
    values = ((f.name, getattr(fact, f.name)) for f in fields(fact))
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in values if value is not None
    }


def _change_in(change: dict[str, Any]) -> Change:
    if "status" in change:
        before, after = change["status"]
        return StatusChange(change["item"], ItemStatus(before), ItemStatus(after))
    if "loan" in change:
        before, after = change["loan"]
        return LoanChange(_loan_in(before), _loan_in(after))
    before, after = change["hold"]
    return HoldChange(_hold_in(before), _hold_in(after))


def _date_in(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _loan_in(fact: dict[str, Any] | None) -> Loan | None:
    if fact is None:
        return None
    return Loan(
        fact["id"],
        fact["patron_id"],
        fact["title_id"],
        fact.get("item_id"),
        date.fromisoformat(fact["since"]),
        _date_in(fact.get("due")),
        fact["days"],
        fact["renewals"],
        _date_in(fact.get("promised")),
    )


def _hold_in(fact: dict[str, Any] | None) -> Hold | None:
    if fact is None:
        return None
    return Hold(
        fact["id"],
        fact["title_id"],
        fact["patron_id"],
        datetime.fromisoformat(fact["placed"]),
        HoldState(fact["state"]),
        fact.get("item_id"),
        _date_in(fact.get("expires")),
    )


@dataclass
class Books:
    """Loans and holds by id and statuses by item, as they stand after the acts applied so far."""

    loans: dict[str, Loan] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    statuses: dict[str, ItemStatus] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def apply(self, act: Act) -> None:
        """Add one act. An act that does not follow from what came before it is noted in `faults`."""
        for change in act.changes:
            match change:
                case StatusChange(item_id, before, after):
                    if self.statuses.get(item_id, before) is not before:
                        self.faults.append(f"{act.id}: item {item_id} was {self.statuses[item_id]}, not {before}")
                    self.statuses[item_id] = after
                case LoanChange(before, after):
                    self._replace(act, self.loans, before, after)
                case HoldChange(before, after):
                    self._replace(act, self.holds, before, after)

    def _replace(self, act: Act, kept: dict[str, _Fact], before: _Fact | None, after: _Fact | None) -> None:
        fact = before or after
        if fact is None:
            return
        if kept.get(fact.id) != before:
            self.faults.append(f"{act.id}: {fact.id} was not as the act found it")
        if after is None:
            kept.pop(fact.id, None)
        else:
            kept[fact.id] = after


def with_act(record: PatronRecord, act: Act, title: Title, item: Item | None) -> PatronRecord:
    """The patron's record after an act on a title or an item of it, without asking the store again.

    Loans of other patrons that the act ends or makes are left out. A new hold's place is the store's to say: 0 here.
    """
    loans, holds = list(record.loans), list(record.holds)
    for change in act.changes:
        match change:
            case LoanChange(before, after):
                loans = [line for line in loans if before is None or line.loan.id != before.id]
                if after is not None and after.patron_id == record.patron.id:
                    loans.append(LoanLine(after, title, item))
            case HoldChange(before, after_hold):
                holds = [line for line in holds if before is None or line.hold.id != before.id]
                if after_hold is not None and after_hold.patron_id == record.patron.id:
                    holds.append(HoldLine(after_hold, title, 0))
    return replace(record, loans=tuple(loans), holds=tuple(holds))


def with_holds(holds: Sequence[Hold], act: Act) -> tuple[Hold, ...]:
    """A queue after an act that changes holds in it."""
    changed = {
        change.before.id: change.after
        for change in act.changes
        if isinstance(change, HoldChange) and change.before is not None
    }
    return tuple(hold for old in holds if (hold := changed.get(old.id, old)) is not None)
