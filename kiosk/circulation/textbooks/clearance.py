"""A pupil leaves the school: whatever is still out, textbooks and books, comes back or is owed; then the sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.circulation.acts import Act, Kind, MarkChange
from kiosk.circulation.calendar import school_year
from kiosk.circulation.classes import class_label
from kiosk.circulation.clock import Moment
from kiosk.circulation.events import Answer, Committed, Event, Scanned
from kiosk.circulation.model import LoanLine, Mark, Patron
from kiosk.circulation.policy import is_overdue
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.papers import Document, make_paper
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, push, say, turn
from kiosk.circulation.textbooks import settle
from kiosk.circulation.textbooks.at_desk import desk_page
from kiosk.circulation.textbooks.collect import CollectClassesPage, CollectNamesPage, CollectPage
from kiosk.circulation.textbooks.collect_questions import DebtsOpen, OpenDebts, PupilHas, PupilToCollect
from kiosk.circulation.textbooks.debts import Debt
from kiosk.circulation.textbooks.handing import look_for
from kiosk.circulation.textbooks.handled import Handled, row_of
from kiosk.circulation.views import Message, Row, RowState, View

CLEARED = "cleared"
"""The matter of a leaver's mark; its value is the day."""


@dataclass(frozen=True, slots=True)
class ClearancePage(CollectPage):
    """Everything that one who leaves has or owes. cleared: the day on which nothing was left, as the ledger has it."""

    all_kinds: ClassVar[bool] = True
    cleared: str = ""

    def overview(self, state: State, now: Moment) -> View:
        """What is out, and what is back, in rows."""
        desk = self.desk
        done = not desk.out and not desk.debts
        return View(
            "clearance",
            state.language,
            prompt=Message.of("tb.nothing_out") if done else None,
            rows=(
                *(self._out(line, now) for line in desk.out),
                *(_owed(debt) for debt in desk.debts),
                *(self._back(one) for one in desk.handled if not one.gone),
            ),
            actions=("back", *self.common(state), *(("clear",) if done and not self.cleared else ("print_sheet",))),
            patron=desk.face(),
            progress=desk.progress(),
            heading=_named(desk.record.patron),
        )

    @staticmethod
    def _out(line: LoanLine, now: Moment) -> Row:
        late = is_overdue(line.loan, now)
        action = "hand_in" if line.item is None else "open"
        return replace(row_of(line), state=RowState.OVERDUE if late else RowState.ON_LOAN, actions=(action,))

    @staticmethod
    def _back(one: Handled) -> Row:
        return replace(row_of(one), actions=("open",))

    def common(self, state: State) -> tuple[str, ...]:
        """One who leaves gets no next set."""
        return tuple(one for one in CollectPage.common(self, state) if one not in ("issue_next", "next_pupil"))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """As at collecting; that nothing is left; and the sheet that says so, or what is still out."""
        if action == "print_sheet":
            return make_paper(state, event, Document.CLEARANCE, patron_id=self.desk.record.patron.id)
        if action == "clear" and not self.desk.out and not self.desk.debts:
            return ask(state, event, PupilToCollect(self.desk.record.patron.id), after(_clear))
        return CollectPage.pressed(self, state, event, action, argument)


def _owed(debt: Debt) -> Row:
    return Row(
        debt.mark.what,
        debt.title,
        RowState.REFUSED,
        actions=("replace",),
        note=Message.of("tb.owed_since", date=debt.day),
    )


def _clear(state: State, event: Event, answer: Answer) -> Step:
    """Nothing is out, as the ledger has it now: that is noted for the sheet."""
    assert isinstance(answer, PupilHas)
    page = desk_page(state)
    if answer.record is None:
        return state, ()
    desk = page.desk.without((), answer.record, answer.marks)
    if desk.out or desk.debts:
        return say(turn(state, replace(page, desk=desk)), "tb.not_returned", n=len(desk.out) + len(desk.debts))
    year = school_year(event.now.day)
    before = next((mark for mark in answer.marks if (mark.year, mark.what) == (year, CLEARED)), None)
    made = Mark(desk.record.patron.id, year, CLEARED, event.now.day.isoformat())
    if before == made:
        return _is_cleared(state, event, Committed(()))
    state, act_id = new_id(state)
    act = Act(act_id, Kind.MARKED, desk.record.patron.id, changes=(MarkChange(before, made),))
    return commit(state, event, (act,), (), after(_is_cleared))


def _is_cleared(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Committed)
    page = desk_page(state)
    assert isinstance(page, ClearancePage)
    return say(turn(state, replace(page, cleared=event.now.day.isoformat())), "tb.cleared")


# Whose clearance.


@dataclass(frozen=True, slots=True)
class ClearanceClassesPage(CollectClassesPage):
    """The classes; those who left; what is owed."""

    def view(self, state: State, now: Moment) -> View:
        """As at collecting, and two more ways."""
        drawn = CollectClassesPage.view(self, state, now)
        return replace(drawn, prompt=Message.of("tb.leaver"), actions=("back", "leavers", "debts"))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A class, those who left, or what is owed."""
        chosen = next((one for one, _ in self.classes if class_label(one) == argument), None)
        match action:
            case "choose" if chosen is not None:
                return _open(state, event, CollectNamesPage(chosen, ClearancePage))
            case "leavers":
                return _open(state, event, CollectNamesPage(None, ClearancePage))
            case "debts":
                return _open(state, event, DebtsPage())
        return self.leaving(state, event, action)

    def scanned(self, state: State, event: Scanned) -> Step:
        """The card of the one who leaves, or a copy of theirs."""
        return look_for(state, event, ClearancePage)


def _open(state: State, event: Event, page: Page) -> Step:
    state = push(state, page)
    return page.shown(state, event)


@dataclass(frozen=True, slots=True)
class DebtsPage(Page):
    """Lost copies that are still owed, by whomever."""

    debts: tuple[tuple[Debt, Patron], ...] = ()

    def view(self, state: State, now: Moment) -> View:
        """A row for each."""
        return View(
            "clearance",
            state.language,
            prompt=Message.of("tb.owed_list" if self.debts else "tb.nobody_owes"),
            rows=tuple(
                Row(
                    _key(debt),
                    debt.title,
                    RowState.REFUSED,
                    actions=("replace",),
                    note=Message.of("tb.owed_by", name=_named(patron), number=debt.number or "–", date=debt.day),
                )
                for debt, patron in self.debts
            ),
            actions=("back",),
        )

    def shown(self, state: State, event: Event) -> Step:
        """As they are now."""
        return ask(state, event, OpenDebts(), after(_debts_known))

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """Something is taken for one of them."""
        debt = next((debt for debt, _ in self.debts if _key(debt) == argument), None)
        if action == "replace" and debt is not None:
            return settle.replacing(state, event, debt)
        return self.leaving(state, event, action)


def _key(debt: Debt) -> str:
    return f"{debt.mark.patron_id} {debt.mark.what}"


def _named(patron: Patron) -> str:
    label = class_label(patron.school_class) if patron.school_class is not None else ""
    return f"{patron.first_name} {patron.last_name} {label}".strip()


def _debts_known(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, DebtsOpen)
    return turn(state, DebtsPage(answer.debts)), ()


def open_clearance(state: State, event: Event) -> Step:
    """Begin with the classes."""
    return _open(state, event, ClearanceClassesPage())
