"""What acts of textbook days do to a central library in memory, by the same rules as to one in a database."""

from __future__ import annotations

from collections.abc import MutableSequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from kiosk.circulation.acts import (
    BarcodeChange,
    ClassChange,
    ConditionChange,
    HeldChange,
    ItemMade,
    Kind,
    LoanChange,
    MarkChange,
    PatronMade,
    SetChange,
)
from kiosk.circulation.delivery import Parcel, Reason, When, keeps_ours, mark_words, set_words
from kiosk.circulation.facts import Fact, ItemFact, LoanFact, MarkFact, PatronFact, SetFact, TitleFact
from kiosk.circulation.model import Item, ItemKind, ItemStatus, Mark, Patron, TextbookSet

F = TypeVar("F", bound=Fact)


class Shelf(Protocol):
    """The facts of a central library."""

    def put(self, fact: F) -> F:
        """Add or change a fact."""
        ...

    def put_now(self, fact: F) -> None:
        """Change a fact, in the present version."""
        ...

    def get(self, kind: type[F], fact_id: str | None) -> F | None:
        """A fact by its id."""
        ...

    def all(self, kind: type[F]) -> list[F]:
        """All facts of a kind."""
        ...


@dataclass(slots=True)
class Noted:
    """When what was noted last, and by which act."""

    last: dict[str, tuple[When, str]] = field(default_factory=dict)


@dataclass(slots=True)
class TextbookChanges:
    """The changes of one act. flags: what staff should know."""

    central: Shelf
    noted: Noted
    parcel: Parcel
    when: When
    flags: MutableSequence[Reason]

    def refusal(self) -> Reason | None:
        """Why the act cannot be taken in."""
        for change in self.parcel.act.changes:
            match change:
                case ItemMade(before=None, after=Item() as item):
                    if self._is_taken(item.id, self._label_of(item)):
                        return Reason.LABEL_TAKEN
                case BarcodeChange(item_id, _, str() as after):
                    if self._is_taken(item_id, after):
                        return Reason.LABEL_TAKEN
        return None

    def make_first(self) -> None:
        """Whom and what an act brings into being."""
        for change in self.parcel.act.changes:
            match change:
                case PatronMade(before=None, after=Patron() as patron):
                    self._add_patron(patron)
                case ItemMade(before=None, after=Item() as item):
                    self.central.put(
                        ItemFact(
                            item.id, 0, item.title_id, self._label_of(item), item.inventory_no, item.kind, item.status,
                            item.service_point, item.shelf, "", item.condition, (),
                        )
                    )  # fmt: skip

    def note_rest(self) -> None:
        """What else it changes."""
        for change in self.parcel.act.changes:
            match change:
                case ConditionChange(item_id, _, condition):
                    item = self.central.get(ItemFact, item_id)
                    if item is not None and self._takes(f"condition:{item_id}"):
                        self.central.put(replace(item, condition=condition))
                case MarkChange(before, after):
                    self._mark(before, after)
                case SetChange(set_before, set_after):
                    self._set(set_before, set_after)
                case BarcodeChange(item_id, old, new):
                    self._relabel(item_id, old, new)
                case ClassChange():
                    self._move(change)
                case ItemMade(before=Item() as item, after=None):
                    self._drop_item(item)
                case PatronMade(before=Patron() as patron, after=None):
                    self._drop_patron(patron)
                case PatronMade(before=Patron(), after=Patron() as patron):
                    self._spell(patron)

    def count(self) -> None:
        """Copies held by count, last of all: the version that the act is accepted in is that of the count."""
        act = self.parcel.act
        by = {one.title_id: one.by for one in act.changes if isinstance(one, HeldChange)}
        for title_id in {*by, act.title_id} - {None}:
            title = self.central.get(TitleFact, title_id)
            loans = (one for one in self.central.all(LoanFact) if one.item_id is None and not one.ended)
            back = any(isinstance(one, LoanChange) and one.before and not one.before.item_id for one in act.changes)
            least = sum(one.title_id == title_id for one in loans) + 1 if act.kind is Kind.CHECKIN and back else 0
            if title is not None and (title_id in by or title.held < least):
                self.central.put_now(replace(title, held=max(title.held + by.get(title.id, 0), least)))

    def _takes(self, name: str) -> bool:
        """Whether what the act notes holds; if so, it is the last that was noted."""
        act = self.parcel.act
        last = self.noted.last.get(name)
        undone = act.undoes if act.kind in (Kind.UNDO, Kind.LIST_UNDONE) else None
        if undone is not None and last is not None and last[1] != undone:
            self.flags.append(Reason.NOT_UNDONE)
            return False
        if undone is None and not keeps_ours(self.when, last[0] if last is not None else None):
            return False
        self.noted.last[name] = (self.when, act.id)
        return True

    def _label_of(self, item: Item) -> str | None:
        return self.parcel.barcode if item.id == self.parcel.act.item_id else item.barcode

    def _is_taken(self, item_id: str, barcode: str | None) -> bool:
        return any(
            one.id != item_id and barcode in (one.barcode, *(one.old_barcodes or ()))
            for one in self.central.all(ItemFact)
            if barcode is not None
        )

    def _add_patron(self, patron: Patron) -> None:
        for other in self.central.all(PatronFact):
            same = (other.first_name, other.last_name, other.school_class)
            if other.id != patron.id and same == (patron.first_name, patron.last_name, patron.school_class):
                self.flags.append(Reason.TWIN)
                break
        known = self.central.get(PatronFact, patron.id)
        added = PatronFact(
            patron.id, 0, patron.first_name, patron.last_name, patron.patronymic, patron.category, patron.school_class,
            patron.language, groups=patron.groups, years=(),
        )  # fmt: skip
        self.central.put(replace(known, left=False) if known is not None else added)

    def _spell(self, patron: Patron) -> None:
        known = self.central.get(PatronFact, patron.id)
        if known is not None:
            named = replace(known, first_name=patron.first_name, last_name=patron.last_name, left=patron.left)
            self.central.put(
                replace(named, patronymic=patron.patronymic, language=patron.language, groups=patron.groups)
            )

    def _drop_patron(self, patron: Patron) -> None:
        known = self.central.get(PatronFact, patron.id)
        if any(one.patron_id == patron.id and not one.ended for one in self.central.all(LoanFact)):
            self.flags.append(Reason.NOT_UNDONE)
        elif known is not None:
            self.central.put(replace(known, left=True))

    def _drop_item(self, item: Item) -> None:
        known = self.central.get(ItemFact, item.id)
        if any(one.item_id == item.id and not one.ended for one in self.central.all(LoanFact)):
            self.flags.append(Reason.NOT_UNDONE)
        elif known is not None:
            self.central.put(replace(known, barcode=None, inventory_no=None, status=ItemStatus.WRITTEN_OFF))

    def _mark(self, before: Mark | None, after: Mark | None) -> None:
        mark = after or before
        if mark is not None and self._takes(f"mark:{mark_words(mark)}"):
            name = mark_words(mark)
            self.central.put(MarkFact(name, 0, mark.patron_id, mark.year, mark.what, mark.value, after is None))

    def _set(self, before: TextbookSet | None, after: TextbookSet | None) -> None:
        one = after or before
        if one is None:
            return
        name = set_words(one)
        known = self.central.get(SetFact, name)
        found = known.lines if known is not None and not known.ended else None
        if found not in [told.lines if told is not None else None for told in (before, after)]:
            self.flags.append(Reason.CHANGED_ELSEWHERE)
        if self._takes(f"set:{name}"):
            self.central.put(SetFact(name, 0, one.year, one.grade, one.language, one.letter, one.lines, after is None))

    def _relabel(self, item_id: str, old: str | None, new: str | None) -> None:
        item = self.central.get(ItemFact, item_id)
        if item is None:
            return
        if item.barcode not in (old, new, None):
            self.flags.append(Reason.CHANGED_ELSEWHERE)
        shown = new if self._takes(f"label:{item_id}") else item.barcode
        numbers = {*(item.old_barcodes or ()), old, new, item.barcode} - {None, shown}
        labels = tuple(sorted(number for number in numbers if number is not None))
        self.central.put(replace(item, barcode=shown, old_barcodes=labels))

    def _move(self, change: ClassChange) -> None:
        patron = self.central.get(PatronFact, change.patron_id)
        if patron is None:
            return
        years = dict(patron.years or ())
        if change.year in years and years[change.year] not in (change.before, change.after):
            self.flags.append(Reason.CHANGED_ELSEWHERE)
        if not self._takes(f"class:{change.year}|{change.patron_id}"):
            return
        years[change.year] = change.after
        known = {year: one for year, one in years.items() if one is not None}
        present = known[max(known)] if known else patron.school_class
        self.central.put(replace(patron, years=tuple(sorted(years.items())), school_class=present))


def second_copy(central: Shelf, loan: LoanFact) -> bool:
    """Whether a pupil has another textbook of the same subject and part than the one that a loan gives."""
    title = central.get(TitleFact, loan.title_id)
    if title is None or title.kind is not ItemKind.TEXTBOOK:
        return False
    place = (title.subject, title.part, title.grade)
    for other in central.all(LoanFact):
        if other.patron_id == loan.patron_id and other.id != loan.id and not other.ended:
            theirs = central.get(TitleFact, other.title_id)
            if theirs is None or theirs.kind is not title.kind:
                continue
            if theirs.id == title.id or (title.subject and place == (theirs.subject, theirs.part, theirs.grade)):
                return True
    return False
