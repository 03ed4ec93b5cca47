"""A textbook day as a state machine: whatever is scanned, touched and taken back, every copy is where the scans say."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.store.check import recompute
from tests.scenario import CLOCK, Player, Scenario, furnish

CARDS = {"C-A": "Ару Б.", "C-B": "Болат С.", "C-C": "Дана Т."}
COPIES = ("AL1", "AL2", "GE1", "GE2", "OLD1", "GE8", "RU1", "B1")
ISBNS = {"9786010000018": "Қазақ тілі", "9786010000025": "Музыка"}
LABELS = ("N417305620177", "N417305620185", "N417305620193")
FULL = bool(os.environ.get("KIOSK_FULL"))
SCENARIO = {
    "Patrons": [
        "card;last_name;first_name;class;language",
        "C-A;Бекова;Ару;6 «Ғ»;kk", "C-B;Серік;Болат;6 «Ғ»;kk", "C-C;Төлеген;Дана;6 «Ғ»;kk",
    ],
    "Items": [
        "barcode;title;kind;grade;subject;language;year;isbn;count",
        "AL1;Алгебра, 6-сынып;textbook;6;Алгебра;kk;2023;;", "AL2;Алгебра, 6-сынып;textbook;6;Алгебра;kk;2023;;",
        "GE1;География, 6-сынып;textbook;6;География;kk;2023;;",
        "GE2;География, 6-сынып;textbook;6;География;kk;2023;;",
        "OLD1;Алгебра, 6-сынып, ескі;textbook;6;Алгебра;kk;2018;;", "GE8;География, 8-сынып;textbook;8;География;kk;;;",
        "RU1;Информатика, 6 класс;textbook;6;Информатика;ru;2020;;",
        ";Қазақ тілі, 6-сынып;textbook;6;Қазақ тілі;kk;2024;9786010000018;2",
        ";Музыка, 6-сынып;textbook;6;Музыка;kk;2024;9786010000025;1",
    ],
    "Sets": [
        "grade;language;subject;edition;group", "6;kk;Алгебра;2023;", "6;kk;География;;", "6;kk;Қазақ тілі;;",
        "6;kk;Көркем еңбек;;boys", "6;kk;Музыка;;girls",
    ],
    "PINs": ["C-LIB 2580"],
    "Steps": [],
}  # fmt: skip


class TextbookDay(RuleBasedStateMachine):
    """One station, three pupils of a class."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        scenario = Scenario("machine", Path("machine"), SCENARIO, 0)
        self.player = Player(furnish(Path(self.folder.name) / "kiosk", scenario), CLOCK, "")
        self.before: list[Any] = []

    @initialize()
    def begin(self) -> None:
        for line in ("scan C-LIB", "type 2580", "press issue", "press choose [6 «Ғ»]", "press open [Ару Б.]"):
            self.do(line)
        self.before = []

    def do(self, line: str) -> dict[str, Any]:
        """One step; a second code is never the same scan as the one before."""
        self.player.step("tick 3")
        return self.player.step(line)

    def state(self) -> dict[str, Any]:
        """Who has what: loans by copy and by title, the counts, the copies that there are."""
        ask = self.player.ask
        return {
            "copies": dict(ask("SELECT i.barcode, l.patron_id FROM items i LEFT JOIN loans l ON l.item_id = i.id")),
            "counted": sorted(ask("SELECT patron_id, title_id FROM loans WHERE item_id IS NULL")),
            "held": sorted(ask("SELECT id, held FROM titles")),
        }

    @property
    def view(self) -> dict[str, Any]:
        return self.player.answer

    @property
    def at(self) -> str:
        found: str = self.view["patron"]["id"]
        return found

    def aside_ids(self) -> list[str]:
        return [row["id"] for row in self.view["rows"]] if self.view["view"] == "tb_aside" else []

    def given(self, before: dict[str, Any]) -> None:
        """Something was given in this turn: taking it back comes to what was before."""
        if self.state() != before:
            self.before.append(before)

    @rule(code=st.sampled_from(COPIES))
    def scan_a_copy(self, code: str) -> None:
        before, at = self.state(), self.at
        aside = set(self.aside_ids())
        self.do(f"scan {code}")
        holder = self.state()["copies"][code]
        (item_id,) = (row[0] for row in self.player.ask("SELECT id FROM items WHERE barcode = ?", code))
        if item_id in self.aside_ids() and (self.aside_ids()[0] == item_id or item_id in aside):
            assert holder == before["copies"][code]
        else:
            assert holder == at
        self.given(before)

    @rule(isbn=st.sampled_from(sorted(ISBNS)))
    def scan_an_isbn(self, isbn: str) -> None:
        before = self.state()
        self.do(f"scan {isbn}")
        now = self.state()
        more = len(now["counted"]) - len(before["counted"])
        made = set(now["copies"]) - set(before["copies"])
        assert (more, len(made)) in ((0, 0), (1, 0), (0, 1))
        assert all(now["copies"][label] == self.at for label in made)
        self.given(before)

    @rule(label=st.sampled_from(LABELS))
    def scan_a_label(self, label: str) -> None:
        before, stack = self.state(), len(self.before)
        known = label in before["copies"]
        self.do(f"scan {label}")
        now = self.state()
        if known:
            self.given(before)
        elif label in now["copies"]:
            # The copy given by count just now has a number: taking it back comes to what was before it was given.
            assert now["copies"][label] == self.at
            assert len(now["counted"]) == len(before["counted"]) - 1
            assert len(self.before) == stack

    @rule(card=st.sampled_from(sorted(CARDS)))
    def scan_a_card(self, card: str) -> None:
        before, at, lying = self.state(), self.at, self.aside_ids()
        self.do(f"scan {card}")
        assert self.state() == before
        if lying:
            assert self.at == at
        else:
            assert self.view["patron"]["name"] == CARDS[card]
            if self.at != at:
                self.before = []

    @precondition(lambda self: self.view["view"] == "tb_aside")
    @rule(anyway=st.booleans())
    def settle(self, anyway: bool) -> None:
        before, first = self.state(), self.aside_ids()[0]
        self.do("press give_anyway" if anyway and "give_anyway" in self.view["actions"] else "press ok")
        assert first not in self.aside_ids()
        self.given(before)

    @precondition(lambda self: "undo_last" in self.view["actions"])
    @rule()
    def undo(self) -> None:
        self.do("press undo_last")
        assert self.view["message"]["key"] == "tb.undone"
        assert self.state() == self.before.pop()

    @precondition(lambda self: self.view["view"] == "tb_pupil")
    @rule(at=st.integers(0, 5))
    def touch(self, at: int) -> None:
        cells = [cell for cell in self.view["cells"] if "give_counted" in cell["actions"]]
        if cells:
            before = self.state()
            self.do(f"press give_counted {cells[at % len(cells)]['id']}")
            self.given(before)

    @precondition(lambda self: "wrong_pupil" in self.view["actions"])
    @rule(card=st.sampled_from(sorted(CARDS)))
    def move(self, card: str) -> None:
        before, at = self.state(), self.at
        self.do("press wrong_pupil")
        names = {row["title"]: row["id"] for row in self.view["rows"]}
        target = names.get(CARDS[card])
        if target is None:
            self.do("press back")
            assert self.at == at
            return
        self.do(f"press choose {target}")
        if self.at != target:  # what happened since stands in the way: nothing is moved
            assert self.state() == before
            return
        now, lying = self.state(), self.aside_ids()
        for barcode, patron in now["copies"].items():
            if patron != before["copies"][barcode]:
                assert before["copies"][barcode] == at
                assert patron == target or (patron is None and lying)
        assert len(now["counted"]) <= len(before["counted"])
        self.before = []
        if "undo_last" in self.view["actions"] or self.view["view"] == "tb_aside":
            while self.view["view"] == "tb_aside":
                self.do("press ok")
            self.do(f"scan {next(one for one, name in CARDS.items() if name != CARDS[card])}")

    @precondition(lambda self: "absent" in self.view["actions"])
    @rule()
    def absent(self) -> None:
        before = self.state()
        self.do("press absent")
        assert self.state() == before
        self.before = []
        if self.view["view"] == "tb_class":
            self.do("press open [Ару Б.]")

    @invariant()
    def what_was_given_in_this_turn_can_be_taken_back(self) -> None:
        if self.player.answer["view"] == "tb_pupil":
            assert ("undo_last" in self.view["actions"]) is bool(self.before)

    @invariant()
    def nothing_is_lent_twice_and_counts_are_enough(self) -> None:
        wrong = self.player.ask(
            "SELECT i.barcode FROM items i LEFT JOIN loans l ON l.item_id = i.id "
            "WHERE (i.status = 'on_loan') <> (l.id IS NOT NULL)"
        )
        assert wrong == []
        short = self.player.ask(
            "SELECT t.title FROM titles t WHERE t.held < "
            "(SELECT count(*) FROM loans l WHERE l.title_id = t.id AND l.item_id IS NULL)"
        )
        assert short == []

    def teardown(self) -> None:
        try:
            assert recompute(self.player.store) == []
        finally:
            self.player.close()
            self.folder.cleanup()


TestTextbookDay = TextbookDay.TestCase
TestTextbookDay.settings = settings(
    max_examples=200 if FULL else 12, stateful_step_count=40 if FULL else 25, deadline=None
)
