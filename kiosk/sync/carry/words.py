"""Acts, outcomes and facts as lines of JSON, checked strictly when they are read: one object a line, of one kind each.

A line is at most sealed.LONGEST_LINE long, and each text in it is bounded: what is read is another machine's word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from kiosk.circulation.acts import Act, HeldChange, Kind
from kiosk.circulation.change_words import fact_out as plain
from kiosk.circulation.change_words import lines_in
from kiosk.circulation.delivery import Accepted, Parcel, Reason, RefusedByCentral
from kiosk.circulation.facts import Fact, HoldFact, ItemFact, LoanFact, MarkFact, Page, PatronFact, SetFact, TitleFact
from kiosk.circulation.ledger import act_of, body_of
from kiosk.circulation.model import Block, BlockKind, Condition, HoldState, ItemKind, ItemStatus, SchoolClass
from kiosk.errors import ProtocolError

Line = dict[str, Any]

FACTS = 2
"""Which facts a kiosk understands: 2 has marks and sets. One that does not say understands 1."""
LONGEST_ID = 200
LONGEST_TEXT = 1000
LONGEST_BODY = 100_000
MOST = 2**62
MOST_PARTS = 200
MOST_DAYS = 100_000
_UNFIT = re.compile("[\x00\ud800-\udfff]")
"""What no database takes in a text."""
_WRONG = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError)


class Unreadable(ProtocolError):
    """A line has not the form that it must have. Its text names the kind of line, never its content."""


def encode(line: Line) -> bytes:
    """A line of a file."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")


def decode(line: bytes) -> Line:
    """An object of JSON. Raises Unreadable."""
    try:
        found = json.loads(line, parse_constant=_no)
    except _WRONG:
        raise Unreadable("a line is no JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("a line is no object")
    return found


def _no(text: str) -> None:
    raise ValueError


def whole(line: Line, key: str, most: int = MOST) -> int:
    """A whole number from 0. Raises Unreadable."""
    value = line.get(key)
    if type(value) is not int or not 0 <= value <= most:
        raise Unreadable(f"{key}: a whole number is expected")
    return value


def text(line: Line, key: str, longest: int = LONGEST_TEXT, least: int = 0) -> str:
    """A text. Raises Unreadable."""
    value = line.get(key)
    if not isinstance(value, str) or not least <= len(value) <= longest or _UNFIT.search(value):
        raise Unreadable(f"{key}: a text is expected")
    return value


def maybe(line: Line, key: str, longest: int = LONGEST_ID) -> str | None:
    """A text, or None. Raises Unreadable."""
    return None if line.get(key) is None else text(line, key, longest)


def flag(line: Line, key: str) -> bool:
    """true or false. Raises Unreadable."""
    value = line.get(key)
    if type(value) is not bool:
        raise Unreadable(f"{key}: true or false is expected")
    return value


def moment(line: Line, key: str) -> datetime:
    """A time with its zone. Raises Unreadable."""
    try:
        at = datetime.fromisoformat(text(line, key, 40)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"{key}: a time is expected") from None
    return at


# An act, on its way to central.


def parcel_out(parcel: Parcel) -> Line:
    """An act as the kiosk writes it."""
    act = parcel.act
    return {
        "act": act.id,
        "kind": act.kind.value,
        "patron": act.patron_id,
        "item": act.item_id,
        "title": act.title_id,
        "body": body_of(act),
        "seq": parcel.seq,
        "at": parcel.at.astimezone(UTC).isoformat(),
        "trusted": parcel.trusted,
        "kiosk": parcel.kiosk,
        "card": parcel.card,
        "barcode": parcel.barcode,
        "inventory_no": parcel.inventory_no,
        "external_id": parcel.external_id,
        "happened": parcel.happened,
        "reported": parcel.reported.astimezone(UTC).isoformat() if parcel.reported is not None else None,
        "insist": parcel.insist,
    }


def act_id_of(line: Line) -> str:
    """The id of the act in a line. Raises Unreadable."""
    return text(line, "act", LONGEST_ID, least=1)


def is_known_kind(line: Line) -> bool:
    """Whether we know acts of this kind at all: a newer kiosk may do what we have never heard of."""
    return text(line, "kind", 50) in set(Kind)


def parcel_in(line: Line) -> Parcel:
    """The act in a line. Raises Unreadable."""
    try:
        act = act_of(
            act_id_of(line),
            text(line, "kind", 50),
            maybe(line, "patron"),
            maybe(line, "item"),
            maybe(line, "title"),
            text(line, "body", LONGEST_BODY),
        )
    except _WRONG:
        raise Unreadable("an act cannot be read") from None
    if not _fits(act, Act):
        raise Unreadable("an act cannot be read")
    at = moment(line, "at")
    return Parcel(
        whole(line, "seq"),
        act,
        at,
        flag(line, "trusted"),
        text(line, "kiosk", LONGEST_ID, least=1),
        maybe(line, "card"),
        maybe(line, "barcode"),
        maybe(line, "inventory_no"),
        maybe(line, "external_id"),
        happened=flag(line, "happened"),
        reported=moment(line, "reported") if line.get("reported") is not None else None,
        insist=flag(line, "insist"),
    )


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value is what the model's annotation says; texts, numbers and lists bounded."""
    kind: Hashable = hint
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is tuple:
        return isinstance(value, tuple) and len(value) <= MOST_PARTS and all(_fits(one, parts[0]) for one in value)
    if hint is HeldChange:
        return (
            type(value) is hint and _fits(value.title_id, str) and type(value.by) is int and abs(value.by) <= MOST_DAYS
        )
    if is_dataclass(hint):
        return type(value) is hint and all(_fits(getattr(value, name), one) for name, one in _hints(kind).items())
    if hint is str:
        return isinstance(value, str) and len(value) <= LONGEST_TEXT and _UNFIT.search(value) is None
    if hint is int:
        return type(value) is int and 0 <= value <= MOST_DAYS
    return type(value) is hint


# What central says of it.

BEHIND = "behind"


def outcome_out(act_id: str, outcome: Accepted | RefusedByCentral | None) -> Line:
    """What became of an act. None: it was not looked at, as an earlier one of the same item was refused."""
    match outcome:
        case Accepted(version, flags):
            return {"of": act_id, "version": version, "flags": [one.value for one in flags]}
        case RefusedByCentral(reason, words):
            return {"of": act_id, "no": reason.value, "text": words[:LONGEST_TEXT]}
        case None:
            return {"of": act_id, "no": BEHIND}


def outcome_in(line: Line) -> Accepted | RefusedByCentral | None:
    """The outcome in a line; a reason that a newer central gives is one that we do not know. Raises Unreadable."""
    if "no" not in line:
        flags = line.get("flags")
        if not isinstance(flags, list) or not all(isinstance(one, str) for one in flags):
            raise Unreadable("flags: a list of texts is expected")
        return Accepted(whole(line, "version"), tuple(Reason(one) for one in flags if one in set(Reason)))
    reason = text(line, "no", 50)
    if reason == BEHIND:
        return None
    return RefusedByCentral(Reason(reason) if reason in set(Reason) else Reason.OTHER, text(line, "text"))


# A page of a pull: a line that says what it is, then a line for each of its facts.

_KINDS: dict[str, type[Fact]] = {
    "patron": PatronFact, "title": TitleFact, "item": ItemFact, "loan": LoanFact, "hold": HoldFact, "mark": MarkFact,
    "set": SetFact,
}  # fmt: skip
_NAMES = {kind: name for name, kind in _KINDS.items()}


def page_out(asked: str, page: Page) -> Iterable[Line]:
    """A page and its facts, as lines. asked: the cursor that it goes on from."""
    yield {
        "page": asked,
        "cursor": page.cursor,
        "version": page.version,
        "more": page.more,
        "snapshot": page.snapshot,
        "total": page.total,
        "facts": len(page.facts),
    }
    for fact in page.facts:
        yield fact_out(fact)


def page_in(line: Line) -> tuple[str, int, Page]:
    """A page without its facts, the cursor that it goes on from, and how many facts follow. Raises Unreadable."""
    total = None if line.get("total") is None else whole(line, "total")
    page = Page(
        (),
        text(line, "cursor", least=1),
        whole(line, "version"),
        flag(line, "more"),
        flag(line, "snapshot"),
        total,
    )
    return text(line, "page"), whole(line, "facts", 1000), page


def fact_out(fact: Fact) -> Line:
    """A fact; texts that no kiosk would take are cut."""
    line: Line = {"fact": _NAMES[type(fact)]}
    for field in fields(fact):
        value = getattr(fact, field.name)
        match value:
            case SchoolClass(grade, letter):
                value = [grade, letter]
            case StrEnum():
                value = value.value
            case date():
                value = value.isoformat()
            case str():
                value = value[:LONGEST_TEXT]
            case tuple() if field.name == "blocks":
                value = [[one.kind.value, one.until.isoformat() if one.until is not None else None] for one in value]
            case tuple() if field.name == "years":
                value = [[year, [one.grade, one.letter] if one is not None else None] for year, one in value]
            case tuple() if field.name == "lines":
                value = plain(value)
            case tuple():
                value = [list(one) if isinstance(one, tuple) else one for one in value]
        line[field.name] = value
    return line


def fact_in(line: Line) -> Fact:
    """The fact in a line, of the right types where they are not plain ones; the rest is vetting.py's to look at.

    Raises Unreadable."""
    try:
        kind = _KINDS[line["fact"]]
        values = {
            field.name: _MAKE.get(field.name, _as_it_is)(line[field.name])
            for field in fields(kind)
            if field.name in line
        }
        if kind is TitleFact or kind is ItemFact:
            values["kind"] = ItemKind(values["kind"])
        if kind is ItemFact:
            values["status"] = ItemStatus(values["status"])
            values["condition"] = Condition(values["condition"]) if values.get("condition") is not None else None
        if kind is HoldFact:
            values["state"] = HoldState(values["state"])
        made: Fact = kind(**values)
    except _WRONG:
        raise Unreadable("a fact cannot be read") from None
    return made


def with_facts(page: Page, facts: Iterable[Fact]) -> Page:
    """A page with its facts."""
    return replace(page, facts=tuple(facts))


def _as_it_is(value: Any) -> Any:
    return value


def _maybe_day(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _maybe_class(value: Any) -> SchoolClass | None:
    return None if value is None else SchoolClass(value[0], value[1])


def _maybe_tuple(value: Any, make: Callable[[Any], Any]) -> Any:
    return None if value is None else tuple(make(one) for one in value)


_MAKE: dict[str, Callable[[Any], Any]] = {
    "school_class": _maybe_class,
    "cards": lambda value: tuple((number, lost) for number, lost in value),
    "blocks": lambda value: tuple(Block(BlockKind(kind), _maybe_day(until)) for kind, until in value),
    "years": lambda value: _maybe_tuple(value, lambda one: (one[0], _maybe_class(one[1]))),
    "groups": lambda value: _maybe_tuple(value, _as_it_is),
    "old_barcodes": lambda value: _maybe_tuple(value, _as_it_is),
    "lines": lines_in,
    "expires": _maybe_day,
    "due": _maybe_day,
    "since": _maybe_day,
}
