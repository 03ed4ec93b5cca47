"""The simulation from the command line: one seed told step by step, or many."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation.runs import run


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if all is as it must be, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="tell this one step by step")
    parser.add_argument("--seeds", type=int, default=200, help="how many, from --first on")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--sabotage", default="", help="see tests/integration/test_sync_simulation.py")
    parser.add_argument("--backend", choices=("memory", "sql"), default="memory")
    given = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    if given.seed is not None:
        found = run(given.seed, print, given.sabotage, given.backend)
        print("\n".join(found) or "all is as it must be")
        return 1 if found else 0
    began, bad = time.monotonic(), 0
    seeds = range(given.first, given.first + given.seeds)
    one = partial(run, sabotage=given.sabotage, backend=given.backend)
    with ProcessPoolExecutor() as pool:
        for seed, found in zip(seeds, pool.map(one, seeds, chunksize=4), strict=True):
            if found:
                bad += 1
                print(f"--seed {seed}: {found[0]}{f' (and {len(found) - 1} more)' if len(found) > 1 else ''}")
    print(f"{given.seeds} seeds in {time.monotonic() - began:.0f} s, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
