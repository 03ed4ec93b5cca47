"""Changes as JSON and back, and what takes a change back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from kiosk.circulation.acts import (
    BarcodeChange,
    Change,
    ClassChange,
    ConditionChange,
    HeldChange,
    HoldChange,
    ItemMade,
    LoanChange,
    MarkChange,
    PatronMade,
    SetChange,
    StatusChange,
    YearClassChange,
)
from kiosk.circulation.model import (
    Condition,
    Hold,
    HoldState,
    Item,
    ItemKind,
    ItemStatus,
    Loan,
    Mark,
    Patron,
    SchoolClass,
    SetLine,
    TextbookSet,
    YearClass,
)


def change_out(change: Change) -> dict[str, Any]:
    """A change as JSON values; what it is of stands under a key of its own."""
    match change:
        case StatusChange(item_id, before, after):
            return {"status": [before, after], "item": item_id}
        case LoanChange(before, after):
            return {"loan": [fact_out(before), fact_out(after)]}
        case HoldChange(before, after):
            return {"hold": [fact_out(before), fact_out(after)]}
        case ConditionChange(item_id, before, after):
            return {"condition": [before, after], "item": item_id}
        case MarkChange(before, after):
            return {"mark": [fact_out(before), fact_out(after)]}
        case SetChange(before, after):
            return {"set": [fact_out(before), fact_out(after)]}
        case ItemMade(before, after):
            return {"made": [fact_out(before), fact_out(after)]}
        case BarcodeChange(item_id, before, after):
            return {"barcode": [before, after], "item": item_id}
        case HeldChange(title_id, by):
            return {"held": by, "title": title_id}
        case PatronMade(before, after):
            return {"patron": [_patron_out(before), _patron_out(after)]}
        case ClassChange(patron_id, year, before, after):
            return {"class": [fact_out(before), fact_out(after)], "of": patron_id, "year": year}
        case YearClassChange(before, after):
            return {"year_class": [fact_out(before), fact_out(after)]}


def fact_out(fact: Any) -> Any:
    """A fact as JSON values: dates as ISO 8601, nothing for what is None."""
    if isinstance(fact, date):
        return fact.isoformat()
    if isinstance(fact, tuple):
        return [fact_out(one) for one in fact]
    if fact is None or not is_dataclass(fact):
        return fact
    values = ((f.name, getattr(fact, f.name)) for f in fields(fact))
    return {name: fact_out(value) for name, value in values if value is not None}


_PATRON = (
    "id",
    "version",
    "first_name",
    "last_name",
    "patronymic",
    "category",
    "school_class",
    "language",
    "groups",
    "left",
)


def _patron_out(patron: Patron | None) -> dict[str, Any] | None:
    if patron is None:
        return None
    values = {name: fact_out(getattr(patron, name)) for name in _PATRON}
    return {name: value for name, value in values.items() if value is not None}


def change_in(change: dict[str, Any]) -> Change:
    """The change of such values. Raises ValueError, KeyError or TypeError if they are none."""
    match change:
        case {"status": [before, after], "item": item_id}:
            return StatusChange(item_id, ItemStatus(before), ItemStatus(after))
        case {"loan": [before, after]}:
            return LoanChange(_loan_in(before), _loan_in(after))
        case {"hold": [before, after]}:
            return HoldChange(_hold_in(before), _hold_in(after))
        case {"condition": [before, after], "item": item_id}:
            return ConditionChange(item_id, Condition(before), Condition(after))
        case {"mark": [before, after]}:
            return MarkChange(_mark_in(before), _mark_in(after))
        case {"set": [before, after]}:
            return SetChange(set_in(before), set_in(after))
        case {"made": [before, after]}:
            return ItemMade(_item_in(before), _item_in(after))
        case {"barcode": [before, after], "item": item_id}:
            return BarcodeChange(item_id, before, after)
        case {"held": int(by), "title": title_id}:
            return HeldChange(title_id, by)
        case {"patron": [before, after]}:
            return PatronMade(_patron_in(before), _patron_in(after))
        case {"class": [before, after], "of": patron_id, "year": int(year)}:
            return ClassChange(patron_id, year, _class_in(before), _class_in(after))
        case {"year_class": [before, after]}:
            return YearClassChange(_year_class_in(before), _year_class_in(after))
    raise ValueError(f"not a change: {sorted(change)}")


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


def _mark_in(fact: dict[str, Any] | None) -> Mark | None:
    return None if fact is None else Mark(fact["patron_id"], fact["year"], fact["what"], fact["value"])


def set_in(fact: dict[str, Any] | None) -> TextbookSet | None:
    """A textbook set of JSON values. Raises ValueError, KeyError or TypeError if they are none."""
    if fact is None:
        return None
    return TextbookSet(fact["year"], fact["grade"], fact["language"], fact["letter"], lines_in(fact["lines"]))


def lines_in(lines: Sequence[dict[str, Any]]) -> tuple[SetLine, ...]:
    """The lines of a set of JSON values. Raises ValueError, KeyError or TypeError if they are none."""
    return tuple(SetLine(one["subject"], one["part"], one.get("edition"), one["group"], one["term"]) for one in lines)


def _item_in(fact: dict[str, Any] | None) -> Item | None:
    if fact is None:
        return None
    return Item(
        fact["id"],
        fact["version"],
        fact["title_id"],
        fact.get("barcode"),
        fact.get("inventory_no"),
        ItemKind(fact["kind"]),
        ItemStatus(fact["status"]),
        fact["service_point"],
        fact["shelf"],
        Condition(fact["condition"]),
    )


def _class_in(fact: dict[str, Any] | None) -> SchoolClass | None:
    return None if fact is None else SchoolClass(fact["grade"], fact["letter"])


def _year_class_in(fact: dict[str, Any] | None) -> YearClass | None:
    if fact is None:
        return None
    return YearClass(fact["year"], fact["grade"], fact["letter"], fact["language"], fact["teacher"])


def _patron_in(fact: dict[str, Any] | None) -> Patron | None:
    if fact is None:
        return None
    return Patron(
        fact["id"],
        fact["version"],
        fact["first_name"],
        fact["last_name"],
        fact["patronymic"],
        fact["category"],
        _class_in(fact.get("school_class")),
        fact["language"],
        left=bool(fact.get("left", False)),
        groups=tuple(fact["groups"]),
    )


def reversed_change(change: Change) -> Change:
    """The change that takes this one back."""
    match change:
        case StatusChange(item_id, before, after):
            return StatusChange(item_id, after, before)
        case LoanChange(before, after):
            return LoanChange(after, before)
        case HoldChange(before, after):
            return HoldChange(after, before)
        case ConditionChange(item_id, before, after):
            return ConditionChange(item_id, after, before)
        case MarkChange(before, after):
            return MarkChange(after, before)
        case SetChange(before, after):
            return SetChange(after, before)
        case ItemMade(before, after):
            return ItemMade(after, before)
        case BarcodeChange(item_id, before, after):
            return BarcodeChange(item_id, after, before)
        case HeldChange(title_id, by):
            return HeldChange(title_id, -by)
        case PatronMade(before, after):
            return PatronMade(after, before)
        case ClassChange(patron_id, year, before, after):
            return ClassChange(patron_id, year, after, before)
        case YearClassChange(before, after):
            return YearClassChange(after, before)
