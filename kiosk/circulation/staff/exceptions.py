"""The exceptions desk: what central did not take, what it took though something is to be known, what came back.

Each is settled by an act with who did it and why. What happens to a book is decided by where it is now, which only the
one who looks at the shelf can say.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.circulation.acts import Act, BarcodeChange, Change, ConditionChange, Kind, LoanChange, Relied, StatusChange
from kiosk.circulation.clock import Moment
from kiosk.circulation.delivery import Reason, WayOut
from kiosk.circulation.events import Answer, Event, FindNumber, Identified, Looked, LookUp, Scanned
from kiosk.circulation.model import Condition, ItemRecord, ItemStatus, Patron
from kiosk.circulation.staff.exception_facts import (
    EntrySettled,
    ListMatters,
    Matter,
    MattersListed,
    SettleEntry,
    Sort,
    says,
)
from kiosk.circulation.staff.page import Page
from kiosk.circulation.staff.state import State, Step, after, ask, commit, do, new_id, pop, push, say, turn
from kiosk.circulation.views import Message, Row, RowState, View

CONDITIONS = (Condition.GOOD, Condition.WORN, Condition.TORN, Condition.REPAIR)
"""What a returned copy usually is; the first is the default."""
LABEL_LENGTHS = range(4, 41)


def open_exceptions(state: State, event: Event) -> Step:
    """The list of what there is to be looked at."""
    return ask(state, event, ListMatters(), after(_listed, True))


def _listed(state: State, event: Event, answer: Answer, is_new: bool) -> Step:
    assert isinstance(answer, MattersListed)
    page = MattersPage(answer.matters, answer.total)
    return (push(state, page) if is_new else turn(state, page)), ()


@dataclass(frozen=True, slots=True)
class MattersPage(Page):
    """The list."""

    matters: tuple[Matter, ...]
    total: int

    def view(self, state: State, now: Moment) -> View:
        """A line for each, with what is the matter."""
        rows = tuple(
            Row(
                one.id,
                _name(one),
                RowState.FOUND if one.sort in (Sort.FOUND, Sort.RETURNED) else RowState.WAITING,
                one.title,
                note=Message.of(says(one)),
                actions=("open",),
            )
            for one in self.matters
        )
        checks = any(one.sort is Sort.RETURNED for one in self.matters)
        message = Message.of("sync.conflict", n=self.total) if self.total else Message.of("exc.none")
        return View(
            "exceptions",
            state.language,
            message,
            rows=rows,
            actions=("back", *(("all_checked",) if checks else ())),
        )

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """One of them, or that all that came back was looked at and is in order."""
        if action == "all_checked":
            return ask(state, event, ListMatters(), _check_all)
        for place, one in enumerate(self.matters, 1):
            if action == "open" and one.id == argument:
                return push(state, MatterPage(one, place, len(self.matters))), ()
        return self.leaving(state, event, action)

    def shown(self, state: State, event: Event) -> Step:
        """The list as it is now."""
        return ask(state, event, ListMatters(), after(_listed, False))


def _name(matter: Matter) -> str:
    if matter.title is not None:
        return matter.title.title
    return _person(matter.patron) if matter.patron is not None else ""


def _person(patron: Patron) -> str:
    return f"{patron.last_name} {patron.first_name}".strip()


def _check_all(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, MattersListed)
    acts, relied = [], []
    for one in answer.matters:
        if one.sort is Sort.RETURNED and one.item is not None:
            state, act_id = new_id(state)
            acts.append(_checked(one.item.id, one.item.title_id, act_id, (one.item.status, one.item.resting_status)))
            relied.append(Relied("items", one.item.id, one.item.version))
    if not acts:
        return state.page.shown(state, event)
    return commit(state, event, tuple(acts), tuple(relied), after(_all_checked, len(acts)))


def _all_checked(state: State, event: Event, answer: Answer, count: int) -> Step:
    state, _ = say(state, "exc.checked", n=count)
    return state.page.shown(state, event)


def _checked(item_id: str, title_id: str, act_id: str, status: tuple[ItemStatus, ItemStatus], *more: Change) -> Act:
    changes = (StatusChange(item_id, *status), *more)
    return Act(act_id, Kind.CONDITION, None, item_id, title_id, changes)


@dataclass(frozen=True, slots=True)
class MatterPage(Page):
    """One of them: what this kiosk says, what central says, and the ways out."""

    matter: Matter
    place: int
    total: int

    def view(self, state: State, now: Moment) -> View:
        """The accounts first; then whom or what to choose."""
        one = self.matter
        about: tuple[Message | None, tuple[Row, ...], tuple[str, ...]]
        if one.sort in (Sort.FOUND, Sort.RETURNED):
            choices = (
                Row(kind.value, "", RowState.CHOICE, note=Message.of(f"cond.{kind.value}"), actions=("choose",))
                for kind in CONDITIONS
            )
            about = Message.of("exc.how_does_it_look"), tuple(choices), ()
        elif one.asks_who_has_it and one.patron is not None:
            mine = Row("patron", _person(one.patron), RowState.CHOICE, actions=("choose",))
            about = Message.of("exc.who_has_it"), (mine,), ("somebody_else", "in_library")
        elif one.wants_label:
            about = Message.of("exc.new_label"), (), ("retry", "let_rest")
        elif one.sort is Sort.PARKED:
            about = Message.of("exc.what_now"), (), ("retry", "let_rest")
        else:
            about = Message.of("exc.look_at_it"), (), ("seen",)
        prompt, choices_, actions = about
        rows = (*self._accounts(), *choices_)
        return View(
            "exception",
            state.language,
            state.message or Message.of(says(one)),
            prompt,
            rows,
            ("back", *actions),
            progress=(self.place, self.total),
        )

    def _accounts(self) -> tuple[Row, ...]:
        one = self.matter
        who = _person(one.patron) if one.patron is not None else ""
        here = Row("here", who or _name(one), RowState.BORROWED, one.title, note=Message.of("exc.here", when=one.day))
        if one.sort is Sort.PARKED and one.theirs is not None and one.since is not None:
            note = Message.of("exc.central", when=one.since)
            return here, Row("central", _person(one.theirs), RowState.BORROWED, note=note)
        if one.sort is Sort.PARKED and one.reason is Reason.ON_LOAN_ELSEWHERE:
            return here, Row("central", "", RowState.BORROWED, note=Message.of("exc.lent_to_other"))
        if one.words:
            return here, Row("central", one.words, RowState.REFUSED, note=Message.of("exc.central_says"))
        return (here,)

    def pressed(self, state: State, event: Event, action: str, argument: str) -> Step:
        """A way out."""
        one = self.matter
        if one.sort in (Sort.FOUND, Sort.RETURNED):
            if action == "choose" and argument in CONDITIONS and one.item is not None:
                return ask(state, event, LookUp(None, one.item.id, None), after(_put_back, Condition(argument)))
        elif one.sort is Sort.FLAGGED and action == "seen":
            return self._settle(state, event, WayOut.SEEN, action)
        elif one.sort is Sort.PARKED:
            if one.asks_who_has_it and action == "choose":
                return self._settle(state, event, WayOut.RESOLVE, "this_reader")
            if one.asks_who_has_it and action in ("somebody_else", "in_library"):
                return self._settle(state, event, WayOut.DISMISS, action)
            if not one.asks_who_has_it and action in ("retry", "let_rest"):
                return self._settle(state, event, _WAYS[action], action)
        return self.leaving(state, event, action)

    def scanned(self, state: State, event: Scanned) -> Step:
        """A new label for the copy whose number is another one's."""
        code = event.scan.payload.strip()
        if not self.matter.wants_label:
            return say(state, "staff.no_scan_here")
        if len(code) not in LABEL_LENGTHS or not code.isascii() or not code.isalnum():
            return say(state, "exc.no_label")
        return ask(state, event, FindNumber(code, None), after(_free, self, code))

    def _settle(self, state: State, event: Event, way: WayOut, why: str) -> Step:
        assert self.matter.entry is not None
        deed = SettleEntry(self.matter.entry, way, state.staff, f"exc.{why}")
        return do(state, event, deed, after(_settled, self.matter, why))


_WAYS = {"retry": WayOut.RETRY, "let_rest": WayOut.DISMISS}


def _settled(state: State, event: Event, answer: Answer, matter: Matter, why: str) -> Step:
    assert isinstance(answer, EntrySettled)
    if answer.done and why == "in_library" and matter.item is not None:
        return ask(state, event, LookUp(None, matter.item.id, None), _taken_in)
    return _back(state, event, answer)


def _back(state: State, event: Event, answer: Answer) -> Step:
    """To the list, which is asked for anew."""
    return pop(state, event)


def _taken_in(state: State, event: Event, answer: Answer) -> Step:
    """The book lies in the library: whoever has it on loan now has it no more."""
    assert isinstance(answer, Looked)
    record = answer.item
    if record is None or record.loan is None:
        return pop(state, event)
    state, act_id = new_id(state)
    changes = (
        LoanChange(record.loan, None),
        StatusChange(record.item.id, record.item.status, ItemStatus.AWAITING_CHECK),
    )
    act = Act(act_id, Kind.CHECKIN, record.loan.patron_id, record.item.id, record.item.title_id, changes)
    return commit(state, event, (act,), (_relied(record),), _back)


def _put_back(state: State, event: Event, answer: Answer, condition: Condition) -> Step:
    """The copy was looked at: on its shelf, or to be mended."""
    assert isinstance(answer, Looked)
    record = answer.item
    if record is None or record.item.status is not ItemStatus.AWAITING_CHECK:
        return pop(state, event)
    item = record.item
    status = ItemStatus.IN_REPAIR if condition is Condition.REPAIR else item.resting_status
    noted = (ConditionChange(item.id, item.condition, condition),) if condition is not item.condition else ()
    state, act_id = new_id(state)
    act = _checked(item.id, item.title_id, act_id, (item.status, status), *noted)
    return commit(state, event, (act,), (_relied(record),), _back)


def _free(state: State, event: Event, answer: Answer, page: MatterPage, code: str) -> Step:
    """The label that was read is nobody's yet: it is the copy's from now on, and central is told again."""
    assert isinstance(answer, Identified)
    if answer.items or answer.card is not None:
        return say(state, "exc.label_not_free")
    assert page.matter.item is not None
    return ask(state, event, LookUp(None, page.matter.item.id, None), after(_relabelled, page, code))


def _relabelled(state: State, event: Event, answer: Answer, page: MatterPage, code: str) -> Step:
    assert isinstance(answer, Looked)
    record = answer.item
    if record is None:
        return pop(state, event)
    item = record.item
    state, act_id = new_id(state)
    change = BarcodeChange(item.id, item.barcode, code)
    act = Act(act_id, Kind.RELABELLED, None, item.id, item.title_id, (change,))
    return commit(state, event, (act,), (_relied(record),), after(_tell_again, page))


def _tell_again(state: State, event: Event, answer: Answer, page: MatterPage) -> Step:
    return page._settle(state, event, WayOut.RETRY, "new_label")


def _relied(record: ItemRecord) -> Relied:
    return Relied("items", record.item.id, record.item.version)
