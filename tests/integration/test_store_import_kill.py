"""An import killed at any instant: what was taken in is whole, and going on gives what an undisturbed run gives."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk.circulation.intake import Intake
from kiosk.store.check import recompute
from tests.store_fixture import demo_rows, dump, facts, importer_of, new_store, take

FULL = os.environ.get("KIOSK_FULL") == "1"
ROUNDS = 20 if FULL else 2

PROGRAM = """
import sys
from pathlib import Path
from kiosk.circulation.intake import Intake
from kiosk.store import SqliteStore
from tests.store_fixture import demo_rows, take

rows = demo_rows()
print("ready", flush=True)
store = SqliteStore(Path(sys.argv[1]))
for what in Intake:
    take(store, what, rows[what], digest=f"the {what}", size=20)
store.close()
print("done", flush=True)
"""
UNDO = """
import sys
from pathlib import Path
from kiosk.store import SqliteStore
from tests.store_fixture import importer_of

store = SqliteStore(Path(sys.argv[1]))
importer = importer_of(store)
batches = importer.batches()
print("ready", flush=True)
for batch in batches:
    importer.undo(batch.id)
print("done", flush=True)
"""


def kill_after(program: str, store: Path, seconds: float) -> bool:
    """Run a program on a store and kill it so long after it was ready. Returns whether it had ended by itself."""
    command = [sys.executable, "-c", program, str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        return process.stdout.read() == "done\n"


@pytest.mark.slow
def test_a_killed_import_goes_on_to_the_same_end(tmp_path: Path) -> None:
    whole = new_store(tmp_path, "whole.db")
    begun = time.perf_counter()
    for what in Intake:
        take(whole, what, demo_rows()[what], digest=f"the {what}", size=20)
    lasts = time.perf_counter() - begun
    expected, chance = facts(whole), random.Random(2026)
    for round_ in range(ROUNDS):
        store = new_store(tmp_path, f"killed-{round_}.db")
        path, kills = store.path, 0
        while not kill_after(PROGRAM, path, chance.uniform(0.02, lasts / 2)):
            kills += 1
            assert recompute(store) == []
        assert kills > 0
        assert facts(store) == expected
        store.close()
    whole.close()


@pytest.mark.slow
def test_a_killed_undo_goes_on_to_the_same_end(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    empty = dump(store)
    for what in (Intake.PATRONS, Intake.ITEMS):
        take(store, what, demo_rows()[what])
    chance = random.Random(2026)
    while not kill_after(UNDO, store.path, chance.uniform(0.02, 0.2)):
        assert recompute(store) == []
    assert dump(store) == empty
    assert all(importer_of(store).undo(batch.id).kept == 0 for batch in importer_of(store).batches())
    store.close()
