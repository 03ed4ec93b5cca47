"""Collecting textbooks as a state machine: anything done in any order at a real desk on a real ledger.

Whatever happens, the ledger adds up, the screen shows what it says, and no copy goes out of sight.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.circulation import visit
from kiosk.circulation.model import Mark, Scan
from kiosk.circulation.rules import Clears, TextbookSettings
from kiosk.circulation.textbooks.debts import FOUND, Debt
from kiosk.circulation.views import CellState, View
from kiosk.config import Config
from kiosk.desk import Desk, Press, Type
from kiosk.devices.clock import HandClock
from kiosk.plain import describe
from kiosk.store import SqliteStore
from kiosk.store.check import recompute
from kiosk.text import words
from tests.driver import full
from tests.scenario import Scenario, furnish

LIBRARY = Scenario(
    "collecting",
    Path(),
    {
        "PINs": ["C-LIB 2580", "C-ANNA 1234"],
        "Facts": ["staff C-ANNA helper"],
        "Items": [
            "barcode;inventory_no;title;isbn;kind;subject;count",
            "TB2;202;Алгебра, 7-сынып;;textbook;;",
            "TB3;203;Алгебра, 7-сынып;;textbook;;",
            "GE1;701;Геометрия, 7-сынып;;textbook;Геометрия;",
            "GE2;702;Геометрия, 7-сынып;;textbook;Геометрия;",
            ";;Физика, 7-сынып;9786012345681;textbook;Физика;6",
        ],
        "Loans": [
            "card;barcode;due;since",
            "C-ERLAN;TB1;2027-05-25;2026-09-01",
            "C-AIGUL;TB2;2027-05-25;2026-09-01",
            "C-ERLAN;GE1;2027-05-25;2026-09-01",
            "C-SANZHAR;GE2;2027-05-25;2026-09-01",
            "C-ERLAN;B1;2026-09-28;2026-09-18",
        ],
        "Settings": ["[[rules.loan]]", 'kind = "textbook"', "limit = -1", "until_year_end = true"],
    },
    0,
)
CARDS = ("C-ERLAN", "C-AIGUL", "C-SANZHAR", "C-OLD")
CODES = ("TB1", "TB2", "TB3", "GE1", "GE2", "B1", "9786012345681", "LABEL-1", "LABEL-2", "https://example.kz")
CHOICES = ("good", "torn", "repair", "lost", "beyond_use", "relabel", "not_back", "another_book", "nonsense")
NUMBER = "coalesce(inventory_no, barcode)"
GONE = "('lost', 'written_off')"
BY_COUNT = "Физика, 7-сынып"


@cache
def made() -> tuple[Config, TemporaryDirectory[str]]:
    """A data folder, and what removes it at the end of the run."""
    folder = TemporaryDirectory(prefix="kiosk-collecting-")
    config = furnish(Path(folder.name) / "kiosk", LIBRARY)
    store = SqliteStore(config.store)
    desk = Desk(start(config, Clears.TITLE), store, HandClock(datetime(2026, 9, 22, 10, tzinfo=config.timezone), True))
    for card in ("C-ERLAN", "C-AIGUL"):
        desk.take(Scan(card))
        (row,) = (row for row in desk.take(Press("search", "физика")).view.rows if row.text == BY_COUNT)
        assert desk.take(Press("borrow", row.id)).committed
        desk.take(Press("finish"))
    store.close()
    return config, folder


def start(config: Config, clears: Clears) -> visit.State:
    """The kiosk as it wakes; every scan counts."""
    staff = replace(config.settings.staff, same_scan_s=0.0, textbooks=TextbookSettings(clears))
    own = replace(config.settings, same_scan_s=0.0, staff=staff)
    return visit.start(config.rules, own, config.codes, UUID(int=9))


class AnyCollecting(RuleBasedStateMachine):
    """Everything that can be done while textbooks come back."""

    @initialize(clears=st.sampled_from(Clears), helper=st.sampled_from([False, False, True]))
    def sign_in(self, clears: Clears, helper: bool) -> None:
        config = made()[0]
        self.folder = TemporaryDirectory(prefix="kiosk-collecting-")
        path = Path(self.folder.name) / "kiosk.db"
        shutil.copy(config.store, path)
        self.store = SqliteStore(path)
        clock = HandClock(datetime(2027, 5, 20, 10, tzinfo=config.timezone), True)
        self.desk = Desk(start(config, clears), self.store, clock)
        self.helper = helper
        self.held = self._one("SELECT held FROM titles WHERE title = ?", BY_COUNT)
        self.desk.take(Scan("C-ANNA" if helper else "C-LIB"))
        self.desk.take(Type("1234" if helper else "2580"))
        self.collect()

    def teardown(self) -> None:
        if not hasattr(self, "desk"):
            return
        try:
            assert recompute(self.store) == []
        finally:
            self.desk.close()
            self.folder.cleanup()

    def collect(self) -> None:
        """From the staff's home into the mode."""
        if self.desk.view().name == "staff_home":
            self.desk.take(Press("collect"))

    @rule(card=st.sampled_from(CARDS))
    def a_pupil_comes(self, card: str) -> None:
        self._take(Scan(card))

    @rule(code=st.sampled_from(CODES))
    def a_copy_is_scanned(self, code: str) -> None:
        self._take(Scan(code))

    @rule(card=st.sampled_from(CARDS), codes=st.lists(st.sampled_from(CODES[:7]), max_size=4))
    def a_pile_is_scanned(self, card: str, codes: list[str]) -> None:
        for code in (card, *codes):
            self._take(Scan(code))

    @rule(data=st.data())
    def a_tile_is_touched(self, data: st.DataObject) -> None:
        view = self.desk.view()
        offered = [(action, cell.id) for cell in view.cells for action in cell.actions]
        offered += [(action, row.id) for row in view.rows for action in row.actions]
        assume(offered)
        self._take(Press(*data.draw(st.sampled_from(offered))))

    @rule(choice=st.sampled_from(CHOICES))
    def something_is_said_of_a_copy(self, choice: str) -> None:
        self._take(Press("choose", choice))

    @rule(data=st.data())
    def an_action_is_touched(self, data: st.DataObject) -> None:
        actions = [one for one in self.desk.view().actions if one not in ("exit", "issue_next")]
        assume(actions)
        self._take(Press(data.draw(st.sampled_from(actions))))

    @rule()
    def the_last_is_taken_back(self) -> None:
        before, view = self._obligations(), self.desk.view()
        assume("undo_last" in view.actions)
        after = self._take(Press("undo_last"))
        assert after.message is not None and after.message.key == "ok.undone"
        assert abs(self._obligations() - before) <= 1

    @rule(text=st.sampled_from(["201", "202", "TB1", "999", "", "LABEL-1"]))
    def a_number_is_typed(self, text: str) -> None:
        self._take(Type(text))

    # What must be so whatever happens.

    @invariant()
    def every_copy_is_accounted_for(self) -> None:
        """One that is not here is on somebody's name, or is owed, or something was taken in its place."""
        debts = self._debts()
        named = {debt.number for debt in debts if debt.settled != FOUND}
        rows = self._rows(f"SELECT {NUMBER}, status FROM items WHERE status IN {GONE}")
        assert {number for number, _ in rows} <= named, rows
        open_ones = [debt.number for debt in debts if not debt.settled and debt.number]
        assert sorted(open_ones) == sorted(set(open_ones)), "a copy is owed twice"
        here = {number for (number,) in self._rows(f"SELECT {NUMBER} FROM items WHERE status NOT IN {GONE}")}
        assert not here.intersection(open_ones), "a copy is owed that is here, or on loan"

    @invariant()
    def copies_held_by_count_are_as_many_as_they_should_be(self) -> None:
        lost = [debt for debt in self._debts() if debt.title == BY_COUNT]
        undone = "SELECT 1 FROM transactions u WHERE json_extract(u.body, '$.undoes') = t.id"
        added = self._one(f"SELECT count(*) FROM transactions t WHERE kind = 'held_changed' AND NOT EXISTS ({undone})")
        assert self._one("SELECT held FROM titles WHERE title = ?", BY_COUNT) == self.held - len(lost) + added

    @invariant()
    def the_screen_says_what_the_ledger_says(self) -> None:
        view = self.desk.view()
        describe(view, words("kk"))
        if view.name == "collect_pupil" and view.patron is not None:
            out = self._rows(
                "SELECT l.id FROM loans l JOIN titles t ON t.id = l.title_id WHERE l.patron_id = ? "
                "AND t.kind = 'textbook'",
                view.patron.id,
            )
            shown = {cell.id for cell in view.cells if cell.state is CellState.GIVEN}
            assert shown == {loan_id for (loan_id,) in out}
            debts = [debt for debt in self._debts() if debt.mark.patron_id == view.patron.id]
            owed = {debt.mark.what for debt in debts if not debt.settled}
            assert {cell.id for cell in view.cells if cell.state is CellState.LOST} == owed

    @invariant()
    def a_helper_says_nothing_is_lost(self) -> None:
        if self.helper:
            kinds = "'lost', 'relabelled', 'numbered', 'marked', 'held_changed'"
            assert not self._rows(f"SELECT 1 FROM transactions WHERE kind IN ({kinds})")

    @invariant()
    def staff_stand_by_what_they_did(self) -> None:
        assert not self._rows(
            "SELECT kind FROM transactions WHERE at > '2027' AND kind <> 'visit' AND body NOT LIKE '%\"staff\"%' "
            "AND kind NOT IN ('date_confirmed')"
        )

    # How.

    def _take(self, given: Scan | Press | Type) -> View:
        self.desk.take(given)
        self.collect()
        view = self.desk.view()
        assert view.name not in ("home", "out_of_service"), "nobody is signed in any more"
        assert view.message is None or view.message.key != "err.generic", view
        return view

    def _obligations(self) -> int:
        return int(self._one("SELECT count(*) FROM loans")) + sum(not debt.settled for debt in self._debts())

    def _debts(self) -> list[Debt]:
        rows = self._rows("SELECT patron_id, year, what, value FROM marks")
        return [debt for debt in (Debt.of(Mark(*row)) for row in rows) if debt is not None]

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.store.connection().read() as db:
            return db.execute(query, values).fetchall()

    def _one(self, query: str, *values: object) -> Any:
        return self._rows(query, *values)[0][0]


AnyCollecting.TestCase.settings = settings(
    max_examples=full(1000, 15),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAnyCollecting = AnyCollecting.TestCase
