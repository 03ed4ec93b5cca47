"""Builds the devices of a kiosk from its settings; a driver's library is imported only if a device needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from kiosk.circulation.chips import Keep
from kiosk.circulation.model import Scan
from kiosk.circulation.views import View
from kiosk.config import Config
from kiosk.config_devices import HidReader, PcscReader, Reader, SerialReader
from kiosk.config_outputs import CAMERA
from kiosk.desk import Input, NotPrinted, Plugged
from kiosk.devices.health_file import keep
from kiosk.devices.reading import CodeDriver, ReaderSource
from kiosk.devices.supervisor import Health, Raw, Supervisor, Worker
from kiosk.ports import FrameFeed, Printer

PROBE_S = 5.0


class Plugs:
    """The devices of a desk. printer: None if there is none."""

    def __init__(self, supervisor: Supervisor, printer: Printer | None, camera: FrameFeed | None) -> None:
        self.printer = printer
        self._supervisor = supervisor
        self._camera = camera
        self._shown = False

    def start(self) -> None:
        """Start all."""
        self._supervisor.start()

    def stop(self) -> None:
        """Stop all."""
        self._supervisor.stop()

    def health(self) -> dict[str, str]:
        """Of each device, by its name: empty while it works, else what is wrong."""
        return {health.name: health.problem for health in self._supervisor.health()}

    def feed(self, name: str) -> FrameFeed | None:
        """The live pictures of that name."""
        return self._camera if self._camera is not None and self._camera.name == name else None

    def follow(self, view: View) -> None:
        """This view is on the screen: the camera is on if it shows its pictures, else off. From one thread."""
        shown = bool(view.feed)
        if self._camera is not None and shown != self._shown:
            self._shown = shown
            self._camera.open() if shown else self._camera.close()


def plugged_in(config: Config, post: Callable[[Input], None]) -> Plugs:
    """The devices of a desk, started by `start`. post: takes every scan on its reader's thread, and, like the file that
    `kiosk doctor` reads, news of the devices."""
    file = health_file(config)

    def changed(healths: tuple[Health, ...]) -> None:
        keep(file, healths)
        failing = [health for health in healths if health.failures]
        readers = [health for health in healths if health.what == "reader"]
        post(Plugged(tuple(health.name for health in failing), bool(readers) and all(r.failures for r in readers)))

    supervisor = open_devices(config, post, changed)
    return Plugs(supervisor, _printer(config, supervisor, post), _camera(config, supervisor, post))


def _camera(config: Config, supervisor: Supervisor, deliver: Callable[[Scan], None]) -> FrameFeed | None:
    settings = config.outputs.camera
    if settings.kind == "none":
        return None
    from kiosk.devices.camera.source import CameraDriver, CameraKind

    kind = CameraKind(settings.kind, settings.device, settings.width, settings.height)
    driver = CameraDriver(CAMERA, kind.open, kind.look)
    source = ReaderSource(CAMERA, driver, settings.gives)
    source.deliver_to(deliver)
    supervisor.add(source.worker)
    return driver


def _printer(config: Config, supervisor: Supervisor, post: Callable[[Input], None]) -> Printer | None:
    settings = config.outputs.printer
    if settings.kind == "none":
        return None
    from kiosk.devices.paper_lines import DOTS, PrinterAt
    from kiosk.devices.printer import SlipPrinter

    at = PrinterAt(settings.kind, settings.address, settings.baud)
    printer = SlipPrinter("printer", at.open, DOTS[settings.paper], config.school, lambda: post(NotPrinted()))
    supervisor.add(Worker(printer))
    return printer


def open_devices(
    config: Config, deliver: Callable[[Scan], None], changed: Callable[[tuple[Health, ...]], None]
) -> Supervisor:
    """The devices of the settings. deliver: takes every scan; changed: the health of all, whenever that of one
    changed."""
    supervisor = Supervisor(changed)
    for settings in config.devices.readers:
        source = reader_source(settings, config.devices.chips)
        source.deliver_to(deliver)
        supervisor.add(source.worker)
    return supervisor


def probe(config: Config) -> tuple[Health, ...]:
    """How the devices are, found out by opening each for a moment. Not while a kiosk runs, which holds them."""
    tried = threading.Event()

    def changed(healths: tuple[Health, ...]) -> None:
        if all(health.works or health.failures for health in healths):
            tried.set()

    supervisor = open_devices(config, lambda _: None, changed)
    supervisor.start()
    tried.wait(PROBE_S)
    healths = supervisor.health()
    supervisor.stop()
    return healths


def health_file(config: Config) -> Path:
    """Where a running kiosk says how its devices are."""
    return config.folder / "devices.json"


def reader_source(settings: Reader, keep: Keep, raw: Raw | None = None) -> ReaderSource:
    """The reader of a table [[readers]]. raw: takes what comes from it, undecoded."""
    reading = settings.reading
    return ReaderSource(reading.name, _driver(settings, keep), reading.gives, reading.chip, keep, raw=raw)


def _driver(settings: Reader, keep: Keep) -> CodeDriver:
    match settings:
        case SerialReader():
            from kiosk.devices.framing import framer
            from kiosk.devices.serial_reader import SerialDriver

            marked = framer(settings.frame, settings.length)
            return SerialDriver(settings.port, marked, settings.baud, pause_ends=settings.frame == "fixed")
        case HidReader():
            from kiosk.devices.hid import HidDriver, Match

            match = Match(settings.vendor_product, settings.serial, settings.path, settings.device)
            return HidDriver(match, settings.layout, settings.end_s)
        case PcscReader():
            from kiosk.devices.pcsc import PcscDriver

            return PcscDriver(settings.device, keep)
