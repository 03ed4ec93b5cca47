"""Builds the devices of a kiosk from its settings; a driver's library is imported only if a device needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from kiosk.circulation.chips import Keep
from kiosk.circulation.model import Scan
from kiosk.config import Config
from kiosk.config_devices import HidReader, PcscReader, Reader, SerialReader
from kiosk.desk import Input, Plugged
from kiosk.devices.health_file import keep
from kiosk.devices.reading import CodeDriver, ReaderSource
from kiosk.devices.supervisor import Health, Raw, Supervisor

PROBE_S = 5.0


def plugged_in(config: Config, post: Callable[[Input], None]) -> Supervisor:
    """The devices of a desk, started by `start`. post: takes every scan on its reader's thread, and, like the file that
    `kiosk doctor` reads, news of the devices."""
    file = health_file(config)

    def changed(healths: tuple[Health, ...]) -> None:
        keep(file, healths)
        failing = [health for health in healths if health.failures]
        readers = [health for health in healths if health.what == "reader"]
        post(Plugged(tuple(health.name for health in failing), bool(readers) and all(r.failures for r in readers)))

    return open_devices(config, post, changed)


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
