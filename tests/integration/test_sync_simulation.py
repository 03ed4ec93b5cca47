"""Kiosks, a central and everything that can go wrong between them; and proof that the simulation would notice."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context

import pytest

from tests.driver import full
from tests.simulation.runs import run

SEEDS = {"memory": full(5000, 120), "sql": full(500, 10)}


@pytest.mark.slow
@pytest.mark.parametrize("backend", SEEDS)
def test_every_seed_comes_to_rest_with_nothing_lost_and_nothing_done_twice(backend: str) -> None:
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        results = pool.map(partial(run, backend=backend), range(SEEDS[backend]), chunksize=5)
        failed = {seed: found for seed, found in enumerate(results) if found}
    assert not failed, f"replay with python -m tests.simulation --backend {backend} --seed {min(failed)}: {failed}"


def test_a_seed_replays_exactly() -> None:
    first: list[str] = []
    second: list[str] = []
    run(11, first.append)
    run(11, second.append)
    assert first == second and len(first) > 50


@pytest.mark.parametrize(
    ("sabotage", "notices"),
    [
        ("repeat", "was taken in by central 2 times"),
        ("swap", "came after"),
        ("drop", "is None (None), and was taken in by central 0 times"),
        ("blind", "was sent again before anybody found out"),
        ("hasty", "was sent again before anybody found out"),
    ],
)
def test_it_notices(sabotage: str, notices: str) -> None:
    noticed = (seed for seed in range(40) if any(notices in problem for problem in run(seed, sabotage=sabotage)))
    assert list(islice(noticed, 3)), f"nobody noticed: {sabotage}"


def test_it_can_be_run_for_any_seed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--seed", "5"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and done.stdout.endswith("all is as it must be\n"), done.stdout + done.stderr
