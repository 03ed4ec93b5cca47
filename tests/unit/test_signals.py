"""What a change of the screen sounds like, what is said of it, and that both end with it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.appearance import Appearance
from kiosk.circulation.cues import Cue, cue
from kiosk.circulation.views import Message, Row, RowState, View
from kiosk.circulation.visit.speech import speech
from kiosk.desk import Outcome
from kiosk.signals import Shows, Signals
from tests.driver import wait_for

HOME = View("home", "kk", prompt=Message.of("home.scan_card"))
VISIT = View("visit", "kk", prompt=Message.of("prompt.scan_book"))
WAITS = Row("b", "Абай жолы", RowState.WAITING)


def act(kind: Kind) -> Act:
    return Act("a", kind, "p", "t", "b")


def says(key: str, view: View = VISIT) -> View:
    return replace(view, message=Message.of(key))


@pytest.mark.parametrize(
    ("after", "committed", "heard"),
    [
        (says("ok.checked_out"), [Kind.CHECKOUT], Cue.LENT),
        (says("ok.returned"), [Kind.CHECKIN], Cue.RETURNED),
        (says("ok.checked_out"), [Kind.CHECKIN, Kind.CHECKOUT], Cue.LENT),
        (says("ok.returned", HOME), [Kind.FOUND], Cue.RETURNED),
        (says("tb.for_other"), [Kind.CHECKIN], Cue.LOOK),
        (says("tb.exchanged"), [Kind.CHECKIN, Kind.CHECKIN, Kind.CHECKOUT], Cue.LOOK),
        (says("err.limit"), [], Cue.NOT_DONE),
        (says("err.generic"), [], Cue.NOT_DONE),
        (replace(HOME, name="tb_aside", message=Message.of("err.was_lost"), rows=(WAITS,)), [], Cue.ASIDE),
        (replace(HOME, rows=(WAITS,)), [], Cue.LOOK),
        (View("pin", "kk", prompt=Message.of("prompt.enter_pin")), [], Cue.LOOK),
        (replace(VISIT, countdown=10), [], Cue.LOOK),
        (VISIT, [], None),
        (says("info.already_yours"), [], None),
    ],
)
def test_a_change_has_its_sound(after: View, committed: list[Kind], heard: Cue | None) -> None:
    assert cue(VISIT, after, [act(kind) for kind in committed]) is heard


def test_nothing_is_heard_as_done_that_was_not_recorded() -> None:
    assert cue(VISIT, says("ok.checked_out"), []) is None


def test_a_code_read_twice_is_silent() -> None:
    assert cue(says("err.limit"), says("err.limit"), []) is None


def test_a_countdown_is_heard_once() -> None:
    assert cue(replace(VISIT, countdown=10), replace(VISIT, countdown=9), []) is None


class Ear:
    """Hears, and sees."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.closed = False

    def show(self, cue: Cue) -> None:
        self.heard.append(cue)

    def close(self) -> None:
        self.closed = True

    def say(self, speech: Sequence[Message], language: str) -> None:
        self.heard.append(f"{language}: {' '.join(message.key for message in speech)}")

    def hush(self) -> None:
        self.heard.append("hush")


def played(*views: View, fails: bool = False) -> list[str]:
    """What is heard of these views, one after the other."""
    ear = Ear()

    def no(cue: Cue) -> None:
        raise RuntimeError("no sound card")

    if fails:
        ear.show = no  # type: ignore[method-assign]
    signals = Signals(lambda: [ear], ear)
    signals.start()
    for view in views:
        signals.told(Outcome(view, ()))
    signals.stop()
    assert ear.closed
    assert ear.heard[-1] == "hush"
    return ear.heard[:-1]


def aloud(view: View) -> View:
    view = replace(view, appearance=Appearance(spoken=True))
    return replace(view, speech=speech(view))


def test_what_a_view_has_to_say_is_said_when_it_changes() -> None:
    heard = played(aloud(VISIT), aloud(VISIT), aloud(says("ok.renewed")))
    assert heard == ["kk: say.visit", "kk: ok.renewed"]


def test_who_did_not_ask_for_speech_hears_none() -> None:
    assert played(VISIT, says("ok.renewed")) == []


def test_speech_ends_with_its_view() -> None:
    assert played(aloud(says("ok.renewed")), HOME) == ["kk: ok.renewed", "hush"]


def test_what_cannot_be_heard_ends_nothing() -> None:
    assert played(says("err.limit"), says("err.limit", HOME), aloud(VISIT), fails=True)[-1] == "kk: say.visit"


def test_nothing_is_heard_before_the_window_is_there_and_the_desk_never_waits() -> None:
    gate, begin = threading.Event(), threading.Event()
    ear = Ear()

    def slow() -> list[Shows]:
        gate.wait()
        return [ear]

    signals = Signals(slow, None, begin)
    signals.start()
    signals.told(Outcome(VISIT, (act(Kind.CHECKIN),)))
    begin.set()
    for number in range(1000):
        signals.told(Outcome(replace(VISIT, typed=str(number)), ()))
    gate.set()
    signals.told(Outcome(VISIT, (act(Kind.CHECKOUT),)))
    wait_for(lambda: ear.heard == [Cue.LENT], "the loan is heard")
    signals.stop()


CALLING = replace(HOME, message=Message.of("home.librarian_coming"), calling=True)


def test_a_call_is_repeated_until_the_view_says_that_it_is_over() -> None:
    ear = Ear()
    signals = Signals(lambda: [ear], None, call_every_s=0.01)
    signals.start()
    signals.told(Outcome(HOME, ()))
    signals.told(Outcome(CALLING, ()))
    wait_for(lambda: ear.heard.count(Cue.CALL) > 2, "it calls again and again")
    signals.told(Outcome(replace(VISIT, calling=True), (act(Kind.CHECKOUT),)))
    wait_for(lambda: Cue.LENT in ear.heard, "the loan is heard meanwhile")
    signals.told(Outcome(HOME, ()))
    signals.told(Outcome(HOME, (act(Kind.CHECKIN),)))
    wait_for(lambda: ear.heard[-1:] == [Cue.RETURNED], "what comes after the call")
    signals.stop()
    assert ear.heard[-1] == Cue.RETURNED
    assert set(ear.heard) == {Cue.CALL, Cue.LENT, Cue.RETURNED}


def test_a_call_is_heard_at_once_and_each_change_of_the_screen_does_not_repeat_it() -> None:
    ear = Ear()
    signals = Signals(lambda: [ear], None, call_every_s=600.0)
    signals.start()
    for view in (HOME, CALLING, replace(HOME, calling=True), replace(VISIT, calling=True), HOME, CALLING):
        signals.told(Outcome(view, ()))
    signals.stop()
    assert ear.heard == [Cue.CALL, Cue.CALL]


def test_nothing_that_calls_fails_over_and_over(caplog: pytest.LogCaptureFixture) -> None:
    tried: list[int] = []

    def no() -> list[Shows]:
        tried.append(1)
        raise RuntimeError("no pins")

    signals = Signals(no, None, call_every_s=600.0)
    signals.start()
    signals.told(Outcome(CALLING, ()))
    signals.told(Outcome(HOME, ()))
    signals.stop()
    assert len(tried) == 2
