"""A central library in memory, by the same table of conflicts as any other: for tests, and to see the table at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from kiosk.circulation.acts import CIRCULATION, HoldChange, ItemMade, Kind, LoanChange, PatronMade, StatusChange
from kiosk.circulation.delivery import (
    TEXTBOOK_WORK,
    Accepted,
    Outcome,
    Parcel,
    Reason,
    RefusedByCentral,
    Standing,
    When,
    ends_loan,
    settle_loan,
    when,
)
from kiosk.circulation.facts import Fact, HoldFact, ItemFact, LoanFact, Page, PatronFact, TitleFact
from kiosk.circulation.model import PUPIL, Hold, HoldState, ItemStatus, Loan
from kiosk.ports import Greeting, LookUp
from kiosk.sync.memory_textbooks import Noted, TextbookChanges, second_copy

_OUT = frozenset({ItemStatus.ON_LOAN, ItemStatus.HOLD_SHELF})
F = TypeVar("F", bound=Fact)


@dataclass(slots=True)
class _Past:
    """What happened to an item last. returned_by: the id of the act."""

    newest: When | None = None
    returned: When | None = None
    returned_by: str = ""


class MemoryCentral:
    """What several kiosks agree on. Every change has a version; a repeat of an act changes nothing."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.version = 0
        self.facts: dict[tuple[type, str], Fact] = {}
        self.applied: dict[str, Accepted] = {}
        self._made: dict[str, When] = {}
        self._past: dict[str, _Past] = {}
        self._returned: set[str] = set()
        self._noted = Noted()

    def put(self, fact: F) -> F:
        """Add or change a fact, in a version of its own."""
        self.version += 1
        fact = replace(fact, version=self.version)
        self.facts.pop((type(fact), fact.id), None)
        self.facts[type(fact), fact.id] = fact
        return fact

    def put_now(self, fact: F) -> None:
        """Change a fact, in the present version: whoever was told that version knows that it is in it."""
        self.facts.pop((type(fact), fact.id), None)
        self.facts[type(fact), fact.id] = replace(fact, version=self.version)

    def get(self, kind: type[F], fact_id: str | None) -> F | None:
        """A fact by its id."""
        fact = self.facts.get((kind, fact_id or ""))
        return fact if isinstance(fact, kind) else None

    def all(self, kind: type[F]) -> list[F]:
        """All facts of a kind."""
        return [fact for fact in self.facts.values() if isinstance(fact, kind)]

    def loan_of(self, item_id: str) -> LoanFact | None:
        """The open loan of an item."""
        return next((one for one in self.all(LoanFact) if one.item_id == item_id and not one.ended), None)

    def page(self, cursor: str, limit: int) -> Page:
        """What changed since."""
        listing, since = cursor[:1] != "v", int(cursor[1:] or 0)
        facts = sorted((one for one in self.facts.values() if one.version > since), key=lambda one: one.version)
        if since == 0:
            facts = [one for one in facts if not getattr(one, "ended", False)]
        piece, more = tuple(facts[:limit]), len(facts) > limit
        upto = piece[-1].version if more else self.version
        total = len(facts) if since == 0 else None
        return Page(piece, f"{'s' if listing and more else 'v'}{upto}", upto, more, listing, total)

    def find_out(self, parcel: Parcel) -> Outcome | None:
        """What was answered when an act was taken in; None if it was not."""
        return self.applied.get(parcel.act.id)

    def apply(self, parcel: Parcel) -> Outcome:
        """Take an act in, once."""
        known = self.applied.get(parcel.act.id)
        if known is not None:
            return known
        outcome = _Applying(self, parcel).run() if parcel.happened else self._asked(parcel)
        if isinstance(outcome, Accepted):
            self.applied[parcel.act.id] = outcome
        return outcome

    def _asked(self, parcel: Parcel) -> Outcome:
        """What has not happened yet is refused if anything stands against it, and leaves no trace."""
        past = {item_id: replace(one) for item_id, one in self._past.items()}
        before = (self.version, self.facts.copy(), self._made.copy(), past)
        outcome = _Applying(self, parcel).run()
        if isinstance(outcome, Accepted) and outcome.flags:
            self.version, self.facts, self._made, self._past = before
            return RefusedByCentral(outcome.flags[0])
        return outcome


class _Applying:
    """One act, on its way into central."""

    def __init__(self, central: MemoryCentral, parcel: Parcel) -> None:
        self._central = central
        self._parcel = parcel
        self._act = parcel.act
        self._when = when(parcel, central.now())
        self._flags: list[Reason] = []
        self._off_shelf: list[str] = []
        self._patron = self._find_patron()
        self._item = self._find_item()
        self._past = _Past()
        self._textbooks = TextbookChanges(central, central._noted, parcel, self._when, self._flags)

    def _find_patron(self) -> PatronFact | None:
        found = self._central.get(PatronFact, self._act.patron_id)
        names = {self._parcel.card, self._parcel.external_id} - {None}
        for one in self._central.all(PatronFact) if found is None else ():
            if one.external_id in names or names & {number for number, _ in one.cards}:
                return one
        return found

    def _find_item(self) -> ItemFact | None:
        found = self._central.get(ItemFact, self._act.item_id)
        numbers = {self._parcel.barcode, self._parcel.inventory_no} - {None}
        for one in self._central.all(ItemFact) if found is None else ():
            if one.barcode in numbers or one.inventory_no in numbers:
                return one
        return found

    def run(self) -> Outcome:
        act = self._act
        refusal = self._textbooks.refusal() or self._unknown()
        if refusal is not None:
            return RefusedByCentral(refusal)
        self._textbooks.make_first()
        self._patron, self._item = self._find_patron(), self._find_item()
        self._past = self._central._past.setdefault(self._item.id if self._item else "", _Past())
        is_newest = self._past.newest is None or self._when.is_after(self._past.newest)
        ours = True
        for change in act.changes:
            if isinstance(change, LoanChange):
                ours = self._loan(change) and ours
        if act.kind is Kind.FOUND:
            ours = self._give_back(None)
        for change in act.changes:
            if isinstance(change, HoldChange):
                self._hold(change, ours and is_newest)
        for change in act.changes:
            if isinstance(change, StatusChange) and change.item_id == act.item_id and ours and is_newest:
                self._status(change.after)
        for item_id in self._off_shelf:
            self._leave_shelf(item_id)
        self._textbooks.note_rest()
        if is_newest:
            self._past.newest = self._when
        self._central.version += 1
        self._textbooks.count()
        return Accepted(self._central.version, tuple(self._flags))

    def _unknown(self) -> Reason | None:
        """What the act speaks of and neither central knows nor the act brings into being."""
        act, central = self._act, self._central
        made = {one.after.id for one in act.changes if isinstance(one, PatronMade | ItemMade) and one.after is not None}
        if act.patron_id is not None and self._patron is None and act.patron_id not in made:
            return Reason.PATRON_UNKNOWN
        if act.item_id is not None and self._item is None and act.item_id not in made:
            return Reason.ITEM_UNKNOWN
        if act.title_id is not None and self._item is None and central.get(TitleFact, act.title_id) is None:
            return Reason.ITEM_UNKNOWN
        return None

    def _loan(self, change: LoanChange) -> bool:
        """Whether the item's state is as the act left it."""
        match change:
            case LoanChange(before=None, after=Loan() as loan):
                return self._lend(loan)
            case LoanChange(before=Loan() as loan, after=None):
                return self._give_back(loan)
            case LoanChange(before=Loan() as before, after=Loan() as loan):
                return self._renew(before, loan)
        return True

    def _lend(self, loan: Loan) -> bool:
        patron, item = self._patron, self._item
        if patron is not None and (patron.left or patron.blocks):
            self._flags.append(Reason.PATRON_BLOCKED)
        theirs = self._central.loan_of(item.id) if item else None
        if theirs is not None and theirs.id == loan.id:
            return True  # it was parked, returned and taken back meanwhile: the loan stands already
        reopened = self._act.kind is Kind.UNDO and self._past.returned_by == self._act.undoes
        returned = None if reopened else self._past.returned
        made = self._central._made.get(theirs.id) if theirs is not None else None
        standing, flag = settle_loan(self._when, made, returned if item else None)
        if flag is not None:
            self._flags.append(flag)
        ended = standing is Standing.OVER and not (self._parcel.insist and loan.id not in self._central._returned)
        if theirs is not None and not ended:
            self._central.put(replace(theirs, ended=True))
        self._central._made[loan.id] = self._when
        self._central.put(
            LoanFact(
                loan.id, 0, patron.id if patron else loan.patron_id, item.title_id if item else loan.title_id,
                item.id if item else None, loan.since, loan.due, loan.days, loan.renewals, ended, self._parcel.kiosk,
                self._act.id,
            )
        )  # fmt: skip
        told = self._central.get(LoanFact, loan.id)
        pupil = patron is not None and patron.category in ("", PUPIL) and self._act.override is None
        if not ended and pupil and told is not None and second_copy(self._central, told):
            self._flags.append(Reason.SECOND_COPY)
        if item is not None and not ended:
            self._unshelve(item.id, patron.id if patron else "")
            self._put_status(ItemStatus.ON_LOAN)
        return not ended

    def _give_back(self, loan: Loan | None) -> bool:
        item = self._item
        if item is None or (loan is not None and loan.item_id is None):
            known = self._central.get(LoanFact, loan.id) if loan is not None else None
            if known is not None and not known.ended:
                self._central.put(replace(known, ended=True, last=self._act.id))
            return True
        if self._act.kind is not Kind.UNDO and (
            self._past.returned is None or self._when.is_after(self._past.returned)
        ):
            self._past.returned, self._past.returned_by = self._when, self._act.id
        if self._act.kind is Kind.CHECKIN and loan is not None:
            self._central._returned.add(loan.id)
        theirs = self._central.loan_of(item.id)
        if theirs is None:
            return True
        same = loan is not None and theirs.id == loan.id
        if self._act.kind is Kind.UNDO and not same:
            return False
        if not ends_loan(self._when, self._central._made[theirs.id], same or self._parcel.insist):
            return False
        if not same and loan is not None:
            self._flags.append(Reason.ON_LOAN_ELSEWHERE)
        self._central.put(replace(theirs, ended=True, last=self._act.id))
        self._put_status(ItemStatus.AWAITING_CHECK)
        return True

    def _renew(self, before: Loan, loan: Loan) -> bool:
        known = self._central.get(LoanFact, loan.id)
        if known is None or known.ended:
            self._flags.append(Reason.NOT_RENEWABLE)
            return False
        due = loan.due
        if self._act.kind is Kind.RENEWAL and known.due is not None:
            due = max(known.due, due) if due is not None else known.due
        self._central.put(replace(known, due=due, days=loan.days, renewals=loan.renewals, last=self._act.id))
        return True

    def _hold(self, change: HoldChange, ours: bool) -> None:
        hold = change.after or change.before
        if hold is None:
            return
        known = self._central.get(HoldFact, hold.id)
        if change.before is None and change.after is not None:
            known = self._place(hold)
        if known is None or known.ended:
            return
        if change.after is None:
            self._change_hold(known, ended=True)
        elif hold.state is HoldState.WAITING:
            self._change_hold(known, ended=False)
        elif known.state is HoldState.WAITING and ours and self._item is not None and self._can_shelve():
            # Kept for somebody else already, it stays so; this hold is the next.
            if self._is_kept(self._item.id):
                return
            self._central.put(replace(known, state=HoldState.READY, item_id=self._item.id, expires=hold.expires))
            self._put_status(ItemStatus.HOLD_SHELF)

    def _change_hold(self, known: HoldFact, ended: bool) -> None:
        """It is over, or waits again; what was kept aside for it is not any more."""
        if known.item_id is not None:
            self._off_shelf.append(known.item_id)
        self._central.put(replace(known, state=HoldState.WAITING, item_id=None, expires=None, ended=ended))

    def _can_shelve(self) -> bool:
        return self._item is not None and self._central.loan_of(self._item.id) is None

    def _place(self, hold: Hold) -> HoldFact | None:
        """A place in the queue; a patron has one of a title."""
        patron = self._patron.id if self._patron is not None else hold.patron_id
        others = [one for one in self._central.all(HoldFact) if not one.ended and one.title_id == hold.title_id]
        if any(one.patron_id == patron for one in others):
            return None
        placed = hold.placed.isoformat()
        return self._central.put(HoldFact(hold.id, 0, hold.title_id, patron, placed, HoldState.WAITING))

    def _unshelve(self, item_id: str, lent_to: str) -> None:
        """What was kept aside is lent: to whom it was kept for, or the hold is the first of its queue again."""
        for hold in self._central.all(HoldFact):
            if not hold.ended and hold.item_id == item_id:
                mine = hold.patron_id == lent_to
                self._change_hold(hold, ended=mine)
                if not mine:
                    self._flags.append(Reason.RESERVED)

    def _status(self, status: ItemStatus) -> None:
        """The status that the act left the item in, if nothing in central speaks against it."""
        if self._item is not None and self._can_shelve() and not self._is_kept(self._item.id):
            self._put_status(ItemStatus.AWAITING_CHECK if status in _OUT else status)

    def _is_kept(self, item_id: str) -> bool:
        return any(one.item_id == item_id and not one.ended for one in self._central.all(HoldFact))

    def _leave_shelf(self, item_id: str) -> None:
        item = self._central.get(ItemFact, item_id)
        if item is not None and item.status is ItemStatus.HOLD_SHELF and not self._is_kept(item_id):
            self._central.put(replace(item, status=ItemStatus.AWAITING_CHECK))

    def _put_status(self, status: ItemStatus) -> None:
        assert self._item is not None
        known = self._central.get(ItemFact, self._item.id)
        if known is not None and known.status is not status:
            self._central.put(replace(known, status=status))


class MemoryConnector:
    """A kiosk's way to a MemoryCentral (ports.Connector)."""

    kind = "memory"
    carries = CIRCULATION | {Kind.LOAN_IMPORTED} | TEXTBOOK_WORK
    pulls = True
    look_up: LookUp | None = None

    def __init__(self, central: MemoryCentral, look_up: LookUp | None = None) -> None:
        self.central = central
        self.look_up = look_up

    def hello(self) -> Greeting:
        """Central is always there."""
        return Greeting(self.central.now(), self.central.version)

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Send acts, in order."""
        return [self.central.apply(parcel) for parcel in parcels]

    def find_out(self, parcel: Parcel) -> Outcome | None:
        """Did this one arrive?"""
        return self.central.find_out(parcel)

    def pull(self, cursor: str, limit: int) -> Page:
        """What changed since the cursor."""
        return self.central.page(cursor, limit)

    def close(self) -> None:
        """There is nothing to let go of."""
