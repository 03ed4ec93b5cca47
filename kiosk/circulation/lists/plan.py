"""What a class list would change: who is new, changed, moved up, moved, gone, and who has to be asked about.

A list is the whole truth of its classes, but no two persons are ever made one without a word: a pupil is known again by
card, by external id, or by name in the same class or in the one that moves up into it. Whoever has the name of a pupil
elsewhere in the school is shown as moved if there is only one such pupil, else asked about.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from kiosk.circulation.fold import fold
from kiosk.circulation.lists.differing import changes as differing
from kiosk.circulation.lists.facts import (
    LAST_GRADE,
    LEAVE_OUT,
    NEW_PUPIL,
    Doubt,
    Entry,
    Fate,
    Known,
    Plan,
    Stop,
    moved_up,
)
from kiosk.circulation.lists.rows import ClassList, ListedClass, ListRow
from kiosk.circulation.model import PUPIL, SchoolClass
from kiosk.circulation.pupils import Name

_MANY = 10
_SHOWN = 10
_NAMESAKES = 50
"""No class has more pupils of one name; what is beyond is a hostile file's."""
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*\.?")


def plan_list(listed: ClassList, year: int, known: Iterable[Known], answers: Mapping[str, str] | None = None) -> Plan:
    """What the list of a school year would change among the pupils that are known.

    answers: what staff said of doubtful rows, by the id of the entry: NEW_PUPIL, LEAVE_OUT or a candidate's id.
    """
    return _Planning(listed, year, list(known), answers or {}).plan()


def plan_moving_up(year: int, known: Iterable[Known]) -> Plan:
    """Every pupil into the class above their own of the year before, without a list; those of the last grade leave.

    Who is in a class of the year already stays there.
    """
    entries: list[Entry] = []
    classes: set[SchoolClass] = set()
    for one in known:
        before = one.class_in(year)
        if one.patron.category != PUPIL or one.patron.left or before is None or any(its >= year for its in one.years):
            continue
        after = moved_up(before)
        if after.grade > LAST_GRADE:
            entries.append(Entry(Fate.LEFT, known=one))
        else:
            classes.add(after)
            entries.append(Entry(Fate.UP, known=one, school_class=after))
    listed = sorted(classes, key=lambda its: (its.grade, its.letter))
    return Plan(year, tuple(entries), tuple(ListedClass(its) for its in listed))


class _Planning:
    """One list being compared with what is known."""

    def __init__(self, listed: ClassList, year: int, known: Sequence[Known], answers: Mapping[str, str]) -> None:
        self._listed = listed
        self._year = year
        self._all = known
        self._known = [one for one in known if one.patron.category == PUPIL]
        self._answers = answers
        self._by_id = {one.patron.id: one for one in self._known}
        self._by_name: dict[str, list[Known]] = defaultdict(list)
        self._by_surname: dict[tuple[str, SchoolClass], list[Known]] = defaultdict(list)
        for one in self._known:
            self._by_name[one.name.key].append(one)
            if (its := one.class_in(year)) is not None:
                self._by_surname[fold(one.name.last), its].append(one)
        self._matched: dict[int, Known] = {}
        self._entries: dict[int, Entry] = {}
        self._claimed: set[str] = set()
        self._asked: set[str] = set()

    def plan(self) -> Plan:
        self._by_answer()
        self._by_number()
        self._by_class()
        self._elsewhere()
        for at, row in enumerate(self._listed.rows):
            if at in self._matched:
                self._entries[at] = self._entry(row, self._matched[at])
        gone, expected, missing = self._gone()
        entries = tuple(self._entries[at] for at in range(len(self._listed.rows))) + tuple(gone)
        return Plan(self._year, entries, self._listed.classes, expected, missing, self._stop(expected, missing))

    def _open(self) -> list[tuple[int, ListRow]]:
        rows = enumerate(self._listed.rows)
        return [(at, row) for at, row in rows if at not in self._matched and at not in self._entries]

    def _match(self, at: int, known: Known) -> None:
        self._matched[at] = known
        self._claimed.add(known.patron.id)

    def _new(self, at: int) -> None:
        row = self._listed.rows[at]
        self._entries[at] = Entry(Fate.NEW, row, school_class=row.school_class)

    def _doubt(self, at: int, doubt: Doubt, candidates: Sequence[Known] = ()) -> None:
        row = self._listed.rows[at]
        shown = tuple(candidates[:_SHOWN])
        self._entries[at] = Entry(Fate.DOUBTFUL, row, doubt=doubt, candidates=shown)
        self._asked.update(one.patron.id for one in candidates)

    def _by_answer(self) -> None:
        for at, row in self._open():
            answer = self._answers.get(row.place.id)
            if answer is None or answer == LEAVE_OUT:
                continue
            known = self._by_id.get(answer)
            if answer == NEW_PUPIL:
                self._new(at)
            elif known is not None and known.patron.id not in self._claimed:
                self._match(at, known)

    def _by_number(self) -> None:
        """By card or external id; one whose whole name is another's is asked about."""
        by_card = {card: one for one in self._all for card in one.cards}
        by_external = {one.external_id: one for one in self._all if one.external_id}
        for at, row in self._open():
            found = {
                one.patron.id: one
                for one in (by_card.get(row.card), by_external.get(row.external_id))
                if one is not None
            }
            if not found:
                continue
            one = next(iter(found.values()))
            first = fold(row.name.first) == fold(one.name.first)
            is_theirs = one.patron.id in self._by_id and one.patron.id not in self._claimed
            if len(found) > 1 or not is_theirs or not (first or row.name.key == one.name.key):
                self._doubt(at, Doubt.CARD, [its for its in found.values() if its.patron.id in self._by_id])
            else:
                self._match(at, one)

    def _free(self, row: ListRow) -> list[Known]:
        found = self._by_name.get(row.name.key, [])
        if not found and row.name.last:  # «Имя Фамилия»
            found = [
                one
                for one in self._by_name.get(Name(row.name.first, row.name.last).key, [])
                if _near(row, one, self._year)
            ]
        return [one for one in found if one.patron.id not in self._claimed]

    def _by_class(self) -> None:
        """By name in the same class, or in the one that moves up into it. Rows of one name in one class go together."""
        groups: dict[tuple[str, SchoolClass], list[int]] = defaultdict(list)
        for at, row in self._open():
            groups[row.name.key, row.school_class].append(at)
        for places in groups.values():
            row = self._listed.rows[places[0]]
            self._pair(places, [one for one in self._free(row) if _near(row, one, self._year)])

    def _pair(self, places: list[int], near: list[Known]) -> None:
        """Rows of one name in one class, and the pupils of that name who may be in it."""
        rows = self._listed.rows
        for alike in (_same_patronymic, _unchanged):  # what tells them apart
            if len(places) > 1 or len(near) > 1:
                places, near = self._told_apart(places, near, alike)
        if not places:
            return
        if not near:
            self._twins(places)
            return
        patronymics = {_patronymic(one.name) for one in near} | {_patronymic(rows[at].name) for at in places}
        differ = len({_told(rows[at]) for at in places}) > 1 or len(patronymics - {""}) > 1
        if differ or len(near) > len(places):
            for at in places:
                self._doubt(at, Doubt.NAMESAKE, near)
            return
        near.sort(key=lambda one: one.patron.id)
        for at, one in zip(places, near, strict=False):  # nothing tells them apart, so either may be either
            self._match(at, one)
        for at in places[len(near) :]:
            self._doubt(at, Doubt.TWICE)

    def _told_apart(
        self, places: list[int], near: list[Known], alike: Callable[[ListRow, Known], bool]
    ) -> tuple[list[int], list[Known]]:
        """Match those rows and pupils that are alike in a way in which no others are; return the rest."""
        near = near[:_NAMESAKES]
        fits = {at: [one for one in near if alike(self._listed.rows[at], one)] for at in places}
        wanted = Counter(one.patron.id for found in fits.values() for one in found)
        for at, found in fits.items():
            if len(found) == 1 and wanted[found[0].patron.id] == 1:
                self._match(at, found[0])
        open_places = [at for at in places if at not in self._matched]
        return open_places, [one for one in near if one.patron.id not in self._claimed]

    def _twins(self, places: list[int]) -> None:
        """Nobody near has the name: rows that say the same twice are one pupil or two, and staff know which."""
        seen: set[tuple[object, ...]] = set()
        for at in places:
            told = _told(self._listed.rows[at])
            if told in seen:
                self._doubt(at, Doubt.TWICE)
            seen.add(told)

    def _elsewhere(self) -> None:
        """By name in another class: a pupil of the same grade or the one below may have moved."""
        rows_of = Counter(row.name.key for _, row in self._open())
        for at, row in self._open():
            free = self._free(row)
            if _INITIALS.fullmatch(row.name.first) and (meant := self._meant(row)):
                self._doubt(at, Doubt.INITIAL, meant)
                continue
            likely = [one for one in free if _likely(row, one, self._year)]
            sure = [one for one in likely if not one.patron.left]
            if len(likely) == len(sure) == rows_of[row.name.key] == 1:
                self._match(at, sure[0])
            elif likely:
                self._doubt(at, Doubt.NAMESAKE, likely)
            else:
                self._new(at)

    def _meant(self, row: ListRow) -> list[Known]:
        """Pupils of the class who «Ахметов А.» may be."""
        below = SchoolClass(row.school_class.grade - 1, row.school_class.letter)
        surname, initial = fold(row.name.last), fold(row.name.first)[:1]
        found = [one for its in (row.school_class, below) for one in self._by_surname.get((surname, its), ())]
        return [
            one
            for one in found
            if one.patron.id not in self._claimed
            and fold(one.name.first)[:1] == initial
            and _near(row, one, self._year)
        ]

    def _entry(self, row: ListRow, known: Known) -> Entry:
        changes = tuple(differing(row, known))
        before, after = known.class_in(self._year), row.school_class
        settled = self._year in known.years
        if before == after:
            if not settled and self._year - 1 in known.years:
                changes = (*changes, "stays")
            return Entry(Fate.CHANGED if changes else Fate.SAME, row, known, after, changes)
        is_up = before is not None and moved_up(before) == after and not settled
        return Entry(Fate.UP if is_up else Fate.MOVED, row, known, after, changes)

    def _gone(self) -> tuple[list[Entry], int, int]:
        """Those whom the list should name and does not; how many pupils its classes had, how many are missing."""
        present = self._is_present()
        listed = {row.school_class for row in self._listed.rows}
        expected: dict[str, SchoolClass] = {}
        for one in self._known:
            if not one.patron.left and (its := self._expected(one, present)) is not None:
                expected[one.patron.id] = its
        there = {its for its in expected.values() if its.grade <= LAST_GRADE}
        is_whole = len(listed) > 2 and len(listed & there) * 2 >= len(there)
        gone, missing, had = [], 0, 0
        for patron_id, its in expected.items():
            ours = its in listed
            had += ours or (patron_id in self._claimed)
            if patron_id in self._claimed or patron_id in self._asked:
                continue
            if ours or is_whole:
                missing += ours
                gone.append(Entry(Fate.LEFT, known=self._by_id[patron_id]))
        return gone, had, missing

    def _is_present(self) -> bool:
        """Whether classes known without a school year are of this one already: what most of those in the list say."""
        votes = Counter(
            one.patron.school_class == self._listed.rows[at].school_class
            for at, one in self._matched.items()
            if not one.years and one.patron.school_class is not None
        )
        return votes[True] >= votes[False]

    def _expected(self, one: Known, present: bool) -> SchoolClass | None:
        if self._year in one.years:
            return one.years[self._year]
        if any(year > self._year for year in one.years):
            return None
        before = one.class_in(self._year)
        return before if before is None or (present and not one.years) else moved_up(before)

    def _stop(self, expected: int, missing: int) -> Stop | None:
        if expected >= _MANY and missing * 2 > expected:
            return Stop.MOSTLY_MISSING
        stayed = sum(
            self._year not in one.years and one.years.get(self._year - 1) == self._listed.rows[at].school_class
            for at, one in self._matched.items()
        )
        if stayed >= _MANY and stayed * 2 > len(self._listed.rows):
            return Stop.LAST_YEAR
        return None


def _patronymic(name: Name) -> str:
    return fold(name.patronymic)


def _told(row: ListRow) -> tuple[object, ...]:
    return _patronymic(row.name), row.card, row.external_id, row.groups


def _same_patronymic(row: ListRow, one: Known) -> bool:
    return bool(_patronymic(row.name)) and _patronymic(row.name) == _patronymic(one.name)


def _unchanged(row: ListRow, one: Known) -> bool:
    return not list(differing(row, one))


def _near(row: ListRow, one: Known, year: int) -> bool:
    """Whether the pupil is in the row's class, or in the one that moves up into it."""
    its = one.class_in(year)
    return its is not None and (
        its == row.school_class or (year not in one.years and moved_up(its) == row.school_class)
    )


def _likely(row: ListRow, one: Known, year: int) -> bool:
    """Whether a pupil of the name elsewhere may be the one of the row."""
    its = one.class_in(year)
    patronymics = {_patronymic(row.name), _patronymic(one.name)} - {""}
    if len(patronymics) > 1:
        return False
    if its is None or one.patron.left:
        return its is None or its.grade <= row.school_class.grade
    return row.school_class.grade - its.grade in (0, 1)
