"""What the ledger adds up to: acts as JSON, and the books (loans, statuses, holds) recomputed from them.

The store keeps the sums beside the ledger; `Books` is the independent sum that `kiosk ledger --check` compares with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from kiosk.circulation.acts import (
    Act,
    ClassChange,
    ConditionChange,
    HoldChange,
    ItemMade,
    Kind,
    LoanChange,
    MarkChange,
    Override,
    PatronMade,
    SetChange,
    StatusChange,
    YearClassChange,
)
from kiosk.circulation.change_words import change_in, change_out
from kiosk.circulation.model import (
    Condition,
    Hold,
    HoldLine,
    Item,
    ItemStatus,
    Loan,
    LoanLine,
    Mark,
    Patron,
    PatronRecord,
    SchoolClass,
    TextbookSet,
    Title,
    YearClass,
)

_Fact = TypeVar("_Fact", Loan, Hold)
MarkKey = tuple[str, int, str]
"""Patron, year and matter: there is one mark of each."""
SetKey = tuple[int, int, str, str]
"""Year, grade, language and letter: there is one set of each."""


YearClassKey = tuple[int, int, str]
"""Year, grade and letter."""


def mark_key(mark: Mark) -> MarkKey:
    """What a mark is kept under."""
    return mark.patron_id, mark.year, mark.what


def set_key(textbooks: TextbookSet) -> SetKey:
    """What a set is kept under."""
    return textbooks.year, textbooks.grade, textbooks.language, textbooks.letter


def year_class_key(known: YearClass) -> YearClassKey:
    """What is known of a class is kept under."""
    return known.year, known.grade, known.letter


def body_of(act: Act) -> str:
    """The part of an act that has no column of its own, as JSON."""
    body: dict[str, Any] = {}
    if act.changes:
        body["changes"] = [change_out(change) for change in act.changes]
    if act.undoes:
        body["undoes"] = act.undoes
    if act.override:
        body["override"] = {"by": act.override.by, "refusals": act.override.refusals, "reason": act.override.reason}
    if act.text:
        body["text"] = act.text
    if act.staff:
        body["staff"] = act.staff
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
        tuple(change_in(change) for change in parts.get("changes", ())),
        parts.get("undoes"),
        Override(override["by"], tuple(override["refusals"]), override["reason"]) if override else None,
        parts.get("text", ""),
        parts.get("staff"),
    )


_Kept = TypeVar("_Kept", Mark, TextbookSet, YearClass)
_Key = TypeVar("_Key")


@dataclass
class Books:
    """Loans and holds by id, statuses and conditions by item, marks and sets, after the acts applied so far.

    made: items that came to be by an act, and are still there. classes: of pupils, by school year.
    """

    loans: dict[str, Loan] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    statuses: dict[str, ItemStatus] = field(default_factory=dict)
    conditions: dict[str, Condition] = field(default_factory=dict)
    marks: dict[MarkKey, Mark] = field(default_factory=dict)
    sets: dict[SetKey, TextbookSet] = field(default_factory=dict)
    classes: dict[str, dict[int, SchoolClass]] = field(default_factory=dict)
    year_classes: dict[YearClassKey, YearClass] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
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
                case ConditionChange(item_id, was, now):
                    if self.conditions.get(item_id, was) is not was:
                        self.faults.append(f"{act.id}: item {item_id} was {self.conditions[item_id]}, not {was}")
                    self.conditions[item_id] = now
                case MarkChange(mark_before, mark_after):
                    self._keep(act, self.marks, mark_key, mark_before, mark_after)
                case SetChange(set_before, set_after):
                    self._keep(act, self.sets, set_key, set_before, set_after)
                case ItemMade(item_before, item_after):
                    self._make(item_before, item_after)
                case PatronMade(Patron(id=gone), None):
                    self.classes.pop(gone, None)
                case ClassChange():
                    self._move(act, change)
                case YearClassChange(class_before, class_after):
                    self._keep(act, self.year_classes, year_class_key, class_before, class_after)

    def _move(self, act: Act, change: ClassChange) -> None:
        years = self.classes.setdefault(change.patron_id, {})
        if years.pop(change.year, None) != change.before:
            self.faults.append(f"{act.id}: {change.patron_id} was not in the class that the act found")
        if change.after is not None:
            years[change.year] = change.after

    def _make(self, before: Item | None, after: Item | None) -> None:
        """An item made stands as it was made; one that is taken back was never there."""
        if before is not None:
            self.made.discard(before.id)
            self.statuses.pop(before.id, None)
            self.conditions.pop(before.id, None)
        if after is not None:
            self.made.add(after.id)
            self.statuses[after.id] = after.status
            self.conditions[after.id] = after.condition

    def _keep(
        self,
        act: Act,
        kept: dict[_Key, _Kept],
        key: Callable[[_Kept], _Key],
        before: _Kept | None,
        after: _Kept | None,
    ) -> None:
        fact = before if before is not None else after
        if fact is None:
            return
        if kept.get(key(fact)) != before:
            self.faults.append(f"{act.id}: {key(fact)} was not as the act found it")
        if after is None:
            kept.pop(key(fact), None)
        else:
            kept[key(fact)] = after

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
