"""What needs a second scan: a new label for a torn one, and what is taken in place of a lost copy."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.circulation.acts import Act, BarcodeChange, Kind
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Committed, Event, Scanned
from kiosk.circulation.identify import (
    Command,
    ItemBarcode,
    NotOurs,
    NotOursReason,
    PatronCard,
    PhoneCard,
    identify,
    is_isbn,
)
from kiosk.circulation.model import Item, ItemStatus, LoanLine, Title
from kiosk.circulation.policy import Refusal
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, pop, push, say
from kiosk.circulation.textbooks import handing
from kiosk.circulation.textbooks.at_desk import DeskPage, desk_page, new_ids
from kiosk.circulation.textbooks.collect_questions import FindHandedIn, HandedInFound
from kiosk.circulation.textbooks.collecting import Instead, decide_replaced, number_of
from kiosk.circulation.textbooks.debts import Debt
from kiosk.circulation.textbooks.handled import Desk, text_of
from kiosk.circulation.views import Message, Row, RowState, View

MAX_NUMBER = 64
ANOTHER_BOOK = "another_book"


def code_of(state: State, event: Scanned) -> str | None:
    """The number that was read; None if it is nothing that can stand on a copy. The state says why."""
    match identify(event.scan.payload, state.codes, event.scan.wants, event.scan.symbology):
        case NotOurs(NotOursReason.ISBN):
            return event.scan.payload.strip()
        case ItemBarcode(code):
            return code
        case NotOurs() | Command() | PatronCard() | PhoneCard():
            return None
        case unsure:
            return unsure.code


# A torn label.


@dataclass(frozen=True, slots=True)
class RelabelPage(Page):
    """A copy whose label is torn gets another one. item: which, once it is chosen."""

    desk: Desk
    page: type[DeskPage]
    item: Item | None = None

    def view(self, state: State, now: Moment) -> View:
        """The pupil's numbered copies to choose from; then the one that waits for its label."""
        lines = [line for line in self.desk.record.loans if line.item is not None]
        chosen = next((line for line in lines if line.item == self.item), None)
        rows = tuple(_to_choose(line) for line in lines if self.item is None)
        prompt = "prompt.scan_new_label" if self.item is not None else "prompt.old_number"
        return View(
            "collect_condition",
            state.language,
            prompt=Message.of(prompt),
            rows=rows,
            actions=("back",) if self.item is not None else ("back", "type_number"),
            patron=self.desk.face(),
            heading=text_of(chosen.title) if chosen is not None else self.desk.record.patron.public_name,
        )

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """Which copy it is."""
        line = next((line for line in self.desk.record.loans if line.loan.id == argument), None)
        if action == "choose" and line is not None and line.item is not None:
            return _turn(state, replace(self, item=line.item)), ()
        return self.leaving(state, event, action)

    def typed(self, state: State, event: Event, text: str) -> Step:
        """The number on the torn label, or the inventory number."""
        code = " ".join(text.split())[:MAX_NUMBER]
        query = FindHandedIn(code, "item", self.desk.record.patron.id)
        return ask(state, event, query, after(_old_known)) if code and self.item is None else (state, ())

    def scanned(self, state: State, event: Scanned) -> Step:
        """The new label, once it is known what for."""
        code = code_of(state, event)
        if self.item is None or code is None or is_isbn(code):
            return say(state, "prompt.old_number" if self.item is None else "err.no_label")
        query = FindHandedIn(code, "any", self.desk.record.patron.id)
        return ask(state, event, query, after(_label_looked_up, self.item, code))


def _to_choose(line: LoanLine) -> Row:
    note = Message.of("tb.number", number=number_of(line.item))
    return Row(line.loan.id, text_of(line.title), RowState.CHOICE, line.title, actions=("choose",), note=note)


def relabel(state: State, page: DeskPage, item: Item | None = None) -> Step:
    """Open it. item: if it was chosen already."""
    return push(state, RelabelPage(page.desk, type(page), item)), ()


def _turn(state: State, page: Page) -> State:
    return replace(state, pages=(*state.pages[:-1], page), message=None)


def _old_known(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, HandedInFound) and isinstance(state.page, RelabelPage)
    if len(answer.items) != 1:
        return say(state, "tb.number_twice" if answer.items else "err.book_unknown")
    return _turn(state, replace(state.page, item=answer.items[0].record.item)), ()


def _label_looked_up(state: State, event: Event, answer: Answer, item: Item, code: str) -> Step:
    assert isinstance(answer, HandedInFound)
    if answer.items or answer.card is not None:
        return say(state, "err.label_taken")
    state, act_id = new_id(state)
    changes = (BarcodeChange(item.id, item.barcode, code),)
    text = f"{item.barcode or item.inventory_no or '…'} → {code}"
    act = Act(act_id, Kind.RELABELLED, None, item.id, item.title_id, changes, text=text)
    return commit(state, event, (act,), (), after(_relabelled, code))


def _relabelled(state: State, event: Event, answer: Answer, code: str) -> Step:
    """The copy is in somebody's hand: it is handed in as its new label would be by a scan."""
    assert isinstance(answer, Committed) and isinstance(state.page, RelabelPage)
    page, (act,) = state.page.page, answer.acts
    state = replace(state, pages=state.pages[:-1], message=None)
    below = desk_page(state)
    desk = replace(below.desk, done=(*below.desk.done, (act.id,)))
    state = replace(state, pages=(*state.pages[:-1], replace(below, desk=desk)))
    return handing.look_up(state, event, code, "item", page, desk.record.patron.id)


# Something in place of a lost copy.


@dataclass(frozen=True, slots=True)
class ReplacePage(Page):
    """What is taken in place of a copy that is owed. title: of that copy, if the kiosk knows it by its number."""

    debt: Debt
    title: Title | None = None

    def view(self, state: State, now: Moment) -> View:
        """What is owed, and what may be given for it."""
        owed = Row(
            self.debt.mark.what,
            self.debt.title,
            RowState.REFUSED,
            self.title,
            note=Message.of("tb.owed", number=self.debt.number, date=self.debt.day)
            if self.debt.number
            else Message.of("tb.owed_since", date=self.debt.day),
        )
        book = Row(ANOTHER_BOOK, "", RowState.CHOICE, actions=("choose",), note=Message.of("tb.another_book"))
        return View(
            "collect_condition",
            state.language,
            prompt=Message.of("prompt.scan_replacement"),
            rows=(owed, book),
            actions=("back",),
            heading=self.debt.title,
        )

    def shown(self, state: State, event: Event) -> Step:
        """Of which title the lost copy was."""
        if not self.debt.number:
            return state, ()
        return ask(state, event, FindHandedIn(self.debt.number, "item"), after(_lost_known))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A book that has no number here."""
        if action == "choose" and argument == ANOTHER_BOOK:
            return _replaced(state, event, self.debt, Instead())
        return self.leaving(state, event, action)

    def scanned(self, state: State, event: Scanned) -> Step:
        """A numbered copy, an ISBN, or a blank label for another copy of the same title."""
        code = code_of(state, event)
        if code is None:
            return say(state, "err.no_label")
        return ask(state, event, FindHandedIn(code, "any"), after(_instead_known, code))


def replacing(state: State, event: Event, debt: Debt) -> Step:
    """Open it."""
    state = push(state, ReplacePage(debt))
    return state.page.shown(state, event)


def _page(state: State) -> ReplacePage:
    page = state.page
    assert isinstance(page, ReplacePage)
    return page


def _lost_known(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, HandedInFound)
    known = next((one.record.title for one in answer.items), None)
    return _turn(state, replace(_page(state), title=known)), ()


def _instead_known(state: State, event: Event, answer: Answer, code: str) -> Step:
    assert isinstance(answer, HandedInFound)
    page = _page(state)
    if answer.card is not None and not answer.items:
        return say(state, "err.card_not_book")
    if len(answer.items) > 1:
        return say(state, "tb.number_twice")
    for one in answer.items:
        item = one.record.item
        if one.record.loan is not None:
            return say(state, "tb.on_loan_to", name=one.owner.public_name if one.owner is not None else "…")
        if item.status in (ItemStatus.LOST, ItemStatus.WRITTEN_OFF):
            return say(state, Refusal.LOST.value if item.status is ItemStatus.LOST else Refusal.WRITTEN_OFF.value)
        return _replaced(state, event, page.debt, Instead(one.record.title, item))
    if answer.titles:
        return _replaced(state, event, page.debt, Instead(answer.titles[0]))
    if page.title is None or is_isbn(code):
        return say(state, "err.book_unknown")
    state, item_id = new_id(state)
    made = Item(item_id, 1, page.title.id, code, None, page.title.kind, ItemStatus.AVAILABLE)
    return _replaced(state, event, page.debt, Instead(page.title, made, is_new=True))


def _replaced(state: State, event: Event, debt: Debt, instead: Instead) -> Step:
    state, ids = new_ids(state, 2)
    return commit(state, event, decide_replaced(debt, instead, iter(ids).__next__), (), after(_settled))


def _settled(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Committed)
    acts = tuple(act.id for act in answer.acts)
    state, effects = pop(state, event)
    if isinstance(state.page, DeskPage):
        desk = replace(state.page.desk, done=(*state.page.desk.done, acts))
        state = replace(state, pages=(*state.pages[:-1], replace(state.page, desk=desk)))
    return replace(state, message=Message.of("tb.settled")), effects
