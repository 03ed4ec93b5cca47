"""What central says is hostile until it was looked at: texts are cut and cleaned, what has a wrong form is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from kiosk.circulation.facts import Fact, HoldFact, ItemFact, LoanFact, MarkFact, Page, PatronFact, SetFact, TitleFact
from kiosk.circulation.model import (
    Block,
    BlockKind,
    Condition,
    HoldState,
    ItemKind,
    ItemStatus,
    SchoolClass,
    SetLine,
)
from kiosk.errors import ConnectorError

LONGEST_TEXT = 1000
LONGEST_ID = 100
LONGEST_NAME = 100
LONGEST_CURSOR = 1000
MOST_TOLD = 1000
MOST_PARTS = 200
MOST = 1_000_000
LATEST = 2**62
"""No version is greater; SQLite's whole numbers end at 2**63."""

_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def vet(page: Any, limit: int) -> Page:
    """The page, fit for the store. Raises ConnectorError if it is not in the form of one, or longer than asked for."""
    if not isinstance(page, Page) or not isinstance(page.facts, tuple):
        raise ConnectorError("the central library's answer to a pull is no page")
    if len(page.facts) > limit:
        raise ConnectorError(f"the central library sent {len(page.facts)} facts; {limit} were asked for")
    try:
        _cursor(page.cursor)
        _whole(page.version, "version", LATEST)
        for flag in (page.more, page.snapshot):
            _expect(type(flag) is bool, "more or snapshot")
        if page.total is not None:
            _whole(page.total, "total", LATEST)
        return Page(
            tuple(_fact(fact) for fact in page.facts), page.cursor, page.version, page.more, page.snapshot, page.total
        )
    except _Wrong as wrong:
        raise ConnectorError(f"the central library sent what cannot be understood: {wrong}") from None


def vet_facts(facts: Any) -> tuple[Fact, ...]:
    """What was told of one patron or item, fit for the store. Raises ConnectorError if it cannot be understood."""
    if not isinstance(facts, tuple) or len(facts) > MOST_TOLD:
        raise ConnectorError("the central library's answer to a question is not in the form of one")
    try:
        return tuple(_fact(fact) for fact in facts)
    except _Wrong as wrong:
        raise ConnectorError(f"the central library sent what cannot be understood: {wrong}") from None


class _Wrong(Exception):
    """Names what is wrong, never its content."""


def vet_name(name: Any) -> str:
    """A name to be shown, cut and cleaned. Raises ConnectorError if it is no text."""
    try:
        return _text(name, "name")[:LONGEST_NAME]
    except _Wrong as error:
        raise ConnectorError(f"the central library sent a {error} that is none") from None


def _expect(is_right: bool, what: str) -> None:
    if not is_right:
        raise _Wrong(what)


def _cursor(value: Any) -> None:
    _expect(isinstance(value, str) and 0 < len(value) <= LONGEST_CURSOR and _UNSEEN.search(value) is None, "cursor")


def _fact(fact: Any) -> Fact:
    for kind in (PatronFact, TitleFact, ItemFact, LoanFact, HoldFact, MarkFact, SetFact):
        if type(fact) is kind:
            values = {one.name: getattr(fact, one.name) for one in fields(fact)}
            name = kind.__name__
            checked = {key: _CHECKS[_FORMS[name][key]](value, f"{name}.{key}") for key, value in values.items()}
            made: Fact = kind(**checked)
            return made
    raise _Wrong(f"a {type(fact).__name__}")


def _text(value: Any, what: str) -> str:
    _expect(isinstance(value, str), what)
    return _UNSEEN.sub(" ", value[:LONGEST_TEXT]).strip()


def _id(value: Any, what: str) -> str:
    _expect(isinstance(value, str) and 0 < len(value) <= LONGEST_ID and _UNSEEN.search(value) is None, what)
    return str(value)


def _maybe_id(value: Any, what: str) -> str | None:
    return None if value is None or value == "" else _id(value, what)


def _whole(value: Any, what: str, most: int = MOST) -> int:
    _expect(type(value) is int and 0 <= value <= most, what)
    return int(value)


def _maybe_whole(value: Any, what: str) -> int | None:
    """A number that only describes is left out if it is none."""
    return value if type(value) is int and 0 <= value <= MOST else None


def _day(value: Any, what: str) -> date:
    _expect(type(value) is date, what)
    day: date = value
    return day


def _moment(value: Any, what: str) -> str:
    _expect(isinstance(value, str) and len(value) <= 40, what)
    try:
        _expect(datetime.fromisoformat(value).tzinfo is not None, what)
    except ValueError:
        raise _Wrong(what) from None
    return str(value)


def _instance(kind: type) -> Callable[[Any, str], Any]:
    def check(value: Any, what: str) -> Any:
        _expect(type(value) is kind, what)
        return value

    return check


def _class(value: Any, what: str) -> SchoolClass | None:
    if value is None:
        return None
    _expect(type(value) is SchoolClass, what)
    return SchoolClass(_whole(value.grade, what, 99), _text(value.letter, what)[:10])


def _cards(value: Any, what: str) -> tuple[tuple[str, bool], ...]:
    _expect(isinstance(value, tuple) and len(value) <= 50, what)
    for one in value:
        _expect(isinstance(one, tuple) and len(one) == 2 and type(one[1]) is bool, what)
    return tuple((_id(number, what), lost) for number, lost in value)


def _blocks(value: Any, what: str) -> tuple[Block, ...]:
    _expect(isinstance(value, tuple) and len(value) <= 50, what)
    for one in value:
        _expect(type(one) is Block and type(one.kind) is BlockKind, what)
        _expect(one.until is None or type(one.until) is date, what)
    return tuple(Block(one.kind, one.until) for one in value)


def _word(value: Any, what: str) -> str:
    """A name of something, that can be a part of a key."""
    _expect(isinstance(value, str) and len(value) <= LONGEST_ID and _UNSEEN.search(value) is None, what)
    _expect("|" not in value, what)
    return str(value)


def _some(check: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """Several of a kind, or None if central does not say."""

    def checked(value: Any, what: str) -> Any:
        if value is None:
            return None
        _expect(isinstance(value, tuple) and len(value) <= MOST_PARTS, what)
        return tuple(check(one, what) for one in value)

    return checked


def _year(value: Any, what: str) -> tuple[int, SchoolClass | None]:
    _expect(isinstance(value, tuple) and len(value) == 2, what)
    return _whole(value[0], what, 9999), _class(value[1], what)


def _set_line(value: Any, what: str) -> SetLine:
    _expect(type(value) is SetLine, what)
    edition = None if value.edition is None else _whole(value.edition, what, 9999)
    words = (_text(one, what) for one in (value.subject, value.part, value.group))
    subject, part, group = words
    return SetLine(subject, part, edition, group, _whole(value.term, what, 2))


_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "text": _text,
    "id": _id,
    "id?": _maybe_id,
    "version": lambda value, what: _whole(value, what, LATEST),
    "whole": _whole,
    "whole?": _maybe_whole,
    "day": _day,
    "day?": lambda value, what: None if value is None else _day(value, what),
    "flag": _instance(bool),
    "moment": _moment,
    "class": _class,
    "cards": _cards,
    "blocks": _blocks,
    "ItemKind": _instance(ItemKind),
    "ItemStatus": _instance(ItemStatus),
    "HoldState": _instance(HoldState),
    "Condition?": lambda value, what: None if value is None else _instance(Condition)(value, what),
    "word": _word,
    "words?": _some(_word),
    "ids?": _some(_id),
    "years?": _some(_year),
    "lines": _some(_set_line),
}


def _form(ids: str, more: dict[str, str], texts: str) -> dict[str, str]:
    return {**dict.fromkeys(ids.split(), "id"), "version": "version", **more, **dict.fromkeys(texts.split(), "text")}


_FORMS = {
    "PatronFact": _form(
        "id",
        {
            "school_class": "class", "expires": "day?", "left": "flag", "external_id": "id?", "cards": "cards",
            "blocks": "blocks", "groups": "words?", "years": "years?",
        },
        "first_name last_name patronymic category language",
    ),
    "TitleFact": _form(
        "id",
        {"kind": "ItemKind", "year": "whole?", "pages": "whole?", "grade": "whole?", "held": "whole"},
        "title author publisher isbn language udc bbk branch subject part shelf",
    ),
    "ItemFact": _form(
        "id title_id",
        {
            "barcode": "id?", "inventory_no": "id?", "kind": "ItemKind", "status": "ItemStatus",
            "condition": "Condition?", "old_barcodes": "ids?",
        },
        "service_point shelf price",
    ),
    "LoanFact": _form(
        "id patron_id title_id",
        {
            "item_id": "id?", "since": "day", "due": "day?", "days": "whole", "renewals": "whole", "ended": "flag",
        },
        "kiosk last",
    ),
    "HoldFact": _form(
        "id title_id patron_id",
        {"placed": "moment", "state": "HoldState", "item_id": "id?", "expires": "day?", "ended": "flag"},
        "",
    ),
    "MarkFact": _form("id patron_id", {"year": "whole", "what": "word", "ended": "flag"}, "value"),
    "SetFact": _form(
        "id",
        {
            "year": "whole", "grade": "whole", "language": "word", "letter": "word", "lines": "lines", "ended": "flag",
        },
        "",
    ),
}  # fmt: skip
"""Each field of each fact, and what it must be."""
