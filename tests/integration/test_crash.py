"""`kill -9` at any instant: what was acknowledged is there, nothing is half there, the next start needs no repair."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from random import Random
from time import perf_counter

import pytest

from kiosk.config import Config, load
from tests.driver import PROGRAM, Answer, Console, faults, full, ledger, need_tool, school

SEED = 20260922
NO_REPEATS = ("[visit]", "same_scan_s = 0")


class Child:
    """Somebody at the kiosk who borrows, returns, keeps, renews, holds and takes back, at random."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def next_line(self, seen: Answer) -> str:
        """What they do, seeing this."""
        rng, offered = self._rng, [(action, row["id"]) for row in seen["rows"] for action in row["actions"]]
        if seen["view"] == "home":
            return rng.choice([self.card(), self.card(), self.card(), self.item()])
        if offered and rng.random() < 0.35:
            return "press {} {}".format(*rng.choice(offered))
        if seen["view"] == "account" and rng.random() < 0.5:
            return "press renew_all"
        if seen["view"] == "search":
            return rng.choice([f"type Кітап {rng.randrange(30)}", "type күт", self.item()])
        return rng.choices(
            [self.item(), "press account", "press search", self.card(), "press finish", "tick 3"], [60, 10, 10, 8, 4, 4]
        )[0]

    def card(self) -> str:
        """One of the pupils' cards."""
        return f"scan P{self._rng.randrange(12)}"

    def item(self) -> str:
        """One of the books."""
        return f"scan A{self._rng.randrange(60)}"


class Witness:
    """What the console has acknowledged, over all its lives."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._acknowledged: dict[str, Answer] = {}
        self._before: list[Answer] = ledger(config)
        self.unseen = 0

    def note(self, answer: Answer) -> Answer:
        """An answer was read wholly."""
        self._acknowledged |= {act["id"]: act for act in answer["committed"]}
        return answer

    def compare(self) -> None:
        """The ledger has all of it and adds up. Counts the acts of which the driver was never told."""
        rows = ledger(self.config)
        assert rows[: len(self._before)] == self._before, "what was in the ledger has changed"
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        recorded = {row["id"]: row for row in rows}
        for act in self._acknowledged.values():
            row = recorded.get(act["id"])
            assert row is not None, f"acknowledged, and missing: {act}"
            assert (row["kind"], row["item"], row["patron"]) == (act["kind"], act["item"], act["patron"])
        self.unseen += sum(1 for row in rows[len(self._before) :] if row["id"] not in self._acknowledged)
        assert faults(self.config) == []
        self._before = rows

    def kinds(self) -> Counter[str]:
        """How much of what was acknowledged."""
        return Counter(act["kind"] for act in self._acknowledged.values())


def _spin(seconds: float) -> None:
    """Let so much pass, to the microsecond, which sleeping cannot."""
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


def _live_and_die(console: Console, child: Child, witness: Witness, rng: Random) -> str:
    """Use the kiosk for a while, then kill it; returns when: between two acts, within a line, an act or a stream."""
    answer = witness.note(console.send(child.card()))
    for _ in range(rng.randrange(25)):
        answer = witness.note(console.send(child.next_line(answer)))
    when = rng.choice(["between", "line", "act", "act", "stream"])
    match when:
        case "line":
            line = f"{child.next_line(answer)}\n".encode()
            console.write(line[: rng.randrange(1, len(line))])
            _spin(rng.random() * 0.002)
        case "act":
            console.write(f"{child.item()}\n".encode())
            _spin(rng.random() * 0.012)
        case "stream":
            lines = [child.card() if rng.random() < 0.2 else child.item() for _ in range(40)]
            console.write("".join(f"{line}\n" for line in lines).encode())
            _spin(rng.random() * 0.1)
    console.kill()
    for late in console.rest():
        witness.note(late)
    return when


def _answers_at_once(console: Console) -> None:
    """A start after a kill is a start like any other."""
    assert console.first["view"] == "home"
    assert console.send("scan C-AIGUL")["patron"]["name"] == "Айгүл Ә."
    assert console.send("press finish")["patron"] is None
    assert "ERROR" not in console.log() and "WARNING" not in console.log()


@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, figure: Callable[[str], None]) -> None:
    config = school(tmp_path / "kiosk", settings=NO_REPEATS)
    rng, witness, deaths = Random(SEED), Witness(config), Counter[str]()
    child = Child(rng)
    for _ in range(full(300, 20)):
        console = Console(config)
        _answers_at_once(console)
        witness.compare()
        deaths[_live_and_die(console, child, witness, rng)] += 1
    with Console(config) as console:
        _answers_at_once(console)
    witness.compare()
    kinds = witness.kinds()
    assert {"checkout", "checkin", "renewal", "hold", "undo"} <= kinds.keys(), kinds
    figure(f"killed {dict(deaths)}; acknowledged {dict(kinds)}; recorded, but not yet said: {witness.unseen}")


def test_an_act_may_be_killed_before_any_of_its_writes(tmp_path: Path, figure: Callable[[str], None]) -> None:
    """A start, and a return and a loan that are one commit: killed at its n-th write to a file, for every n."""
    strace = need_tool("strace")
    config = school(tmp_path / "kiosk", settings=NO_REPEATS)
    with Console(config) as console:
        console.send("scan P0")
        assert console.send("scan A0")["committed"]
        assert console.quit() == 0
    before = Witness(config)
    writes, recorded = 0, Counter[int]()
    while True:
        writes += full(1, 3)
        copy = _copy_of(config, tmp_path / f"kiosk-{writes}")
        witness = deepcopy(before)
        witness.config = copy
        inject = ("-e", "trace=pwrite64", "-e", f"inject=pwrite64:signal=SIGKILL:when={writes}")
        console = Console(copy, program=(strace, "-f", "-qq", "-o", "/dev/null", *inject, *PROGRAM), greet=False)
        console.write(b"scan P1\nscan A0\nquit\n")
        for answer in console.rest():
            witness.note(answer)
        ended = console.process.wait()
        with Console(copy) as again:
            _answers_at_once(again)
            witness.compare()
        recorded[witness.unseen + witness.kinds().total()] += 1
        if ended == 0:
            break
    assert witness.kinds() == {"checkin": 1, "checkout": 1}
    assert recorded.keys() == {0, 2}, f"a return without the loan that was one act with it: {recorded}"
    assert recorded[0] >= full(9, 3), "nothing was killed in the middle of its act"
    figure(f"killed before each of {recorded.total() - 1} writes, {recorded[2] - 1} of them after its commit")


def _copy_of(config: Config, folder: Path) -> Config:
    shutil.copytree(config.folder, folder)
    return load(folder / config.path.name)


def test_the_witness_notices_a_lost_act(tmp_path: Path) -> None:
    config = school(tmp_path / "kiosk")
    witness = Witness(config)
    lost = {"id": "0" * 32, "kind": "checkout", "item": "A1", "patron": "x", "due": None}
    witness.note({"committed": [lost]})
    with pytest.raises(AssertionError, match=re.escape("acknowledged, and missing")):
        witness.compare()
