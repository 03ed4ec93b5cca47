"""The console's lines in and its JSON out. DESIGN.md 7 promises the form: other programs are written against it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation import visit
from kiosk.circulation.acts import Act, Kind, LoanChange
from kiosk.circulation.identify import CodeRules
from kiosk.circulation.model import Item, ItemKind, ItemStatus, Loan, Scan, SchoolClass, Title
from kiosk.circulation.rules import Rules, VisitSettings
from kiosk.circulation.views import Days, Message, PatronFace, Row, RowState, View
from kiosk.console import (
    MAX_LINE,
    MAX_TICK_S,
    Bad,
    Quit,
    Tick,
    as_json,
    bounded_lines,
    parse,
    run_json,
)
from kiosk.desk import Desk, Outcome, Press, Type
from kiosk.devices.clock import HandClock
from tests.unit.test_desk import NOW, FakeStore

# Lines.


@pytest.mark.parametrize(
    ("line", "means"),
    [
        ("scan P1000001", Scan("P1000001")),
        ("scan P1000001\n", Scan("P1000001")),
        ("  scan P1\r\n", Scan("P1")),
        ("scan  two  spaces ", Scan(" two  spaces ")),
        ('scan "tab\\there"', Scan("tab\there")),
        ('scan "\\u04d8"', Scan("Ә")),
        ('scan "not closed', Scan('"not closed')),
        ('scan "one" two', Scan('"one" two')),
        ("scan", Scan("")),
        ("scan ", Scan("")),
        ("scan 5", Scan("5")),
        ("press finish", Press("finish")),
        ("press undo 01a1f8bf", Press("undo", "01a1f8bf")),
        ("press  choose  5 «Ә» ", Press("choose", "5 «Ә»")),
        ("press", Bad()),
        ("press ", Bad()),
        ("type Абай жолы", Type("Абай жолы")),
        ('type "1234"', Type("1234")),
        ("tick 5", Tick(5.0)),
        ("tick 0.5", Tick(0.5)),
        ("tick -1", Bad()),
        ("tick nan", Bad()),
        ("tick inf", Bad()),
        ("tick 1e9", Bad()),
        ("tick", Bad()),
        ("tick soon", Bad()),
        ("quit", Quit()),
        ("quit\n", Quit()),
        ("quit now", Bad()),
        ("SCAN P1", Bad()),
        ("", Bad()),
        ("\n", Bad()),
        ("#", Bad()),
        ("x" * (MAX_LINE + 1), Bad()),
    ],
)
def test_a_line_means(line: str, means: object) -> None:
    assert parse(line) == means


@given(st.text())
def test_any_line_means_something(line: str) -> None:
    assert isinstance(parse(line), Scan | Press | Type | Tick | Quit | Bad)


@given(st.sampled_from(["scan", "press", "type", "tick", "quit"]), st.text(alphabet='"\\u0{}[]:,1e-+ \t', max_size=30))
def test_any_rest_of_a_line_means_something(word: str, rest: str) -> None:
    given_ = parse(f"{word} {rest}")
    if isinstance(given_, Tick):
        assert 0 <= given_.seconds <= MAX_TICK_S


@given(st.text())
def test_any_payload_can_be_given_as_a_json_string(payload: str) -> None:
    assert parse(f"scan {json.dumps(payload)}\n") == Scan(payload)
    assert parse(f"type {json.dumps(payload)}\n") == Type(payload)


def test_a_line_without_an_end_is_cut() -> None:
    stream = io.StringIO("x" * (3 * MAX_LINE) + "\nscan P1\nscan A1")
    lines = list(bounded_lines(stream))
    assert [len(line) for line in lines] == [MAX_LINE + 1, 8, 7]


def test_a_line_that_is_just_as_long_as_may_be_is_whole() -> None:
    line = "scan " + "x" * (MAX_LINE - 6) + "\n"
    assert list(bounded_lines(io.StringIO(line + "quit\n"))) == [line, "quit\n"]


# The form of an answer.

FORM: dict[str, tuple[type, ...]] = {
    "view": (str,),
    "message": (dict, type(None)),
    "rows": (list,),
    "actions": (list,),
    "patron": (dict, type(None)),
    "committed": (list,),
    "sync": (dict,),
}
"""In this order."""
TITLE = Title("t", 1, "Абай жолы")
ITEM = Item("i", 1, "t", "B1", None, ItemKind.BOOK, ItemStatus.AVAILABLE)
DUE = date(2026, 12, 1)


def desk() -> Desk:
    settings = VisitSettings(same_scan_s=0.0)
    return Desk(visit.start(Rules(), settings, CodeRules(), UUID(int=1)), FakeStore(), HandClock(NOW))


def written(view: View, *acts: Act) -> dict[str, Any]:
    """As a program on the other end reads it."""
    text = json.dumps(as_json(Outcome(view, acts), desk(), {"i": "B1"}.get))
    answer: dict[str, Any] = json.loads(text)
    return answer


def test_an_answer_has_these_keys_and_no_others() -> None:
    answer = written(View("home", "kk"))
    assert list(answer) == list(FORM)
    assert all(isinstance(answer[key], kind) for key, kind in FORM.items())
    assert (answer["view"], answer["message"], answer["patron"]) == ("home", None, None)
    assert answer["rows"] == answer["actions"] == answer["committed"] == []
    assert answer["sync"] == {"state": "offline", "pending": 2, "parked": 1}


def test_a_message_is_its_key_what_it_names_and_its_words() -> None:
    said = written(View("visit", "en", Message.of("ok.checked_out", date=DUE)))["message"]
    assert list(said) == ["key", "params", "text"]
    assert (said["key"], said["params"]) == ("ok.checked_out", {"date": "2026-12-01"})
    assert said["text"] and "{" not in said["text"]
    lengths = written(View("visit", "kk", Message.of("ok.checked_out_days", days=Days(10))))["message"]
    assert lengths["params"] == {"days": 10}


def test_a_row_has_these_keys() -> None:
    row = Row("i", "Абай жолы", RowState.BORROWED, TITLE, due=DUE, actions=("undo",))
    assert written(View("visit", "kk", rows=(row,)))["rows"] == [
        {"id": "i", "title": "Абай жолы", "state": "borrowed", "due": "2026-12-01", "actions": ["undo"]}
    ]


def test_a_row_has_a_place_and_a_shelf_only_where_there_is_one() -> None:
    row = Row("h", "Абай жолы", RowState.HOLD_WAITING, TITLE, place=2, shelf="A-1")
    answer = written(View("account", "kk", rows=(row,)))["rows"][0]
    assert answer == {
        "id": "h", "title": "Абай жолы", "state": "hold_waiting", "due": None, "actions": [], "place": 2,
        "shelf": "A-1",
    }  # fmt: skip


def test_a_patron_is_only_what_the_screen_may_show() -> None:
    face = PatronFace("p", "Айгүл Ә.", SchoolClass(5, "Ә"), 2, 5)
    patron = written(View("visit", "kk", patron=face))["patron"]
    assert list(patron) == ["id", "name", "class", "loans", "limit"]
    assert (patron["id"], patron["name"], patron["loans"], patron["limit"]) == ("p", "Айгүл Ә.", 2, 5)
    nobody = written(View("visit", "kk", patron=PatronFace("p", "12-кабинет", None, 0, None)))["patron"]
    assert (nobody["class"], nobody["limit"]) == ("", None)


def test_what_was_committed_is_told_with_the_barcode_and_the_due_date() -> None:
    loan = Loan("a", "p", "t", "i", date(2026, 11, 20), DUE, 10)
    lent = Act("a", Kind.CHECKOUT, "p", "i", "t", (LoanChange(None, loan),))
    wanted = Act("b", Kind.HOLD, "p", None, "t")
    assert written(View("visit", "kk"), lent, wanted)["committed"] == [
        {"id": "a", "kind": "checkout", "item": "B1", "patron": "p", "due": "2026-12-01"},
        {"id": "b", "kind": "hold", "item": None, "patron": "p", "due": None},
    ]


# A run.


def answers(lines: str) -> Iterator[dict[str, Any]]:
    out, clock = io.StringIO(), HandClock(datetime(2026, 9, 22, 10, tzinfo=UTC))
    state = visit.start(Rules(), VisitSettings(same_scan_s=0.0), CodeRules(), UUID(int=1))
    run_json(Desk(state, FakeStore(), clock), clock, io.StringIO(lines), out, {"B1": "B1"}.get)
    return (json.loads(line) for line in out.getvalue().splitlines())


def test_one_answer_at_the_start_and_one_for_each_line() -> None:
    said = list(answers("scan CARD\nscan B1\nnonsense\n\ntick 1\npress finish\nquit\nscan CARD\n"))
    assert [answer["view"] for answer in said] == ["home", *["visit"] * 5, "summary", "summary"]
    assert [len(answer["committed"]) for answer in said] == [0, 0, 1, 0, 0, 0, 0, 0]


def test_a_bad_line_is_answered_with_a_message_and_changes_nothing() -> None:
    _, before, bad, after = answers("scan CARD\nfly away\nscan B1\n")
    assert bad["message"]["key"] == "err.console"
    assert (bad["view"], bad["patron"]) == (before["view"], before["patron"])
    assert len(after["committed"]) == 1


def test_the_end_of_the_input_is_an_end_too() -> None:
    assert [answer["view"] for answer in answers("")] == ["home"]


def test_time_stands_still_between_lines_and_timers_ring_in_their_order() -> None:
    said = list(answers("scan CARD\ntick 29\ntick 1\ntick 1\ntick 9\ntick 60\n"))
    counted = [answer["message"]["params"]["n"] if answer["message"] else None for answer in said[2:5]]
    assert counted == [None, 10, 9]
    assert [answer["patron"] is None for answer in said[1:]] == [False, False, False, False, True, True]
