"""`kiosk devices`: what is plugged in, what comes from it, and how it gets into the settings."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kiosk.circulation.chips import Keep
from kiosk.circulation.model import Scan
from kiosk.config import Config, load
from kiosk.config_devices import HidReader
from kiosk.devices.hid import NodeInfo
from kiosk.devices.learning import SHEET
from kiosk.devices.listening import Listener
from kiosk.devices_cli import add_tables, taken_for
from kiosk.errors import ConfigError
from tests.driver import PATIENCE_S, PROGRAM, kiosk, school, wait_for
from tests.keyboards import Rack, typed
from tests.pty_port import PtyPort


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Config:
    port = tmp_path / "port"
    return school(
        tmp_path / "kiosk",
        settings=(
            "[codes]", 'item = "A\\\\d+"', 'phone = "TEL-(.+)"', 'other = "none"',
            "[[readers]]", 'kind = "serial"', 'name = "gate"', f'port = "{port}"',
        ),
    )  # fmt: skip


def test_watch_shows_what_comes_and_what_it_is_taken_for(config: Config, tmp_path: Path) -> None:
    with PtyPort(tmp_path / "port") as port:
        watching = subprocess.Popen(
            [*PROGRAM, "devices", "watch", "--config", str(config.path), "--seconds", str(PATIENCE_S)],
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert watching.stdout is not None
        assert watching.stdout.readline() == "reader 'gate' works\n"
        port.send(b"A1\r")
        seen = watching.stdout.readline() + watching.stdout.readline()
        assert f"gate  {tmp_path}/port: b'A1\\r'" in seen and "gate  'A1': an item, A1" in seen
        port.pull_out()
        assert "trying again" in watching.stdout.readline()
        assert kiosk("devices", "watch", "--config", config.path).returncode == 1
        watching.terminate()
        watching.wait(PATIENCE_S)
        watching.stdout.close()


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("A1", "an item, A1"),
        ("UID:04A1B2C3", "a reader card, UID:04A1B2C3"),
        ("TEL-P0", "a reader card on a phone, P0; it needs the PIN"),
        ("KIOSK-LANGUAGE-RU", "the command language ru"),
        ("KIOSK-FINISH", "the command finish"),
        ("9786012345674", "an ISBN, the publisher's code; not the library's"),
        ("\x00", "nothing that was read well"),
        ("https://example.org", "nothing of this library's"),
    ],
)
def test_what_a_scan_is_taken_for(payload: str, words: str, config: Config) -> None:
    assert taken_for(config, Scan(payload, "gate", symbology="qr")) == f"gate  {payload!r} (qr): {words}"


def test_learning_by_a_scanner_that_types_and_one_on_a_port(config: Config, tmp_path: Path) -> None:
    rack = Rack()
    rack.plug_in(NodeInfo("/dev/input/event3", "USB Scanner", "0c2e:0b61"))
    rack.plug_in(NodeInfo("/dev/input/event4", "Keyboard", "046d:c31c"))
    rack.plug_in(NodeInfo("/dev/input/event5", "Held by root", "0001:0001"))
    rack.forbidden.add("/dev/input/event5")
    with PtyPort(tmp_path / "other") as port, Listener(rack, [port.path], 9600, "", Keep.WHOLE) as listener:
        assert listener.refused == ["/dev/input/event5 (Held by root): Permission denied"]
        assert rack.held == set()
        rack.type("/dev/input/event3", typed(SHEET[0].payload, "de"))
        rack.type("/dev/input/event4", typed("ls -l"))
        port.send(SHEET[4].payload.encode() + b"\n")
        said = listener.listen(PATIENCE_S)
        assert sorted(next(said).rpartition("; ")[2] for _ in range(2)) == [
            "it reads Code 128: most labels",
            "it reads codes on the screen of a phone",
        ]
        tables = [one.table() for one in listener.learners if one.learnt.known]
    rack.close()
    add_tables(config.path, tables)
    readers = load(config.path).devices.readers
    assert [one.reading.name for one in readers] == ["gate", "reader-2", "reader-3"]
    assert isinstance(readers[1], HidReader) and readers[1].layout == "de"
    add_tables(config.path, tables)
    assert load(config.path).devices.readers == readers
    before = config.path.read_text(encoding="utf-8")
    with pytest.raises(ConfigError):
        add_tables(config.path, ['[[readers]]\nkind = "soup"\n'])
    assert config.path.read_text(encoding="utf-8") == before
    assert sorted(path.name for path in config.folder.glob("*.new")) == []


def test_sheets_are_written_and_a_machine_without_devices_is_said(config: Config, tmp_path: Path) -> None:
    for arguments in (("learn", "--sheet", tmp_path / "learn.pdf"), ("commands", tmp_path / "commands.png")):
        done = kiosk("devices", *arguments, "--config", config.path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "learn.pdf").exists() and (tmp_path / "commands.png").exists()
    done = kiosk("devices", "list")
    assert done.returncode == 0 and done.stdout


def test_the_command_codes_that_are_printed_are_commands(config: Config, tmp_path: Path) -> None:
    import zxingcpp
    from PIL import Image

    def read() -> set[str]:
        kiosk("devices", "commands", tmp_path / "commands.png", "--config", config.path)
        with Image.open(tmp_path / "commands.png") as sheet:
            return {one.text for one in zxingcpp.read_barcodes(sheet)}

    assert read() == set(config.codes.commands) - {"KIOSK-CALL"}
    text = config.path.read_text(encoding="utf-8")
    config.path.write_text(text.replace("[call]\n", "[call]\nlamp = 24\n"), encoding="utf-8")
    assert read() == set(config.codes.commands)


def findings(config: Config) -> list[str]:
    """What `kiosk doctor` says of the readers."""
    return [line for line in kiosk("doctor", "--config", config.path).stdout.splitlines() if "reader 'gate'" in line]


def test_doctor_opens_each_device_and_says_what_to_do(config: Config, tmp_path: Path) -> None:
    (line,) = findings(config)
    assert line.startswith(f"BAD  reader 'gate': {tmp_path}/port is not there; trying again in 0.5 s; check its cable")
    with PtyPort(tmp_path / "port"):
        assert findings(config) == ["ok   reader 'gate': works"]


def test_doctor_says_of_a_running_kiosk_how_its_devices_are_and_were(config: Config, tmp_path: Path) -> None:
    with PtyPort(tmp_path / "port") as port:
        console = subprocess.Popen(
            [*PROGRAM, "console", "--config", str(config.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: findings(config) == ["ok   reader 'gate': works"], "it is said")
        port.pull_out()
        wait_for(lambda: "BAD" in findings(config)[0], "it is said")
        assert "check its cable" in findings(config)[0]
        port.plug_in()
        wait_for(lambda: "ok   reader 'gate': works; before: reader 'gate': " in findings(config)[0], "it is said")
        console.communicate(b"quit\n", PATIENCE_S)
