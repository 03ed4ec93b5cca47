"""Scenario files: reading them, and playing them through the console."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.store.check import recompute

from kiosk import app
from kiosk.app import opened
from kiosk.circulation.intake import Intake
from kiosk.config import Config, load
from kiosk.console import Tick, as_json, parse, tick
from kiosk.desk import Desk
from kiosk.devices.clock import HandClock
from kiosk.importing import import_file
from kiosk.initialise import initialise, set_pin

LIBRARY = Path(__file__).parent / "scenarios" / "library.txt"
SECTIONS = ("Settings", "Patrons", "Items", "Loans", "PINs", "Facts", "Steps")
CLOCK = "2026-09-22T10:00:00"


@dataclass
class Scenario:
    """One scenario: its sections, each a list of lines without the indentation."""

    name: str
    path: Path
    sections: dict[str, list[str]]
    line: int
    clock: str = CLOCK


def read_scenarios(path: Path) -> Iterator[Scenario]:
    """The scenarios of a file."""
    found: Scenario | None = None
    section = ""
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.rstrip()
        if line.startswith("Scenario:"):
            if found is not None:
                yield found
            found, section = Scenario(line[9:].strip(), path, {}, number), ""
        elif found is not None and line.startswith("Clock:"):
            found.clock = line[6:].strip()
        elif line in SECTIONS and found is not None:
            section = line
            found.sections.setdefault(section, [])
        elif line.strip() and not line.lstrip().startswith("#"):
            assert found is not None and section, f"{path.name}:{number}: {line!r} belongs to no section"
            found.sections[section].append(line.strip())
    if found is not None:
        yield found


def library() -> dict[str, list[str]]:
    """The sections of library.txt."""
    sections: dict[str, list[str]] = {}
    for line in LIBRARY.read_text(encoding="utf-8").splitlines():
        if line in SECTIONS:
            sections[line] = rows = []
        elif line.strip():
            rows.append(line.strip())
    return sections


def furnish(folder: Path, scenario: Scenario) -> Config:
    """A data folder with the library and what the scenario adds to it."""
    list(initialise(folder, "Test", "kiosk-1", demo=False, today=None))
    settings = folder / "kiosk.toml"
    if extra := scenario.sections.get("Settings"):
        settings.write_text(_merged(settings.read_text(encoding="utf-8"), extra), encoding="utf-8")
    config = load(settings)
    for section, what in (("Patrons", Intake.PATRONS), ("Items", Intake.ITEMS), ("Loans", Intake.LOANS)):
        for number, rows in enumerate((library().get(section, []), scenario.sections.get(section, []))):
            if rows:
                file = folder / f"{section.lower()}-{number}.csv"
                file.write_text("\n".join(rows) + "\n", encoding="utf-8")
                report = import_file(config, what, file)
                assert report.rejects is None, (scenario.name, section, report)
    for line in scenario.sections.get("PINs", []):
        who, _, secret = line.partition(" ")
        set_pin(config, who, secret, pictures=not secret.isdigit())
    _facts(config, scenario.sections.get("Facts", []))
    return config


def _merged(settings: str, extra: list[str]) -> str:
    """The settings with the scenario's lines in place of the same keys of the same tables."""
    table = ""
    for line in extra:
        if line.startswith("["):
            table = line
            if line.startswith("[[") or line not in settings:
                settings += f"\n{line}\n"
            continue
        key = line.split("=")[0].strip()
        if table.startswith("[["):
            settings += line + "\n"
            continue
        start = settings.index(table) + len(table)
        end = settings.find("\n[", start)
        end = len(settings) if end < 0 else end
        body = re.sub(rf"(?m)^{re.escape(key)} = .*\n", "", settings[start:end] + "\n")
        settings = settings[:start] + "\n" + line + body + settings[end:]
    return settings


def _facts(config: Config, facts: list[str]) -> None:
    """What no import brings and no screen of this version makes: written into the tables as it would come to be."""
    with sqlite3.connect(config.store) as db:
        for fact in facts:
            match fact.split():
                case ["blocked", card, *kind]:
                    db.execute(
                        "INSERT INTO blocks SELECT patron_id, ?, NULL FROM cards WHERE number = ?",
                        (kind[0] if kind else "staff", card),
                    )
                case ["left", card]:
                    db.execute(
                        "UPDATE patrons SET has_left = 1 WHERE id IN (SELECT patron_id FROM cards WHERE number = ?)",
                        (card,),
                    )
                case ["card", card, "lost"]:
                    db.execute("UPDATE cards SET lost = 1 WHERE number = ?", (card,))
                case ["item", barcode, status]:
                    _change_status(db, barcode, status)
                case _:
                    raise ValueError(fact)
    db.close()


def _change_status(db: sqlite3.Connection, barcode: str, status: str) -> None:
    """By a transaction, so that the ledger still adds up."""
    item_id, before = db.execute("SELECT id, status FROM items WHERE barcode = ?", (barcode,)).fetchone()
    body = json.dumps({"changes": [{"status": [before, status], "item": item_id}]})
    cursor = db.execute(
        "INSERT INTO transactions (id, kind, item_id, at, trusted, kiosk, body) VALUES (?, 'found', ?, ?, 1, 'x', ?)",
        (f"fact-{barcode}", item_id, "2026-09-01T00:00:00.000Z", body),
    )
    db.execute("UPDATE items SET status = ?, last_seq = ? WHERE id = ?", (status, cursor.lastrowid, item_id))


@dataclass
class Player:
    """A desk at a console, and what it answered last."""

    config: Config
    desk: Desk
    clock: HandClock
    barcode_of: Any
    answer: dict[str, Any] = field(default_factory=dict)

    def step(self, line: str) -> dict[str, Any]:
        """Play one line of the console."""
        given = parse(line)
        match given:
            case Tick(seconds):
                outcome = tick(self.desk, self.clock, seconds)
            case _:
                outcome = self.desk.take(given)  # type: ignore[arg-type]
        self.answer = json.loads(json.dumps(as_json(outcome, self.desk, self.barcode_of)))
        return self.answer


def play(scenario: Scenario, folder: Path) -> None:
    """Play a scenario. Raises AssertionError that names the step and what was expected of it."""
    config = furnish(folder / "kiosk", scenario)
    with opened(config) as store:
        clock = HandClock(datetime.fromisoformat(scenario.clock).replace(tzinfo=config.timezone))
        player = Player(config, app.open_desk(config, store, clock), clock, store.barcode)
        player.answer = as_json(player.desk.ring(), player.desk, store.barcode)
        for line in scenario.sections["Steps"]:
            command, _, expected = line.partition("->")
            answer = player.step(_with_row(command.strip(), player.answer))
            for clause in filter(None, (part.strip() for part in expected.split(";"))):
                problem = unmet(clause, answer)
                assert not problem, (
                    f"{scenario.path.name}: {scenario.name}\n  {line}\n  {clause}: {problem}\n  {_short(answer)}"
                )
        assert recompute(store) == []


def _short(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=1)


def _with_row(command: str, answer: dict[str, Any]) -> str:
    match = re.search(r"\[(.+)\]$", command)
    if match is None:
        return command
    found = [row["id"] for row in answer["rows"] if row["title"] == match.group(1)]
    assert found, f"no row {match.group(1)} in {_short(answer)}"
    return command[: match.start()] + found[0]


def unmet(clause: str, answer: dict[str, Any]) -> str:
    """What is wrong with an answer, as far as a clause speaks of it; empty if nothing is."""
    word, _, rest = clause.partition(" ")
    seen: str
    patron, message = answer["patron"], answer["message"]
    match word:
        case "view":
            return "" if answer["view"] == rest else f"it is {answer['view']}"
        case "who":
            return "" if patron and patron["name"] == rest else f"it is {patron}"
        case "nobody":
            return "" if patron is None else f"it is {patron}"
        case "says":
            key: str = message["key"] if message else "nothing"
            return "" if key == rest else f"it says {key}"
        case "records":
            acts = ", ".join(f"{act['kind']} {act['item'] or '-'}" for act in answer["committed"]) or "nothing"
            return "" if acts == rest else f"it recorded {acts}"
        case "due":
            due = answer["committed"][-1]["due"] if answer["committed"] else None
            return "" if (due or "unknown") == rest else f"it is {due}"
        case "offers":
            return "" if rest in answer["actions"] else f"it offers {answer['actions']}"
        case "loans":
            seen = (
                f"{patron['loans']} of {patron['limit'] if patron['limit'] is not None else 'any'}"
                if patron
                else "nobody"
            )
            return "" if seen == rest else f"it is {seen}"
        case "row" | "no":
            return _row_unmet(clause, answer)
    raise ValueError(f"{clause!r} is no clause of a scenario")


def _row_unmet(clause: str, answer: dict[str, Any]) -> str:
    rows = answer["rows"]
    if found := re.fullmatch(r"no row (.+)", clause):
        return "" if all(row["title"] != found.group(1) for row in rows) else "it is there"
    if found := re.fullmatch(r"no offer (.+)", clause):
        return "" if found.group(1) not in answer["actions"] else "it is offered"
    if found := re.fullmatch(r"row (.+) is (\w+)", clause):
        states = [row["state"] for row in rows if row["title"] == found.group(1)]
        return "" if found.group(2) in states else f"it is {states}"
    if found := re.fullmatch(r"row (.+) offers (\w+)", clause):
        offers = [row["actions"] for row in rows if row["title"] == found.group(1)]
        return "" if any(found.group(2) in one for one in offers) else f"it offers {offers}"
    raise ValueError(f"{clause!r} is no clause of a scenario")
