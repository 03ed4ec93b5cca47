"""What acts of textbook days do to central: pupils added, copies numbered, labels, conditions, marks, sets, classes.

Any act may carry such changes: a return has the condition that was seen, an undo has them turned round. Of two stations
that noted the same, the later trusted time holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Table, select

from kiosk.circulation.acts import (
    BarcodeChange,
    ClassChange,
    ConditionChange,
    HeldChange,
    ItemMade,
    Kind,
    MarkChange,
    PatronMade,
    SetChange,
)
from kiosk.circulation.change_words import fact_out
from kiosk.circulation.delivery import Reason, RefusedByCentral, When, keeps_ours, mark_words, set_words
from kiosk.circulation.model import PUPIL, Item, ItemStatus, Mark, Patron, TextbookSet
from kiosk.circulation.sameness import namesake_key
from kiosk.sync.central.labels import is_taken, relabel
from kiosk.sync.central.schema import (
    TEXTBOOKS_SINCE,
    class_years,
    items,
    loans,
    marks,
    patrons,
    sets,
    titles,
    transactions,
)
from kiosk.sync.central.work import Found, Work, find_item, find_patron, ours

Refusal = RefusedByCentral | None
_TEXTBOOKS = (
    ConditionChange, MarkChange, SetChange, ItemMade, BarcodeChange, HeldChange, PatronMade, ClassChange,
)  # fmt: skip
_REMOVED = "removed"


def make_first(work: Work) -> Refusal:
    """Whom and what an act brings into being, before the rest of it speaks of them."""
    if not has_place(work):
        return None
    for change in work.parcel.act.changes:
        refusal: Refusal = None
        match change:
            case PatronMade(before=None, after=Patron() as patron):
                refusal = _add_patron(work, patron)
            case ItemMade(before=None, after=Item() as item):
                refusal = _add_item(work, item)
        if refusal is not None:
            return refusal
    return None


def note_rest(work: Work) -> Refusal:
    """What else an act changes of this kind. Tables without a place for it are flagged: the rest of the act stands."""
    changes = [one for one in work.parcel.act.changes if isinstance(one, _TEXTBOOKS)]
    if changes and not has_place(work):
        work.flag(Reason.CENTRAL_TOO_OLD)
        return None
    for change in changes:
        refusal: Refusal = None
        match change:
            case ConditionChange(item_id, _, after):
                _look_at(work, item_id, after)
            case MarkChange(before, after):
                refusal = _mark(work, before, after)
            case SetChange(set_before, set_after):
                _set(work, set_before, set_after)
            case BarcodeChange(item_id, old, new):
                refusal = relabel(work, _item(work, item_id), old, new)
            case HeldChange(title_id, by):
                refusal = _hold_count(work, title_id, by)
            case ClassChange():
                refusal = _move(work, change)
            case ItemMade(before=Item() as item, after=None):
                _drop_item(work, item.id)
            case PatronMade(before=Patron() as patron, after=None):
                _drop_patron(work, patron.id)
            case PatronMade(before=Patron(), after=Patron() as patron):
                refusal = _spell(work, patron)
        if refusal is not None:
            return refusal
    return None


def has_place(work: Work) -> bool:
    """Whether the database has what textbook days need."""
    return work.schema >= TEXTBOOKS_SINCE


def takes(work: Work, last: str | None) -> bool:
    """Whether what the act notes holds. last: the act by which the same was noted last in central.

    An undo takes back what its act noted, and nothing that was noted since.
    """
    undone = work.parcel.act.undoes if work.parcel.act.kind in (Kind.UNDO, Kind.LIST_UNDONE) else None
    if undone is not None and last is not None and last != undone:
        work.flag(Reason.NOT_UNDONE)
        return False
    return last == undone or keeps_ours(ours(work), when_of(work, last))


def when_of(work: Work, act_id: str | None) -> When | None:
    """When a recorded act happened."""
    known = (transactions.c.at, transactions.c.trusted, transactions.c.kiosk, transactions.c.seq)
    row = work.one(select(*known).where(work.mine(transactions, transactions.c.id == act_id))) if act_id else None
    return When(row.at, row.trusted, row.kiosk, row.seq) if row is not None else None


def _item(work: Work, item_id: str) -> Found | None:
    return find_item(work) if item_id == work.parcel.act.item_id else find_item(work, item_id)


# Whom and what.


def _add_patron(work: Work, patron: Patron) -> Refusal:
    """A pupil added by name. One of the same name in the same class may be the same child: staff are told."""
    if patron.category != PUPIL:
        return RefusedByCentral(Reason.OTHER, "a kiosk adds nobody but pupils")
    school_class = patron.school_class
    grade, letter = (school_class.grade, school_class.letter) if school_class is not None else (None, "")
    known = work.one(select(patrons.c.id).where(work.mine(patrons, patrons.c.id == patron.id)))
    if known is not None:
        work.change(patrons, patron.id, {"has_left": False})
        return None
    key = namesake_key(patron.last_name, patron.first_name, grade, letter)
    naming = (patrons.c.last_name, patrons.c.first_name, patrons.c.grade, patrons.c.letter)
    same_class = work.mine(
        patrons, patrons.c.grade.is_not_distinct_from(grade), patrons.c.letter == letter, patrons.c.has_left.is_(False)
    )
    if any(namesake_key(*row) == key for row in work.connection.execute(select(*naming).where(same_class))):
        work.flag(Reason.TWIN)
    work.add(
        patrons,
        {
            "id": patron.id, "first_name": patron.first_name, "last_name": patron.last_name,
            "patronymic": patron.patronymic, "category": PUPIL, "grade": grade, "letter": letter,
            "language": patron.language, "groups": " ".join(patron.groups),
        },
    )  # fmt: skip
    return None


def _drop_patron(work: Work, patron_id: str) -> None:
    """Whoever has something on loan is not taken back: that would hide it."""
    lent = work.one(select(loans.c.id).where(work.mine(loans, loans.c.patron_id == patron_id, loans.c.ended.is_(None))))
    if lent is not None:
        work.flag(Reason.NOT_UNDONE)
    else:
        work.change(patrons, patron_id, {"has_left": True})


def _spell(work: Work, patron: Patron) -> Refusal:
    """A class list names, groups or takes off somebody otherwise."""
    known = _patron(work, patron.id)
    if known is None:
        return RefusedByCentral(Reason.PATRON_UNKNOWN)
    values = {
        "first_name": patron.first_name, "last_name": patron.last_name, "patronymic": patron.patronymic,
        "language": patron.language, "groups": " ".join(patron.groups), "has_left": patron.left,
    }  # fmt: skip
    work.change(patrons, known.id, values)
    return None


def _add_item(work: Work, item: Item) -> Refusal:
    """A copy that got a number. The label may have been replaced since: the present one is in the parcel."""
    own = item.id == work.parcel.act.item_id
    barcode = work.parcel.barcode if own else item.barcode
    if work.one(select(titles.c.id).where(work.mine(titles, titles.c.id == item.title_id))) is None:
        return RefusedByCentral(Reason.ITEM_UNKNOWN)
    if is_taken(work, item.id, barcode, item.inventory_no):
        return RefusedByCentral(Reason.LABEL_TAKEN)
    values: dict[str, Any] = {
        "title_id": item.title_id, "barcode": barcode, "inventory_no": item.inventory_no, "kind": item.kind,
        "status": item.status, "service_point": item.service_point, "shelf": item.shelf, "condition": item.condition,
    }  # fmt: skip
    if work.one(select(items.c.id).where(work.mine(items, items.c.id == item.id))) is None:
        work.add(items, {"id": item.id, **values})
    else:
        known = ("barcode", "inventory_no", "status", "condition")
        work.change(items, item.id, {name: values[name] for name in known})
    return None


def _drop_item(work: Work, item_id: str) -> None:
    """The copy was never one; its label is free again. What is on loan is not taken back: that would hide it."""
    if work.loan_of(item_id) is not None:
        work.flag(Reason.NOT_UNDONE)
        return
    gone = {"status": ItemStatus.WRITTEN_OFF, "barcode": None, "inventory_no": None, "last_id": work.act_id}
    work.change(items, item_id, gone)


# What was noted.


def _look_at(work: Work, item_id: str, condition: str) -> None:
    item = _item(work, item_id)
    row = work.one(select(items.c.looked_id).where(work.mine(items, items.c.id == item.id))) if item else None
    if item is not None and row is not None and takes(work, row.looked_id):
        work.change(items, item.id, {"condition": condition, "looked_id": work.act_id})


def _mark(work: Work, before: Mark | None, after: Mark | None) -> Refusal:
    mark = after or before
    if mark is None:
        return None
    patron = _patron(work, mark.patron_id)
    if patron is None:
        return RefusedByCentral(Reason.PATRON_UNKNOWN)
    of = {"patron_id": patron.id, "year": mark.year, "what": mark.what}
    name = fact_id("mark", mark_words(Mark(patron.id, mark.year, mark.what, "")))
    _note(work, marks, name, of, {"value": mark.value}, after is not None)
    return None


def _set(work: Work, before: TextbookSet | None, after: TextbookSet | None) -> None:
    textbooks = after or before
    if textbooks is None:
        return
    of = {
        "year": textbooks.year, "grade": textbooks.grade, "language": textbooks.language, "letter": textbooks.letter,
    }  # fmt: skip
    name = fact_id("set", set_words(textbooks))
    known = work.one(select(sets.c.body, sets.c.ended).where(work.mine(sets, sets.c.id == name)))
    found = known.body if known is not None and known.ended is None else None
    told = {one: body_of(one) if one is not None else None for one in (before, after)}
    if found not in told.values():
        work.flag(Reason.CHANGED_ELSEWHERE)
    _note(work, sets, name, of, {"body": body_of(textbooks)}, after is not None)


def _note(work: Work, table: Table, name: str, of: Mapping[str, Any], values: Mapping[str, Any], stands: bool) -> None:
    """Something noted under a name, or taken back, if it holds over what is there."""
    known = work.one(select(table.c.last).where(work.mine(table, table.c.id == name)))
    ended = None if stands else _REMOVED
    if known is None:
        work.add(table, {"id": name, **of, **values, "last": work.act_id, "ended": ended})
    elif takes(work, known.last):
        work.change(table, name, {**values, "last": work.act_id, "ended": ended})


def body_of(textbooks: TextbookSet) -> str:
    """The lines of a set as central keeps them."""
    return json.dumps(fact_out(textbooks.lines), ensure_ascii=False, separators=(",", ":"))


def fact_id(kind: str, words: str) -> str:
    """The id of what can be noted once only: the same whoever notes it first."""
    return uuid5(NAMESPACE_URL, f"{kind}:{words}").hex


def _hold_count(work: Work, title_id: str, by: int) -> Refusal:
    row = work.one(select(titles.c.held).where(work.mine(titles, titles.c.id == title_id)))
    if row is None:
        return RefusedByCentral(Reason.ITEM_UNKNOWN)
    work.change(titles, title_id, {"held": max(row.held + by, 0)})
    return None


# Classes.


def _move(work: Work, change: ClassChange) -> Refusal:
    """A pupil's class in a school year; the newest year's is the present one."""
    patron = _patron(work, change.patron_id)
    if patron is None:
        return RefusedByCentral(Reason.PATRON_UNKNOWN)
    mine = work.mine(class_years, class_years.c.patron_id == patron.id)
    this = class_years.c.year == change.year
    known = work.one(select(class_years.c.grade, class_years.c.letter, class_years.c.last).where(mine, this))
    said = [(one.grade, one.letter) if one is not None else (None, "") for one in (change.before, change.after)]
    if known is not None and (known.grade, known.letter) not in said:
        work.flag(Reason.CHANGED_ELSEWHERE)
    values = {"grade": said[1][0], "letter": said[1][1], "last": work.act_id}
    if known is None:
        row = {"school_id": work.school, "patron_id": patron.id, "year": change.year}
        work.connection.execute(class_years.insert().values(**row, **values))
    elif takes(work, known.last):
        work.connection.execute(class_years.update().where(mine, this).values(**values))
    newest = select(class_years.c.grade, class_years.c.letter).where(mine, class_years.c.grade.is_not(None))
    present = work.one(newest.order_by(class_years.c.year.desc()).limit(1))
    now = {"grade": present.grade, "letter": present.letter} if present is not None else {}
    work.change(patrons, patron.id, now)
    return None


def _patron(work: Work, patron_id: str) -> Found | None:
    if patron_id == work.parcel.act.patron_id:
        return find_patron(work)
    return work.one(select(patrons.c.id).where(work.mine(patrons, patrons.c.id == patron_id)))
