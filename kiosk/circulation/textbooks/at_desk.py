"""A pupil stands at the desk: the page that shows it, whose turn it is, and what was recorded is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.circulation.acts import Act, Relied
from kiosk.circulation.events import Acts, Answer, Committed, Event, FindActs
from kiosk.circulation.model import LoanLine, Role
from kiosk.circulation.policy import Circumstances, Refused
from kiosk.circulation.returns import decide_undo
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, ask, commit, new_id, pop, push, refuse, say, turn
from kiosk.circulation.textbooks.collect_questions import PupilHas, PupilsOut, PupilToCollect, WhoHasTextbooks
from kiosk.circulation.textbooks.debts import Debt
from kiosk.circulation.textbooks.handled import Desk, Handled
from kiosk.circulation.textbooks.sitting import forget_titles


@dataclass(frozen=True, slots=True)
class Offer:
    """Two pupils seem to have each other's copies. own: the loan of the one at the desk; handed: what was returned for
    the other."""

    own: LoanLine
    handed: Handled


@dataclass(frozen=True, slots=True)
class DeskPage(Page):
    """The base of pages with a pupil at the desk. at: the copy that is looked at; "" for all of them."""

    desk: Desk
    at: str = ""
    offer: Offer | None = None
    all_kinds: ClassVar[bool] = False

    def shown(self, state: State, event: Event) -> Step:
        """As the ledger has it now: a debt may have been settled on the page above."""
        return ask(state, event, PupilToCollect(self.desk.record.patron.id), after(_shown))

    def debt(self, what: str) -> Debt | None:
        """What is owed, by the matter of its mark."""
        return next((debt for debt in self.desk.debts if debt.mark.what == what), None)


def desk_page(state: State) -> DeskPage:
    """The present page."""
    page = state.page
    assert isinstance(page, DeskPage)
    return page


def may_settle(state: State) -> bool:
    """Whether whoever is signed in may say that a copy is lost, or what was taken in its place."""
    return state.role is Role.LIBRARIAN


def new_ids(state: State, n: int) -> tuple[State, list[str]]:
    """The ids of the next transactions."""
    ids: list[str] = []
    for _ in range(n):
        state, act_id = new_id(state)
        ids.append(act_id)
    return state, ids


def around(state: State, event: Event) -> Circumstances:
    """What decisions depend on besides the facts."""
    return Circumstances(state.rules, event.now)


def _shown(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, PupilHas)
    page = desk_page(state)
    if answer.record is None:
        return state, ()
    return turn(state, replace(page, desk=page.desk.without((), answer.record, answer.marks))), ()


# Whose turn it is.


def to_pupil(state: State, event: Event, patron_id: str, page: type[DeskPage]) -> Step:
    """Open the page of a pupil, or turn to it from another's."""
    return ask(state, event, PupilToCollect(patron_id), after(pupil_known, page))


def pupil_known(state: State, event: Event, answer: Answer, page: type[DeskPage]) -> Step:
    """The page of a pupil whom the ledger knows."""
    assert isinstance(answer, PupilHas)
    if answer.record is None:
        return say(state, "err.card_unknown")
    opened = page(Desk.of(answer.record, answer.marks, page.all_kinds))
    state = turn(state, opened) if isinstance(state.page, DeskPage) else push(state, opened)
    return replace(state, recent=forget_titles(state.recent), message=None), ()


def next_pupil(state: State, event: Event) -> Step:
    """The next one of the class who has something; back to the list after the last."""
    patron = desk_page(state).desk.record.patron
    if patron.school_class is None or patron.left:
        return pop(state, event)
    return ask(state, event, WhoHasTextbooks(patron.school_class), after(_next_known, patron.id))


def _next_known(state: State, event: Event, answer: Answer, patron_id: str) -> Step:
    assert isinstance(answer, PupilsOut)
    ids = [one.patron.id for one in answer.pupils]
    at = ids.index(patron_id) + 1 if patron_id in ids else 0
    following = next((one.patron.id for one in answer.pupils[at:] if one.out), None)
    return to_pupil(state, event, following, type(desk_page(state))) if following is not None else pop(state, event)


# Taking back.


def undo(state: State, event: Event, ids: Sequence[str]) -> Step:
    """Take back together what was recorded on this page."""
    # What was taken back before stands in no act's way.
    known = (*ids, *desk_page(state).desk.spent)
    return ask(state, event, FindActs(known), after(_acts_known, frozenset(ids)))


def _acts_known(state: State, event: Event, answer: Answer, ids: frozenset[str]) -> Step:
    assert isinstance(answer, Acts)
    acts: tuple[Act, ...] = ()
    relied: tuple[Relied, ...] = ()
    for recorded in answer.acts:
        if recorded.act.id not in ids:
            continue
        state, act_id = new_id(state)
        decision = decide_undo(recorded, act_id, acts)
        if isinstance(decision, Refused):
            return refuse(state, decision)
        acts, relied = acts + decision.acts, relied + recorded.relied
    return commit(state, event, acts, tuple(dict.fromkeys(relied)), after(_undone))


def _undone(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Committed)
    query = PupilToCollect(desk_page(state).desk.record.patron.id)
    return ask(state, event, query, after(_undone_known, answer.acts))


def _undone_known(state: State, event: Event, answer: Answer, undone: tuple[Act, ...]) -> Step:
    assert isinstance(answer, PupilHas)
    page = desk_page(state)
    if answer.record is None:
        return state, ()
    desk = page.desk.without(undone, answer.record, answer.marks)
    state = turn(state, replace(page, desk=desk, at="", offer=None))
    return say(state, "ok.undone")
