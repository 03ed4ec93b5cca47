"""The receipt printer on real sockets, ports and files: it stalls, refuses, is out of paper; the desk never waits."""

from __future__ import annotations

import os
import pty
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from kiosk.circulation.slip import Slip, SlipLine
from kiosk.devices.paper import print_slip
from kiosk.devices.paper_lines import Line, PrinterAt, UsbLine
from kiosk.devices.printer import MOST_WAITING, STALE_S, SlipPrinter
from kiosk.devices.slip_picture import draw
from kiosk.devices.supervisor import Waits, Worker
from kiosk.errors import DeviceError
from kiosk.text import words
from tests.driver import wait_for

DAY = date(2026, 9, 22)
SLIP = Slip("kk", "Айгүл С.", DAY, (SlipLine("Ұшқан ұя", "Б. Момышұлы", date(2026, 10, 2)),))
ASKS_FOR_PAPER = b"\x10\x04\x04"
PAPER, NO_PAPER = b"\x12", b"\x72"
WIDTH = 576


class Roll:
    """A printer's inside: takes ESC/POS, answers for its paper, keeps the rows that it printed."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.answer = PAPER

    def take(self, received: bytes) -> bytes:
        """Bytes from the kiosk in, answers out."""
        self.bytes += received
        return self.answer * received.count(ASKS_FOR_PAPER)

    def picture(self) -> Image.Image:
        """All that was printed, by GS v 0 (raster) commands."""
        rest, rows, wide = bytes(self.bytes).replace(ASKS_FOR_PAPER, b""), b"", 0
        while (start := rest.find(b"\x1dv0")) >= 0:
            wide = int.from_bytes(rest[start + 4 : start + 6], "little")
            high = int.from_bytes(rest[start + 6 : start + 8], "little")
            rows += rest[start + 8 : start + 8 + wide * high]
            rest = rest[start + 8 + wide * high :]
        assert wide * 8 == WIDTH
        return Image.frombytes("1", (WIDTH, len(rows) // wide), bytes(255 - one for one in rows))


class NetworkPrinter:
    """Listens on a port of this machine. stall: takes no byte after the first ones."""

    def __init__(self, answers: bool = True, stall: bool = False) -> None:
        self.roll = Roll()
        self._answers, self._stall = answers, stall
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._held: list[socket.socket] = []
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                self._held.append(client)
                if self._stall:
                    continue
                with client:
                    while received := client.recv(65536):
                        answer = self.roll.take(received)
                        if self._answers:
                            client.sendall(answer)

    def close(self) -> None:
        """Switch it off."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for client in self._held:
            client.close()
        self._thread.join()


@contextmanager
def network_printer(answers: bool = True, stall: bool = False) -> Iterator[NetworkPrinter]:
    printer = NetworkPrinter(answers, stall)
    try:
        yield printer
    finally:
        printer.close()


def send(at: PrinterAt) -> None:
    print_slip(SLIP, "№ 41 мектеп", WIDTH, replace(at, patience_s=0.3).open)


def expected() -> Image.Image:
    return draw(SLIP, "№ 41 мектеп", words("kk"), WIDTH)


def assert_printed(roll: Roll) -> None:
    """Dot for dot, and the paper cut."""
    wait_for(lambda: b"\x1dV" in bytes(roll.bytes), "the paper is cut")
    printed = roll.picture()
    assert printed.size == expected().size
    assert ImageChops.difference(printed.convert("L"), expected().convert("L")).getbbox() is None


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "never answers"])
def test_a_network_printer_prints_the_slip_dot_for_dot(answers: bool) -> None:
    with network_printer(answers) as printer:
        send(PrinterAt("network", printer.address))
        assert_printed(printer.roll)


def test_no_paper_is_told(tmp_path: Path) -> None:
    with network_printer() as printer:
        printer.roll.answer = NO_PAPER
        with pytest.raises(DeviceError, match="no paper"):
            send(PrinterAt("network", printer.address))
        assert b"\x1dv0" not in printer.roll.bytes


def test_an_answer_that_is_none_is_not_taken_for_no_paper() -> None:
    with network_printer() as printer:
        printer.roll.answer = b"\xff"
        send(PrinterAt("network", printer.address))
        assert_printed(printer.roll)


def test_a_printer_that_refuses_is_an_error_not_a_wait() -> None:
    with network_printer() as printer:
        address = printer.address
    with pytest.raises(DeviceError, match="cannot be reached"):
        send(PrinterAt("network", address))


def test_a_printer_that_takes_no_more_is_given_up() -> None:
    with network_printer(stall=True) as printer, pytest.raises(DeviceError, match="takes no more"):
        line = PrinterAt("network", printer.address, patience_s=0.3).open()
        try:
            for _ in range(200):  # the kernel's own buffers hold some slips
                line.write(bytes(100_000))
        finally:
            line.close()


class PtyPrinter:
    """A printer on a serial port."""

    def __init__(self, reads: bool = True) -> None:
        self.roll = Roll()
        self._master, self._slave = pty.openpty()
        self.port = os.ttyname(self._slave)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        if reads:
            self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while received := os.read(self._master, 4096):
                os.write(self._master, self.roll.take(received))

    def close(self) -> None:
        """Switch it off."""
        os.close(self._slave)
        if self._thread.is_alive():
            self._thread.join(0.1)
        os.close(self._master)


@pytest.mark.parametrize("kind", ["serial", "file"])
def test_a_printer_on_a_port_prints_the_slip_dot_for_dot(kind: str) -> None:
    printer = PtyPrinter()
    if kind == "file":
        import tty

        tty.setraw(printer._slave)
    send(PrinterAt(kind, printer.port, 115200))
    assert_printed(printer.roll)
    printer.close()


@pytest.mark.parametrize("kind", ["serial", "file"])
def test_a_port_whose_printer_takes_nothing_is_given_up(kind: str) -> None:
    printer = PtyPrinter(reads=False)
    with pytest.raises(DeviceError, match="takes no more"):
        send(PrinterAt(kind, printer.port, 115200))
    printer.close()


def test_a_plain_file_gets_the_bytes(tmp_path: Path) -> None:
    send(PrinterAt("file", str(tmp_path / "slip.bin")))
    roll = Roll()
    roll.take((tmp_path / "slip.bin").read_bytes())
    assert_printed(roll)


@pytest.mark.parametrize(
    "at",
    [PrinterAt("file", "/dev/usb/lp9"), PrinterAt("serial", "/dev/ttyUSB99"), PrinterAt("usb", "ffff:fffe")],
    ids=lambda at: at.kind,
)
def test_a_printer_that_is_not_there_says_so(at: PrinterAt) -> None:
    with pytest.raises(DeviceError):
        send(at)


class UsbEnd:
    """An endpoint of a USB device."""

    def __init__(self, address: int, roll: Roll, answers: list[bytes]) -> None:
        self.bEndpointAddress, self._roll, self._answers = address, roll, answers

    def write(self, sent: bytes, timeout: int) -> None:
        """Towards the printer."""
        self._answers.append(self._roll.take(sent))

    def read(self, size: int, timeout: int) -> bytes:
        """From the printer."""
        return self._answers.pop()


class UsbInterface(list[UsbEnd]):
    """A printer's interface."""

    bInterfaceClass, bInterfaceNumber = 7, 0


class UsbDevice:
    """As pyusb shows a printer; no test machine has one."""

    def __init__(self) -> None:
        self.roll, answers = Roll(), list[bytes]()
        ends = [UsbEnd(0x81, self.roll, answers), UsbEnd(0x03, self.roll, answers)]
        self.interfaces = [UsbInterface(ends)]
        self.detached = False

    def get_active_configuration(self) -> list[UsbInterface]:
        """Its interfaces."""
        return self.interfaces

    def is_kernel_driver_active(self, number: int) -> bool:
        """usblp has it."""
        return not self.detached

    def detach_kernel_driver(self, number: int) -> None:
        """usblp lets go."""
        self.detached = True

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def test_a_usb_printer_is_found_by_its_class_and_endpoints() -> None:
    device = UsbDevice()
    line = UsbLine(device, 1.0)
    line.write(ASKS_FOR_PAPER)
    assert (line.read(), bytes(device.roll.bytes), device.detached) == (PAPER, ASKS_FOR_PAPER, True)
    device.interfaces.clear()
    with pytest.raises(DeviceError, match="no printer"):
        UsbLine(device, 1.0)


class Bench:
    """A supervised printer, and what its thread tells the desk."""

    def __init__(self, open_line: Callable[[], Line]) -> None:
        self.failed = 0
        self.mono = 0.0
        self.printer = SlipPrinter("printer", open_line, WIDTH, "№ 41 мектеп", self._fail, lambda: self.mono)
        self.worker = Worker(self.printer, Waits(0.01, 0.02))

    def _fail(self) -> None:
        self.failed += 1

    def submitted(self) -> None:
        """Hand a slip in once the printer is ready."""
        wait_for(lambda: self.printer.submit(SLIP), "the printer is ready")


def test_a_slip_for_a_printer_that_is_not_there_is_refused_at_once_and_it_is_tried_again() -> None:
    there: list[PrinterAt] = []

    def open_line() -> Line:
        if not there:
            raise DeviceError("127.0.0.1:9100 cannot be reached")
        return there[0].open()

    bench = Bench(open_line)
    bench.worker.start()
    wait_for(lambda: "cannot be reached" in bench.worker.health().problem, "it is reported")
    assert not bench.printer.submit(SLIP)
    with network_printer() as back:
        there.append(PrinterAt("network", back.address))
        bench.submitted()
        assert_printed(back.roll)
        assert (bench.worker.health().problem, bench.failed) == ("", 0)
        bench.worker.stop()


def test_paper_that_ends_in_mid_slip_is_told_to_the_desk_and_a_new_roll_is_noticed() -> None:
    with network_printer() as printer:
        bench = Bench(PrinterAt("network", printer.address).open)
        bench.worker.start()
        wait_for(lambda: bench.worker.health().works, "it works")
        printer.roll.answer = NO_PAPER
        bench.submitted()
        wait_for(lambda: bench.failed == 1, "the desk is told")
        wait_for(lambda: "no paper" in bench.worker.health().problem, "it is reported")
        assert not bench.printer.submit(SLIP)
        printer.roll.answer = PAPER
        wait_for(lambda: bench.worker.health().works, "a new roll")
        bench.worker.stop()


def test_the_queue_is_bounded_and_the_desk_never_waits() -> None:
    gate, begun, opened = threading.Event(), threading.Event(), [0]

    class Null:
        """Takes everything."""

        def write(self, sent: bytes) -> None:
            """Gone."""

        def read(self) -> bytes:
            """Nothing."""
            return b""

        def close(self) -> None:
            """Nothing."""

    def open_line() -> Line:
        opened[0] += 1
        if opened[0] > 1:
            begun.set()
            gate.wait()
        return Null()

    bench = Bench(open_line)
    bench.worker.start()
    bench.submitted()
    begun.wait()
    taken = [bench.printer.submit(SLIP) for _ in range(MOST_WAITING + 2)]
    assert taken == [True] * MOST_WAITING + [False] * 2
    gate.set()
    bench.worker.stop()


def test_a_slip_that_waited_too_long_is_not_printed_for_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "paper"
    bench = Bench(PrinterAt("file", str(path)).open)
    bench.printer._works = True
    bench.printer.submit(SLIP)
    bench.mono = STALE_S + 1
    bench.printer.submit(SLIP)
    bench.worker.start()
    wait_for(lambda: path.exists() and b"\x1dV" in path.read_bytes(), "the second is printed")
    bench.worker.stop()
    assert path.read_bytes().count(b"\x1dV") == 1


def test_stop_ends_the_thread() -> None:
    before = threading.active_count()
    bench = Bench(PrinterAt("file", "/dev/usb/lp9").open)
    bench.worker.stop()
    bench.worker.start()
    bench.worker.stop()
    assert threading.active_count() == before
