"""The line to a SIP2 server on a real socket: each way in which it can go wrong, alone."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

import pytest

from kiosk.errors import ConfigError, ConnectorError
from kiosk.sync.secret import Secret
from kiosk.sync.sip2 import Sip2Settings, connect
from kiosk.sync.sip2.codec import Codec
from kiosk.sync.sip2.line import MOST_BYTES, TRIES, Away, Line, NotRead, NotTaken, Unanswered
from kiosk.sync.sip2.messages import compose
from kiosk.sync.sip2.requests import Checkout, ItemInformation
from tests.sip2_library import ALL, Library
from tests.sip2_server import Fault, Faults, Sip2Server, serving

NOW = datetime(2026, 9, 21, 10, 0, tzinfo=UTC)
QUICK_S = 0.1
PASSWORD = "secret"
PROTECTED = tuple(Fault)
BARE = tuple(one for one in Fault if one not in (Fault.GARBLED, Fault.WRONG_SUM))
"""Without checksums nobody can tell that a letter is another."""

Lines = Callable[..., tuple[Line, Sip2Server]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Makes a line to a library of its own."""
    stack: list[Any] = []

    def make(faults: Faults | None = None, library: Library | None = None, **settings: Any) -> tuple[Line, Sip2Server]:
        own = Sip2Settings("127.0.0.1", login="kiosk", timeout_s=QUICK_S)
        own = replace(own, **{key: value for key, value in settings.items() if key != "server"})
        known = {key: getattr(own, key) for key in ("error_detection", "terminator", "encoding")}
        running = serving(library or small(), faults=faults or Faults(), late_s=2 * QUICK_S, **known)
        server = running.__enter__()
        line = Line(replace(own, port=server.port), Secret(PASSWORD))
        stack.extend((running, line))
        return line, server

    yield make
    for one in reversed(stack):
        if isinstance(one, Line):
            one.close()
        else:
            one.__exit__(None, None, None)


def small() -> Library:
    return Library(lambda: NOW, password=PASSWORD).fill(4, 6)


def item(number: str) -> ItemInformation:
    return ItemInformation(at=NOW, item=number)


def checkout(card: str, number: str) -> Checkout:
    return Checkout(at=NOW, patron=card, item=number)


def plan(*faults: Fault | None, only: str = "17") -> Faults:
    return Faults(planned=list(faults), only=frozenset({only}))


@pytest.mark.parametrize("fault", PROTECTED)
def test_a_question_is_answered_whatever_goes_wrong_once(lines: Lines, fault: Fault) -> None:
    line, _ = lines(plan(None, fault))
    assert line.ask(item("A0")).text("title") == "Кітап 0"
    assert line.ask(item("A2")).text("title") == "Кітап 1"
    assert line.ask(item("A4")).text("title") == "Кітап 2"


@pytest.mark.parametrize("fault", BARE)
def test_it_is_without_error_detection_too(lines: Lines, fault: Fault) -> None:
    line, _ = lines(plan(None, fault), error_detection=False)
    for n in range(6):
        assert line.ask(item(f"A{n}")).text("title") == f"Кітап {n // 2}"


@pytest.mark.parametrize(("fault", "detection"), [*((one, True) for one in PROTECTED), *((one, False) for one in BARE)])
def test_an_act_is_sent_once_whatever_goes_wrong(lines: Lines, fault: Fault, detection: bool) -> None:
    line, server = lines(plan(fault, only="11"), error_detection=detection)
    try:
        reply = line.tell(checkout("P1", "A1"))
        assert reply.yes("ok") and reply.text("item") == "A1"
    except Unanswered:
        assert fault not in (Fault.DRIPPED, Fault.STALE), "that is an answer"
    assert len(server.asked("11")) == (0 if fault is Fault.NOT_READ else 1)
    assert server.library.done == ([] if fault in (Fault.CUT_BEFORE, Fault.UNHEARD, Fault.NOT_READ) else [
        ("lent", "A1", "P1")
    ])  # fmt: skip
    assert line.ask(item("A2")).text("item") == "A2", "and the line finds its feet again"
    if fault in (Fault.LOST, Fault.LATE):
        assert server.lines == 2, "what comes late dies with its line"


@pytest.mark.parametrize("detection", [True, False])
def test_a_second_copy_of_an_old_answer_is_taken_for_nothing(lines: Lines, detection: bool) -> None:
    line, server = lines(Faults(planned=[Fault.STALE] * 40), error_detection=detection)
    for n in range(20):
        number = f"A{n % 6}"
        assert line.ask(item(number)).text("item") == number
    assert server.lines == 1, "nothing of that costs the line"


def test_what_came_unasked_while_nobody_asked_is_passed_over() -> None:
    codec = Codec()
    late = codec.encode(
        compose("18", {"circulation_status": "03", "at": NOW}, (("item", "A1"), ("title", "of before")))
    )
    with scripted(lambda raw: [late, late] if raw[:2] == b"99" else [codec.encode(answer(raw))]) as settings:
        line = Line(settings, None)
        line.greet()
        threading.Event().wait(0.05)  # until it is there
        assert line.ask(item("A1")).text("title") == "right"
        line.close()


def answer(raw: bytes) -> Any:
    if raw[:2] == b"17":
        return compose("18", {"circulation_status": "03", "at": NOW}, (("item", "A1"), ("title", "right")))
    return compose("98", {"online": True, "version": "2.00", "at": NOW}, ())


@contextmanager
def scripted(reply: Callable[[bytes], Iterable[bytes]]) -> Iterator[Sip2Settings]:
    """A server that answers 99 in order, then what is told. reply: of a request, the bytes to send."""
    codec = Codec()
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            try:
                taken, _ = listener.accept()
            except OSError:
                return
            with taken, taken.makefile("rb") as file:
                try:
                    while raw := _until_return(file):
                        if raw[:2] == b"99":
                            taken.sendall(codec.encode(answer(raw)))
                        for piece in reply(raw):
                            taken.sendall(piece)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Sip2Settings("127.0.0.1", listener.getsockname()[1], timeout_s=QUICK_S, error_detection=False)
    finally:
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _until_return(file: Any) -> bytes:
    raw = b""
    while (letter := file.read(1)) not in (b"\r", b""):
        raw += letter
    return raw


def test_noise_without_an_end_is_given_up() -> None:
    noise = b"x" * (MOST_BYTES // 4)
    with scripted(lambda raw: [noise] * 16 if raw[:2] == b"17" else []) as settings:
        line = Line(replace(settings, timeout_s=2.0), None)
        with pytest.raises(Unanswered, match="relied on"):
            line.ask(item("A1"))
        line.close()


def test_noise_that_never_ends_while_nobody_asks_is_hung_up_on() -> None:
    with scripted(lambda raw: repeat(b"x" * 65536) if raw[:2] == b"99" else []) as settings:
        line = Line(settings, None)
        line.greet()
        with pytest.raises(ConnectorError):
            line.ask(item("A1"))
        line.close()


def test_the_beginning_of_an_answer_that_never_ended_does_not_spoil_the_next() -> None:
    codec = Codec()
    taken: list[bytes] = []

    def reply(raw: bytes) -> list[bytes]:
        taken.append(raw[:2])
        return [codec.encode(answer(raw)) + b"1803"] if raw[:2] == b"17" else []

    with scripted(reply) as settings:
        line = Line(settings, None)
        for _ in range(3):
            assert line.ask(item("A1")).text("title") == "right"
        assert taken == [b"99", b"17", b"17", b"17"]
        line.close()


@pytest.mark.parametrize(
    "letters", [b"HTTP/1.1 400 Bad Request\r", b"\x00\xff\r", b"18\r", b"96\r", b"97\r", b"\n\n\r"]
)
def test_an_answer_that_is_none_ends_in_an_error(letters: bytes) -> None:
    with scripted(lambda raw: [letters] if raw[:2] in (b"17", b"11", b"97") else []) as settings:
        line = Line(settings, None)
        with pytest.raises(Unanswered):
            line.ask(item("A1"))
        with pytest.raises(Unanswered):
            line.tell(checkout("P1", "A1"))
        line.close()


def test_an_act_whose_answer_names_no_item_and_bears_no_number_is_in_doubt() -> None:
    codec = Codec()
    fixed = {"ok": True, "renewal_ok": False, "magnetic": None, "desensitize": True, "at": NOW}
    with scripted(lambda raw: [codec.encode(compose("12", fixed, ()))] if raw[:2] == b"11" else []) as settings:
        line = Line(settings, None)
        with pytest.raises(Unanswered):
            line.tell(checkout("P1", "A1"))
        line.close()


def test_an_answer_with_the_number_of_another_request_is_another_requests_answer() -> None:
    codec = Codec()

    def reply(raw: bytes) -> list[bytes]:
        if raw[:2] != b"17":
            return []
        number = int(raw[-7:-6])
        before = compose("18", {"circulation_status": "03", "at": NOW}, (("item", "A1"), ("title", "of before")))
        return [codec.encode(before, (number - 1) % 10), codec.encode(answer(raw), number)]

    with scripted(reply) as settings:
        line = Line(replace(settings, error_detection=True), None)
        assert line.ask(item("A1")).text("title") == "right"
        line.close()


def test_where_checksums_came_an_answer_without_one_is_not_believed() -> None:
    codec = Codec()
    taken: list[bytes] = []

    def reply(raw: bytes) -> list[bytes]:
        taken.append(raw[:2])
        said = compose("18", {"circulation_status": "03", "at": NOW}, (("item", "A1"), ("title", "right")))
        checked = codec.encode(said, int(raw[-7:-6]) if raw[:2] == b"17" else 0)
        if raw[:2] == b"17" and taken.count(b"17") == 2:
            checked = codec.encode(replace(said, fields=(("AB", "A1"), ("AJ", "wrong"))))
        return [checked] if raw[:2] in (b"17", b"97") else []

    with scripted(reply) as settings:
        line = Line(replace(settings, error_detection=True), None)
        assert line.ask(item("A1")).text("title") == "right"
        assert line.ask(item("A1")).text("title") == "right", "not the second"
        assert b"97" in taken
        line.close()


def test_central_that_could_not_read_a_question_gets_it_again(lines: Lines) -> None:
    line, server = lines(plan(Fault.NOT_READ, Fault.NOT_READ))
    assert line.ask(item("A1")).text("item") == "A1"
    assert server.lines == 1


def test_central_that_could_not_read_an_act_does_not_get_it_again_unseen(lines: Lines) -> None:
    line, server = lines(plan(Fault.NOT_READ, only="11"))
    with pytest.raises(NotRead):
        line.tell(checkout("P1", "A1"))
    assert server.library.done == []


def test_an_answer_that_is_spoilt_is_asked_for_again_and_the_act_is_not(lines: Lines) -> None:
    line, server = lines(plan(Fault.WRONG_SUM, only="11"))
    assert line.tell(checkout("P1", "A1")).yes("ok")
    assert len(server.asked("11")) == 1 and server.lines == 1


def test_a_central_that_resends_nothing_is_not_asked_to(lines: Lines) -> None:
    library = small()
    library.supports = ALL[:5] + "N" + ALL[6:]
    line, server = lines(plan(Fault.WRONG_SUM), library)
    assert line.ask(item("A1")).text("item") == "A1"
    assert server.lines == 2


def test_central_is_asked_for_nothing_that_it_said_it_does_not_take(lines: Lines) -> None:
    library = small()
    library.supports = "NNNNNYY"
    line, server = lines(library=library)
    with pytest.raises(NotTaken):
        line.ask(item("A1"))
    with pytest.raises(NotTaken):
        line.tell(checkout("P1", "A1"))
    assert {one.code for one in server.read} == {"93", "99"}


def test_a_login_that_is_refused_is_told_without_the_password(lines: Lines, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line, server = lines(Faults(login=True))
    with pytest.raises(Away) as told:
        line.greet()
    assert "central.sip2.login" in str(told.value) and PASSWORD not in str(told.value) + caplog.text
    assert {one.code for one in server.read} == {"93"}


def test_without_a_login_there_is_none(lines: Lines) -> None:
    line, server = lines(login="")
    line.greet()
    assert [one.code for one in server.read] == ["99"]


def test_a_central_that_is_not_at_work_is_away(lines: Lines) -> None:
    library = small()
    line, _ = lines(library=library)
    line.greet()
    library.at_work = False
    with pytest.raises(Away):
        line.greet()
    library.at_work = True
    line.greet()


def test_nobody_there_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    line = Line(Sip2Settings("127.0.0.1", port, timeout_s=QUICK_S), None)
    with pytest.raises(Away):
        line.greet()
    with pytest.raises(Away):
        line.ask(item("A1"))
    with pytest.raises(Away):
        line.tell(checkout("P1", "A1"))


def test_a_server_that_says_nothing_is_away_after_a_few_tries() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = Line(Sip2Settings("127.0.0.1", listener.getsockname()[1], timeout_s=0.02), None)
        with pytest.raises(Away):
            line.tell(checkout("P1", "A1"))
        listener.settimeout(0)
        for _ in range(TRIES):
            listener.accept()[0].close()


def test_a_line_that_was_cut_while_nobody_asked_is_made_anew_even_for_an_act(lines: Lines) -> None:
    line, server = lines()
    line.greet()
    server.hang_up()
    threading.Event().wait(0.05)  # until that has arrived
    assert line.tell(checkout("P1", "A1")).yes("ok")
    assert server.lines == 2


def test_after_a_long_silence_the_line_is_tried_before_it_is_relied_on(lines: Lines) -> None:
    line, server = lines(Faults(only=frozenset({"99"}), planned=[None, Fault.UNHEARD]), keep_alive_s=0.0)
    line.greet()
    assert line.tell(checkout("P1", "A1")).yes("ok"), "on a new line, as the old one said nothing"
    assert server.lines == 2 and len(server.asked("11")) == 1


@pytest.mark.parametrize(
    ("encoding", "terminator"), [("cp1251", "cr"), ("cp866", "crlf"), ("utf-8", "crlf"), ("kz1048", "cr")]
)
def test_encodings_and_terminators(lines: Lines, encoding: str, terminator: str) -> None:
    library = small()
    library.copies["A1"].title = "Преступление и наказание | роман"
    line, _ = lines(library=library, encoding=encoding, terminator=terminator)
    assert line.ask(item("A1")).text("title") == "Преступление и наказание | роман"


@pytest.mark.parametrize("wrong", [{"encoding": "utf-16"}, {"encoding": "nonsense"}, {"terminator": "lf"}])
def test_wrong_settings_are_named(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        connect(replace(Sip2Settings("127.0.0.1"), **wrong))  # type: ignore[arg-type]


def test_what_cannot_be_written_is_not_sent_and_not_repeated_in_the_error(lines: Lines) -> None:
    line, server = lines(encoding="cp1251")
    line.greet()
    with pytest.raises(ConnectorError) as told:
        line.tell(checkout("Ұ-P1", "A1\r11"))
    assert "P1" not in str(told.value) and server.asked("11") == []
