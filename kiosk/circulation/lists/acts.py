"""A plan as acts: one for each pupil and each class, every one of which stands on its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from kiosk.circulation.acts import Act, Change, ClassChange, Kind, PatronMade, YearClassChange
from kiosk.circulation.lists.differing import grouped, spelled
from kiosk.circulation.lists.facts import Entry, Fate, Known, Plan
from kiosk.circulation.lists.rows import ListedClass
from kiosk.circulation.model import Patron, SchoolClass, YearClass

ClassKey = tuple[int, int, str]
"""Year, grade, letter."""
_KAZAKH_LETTERS = frozenset("ӘҒҚҢӨҰҮҺІ")


@dataclass(frozen=True, slots=True)
class Step:
    """What is done for one pupil or one class, all at once. card, external_id: given to the patron; "" for none."""

    act: Act | None
    patron_id: str = ""
    card: str = ""
    external_id: str = ""


def steps(
    plan: Plan,
    known_classes: Mapping[ClassKey, YearClass],
    new_id: Callable[[], str],
    left_too: bool = False,
    staff: str | None = None,
) -> Iterator[Step]:
    """What the plan comes to, in order: the classes, then the pupils. Doubtful rows come to nothing.

    known_classes: of the plan's year and the one before. left_too: who is missing from the list of their class is
    marked as gone, with their loans kept; without it nothing becomes of them.
    """
    languages = _languages(plan, known_classes)
    for listed in plan.classes:
        its = listed.school_class
        before = known_classes.get((plan.year, its.grade, its.letter))
        after = YearClass(plan.year, its.grade, its.letter, languages[its], listed.teacher or _teacher(before))
        if after != before:
            changes = (YearClassChange(before, after),)
            yield Step(Act(new_id(), Kind.LIST_IMPORTED, changes=changes, staff=staff))
    for entry in plan.entries:
        if entry.fate is Fate.DOUBTFUL or (entry.fate is Fate.LEFT and not left_too):
            continue
        step = (
            _new(plan, entry, languages, new_id, staff) if entry.known is None else _known(plan, entry, new_id, staff)
        )
        if step.act is not None or step.card or step.external_id:
            yield step


def _teacher(before: YearClass | None) -> str:
    return before.teacher if before is not None else ""


def _languages(plan: Plan, known: Mapping[ClassKey, YearClass]) -> dict[SchoolClass, str]:
    """The language of each class: as the list says, as known, as in the class below last year, as of most pupils; a
    letter that only Kazakh has tells it too."""
    spoken: dict[SchoolClass, Counter[str]] = {}
    for entry in plan.entries:
        its = entry.school_class
        language = (entry.row.language if entry.row else "") or (entry.known.patron.language if entry.known else "")
        if its is not None and language:
            spoken.setdefault(its, Counter())[language] += 1

    def of(listed: ListedClass) -> str:
        its = listed.school_class
        now = known.get((plan.year, its.grade, its.letter))
        below = known.get((plan.year - 1, its.grade - 1, its.letter))
        most = spoken[its].most_common(1)[0][0] if its in spoken else ""
        told = listed.language or (now.language if now else "") or (below.language if below else "") or most
        return told or ("kk" if its.letter in _KAZAKH_LETTERS and its.letter else "")

    return {listed.school_class: of(listed) for listed in plan.classes}


def _new(
    plan: Plan, entry: Entry, languages: Mapping[SchoolClass, str], new_id: Callable[[], str], staff: str | None
) -> Step:
    row = entry.row
    if row is None:
        return Step(None)
    patron_id, its = new_id(), row.school_class
    patron = Patron(
        patron_id,
        1,
        row.name.first,
        row.name.last,
        row.name.patronymic,
        school_class=its,
        language=row.language or languages.get(its, ""),
        groups=grouped((), row.groups),
    )
    changes = PatronMade(None, patron), ClassChange(patron_id, plan.year, None, its)
    act = Act(new_id(), Kind.PATRON_ADDED, patron_id, changes=changes, staff=staff)
    return Step(act, patron_id, row.card, row.external_id)


def _known(plan: Plan, entry: Entry, new_id: Callable[[], str], staff: str | None) -> Step:
    known, row = entry.known, entry.row
    if known is None:
        return Step(None)
    before = known.patron
    after = replace(before, left=entry.fate is Fate.LEFT)
    if row is not None:
        name = spelled(row.name, known.name)
        after = replace(
            after,
            last_name=name.last,
            first_name=name.first,
            patronymic=name.patronymic,
            language=row.language or before.language,
            groups=grouped(before.groups, row.groups),
        )
    changes: list[Change] = []
    moves = list(_moves(known, plan.year, entry.school_class)) if entry.school_class is not None else []
    if moves and before.school_class is None and not known.years:
        after = replace(after, school_class=entry.school_class)  # so that taking it back leaves them without a class
    if after != before:
        changes.append(PatronMade(before, after))
    kind = Kind.CLASS_MOVED if moves else Kind.LIST_IMPORTED
    act = Act(new_id(), kind, before.id, changes=(*changes, *moves), staff=staff) if changes or moves else None
    card = row.card if row is not None and row.card not in known.cards else ""
    external_id = row.external_id if row is not None and row.external_id != known.external_id else ""
    return Step(act, before.id, card, external_id)


def _moves(known: Known, year: int, after: SchoolClass) -> Iterator[ClassChange]:
    """Into a class of a year. A class known without a year is first written down as that of the year it must be of."""
    of = known.patron.id
    if year in known.years:
        if known.years[year] != after:
            yield ClassChange(of, year, known.years[year], after)
        return
    before = known.patron.school_class if not known.years else None
    if before is not None and before != after:
        if after.grade == before.grade + 1:
            yield ClassChange(of, year - 1, None, before)
        else:
            yield ClassChange(of, year, None, before)
            yield ClassChange(of, year, before, after)
            return
    yield ClassChange(of, year, None, after)
