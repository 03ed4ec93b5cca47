"""Every scenario file, played through the console on a real ledger. The words are explained in scenarios/README.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation.acts import CIRCULATION
from kiosk.circulation.identify import NotOursReason
from kiosk.circulation.policy import Refusal
from kiosk.initialise import settings
from tests.scenario import Scenario, play, read_scenarios

FOLDER = Path(__file__).parent.parent / "scenarios"
SCENARIOS = [one for path in sorted(FOLDER.glob("*.txt")) if path.name != "library.txt" for one in read_scenarios(path)]
STEPS = "\n".join(line for one in SCENARIOS for line in one.sections["Steps"])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[f"{one.path.stem}: {one.name}" for one in SCENARIOS])
def test_scenario(scenario: Scenario, tmp_path: Path) -> None:
    play(scenario, tmp_path)


@pytest.mark.parametrize(
    "step",
    [
        "scan C-AIGUL -> view home",
        "scan C-AIGUL -> who Ерлан С.",
        "scan C-AIGUL -> nobody",
        "scan C-AIGUL -> says ok.checked_out",
        "scan C-AIGUL -> loans 1 of 5",
        "scan C-AIGUL -> visits 0",
        "scan C-AIGUL -> language ru",
        "scan C-AIGUL -> row Абай жолы is borrowed",
        "scan C-AIGUL -> rows 1",
        "scan C-AIGUL -> offers undo_all",
        "scan C-AIGUL -> no offer finish",
        "scan C-AIGUL -> notes checkout",
        "scan B1 -> records found B1",
        "scan B1 -> says home.scan_card date=2026-10-02",
        "scan B1 -> text contains Ұшқан",
        "scan B1 -> no row Абай жолы",
        "scan B1 -> row Абай жолы offers undo",
        "scan B1 -> row Абай жолы due 2026-10-02",
        "scan B1 -> item B1 is lost",
        "scan B1 -> borrower C-AIGUL of B1",
        "scan B1 -> decided central",
        "scan B1 -> told accepted",
    ],
)
def test_a_scenario_that_expects_the_wrong_thing_fails(step: str, tmp_path: Path) -> None:
    wrong = Scenario("wrong", SCENARIOS[0].path, {"Steps": [step]}, 1)
    with pytest.raises(AssertionError, match=re.escape(step.partition("-> ")[2])):
        play(wrong, tmp_path)


def test_a_scenario_with_a_word_that_nobody_knows_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="whistles"):
        play(Scenario("wrong", SCENARIOS[0].path, {"Steps": ["scan C-AIGUL -> whistles"]}, 1), tmp_path)


def test_names_of_scenarios_tell_them_apart() -> None:
    names = [(one.path.name, one.name) for one in SCENARIOS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("reason", [*Refusal, *NotOursReason])
def test_every_reason_to_refuse_is_heard_in_a_scenario(reason: Refusal | NotOursReason) -> None:
    assert re.search(rf"says {re.escape(reason.value)}(?:$| |;)", STEPS, re.M)


@pytest.mark.parametrize("kind", sorted(CIRCULATION))
def test_every_kind_of_act_is_recorded_in_a_scenario(kind: str) -> None:
    assert re.search(rf"records [^;]*\b{kind} ", STEPS)


NOT_OF_THE_DESK = {
    "codes.chips", "kiosk.school", "kiosk.name", "kiosk.store", "kiosk.timezone", "kiosk.battery_clock",
    "kiosk.dim_after_s", "kiosk.motion",
}  # fmt: skip
"""Settings that change nothing in what the desk answers, or (readers, the clock) nothing that a scenario can see."""


ASKED = {"mode", "deadline_s", "lend_unknown"}
"""Of `[central]`, what the desk has to do with; the rest is how central is reached."""


def _settings() -> Iterator[str]:
    shown = r"(?m)^# (?=\[\[rules\.loan|(?:category|kind|limit|days|renewals|card|item) = )"
    text = re.sub(shown, "", settings("School", "kiosk"))
    for table, values in tomllib.loads(text[: text.index("# Scanners and card readers")]).items():
        for key, value in values.items():
            if key == "commands":
                yield from (f"{table}.commands.{name}" for name in value)
            elif key == "loan":
                yield from (f"rules.loan.{name}" for name in value[0])
            elif table != "central" or key in ASKED:
                yield f"{table}.{key}"


@pytest.mark.parametrize("setting", sorted({*_settings(), "rules.loan.service_point", "rules.loan.leaves"}))
def test_every_setting_that_changes_what_the_desk_does_is_changed_in_a_scenario(setting: str) -> None:
    changed = set()
    for scenario in SCENARIOS:
        table = ""
        for line in scenario.sections.get("Settings", []):
            if line.startswith("["):
                table = line.strip("[]")
            else:
                changed.add(f"{table}.{line.split('=')[0].strip()}")
    assert setting in changed | NOT_OF_THE_DESK
