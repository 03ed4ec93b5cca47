"""The visit as a state machine: anything done in any order, through a real desk on a real ledger; and the pure visit,
when answers come late, twice, or say that nothing was recorded."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.circulation import visit
from kiosk.circulation.acts import CIRCULATION, Kind
from kiosk.circulation.asking import WISHES
from kiosk.circulation.clock import Moment
from kiosk.circulation.delivery import Reason
from kiosk.circulation.events import (
    Answer,
    Answered,
    Ask,
    Commit,
    Committed,
    Declined,
    Effect,
    Enquire,
    Enquired,
    Event,
    Failed,
    PinChecked,
    Pressed,
    Scanned,
    Stale,
    Typed,
    Wake,
    Woke,
    Works,
)
from kiosk.circulation.model import LENDABLE, ItemKind, Scan
from kiosk.circulation.policy import shown_limit
from kiosk.circulation.rules import LoanRule, NoCard, PinUse
from kiosk.circulation.views import Message, View
from kiosk.config import Config
from kiosk.console import tick
from kiosk.desk import Desk, Outcome, Press, Type
from kiosk.devices.clock import HandClock
from kiosk.plain import describe
from kiosk.store import SqliteStore, reads
from kiosk.store.check import recompute
from kiosk.text import words
from tests.driver import full
from tests.scenario import Scenario, furnish

LIBRARY = Scenario(
    "machine",
    Path(),
    {
        "Patrons": [
            "card;last_name;first_name;class;category",
            "101;Тоқтаров;Тимур;6 «Б»;",
            "C-LEFT;Кеткенов;Кенже;6 «Б»;",
            "C-BLOCK;Тыйымов;Тыным;6 «Б»;",
            "C-LOST;Жоғалов;Жомарт;6 «Б»;",
        ],
        "Items": [
            "barcode;inventory_no;title;kind",
            "B1A;401;Абай жолы;",
            "LOST;402;Жоғалған кітап;",
            "FIX;403;Жөндеудегі кітап;",
            "OFF;404;Есептен шыққан кітап;",
            "TB2;405;Геометрия;textbook",
        ],
        "Loans": [
            "card;barcode;due;since",
            "C-ERLAN;B5;2026-09-10;2026-09-01",
            "C-ANNA;B6;2026-10-01;2026-09-20",
            "C-TEACHER;TB2;;",
        ],
        "PINs": ["C-ERLAN 1234", "C-ANNA horse fish tree sun", "E-ERASYL horse fish tree sun", "E-DANA 1234"],
        "Facts": ["left C-LEFT", "blocked C-BLOCK", "card C-LOST lost", "item LOST lost", "item FIX in_repair",
                  "item OFF written_off"],
    },
    0,
)  # fmt: skip
CARDS = (
    "C-AIGUL", "C-ERLAN", "C-ANNA", "C-OLD", "C-TEACHER", "C-LIB", "C-ROOM", "C-LEFT", "C-BLOCK", "C-LOST",
)  # fmt: skip
ITEMS = ("B1", "B1A", "B2", "B3", "B4", "B5", "B6", "B7", "108", "TB1", "TB2", "REF1", "RR1", "LOST", "FIX", "OFF")
COMMANDS = ("KIOSK-FINISH", "KIOSK-LANGUAGE", "KIOSK-LANGUAGE-RU", "KIOSK-PRINT", "KIOSK-SPEECH", "KIOSK-CALL")
GARBAGE = (
    "", " ", "9786012345672", "978-601-234-567-2", "https://example.kz/?q=1", "'; DROP TABLE loans; --", "\x00\x01",
    "WIFI:S:mektep;T:WPA;P:x;;", "А" * 10_000, "101", "102", "�", "B1 B2", "C-NOBODY",
)  # fmt: skip
ACTIONS = (
    "search", "type_search", "number", "language", "help", "no_card", "back", "choose", "yes", "no", "picture", "erase",
    "hold", "borrow", "request", "undo_all", "done", "finish", "not_me", "account", "undo", "keep", "renew",
    "renew_all", "cancel_hold", "return", "more_time", "appearance", "switch", "liked", "disliked", "print", "call",
    "nonsense",
)  # fmt: skip
TYPED = ("1234", "0000", "horse fish tree sun", "101", "108", "402", "Абай", "күт", "жоқ кітап", "2026-09-22", "")
PUBLIC = {"home", "no_card", "pin", "summary", "out_of_service", "clock"}
"""Views on which nobody is signed in."""
MAY_NAME = {"no_card", "choice"}
"""Views on which somebody is asked whether a name is theirs."""
LIMIT = 2


@cache
def made() -> tuple[Config, TemporaryDirectory[str]]:
    """A data folder, and what removes it at the end of the run."""
    folder = TemporaryDirectory(prefix="kiosk-machine-")
    return furnish(Path(folder.name) / "kiosk", LIBRARY), folder


def library() -> Config:
    """A data folder, made once."""
    return made()[0]


def everyday(config: Config) -> visit.State:
    """The kiosk as it wakes, with a limit that is soon reached."""
    own = (LoanRule(category="pupil", kind=ItemKind.BOOK, limit=LIMIT), *config.rules.loan_rules)
    return visit.start(replace(config.rules, loan_rules=own), config.settings, config.codes, UUID(int=7))


VARIANTS = st.fixed_dictionaries(
    {
        "pin": st.sampled_from(PinUse),
        "no_card": st.sampled_from(NoCard),
        "no_card_limit": st.sampled_from([None, 1]),
        "takes_returns": st.booleans(),
        "calls": st.booleans(),
        "same_scan_s": st.sampled_from([0.0, 0.0, 2.0]),
    }
)
RULES = st.fixed_dictionaries(
    {
        "block_overdue": st.booleans(),
        "only_copies_stay": st.sampled_from([False, False, False, False, True]),
        "lend_unchecked": st.booleans(),
        "check_returns": st.booleans(),
        "textbook_self_return": st.booleans(),
    }
)


class AnyVisit(RuleBasedStateMachine):
    """Everything that can happen at a kiosk."""

    @initialize(variant=VARIANTS, rules=RULES, trusted=st.sampled_from([True, True, False]))
    def start(self, variant: dict[str, Any], rules: dict[str, Any], trusted: bool) -> None:
        config = library()
        self.folder = TemporaryDirectory(prefix="kiosk-machine-")
        path = Path(self.folder.name) / "kiosk.db"
        shutil.copy(config.store, path)
        self.store = SqliteStore(path)
        self.clock = HandClock(datetime(2026, 9, 22, 10, tzinfo=config.timezone), trusted)
        state = everyday(config)
        self.lending = replace(state.rules, **rules)
        self.settings = replace(state.settings, **variant)
        self.desk = Desk(replace(state, rules=self.lending, settings=self.settings), self.store, self.clock)
        self.seen: dict[str, float] = {}
        people = self._rows("SELECT id, first_name, last_name FROM patrons WHERE first_name > '' AND last_name > ''")
        self.names = {patron_id: f"{first} {last[0]}" for patron_id, first, last in people}
        self.surnames = {last for _, _, last in people}

    def teardown(self) -> None:
        if not hasattr(self, "desk"):
            return
        try:
            assert recompute(self.store) == []
        finally:
            self.desk.close()
            self.folder.cleanup()

    # What happens.

    @rule(card=st.sampled_from(CARDS))
    def scan_a_card(self, card: str) -> None:
        self._scan(card)

    @rule(code=st.sampled_from(ITEMS))
    def scan_an_item(self, code: str) -> None:
        before, repeat = self.desk.view(), self._is_repeat(code)
        (item_id, status, loan) = self._rows(
            "SELECT i.id, i.status, l.id FROM items i LEFT JOIN loans l ON l.item_id = i.id "
            "WHERE i.barcode = ?1 OR i.inventory_no = ?1",
            code,
        )[0]
        after = self._scan(code).view
        if before.patron is not None and loan is None and status in LENDABLE and not repeat:
            states = [row.state for row in after.rows if row.id == item_id]
            assert after.name == "visit"
            assert states and states[0] in ("borrowed", "waiting", "refused"), (code, states, after)
            assert states[0] == "borrowed" or after.message is not None

    @rule(command=st.sampled_from(COMMANDS))
    def scan_a_command(self, command: str) -> None:
        self._scan(command)

    @rule(text=st.one_of(st.sampled_from(GARBAGE), st.text(max_size=40)))
    def scan_something_else(self, text: str) -> None:
        self._scan(text)

    @rule(
        card=st.sampled_from(CARDS[:6]), codes=st.lists(st.sampled_from(ITEMS[:9]), min_size=1, max_size=4, unique=True)
    )
    def an_ordinary_visit(self, card: str, codes: list[str]) -> None:
        self._scan(card)
        for code in codes:
            self.scan_an_item(code)

    @rule(data=st.data())
    def press_something_offered(self, data: st.DataObject) -> None:
        actions = self.desk.view().actions
        assume(actions)
        self._take(Press(data.draw(st.sampled_from(actions))))

    @rule(data=st.data())
    def press_something_of_a_row(self, data: st.DataObject) -> None:
        self._press_of_a_row(data)

    def _press_of_a_row(self, data: st.DataObject) -> None:
        offered = [(action, row.id) for row in self.desk.view().rows for action in row.actions]
        assume(offered)
        self._take(Press(*data.draw(st.sampled_from(offered))))

    @precondition(lambda self: self.desk.view().name in ("home", "visit", "account"))
    @rule(data=st.data(), text=st.sampled_from(["Абай", "күт", "Қожа", "Алгебра"]))
    def ask_for_a_book(self, data: st.DataObject, text: str) -> None:
        self._take(Press("search", text))
        self._press_of_a_row(data)

    @precondition(lambda self: self.desk.view().patron is not None)
    @rule(data=st.data(), code=st.sampled_from(ITEMS[:8]))
    def change_ones_mind(self, data: st.DataObject, code: str) -> None:
        self.scan_an_item(code)
        self._press_of_a_row(data)

    @precondition(lambda self: self.desk.view().patron is not None)
    @rule(data=st.data())
    def look_at_the_account(self, data: st.DataObject) -> None:
        self._take(Press("account"))
        self._press_of_a_row(data)

    @precondition(lambda self: self.desk.view().patron is not None)
    @rule(undo=st.booleans())
    def it_is_not_me(self, undo: bool) -> None:
        view = self._take(Press("not_me")).view
        assert view.patron is None
        self._take(Press("undo_all" if undo else "done"))

    @rule(data=st.data(), action=st.sampled_from(ACTIONS))
    def press_something_not_offered(self, data: st.DataObject, action: str) -> None:
        rows = [row.id for row in self.desk.view().rows]
        self._take(
            Press(action, data.draw(st.sampled_from(["", "ru", "101", "' OR 1=1", "horse", *self._ids(), *rows])))
        )

    @rule(text=st.one_of(st.sampled_from(TYPED), st.text(max_size=20)))
    def type_something(self, text: str) -> None:
        self._take(Type(text))

    @precondition(lambda self: self.desk.view().name == "pin")
    @rule()
    def type_the_right_pin(self) -> None:
        pictures = self.desk.view().pin == "pictures"
        self._take(Type("horse fish tree sun" if pictures else "1234"))

    @rule(seconds=st.sampled_from([0.5, 3, 15, 21, 29, 31, 61]))
    def time_passes(self, seconds: float) -> None:
        self._note(lambda: tick(self.desk, self.clock, seconds))

    @rule()
    def everybody_leaves(self) -> None:
        self._note(lambda: tick(self.desk, self.clock, 3600))
        view = self.desk.view()
        assert (view.name, view.patron, view.rows, view.message) == ("home", None, (), None)

    # What must be so whatever happens.

    @invariant()
    def an_item_is_with_one_patron(self) -> None:
        assert not self._rows("SELECT item_id FROM loans WHERE item_id > '' GROUP BY item_id HAVING count(*) > 1")
        assert not self._rows(
            "SELECT i.id FROM items i LEFT JOIN loans l ON l.item_id = i.id "
            "WHERE (i.status = 'on_loan') <> (l.id IS NOT NULL)"
        )

    @invariant()
    def no_more_copies_are_out_than_there_are(self) -> None:
        assert not self._rows(
            "SELECT t.id FROM loans l JOIN titles t ON t.id = l.title_id WHERE l.item_id IS NULL "
            "GROUP BY t.id HAVING count(*) > t.held"
        )

    @invariant()
    def nobody_has_more_than_the_limit(self) -> None:
        """But by a librarian's leave."""
        allowed = {row[0] for row in self._rows("SELECT patron_id FROM transactions WHERE body LIKE '%\"override\"%'")}
        with self.store.connection().read() as db:
            for patron_id in self.names.keys() - allowed:
                record = reads.patron_record(db, patron_id)
                assert record is not None
                count, limit = shown_limit(self.lending, record)
                assert limit is None or count <= limit, f"{record.patron.public_name} has {count} of {limit}"

    @invariant()
    def nobody_is_named_who_is_not_signed_in(self) -> None:
        view = self.desk.view()
        assert view.patron is None or view.name not in PUBLIC, view.name
        shown = all_words(view)
        for surname in self.surnames:
            assert surname not in shown, f"{surname} on {view.name}"
        for patron_id, name in self.names.items():
            if name in shown:
                assert view.name in MAY_NAME or (view.patron is not None and view.patron.id == patron_id), shown

    # How.

    def _scan(self, payload: str) -> Outcome:
        outcome = self._take(Scan(payload))
        self.seen[payload.strip()] = self.clock.read().mono
        return outcome

    def _is_repeat(self, code: str) -> bool:
        return self.clock.read().mono - self.seen.get(code, -1e9) < self.settings.same_scan_s

    def _take(self, given: Scan | Press | Type) -> Outcome:
        return self._note(lambda: self.desk.take(given))

    def _note(self, act: Any) -> Outcome:
        """What was said to be committed is what is in the ledger since."""
        last = self._rows("SELECT coalesce(max(seq), 0) FROM transactions")[0][0]
        outcome: Outcome = act()
        since = self._rows("SELECT id, kind FROM transactions WHERE seq > ? ORDER BY seq", last)
        assert [one.id for one in outcome.committed] == [row[0] for row in since if row[1] in CIRCULATION]
        return outcome

    def _ids(self) -> list[str]:
        return [
            row[0] for row in self._rows("SELECT id FROM items UNION SELECT id FROM titles UNION SELECT id FROM loans")
        ]

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.store.connection().read() as db:
            return list(db.execute(query, values).fetchall())


def all_words(view: View) -> str:
    """Everything that a front end could get out of a view, in words and as it stands."""
    return f"{view!r}\n" + "\n".join(describe(view, words(view.language)))


AnyVisit.TestCase.settings = settings(
    max_examples=full(1000, 80),
    derandomize=full(0, 1) == 1,  # the short run says something of a change, not of luck
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnyVisit = pytest.mark.slow(AnyVisit.TestCase)


# The pure visit, with the answers in the test's hands.

SUCCESS = {
    "ok.checked_out", "ok.checked_out_days", "ok.returned", "ok.returned_late", "ok.returned_reserved", "ok.renewed",
    "ok.renewed_days", "ok.undone", "ok.reserved", "ok.hold_cancelled", "ok.request_saved",
}  # fmt: skip
"""Messages that say that something was recorded. `ok.renewed_some` says of how many."""
DONE = {"borrowed", "returned", "kept", "found"}
JUNK: tuple[Answer, ...] = (Committed(()), Works(), PinChecked(True), Stale(), Failed(), Failed(damaged=True))


class LateAnswers(RuleBasedStateMachine):
    """Answers come when they like, some of them twice; some say that nothing was recorded, or that it was not known."""

    @initialize(variant=VARIANTS)
    def start(self, variant: dict[str, Any]) -> None:
        config = library()
        self.folder = TemporaryDirectory(prefix="kiosk-machine-")
        path = Path(self.folder.name) / "kiosk.db"
        shutil.copy(config.store, path)
        self.store = SqliteStore(path)
        self.now = Moment(0.0, datetime(2026, 9, 22, 10, tzinfo=config.timezone), True, True)
        state = everyday(config)
        self.state = replace(state, settings=replace(state.settings, **variant))
        self.awaited: Ask | Commit | None = None
        self.answered: list[Answered] = []
        self.recorded: set[str] = set()
        self.renewed = 0
        self.has_alarm = False
        self._step(Woke(self.now, 0))
        self.answer_truly()

    def teardown(self) -> None:
        if not hasattr(self, "state"):
            return
        try:
            assert recompute(self.store) == []
        finally:
            self.store.close()
            self.folder.cleanup()

    def free(self) -> bool:
        return not self.state.busy

    # What happens.

    @precondition(free)
    @rule(code=st.sampled_from((*CARDS[:6], *ITEMS[:8], *ITEMS[:8], "LOST", "KIOSK-FINISH", "101", "")))
    def scan(self, code: str) -> None:
        self._step(Scanned(self.now, Scan(code)))

    @precondition(free)
    @rule(data=st.data())
    def press(self, data: st.DataObject) -> None:
        shown = visit.view(self.state, self.now)
        offered = [(action, "") for action in shown.actions]
        offered += [(action, row.id) for row in shown.rows for action in row.actions] * 4
        assume(offered)
        action, argument = data.draw(st.sampled_from(offered))
        self.renewed = 0
        self._step(Pressed(self.now, action, argument))

    @precondition(free)
    @rule(text=st.sampled_from(TYPED))
    def type(self, text: str) -> None:
        self._step(Typed(self.now, text))

    @precondition(lambda self: not self.state.busy and self.has_alarm)
    @rule()
    def the_timer_rings(self) -> None:
        self.has_alarm = False
        self._step(Woke(self.now, self.state.generation))

    @rule(seconds=st.sampled_from([0.1, 3.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.now = replace(self.now, mono=self.now.mono + seconds)

    @rule(table=st.sampled_from(["patrons", "items", "titles"]))
    def another_program_changes_something(self, table: str) -> None:
        with self.store.connection().write() as db:
            db.execute(f"UPDATE {table} SET version = version + 1")

    @precondition(lambda self: self.state.busy)
    @rule()
    def answer_truly(self) -> None:
        assert self.awaited is not None
        if isinstance(self.awaited, Ask):
            asked = self.awaited.query
            self._answer(Enquired() if isinstance(asked, Enquire) else self.store.answer(asked))
            return
        answer = self.store.commit(self.awaited.acts, self.awaited.relied, self.now)
        if isinstance(answer, Committed):
            self.recorded |= {act.id for act in answer.acts}
            self.renewed += sum(1 for act in answer.acts if act.kind is Kind.RENEWAL)
        self._answer(answer)

    @precondition(lambda self: self.state.busy)
    @rule(times=st.integers(2, 9))
    def answer_truly_some_times(self, times: int) -> None:
        for _ in range(times):
            if self.state.busy:
                self.answer_truly()

    @precondition(lambda self: isinstance(self.awaited, Ask) and isinstance(self.awaited.query, Enquire))
    @rule(learned=st.booleans(), away=st.booleans())
    def central_answers(self, learned: bool, away: bool) -> None:
        self._answer(Enquired(learned, away))

    @precondition(lambda self: isinstance(self.awaited, Commit) and any(a.kind in WISHES for a in self.awaited.acts))
    @rule(reason=st.sampled_from(Reason))
    def central_refuses(self, reason: Reason) -> None:
        assert isinstance(self.awaited, Commit)
        acts = tuple(act for act in self.awaited.acts if act.kind not in WISHES)
        if acts and not isinstance(self.store.commit(acts, self.awaited.relied, self.now), Committed):
            self._answer(Stale())
            return
        self.recorded |= {act.id for act in acts}
        self._answer(Declined(reason, acts))

    @precondition(lambda self: isinstance(self.awaited, Commit))
    @rule()
    def answer_that_it_is_stale(self) -> None:
        self._answer(Stale())

    @precondition(lambda self: self.state.busy)
    @rule(damaged=st.sampled_from([False, False, False, True]))
    def answer_that_it_failed(self, damaged: bool) -> None:
        self._answer(Failed(damaged))

    @rule(data=st.data())
    def an_old_answer_comes_again(self, data: st.DataObject) -> None:
        assume(self.answered)
        old = data.draw(st.sampled_from(self.answered))
        answer = data.draw(st.sampled_from([old.answer, *JUNK]))
        assert visit.step(self.state, Answered(self.now, old.request, answer)) == (self.state, ())

    @rule(answer=st.sampled_from(JUNK), later=st.integers(1, 5))
    def an_answer_to_nothing_comes(self, answer: Answer, later: int) -> None:
        assert visit.step(self.state, Answered(self.now, self.state.requests + later, answer)) == (self.state, ())

    @precondition(lambda self: self.state.generation > 0)
    @rule(data=st.data())
    def an_old_timer_rings(self, data: st.DataObject) -> None:
        older = data.draw(st.integers(0, self.state.generation - 1))
        assert visit.step(self.state, Woke(self.now, older)) == (self.state, ())

    # What must be so.

    @invariant()
    def it_can_be_drawn(self) -> None:
        all_words(visit.view(self.state, self.now))

    @invariant()
    def what_is_shown_as_done_is_in_the_ledger(self) -> None:
        for entry in self.state.session.entries if self.state.session else ():
            if entry.state in DONE:
                assert self.recorded.issuperset(entry.acts), entry

    def _answer(self, answer: Answer) -> None:
        assert self.awaited is not None
        event = Answered(self.now, self.awaited.request, answer)
        self.answered.append(event)
        self._step(event)

    def _step(self, event: Event) -> None:
        before = self.state.message
        self.state, effects = visit.step(self.state, event)
        self.awaited = None
        for effect in effects:
            self._take(effect)
        assert self.state.busy == (self.awaited is not None)
        after = self.state.message
        if after is not None and after is not before:
            self._believe(after, event)

    def _take(self, effect: Effect) -> None:
        match effect:
            case Ask() | Commit():
                assert self.awaited is None, "two requests at once"
                self.awaited = effect
            case Wake():
                self.has_alarm = True

    def _believe(self, message: Message, event: Event) -> None:
        """A success is only said in answer to a commit."""
        if message.key in SUCCESS:
            assert isinstance(event, Answered) and isinstance(event.answer, Committed), (message, event)
        if message.key == "ok.renewed_some":
            assert dict(message.params)["done"] == self.renewed


LateAnswers.TestCase.settings = settings(
    AnyVisit.TestCase.settings, max_examples=full(1000, 100), stateful_step_count=60
)
TestLateAnswers = pytest.mark.slow(LateAnswers.TestCase)
