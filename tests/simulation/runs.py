"""Runs of the simulation: one seed is one world."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from tests.simulation.truth import problems
from tests.simulation.world import World
from tests.sync_fixture import folder_in_memory


def run(
    seed: int, trace: Callable[[str], None] = lambda text: None, sabotage: str = "", backend: str = "memory"
) -> list[str]:
    """Let a world live and come to rest; everything that is not as it must be then. backend: "memory" or "sql"."""
    with folder_in_memory() as folder:
        world = World(seed, folder, trace, sabotage, backend)
        try:
            world.live()
            world.come_to_rest()
            return problems(world)
        except Exception as error:
            trace(traceback.format_exc())
            return [f"{type(error).__name__}: {error}"]
        finally:
            world.close()
