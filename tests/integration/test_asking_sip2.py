"""A kiosk in a process of its own asks a library system by SIP2: what it does not know, and first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.config import Config
from tests.driver import PATIENCE_S, Answer, Console, faults, ledger, school
from tests.sip2_library import Copy, Library, Reader
from tests.sip2_server import Sip2Server, serving

PUPILS, BOOKS = 3, 6


@pytest.fixture
def library() -> Library:
    """It knows what the kiosk was filled with, and a reader and a book more."""
    made = Library(lambda: datetime.now(UTC)).fill(PUPILS, BOOKS)
    made.readers["N-AIDA"] = Reader("Аида Серікова")
    made.copies["N1"] = Copy("Қан мен тер")
    return made


@pytest.fixture
def server(library: Library) -> Iterator[Sip2Server]:
    with serving(library) as made:
        yield made


def _config(folder: Path, server: Sip2Server, *central: str) -> Config:
    password = folder / "koha.password"
    password.write_text("secret", encoding="utf-8")
    password.chmod(0o600)
    sip2 = ("[central.sip2]", 'host = "127.0.0.1"', f"port = {server.port}", 'login = "kiosk"', "timeout_s = 2")
    lines = ("[visit]", "same_scan_s = 0", "[central]", 'kind = "sip2"', "every_s = 1", *central)
    return school(folder / "kiosk", PUPILS, BOOKS, [*lines, *sip2, f'password_file = "{password}"'])


def _until(console: Console, state: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while console.send("tick 0")["sync"]["state"] != state:
        assert time.monotonic() < deadline, f"never {state}: {console.log()}"
        time.sleep(0.02)


def _said(answer: Answer) -> str:
    return str(answer["message"]["key"]) if answer["message"] else ""


def test_an_unknown_reader_borrows_an_unknown_book_and_gets_the_librarys_date(
    library: Library, server: Sip2Server, tmp_path: Path
) -> None:
    config = _config(tmp_path, server, 'mode = "central-first"', "deadline_s = 30")
    with Console(config) as console:
        _until(console, "online")
        assert console.send("scan N-AIDA")["patron"]["name"] == "Аида С."
        answer = console.send("scan N1")
        (act,) = answer["committed"]
        due = library.copies["N1"].due
        assert _said(answer) == "ok.checked_out" and due is not None and act["due"] == due.date().isoformat()
        assert answer["rows"][0]["title"] == "Қан мен тер"
        assert library.loans() == {"N1": "N-AIDA"}
        library.readers["P1"].blocked = True
        console.send("press finish")
        console.send("scan P1")
        assert _said(console.send("scan A1")) == "err.card_blocked"
        assert _said(console.send("scan WHO-9")) == "err.book_unknown"
        console.send("press finish")
        assert _said(console.send("scan N1")) == "ok.returned" and library.loans() == {}
        assert console.quit() == 0
    kinds = [row["kind"] for row in ledger(config) if row["kind"] in ("checkout", "checkin", "declined")]
    assert kinds == ["checkout", "declined", "checkin"]
    assert library.done == [("lent", "N1", "N-AIDA"), ("returned", "N1", "N-AIDA")]
    assert faults(config) == []


def test_when_the_server_goes_away_the_kiosk_lends_by_itself(
    library: Library, server: Sip2Server, tmp_path: Path
) -> None:
    central = ('mode = "central-first"', "deadline_s = 30", "lend_unknown = true")
    config = _config(tmp_path, server, *central, "[codes]", 'item = "[AN].*"')
    with Console(config) as console:
        _until(console, "online")
        library.at_work = False
        server.hang_up()
        _until(console, "offline")
        console.send("scan P1")
        assert _said(console.send("scan A1")) == "ok.checked_out"
        assert _said(console.send("scan N1")) == "ok.checked_out"
        assert library.done == []
        library.at_work = True
        _until(console, "online")
        deadline = time.monotonic() + PATIENCE_S
        while console.send("tick 0")["sync"]["pending"]:
            assert time.monotonic() < deadline, console.log()
            time.sleep(0.02)
        assert console.quit() == 0
    assert library.loans() == {"A1": "P1", "N1": "P1"}
    assert faults(config) == []
