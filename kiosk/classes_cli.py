"""`kiosk classes`: class lists in, looked at before anything is done, and taken back as a whole."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli_common import HELP, Mapping, config_option, in_one_sentence

if TYPE_CHECKING:
    from kiosk.circulation.lists.facts import Entry, Known, Plan
    from kiosk.circulation.lists.rows import ClassList
    from kiosk.circulation.model import SchoolClass
    from kiosk.class_listing import ClassListing, Look

SHOWN = 15
_FAULTS = {
    "not_a_name": "no name of a person",
    "no_class": "no class",
    "bad_class": "the class cannot be understood",
    "unreadable": "the number of the card cannot be read",
}
_DOUBTS = {
    "namesake": "there is a pupil of that name",
    "twice": "stands in the list twice",
    "card": "the card or id is another pupil's",
    "initial": "only an initial",
}
_CHANGES = {
    "name": "name",
    "language": "language",
    "groups": "groups",
    "card": "card or id",
    "back": "had left",
    "stays": "stays in the class of last year",
}


@click.group(context_settings=HELP)
def classes() -> None:
    """Class lists: bring one in, take it back, move the school up."""


@classes.command(name="import")
@config_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--year", type=click.IntRange(2000, 2100), default=None, help="In which the school year begins.")
@click.option("--map", "mapping", type=Mapping(), multiple=True, help="What a heading of the file is.")
@click.option("--answer", "answers", type=Mapping(), multiple=True, help="Of a doubtful row: new, skip, or 1, 2, ...")
@click.option("--left-too", is_flag=True, help="Who is missing from the list of their class has left the school.")
@click.option("--all", "in_full", is_flag=True, help="Name every pupil, not only the first of each kind.")
@click.option("--yes", is_flag=True, help="Do it without asking. Doubtful rows are left out.")
@click.option("--even-so", is_flag=True, help="Do it though most of the pupils are missing from the list.")
@in_one_sentence
def import_(
    config_path: Path,
    file: Path,
    year: int | None,
    mapping: tuple[tuple[str, str], ...],
    answers: tuple[tuple[str, str], ...],
    left_too: bool,
    in_full: bool,
    yes: bool,
    even_so: bool,
) -> None:
    """Bring in the class lists in FILE (XLSX or CSV): show what would change, and do it after a yes."""
    with _listing(config_path) as listing:
        look = listing.look(file, year, dict(mapping))
        _show_reading(look.listed)
        plan = listing.plan(look)
        told = _answered(plan, dict(answers))
        if not yes:
            told |= _asked(plan, told)
        if told:
            plan = listing.plan(look, told)
        _show(look, plan, left_too, in_full)
        _go_on(plan, yes, even_so)
        _do(listing, look, plan, left_too)


@classes.command(name="move-up")
@config_option
@click.option("--year", type=click.IntRange(2000, 2100), required=True, help="In which the new school year begins.")
@click.option("--all", "in_full", is_flag=True, help="Name every pupil, not only the first of each kind.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@in_one_sentence
def move_up(config_path: Path, year: int, in_full: bool, yes: bool) -> None:
    """Move the whole school up by a grade without a list; the last grade leaves, with its loans kept."""
    with _listing(config_path) as listing:
        look, plan = listing.moving_up(year)
        _show(look, plan, True, in_full)
        _go_on(plan, yes, False)
        _do(listing, look, plan, True)


@classes.command()
@config_option
@click.argument("list_id", default="")
@in_one_sentence
def undo(config_path: Path, list_id: str) -> None:
    """Take a list back as a whole: the newest one, or the one with this id (see `kiosk classes list`)."""
    from kiosk.errors import StoreError

    with _listing(config_path) as listing:
        past = listing.lists.lists()
        batch = list_id or next((one.id for one in past if not one.undone), "")
        if batch not in {one.id for one in past}:
            raise StoreError(f"there is no class list {batch}".strip())
        undone = listing.undo(batch)
    click.echo(f"Taken back: {undone.undone}; kept: {undone.kept}")
    for reason in undone.reasons:
        click.echo(f"  {reason}")
    if undone.kept:
        sys.exit(3)


@classes.command(name="list")
@config_option
@click.option("--year", type=click.IntRange(2000, 2100), default=None, help="In which the school year begins.")
@in_one_sentence
def list_(config_path: Path, year: int | None) -> None:
    """The classes of a school year, and the lists that were brought in, the newest first."""
    from kiosk.circulation.fold import sort_key
    from kiosk.circulation.model import PUPIL

    with _listing(config_path) as listing:
        year = year or listing.this_year()
        known = listing.lists.known()
        counts = Counter(
            one.years[year]
            for one in known
            if year in one.years and not one.patron.left and one.patron.category == PUPIL
        )
        facts = listing.lists.classes()
        for its in sorted(counts, key=lambda one: (one.grade, sort_key(one.letter))):
            fact = facts.get((year, its.grade, its.letter))
            language, teacher = (fact.language, fact.teacher) if fact else ("", "")
            click.echo(f"{_label(its):<8} {counts[its]:>4}  {language or '?':<3} {teacher}".rstrip())
        for past in listing.lists.lists():
            state = "undone" if past.undone else "finished" if past.finished else "stopped: bring it in again"
            click.echo(f"{past.id}  {past.begun:%Y-%m-%d %H:%M}  {past.pupils:>5} pupils  {past.file_name}  ({state})")


@contextmanager
def _listing(config_path: Path) -> Iterator[ClassListing]:
    from kiosk import app
    from kiosk.class_listing import ClassListing
    from kiosk.config import load

    config = load(config_path)
    with app.opened(config) as store:
        yield ClassListing(store, app.system_clock(config, store))


def _label(its: SchoolClass | None) -> str:
    from kiosk.circulation.classes import class_label

    return class_label(its) if its is not None else "no class"


def _show_reading(listed: ClassList) -> None:
    by_sheet: dict[str, list[str]] = {}
    for guess in listed.guesses:
        by_sheet.setdefault(guess.sheet, []).append(f"{guess.heading[:30]}: {guess.column or 'not read'}")
    same: dict[tuple[str, ...], list[str]] = {}
    for sheet, guesses in by_sheet.items():
        same.setdefault(tuple(guesses), []).append(sheet)
    for told, sheets in same.items():
        named = ", ".join(sheets[:5]) + (" ..." if len(sheets) > 5 else "")
        click.echo(f"Columns{f' of {named}' if named else ''}: {'; '.join(told[:20])}")
    if listed.empty:
        click.echo(f"No list on the sheets: {', '.join(name or '(the file)' for name in listed.empty[:10])}")
    for place, why in listed.faults[:SHOWN]:
        click.echo(f"Left out: row {place.id}: {_FAULTS[why]}")
    if (more := len(listed.faults[SHOWN:]) + listed.more_faults) > 0:
        click.echo(f"Left out: {more} more rows")


def _show(look: Look, plan: Plan, left_too: bool, in_full: bool) -> None:
    from kiosk.circulation.lists.facts import Fate

    counts = Counter(entry.fate for entry in plan.entries)
    pupils = sum(entry.fate is not Fate.LEFT for entry in plan.entries)
    click.echo(
        f"{look.name}: {plan.year}-{plan.year + 1}, {len(plan.classes)} classes, {pupils} pupils: "
        f"{counts[Fate.NEW]} new, {counts[Fate.UP]} moved up, {counts[Fate.MOVED]} moved, "
        f"{counts[Fate.CHANGED]} changed, {counts[Fate.SAME]} as they were, {counts[Fate.DOUBTFUL]} doubtful; "
        f"{counts[Fate.LEFT]} {'left' if left_too else 'missing (--left-too: they have left)'}"
    )
    for fate in (Fate.NEW, Fate.MOVED, Fate.CHANGED, Fate.DOUBTFUL, Fate.LEFT):
        entries = plan.of(fate)
        for entry in entries if in_full or fate is Fate.DOUBTFUL else entries[:SHOWN]:
            click.echo(f"  {fate:<8}  {_line(plan, entry)}")
        if not in_full and fate is not Fate.DOUBTFUL and len(entries) > SHOWN:
            click.echo(f"  {fate:<8}  and {len(entries) - SHOWN} more (--all names them)")


def _line(plan: Plan, entry: Entry) -> str:
    row, known = entry.row, entry.known
    name = row.name if row is not None else known.name if known is not None else None
    full = " ".join(part for part in (name.last, name.first, name.patronymic) if part) if name else ""
    before = known.class_in(plan.year) if known is not None else None
    after = row.school_class if row is not None else entry.school_class
    parts = [full, _label(after or before)]
    if known is not None and after is not None and before != after:
        parts.append(f"from {_label(before)}")
    if entry.changes:
        parts.append(f"({', '.join(_CHANGES[change] for change in entry.changes)})")
    if entry.doubt is not None:
        parts.append(f"row {entry.id}: {_DOUBTS[entry.doubt]}")
        parts += [f"[{number}] {_candidate(plan, one)}" for number, one in enumerate(entry.candidates, 1)]
    return "  ".join(parts)


def _candidate(plan: Plan, known: Known) -> str:
    patron = known.patron
    full = " ".join(part for part in (patron.last_name, patron.first_name, patron.patronymic) if part)
    return f"{full}, {_label(known.class_in(plan.year))}{', has left' if patron.left else ''}"


def _choice(entry: Entry, answer: str) -> str | None:
    """What an answer means: the numbers of candidates become their ids; None if it means nothing."""
    if answer in ("new", "skip"):
        return answer
    if answer.isdecimal() and 0 < int(answer[:4]) <= len(entry.candidates):
        return entry.candidates[int(answer[:4]) - 1].patron.id
    return None


def _answered(plan: Plan, answers: dict[str, str]) -> dict[str, str]:
    """The answers of the command line. Raises UsageError for one that belongs to no doubtful row."""
    from kiosk.circulation.lists.facts import Fate

    doubtful = {entry.id: entry for entry in plan.of(Fate.DOUBTFUL)}
    found = {}
    for row, answer in answers.items():
        choice = _choice(doubtful[row], answer) if row in doubtful else None
        if choice is None:
            raise click.UsageError(f"--answer {row}={answer}: there is no such doubtful row or choice")
        found[row] = choice
    return found


def _asked(plan: Plan, told: dict[str, str]) -> dict[str, str]:
    """What the person at the terminal says of the doubtful rows."""
    from kiosk.circulation.lists.facts import Fate

    found: dict[str, str] = {}
    for entry in plan.of(Fate.DOUBTFUL):
        if entry.id in told:
            continue
        click.echo(_line(plan, entry))
        numbers = [str(number) for number in range(1, len(entry.candidates) + 1)]
        answer = click.prompt("Who is it", type=click.Choice([*numbers, "new", "skip"]), default="skip")
        choice = _choice(entry, answer)
        if choice is not None:
            found[entry.id] = choice
    return found


def _go_on(plan: Plan, yes: bool, even_so: bool) -> None:
    """Ask. Exits if the answer is no, and if most pupils are missing and nobody said that this is right."""
    from kiosk.circulation.lists.facts import Stop
    from kiosk.errors import ImportFileError

    if plan.stop is not None and not even_so:
        what = (
            f"{plan.missing} of the {plan.expected} pupils of these classes are not in the list: "
            "it may be of another school or another year"
            if plan.stop is Stop.MOSTLY_MISSING
            else "most pupils are in the class in which they were last year: the list may be last year's"
        )
        if yes:
            raise ImportFileError(f"{what}. Nothing was done; --even-so does it nevertheless")
        click.echo(f"{what[0].upper()}{what[1:]}.")
        if click.prompt("Type the number of pupils who are missing to go on", default="no") != str(plan.missing):
            raise ImportFileError("nothing was done")
    if not yes and not click.confirm("Do this?"):
        raise ImportFileError("nothing was done")


def _do(listing: ClassListing, look: Look, plan: Plan, left_too: bool) -> None:
    with click.progressbar(length=1000, label=look.name, file=sys.stderr) as bar:
        batch = listing.do(look, plan, left_too, progress=lambda done, of: bar.update(done * 1000 // of - bar.pos))
    if batch is None:
        click.echo("There is nothing to change.")
    else:
        click.echo(f"Done. `kiosk classes undo {batch}` takes it back.")
