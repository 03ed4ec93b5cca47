"""DESIGN.md 1's table: what a module may import. A new part of the product has to find its row here."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import kiosk

ROOT = Path(kiosk.__file__).parent
LEAVES = {"store", "devices", "screens", "sync", "imports", "reports"}
"""These never import each other."""
CORE = {"circulation", "ports", "errors", "text"}
ANYTHING = {
    "__main__", "app", "backroom", "cards_cli", "carry_cli", "class_desk", "class_listing", "classes_cli", "cli",
    "cli_common", "connecting", "console", "demo_school", "exceptions_desk",
    "devices_cli", "doctor", "guide_cli", "guide_librarian", "guide_paper", "importing", "initialise", "outbox_cli",
    "outputs_cli", "paper_cli",
    "papers", "plugging",
    "screenshots_cli", "sets_cli", "signals", "staff_cli", "sync_cli", "syncing", "touchscreen", "tour", "udev_rules",
}  # fmt: skip
"""They put the parts together."""
MAY: dict[str, set[str]] = {
    "circulation": {"circulation"},
    "ports": {"circulation", "errors"},
    "errors": {"circulation"},
    "config": {"circulation", "config_central", "config_devices", "config_outputs", "config_table", "errors"},
    "config_central": {"config_table"},
    "config_devices": {"circulation", "config_table"},
    "config_outputs": {"circulation", "config_table"},
    "config_table": set(),
    "plain": {"circulation", "text"},
    "subject_heads": set(),
    "text": {"circulation", "babel", "subject_heads"},
    "desk": {"circulation", "ports", "errors"},
    "loop": {"circulation", "ports", "errors", "desk"},
    "demo": {"circulation", "demo"},
    "showcase": {"circulation", "showcase_staff", "showcase_year"},
    "showcase_staff": {"circulation"},
    "showcase_year": {"circulation", "showcase_staff"},
    "store": {"store", "sqlite_utils", *CORE},
    "devices": {
        "PIL",
        "cv2",
        "devices",
        "escpos",
        "evdev",
        "gpiozero",
        "numpy",
        "picamera2",
        "pyzbar",
        "serial",
        "smartcard",
        "usb",
        "zxingcpp",
        *CORE,
    },
    "screens": {"screens", "kivy", "qrcode", *CORE},
    "sync": {"sync", "cryptography", "psycopg", "sqlalchemy", *CORE},
    "imports": {"imports", "defusedxml", "openpyxl", "pymarc", *CORE},
    "reports": {"reports", "barcode", "fpdf", "qrcode", *CORE},
}
CODECS = (
    "devices/aim", "devices/framing", "devices/key_layouts", "devices/keys", "sync/sip2/codec", "sync/sip2/dates",
    "sync/sip2/fields", "sync/sip2/framing", "sync/sip2/layouts", "sync/sip2/messages", "sync/sip2/requests",
)  # fmt: skip
"""Bytes in, events out: the standard library, and one another; and the one tree of errors."""
HEAVY = ("kivy", "cv2", "numpy", "sqlalchemy", "openpyxl", "PIL", "escpos", "gpiozero", "fpdf", "barcode", "qrcode")


def modules() -> list[Path]:
    return [path for path in sorted(ROOT.rglob("*.py")) if "__pycache__" not in path.parts]


def imported(source: str) -> set[str]:
    """The modules that a source names, also inside functions: kiosk.store.reads, serial, ..."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {name.name for name in names}
            case ast.ImportFrom(module="kiosk", names=names):
                found |= {f"kiosk.{name.name}" for name in names}
            case ast.ImportFrom(module=str(module)):
                found.add(module)
            case ast.ImportFrom():
                found.add("a relative import")
    return found


def part(path: str) -> str:
    """The row of the table: the folder or the module at the top of the product."""
    return path.partition("/")[0].removesuffix(".py")


def breaches(path: str, source: str) -> list[str]:
    """What a module imports that it may not."""
    here, wrong = part(path), []
    for name in sorted(imported(source)):
        top, _, rest = name.partition(".")
        if top in sys.stdlib_module_names or name == "kiosk":
            continue
        there = rest.partition(".")[0] if top == "kiosk" else top
        codec = path.startswith(CODECS)
        if codec and name != "kiosk.errors" and not (top == "kiosk" and rest.replace(".", "/").startswith(CODECS)):
            wrong.append(f"{path}: a codec imports {name}")
        elif here not in ANYTHING and there not in MAY.get(here, set()) and path != "__init__.py":
            wrong.append(f"{path}: {here} imports {name}")
    return wrong


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    assert part(name) in {*MAY, *ANYTHING, "__init__"}, f"{name} is in no row of the table"
    assert breaches(name, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("circulation/visit/step.py", "import sqlite_utils"),
        ("circulation/policy.py", "from kiosk.store import SqliteStore"),
        ("circulation/policy.py", "def f():\n    from kiosk.ports import Store"),
        ("desk.py", "from kiosk.store.store import SqliteStore"),
        ("store/reads.py", "from kiosk.imports.rows import Parsed"),
        ("devices/camera.py", "from kiosk import store"),
        ("screens/home.py", "from kiosk.desk import Desk"),
        ("imports/run.py", "from . import rows"),
        ("devices/framing.py", "from kiosk.circulation.model import Scan"),
        ("store/store.py", "import kivy.app"),
    ],
)
def test_a_wrong_import_is_noticed(path: str, source: str) -> None:
    assert len(breaches(path, source)) == 1


def test_the_leaves_are_kept_apart() -> None:
    assert all(not (MAY[one] & LEAVES) - {one} for one in LEAVES)


def test_circulation_has_no_clock_no_chance_and_no_files() -> None:
    """Its answers depend on what it is given alone."""
    banned = {"time", "random", "secrets", "os", "io", "pathlib", "socket", "threading", "subprocess", "sqlite3"}
    for path in (ROOT / "circulation").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not {name.partition(".")[0] for name in imported(source)} & banned, path
        calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}
        assert not {call for call in calls if call.endswith((".now", ".today", "uuid4")) or call == "open"}, path


def loaded_by(statement: str) -> set[str]:
    """The modules that are loaded once a statement has run in a Python of its own."""
    program = f"{statement}; import json, sys; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", ["cli", "app", "console", "desk", "store", "importing", "touchscreen"])
def test_what_is_heavy_is_loaded_only_when_it_is_used(module: str) -> None:
    loaded = loaded_by(f"import kiosk.{module}")
    assert not [name for name in HEAVY if name in loaded]


def test_the_staffs_mode_is_not_loaded_before_the_first_picture() -> None:
    loaded = loaded_by("import kiosk.touchscreen, kiosk.app")
    modes = ("kiosk.circulation.textbooks.", "kiosk.circulation.lists.")
    assert not [name for name in loaded if name.startswith(modes)]
    assert "kiosk.circulation.staff.mode" not in loaded


def test_the_command_line_loads_next_to_nothing_to_print_its_help() -> None:
    loaded = loaded_by("import kiosk.cli")
    assert not [name for name in ("sqlite_utils", "serial", "babel", "pymarc", "kiosk.store") if name in loaded]


def test_a_module_does_nothing_when_it_is_imported() -> None:
    """No thread is started, no file opened, no signal taken."""
    names = [
        "kiosk." + path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for path in modules()
        if part(path.relative_to(ROOT).as_posix()) not in ("screens", "__main__", "__init__", "tour")
        and path.name != "__init__.py"
    ]
    check = "import threading, os; assert threading.active_count() == 1; assert len(os.listdir('/proc/self/fd')) <= 5"
    loaded_by("; ".join([*(f"import {name}" for name in names), check]))
