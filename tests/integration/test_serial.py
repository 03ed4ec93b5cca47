"""A serial reader on a pseudo-terminal pair: alone, and read by the running program."""

from __future__ import annotations

import logging
import os
import queue
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from kiosk.circulation.model import Scan
from kiosk.config import Config
from kiosk.devices.framing import LineFramer
from kiosk.devices.reading import ReaderSource
from kiosk.devices.serial_reader import SerialDriver
from tests.driver import PATIENCE_S, PROGRAM, ledger, school, wait_for
from tests.pty_port import PtyPort


@pytest.fixture(name="port")
def _port(tmp_path: Path) -> Iterator[PtyPort]:
    with PtyPort(tmp_path / "port") as port:
        yield port


class Reader:
    """A source that reads the port, and what it delivered."""

    def __init__(self, path: Path) -> None:
        self._scans: queue.SimpleQueue[Scan] = queue.SimpleQueue()
        self.source = ReaderSource("gate", SerialDriver(str(path), LineFramer()))
        self.source.start(self._scans.put)

    def is_open(self) -> None:
        """Wait for the port."""
        wait_for(lambda: self.source.health() == "", "the port is open")

    def codes(self, n: int) -> list[str]:
        """The next n codes."""
        return [self._scans.get(timeout=PATIENCE_S).payload for _ in range(n)]

    def nothing_more(self) -> bool:
        """Whether no scan waits."""
        return self._scans.empty()


@pytest.fixture(name="reader")
def _reader(port: PtyPort) -> Iterator[Reader]:
    reader = Reader(port.path)
    reader.is_open()
    yield reader
    reader.source.stop()


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"], ids=["CR", "LF", "CRLF"])
def test_codes_end_as_the_reader_ends_them(end: bytes, port: PtyPort, reader: Reader) -> None:
    for code in (b"P0", b"A0", b"A1"):
        port.send(code + end)
    assert reader.codes(3) == ["P0", "A0", "A1"]
    assert reader.nothing_more()


def test_two_codes_in_one_read(port: PtyPort, reader: Reader) -> None:
    port.send(b"P0\r\nA0\r\nA1\r")
    assert reader.codes(3) == ["P0", "A0", "A1"]


@pytest.mark.parametrize("at", range(1, 13))
def test_a_code_may_be_split_anywhere(at: int, port: PtyPort, reader: Reader) -> None:
    """Also within a letter of two bytes, and between CR and LF."""
    whole = "Ә-1\r\nP0\r\n".encode()
    port.send(whole[:at])
    assert reader.codes(whole[:at].count(b"\r")) == ["Ә-1", "P0"][: whole[:at].count(b"\r")]
    port.send(whole[at:])
    left = whole[at:].count(b"\r")
    assert reader.codes(left) == ["Ә-1", "P0"][2 - left :]
    assert reader.nothing_more()


def test_a_port_that_vanished_and_came_back_is_read_again(
    port: PtyPort, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    port.send(b"P0\r")
    assert reader.codes(1) == ["P0"]
    with caplog.at_level(logging.INFO):
        port.pull_out()
        wait_for(lambda: reader.source.health() != "", "it is noticed")
        assert re.fullmatch(r"reader 'gate': .*; trying again in 0\.5 s", reader.source.health())
        port.plug_in()
        reader.is_open()
    port.send(b"A0\rA1\r")
    assert reader.codes(2) == ["A0", "A1"]
    assert "trying again" in caplog.text and "opened" in caplog.text


def test_a_code_that_was_cut_off_is_no_part_of_the_next(port: PtyPort, reader: Reader) -> None:
    port.send(b"P0\rHALF")
    assert reader.codes(1) == ["P0"]
    port.pull_out()
    wait_for(lambda: reader.source.health() != "", "it is noticed")
    port.plug_in()
    reader.is_open()
    port.send(b"A0\r")
    assert reader.codes(1) == ["A0"]


def test_a_port_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "later"
    reader = Reader(path)
    try:
        wait_for(lambda: "trying again" in reader.source.health(), "it is said")
        with PtyPort(path) as port:
            reader.is_open()
            port.send(b"P0\n")
            assert reader.codes(1) == ["P0"]
    finally:
        reader.source.stop()


def test_a_source_that_waits_for_its_port_stops_at_once(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "never")
    wait_for(lambda: "trying again" in reader.source.health(), "it is said")
    reader.source.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "device gate"]


def test_a_flood_without_an_end_is_dropped(port: PtyPort, reader: Reader) -> None:
    for _ in range(20):
        port.send(b"9" * 1000)
    port.send(b"\rP0\r")
    assert reader.codes(1) == ["P0"]


# The running program.


class TextConsole:
    """`kiosk console` for people, with the readers of its settings; what it says comes line by line."""

    def __init__(self, config: Config) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, "console", "--config", str(config.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._follow, args=(stream,), daemon=True)
            for stream in (self.process.stdout, self.process.stderr)
        ]
        for thread in self._threads:
            thread.start()

    def _follow(self, stream: IO[str]) -> None:
        for line in stream:
            self.said.put(line)

    def wait_for(self, text: str) -> None:
        """Until it has said this."""
        while text not in self.said.get(timeout=PATIENCE_S):
            pass

    def quit(self) -> int:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.write("quit\n")
        self.process.stdin.close()
        code = self.process.wait(PATIENCE_S)
        for thread in self._threads:
            thread.join()
        return code


@pytest.fixture(name="config")
def _config(tmp_path: Path, port: PtyPort) -> Config:
    reader = ("[visit]", "same_scan_s = 0", "[[readers]]", 'kind = "serial"', 'name = "gate"', f'port = "{port.path}"')
    return school(tmp_path / "kiosk", settings=reader)


def test_a_card_and_a_book_read_by_the_running_program_are_a_loan(config: Config, port: PtyPort) -> None:
    console = TextConsole(config)
    console.wait_for("reader 'gate' opened")
    port.send(b"P0\r\n")
    console.wait_for("Аты0 Т.")
    port.send(b"A0\r\n")
    console.wait_for("Кітап 0")
    assert [(row["kind"], row["item"]) for row in ledger(config)][-1] == ("checkout", "A0")
    port.send(b"KIOSK-FINISH\r\n")
    console.wait_for("Кітап 0")
    port.send(b"A0\r\n")
    wait_for(lambda: ledger(config)[-1]["kind"] == "checkin", "returned at home")
    assert console.quit() == 0


def test_the_program_goes_on_when_the_reader_was_pulled_out(config: Config, port: PtyPort) -> None:
    console = TextConsole(config)
    console.wait_for("reader 'gate' opened")
    port.send(b"P0\r")
    console.wait_for("Аты0 Т.")
    port.pull_out()
    console.wait_for("trying again in 0.5 s")
    port.plug_in()
    console.wait_for("opened")
    port.send(b"A1\r")
    console.wait_for("Кітап 0")
    assert ledger(config)[-1]["item"] == "A1"
    assert console.quit() == 0


def test_scans_of_the_reader_and_typed_lines_meet_in_one_desk(config: Config, port: PtyPort) -> None:
    console = TextConsole(config)
    console.wait_for("reader 'gate' opened")
    assert console.process.stdin is not None
    console.process.stdin.write("scan P1\n")
    console.process.stdin.flush()
    console.wait_for("Аты1 Т.")
    port.send(b"A4\rA5\r")
    wait_for(lambda: [row["item"] for row in ledger(config)][-2:] == ["A4", "A5"], "both are lent")
    assert console.quit() == 0
