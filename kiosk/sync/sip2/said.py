"""What central's answers say of an item (18) and of a patron (64), and the same as facts for the kiosk's copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo
from hashlib import sha256

from kiosk.circulation.delivery import Accepted
from kiosk.circulation.facts import Fact, ItemFact, LoanFact, PatronFact, TitleFact
from kiosk.circulation.model import LOAN_DESK_POINT, Block, BlockKind, ItemKind, ItemStatus
from kiosk.sync.sip2.deeds import Errand
from kiosk.sync.sip2.fields import CIRCULATION_STATUS, patron_flags
from kiosk.sync.sip2.messages import Message

CHARGED = frozenset({"charged", "charged_no_recall_yet", "recalled", "claimed_returned"})
_STATUS = {
    "available": ItemStatus.AVAILABLE, "to_be_shelved": ItemStatus.AVAILABLE, "on_hold_shelf": ItemStatus.HOLD_SHELF,
    "in_process": ItemStatus.IN_REPAIR, "on_order": ItemStatus.IN_REPAIR, "lost": ItemStatus.LOST,
    "missing": ItemStatus.LOST,
}  # fmt: skip
_PERIODICALS = frozenset({"002", "003"})
_DEBTS = frozenset({"excessive_fines", "excessive_fees", "too_many_lost", "too_many_billed"})
_COUNTED_HERE = frozenset(
    {"too_many_charged", "too_many_overdue", "too_many_renewals", "recall_overdue", "too_many_claims_returned"}
)


def day_of(message: Message, name: str, zone: tzinfo) -> date | None:
    """A day that central gave, in its own time zone; None if it gave none that can be read."""
    said = message.date(name)
    if said.at is not None and said.at.tzinfo is not None:
        return said.at.astimezone(zone).date()
    return said.day


def words(message: Message) -> str:
    """What central would have the patron read."""
    return " ".join(" ".join((*message.texts("screen_message"), *message.texts("print_line"))).split())


@dataclass(frozen=True, slots=True)
class ItemSaid:
    """An item by central's word. number: as it was asked for. status: of CIRCULATION_STATUS."""

    number: str
    status: str = "other"
    title: str = ""
    due: date | None = None
    kind: ItemKind = ItemKind.BOOK

    @classmethod
    def of(cls, number: str, reply: Message, zone: tzinfo) -> ItemSaid:
        """From an answer (18)."""
        status = CIRCULATION_STATUS.get(reply.text("circulation_status"), "other")
        kind = ItemKind.PERIODICAL if reply.text("media_type").strip() in _PERIODICALS else ItemKind.BOOK
        return cls(number, status, " ".join(reply.text("title").split()), day_of(reply, "due", zone), kind)

    @property
    def known(self) -> bool:
        """Whether central has it: of what it does not have it says no title and "other"."""
        return bool(self.title) or self.status != "other"

    @property
    def charged(self) -> bool:
        """Whether it is on loan."""
        return self.status in CHARGED

    def facts(self) -> tuple[Fact, ...]:
        """For the copy. Where its status is not told in our terms, or nobody says to whom it is lent, it is ON_LOAN
        without a loan: that leaves it here as it is."""
        if not self.known:
            return ()
        # There are no ids of titles in SIP2: copies whose title reads the same are of one.
        title_id = sha256(self.title.casefold().encode()).hexdigest()[:32]
        status = _STATUS.get(self.status, ItemStatus.ON_LOAN)
        item = ItemFact(self.number, 0, title_id, self.number, None, self.kind, status, LOAN_DESK_POINT)
        return (TitleFact(title_id, 0, self.title, kind=self.kind), item) if self.title else (item,)


@dataclass(frozen=True, slots=True)
class PatronSaid:
    """A patron by central's word. card: as it was asked for. listed: what the list that was asked for names, and total
    how many that list has; None if it is not told."""

    card: str
    known: bool
    name: str
    flags: frozenset[str]
    listed: tuple[str, ...]
    total: int | None

    @classmethod
    def of(cls, card: str, reply: Message, field: str, count: str) -> PatronSaid:
        """From an answer (64). field, count: where the list that was asked for stands."""
        name = " ".join(reply.text("name").split())
        known = reply.yes("valid_patron") is not False or bool(name)
        listed = tuple(value.strip() for value in reply.texts(field))
        return cls(card, known, name, patron_flags(reply.text("status")), listed, reply.count(count))

    def lists(self, item: ItemSaid) -> bool | None:
        """Whether the list names this item, by its number or, as some systems do, by its title; None: not told."""
        names = {one.casefold() for one in self.listed}
        if item.number.casefold() in names or (item.title and item.title.casefold() in names):
            return True
        return False if self.total is not None and self.total <= len(self.listed) else None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What stands against lending to them, apart from what the kiosk counts by itself."""
        if "charge_denied" not in self.flags:
            return ()
        if self.flags & _DEBTS:
            return (Block(BlockKind.DEBT),)
        return () if self.flags & _COUNTED_HERE else (Block(BlockKind.STAFF),)

    def facts(self) -> tuple[Fact, ...]:
        """For the copy. The name is one text in SIP2: split so that no more than one word of it is shown in full."""
        if not self.known:
            return ()
        last, comma, first = self.name.partition(",")
        if not comma:
            first, _, last = self.name.partition(" ")
        lost = "card_lost" in self.flags
        return (
            PatronFact(
                self.card,
                0,
                first.strip(),
                last.strip(),
                cards=((self.card, lost),),
                blocks=() if lost else self.blocks,
            ),
        )


def loan_fact(loan_id: str, card: str, number: str, told: date, due: date | None) -> LoanFact:
    """A loan for the copy. told: the day of the look-up, as SIP2 does not tell since when it is."""
    days = max((due - told).days, 0) if due is not None else 0
    return LoanFact(loan_id, 0, card, number, number, told, due, days, 0)


def lent(one: Errand, due: date | None, title: str = "") -> Accepted:
    """Central has the loan. due: the date that it gave, which is the one to show if it differs from ours. title: as it
    calls the item, for one that was lent here by its barcode alone."""
    loan = one.loan
    named = ItemSaid(one.number, "charged", " ".join(title.split())).facts() if title.strip() else ()
    if loan is None or due is None or due == loan.due:
        return Accepted(0, facts=named)
    fact = LoanFact(loan.id, 0, one.card, one.number, one.number, loan.since, due, loan.days, loan.renewals)
    return Accepted(0, due=due, facts=(*named, fact))
