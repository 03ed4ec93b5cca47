"""Every scenario file, played through the console on a real ledger. The words are explained in scenarios/README.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenario import Scenario, play, read_scenarios

FOLDER = Path(__file__).parent.parent / "scenarios"
SCENARIOS = [one for path in sorted(FOLDER.glob("*.txt")) if path.name != "library.txt" for one in read_scenarios(path)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.name for one in SCENARIOS])
def test_scenario(scenario: Scenario, tmp_path: Path) -> None:
    play(scenario, tmp_path)


def test_a_scenario_that_expects_the_wrong_thing_fails(tmp_path: Path) -> None:
    wrong = Scenario("wrong", SCENARIOS[0].path, {"Steps": ["scan C-AIGUL -> view home"]}, 1)
    with pytest.raises(AssertionError, match="view home"):
        play(wrong, tmp_path)
